//! A record as an audit entry keeps it. Of a task's thirty fields most are empty, and several stand in the entry's own
//! columns; written out they were more than half of the whole database. So they are left out, and put back when the entry
//! is read. Other records are kept as they are.

use std::sync::LazyLock;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::Result;
use crate::model::{Entity, Id, Task};
use crate::store::types::Doc;
use crate::time::Instant;

/// About how many bytes are put back.
pub(super) const LEFT_OUT: usize = 700;

/// The fields of a task of which nothing was said but its title.
static USUAL: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let epoch = Instant::from_timestamp(jiff::Timestamp::UNIX_EPOCH);
    match serde_json::to_value(Task::titled(Id::LOCAL_USER, Id::LOCAL_USER, String::new(), epoch)) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
});

/// What an entry's columns say of its record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryColumns {
    pub(crate) entity: Entity,
    pub(crate) record: Id,
    pub(crate) owner: Option<Id>,
    pub(crate) project: Option<Id>,
    pub(crate) at: Instant,
}

impl EntryColumns {
    /// Returns the record's document without what [`EntryColumns::read`] puts back.
    ///
    /// # Errors
    /// When the record cannot be written as JSON.
    pub(crate) fn write<T: Serialize>(&self, record: &T) -> Result<Doc> {
        if self.entity != Entity::Task {
            return Doc::of(record);
        }
        let mut document = Doc::tree(record)?;
        if let Value::Object(fields) = &mut document {
            fields.retain(|field, value| self.implied(field).as_ref() != Some(value));
        }
        Doc::of(&document)
    }

    /// Returns the record as it was written.
    ///
    /// # Errors
    /// When the document is no JSON.
    pub(crate) fn read(&self, document: &Doc) -> Result<Value> {
        let mut document = document.value()?;
        if self.entity == Entity::Task
            && let Value::Object(fields) = &mut document
        {
            for field in USUAL.keys().filter(|field| !fields.contains_key(*field)).collect::<Vec<_>>() {
                fields.extend(self.implied(field).map(|value| (field.clone(), value)));
            }
            document.sort_all_objects();
        }
        Ok(document)
    }

    /// What a field of a task is where its document does not say it; none for a field that it always says.
    fn implied(&self, field: &str) -> Option<Value> {
        match field {
            "number" | "title" => None,
            "id" => Some(Value::String(self.record.to_string())),
            "ownerId" => Some(self.owner.map_or(Value::Null, |owner| Value::String(owner.to_string()))),
            "projectId" => Some(self.project.map_or(Value::Null, |project| Value::String(project.to_string()))),
            "createdAt" | "updatedAt" => serde_json::to_value(self.at).ok(),
            usual => USUAL.get(usual).cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::model::Priority;

    const OTHER: Id = Id::NIL;

    fn columns(entity: Entity) -> EntryColumns {
        let at = Instant::from_timestamp("2026-12-01T10:00:00.123456Z".parse().unwrap());
        EntryColumns { entity, record: Id::LOCAL_USER, owner: Some(OTHER), project: Some(Id::LOCAL_USER), at }
    }

    fn task() -> Task {
        let columns = columns(Entity::Task);
        let task = Task::titled(columns.record, OTHER, "Feed the cat".to_owned(), columns.at);
        Task { number: 7, project_id: columns.project, ..task }
    }

    #[test]
    fn a_task_is_kept_without_what_its_entry_says_and_read_whole() {
        let columns = columns(Entity::Task);
        assert_eq!(columns.write(&task()).unwrap().0, r#"{"number":7,"title":"Feed the cat"}"#);
        let moved = Task { project_id: None, owner_id: columns.record, ..task() };
        let other = Task { project_id: Some(OTHER), project: Some("home".to_owned()), id: OTHER, ..task() };
        let later = Instant::from_timestamp("2026-12-01T10:00:01Z".parse().unwrap());
        let done = Task { completed: true, completed_at: Some(later), updated_at: later, version: 2, ..task() };
        let said = Task {
            tags: vec!["a".to_owned()],
            depends_on: vec![OTHER],
            priority: Priority::High,
            note: Some(String::new()),
            position: Some(0),
            ..task()
        };
        for task in [task(), moved, other, done, said] {
            let read = columns.read(&columns.write(&task).unwrap()).unwrap();
            let whole = Doc::of(&task).unwrap().value().unwrap();
            assert_eq!(read.to_string(), whole.to_string());
            // What an older program wrote says everything itself.
            assert_eq!(columns.read(&Doc::of(&task).unwrap()).unwrap(), whole);
        }
    }

    #[test]
    fn own_fields_that_a_task_has_not_stay_away() {
        let read = columns(Entity::Task).read(&columns(Entity::Task).write(&task()).unwrap()).unwrap();
        assert_eq!(read.get("fields"), None);
        assert_eq!(read["dueDate"], Value::Null);
    }

    #[test]
    fn other_records_are_kept_as_they_are() {
        assert_eq!(columns(Entity::Project).write(&task()).unwrap(), Doc::of(&task()).unwrap());
    }
}
