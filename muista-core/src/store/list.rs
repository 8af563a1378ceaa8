//! What a list query needs to know, with names resolved and cursors read: the conditions ([`ListFilter`]) and the place
//! to go on from ([`Keyset`]). The SQL is in `queries/list.rs`.

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub(crate) use super::own_field::{Bound, OfField, OwnKeys};
use super::rows::{FoundTask, TaskRow};
use crate::error::Result;
use crate::model::{
    Belonging, DateField, DueFilter, Id, Page, Query, SortKey, SortOrder, Status, Task, TaskFilter, cursor, fold,
    fold_text,
};
use crate::time::{Instant, Range};

/// How many bytes of text a page may hold before it is cut short, so that an answer stays far below the frame limit.
pub(crate) const PAGE_BYTES: usize = 4 << 20;

/// Whose tasks a list holds. What is one's own and what others share is asked for apart, and merged: each then is read
/// in the order of an index, which no query for both at once could be.
#[derive(Debug, Clone)]
pub(crate) enum OwnerFilter {
    /// This account's.
    Own(Id),
    /// Those in these projects that are not this account's.
    Others(Id, Vec<Id>),
    /// Everybody's: another condition keeps to one project, all of which may be seen.
    Anybody,
}

/// What an account sees: its own, and what is in these projects.
#[derive(Debug, Clone)]
pub(crate) struct VisibleScope {
    pub(crate) user: Id,
    pub(crate) projects: Vec<Id>,
}

/// Which entries of the record of changes: each of these is in the order of an index of its own.
#[derive(Debug, Clone)]
pub(crate) enum AuditOf {
    /// What this account did as this actor.
    Doer(Id, String),
    /// What others did to this account's records.
    Owner(Id),
    /// What was done in this project.
    Project(Id),
    /// What left this project.
    Left(Id),
    /// What was done to this record.
    Record(Id),
}

/// The conditions on the record of changes, beside whose it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct AuditFilter {
    pub(crate) actor: Option<String>,
    pub(crate) entity: Option<&'static str>,
    pub(crate) since: Option<Instant>,
    /// Where the first entry since then is, where that is known: what is before it need not be looked at.
    pub(crate) from: Option<i64>,
    pub(crate) before: Option<i64>,
    /// The kinds of records that are left out.
    pub(crate) hidden: Vec<&'static str>,
}

/// Which tasks a database looks at for a list. PostgreSQL finds that out by itself, since it knows how frequent values
/// are; SQLite is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Lead {
    /// All, in the order of the list: those that it holds are frequent enough to be met soon.
    #[default]
    Order,
    /// Those with the tag at this place among the filter's; they are few, and sorted afterwards.
    Tag(usize),
    /// Those in whose texts the index finds the words' trigrams; the same.
    Text,
    /// Those in several projects; the same.
    Projects,
}

/// The time at which somebody reads, which decides what waits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadAt {
    pub(crate) at: Instant,
    /// The reader's day.
    pub(crate) day: Date,
}

impl ReadAt {
    /// Returns the time for a reader in the zone of that name, or in UTC.
    pub(crate) fn of(at: Instant, zone: Option<&str>) -> Self {
        let zone = zone.and_then(|name| crate::time::zone(name).ok()).unwrap_or(TimeZone::UTC);
        Self { at, day: at.date_in(&zone) }
    }
}

/// The end of time, at which nothing waits any more.
impl Default for ReadAt {
    fn default() -> Self {
        Self { at: Instant::MAX, day: Date::MAX }
    }
}

/// The conditions on a list of tasks.
#[derive(Debug, Clone)]
pub(crate) struct ListFilter {
    pub(crate) owners: OwnerFilter,
    pub(crate) now: ReadAt,
    pub(crate) status: Status,
    pub(crate) due: Option<DueFilter>,
    pub(crate) completed: Option<Range>,
    pub(crate) categories: Vec<&'static str>,
    pub(crate) priorities: Vec<i16>,
    pub(crate) project: Option<InProject>,
    pub(crate) tags: Vec<String>,
    pub(crate) without_tags: Vec<String>,
    /// The account's own tags among those.
    pub(crate) own_tags: HashMap<String, Id>,
    pub(crate) untagged: bool,
    pub(crate) has_reminder: Option<bool>,
    pub(crate) script: Option<bool>,
    pub(crate) blocked: Option<bool>,
    pub(crate) parent: Option<Id>,
    /// What the folded text holds, folded too.
    pub(crate) search: Vec<String>,
    /// A search key that is this title alone, and the LIKE pattern, escaped with a backslash, of those that go on behind it.
    pub(crate) title: Option<(String, String)>,
    /// What no field above can say.
    pub(crate) terms: Vec<Query<Test>>,
    pub(crate) lead: Lead,
}

/// Which tasks by their project, found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InProject {
    None,
    /// In any of these; of none, nothing.
    Any(Vec<Id>),
}

/// One condition of a query, with names resolved.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Status(Status),
    Unfinished,
    Waiting,
    Date(DateField, DueFilter),
    /// In seconds.
    Estimate(i64, i64),
    Created(Range),
    Updated(Range),
    Completed(Range),
    Number(i64, i64),
    Categories(Vec<&'static str>),
    Priorities(Vec<i16>),
    Project(InProject),
    /// With any of the tags of these names, folded.
    Tags(Vec<String>),
    Parents(Vec<Id>),
    /// Folded.
    Text(String),
    Has(Belonging),
    /// With a value of an own field within all of these bounds.
    Field(OfField, Vec<(Bound, String)>),
}

impl ListFilter {
    /// The conditions of `filter` on what `owners` tells, but for its terms; `project` and `parent` are those that it names,
    /// found.
    pub(crate) fn new(owners: OwnerFilter, filter: TaskFilter, project: Option<InProject>, parent: Option<Id>) -> Self {
        let keys = |names: &[crate::model::TagName]| names.iter().map(|name| fold(name)).collect();
        Self {
            owners,
            now: ReadAt::default(),
            status: filter.status,
            due: filter.due,
            completed: filter.completed,
            categories: each_once(filter.categories.iter().map(|category| category.as_str())),
            priorities: each_once(filter.priorities.iter().map(|priority| priority.level())),
            project,
            tags: keys(&filter.tags),
            without_tags: keys(&filter.without_tags),
            own_tags: HashMap::new(),
            untagged: filter.untagged,
            has_reminder: filter.has_reminder,
            script: filter.script,
            blocked: filter.blocked,
            parent,
            search: filter.search.iter().map(|word| fold_text(word)).collect(),
            // A title has no line breaks, so the first one ends it.
            title: filter.title.map(|title| (fold_text(&title), format!("{}\n%", literal(&title)))),
            terms: Vec::new(),
            lead: Lead::default(),
        }
    }

    /// Everything that the folded text must hold, for an index of it.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.search.iter().chain(self.title.as_ref().map(|(title, _)| title)).map(String::as_str)
    }

    /// The id of one of the account's own tags; one that no tag has where there is none of that name.
    pub(crate) fn own_tag(&self, key: &str) -> Id {
        self.own_tags.get(key).copied().unwrap_or(Id::NIL)
    }

    /// The same conditions on an account's own tasks.
    pub(crate) fn of(self, user: Id) -> Self {
        Self { owners: OwnerFilter::Own(user), ..self }
    }
}

fn each_once<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect::<BTreeSet<T>>().into_iter().collect()
}

/// The LIKE pattern of what is `text` in whatever case.
pub(crate) fn literal(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    for c in fold_text(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// The value of one sort key in the last row of a page.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum KeyValue {
    Time(Instant),
    Number(i64),
    Text(String),
}

/// The order of a list, how much of it, and where to begin.
#[derive(Debug, Clone)]
pub(crate) struct Keyset {
    /// Never empty; the last key is the number, which no two tasks share.
    pub(crate) order: Vec<SortOrder>,
    /// The values of the last row seen, one a key.
    pub(crate) after: Option<Vec<KeyValue>>,
    pub(crate) offset: i64,
    pub(crate) limit: i64,
}

/// A cursor as it is written: the order it is of, and the values.
#[derive(Serialize, Deserialize)]
struct Cursor {
    order: Vec<SortOrder>,
    after: Vec<KeyValue>,
}

/// How a task without a project sorts: behind every name.
pub(crate) const LAST_TEXT: &str = "\u{10FFFF}";

impl Keyset {
    /// The order and place of `page`.
    ///
    /// # Errors
    /// `Invalid` for a cursor that is not of this order.
    pub(crate) fn new(page: &Page) -> Result<Self> {
        // A key that comes again can make no difference.
        let mut order: Vec<SortOrder> = Vec::new();
        for wanted in &page.sort {
            if order.iter().all(|order| order.key != wanted.key) {
                order.push(wanted.clone());
            }
        }
        if order.is_empty() {
            order.push(SortOrder { key: SortKey::Date(DateField::Due), descending: false });
        }
        let last = order.iter().position(|order| order.key == SortKey::Number);
        match last {
            // What follows the number cannot make a difference.
            Some(at) => order.truncate(at + 1),
            None => order.push(SortOrder { key: SortKey::Number, descending: false }),
        }
        let after = page.cursor.as_deref().map(|text| read(text, &order)).transpose()?;
        Ok(Self {
            offset: if after.is_some() { 0 } else { i64::from(page.offset) },
            limit: i64::from(page.limit.clamp(1, Page::MAX)),
            order,
            after,
        })
    }

    /// The cursor that goes on behind `task`.
    pub(crate) fn cursor(&self, task: &Task, own: &OwnKeys) -> Result<String> {
        let row = TaskRow::from(task);
        let after = self.order.iter().map(|order| value(&order.key, &row, task.project.as_deref(), own)).collect();
        cursor::write(&Cursor { order: self.order.clone(), after })
    }

    /// The same without the offset, for lists that are merged before it counts.
    pub(crate) fn whole(&self) -> Self {
        Self { limit: self.limit + self.offset, offset: 0, ..self.clone() }
    }

    /// The own fields that it is sorted by, folded.
    pub(crate) fn own_fields(&self) -> Vec<String> {
        let name = |order: &SortOrder| if let SortKey::Field(name) = &order.key { Some(fold(name)) } else { None };
        self.order.iter().filter_map(name).collect()
    }

    /// One list of several that are in this order each.
    pub(crate) fn merge(&self, lists: Vec<Vec<FoundTask>>, own: &OwnKeys) -> Vec<FoundTask> {
        let keys = |found: &FoundTask| -> Vec<KeyValue> {
            self.order.iter().map(|order| value(&order.key, &found.row, found.project.as_deref(), own)).collect()
        };
        let mut all: Vec<_> = lists.into_iter().flatten().map(|found| (keys(&found), found)).collect();
        // Each list is in order already, of which this sort makes use.
        all.sort_by(|(a, _), (b, _)| self.compare(a, b));
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        all.into_iter().map(|(_, found)| found).skip(offset).take(limit.saturating_add(1)).collect()
    }

    fn compare(&self, a: &[KeyValue], b: &[KeyValue]) -> Ordering {
        let of_key = |((order, a), b): ((&SortOrder, &KeyValue), &KeyValue)| {
            let ascending = a.cmp(b);
            if order.descending { ascending.reverse() } else { ascending }
        };
        let mut keys = self.order.iter().zip(a).zip(b).map(of_key);
        keys.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

fn value(key: &SortKey, row: &TaskRow, project: Option<&str>, own: &OwnKeys) -> KeyValue {
    match key {
        SortKey::Field(name) => {
            let key = own.get(&(fold(name), row.id));
            KeyValue::Text(key.map_or_else(|| LAST_TEXT.to_owned(), Clone::clone))
        }
        SortKey::Date(field) => KeyValue::Time(row.date_at(*field).unwrap_or(Instant::MAX)),
        SortKey::Created => KeyValue::Time(row.created_at),
        SortKey::Updated => KeyValue::Time(row.updated_at),
        SortKey::Completed => KeyValue::Time(row.completed_at.unwrap_or(Instant::MAX)),
        SortKey::Estimate => KeyValue::Number(row.estimate.unwrap_or(i64::MAX)),
        SortKey::Position => KeyValue::Number(row.position.unwrap_or(i64::MAX)),
        SortKey::Priority => KeyValue::Number(i64::from(row.priority)),
        SortKey::Number => KeyValue::Number(row.number),
        SortKey::Title => KeyValue::Text(row.search_key.clone()),
        SortKey::Category => KeyValue::Text(row.category.clone()),
        SortKey::Project => KeyValue::Text(project.map_or_else(|| LAST_TEXT.to_owned(), fold)),
    }
}

fn read(text: &str, order: &[SortOrder]) -> Result<Vec<KeyValue>> {
    let cursor: Cursor = cursor::read(text)?;
    let fits = cursor.order == order && cursor.after.len() == order.len();
    if !fits || !order.iter().zip(&cursor.after).all(|(order, value)| is_of(&order.key, value)) {
        return Err(cursor::foreign());
    }
    Ok(cursor.after)
}

/// Whether a value can be one of the key.
fn is_of(key: &SortKey, value: &KeyValue) -> bool {
    match (key, value) {
        (SortKey::Date(_) | SortKey::Created | SortKey::Updated | SortKey::Completed, KeyValue::Time(_)) => true,
        (SortKey::Number | SortKey::Estimate | SortKey::Position, KeyValue::Number(_)) => true,
        (SortKey::Priority, KeyValue::Number(level)) => i16::try_from(*level).is_ok(),
        // PostgreSQL takes no NUL, and no text of ours holds one.
        (SortKey::Title | SortKey::Category | SortKey::Project | SortKey::Field(_), KeyValue::Text(text)) => {
            !text.contains('\0')
        }
        _ => false,
    }
}
