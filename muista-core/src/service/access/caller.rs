//! [`Caller`]: on whose behalf a connection asks, and what its credential may be used for. Which of the nouns a caller
//! may see is decided where they are read (`access`).

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::model::{AgentName, Id, Origin, Role, Scope, Scopes, User};
use crate::service::tx::idempotency::Idempotency;

/// On whose behalf, and by which way in, a use case is asked for.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account.
    pub user: Id,
    /// The name that stands in the record of changes: the account's, or that of the key.
    pub actor: String,
    /// The way in.
    pub origin: Origin,
    /// The IANA name of the zone in which the caller reads dates.
    pub timezone: Option<String>,
    /// The role of the account, or a lesser one that the key has.
    pub role: Role,
    /// What the credential may be used for.
    pub scopes: Scopes,
    /// What the caller showed.
    pub credential: Credential,
    /// What makes a repeated request the same one; none where the caller gave no key.
    pub idempotency: Option<Arc<Idempotency>>,
    /// The epoch of the data in which the caller saw the version that it wants to change; none where it wants none.
    pub epoch: Option<i64>,
}

/// What a caller showed to be known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// It is the OS user, on the local socket or in this process.
    Local,
    /// An access token of this session.
    Session(Id),
    /// This API key.
    ApiKey(Id),
    /// The account's password, once for the whole connection.
    Password,
    /// Nothing: it logs in, registers or resets a password.
    Nothing,
}

impl Caller {
    /// The account that the OS user has. It may do everything.
    #[must_use]
    pub fn local(origin: Origin, timezone: Option<String>) -> Self {
        Self {
            user: Id::LOCAL_USER,
            actor: "local".to_owned(),
            origin,
            timezone,
            role: Role::Admin,
            scopes: Scopes::of(Role::Admin),
            credential: Credential::Local,
            idempotency: None,
            epoch: None,
        }
    }

    /// The same caller, but no more than an agent that works for it may be, and known by its name.
    #[must_use]
    pub fn agent(self, name: &AgentName) -> Self {
        let (role, scopes) = (self.role.and(Role::Agent), self.scopes.and(Scopes::of(Role::Agent)));
        Self { actor: name.to_string(), role, scopes, ..self }
    }

    /// An account, with all that its role may do.
    #[must_use]
    pub fn of(user: User, origin: Origin, credential: Credential) -> Self {
        Self {
            user: user.id,
            actor: user.username,
            origin,
            timezone: user.timezone,
            role: user.role,
            scopes: Scopes::of(user.role),
            credential,
            idempotency: None,
            epoch: None,
        }
    }

    /// Nobody in particular, who logs in, registers or resets a password.
    #[must_use]
    pub fn nobody(origin: Origin) -> Self {
        Self {
            user: Id::NIL,
            actor: "nobody".to_owned(),
            scopes: Scopes::NONE,
            credential: Credential::Nothing,
            role: Role::User,
            ..Self::local(origin, None)
        }
    }

    /// Refuses who is no admin; `does` says what only an admin does, as in `sees the jobs of every account`.
    ///
    /// # Errors
    /// `Forbidden`.
    pub(crate) fn require_admin(&self, does: &str) -> Result<()> {
        if self.role == Role::Admin {
            return Ok(());
        }
        Err(Error::forbidden(format!("only an admin {does}")).hint("leave out `all`, or ask an admin"))
    }

    /// Refuses a caller whose credential may not be used for `scope`.
    ///
    /// # Errors
    /// `Forbidden`, naming the scope.
    pub fn require(&self, scope: Scope) -> Result<()> {
        if self.scopes.has(scope) {
            return Ok(());
        }
        Err(Error::forbidden(format!("this needs the scope {scope}, which {} does not have", self.actor))
            .hint("use a token that has it: `muista token create --scope …`, or ask an admin"))
    }
}
