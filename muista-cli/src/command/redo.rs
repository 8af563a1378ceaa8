//! `muista redo`: does again what was undone. What that is, is the service's to say.

use muista_core::model::{Action, AuditEntry, Undone};

use super::undo;
use crate::context::CommandContext;
use crate::error::Result;

/// Redo what was undone
///
/// It takes back the last `muista undo`, as long as nothing else was changed since; repeated, it comes further forward.
/// Where there is nothing to redo it ends with status 4. With --json it is one object as that of `muista undo`: the changes
/// it reverted are undos.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista redo")]
pub(crate) struct Args {}

pub(crate) async fn run(app: &CommandContext, Args {}: Args) -> Result<()> {
    let redone = app.client().await?.redo().await?;
    if !app.out()?.is_table() {
        return undo::tell(app, "Redid", &redone);
    }
    // What is told is what the change was at first, and not what undid it.
    let entries = redone.entries.iter().map(inverse).collect();
    undo::tell(app, "Redid", &Undone { entries, ..redone })
}

/// Returns the change of which an entry is the undo.
fn inverse(entry: &AuditEntry) -> AuditEntry {
    let action = match entry.action {
        Action::Create => Action::Delete,
        Action::Update => Action::Update,
        Action::Delete => Action::Create,
    };
    AuditEntry { action, before: entry.after.clone(), after: entry.before.clone(), ..entry.clone() }
}
