//! The daemon's channels as the engine uses them: what a message says is put into words, and what came of it into the
//! engine's terms.

use std::time::Duration;

use muista_core::model::{Channel, Content, ContentKind, Id};
use muista_core::service::engine::Delivery;

use super::sender::{Outcome, Sender};
use crate::notify::{self, Kind, Message, Notifiers, wait};

impl Sender for Notifiers {
    /// All of them: what goes to one that is not set up fails with what to set.
    fn channels(&self) -> Vec<Channel> {
        Channel::ALL.to_vec()
    }

    fn concurrency(&self, channel: Channel) -> usize {
        Notifiers::concurrency(self, channel)
    }

    async fn send(&self, delivery: &Delivery) -> Outcome {
        let outcome = Notifiers::send(self, delivery.channel, &message(delivery)).await;
        came(outcome, delivery)
    }
}

fn came(outcome: notify::Outcome, delivery: &Delivery) -> Outcome {
    match outcome {
        notify::Outcome::Sent => Outcome::Sent,
        notify::Outcome::Failed { error } => Outcome::Failed { error },
        notify::Outcome::Down { error } => Outcome::Down { error },
        notify::Outcome::Retry { error, after } => {
            let attempts = u32::try_from(delivery.attempts).unwrap_or(0).saturating_add(1);
            match wait(attempts, after, chance(delivery.id)) {
                Some(after) => Outcome::Retry { after, error },
                None => Outcome::Failed { error },
            }
        }
    }
}

/// A number from 0 to 1 that differs from message to message: the end of an identifier is chance.
fn chance(id: Id) -> f64 {
    f64::from(id.as_bytes()[15]) / 255.0
}

fn message(delivery: &Delivery) -> Message {
    let content = &delivery.content;
    let rendered = words(content).render();
    let key = delivery.id.to_string();
    Message {
        recipient: delivery.recipient.clone(),
        title: rendered.title,
        body: rendered.body,
        html: rendered.html,
        created_at: delivery.created_at,
        payload: serde_json::json!({ "id": key, "notification": content }),
        key,
    }
}

fn words(content: &Content) -> notify::Content {
    notify::Content {
        kind: match content.kind {
            ContentKind::Reminder => Kind::Reminder,
            ContentKind::JobFailed => Kind::JobFailed,
            ContentKind::JobSucceeded => Kind::JobSucceeded,
            ContentKind::Test => Kind::Test,
        },
        title: content.title.clone(),
        number: content.task_number,
        due: content.due.clone(),
        note: content.note.clone(),
        late: content.late_seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs).map(length),
    }
}

/// A length in its largest unit, cut to whole ones.
fn length(length: Duration) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let seconds = length.as_secs();
    let (size, name) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = seconds / size;
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_told_in_their_largest_unit() {
        let told = [(60, "1 minute"), (3_599, "59 minutes"), (7_200, "2 hours"), (86_400, "1 day"), (5, "5 seconds")];
        for (seconds, text) in told {
            assert_eq!(length(Duration::from_secs(seconds)), text);
        }
    }
}
