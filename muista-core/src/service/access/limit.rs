//! What refuses more than an account may have or do: one form of error for all limits that a setting raises, which names
//! the limit, that setting, and what else helps. What is counted stands where it is made.

use crate::error::Error;

/// Returns the error for more than a limit allows: `message` says what there is too much of, `remedy` what its owner can do
/// about it, and `setting` is the key that an administrator raises.
pub(crate) fn exceeded(message: impl Into<String>, remedy: &str, setting: &str) -> Error {
    Error::quota(message).limited_by(setting).hint(format!("{remedy}, or have an administrator raise `{setting}`"))
}
