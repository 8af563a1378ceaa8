//! `muista ls`: the tasks that a filter holds.

use std::collections::HashMap;
use std::str::FromStr;

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::{Error, ErrorKind};
use muista_core::input::query;
use muista_core::model::{Condition, GroupBy, Id, Page, Query, Sorting, Status, Task, TaskFilter, TaskMarks, View};
use muista_core::rpc::Client;

use super::{context, own_fields};
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{ListedTask, MARKS, Pick, groups};
use crate::words::filter::Filter;

/// As many tasks a table shows unless told otherwise.
const TABLE_ROWS: u32 = 50;

/// How many more are counted, where an index tells, and where each task has to be looked at.
const COUNTED: u32 = 10_000;
const COUNTED_SLOWLY: u32 = 100;

/// List tasks
///
/// A table shows 50 tasks unless --limit says otherwise; the other formats give all. A word -tag leaves a tag out; a tag
/// that looks like a flag (one letter, -ojson, -qv) is left out by --no-tag.
///
/// Marks: > being worked on, ^ subtask, v open subtasks, & waits for an open task, * reminder to come, ~ note or description,
/// " comments, = files. ↻ after the due: it repeats; !: it is overdue.
/// On a narrow terminal columns are left out, first those that are the same in all rows, and named on stderr.
///
/// A view, as in muista ls :work, brings its own order, columns and groups, unless flags say others.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "Example: muista ls +home -later due:week")]
pub(crate) struct Args {
    #[command(flatten)]
    filter: Filter,

    /// The order: due, priority, created, updated, completed, number, title, category, project, start, deadline, estimate, position, an own field, or urgency alone; - before one sorts the largest first, as in --sort due,-priority [default: due, then number]
    #[arg(long, value_name = "KEY[,-KEY]", allow_hyphen_values = true)]
    sort: Option<String>,

    /// The columns of the table: number, title, marks, due, deadline, priority, category, project, tags, done, start, estimate, position, spent, note, repeats, added, changed, id, or own fields, as in --columns number,title,due
    #[arg(long, value_name = "NAMES")]
    columns: Option<String>,

    /// Group the table by project, tag, category, priority, due or an own field; none: not as a view does, as in --group project
    #[arg(long, value_name = "WHAT", add = ArgValueCompleter::new(complete::groups))]
    group: Option<Grouping>,

    /// The keys of JSON, CSV and TSV, or own fields, in that order, as in --json --fields number,title,dueDate
    #[arg(long, value_name = "KEYS")]
    fields: Option<String>,

    /// Maximum number of tasks, as in --limit 10
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

    /// Skip the first N, as in --offset 50
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    offset: u32,

    /// Ignore the context, as in muista ls --no-context
    #[arg(long)]
    no_context: bool,
}

/// What a flag says of headings.
#[derive(Debug, Clone)]
enum Grouping {
    /// There are none.
    None,
    By(GroupBy),
}

impl FromStr for Grouping {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        GroupBy::parse(text).map(Self::By).map_err(|error| {
            let known = error.hint.clone().unwrap_or_default();
            error.hint(format!("{known}, none"))
        })
    }
}

/// Which part of a list, its order, and what is shown of it.
pub(crate) struct Part {
    sort: Option<Sorting>,
    limit: Option<u32>,
    offset: u32,
    pick: Pick<ListedTask>,
    group: Option<GroupBy>,
}

impl Default for Part {
    fn default() -> Self {
        Self { sort: None, limit: None, offset: 0, pick: Pick::usual(), group: None }
    }
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let applied = context::applied(app, args.no_context).await?;
    let within = applied.map(|view| context::condition(app, &view)).transpose()?;
    let filter = args.filter.read_within(within, app.context()?)?;
    let out = app.out()?;
    let own = own_fields::columns(app, args.columns.as_deref(), args.fields.as_deref()).await?;
    let pick = Pick::read(args.columns.as_deref(), args.fields.as_deref(), out.format, own)?;
    let sort = args.sort.as_deref().map(str::parse::<Sorting>).transpose()?;
    let view = look_of(app, &filter).await?;
    let part = Part {
        sort: sort.or_else(|| view.as_ref().and_then(|view| view.sort.clone())),
        limit: args.limit,
        offset: args.offset,
        pick: match view.as_ref().and_then(|view| view.columns.as_ref()) {
            Some(columns) if args.columns.is_none() && out.is_table() => {
                let names = columns.to_string();
                let own = own_fields::columns(app, Some(&names), None).await?;
                Pick::read(Some(&names), None, out.format, own)?
            }
            _ => pick,
        },
        group: match args.group {
            Some(Grouping::By(group)) => Some(group),
            Some(Grouping::None) => None,
            None => view.and_then(|view| view.group),
        },
    };
    list(app, filter, part).await
}

/// Returns the view that a filter names on the outside, whose order and columns the list has.
async fn look_of(app: &CommandContext, filter: &TaskFilter) -> Result<Option<View>> {
    let named = filter.terms.iter().find_map(|term| match term {
        Query::Is(Condition::View(used)) => Some(used.name.clone()),
        _ => None,
    });
    let Some(name) = named else { return Ok(None) };
    match app.client().await?.get_view(name).await {
        // The list says so, with the place in the query.
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// What there is beside the tasks of a list.
type Marks = HashMap<Id, TaskMarks>;

async fn marks_of(client: &Client, tasks: &[Task]) -> Result<Marks> {
    let found = client.mark_tasks(tasks.iter().map(|task| task.id).collect()).await?;
    Ok(found.into_iter().map(|marks| (marks.id, marks)).collect())
}

fn listed_task(task: Task, marks: &Marks) -> ListedTask {
    let marks = marks.get(&task.id).copied();
    ListedTask::new(task, marks)
}

/// Lists the tasks that a filter holds.
pub(crate) async fn list(app: &CommandContext, filter: TaskFilter, part: Part) -> Result<()> {
    let client = app.client().await?;
    let out = app.out()?;
    let Part { sort, limit, offset, pick, group } = part;
    let group = match group.filter(|_| out.is_table()) {
        Some(by) => Some(own_fields::group(app, by).await?),
        None => None,
    };
    let mut grouped: Vec<Task> = Vec::new();
    let wanted = limit.or(out.is_table().then_some(TABLE_ROWS));
    let marked = out.is_table() && pick.shows(MARKS);
    let mut marks = Marks::new();
    let mut rows = out.begin_with::<ListedTask>(pick);
    let page = Page { offset, ..Page::default() };
    let mut page = sort.map_or(page.clone(), |sort| sort.page(page));
    let mut listed = 0;
    let more = loop {
        page.limit = wanted.map_or(Page::MAX, |wanted| wanted.saturating_sub(listed).min(Page::MAX));
        let found = client.list_tasks(filter.clone(), page.clone()).await?;
        listed = listed.saturating_add(u32::try_from(found.items.len()).unwrap_or(u32::MAX));
        if marked {
            marks.extend(marks_of(&client, &found.items).await?);
        }
        match &group {
            Some(_) => grouped.extend(found.items),
            None => found.items.into_iter().try_for_each(|task| rows.one(&listed_task(task, &marks)))?,
        }
        page.cursor = found.next_cursor;
        if page.cursor.is_none() || wanted.is_some_and(|wanted| listed >= wanted) {
            break page.cursor.is_some();
        }
    };
    if let Some(by) = group {
        for group in groups(&grouped, &by, app.context()?) {
            rows.heading(group.heading);
            group.tasks.into_iter().try_for_each(|task| rows.one(&listed_task(task.clone(), &marks)))?;
        }
    }
    rows.end()?;
    if !out.is_table() {
        return Ok(());
    }
    if listed == 0 {
        nothing(app, &filter, offset);
    }
    waiting(app, &client, &filter).await?;
    if listed > 0 && more && !out.quiet {
        rest(app, &client, filter, listed.saturating_add(offset)).await?;
    }
    Ok(())
}

/// Says how many tasks the list would hold as well, were they not waiting. An index holds those that wait.
async fn waiting(app: &CommandContext, client: &Client, filter: &TaskFilter) -> Result<()> {
    // A view says itself whether it holds what waits.
    if filter.status != Status::Open || filter.terms.iter().any(query::has_view) || app.out()?.quiet {
        return Ok(());
    }
    let filter = TaskFilter { status: Status::Waiting, ..filter.clone() };
    let count = Page { limit: 1, total: true, total_most: Some(COUNTED_SLOWLY), ..Page::default() };
    match client.list_tasks(filter, count).await?.total.unwrap_or_default() {
        0 => {}
        1 => app.note("1 task is waiting; see it with --status waiting."),
        many if many > i64::from(COUNTED_SLOWLY) => {
            app.note(&format!("More than {COUNTED_SLOWLY} tasks are waiting; see them with --status waiting."));
        }
        many => app.note(&format!("{many} tasks are waiting; see them with --status waiting.")),
    }
    Ok(())
}

/// Says that the list is empty, and what may help.
fn nothing(app: &CommandContext, filter: &TaskFilter, offset: u32) {
    app.note(match (offset, Filter::is_empty(filter)) {
        (0, true) => "Nothing to do. Add a task with: muista add \"Buy cat food\" --due tomorrow",
        (0, false) => "No task matches. All open tasks: muista ls",
        _ => "No tasks beyond that --offset.",
    });
}

/// Says how many more there are, or that there are more than are worth counting: to count what an index alone does not tell
/// takes as long as to list it.
async fn rest(app: &CommandContext, client: &Client, filter: TaskFilter, seen: u32) -> Result<()> {
    let of_index = TaskFilter { due: filter.due.clone(), ..TaskFilter::default() } == filter;
    let most = seen.saturating_add(if of_index { COUNTED } else { COUNTED_SLOWLY });
    let count = Page { limit: 1, total: true, total_most: Some(most), ..Page::default() };
    let total = client.list_tasks(filter, count).await?.total.unwrap_or_default();
    let (more, counted) = (total.saturating_sub(i64::from(seen)), most - seen);
    if more > i64::from(counted) {
        app.note(&format!("More than {counted} more; see them with --limit or --offset."));
    } else if more > 0 {
        app.note(&format!("{more} more; see them with --limit or --offset."));
    }
    Ok(())
}
