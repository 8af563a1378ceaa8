//! `muista token`: API keys, with which programs and other machines ask. A key itself is printed once.

use clap::Subcommand;
use muista_core::error::Error;
use muista_core::model::{ApiKey, ApiKeyRef, CreatedApiKey, KeyName, NewApiKey, Role, Scope, Scopes, ShortId, UserRef};
use muista_core::time::{Duration, Instant};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape, View, due};

/// Create, list and revoke API keys
///
/// Alone it is muista token ls. Programs show a key as Authorization: Bearer KEY.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true, after_help = "Example: muista token create --name laptop --ttl 30d")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the keys that are not revoked
    #[command(visible_alias = "list")]
    Ls {
        /// Keys of another account, for admins, as in --user eva
        #[arg(long, value_name = "NAME")]
        user: Option<UserRef>,
    },
    /// Create a key and print it, only this once; with --quiet nothing but the key
    Create {
        /// The name of the key, under which its changes are recorded, as in --name laptop
        #[arg(long, value_name = "NAME")]
        name: KeyName,
        /// Its role: admin, user or agent, as in --role agent [default: your own]
        #[arg(long, value_name = "ROLE")]
        role: Option<Role>,
        /// Its scopes, as in --scope tasks:read --scope jobs:run [default: all that the role may]
        #[arg(long, value_name = "SCOPE")]
        scope: Vec<Scope>,
        /// How long it is valid, as in --ttl 30d [default: until it is revoked]
        #[arg(long, value_name = "LENGTH")]
        ttl: Option<String>,
        /// The account that it belongs to, for admins, as in --user eva
        #[arg(long, value_name = "NAME")]
        user: Option<UserRef>,
    },
    /// Revoke a key, from now on
    Revoke {
        /// The key, by its name or its id, as in muista token revoke laptop
        key: ApiKeyRef,
        /// The account that it belongs to, for admins, as in --user eva
        #[arg(long, value_name = "NAME")]
        user: Option<UserRef>,
    },
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls { user: None }) {
        Verb::Ls { user } => ls(app, user).await,
        Verb::Create { name, role, scope, ttl, user } => {
            let scopes = (!scope.is_empty()).then(|| scope.into());
            let ttl_seconds = ttl.as_deref().map(|ttl| ttl_of(app, ttl)).transpose()?;
            let new = NewApiKey { name, role, scopes, ttl_seconds, user };
            let created = app.client().await?.create_api_key(new).await?;
            show(app, &created)
        }
        Verb::Revoke { key, user } => {
            let revoked = app.client().await?.revoke_api_key(key, user).await?;
            let out = app.out()?;
            if out.is_table() { out.say(&format!("Revoked the key {}", revoked.name)) } else { out.one(&revoked) }
        }
    }
}

/// For how many seconds a key is taken: a length of days and hours from now; months and years are as long as they are
/// from today.
fn ttl_of(app: &CommandContext, text: &str) -> Result<u64> {
    let context = app.context()?;
    let length = Duration::read(text)?;
    let until = length.after(context.now, &context.zone)?;
    let seconds = until.since(context.now).as_secs();
    if seconds == 0 {
        return Err(Error::invalid("ttl", format!("“{text}” is not a valid length of time"))
            .hint("write it as in --ttl 30d")
            .into());
    }
    Ok(seconds)
}

fn show(app: &CommandContext, created: &CreatedApiKey) -> Result<()> {
    let out = app.out()?;
    if out.is_table() {
        app.note("This is the only time that the key is shown.");
        return out.text(&format!("{}\n", created.key.reveal()));
    }
    out.one(created)
}

async fn ls(app: &CommandContext, user: Option<UserRef>) -> Result<()> {
    let keys = app.client().await?.list_api_keys(user).await?;
    let out = app.out()?;
    if out.is_table() && keys.is_empty() {
        app.note("No keys. Make one with: muista token create --name laptop");
    }
    out.list(&keys)
}

impl Noun for ApiKey {
    const FIELDS: &'static [&'static str] =
        &["id", "userId", "name", "hint", "role", "scopes", "createdAt", "expiresAt", "lastUsedAt", "revokedAt"];

    fn columns() -> Vec<Column<Self>> {
        let moment = |at: Option<Instant>, view: &View| {
            Cell::new(at.map_or_else(String::new, |at| due::full(at, &view.context)))
        };
        vec![
            Column::new("Key", Shape::Text, |key: &Self, _| Cell::new(key.name.clone()).paint(Paint::Label)),
            Column::new("Prefix", Shape::Short, |key: &Self, _| Cell::new(format!("{}…", key.hint))),
            Column::new("Role", Shape::Short, |key: &Self, _| Cell::new(key.role.as_str())),
            Column::new("Last used", Shape::Short, move |key: &Self, view| moment(key.last_used_at, view)),
            Column::new("Expires", Shape::Short, move |key: &Self, view| moment(key.expires_at, view)),
            Column::new("Scopes", Shape::Text, |key: &Self, _| match key.scopes == Scopes::of(key.role) {
                true => Cell::new("all").usual(),
                false => Cell::new(key.scopes.to_string()),
            }),
            Column::ids("Id", ShortId::LEAST, |key: &Self| key.id),
        ]
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl Noun for CreatedApiKey {
    const FIELDS: &'static [&'static str] =
        &["key", "id", "userId", "name", "hint", "role", "scopes", "createdAt", "expiresAt"];

    fn columns() -> Vec<Column<Self>> {
        vec![Column::new("Key", Shape::Text, |created: &Self, _| Cell::new(created.key.reveal()))]
    }

    fn key(&self) -> String {
        self.key.reveal().to_owned()
    }
}
