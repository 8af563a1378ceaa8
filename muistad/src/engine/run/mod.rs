//! The executor of runs: claims as many as it has room for, and does each in a task of its own (`work`). Which run may
//! start is the core's, how a script is run the [`Runner`]'s.

mod lease_renewal;
mod log;
mod process;
mod runner;
mod work;

use std::sync::Arc;
use std::time::Duration;

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::error::Result;
use muista_core::service::engine::run::{claim_run, next_run};
use muista_core::service::{Service, Subscription, Topic};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

pub(crate) use process::Processes;
pub use runner::{Ended, Event, Runner, Script};

use super::duty::{More, Rest};
use super::timer::Timer;
use super::watchdog::{Heartbeat, Watchdog};
use crate::signal::Stop;

const NAME: &str = "runs";
/// How long until the timer is tried again, should it fail.
const PAUSE: Duration = Duration::from_secs(1);

/// Runs scripts.
pub(super) struct Runs<R> {
    service: Service,
    runner: Arc<R>,
    /// This daemon's name in the ledger.
    worker: String,
    /// How many run at a time.
    most: usize,
    tasks: JoinSet<()>,
}

impl<R: Runner> Runs<R> {
    pub(super) fn new(service: Service, runner: R) -> Self {
        let most = service.slots().total;
        service.metrics().slots(most, most);
        let host = rustix::system::uname();
        let worker = format!("{}:{}", host.nodename().to_string_lossy(), std::process::id());
        Self { service, runner: Arc::new(runner), worker, most, tasks: JoinSet::new() }
    }

    /// Runs what is to be run until asked to stop; then waits until every script has ended and its run is handed back.
    pub(super) fn run(
        self,
        wake: Subscription,
        watchdog: &Watchdog,
        stop: Stop,
    ) -> impl Future<Output = ()> + Send + use<R> {
        self.turns(wake, watchdog.register(NAME), stop)
    }

    async fn turns(mut self, mut wake: Subscription, heartbeat: Heartbeat, stop: Stop) {
        let mut timer = match Timer::new() {
            Ok(timer) => timer,
            Err(error) => return tracing::error!(duty = NAME, %error, "no timer can be had; no script is run"),
        };
        let mut rest = Rest::new(heartbeat.clone());
        let mut asked = std::pin::pin!(stop.asked());
        while !stop.is_asked() {
            heartbeat.beat();
            // A wake-up that comes while runs are claimed is kept by `wake`.
            let more = self.fill(&stop).await;
            let Some(until) = rest.after(NAME, more, SystemClock.now()) else { continue };
            tokio::select! {
                biased;
                () = &mut asked => {}
                Some(ended) = self.tasks.join_next() => log_panic(ended),
                () = wake.woken(), if !rest.failing() => {}
                rung = timer.until(until) => if let Err(error) = rung {
                    tracing::error!(duty = NAME, %error, "the timer failed");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        while let Some(ended) = self.tasks.join_next().await {
            log_panic(ended);
        }
    }

    /// Begins runs while there is room and something to run.
    async fn fill(&mut self, stop: &Stop) -> Result<More> {
        while let Some(ended) = self.tasks.try_join_next() {
            log_panic(ended);
        }
        loop {
            let taken = self.tasks.len();
            self.service.metrics().slots(self.most, self.most.saturating_sub(taken));
            // Whoever ends makes room.
            if taken >= self.most || stop.is_asked() {
                return Ok(More::At(None));
            }
            let next = next_run(&self.service, &self.worker).await?;
            if next.is_none_or(|at| at > self.service.now()) {
                return Ok(More::At(next));
            }
            let (since, wake) = (Instant::now(), self.service.subscribe(Topic::Runs));
            let Some(claimed) = claim_run(&self.service, &self.worker).await? else {
                return Ok(More::At(next));
            };
            tracing::info!(job = claimed.job.name, run = %claimed.run.id, attempt = claimed.run.attempt, "a run begins");
            let (service, runner) = (self.service.clone(), Arc::clone(&self.runner));
            self.tasks.spawn(work::work(service, runner, claimed, since, wake, stop.clone()));
        }
    }
}

/// A run that panicked took nothing with it but itself; its lease ends.
fn log_panic(ended: std::result::Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a run was lost by a fault of the daemon");
    }
}
