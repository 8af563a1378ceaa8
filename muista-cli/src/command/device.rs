//! `muista device`: where messages could be pushed to: listing, registering and removing devices, which are only kept.

use clap::Subcommand;
use muista_core::model::{
    Device, DeviceLongText, DeviceQuery, DeviceText, Endpoint, NewDevice, Platform, RecordKind, RecordRef, ShortId,
};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape, due};

/// List, register or remove devices
///
/// Alone it is muista device ls. As a rule a device registers itself, over REST. Devices are only kept so far: nothing pushes
/// to them yet.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Example: muista device add phone --os Android --platform mobile --endpoint https://push.example.org/3f2a"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the devices
    #[command(visible_alias = "list")]
    Ls,
    /// Register a device, or update the one of that name
    Add {
        /// What to call it, as in muista device add phone
        name: DeviceText,
        /// Its operating system, as in --os Android
        #[arg(long, value_name = "OS")]
        os: DeviceText,
        /// What it is: desktop, mobile or web, as in --platform mobile
        #[arg(long, value_name = "PLATFORM")]
        platform: Platform,
        /// Where messages could be pushed to, as in --endpoint `https://push.example.org/3f2a`
        #[arg(long, value_name = "URL")]
        endpoint: Endpoint,
        /// The token of the push service, as in --token c0ffee
        #[arg(long, value_name = "TOKEN")]
        token: Option<DeviceLongText>,
        /// The browser, as in --user-agent "Firefox 150"
        #[arg(long, value_name = "TEXT")]
        user_agent: Option<DeviceLongText>,
    },
    /// Remove a device
    Rm {
        /// The device, as in muista device rm 3f2a; muista device ls shows its id
        id: RecordRef,
    },
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls) {
        Verb::Ls => ls(app).await,
        Verb::Add { name, os, platform, endpoint, token, user_agent } => {
            let new = NewDevice { device_id: name, os, platform, endpoint, token, user_agent };
            let registered = app.client().await?.register_device(new).await?;
            let what = if registered.is_new { "Registered" } else { "Brought up to date" };
            changed(app, what, &registered.device)
        }
        Verb::Rm { id } => {
            let id = app.id_of(RecordKind::Device, id).await?;
            let removed = app.client().await?.delete_device(id).await?;
            changed(app, "Removed", &removed)
        }
    }
}

async fn ls(app: &CommandContext) -> Result<()> {
    let client = app.client().await?;
    let (mut devices, mut cursor) = (Vec::new(), None);
    loop {
        let mut page = client.list_devices(DeviceQuery { limit: 0, cursor }).await?;
        devices.append(&mut page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    let out = app.out()?;
    if out.is_table() && devices.is_empty() {
        app.note("No devices. One registers itself with POST /devices, or by muista device add");
    }
    out.list(&devices)
}

fn changed(app: &CommandContext, what: &str, device: &Device) -> Result<()> {
    let out = app.out()?;
    if out.is_table() { out.say(&format!("{what} the device {}", device.device_id)) } else { out.one(device) }
}

impl Noun for Device {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "userId",
        "deviceId",
        "os",
        "platform",
        "endpoint",
        "token",
        "userAgent",
        "lastSeenAt",
        "createdAt",
        "updatedAt",
    ];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::ids("Id", ShortId::LEAST, |device: &Self| device.id),
            Column::new("Device", Shape::Text, |device: &Self, _| {
                Cell::new(device.device_id.clone()).paint(Paint::Label)
            }),
            Column::new("OS", Shape::Text, |device: &Self, _| Cell::new(device.os.clone())),
            Column::new("Platform", Shape::Short, |device: &Self, _| Cell::new(device.platform.as_str())),
            Column::new("Seen", Shape::Short, |device: &Self, view| {
                Cell::new(due::full(device.last_seen_at, &view.context)).paint(Paint::Faint)
            }),
        ]
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}
