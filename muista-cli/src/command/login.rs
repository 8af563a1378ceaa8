//! `muista login`: makes the daemon of another machine the one that commands go to. What is kept of it is `credentials`'.

use std::path::PathBuf;

use clap_complete::engine::{ArgValueCompleter, PathCompleter};
use muista_core::config::RemoteAddress;
use muista_core::error::Error;
use muista_core::model::{ApiKeyRef, Id, Identity, KeyName, NewApiKey, Secret};
use muista_core::rpc::{Client, Proof};

use super::whoami::Row;
use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::credentials::{self, Credentials};
use crate::error::Result;
use crate::{ask, client, secret};

/// Use the daemon of another machine from now on
///
/// Asks for your name and password there, or takes an API key from stdin. By password, a key is made for this machine
/// and the password is forgotten. What is kept is in credentials.toml beside the configuration, for your eyes only;
/// `muista logout` removes it. Flags and variables that say where commands go hold over it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista login muista.example.org:7333\n         \
                        muista login muista.example.org --token-stdin < key.txt")]
pub(crate) struct Args {
    /// The daemon, as in muista.example.org:7333
    #[arg(value_name = "HOST:PORT")]
    address: RemoteAddress,

    /// Take an API key from stdin, as in muista login HOST --token-stdin < key.txt
    #[arg(long)]
    token_stdin: bool,

    /// Your name or mail address there, as in --name kim
    #[arg(long, value_name = "USER", conflicts_with = "token_stdin")]
    name: Option<String>,

    /// Take the password from stdin, as in muista login HOST --name kim --password-stdin < password.txt
    #[arg(long, requires = "name", conflicts_with = "token_stdin")]
    password_stdin: bool,

    /// A PEM file with the authority that signed the daemon's certificate, as in --ca ~/muista-ca.pem [default: the
    /// system's]
    #[arg(long, value_name = "FILE", add = ArgValueCompleter::new(PathCompleter::file()))]
    ca: Option<PathBuf>,
}

/// A login that came about.
struct Login {
    client: Client,
    token: Secret,
    identity: Identity,
    /// The key that was made for it.
    made: Option<Id>,
}

pub(crate) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    let given = app.config()?.remote.ca.clone();
    let ca = args.ca.as_ref().map(std::path::absolute).transpose();
    let ca = ca.map_err(|e| Error::invalid("ca", format!("cannot tell where --ca is: {e}")))?.or(given);
    // People are asked before anything is dialled: they may take their time.
    let proof = proof(app, args)?;
    app.block_on(async {
        let login = login(app, args, ca.as_deref(), proof).await?;
        let before = credentials::load(app.sources()).ok().flatten();
        let Login { client, token, identity, made } = login;
        let new = Credentials { address: args.address.clone(), token, ca, key: made };
        credentials::store(app.sources(), &new)?;
        if let Some(key) = before.filter(|before| before.address == new.address).and_then(|before| before.key) {
            // The key of the last login, which nobody has any more. That it can be revoked is not sure.
            let _ = client.revoke_api_key(ApiKeyRef::Id(key), None).await;
        }
        display(app, &new.address, identity)
    })
}

/// Returns what shows who logs in.
fn proof(app: &CommandContext, args: &Args) -> Result<Proof> {
    if args.token_stdin {
        return Ok(Proof::Token(secret::from_stdin("token")?));
    }
    if args.password_stdin {
        let name = args.name.clone().unwrap_or_default();
        return Ok(Proof::Password { name, password: secret::from_stdin("password")? });
    }
    if !app.can_ask() {
        return Err(Error::invalid("arguments", "cannot ask for a password: not a terminal")
            .hint("pipe a key in with --token-stdin, or a password with --name USER --password-stdin")
            .into());
    }
    let name = match &args.name {
        Some(name) => name.clone(),
        None => ask::line(&format!("Your name at {}", args.address.host))?,
    };
    let password = secret::ask(&format!("Password of {name}"))?;
    Ok(Proof::Password { name, password })
}

async fn login(app: &CommandContext, args: &Args, ca: Option<&std::path::Path>, proof: Proof) -> Result<Login> {
    let zone = &app.context()?.zone;
    let client = client::dial_with_proof(&args.address, ca, proof.clone(), zone).await?;
    let identity = client.whoami().await?;
    match proof {
        Proof::Token(token) => Ok(Login { client, token, identity, made: None }),
        Proof::Password { .. } => {
            let key = client.create_api_key(key_of_this_machine()?).await?;
            Ok(Login { client, token: key.key, identity, made: Some(key.api_key.id) })
        }
    }
}

fn key_of_this_machine() -> Result<NewApiKey, Error> {
    let system = rustix::system::uname();
    let host: String = system.nodename().to_string_lossy().chars().filter(|c| !c.is_control()).take(64).collect();
    let name: KeyName = format!("muista on {host}").parse()?;
    Ok(NewApiKey { name, role: None, scopes: None, ttl_seconds: None, user: None })
}

fn display(app: &CommandContext, address: &RemoteAddress, identity: Identity) -> Result<()> {
    let goes_there = matches!(app.target()?, ConnectionTarget::Remote(remote) if remote.address == *address);
    if !goes_there {
        app.note("Commands still go elsewhere: a flag, a variable or the configuration says so. See: muista whoami");
    }
    let out = app.out()?;
    if out.is_table() {
        return out.say(&format!("Logged in to {address} as {}", identity.user));
    }
    out.one(&Row::new(identity, Some(address), None))
}
