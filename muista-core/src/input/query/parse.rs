//! How conditions are joined: *or* binds less than *and*, which need not be written, and *not* binds most.

use super::term::{self, Value};
use super::token::{Kind, Token, Word};
use crate::error::{Error, Result};
use crate::model::{Condition, FieldTest, Query, QueryPlace};
use crate::time::Context;

/// How many words behind a date may belong to it, as in `due:next fri at 9:00`.
const VALUE_WORDS: usize = 5;

/// Goes through the tokens of a query.
pub(super) struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: usize,
    context: &'a Context,
}

impl<'a> Parser<'a> {
    pub(super) fn new(tokens: &'a [Token], context: &'a Context) -> Self {
        Self { tokens, at: 0, depth: 0, context }
    }

    /// Reads all tokens; of none, the query that always holds.
    ///
    /// # Errors
    /// `Invalid`, naming the word that is wrong and its place.
    pub(super) fn all_of_it(mut self) -> Result<Query> {
        if self.tokens.is_empty() {
            return Ok(Query::All(Vec::new()));
        }
        let query = self.any()?;
        match self.peek() {
            None => Ok(query),
            Some(token) => Err(misplaced(token, "nothing opens it")),
        }
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    fn eat(&mut self, kind: &Kind) -> bool {
        let is_next = self.peek().is_some_and(|token| token.kind == *kind);
        self.at += usize::from(is_next);
        is_next
    }

    fn any(&mut self) -> Result<Query> {
        let mut queries = vec![self.all()?];
        while self.eat(&Kind::Or) {
            queries.push(self.all()?);
        }
        Ok(joined(queries, Query::Any))
    }

    fn all(&mut self) -> Result<Query> {
        let mut queries = vec![self.part()?];
        loop {
            let said = self.eat(&Kind::And);
            match self.peek().map(|token| &token.kind) {
                Some(Kind::Not | Kind::Open | Kind::Word(_)) => queries.push(self.part()?),
                _ if said => queries.push(self.part()?),
                _ => return Ok(joined(term::alternatives(queries), Query::All)),
            }
        }
    }

    fn part(&mut self) -> Result<Query> {
        let Some(token) = self.peek() else {
            return Err(self.ends_early());
        };
        self.at += 1;
        match &token.kind {
            Kind::Not => self.deeper(token, |parser| Ok(opened(parser.part()?).negated())),
            Kind::Open => self.deeper(token, |parser| {
                let query = parser.any()?;
                if !parser.eat(&Kind::Close) {
                    return Err(misplaced(token, "nothing closes it"));
                }
                // What is in parentheses is joined with nothing outside them.
                Ok(match query {
                    Query::Is(_) => Query::All(vec![query]),
                    query => query,
                })
            }),
            Kind::Word(word) => self.term(token, word),
            Kind::Close | Kind::And | Kind::Or => Err(misplaced(token, "a condition is missing before it")),
        }
    }

    fn deeper(&mut self, token: &Token, read: impl FnOnce(&mut Self) -> Result<Query>) -> Result<Query> {
        self.depth += 1;
        if self.depth > Query::<Condition>::DEPTH_MAX {
            return Err(misplaced(token, "the query is nested too deeply"));
        }
        let query = read(self);
        self.depth -= 1;
        query
    }

    /// Reads a word as a condition; one with a date may take the words behind it, as in `due:fri 9:00`.
    fn term(&mut self, token: &Token, word: &Word) -> Result<Query> {
        let words = match Value::of(word) {
            Some(value) if value.may_go_on() => self.longest(word),
            _ => None,
        };
        let word = words.as_ref().unwrap_or(word);
        // Of the only one there is no need to tell.
        let place = if self.tokens.len() < 2 { QueryPlace::default() } else { QueryPlace::new(&word.text, token.at) };
        term::read(word, self.context).map_err(|error| place.told(error)).map(|query| placed(query, place))
    }

    /// Returns the longest text of a word and plain words behind it that is a condition, and passes over these.
    fn longest(&mut self, word: &Word) -> Option<Word> {
        let behind = self.tokens.get(self.at..)?.iter().map_while(|token| match &token.kind {
            Kind::Word(word) if word.quoted.is_none() && !term::has_shape(&word.text) => Some(word.text.as_str()),
            _ => None,
        });
        let behind: Vec<&str> = behind.take(VALUE_WORDS).collect();
        let longer = (1..=behind.len()).rev().find_map(|count| {
            let more = behind.get(..count)?.join(" ");
            let longer = Word { text: format!("{} {more}", word.text), quoted: None };
            term::read(&longer, self.context).is_ok().then_some((longer, count))
        });
        let (longer, count) = longer?;
        self.at += count;
        Some(longer)
    }

    fn ends_early(&self) -> Error {
        match self.tokens.last() {
            Some(token) => misplaced(token, "a condition is missing after it"),
            None => Error::invalid("q", "the query is empty"),
        }
    }
}

/// Returns the only condition of what stood in parentheses, or the query as it is.
fn opened(query: Query) -> Query {
    match query {
        Query::All(queries) if queries.len() == 1 => joined(queries, Query::All),
        query => query,
    }
}

/// Returns the queries joined, or the only one.
fn joined(mut queries: Vec<Query>, join: fn(Vec<Query>) -> Query) -> Query {
    match (queries.pop(), queries.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            queries.extend(last);
            join(queries)
        }
    }
}

fn misplaced(token: &Token, why: &str) -> Error {
    let sign = match &token.kind {
        Kind::Open => "(",
        Kind::Close => ")",
        Kind::And => "and",
        Kind::Or => "or",
        Kind::Not => "not",
        Kind::Word(word) => &word.text,
    };
    Error::invalid("q", format!("“{sign}” at character {} of the query: {why}", token.at))
        .hint("put a text in quotation marks to search for it, as in '\"this or that\"'")
}

/// Returns a condition on an own field with the place of its word: whether it can be read, the service finds out.
fn placed(query: Query, place: QueryPlace) -> Query {
    match query {
        Query::Is(Condition::Field(test)) => Query::Is(Condition::Field(FieldTest { place, ..test })),
        Query::Not(query) => Query::Not(Box::new(placed(*query, place))),
        query => query,
    }
}
