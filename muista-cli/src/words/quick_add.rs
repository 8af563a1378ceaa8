//! Quick-add: the words within a title that say more than the title — `+tag @category !high due:fri project:home
//! every:fri remind:1h`. Which words those are is `shorthand`'s.

use std::collections::BTreeMap;
use std::str::FromStr;

use muista_core::error::{Error, Result};
use muista_core::input;
use muista_core::model::{
    Category, Due, Field as OwnField, NewSeries, Priority, ProjectRef, Start, TagName, TaskRef, Text,
};
use muista_core::time::Context;

use super::planning::{PlanningField, PlanningFlags};
use super::reminder;
use super::shorthand::{self, Arguments, Field};
use super::value_parsers::{self, clears};

/// A title and what its words said.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct QuickAdd {
    pub(crate) title: String,
    pub(crate) tags: Vec<TagName>,
    pub(crate) category: Option<Category>,
    pub(crate) priority: Option<Priority>,
    pub(crate) due: Option<Due>,
    pub(crate) project: Option<ProjectRef>,
    pub(crate) parent: Option<TaskRef>,
    pub(crate) depends: Vec<TaskRef>,
    pub(crate) note: Option<Text>,
    pub(crate) description: Option<Text>,
    /// When to remind, each a text that can be read; what it counts from is known when the due is.
    pub(crate) remind: Vec<String>,
    pub(crate) every: Option<NewSeries>,
    pub(crate) planning: PlanningFlags,
    /// Whether a start counts from the due.
    counts_from_due: bool,
    starts: Starts,
    /// Own fields by their names, each a text that can be read.
    pub(crate) fields: BTreeMap<String, Option<String>>,
    /// The words that looked like one of these but stayed in the title, each with the reason.
    pub(crate) misread: Vec<(String, Error)>,
}

/// Whether more than the words of a title says when the task is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueElsewhere {
    Given,
    Nowhere,
}

/// Which starts are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Starts {
    #[default]
    Any,
    /// None that counts from the due.
    OnDates,
}

/// Reads the arguments of a title. One argument may hold several words; `literal` is what came after `--`, `own` are the
/// account's own fields.
///
/// Of two words that say the same thing, the last holds. A start that counts from the due stays in the title where nothing
/// gives a due: neither a word, nor what else is said of it.
pub(crate) fn read(
    arguments: &[String],
    literal: &[String],
    own: &[OwnField],
    elsewhere: DueElsewhere,
    context: &Context,
) -> QuickAdd {
    let read = words(arguments, literal, own, Starts::Any, context);
    let has_due = read.due.is_some() || read.every.is_some() || elsewhere == DueElsewhere::Given;
    if has_due || !read.counts_from_due {
        return read;
    }
    words(arguments, literal, own, Starts::OnDates, context)
}

fn words(arguments: &[String], literal: &[String], own: &[OwnField], starts: Starts, context: &Context) -> QuickAdd {
    let read = |kind| {
        let mut read = QuickAdd { starts, ..QuickAdd::default() };
        let rest = shorthand::read(arguments, kind, own, |field, value| read.take(field, value, own, context));
        read.misread = rest.misread;
        read.title = rest.texts.into_iter().chain(literal.iter().cloned()).collect::<Vec<_>>().join(" ");
        read
    };
    let whole = read(Arguments::Title);
    // A title has to be somewhere: `"+home Buy milk" due:fri`.
    if whole.title.trim().is_empty() { read(Arguments::TitleApart) } else { whole }
}

impl QuickAdd {
    /// Takes what a word says. Where the value cannot be read, nothing is taken.
    fn take(&mut self, field: Field, value: &str, own: &[OwnField], context: &Context) -> Result<()> {
        match field {
            Field::Tag => self.tags.push(value.parse()?),
            Field::Tags if clears(value) => self.tags.clear(),
            Field::Tags => self.tags.extend(list::<TagName>(value)?),
            Field::Category => self.category = Some(value.parse()?),
            Field::Priority => self.priority = Some(value.parse()?),
            Field::Due => self.due = value_parsers::due(value, context)?,
            Field::Every => self.every = value_parsers::every(value, context)?,
            Field::Remind => {
                reminder::trigger(value, context)?;
                self.remind.push(value.to_owned());
            }
            Field::Project => self.project = given(value)?,
            Field::Parent => self.parent = given(value)?,
            Field::Depends if clears(value) => self.depends.clear(),
            Field::Depends => self.depends.extend(list::<TaskRef>(value)?),
            Field::Note => self.note = text("note", value)?,
            Field::Description => self.description = text("description", value)?,
            Field::Planning(field) => {
                if field == PlanningField::Start && matches!(input::start(value, context), Ok(Some(Start::FromDue(_))))
                {
                    self.counts_from_due = true;
                    if self.starts == Starts::OnDates {
                        return Err(Error::invalid("start", "the start counts from the due, and the task has none"));
                    }
                }
                self.planning.take(field, value, context)?;
            }
            Field::Own(place) => {
                let Some(field) = own.get(place) else { return Ok(()) };
                field.read(value, context)?;
                self.fields.insert(field.name.clone(), Some(value.to_owned()));
            }
        }
        Ok(())
    }
}

/// Reads a value; `none` is none.
fn given<T: FromStr<Err = Error>>(value: &str) -> Result<Option<T>> {
    if clears(value) { Ok(None) } else { value.parse().map(Some) }
}

/// Reads a text; `none` is none.
fn text(field: &str, value: &str) -> Result<Option<Text>> {
    if clears(value) { Ok(None) } else { Text::parse(field, value) }
}

/// Reads values with commas between them.
fn list<T: FromStr<Err = Error>>(value: &str) -> Result<Vec<T>> {
    value.split(',').map(|value| value.trim().parse()).collect()
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
        let read = read(&arguments, &[], &[], DueElsewhere::Nowhere, &context());
        let mut parts = vec![read.title.clone()];
        parts.extend(read.tags.iter().map(|tag| format!("tag={tag}")));
        parts.extend(read.category.map(|category| format!("category={category}")));
        parts.extend(read.priority.map(|priority| format!("priority={priority}")));
        parts.extend(read.due.map(|due| format!("due={}", due.at())));
        parts.extend(read.project.map(|project| format!("project={project}")));
        parts.extend(read.parent.map(|parent| format!("parent={parent}")));
        parts.extend(read.depends.iter().map(|before| format!("depends={before}")));
        parts.extend(read.note.map(|note| format!("note={note}")));
        parts.extend(read.description.map(|text| format!("description={text}")));
        parts.extend(read.remind.iter().map(|remind| format!("remind={remind}")));
        parts.extend(read.every.map(|every| format!("every={}", every.words)));
        parts.extend(read.misread.iter().map(|_| "note".to_owned()));
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
            (&["x tags:a,b tag:c"], "x | tag=a | tag=b | tag=c"),
            (&["x", "tags:two words, b"], "x | tag=two words | tag=b"),
            (&["Buy", "+two words", "milk"], "Buy milk | tag=two words"),
            (&["Buy +\"two words\" milk +'@phone'"], "Buy milk | tag=two words | tag=@phone"),
            (&["+home Buy milk", "due:2026-12-01"], "Buy milk | tag=home | due=2026-12-01T23:59:59Z"),
            (&["+home Buy milk"], "Buy milk | tag=home"),
            (&["x", "pri:H", "cat:work"], "x | category=Work | priority=HIGH"),
            (&["x", "parent:7", "depends:3,4"], "x | parent=7 | depends=3 | depends=4"),
            (&["x", "note:ask Anna", "description:grey"], "x | note=ask Anna | description=grey"),
            (&["x project:none note:none"], "x"),
            (&["project:house Paint the door"], "Paint the door | project=house"),
            (
                &["Paint project:house, then rest due:2026-12-01;"],
                "Paint then rest | due=2026-12-01T23:59:59Z | project=house",
            ),
            (&["Paint", "project:'red, white'"], "Paint | project=red, white"),
        ] {
            assert_eq!(shown(arguments), expected, "{arguments:?}");
        }
    }

    #[test]
    fn the_words_after_a_date_are_read_with_it() {
        for (arguments, expected) in [
            (&["Meet", "due:fri", "9:00"][..], "Meet | due=2026-11-27T09:00:00Z"),
            (&["Meet", "due:fri", "9:00", "with", "Bob"], "Meet with Bob | due=2026-11-27T09:00:00Z"),
            (&["Buy milk due:tomorrow 18:00"], "Buy milk | due=2026-11-22T18:00:00Z"),
            (&["Buy due:tomorrow 18:00 milk +a"], "Buy milk | tag=a | due=2026-11-22T18:00:00Z"),
            (&["Meet due:\"fri 9:00\" 10 people"], "Meet 10 people | due=2026-11-27T09:00:00Z"),
            (&["Buy", "due:fri", "5", "apples"], "Buy 5 apples | due=2026-11-27T23:59:59Z"),
            (&["Buy", "due:in", "3", "days", "milk"], "Buy milk | due=2026-11-24T23:59:59Z"),
            (&["Water", "every:day", "at", "9"], "Water | every=every day at 9"),
            (&["Water", "every:day", "at", "home"], "Water at home | every=every day"),
            (&["Water every:first monday of january please"], "Water please | every=every first monday of january"),
            (&["Call", "remind:tomorrow", "9:00", "Bob"], "Call Bob | remind=tomorrow 9:00"),
            (&["Call", "remind:30min", "before", "due:fri"], "Call | due=2026-11-27T23:59:59Z | remind=30min before"),
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
            ("Water every:weekly until 2020-01-01", "Water every:weekly until 2020-01-01 | note"),
            ("Say !hello", "Say !hello | note"),
            ("Sum +a,b", "Sum +a,b | note"),
            ("Sum tag:a,,b", "Sum tag:a,,b | note"),
            ("x parent:one wait:never proj:home", "x parent:one wait:never proj:home | note | note | note"),
            ("Pack start:due-2w", "Pack start:due-2w | note"),
            ("Pack start:due-2w +x wait:monday", "Pack start:due-2w | tag=x | note"),
            ("Pack start:due-2w due:2026-12-24", "Pack | due=2026-12-24T23:59:59Z"),
            ("x start:whenever until:fri", "x start:whenever until:fri | note | note"),
        ] {
            assert_eq!(shown(&[argument]), expected);
        }
    }

    #[test]
    fn a_word_of_another_shape_is_text() {
        for text in [
            "Call +358 40 123",
            "C++ and +1",
            "mail a@b.fi",
            "Wow !",
            "! @ +",
            "due: project: every:",
            "9:00 http://x",
            "Re:hello",
        ] {
            assert_eq!(shown(&[text]), text);
        }
    }

    #[test]
    fn nothing_is_read_after_two_dashes() {
        let literal = ["+b".to_owned(), "due:fri".to_owned()];
        let read = read(&["Buy +a".to_owned()], &literal, &[], DueElsewhere::Nowhere, &context());
        assert_eq!((read.title.as_str(), read.tags.len(), read.due), ("Buy +b due:fri", 1, None));
    }
}
