//! [`Desk`]: who asks, and the calls on that one's behalf. A transport that serves many is asked for each request anew.

use crate::error::Result;
use crate::model::Scopes;
use crate::rpc::Client;
use crate::service::Caller;
use crate::time::Context;

/// Where requests are answered.
pub trait Desk: Send + Sync + 'static {
    /// The seat of whoever sent a request: of `caller`, where the transport found out who that is.
    ///
    /// # Errors
    /// When it is not known, or its zone does not exist any more.
    fn seat(&self, caller: Option<&Caller>) -> Result<Seat>;
}

/// On whose behalf requests are answered.
#[derive(Debug, Clone)]
pub struct Seat {
    /// The calls.
    pub client: Client,
    /// What may be done.
    pub scopes: Scopes,
    /// What dates are read against, as of now.
    pub context: Context,
}
