//! The TOML document that an editor shows for a task: written from the task, read back, and compared to find what was
//! changed. A field whose text is as it was is left alone, whatever it would be read as now.

use std::fmt::Write;

use jiff::civil::Date;
use muista_core::error::{Error, Result};
use muista_core::model::{Change, NewSeries, Task, TaskDetail, TaskPatch, TaskRef, Title, WorkTime};
use muista_core::time::{Context, Instant, When};
use serde::Deserialize;
use toml_edit::{Array, Value};

use crate::output::safe;
use crate::words::planning::PlanningFlags;
use crate::words::value_parsers;

/// A task's fields as texts. A field that was left out is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    title: Option<String>,
    due: Option<String>,
    start: Option<String>,
    deadline: Option<String>,
    estimate: Option<String>,
    position: Option<String>,
    every: Option<String>,
    priority: Option<String>,
    category: Option<String>,
    project: Option<String>,
    tags: Option<Vec<String>>,
    parent: Option<String>,
    depends: Option<Vec<String>>,
    description: Option<String>,
    note: Option<String>,
}

/// Each field with what may stand in it.
const FIELDS: &[(&str, &str)] = &[
    ("title", "One line"),
    ("due", "A date or a date with a time, as in \"tomorrow 18:00\""),
    ("start", "Hidden from lists until then; \"due-2w\" counts from the due"),
    ("deadline", "By when it must be done at the latest"),
    ("estimate", "How long it will take, as in \"30min\""),
    ("position", "Its place in an order by hand, as in \"2\"; ls --sort position goes by it"),
    ("every", "How it repeats, as in \"every 3rd friday\"; this and those that come are changed"),
    ("priority", "low, medium or high"),
    (
        "category",
        "Personal, Study, Work, Health, Finance, Family, Social, Shopping, Travel, Hobby, Fitness, Learning, Project, Chores or Admin",
    ),
    ("project", "Made where it is new"),
    ("tags", "As in [\"home\", \"cat\"]"),
    ("parent", "The number or id of the task that it is a part of"),
    ("depends", "The numbers or ids of the tasks that must be done before"),
    ("description", "Several lines stand between three quotes: \"\"\"…\"\"\""),
    ("note", "Likewise"),
];

impl Document {
    /// Returns the fields of a task.
    pub(super) fn of(detail: &TaskDetail, context: &Context) -> Self {
        let task = &detail.task;
        let text = |text: &Option<String>| Some(text.clone().unwrap_or_default());
        Self {
            title: Some(task.title.clone()),
            due: Some(due(task.due_on, task.due_date, context)),
            start: Some(due(task.start_on, task.start_date, context)),
            deadline: Some(due(task.deadline_on, task.deadline_date, context)),
            estimate: Some(task.estimate.map(WorkTime::words).unwrap_or_default()),
            position: Some(task.position.map(|position| position.to_string()).unwrap_or_default()),
            every: text(&task.recurrence),
            priority: Some(task.priority.as_str().to_lowercase()),
            category: Some(task.category.to_string()),
            project: text(&task.project),
            tags: Some(task.tags.clone()),
            parent: Some(detail.parent.as_ref().map(|parent| parent.number.to_string()).unwrap_or_default()),
            depends: Some(detail.dependencies.iter().map(|before| before.number.to_string()).collect()),
            description: text(&task.description),
            note: text(&task.note),
        }
    }

    /// Returns the document as TOML, with a comment to each field.
    pub(super) fn write(&self, task: &Task) -> String {
        let mut text = format!("# Task {}. Save and close to change it; an empty text empties a field.\n", task.number);
        for (name, help) in FIELDS {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n# {help}\n{name} = {}\n", self.value(name));
        }
        text
    }

    fn value(&self, name: &str) -> Value {
        let text = |text: &Option<String>| Value::from(text.as_deref().unwrap_or_default());
        let list = |list: &Option<Vec<String>>| Value::Array(list.iter().flatten().collect::<Array>());
        match name {
            "title" => text(&self.title),
            "due" => text(&self.due),
            "start" => text(&self.start),
            "deadline" => text(&self.deadline),
            "estimate" => text(&self.estimate),
            "position" => text(&self.position),
            "every" => text(&self.every),
            "priority" => text(&self.priority),
            "category" => text(&self.category),
            "project" => text(&self.project),
            "tags" => list(&self.tags),
            "parent" => text(&self.parent),
            "depends" => list(&self.depends),
            "description" => text(&self.description),
            _ => text(&self.note),
        }
    }

    /// Reads an edited document.
    ///
    /// # Errors
    /// `Invalid`, naming the line, when it is not such a document.
    pub(super) fn read(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| 1 + text.get(..span.start).unwrap_or(text).matches('\n').count());
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            Error::invalid("document", format!("{place}{}", safe::line(error.message())))
                .hint("write each field as `name = \"text\"`")
        })
    }

    /// Returns what the document changes, compared with the original.
    ///
    /// # Errors
    /// `Invalid` for a value that cannot be read.
    pub(super) fn patch(&self, original: &Self, context: &Context) -> Result<TaskPatch> {
        let changed = |new: &Option<String>, old: &Option<String>| new.clone().filter(|_| new != old);
        let title = changed(&self.title, &original.title);
        let priority = changed(&self.priority, &original.priority);
        let category = changed(&self.category, &original.category);
        let new_due = changed(&self.due, &original.due).filter(|due| !value_parsers::clears(due));
        let due = match (&new_due, changed(&self.due, &original.due)) {
            (Some(due), _) => Change::from_option(value_parsers::due(due, context)?),
            (None, Some(_)) => Change::Clear,
            (None, None) => Change::Keep,
        };
        let planning = PlanningFlags::of(
            changed(&self.start, &original.start),
            changed(&self.deadline, &original.deadline),
            changed(&self.estimate, &original.estimate),
            changed(&self.position, &original.position),
        );
        let every = changed(&self.every, &original.every);
        let description = changed(&self.description, &original.description);
        let note = changed(&self.note, &original.note);
        let project = changed(&self.project, &original.project);
        let parent = changed(&self.parent, &original.parent);
        Ok(TaskPatch {
            title: title.as_deref().map(Title::parse).transpose()?,
            description: value_parsers::change(description.as_deref(), |text| {
                value_parsers::text("description", text)
            })?,
            note: value_parsers::change(note.as_deref(), |text| value_parsers::text("note", text))?,
            category: category.as_deref().map(str::parse).transpose()?,
            priority: priority.as_deref().map(str::parse).transpose()?,
            due,
            planning: planning.read(context)?,
            every: value_parsers::change(every.as_deref(), |text| NewSeries::read(text, context))?,
            project: value_parsers::change(project.as_deref(), str::parse)?,
            parent: value_parsers::change(parent.as_deref(), str::parse::<TaskRef>)?,
            tags: changed_list(self.tags.as_ref(), original.tags.as_ref())?,
            depends_on: changed_list(self.depends.as_ref(), original.depends.as_ref())?,
            ..TaskPatch::default()
        })
    }
}

/// Returns the list, where it is not the one there was.
fn changed_list<T>(new: Option<&Vec<String>>, old: Option<&Vec<String>>) -> Result<Option<Vec<T>>>
where
    T: std::str::FromStr<Err = Error>,
{
    match new.filter(|_| new != old) {
        Some(texts) => texts.iter().map(|text| text.parse()).collect::<Result<_>>().map(Some),
        None => Ok(None),
    }
}

/// Returns a date of a task as it can be read again: the date, with the time where it has one.
fn due(on: Option<Date>, at: Option<Instant>, context: &Context) -> String {
    let Some(at) = at else { return String::new() };
    if let Some(date) = on {
        return date.to_string();
    }
    let text = at.in_zone(&context.zone).strftime("%Y-%m-%d %H:%M").to_string();
    // Seconds, and the second pass of a clock change, need the whole instant.
    if When::read(&text, context).ok() == Some(When::At(at)) {
        return text;
    }
    at.rfc3339_in(&context.zone).to_string()
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
        let original = Document::of(&detail(), &context());
        let text = original.write(&detail().task);
        let read = Document::read(&text).unwrap();
        assert_eq!(read, original, "{text}");
        assert!(read.patch(&original, &context()).unwrap().is_empty());
    }

    #[test]
    fn what_was_changed_is_the_patch() {
        let original = Document::of(&detail(), &context());
        let text = original.write(&detail().task);
        let text = text.replace("\"medium\"", "\"high\"").replace("\"2026-11-22 18:00\"", "\"\"");
        let text = text.replace("[\"cat\", \"home\"]", "[\"cat\"]").replace("note = \"\"", "note = \"ask\"");
        let patch = Document::read(&text).unwrap().patch(&original, &context()).unwrap();
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
        let original = Document::of(&detail(), &context());
        assert!(Document::read("title = \"a\"\ndue = ").unwrap_err().message.contains("line 2"));
        assert!(Document::read("titel = \"a\"").unwrap_err().message.contains("titel"));
        let patch = |text: &str| Document::read(text).unwrap().patch(&original, &context());
        assert_eq!(patch("due = \"whenever\"").unwrap_err().field.as_deref(), Some("due"));
        assert_eq!(patch("title = \"\"").unwrap_err().field.as_deref(), Some("title"));
    }
}
