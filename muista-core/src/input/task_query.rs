//! Which tasks a list is to hold, as the parameters of a query say it.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{of_field, query, schema};
use crate::error::{Error, Result};
use crate::model::{
    Category, Condition, DueFilter, Page, Priority, ProjectFilter, ProjectRef, Query, Sorting, Status, TagName,
    TaskFilter, TaskRef, ViewName, ViewUse, clip,
};
use crate::time::{Context, range};

/// How many items a page holds unless told otherwise.
pub(crate) const LIMIT: u32 = 50;
/// How many it holds at most.
pub(crate) const LIMIT_MAX: u32 = 200;

/// Which tasks, in which order, and which part of them. All conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TaskQuery {
    /// A query, as in `+home -later due<fri (priority>=medium or is:blocking)`; the other conditions hold as well.
    #[serde(default)]
    #[param(schema_with = schema::query, example = "+home due:week priority>=medium")]
    pub q: Option<String>,
    /// `open`, `waiting` (until their start), `done` or `all`; `open` where nothing is said, and `done` with `completed`.
    #[serde(default)]
    #[param(inline, example = "open")]
    pub status: Option<Status>,
    /// Due at: `today`, `tomorrow`, `week` (Monday to Sunday of now), `upcoming`, `overdue`, `none`, a date, or `A..B`.
    #[serde(default)]
    #[param(schema_with = schema::due_filter, example = "today")]
    pub due: Option<String>,
    /// Done then: `today`, `yesterday`, `week` (Monday to Sunday of now), `month`, a date, or `A..B`.
    #[serde(default)]
    #[param(schema_with = schema::range, example = "week")]
    pub completed: Option<String>,
    /// In this category; given again, in any of them.
    #[serde(default)]
    #[param(inline, example = json!(["Work"]))]
    pub category: Vec<Category>,
    /// With this priority; given again, with any of them.
    #[serde(default)]
    #[param(inline, example = json!(["HIGH"]))]
    pub priority: Vec<Priority>,
    /// In the project of this name or id, or in none.
    #[serde(default)]
    #[param(inline, value_type = Option<ProjectRef>, example = "home")]
    pub project: Option<String>,
    /// With this tag, or with `none` at all; given again, with all of them.
    #[serde(default)]
    #[param(value_type = Vec<TagName>, example = json!(["errand"]))]
    pub tag: Vec<String>,
    /// Without this tag; given again, with none of them.
    #[serde(default)]
    #[param(example = json!(["later"]))]
    pub no_tag: Vec<TagName>,
    /// With a reminder that is active, or without one.
    #[serde(default)]
    #[param(example = true)]
    pub has_reminder: Option<bool>,
    /// With a script job, or without one.
    #[serde(default)]
    #[param(example = true)]
    pub script: Option<bool>,
    /// Subtasks of this task.
    #[serde(default)]
    #[param(example = "7")]
    pub parent: Option<TaskRef>,
    /// Whose title, description, note or comments hold this text; given again, all of them.
    #[serde(default)]
    #[param(schema_with = schema::words, example = json!(["cat food"]))]
    pub search: Vec<String>,
    /// What to sort by, up to four keys with commas between them; a `-` before one sorts the largest first. `urgency`
    /// alone puts the most urgent first.
    #[serde(default)]
    #[param(schema_with = schema::sort, example = "due,-priority")]
    pub sort: Option<String>,
    /// Maximum number of tasks.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200, default = 50, example = 50)]
    pub limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[serde(default)]
    #[param(schema_with = schema::cursor)]
    pub cursor: Option<String>,
    /// Whether to count all tasks that match.
    #[serde(default)]
    #[param(example = false)]
    pub total: bool,
}

/// What a [`TaskQuery`] asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskListing {
    /// The conditions.
    pub filter: TaskFilter,
    /// The order and the part.
    pub page: Page,
}

impl TaskQuery {
    /// Reads what is asked for; tasks of `status` where the query says none.
    ///
    /// # Errors
    /// `Invalid`, naming the parameter that is not understood.
    pub fn read(self, status: Status, context: &Context) -> Result<TaskListing> {
        self.read_in(None, status, context)
    }

    /// Reads what is asked for of the tasks of a view.
    ///
    /// # Errors
    /// As [`TaskQuery::read`].
    pub fn read_in(self, view: Option<ViewName>, status: Status, context: &Context) -> Result<TaskListing> {
        let query = self
            .q
            .as_deref()
            .map(|text| query::read(text, context))
            .transpose()
            .map_err(|error| of_field("q", error))?;
        let said = self.status.map(|status| Query::Is(Condition::Status(status)));
        let mut filter = TaskFilter {
            categories: self.category,
            priorities: self.priority,
            without_tags: self.no_tag,
            has_reminder: self.has_reminder,
            script: self.script,
            parent: self.parent,
            search: self.search,
            ..TaskFilter::default()
        };
        if let Some(due) = &self.due {
            filter.due = Some(DueFilter::read(due, context).map_err(|error| of_field("due", error))?);
        }
        if let Some(completed) = &self.completed {
            filter.completed = Some(range(completed, context).map_err(|error| of_field("completed", error))?);
        }
        filter.project = self.project.as_deref().map(str::parse::<ProjectFilter>).transpose()?;
        for tag in &self.tag {
            if tag.eq_ignore_ascii_case("none") {
                filter.untagged = true;
            } else {
                filter.tags.push(tag.parse::<TagName>().map_err(|error| of_field("tag", error))?);
            }
        }
        let timezone = context.zone_name();
        let view = view.map(|name| Query::Is(Condition::View(ViewUse { name, now: context.now, timezone })));
        let whole = Query::All(said.into_iter().chain(view).chain(query).collect());
        let filter = query::read_filter(whole, filter, status)?;
        let (limit, cursor) = (limit(self.limit)?, self.cursor);
        let page = Page { limit, cursor, total: self.total, ..Page::default() };
        let sorting = self.sort.as_deref().map(str::parse::<Sorting>).transpose()?;
        let page = sorting.map_or(page.clone(), |sorting| sorting.page(page));
        Ok(TaskListing { filter, page })
    }
}

/// How many items a page is to hold.
///
/// # Errors
/// `Invalid` for none, and for more than a page may hold.
pub fn limit(asked: Option<u32>) -> Result<u32> {
    match asked {
        None => Ok(LIMIT),
        Some(count @ 1..=LIMIT_MAX) => Ok(count),
        Some(count) => Err(Error::invalid("limit", format!("a page cannot hold {} items", clip(&count.to_string())))
            .hint(format!("choose 1 to {LIMIT_MAX}"))),
    }
}
