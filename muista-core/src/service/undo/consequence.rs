//! Which entries of a change only followed from another of its entries: a task that is not a part of anything any more
//! since its whole was deleted, a job without the task that it was for. Whoever may undo the one undoes the other with it,
//! as whoever did the one did the other.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::model::{Action, AuditEntry, Entity, Id};
use crate::service::audit::{LINKS, link_change};
use crate::store::rows::AuditOutline;

/// The records that a change made or deleted, and that come or go when it is undone.
#[derive(Debug, Default)]
pub(super) struct Consequences {
    /// The projects.
    pub(super) projects: HashSet<Id>,
    tasks: HashSet<Id>,
}

impl Consequences {
    /// Those of a change.
    pub(super) fn of(outline: &[AuditOutline]) -> Self {
        let records = |entity: Entity| {
            let moved = outline.iter().filter(move |entry| entry.entity == entity && entry.action != Action::Update);
            moved.map(|entry| entry.record_id).collect()
        };
        Self { projects: records(Entity::Project), tasks: records(Entity::Task) }
    }

    /// Whether an entry only followed from another one of its change: it says nothing but that its record names another,
    /// or does not any more, which came or went with the change.
    pub(super) fn hold(&self, entry: &AuditEntry) -> bool {
        let Some((before, after)) = link_change(entry) else { return false };
        let differ = LINKS.iter().filter(|field| before.get(**field) != after.get(**field));
        let names = |field: &str, record: &Map<String, Value>| ids(record.get(field));
        differ.into_iter().all(|field| {
            let (was, is) = (names(field, before), names(field, after));
            let of = if *field == "projectId" { &self.projects } else { &self.tasks };
            was.symmetric_difference(&is).all(|id| of.contains(id))
        })
    }
}

fn ids(value: Option<&Value>) -> HashSet<Id> {
    let one = |value: &Value| value.as_str().and_then(|text| text.parse().ok());
    match value {
        Some(Value::Array(all)) => all.iter().filter_map(one).collect(),
        Some(value) => one(value).into_iter().collect(),
        None => HashSet::new(),
    }
}
