//! The use cases of views: listing, making, changing and deleting them. What a view holds where a query names it is
//! `expand`'s. A view is its owner's alone; it holds what whoever uses it may see.

mod expand;
mod look;

use super::audit::audited::{Audited, RecordScope};
use super::tx::{Tx, transaction};
use super::{Caller, Service};
use crate::error::{Error, Result};
use crate::model::{Entity, Id, NewView, Scope, View, ViewName, ViewPatch, nearest};
use crate::store;
use crate::store::Conn;
use crate::store::rows::ViewRow;

pub(crate) use expand::expand;

/// The most views of an account.
const MANY: usize = 100;

impl Audited for View {
    const ENTITY: Entity = Entity::View;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.owner_id, project: None })
    }
}

/// Returns the caller's views, by name.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<View>> {
    caller.require(Scope::TasksRead)?;
    let owner = caller.user;
    service.store.read(move |conn| all(conn, owner)).await
}

/// Returns a view.
///
/// # Errors
/// `NotFound` where the caller has none of that name.
pub async fn get(service: &Service, caller: &Caller, name: ViewName) -> Result<View> {
    caller.require(Scope::TasksRead)?;
    let owner = caller.user;
    service.store.read(move |conn| named(all(conn, owner)?, &name)).await
}

/// Makes a view.
///
/// # Errors
/// `Invalid` for a query that cannot be read or names a view that there is not, `Conflict` when the name is taken or there
/// are as many views as there may be.
pub async fn add(service: &Service, caller: &Caller, new: NewView) -> Result<View> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let views = locked(tx.conn, owner)?;
        if views.len() >= MANY {
            return Err(Error::quota(format!("{} views are too many, an account has {MANY} at most", views.len() + 1))
                .hint("delete one with `muista view rm`"));
        }
        let view = View {
            id: Id::new(tx.now),
            owner_id: owner,
            name: new.name.to_string(),
            query: new.query.into(),
            date_order: new.date_order,
            sort: new.sort,
            columns: new.columns,
            group: new.group,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        refuse_taken(&views, &view)?;
        expand::check(&views, &view)?;
        look::check(tx.conn, &view)?;
        insert(tx.conn, &view)?;
        tx.created(&view)?;
        Ok(view)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Changes a view.
///
/// # Errors
/// As [`add`]; `NotFound` where there is none of that name, `Conflict` for another name while other views use this one, and
/// `PreconditionFailed` when it was changed since the version that the patch names.
pub async fn edit(service: &Service, caller: &Caller, name: ViewName, patch: ViewPatch) -> Result<View> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let views = locked(tx.conn, owner)?;
        let before = named(views.clone(), &name)?;
        refuse_other_version(&before, patch.version)?;
        let mut view = patched(before.clone(), patch);
        if key(&view)? != key(&before)? {
            refuse_used(&views, &before, "renamed")?;
        }
        if view == before {
            return Ok(view);
        }
        refuse_taken(&views, &view)?;
        expand::check(&views, &view)?;
        look::check(tx.conn, &view)?;
        view.version += 1;
        view.updated_at = tx.now;
        store::view::update(tx.conn, &ViewRow::of(&view)?)?;
        tx.updated(&before, &view)?;
        Ok(view)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Returns a view with the changes of a patch.
fn patched(mut view: View, patch: ViewPatch) -> View {
    if let Some(name) = patch.name {
        view.name = name.into();
    }
    if let Some(query) = patch.query {
        view.query = query.into();
    }
    patch.date_order.apply(&mut view.date_order);
    patch.sort.apply(&mut view.sort);
    patch.columns.apply(&mut view.columns);
    patch.group.apply(&mut view.group);
    view
}

/// Deletes a view; the tasks in it stay. Returns how it was.
///
/// # Errors
/// `NotFound` where there is none of that name, `Conflict` while other views use it, `PreconditionFailed` when it has another
/// version than `version`.
pub async fn delete(service: &Service, caller: &Caller, name: ViewName, version: Option<i64>) -> Result<View> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let views = locked(tx.conn, owner)?;
        let before = named(views.clone(), &name)?;
        refuse_other_version(&before, version)?;
        refuse_used(&views, &before, "deleted")?;
        store::view::delete(tx.conn, before.id)?;
        tx.deleted(&before)?;
        Ok(before)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Puts another name in the place of an own field's in the caller's views.
pub(super) fn rename_field(tx: &mut Tx<'_>, name: &str, instead: &str) -> Result<()> {
    let owner = tx.owner();
    for before in locked(tx.conn, owner)? {
        let mut after = look::renamed(before.clone(), name, instead)?;
        if after != before {
            after.version += 1;
            after.updated_at = tx.now;
            store::view::update(tx.conn, &ViewRow::of(&after)?)?;
            tx.updated(&before, &after)?;
        }
    }
    Ok(())
}

fn all(conn: &mut Conn, owner: Id) -> Result<Vec<View>> {
    store::view::list(conn, owner)?.into_iter().map(ViewRow::into_view).collect()
}

/// Returns the account's views, locked, so that none is changed while another that uses it is checked.
pub(super) fn locked(conn: &mut Conn, owner: Id) -> Result<Vec<View>> {
    store::view::lock(conn, owner)?.into_iter().map(ViewRow::into_view).collect()
}

/// Stores a view.
pub(super) fn insert(conn: &mut Conn, view: &View) -> Result<()> {
    match store::view::insert(conn, &ViewRow::of(view)?)? {
        0 => Err(taken(&view.name)),
        _ => Ok(()),
    }
}

/// Returns a view's name as names are compared.
fn key(view: &View) -> Result<String> {
    Ok(ViewName::parse(&view.name)?.key())
}

/// Returns the view of that name.
fn named(mut views: Vec<View>, name: &ViewName) -> Result<View> {
    let wanted = name.key();
    match views.iter().position(|view| key(view).is_ok_and(|key| key == wanted)) {
        Some(at) => Ok(views.swap_remove(at)),
        None => Err(Error::not_found(format!("view {name}")).hint(suggestion(&views, name))),
    }
}

/// Returns what to say of a name that no view has.
fn suggestion(views: &[View], name: &str) -> String {
    match nearest(name, views.iter().map(|view| view.name.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`muista view ls` shows what there is".to_owned(),
    }
}

/// Refuses a name that another view has.
pub(super) fn refuse_taken(views: &[View], view: &View) -> Result<()> {
    let wanted = key(view)?;
    let is_taken = |other: &&View| other.id != view.id && key(other).is_ok_and(|key| key == wanted);
    views.iter().find(is_taken).map_or(Ok(()), |other| Err(taken(&other.name)))
}

/// Refuses to take away a name by which other views use a view.
pub(super) fn refuse_used(views: &[View], view: &View, what: &str) -> Result<()> {
    let wanted = key(view)?;
    let user = views.iter().find(|other| other.id != view.id && expand::uses(other).contains(&wanted));
    user.map_or(Ok(()), |user| {
        let message = format!("the view {} uses :{}, which cannot be {what}", user.name, view.name);
        Err(Error::conflict(message).hint(format!("change that first, with `muista view edit {}`", user.name)))
    })
}

fn refuse_other_version(view: &View, version: Option<i64>) -> Result<()> {
    if version.is_none_or(|version| version == view.version) {
        return Ok(());
    }
    Err(Error::precondition_failed(format!("the view {} was changed meanwhile", view.name))
        .hint("look at it again, then make the change again"))
}

fn taken(name: &str) -> Error {
    Error::conflict(format!("there is a view {name} already")).hint("change it with `muista view edit`")
}
