//! `muista job show`: one job with the times that come and its last runs.

use std::fmt::Write;

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{Job, JobDetail, JobName, Run};

use super::display;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Paint, View, due, reminder, safe};

/// Show a job
///
/// With --json it is one object: the job with the next five times and the last ten runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista job show weather")]
pub(super) struct Args {
    /// The job, as in muista job show weather
    #[arg(value_name = "JOB", add = ArgValueCompleter::new(complete::jobs))]
    job: JobName,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let detail = app.client().await?.get_job(args.job).await?;
    let out = app.out()?;
    if out.is_table() { out.text(&page(&detail, &out.view)) } else { out.one(&detail) }
}

/// Returns the job as a page of text.
fn page(detail: &JobDetail, view: &View) -> String {
    let screen = view.screen;
    let mut page = format!("{}\n", screen.paint(Paint::Heading, &safe::line(&detail.job.name)));
    for (label, value) in rows(detail, view) {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "  {} {}", screen.paint(Paint::Faint, &format!("{label:<11}")), safe::line(&value));
    }
    if !detail.runs.is_empty() {
        let _ = writeln!(page, "\n{}", screen.paint(Paint::Heading, "Last runs"));
    }
    for run in &detail.runs {
        let _ = writeln!(page, "  {}", line(run, view));
    }
    page
}

/// Returns what there is to say about a job in a line each.
fn rows(detail: &JobDetail, view: &View) -> Vec<(&'static str, String)> {
    let job = &detail.job;
    let full = |at| due::full(at, &view.context);
    let mut rows = vec![("Script", words(&job.script, &job.args))];
    rows.extend(job.params.iter().map(|(name, value)| ("Parameter", format!("{name}={value}"))));
    match (&job.schedule, job.enabled) {
        (None, _) => rows.push(("Schedule", "when asked to".to_owned())),
        (Some(_), enabled) => {
            let paused = if enabled { "" } else { ", paused" };
            let zone = job.timezone.as_deref().unwrap_or("UTC");
            rows.push(("Schedule", format!("{} ({zone}){paused}", display::schedule(job, view))));
        }
    }
    rows.extend(job.end_at.map(|at| ("Until", full(at))));
    if job.zone_unknown {
        rows.push(("Next", reminder::at_rest(job.timezone.as_deref())));
    } else if !detail.next.is_empty() {
        rows.push(("Next", display::times(detail)));
    }
    rows.push(("Status", status(detail, view)));
    rows.push(("Timeout", length(job.timeout_seconds)));
    rows.push(("Retries", retries(job)));
    rows.push(("Overlap", job.overlap.as_str().to_owned()));
    rows.push(("Missed", job.missed.as_str().to_owned()));
    rows.extend(on_failure(job).map(|does| ("On failure", does)));
    rows.extend(on_success(job).map(|does| ("On success", does)));
    rows.push(("Added", full(job.created_at)));
    if job.updated_at != job.created_at {
        rows.push(("Changed", full(job.updated_at)));
    }
    rows.extend(job.task_id.map(|id| ("Task", id.to_string())));
    rows.push(("Id", job.id.to_string()));
    rows
}

/// Returns how it stands, and since when it fails.
fn status(detail: &JobDetail, view: &View) -> String {
    let status = detail.job.status.as_str();
    match (detail.failing_since, detail.failures) {
        (Some(since), times @ 1..) => {
            let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            format!("{status}; failed {times} since {}", due::full(since, &view.context))
        }
        _ => status.to_owned(),
    }
}

/// Returns the script and its arguments; those that are no plain words stand between quotes.
fn words(script: &str, args: &[String]) -> String {
    let plain = |arg: &String| !arg.is_empty() && !arg.contains(|c: char| c.is_whitespace() || "'\"\\".contains(c));
    let shown = args.iter().map(|arg| if plain(arg) { arg.clone() } else { format!("{arg:?}") });
    std::iter::once(script.to_owned()).chain(shown).collect::<Vec<_>>().join(" ")
}

fn retries(job: &Job) -> String {
    match job.max_retries {
        0 => "none".to_owned(),
        count => format!("{count}, the first after {}", length(job.retry_delay_seconds)),
    }
}

/// Returns what happens when it fails.
fn on_failure(job: &Job) -> Option<String> {
    let often = match job.notify_every_seconds {
        0 => "each time".to_owned(),
        every => format!("at most once each {}, and when it succeeds again", length(every)),
    };
    let notify = job.notify_on_failure.then(|| format!("notify{} ({often})", by_channels(job)));
    let task = job.task_on_failure.then(|| "create a task".to_owned());
    let does: Vec<_> = notify.into_iter().chain(task).collect();
    (!does.is_empty()).then(|| does.join(", "))
}

/// Returns what happens when it succeeds.
fn on_success(job: &Job) -> Option<String> {
    job.notify_on_success.then(|| format!("notify{}", by_channels(job)))
}

/// Returns the channels of a job's messages, where it names any.
fn by_channels(job: &Job) -> String {
    let names: Vec<_> = job.channels.iter().map(|channel| channel.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(" by {}", names.join(", ")) }
}

/// Whole seconds as the flags take them.
fn length(seconds: i32) -> String {
    match seconds {
        _ if seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        _ if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        _ if seconds % 60 == 0 => format!("{}min", seconds / 60),
        _ => format!("{seconds}s"),
    }
}

/// Returns a run on one line.
fn line(run: &Run, view: &View) -> String {
    let at = run.started_at.or(run.available_at).unwrap_or(run.created_at);
    let mut line = format!("{}  {}", due::full(at, &view.context), run.status.as_str());
    for (before, part) in [(" in ", display::took(run)), (": ", display::why(run))] {
        if !part.is_empty() {
            line.push_str(before);
            line.push_str(&part);
        }
    }
    let paint = display::paint(run.status);
    format!(
        "{}  {}",
        view.screen.paint(paint, &safe::line(&line)),
        view.screen.paint(Paint::Faint, &run.id.to_string())
    )
}
