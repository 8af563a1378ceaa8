//! [`Caller`]: on whose behalf a connection asks. Which of the nouns a caller may see is decided where they are read.

use crate::model::{Id, Origin};

/// On whose behalf, and by which way in, a use case is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account.
    pub user: Id,
    /// The name that stands in the record of changes.
    pub actor: String,
    /// The way in.
    pub origin: Origin,
    /// The IANA name of the zone in which the caller reads dates.
    pub timezone: Option<String>,
}

impl Caller {
    /// The account that the OS user has.
    #[must_use]
    pub fn local(origin: Origin, timezone: Option<String>) -> Self {
        Self { user: Id::LOCAL_USER, actor: "local".to_owned(), origin, timezone }
    }
}
