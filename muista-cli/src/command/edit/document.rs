//! The TOML document that an editor shows for a task: written from the task, read back, and compared to find what was
//! changed. A field whose text is as it was is left alone, whatever it would be read as now.

use std::fmt::Write;

use muista_core::error::{Error, Result};
use muista_core::model::{
    Change, DateField, Field, FieldChanges, FieldKind, FieldValue, NewSeries, Task, TaskDetail, TaskPatch, TaskRef,
    Title,
};
use muista_core::time::Context;
use toml_edit::Key;

use super::text::Text;
use crate::command::own_fields::TaskField;
use crate::output::safe;
use crate::words::planning::{PlanningField, PlanningFlags};
use crate::words::value_parsers;

/// A field that every task has.
struct Line {
    name: &'static str,
    /// What may stand in it.
    help: &'static str,
    show: fn(&TaskDetail, &Context) -> Text,
    /// Puts a text that was changed into a patch.
    change: fn(&mut TaskPatch, &Text, &Context) -> Result<()>,
}

/// The fields that every task has, but for those that say when it is worked on, which come after the due.
const LINES: &[Line] = &[
    Line {
        name: "title",
        help: "One line",
        show: |detail, _| Text::One(detail.task.title.clone()),
        change: |patch, text, _| set(&mut patch.title, Title::parse(text.one("title")?)?),
    },
    Line {
        name: DUE,
        help: "A date or a date with a time, as in \"tomorrow 18:00\"",
        show: |detail, context| Text::One(value_parsers::date_text(detail.task.date(DateField::Due), context)),
        change: |patch, text, context| {
            let text = text.one(DUE)?;
            let due = if value_parsers::clears(text) { None } else { value_parsers::due(text, context)? };
            put(&mut patch.due, Change::from_option(due))
        },
    },
    Line {
        name: "every",
        help: "How it repeats, as in \"every 3rd friday\"; this and those that come are changed",
        show: |detail, _| Text::of(detail.task.recurrence.as_ref()),
        change: |patch, text, context| {
            put(&mut patch.every, text.read("every", |text| NewSeries::read(text, context))?)
        },
    },
    Line {
        name: "priority",
        help: "low, medium or high",
        show: |detail, _| Text::One(detail.task.priority.as_str().to_lowercase()),
        change: |patch, text, _| set(&mut patch.priority, text.one("priority")?.parse()?),
    },
    Line {
        name: "category",
        help: "Personal, Study, Work, Health, Finance, Family, Social, Shopping, Travel, Hobby, Fitness, Learning, Project, Chores or Admin",
        show: |detail, _| Text::One(detail.task.category.to_string()),
        change: |patch, text, _| set(&mut patch.category, text.one("category")?.parse()?),
    },
    Line {
        name: "project",
        help: "Made where it is new",
        show: |detail, _| Text::of(detail.task.project.as_ref()),
        change: |patch, text, _| put(&mut patch.project, text.read("project", str::parse)?),
    },
    Line {
        name: "tags",
        help: "As in [\"home\", \"cat\"]",
        show: |detail, _| Text::List(detail.task.tags.clone()),
        change: |patch, text, _| set(&mut patch.tags, text.list("tags")?),
    },
    Line {
        name: "parent",
        help: "The number or id of the task that it is a part of",
        show: |detail, _| Text::of(detail.parent.as_ref().map(|parent| parent.number.to_string()).as_ref()),
        change: |patch, text, _| put(&mut patch.parent, text.read("parent", str::parse::<TaskRef>)?),
    },
    Line {
        name: "depends",
        help: "The numbers or ids of the tasks that must be done before",
        show: |detail, _| Text::List(detail.dependencies.iter().map(|before| before.number.to_string()).collect()),
        change: |patch, text, _| set(&mut patch.depends_on, text.list("depends")?),
    },
    Line {
        name: "description",
        help: "Several lines stand between three quotes: \"\"\"…\"\"\"",
        show: |detail, _| Text::of(detail.task.description.as_ref()),
        change: |patch, text, _| {
            let read = |text: &str| value_parsers::text("description", text);
            put(&mut patch.description, text.read("description", read)?)
        },
    },
    Line {
        name: "note",
        help: "Likewise",
        show: |detail, _| Text::of(detail.task.note.as_ref()),
        change: |patch, text, _| {
            let read = |text: &str| value_parsers::text("note", text);
            put(&mut patch.note, text.read("note", read)?)
        },
    },
];

const DUE: &str = "due";

/// A task's fields as texts, in order, with what may stand in each. Of an edited one, a field that was left out is as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    fields: Vec<(String, Text)>,
}

impl Document {
    /// Returns the fields of a task, and the values of these own fields.
    pub(super) fn of(detail: &TaskDetail, own: &[TaskField], context: &Context) -> Self {
        let mut fields = Vec::new();
        for line in LINES {
            fields.push((line.name.to_owned(), (line.show)(detail, context)));
            if line.name == DUE {
                let planning = PlanningField::ALL.into_iter();
                fields.extend(
                    planning.map(|field| (field.name().to_owned(), Text::One(field.text(&detail.task, context)))),
                );
            }
        }
        fields.extend(own.iter().map(|field| (field.name().to_owned(), Text::One(own_text(field, &detail.task)))));
        Self { fields }
    }

    /// Returns the document as TOML, with a comment to each field.
    pub(super) fn write(&self, task: &Task, own: &[TaskField]) -> String {
        let mut text = format!("# Task {}. Save and close to change it; an empty text empties a field.\n", task.number);
        for (name, value) in &self.fields {
            let (help, key) = (help(name, own), Key::new(name));
            // Writing to a String cannot fail.
            let _ = write!(text, "\n# {help}\n{key} = {}\n", value.toml());
        }
        text
    }

    /// Reads an edited document of this one.
    ///
    /// # Errors
    /// `Invalid`, naming the line, when it is not such a document.
    pub(super) fn read(&self, text: &str) -> Result<Self> {
        let refuse = |at: Option<usize>, message: &str| {
            let line = at.map(|at| 1 + text.get(..at).unwrap_or(text).matches('\n').count());
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            Error::invalid("document", format!("{place}{}", safe::line(message)))
                .hint("write each field as `name = \"text\"`")
        };
        let read = toml_edit::Document::parse(text)
            .map_err(|error| refuse(error.span().map(|span| span.start), error.message()))?;
        let field = |(name, item): (&str, &toml_edit::Item)| {
            let at = read.key(name).and_then(Key::span).or_else(|| item.span()).map(|span| span.start);
            if self.text(name).is_none() {
                let known: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
                return Err(refuse(at, &format!("unknown field `{name}`, expected one of {}", known.join(", "))));
            }
            let value = item.as_value().and_then(Text::of_toml);
            let value =
                value.ok_or_else(|| refuse(at, &format!("the value of {name} is neither a text nor a list of texts")));
            value.map(|value| (name.to_owned(), value))
        };
        Ok(Self { fields: read.iter().map(field).collect::<Result<_>>()? })
    }

    /// Returns what the document changes, compared with the original.
    ///
    /// # Errors
    /// `Invalid` for a value that cannot be read.
    pub(super) fn patch(&self, original: &Self, own: &[TaskField], context: &Context) -> Result<TaskPatch> {
        let changed = |name: &str| self.text(name).filter(|text| original.text(name) != Some(text));
        let mut patch = TaskPatch::default();
        for line in LINES {
            if let Some(text) = changed(line.name) {
                (line.change)(&mut patch, text, context)?;
            }
        }
        let mut planning = PlanningFlags::default();
        for field in PlanningField::ALL {
            if let Some(text) = changed(field.name()) {
                planning.take(field, text.one(field.name())?, context)?;
            }
        }
        patch.planning = planning.read(context)?;
        let mut values = Vec::new();
        for field in own {
            let Some(text) = changed(field.name()) else { continue };
            let text = text.one(&format!("fields.{}", field.name()))?;
            // What is wrong is told while the text can still be edited; of somebody else's field the service knows it.
            if let TaskField::Known(field) = field {
                field.read(text, context)?;
            }
            values.push((field.name().to_owned(), Some(text.to_owned())));
        }
        patch.fields = FieldChanges::of(values.into_iter().collect(), context);
        Ok(patch)
    }

    fn text(&self, name: &str) -> Option<&Text> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, text)| text)
    }
}

/// Returns what may stand in a field.
fn help(name: &str, own: &[TaskField]) -> String {
    let line = LINES.iter().find(|line| line.name == name).map(|line| line.help);
    let planning = || PlanningField::ALL.into_iter().find(|field| field.name() == name).map(PlanningField::help);
    if let Some(help) = line.or_else(planning) {
        return help.to_owned();
    }
    let known = own.iter().find(|field| field.name() == name);
    match known {
        Some(TaskField::Known(field)) => format!("Own field: {}", own_help(field)),
        _ => "A field of the task's owner".to_owned(),
    }
}

fn own_help(field: &Field) -> String {
    match field.kind {
        FieldKind::Number => "a number, as in \"3\" or \"-2.5\"".to_owned(),
        FieldKind::Text => "one line".to_owned(),
        FieldKind::Date => "a date, as in \"friday\"".to_owned(),
        FieldKind::Duration => "a length of time, as in \"1h 30min\"".to_owned(),
        FieldKind::Choice => format!("one of {}", field.choices.join(", ")),
    }
}

/// Returns the value of an own field as it can be read again.
fn own_text(field: &TaskField, task: &Task) -> String {
    let Some(value) = task.fields.get(field.name()) else { return String::new() };
    match field {
        TaskField::Known(Field { kind: FieldKind::Duration, .. }) => Field::words(value),
        _ => FieldValue::to_string(value),
    }
}

/// Puts a value into a patch.
fn set<T>(field: &mut Option<T>, value: T) -> Result<()> {
    put(field, Some(value))
}

fn put<T>(field: &mut T, value: T) -> Result<()> {
    *field = value;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;
    use muista_core::model::{Id, Priority};

    use super::*;

    fn context() -> Context {
        Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None }
    }

    fn detail() -> TaskDetail {
        let now = context().now;
        serde_json::from_value(serde_json::json!({
            "id": Id::new(now), "number": 7, "ownerId": Id::LOCAL_USER, "title": "Say \"hi\" \\ 猫",
            "description": "first\nsecond \"\"\" line", "note": null, "category": "Work", "priority": "MEDIUM",
            "dueDate": "2026-11-22T18:00:00Z", "dueOn": null, "timezone": null, "completed": false, "completedAt": null,
            "projectId": null, "project": null, "parentId": null, "tags": ["cat", "home"], "dependsOn": [], "version": 3,
            "createdAt": now, "updatedAt": now, "parent": null, "subtasks": [], "dependencies": [], "comments": [],
        }))
        .unwrap()
    }

    #[test]
    fn an_unchanged_document_changes_nothing() {
        let original = Document::of(&detail(), &[], &context());
        let text = original.write(&detail().task, &[]);
        let read = original.read(&text).unwrap();
        assert_eq!(read, original, "{text}");
        assert!(read.patch(&original, &[], &context()).unwrap().is_empty());
    }

    #[test]
    fn what_was_changed_is_the_patch() {
        let original = Document::of(&detail(), &[], &context());
        let text = original.write(&detail().task, &[]);
        let text = text.replace("\"medium\"", "\"high\"").replace("\"2026-11-22 18:00\"", "\"\"");
        let text = text.replace("[\"cat\", \"home\"]", "[\"cat\"]").replace("note = \"\"", "note = \"ask\"");
        let patch = original.read(&text).unwrap().patch(&original, &[], &context()).unwrap();
        let expected = TaskPatch {
            priority: Some(Priority::High),
            due: Change::Clear,
            tags: Some(vec!["cat".parse().unwrap()]),
            note: Change::Set(value_parsers::text("note", "ask").unwrap()),
            ..TaskPatch::default()
        };
        assert_eq!(patch, expected, "{text}");
    }

    #[test]
    fn what_cannot_be_read_names_its_place() {
        let original = Document::of(&detail(), &[], &context());
        assert!(original.read("title = \"a\"\ndue = ").unwrap_err().message.contains("line 2"));
        assert!(original.read("titel = \"a\"").unwrap_err().message.contains("titel"));
        let patch = |text: &str| original.read(text).unwrap().patch(&original, &[], &context());
        assert_eq!(patch("due = \"whenever\"").unwrap_err().field.as_deref(), Some("due"));
        assert_eq!(patch("title = \"\"").unwrap_err().field.as_deref(), Some("title"));
    }
}
