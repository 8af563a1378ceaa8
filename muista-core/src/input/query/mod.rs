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
use token::Token;

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

fn parse(tokens: &[Token], context: &Context) -> Result<Query> {
    let query = Parser::new(tokens, context).all_of_it()?;
    query.check()?;
    Ok(query)
}
