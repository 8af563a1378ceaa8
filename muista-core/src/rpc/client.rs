//! [`Client`]: a connection to the service, over either transport. Its methods are the calls, made in `calls`.

use std::time::Duration;

use tarpc::client::RpcError;
use tarpc::context;

use super::calls::MuistaClient;
use crate::error::Error;

/// A connection to the service.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) rpc: MuistaClient,
}

impl Client {
    pub(super) fn new(rpc: MuistaClient) -> Self {
        Self { rpc }
    }
}

/// The context of a call that may take so long.
pub(super) fn within(time: Duration) -> context::Context {
    let mut context = context::current();
    context.deadline = std::time::Instant::now() + time;
    context
}

/// What a call fails with that got no answer.
pub(super) fn broken(error: &RpcError) -> Error {
    match error {
        RpcError::DeadlineExceeded => Error::unavailable("no answer in time; the change may or may not have been made")
            .hint("look with `muista log`, and see `muista daemon status`"),
        RpcError::Server(refusal) => {
            Error::unavailable(format!("the daemon takes no more work now: {}", refusal.detail))
                .hint("try again in a moment")
        }
        lost => Error::unavailable(format!("the connection to the daemon was lost: {lost}"))
            .hint("see `muista daemon status` and `muista daemon logs`"),
    }
}
