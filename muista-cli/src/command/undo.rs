//! `muista undo`: reverts changes. What can be undone is the service's to say.

use muista_core::error::Error;
use muista_core::model::{ActorSince, RecordKind, RecordRef, Undo, UndoTarget, Undone};

use super::log;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::audit_display;

/// As many of the reverted changes are told one by one; an import may have thousands.
const SHOWN: usize = 10;

/// Undo the last change
///
/// A command is one change, however many tasks it touched. Repeated, it goes further back; `muista redo` comes forward
/// again. With --actor all is undone that
/// an agent did, or a key, and that is not undone yet: all of it or nothing. With --json it is one object: changeId, the
/// changes it reverted, the last 200 of their entries, and how many those are in total.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista undo\n         \
                        muista undo --steps 3")]
pub(crate) struct Args {
    /// This change instead of the last, as muista log shows it, as in muista undo 3f2a9c
    #[arg(value_name = "CHANGE")]
    change: Option<String>,

    /// The last N changes that are not undone yet, as in --steps 3
    #[arg(long, value_name = "N", conflicts_with = "change", value_parser = clap::value_parser!(u32).range(1..))]
    steps: Option<u32>,

    /// All that this agent, key or account did, as in --actor zoe --since yesterday
    #[arg(long, value_name = "NAME", conflicts_with_all = ["change", "steps"], requires = "since")]
    actor: Option<String>,

    /// From then on, as in --actor zoe --since 'today 9:00'
    #[arg(long, value_name = "WHEN", requires = "actor")]
    since: Option<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let target = match (args.change, args.steps, args.actor.zip(args.since)) {
        (Some(change), ..) => UndoTarget::Change(app.id_of(RecordKind::Change, read(&change)?).await?),
        (None, Some(steps), _) => UndoTarget::Steps(steps),
        (None, None, Some((actor, since))) => UndoTarget::Since(ActorSince { actor, since: log::since(app, &since)? }),
        (None, None, None) => UndoTarget::Last,
    };
    let undone = app.client().await?.undo(Undo { target }).await?;
    tell(app, "Undid", &undone)
}

fn read(change: &str) -> Result<RecordRef, Error> {
    change
        .trim()
        .parse()
        .map_err(|error: Error| error.of_field("change").hint("`muista log` shows the id of each change"))
}

/// Tells what was undone, or done again.
pub(super) fn tell(app: &CommandContext, verb: &str, undone: &Undone) -> Result<()> {
    let out = app.out()?;
    if !out.is_table() {
        return out.one(undone);
    }
    let shown = &undone.entries[..undone.entries.len().min(SHOWN)];
    for entry in shown {
        out.say(&format!("{verb}: {}", audit_display::summary(entry)))?;
    }
    if let Some(more) = undone.total.checked_sub(shown.len() as u64).filter(|more| *more > 0) {
        out.say(&format!("{verb} {more} more"))?;
    }
    if undone.total == 0 {
        app.note("Nothing was changed.");
    }
    Ok(())
}
