//! REST end to end: a real `muistad`, asked over HTTP, on both databases. One file a noun. What a use case does by itself
//! is tested beside the core; here stands what another program meets: statuses, headers, documents.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod hostile;
mod operation;
mod repeat;
mod support;
mod task;
mod tls;
mod trace;
