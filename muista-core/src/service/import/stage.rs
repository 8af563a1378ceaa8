//! [`ImportStage`]: the parts of an import until the last has come. They wait on the disk, in files that are gone with the
//! import however it ends; how much that is is bounded, for each import and for all of a daemon's together.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::model::{FieldKind, Id, ImportBatch, ImportTask, Quotas};
use crate::service::access::quota;
use crate::service::task::relations;
use crate::spool::Spool;

/// The most tasks that one import may hold.
const TASKS_MAX: usize = 1_000_000;
/// The most own fields that it may have values of.
const FIELDS_MAX: usize = 1000;
/// How many bytes one import may take on the disk, and all of a daemon's together.
const BYTES_MAX: u64 = 2 << 30;

/// The parts of a connection's import so far.
#[derive(Debug, Default)]
pub struct ImportStage(Mutex<Staged>);

/// What was gathered, and how much of the room for imports it holds.
#[derive(Debug, Default)]
pub(super) struct Staged {
    files: Option<Files>,
    pub(super) force: bool,
    pub(super) fields: BTreeMap<String, FieldKind>,
    tasks: usize,
    deleted: usize,
    text: usize,
    held: u64,
    of: Option<Arc<AtomicU64>>,
}

/// Where it waits.
#[derive(Debug)]
struct Files {
    /// The tasks, as they came.
    tasks: Spool,
    /// An [`Entry`] of each.
    entries: Spool,
    /// The identifiers of what is to be deleted.
    deleted: Spool,
}

/// What is known of a task without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: Id,
    pub(super) parent: Option<Id>,
    /// Whether it waits for others.
    pub(super) waits: bool,
    /// Where it ends among the tasks, in bytes.
    pub(super) end: u64,
}

impl Entry {
    /// How many bytes it is.
    const WIDTH: usize = 41;

    fn write(self) -> [u8; Self::WIDTH] {
        let mut bytes = [0; Self::WIDTH];
        bytes[..16].copy_from_slice(self.id.as_bytes());
        bytes[16..32].copy_from_slice(self.parent.unwrap_or(Id::NIL).as_bytes());
        bytes[32..40].copy_from_slice(&self.end.to_be_bytes());
        bytes[40] = u8::from(self.parent.is_some()) | (u8::from(self.waits) << 1);
        bytes
    }

    fn read(bytes: &[u8; Self::WIDTH]) -> Self {
        let id = |from: usize| Id::from_bytes(std::array::from_fn(|place| bytes[from + place]));
        Self {
            id: id(0),
            parent: (bytes[40] & 1 != 0).then(|| id(16)),
            waits: bytes[40] & 2 != 0,
            end: u64::from_be_bytes(std::array::from_fn(|place| bytes[32 + place])),
        }
    }
}

impl Staged {
    /// How many tasks were gathered.
    pub(super) fn len(&self) -> usize {
        self.tasks
    }

    /// The entries of the tasks at these places.
    pub(super) fn entries(&self, from: usize, to: usize) -> Result<Vec<Entry>> {
        let Some(files) = &self.files else { return Ok(Vec::new()) };
        let bytes = files.entries.read((from * Entry::WIDTH) as u64, (to * Entry::WIDTH) as u64)?;
        let (entries, _) = bytes.as_chunks::<{ Entry::WIDTH }>();
        Ok(entries.iter().map(Entry::read).collect())
    }

    /// The tasks between two places in bytes.
    pub(super) fn tasks<T: DeserializeOwned>(&self, from: u64, to: u64) -> Result<Vec<T>> {
        self.files.as_ref().map_or_else(|| Ok(Vec::new()), |files| files.tasks.values(from, to))
    }

    /// What is to be deleted, as much as is worked on at a time.
    pub(super) fn deleted(&self, from: usize, to: usize) -> Result<Vec<Id>> {
        let (from, to) = (from.min(self.deleted), to.min(self.deleted));
        let Some(files) = &self.files else { return Ok(Vec::new()) };
        let bytes = files.deleted.read((from * size_of::<Id>()) as u64, (to * size_of::<Id>()) as u64)?;
        let (ids, _) = bytes.as_chunks::<{ size_of::<Id>() }>();
        Ok(ids.iter().copied().map(Id::from_bytes).collect())
    }

    fn add(&mut self, part: &ImportBatch, limits: Option<Quotas>, room: &Room<'_>) -> Result<()> {
        self.force |= part.force;
        self.fields.extend(part.fields.clone());
        if self.fields.len() > FIELDS_MAX {
            return Err(Error::invalid(
                "fields",
                format!("more than {FIELDS_MAX} own fields are too many for one import"),
            ));
        }
        self.tasks += part.tasks.len();
        self.deleted += part.deleted.len();
        self.text += part.tasks.iter().map(ImportTask::text).sum::<usize>();
        if self.tasks + self.deleted > TASKS_MAX {
            return Err(Error::invalid("tasks", format!("more than {TASKS_MAX} tasks are too many for one import"))
                .hint("split the file"));
        }
        limits.map_or(Ok(()), |limits| self.refuse_beyond(limits))?;
        part.tasks.iter().try_for_each(|task| relations::refuse_many_tags(&task.tags))?;
        let files = match &mut self.files {
            Some(files) => files,
            none => none.insert(Files::begin(room.folder)?),
        };
        files.add(part)?;
        if part.last {
            files.finish()?;
        }
        let bytes = files.bytes();
        self.hold(bytes, room.of)
    }

    /// Refuses what is more than an account may have at all, before it has come whole.
    fn refuse_beyond(&self, limits: Quotas) -> Result<()> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        if number(self.tasks) > limits.tasks {
            return Err(quota::beyond("limits.tasks", "tasks", limits.tasks));
        }
        if number(self.text) > limits.text_bytes {
            return Err(quota::beyond("limits.text_bytes", "bytes of text", limits.text_bytes));
        }
        Ok(())
    }

    /// Takes so many bytes of the room for all imports, if there are so many.
    fn hold(&mut self, bytes: u64, of: &Arc<AtomicU64>) -> Result<()> {
        let more = bytes.saturating_sub(self.held);
        let before = of.fetch_add(more, Ordering::Relaxed);
        self.held += more;
        self.of = Some(Arc::clone(of));
        if self.held > BYTES_MAX {
            return Err(Error::invalid(
                "tasks",
                format!("more than {} MiB are too much for one import", BYTES_MAX >> 20),
            )
            .hint("split the file"));
        }
        if before + more > BYTES_MAX {
            return Err(Error::unavailable("other imports take all the room there is for them").hint("try again later"));
        }
        Ok(())
    }
}

impl Files {
    fn begin(folder: &Path) -> Result<Self> {
        // It is the data folder.
        let hint = "check the folder's owner and mode, or choose another with --data-dir";
        let begin = || Spool::begin(folder).map_err(|error| error.hint(hint));
        Ok(Self { tasks: begin()?, entries: begin()?, deleted: begin()? })
    }

    fn add(&mut self, part: &ImportBatch) -> Result<()> {
        for task in &part.tasks {
            self.tasks.push(task)?;
            let (parent, waits, end) = (task.parent_id, !task.depends_on.is_empty(), self.tasks.bytes());
            self.entries.put(&Entry { id: task.id, parent, waits, end }.write())?;
        }
        part.deleted.iter().try_for_each(|id| self.deleted.put(id.as_bytes()))
    }

    fn finish(&mut self) -> Result<()> {
        [&mut self.tasks, &mut self.entries, &mut self.deleted].into_iter().try_for_each(Spool::finish)
    }

    fn bytes(&self) -> u64 {
        self.tasks.bytes() + self.entries.bytes() + self.deleted.bytes()
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(of) = &self.of {
            of.fetch_sub(self.held, Ordering::Relaxed);
        }
    }
}

/// Where imports wait, and how much there is of all of them.
pub(super) struct Room<'a> {
    pub(super) folder: &'a Path,
    pub(super) of: &'a Arc<AtomicU64>,
}

impl ImportStage {
    /// Adds a part; returns all of them when it is the last. What is refused is forgotten, with all that came before. Blocks.
    ///
    /// # Errors
    /// `Invalid` for an import that is too large, `Quota` for more than an account may have, `Unavailable` while others
    /// take all the room, or the disk has none.
    pub(super) fn add(&self, part: &ImportBatch, limits: Option<Quotas>, room: &Room<'_>) -> Result<Option<Staged>> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let added = stage.add(part, limits, room);
        let whole = (added.is_err() || part.last).then(|| std::mem::take(&mut *stage));
        added.map(|()| whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_reads_back_equal() {
        let [id, other] = [Id::LOCAL_USER, Id::NIL];
        for (parent, waits, end) in [(None, false, 0), (Some(other), true, u64::MAX), (Some(id), false, 1 << 40)] {
            let entry = Entry { id, parent, waits, end };
            assert_eq!(Entry::read(&entry.write()), entry);
        }
    }
}
