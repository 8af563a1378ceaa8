//! `muista daemon status`: what the running daemon says of itself.

use muista_core::error::Error;
use muista_core::model::ServerStatus;
use serde::Serialize;

use super::query_status;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape, due};

/// Show whether the daemon runs, and on what
///
/// Exit status 5 if it is not running.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon status --json")]
pub(crate) struct Args {}

pub(super) fn run(app: &CommandContext, _: &Args) -> Result<()> {
    let Some((status, socket)) = query_status(app)? else {
        let socket = app.config()?.socket.display();
        let error = Error::unavailable(format!("no daemon answers at {socket}"));
        return Err(error.hint("start it with `muista daemon start`").into());
    };
    app.out()?.one(&Row { status, socket: socket.display().to_string() })
}

/// The daemon as it is listed.
#[derive(Debug, Serialize)]
struct Row {
    #[serde(flatten)]
    status: ServerStatus,
    socket: String,
}

impl Row {
    /// How the daemon's settings stand to those that are set, in a word or two.
    fn settings(&self) -> Cell {
        let Some(state) = &self.status.settings else {
            return Cell::new(String::new());
        };
        if state.error.is_some() {
            return Cell::new("cannot be read: see muista doctor").paint(Paint::Alarm);
        }
        let keys: Vec<_> = state.differing.iter().map(|one| one.key.as_str()).collect();
        match &keys[..] {
            [] => Cell::new("as set").paint(Paint::Good),
            keys => Cell::new(format!("changed since: {}", keys.join(", "))).paint(Paint::Warm),
        }
    }
}

impl Noun for Row {
    const FIELDS: &'static [&'static str] =
        &["pid", "version", "startedAt", "database", "schemaVersion", "socket", "http", "backups", "settings"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Pid", Shape::Number, |row: &Self, _| Cell::new(row.status.pid.to_string())),
            Column::new("Version", Shape::Short, |row: &Self, _| Cell::new(row.status.version.clone())),
            Column::new("Since", Shape::Short, |row: &Self, view| {
                Cell::new(due::moment(row.status.started_at, &view.context))
            }),
            Column::new("Database", Shape::Text, |row: &Self, _| Cell::new(row.status.database.clone())),
            Column::new("Schema", Shape::Number, |row: &Self, _| Cell::new(row.status.schema_version.to_string())),
            Column::new("Socket", Shape::Text, |row: &Self, _| Cell::new(row.socket.clone())),
            Column::new("Backup", Shape::Short, |row: &Self, view| {
                let last =
                    row.status.backups.iter().find(|duty| duty.kind == "backup").and_then(|duty| duty.succeeded_at);
                Cell::new(last.map_or_else(String::new, |at| due::moment(at, &view.context)))
            }),
            Column::new("HTTP", Shape::Text, |row: &Self, _| Cell::new(row.status.http.clone().unwrap_or_default())),
            Column::new("Settings", Shape::Text, |row: &Self, _| row.settings()),
        ]
    }

    fn key(&self) -> String {
        self.status.pid.to_string()
    }
}
