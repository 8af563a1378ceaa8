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

/// A colour, by what it means. Each can be read on white and on black: of the 256 colours of xterm these have a contrast of
/// 4.5 to both (WCAG 2.2, 1.4.3).
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
            Self::Faint => Some("38;5;243"),
            Self::Alarm => Some("1;38;5;131"),
            Self::Warm => Some("38;5;163"),
            Self::Good => Some("38;5;29"),
            Self::Label => Some("38;5;63"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the relative luminance of one of xterm's 256 colours.
    fn luminance(color: u8) -> f64 {
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        let [red, green, blue] = match color {
            232.. => [8 + 10 * (color - 232); 3],
            _ => [(color - 16) / 36, (color - 16) / 6 % 6, (color - 16) % 6].map(level),
        };
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    #[test]
    fn every_colour_can_be_read_on_white_and_on_black() {
        let mut seen = 0;
        for paint in [Paint::Plain, Paint::Heading, Paint::Faint, Paint::Alarm, Paint::Warm, Paint::Good, Paint::Label]
        {
            let Some((_, color)) = paint.code().and_then(|code| code.split_once("38;5;")) else { continue };
            let luminance = luminance(color.parse().unwrap_or_default());
            let (white, black) = (1.05 / (luminance + 0.05), (luminance + 0.05) / 0.05);
            assert!(white >= 4.5 && black >= 4.5, "{paint:?}: {white:.2} on white, {black:.2} on black");
            seen += 1;
        }
        assert_eq!(seen, 5);
    }
}
