//! [`CliError`]: how a command can fail. How that is told is `report`'s.

use std::io;

use muista_core::error::Error;

/// The result of a verb.
pub(crate) type Result<T, E = CliError> = std::result::Result<T, E>;

/// How a command can fail.
#[derive(Debug)]
pub(crate) enum CliError {
    /// A failure with a kind, a message and maybe a hint.
    Failed(Error),
    /// Nobody reads stdout any more, as in `muista ls | head -1`. Not a failure.
    Closed,
}

impl CliError {
    /// Something outside of Muista did not work.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::Failed(Error::internal(message))
    }

    /// Stdout could not be written.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Closed;
        }
        Self::failed(format!("cannot write the output: {error}"))
    }
}

impl From<Error> for CliError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<muista_core::time::TimeError> for CliError {
    fn from(error: muista_core::time::TimeError) -> Self {
        Self::Failed(error.into())
    }
}
