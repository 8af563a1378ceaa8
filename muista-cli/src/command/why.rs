//! `muista why`: why a task is hidden, ranks where it does, and was late.

use std::fmt::Write;

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{DateField, Explanation, Hidden, LateKind, Lateness, TaskRef};

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Paint, View, due, planning, safe};

/// Explain why a task is hidden, ranks where it does, or was late
///
/// Explains why lists leave the task out, what must be done first, how its urgency is calculated, and why its last reminder or
/// the last run of its job was late. With --json it is one object.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista why 7")]
pub(crate) struct Args {
    /// The task, as in muista why 7
    #[arg(value_name = "ID", add = ArgValueCompleter::new(complete::all_tasks))]
    id: TaskRef,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let explanation = app.client().await?.explain_task(args.id).await?;
    let out = app.out()?;
    if out.is_table() { out.page(&page(&explanation, &out.view)) } else { out.document(&explanation) }
}

fn page(explanation: &Explanation, view: &View) -> String {
    let (task, screen) = (&explanation.task, view.screen);
    let title = screen.paint(Paint::Heading, &safe::line(&task.title));
    let mut page = format!("{}  {title}\n", screen.paint(Paint::Faint, &task.number.to_string()));
    let mut line = |label: &str, text: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "  {} {text}", screen.paint(Paint::Faint, &format!("{label:<9}")));
    };
    match explanation.hidden {
        None => line("Listed", "yes: it is open and has begun"),
        Some(Hidden::Done) => line("Hidden", "it is done; `muista ls --status done` lists it"),
        Some(Hidden::Waiting) => {
            let start = planning::date(task, DateField::Start, &view.context).unwrap_or_default();
            line("Hidden", &format!("it waits until {start}; `muista ls --status waiting` lists it"));
        }
    }
    for before in &explanation.blocked_by {
        line("Blocked", &format!("{}  {} must be done first", before.number, safe::line(&before.title)));
    }
    match explanation.blocked_by_hidden {
        0 => {}
        1 => line("Blocked", "a task that you cannot see must be done first"),
        many => line("Blocked", &format!("{many} tasks that you cannot see must be done first")),
    }
    if let Some(urgency) = explanation.urgency {
        let parts: Vec<_> = explanation.why.iter().map(|part| format!("{} {:+.1}", part.name, part.value)).collect();
        let parts = if parts.is_empty() { String::new() } else { format!(" = {}", parts.join(", ")) };
        line("Urgency", &format!("{urgency:.1}{parts}"));
    }
    for late in &explanation.late {
        line("Late", &safe::line(&lateness(late, view)));
    }
    page
}

fn lateness(late: &Lateness, view: &View) -> String {
    let what = match late.kind {
        LateKind::Reminder => format!("the reminder by {}", late.name),
        LateKind::Run => format!("the run of {}", late.name),
    };
    let scheduled = due::moment(late.scheduled_for, &view.context);
    let at = match late.at {
        Some(at) => format!("came {}", due::moment(at, &view.context)),
        None => "has not come yet".to_owned(),
    };
    let reasons = if late.reasons.is_empty() { String::new() } else { format!(": {}", late.reasons.join("; ")) };
    format!("{what} of {scheduled} {at}{reasons}")
}
