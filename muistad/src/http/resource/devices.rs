//! `/devices`. A device stands under its id; `deviceId` is what its client calls it, and so no part of a path.

use muista_core::model::{Device, DevicePage, DevicePatch, DeviceQuery, NewDevice, RecordKind, RecordRef};
use muista_core::service::device;

use crate::http::call::Call;
use crate::http::input::{Json, NoParams, Paging, Params, Path};
use crate::http::problem::Reply;
use crate::http::reply;

/// Lists devices
///
/// Those of the caller, the oldest first. They are only kept: nothing is pushed to them yet.
#[utoipa::path(get, path = "/devices", tag = "devices", params(Paging), responses(
    (status = 200, description = "A page of devices", body = DevicePage),
))]
pub(crate) async fn list(call: Call, Params(paging): Params<Paging>) -> Reply {
    let query = DeviceQuery { limit: paging.limit()?, cursor: paging.cursor };
    reply::ok(&call, &device::list(call.service(), &call.caller, query).await?)
}

/// Registers a device
///
/// One with the same `deviceId` already is brought up to date instead, so that a program may register at each start.
#[utoipa::path(post, path = "/devices", tag = "devices", request_body(content = NewDevice, example = json!({
    "deviceId": "5f9c1e8a-0d0e-4c53-9d0b-3f2a1b0c9d8e", "os": "Android", "platform": "mobile",
    "endpoint": "https://push.example.org/v1/3f2a"
})), responses(
    (status = 201, description = "The new device", body = Device, headers(
        ("Location" = String, description = "The device's path"), ("ETag" = String, description = "Its entity tag"),
    )),
    (status = 200, description = "The device, brought up to date", body = Device),
))]
pub(crate) async fn register(call: Call, Params(NoParams {}): Params<NoParams>, Json(new): Json<NewDevice>) -> Reply {
    let registered = device::register(call.service(), &call.caller, new).await?;
    let device = &registered.device;
    match registered.is_new {
        true => reply::created(&call, device, device.version(), &format!("/devices/{}", device.id)),
        false => reply::tagged(&call, device, device.version()),
    }
}

/// Shows a device
#[utoipa::path(get, path = "/devices/{id}", tag = "devices", params(
    ("id" = inline(RecordRef), Path, description = "The device's id, its beginning, or its short id"),
), responses(
    (status = 200, description = "The device", body = Device, headers(("ETag" = String, description = "Its entity tag"))),
))]
pub(crate) async fn get(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Device, named).await?;
    let device = device::get(call.service(), &call.caller, id).await?;
    reply::one(&call, &device, device.version())
}

/// Changes a device
///
/// What is left out stays.
#[utoipa::path(patch, path = "/devices/{id}", tag = "devices", params(
    ("id" = inline(RecordRef), Path, description = "The device's id, its beginning, or its short id"),
), request_body(content = DevicePatch, example = json!({"endpoint": "https://push.example.org/v1/77c1"})), responses(
    (status = 200, description = "The device", body = Device, headers(("ETag" = String, description = "Its entity tag"))),
))]
pub(crate) async fn edit(
    call: Call,
    Path(named): Path<RecordRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(mut patch): Json<DevicePatch>,
) -> Reply {
    let id = call.id(RecordKind::Device, named).await?;
    patch.version = call.if_match.version();
    let device = device::edit(call.service(), &call.caller, id, patch).await?;
    reply::tagged(&call, &device, device.version())
}

/// Removes a device
#[utoipa::path(delete, path = "/devices/{id}", tag = "devices", params(
    ("id" = inline(RecordRef), Path, description = "The device's id, its beginning, or its short id"),
), responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Device, named).await?;
    device::delete(call.service(), &call.caller, id, call.if_match.version()).await?;
    Ok(reply::nothing())
}
