//! What lists take: how many, and from where on.

use serde::Deserialize;
use utoipa::IntoParams;

/// How many a page holds, and where it begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// How many at most.
    #[serde(default)]
    #[param(value_type = u32, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(crate) limit: Limit,
    /// Where the page before ended: its `nextCursor`.
    #[param(nullable = false, min_length = 1, max_length = 1000)]
    pub(crate) cursor: Option<String>,
}

/// How many a page holds: 1 to 200, 50 where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub(crate) struct Limit(pub(crate) u32);

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u32> for Limit {
    type Error = String;

    fn try_from(limit: u32) -> Result<Self, String> {
        match limit {
            1..=200 => Ok(Self(limit)),
            _ => Err(format!("{limit} is not from 1 to 200")),
        }
    }
}
