//! Wake-ups: whoever waits for work is told after the commit that made some. Within a process here; to other processes
//! by NOTIFY on PostgreSQL ([`EventBus::receive`] takes it up), which SQLite has no like of.

use tokio::sync::watch;

/// A kind of work that somebody may wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// Schedules: a reminder or a job that falls due.
    Schedules,
    /// Messages that wait to be delivered.
    Deliveries,
    /// Runs that wait to be started, or to be stopped.
    Runs,
    /// Accounts, sessions and keys: who may come in.
    Accounts,
    /// Entries in the record of changes. Not told to other processes: they would be told of every single change.
    Changes,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Schedules, Self::Deliveries, Self::Runs, Self::Accounts, Self::Changes];

    /// What NOTIFY carries; nothing where other processes are not told.
    pub(crate) fn payload(self) -> Option<&'static str> {
        match self {
            Self::Accounts => Some("accounts"),
            Self::Schedules => Some("schedules"),
            Self::Deliveries => Some("deliveries"),
            Self::Runs => Some("runs"),
            Self::Changes => None,
        }
    }
}

/// Tells those who wait.
#[derive(Debug)]
pub(crate) struct EventBus([watch::Sender<()>; Topic::ALL.len()]);

impl EventBus {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| watch::Sender::new(())))
    }

    /// Tells those who wait for `topic`.
    pub(crate) fn publish(&self, topic: Topic) {
        self.0[topic as usize].send_replace(());
    }

    /// Takes up what another process said.
    pub(crate) fn receive(&self, payload: &str) {
        for topic in Topic::ALL {
            if payload.split(',').any(|part| Some(part) == topic.payload()) {
                self.publish(topic);
            }
        }
    }

    pub(crate) fn subscribe(&self, topic: Topic) -> Subscription {
        Subscription(self.0[topic as usize].subscribe())
    }
}

/// Waits for work. A wake-up between two waits is not lost.
#[derive(Debug, Clone)]
pub struct Subscription(watch::Receiver<()>);

impl Subscription {
    /// Whether there may be work that was not there when [`Subscription::seen`] was last called.
    #[must_use]
    pub fn pending(&self) -> bool {
        self.0.has_changed().unwrap_or(true)
    }

    /// Takes note of all that was committed until now.
    pub fn seen(&mut self) {
        self.0.mark_unchanged();
    }

    /// Returns once there may be work that was not there when this last returned.
    pub async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            // The service is gone, and so will be whoever waits.
            std::future::pending::<()>().await;
        }
    }
}
