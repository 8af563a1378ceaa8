//! The words of `muista edit` that say what changes: `due:sat +urgent -home project:none priority:high`. Which words those
//! are is `shorthand`'s; the flags of `edit` say the same and hold over them.

use std::collections::BTreeMap;

use muista_core::error::{Error, Result};
use muista_core::model::{Category, Field as OwnField, Priority, TagName, TaskRef};
use muista_core::time::Context;

use super::planning::PlanningFlags;
use super::shorthand::{self, Arguments, Field};
use super::value_parsers::{self, clears};

/// What the words say. A text that is empty or `none` clears its field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct EditWords {
    pub(crate) due: Option<String>,
    pub(crate) every: Option<String>,
    pub(crate) category: Option<Category>,
    pub(crate) priority: Option<Priority>,
    pub(crate) project: Option<String>,
    pub(crate) parent: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) description: Option<String>,
    /// All tags, in place of those there are.
    pub(crate) tags: Vec<String>,
    pub(crate) add_tags: Vec<TagName>,
    pub(crate) depends: Vec<String>,
    pub(crate) planning: PlanningFlags,
    /// Own fields by their names; none empties one.
    pub(crate) fields: BTreeMap<String, Option<String>>,
}

/// Reads the words that come after the tasks. Of two that say the same thing, the last holds.
///
/// # Errors
/// `Invalid` for a word that sets no field or whose value cannot be read: nothing is left that it could be a part of.
pub(crate) fn read(words: &[String], own: &[OwnField], context: &Context) -> Result<EditWords> {
    let mut read = EditWords::default();
    let rest = shorthand::read(words, Arguments::Changes, own, |field, value| read.take(field, value, own, context));
    if let Some((word, error)) = rest.misread.into_iter().next() {
        let hint = error.hint.unwrap_or_else(|| "see `muista edit --help`".to_owned());
        return Err(Error::invalid("words", format!("“{word}” changes nothing: {}", error.message)).hint(hint));
    }
    if !rest.texts.is_empty() {
        let text = rest.texts.join(" ");
        return Err(Error::invalid("words", format!("“{text}” changes nothing"))
            .hint(format!("to change the title, write --title \"{text}\"")));
    }
    Ok(read)
}

impl EditWords {
    /// Takes what a word says. Where the value cannot be read, nothing is taken.
    fn take(&mut self, field: Field, value: &str, own: &[OwnField], context: &Context) -> Result<()> {
        let text = value.to_owned();
        match field {
            Field::Tag => self.add_tags.push(value.parse()?),
            Field::Tags if clears(value) => self.tags = vec!["none".to_owned()],
            Field::Tags => {
                let tags = value.split(',').map(str::trim);
                tags.clone().try_for_each(|tag| tag.parse::<TagName>().map(drop))?;
                self.tags = tags.map(str::to_owned).collect();
            }
            Field::Category => self.category = Some(or_default(value)?),
            Field::Priority => self.priority = Some(or_default(value)?),
            Field::Due => {
                if !clears(value) {
                    value_parsers::due(value, context)?;
                }
                self.due = Some(if clears(value) { "none".to_owned() } else { text });
            }
            Field::Every => {
                value_parsers::every(value, context)?;
                self.every = Some(text);
            }
            Field::Remind => {
                return Err(Error::invalid("remind", "reminders are not changed by edit")
                    .hint("set one with `muista remind ID WHEN`"));
            }
            Field::Project => self.project = Some(text),
            Field::Parent => {
                value_parsers::change::<TaskRef>(Some(value), str::parse)?;
                self.parent = Some(text);
            }
            Field::Depends if clears(value) => self.depends = vec!["none".to_owned()],
            Field::Depends => {
                value.split(',').try_for_each(|task| task.parse::<TaskRef>().map(drop))?;
                self.depends = value.split(',').map(str::to_owned).collect();
            }
            Field::Note => self.note = Some(text),
            Field::Description => self.description = Some(text),
            Field::Planning(field) => {
                let value = if clears(value) { "none" } else { value };
                self.planning.take(field, value, context)?;
            }
            Field::Own(place) => {
                let Some(field) = own.get(place) else { return Ok(()) };
                let some = field.read(value, context)?.map(|_| text);
                self.fields.insert(field.name.clone(), some);
            }
        }
        Ok(())
    }
}

/// Reads a value; nothing or `none` is what a new task has.
fn or_default<T: Default + std::str::FromStr<Err = Error>>(value: &str) -> Result<T> {
    if clears(value) { Ok(T::default()) } else { value.parse() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;

    use super::*;

    fn reading(words: &[&str]) -> Result<EditWords> {
        let context = Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None };
        read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>(), &[], &context)
    }

    #[test]
    fn words_say_what_changes() {
        let edit =
            reading(&["due:sat", "9:00", "+urgent", "project:none", "priority:high", "note:", "tags:a,b"]).unwrap();
        assert_eq!((edit.due.as_deref(), edit.project.as_deref()), (Some("sat 9:00"), Some("none")));
        assert_eq!((edit.priority, edit.note.as_deref()), (Some(Priority::High), Some("")));
        assert_eq!((edit.tags.join(" "), edit.add_tags.len()), ("a b".to_owned(), 1));
        let tagged = reading(&["+two words", "project:My house"]).unwrap();
        assert_eq!((&*tagged.add_tags[0], tagged.project.as_deref()), ("two words", Some("My house")));
        assert_eq!(&*reading(&["+\"@phone\""]).unwrap().add_tags[0], "@phone");
        assert_eq!(reading(&["due:"]).unwrap().due.as_deref(), Some("none"));
        assert_eq!(reading(&["pri:none", "cat:"]).unwrap().priority, Some(Priority::Medium));
    }

    #[test]
    fn what_changes_nothing_is_refused() {
        for (words, told, hint) in [
            (&["Buy", "milk"][..], "“Buy milk”", "--title \"Buy milk\""),
            (&["due:whenever"], "“due:whenever”", ""),
            (&["until:mon"], "“until:mon”", ""),
            (&["parent:x"], "“parent:x”", ""),
            (&["remind:1h"], "“remind:1h”", "muista remind"),
        ] {
            let error = reading(words).unwrap_err();
            assert!(error.message.contains(told) && error.hint.unwrap().contains(hint), "{words:?}");
        }
    }
}
