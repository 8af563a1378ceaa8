//! [`Shell`]: the shells that are completed for. What each hands over becomes words, and candidates become what it takes.
//! No candidate is ever run, split or expanded: names come from agents, imports and whoever shares a project.

use std::ffi::{OsStr, OsString};

use clap::ValueEnum;
use clap_complete::engine::CompletionCandidate;

use super::{bash, fish};
use crate::output::safe;

/// A shell that is completed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
}

impl Shell {
    /// Returns the shell of this name.
    pub(super) fn named(name: &OsStr) -> Option<Self> {
        Self::from_str(name.to_str()?, false).ok()
    }

    /// Returns the script that has the shell ask.
    pub(crate) fn script(self) -> &'static str {
        match self {
            Self::Bash => include_str!("../../../completions/muista.bash"),
            Self::Zsh => include_str!("../../../completions/_muista"),
            Self::Fish => include_str!("../../../completions/muista.fish"),
            Self::Elvish => include_str!("../../../completions/muista.elv"),
        }
    }

    /// Takes what the script handed over apart into words without their quoting: the program's name first, the one that
    /// is being typed last. None where it is no text.
    pub(super) fn words(self, handed: Vec<OsString>) -> Option<Vec<OsString>> {
        match self {
            Self::Bash => bash::words(&handed),
            Self::Fish => fish::words(handed),
            // These hand over words without quoting.
            Self::Zsh | Self::Elvish => Some(handed),
        }
    }

    /// Returns the answer that the script reads. Nothing is offered that could not be shown as it is.
    pub(super) fn answer(self, handed: &[OsString], candidates: &[CompletionCandidate]) -> String {
        let shown = candidates.iter().filter_map(|candidate| {
            let value = candidate.get_value().to_str().filter(|value| safe::line(value) == *value)?;
            let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
            Some((value, safe::line(help.lines().next().unwrap_or_default()).into_owned()))
        });
        match self {
            Self::Bash => bash::answer(handed, &shown.map(|(value, _)| value).collect::<Vec<_>>()),
            Self::Zsh => shown.map(|(value, help)| lines(&described(value, &help))).collect(),
            // Of all that it inserts it leaves a tilde alone unquoted, which then stands for a home folder.
            Self::Fish => shown
                .filter(|(value, _)| !value.starts_with('~'))
                .map(|(value, help)| lines(&format!("{value}\t{help}")))
                .collect(),
            Self::Elvish => shown.map(|(value, _)| lines(value)).collect(),
        }
    }
}

/// A candidate as zsh's `_describe` reads it: a colon ends the value.
fn described(value: &str, help: &str) -> String {
    let value = value.replace('\\', r"\\").replace(':', r"\:");
    match help {
        "" => value,
        help => format!("{value}:{}", help.replace('\\', r"\\")),
    }
}

fn lines(line: &str) -> String {
    format!("{line}\n")
}
