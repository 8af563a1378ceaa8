//! [`Category`]: the high-level bucket of a task.

use super::text::limit;
use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};

macro_rules! categories {
    ($($name:ident),* $(,)?) => {
        /// The high-level bucket that a task is in; `Personal` unless said otherwise.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
        #[expect(missing_docs, reason = "the names say it")]
        pub enum Category {
            #[default]
            $($name),*
        }

        impl Category {
            /// All of them, in the order of the data model.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The name, as it is stored and stands in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name)),*
                }
            }
        }
    };
}

categories!(
    Personal, Study, Work, Health, Finance, Family, Social, Shopping, Travel, Hobby, Fitness, Learning, Project,
    Chores, Admin,
);

impl std::str::FromStr for Category {
    type Err = Error;

    /// Reads a name, in any case.
    fn from_str(text: &str) -> Result<Self> {
        limit("category", text, 100)?;
        Self::ALL.iter().find(|category| category.as_str().eq_ignore_ascii_case(text)).copied().ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|category| category.as_str()).collect();
            Error::invalid("category", format!("“{text}” is not a category"))
                .hint(format!("choose one of {}", names.join(", ")))
        })
    }
}

impl std::fmt::Display for Category {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
