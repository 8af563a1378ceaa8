//! The query language: how a person asks for tasks, in the terminal, over REST and by an agent. A text goes `token` (words,
//! quotation marks, parentheses) → `parse` (*and*, *or*, *not*) → `term` (one condition) → `narrow` (the filter that the
//! store answers).
//!
//! ```text
//! query  = all { "or" all }
//! all    = part { ["and"] part }
//! part   = [ "not" | "-" ] ( "(" query ")" | term )
//! term   = :view | +tag | @category | !priority | KEY (":" | "=" | "!=" | "<" | "<=" | ">" | ">=") VALUE{,VALUE} | text
//! ```

mod keys;
mod narrow;
mod parse;
mod spans;
mod term;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use keys::unknown_field;
pub(crate) use narrow::says_status;
pub use narrow::{has_view, read_filter, with_status};

use crate::error::Result;
use crate::model::Query;
use crate::time::Context;
use parse::Parser;
use token::{Kind, Token};

/// The longest text of a query, in bytes.
const LENGTH_MAX: usize = 8 << 10;

/// Reads a query that is one text, as it stands in a URL or in quotation marks.
///
/// # Errors
/// `Invalid`, naming the word and its place, with a remedy.
pub fn read(text: &str, context: &Context) -> Result<Query> {
    let tokens = token::of_text(text)?;
    parse(&tokens, context)
}

/// Reads a query whose words are arguments of a command. An argument that holds blanks is one text (`cat food`) or one value
/// (`project:My house`), unless more words in it have the shape of conditions.
///
/// # Errors
/// As [`read`].
pub fn read_words(words: &[String], context: &Context) -> Result<Query> {
    let tokens = token::of_words(words, &|word| term::is_whole(word, context))?;
    parse(&tokens, context)
}

/// Returns a query's text with another name in the place of an own field's, and else as it was written.
#[must_use]
pub(crate) fn with_field_renamed(text: &str, name: &str, instead: &str) -> String {
    let Ok(tokens) = token::of_text(text) else { return text.to_owned() };
    let places = tokens.iter().filter_map(|token| {
        let Kind::Word(word) = &token.kind else { return None };
        let bare = word.bare();
        let dashes = bare.chars().take_while(|c| *c == '-').count();
        let found = term::names_field(bare.get(dashes..)?, name);
        found.then_some(token.at - 1 + dashes)
    });
    let places: Vec<usize> = places.collect();
    let (mut renamed, mut skipped) = (String::with_capacity(text.len()), 0);
    for (at, c) in text.chars().enumerate() {
        if places.contains(&at) {
            renamed.push_str(instead);
            skipped = name.chars().count();
        }
        if skipped == 0 {
            renamed.push(c);
        }
        skipped = skipped.saturating_sub(1);
    }
    renamed
}

fn parse(tokens: &[Token], context: &Context) -> Result<Query> {
    let query = Parser::new(tokens, context).all_of_it()?;
    query.check()?;
    Ok(query)
}
