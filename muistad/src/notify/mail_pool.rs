//! Connections to the mail server: made, logged in, lent to one message at a time and kept a while for the next. All
//! that goes wrong here is the channel's trouble, not a message's; that is why this is not left to lettre's own pool,
//! whose errors do not tell a refused login from a refused message.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use muista_core::config::{EmailConfig, Secret, Tls};
use muista_core::error::{Error, Result};
use tokio::net::TcpStream;

use super::said;

/// How long a connection is kept. Servers close idle ones after minutes (RFC 5321 §4.5.3.2.7).
const IDLE: Duration = Duration::from_secs(60);

/// The mail server and the connections to it that nobody uses.
#[derive(Clone)]
pub(super) struct Pool {
    host: String,
    port: u16,
    mode: Tls,
    tls: TlsParameters,
    /// The account and its password, which is read when a connection is made.
    login: Option<(String, Secret)>,
    time: Duration,
    idle: Arc<Mutex<Vec<Idle>>>,
}

struct Idle {
    connection: AsyncSmtpConnection,
    since: Instant,
}

impl Pool {
    /// Each piece of work with the server may take `time`.
    ///
    /// # Errors
    /// `Internal` when TLS cannot be set up.
    pub(super) fn new(host: &str, config: &EmailConfig, time: Duration) -> Result<Self> {
        let tls = TlsParameters::new(host.to_owned())
            .map_err(|e| Error::internal(format!("TLS for email.host {host} cannot be set up: {e}")))?;
        let login = config.username.clone().zip(config.password.clone());
        Ok(Self { host: host.to_owned(), port: config.port, mode: config.tls, tls, login, time, idle: Arc::default() })
    }

    /// A connection that works and is logged in.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) async fn take(&self) -> std::result::Result<AsyncSmtpConnection, String> {
        while let Some(mut connection) = self.pop() {
            if let Ok(true) = tokio::time::timeout(self.time, connection.test_connected()).await {
                return Ok(connection);
            }
        }
        let server = format!("{} port {}", self.host, self.port);
        match tokio::time::timeout(self.time, self.connect()).await {
            Ok(connected) => connected.map_err(|why| format!("{server}: {why}")),
            Err(_) => Err(format!("{server}: no answer within {} s", self.time.as_secs_f32())),
        }
    }

    /// Keeps a connection that is not needed now; a broken one is closed.
    pub(super) fn put(&self, connection: AsyncSmtpConnection) {
        if connection.has_broken() {
            return;
        }
        self.lock().push(Idle { connection, since: Instant::now() });
        let idle = Arc::downgrade(&self.idle);
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            let Some(idle) = idle.upgrade() else {
                return;
            };
            let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.retain(|idle| idle.since.elapsed() < IDLE);
        });
    }

    fn pop(&self) -> Option<AsyncSmtpConnection> {
        self.lock().pop().map(|idle| idle.connection)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is shown at the login, where there is one.
    fn credentials(&self) -> std::result::Result<Option<Credentials>, String> {
        let Some((name, password)) = &self.login else {
            return Ok(None);
        };
        let password = password.reveal().map_err(|error| error.message)?;
        Ok(Some(Credentials::new(name.clone(), password.into_owned())))
    }

    async fn connect(&self) -> std::result::Result<AsyncSmtpConnection, String> {
        // Looked at first: without it there is no use in troubling the server.
        let login = self.credentials()?;
        let hello = ClientId::default();
        let server = (self.host.as_str(), self.port);
        let mut connection = if self.mode == Tls::Tls {
            let tls = Some(self.tls.clone());
            AsyncSmtpConnection::connect_tokio1(server, Some(self.time), &hello, tls, None).await
        } else {
            let stream = TcpStream::connect(server).await.map_err(|e| e.to_string())?;
            // The end of a mail is a packet of its own, which would else wait for the server's word on the one before.
            stream.set_nodelay(true).map_err(|e| e.to_string())?;
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await
        }
        .map_err(|e| said(&e.to_string()))?;
        if self.mode == Tls::StartTls {
            if !connection.can_starttls() {
                return Err(
                    "the server offers no STARTTLS; set email.tls to tls, or to none if clear text will do".to_owned()
                );
            }
            connection
                .starttls(self.tls.clone(), &hello)
                .await
                .map_err(|e| format!("no encryption: {}", said(&e.to_string())))?;
        }
        if let Some(login) = login {
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &login)
                .await
                .map_err(|e| format!("the login failed: {}", said(&e.to_string())))?;
        }
        Ok(connection)
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The login stays out.
        f.debug_struct("Pool").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}
