//! The duty of what falls due: reminders and jobs are fired, and the messages that were taken with it go to their
//! delivery at once.

use std::sync::Arc;
use std::time::SystemTime;

use muista_core::error::Result;
use muista_core::service::Service;
use muista_core::service::engine::{Capacity, Delivery, fire_due, fire_due_jobs, next_due};
use opentelemetry::KeyValue;
use tokio::sync::mpsc::UnboundedSender;

use super::delivery::ChannelCapacity;
use super::duty::{Duty, More};
use crate::trace;

/// Fires what falls due.
pub(super) struct Occurrences {
    service: Service,
    capacity: Arc<ChannelCapacity>,
    hand_over: UnboundedSender<Vec<Delivery>>,
}

impl Occurrences {
    pub(super) fn new(
        service: Service,
        capacity: Arc<ChannelCapacity>,
        hand_over: UnboundedSender<Vec<Delivery>>,
    ) -> Self {
        Self { service, capacity, hand_over }
    }

    /// Fires reminders; returns how many.
    async fn fire(&self) -> Result<usize> {
        let reserved = self.capacity.reserve_all();
        let fired = fire_due(&self.service, reserved.clone()).await;
        let deliveries = fired.as_ref().map_or(&[][..], |fired| &fired.deliveries);
        self.capacity.release_all(unused(reserved, deliveries));
        let fired = fired?;
        if fired.fired > 0 {
            tracing::info!(reminders = fired.fired, taken = fired.deliveries.len(), "reminders fired");
        }
        if !fired.deliveries.is_empty() {
            // Nobody takes them where the delivery is gone, by a fault: their leases end.
            let _ = self.hand_over.send(fired.deliveries);
        }
        Ok(fired.fired)
    }
}

fn unused(mut reserved: Capacity, deliveries: &[Delivery]) -> Capacity {
    for delivery in deliveries {
        if let Some(slots) = reserved.get_mut(&delivery.channel) {
            *slots = slots.saturating_sub(1);
        }
    }
    reserved
}

impl Duty for Occurrences {
    const NAME: &'static str = "occurrences";

    async fn run_once(&mut self) -> Result<More> {
        let next = next_due(&self.service).await?;
        let (now, began) = (self.service.now(), SystemTime::now());
        let mut fired = 0;
        if next.reminder.is_some_and(|at| at <= now) {
            fired += self.fire().await?;
        }
        if next.job.is_some_and(|at| at <= now) {
            fired += fire_due_jobs(&self.service).await?.fired;
        }
        if fired > 0 {
            trace::did("fire", began, || [KeyValue::new("muista.fired", fired as i64)]);
        }
        Ok(if fired > 0 { More::Now } else { More::At(next.first()) })
    }
}
