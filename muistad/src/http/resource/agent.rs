//! `/agent/message`: what an agent wants, in an envelope. Reading it is the core's `input`; each intent is a use case that
//! REST has too.

use std::sync::Arc;

use axum::Extension;
use hyper::StatusCode;
use muista_core::error::{Error, Result};
use muista_core::input::{AgentMessage, Envelope, Message, Wanted};
use muista_core::model::{Intent, Origin, RequestId, Task, TaskRef};
use muista_core::service::access::agent;
use muista_core::service::{Idempotency, run, task};
use serde_json::{Map, Value};

use crate::http::call::Call;
use crate::http::envelope::{Data, Refusal, Success, UNKNOWN_INTENT};
use crate::http::input::{InZone, Json, NoParams, Params};
use crate::http::middleware::request_context::RequestContext;
use crate::http::problem::{Problem, Reply};
use crate::http::reply;

/// Takes a message of an agent
///
/// An agent says who it is, what it wants and with which parameters; `intent` says which. Dates may be written in words,
/// as in `tomorrow 18:00`, which are read in the account's zone. What changes something needs the scope `tasks:write`, what
/// asks `tasks:read`, `triggerScript` `jobs:run`.
///
/// With a `requestId` a change is made once, however often the message is sent: the first answer comes back for 24 hours,
/// also after a crash. The same `requestId` with another message is refused. Each agent, by the name under which its changes
/// are recorded, has requestIds of its own.
///
/// What is changed is recorded under the name of the API key; under `context.agent`, where an account has logged in.
/// `context.userId` may name the account of the token and no other. A token of the role `agent` is good for 5 messages a
/// second and 100 new tasks a day, for all agents of the account together.
#[utoipa::path(post, path = "/agent/message", tag = "agent", params(InZone),
    request_body(content = AgentMessage, examples(
        ("createTask" = (value = json!({
            "context": {"agent": "zoe"}, "intent": "createTask", "requestId": "7f1c9a",
            "params": {"title": "Buy cat food", "dueDate": "tomorrow 18:00", "reminder": {"at": "30min before"}}
        }))),
        ("updateTask" = (value = json!({"intent": "updateTask", "params": {"taskId": "7", "dueDate": "next friday"}}))),
        ("deleteTask" = (value = json!({"intent": "deleteTask", "params": {"taskId": "7"}}))),
        ("askUpcoming" = (value = json!({"intent": "askUpcoming", "params": {"limit": 20}}))),
        ("askOverdue" = (value = json!({"intent": "askOverdue"}))),
        ("askByCategory" = (value = json!({"intent": "askByCategory", "params": {"category": "Work"}}))),
        ("triggerScript" = (value = json!({"intent": "triggerScript", "params": {"job": "weather"}}))),
    )),
    responses(
        (status = 200, description = "It is done", body = Success, example = json!({
            "status": "success", "data": {
                "taskId": "0199c0de-0000-7000-8000-000000000007", "deleted": ["0199c0de-0000-7000-8000-000000000007"]
            }
        })),
        (status = 400, description = "`INVALID_PARAMS`: the message is no JSON", body = Refusal<'_>),
        (status = 401, description = "`FORBIDDEN`: the token is missing, wrong, expired or revoked", body = Refusal<'_>,
            example = json!({"status": "error", "errorCode": "FORBIDDEN",
                "message": "this needs a token; send Authorization: Bearer TOKEN", "details": {"code": "UNAUTHENTICATED"}})),
        (status = 403, description = "`FORBIDDEN`: the token lacks the scope, `context.userId` is another account's, or one may see the thing but not change it", body = Refusal<'_>,
            example = json!({"status": "error", "errorCode": "FORBIDDEN",
                "message": "this needs the scope tasks:write, which zoe does not have; use a token that has it: `muista token create --scope …`, or ask an admin", "details": {}})),
        (status = 404, description = "`NOT_FOUND`: there is no such task or job, or none that one may see", body = Refusal<'_>,
            example = json!({"status": "error", "errorCode": "NOT_FOUND", "message": "no task 7", "details": {}})),
        (status = 409, description = "`INVALID_PARAMS`: the thing is not in the state that the message supposes, or the `requestId` was another message's", body = Refusal<'_>,
            example = json!({"status": "error", "errorCode": "INVALID_PARAMS",
                "message": "the job weather runs already, and its runs may not overlap", "details": {"code": "CONFLICT"}})),
        (status = 413, description = "`INVALID_PARAMS`: the message has more than 1 MiB", body = Refusal<'_>),
        (status = 415, description = "`INVALID_PARAMS`: the message is not declared as JSON", body = Refusal<'_>),
        (status = 422, description = "`INVALID_PARAMS`: a parameter is missing or cannot be accepted; `UNKNOWN_INTENT`: there is no such intent", body = Refusal<'_>,
            examples(
                ("INVALID_PARAMS" = (value = json!({"status": "error", "errorCode": "INVALID_PARAMS",
                    "message": "Missing title for createTask", "details": {"field": "title"}}))),
                ("UNKNOWN_INTENT" = (value = json!({"status": "error", "errorCode": "UNKNOWN_INTENT",
                    "message": "there is no intent “dance”", "details": {"known": ["createTask", "updateTask"]}}))),
            )),
        (status = 429, description = "`RATE_LIMITED`: more than 5 messages in a second; `DAILY_LIMIT`: more than 100 new tasks in a day. `Retry-After` says when to come again", body = Refusal<'_>,
            examples(
                ("RATE_LIMITED" = (value = json!({"status": "error", "errorCode": "RATE_LIMITED",
                    "message": "more than 5 requests in a second; wait as long as Retry-After says", "details": {"retryAfter": 1}}))),
                ("DAILY_LIMIT" = (value = json!({"status": "error", "errorCode": "DAILY_LIMIT",
                    "message": "the agents of an account may make no more than 100 tasks a day; go on tomorrow, or ask the user to add them",
                    "details": {"retryAfter": 18000}}))),
            )),
        (status = 500, description = "`INTERNAL`: a fault of Muista", body = Refusal<'_>),
        (status = 503, description = "`INTERNAL`: the database does not answer, or not in time", body = Refusal<'_>),
    ),
)]
pub(crate) async fn message(
    mut call: Call,
    Extension(context): Extension<Arc<RequestContext>>,
    Params(NoParams {}): Params<NoParams>,
    Json(map): Json<Map<String, Value>>,
) -> Reply {
    // It is told with every refusal of the message from here on.
    let id = map.get("requestId").and_then(Value::as_str);
    if let Some(Ok(id)) = id.map(|id| RequestId::try_from(id.to_owned())) {
        context.goes_by(&id);
    }
    let data = take(&mut call, map).await?;
    reply::ok(&call, &Success { status: "success", data })
}

async fn take(call: &mut Call, map: Map<String, Value>) -> Result<Data, Problem> {
    let whole = Value::Object(map.clone());
    let envelope = Envelope::read(map)?;
    let context = envelope.context.as_ref().map(|context| &context.0);
    if let Some(user) = context.and_then(|context| context.user_id.as_deref())
        && !user.eq_ignore_ascii_case(&call.caller.user.to_string())
    {
        let error = Error::forbidden("the token is not one of that account").of_field("context.userId");
        return Err(error.hint("leave context.userId out").into());
    }
    let intent = envelope.intent().ok_or_else(|| unknown(&envelope.intent))?;
    let agent = context.and_then(|context| context.agent.as_ref());
    call.caller.origin = Origin::Agent;
    call.caller = agent::known_as(call.service(), call.caller.clone(), agent).await?;
    let message = Message::read(intent, envelope.params.unwrap_or_default(), &call.context()?)?;
    if let Some(id) = &envelope.request_id {
        let zone = call.zone.as_ref().and_then(|zone| zone.iana_name()).unwrap_or_default();
        let repeatable = repeatable(&call.caller.actor, id, zone, whole);
        call.caller.idempotency = Some(Arc::new(repeatable));
    }
    let named = envelope.request_id.is_some();
    Ok(carry_out(call, message).await.map_err(|error| match error.field.as_deref() {
        Some("Idempotency-Key") if named => Error::conflict("this requestId was used for another message")
            .of_field("requestId")
            .hint("use a new one for each message, and the same one only to repeat it"),
        _ => error,
    })?)
}

fn unknown(intent: &str) -> Problem {
    let known: Vec<&str> = Intent::ALL.iter().map(|intent| intent.as_str()).collect();
    let intent: String = intent.chars().take(60).collect();
    let detail = format!("there is no intent “{}”; choose one of {}", intent.escape_debug(), known.join(", "));
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, UNKNOWN_INTENT, detail)
}

/// Returns what makes a repeated message the same one: who sends it, its id, and what it says, in whatever order.
fn repeatable(actor: &str, id: &RequestId, zone: &str, mut whole: Value) -> Idempotency {
    whole.sort_all_objects();
    Idempotency::of_message(actor, id, &[zone.as_bytes(), whole.to_string().as_bytes()])
}

async fn carry_out(call: &Call, message: Message) -> Result<Data> {
    let (service, caller) = (call.service(), &call.caller);
    match message {
        Message::Create(new) => {
            let answer = task::add(service, caller, *new).await?;
            Ok(of_task(answer.value, answer.notices))
        }
        Message::Update(name, patch) => {
            let answer = task::edit(service, caller, vec![name], *patch).await?;
            let task = answer.value.into_iter().next();
            Ok(of_task(task.ok_or_else(|| Error::internal("a task was changed into none"))?, answer.notices))
        }
        Message::Delete(name, version) => {
            deleted(task::delete_seen(service, caller, name.clone(), version).await?, &name)
        }
        Message::List(listing) => task::list(service, caller, listing.filter, listing.page).await.map(Data::Page),
        Message::Upcoming(listing) => {
            agent::upcoming(service, caller, listing.filter, listing.page).await.map(Data::Page)
        }
        Message::Run(wanted, params) => {
            let run = match wanted {
                Wanted::Job(name) => run::request(service, caller, name, params).await?,
                Wanted::OfTask(task) => run::request_of_task(service, caller, task, params).await?,
            };
            Ok(Data::Run { run_id: run.id, run: Box::new(run) })
        }
    }
}

fn of_task(task: Task, notices: Vec<String>) -> Data {
    Data::Task { task_id: task.id, task: Box::new(task), notices }
}

/// Tells what was deleted. A part is deleted before what it is a part of, so the task that was named is the last.
fn deleted(tasks: Vec<Task>, name: &TaskRef) -> Result<Data> {
    let deleted: Vec<_> = tasks.iter().map(|task| task.id).collect();
    let task_id = *deleted.last().ok_or_else(|| Error::internal(format!("task {name} was deleted into nothing")))?;
    Ok(Data::Deleted { task_id, deleted })
}
