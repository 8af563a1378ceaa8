//! [`Toolsets`]: the sets of tools that a connection is offered. A model pays for each tool that it is told of, so what few
//! need stands in sets that are asked for. Which tool is in which set is said where the tools are listed.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};
use crate::model::{clip, shown};

/// A set of tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Toolset {
    /// What most work needs.
    Default,
    /// When tasks are worked on, and in which order.
    Planning,
}

impl Toolset {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::Default, Self::Planning];

    /// Returns the name by which it is asked for.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Planning => "planning",
        }
    }
}

/// The sets that a connection is offered, written with commas between them: `default,planning`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toolsets(Vec<Toolset>);

impl Toolsets {
    /// Returns the names of all sets.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Toolset::ALL.into_iter().map(Toolset::name)
    }

    /// Returns whether this set is among them.
    pub(super) fn has(&self, set: Toolset) -> bool {
        self.0.contains(&set)
    }

    /// Returns these sets and one more.
    pub(super) fn with(&self, set: Toolset) -> Self {
        Self(Toolset::ALL.into_iter().filter(|known| *known == set || self.has(*known)).collect())
    }
}

impl Default for Toolsets {
    fn default() -> Self {
        Self(vec![Toolset::Default])
    }
}

impl FromStr for Toolsets {
    type Err = Error;

    /// Reads the names, in any case.
    fn from_str(text: &str) -> Result<Self> {
        let set = |name: &str| {
            let known = Toolset::ALL.into_iter().find(|set| set.name().eq_ignore_ascii_case(name.trim()));
            known.ok_or_else(|| {
                let names = Self::names().collect::<Vec<_>>().join(", ");
                Error::invalid("tools", format!("there is no set of tools “{}”", shown(&clip(name.trim()))))
                    .hint(format!("the sets are {names}; several are joined by commas, as in default,planning"))
            })
        };
        text.split(',').map(set).collect::<Result<_>>().map(Self)
    }
}

impl fmt::Display for Toolsets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|set| set.name()).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn sets_are_named_with_commas() {
        let read = |text: &str| text.parse::<Toolsets>().unwrap();
        assert_eq!(read("default"), Toolsets::default());
        assert_eq!(read(" Planning, default").to_string(), "planning,default");
        assert_eq!(read("planning").with(Toolset::Default).to_string(), "default,planning");
        for (bad, name) in
            [("people", "“people”"), ("", "“”"), ("default,", "“”"), ("default planning", "“default planning”")]
        {
            let error = bad.parse::<Toolsets>().unwrap_err();
            assert!(error.message.contains(name), "{error}");
            assert!(error.hint.unwrap().contains("the sets are default, planning"));
        }
    }
}
