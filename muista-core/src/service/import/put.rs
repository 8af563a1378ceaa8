//! Putting the tasks of an import into effect, a step at a time: those that are new are made, those that are here are
//! brought up to date.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use super::known::{Known, Sentences};
use super::occurrences::Occurrences;
use crate::error::Result;
use crate::model::{
    Comment, Due, Field, Id, ImportComment, ImportSummary, ImportTask, ImportWork, NewSeries, Planning, Task,
    TimeEntry, fold,
};
use crate::service::field::value;
use crate::service::task::assemble;
use crate::service::tx::Tx;
use crate::service::{series, task};
use crate::store::rows::{CommentRow, TaskRow, TimeEntryRow, set_due};
use crate::store::{self, Conn};
use crate::time::Instant;

/// A step of an import.
pub(super) type Step = Vec<(u32, ImportTask)>;

/// How many pairs are gathered before they are written.
const PAIRS: usize = 50_000;

/// Writes pairs into such a table.
type Write = fn(&mut Conn, &[(Id, Id)]) -> Result<usize>;

/// Pairs of identifiers on their way into a table that is ordered by them. Many are written at once, in that order: one by
/// one they would go all over the table, however little of it fits into memory.
#[derive(Debug, Default)]
pub(super) struct Pairs(Vec<(Id, Id)>);

impl Pairs {
    /// Adds some, and has all written where they are many.
    pub(super) fn add(&mut self, conn: &mut Conn, pairs: impl Iterator<Item = (Id, Id)>, write: Write) -> Result<()> {
        self.0.extend(pairs);
        if self.0.len() < PAIRS { Ok(()) } else { self.finish(conn, write) }
    }

    /// Has the rest written.
    pub(super) fn finish(&mut self, conn: &mut Conn, write: Write) -> Result<()> {
        self.0.sort_unstable();
        write(conn, &self.0)?;
        self.0.clear();
        Ok(())
    }
}

/// Puts tasks into effect.
pub(super) struct Put<'a> {
    pub(super) known: Known<'a>,
    /// Whether what was changed here later than in the file is overwritten.
    pub(super) force: bool,
    pub(super) summary: ImportSummary,
    /// The tags of new tasks.
    pub(super) tags: Pairs,
    /// The tasks that are now a part of something else.
    pub(super) moved: Vec<Id>,
    /// What was changed here later than in the file, and stayed.
    pub(super) older: Sentences,
    /// The account's own fields, where there are values of some.
    pub(super) fields: Vec<Field>,
    /// The values that do not go with their fields.
    pub(super) misfits: Sentences,
    /// The series that new tasks are occurrences of.
    pub(super) series: Occurrences,
}

/// A task as it is to be, and what the file says of it besides.
struct Wanted {
    task: Task,
    tags: Vec<Id>,
    due: Option<Due>,
    planning: Planning,
    every: Option<NewSeries>,
    comments: Vec<ImportComment>,
    work: Vec<ImportWork>,
    /// Whether the file says what the own fields are.
    says_fields: bool,
    updated_at: Option<Instant>,
}

impl Wanted {
    fn tag_pairs(&self) -> impl Iterator<Item = (Id, Id)> {
        self.tags.iter().map(|tag| (self.task.id, *tag))
    }
}

impl Put<'_> {
    /// Makes tasks.
    pub(super) fn create(&mut self, tx: &mut Tx<'_>, mut step: Step) -> Result<()> {
        self.known.fit(tx, &mut step)?;
        let numbers = store::task::reserve_numbers(tx.conn, step.len())?;
        let mut made: Vec<Wanted> =
            step.into_iter().zip(numbers).map(|((_, task), number)| self.wanted(task, number, tx)).collect();
        made.iter_mut().try_for_each(plan)?;
        self.recur(tx, &mut made)?;
        let rows: Vec<TaskRow> = made.iter().map(|wanted| TaskRow::from(&wanted.task)).collect();
        store::task::insert(tx.conn, &rows)?;
        self.tags.add(tx.conn, made.iter().flat_map(Wanted::tag_pairs), store::tag::attach)?;
        store::field::put(tx.conn, &value::rows(&self.fields, made.iter().map(|wanted| &wanted.task)))?;
        made.iter().try_for_each(|wanted| tx.created(&wanted.task))?;
        self.summary.created += count(made.len());
        let comments = made.iter().map(|wanted| (wanted.task.id, &wanted.comments[..]));
        self.add_comments(tx, comments, &HashSet::new())?;
        add_work(tx, made.iter().map(|wanted| (wanted.task.id, &wanted.work[..])), HashSet::new())
    }

    /// Brings tasks up to date.
    pub(super) fn update(&mut self, tx: &mut Tx<'_>, mut step: Step) -> Result<()> {
        self.known.fit(tx, &mut step)?;
        let ids: Vec<Id> = step.iter().map(|(_, task)| task.id).collect();
        store::task::lock(tx.conn, &ids)?;
        let owner = tx.owner();
        let mut here: HashMap<Id, Task> =
            assemble::by_ids(tx.conn, owner, &ids)?.into_iter().map(|task| (task.id, task)).collect();
        let mut step: Vec<(Task, Wanted)> = step
            .into_iter()
            .filter_map(|(_, import)| {
                let before = here.remove(&import.id)?;
                let mut wanted = self.wanted(import, before.number, tx);
                let after = &mut wanted.task;
                keep_plan(&before, after);
                if !wanted.says_fields {
                    after.fields.clone_from(&before.fields);
                }
                (after.version, after.updated_at) = (before.version, before.updated_at);
                after.recurrence.clone_from(&before.recurrence);
                (after.series_id, after.series_number) = (before.series_id, before.series_number);
                Some((before, wanted))
            })
            .collect();
        step.iter_mut().try_for_each(|(_, wanted)| plan(wanted))?;
        let changed: Vec<&(Task, Wanted)> = step.iter().filter(|(before, wanted)| self.takes(before, wanted)).collect();
        relate(tx, &changed)?;
        self.value(tx, &changed)?;
        self.save(tx, &changed)?;
        let commented: Vec<Id> =
            step.iter().filter(|(_, wanted)| !wanted.comments.is_empty()).map(|(before, _)| before.id).collect();
        let there = store::comment::of_tasks(tx.conn, &commented)?;
        let there = there.into_iter().map(|row| (row.task_id, row.created_at, row.text)).collect();
        self.add_comments(tx, step.iter().map(|(before, wanted)| (before.id, &wanted.comments[..])), &there)?;
        let timed: Vec<Id> =
            step.iter().filter(|(_, wanted)| !wanted.work.is_empty()).map(|(before, _)| before.id).collect();
        let there = store::time_entry::of_tasks(tx.conn, &timed)?;
        let there = there.into_iter().filter_map(|row| Some((row.task_id, row.began_at, row.ended_at?))).collect();
        add_work(tx, step.iter().map(|(before, wanted)| (before.id, &wanted.work[..])), there)?;
        tx.reschedule_marked()
    }

    /// Whether a task is to become as the file has it; counts it where not.
    fn takes(&mut self, before: &Task, wanted: &Wanted) -> bool {
        if wanted.task == *before {
            self.summary.unchanged += 1;
            return false;
        }
        let older = wanted.updated_at.is_some_and(|there| there < before.updated_at);
        if older && !self.force {
            self.summary.older += 1;
            let title = &wanted.task.title;
            self.older.say(|| format!("“{title}” was changed here later than in the file: it stays"));
            return false;
        }
        self.summary.forced += u64::from(older);
        self.summary.updated += 1;
        true
    }

    /// Writes the values of own fields of tasks of which they differ.
    fn value(&self, tx: &mut Tx<'_>, changed: &[&(Task, Wanted)]) -> Result<()> {
        let other = changed.iter().filter(|(before, wanted)| before.fields != wanted.task.fields);
        let ids: Vec<Id> = other.clone().map(|(before, _)| before.id).collect();
        store::field::forget(tx.conn, &ids)?;
        let rows = value::rows(&self.fields, other.map(|(_, wanted)| &wanted.task));
        store::field::put(tx.conn, &rows).map(drop)
    }

    fn save(&mut self, tx: &mut Tx<'_>, changed: &[&(Task, Wanted)]) -> Result<()> {
        let done: Vec<Task> =
            changed.iter().filter(|(_, wanted)| wanted.task.completed).map(|(before, _)| before.clone()).collect();
        let mut following = series::next_occurrences(tx, &done, tx.now)?;
        for (before, wanted) in changed {
            let at = wanted.updated_at.unwrap_or(tx.now);
            let mut task = wanted.task.clone();
            if task.completed {
                task::end_work(tx, &mut task)?;
            }
            let after = task::save_at(tx, before, task, at)?;
            if let Some(following) = following.remove(&after.id) {
                series::follow(tx, &after, following)?;
            }
            if after.parent_id.is_some() && after.parent_id != before.parent_id {
                self.moved.push(after.id);
            }
        }
        Ok(())
    }

    /// Has new tasks recur. Those that are occurrences of one series elsewhere are of one here, in the order of their dues.
    fn recur(&mut self, tx: &mut Tx<'_>, made: &mut [Wanted]) -> Result<()> {
        let mut recurring: Vec<&mut Wanted> = made.iter_mut().filter(|wanted| wanted.every.is_some()).collect();
        recurring.sort_by_key(|wanted| wanted.task.due_date);
        for wanted in recurring {
            let Some(new) = wanted.every.take() else { continue };
            wanted.task.recurrence = Some(new.words.clone());
            // Of one that is done the words are kept.
            if wanted.task.completed {
                continue;
            }
            self.series.occur(tx, new, wanted.due.take(), &mut wanted.task)?;
        }
        Ok(())
    }

    fn add_comments<'t>(
        &mut self,
        tx: &mut Tx<'_>,
        tasks: impl Iterator<Item = (Id, &'t [ImportComment])>,
        there: &HashSet<(Id, Instant, String)>,
    ) -> Result<()> {
        let comments = tasks.flat_map(|(task, comments)| comments.iter().map(move |comment| (task, comment)));
        let row = |(task_id, comment): (Id, &ImportComment)| CommentRow {
            id: Id::new(tx.now),
            task_id,
            author_id: tx.owner(),
            text: comment.text.to_string(),
            created_at: comment.created_at,
        };
        let mut rows: Vec<CommentRow> = comments.map(row).collect();
        if !there.is_empty() {
            rows.retain(|row| !there.contains(&(row.task_id, row.created_at, row.text.clone())));
        }
        // Comments of the same second keep their order, which then is that of their ids.
        let mut ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        ids.sort();
        rows.iter_mut().zip(ids).for_each(|(row, id)| row.id = id);
        store::comment::insert(tx.conn, &rows)?;
        self.summary.comments += count(rows.len());
        rows.into_iter().try_for_each(|row| tx.created(&Comment::from(row)))
    }

    /// The task as it is to be.
    fn wanted(&mut self, import: ImportTask, number: i64, tx: &Tx<'_>) -> Wanted {
        let said = import.fields.clone().unwrap_or_default();
        let fields = value::fitting(&self.fields, &said);
        for (name, value) in said.iter().filter(|(name, _)| !fields.keys().any(|known| fold(known) == fold(name))) {
            let title = &import.title;
            self.misfits.say(|| format!("“{title}”: {value} is not a value of the field {name}: left out"));
        }
        let project = self.known.project(import.project.as_ref());
        let tags = self.known.tags(&import.tags);
        let mut task = Task {
            number,
            description: import.description.map(Into::into),
            note: import.note.map(Into::into),
            category: import.category,
            priority: import.priority,
            completed: import.completed_at.is_some(),
            completed_at: import.completed_at,
            project_id: project.map(|project| project.id),
            project: project.map(|project| project.name.clone()),
            parent_id: import.parent_id,
            tags: tags.iter().map(|tag| tag.name.clone()).collect(),
            depends_on: import.depends_on,
            fields,
            updated_at: import.updated_at.unwrap_or(tx.now),
            ..Task::titled(import.id, tx.owner(), import.title.into(), import.created_at)
        };
        set_due(&mut task, import.due.as_ref());
        let tags = tags.iter().map(|tag| tag.id).collect();
        Wanted {
            task,
            tags,
            due: import.due,
            planning: import.planning,
            every: import.every,
            comments: import.comments,
            work: import.work,
            says_fields: import.fields.is_some(),
            updated_at: import.updated_at,
        }
    }
}

/// Adds stretches of work that are not there yet. They become the caller's, whoever did it there.
fn add_work<'t>(
    tx: &mut Tx<'_>,
    tasks: impl Iterator<Item = (Id, &'t [ImportWork])>,
    mut there: HashSet<(Id, Instant, Instant)>,
) -> Result<()> {
    for (task_id, work) in tasks {
        for ImportWork { began_at, ended_at } in work {
            if ended_at < began_at || !there.insert((task_id, *began_at, *ended_at)) {
                continue;
            }
            let (id, user_id) = (Id::new(tx.now), tx.owner());
            let entry = TimeEntry { id, task_id, user_id, began_at: *began_at, ended_at: Some(*ended_at) };
            store::time_entry::insert(tx.conn, &TimeEntryRow::from(&entry))?;
            tx.created(&entry)?;
        }
    }
    Ok(())
}

/// Puts what the file says of when a task is worked on into effect.
fn plan(wanted: &mut Wanted) -> Result<()> {
    wanted.planning.apply(&mut wanted.task, &TimeZone::UTC)
}

/// Leaves what a file may leave out as it is here.
fn keep_plan(before: &Task, after: &mut Task) {
    after.set_plan(before.plan());
    (after.time_spent, after.active_since) = (before.time_spent, before.active_since);
}

/// Puts the tags and what they wait for on tasks of which that differs.
fn relate(tx: &mut Tx<'_>, changed: &[&(Task, Wanted)]) -> Result<()> {
    let retagged = changed.iter().filter(|(before, wanted)| before.tags != wanted.task.tags);
    let tagged: Vec<Id> = retagged.clone().map(|(before, _)| before.id).collect();
    store::tag::detach_all(tx.conn, &tagged)?;
    let pairs: Vec<(Id, Id)> = retagged.flat_map(|(_, wanted)| wanted.tag_pairs()).collect();
    store::tag::attach(tx.conn, &pairs)?;
    let waiting = changed.iter().filter(|(before, wanted)| before.depends_on != wanted.task.depends_on);
    let others: Vec<Id> = waiting.clone().map(|(before, _)| before.id).collect();
    store::dependency::delete_all(tx.conn, &others)?;
    let pairs = waiting.flat_map(|(before, wanted)| wanted.task.depends_on.iter().map(|id| (before.id, *id)));
    store::dependency::insert(tx.conn, &pairs.collect::<Vec<_>>()).map(drop)
}

pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
