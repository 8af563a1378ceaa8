//! The use cases of attachments: taking a file in, listing, reading and deleting them. Whoever sees a task sees its files
//! and may add to them. The files themselves are `file`'s, what may be kept is `kind`'s.
//!
//! A file is on the disk, under its final name, before its row is committed; it stays when the row goes, so that undo
//! brings both back, until the engine removes files that have had no row for a while.

mod file;
mod kind;

use std::sync::{Arc, Mutex, PoisonError};

pub use file::Folder;
use file::Part;
pub(crate) use file::blocking;

use super::access::quota;
use super::access::{Access, Permission};
use super::audit::audited::{Audited, RecordScope};
use super::task::assemble;
use super::tx::{Tx, transaction};
use super::{Caller, Service};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Attachment, Chunk, Entity, Id, NewAttachment, Scope, TaskRef, Weight};
use crate::store::rows::AttachmentRow;
use crate::store::{self, Conn};

/// The most files of one task.
const MOST: usize = 100;

impl Audited for Attachment {
    const ENTITY: Entity = Entity::Attachment;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, tx: &mut Tx<'_>) -> Result<RecordScope> {
        tx.scope_of(self.task_id)
    }

    fn weight(&self) -> Weight {
        Weight { files: 1, file_bytes: self.size_bytes, ..Weight::default() }
    }

    fn payer(&self) -> Option<Id> {
        self.user_id
    }
}

/// A file that is being taken in. Dropping it forgets what came so far.
pub struct Upload {
    id: Id,
    new: NewAttachment,
    part: Box<Part>,
}

/// The file that a connection is handing over.
#[derive(Default)]
pub struct UploadStage(Mutex<Option<Upload>>);

impl UploadStage {
    /// Puts an upload there, in place of one that was never finished.
    pub(crate) fn put(&self, upload: Upload) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(upload);
    }

    /// Takes it.
    ///
    /// # Errors
    /// `Conflict` when there is none.
    pub(crate) fn take(&self) -> Result<Upload> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.ok_or_else(|| Error::conflict("no file is being handed over").hint("begin again"))
    }
}

/// Begins to take in a file for a task that the caller sees.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound` for a task that the caller does not see.
pub async fn begin(service: &Service, caller: &Caller, new: NewAttachment) -> Result<Upload> {
    caller.require(Scope::TasksWrite)?;
    let (user, task, quotas) = (caller.user, new.task.clone(), service.settings().quotas);
    let look = move |conn: &mut Conn| task_of(conn, user, &task).and_then(|_| quota::refuse_full(conn, quotas, user));
    service.store.read(look).await?;
    let (id, folder) = (Id::new(service.now()), Arc::clone(&service.settings().attachments));
    let part = blocking(move || folder.begin(id)).await?;
    Ok(Upload { id, new, part: Box::new(part) })
}

impl Upload {
    /// Takes in the next bytes.
    ///
    /// # Errors
    /// `Invalid`, of the field `sizeBytes`, when the file is larger than is kept.
    pub async fn push(mut self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<Self> {
        let mut part = self.part;
        self.part = blocking(move || part.push(bytes.as_ref()).map(|()| part)).await?;
        Ok(self)
    }

    /// The SHA-256 of what came so far.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        self.part.sha256()
    }

    /// Keeps what came as the file of an attachment.
    ///
    /// # Errors
    /// `Invalid`, of the field `mediaType`, for a kind of file that is not kept, or another than was said; `NotFound` when
    /// the task is gone, `Conflict` when it has as many files as it may.
    pub async fn finish(self, service: &Service, caller: &Caller) -> Result<Attachment> {
        caller.require(Scope::TasksWrite)?;
        let Self { id, new, part } = self;
        let (name, declared) = (new.name.clone(), new.media_type.clone());
        let kept = blocking(move || part.keep(&name, declared.as_deref())).await?;
        let work = move |tx: &mut Tx<'_>| {
            let owner = tx.owner();
            let task_id = task_of(tx.conn, owner, &new.task)?;
            refuse_more(tx.conn, task_id)?;
            let attachment = Attachment {
                id,
                task_id,
                user_id: Some(owner),
                name: new.name.into(),
                media_type: kept.media_type,
                size_bytes: kept.size,
                sha256: Some(kept.sha256),
                url: format!("/attachments/{id}/content"),
                created_at: tx.now,
            };
            store::attachment::insert(tx.conn, &AttachmentRow::from(&attachment))?;
            tx.created(&attachment)?;
            Ok(attachment)
        };
        let answer = transaction(service, caller, work).await.map(|(attachment, _)| attachment);
        // What was refused, or is there already since the request was sent twice, is not needed. Whether a commit that
        // broke off was done is not known; the file stays then.
        let unused = match &answer {
            Ok(attachment) => attachment.id != id,
            Err(error) => !matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Internal),
        };
        if unused {
            let folder = Arc::clone(&service.settings().attachments);
            blocking(move || folder.remove(id)).await?;
        }
        answer
    }
}

/// The files of a task, the oldest first.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound` for a task that the caller does not see.
pub async fn list(service: &Service, caller: &Caller, task: TaskRef) -> Result<Vec<Attachment>> {
    caller.require(Scope::TasksRead)?;
    let user = caller.user;
    let look = move |conn: &mut Conn| {
        let task = task_of(conn, user, &task)?;
        store::attachment::of_tasks(conn, &[task])
    };
    Ok(service.store.read(look).await?.into_iter().map(Attachment::from).collect())
}

/// An attachment.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`.
pub async fn get(service: &Service, caller: &Caller, id: Id) -> Result<Attachment> {
    caller.require(Scope::TasksRead)?;
    let user = caller.user;
    service.store.read(move |conn| find(conn, user, id)).await
}

/// An attachment and its file, open for reading.
///
/// # Errors
/// As [`get`]; `NotFound` when the file is gone too.
pub async fn open(service: &Service, caller: &Caller, id: Id) -> Result<(Attachment, std::fs::File)> {
    let attachment = get(service, caller, id).await?;
    let folder = Arc::clone(&service.settings().attachments);
    let file = blocking(move || folder.open(id)).await?;
    Ok((attachment, file))
}

/// A piece of an attachment's file, from a place on; an empty one at its end.
///
/// # Errors
/// As [`open`].
pub async fn read(service: &Service, caller: &Caller, id: Id, from: u64) -> Result<Chunk> {
    let (_, mut file) = open(service, caller, id).await?;
    blocking(move || file::read(&mut file, from, Chunk::MAX).map(Chunk)).await
}

/// Deletes an attachment; returns how it was. Whoever attached it may, and whoever may change the task.
///
/// # Errors
/// `Forbidden`, `NotFound`.
pub async fn delete(service: &Service, caller: &Caller, id: Id) -> Result<Attachment> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let before = find(tx.conn, owner, id)?;
        refuse_others(tx, &before)?;
        if store::attachment::delete(tx.conn, id)? == 0 {
            return Err(missing(id));
        }
        tx.deleted(&before)?;
        Ok(before)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Refuses a caller who may not delete a file, nor bring it back: whoever attached it may, as long as it sees the task, and
/// whoever may change the task.
///
/// # Errors
/// `NotFound` where it does not see the task, `Forbidden` where it does.
pub(crate) fn refuse_others(tx: &mut Tx<'_>, attachment: &Attachment) -> Result<()> {
    let place = tx.scope_of(attachment.task_id)?;
    let owner = tx.owner();
    match Access::of(owner).permission(tx.conn, place.owner, place.project)? {
        None => Err(missing(attachment.id)),
        Some(Permission::Read) if attachment.user_id != Some(owner) => {
            Err(Error::forbidden("that is another member's file")
                .hint("who attached it may delete it, and so may the task's owner and the project's admins"))
        }
        Some(_) => Ok(()),
    }
}

/// Notes that the attachments of these tasks go with them.
pub(crate) fn forget(tx: &mut Tx<'_>, tasks: &[Id]) -> Result<()> {
    for row in store::attachment::of_tasks(tx.conn, tasks)? {
        tx.deleted(&Attachment::from(row))?;
    }
    Ok(())
}

/// The task that is named, so far as `user` sees it.
fn task_of(conn: &mut Conn, user: Id, task: &TaskRef) -> Result<Id> {
    let found = assemble::resolve_existing(conn, user, std::slice::from_ref(task))?.pop();
    found.ok_or_else(|| Error::not_found(format!("task {task}")))
}

/// Refuses one more file of a task that has as many as it may.
pub(crate) fn refuse_more(conn: &mut Conn, task: Id) -> Result<()> {
    // Under the task's lock, nobody else adds to it meanwhile.
    store::task::lock(conn, &[task])?;
    if store::attachment::of_tasks(conn, &[task])?.len() < MOST {
        return Ok(());
    }
    Err(Error::quota(format!("the task has {MOST} files, which is the most"))
        .hint("delete one that is not needed, or put several into a zip file"))
}

fn find(conn: &mut Conn, user: Id, id: Id) -> Result<Attachment> {
    let row = store::attachment::by_id(conn, id)?.ok_or_else(|| missing(id))?;
    task_of(conn, user, &TaskRef::Id(row.task_id)).map_err(|error| match error.kind {
        ErrorKind::NotFound => missing(id),
        _ => error,
    })?;
    Ok(row.into())
}

fn missing(id: Id) -> Error {
    Error::not_found(format!("attachment {id}")).hint("`muista attach TASK` shows what there is")
}
