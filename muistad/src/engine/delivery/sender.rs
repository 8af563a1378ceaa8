//! What the engine asks of whatever delivers messages.

use std::time::Duration;

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::model::Channel;
use muista_core::service::engine::Delivery;
use opentelemetry::KeyValue;

/// What is said of a message whose delivery panicked.
pub(super) const PANICKED: &str = "the delivery failed inside Muista";

/// Delivers messages on some channels.
pub trait Sender: Send + Sync + 'static {
    /// Returns the channels that it delivers on.
    fn channels(&self) -> Vec<Channel>;

    /// Returns how many messages a channel takes at once.
    fn concurrency(&self, channel: Channel) -> usize;

    /// Returns how many messages more may wait for a slow server beside those.
    fn patience(&self, _channel: Channel) -> usize {
        0
    }

    /// Delivers one message, within a time of its own.
    fn send(&self, delivery: &Delivery) -> impl Future<Output = Outcome> + Send;
}

/// What came of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The channel took it.
    Sent,
    /// It failed, and is to be tried again.
    Retry {
        /// How long from now.
        after: Duration,
        /// Why it failed.
        error: String,
    },
    /// It is given up.
    Failed {
        /// Why.
        error: String,
    },
    /// The channel itself does not work, whatever the message: it counts as no attempt.
    Down {
        /// Why.
        error: String,
    },
}

impl Outcome {
    /// Returns what it is called in traces and in the log.
    fn name(&self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Retry { .. } => "retried",
            Self::Failed { .. } => "failed",
            Self::Down { .. } => "down",
        }
    }
}

/// Leaves a line in the log: what was sent, for whom, what came of it, and how long after it was made. Of the message
/// itself, and of its address, nothing.
pub(super) fn log(delivery: &Delivery, outcome: &Outcome) {
    let (channel, kind) = (delivery.channel.as_str(), &delivery.content.kind);
    let task = delivery.content.task_id.map(|id| id.to_string());
    let attempt = delivery.attempts.saturating_add(1);
    let late_ms = u64::try_from(SystemClock.now().since(delivery.created_at).as_millis()).unwrap_or(u64::MAX);
    let (notification, account) = (delivery.id, delivery.owner);
    match outcome {
        Outcome::Sent => {
            tracing::info!(channel, %notification, %account, ?kind, task, attempt, late_ms, "a message was sent");
        }
        Outcome::Retry { error, .. } | Outcome::Failed { error } | Outcome::Down { error } => {
            let outcome = outcome.name();
            tracing::warn!(
                channel, %notification, %account, ?kind, task, attempt, late_ms, outcome, error, "a message was not sent"
            );
        }
    }
}

/// Returns what a trace tells of a delivery: nothing of the message itself.
pub(super) fn trace_attributes(delivery: &Delivery, outcome: &Outcome) -> [KeyValue; 3] {
    let outcome = outcome.name();
    [
        KeyValue::new("muista.channel", delivery.channel.as_str()),
        KeyValue::new("muista.notification.id", delivery.id.to_string()),
        KeyValue::new("muista.outcome", outcome),
    ]
}
