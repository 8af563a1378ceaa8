//! The use cases of comments: listing, adding and deleting them. Whoever sees a task may read and write them; a comment is
//! deleted by its author, by the task's owner, or by an admin of the project.

use super::access::{Access, Permission};
use super::task::assemble;
use super::tx::{Tx, checked_transaction, transaction};
use super::{Caller, Service};
use crate::error::{Error, Result};
use crate::model::{Comment, CommentPage, CommentQuery, Id, Page, Scope, TaskRef, Text, cursor};
use crate::store::list::PAGE_BYTES;
use crate::store::rows::CommentRow;
use crate::store::{self, Conn};
use crate::time::Instant;

/// One page of the comments on a task, the oldest first.
///
/// # Errors
/// `NotFound` for a task that the caller does not see, `Invalid` for a foreign cursor.
pub async fn list(service: &Service, caller: &Caller, query: CommentQuery) -> Result<CommentPage> {
    caller.require(Scope::TasksRead)?;
    let user = caller.user;
    let after = query.cursor.as_deref().map(cursor::read::<(Instant, Id)>).transpose()?;
    let limit = if query.limit == 0 { Page::MAX } else { query.limit.min(Page::MAX) };
    let work = move |conn: &mut Conn| {
        let task = assemble::resolve_existing(conn, user, std::slice::from_ref(&query.task))?.pop();
        let task = task.ok_or_else(|| assemble::missing(&query.task))?;
        let mut rows = store::comment::page(conn, task, after, i64::from(limit) + 1)?;
        let all = rows.len();
        rows.truncate(fitting(&rows, limit as usize));
        let more = all > rows.len();
        let items: Vec<Comment> = rows.into_iter().map(Comment::from).collect();
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|last| cursor::write(&(last.created_at, last.id))).transpose()?;
        Ok(CommentPage { items, next_cursor })
    };
    service.store.read(work).await
}

/// How many comments a page takes: one at least.
fn fitting(rows: &[CommentRow], limit: usize) -> usize {
    let mut bytes = 0;
    let within = |row: &&CommentRow| {
        bytes += row.text.len();
        bytes <= PAGE_BYTES
    };
    rows.iter().take(limit).take_while(within).count().max(1)
}

/// Comments a task.
///
/// # Errors
/// `NotFound` for a task that the caller does not see.
pub async fn add(service: &Service, caller: &Caller, task: TaskRef, text: Text) -> Result<Comment> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let user = tx.owner();
        let found = assemble::resolve_existing(tx.conn, user, std::slice::from_ref(&task))?.pop();
        let comment = Comment {
            id: Id::new(tx.now),
            task_id: found.ok_or_else(|| assemble::missing(&task))?,
            author_id: user,
            text: text.into(),
            created_at: tx.now,
        };
        store::comment::insert(tx.conn, &[CommentRow::from(&comment)])?;
        tx.created(&comment)?;
        Ok(comment)
    };
    Ok(checked_transaction(service, caller, work).await?.0)
}

/// A comment on a task that the caller sees.
pub async fn get(service: &Service, caller: &Caller, id: Id) -> Result<Comment> {
    caller.require(Scope::TasksRead)?;
    let user = caller.user;
    let work = move |conn: &mut Conn| {
        let row = store::comment::by_id(conn, id)?.ok_or_else(|| missing(id))?;
        let seen = assemble::resolve_existing(conn, user, &[row.task_id.into()]);
        seen.map_err(|_| missing(id)).map(|_| Comment::from(row))
    };
    service.store.read(work).await
}

/// Deletes a comment; returns how it was.
///
/// # Errors
/// `NotFound` for a comment that the caller does not see, `Forbidden` for another's.
pub async fn delete(service: &Service, caller: &Caller, id: Id) -> Result<Comment> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let row = store::comment::by_id(tx.conn, id)?.ok_or_else(|| missing(id))?;
        let comment = Comment::from(row);
        refuse_others(tx, &comment)?;
        store::comment::delete(tx.conn, id)?;
        tx.deleted(&comment)?;
        Ok(comment)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Refuses a caller who may not delete a comment.
///
/// # Errors
/// `NotFound` where it does not see the task, `Forbidden` where it does.
pub(crate) fn refuse_others(tx: &mut Tx<'_>, comment: &Comment) -> Result<()> {
    let place = tx.scope_of(comment.task_id)?;
    let right = Access::of(tx.owner()).permission(tx.conn, place.owner, place.project)?;
    match right {
        None => Err(missing(comment.id)),
        Some(Permission::Read) if comment.author_id != tx.owner() => {
            Err(Error::forbidden("that is another member's comment")
                .hint("who wrote it may delete it, and so may the task's owner and the project's admins"))
        }
        Some(_) => Ok(()),
    }
}

fn missing(id: Id) -> Error {
    Error::not_found(format!("comment {id}"))
        .hint("`muista comment ID` shows those on a task, with their ids in --json")
}
