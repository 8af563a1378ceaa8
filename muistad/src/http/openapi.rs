//! The OpenAPI document (3.1): what stands above the operations, and what holds for each of them alike: who may use it,
//! and what may go wrong. The operations themselves stand with their handlers.

use muista_core::input::{self, AgentContext, DeleteTask, TriggerScript, Zone};
use muista_core::model::{ApiKeyRef, RequestId, Scope};
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};

use super::problem::Document;
use super::route::Need;

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
        (name = "members", description = "Who works on a project."),
        (name = "jobs", description = "Scripts that run on a schedule or when asked to."),
        (name = "runs", description = "Single executions of jobs."),
        (name = "notifications", description = "Messages that were or will be sent."),
        (name = "devices", description = "Where a person can be reached by push."),
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

/// What may go wrong: the status, its name among the components, and when.
const PROBLEMS: [(u16, &str, &str); 13] = [
    (400, "Malformed", "The request cannot be read: no JSON, no UTF-8, no HTTP."),
    (401, "Unauthenticated", "The token, or the password, is missing, wrong, expired or revoked."),
    (403, "Forbidden", "The token lacks the scope, or one may see the thing but not change it."),
    (404, "NotFound", "There is no such thing, or none that one may see."),
    (409, "Conflict", "The thing is not in the state that the request supposes, or there is one of that name."),
    (412, "PreconditionFailed", "The thing was changed since: `If-Match` names another version."),
    (413, "TooLarge", "The body is too large; 1 MiB is the most for JSON."),
    (415, "UnsupportedMediaType", "The body is not declared as JSON, or the file's type is not taken."),
    (421, "WrongHost", "The daemon is not called by the name in `Host`."),
    (422, "Invalid", "A value cannot be accepted; `errors` names the field."),
    (429, "RateLimited", "Too many requests; `Retry-After` says when to come again."),
    (500, "Internal", "A fault of Muista."),
    (503, "Unavailable", "The database does not answer, or not in time."),
];

/// The document without its operations.
pub(crate) fn head() -> OpenApi {
    let mut document = Head::openapi();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An API key (`muista token create`), or the access token of `POST /auth/login`."));
    let components = document.components.get_or_insert_with(Default::default);
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    for (_, name, when) in PROBLEMS {
        components.responses.insert(name.to_owned(), RefOr::T(problem(when)));
    }
    document
}

fn problem(when: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(when).content("application/problem+json", content).build()
}

/// The whole document, with what holds between fields, and without the parameter that the path says already.
pub(crate) fn finish(mut document: OpenApi) -> serde_json::Result<Vec<u8>> {
    let parts = document.paths.paths.get_mut("/tasks/{taskId}/subtasks").and_then(|item| item.get.as_mut());
    if let Some(parameters) = parts.and_then(|operation| operation.parameters.as_mut()) {
        parameters.retain(|parameter| !matches!(parameter, RefOr::T(parameter) if parameter.name == "parent"));
    }
    let mut document = serde_json::to_value(document)?;
    input::relate(&mut document["components"]["schemas"]);
    serde_json::to_vec(&document)
}

/// Says who may use an operation.
pub(crate) fn secure(operation: &mut Operation, need: Need) {
    let scopes: Vec<&str> = match need {
        // An empty list takes away what holds for all operations.
        Need::Probe | Need::Nothing | Need::Stranger => return operation.security = Some(Vec::new()),
        Need::Scope(scope) => vec![scope.as_str()],
        Need::Credential => Vec::new(),
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
pub(crate) fn complete(operation: &mut Operation, method: &str, path: &str, need: Need) {
    let (named, writes) = (path.contains('{'), method != "GET");
    for (status, name, _) in PROBLEMS {
        let may = match status {
            401 | 403 => !matches!(need, Need::Probe | Need::Nothing),
            429 => need != Need::Probe,
            // Filters name things too.
            404 => true,
            409 => writes,
            412 => named && writes,
            413 | 415 => operation.request_body.is_some(),
            _ => true,
        };
        if may {
            let responses = &mut operation.responses.responses;
            responses.entry(status.to_string()).or_insert_with(|| RefOr::Ref(Ref::from_response_name(name)));
        }
    }
}
