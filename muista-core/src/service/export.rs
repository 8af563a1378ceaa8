//! The use case of export: all tasks with their comments and the work on them, page by page. Writing the file formats is the CLI's work.

use std::collections::HashMap;

use super::{Caller, Service, task};
use crate::error::Result;
use crate::model::{
    Comment, ExportPage, ExportedTask, Id, Page, Scope, SortKey, SortOrder, Task, TaskFilter, TimeEntry,
};
use crate::store::list::{Keyset, OwnKeys, PAGE_BYTES, ReadAt};
use crate::store::{self, Conn};
use crate::time::Instant;

/// One page of the caller's own tasks with their comments and the work on them, by number.
///
/// # Errors
/// `Invalid` for a foreign cursor or filter.
pub async fn export(
    service: &Service,
    caller: &Caller,
    filter: TaskFilter,
    cursor: Option<String>,
) -> Result<ExportPage> {
    caller.require(Scope::TasksRead)?;
    let (user, now) = (caller.user, ReadAt::of(service.now(), caller.timezone.as_deref()));
    let by_number = SortOrder { key: SortKey::Number, descending: false };
    let keyset = Keyset::new(&Page { limit: Page::MAX, cursor, sort: vec![by_number], ..Page::default() })?;
    service
        .store
        .read(move |conn| {
            let filters = task::conditions(conn, user, filter, now)?;
            // What others share is theirs to export.
            let own: Vec<_> = filters.into_iter().take(1).map(|filter| filter.of(user)).collect();
            let page = task::one_page(conn, &own, &keyset, task::Total::None)?;
            commented(conn, page.items, page.next_cursor, &keyset)
        })
        .await
}

/// The tasks with their comments and the work on them; the page is cut short where those are long.
fn commented(
    conn: &mut Conn,
    mut tasks: Vec<Task>,
    mut next_cursor: Option<String>,
    keyset: &Keyset,
) -> Result<ExportPage> {
    let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
    let sizes: HashMap<Id, i64> = store::comment::sizes(conn, &ids)?.into_iter().collect();
    let mut bytes = 0;
    let within = |task: &&Task| {
        let texts = [Some(&task.title), task.description.as_ref(), task.note.as_ref()];
        bytes += texts.into_iter().flatten().map(String::len).sum::<usize>();
        bytes += sizes.get(&task.id).map_or(0, |size| usize::try_from(*size).unwrap_or(usize::MAX));
        bytes <= PAGE_BYTES
    };
    let fits = tasks.iter().take_while(within).count().max(1);
    if fits < tasks.len() {
        tasks.truncate(fits);
        next_cursor = tasks.last().map(|last| keyset.cursor(last, &OwnKeys::new())).transpose()?;
    }
    let some: Vec<Id> = tasks.iter().map(|task| task.id).filter(|id| sizes.contains_key(id)).collect();
    let mut comments: HashMap<Id, Vec<Comment>> = HashMap::new();
    for row in store::comment::of_tasks(conn, &some)? {
        comments.entry(row.task_id).or_default().push(row.into());
    }
    let timed = |task: &&Task| task.time_spent.is_some() || task.active_since.is_some();
    let timed: Vec<Id> = tasks.iter().filter(timed).map(|task| task.id).collect();
    let mut work: HashMap<Id, Vec<TimeEntry>> = HashMap::new();
    for row in store::time_entry::of_tasks(conn, &timed)? {
        work.entry(row.task_id).or_default().push(row.into());
    }
    let recurs = |task: &Task| task.series_id.filter(|_| !task.completed && task.recurrence.is_some());
    let series: Vec<Id> = tasks.iter().filter_map(recurs).collect();
    let ends: HashMap<Id, Instant> = store::series::ends(conn, &series)?.into_iter().collect();
    let exported = |task: Task| ExportedTask {
        recurrence_end: recurs(&task).and_then(|id| ends.get(&id).copied()),
        comments: comments.remove(&task.id).unwrap_or_default(),
        time_entries: work.remove(&task.id).unwrap_or_default(),
        task,
    };
    Ok(ExportPage { items: tasks.into_iter().map(exported).collect(), next_cursor })
}
