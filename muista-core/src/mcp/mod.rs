//! MCP: what an agent works with (spec §9). The tools, resources, prompts and completion are here, whatever transport
//! brings the requests; the rules are the core's, reached by the same calls that the command line makes. This is the only
//! folder that knows the SDK.

mod answer;
mod complete;
mod confirm;
mod desk;
mod handler;
mod named;
mod prompt;
mod resource;
mod schema;
mod tool;

pub use desk::{Desk, Seat};
pub use handler::Handler;
