//! The tasks that the words of a verb mean, found out from the service. What the words are is `selection`'s; this is used
//! by all verbs that take several tasks.

use muista_core::error::Error;
use muista_core::model::{Condition, Page, Query, Status, Task, TaskFilter, TaskRef};

use crate::ask;
use crate::context::CommandContext;
use crate::error::Result;
use crate::words::selection::{self, Named, Selection};

/// As many tasks are named in a question.
const SHOWN: usize = 5;

/// The tasks that a verb is for.
pub(super) struct Targets {
    /// How they are named to the service.
    pub(super) tasks: Vec<TaskRef>,
    /// What is known of those that a query found.
    found: Option<Vec<Task>>,
    /// How many were not named one by one, but as a range or by a query.
    unnamed: usize,
}

/// Finds the tasks that words mean. Of a query without a status those of `status` are meant.
///
/// # Errors
/// `Invalid` for words that cannot be read, `NotFound` where they mean no task.
pub(super) async fn find(app: &CommandContext, words: &[String], status: Status) -> Result<Targets> {
    let query = match Selection::read(words)? {
        Selection::Named(named) => {
            let is_range = named.iter().any(|named| matches!(named, Named::Range(..)));
            let tasks = present(app, named).await?;
            let unnamed = if is_range { tasks.len() } else { 0 };
            return Ok(Targets { tasks, found: None, unnamed });
        }
        Selection::Query(query) => query,
    };
    let found = all_of(app, selection::filter(&query, status, app.context()?)?).await?;
    if found.is_empty() {
        let words: Vec<&str> = query.iter().map(|word| word.trim()).collect();
        return Err(Error::not_found(format!("task matches “{}”", words.join(" ")))
            .hint("see what there is with `muista ls`; done tasks are found by status:done")
            .into());
    }
    let tasks: Vec<TaskRef> = found.iter().map(|task| task.id.into()).collect();
    Ok(Targets { unnamed: tasks.len(), tasks, found: Some(found) })
}

/// Returns all tasks that a filter holds.
async fn all_of(app: &CommandContext, filter: TaskFilter) -> Result<Vec<Task>> {
    let client = app.client().await?;
    let mut page = Page { limit: Page::MAX, ..Page::default() };
    let mut found = Vec::new();
    loop {
        let part = client.list_tasks(filter.clone(), page.clone()).await?;
        found.extend(part.items);
        page.cursor = part.next_cursor;
        if page.cursor.is_none() {
            return Ok(found);
        }
    }
}

/// Returns the named tasks, and of each range those that are there, by number.
async fn present(app: &CommandContext, named: Vec<Named>) -> Result<Vec<TaskRef>> {
    let mut tasks = Vec::new();
    let mut add = |task: TaskRef| {
        if !tasks.contains(&task) {
            tasks.push(task);
        }
    };
    for named in named {
        match named {
            Named::One(task) => add(task),
            Named::Range(from, to) => {
                let terms = vec![Query::Is(Condition::Number(from, to))];
                let filter = TaskFilter { status: Status::All, terms, ..TaskFilter::default() };
                let mut numbers: Vec<i64> = all_of(app, filter).await?.iter().map(|task| task.number).collect();
                if numbers.is_empty() {
                    return Err(Error::not_found(format!("task in {from}-{to}"))
                        .hint("see the numbers with `muista ls --status all`")
                        .into());
                }
                numbers.sort_unstable();
                numbers.into_iter().for_each(|number| add(TaskRef::Number(number)));
            }
        }
    }
    Ok(tasks)
}

impl Targets {
    /// Asks about a change of many tasks. `verb` is what is done to them, as in “Mark done”.
    ///
    /// # Errors
    /// As [`Targets::refuse_unasked`], and when the answer is anything but yes.
    pub(super) fn confirm(&self, app: &CommandContext, verb: &str) -> Result<()> {
        self.refuse_unasked(app)?;
        let Some(found) = self.found.as_ref().filter(|found| found.len() >= ask::MANY) else {
            return ask::confirm_many(app, self.tasks.len(), verb);
        };
        let named = found.iter().take(SHOWN).map(|task| format!("{}  {}", task.number, task.title));
        let more = found.len().saturating_sub(SHOWN);
        let more = (more > 0).then(|| format!("and {more} more"));
        let lines: Vec<String> = named.chain(more).collect();
        ask::confirm(app, &format!("{}\n{verb} {} tasks?", lines.join("\n"), found.len()))
    }

    /// Refuses to change many tasks that a query or a range found where nobody can be asked and `--yes` was not given.
    ///
    /// # Errors
    /// `Invalid`, naming the flag.
    pub(super) fn refuse_unasked(&self, app: &CommandContext) -> Result<()> {
        let many = self.unnamed;
        if many < ask::MANY || app.globals().yes || app.can_ask() {
            return Ok(());
        }
        Err(Error::invalid("yes", format!("{many} tasks match, and there is no terminal to ask for confirmation"))
            .hint("look at them with `muista ls`, then add --yes")
            .into())
    }
}
