//! `muista doctor`: looks at everything that a command needs, and says what is wrong and what to do. The single checks
//! are in [`checks`] and [`running`].

mod checks;
mod running;

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::config::Color;
use muista_core::time::{self, Context};
use serde::Serialize;

use crate::app::App;
use crate::error::{CliError, Result};
use crate::output::{Cell, Column, Noun, Output, Paint, Screen, Shape, View};

/// Check the installation
///
/// Looks at the settings, the data folder, the database, the disk, the daemon, its HTTP and its certificate, the daemon
/// that you logged in to, the time zone and the terminal, and writes nothing. Exit status 1 if anything fails; a warning is no failure.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista doctor --json")]
pub(crate) struct Args {}

pub(crate) fn run(app: &App, _: &Args) -> Result<()> {
    let checks = checks::all(app);
    output(app)?.list(&checks)?;
    match checks.iter().filter(|check| check.status == Status::Fail).count() {
        0 => Ok(()),
        1 => Err(CliError::failed("1 check failed")),
        failed => Err(CliError::failed(format!("{failed} checks failed"))),
    }
}

/// Where results go, even when the settings cannot be read.
fn output(app: &App) -> Result<Output> {
    if app.config().is_ok() && app.context().is_ok() {
        return app.out();
    }
    let context = Context { now: SystemClock.now(), zone: time::zone("system")?, date_order: None };
    let view = View { context, screen: Screen::of_stdout(Color::Auto) };
    Ok(Output { format: app.globals().format(), quiet: app.globals().quiet, view })
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warn,
    Fail,
}

/// One check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Check {
    name: &'static str,
    status: Status,
    /// What was found.
    found: String,
    /// What to do about it.
    remedy: Option<String>,
}

impl Check {
    fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, status: Status::Ok, found: found.into(), remedy: None }
    }

    fn warn(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, status: Status::Warn, found: found.into(), remedy: Some(remedy.into()) }
    }

    fn fail(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, status: Status::Fail, found: found.into(), remedy: Some(remedy.into()) }
    }

    /// The check that met an error.
    fn failed(name: &'static str, error: &CliError) -> Self {
        let (found, remedy) = match error {
            CliError::Told(error) => (error.message.clone(), error.hint.clone()),
            CliError::Closed => ("the output was closed".to_owned(), None),
        };
        Self { name, status: Status::Fail, found, remedy }
    }
}

impl Noun for Check {
    const FIELDS: &'static [&'static str] = &["name", "status", "found", "remedy"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Check", Shape::Short, |check: &Self, _| Cell::new(check.name)),
            Column::new("", Shape::Short, |check: &Self, _| match check.status {
                Status::Ok => Cell::new("ok").paint(Paint::Good),
                Status::Warn => Cell::new("warn").paint(Paint::Warm),
                Status::Fail => Cell::new("fail").paint(Paint::Alarm),
            }),
            Column::new("Found", Shape::Text, |check: &Self, _| Cell::new(check.found.clone())),
            Column::new("Remedy", Shape::Text, |check: &Self, _| Cell::new(check.remedy.clone().unwrap_or_default())),
        ]
    }

    fn key(&self) -> String {
        self.name.to_owned()
    }
}
