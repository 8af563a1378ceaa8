//! MCP: what an agent works with. The tools, resources, prompts and completion are here, whatever transport
//! brings the requests; the rules are the core's, reached by the same calls that the command line makes. This is the only
//! folder that knows the SDK.

mod answer;
mod arguments;
mod complete;
mod confirm;
mod context;
mod handler;
#[cfg(feature = "mcp-http")]
mod http;
mod named;
mod prompt;
mod remedy;
mod resource;
mod schema;
#[cfg(feature = "mcp-stdio")]
mod stdio;
mod tool;
mod toolset;

pub use context::{ContextProvider, RequestContext, RequestKind};
#[cfg(feature = "mcp-http")]
pub use http::Endpoint;
#[cfg(feature = "mcp-stdio")]
pub use stdio::serve_stdio;
pub use toolset::Toolsets;
