//! The duty of delivering messages. One task holds all that this daemon has taken: it begins sends, each a task of its
//! own, renews the leases, and writes down what came of the messages, many at a time. How a message is sent is the
//! [`Sender`]'s; what is between is in `lane`.

mod events;
mod held;
mod lane;
mod notifiers;
mod room;
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
use muista_core::service::{Service, Wake};
use muista_core::time::Instant;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant as Ticks, MissedTickBehavior, interval, sleep_until};

pub(super) use room::Room;
pub use sender::{Outcome, Sender};

use super::duty::Rest;
use super::pulse::{Beat, Pulse};
use super::timer::Timer;
use crate::signal::Stop;
use crate::trace;
use events::Event;
use held::Held;
use lane::Lane;

const NAME: &str = "deliveries";
/// How often leases are renewed (spec §5).
const HEARTBEAT: Duration = Duration::from_secs(10);
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
    room: Arc<Room>,
    handed: Option<UnboundedReceiver<Vec<Delivery>>>,
    tell: UnboundedSender<Event>,
    events: UnboundedReceiver<Event>,
    lanes: BTreeMap<Channel, Lane>,
    held: Held,
    /// What came of messages and is not written down yet.
    came: Vec<Recorded>,
    recording: bool,
    claiming: bool,
    renewing: bool,
    /// Whether the queue is to be looked at.
    stale: bool,
    /// Until when the database is left alone, after it failed.
    rest: Rest,
    beat: Beat,
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
        room: Arc<Room>,
        handed: UnboundedReceiver<Vec<Delivery>>,
        pulse: &Pulse,
    ) -> Self {
        let beat = pulse.of(NAME);
        let (tell, events) = unbounded_channel();
        let lanes: BTreeMap<_, _> =
            sender.channels().into_iter().map(|channel| (channel, lane(&sender, channel))).collect();
        for (channel, lane) in &lanes {
            room.open(*channel, lane.most());
        }
        Self {
            service,
            sender: Arc::new(sender),
            room,
            handed: Some(handed),
            tell,
            events,
            lanes,
            held: Held::default(),
            came: Vec::new(),
            recording: false,
            claiming: false,
            renewing: false,
            stale: true,
            rest: Rest::new(beat.clone()),
            beat,
            rest_until: None,
            renewed: Ticks::now(),
            turned: Ticks::now(),
            stopping: false,
        }
    }

    /// Delivers until asked to stop; then lets what is in flight end, and gives the rest back.
    pub(super) async fn run(mut self, mut wake: Wake, stop: Stop) {
        let mut timer = match Timer::new() {
            Ok(timer) => timer,
            Err(error) => return tracing::error!(duty = NAME, %error, "no timer can be had; nothing is delivered"),
        };
        let mut heartbeat = interval(HEARTBEAT);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut asked = std::pin::pin!(stop.asked());
        let mut late = std::pin::pin!(async {
            stop.asked().await;
            tokio::time::sleep(GRACE).await;
        });
        loop {
            self.beat.beat();
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
                    self.take_up(event);
                    // What is there already is taken up before anything is written, so that it is written together.
                    while let Ok(event) = self.events.try_recv() {
                        self.take_up(event);
                    }
                }
                _ = heartbeat.tick() => self.renew(),
                () = wake.woken(), if !self.stopping => self.stale = true,
                () = rested(self.rest_until), if self.rest_until.is_some() => self.rest_until = None,
                _ = timer.until(until), if !self.stopping => self.come_due(),
            }
        }
    }

    /// Gives up what is held where this process was halted for so long that others may have taken it over.
    fn notice_halt(&mut self) {
        let halted = self.turned.elapsed();
        self.turned = Ticks::now();
        if halted >= UNSURE && !self.held.is_empty() {
            tracing::warn!(seconds = halted.as_secs(), "the daemon was halted; what was in flight is given up");
            self.held.unsure().into_iter().for_each(|id| self.drop_held(id));
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
        for (channel, lane) in &mut self.lanes {
            if lane.count_slow(ticks) {
                self.room.open(*channel, lane.most());
                self.stale = true;
            }
            while let Some(delivery) = lane.begin(ticks) {
                let (sender, tell, id) = (Arc::clone(&self.sender), self.tell.clone(), delivery.id);
                let task = tokio::spawn(async move {
                    let began = SystemTime::now();
                    let sent = AssertUnwindSafe(sender.send(&delivery)).catch_unwind().await;
                    let outcome = sent.unwrap_or_else(|_| Outcome::Failed { error: sender::PANICKED.to_owned() });
                    trace::did("deliver", began, || sender::told(&delivery, &outcome));
                    sender::log(&delivery, &outcome);
                    // Nobody is told where the daemon has given up waiting.
                    let _ = tell.send(Event::Done(id, outcome));
                });
                self.held.sending(id, task.abort_handle());
            }
        }
    }

    /// Writes down what came of messages.
    fn record(&mut self) {
        if self.recording || self.came.is_empty() {
            return;
        }
        self.recording = true;
        let batch: Vec<_> = self.came.drain(..self.came.len().min(BATCH)).collect();
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
        let ready = self.lanes.iter().filter(|(_, lane)| lane.ready.is_some_and(|at| at <= now) && lane.is_open());
        for (&channel, _) in ready {
            let most = self.room.take_of(channel, BATCH);
            if most > 0 {
                self.claiming = true;
                let service = self.service.clone();
                return self.begin(async move {
                    Event::Claimed(channel, most, claim_deliveries(&service, channel, most).await)
                });
            }
        }
        if self.stale {
            self.stale = false;
            self.claiming = true;
            let (service, channels) = (self.service.clone(), self.lanes.keys().copied().collect::<Vec<_>>());
            self.begin(async move {
                let next = next_delivery(&service, channels.clone()).await;
                Event::Next(next.map(|next| channels.into_iter().map(|it| (it, next.get(&it).copied())).collect()))
            });
        }
    }

    fn renew(&mut self) {
        if self.held.is_empty() {
            // There is nothing to be unsure of.
            self.renewed = Ticks::now();
        } else if !self.renewing {
            self.renewing = true;
            let (service, held) = (self.service.clone(), self.held.leases());
            self.begin(async move { Event::Renewed(renew_deliveries(&service, held).await) });
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
        let lanes = self.lanes.values_mut().filter_map(|lane| lane.next(now, ticks));
        lanes.min().unwrap_or(Instant::MAX).min(now.plus(LONGEST))
    }

    /// The time has come for something, or the queue was left alone for long: it is to be looked at, and so are the
    /// channels that rested.
    fn come_due(&mut self) {
        self.stale = true;
        for channel in self.lanes.keys().copied().collect::<Vec<_>>() {
            self.look(channel);
        }
    }

    fn stop(&mut self) {
        self.stopping = true;
        let now = SystemClock.now();
        for lane in self.lanes.values_mut() {
            self.came.extend(lane.give_back().iter().map(|delivery| released(delivery, now)));
        }
    }

    fn is_over(&self) -> bool {
        self.stopping && self.handed.is_none() && self.held.is_empty() && !self.claiming
    }

    /// Ends what is in flight, and gives it back.
    async fn give_up(mut self) {
        let now = SystemClock.now();
        let unsure = self.held.in_flight();
        tracing::warn!(messages = unsure.len(), "deliveries still in flight are given up");
        for (id, lease, channel) in unsure {
            let verdict = Verdict::Released { at: now, error: None };
            self.came.push(Recorded { id, lease, channel, verdict });
        }
        if let Err(error) = record_deliveries(&self.service, self.came).await {
            tracing::error!(%error, "messages could not be given back; others take them when their leases end");
        }
    }
}

fn lane(sender: &impl Sender, channel: Channel) -> Lane {
    Lane::new(sender.concurrency(channel), sender.patience(channel))
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
