//! Completion in fish, which quotes candidates itself. It hands over words without quoting, but for the one that is being
//! typed.

use std::ffi::OsString;

/// Returns the words, the last without its quoting.
pub(super) fn words(mut handed: Vec<OsString>) -> Option<Vec<OsString>> {
    let word = handed.pop()?;
    handed.push(unquoted(word.to_str()?).into());
    Some(handed)
}

/// Takes the quoting from a word that may be unfinished: within single quotes a backslash quotes a quote and itself,
/// within double ones also a dollar, elsewhere everything.
fn unquoted(word: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let mut chars = word.chars();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(mark), c) if c == mark => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '\\') => text.extend(chars.next()),
            (Some(mark), '\\') => match chars.next() {
                Some(c) if c == mark || c == '\\' || (mark == '"' && c == '$') => text.push(c),
                other => text.extend([Some('\\'), other].into_iter().flatten()),
            },
            (_, c) => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_loses_its_quoting() {
        for (word, text) in [
            (r"Client\ W", "Client W"),
            ("'Client W", "Client W"),
            (r#""a\$b\x"#, r"a$b\x"),
            (r"'it\'s' ok", "it's ok"),
            ("", ""),
        ] {
            assert_eq!(unquoted(word), text, "{word}");
        }
    }
}
