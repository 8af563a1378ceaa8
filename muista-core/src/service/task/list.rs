//! Lists of tasks: the conditions on all that one sees, and the page that is asked for. The SQL is the store's.

use super::super::sight::Sight;
use super::super::{Caller, Service, assemble};
use crate::error::Result;
use crate::model::{Id, Page, Scope, TaskFilter, TaskPage};
use crate::store::list::{Keyset, ListFilter, PAGE_BYTES};
use crate::store::rows::FoundTask;
use crate::store::{self, Conn};

/// One page of the tasks that `filter` holds.
pub async fn list(service: &Service, caller: &Caller, filter: TaskFilter, page: Page) -> Result<TaskPage> {
    caller.require(Scope::TasksRead)?;
    let user = caller.user;
    let keyset = Keyset::new(&page)?;
    let work = move |conn: &mut Conn| {
        let filters = conditions(conn, user, filter)?;
        one_page(conn, &filters, &keyset, page.total)
    };
    service.store.read(work).await
}

/// One page of the tasks that any of `filters` holds; counts them all as well where that is wanted.
pub(crate) fn one_page(conn: &mut Conn, filters: &[ListFilter], keyset: &Keyset, total: bool) -> Result<TaskPage> {
    let rows = match filters {
        [one] => store::task::list(conn, one, keyset)?,
        several => {
            let whole = keyset.whole();
            let lists = several.iter().map(|filter| store::task::list(conn, filter, &whole)).collect::<Result<_>>()?;
            keyset.merge(lists)
        }
    };
    let (rows, more) = cut(rows, usize::try_from(keyset.limit).unwrap_or(usize::MAX));
    let total = match total {
        false => None,
        // The first page, and nothing behind it: that is all.
        true if !more && keyset.after.is_none() && keyset.offset == 0 => i64::try_from(rows.len()).ok(),
        true => {
            let counts = filters.iter().map(|filter| store::task::count(conn, filter));
            Some(counts.sum::<Result<i64>>()?)
        }
    };
    let items = assemble::whole(conn, rows)?;
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|task| keyset.cursor(task)).transpose()?;
    Ok(TaskPage { items, next_cursor, total })
}

/// The conditions of a filter, with its parent and its project found, on all that `user` sees: on its own tasks, and
/// apart from that, where there are any, on those that others share. No task is in both.
pub(crate) fn conditions(conn: &mut Conn, user: Id, filter: TaskFilter) -> Result<Vec<ListFilter>> {
    filter.check()?;
    let parent = match &filter.parent {
        Some(parent) => assemble::resolve_existing(conn, user, std::slice::from_ref(parent))?.pop(),
        None => None,
    };
    let (whose, project) = Sight::of(user).narrowed(conn, filter.project.as_ref())?;
    Ok(whose.into_iter().map(|whose| ListFilter::new(whose, filter.clone(), project, parent)).collect())
}

/// At most `limit` rows, fewer where their texts are long, and whether there are more.
fn cut(mut rows: Vec<FoundTask>, limit: usize) -> (Vec<FoundTask>, bool) {
    let mut bytes = 0;
    let within = |found: &&FoundTask| {
        bytes += found.text();
        bytes <= PAGE_BYTES
    };
    let fits = rows.iter().take(limit).take_while(within).count().max(1);
    let more = rows.len() > fits;
    rows.truncate(fits);
    (rows, more)
}
