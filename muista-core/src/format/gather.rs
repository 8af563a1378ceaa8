//! [`Incoming`]: what a file holds once it is read, for the service's import. Of tasks that stand in the file twice the
//! last is taken; recurring templates give way to their open instances; what refers to a task left out is told. The tasks
//! themselves wait on the disk: what is held of each is some twenty bytes.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::notices::{Notices, quoted};
use crate::error::Result;
use crate::model::{FieldKind, FieldValue, Id, ImportBatch, ImportTask, Title, WorkTime};
use crate::spool::{Lines, Spool};

/// The most tasks of one part.
const PART_TASKS: usize = 500;
/// About the most bytes of text in one part, far below what one message may have.
const PART_BYTES: usize = 2 << 20;
/// The most identifiers of one part.
const PART_IDS: usize = 50_000;

/// What a file holds.
#[derive(Debug)]
pub struct Incoming {
    entries: Spool,
    /// The entries that do not count, in order.
    gone: Vec<u32>,
    /// Tasks to delete where they are here, sorted.
    pub deleted: Vec<Id>,
    /// How many tasks there are to make or bring up to date.
    pub tasks: usize,
    /// How many of `deleted` are recurring templates that an open instance stands for.
    pub templates: usize,
    /// The own fields of which there are values, each with a kind that holds them all.
    pub fields: BTreeMap<String, FieldKind>,
    /// What could not be taken over just so.
    pub notices: Notices,
}

/// What one object of a file says of a task.
#[derive(Debug)]
pub(crate) enum Entry {
    /// A task of its own.
    Task(Box<ImportTask>),
    /// An open task made from the recurring template of that id.
    Instance(Box<ImportTask>, Id),
    /// A recurring template, a task of its own only without an open instance.
    Template(Box<ImportTask>),
    /// A task that is deleted there.
    Deleted(Id),
}

impl Entry {
    fn id(&self) -> Id {
        match self {
            Self::Task(task) | Self::Instance(task, _) | Self::Template(task) => task.id,
            Self::Deleted(id) => *id,
        }
    }

    fn task(&self) -> Option<&ImportTask> {
        match self {
            Self::Task(task) | Self::Instance(task, _) | Self::Template(task) => Some(task),
            Self::Deleted(_) => None,
        }
    }
}

/// The entries of a file being read, each known by its place.
#[derive(Debug)]
pub(crate) struct Gathering {
    entries: Spool,
    places: Vec<(Id, u32)>,
    deleted: Vec<(Id, u32)>,
    templates: Vec<(Id, u32)>,
    /// The templates of instances.
    instances: Vec<(Id, u32)>,
    /// Own fields, each with a kind that holds its values so far.
    fields: BTreeMap<String, FieldKind>,
    /// Whether a task refers to itself.
    circles: bool,
    /// What could not be taken over just so.
    pub notices: Notices,
}

/// What of a task tells what it refers to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Referring {
    id: Id,
    title: Title,
    parent_id: Option<Id>,
    depends_on: Vec<Id>,
}

impl Gathering {
    /// Begins; what is read waits in `folder`.
    ///
    /// # Errors
    /// `Unavailable` where nothing can be kept there.
    pub(crate) fn begin(folder: &Path) -> Result<Self> {
        let entries = Spool::begin(folder)?;
        let (places, deleted, templates, instances) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (fields, notices) = (BTreeMap::new(), Notices::default());
        Ok(Self { entries, places, deleted, templates, instances, fields, circles: false, notices })
    }

    /// Takes an entry.
    ///
    /// # Errors
    /// `Unavailable` where the disk has no room for it.
    pub(crate) fn take(&mut self, entry: &Entry) -> Result<()> {
        let (id, place) = (entry.id(), u32::try_from(self.places.len()).unwrap_or(u32::MAX));
        self.places.push((id, place));
        match entry {
            Entry::Task(_) => {}
            Entry::Instance(_, template) => self.instances.push((*template, place)),
            Entry::Template(_) => self.templates.push((id, place)),
            Entry::Deleted(_) => self.deleted.push((id, place)),
        }
        let task = entry.task();
        self.circles |= task.is_some_and(|task| task.depends_on.contains(&id) || task.parent_id == Some(id));
        for (name, value) in task.and_then(|task| task.fields.as_ref()).into_iter().flatten() {
            let kind = kind_of(value);
            let known = self.fields.entry(name.clone()).or_insert(kind);
            if *known != kind {
                *known = FieldKind::Text;
            }
        }
        self.entries.push(&task)
    }

    /// Returns what the file holds, once all of it was taken.
    ///
    /// # Errors
    /// `Unavailable` where the disk has no room for it.
    pub(crate) fn finish(mut self) -> Result<Incoming> {
        self.entries.finish()?;
        let (all, mut gone) = (self.places.len(), self.superseded());
        let counts = |gone: &[u32], place: &u32| gone.binary_search(place).is_err();
        let mut instances = self.instances;
        instances.retain(|(_, place)| counts(&gone, place));
        instances.sort_unstable();
        let mut deleted = self.deleted;
        deleted.retain(|(_, place)| counts(&gone, place));
        let mut templates = self.templates;
        templates.retain(|(_, place)| counts(&gone, place));
        let has_instance = |id: &Id| instances.binary_search_by_key(id, |(template, _)| *template).is_ok();
        let (given_way, alone): (Vec<_>, Vec<_>) = templates.into_iter().partition(|(id, _)| has_instance(id));
        gone.extend(deleted.iter().chain(&given_way).map(|(_, place)| *place));
        gone.sort_unstable();
        let mut deleted: Vec<Id> = deleted.iter().chain(&given_way).map(|(id, _)| *id).collect();
        deleted.sort_unstable();
        let (tasks, templates) = (all - gone.len(), given_way.len());
        let (fields, notices) = (self.fields, self.notices);
        let mut incoming = Incoming { entries: self.entries, gone, deleted, tasks, templates, fields, notices };
        if self.circles || !incoming.deleted.is_empty() || !alone.is_empty() {
            incoming.tell(&alone)?;
        }
        Ok(incoming)
    }

    /// Returns the entries of which a later one is of the same task.
    fn superseded(&mut self) -> Vec<u32> {
        let mut places = std::mem::take(&mut self.places);
        places.sort_unstable();
        let mut gone = Vec::new();
        for pair in places.windows(2) {
            if let [(id, place), (next, _)] = pair
                && id == next
            {
                gone.push(*place);
                self.notices.case("more than once in the file, the last was taken", id.to_string());
            }
        }
        gone.sort_unstable();
        gone
    }
}

impl Incoming {
    /// Tells which templates became tasks, and which tasks no longer refer to what is left out.
    fn tell(&mut self, templates: &[(Id, u32)]) -> Result<()> {
        let Self { entries, gone, deleted, notices, .. } = self;
        let mut counting = Counting { lines: entries.lines(), gone, place: 0 };
        while let Some((place, mut task)) = counting.entry::<Referring>()? {
            let label = format!("{} {}", task.id, quoted(&task.title));
            if templates.binary_search_by_key(&place, |(_, place)| *place).is_ok() {
                notices.case("recurring template without an open instance, made a task", &label);
            }
            let (waits, part) = cut(deleted, task.id, &mut task.parent_id, &mut task.depends_on);
            if waits {
                notices.case("no longer depends on a task that is deleted, a template or itself", &label);
            }
            if part {
                notices.case("no longer a part of a task that is deleted", &label);
            }
        }
        Ok(())
    }

    /// All of it in parts of a bounded size; there is one at least, and the last is marked.
    pub fn parts(&self, force: bool) -> Parts<'_> {
        let entries = Counting { lines: self.entries.lines(), gone: &self.gone, place: 0 };
        Parts { of: self, deleted: &self.deleted, entries, next: None, force, done: false }
    }
}

/// Returns the kind of field that a value looks like one of.
fn kind_of(value: &FieldValue) -> FieldKind {
    match value {
        FieldValue::Number(_) => FieldKind::Number,
        FieldValue::Text(text) if text.len() == 10 && text.parse::<Date>().is_ok() => FieldKind::Date,
        FieldValue::Text(text) if text.starts_with('P') && WorkTime::read(text).is_ok() => FieldKind::Duration,
        FieldValue::Text(_) => FieldKind::Text,
    }
}

/// Takes out what refers to the task itself or to one that is left out; whether it waited for such, and was a part of one.
fn cut(left_out: &[Id], id: Id, parent: &mut Option<Id>, before: &mut Vec<Id>) -> (bool, bool) {
    let gone = |other: &Id| *other == id || left_out.binary_search(other).is_ok();
    let many = before.len();
    before.retain(|other| !gone(other));
    (before.len() < many, parent.take_if(|parent| gone(parent)).is_some())
}

/// The entries that count, with their places.
struct Counting<'a> {
    lines: Lines<'a>,
    gone: &'a [u32],
    place: u32,
}

impl Counting<'_> {
    fn entry<T: DeserializeOwned>(&mut self) -> Result<Option<(u32, T)>> {
        loop {
            let place = self.place;
            self.place += 1;
            if self.gone.first() == Some(&place) {
                self.gone = &self.gone[1..];
                if self.lines.value::<IgnoredAny>()?.is_none() {
                    return Ok(None);
                }
            } else {
                return Ok(self.lines.value()?.map(|task| (place, task)));
            }
        }
    }
}

/// The parts in which it is sent.
pub struct Parts<'a> {
    of: &'a Incoming,
    deleted: &'a [Id],
    entries: Counting<'a>,
    /// The task that did not fit into the last part.
    next: Option<ImportTask>,
    force: bool,
    done: bool,
}

impl Parts<'_> {
    fn part(&mut self) -> Result<ImportBatch> {
        let fields = self.of.fields.clone();
        let mut part = ImportBatch { force: self.force, fields, ..ImportBatch::default() };
        if !self.deleted.is_empty() {
            let (some, rest) = self.deleted.split_at(self.deleted.len().min(PART_IDS));
            self.deleted = rest;
            part.deleted = some.to_vec();
            return Ok(part);
        }
        part.tasks.extend(self.next.take());
        let mut bytes = part.tasks.iter().map(ImportTask::text).sum::<usize>();
        while let Some((_, mut task)) = self.entries.entry::<ImportTask>()? {
            cut(&self.of.deleted, task.id, &mut task.parent_id, &mut task.depends_on);
            bytes += task.text();
            if part.tasks.len() == PART_TASKS || (!part.tasks.is_empty() && bytes > PART_BYTES) {
                self.next = Some(task);
                return Ok(part);
            }
            part.tasks.push(task);
        }
        (part.last, self.done) = (true, true);
        Ok(part)
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<ImportBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let part = self.part();
        self.done |= part.is_err();
        Some(part)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn incoming(number: usize, note: &str, deleted: usize) -> Incoming {
        let mut gathering = Gathering::begin(&std::env::temp_dir()).unwrap();
        for n in 0..number {
            let id = format!("00000000-0000-4000-8000-{n:012}");
            let task = serde_json::json!({
                "id": id, "title": "T", "category": "Personal", "priority": "MEDIUM", "tags": [], "dependsOn": [],
                "comments": [], "createdAt": "2026-11-21T09:39:07Z", "note": if note.is_empty() { None } else { Some(note) },
            });
            gathering.take(&Entry::Task(serde_json::from_value(task).unwrap())).unwrap();
        }
        for n in 0..deleted {
            let id = format!("00000000-0000-4000-9000-{n:012}");
            gathering.take(&Entry::Deleted(id.parse().unwrap())).unwrap();
        }
        gathering.finish().unwrap()
    }

    fn sizes(incoming: &Incoming) -> Vec<(usize, usize, bool)> {
        let parts = incoming.parts(false).map(Result::unwrap);
        parts.map(|part| (part.tasks.len(), part.deleted.len(), part.last)).collect()
    }

    #[test]
    fn parts_are_bounded_and_only_the_last_is_last() {
        assert_eq!(sizes(&incoming(0, "", 0)), [(0, 0, true)]);
        assert_eq!(sizes(&incoming(1001, "", 0)), [(500, 0, false), (500, 0, false), (1, 0, true)]);
        assert_eq!(sizes(&incoming(1000, "", 0)), [(500, 0, false), (500, 0, true)]);
        assert_eq!(sizes(&incoming(80, &"x".repeat(60_000), 0)), [(34, 0, false), (34, 0, false), (12, 0, true)]);
        let with_ids = sizes(&incoming(1, "", PART_IDS + 1));
        assert_eq!(with_ids, [(0, PART_IDS, false), (0, 1, false), (1, 0, true)]);
    }
}
