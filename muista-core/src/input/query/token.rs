//! The words of a query: what stands between blanks, parentheses apart, quotation marks taken off.

use super::LENGTH_MAX;
use super::term::has_shape;
use crate::error::{Error, Result};
use crate::model::{clip, shown};

/// A word or a sign of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// At which character of the whole query it begins, from 1.
    pub(super) at: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    And,
    Or,
    Not,
    Word(Word),
}

/// A word, without its quotation marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    /// From which byte on it stood in quotation marks, and so is no sign of anything.
    pub(super) quoted: Option<usize>,
}

impl Word {
    /// Returns the part that may be a sign, before any quotation mark.
    pub(super) fn bare(&self) -> &str {
        self.quoted.map_or(self.text.as_str(), |at| self.text.get(..at).unwrap_or_default())
    }
}

/// Cuts a text into tokens.
///
/// # Errors
/// `Invalid` for a quotation mark that nothing closes, and for a text that is too long.
pub(super) fn of_text(text: &str) -> Result<Vec<Token>> {
    limit(text.len())?;
    let mut cutter = Cutter { chars: text.chars().collect(), at: 0, offset: 0, tokens: Vec::new() };
    cutter.cut()?;
    Ok(cutter.tokens)
}

/// Cuts the arguments of a command into tokens; the shell has taken its quotation marks off. `is_whole` says whether an
/// argument with blanks is one condition.
///
/// # Errors
/// As [`of_text`].
pub(super) fn of_words(words: &[String], is_whole: &dyn Fn(&Word) -> bool) -> Result<Vec<Token>> {
    limit(words.iter().map(|word| word.len() + 1).sum())?;
    let (mut tokens, mut offset) = (Vec::new(), 0);
    for argument in words {
        let at = offset + 1;
        let word = argument.trim();
        match whole(word, is_whole) {
            Some(word) => tokens.push(Token { kind: Kind::Word(word), at }),
            None => {
                let chars = word.chars().collect();
                let mut cutter = Cutter { chars, at: 0, offset, tokens };
                cutter.cut()?;
                tokens = cutter.tokens;
            }
        }
        offset += argument.chars().count() + 1;
    }
    Ok(tokens)
}

fn limit(length: usize) -> Result<()> {
    if length <= LENGTH_MAX {
        return Ok(());
    }
    Err(Error::invalid("q", format!("a query of {length} bytes is too long")).hint("ask for less at once"))
}

/// Returns an argument with blanks as a word, where it is one.
fn whole(argument: &str, is_whole: &dyn Fn(&Word) -> bool) -> Option<Word> {
    if !argument.contains(char::is_whitespace) || argument.contains('"') {
        return None;
    }
    let mut pieces = argument.split_whitespace();
    let first = pieces.next().unwrap_or_default();
    let is_balanced = argument.matches('(').count() == argument.matches(')').count();
    let groups = |piece: &str| piece.starts_with('(') || !is_balanced && piece.contains(['(', ')']);
    let is_sign = |piece: &str| has_shape(piece) || keyword(piece).is_some() || groups(piece);
    if pieces.any(is_sign) || keyword(first).is_some() || first.starts_with('(') {
        return None;
    }
    let text = between_slashes(argument).unwrap_or(argument).to_owned();
    if !has_shape(first) {
        return Some(Word { text, quoted: Some(0) });
    }
    Some(Word { text, quoted: None }).filter(is_whole)
}

/// Returns the text between slashes, as Taskwarrior searches: `/milk/`. A path has more of them.
pub(super) fn between_slashes(word: &str) -> Option<&str> {
    let inner = word.strip_prefix('/')?.strip_suffix('/')?;
    (!inner.is_empty() && !inner.contains('/')).then_some(inner)
}

fn keyword(word: &str) -> Option<Kind> {
    [("and", Kind::And), ("or", Kind::Or), ("not", Kind::Not)]
        .into_iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name))
        .map(|(_, kind)| kind)
}

/// Goes through a text, character by character.
struct Cutter {
    chars: Vec<char>,
    at: usize,
    /// How many characters of the query stand before this text.
    offset: usize,
    tokens: Vec<Token>,
}

impl Cutter {
    fn cut(&mut self) -> Result<()> {
        while let Some(c) = self.peek() {
            let at = self.offset + self.at + 1;
            let after = self.chars.get(self.at + 1).copied();
            match c {
                c if c.is_whitespace() => self.at += 1,
                '(' => self.push(Kind::Open, at, 1),
                ')' => self.push(Kind::Close, at, 1),
                '-' if after == Some('(') => self.push(Kind::Not, at, 1),
                _ => self.word(at)?,
            }
        }
        Ok(())
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn push(&mut self, kind: Kind, at: usize, length: usize) {
        self.tokens.push(Token { kind, at });
        self.at += length;
    }

    /// Takes a word: to the next blank, or the parenthesis that closes one outside it.
    fn word(&mut self, at: usize) -> Result<()> {
        let mut word = Word { text: String::new(), quoted: None };
        let mut open = 0;
        while let Some(c) = self.peek() {
            match c {
                c if c.is_whitespace() => break,
                ')' if open == 0 => break,
                '(' if keyword(&word.text).is_some() => break,
                // Within a word it is a letter like others: 5"
                '"' if may_quote(&word.text) => {
                    word.quoted = word.quoted.or(Some(word.text.len()));
                    self.quoted(&mut word.text, at)?;
                    continue;
                }
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            word.text.push(c);
            self.at += 1;
        }
        let kind = if word.quoted.is_none() { keyword(&word.text) } else { None };
        self.tokens.push(Token { kind: kind.unwrap_or(Kind::Word(word)), at });
        Ok(())
    }

    /// Takes what stands in quotation marks; `\"` is one within them.
    fn quoted(&mut self, text: &mut String, at: usize) -> Result<()> {
        self.at += 1;
        while let Some(c) = self.peek() {
            self.at += 1;
            match (c, self.peek()) {
                ('"', _) => return Ok(()),
                ('\\', Some(next @ ('"' | '\\'))) => {
                    text.push(next);
                    self.at += 1;
                }
                _ => text.push(c),
            }
        }
        let message = format!("the quotation mark in “{}” at character {at} is never closed", shown(&clip(text)));
        Err(Error::invalid("q", message).hint("close it with another \""))
    }
}

/// Whether a quotation mark may stand behind this: at the beginning of a word, of a value, and of one in a list.
fn may_quote(text: &str) -> bool {
    text.is_empty() || text.ends_with([':', '=', '<', '>', ',', '+', '-', '@'])
}
