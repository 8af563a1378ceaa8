//! The OpenAPI document (3.1): what stands above the operations, and what holds for each of them alike: who may use it,
//! and what may go wrong. The operations themselves stand with their handlers.

use hyper::StatusCode;
use muista_core::input::{self, AgentContext, DeleteTask, TriggerScript, Zone};
use muista_core::model::{ApiKeyRef, RequestId, Scope};
use serde_json::json;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use crate::http::common;
use crate::http::problem::Document;
use crate::http::route_spec::AuthPolicy;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Muista",
        description = include_str!("openapi.md"),
        contact(name = "Muista", url = "https://github.com/muista/muista"),
        license(name = "MIT OR Apache-2.0", url = "https://github.com/muista/muista#license")
    ),
    servers((url = "/", description = "This daemon")),
    tags(
        (name = "tasks", description = "What is to be done."),
        (name = "reminders", description = "When to be told of a task."),
        (name = "comments", description = "What people write to a task."),
        (name = "attachments", description = "Files that belong to a task."),
        (name = "tags", description = "Labels of tasks."),
        (name = "projects", description = "Tasks that belong together."),
        (name = "fields", description = "What an account keeps of its tasks beside what every task has."),
        (name = "views", description = "Queries that are kept under a name."),
        (name = "templates", description = "Trees of tasks that are kept to make again."),
        (name = "reports", description = "Tasks counted, by day and by kind, and the time spent on them."),
        (name = "members", description = "Who works on a project."),
        (name = "jobs", description = "Scripts that run on a schedule or when asked to."),
        (name = "runs", description = "Single executions of jobs."),
        (name = "notifications", description = "Messages that were or will be sent."),
        (name = "devices", description = "Programs that messages could be pushed to. They are only kept: nothing pushes to them yet."),
        (name = "audit", description = "What was changed, by whom; as a list and as it happens."),
        (name = "auth", description = "Logging in and out."),
        (name = "users", description = "Accounts."),
        (name = "api-keys", description = "Tokens of programs."),
        (name = "agent", description = "What programs that work for a person ask for in messages."),
        (name = "operation", description = "How the daemon fares.")
    ),
    components(schemas(Document<'_>, ApiKeyRef, Scope, Zone, AgentContext, DeleteTask, RequestId, TriggerScript))
)]
struct Head;

/// What may go wrong.
struct Wrong {
    status: u16,
    /// Its name among the components.
    name: &'static str,
    when: &'static str,
    /// The `code` and the `detail` of an example.
    example: (&'static str, &'static str),
}

const fn wrong(status: u16, name: &'static str, when: &'static str, code: &'static str, detail: &'static str) -> Wrong {
    Wrong { status, name, when, example: (code, detail) }
}

const PROBLEMS: [Wrong; 14] = [
    wrong(
        400,
        "Malformed",
        "The request cannot be read: no JSON, no UTF-8, no HTTP.",
        "MALFORMED",
        "the query is not UTF-8",
    ),
    wrong(
        401,
        "Unauthenticated",
        "The token, or the password, is missing, wrong, expired or revoked.",
        "UNAUTHENTICATED",
        "this needs a token; send Authorization: Bearer TOKEN",
    ),
    wrong(
        403,
        "Forbidden",
        "The token lacks the scope, or one may see the thing but not change it. Or, with the code `QUOTA`, there is as much \
         as there may be: `limit` names the setting that raises it.",
        "FORBIDDEN",
        "this needs the scope tasks:write",
    ),
    wrong(404, "NotFound", "There is no such thing, or none that one may see.", "NOT_FOUND", "no task 99"),
    wrong(408, "TooSlow", "The body did not come in time.", "TOO_SLOW", "the body did not go on in time"),
    wrong(
        409,
        "Conflict",
        "The thing is not in the state that the request supposes, or there is one of that name.",
        "CONFLICT",
        "there is a project house already",
    ),
    wrong(
        412,
        "PreconditionFailed",
        "The thing was changed since: `If-Match` names another version.",
        "PRECONDITION_FAILED",
        "it was changed meanwhile; look at it again",
    ),
    wrong(
        413,
        "TooLarge",
        "The body is too large; 1 MiB is the most for JSON.",
        "TOO_LARGE",
        "the body has more than 1048576 bytes, which is 1 MiB",
    ),
    wrong(
        415,
        "UnsupportedMediaType",
        "The body is not declared as JSON, or the file's type is not taken.",
        "UNSUPPORTED_MEDIA_TYPE",
        "the body is not declared as JSON; send Content-Type: application/json",
    ),
    wrong(
        421,
        "WrongHost",
        "The daemon is not called by the name in `Host`.",
        "WRONG_HOST",
        "this daemon is not called by that name; add it to web.hosts",
    ),
    wrong(
        422,
        "Invalid",
        "A value cannot be accepted; `errors` names the field.",
        "INVALID",
        "`whenever` is not a date Muista understands",
    ),
    wrong(
        429,
        "RateLimited",
        "Too many requests; `Retry-After` says when to come again.",
        "RATE_LIMITED",
        "more than 5 requests in a second; wait as long as Retry-After says",
    ),
    wrong(500, "Internal", "A fault of Muista.", "INTERNAL", "the request failed inside Muista"),
    wrong(
        503,
        "Unavailable",
        "The database does not answer, or not in time.",
        "UNAVAILABLE",
        "the database does not answer; try again in a moment",
    ),
];

/// Returns the document without its operations, of a daemon that is reached below the path `base`.
pub(crate) fn head(base: &str) -> OpenApi {
    let mut document = Head::openapi();
    if let Some(server) = document.servers.iter_mut().flatten().next().filter(|_| !base.is_empty()) {
        base.clone_into(&mut server.url);
    }
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key (`muista token create`), or the access token of `POST /auth/login`."));
    let components = document.components.get_or_insert_with(Default::default);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    for wrong in &PROBLEMS {
        components.responses.insert(wrong.name.to_owned(), RefOr::T(problem(wrong)));
    }
    document
}

fn problem(wrong: &Wrong) -> Response {
    let ((code, detail), status) = (wrong.example, wrong.status);
    let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let errors = match status {
        422 => json!([{"field": "dueDate", "message": detail}]),
        _ => json!([]),
    };
    let example = json!({
        "type": "about:blank", "title": title, "status": status, "code": code, "detail": detail, "errors": errors,
        "requestId": "0199c0de-0000-7000-8000-000000000007",
    });
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(example)).build();
    ResponseBuilder::new().description(wrong.when).content("application/problem+json", content).build()
}

/// Returns the whole document, with what holds between fields, and without the parameter that the path says already.
pub(crate) fn finish(mut document: OpenApi) -> serde_json::Result<Vec<u8>> {
    let parts = document.paths.paths.get_mut("/tasks/{taskId}/subtasks").and_then(|item| item.get.as_mut());
    if let Some(parameters) = parts.and_then(|operation| operation.parameters.as_mut()) {
        parameters.retain(|parameter| !matches!(parameter, RefOr::T(parameter) if parameter.name == "parent"));
    }
    let mut document = serde_json::to_value(document)?;
    input::relate(&mut document["components"]["schemas"]);
    common::share(&mut document);
    serde_json::to_vec(&document)
}

/// Says who may use an operation.
pub(crate) fn secure(operation: &mut Operation, policy: AuthPolicy) {
    let scopes: Vec<&str> = match policy {
        // An empty list takes away what holds for all operations.
        AuthPolicy::Probe | AuthPolicy::Public | AuthPolicy::Anonymous => return operation.security = Some(Vec::new()),
        AuthPolicy::Scope(scope) => vec![scope.as_str()],
        AuthPolicy::Credential => Vec::new(),
    };
    operation.security = Some(vec![SecurityRequirement::new("bearer", scopes)]);
}

/// Names an operation by its noun and its verb, as in `tasks_list`: generated clients name their functions by it.
pub(crate) fn name(operation: &mut Operation) {
    let noun = operation.tags.iter().flatten().next().map(|tag| tag.replace('-', "_"));
    if let (Some(noun), Some(verb)) = (noun, &operation.operation_id) {
        operation.operation_id = Some(format!("{noun}_{verb}"));
    }
}

/// Says what may go wrong with an operation, where it does not say so itself.
pub(crate) fn complete(operation: &mut Operation, method: &str, path: &str, policy: AuthPolicy) {
    let (named, writes) = (path.contains('{'), method != "GET");
    for wrong in &PROBLEMS {
        let may = match wrong.status {
            401 | 403 => !matches!(policy, AuthPolicy::Probe | AuthPolicy::Public),
            429 => policy != AuthPolicy::Probe,
            // Filters name things too.
            404 => true,
            // A key's name may be another key's too.
            409 => writes || path == "/api-keys/{keyId}",
            412 => named && writes,
            408 | 413 | 415 => operation.request_body.is_some(),
            _ => true,
        };
        if may {
            let responses = &mut operation.responses.responses;
            let component = || RefOr::Ref(Ref::from_response_name(wrong.name));
            responses.entry(wrong.status.to_string()).or_insert_with(component);
        }
    }
}
