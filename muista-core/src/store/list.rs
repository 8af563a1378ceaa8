//! What a list query needs to know, with names resolved and cursors read: the conditions ([`ListFilter`]) and the place
//! to go on from ([`Keyset`]). The SQL is in `queries/list.rs`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::cursor;
use crate::error::Result;
use crate::model::{DueFilter, Id, Page, SortKey, SortOrder, Status, Task, TaskFilter, fold};
use crate::time::Instant;

/// The conditions on a list of tasks.
#[derive(Debug, Clone)]
pub(crate) struct ListFilter {
    pub(crate) owner: Id,
    pub(crate) status: Status,
    pub(crate) due: Option<DueFilter>,
    pub(crate) categories: Vec<&'static str>,
    pub(crate) priorities: Vec<i16>,
    /// Some(None): in no project; Some(Some(key)): in the project of that folded name.
    pub(crate) project: Option<Option<String>>,
    pub(crate) tags: Vec<String>,
    pub(crate) without_tags: Vec<String>,
    pub(crate) untagged: bool,
    pub(crate) has_reminder: Option<bool>,
    pub(crate) script: Option<bool>,
    pub(crate) parent: Option<Id>,
    /// LIKE patterns, escaped with a backslash.
    pub(crate) search: Vec<String>,
}

impl ListFilter {
    /// The conditions of `filter` on what `owner` has; `parent` is the resolved parent.
    pub(crate) fn new(owner: Id, filter: TaskFilter, parent: Option<Id>) -> Self {
        use crate::model::ProjectFilter::{Named, None as InNone};
        let keys = |names: &[crate::model::TagName]| names.iter().map(|name| fold(name)).collect();
        Self {
            owner,
            status: filter.status,
            due: filter.due,
            categories: each_once(filter.categories.iter().map(|category| category.as_str())),
            priorities: each_once(filter.priorities.iter().map(|priority| priority.level())),
            project: filter.project.map(|project| match project {
                InNone => None,
                Named(name) => Some(fold(&name)),
            }),
            tags: keys(&filter.tags),
            without_tags: keys(&filter.without_tags),
            untagged: filter.untagged,
            has_reminder: filter.has_reminder,
            script: filter.script,
            parent,
            search: filter.search.iter().map(|word| pattern(word)).collect(),
        }
    }
}

fn each_once<T: Ord>(values: impl Iterator<Item = T>) -> Vec<T> {
    values.collect::<BTreeSet<T>>().into_iter().collect()
}

/// The LIKE pattern of texts that hold `word`.
fn pattern(word: &str) -> String {
    let mut pattern = String::with_capacity(word.len() + 2);
    pattern.push('%');
    for c in fold(word).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The value of one sort key in the last row of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
                order.push(*wanted);
            }
        }
        if order.is_empty() {
            order.push(SortOrder { key: SortKey::Due, descending: false });
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
    pub(crate) fn cursor(&self, task: &Task) -> Result<String> {
        let after = self.order.iter().map(|order| value(order.key, task)).collect();
        cursor::write(&Cursor { order: self.order.clone(), after })
    }
}

fn value(key: SortKey, task: &Task) -> KeyValue {
    match key {
        SortKey::Due => KeyValue::Time(task.due_date.unwrap_or(Instant::MAX)),
        SortKey::Created => KeyValue::Time(task.created_at),
        SortKey::Updated => KeyValue::Time(task.updated_at),
        SortKey::Completed => KeyValue::Time(task.completed_at.unwrap_or(Instant::MAX)),
        SortKey::Priority => KeyValue::Number(i64::from(task.priority.level())),
        SortKey::Number => KeyValue::Number(task.number),
        SortKey::Title => KeyValue::Text(super::rows::TaskRow::from(task).search_key),
        SortKey::Category => KeyValue::Text(task.category.as_str().to_owned()),
        SortKey::Project => KeyValue::Text(task.project.as_deref().map_or_else(|| LAST_TEXT.to_owned(), fold)),
    }
}

fn read(text: &str, order: &[SortOrder]) -> Result<Vec<KeyValue>> {
    let cursor: Cursor = cursor::read(text)?;
    let fits = cursor.order == order && cursor.after.len() == order.len();
    if !fits || !order.iter().zip(&cursor.after).all(|(order, value)| is_of(order.key, value)) {
        return Err(cursor::foreign());
    }
    Ok(cursor.after)
}

/// Whether a value can be one of the key.
fn is_of(key: SortKey, value: &KeyValue) -> bool {
    match (key, value) {
        (SortKey::Due | SortKey::Created | SortKey::Updated | SortKey::Completed, KeyValue::Time(_)) => true,
        (SortKey::Number, KeyValue::Number(_)) => true,
        (SortKey::Priority, KeyValue::Number(level)) => i16::try_from(*level).is_ok(),
        // PostgreSQL takes no NUL, and no text of ours holds one.
        (SortKey::Title | SortKey::Category | SortKey::Project, KeyValue::Text(text)) => !text.contains('\0'),
        _ => false,
    }
}
