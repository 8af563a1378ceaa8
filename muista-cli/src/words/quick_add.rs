//! Quick-add: the words within a title that say more than the title — `+tag @category !high due:fri project:home
//! every:fri remind:1h`.

use muista_core::error::Result;
use muista_core::model::{Category, Due, NewSeries, Priority, ProjectRef, TagName};
use muista_core::time::Context;

use super::reminder;
use super::value_parsers;

/// A title and what its words said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct QuickAdd {
    pub(crate) title: String,
    pub(crate) tags: Vec<TagName>,
    pub(crate) category: Option<Category>,
    pub(crate) priority: Option<Priority>,
    pub(crate) due: Option<Due>,
    pub(crate) project: Option<ProjectRef>,
    /// When to remind, each a text that can be read; what it counts from is known when the due is.
    pub(crate) remind: Vec<String>,
    pub(crate) every: Option<NewSeries>,
    /// For each word that looked like one of these but stayed in the title: why.
    pub(crate) notes: Vec<String>,
}

/// Reads the arguments of a title. One argument may hold several words; `literal` is what came after `--`.
///
/// Of two words that say the same thing, the last holds.
pub(crate) fn read(arguments: &[String], literal: &[String], context: &Context) -> QuickAdd {
    let mut read = QuickAdd::default();
    let mut title: Vec<String> = Vec::new();
    for argument in arguments {
        // A whole argument first: `due:tomorrow 18:00` in quotes is one word.
        if has_shape(argument) && argument.contains(char::is_whitespace) && read.take(argument, context).is_ok() {
            continue;
        }
        let rest = read.words_of(argument, context);
        if !rest.trim().is_empty() {
            title.push(rest);
        }
    }
    title.extend(literal.iter().cloned());
    read.title = title.join(" ");
    read
}

impl QuickAdd {
    /// Takes the words of one argument; what stays of it. Without such words it stays as it was, spaces and all.
    fn words_of(&mut self, argument: &str, context: &Context) -> String {
        if !argument.split_whitespace().any(has_shape) {
            return argument.to_owned();
        }
        let mut rest = Vec::new();
        for word in argument.split_whitespace() {
            if !has_shape(word) {
                rest.push(word);
                continue;
            }
            if let Err(error) = self.take(word, context) {
                self.notes.push(format!("“{word}” stays in the title: {error}"));
                rest.push(word);
            }
        }
        rest.join(" ")
    }

    /// Takes one word of a known shape.
    fn take(&mut self, word: &str, context: &Context) -> Result<()> {
        if let Some(tag) = word.strip_prefix('+') {
            let tag: TagName = tag.parse()?;
            self.tags.push(tag);
        } else if let Some(category) = word.strip_prefix('@') {
            self.category = Some(category.parse()?);
        } else if let Some(priority) = word.strip_prefix('!') {
            self.priority = Some(priority.parse()?);
        } else if let Some(due) = word.strip_prefix("due:") {
            self.due = value_parsers::due(due, context)?;
        } else if let Some(project) = word.strip_prefix("project:") {
            self.project = Some(project.parse()?);
        } else if let Some(remind) = word.strip_prefix("remind:") {
            reminder::trigger(remind, context)?;
            self.remind.push(remind.to_owned());
        } else if let Some(every) = word.strip_prefix("every:") {
            self.every = value_parsers::every(every, context)?;
        }
        Ok(())
    }
}

/// Returns whether a word looks like one that says more. `+1`, `!`, and `due:` alone are text.
fn has_shape(word: &str) -> bool {
    let letter = |text: &str| text.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let signed = word.strip_prefix(['+', '@', '!']).is_some_and(letter);
    let named = |name: &str| word.strip_prefix(name).is_some_and(|value| !value.trim().is_empty());
    signed || named("due:") || named("project:") || named("remind:") || named("every:")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;

    use super::*;

    fn context() -> Context {
        Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None }
    }

    /// Returns what was read, on one line: the title, then what is not as usual.
    fn shown(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(|word| (*word).to_owned()).collect();
        let read = read(&arguments, &[], &context());
        let mut parts = vec![read.title.clone()];
        parts.extend(read.tags.iter().map(|tag| format!("tag={tag}")));
        parts.extend(read.category.map(|category| format!("category={category}")));
        parts.extend(read.priority.map(|priority| format!("priority={priority}")));
        parts.extend(read.due.map(|due| format!("due={}", due.at())));
        parts.extend(read.project.map(|project| format!("project={project}")));
        parts.extend(read.remind.iter().map(|remind| format!("remind={remind}")));
        parts.extend(read.every.map(|every| format!("every={}", every.words)));
        parts.extend(read.notes.iter().map(|_| "note".to_owned()));
        parts.join(" | ")
    }

    #[test]
    fn words_are_taken_from_the_title() {
        for (arguments, expected) in [
            (&["Buy cat food"][..], "Buy cat food"),
            (&["Buy", "cat", "food"], "Buy cat food"),
            (&["Buy  two   spaces"], "Buy  two   spaces"),
            (&["Buy cat food +home +pets"], "Buy cat food | tag=home | tag=pets"),
            (&["+home", "Buy", "@shopping", "!high"], "Buy | tag=home | category=Shopping | priority=HIGH"),
            (&["Rent", "due:tomorrow"], "Rent | due=2026-11-22T23:59:59Z"),
            (&["Rent", "due:tomorrow 18:00"], "Rent | due=2026-11-22T18:00:00Z"),
            (&["Paint due:2026-12-01 project:home"], "Paint | due=2026-12-01T23:59:59Z | project=home"),
            (&["Paint", "project:My house"], "Paint | project=My house"),
            (&["Water every:fri"], "Water | every=every fri"),
            (&["Water", "every:2 weeks"], "Water | every=every 2 weeks"),
            (&["a due:today due:tomorrow"], "a | due=2026-11-22T23:59:59Z"),
            (&["Call remind:1h"], "Call | remind=1h"),
            (&["Call", "remind:tomorrow 9:00", "remind:at due"], "Call | remind=tomorrow 9:00 | remind=at due"),
            (&["Tämä +työ"], "Tämä | tag=työ"),
        ] {
            assert_eq!(shown(arguments), expected, "{arguments:?}");
        }
    }

    #[test]
    fn a_word_that_is_no_value_stays_with_a_note() {
        for (argument, expected) in [
            ("Ask @bob", "Ask @bob | note"),
            ("Read due:whenever +x", "Read due:whenever | tag=x | note"),
            ("Call remind:whenever", "Call remind:whenever | note"),
            ("Read every:page", "Read every:page | note"),
            ("Say !hello", "Say !hello | note"),
            ("Sum +a,b", "Sum +a,b | note"),
        ] {
            assert_eq!(shown(&[argument]), expected);
        }
    }

    #[test]
    fn a_word_of_another_shape_is_text() {
        for text in
            ["Call +358 40 123", "C++ and +1", "mail a@b.fi", "Wow !", "! @ +", "due: project: every:", "9:00 http://x"]
        {
            assert_eq!(shown(&[text]), text);
        }
    }

    #[test]
    fn nothing_is_read_after_two_dashes() {
        let read = read(&["Buy +a".to_owned()], &["+b".to_owned(), "due:fri".to_owned()], &context());
        assert_eq!((read.title.as_str(), read.tags.len(), read.due), ("Buy +b due:fri", 1, None));
    }
}
