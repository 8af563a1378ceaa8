//! Runs scripts as processes: puts together what a run executes, and passes on what its process does. How a process is
//! started and ended safely is `script`'s.

use std::time::Duration;

use muista_core::error::Result;
use muista_core::script::Checked;
use muista_core::service::Service;
use muista_core::service::engine::run::{ClaimedRun, Output};
use muista_core::time;
use tokio::sync::mpsc;

use super::runner::{Ended, Event, Runner, Script};
use crate::script;

/// How long a script may take to end once it is asked to. The daemon's own end waits for it.
const GRACE: Duration = Duration::from_secs(5);
/// How many bytes of each stream are kept: half of them from its beginning, half from its end.
const OUTPUT_MAX: usize = 1 << 20;
/// How many pieces of output may wait to be taken up.
const WAITING: usize = 16;

/// Runs the registered scripts.
pub(crate) struct Processes {
    /// Where the scripts are found, as the settings have them when a run begins.
    service: Service,
    runner: script::Runner,
}

impl Processes {
    pub(crate) fn new(service: Service) -> Self {
        Self { service, runner: script::Runner::default() }
    }
}

impl Runner for Processes {
    type Script = Process;

    async fn start(&self, claimed: &ClaimedRun) -> Result<Process> {
        let command =
            self.service.settings().scripts.command(&claimed.job.script, &claimed.run.args, &claimed.params)?;
        // What is not there, or may not be run, is told here, and checked again where it is executed.
        Checked::open(&command.path)?;
        let spec = script::Spec {
            command,
            env: environment(claimed),
            timeout: Duration::from_secs(u64::try_from(claimed.job.timeout_seconds).unwrap_or(0)),
            grace: GRACE,
            output_max: OUTPUT_MAX,
        };
        let (send, output) = mpsc::channel(WAITING);
        let running = self.runner.start(spec, send).await?;
        Ok(Process { running, output, seconds: claimed.job.timeout_seconds })
    }
}

/// The variables that tell a script what it runs for.
fn environment(claimed: &ClaimedRun) -> Vec<(String, String)> {
    let (run, job) = (&claimed.run, &claimed.job);
    let zone = job.timezone.as_deref().and_then(|name| time::zone(name).ok());
    let scheduled = run.scheduled_for.map(|at| match &zone {
        Some(zone) => at.rfc3339_in(zone).to_string(),
        None => at.to_string(),
    });
    let known = [
        ("MUISTA_RUN_ID", Some(run.id.to_string())),
        ("MUISTA_JOB", Some(job.name.clone())),
        ("MUISTA_SCHEDULED_FOR", scheduled),
        ("MUISTA_ATTEMPT", Some(run.attempt.to_string())),
        ("TZ", job.timezone.clone().filter(|_| zone.is_some())),
    ];
    known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// A script's processes.
#[derive(Debug)]
pub(crate) struct Process {
    running: script::Running,
    output: mpsc::Receiver<script::Chunk>,
    seconds: i32,
}

impl Script for Process {
    async fn next(&mut self) -> Event {
        if let Some(chunk) = self.output.recv().await {
            return Event::Wrote(Output { stream: chunk.stream, data: chunk.data, omitted: chunk.omitted });
        }
        let ended: script::Ended = self.running.ended().await;
        let late = ended.timed_out.then(|| format!("took longer than {} s and was stopped", self.seconds));
        Event::Ended(Ended {
            exit_code: ended.exit_code,
            signal: ended.signal,
            error: ended.error.or(late),
            omitted: ended.omitted,
            left_behind: ended.left_behind,
        })
    }

    fn heartbeat(&mut self) {
        self.running.heartbeat();
    }

    fn stop(&mut self) {
        self.running.stop();
    }

    fn kill(&mut self) {
        self.running.kill();
    }
}
