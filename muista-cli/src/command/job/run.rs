//! `muista job run`: asks for a run, and waits for it where that is wanted.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{JobName, Run, RunRef, RunStatus};
use muista_core::rpc::Client;

use super::follow::{self, Until};
use super::{define, display};
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::LEDGER_IDS;

/// Run a job now
///
/// It prints the id of the run. With --wait it prints what the script writes, and fails where the run does.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista job run weather --wait --param city=Helsinki")]
pub(super) struct Args {
    /// The job, as in muista job run weather
    #[arg(value_name = "JOB", add = ArgValueCompleter::new(complete::jobs))]
    job: JobName,

    /// Wait until the run has ended, as in muista job run weather --wait
    #[arg(long)]
    wait: bool,

    /// A parameter that the script declares, in place of the job's, as in --param city=Helsinki (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let params = define::params(&args.param)?.unwrap_or_default();
    let client = app.client().await?;
    if args.wait && !app.has_daemon() {
        return Err(Error::unavailable("no daemon is running, so the run would not begin")
            .hint("start one with `muista daemon start`, or leave --wait out")
            .into());
    }
    let run = client.run_job(args.job, params).await?;
    app.needs_daemon();
    if args.wait {
        return wait(app, &client, run).await;
    }
    let out = app.out()?;
    if out.is_table() {
        out.say(&format!("Run {} of {} waits", run.id.short(LEDGER_IDS), run.job_name))
    } else {
        out.one(&run)
    }
}

/// Prints what the run writes until it is over; in a machine's format the run itself, then.
async fn wait(app: &CommandContext, client: &Client, run: Run) -> Result<()> {
    let out = app.out()?;
    app.detail(&format!("Run {} of {}", run.id.short(LEDGER_IDS), run.job_name));
    let run = match out.is_table() {
        true => follow::read(client, RunRef::Id(run.id), Until::Over, follow::print).await?,
        false => {
            let run = follow::read(client, RunRef::Id(run.id), Until::Over, |_| Ok(())).await?;
            out.one(&run)?;
            run
        }
    };
    if run.status == RunStatus::Completed {
        return Ok(());
    }
    let why = match display::why(&run) {
        why if why.is_empty() => String::new(),
        why => format!(" ({why})"),
    };
    Err(Error::internal(format!("the run {} of {} {}{why}", run.id.short(LEDGER_IDS), run.job_name, ended(run.status)))
        .hint(format!("see `muista job runs {}`", run.job_name))
        .into())
}

fn ended(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Cancelled => "was cancelled",
        RunStatus::Skipped => "was skipped",
        _ => "failed",
    }
}
