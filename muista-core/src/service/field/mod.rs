//! The use cases of own fields: listing, making, changing and deleting them. The values that tasks have are `value`'s,
//! conditions and orders by them `query`'s. A field is its owner's alone; its values are shown to whoever sees the task.

pub(crate) mod query;
pub(crate) mod value;

use std::collections::HashMap;

use super::audit::audited::{Audited, RecordScope};
use super::tx::{Tx, bulk_transaction, transaction};
use super::{Caller, Service, series, template, view};
use crate::error::{Error, Result};
use crate::model::{
    Entity, Field, FieldName, FieldPatch, FieldValue, Id, NewField, Scope, fold, nearest, refuse_choices,
};
use crate::store;
use crate::store::Conn;
use crate::store::rows::FieldRow;

/// The most fields of an account.
const MANY: usize = 50;

impl Audited for Field {
    const ENTITY: Entity = Entity::Field;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.owner_id, project: None })
    }
}

/// Returns the caller's fields, by name.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<Field>> {
    caller.require(Scope::TasksRead)?;
    let owner = caller.user;
    service.store.read(move |conn| counted(conn, owner)).await
}

/// Returns a field.
///
/// # Errors
/// `NotFound` where the caller has none of that name.
pub async fn get(service: &Service, caller: &Caller, name: FieldName) -> Result<Field> {
    caller.require(Scope::TasksRead)?;
    let owner = caller.user;
    service.store.read(move |conn| named(counted(conn, owner)?, &name)).await
}

/// Makes a field.
///
/// # Errors
/// `Invalid` for choices that do not go with the type, `Conflict` when the name is taken, `Quota` when there are as many
/// fields as there may be.
pub async fn add(service: &Service, caller: &Caller, new: NewField) -> Result<Field> {
    caller.require(Scope::TasksWrite)?;
    Ok(transaction(service, caller, move |tx| make(tx, new)).await?.0)
}

/// The same, as a part of another change.
pub(crate) fn make(tx: &mut Tx<'_>, new: NewField) -> Result<Field> {
    let owner = tx.owner();
    refuse_choices(new.kind, &new.choices)?;
    let fields = locked(tx.conn, owner)?;
    if fields.len() >= MANY {
        return Err(Error::quota(format!("{} fields are too many, an account has {MANY} at most", fields.len() + 1))
            .hint("delete one with `muista field rm`"));
    }
    let field = Field {
        id: Id::new(tx.now),
        owner_id: owner,
        name: new.name.to_string(),
        kind: new.kind,
        choices: new.choices,
        tasks: 0,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    refuse_taken(&fields, &field)?;
    insert(tx.conn, &field)?;
    tx.created(&field)?;
    Ok(field)
}

/// Changes a field: its name, and what its choices are.
///
/// # Errors
/// As [`add`]; `NotFound` where there is none of that name, `Conflict` for a choice taken away that tasks have, and
/// `PreconditionFailed` when it was changed since the version that the patch names.
pub async fn edit(service: &Service, caller: &Caller, name: FieldName, patch: FieldPatch) -> Result<Field> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let fields = locked(tx.conn, owner)?;
        let before = named(with_counts(tx.conn, owner, fields.clone())?, &name)?;
        refuse_other_version(&before, patch.version)?;
        let mut field = before.clone();
        if let Some(name) = patch.name {
            field.name = name.into();
        }
        if let Some(choices) = patch.choices {
            refuse_choices(field.kind, &choices)?;
            field.choices = choices;
        }
        if field == before {
            return Ok(field);
        }
        refuse_taken(&fields, &field)?;
        field.version += 1;
        field.updated_at = tx.now;
        put(tx, &before, &field)?;
        tx.updated(&before, &field)?;
        if field.name != before.name {
            series::rename_field(tx, &before.name, Some(&field.name))?;
            template::rename_field(tx, &before.name, Some(&field.name))?;
            view::rename_field(tx, &before.name, &field.name)?;
        }
        Ok(field)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Writes a field that was another before: its values get the new spelling and the new order.
pub(crate) fn put(tx: &mut Tx<'_>, before: &Field, field: &Field) -> Result<()> {
    store::field::update(tx.conn, &FieldRow::of(field)?)?;
    if field.choices != before.choices {
        for value in store::field::values(tx.conn, field.id)? {
            let Some(choice) = field.choices.iter().find(|choice| fold(choice) == fold(&value)) else {
                return Err(Error::conflict(format!("tasks have the value {value} of {}", before.name))
                    .of_field("choices")
                    .hint(format!("keep it, or give them another first: `muista ls {}:{value}`", before.name)));
            };
            let key = field.sort_key(&FieldValue::Text(choice.clone()));
            store::field::respell(tx.conn, field.id, &value, choice, &key)?;
        }
    }
    Ok(())
}

/// Deletes a field, and with it the values that tasks have; returns how it was.
///
/// # Errors
/// `NotFound` where there is none of that name, `PreconditionFailed` when it has another version than `version`.
pub async fn delete(service: &Service, caller: &Caller, name: FieldName, version: Option<i64>) -> Result<Field> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let fields = locked(tx.conn, owner)?;
        let before = named(with_counts(tx.conn, owner, fields)?, &name)?;
        refuse_other_version(&before, version)?;
        value::take_off(tx, &before)?;
        series::rename_field(tx, &before.name, None)?;
        template::rename_field(tx, &before.name, None)?;
        store::field::delete(tx.conn, before.id)?;
        tx.deleted(&before)?;
        Ok(before)
    };
    Ok(bulk_transaction(service, caller, work).await?.0)
}

/// Returns an account's fields, without how many tasks have a value.
pub(crate) fn all(conn: &mut Conn, owner: Id) -> Result<Vec<Field>> {
    store::field::list(conn, owner)?.into_iter().map(|row| row.into_field(0)).collect()
}

/// The same, locked, so that none is changed while a name is looked for among them.
pub(crate) fn locked(conn: &mut Conn, owner: Id) -> Result<Vec<Field>> {
    store::field::lock(conn, owner)?.into_iter().map(|row| row.into_field(0)).collect()
}

fn counted(conn: &mut Conn, owner: Id) -> Result<Vec<Field>> {
    let fields = all(conn, owner)?;
    with_counts(conn, owner, fields)
}

fn with_counts(conn: &mut Conn, owner: Id, mut fields: Vec<Field>) -> Result<Vec<Field>> {
    let counts: HashMap<Id, i64> = store::field::counts(conn, owner)?.into_iter().collect();
    for field in &mut fields {
        field.tasks = counts.get(&field.id).copied().unwrap_or_default();
    }
    Ok(fields)
}

/// Stores a field.
pub(crate) fn insert(conn: &mut Conn, field: &Field) -> Result<()> {
    match store::field::insert(conn, &FieldRow::of(field)?)? {
        0 => Err(taken(&field.name)),
        _ => Ok(()),
    }
}

/// Returns the field of that name.
fn named(mut fields: Vec<Field>, name: &FieldName) -> Result<Field> {
    let wanted = name.key();
    match fields.iter().position(|field| fold(&field.name) == wanted) {
        Some(at) => Ok(fields.swap_remove(at)),
        None => Err(Error::not_found(format!("field {name}")).hint(suggestion(&fields, name))),
    }
}

/// What to do about a name that no field has.
fn suggestion(fields: &[Field], name: &str) -> String {
    match nearest(name, fields.iter().map(|field| field.name.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`muista field ls` shows what there is, `muista field add` makes one".to_owned(),
    }
}

/// Refuses a name that another field has.
pub(crate) fn refuse_taken(fields: &[Field], field: &Field) -> Result<()> {
    let is_taken = |other: &&Field| other.id != field.id && fold(&other.name) == fold(&field.name);
    fields.iter().find(is_taken).map_or(Ok(()), |other| Err(taken(&other.name)))
}

fn refuse_other_version(field: &Field, version: Option<i64>) -> Result<()> {
    if version.is_none_or(|version| version == field.version) {
        return Ok(());
    }
    Err(Error::precondition_failed(format!("the field {} was changed meanwhile", field.name))
        .hint("look at it again, then make the change again"))
}

fn taken(name: &str) -> Error {
    Error::conflict(format!("there is a field {name} already")).hint("change it with `muista field edit`")
}
