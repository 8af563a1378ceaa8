//! [`Screen`]: what stdout can show — how wide, and whether in colour — and [`Paint`], the few colours that are used.

use std::io::IsTerminal;

use muista_core::config::Color;

/// Assumed where a terminal does not tell its width.
const USUAL_WIDTH: u16 = 80;

/// What stdout can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// The columns of a terminal; none where stdout is not one, and lines may have any length.
    pub(crate) width: Option<u16>,
    /// Whether escape sequences for colour may be written.
    pub(crate) color: bool,
}

impl Screen {
    /// What this process's stdout can show.
    pub(crate) fn of_stdout(color: Color) -> Self {
        let terminal = std::io::stdout().is_terminal();
        let width = terminal.then(|| {
            // A width of 0 is what some terminals say before they know.
            let told = terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| width.0);
            told.filter(|width| *width > 0).unwrap_or(USUAL_WIDTH)
        });
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && plain_is_not_asked_for(),
        };
        Self { width, color }
    }

    /// `text` in a colour, where there are colours.
    pub(crate) fn paint(self, paint: Paint, text: &str) -> String {
        match paint.code().filter(|_| self.color && !text.is_empty()) {
            Some(code) => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            None => text.to_owned(),
        }
    }
}

/// By <https://no-color.org>: NO_COLOR with any text means no.
fn plain_is_not_asked_for() -> bool {
    let set = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !set && !dumb
}

/// A colour, by what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Paint {
    /// As the terminal has it.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// What matters less.
    Faint,
    /// What is too late or lost.
    Alarm,
    /// What is near or high.
    Warm,
    /// What is done or gained.
    Good,
    /// A label: tags, projects.
    Label,
}

impl Paint {
    /// The SGR code (ECMA-48 §8.3.117).
    fn code(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Heading => Some("1"),
            Self::Faint => Some("2"),
            Self::Alarm => Some("31"),
            Self::Warm => Some("33"),
            Self::Good => Some("32"),
            Self::Label => Some("36"),
        }
    }
}
