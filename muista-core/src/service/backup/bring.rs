//! Bringing back one task out of a backup, with its comments, reminders, tags and files, as one change that undo takes back.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::at_length;
use super::drill::Place;
use super::feed;
use super::staging::Staging;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::format::archive::Identities;
use crate::model::{Id, ProjectName, ProjectRef, Task, TaskDetail, TaskRef, WithNotices};
use crate::service::attachment::blocking;
use crate::service::task::{circles, relations};
use crate::service::tx::{Tx, transaction};
use crate::service::{Caller, Service, find_or_create, reminder, task};
use crate::store::rows::{AttachmentRow, CommentRow, TaskRow};
use crate::store::snapshot::{Sink as _, file as sqlite_file};
use crate::store::{self, Options, Store};

/// A backup that was unpacked, and is gone with this.
struct Unpacked {
    place: Place,
    staging: Staging,
}

impl Unpacked {
    fn of(file: &Path, identities: &Identities) -> Result<Self> {
        let mut reader = feed::open(file, identities)?;
        let place = Place::make(file)?;
        let mut staging = Staging::begin(&place.path.join("attachments"))?;
        let mut load = sqlite_file::Load::create(&place.path.join("muista.db"), reader.head().schema_version)?;
        let fed = feed::feed(&mut reader, &mut load, &mut staging)?;
        load.finish(&fed.manifest.head, None)?;
        Ok(Self { place, staging })
    }
}

/// Brings back a task that is not there any more.
///
/// # Errors
/// `NotFound` where the backup has no such task, `Conflict` where it still is there; when the backup is damaged.
pub(super) async fn bring(
    service: &Service,
    caller: &Caller,
    file: PathBuf,
    identities: Identities,
    name: TaskRef,
) -> Result<WithNotices<Task>> {
    let unpacked = at_length(service, move || Unpacked::of(&file, &identities)).await?;
    let detail = look_up(service, caller, &unpacked, name).await?;
    let (files, wanted) = (Arc::clone(&service.settings().attachments), detail.attachments.iter());
    let wanted: HashSet<Id> = wanted.map(|attachment| attachment.id).collect();
    let held = blocking(move || {
        unpacked.staging.adopt_some(&files, &wanted)?;
        Ok(wanted.into_iter().filter(|id| files.holds(*id)).collect::<HashSet<Id>>())
    });
    let held = held.await?;
    let (value, told) = transaction(service, caller, move |tx| put_back(tx, detail, &held)).await?;
    Ok(told.answer(value))
}

/// Finds the task in what was unpacked, as its owner would.
async fn look_up(service: &Service, caller: &Caller, unpacked: &Unpacked, name: TaskRef) -> Result<TaskDetail> {
    let options = Options::of_file(&unpacked.place.path.join("muista.db"));
    let clock: Arc<dyn Clock> = Arc::clone(&service.clock);
    let then = Service::new(Store::open(&options, &clock)?, clock);
    let detail = task::get(&then, caller, name).await;
    then.close();
    detail.map_err(|error| Error { message: format!("{} in the backup", error.message), ..error })
}

fn put_back(tx: &mut Tx<'_>, detail: TaskDetail, files: &HashSet<Id>) -> Result<Task> {
    let mut task = detail.task;
    if !store::task::places(tx.conn, &[task.id])?.is_empty() {
        return Err(Error::conflict(format!("task {} is there", task.number))
            .hint("delete it with `muista rm` first, to have it as it was in the backup"));
    }
    fit(tx, &mut task)?;
    store::task::insert(tx.conn, &[TaskRow::from(&task)])?;
    relations::put_tags(tx, vec![&mut task])?;
    let pairs: Vec<(Id, Id)> = task.depends_on.iter().map(|other| (task.id, *other)).collect();
    store::dependency::insert(tx.conn, &pairs)?;
    circles::refuse_waiting(tx, vec![task.id])?;
    tx.created(&task)?;
    for comment in &detail.comments {
        store::comment::insert(tx.conn, &[CommentRow::from(comment)])?;
        tx.created(comment)?;
    }
    for mut one in detail.reminders {
        reminder::resume(&mut one, &task, None, tx.now)?;
        one.task_number = task.number;
        reminder::insert(tx, std::slice::from_ref(&one))?;
        tx.created(&one)?;
    }
    for attachment in detail.attachments {
        if files.contains(&attachment.id) {
            store::attachment::insert(tx.conn, &AttachmentRow::from(&attachment))?;
            tx.created(&attachment)?;
        } else {
            tx.notice(format!("the backup does not have the file {}", attachment.name));
        }
    }
    Ok(task)
}

/// Has a task stand among those that are there now: what it belonged to may be gone.
fn fit(tx: &mut Tx<'_>, task: &mut Task) -> Result<()> {
    (task.version, task.updated_at) = (task.version + 1, tx.now);
    if !store::task::ids_of_numbers(tx.conn, &[task.number])?.is_empty() {
        let number = store::task::reserve_numbers(tx.conn, 1)?.pop();
        let was = std::mem::replace(&mut task.number, number.unwrap_or_default());
        tx.notice(format!("number {was} is another task's by now; this is task {}", task.number));
    }
    let around: Vec<Id> = task.depends_on.iter().copied().chain(task.parent_id).collect();
    let here: HashSet<Id> = store::task::places(tx.conn, &around)?.into_iter().map(|(id, ..)| id).collect();
    task.depends_on.retain(|id| here.contains(id));
    if let Some(parent) = task.parent_id.filter(|parent| !here.contains(parent)) {
        task.parent_id = None;
        tx.notice(format!("what it was a part of, {parent}, is not there any more"));
    }
    if let Some(series) = task.series_id
        && store::series::by_id(tx.conn, series)?.is_none()
    {
        (task.series_id, task.series_number, task.recurrence) = (None, None, None);
        tx.notice("its recurrence is not there any more".to_owned());
    }
    let Some(project) = task.project_id else { return Ok(()) };
    if let Some(row) = store::project::by_id(tx.conn, project)? {
        task.project = Some(row.name);
    } else if let Some(name) = &task.project {
        let (id, name) = find_or_create::project(tx, &ProjectRef::Name(ProjectName::parse(name)?))?;
        (task.project_id, task.project) = (Some(id), Some(name));
    }
    Ok(())
}
