//! `muista job edit`: changes what a job is.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{JobName, JobPatch};

use super::define::Definition;
use super::display;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Change a job; none empties a field
///
/// What is not given stays. A changed schedule counts from now. --cron none, --every none or --at none takes the
/// schedule away.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista job edit weather --cron \"0 8 * * *\" --retries 5")]
pub(super) struct Args {
    /// The job, as in muista job edit weather --timeout 30s
    #[arg(value_name = "JOB", add = ArgValueCompleter::new(complete::jobs))]
    job: JobName,

    /// Its new name, as in --name rain
    #[arg(long, value_name = "NAME")]
    name: Option<JobName>,

    /// Another script, as in --script forecast
    #[arg(long, value_name = "SCRIPT", add = ArgValueCompleter::new(complete::scripts))]
    script: Option<String>,

    #[command(flatten)]
    definition: Definition,

    /// Remove all arguments, as in muista job edit backup --no-args
    #[arg(long, conflicts_with = "args")]
    no_args: bool,

    /// Replace the arguments of the script, as in -- --full /home
    #[arg(last = true, value_name = "ARG", allow_hyphen_values = true)]
    args: Vec<String>,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    let before = client.get_job(args.job.clone()).await?.job;
    let mut patch = args.definition.patch(app.context()?, before.timezone.as_deref())?;
    patch.rename = args.name;
    patch.script = args.script;
    patch.args = (args.no_args || !args.args.is_empty()).then_some(args.args);
    if patch == JobPatch::default() {
        return Err(Error::invalid("job", "nothing is said that would change")
            .hint("give --cron, --timeout or another flag; --help lists them")
            .into());
    }
    let answer = client.edit_job(args.job, patch).await?;
    app.notices(&answer.notices);
    display::defined(app, "Changed", &answer.value)
}
