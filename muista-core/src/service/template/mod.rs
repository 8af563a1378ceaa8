//! The use cases of templates: listing, keeping, using and deleting them. What is taken from a task is in `take`, what is
//! made of a template in `make`.

mod make;
mod take;

use super::audit::audited::{Audited, RecordScope};
use super::tx::{Tx, bulk_transaction, transaction};
use super::{Caller, Service};
use crate::error::{Error, Result};
use crate::model::{
    Entity, Id, NewTemplate, Scope, Task, TaskTemplate, TemplateName, TemplateUse, WithNotices, fold, nearest,
};
use crate::store;
use crate::store::Conn;
use crate::store::rows::TemplateRow;

/// The most templates of an account.
const MANY: usize = 100;

impl Audited for TaskTemplate {
    const ENTITY: Entity = Entity::Template;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.owner_id, project: None })
    }
}

/// Returns the caller's templates, by name.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<TaskTemplate>> {
    caller.require(Scope::TasksRead)?;
    let owner = caller.user;
    service.store.read(move |conn| all(conn, owner)).await
}

/// Returns a template.
///
/// # Errors
/// `NotFound` where the caller has none of that name.
pub async fn get(service: &Service, caller: &Caller, name: TemplateName) -> Result<TaskTemplate> {
    caller.require(Scope::TasksRead)?;
    let owner = caller.user;
    service.store.read(move |conn| named(conn, owner, &name)).await
}

/// Keeps a task and its subtasks as a template.
///
/// # Errors
/// `NotFound` for the task, `Conflict` when the name is taken, `Quota` for more templates, tasks or text than there may be.
pub async fn add(service: &Service, caller: &Caller, new: NewTemplate) -> Result<WithNotices<TaskTemplate>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let count = all(tx.conn, owner)?.len();
        if count >= MANY {
            return Err(Error::quota(format!("{} templates are too many, an account has {MANY} at most", count + 1))
                .hint("delete one with `muista template rm`"));
        }
        let template = take::take(tx, &new)?;
        insert(tx.conn, &template)?;
        tx.created(&template)?;
        Ok(template)
    };
    let (value, told) = transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Makes the tasks of a template, all in one change; returns them, the whole first.
///
/// # Errors
/// `NotFound` where there is none of that name, `Invalid` for a value that is missing or that it does not take, and those of
/// making a task.
pub async fn apply(
    service: &Service,
    caller: &Caller,
    name: TemplateName,
    with: TemplateUse,
) -> Result<WithNotices<Vec<Task>>> {
    caller.require(Scope::TasksWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let template = named(tx.conn, owner, &name)?;
        make::make(tx, &settings, &template, with)
    };
    let (value, told) = bulk_transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Deletes a template; tasks that were made of it stay. Returns how it was.
///
/// # Errors
/// `NotFound` where there is none of that name, `PreconditionFailed` when it has another version than `version`.
pub async fn delete(
    service: &Service,
    caller: &Caller,
    name: TemplateName,
    version: Option<i64>,
) -> Result<TaskTemplate> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let before = named(tx.conn, owner, &name)?;
        if version.is_some_and(|version| version != before.version) {
            return Err(Error::precondition_failed(format!("the template {} was changed meanwhile", before.name))
                .hint("look at it again, then delete it"));
        }
        store::template::delete(tx.conn, before.id)?;
        tx.deleted(&before)?;
        Ok(before)
    };
    Ok(transaction(service, caller, work).await?.0)
}

fn all(conn: &mut Conn, owner: Id) -> Result<Vec<TaskTemplate>> {
    store::template::list(conn, owner)?.into_iter().map(TemplateRow::into_template).collect()
}

/// Puts another name in the place of an own field's in the caller's templates, or takes its values out.
pub(super) fn rename_field(tx: &mut Tx<'_>, name: &str, instead: Option<&str>) -> Result<()> {
    let owner = tx.owner();
    for before in all(tx.conn, owner)? {
        let mut after = before.clone();
        for task in &mut after.tasks {
            let known = task.fields.keys().find(|known| fold(known) == fold(name)).cloned();
            let value = known.and_then(|known| task.fields.remove(&known));
            task.fields.extend(instead.map(str::to_owned).zip(value));
        }
        if after.tasks != before.tasks {
            after.version += 1;
            after.updated_at = tx.now;
            store::template::update(tx.conn, &TemplateRow::of(&after)?)?;
            tx.updated(&before, &after)?;
        }
    }
    Ok(())
}

/// Stores a template.
pub(super) fn insert(conn: &mut Conn, template: &TaskTemplate) -> Result<()> {
    match store::template::insert(conn, &TemplateRow::of(template)?)? {
        0 => Err(Error::conflict(format!("there is a template {} already", template.name))
            .hint("take another name, or delete that one with `muista template rm`")),
        _ => Ok(()),
    }
}

/// Returns the template of that name.
fn named(conn: &mut Conn, owner: Id, name: &TemplateName) -> Result<TaskTemplate> {
    if let Some(row) = store::template::named(conn, owner, &name.key())? {
        return row.into_template();
    }
    let names: Vec<String> = store::template::list(conn, owner)?.into_iter().map(|row| row.name).collect();
    let hint = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`muista template ls` shows what there is".to_owned(),
    };
    Err(Error::not_found(format!("template {name}")).hint(hint))
}
