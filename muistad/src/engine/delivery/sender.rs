//! What the engine asks of whatever delivers messages.

use std::time::Duration;

use muista_core::model::Channel;
use muista_core::service::engine::Delivery;
use opentelemetry::KeyValue;

/// What is said of a message whose delivery panicked.
pub(super) const PANICKED: &str = "the delivery failed inside Muista";

/// Delivers messages on some channels.
pub trait Sender: Send + Sync + 'static {
    /// The channels that it delivers on.
    fn channels(&self) -> Vec<Channel>;

    /// How many messages a channel takes at once.
    fn concurrency(&self, channel: Channel) -> usize;

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

/// What a trace tells of a delivery: nothing of the message itself.
pub(super) fn told(delivery: &Delivery, outcome: &Outcome) -> [KeyValue; 3] {
    let outcome = match outcome {
        Outcome::Sent => "sent",
        Outcome::Retry { .. } => "retried",
        Outcome::Failed { .. } => "failed",
        Outcome::Down { .. } => "down",
    };
    [
        KeyValue::new("muista.channel", delivery.channel.as_str()),
        KeyValue::new("muista.notification.id", delivery.id.to_string()),
        KeyValue::new("muista.outcome", outcome),
    ]
}
