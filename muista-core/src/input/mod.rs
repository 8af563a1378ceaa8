//! What programs and agents write, before it is read: documents of texts, with dates and recurrences in words, and what
//! the core makes of them. The same documents serve REST, MCP and the agent envelope. Every refusal names the field, in
//! camelCase; what stands within another after a dot.

mod agent;
mod agent_schema;
mod deserialize_error;
mod job;
mod object;
mod planning;
mod project;
pub mod query;
mod reminder;
pub mod report;
mod schema;
mod task;
mod task_query;
mod template;
#[cfg(test)]
mod tests;

pub use crate::model::Zone;
pub use agent::{AgentContext, DeleteTask, Envelope, Message, TriggerScript, Wanted};
pub use agent_schema::AgentMessage;
pub use deserialize_error::{deserialize_error, deserialize_error_of_text};
pub use job::{JobChanges, JobInput, RunInput};
pub use object::Object;
pub use planning::{PlanningTexts, start};
pub use project::{ProjectChanges, ProjectInput};
pub use reminder::{ReminderInput, instant, trigger};
pub use report::{BurndownInput, CalendarInput, StatsInput, TimesheetInput};
pub use schema::{begin, later, relate, when};
pub use task::{TaskChanges, TaskInput};
pub use task_query::{TaskListing, TaskQuery, limit};
pub use template::TemplateInput;

use crate::error::{Error, Result};
use crate::model::{Change, Due, Text};
use crate::time::{Context, When};

/// Returns an error of the field `name`.
fn of_field(name: &str, error: impl Into<Error>) -> Error {
    Error { field: Some(name.to_owned()), ..error.into() }
}

/// Reads a longer text; an empty one is none.
fn text(field: &str, text: Option<&str>) -> Result<Option<Text>> {
    text.map_or(Ok(None), |text| Text::parse(field, text))
}

/// Returns what a patch says of a longer text.
fn changed_text(field: &str, change: &Change<String>) -> Result<Change<Text>> {
    match change {
        Change::Keep => Ok(Change::Keep),
        Change::Clear => Ok(Change::Clear),
        Change::Set(new) => text(field, Some(new)).map(Change::from_option),
    }
}

/// Reads a due that is a date in any words, or an instant.
fn due(text: &str, context: &Context) -> Result<Option<Due>> {
    due_of("dueDate", text, context)
}

/// Reads such a date of a field.
fn due_of(field: &str, text: &str, context: &Context) -> Result<Option<Due>> {
    let when = When::read(text, context).map_err(|error| of_field(field, error))?;
    Ok(Due::new(&when, &context.zone))
}

/// Reads a due that is a date, as `2026-11-21`.
fn due_on(text: &str, context: &Context) -> Result<Due> {
    let day = planning::day("dueOn", text)?;
    Due::new(&When::On(day), &context.zone).ok_or_else(|| Error::internal("a due cannot be made of a date"))
}

/// Returns the date that both fields of these names say together.
fn both(date_name: &str, on_name: &str, date: Option<Due>, on: Option<Due>) -> Result<Option<Due>> {
    match (date, on) {
        (Some(date), Some(on)) if date.at() != on.at() => {
            let message = format!("{date_name} and {on_name} say different times");
            Err(Error::invalid(on_name, message).hint("leave out one of them"))
        }
        (date, on) => Ok(on.or(date)),
    }
}
