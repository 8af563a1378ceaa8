//! `muista doctor`: looks at everything that a command needs, and says what is wrong and what to do. What is looked at
//! stands in [`CHECKS`], a file each; what only the service can see comes from the core's diagnosis, by [`mod@database`].

mod daemon;
mod data_folder;
mod database;
mod remote;
mod settings;
mod surroundings;

use std::cell::OnceCell;

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::config::{Color, Config};
use muista_core::model::{Finding, ServerStatus, Verdict};
use muista_core::time::{self, Context};

use crate::command;
use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::output::{Cell, Column, Noun, Output, Paint, Screen, Shape, View};

/// Check the installation
///
/// Checks the settings, the data folder, the database, the disk, the daemon, its HTTP and its certificate, the daemon that
/// you logged in to, the time zone and the terminal. It writes nothing unless --repair is given. Exit status 1 if a check
/// fails; a warning is not a failure.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista doctor --json")]
pub(crate) struct Args {
    /// Repair the database first, as in --repair; stop the daemon before that
    ///
    /// Rebuilds the indexes and the search keys, has SQLite check every page, and restores the file settings that a copy
    /// may lack. A damaged file is first kept under a name with `before-repair`.
    #[arg(long)]
    repair: bool,
}

/// Looks at something. It writes nothing and says nothing of what is not used.
type Check = fn(&Subject<'_>) -> Vec<Finding>;

/// What is looked at, in the order in which one thing rests on another.
const CHECKS: &[Check] = &[
    settings::file,
    settings::variables,
    settings::secrets,
    data_folder::folder,
    data_folder::disk,
    database::findings,
    database::left,
    daemon::runs,
    daemon::http,
    daemon::certificate,
    remote::login,
    remote::elsewhere,
    surroundings::zone,
    surroundings::locale,
];

/// What is looked at where the settings cannot be read: nothing else can be looked for without knowing where it is.
const WITHOUT_SETTINGS: &[fn() -> Vec<Finding>] = &[surroundings::terminal];

/// What the checks look at. What several of them need is asked for once.
struct Subject<'a> {
    app: &'a CommandContext,
    config: &'a Config,
    daemon: OnceCell<Result<Option<ServerStatus>>>,
}

impl<'a> Subject<'a> {
    fn new(app: &'a CommandContext, config: &'a Config) -> Self {
        Self { app, config, daemon: OnceCell::new() }
    }

    /// What the daemon at the socket says of itself; none where none answers.
    fn daemon(&self) -> Result<Option<&ServerStatus>, &CliError> {
        let ask = || Ok(command::daemon::query_status(self.app)?.map(|(status, _)| status));
        self.daemon.get_or_init(ask).as_ref().map(Option::as_ref)
    }
}

pub(crate) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    let mut findings = if args.repair { database::repair(app)? } else { Vec::new() };
    findings.extend(diagnose(app));
    output(app)?.list(&findings)?;
    match findings.iter().filter(|finding| finding.status == Verdict::Fail).count() {
        0 => Ok(()),
        1 => Err(CliError::failed("1 check failed")),
        failed => Err(CliError::failed(format!("{failed} checks failed"))),
    }
}

/// Makes every check that can be made.
fn diagnose(app: &CommandContext) -> Vec<Finding> {
    match app.config() {
        Ok(config) => {
            let subject = Subject::new(app, config);
            CHECKS.iter().flat_map(|check| check(&subject)).collect()
        }
        Err(error) => {
            let mut findings = vec![failed("settings", &error)];
            findings.extend(WITHOUT_SETTINGS.iter().flat_map(|check| check()));
            findings
        }
    }
}

/// Where results go, even when the settings cannot be read.
fn output(app: &CommandContext) -> Result<Output> {
    if app.config().is_ok() && app.context().is_ok() {
        return app.out();
    }
    let context = Context { now: SystemClock.now(), zone: time::zone("system")?, date_order: None };
    let view = View { context, screen: Screen::of_stdout(Color::Auto) };
    let globals = app.globals();
    let (format, formulas, pager) = (globals.format(), globals.formulas(), globals.pager());
    Ok(Output { format, quiet: globals.quiet, view, formulas, pager })
}

/// The finding of a check that met an error.
fn failed(name: &str, error: &CliError) -> Finding {
    match error {
        CliError::Failed(error) => Finding::failed(name, error),
        CliError::Closed => Finding::fail(name, "the output was closed", "try again"),
    }
}

impl Noun for Finding {
    const FIELDS: &'static [&'static str] = &["name", "status", "found", "remedy"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Check", Shape::Short, |finding: &Self, _| Cell::new(finding.name.clone())),
            Column::new("", Shape::Short, |finding: &Self, _| match finding.status {
                Verdict::Ok => Cell::new("ok").paint(Paint::Good),
                Verdict::Warn => Cell::new("warn").paint(Paint::Warm),
                Verdict::Fail => Cell::new("fail").paint(Paint::Alarm),
            }),
            Column::new("Found", Shape::Text, |finding: &Self, _| Cell::new(finding.found.clone())),
            Column::new("Remedy", Shape::Text, |finding: &Self, _| {
                Cell::new(finding.remedy.clone().unwrap_or_default())
            }),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}
