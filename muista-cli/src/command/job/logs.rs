//! `muista job logs`: what a run wrote.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{Run, RunLogChunk, RunRef, RunStatus, Stream};

use super::follow::{self, Until};
use super::{Named, display};
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Print what a run wrote
///
/// What the script wrote to its standard output goes to stdout, the rest to stderr. With --json it is an array of
/// pieces. A job stands for the run that is under way, else for the last that wrote something; which attempt that was is
/// said on stderr. Of each stream the first and the last 512 KiB are kept.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista job logs weather --follow")]
pub(crate) struct Args {
    /// The job, or the run's id, which muista run ls shows, as in muista job logs weather
    #[arg(value_name = "JOB|RUN", add = ArgValueCompleter::new(complete::jobs))]
    what: Named,

    /// Keep printing until the run has ended, as in muista job logs weather -f
    #[arg(long, short)]
    follow: bool,

    /// Only what it wrote to its standard output, as in muista job logs weather --stdout
    #[arg(long, conflicts_with = "stderr")]
    stdout: bool,

    /// Only what it wrote to its standard error, as in muista job logs weather --stderr
    #[arg(long)]
    stderr: bool,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    let what = args.what.find(app).await?;
    let named = matches!(what, RunRef::LastOf(_));
    let (out, until) = (app.out()?, if args.follow { Until::Over } else { Until::Now });
    let only = match (args.stdout, args.stderr) {
        (true, _) => Some(Stream::Stdout),
        (_, true) => Some(Stream::Stderr),
        _ => None,
    };
    let wanted = |pieces: &[RunLogChunk]| -> Vec<RunLogChunk> {
        pieces.iter().filter(|piece| only.is_none_or(|only| piece.stream == only)).cloned().collect()
    };
    if !out.is_table() {
        let mut list = out.begin();
        let each = |pieces: &[RunLogChunk]| list.rows(&wanted(pieces)).and_then(|()| list.flush());
        follow::read(&client, what, until, each).await?;
        return list.end();
    }
    let mut written = false;
    let each = |pieces: &[RunLogChunk]| {
        let pieces = wanted(pieces);
        written |= !pieces.is_empty();
        follow::print(&pieces)
    };
    let run = follow::read(&client, what, until, each).await?;
    if !written {
        app.note(&nothing(&run));
    }
    if run.omitted_bytes > 0 {
        app.note(&format!("{} bytes in the middle were not kept.", run.omitted_bytes));
    }
    if named && run.attempt > 1 || run.next_retry_at.is_some() {
        app.note(&display::which(&run, &out.view));
    }
    Ok(())
}

/// Returns why there is nothing to print.
fn nothing(run: &Run) -> String {
    let state = match run.status {
        RunStatus::Pending => "waits to begin",
        RunStatus::Running => "has written nothing yet",
        _ => "wrote nothing",
    };
    match display::why(run) {
        why if why.is_empty() => format!("The run of {} {state}.", run.job_name),
        why => format!("The run of {} {state} ({}: {why}).", run.job_name, run.status.as_str()),
    }
}
