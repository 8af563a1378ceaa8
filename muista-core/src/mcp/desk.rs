//! [`Desk`]: who asks, and the calls on that one's behalf. A transport that serves many is asked for each request anew.

use rmcp::model::Extensions;

use crate::error::Result;
use crate::model::Scopes;
use crate::rpc::Client;
use crate::time::Context;

/// Where a request is answered.
pub trait Desk: Send + Sync + 'static {
    /// The seat of whoever sent a request, by what the transport put beside it.
    ///
    /// # Errors
    /// When it is not known who that is.
    fn seat(&self, request: &Extensions) -> Result<Seat>;
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
