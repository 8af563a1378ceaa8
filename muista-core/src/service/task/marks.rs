//! The use case of marking the tasks of a list.

use std::collections::HashSet;

use crate::error::Result;
use crate::model::{Id, Page, Scope, TaskMarks};
use crate::service::access::Access;
use crate::service::{Caller, Service};
use crate::store::{self, Conn};

/// Returns what there is beside these tasks, one page of them at most; those that the caller does not see are left out.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn of_tasks(service: &Service, caller: &Caller, mut tasks: Vec<Id>) -> Result<Vec<TaskMarks>> {
    caller.require(Scope::TasksRead)?;
    let user = caller.user;
    tasks.truncate(usize::try_from(Page::MAX).unwrap_or(usize::MAX));
    service.store.read(move |conn| read(conn, user, &tasks)).await
}

fn read(conn: &mut Conn, user: Id, tasks: &[Id]) -> Result<Vec<TaskMarks>> {
    let mut access = Access::of(user);
    let mut seen = Vec::with_capacity(tasks.len());
    for (id, owner, project) in store::task::places(conn, tasks)? {
        if access.permission(conn, owner, project)?.is_some() {
            seen.push(id);
        }
    }
    let set = |found: Vec<Id>| -> HashSet<Id> { found.into_iter().collect() };
    let blocked = set(store::marks::blocked(conn, &seen)?);
    let parts = set(store::marks::with_parts(conn, &seen)?);
    let reminders = set(store::marks::with_reminders(conn, &seen)?);
    let comments = set(store::marks::with_comments(conn, &seen)?);
    let attachments = set(store::marks::with_attachments(conn, &seen)?);
    let marks = |id: Id| TaskMarks {
        id,
        blocked: blocked.contains(&id),
        parts: parts.contains(&id),
        reminders: reminders.contains(&id),
        comments: comments.contains(&id),
        attachments: attachments.contains(&id),
    };
    Ok(seen.into_iter().map(marks).collect())
}
