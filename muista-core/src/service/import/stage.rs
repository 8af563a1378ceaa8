//! [`ImportStage`]: the parts of an import until the last has come. They wait in memory, so how much that is is bounded,
//! for each import and for all of a daemon's together.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Result};
use crate::model::{Id, ImportBatch, ImportTask, Quotas};
use crate::service::quota;

/// The most tasks that one import may hold.
const TASKS_MAX: usize = 1_000_000;
/// How many bytes one import may take, and all of a daemon's together.
const BYTES_MAX: usize = 512 << 20;

/// The parts of a connection's import so far.
#[derive(Debug, Default)]
pub struct ImportStage(Mutex<Staged>);

/// What was gathered, and how much of the memory for imports it holds.
#[derive(Debug, Default)]
pub(super) struct Staged {
    batch: ImportBatch,
    text: usize,
    held: usize,
    of: Option<Arc<AtomicUsize>>,
}

impl Staged {
    /// Takes what was gathered; the memory is held on.
    pub(super) fn take(&mut self) -> ImportBatch {
        std::mem::take(&mut self.batch)
    }

    fn add(&mut self, mut part: ImportBatch, limits: Option<Quotas>, of: &Arc<AtomicUsize>) -> Result<()> {
        let sizes = part.tasks.iter().map(ImportTask::size);
        let (bytes, text) = sizes.fold((0, 0), |(bytes, text), (more, of_text)| (bytes + more, text + of_text));
        self.hold(bytes + part.deleted.len() * size_of::<Id>(), of)?;
        self.text += text;
        self.batch.force |= part.force;
        self.batch.tasks.append(&mut part.tasks);
        self.batch.deleted.append(&mut part.deleted);
        if self.batch.tasks.len() + self.batch.deleted.len() > TASKS_MAX {
            return Err(Error::invalid("tasks", format!("more than {TASKS_MAX} tasks are too many for one import"))
                .hint("split the file"));
        }
        limits.map_or(Ok(()), |limits| self.refuse_beyond(limits))
    }

    /// Refuses what is more than an account may have at all, before it has come whole.
    fn refuse_beyond(&self, limits: Quotas) -> Result<()> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        if number(self.batch.tasks.len()) > limits.tasks {
            return Err(quota::beyond("limits.tasks", "tasks", limits.tasks));
        }
        if number(self.text) > limits.text_bytes {
            return Err(quota::beyond("limits.text_bytes", "bytes of text", limits.text_bytes));
        }
        Ok(())
    }

    /// Takes as many bytes more of the memory for all imports, if there are so many.
    fn hold(&mut self, bytes: usize, of: &Arc<AtomicUsize>) -> Result<()> {
        let before = of.fetch_add(bytes, Ordering::Relaxed);
        self.held += bytes;
        self.of = Some(Arc::clone(of));
        if self.held > BYTES_MAX {
            return Err(Error::invalid(
                "tasks",
                format!("more than {} MiB are too much for one import", BYTES_MAX >> 20),
            )
            .hint("split the file"));
        }
        if before + bytes > BYTES_MAX {
            return Err(
                Error::unavailable("other imports take all the memory there is for them").hint("try again later")
            );
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(of) = &self.of {
            of.fetch_sub(self.held, Ordering::Relaxed);
        }
    }
}

impl ImportStage {
    /// Adds a part; returns all of them when it is the last. What is refused is forgotten, with all that came before.
    ///
    /// # Errors
    /// `Invalid` for an import that is too large, `Quota` for more than an account may have, `Unavailable` while others
    /// take all the memory.
    pub(super) fn add(
        &self,
        part: ImportBatch,
        limits: Option<Quotas>,
        of: &Arc<AtomicUsize>,
    ) -> Result<Option<Staged>> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = part.last;
        let added = stage.add(part, limits, of);
        let whole = (added.is_err() || last).then(|| std::mem::take(&mut *stage));
        added.map(|()| whole)
    }
}
