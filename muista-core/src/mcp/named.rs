//! What a model names: [`Name`], one or several of them ([`OneOrMany`]), and the task that is meant, by number, id or title.

use std::borrow::Cow;

use jiff::tz::TimeZone;
use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::RequestContext;
use crate::error::{Error, ErrorKind, Result};
use crate::input::deserialize_error;
use crate::model::{Id, Page, RecordKind, RecordRef, SortOrder, Status, Task, TaskFilter, TaskRef, clip, fold, shown};

/// How many tasks are told of those that a name may mean.
const TOLD: u32 = 5;

/// A name as a model writes it: a text, or a number.
#[derive(Debug, Clone)]
pub(super) struct Name(String);

impl Name {
    /// Returns the text, without the `#` that models like to write before numbers.
    pub(super) fn as_str(&self) -> &str {
        self.0.trim_start_matches('#').trim_start()
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text.trim().to_owned())),
            Value::Number(number) => Ok(Self(number.to_string())),
            other => Err(D::Error::custom(format!("{} is no name; give a text or a number", clip(&other.to_string())))),
        }
    }
}

impl JsonSchema for Name {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Name")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::try_from(json!({"type": "string"})).unwrap_or_default()
    }
}

/// A list. One value alone was made a list of one before (`arguments`).
#[derive(Debug, Clone)]
pub(super) struct OneOrMany<T>(pub(super) Vec<T>);

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Vec::<Value>::deserialize(deserializer)?;
        let read = values.into_iter().enumerate().map(|(at, value)| {
            serde_path_to_error::deserialize(value).map_err(|error| {
                let path = error.path().to_string();
                let place = if path == "." { format!("item {at}") } else { format!("{path} of item {at}") };
                let error = deserialize_error(&path, &error.into_inner().to_string(), "item");
                D::Error::custom(format!("{place}: {}", error.message))
            })
        });
        read.collect::<Result<_, _>>().map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("OneOrMany{}", T::schema_name()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<T>::json_schema(generator)
    }
}

/// Returns the id of a record that is named by it or by a part of it.
///
/// # Errors
/// `Invalid` for what is no part of an id, `NotFound`, and `Conflict` where several go by it.
pub(super) async fn record(context: &RequestContext, kind: RecordKind, text: &str) -> Result<Id> {
    match text.parse()? {
        RecordRef::Id(id) => Ok(id),
        RecordRef::Short(short) => context.client.find_id(kind, short).await,
    }
}

/// How much of a title names a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Titles {
    /// A part will do, where no other task has it.
    Part,
    /// The whole, for what cannot be undone by the model.
    Whole,
}

/// Returns the task of this name: its number, its id, or its title. An open one goes before those that are done.
///
/// # Errors
/// `NotFound` when no title holds the text, `Conflict` naming some where several do, or where a part is not enough.
pub(super) async fn task(context: &RequestContext, name: &Name, status: Status, titles: Titles) -> Result<TaskRef> {
    let (whole, text) = (name.0.as_str(), name.as_str());
    // `#7` may be a title; that it is number 7 is the other thing that it may mean.
    if whole != text
        && let Some(task) = titled(context, whole, status).await?
    {
        return Ok(task);
    }
    if text.is_empty() {
        return Err(Error::invalid("task", "the name is empty").hint("name a task by its number or its exact title"));
    }
    if let Ok(task) = text.parse::<TaskRef>() {
        return match context.client.get_task(task.clone()).await {
            // A title may read as a number or as the beginning of an id.
            Err(error) if error.kind == ErrorKind::NotFound => titled(context, text, status).await?.ok_or(error),
            // Whatever else is wrong, the call that this is for tells.
            _ => Ok(task),
        };
    }
    match titled(context, text, status).await? {
        Some(task) => Ok(task),
        None => of_part(context, text, status, titles).await,
    }
}

/// Returns the order in which tasks are looked for.
fn in_turn(status: Status) -> &'static [Status] {
    match status {
        Status::Open => &[Status::Open, Status::Waiting],
        Status::Waiting => &[Status::Waiting],
        Status::Done => &[Status::Done],
        // What is still to be done is what is talked of.
        Status::All => &[Status::Open, Status::Waiting, Status::Done],
    }
}

/// Returns the only task that has the title, in whatever case.
async fn titled(context: &RequestContext, title: &str, status: Status) -> Result<Option<TaskRef>> {
    for status in in_turn(status) {
        let filter = TaskFilter { status: *status, title: Some(title.to_owned()), ..TaskFilter::default() };
        let sort = SortOrder::read_list("-number")?;
        let page = Page { limit: TOLD, sort, total: true, ..Page::default() };
        let found = context.client.list_tasks(filter, page).await?;
        match found.items.as_slice() {
            [] => {}
            [one] => return Ok(Some(TaskRef::Id(one.id))),
            several => return Err(ambiguous(title, several, found.total, &context.time.zone)),
        }
    }
    Ok(None)
}

/// Returns the only task whose title holds the text.
async fn of_part(context: &RequestContext, text: &str, status: Status, titles: Titles) -> Result<TaskRef> {
    for status in in_turn(status) {
        let found = holding(context, text, *status).await?;
        match (found.as_slice(), titles) {
            ([], _) => {}
            ([one], Titles::Part) => return Ok(TaskRef::Id(one.id)),
            ([one], Titles::Whole) => {
                let message =
                    format!("{} is a part of the title of task {}", quoted(text), named(one, &context.time.zone));
                return Err(Error::conflict(message).hint("name it by its number, if that is the one that is meant"));
            }
            (several, _) => return Err(ambiguous(text, several, None, &context.time.zone)),
        }
    }
    Err(Error::not_found(format!("task is called {}", quoted(text)))
        .hint("look for a part of the title with list_tasks, in `search`"))
}

/// Tasks whose title holds the text: all of them, or more than are told.
async fn holding(context: &RequestContext, text: &str, status: Status) -> Result<Vec<Task>> {
    let (key, begin) = (fold(text), text.chars().take(TaskFilter::WORD_MAX).collect::<String>());
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let filter = TaskFilter { status, search: vec![begin.clone()], ..TaskFilter::default() };
        let page = context.client.list_tasks(filter, Page { limit: Page::MAX, cursor, ..Page::default() }).await?;
        // The text may stand in a note as well.
        found.extend(page.items.into_iter().filter(|task| fold(&task.title).contains(&key)));
        cursor = page.next_cursor;
        if cursor.is_none() || found.len() > TOLD as usize {
            return Ok(found);
        }
    }
}

/// Returns a task with what tells it from others of the same name.
fn named(task: &Task, zone: &TimeZone) -> String {
    let due = match (task.due_on, task.due_date) {
        (Some(day), _) => Some(format!("due {day}")),
        (None, Some(at)) => Some(format!("due {}", at.in_zone(zone).strftime("%Y-%m-%d %H:%M"))),
        (None, None) => None,
    };
    let project = task.project.as_ref().map(|name| format!("project {}", shown(&clip(name))));
    let details: Vec<String> = due.into_iter().chain(project).collect();
    let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
    format!("{} {}{details}", task.number, quoted(&task.title))
}

/// Returns a text within a sentence.
pub(super) fn quoted(text: &str) -> String {
    format!("“{}”", shown(&clip(text)))
}

fn ambiguous(text: &str, tasks: &[Task], total: Option<i64>, zone: &TimeZone) -> Error {
    let some: Vec<String> = tasks.iter().take(TOLD as usize).map(|task| named(task, zone)).collect();
    let many = total.map_or_else(|| "several".to_owned(), |total| total.to_string());
    let more = match total.unwrap_or(tasks.len() as i64) - some.len() as i64 {
        1.. if total.is_none() => " and more".to_owned(),
        more @ 1.. => format!(" and {more} more"),
        _ => String::new(),
    };
    Error::conflict(format!("{} may be one of {many} tasks: {}{more}", quoted(text), some.join(", ")))
        .hint("name one by its number")
}

/// Returns the tasks of these names, in that order.
///
/// # Errors
/// As [`task`], and `Invalid` when there are none.
pub(super) async fn tasks(
    context: &RequestContext,
    names: &OneOrMany<Name>,
    status: Status,
    titles: Titles,
) -> Result<Vec<TaskRef>> {
    if names.0.is_empty() {
        return Err(Error::invalid("tasks", "no task is named").hint("name at least one by its number or exact title"));
    }
    futures::future::try_join_all(names.0.iter().map(|name| task(context, name, status, titles))).await
}
