//! The duty of delivering messages. One task holds all that this daemon has taken: it begins sends, each a task of its
//! own, renews the leases, and writes down what came of the messages, many at a time. How a message is sent is the
//! [`Sender`]'s; what is between is in `channel_queue`.

mod channel_capacity;
mod channel_queue;
mod events;
mod in_flight;
mod notifiers;
mod sender;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::FutureExt as _;
use muista_core::clock::{Clock as _, SystemClock};
use muista_core::model::Channel;
use muista_core::service::engine::{
    Delivery, Recorded, Verdict, claim_deliveries, next_delivery, record_deliveries, renew_deliveries,
};
use muista_core::service::{Service, Subscription};
use muista_core::time::Instant;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant as Ticks, MissedTickBehavior, interval, sleep_until};

pub(super) use channel_capacity::ChannelCapacity;
pub use sender::{Outcome, Sender};

use super::duty::Rest;
use super::timer::Timer;
use super::watchdog::{Heartbeat, Watchdog};
use crate::signal::Stop;
use crate::trace;
use channel_queue::ChannelQueue;
use events::Event;
use in_flight::InFlight;

const NAME: &str = "deliveries";
/// How often leases are renewed.
const RENEWAL: Duration = Duration::from_secs(10);
/// How long messages are worked on without their leases being renewed.
const UNSURE: Duration = Duration::from_secs(20);
/// How long the queue is left alone at most.
const LONGEST: Duration = Duration::from_secs(30);
/// How long deliveries in flight may take once the daemon is asked to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How much is written down, or taken, in one transaction.
const BATCH: usize = 500;

/// Delivers messages.
pub(super) struct Deliveries<S> {
    service: Service,
    sender: Arc<S>,
    capacity: Arc<ChannelCapacity>,
    handed: Option<UnboundedReceiver<Vec<Delivery>>>,
    tell: UnboundedSender<Event>,
    events: UnboundedReceiver<Event>,
    queues: BTreeMap<Channel, ChannelQueue>,
    in_flight: InFlight,
    /// What came of messages and is not written down yet.
    pending_results: Vec<Recorded>,
    recording: bool,
    claiming: bool,
    renewing: bool,
    /// Whether the queue is to be looked at.
    needs_poll: bool,
    /// Until when the database is left alone, after it failed.
    rest: Rest,
    heartbeat: Heartbeat,
    rest_until: Option<Ticks>,
    renewed: Ticks,
    /// When this last looked around; the heartbeat has it do so every 10 s.
    turned: Ticks,
    stopping: bool,
}

impl<S: Sender> Deliveries<S> {
    pub(super) fn new(
        service: Service,
        sender: S,
        capacity: Arc<ChannelCapacity>,
        handed: UnboundedReceiver<Vec<Delivery>>,
        watchdog: &Watchdog,
    ) -> Self {
        let heartbeat = watchdog.register(NAME);
        let (tell, events) = unbounded_channel();
        let queues: BTreeMap<_, _> =
            sender.channels().into_iter().map(|channel| (channel, queue_of(&sender, channel))).collect();
        for (channel, queue) in &queues {
            capacity.set_limit(*channel, queue.most());
        }
        Self {
            service,
            sender: Arc::new(sender),
            capacity,
            handed: Some(handed),
            tell,
            events,
            queues,
            in_flight: InFlight::default(),
            pending_results: Vec::new(),
            recording: false,
            claiming: false,
            renewing: false,
            needs_poll: true,
            rest: Rest::new(heartbeat.clone()),
            heartbeat,
            rest_until: None,
            renewed: Ticks::now(),
            turned: Ticks::now(),
            stopping: false,
        }
    }

    /// Delivers until asked to stop; then lets what is in flight end, and gives the rest back.
    pub(super) async fn run(mut self, mut wake: Subscription, stop: Stop) {
        let mut timer = match Timer::new() {
            Ok(timer) => timer,
            Err(error) => return tracing::error!(duty = NAME, %error, "no timer can be had; nothing is delivered"),
        };
        let mut renewals = interval(RENEWAL);
        renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut asked = std::pin::pin!(stop.asked());
        let mut late = std::pin::pin!(async {
            stop.asked().await;
            tokio::time::sleep(GRACE).await;
        });
        loop {
            self.heartbeat.beat();
            self.notice_halt();
            self.work();
            if self.is_over() {
                return;
            }
            let until = self.until();
            tokio::select! {
                biased;
                () = &mut asked, if !self.stopping => self.stop(),
                () = &mut late => return self.give_up().await,
                handed = next(&mut self.handed) => match handed {
                    Some(deliveries) => self.accept(deliveries),
                    None => self.handed = None,
                },
                Some(event) = self.events.recv() => {
                    self.handle_event(event);
                    // What is there already is taken up before anything is written, so that it is written together.
                    while let Ok(event) = self.events.try_recv() {
                        self.handle_event(event);
                    }
                }
                _ = renewals.tick() => self.renew(),
                () = wake.woken(), if !self.stopping => self.needs_poll = true,
                () = rested(self.rest_until), if self.rest_until.is_some() => self.rest_until = None,
                _ = timer.until(until), if !self.stopping => self.come_due(),
            }
        }
    }

    /// Gives up what is held where this process was halted for so long that others may have taken it over.
    fn notice_halt(&mut self) {
        let halted = self.turned.elapsed();
        self.turned = Ticks::now();
        if halted >= UNSURE && !self.in_flight.is_empty() {
            tracing::warn!(seconds = halted.as_secs(), "the daemon was halted; what was in flight is given up");
            self.in_flight.unsure().into_iter().for_each(|id| self.drop_in_flight(id));
        }
    }

    /// Begins whatever can be begun.
    fn work(&mut self) {
        self.send();
        if self.rest_until.is_some() {
            return;
        }
        self.record();
        if !self.stopping {
            self.claim();
        }
    }

    /// Begins sends, as many as the channels take at once.
    fn send(&mut self) {
        if self.stopping {
            return;
        }
        let ticks = std::time::Instant::now();
        for (channel, queue) in &mut self.queues {
            if queue.count_slow(ticks) {
                self.capacity.set_limit(*channel, queue.most());
                self.needs_poll = true;
            }
            while let Some(delivery) = queue.begin(ticks) {
                let (sender, tell, id) = (Arc::clone(&self.sender), self.tell.clone(), delivery.id);
                let task = tokio::spawn(async move {
                    let began = SystemTime::now();
                    let sent = AssertUnwindSafe(sender.send(&delivery)).catch_unwind().await;
                    let outcome = sent.unwrap_or_else(|_| Outcome::Failed { error: sender::PANICKED.to_owned() });
                    trace::did("deliver", began, || sender::trace_attributes(&delivery, &outcome));
                    sender::log(&delivery, &outcome);
                    // Nobody is told where the daemon has given up waiting.
                    let _ = tell.send(Event::Done(id, outcome));
                });
                self.in_flight.sending(id, task.abort_handle());
            }
        }
    }

    /// Writes down what came of messages.
    fn record(&mut self) {
        if self.recording || self.pending_results.is_empty() {
            return;
        }
        self.recording = true;
        let batch: Vec<_> = self.pending_results.drain(..self.pending_results.len().min(BATCH)).collect();
        let service = self.service.clone();
        self.begin(async move {
            let written = record_deliveries(&service, batch.clone()).await;
            Event::Recorded(batch, written)
        });
    }

    /// Takes messages of the first channel that has some and has room for them.
    fn claim(&mut self) {
        if self.claiming {
            return;
        }
        let now = SystemClock.now();
        let ready = self.queues.iter().filter(|(_, queue)| queue.ready.is_some_and(|at| at <= now) && queue.is_open());
        for (&channel, _) in ready {
            let most = self.capacity.reserve(channel, BATCH);
            if most > 0 {
                self.claiming = true;
                let service = self.service.clone();
                return self.begin(async move {
                    Event::Claimed(channel, most, claim_deliveries(&service, channel, most).await)
                });
            }
        }
        if self.needs_poll {
            self.needs_poll = false;
            self.claiming = true;
            let (service, channels) = (self.service.clone(), self.queues.keys().copied().collect::<Vec<_>>());
            self.begin(async move {
                let next = next_delivery(&service, channels.clone()).await;
                Event::Next(next.map(|next| channels.into_iter().map(|it| (it, next.get(&it).copied())).collect()))
            });
        }
    }

    fn renew(&mut self) {
        if self.in_flight.is_empty() {
            // There is nothing to be unsure of.
            self.renewed = Ticks::now();
        } else if !self.renewing {
            self.renewing = true;
            let (service, leases) = (self.service.clone(), self.in_flight.leases());
            self.begin(async move { Event::Renewed(renew_deliveries(&service, leases).await) });
        }
    }

    fn begin(&self, work: impl Future<Output = Event> + Send + 'static) {
        let tell = self.tell.clone();
        tokio::spawn(async move {
            let _ = tell.send(work.await);
        });
    }

    /// Until when nothing is to be done unless something happens.
    fn until(&mut self) -> Instant {
        let now = SystemClock.now();
        let ticks = std::time::Instant::now();
        let queues = self.queues.values_mut().filter_map(|queue| queue.next(now, ticks));
        queues.min().unwrap_or(Instant::MAX).min(now.plus(LONGEST))
    }

    /// The time has come for something, or the queue was left alone for long: it is to be looked at, and so are the
    /// channels that rested.
    fn come_due(&mut self) {
        self.needs_poll = true;
        for channel in self.queues.keys().copied().collect::<Vec<_>>() {
            self.refresh_breaker(channel);
        }
    }

    fn stop(&mut self) {
        self.stopping = true;
        let now = SystemClock.now();
        for queue in self.queues.values_mut() {
            self.pending_results.extend(queue.give_back().iter().map(|delivery| released(delivery, now)));
        }
    }

    fn is_over(&self) -> bool {
        self.stopping && self.handed.is_none() && self.in_flight.is_empty() && !self.claiming
    }

    /// Ends what is in flight, and gives it back.
    async fn give_up(mut self) {
        let now = SystemClock.now();
        let unsure = self.in_flight.abort_sending();
        tracing::warn!(messages = unsure.len(), "deliveries still in flight are given up");
        for (id, lease, channel) in unsure {
            let verdict = Verdict::Released { at: now, error: None };
            self.pending_results.push(Recorded { id, lease, channel, verdict });
        }
        if let Err(error) = record_deliveries(&self.service, self.pending_results).await {
            tracing::error!(%error, "messages could not be given back; others take them when their leases end");
        }
    }
}

fn queue_of(sender: &impl Sender, channel: Channel) -> ChannelQueue {
    ChannelQueue::new(sender.concurrency(channel), sender.patience(channel))
}

fn released(delivery: &Delivery, now: Instant) -> Recorded {
    let verdict = Verdict::Released { at: now, error: None };
    Recorded { id: delivery.id, lease: delivery.lease, channel: delivery.channel, verdict }
}

async fn next(handed: &mut Option<UnboundedReceiver<Vec<Delivery>>>) -> Option<Vec<Delivery>> {
    match handed {
        Some(handed) => handed.recv().await,
        None => std::future::pending().await,
    }
}

async fn rested(until: Option<Ticks>) {
    if let Some(until) = until {
        sleep_until(until).await;
    }
}
