//! [`Session`]: the connection to the service. The one file that knows whether a daemon answers, here or on another
//! machine, or the database is opened in this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use muista_core::clock::{Clock, SystemClock};
use muista_core::config::{Config, RemoteAddress};
use muista_core::error::{Error, Result};
use muista_core::model::{AgentName, Finding, Origin};
use muista_core::rpc::{Client, Dialled, Hello, Proof, dial_remote, dial_unix, in_process};
use muista_core::service::{Service, Settings};
use muista_core::store::{Database, Migrate, Options, Store, Workers};

use crate::connection_target::{ConnectionTarget, Remote};

/// A connection to the service.
pub(crate) struct Session {
    client: Client,
    /// The service, where it runs in this process.
    service: Option<Service>,
    endpoint: String,
    /// The database's file, where this command is the first to use it.
    made: Option<PathBuf>,
}

impl Session {
    /// Connects. Must be called within a runtime, which then drives the connection.
    ///
    /// # Errors
    /// `Unavailable` when neither the daemon nor the database can be reached; `Conflict` when their versions differ;
    /// `Unauthenticated` when a daemon of another machine does not know who asks.
    pub(crate) async fn open(
        config: &Config,
        target: &ConnectionTarget,
        zone: &TimeZone,
        agent: Option<&AgentName>,
    ) -> Result<Self> {
        let hello = hello(zone, agent);
        match target {
            ConnectionTarget::Remote(remote) => connect_remote(remote, hello).await,
            ConnectionTarget::Socket => connect_socket(config, &hello).await,
            ConnectionTarget::Default => connect_default(config, hello, Migrate::Run).await,
        }
    }

    /// Makes a connection to the daemon on this machine; none where none answers that works on the same database. For
    /// whoever works without one, and would rather not.
    pub(crate) async fn daemon(config: &Config, zone: &TimeZone, agent: Option<&AgentName>) -> Option<Self> {
        let hello = Hello { database: Some(config.database().ok()?.to_string()), ..hello(zone, agent) };
        match dial(config, &hello).await {
            Ok((Dialled::Connected(client), socket)) => Some(of_daemon(client, &socket)),
            Ok(_) | Err(_) => None,
        }
    }

    /// Returns the calls.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Returns who answers, in words.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Returns the database's file, where this command is the first to use it. An environment that was not meant shows
    /// by that.
    pub(crate) fn made(&self) -> Option<&Path> {
        self.made.as_deref()
    }

    /// Returns whether a daemon answers.
    pub(crate) fn is_daemon(&self) -> bool {
        self.service.is_none()
    }

    /// Returns whether this process has made the tables of a PostgreSQL database.
    pub(crate) fn has_made_tables(&self) -> bool {
        self.service.as_ref().is_some_and(Service::has_made_tables)
    }

    /// Ends the connection; the database, where it was opened here, is closed when this returns.
    pub(crate) fn close(self) {
        if let Some(service) = self.service {
            service.close();
        }
    }
}

/// Returns the hello that says who calls.
fn hello(zone: &TimeZone, agent: Option<&AgentName>) -> Hello {
    let hello = Hello::new(Origin::Cli, zone.iana_name().map(str::to_owned), None);
    match agent {
        Some(agent) => hello.of_agent(agent.clone()),
        None => hello,
    }
}

/// Returns the daemon at the socket, whatever database it works on, and that socket; none where none answers.
///
/// # Errors
/// `Conflict` when who answers there does not speak this version's protocol.
pub(crate) async fn daemon(config: &Config) -> Result<Option<(Client, PathBuf)>> {
    match dial(config, &Hello::new(Origin::Cli, None, None)).await? {
        (Dialled::Connected(client), socket) => Ok(Some((client, socket))),
        _ => Ok(None),
    }
}

/// Returns what the service finds in order or not, in the daemon or in this process. A database is opened as it is, not
/// migrated.
///
/// # Errors
/// `Unavailable` when the database cannot be reached or its schema is not this version's.
pub(crate) async fn findings(config: &Config) -> Result<Vec<Finding>> {
    let session = connect_default(config, Hello::new(Origin::Cli, None, None), Migrate::Refuse).await?;
    let found = session.client().findings().await;
    session.close();
    found
}

/// Connects to the daemon of another machine.
async fn connect_remote(remote: &Remote, hello: Hello) -> Result<Session> {
    let Remote { address, token, ca } = remote;
    let Some(token) = token.clone() else {
        return Err(Error::unauthenticated(format!("not logged in to {address}"))
            .hint(format!("`muista login {address}`, or set MUISTA_REMOTE_TOKEN or MUISTA_REMOTE_TOKEN_FILE")));
    };
    let client = dial_remote(address, ca.as_deref(), &hello.with_proof(Proof::Token(token))).await?;
    Ok(Session { client, service: None, endpoint: format!("the daemon at {address} answers"), made: None })
}

/// Dials the daemon of another machine with something that shows who asks.
///
/// # Errors
/// `Unavailable` when it cannot be reached, `Unauthenticated` when it does not know who asks.
pub(crate) async fn dial_with_proof(
    address: &RemoteAddress,
    ca: Option<&Path>,
    proof: Proof,
    zone: &TimeZone,
) -> Result<Client> {
    let hello = Hello::new(Origin::Cli, zone.iana_name().map(str::to_owned), None).with_proof(proof);
    dial_remote(address, ca, &hello).await
}

/// Dials the daemon at the socket of the settings, or else where the daemon of the data folder says that it listens: it
/// may have been started in another environment. Returns the socket that the answer is of.
///
/// # Errors
/// When who answers cannot be understood.
async fn dial(config: &Config, hello: &Hello) -> Result<(Dialled, PathBuf)> {
    let first = match config.listening_socket() {
        Ok(socket) => dial_unix(socket, hello).await?,
        // A path too long for a socket: no daemon can listen there.
        Err(_) => Dialled::Nobody,
    };
    if !matches!(first, Dialled::Connected(_))
        && let Some(left) = config.left_socket()
        && let answer @ Dialled::Connected(_) = dial_unix(&left, hello).await?
    {
        return Ok((answer, left));
    }
    Ok((first, config.socket.clone()))
}

async fn connect_socket(config: &Config, hello: &Hello) -> Result<Session> {
    let socket = config.listening_socket()?;
    match dial_unix(socket, hello).await? {
        Dialled::Connected(client) => Ok(of_daemon(client, socket)),
        Dialled::Nobody => Err(Error::unavailable(format!("no daemon answers at {}", socket.display()))
            .hint("start it with `muista daemon start`, or leave --socket out to work without one")),
        Dialled::OtherDatabase(database) => {
            Err(Error::conflict(format!("the daemon at {} works on {database}", socket.display()))
                .hint("choose another socket"))
        }
    }
}

async fn connect_default(config: &Config, hello: Hello, migrate: Migrate) -> Result<Session> {
    let database = config.database()?;
    let shown = database.to_string();
    let hello = Hello { database: Some(shown.clone()), ..hello };
    let why = match dial(config, &hello).await? {
        (Dialled::Connected(client), socket) => return Ok(of_daemon(client, &socket)),
        (Dialled::Nobody, socket) => format!("no daemon answers at {}", socket.display()),
        (Dialled::OtherDatabase(other), socket) => format!("the daemon at {} works on {other}", socket.display()),
    };
    let made = match &database {
        Database::Sqlite(path) if !path.exists() => Some(path.clone()),
        _ => None,
    };
    let options = options(config, database, migrate);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let service = Service::new(Store::open(&options, &clock)?, clock).with_settings(Settings::of(config));
    Ok(Session {
        client: in_process(service.clone(), &hello),
        service: Some(service),
        endpoint: format!("{why}; working on {shown} in this process"),
        made,
    })
}

/// Returns how this process opens a database by itself.
pub(crate) fn options(config: &Config, database: Database, migrate: Migrate) -> Options {
    let (ca, usage) = (config.database_ca.clone(), config.database_usage());
    Options { database, ca, migrate, workers: Workers::Embedded, usage }
}

fn of_daemon(client: Client, socket: &Path) -> Session {
    Session { client, service: None, endpoint: format!("the daemon at {} answers", socket.display()), made: None }
}
