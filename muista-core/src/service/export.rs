//! The use case of export: all tasks with their comments, page by page. Writing the file formats is the CLI's work.

use std::collections::HashMap;

use super::{Caller, Service, task};
use crate::error::Result;
use crate::model::{Comment, ExportPage, ExportedTask, Id, Page, Scope, SortKey, SortOrder, Task, TaskFilter};
use crate::store;
use crate::store::list::Keyset;

/// One page of the caller's own tasks with their comments, by number.
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
    let user = caller.user;
    let by_number = SortOrder { key: SortKey::Number, descending: false };
    let keyset = Keyset::new(&Page { limit: Page::MAX, cursor, sort: vec![by_number], ..Page::default() })?;
    service
        .store
        .read(move |conn| {
            let filters = task::conditions(conn, user, filter)?;
            // What others share is theirs to export.
            let own: Vec<_> = filters.into_iter().take(1).map(|filter| filter.of(user)).collect();
            let page = task::one_page(conn, &own, &keyset, task::Total::None)?;
            let ids: Vec<Id> = page.items.iter().map(|task| task.id).collect();
            let mut comments: HashMap<Id, Vec<Comment>> = HashMap::new();
            for row in store::comment::of_tasks(conn, &ids)? {
                comments.entry(row.task_id).or_default().push(row.into());
            }
            let exported = |task: Task| ExportedTask { comments: comments.remove(&task.id).unwrap_or_default(), task };
            let items = page.items.into_iter().map(exported).collect();
            cut(ExportPage { items, next_cursor: page.next_cursor }, &keyset)
        })
        .await
}

/// The page, cut short where its comments are long.
fn cut(mut page: ExportPage, keyset: &Keyset) -> Result<ExportPage> {
    let mut bytes = 0;
    let within = |task: &&ExportedTask| {
        bytes += task.comments.iter().map(|comment| comment.text.len()).sum::<usize>();
        bytes <= task::PAGE_BYTES
    };
    let fits = page.items.iter().take_while(within).count().max(1);
    if fits < page.items.len() {
        page.items.truncate(fits);
        page.next_cursor = page.items.last().map(|last| keyset.cursor(&last.task)).transpose()?;
    }
    Ok(page)
}
