//! Opening a connection: where to, with TLS to any other machine, what the server must be, and the settings that Muista
//! relies on, which the role, the database or the server may have set otherwise.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, Connection, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connection::Conn;
use super::runtime::runtime;
use super::{Postgres, state};
use crate::error::{Error, Result, Trouble};
use crate::store::{error, tls};

/// How long a server may take to answer, where the URL does not say.
const ANSWER: Duration = Duration::from_secs(10);

/// The same where several servers are named: another may be there.
const ANSWER_OF_EACH: Duration = Duration::from_secs(3);

/// After how long without an answer to what was sent a connection is given up (TCP_USER_TIMEOUT): a server whose machine
/// failed ends nothing.
const UNANSWERED: Duration = Duration::from_secs(10);

/// After how long without a word the machine of the server is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(20);

/// What tokio-postgres takes where the URL says nothing of keepalives.
const UNSAID: Duration = Duration::from_secs(2 * 60 * 60);

/// What each transaction relies on, where the server may be another for the next: its isolation, and how long statements
/// and locks may take, whatever the role says.
pub(super) const BEGIN_LENT: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = '60s'; \
    SET LOCAL lock_timeout = '20s'; SET LOCAL idle_in_transaction_session_timeout = '5min'";

/// The same for a connection that keeps its server, once; and that it may be idle for as long as it likes.
const SETTINGS: &str = "SET default_transaction_isolation = 'read committed'; SET default_transaction_deferrable = off; \
    SET statement_timeout = '60s'; SET lock_timeout = '20s'; SET idle_in_transaction_session_timeout = '5min'; \
    SET client_encoding = 'UTF8'; SET standard_conforming_strings = on; SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; ";

/// What a server says of itself.
const GREETING: &str = "SELECT current_setting('server_encoding'), pg_is_in_recovery()::text, \
    current_setting('transaction_read_only'), (to_regclass('__diesel_schema_migrations') IS NOT NULL)::text";

/// A server as it was met.
pub(super) struct Met {
    /// Whether there is a schema of any version.
    pub(super) has_schema: bool,
}

impl Postgres {
    /// Returns how to connect, encryption left aside.
    pub(super) fn config(&self) -> Result<Config> {
        let mut config: Config = self
            .url
            .parse()
            .map_err(|e| Error::invalid("database_url", format!("{} cannot be read: {e}", self.name)))?;
        config.application_name("muista");
        let several = config.get_hosts().len() > 1;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(if several { ANSWER_OF_EACH } else { ANSWER });
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNANSWERED);
        }
        if config.get_keepalives_idle() == UNSAID {
            config.keepalives_idle(SILENCE).keepalives_interval(UNANSWERED / 2).keepalives_retries(2);
        }
        // Of several servers one alone takes writes.
        if several && config.get_target_session_attrs() == TargetSessionAttrs::Any {
            config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        }
        Ok(config)
    }

    /// Opens a connection, and looks whether the server is one that Muista can work with.
    pub(super) fn connect(&self) -> Result<(Conn, Met)> {
        let (runtime, config) = (runtime()?, self.config()?);
        let lent = self.pooling.is_lent();
        let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(u32::MAX);
        // A pooler takes a connection at once, and has it wait for a server with the first statement.
        let patience = config.get_connect_timeout().map_or(ANSWER, |each| *each * hosts) + ANSWER;
        let late = |_| {
            let waited = patience.as_secs();
            Error::unavailable(format!("cannot open {}: no answer within {waited} s", self.name))
                .of_trouble(Trouble::Unreachable)
                .hint("lower `database_connections`, or have the pooler or server take more connections")
        };
        runtime.block_on(async {
            let client = tokio::time::timeout(patience, self.dial(config, &runtime)).await.map_err(late)??;
            let mut batch = if lent { String::new() } else { settings(&client) };
            batch.push_str(GREETING);
            let answer = tokio::time::timeout(patience, client.client.simple_query(&batch)).await.map_err(late)?;
            let row = answer.map_err(|e| state::of_connection(&e, &self.name, 0))?;
            let met = self.accept(&row)?;
            Ok((Conn::new(client.client, client.tls, std::sync::Arc::clone(&runtime), !lent), met))
        })
    }

    /// Connects, and has the connection driven by `runtime`.
    pub(super) async fn dial(&self, mut config: Config, runtime: &tokio::runtime::Runtime) -> Result<Dialled> {
        let hosts = config.get_hosts().len();
        let fail = |e: tokio_postgres::Error| state::of_connection(&e, &self.name, hosts);
        if is_clear(&config) {
            let (client, connection) = config.ssl_mode(SslMode::Disable).connect(NoTls).await.map_err(fail)?;
            return Ok(Dialled::driven(client, connection, None, runtime));
        }
        let tls = tls::connector(self.ca.as_deref())?;
        let (client, connection) = config.ssl_mode(SslMode::Require).connect(tls.clone()).await.map_err(fail)?;
        Ok(Dialled::driven(client, connection, Some(tls), runtime))
    }

    /// Refuses a server that cannot hold what Muista writes, or takes no writes where they are to be made.
    fn accept(&self, answer: &[tokio_postgres::SimpleQueryMessage]) -> Result<Met> {
        let row = answer.iter().rev().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let column = |at: usize| row.and_then(|row| row.try_get(at).ok().flatten()).unwrap_or_default();
        let encoding = column(0);
        if encoding != "UTF8" {
            let message = format!("cannot use {}: its encoding is {encoding}, not UTF8", self.name);
            return Err(Error::unavailable(message).hint(
                "make another (createdb --encoding=UTF8 --template=template0 NAME), and move what is in this one",
            ));
        }
        if self.writes && column(1) == "true" {
            let message = format!("the database is read-only: its server is a standby ({})", self.name);
            return Err(Error::unavailable(message)
                .of_trouble(Trouble::ReadOnly)
                .hint("connect to the primary server, or name both hosts in `database_url`"));
        }
        if self.writes && column(2) == "on" {
            let message = format!("the database is read-only: default_transaction_read_only is on ({})", self.name);
            return Err(Error::unavailable(message).of_trouble(Trouble::ReadOnly).hint(
                "look why first, some servers set it when their disk is full; then ALTER ROLE … or ALTER DATABASE … \
                 RESET default_transaction_read_only",
            ));
        }
        Ok(Met { has_schema: column(3) == "true" })
    }

    /// The error for a statement of the start, which names the database.
    pub(super) fn named(&self, error: diesel::result::Error) -> Error {
        let error = error::of_query(error);
        Error { message: format!("{} ({})", error.message, self.name), ..error }
    }
}

/// A connection that is driven.
pub(super) struct Dialled {
    pub(super) client: Client,
    tls: Option<MakeRustlsConnect>,
    /// The version of the server, 0 where it does not say.
    major: u32,
}

impl Dialled {
    fn driven<S, T>(
        client: Client,
        connection: Connection<S, T>,
        tls: Option<MakeRustlsConnect>,
        runtime: &tokio::runtime::Runtime,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let version = connection.parameter("server_version").unwrap_or_default();
        let digits = version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        let major = digits.parse().unwrap_or(0);
        // Its end is seen by whoever asks next.
        runtime.spawn(async move { drop(connection.await) });
        Self { client, tls, major }
    }
}

/// The settings of a connection that keeps its server, as far as the server knows them.
fn settings(dialled: &Dialled) -> String {
    let mut batch = SETTINGS.to_owned();
    if dialled.major >= 14 {
        batch.push_str("SET idle_session_timeout = 0; ");
    }
    if dialled.major >= 17 {
        batch.push_str("SET transaction_timeout = 0; ");
    }
    batch
}

/// Whether nothing is encrypted: the server is on this machine, where nobody stands between, or the URL says so.
pub(super) fn is_clear(config: &Config) -> bool {
    let is_local = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    });
    is_local || config.get_ssl_mode() == SslMode::Disable
}
