//! The resources: an agenda, tasks, jobs and what runs wrote, whole, for clients that put them before a model by
//! themselves.

use rmcp::ErrorData;
use rmcp::model::{Resource, ResourceContents, ResourceTemplate};
use serde_json::{Value, json};

use super::tool::{agenda, job, run, task};
use super::{RequestContext, remedy};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{JobName, TaskRef, View, ViewName, clip, shown};

/// Today's agenda.
const AGENDA: &str = "muista://agenda/today";
/// All projects, and all tags.
const PROJECTS: &str = "muista://projects";
const TAGS: &str = "muista://tags";
/// All views.
const VIEWS: &str = "muista://views";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

/// Returns the resources that are always there.
pub(super) fn list() -> Vec<Resource> {
    let agenda = Resource::new(AGENDA, "agenda-today").with_title("Today's agenda").with_mime_type(JSON);
    let named = |uri: &str, name: &str, title: &str| Resource::new(uri, name).with_title(title).with_mime_type(JSON);
    vec![
        agenda.with_description("What is overdue, due, reminded of and scheduled today, as get_agenda tells it"),
        named(PROJECTS, "projects", "Projects").with_description("The names of the projects"),
        named(TAGS, "tags", "Tags").with_description("The names of the tags"),
        named(VIEWS, "views", "Views")
            .with_description("The queries that the user keeps under a name; list_tasks takes one as the query :NAME"),
    ]
}

/// Returns how the others are named.
pub(super) fn templates() -> Vec<ResourceTemplate> {
    [
        ("muista://tasks/{id}", "task", "Task", JSON, "A task by number or id, with all that belongs to it"),
        ("muista://jobs/{id}", "job", "Job", JSON, "A job by name, with its next times and last runs"),
        ("muista://views/{name}", "view", "View", JSON, "A view by name, with its query and the first tasks in it"),
        (
            "muista://runs/{id}/log",
            "run-log",
            "Run's output",
            TEXT,
            "All that a run wrote, by its id or its job's name",
        ),
    ]
    .into_iter()
    .map(|(uri, name, title, kind, description)| {
        ResourceTemplate::new(uri, name).with_title(title).with_mime_type(kind).with_description(description)
    })
    .collect()
}

/// Returns what a resource holds.
///
/// # Errors
/// Of the protocol: for what is no resource, and for what is not there.
pub(super) async fn read(context: &RequestContext, uri: &str) -> Result<ResourceContents, ErrorData> {
    let read =
        read_uri(context, uri).await.map_err(|error| ErrorData { data: Some(json!({"uri": uri})), ..failed(&error) });
    let (kind, text) = match read? {
        Value::String(text) => (TEXT, text),
        json => (JSON, json.to_string()),
    };
    Ok(ResourceContents::text(text, uri).with_mime_type(kind))
}

async fn read_uri(context: &RequestContext, uri: &str) -> Result<Value> {
    let unknown = || {
        Error::not_found(format!("resource {}", shown(&clip(uri))))
            .hint("resources/templates/list tells how they are named")
    };
    let path = uri.strip_prefix("muista://").ok_or_else(unknown)?;
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["agenda", day] => agenda::of(context, Some(&decoded(day))).await,
        ["tasks", id] => task::task_detail(context, decoded(id).parse::<TaskRef>()?).await,
        ["jobs", id] => job::detail(context, JobName::parse(&decoded(id))?).await,
        ["runs", id, "log"] => run::log_of(context, &run::run_ref(&decoded(id))?).await.map(Value::String),
        ["projects"] => Ok(
            json!({"projects": context.client.list_projects().await?.iter().map(|project| &project.name).collect::<Vec<_>>()}),
        ),
        ["tags"] => {
            Ok(json!({"tags": context.client.list_tags().await?.iter().map(|tag| &tag.name).collect::<Vec<_>>()}))
        }
        ["views"] => {
            let views = context.client.list_views().await?;
            let named = |view: &View| json!({"name": view.name, "query": view.query});
            Ok(json!({"views": views.iter().map(named).collect::<Vec<_>>()}))
        }
        ["views", name] => view(context, ViewName::parse(&decoded(name))?).await,
        _ => Err(unknown()),
    }
}

/// Returns a view with the first tasks in it.
async fn view(context: &RequestContext, name: ViewName) -> Result<Value> {
    let view = context.client.get_view(name).await?;
    let mut json = task::of_view(context, &view).await?;
    json["name"] = json!(view.name);
    json["query"] = json!(view.query);
    Ok(json)
}

/// Returns a part of a URI without its escapes (RFC 3986 §2.1); what is no escape stays.
fn decoded(part: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(part.len()), part.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        let escape = (*first == b'%').then(|| more.get(..2)).flatten();
        let escaped = escape.and_then(|digits| std::str::from_utf8(digits).ok());
        match escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &more[2..];
            }
            None => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns an error as the protocol tells it.
pub(super) fn failed(error: &Error) -> ErrorData {
    let message = remedy::error_text(error);
    match error.kind {
        ErrorKind::NotFound => ErrorData::resource_not_found(message, None),
        ErrorKind::Internal | ErrorKind::Unavailable => ErrorData::internal_error(message, None),
        _ => ErrorData::invalid_params(message, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        assert_eq!(decoded("7"), "7");
        assert_eq!(decoded("a%20b%2"), "a b%2");
        assert_eq!(decoded("%C3%A4%zz%"), "ä%zz%");
    }
}
