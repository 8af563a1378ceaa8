//! `muista whoami`: on whose behalf commands are carried out, and where.

use muista_core::config::RemoteAddress;
use muista_core::model::{Identity, Scopes};
use serde::Serialize;

use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Shape};

/// Show who you are, and where commands go
///
/// Exit status 4 where the daemon does not know you, 5 where it cannot be reached.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista whoami --json")]
pub(crate) struct Args {}

pub(crate) async fn run(app: &CommandContext, _: &Args) -> Result<()> {
    let address = match app.target()? {
        ConnectionTarget::Remote(remote) => Some(remote.address),
        ConnectionTarget::Socket | ConnectionTarget::Default => None,
    };
    let client = app.client().await?;
    let mut identity = client.whoami().await?;
    // That of the configuration goes before the account's.
    identity.timezone = Some(app.context()?.zone_name());
    let database = match &address {
        // Where another machine keeps its data is no business of ours.
        Some(_) => None,
        None => Some(client.status().await?.database),
    };
    app.out()?.one(&Row::new(identity, address.as_ref(), database))
}

/// Who one is, as it is listed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row {
    #[serde(flatten)]
    identity: Identity,
    /// The daemon of another machine; none: this machine.
    address: Option<String>,
    /// The database on this machine.
    database: Option<String>,
}

impl Row {
    pub(super) fn new(identity: Identity, address: Option<&RemoteAddress>, database: Option<String>) -> Self {
        Self { identity, address: address.map(ToString::to_string), database }
    }
}

impl Noun for Row {
    const FIELDS: &'static [&'static str] =
        &["user", "userId", "role", "scopes", "key", "keyName", "timezone", "address", "database"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("User", Shape::Short, |row: &Self, _| Cell::new(row.identity.user.clone())),
            Column::new("Role", Shape::Short, |row: &Self, _| Cell::new(row.identity.role.to_string())),
            Column::new("Key", Shape::Text, |row: &Self, _| {
                Cell::new(row.identity.key_name.clone().unwrap_or_default())
            }),
            Column::new("Zone", Shape::Short, |row: &Self, _| {
                Cell::new(row.identity.timezone.clone().unwrap_or_default())
            }),
            Column::new("Where", Shape::Text, |row: &Self, _| {
                Cell::new(row.address.clone().or_else(|| row.database.clone()).unwrap_or_default())
            }),
            Column::new("Scopes", Shape::Text, |row: &Self, _| {
                // All that the role may do is nothing unusual.
                let Identity { role, scopes, .. } = row.identity;
                Cell::new(if scopes == Scopes::of(role) { String::new() } else { scopes.to_string() })
            }),
        ]
    }

    fn key(&self) -> String {
        self.identity.user.clone()
    }
}
