//! The values that tasks have of own fields: reading what is said of them, writing them, and taking them off. The fields are
//! those of the task's owner, whoever changes it.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::{all, suggestion};
use crate::error::{Error, Result};
use crate::model::{Field, FieldChanges, FieldValue, FieldValues, Id, Task, clip, fold, shown};
use crate::service::task;
use crate::service::task::assemble;
use crate::service::tx::Tx;
use crate::store;
use crate::store::Conn;
use crate::store::rows::FieldValueRow;
use crate::time::Context;

/// How many tasks lose their values at once.
const STEP: usize = 500;

/// What is said of one field: its value from now on; none empties it.
pub(crate) type Said = (Field, Option<FieldValue>);

/// Reads what is said of an account's fields. Where nothing is, nothing is looked at.
///
/// # Errors
/// `NotFound` for a name that no field has, `Invalid` for what is no value of the field.
pub(crate) fn read(tx: &mut Tx<'_>, owner: Id, changes: &FieldChanges) -> Result<Vec<Said>> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let context = match &changes.read_in {
        Some(read_in) => read_in.context()?,
        None => Context { now: tx.now, zone: TimeZone::UTC, date_order: None },
    };
    let fields = all(tx.conn, owner)?;
    let mut said: Vec<Said> = Vec::with_capacity(changes.values.len());
    for (name, text) in &changes.values {
        let Some(field) = fields.iter().find(|field| fold(&field.name) == fold(name)) else {
            return Err(unknown(tx, owner, &fields, name));
        };
        let value = text.as_deref().map(|text| field.read(text, &context)).transpose()?.flatten();
        if said.iter().any(|(known, _)| known.id == field.id) {
            return Err(
                Error::invalid("fields", format!("{} is given twice", field.name)).hint("leave out one of them")
            );
        }
        said.push((field.clone(), value));
    }
    Ok(said)
}

/// What is told of a name that no field of the account has.
fn unknown(tx: &Tx<'_>, owner: Id, fields: &[Field], name: &str) -> Error {
    let error = Error::invalid("fields", format!("there is no field “{}”", shown(&clip(name))));
    if owner == tx.owner() {
        return error.hint(suggestion(fields, name));
    }
    error.hint("a task has the fields of its owner, who is somebody else")
}

/// Puts what is said into effect on a task.
pub(crate) fn set(task: &mut Task, said: &[Said]) {
    for (field, value) in said {
        task.fields.retain(|name, _| fold(name) != fold(&field.name));
        if let Some(value) = value {
            task.fields.insert(field.name.clone(), value.clone());
        }
    }
}

/// Writes what is said of a task that is there.
pub(crate) fn write(tx: &mut Tx<'_>, task: Id, said: &[Said]) -> Result<()> {
    for (field, _) in said {
        store::field::forget_of(tx.conn, field.id, &[task])?;
    }
    insert(tx.conn, task, said)
}

/// The same for a task that is new.
pub(crate) fn insert(conn: &mut Conn, task: Id, said: &[Said]) -> Result<()> {
    let row = |(field, value): &Said| value.as_ref().map(|value| FieldValueRow::of(task, field, value));
    let rows: Vec<FieldValueRow> = said.iter().filter_map(row).collect();
    store::field::put(conn, &rows).map(drop)
}

/// Writes the values that tasks have, in place of those there are, as far as their owners have such fields; what is in no
/// field is taken off. However many tasks they are, it takes few queries for each owner.
pub(crate) fn put_all(tx: &mut Tx<'_>, tasks: Vec<&mut Task>) -> Result<()> {
    let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
    store::field::forget(tx.conn, &ids)?;
    insert_all(tx, tasks)
}

/// The same for tasks that are new.
pub(crate) fn insert_all(tx: &mut Tx<'_>, tasks: Vec<&mut Task>) -> Result<()> {
    let mut owners: HashMap<Id, Vec<Field>> = HashMap::new();
    let mut rows = Vec::new();
    for task in tasks.into_iter().filter(|task| !task.fields.is_empty()) {
        let fields = match owners.entry(task.owner_id) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(new) => new.insert(all(tx.conn, task.owner_id)?),
        };
        task.fields = fitting(fields, &task.fields);
        for (name, value) in &task.fields {
            let field = fields.iter().find(|field| field.name == *name);
            rows.extend(field.map(|field| FieldValueRow::of(task.id, field, value)));
        }
    }
    store::field::put(tx.conn, &rows).map(drop)
}

/// Returns the rows of the values that tasks have of these fields.
pub(crate) fn rows<'t>(fields: &[Field], tasks: impl Iterator<Item = &'t Task>) -> Vec<FieldValueRow> {
    let of_task = |task: &'t Task| task.fields.iter().map(move |(name, value)| (task.id, name, value));
    let row = |(task, name, value): (Id, &String, &FieldValue)| {
        let field = fields.iter().find(|field| field.name == *name)?;
        Some(FieldValueRow::of(task, field, value))
    };
    tasks.flat_map(of_task).filter_map(row).collect()
}

/// Those of these values that go with the fields, under the names that these have now.
pub(crate) fn fitting(fields: &[Field], values: &FieldValues) -> FieldValues {
    // What was written out once reads in any context.
    let context = Context { now: crate::time::Instant::MIN, zone: TimeZone::UTC, date_order: None };
    let known = values.iter().filter_map(|(name, value)| {
        let field = fields.iter().find(|field| fold(&field.name) == fold(name))?;
        let value = field.read(&value.to_string(), &context).ok().flatten()?;
        Some((field.name.clone(), value))
    });
    known.collect()
}

/// Takes the values of a field off all tasks, and notes that.
pub(super) fn take_off(tx: &mut Tx<'_>, field: &Field) -> Result<()> {
    let ids = store::field::tasks(tx.conn, field.id)?;
    store::task::lock(tx.conn, &ids)?;
    for ids in ids.chunks(STEP) {
        let before = assemble::all_by_ids(tx.conn, ids)?;
        store::field::forget_of(tx.conn, field.id, ids)?;
        for before in before {
            let mut task = before.clone();
            task.fields.remove(&field.name);
            task::save(tx, &before, task)?;
        }
    }
    Ok(())
}
