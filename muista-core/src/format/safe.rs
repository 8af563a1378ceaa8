//! Text made safe for a terminal: control characters and those that turn the direction of writing (Unicode TR 9 §2.1 to
//! 2.4) are shown escaped, so that no title can hide, move or run anything.

use std::borrow::Cow;
use std::fmt::Write;

/// Makes a text safe for one line: line breaks and tabs become spaces, what is not safe is escaped as `\u{202e}`.
pub fn line(text: &str) -> Cow<'_, str> {
    replace(
        text,
        |c| matches!(c, '\n' | '\t') || is_unsafe(c),
        |c, out| match c {
            '\n' | '\t' => out.push(' '),
            other => escape(other, out),
        },
    )
}

/// Makes a text safe that may have several lines: line breaks and tabs stay, what is not safe is escaped as `\u{202e}`.
pub fn block(text: &str) -> Cow<'_, str> {
    replace(text, |c| !matches!(c, '\n' | '\t') && is_unsafe(c), escape)
}

/// Escapes what is not safe in JSON text as `\u202e` (RFC 8259 §7), which means the same to a reader.
pub fn json(text: &str) -> Cow<'_, str> {
    // Outside of its strings JSON has no such characters but line breaks, and within them serde escapes those below
    // a space; what is left of ASCII is DEL. Most texts have nothing else, which is quickly seen.
    if text.is_ascii() && !text.as_bytes().contains(&0x7f) {
        return Cow::Borrowed(text);
    }
    replace(
        text,
        |c| c != '\n' && is_unsafe(c),
        |c, out| {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        },
    )
}

fn escape(c: char, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{}", c.escape_unicode());
}

fn is_unsafe(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn replace(text: &str, bad: impl Fn(char) -> bool, put: impl Fn(char, &mut String)) -> Cow<'_, str> {
    let Some(first) = text.find(&bad) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        if bad(c) { put(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        for (text, one_line, several) in [
            ("Buy cat food", "Buy cat food", "Buy cat food"),
            ("猫 🐈 ä", "猫 🐈 ä", "猫 🐈 ä"),
            ("a\nb\tc", "a b c", "a\nb\tc"),
            ("a\r\nb", "a\\u{d} b", "a\\u{d}\nb"),
            ("\u{1b}[31mred", "\\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{9b}31m\u{7f}", "\\u{9b}31m\\u{7f}", "\\u{9b}31m\\u{7f}"),
            ("abc\u{202e}fed\u{2066}", "abc\\u{202e}fed\\u{2066}", "abc\\u{202e}fed\\u{2066}"),
        ] {
            assert_eq!(line(text), one_line);
            assert_eq!(block(text), several);
        }
    }

    #[test]
    fn escaped_json_means_the_same() {
        let value = serde_json::json!({ "title": "a\u{202e}b\u{9b}\u{7f}\u{2028}\n" });
        let text = json(&value.to_string()).into_owned();
        assert!(text.is_ascii(), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).ok(), Some(value));
    }
}
