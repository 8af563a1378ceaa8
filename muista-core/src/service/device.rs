//! The use cases of devices: registering, listing, changing and removing them. Each is its account's alone.

use super::audit::audited::{Audited, RecordScope};
use super::tx::{Tx, transaction};
use super::{Caller, Service};
use crate::error::{Error, Result};
use crate::model::{
    Device, DevicePage, DevicePatch, DeviceQuery, Entity, Id, NewDevice, Page, Registered, Scope, cursor,
};
use crate::store::rows::DeviceRow;
use crate::store::{self, Conn};
use crate::time::Instant;

/// How many devices an account may have.
const MOST: i64 = 100;

/// A device as the record of changes holds it: without its token, which lets whoever has it push messages.
#[derive(serde::Serialize)]
#[serde(transparent)]
struct Recorded(Device);

impl Recorded {
    fn of(device: &Device) -> Self {
        Self(Device { token: None, ..device.clone() })
    }
}

impl Audited for Recorded {
    const ENTITY: Entity = Entity::Device;

    fn record(&self) -> Id {
        self.0.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.0.user_id, project: None })
    }
}

/// Registers a device; one that is known by that name already is brought up to date.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn register(service: &Service, caller: &Caller, new: NewDevice) -> Result<Registered> {
    caller.require(Scope::DevicesWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let device = Device {
            id: Id::new(tx.now),
            user_id: tx.owner(),
            device_id: new.device_id.into(),
            os: new.os.into(),
            platform: new.platform,
            endpoint: new.endpoint.into(),
            token: new.token.map(Into::into),
            user_agent: new.user_agent.map(Into::into),
            last_seen_at: tx.now,
            created_at: tx.now,
            updated_at: tx.now,
        };
        if store::device::insert(tx.conn, &DeviceRow::from(&device))? > 0 {
            refuse_more(tx.conn, device.user_id)?;
            tx.created(&Recorded::of(&device))?;
            return Ok(Registered { device, is_new: true });
        }
        let known = store::device::lock_named(tx.conn, device.user_id, &device.device_id)?;
        let before = known.ok_or_else(|| Error::conflict("the device was removed meanwhile").hint("try again"))?;
        let before = before.into_device()?;
        let device = Device { id: before.id, created_at: before.created_at, ..device };
        Ok(Registered { device: save(tx, &before, device)?, is_new: false })
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Refuses a device more than an account may have.
fn refuse_more(conn: &mut Conn, user: Id) -> Result<()> {
    if store::device::list(conn, user, None, MOST + 1)?.len() <= usize::try_from(MOST).unwrap_or(usize::MAX) {
        return Ok(());
    }
    Err(Error::quota(format!("the account has {MOST} devices, which is the most"))
        .hint("remove those that are not used: `muista device rm ID`"))
}

/// One page of the caller's devices, the oldest first.
///
/// # Errors
/// `Forbidden` without the scope, `Invalid` for a foreign cursor.
pub async fn list(service: &Service, caller: &Caller, query: DeviceQuery) -> Result<DevicePage> {
    caller.require(Scope::DevicesRead)?;
    let user = caller.user;
    let after = query.cursor.as_deref().map(cursor::read::<(Instant, Id)>).transpose()?;
    let limit = match query.limit {
        0 => Page::MAX,
        limit => limit.min(Page::MAX),
    };
    let look = move |conn: &mut Conn| store::device::list(conn, user, after, i64::from(limit) + 1);
    let mut rows = service.store.read(look).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let items = rows.into_iter().map(DeviceRow::into_device).collect::<Result<Vec<_>>>()?;
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::write(&(last.created_at, last.id))).transpose()?;
    Ok(DevicePage { items, next_cursor })
}

/// A device of the caller's.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`.
pub async fn get(service: &Service, caller: &Caller, id: Id) -> Result<Device> {
    caller.require(Scope::DevicesRead)?;
    let user = caller.user;
    let row = service.store.read(move |conn| store::device::by_id(conn, user, id)).await?;
    row.ok_or_else(|| missing(id))?.into_device()
}

/// Changes a device.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`, `PreconditionFailed` when it was changed meanwhile.
pub async fn edit(service: &Service, caller: &Caller, id: Id, patch: DevicePatch) -> Result<Device> {
    caller.require(Scope::DevicesWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let before = lock(tx, id)?;
        refuse_other(&before, patch.version)?;
        let mut device = before.clone();
        device.os = patch.os.map_or(device.os, Into::into);
        device.platform = patch.platform.unwrap_or(device.platform);
        device.endpoint = patch.endpoint.map_or(device.endpoint, Into::into);
        patch.token.apply(&mut device.token);
        patch.user_agent.apply(&mut device.user_agent);
        save(tx, &before, device)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Removes a device; returns how it was. Where a version is given, another one now is refused.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`, `PreconditionFailed` when it was changed meanwhile.
pub async fn delete(service: &Service, caller: &Caller, id: Id, version: Option<i64>) -> Result<Device> {
    caller.require(Scope::DevicesWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let before = lock(tx, id)?;
        refuse_other(&before, version)?;
        store::device::delete(tx.conn, id)?;
        tx.deleted(&Recorded::of(&before))?;
        Ok(before)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Writes a device that was heard of now. When it was changed tells its states apart, so that time goes on with each.
fn save(tx: &mut Tx<'_>, before: &Device, mut device: Device) -> Result<Device> {
    let kept =
        |device: &Device| Device { last_seen_at: before.last_seen_at, updated_at: before.updated_at, ..device.clone() };
    let changed = kept(&device) != *before;
    device.last_seen_at = tx.now;
    device.updated_at = match changed {
        true => tx.now.max(before.updated_at.plus(std::time::Duration::from_micros(1))),
        false => before.updated_at,
    };
    store::device::update(tx.conn, &DeviceRow::from(&device))?;
    if changed {
        tx.updated(&Recorded::of(before), &Recorded::of(&device))?;
    }
    Ok(device)
}

/// Refuses a change that was made from another version.
fn refuse_other(device: &Device, version: Option<i64>) -> Result<()> {
    if version.is_none_or(|version| version == device.version()) {
        return Ok(());
    }
    Err(Error::precondition_failed(format!("the device {} was changed meanwhile", device.device_id))
        .hint("look at it, then make the change again"))
}

fn lock(tx: &mut Tx<'_>, id: Id) -> Result<Device> {
    let owner = tx.owner();
    store::device::lock(tx.conn, owner, id)?.ok_or_else(|| missing(id))?.into_device()
}

fn missing(id: Id) -> Error {
    Error::not_found(format!("device {id}")).hint("`muista device ls` shows what there is")
}
