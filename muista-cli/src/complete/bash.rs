//! Completion in bash, which inserts what it is given as it stands: so each candidate is quoted here for the place that
//! it goes to. The script hands over the line up to the cursor, and the text at its end that a candidate replaces.

use std::ffi::OsString;

/// What quotes the text that is being typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Quote {
    #[default]
    None,
    Single,
    Double,
}

/// A command line up to the cursor.
#[derive(Debug, Default)]
struct Line {
    /// The words before the one that is being typed.
    words: Vec<String>,
    /// The word that is being typed, where it was begun.
    word: Option<String>,
    quote: Quote,
    /// Whether the word is to be expanded, so that nobody but bash can tell what it says.
    expands: bool,
    /// Whether the word names a file that input or output is redirected to.
    redirects: bool,
}

impl Line {
    /// Takes a line apart as bash would. Of several commands the last counts.
    fn read(text: &str) -> Self {
        let mut line = Self::default();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match (line.quote, c) {
                (Quote::Single, '\'') | (Quote::Double, '"') => line.quote = Quote::None,
                (Quote::Single, c) => line.push(c),
                (Quote::Double, '\\') => match chars.next() {
                    Some(c @ ('$' | '`' | '"' | '\\')) => line.push(c),
                    Some(c) => line.word().extend(['\\', c]),
                    None => {}
                },
                (Quote::None, '\\') => line.word().extend(chars.next()),
                (Quote::Double | Quote::None, '$' | '`') => line.expand(c),
                (Quote::None, '~') if line.word.is_none() => line.expand(c),
                (Quote::None, '\'') => line.open(Quote::Single),
                (Quote::None, '"') => line.open(Quote::Double),
                (Quote::None, ' ' | '\t' | '\n') => line.end(),
                (Quote::None, '<' | '>') => line.redirect(),
                (Quote::None, ';' | '|' | '&' | '(' | ')') => line = Self::default(),
                (Quote::Double | Quote::None, c) => line.push(c),
            }
        }
        line
    }

    fn word(&mut self) -> &mut String {
        self.word.get_or_insert_default()
    }

    fn push(&mut self, c: char) {
        self.word().push(c);
    }

    fn expand(&mut self, c: char) {
        self.expands = true;
        self.push(c);
    }

    fn open(&mut self, quote: Quote) {
        self.quote = quote;
        self.word();
    }

    fn end(&mut self) {
        if let Some(word) = self.word.take() {
            self.expands = false;
            if !std::mem::take(&mut self.redirects) {
                self.words.push(word);
            }
        }
    }

    fn redirect(&mut self) {
        // The number of what is redirected is no word.
        let number = self.word.as_ref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        if number {
            self.word = None;
        }
        self.end();
        self.redirects = true;
    }
}

/// Returns the words of the line.
pub(super) fn words(handed: &[OsString]) -> Option<Vec<OsString>> {
    let Line { mut words, word, .. } = Line::read(handed.first()?.to_str()?);
    words.push(word.unwrap_or_default());
    Some(words.into_iter().map(OsString::from).collect())
}

/// Returns what the script reads: in the first line what it is to do, then a line for each candidate.
pub(super) fn answer(handed: &[OsString], values: &[&str]) -> String {
    let texts: Vec<_> = handed.iter().filter_map(|text| text.to_str()).collect();
    let [line, replaced] = texts[..] else {
        return String::new();
    };
    let Some(kept) = line.strip_suffix(replaced) else {
        return String::new();
    };
    let whole = Line::read(line);
    if whole.expands || whole.redirects {
        return "default\n".to_owned();
    }
    // A colon or an equals sign begins what bash calls a word, so a part of ours may have to be left out.
    let Line { word, quote, .. } = Line::read(kept);
    let kept = word.unwrap_or_default();
    let rests: Vec<_> = values.iter().filter_map(|value| after(value, &kept)).collect();
    let head = match rests[..] {
        [rest] if rest.ends_with(['/', '=', ':']) => "nospace\n",
        _ => "space\n",
    };
    let closed = rests.len() == 1;
    rests.iter().fold(head.to_owned(), |text, rest| text + &quoted(rest, quote, closed) + "\n")
}

/// Returns what follows `beginning`, in whatever case that stands.
fn after<'a>(value: &'a str, beginning: &str) -> Option<&'a str> {
    let end = value.char_indices().map(|(at, _)| at).chain([value.len()]).nth(beginning.chars().count())?;
    let (head, rest) = value.split_at(end);
    (head.to_lowercase() == beginning.to_lowercase()).then_some(rest)
}

/// Quotes a text for a place that is quoted already; `closed` ends the quotation.
fn quoted(text: &str, quote: Quote, closed: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match (quote, c) {
            (Quote::Single, '\'') => out.push_str(r"'\''"),
            // It stands for a line of the history even between double quotes, where nothing takes that from it.
            (Quote::Double, '!') => out.push_str(r#""\!""#),
            (Quote::Double, '$' | '`' | '"' | '\\') => out.extend(['\\', c]),
            (Quote::None, c) if is_special(c) => out.extend(['\\', c]),
            (_, c) => out.push(c),
        }
    }
    let mark = match quote {
        Quote::None => return out,
        Quote::Single => '\'',
        Quote::Double => '"',
    };
    // readline leaves out the mark that a text begins with, as the line has one already.
    if out.starts_with(mark) {
        out.insert(0, mark);
    }
    if closed {
        out.push(mark);
    }
    out
}

/// Whether bash takes an unquoted character for more than itself.
fn is_special(c: char) -> bool {
    c.is_ascii() && !c.is_ascii_alphanumeric() && !"+-_./,:=@%^".contains(c)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn read(line: &str) -> Vec<String> {
        let words = words(&[line.into()]).unwrap();
        words.into_iter().map(|word| word.into_string().unwrap()).collect()
    }

    #[test]
    fn a_line_is_taken_apart_as_bash_does() {
        for (line, expected) in [
            ("muista ls ", &["muista", "ls", ""][..]),
            (r"muista ls Client\ W", &["muista", "ls", "Client W"]),
            (r#"muista ls "a \$b \x"#, &["muista", "ls", r"a $b \x"]),
            (r"muista ls 'it'\''s", &["muista", "ls", "it's"]),
            (r#"muista "" ''"#, &["muista", "", ""]),
            ("cat x | muista ls 2>err +h", &["muista", "ls", "+h"]),
            (r"muista a\", &["muista", "a"]),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }

    #[test]
    fn a_candidate_is_quoted_for_its_place() {
        let offered = |line: &str, replaced: &str, value: &str| {
            let answer = answer(&[line.into(), replaced.into()], &[value]);
            answer.lines().nth(1).unwrap_or_default().to_owned()
        };
        assert_eq!(offered("muista ls --project ho", "ho", "ho$(x)"), r"ho\$\(x\)");
        assert_eq!(offered("muista ls --project HO", "HO", "house"), "house");
        assert_eq!(offered(r"muista ls Client\ W", r"Client\ W", "Client Work"), r"Client\ Work");
        assert_eq!(offered("muista ls 'it", "it", "it's $x"), r"it'\''s $x'");
        assert_eq!(offered("muista ls '", "", "'q"), r"''\''q'");
        assert_eq!(offered("muista ls \"a", "a", "a\"b!`"), r#"a\"b"\!"\`""#);
        assert_eq!(offered("muista ls project:ho", "ho", "project:ho use"), r"ho\ use");
        assert_eq!(offered("muista ls --project=", "", "--project=-x"), "-x");
        assert_eq!(offered("muista ls \"a\"\\!\"b", "b", "a!bc"), "bc\"");
    }

    #[test]
    fn what_bash_expands_is_left_to_it() {
        for (line, replaced) in [("muista ls $HO", "$HO"), ("muista import ~/a", "~/a"), ("muista ls > fi", "fi")] {
            assert_eq!(answer(&[line.into(), replaced.into()], &["x"]), "default\n", "{line}");
        }
        assert_eq!(answer(&["muista ls $A x".into(), "x".into()], &["xy"]), "space\nxy\n");
        assert_eq!(answer(&["muista import d".into(), "d".into()], &["dir/"]), "nospace\ndir/\n");
    }
}
