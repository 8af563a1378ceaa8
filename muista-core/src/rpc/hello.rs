//! The preamble: one line of JSON each way before tarpc begins, so that a mismatch of versions and a refusal are said
//! in words, whatever changes in the calls. Off the machine the client also shows here who it is.

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::error::{Error, Result};
use crate::model::{AgentName, Origin, Secret};
use crate::service::Caller;
use crate::service::account::Credentials;

/// The number of the calls' form. It goes up with every change that an older client or server would not understand.
pub const PROTOCOL: u32 = 10;

/// The most bytes that a preamble line may have.
const LINE_MAX: usize = 8192;

/// What a client says first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The client's version of Muista.
    pub muista: String,
    /// The client's [`PROTOCOL`].
    pub protocol: u32,
    /// The way in that the client is.
    pub origin: Origin,
    /// The IANA name of the zone in which the client reads dates.
    pub timezone: Option<String>,
    /// The agent that the client works for, where it is one: on this machine it is known by that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// The database the client expects behind the server; none when it takes any.
    pub database: Option<String>,
    /// What shows who the client is, off the machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}

/// What a client shows to be known by. It must never be seen in a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Proof {
    /// An API key.
    Token(Secret),
    /// An account and its password, good for a minute: time enough to make an API key.
    Password {
        /// The account's name or mail address.
        name: String,
        /// Its password.
        password: Secret,
    },
}

impl From<&Proof> for Credentials {
    fn from(proof: &Proof) -> Self {
        match proof {
            Proof::Token(token) => Self::Token(token.reveal().to_owned()),
            Proof::Password { name, password } => {
                Self::Password { name: name.clone(), password: password.reveal().to_owned() }
            }
        }
    }
}

impl Hello {
    /// Reads a preamble line: the two fields that every protocol keeps before the rest, which another one may write
    /// otherwise.
    ///
    /// # Errors
    /// `Conflict` when it is another protocol's, or no preamble.
    pub(super) fn read(line: &[u8]) -> Result<Self> {
        #[derive(Deserialize)]
        struct Kept {
            muista: String,
            protocol: u32,
        }
        let kept: Kept = serde_json::from_slice(line).map_err(|_| foreign())?;
        if kept.protocol != PROTOCOL {
            return Err(mismatch(&kept.muista, kept.protocol));
        }
        serde_json::from_slice(line).map_err(|_| foreign())
    }

    /// Returns the hello of this version of Muista.
    #[must_use]
    pub fn new(origin: Origin, timezone: Option<String>, database: Option<String>) -> Self {
        let muista = env!("CARGO_PKG_VERSION").to_owned();
        Self { muista, protocol: PROTOCOL, origin, timezone, agent: None, database, proof: None }
    }

    /// Adds the agent on whose behalf it is.
    #[must_use]
    pub fn of_agent(self, agent: AgentName) -> Self {
        Self { origin: Origin::Mcp, agent: Some(agent), ..self }
    }

    /// On whose behalf a client of this machine asks: the OS user, or an agent that works for that one.
    #[must_use]
    pub fn caller(&self) -> Caller {
        let local = Caller::local(self.origin, self.timezone.clone());
        match &self.agent {
            Some(agent) => local.agent(agent),
            None => local,
        }
    }

    /// Adds what shows who asks, for a daemon of another machine.
    #[must_use]
    pub fn with_proof(self, proof: Proof) -> Self {
        Self { proof: Some(proof), ..self }
    }
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "answer")]
pub enum Welcome {
    /// The calls may begin.
    Welcome {
        /// The server's version of Muista.
        muista: String,
    },
    /// The server works on another database than the client expects.
    OtherDatabase {
        /// The server's database, without its password.
        database: String,
    },
    /// The server does not serve this client.
    Refused {
        /// Why, and the remedy.
        error: Error,
    },
}

impl Welcome {
    /// Reads a preamble line.
    ///
    /// # Errors
    /// `Conflict` when it is none.
    pub(super) fn read(line: &[u8]) -> Result<Self> {
        serde_json::from_slice(line).map_err(|_| foreign())
    }

    /// Returns what a server on `database` answers to `hello`.
    #[must_use]
    pub fn to(hello: &Hello, database: &str) -> Self {
        if hello.database.as_deref().is_some_and(|expected| expected != database) {
            return Self::OtherDatabase { database: database.to_owned() };
        }
        Self::greeting()
    }

    /// Yes.
    pub(super) fn greeting() -> Self {
        Self::Welcome { muista: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

fn mismatch(version: &str, protocol: u32) -> Error {
    let ours = env!("CARGO_PKG_VERSION");
    Error::conflict(format!(
        "the daemon is muista {ours} (protocol {PROTOCOL}), this command is muista {version} (protocol {protocol})"
    ))
    .hint("update the older of the two, then `muista daemon stop` and `muista daemon start`")
}

/// Writes one preamble line.
pub(crate) async fn write_line<T: Serialize>(stream: &mut (impl AsyncWrite + Unpin), value: &T) -> Result<()> {
    let mut line = serde_json::to_vec(value).map_err(|e| Error::internal(format!("cannot write the preamble: {e}")))?;
    line.push(b'\n');
    stream.write_all(&line).await.map_err(|e| lost(&e))
}

/// Reads one preamble line, without its end, and nothing beyond it.
pub(super) async fn read_line(stream: &mut (impl AsyncRead + Unpin)) -> Result<Vec<u8>> {
    let mut line = Vec::with_capacity(256);
    loop {
        // Byte by byte, since what follows the line belongs to tarpc; a socket's buffer makes it cheap enough.
        match stream.read_u8().await {
            Ok(b'\n') => return Ok(line),
            Ok(byte) if line.len() < LINE_MAX => line.push(byte),
            Ok(_) => return Err(foreign()),
            Err(e) => return Err(lost(&e)),
        }
    }
}

fn lost(error: &std::io::Error) -> Error {
    Error::unavailable(format!("the connection was closed while it was being opened: {error}"))
        .hint("see `muista daemon status` and `muista daemon logs`")
}

fn foreign() -> Error {
    Error::conflict("the other side of the socket does not speak Muista's protocol")
        .hint("update the older of `muista` and `muistad`, then `muista daemon stop` and `muista daemon start`")
}
