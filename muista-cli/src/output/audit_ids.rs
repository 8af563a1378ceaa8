//! [`AuditIds`]: how changes name other records: tasks by their numbers, all else by what tables show of an id.

use std::collections::{BTreeSet, HashMap};

use muista_core::model::{AuditEntry, Id, ShortId};
use serde_json::Value;

use super::LEDGER_IDS;

/// The fields of a task that name other tasks.
const OF_TASKS: [&str; 2] = ["parentId", "dependsOn"];

/// What stands in the place of ids.
#[derive(Debug, Default)]
pub(crate) struct AuditIds {
    /// How many characters tell the changes apart.
    length: usize,
    numbers: HashMap<Id, i64>,
}

impl AuditIds {
    /// What stands in the place of the ids of these entries, where the tasks that they name have these numbers.
    pub(crate) fn of(entries: &[AuditEntry], numbers: HashMap<Id, i64>) -> Self {
        Self { length: ShortId::length(entries.iter().map(|entry| entry.change_id), LEDGER_IDS), numbers }
    }

    /// Returns the other tasks that entries name as changed.
    pub(crate) fn tasks(entries: &[AuditEntry]) -> BTreeSet<Id> {
        let mut ids = BTreeSet::new();
        for entry in entries {
            let (Some(before), Some(after)) = (&entry.before, &entry.after) else { continue };
            for name in OF_TASKS.into_iter().filter(|name| before[*name] != after[*name]) {
                for value in [&before[name], &after[name]] {
                    let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
                    ids.extend(all.iter().filter_map(Value::as_str).filter_map(|text| text.parse::<Id>().ok()));
                }
            }
        }
        ids
    }

    /// Returns a change's id as it is shown.
    pub(crate) fn change(&self, id: Id) -> String {
        id.short(self.length.max(LEDGER_IDS))
    }

    /// Returns a text in which ids, alone or with commas between them, are as they are shown.
    pub(crate) fn shown(&self, text: &str) -> String {
        let one = |part: &str| match part.parse::<Id>() {
            Ok(id) => self.numbers.get(&id).map_or_else(|| id.short(LEDGER_IDS), ToString::to_string),
            Err(_) => part.to_owned(),
        };
        if text.len() < 36 { text.to_owned() } else { text.split(',').map(one).collect::<Vec<_>>().join(",") }
    }
}
