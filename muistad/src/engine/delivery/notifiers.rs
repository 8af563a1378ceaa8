//! The daemon's channels as the engine uses them: what a message says is put into words, and what came of it into the
//! engine's terms.

use muista_core::model::{Channel, Id};
use muista_core::service::engine::Delivery;

use super::sender::{Outcome, Sender};
use crate::notify::{self, Message, Notifiers, render, wait};

impl Sender for Notifiers {
    /// All of them: what goes to one that is not set up fails with what to set.
    fn channels(&self) -> Vec<Channel> {
        Channel::ALL.to_vec()
    }

    fn concurrency(&self, channel: Channel) -> usize {
        Notifiers::concurrency(self, channel)
    }

    fn patience(&self, channel: Channel) -> usize {
        Notifiers::patience(self, channel)
    }

    async fn send(&self, delivery: &Delivery) -> Outcome {
        let outcome = Notifiers::send(self, delivery.channel, &message(delivery)).await;
        engine_outcome(outcome, delivery)
    }
}

fn engine_outcome(outcome: notify::Outcome, delivery: &Delivery) -> Outcome {
    match outcome {
        notify::Outcome::Sent => Outcome::Sent,
        notify::Outcome::Failed { error } => Outcome::Failed { error },
        notify::Outcome::Down { error } => Outcome::Down { error },
        notify::Outcome::Retry { error, after, patience } => {
            let attempts = u32::try_from(delivery.attempts).unwrap_or(0).saturating_add(1);
            match wait(attempts, patience, after, chance(delivery.id)) {
                Some(after) => Outcome::Retry { after, error },
                None => Outcome::Failed { error },
            }
        }
    }
}

/// Returns a number from 0 to 1 that differs from message to message: the end of an identifier is chance.
fn chance(id: Id) -> f64 {
    f64::from(id.as_bytes()[15]) / 255.0
}

fn message(delivery: &Delivery) -> Message {
    let content = &delivery.content;
    let rendered = render(content);
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
