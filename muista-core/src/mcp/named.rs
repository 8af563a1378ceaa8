//! What a model names: [`Name`], one or several of them ([`Several`]), and the task that is meant, by number, id or title.

use std::borrow::Cow;

use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::Seat;
use crate::error::{Error, Result};
use crate::model::{Page, Status, Task, TaskFilter, TaskRef, clip, fold};

/// How many tasks with a text in their title are looked at for the one that is meant.
const LOOKED_AT: u32 = 50;
/// How many of them are told.
const TOLD: usize = 5;

/// A name as a model writes it: a text, or a number.
#[derive(Debug, Clone)]
pub(super) struct Name(String);

impl Name {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text.trim().trim_start_matches('#').to_owned())),
            Value::Number(number) => Ok(Self(number.to_string())),
            other => Err(D::Error::custom(format!("{other} is no name; give a text or a number"))),
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

/// A list; one value alone is a list of one.
#[derive(Debug, Clone)]
pub(super) struct Several<T>(pub(super) Vec<T>);

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = match Value::deserialize(deserializer)? {
            Value::Null => Vec::new(),
            Value::Array(values) => values,
            one => vec![one],
        };
        let read = values.into_iter().enumerate().map(|(at, value)| {
            serde_path_to_error::deserialize(value).map_err(|error| {
                let path = error.path().to_string();
                let place = if path == "." { format!("item {at}") } else { format!("{path} of item {at}") };
                D::Error::custom(format!("{place}: {}", error.into_inner()))
            })
        });
        read.collect::<Result<_, _>>().map(Self)
    }
}

impl<T: JsonSchema> JsonSchema for Several<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Owned(format!("Several{}", T::schema_name()))
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Vec::<T>::json_schema(generator)
    }
}

/// The task of this name: its number, its id, or its title, of which a part will do where no other task has it.
///
/// # Errors
/// `NotFound` when no title holds the text, `Conflict` naming some where several do.
pub(super) async fn task(seat: &Seat, name: &Name, status: Status) -> Result<TaskRef> {
    let text = name.as_str();
    if let Ok(task) = text.parse::<TaskRef>() {
        return Ok(task);
    }
    if text.is_empty() {
        return Err(Error::invalid("task", "the name is empty").hint("name a task by its number or its exact title"));
    }
    let filter = TaskFilter { status, search: vec![text.to_owned()], ..TaskFilter::default() };
    let page = Page { limit: LOOKED_AT, ..Page::default() };
    let found = seat.client.list_tasks(filter, page).await?.items;
    let key = fold(text);
    // The text may stand in a note as well.
    let titled: Vec<Task> = found.into_iter().filter(|task| fold(&task.title).contains(&key)).collect();
    let mut exact: Vec<&Task> = titled.iter().filter(|task| fold(&task.title) == key).collect();
    if exact.iter().any(|task| !task.completed) {
        // Of those that have the title, what is still to be done is what is talked of.
        exact.retain(|task| !task.completed);
    }
    match (exact.as_slice(), titled.as_slice()) {
        ([one], _) => Ok(TaskRef::Id(one.id)),
        ([], [one]) => Ok(TaskRef::Id(one.id)),
        ([], []) => Err(Error::not_found(format!("task is called “{}”", clip(text).escape_debug()))
            .hint("look for a part of the title with list_tasks, in `search`")),
        ([], several) => Err(ambiguous(text, several.iter())),
        (several, _) => Err(ambiguous(text, several.iter().copied())),
    }
}

fn ambiguous<'a>(text: &str, tasks: impl Iterator<Item = &'a Task>) -> Error {
    let named: Vec<String> =
        tasks.take(TOLD).map(|task| format!("{} “{}”", task.number, clip(&task.title).escape_debug())).collect();
    Error::conflict(format!("“{}” may be one of several tasks: {}", clip(text).escape_debug(), named.join(", ")))
        .hint("name one by its number")
}

/// The tasks of these names, in that order.
///
/// # Errors
/// As [`task`], and `Invalid` when there are none.
pub(super) async fn tasks(seat: &Seat, names: &Several<Name>, status: Status) -> Result<Vec<TaskRef>> {
    if names.0.is_empty() {
        return Err(Error::invalid("tasks", "no task is named").hint("name at least one by its number or exact title"));
    }
    futures::future::try_join_all(names.0.iter().map(|name| task(seat, name, status))).await
}
