//! [`ContextProvider`]: who asks, and the calls on that one's behalf. A transport that serves many is asked for each
//! request anew.

use crate::error::Result;
use crate::model::Scopes;
use crate::rpc::Client;
use crate::service::Caller;
use crate::time::Context;

/// Finds out on whose behalf a request is answered.
pub trait ContextProvider: Send + Sync + 'static {
    /// Returns the context of whoever sent a request of this kind: of `caller`, where the transport found out who that is.
    ///
    /// # Errors
    /// When it is not known, its zone does not exist any more, or the service cannot be reached; when there were too many.
    fn request_context(
        &self,
        caller: Option<&Caller>,
        kind: RequestKind,
    ) -> impl Future<Output = Result<RequestContext>> + Send;

    /// Returns whether the client is a program of the same user on this machine, who may know why nobody can be
    /// reached.
    fn is_here(&self) -> bool {
        false
    }
}

/// What a request is for, as far as that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// It has something done or read: a tool, a resource, a prompt.
    Work,
    /// It asks what there is.
    Lookup,
}

/// On whose behalf a request is answered, and with what.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The calls.
    pub client: Client,
    /// What may be done.
    pub scopes: Scopes,
    /// What dates are read against, as of now.
    pub time: Context,
    /// Whether a daemon is there, which fires reminders and runs jobs.
    pub daemon: bool,
}

impl RequestContext {
    /// Returns what to tell beside an answer after which something is to happen, where nothing will without a daemon.
    pub(super) fn waiting(&self) -> Option<String> {
        let notice = "no daemon is running: nothing fires or runs before the user starts one (muista daemon start)";
        (!self.daemon).then(|| notice.to_owned())
    }
}
