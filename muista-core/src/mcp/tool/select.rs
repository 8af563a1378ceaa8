//! Which tasks a change is of: those that are named, or all that meet conditions but for some ([`Conditions`]).

use rmcp::schemars::JsonSchema;
use serde::Deserialize;

use super::task::each;
use crate::error::{Error, Result};
use crate::input::{TaskListing, TaskQuery};
use crate::mcp::RequestContext;
use crate::mcp::named::{Name, OneOrMany, Titles, task, tasks};
use crate::model::{Page, Status, TaskRef};

/// How many tasks one call changes at most.
const CHANGED_MAX: usize = 100;

/// Conditions on tasks, all of which must hold, as those of list_tasks.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
pub(super) struct Conditions {
    #[serde(default)]
    due: Option<String>,
    #[serde(default)]
    project: Option<String>,
    #[serde(default)]
    tags: OneOrMany<String>,
    #[serde(default)]
    category: OneOrMany<String>,
    #[serde(default)]
    priority: OneOrMany<String>,
    #[serde(default)]
    search: Option<String>,
}

/// What says which tasks are meant.
pub(super) struct Selection<'a> {
    pub(super) names: &'a OneOrMany<Name>,
    pub(super) conditions: Option<Conditions>,
    pub(super) except: &'a OneOrMany<Name>,
    /// Which of them can be meant by a condition, or by a title.
    pub(super) status: Status,
}

impl Selection<'_> {
    /// Returns the tasks that are meant.
    ///
    /// # Errors
    /// `Invalid` where nothing says which, or too much does; `NotFound` where none is meant; and those of [`task`].
    pub(super) async fn tasks(self, context: &RequestContext, named: Status) -> Result<Vec<TaskRef>> {
        let Some(conditions) = self.conditions else {
            refuse_many(self.names.0.len())?;
            if !self.except.0.is_empty() {
                return Err(Error::invalid("except", "nothing is excepted from tasks that are named")
                    .hint("give `where` in place of `tasks`, or leave `except` out"));
            }
            return tasks(context, self.names, named, Titles::Part).await;
        };
        if !self.names.0.is_empty() {
            return Err(Error::invalid("where", "both tasks and where say which tasks").hint("leave out one of them"));
        }
        let meant = meant(context, conditions, self.status).await?;
        let mut excepted = Vec::new();
        for name in &self.except.0 {
            let found =
                task(context, name, self.status, Titles::Part).await.map_err(|error| error.of_field("except"))?;
            excepted.push(context.client.get_task(found).await?.task.id);
        }
        let left: Vec<TaskRef> = meant.into_iter().filter(|id| !excepted.contains(id)).map(TaskRef::Id).collect();
        refuse_many(left.len())?;
        if left.is_empty() {
            return Err(Error::not_found("task that meets the conditions")
                .of_field("where")
                .hint("see with list_tasks which tasks there are"));
        }
        Ok(left)
    }
}

/// Returns the tasks that meet the conditions; more than may be changed are refused.
async fn meant(context: &RequestContext, conditions: Conditions, status: Status) -> Result<Vec<crate::model::Id>> {
    let query = TaskQuery {
        due: conditions.due,
        project: conditions.project,
        category: each("where.category", &conditions.category)?,
        priority: each("where.priority", &conditions.priority)?,
        tag: conditions.tags.0,
        search: conditions.search.into_iter().collect(),
        ..TaskQuery::default()
    };
    if query == TaskQuery::default() {
        return Err(
            Error::invalid("where", "it holds no condition").hint("give at least one, as in {\"due\": \"overdue\"}")
        );
    }
    let TaskListing { filter, page } = query.read(status, &context.time).map_err(|error| error.within("where"))?;
    let page = Page { limit: Page::MAX, total: true, ..page };
    let found = context.client.list_tasks(filter, page).await?;
    let total = found.total.and_then(|total| usize::try_from(total).ok()).unwrap_or(found.items.len());
    if total > found.items.len() {
        refuse_many(total)?;
    }
    Ok(found.items.into_iter().map(|task| task.id).collect())
}

fn refuse_many(count: usize) -> Result<()> {
    if count <= CHANGED_MAX {
        return Ok(());
    }
    Err(Error::invalid("tasks", format!("{count} tasks are too many for one call"))
        .hint(format!("change {CHANGED_MAX} at most at once")))
}
