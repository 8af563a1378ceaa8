//! The engine: what the daemon does by itself. Reminders and jobs that fall due, messages that are to be delivered, and
//! what is old: each is a duty with a file of its own. What a duty does is the core's; here is when.

mod backup;
mod clean;
mod delivery;
mod duty;
mod occurrence;
mod reaper;
mod run;
#[cfg(test)]
mod tests;
mod timer;
mod watchdog;

use std::sync::Arc;

use muista_core::service::engine::listen;
use muista_core::service::{Service, Topic};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use delivery::{Outcome, Sender};
pub(crate) use run::Processes;
pub use run::{Ended, Event, Runner, Script};
pub(crate) use watchdog::Watchdog;

use crate::signal::Stop;
use delivery::{ChannelCapacity, Deliveries};
use duty::drive;

/// The engine at work.
#[derive(Debug)]
pub struct Engine {
    /// The duties, which end by themselves once the daemon is asked to stop.
    duties: Vec<JoinHandle<()>>,
    /// Hearing of other processes, which is ended.
    change_listener: JoinHandle<()>,
    watchdog: Watchdog,
}

/// Starts the engine on a runtime's threads; it delivers by `sender`.
#[must_use]
pub fn start<S: Sender>(service: &Service, sender: S, stop: &Stop) -> Engine {
    let (capacity, watchdog) = (Arc::new(ChannelCapacity::default()), Watchdog::default());
    // What a firing has taken goes straight to its delivery, and is let go of when the firing ends.
    let (hand_over, handed) = mpsc::unbounded_channel();
    let occurrences = occurrence::Occurrences::new(service.clone(), Arc::clone(&capacity), hand_over);
    let deliveries = Deliveries::new(service.clone(), sender, capacity, handed, &watchdog);
    // Whoever waits registers before anything is looked for, here and in each duty.
    let schedules = service.subscribe(Topic::Schedules);
    let outbox = service.subscribe(Topic::Deliveries);
    let duties = vec![
        tokio::spawn(drive(occurrences, Some(schedules), &watchdog, stop.clone())),
        tokio::spawn(deliveries.run(outbox, stop.clone())),
        tokio::spawn(drive(clean::Clean::new(service.clone()), None, &watchdog, stop.clone())),
        tokio::spawn(drive(backup::Backups::new(service.clone()), None, &watchdog, stop.clone())),
    ];
    let service = service.clone();
    let change_listener = tokio::spawn(async move { listen(&service).await });
    Engine { duties, change_listener, watchdog }
}

impl Engine {
    /// Has it run scripts too, by `runner`, and rescue the runs of daemons that are gone.
    #[must_use]
    pub fn with_scripts<R: Runner>(mut self, service: &Service, runner: R, stop: &Stop) -> Self {
        let queue = service.subscribe(Topic::Runs);
        let runs = run::Runs::new(service.clone(), runner);
        self.duties.push(tokio::spawn(runs.run(queue, &self.watchdog, stop.clone())));
        let reaper = reaper::Reaper::new(service.clone());
        self.duties.push(tokio::spawn(drive(reaper, None, &self.watchdog, stop.clone())));
        self
    }

    /// Returns the watchdog, which knows when each duty last looked around.
    pub(crate) fn watchdog(&self) -> Watchdog {
        self.watchdog.clone()
    }

    /// Returns once every duty has ended, after the daemon was asked to stop.
    pub async fn ended(self) {
        for duty in self.duties {
            if let Err(error) = duty.await {
                tracing::error!(%error, "a part of the engine was lost by a fault of the daemon");
            }
        }
        self.change_listener.abort();
    }
}
