//! A task as it is written, and the changes of one as a merge patch (RFC 7396): what is left out stays, `null` empties.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::planning::{PlanningTexts, date, with_planning, without_planning};
use super::reminder::ReminderInput;
use super::{Object, both, changed_text, due, due_on, schema, text};
use crate::error::{Error, Result};
use crate::model::change::{integer, non_null, whole_number};
use crate::model::{
    Category, Change, DateField, FieldChanges, FieldText, Id, NewReminder, NewSeries, NewTask, Priority, ProjectRef,
    SeriesScope, TagName, TaskPatch, TaskRef, Title,
};
use crate::time::Context;

with_planning! {
    /// What makes a task.
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[schema(example = json!({
        "title": "Buy cat food", "dueDate": "tomorrow 18:00", "category": "Shopping", "priority": "HIGH",
        "project": "home", "tags": ["cat"], "reminder": {"at": "30min before", "channel": "email"}
    }))]
    pub struct TaskInput {
        {
            /// One line that says what is to be done.
            pub title: Title,
            /// A longer description.
            #[serde(default)]
            #[schema(schema_with = schema::text)]
            pub description: Option<String>,
            /// Further notes.
            #[serde(default)]
            #[schema(schema_with = schema::text)]
            pub note: Option<String>,
            /// The bucket it is in; `Personal` where nothing is said.
            #[serde(default)]
            pub category: Option<Category>,
            /// How much it matters; `MEDIUM` where nothing is said.
            #[serde(default)]
            pub priority: Option<Priority>,
            /// When it is due: RFC 3339, or a date in words, as in `tomorrow 18:00`. A date without a time of day makes it due on
            /// that date.
            #[serde(default)]
            #[schema(schema_with = schema::when)]
            pub due_date: Option<String>,
            /// The date it is due on, as in `2026-11-21`.
            #[serde(default)]
            #[schema(value_type = Option<String>, format = Date)]
            pub due_on: Option<String>,
        }
        planning
        {
            /// How it recurs, as in `every friday`. Without a due the first one is that of the rule.
            #[serde(default)]
            #[schema(schema_with = schema::recurrence)]
            pub every: Option<String>,
            /// The project's name, or its id; it is made when there is none of that name.
            #[serde(default)]
            pub project: Option<ProjectRef>,
            /// The project's id, in place of `project`.
            #[serde(default)]
            pub project_id: Option<Id>,
            /// The task it is a part of.
            #[serde(default)]
            pub parent_id: Option<TaskRef>,
            /// The tags.
            #[serde(default)]
            #[schema(max_items = 100)]
            pub tags: Vec<TagName>,
            /// The tasks that must be done before it.
            #[serde(default)]
            #[schema(max_items = 1000)]
            pub depends_on: Vec<TaskRef>,
            /// The values of own fields (`GET /fields`), by their names.
            #[serde(default)]
            #[schema(schema_with = schema::fields)]
            pub fields: BTreeMap<String, Option<FieldText>>,
            /// Its reminder.
            #[serde(default)]
            #[schema(value_type = Option<ReminderInput>)]
            pub reminder: Option<Object<ReminderInput>>,
            /// Its reminders, where it has several.
            #[serde(default)]
            #[schema(value_type = Vec<ReminderInput>, max_items = 50)]
            pub reminders: Vec<Object<ReminderInput>>,
        }
    }
}

impl TaskInput {
    /// Returns what makes a task of that title with nothing else said.
    pub(crate) fn titled(title: Title) -> Self {
        without_planning!(TaskInput {
            title,
            description: None,
            note: None,
            category: None,
            priority: None,
            due_date: None,
            due_on: None,
            every: None,
            project: None,
            project_id: None,
            parent_id: None,
            tags: Vec::new(),
            depends_on: Vec::new(),
            fields: BTreeMap::new(),
            reminder: None,
            reminders: Vec::new(),
        })
    }

    /// Reads all that is said of a task.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(mut self, context: &Context) -> Result<NewTask> {
        let date = self.due_date.as_deref().map(|text| due(text, context)).transpose()?.flatten();
        let on = self.due_on.as_deref().map(|text| due_on(text, context)).transpose()?;
        let due = both("dueDate", "dueOn", date, on)?;
        let planning = self.take_planning().read(context)?;
        let series = self.every.as_deref().map(|text| NewSeries::read(text, context)).transpose()?;
        Ok(NewTask {
            id: None,
            description: text("description", self.description.as_deref())?,
            note: text("note", self.note.as_deref())?,
            category: self.category.unwrap_or_default(),
            priority: self.priority.unwrap_or_default(),
            due,
            planning,
            project: project(self.project, self.project_id)?,
            parent: self.parent_id,
            tags: self.tags,
            depends_on: self.depends_on,
            fields: fields(self.fields, context),
            reminders: reminders(self.reminder, self.reminders, context)?,
            series,
            title: self.title,
        })
    }
}

fn reminders(
    one: Option<Object<ReminderInput>>,
    several: Vec<Object<ReminderInput>>,
    context: &Context,
) -> Result<Vec<NewReminder>> {
    let one = one.map(|Object(input)| input.read(context).map_err(|error| error.within("reminder")));
    let read = |(at, Object(input)): (usize, Object<ReminderInput>)| {
        input.read(context).map_err(|error| error.within(&format!("reminders[{at}]")))
    };
    one.into_iter().chain(several.into_iter().enumerate().map(read)).collect()
}

with_planning! {
    /// What changes a task: a merge patch. What is left out stays, `null` empties a field.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[schema(example = json!({"priority": "LOW", "dueDate": null, "addTags": ["later"]}))]
    pub struct TaskChanges {
        {
            /// The new title.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(value_type = Title)]
            pub title: Option<Title>,
            /// The new description.
            #[serde(default)]
            #[schema(schema_with = schema::text)]
            pub description: Change<String>,
            /// The new note.
            #[serde(default)]
            #[schema(schema_with = schema::text)]
            pub note: Change<String>,
            /// The new bucket.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(value_type = Category)]
            pub category: Option<Category>,
            /// The new priority.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(value_type = Priority)]
            pub priority: Option<Priority>,
            /// When it is due: RFC 3339, or a date in words. `null` takes the due away, unless `dueOn` gives one.
            #[serde(default)]
            #[schema(schema_with = schema::when)]
            pub due_date: Change<String>,
            /// The date it is due on, as in `2026-11-21`. `null` takes the due away, unless `dueDate` gives one.
            #[serde(default)]
            #[schema(value_type = Option<String>, format = Date)]
            pub due_on: Change<String>,
        }
        planning
        {
            /// How it recurs from now on; `null`: no more.
            #[serde(default)]
            #[schema(schema_with = schema::recurrence)]
            pub every: Change<String>,
            /// Which occurrences of a recurring task are meant. Left out: this and those that come.
            #[serde(default)]
            pub scope: Option<SeriesScope>,
            /// The project's name, or its id; it is made when there is none of that name.
            #[serde(default)]
            #[schema(value_type = Option<ProjectRef>)]
            pub project: Change<ProjectRef>,
            /// The project's id, in place of `project`.
            #[serde(default)]
            #[schema(value_type = Option<Id>)]
            pub project_id: Change<Id>,
            /// The task it is a part of.
            #[serde(default)]
            #[schema(value_type = Option<TaskRef>)]
            pub parent_id: Change<TaskRef>,
            /// All tags, in place of those there are.
            #[serde(default)]
            #[schema(value_type = Option<Vec<TagName>>, max_items = 100)]
            pub tags: Change<Vec<TagName>>,
            /// Tags to add.
            #[serde(default)]
            #[schema(max_items = 100)]
            pub add_tags: Vec<TagName>,
            /// Tags to take away.
            #[serde(default)]
            #[schema(max_items = 100)]
            pub remove_tags: Vec<TagName>,
            /// All tasks that must be done before it, in place of those there are.
            #[serde(default)]
            #[schema(value_type = Option<Vec<TaskRef>>, max_items = 1000)]
            pub depends_on: Change<Vec<TaskRef>>,
            /// What becomes of own fields (`GET /fields`), by their names; `null` empties one.
            #[serde(default)]
            #[schema(schema_with = schema::fields)]
            pub fields: BTreeMap<String, Option<FieldText>>,
            /// Its one reminder, in place of those there are; `null` takes them all away.
            #[serde(default)]
            #[schema(value_type = Option<ReminderInput>)]
            pub reminder: Change<Object<ReminderInput>>,
            /// `true` completes it, `false` reopens it. One that recurs is followed by the next.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(value_type = bool)]
            pub completed: Option<bool>,
            /// With `completed: true`: completes its open subtasks too.
            #[serde(default)]
            pub with_subtasks: bool,
            /// The version that the change was made from: with another one now nothing is changed. `If-Match` says the same.
            #[serde(default, deserialize_with = "integer")]
            #[schema(value_type = i64)]
            pub version: Option<i64>,
        }
    }
}

impl TaskChanges {
    /// Reads all that is to change.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(mut self, context: &Context) -> Result<TaskPatch> {
        let due = date(DateField::Due, (&self.due_date, &self.due_on), context)?;
        let planning = self.take_planning().read(context)?;
        let every = match self.every {
            Change::Set(text) => Change::Set(NewSeries::read(&text, context)?),
            Change::Clear => Change::Clear,
            Change::Keep => Change::Keep,
        };
        let reminder = match self.reminder {
            Change::Set(Object(input)) => Change::Set(input.read(context).map_err(|error| error.within("reminder"))?),
            Change::Clear => Change::Clear,
            Change::Keep => Change::Keep,
        };
        Ok(TaskPatch {
            title: self.title,
            description: changed_text("description", &self.description)?,
            note: changed_text("note", &self.note)?,
            category: self.category,
            priority: self.priority,
            due,
            planning,
            project: changed_project(self.project, self.project_id)?,
            parent: self.parent_id,
            tags: all(self.tags),
            add_tags: self.add_tags,
            remove_tags: self.remove_tags,
            depends_on: all(self.depends_on),
            fields: fields(self.fields, context),
            every,
            scope: self.scope,
            reminder,
            completed: self.completed,
            with_subtasks: self.with_subtasks,
            version: self.version,
        })
    }
}

/// Returns what a document says of own fields.
fn fields(said: BTreeMap<String, Option<FieldText>>, context: &Context) -> FieldChanges {
    let said = said.into_iter().map(|(name, text)| (name, text.map(|FieldText(text)| text)));
    FieldChanges::of(said.collect(), context)
}

/// Returns what a patch says of a whole list; `null` is an empty one.
fn all<T>(change: Change<Vec<T>>) -> Option<Vec<T>> {
    match change {
        Change::Keep => None,
        Change::Clear => Some(Vec::new()),
        Change::Set(list) => Some(list),
    }
}

/// Returns the project that one of both fields says.
fn project(named: Option<ProjectRef>, id: Option<Id>) -> Result<Option<ProjectRef>> {
    match (named, id) {
        (Some(ProjectRef::Id(named)), Some(id)) if named == id => Ok(Some(id.into())),
        (Some(_), Some(_)) => {
            Err(Error::invalid("projectId", "both project and projectId name a project").hint("leave out one of them"))
        }
        (named, id) => Ok(named.or(id.map(Into::into))),
    }
}

/// Returns what a patch says of the project in both fields; `null` in one empties it, unless the other names one.
fn changed_project(named: Change<ProjectRef>, id: Change<Id>) -> Result<Change<ProjectRef>> {
    if named.is_keep() && id.is_keep() {
        return Ok(Change::Keep);
    }
    let named = if let Change::Set(named) = named { Some(named) } else { None };
    let id = if let Change::Set(id) = id { Some(id) } else { None };
    project(named, id).map(Change::from_option)
}
