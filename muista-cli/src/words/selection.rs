//! Which tasks a verb is for, as words where IDs stand: numbers, ids, ranges (`3-5`), lists (`3,4`), or a query
//! (`+errand due:today`). Which tasks there are is found out by the verb.

use muista_core::error::{Error, Result};
use muista_core::input::query;
use muista_core::model::{Status, TaskFilter, TaskRef};
use muista_core::time::Context;

/// The longest range.
const RANGE_MAX: i64 = 1000;

/// Tasks that are named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Named {
    /// One, which must be there.
    One(TaskRef),
    /// Those of these numbers that are there.
    Range(i64, i64),
}

/// The tasks that a verb is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Those that are named.
    Named(Vec<Named>),
    /// Those that match the words.
    Query(Vec<String>),
}

impl Selection {
    /// Reads the words where IDs stand.
    ///
    /// # Errors
    /// `Invalid` for a word that names no task, for a range that cannot be, and where tasks are both named and searched for.
    pub(crate) fn read(words: &[String]) -> Result<Self> {
        let Some(condition) = words.iter().find(|word| is_condition(word)) else {
            let named = words.iter().map(|word| named(word)).collect::<Result<Vec<_>>>()?;
            return Ok(Self::Named(named.concat()));
        };
        if let Some(task) = words.iter().find(|word| !is_condition(word) && named(word).is_ok()) {
            return Err(Error::invalid("id", format!("“{task}” names a task, and “{condition}” searches for tasks"))
                .hint("give either IDs or conditions"));
        }
        Ok(Self::Query(words.to_vec()))
    }
}

/// Returns the tasks that a word names.
///
/// # Errors
/// `Invalid` where it names none.
pub(crate) fn named(word: &str) -> Result<Vec<Named>> {
    if !is_several(word) {
        return word.parse().map(|task| vec![Named::One(task)]);
    }
    word.split(',').map(one_or_range).collect()
}

/// Returns whether a word is a list or a range of numbers. `20270102-1` may begin an id.
fn is_several(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let range =
        |text: &str| text.split_once('-').is_some_and(|(from, to)| digits(from) && from.len() != 8 && digits(to));
    range(word) || word.contains(',') && word.split(',').all(|part| digits(part) || range(part))
}

fn one_or_range(text: &str) -> Result<Named> {
    let Some((from, to)) = text.split_once('-') else { return text.parse().map(Named::One) };
    let number = |text: &str| match text.parse::<TaskRef>() {
        Ok(TaskRef::Number(number)) => Ok(number),
        _ => Err(Error::invalid("id", format!("“{text}” is not a task's number")).hint("write a range as in 3-5")),
    };
    let (from, to) = (number(from)?, number(to)?);
    if from > to {
        return Err(
            Error::invalid("id", format!("the range “{text}” runs backwards")).hint(format!("write it as {to}-{from}"))
        );
    }
    if to - from >= RANGE_MAX {
        return Err(Error::invalid("id", format!("the range “{text}” holds more than {RANGE_MAX} numbers"))
            .hint("give shorter ranges, or conditions, as in project:old"));
    }
    Ok(Named::Range(from, to))
}

/// Returns whether a word is a condition rather than a task: `+tag`, `-tag`, `@category`, `!priority`, `:view`,
/// `key:value`, or a comparison.
pub(crate) fn is_condition(word: &str) -> bool {
    let word = word.trim_start();
    let letter = |text: &str| text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let key = word.trim_start_matches(['-', '(']);
    let compared = key.find([':', '<', '>', '=']).is_some_and(|at| {
        at > 0 && key[..at].bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'.' | b'_'))
    });
    // A tag may begin with anything, in quotation marks.
    word.strip_prefix(['+', '-', '@', '!', ':']).is_some_and(letter)
        || word.strip_prefix(['+', '-']).is_some_and(|tag| tag.starts_with(['"', '+', '@']))
        || word.starts_with("-:")
        || word.starts_with('(')
        || compared
}

/// Reads a query's words as the filter of `ls` does; `status` holds where they say none.
///
/// # Errors
/// `Invalid` for a condition that cannot be read.
pub(crate) fn filter(words: &[String], status: Status, context: &Context) -> Result<TaskFilter> {
    query::read_filter(query::read_words(words, context)?, TaskFilter::default(), status)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    fn read(line: &str) -> Result<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let shown = |named: &Named| match named {
            Named::One(task) => task.to_string(),
            Named::Range(from, to) => format!("{from}..{to}"),
        };
        Ok(match Selection::read(&words)? {
            Selection::Named(tasks) => tasks.iter().map(shown).collect::<Vec<_>>().join(" "),
            Selection::Query(words) => format!("query {}", words.join(" ")),
        })
    }

    #[test]
    fn tasks_are_named_or_searched_for() {
        for (line, expected) in [
            ("7 12", "7 12"),
            ("3-5", "3..5"),
            ("3,4", "3 4"),
            ("1-3,7 9", "1..3 7 9"),
            ("1000-1005", "1000..1005"),
            ("0193abcd-12", "0193abcd-12"),
            ("01930000-12", "01930000-12"),
            ("+errand due:today", "query +errand due:today"),
            ("-home", "query -home"),
            ("project:old milk", "query project:old milk"),
            ("due<fri", "query due<fri"),
            (":work -:old", "query :work -:old"),
            ("+@phone", "query +@phone"),
            ("-+\"two", "query -+\"two"),
        ] {
            assert_eq!(read(line).unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn what_names_no_task_is_refused() {
        for (line, told) in [
            ("milk", "“milk” is not a task"),
            ("1 x", "“x” is not a task"),
            ("5-3", "runs backwards"),
            ("1-1001", "more than 1000"),
            ("0-3", "“0” is not a task's number"),
            ("1,", "“1,” is not a task"),
            ("3 +home", "“3” names a task, and “+home” searches"),
        ] {
            let error = read(line).unwrap_err();
            assert!(error.message.contains(told) && error.hint.is_some(), "{line}: {error:?}");
        }
        assert!(read("1-1000").is_ok());
    }
}
