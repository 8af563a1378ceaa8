//! The row of a device, from and to the noun.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Device, Id};
use crate::store::schema::devices;
use crate::time::Instant;

/// A row of `devices`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = devices, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct DeviceRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) device_id: String,
    pub(crate) os: String,
    pub(crate) platform: String,
    pub(crate) endpoint: String,
    pub(crate) token: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) last_seen_at: Instant,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl DeviceRow {
    /// The device of this row.
    pub(crate) fn into_device(self) -> Result<Device> {
        Ok(Device {
            id: self.id,
            user_id: self.user_id,
            device_id: self.device_id,
            os: self.os,
            platform: self.platform.parse()?,
            endpoint: self.endpoint,
            token: self.token,
            user_agent: self.user_agent,
            last_seen_at: self.last_seen_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl From<&Device> for DeviceRow {
    fn from(device: &Device) -> Self {
        let device = device.clone();
        Self {
            id: device.id,
            user_id: device.user_id,
            device_id: device.device_id,
            os: device.os,
            platform: device.platform.as_str().to_owned(),
            endpoint: device.endpoint,
            token: device.token,
            user_agent: device.user_agent,
            last_seen_at: device.last_seen_at,
            created_at: device.created_at,
            updated_at: device.updated_at,
        }
    }
}
