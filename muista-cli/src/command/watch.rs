//! `muista watch`: changes as they happen.

use muista_core::model::{AuditEntry, Event, EventCursor};

use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::output::{Column, Format, Noun, Output, audit_display, safe};

/// As many events are asked for at once.
const PAGE: u32 = 500;
/// How long one call waits for a change, in seconds.
const WAIT: u32 = 15;

/// Show changes as they happen, until Ctrl-C
///
/// A line each; --json gives one JSON object a line, whose id is a place to go on from.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista watch --json | jq .entry.action")]
pub(crate) struct Args {
    /// Continue after this event; 0 starts with the first, as in --since 1234
    #[arg(long, value_name = "EVENT")]
    since: Option<EventCursor>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    tokio::select! {
        outcome = follow(app, args.since) => outcome,
        pressed = tokio::signal::ctrl_c() => {
            pressed.map_err(|e| CliError::failed(format!("cannot hear of Ctrl-C: {e}")))
        }
    }
}

async fn follow(app: &CommandContext, since: Option<EventCursor>) -> Result<()> {
    let client = app.client().await?;
    let mut out = app.out()?;
    if out.format == Format::Json {
        // A document never ends here: each event is one.
        out.format = Format::Ndjson;
    }
    let mut next = match since {
        Some(since) => since,
        None => client.list_events(None, PAGE, 0).await?.next,
    };
    app.detail(&format!("watching from {next}"));
    let mut list = (!out.is_table()).then(|| out.begin::<Event>());
    loop {
        let page = client.list_events(Some(next), PAGE, WAIT).await?;
        match &mut list {
            Some(list) => {
                list.rows(&page.items)?;
                list.flush()?;
            }
            None => page.items.iter().try_for_each(|event| out.text(&line(&event.entry, &out)))?,
        }
        next = page.next;
    }
}

/// One change in one line: `12:00:03  eva: completed task 7  Buy cat food`.
fn line(entry: &AuditEntry, out: &Output) -> String {
    let at = entry.created_at.in_zone(&out.view.context.zone).strftime("%H:%M:%S").to_string();
    let undo = if entry.undoes.is_some() { ", undoing" } else { "" };
    format!("{at}  {}\n", safe::line(&format!("{}: {}{undo}", entry.actor, audit_display::summary(entry))))
}

impl Noun for Event {
    const FIELDS: &'static [&'static str] = &["id", "entry"];

    fn columns() -> Vec<Column<Self>> {
        Vec::new()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}
