//! What programs and agents write, before it is read: documents of texts, with dates and recurrences in words, and what
//! the core makes of them. The same documents serve REST, MCP and the agent envelope. Every refusal names the field, in
//! camelCase; what stands within another after a dot.

mod job;

pub use job::{JobChanges, JobInput, RunInput};

use crate::error::Error;

/// An error of the field `name`.
fn of_field(name: &str, error: impl Into<Error>) -> Error {
    Error { field: Some(name.to_owned()), ..error.into() }
}
