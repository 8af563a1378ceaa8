//! The protocol over standard input and output, for one client that started this program. Nothing else may write there.

use std::sync::Arc;

use rmcp::ServiceExt as _;
use rmcp::service::{QuitReason, ServerInitializeError};

use super::handler::Handler;
use super::{ContextProvider, Toolsets};
use crate::error::{Error, Result};

/// Serves the client until it closes its end, with the tools of these sets.
///
/// # Errors
/// `Invalid` when what comes is not the protocol, `Internal` when serving it failed.
pub async fn serve_stdio<P: ContextProvider>(provider: P, toolsets: Toolsets) -> Result<()> {
    let served = Handler::new(Arc::new(provider), toolsets).serve(rmcp::transport::stdio()).await;
    let running = match served {
        Ok(running) => running,
        // The client went away before it said anything.
        Err(ServerInitializeError::ConnectionClosed(_)) => return Ok(()),
        Err(error) => {
            return Err(Error::invalid("stdin", format!("no client speaks MCP there: {error}"))
                .hint("`muista mcp` is for MCP clients, which start it; see docs/AGENTS.md"));
        }
    };
    match running.waiting().await {
        Ok(QuitReason::JoinError(error)) | Err(error) => Err(Error::internal(format!("MCP ended: {error}"))),
        Ok(_) => Ok(()),
    }
}
