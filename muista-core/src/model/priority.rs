//! [`Priority`]: how much a task matters.

use serde::{Deserialize, Serialize};

use super::clip;
use crate::error::{Error, Result};

/// How much a task matters; `MEDIUM` unless said otherwise. Ordered, `LOW` first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Priority {
    /// May wait.
    Low,
    /// As it comes.
    #[default]
    Medium,
    /// First.
    High,
}

impl Priority {
    /// All of them, lowest first.
    pub const ALL: &[Self] = &[Self::Low, Self::Medium, Self::High];

    /// The name, as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
        }
    }

    /// The number it is stored as: 1, 2, 3.
    #[must_use]
    pub fn level(self) -> i16 {
        match self {
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
        }
    }

    /// The priority stored as `level`; `MEDIUM` for a number that is none.
    #[must_use]
    pub fn of_level(level: i16) -> Self {
        Self::ALL.iter().find(|priority| priority.level() == level).copied().unwrap_or_default()
    }
}

impl std::str::FromStr for Priority {
    type Err = Error;

    /// Reads a name, its first letter, or `med`, in any case.
    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "low" | "l" => Ok(Self::Low),
            "medium" | "med" | "m" => Ok(Self::Medium),
            "high" | "h" => Ok(Self::High),
            _ => Err(Error::invalid("priority", format!("“{}” is not a priority", clip(text)))
                .hint("choose one of low, medium, high")),
        }
    }
}

impl std::fmt::Display for Priority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
