//! Connections to the mail server: made, logged in, lent to one message at a time and kept a while for the next. All
//! that goes wrong here is the channel's trouble, not a message's; that is why this is not left to lettre's own pool,
//! whose errors do not tell a refused login from a refused message.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use muista_core::config::{EmailConfig, Secret, Tls};
use muista_core::error::{Error, Result};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{mail_name, said};

/// How long a connection is kept. Servers close idle ones after minutes (RFC 5321 §4.5.3.2.7).
const IDLE: Duration = Duration::from_secs(60);
/// So many mails go over one connection: of more, some servers deliver the rest only half an hour later.
const MAILS_MAX: u32 = 10;

/// How long a server may take (RFC 5321 §4.5.3.2).
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// To be reached, encryption included.
    pub(super) connect: Duration,
    /// To greet.
    pub(super) greeting: Duration,
    /// To answer a command.
    pub(super) command: Duration,
    /// To ask for the text.
    pub(super) data: Duration,
    /// To take the text.
    pub(super) block: Duration,
    /// To say what became of it: so long that a server which has taken a mail is not sent it again.
    pub(super) end: Duration,
    /// To say that a kept connection still works, or goodbye.
    pub(super) farewell: Duration,
}

impl Default for Times {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            connect: Duration::from_secs(30),
            greeting: minutes(5),
            command: minutes(5),
            data: minutes(2),
            block: minutes(3),
            end: minutes(10),
            farewell: Duration::from_secs(10),
        }
    }
}

/// The mail server and the connections to it that nobody uses.
#[derive(Clone)]
pub(super) struct Pool {
    host: String,
    port: u16,
    mode: Tls,
    tls: TlsParameters,
    /// The account and its password, which is read when a connection is made.
    login: Option<(String, Secret)>,
    hello: Option<String>,
    times: Times,
    idle: Arc<Mutex<Vec<Lent>>>,
}

/// A connection that is lent to a message.
pub(super) struct Lent {
    connection: AsyncSmtpConnection,
    /// How many mails it has taken.
    mails: u32,
    since: Instant,
}

impl Lent {
    /// Whether it was used before, so that it may have ended meanwhile.
    pub(super) fn is_used(&self) -> bool {
        self.mails > 0
    }
}

impl Deref for Lent {
    type Target = AsyncSmtpConnection;

    fn deref(&self) -> &AsyncSmtpConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut AsyncSmtpConnection {
        &mut self.connection
    }
}

impl Pool {
    /// Nothing is connected yet.
    ///
    /// # Errors
    /// `Internal` when TLS cannot be set up.
    pub(super) fn new(host: &str, config: &EmailConfig, times: Times) -> Result<Self> {
        let tls = TlsParameters::new(host.to_owned())
            .map_err(|e| Error::internal(format!("TLS for email.host {host} cannot be set up: {e}")))?;
        let login = config.username.clone().zip(config.password.clone());
        Ok(Self {
            host: host.to_owned(),
            port: config.port,
            mode: config.tls,
            tls,
            login,
            hello: config.hello_name.clone(),
            times,
            idle: Arc::default(),
        })
    }

    /// A connection that works and is logged in.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) async fn take(&self) -> std::result::Result<Lent, String> {
        while let Some(mut lent) = self.pop() {
            if let Ok(true) = timeout(self.times.farewell, lent.test_connected()).await {
                return Ok(lent);
            }
        }
        self.connect().await
    }

    /// Keeps a connection that has taken a mail for the next one, or ends it where it has taken enough.
    pub(super) fn put(&self, mut lent: Lent) {
        lent.mails += 1;
        lent.since = Instant::now();
        if lent.has_broken() {
            return;
        }
        if lent.mails >= MAILS_MAX {
            return self.end(lent);
        }
        self.lock().push(lent);
        let pool = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(IDLE).await;
            let old: Vec<Lent> = pool.lock().extract_if(.., |lent| lent.since.elapsed() >= IDLE).collect();
            old.into_iter().for_each(|lent| pool.end(lent));
        });
    }

    /// Says goodbye, which a server need not answer.
    fn end(&self, mut lent: Lent) {
        let limit = self.times.farewell;
        tokio::spawn(async move { timeout(limit, lent.quit()).await });
    }

    fn pop(&self) -> Option<Lent> {
        self.lock().pop()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Lent>> {
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

    /// A new connection, logged in.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) async fn connect(&self) -> std::result::Result<Lent, String> {
        let connected = self.greeted().await.map_err(|why| format!("{} port {}: {why}", self.host, self.port));
        Ok(Lent { connection: connected?, mails: 0, since: Instant::now() })
    }

    async fn greeted(&self) -> std::result::Result<AsyncSmtpConnection, String> {
        // Looked at first: without it there is no use in troubling the server.
        let login = self.credentials()?;
        let Times { connect, greeting, command, .. } = self.times;
        let server = (self.host.as_str(), self.port);
        let hello = mail_name::hello(self.hello.as_deref(), server).await;
        let mut connection = if self.mode == Tls::Tls {
            let tls = Some(self.tls.clone());
            let connected = AsyncSmtpConnection::connect_tokio1(server, Some(connect), &hello, tls, None);
            within(connect + greeting + command, connected).await?
        } else {
            let stream = within(connect, TcpStream::connect(server)).await?;
            // The end of a mail is a packet of its own, which would else wait for the server's word on the one before.
            stream.set_nodelay(true).map_err(|e| e.to_string())?;
            let connected = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello);
            within(greeting + command, connected).await?
        };
        if self.mode == Tls::StartTls {
            if !connection.can_starttls() {
                return Err(
                    "the server offers no STARTTLS; set email.tls to tls, or to none if clear text will do".to_owned()
                );
            }
            let encrypted = connection.starttls(self.tls.clone(), &hello);
            within(connect + command, encrypted).await.map_err(|why| format!("no encryption: {why}"))?;
        }
        if let Some(login) = &login {
            let known = connection.auth(&[Mechanism::Plain, Mechanism::Login], login);
            within(command, known).await.map_err(|why| format!("the login failed: {why}"))?;
        }
        Ok(connection)
    }
}

/// What comes of it within a time, or why nothing does, in words.
async fn within<T, E: std::fmt::Display>(
    limit: Duration,
    work: impl Future<Output = std::result::Result<T, E>>,
) -> std::result::Result<T, String> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(|error| said(&error.to_string())),
        Err(_) => Err(format!("no answer within {} s", limit.as_secs_f32())),
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The login stays out.
        f.debug_struct("Pool").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}
