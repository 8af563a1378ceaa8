//! What an agent writes: an [`Envelope`] that says who wants what, and the parameters of each intent, which are the
//! documents that REST takes. Doing it is the service's; how it stands in the OpenAPI document, `agent_schema`'s.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Object, TaskChanges, TaskInput, TaskListing, TaskQuery, deserialize_error};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{AgentName, Id, Intent, JobName, NewTask, RequestId, Status, TaskPatch, TaskRef, integer_or_null};
use crate::time::Context;

/// The parameters that are lists, for which one value may stand alone.
pub(super) const LISTS: [&str; 5] = ["category", "priority", "tag", "noTag", "search"];

/// A message of an agent: who wants what.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Envelope {
    /// Who asks.
    #[serde(default)]
    pub context: Option<Object<AgentContext>>,
    /// What is wanted, as it is written.
    pub intent: String,
    /// The parameters, not read yet.
    #[serde(default)]
    pub params: Option<Map<String, Value>>,
    /// What the message goes by.
    #[serde(default)]
    pub request_id: Option<RequestId>,
}

/// Who asks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AgentContext {
    /// What the agent is called.
    #[serde(default)]
    pub agent: Option<AgentName>,
    /// The account that it asks for: that of its token, and no other.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub user_id: Option<String>,
}

/// What is asked of a single task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"taskId": "7"}))]
pub struct DeleteTask {
    /// The task: its id, its number, or the beginning of its id.
    #[schema(value_type = TaskRef)]
    pub task_id: String,
    /// The version that was seen: with another one now nothing is deleted.
    #[serde(default, deserialize_with = "integer_or_null")]
    pub version: Option<i64>,
}

/// What has a job run now: the job itself, or a task that has one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"job": "weather", "params": {"city": "Turku"}}))]
pub struct TriggerScript {
    /// The job's name or id.
    #[serde(default)]
    #[schema(value_type = Option<JobName>)]
    pub job: Option<String>,
    /// A task that has one job, in place of `job`.
    #[serde(default)]
    #[schema(value_type = Option<TaskRef>)]
    pub task_id: Option<String>,
    /// Values of the script's parameters for this run, over those of the job.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

/// A message that is understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Make a task.
    Create(Box<NewTask>),
    /// Change a task.
    Update(TaskRef, Box<TaskPatch>),
    /// Delete a task, if it is this version.
    Delete(TaskRef, Option<i64>),
    /// List tasks.
    List(TaskListing),
    /// List what is to come: also what has no due but a reminder.
    Upcoming(TaskListing),
    /// Have a job run.
    Run(Wanted, BTreeMap<String, String>),
}

/// Which job is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// That of this name or id.
    Job(JobName),
    /// The one of this task.
    OfTask(TaskRef),
}

impl Envelope {
    /// Reads an envelope.
    ///
    /// # Errors
    /// `Invalid`, naming the field.
    pub fn read(map: Map<String, Value>) -> Result<Self> {
        document(map, "a message")
    }

    /// Returns what is wanted, where that is known.
    #[must_use]
    pub fn intent(&self) -> Option<Intent> {
        Intent::ALL.iter().copied().find(|intent| intent.as_str() == self.intent)
    }
}

impl Message {
    /// Reads what an intent is given. Dates are read in the context's zone.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is missing or not understood; `NotFound` for what can be no task and no job.
    pub fn read(intent: Intent, mut params: Map<String, Value>, context: &Context) -> Result<Self> {
        if matches!(intent, Intent::AskUpcoming | Intent::AskOverdue | Intent::AskByCategory) {
            // Null is as good as nothing.
            params.retain(|_, value| !value.is_null());
        }
        match intent {
            Intent::CreateTask => {
                let input: TaskInput = of(params, intent)?;
                input.read(context).map(|new| Self::Create(Box::new(new)))
            }
            Intent::UpdateTask => {
                let task = task_id(&mut params).ok_or_else(|| missing("taskId", intent.as_str()))??;
                let changes: TaskChanges = of(params, intent)?;
                changes.read(context).map(|patch| Self::Update(task, Box::new(patch)))
            }
            Intent::DeleteTask => {
                let task = task_id(&mut params).ok_or_else(|| missing("taskId", intent.as_str()))??;
                params.insert("taskId".to_owned(), task.to_string().into());
                let input: DeleteTask = of(params, intent)?;
                Ok(Self::Delete(task, input.version))
            }
            Intent::AskUpcoming => {
                let whole = !params.contains_key("due");
                let listing = listing(params, intent, whole.then_some("upcoming"), context)?;
                Ok(if whole { Self::Upcoming(listing) } else { Self::List(listing) })
            }
            Intent::AskOverdue => {
                if params.contains_key("due") {
                    let error = Error::invalid("due", "askOverdue lists what is past due");
                    return Err(error.hint("leave due out, or use askUpcoming"));
                }
                listing(params, intent, Some("overdue"), context).map(Self::List)
            }
            Intent::AskByCategory => {
                if params.get("category").is_none_or(|category| category.as_array().is_some_and(Vec::is_empty)) {
                    return Err(missing("category", intent.as_str()));
                }
                listing(params, intent, None, context).map(Self::List)
            }
            Intent::TriggerScript => trigger(params, intent),
        }
    }
}

fn trigger(mut params: Map<String, Value>, intent: Intent) -> Result<Message> {
    if let Some(task) = task_id(&mut params).transpose()? {
        params.insert("taskId".to_owned(), task.to_string().into());
    }
    let input: TriggerScript = of(params, intent)?;
    let wanted = match (input.job, input.task_id) {
        (Some(_), Some(_)) => {
            let error = Error::invalid("taskId", "both job and taskId say which job is meant");
            return Err(error.hint("leave out one of them"));
        }
        (Some(job), None) => Wanted::Job(JobName::parse(&job).map_err(|error| nothing(error, "job"))?),
        (None, Some(task)) => Wanted::OfTask(named(&task)?),
        (None, None) => return Err(missing("job", intent.as_str())),
    };
    Ok(Message::Run(wanted, input.params))
}

/// Returns what a list is to hold, which are tasks of this due unless something else is said.
fn listing(
    mut params: Map<String, Value>,
    intent: Intent,
    due: Option<&str>,
    context: &Context,
) -> Result<TaskListing> {
    for name in LISTS {
        if let Some(one) = params.get_mut(name).filter(|value| !value.is_array()) {
            *one = Value::Array(vec![one.take()]);
        }
    }
    if let Some(limit) = params.get_mut("limit") {
        as_whole(limit);
    }
    let query: TaskQuery = of(params, intent)?;
    let due = query.due.clone().or_else(|| due.map(str::to_owned));
    TaskQuery { due, ..query }.read(Status::Open, context)
}

/// Takes the task that the parameters name, if they name one: by its number too where that is a number.
fn task_id(params: &mut Map<String, Value>) -> Option<Result<TaskRef>> {
    let mut task = params.shift_remove("taskId")?;
    as_whole(&mut task);
    match task {
        Value::Null => None,
        Value::String(text) => Some(named(&text)),
        Value::Number(number) => Some(named(&number.to_string())),
        _ => Some(Err(Error::invalid("taskId", "a task is named by a text").hint("give its id or its number"))),
    }
}

/// Writes a number that is whole as such: JSON writes one as `5`, `5.0` or `5e0` alike.
fn as_whole(value: &mut Value) {
    if let Ok(Some(whole)) = integer_or_null::<_, i64>(&*value) {
        *value = whole.into();
    }
}

fn named(text: &str) -> Result<TaskRef> {
    text.parse().map_err(|error| nothing(error, "taskId"))
}

/// Takes what cannot be the name of a thing for one of nothing that is there.
fn nothing(error: Error, field: &str) -> Error {
    Error { kind: ErrorKind::NotFound, ..error.of_field(field) }
}

fn missing(field: &str, intent: &str) -> Error {
    Error::invalid(field, format!("Missing {field} for {intent}"))
}

fn of<T: DeserializeOwned>(params: Map<String, Value>, intent: Intent) -> Result<T> {
    document(params, intent.as_str())
}

/// Reads a document of `whose`, and names the field that it does not take.
fn document<T: DeserializeOwned>(map: Map<String, Value>, whose: &str) -> Result<T> {
    let read = serde_path_to_error::deserialize::<_, Object<T>>(Value::Object(map));
    let Object(document) = read.map_err(|error| {
        let message = error.inner().to_string();
        let error = deserialize_error(&error.path().to_string(), &message, "params");
        match error.field.as_deref().filter(|_| message.starts_with("missing field")) {
            Some(field) => missing(field, whose),
            None => error,
        }
    })?;
    Ok(document)
}
