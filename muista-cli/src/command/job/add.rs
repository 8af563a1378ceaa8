//! `muista job add`: a new job.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::ErrorKind;
use muista_core::model::{JobName, NewJob};

use super::define::Definition;
use super::display;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Make a job
///
/// Without --cron, --every or --at it runs only when asked to, by `muista job run`. After -- stand the arguments that
/// the script is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
        muista job add weather --script weather --cron \"0 7 * * *\" --on-failure task\n  \
        muista job add backup --script backup --every \"day at 3:00\" -- --full /home")]
pub(super) struct Args {
    /// Its name, one word, as in muista job add weather --script weather
    #[arg(value_name = "NAME")]
    name: JobName,

    /// The script, as in --script weather; muista script ls shows which there are
    #[arg(long, value_name = "SCRIPT", add = ArgValueCompleter::new(complete::scripts))]
    script: String,

    #[command(flatten)]
    definition: Definition,

    /// Create it paused, until it is resumed, as in muista job resume weather
    #[arg(long)]
    paused: bool,

    /// Succeed if a job of that name exists already, and print it unchanged, as in --if-missing
    #[arg(long)]
    if_missing: bool,

    /// The arguments of the script, as in -- --full /home
    #[arg(last = true, value_name = "ARG", allow_hyphen_values = true)]
    args: Vec<String>,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let context = app.context()?;
    let mut settings = args.definition.patch(context, None)?;
    settings.timezone.get_or_insert_with(|| context.zone_name());
    settings.enabled = args.paused.then_some(false);
    settings.args = (!args.args.is_empty()).then_some(args.args);
    let client = app.client().await?;
    let existing = args.name.clone();
    let new = NewJob { name: args.name, script: args.script, settings };
    let answer = match client.add_job(new).await {
        Err(error) if args.if_missing && error.kind == ErrorKind::Conflict => {
            return display::defined(app, "Kept", &client.get_job(existing).await.map_err(|_| error)?);
        }
        answer => answer?,
    };
    app.notices(&answer.notices);
    display::defined(app, "Added", &answer.value)
}
