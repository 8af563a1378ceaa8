//! `muista job`: the jobs, one file a verb. Running them is the daemon's.

mod add;
pub(crate) mod cancel;
mod define;
pub(crate) mod display;
mod edit;
mod follow;
pub(crate) mod logs;
mod ls;
mod pause;
mod resume;
mod rm;
mod run;
pub(crate) mod runs;
mod show;

use clap::Subcommand;
use muista_core::error::ErrorKind;
use muista_core::model::{Id, JobName, RecordKind, RunRef, ShortId};

use crate::context::CommandContext;
use crate::error::Result;

/// Run scripts on a schedule or on demand
///
/// Alone it is muista job ls. The daemon runs them; `muista script ls` shows which scripts there are. JOB is a job's name,
/// RUN a run's id, as muista run ls shows it.
#[derive(Debug, clap::Args)]
#[command(
    disable_help_subcommand = true,
    after_help = "Example: muista job add weather --script weather --cron \"0 7 * * *\""
)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Add(Box<add::Args>),
    #[command(visible_alias = "list")]
    Ls(ls::Args),
    Show(show::Args),
    Edit(Box<edit::Args>),
    Run(run::Args),
    Pause(pause::Args),
    Resume(resume::Args),
    Cancel(cancel::Args),
    Rm(rm::Args),
    Runs(runs::Args),
    Logs(logs::Args),
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls(ls::Args::default())) {
        Verb::Add(args) => add::run(app, *args).await,
        Verb::Ls(args) => ls::run(app, args).await,
        Verb::Show(args) => show::run(app, args).await,
        Verb::Edit(args) => edit::run(app, *args).await,
        Verb::Run(args) => run::run(app, args).await,
        Verb::Pause(args) => pause::run(app, args).await,
        Verb::Resume(args) => resume::run(app, args).await,
        Verb::Cancel(args) => cancel::run(app, args).await,
        Verb::Rm(args) => rm::run(app, args).await,
        Verb::Runs(args) => runs::run(app, args).await,
        Verb::Logs(args) => logs::run(app, args).await,
    }
}

/// A run by its id, or a job by its name. What reads as an id is one; a short id is, where no job has that name.
#[derive(Debug, Clone)]
pub(crate) struct Named(RunRef);

impl Named {
    /// Returns the run that is meant: the last of a job's, where a job has that name.
    ///
    /// # Errors
    /// `NotFound` where neither a job nor a run is named so, `Conflict` where several runs are.
    pub(crate) async fn find(self, app: &CommandContext) -> Result<RunRef> {
        let RunRef::LastOf(name) = self.0 else { return Ok(self.0) };
        let Ok(short) = name.parse::<ShortId>() else { return Ok(RunRef::LastOf(name)) };
        let client = app.client().await?;
        match client.get_job(name.clone()).await {
            Err(error) if error.kind == ErrorKind::NotFound => {
                Ok(RunRef::Id(client.find_id(RecordKind::Run, short).await?))
            }
            _ => Ok(RunRef::LastOf(name)),
        }
    }
}

impl std::str::FromStr for Named {
    type Err = muista_core::error::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<Id>() {
            Ok(id) => Ok(Self(RunRef::Id(id))),
            Err(_) => JobName::parse(text).map(RunRef::LastOf).map(Self),
        }
    }
}
