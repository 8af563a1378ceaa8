//! The duty of delivering messages. One task holds all that this daemon has taken: it begins sends, each a task of its
//! own, renews the leases, and writes down what came of the messages, many at a time. How a message is sent is the
//! [`Sender`]'s; what is between is in `lane`.

mod held;
mod lane;
mod notifiers;
mod room;
mod sender;

use std::collections::{BTreeMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use muista_core::clock::{Clock as _, SystemClock};
use muista_core::error::Result;
use muista_core::metrics::Breaker;
use muista_core::model::{Channel, Id};
use muista_core::service::engine::{
    Delivery, Recorded, Verdict, claim_deliveries, next_delivery, record_deliveries, renew_deliveries,
};
use muista_core::service::{Service, Wake};
use muista_core::time::Instant;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant as Ticks, MissedTickBehavior, interval, sleep_until};

pub(super) use room::Room;
pub use sender::{Outcome, Sender};

use super::duty::{Rest, later};
use super::timer::Timer;
use crate::notify::State;
use crate::signal::Stop;
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

/// What happened elsewhere.
enum Event {
    /// A message was sent, or not.
    Done(Id, Outcome),
    /// What came of messages was written down, or not.
    Recorded(Vec<Recorded>, Result<usize>),
    /// Messages of a channel were taken, so many at most.
    Claimed(Channel, usize, Result<Vec<Delivery>>),
    /// When the first messages may be taken.
    Next(Result<Vec<(Channel, Option<Instant>)>>),
    /// Leases were renewed, all but these.
    Renewed(Result<HashSet<Id>>),
}

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
    rest_until: Option<Ticks>,
    renewed: Ticks,
    stopping: bool,
}

impl<S: Sender> Deliveries<S> {
    pub(super) fn new(service: Service, sender: S, room: Arc<Room>, handed: UnboundedReceiver<Vec<Delivery>>) -> Self {
        let (tell, events) = unbounded_channel();
        let lanes: BTreeMap<_, _> =
            sender.channels().into_iter().map(|channel| (channel, Lane::new(sender.concurrency(channel)))).collect();
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
            rest: Rest::default(),
            rest_until: None,
            renewed: Ticks::now(),
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
        for lane in self.lanes.values_mut() {
            while let Some(delivery) = lane.begin(ticks) {
                let (sender, tell, id) = (Arc::clone(&self.sender), self.tell.clone(), delivery.id);
                let task = tokio::spawn(async move {
                    let sent = AssertUnwindSafe(sender.send(&delivery)).catch_unwind().await;
                    let outcome = sent.unwrap_or_else(|_| Outcome::Failed { error: sender::PANICKED.to_owned() });
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
        if !self.renewing && !self.held.is_empty() {
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

    fn take_up(&mut self, event: Event) {
        match event {
            Event::Done(id, outcome) => self.done(id, outcome),
            Event::Recorded(batch, Ok(_)) => {
                self.recording = false;
                self.good();
                for one in batch {
                    // What waits again is to be found again.
                    self.stale |= matches!(one.verdict, Verdict::Retry { .. } | Verdict::Released { .. });
                    self.let_go(one.id);
                }
            }
            Event::Recorded(batch, Err(error)) => {
                self.recording = false;
                self.came.splice(..0, batch);
                self.failed(&error);
            }
            Event::Claimed(channel, most, claimed) => self.claimed(channel, most, claimed),
            Event::Next(Ok(next)) => {
                self.claiming = false;
                self.good();
                for (channel, ready) in next {
                    if let Some(lane) = self.lanes.get_mut(&channel) {
                        lane.ready = ready;
                    }
                }
            }
            Event::Next(Err(error)) => {
                (self.claiming, self.stale) = (false, true);
                self.failed(&error);
            }
            Event::Renewed(renewed) => self.renewed(renewed),
        }
    }

    fn done(&mut self, id: Id, outcome: Outcome) {
        // It was lost, and its task ended before it was told.
        let Some((lease, channel)) = self.held.sent(id) else { return };
        let Some(lane) = self.lanes.get_mut(&channel) else { return };
        let now = SystemClock.now();
        let verdict = lane.end(outcome, now, std::time::Instant::now());
        self.came.push(Recorded { id, lease, channel, verdict });
        self.look(channel);
    }

    /// Takes note of whether a channel is used, where that has changed.
    fn look(&mut self, channel: Channel) {
        let Some(lane) = self.lanes.get_mut(&channel) else { return };
        let Some(state) = lane.look(std::time::Instant::now()) else { return };
        tracing::info!(%channel, breaker = state.name(), "a channel's breaker has changed");
        self.room.open(channel, lane.most());
        self.service.metrics().breaker(channel, shown(state));
        self.empty(channel);
    }

    /// Gives back what waits here for a channel that is not used for a while.
    fn empty(&mut self, channel: Channel) {
        let now = SystemClock.now();
        let Some(lane) = self.lanes.get_mut(&channel).filter(|lane| !lane.is_open()) else { return };
        let waiting = lane.give_back();
        self.came.extend(waiting.into_iter().map(|delivery| released(&delivery, now)));
        self.stale = true;
    }

    fn claimed(&mut self, channel: Channel, most: usize, claimed: Result<Vec<Delivery>>) {
        self.claiming = false;
        let taken = claimed.as_ref().map_or(0, Vec::len);
        self.room.give(channel, most.saturating_sub(taken));
        match claimed {
            Ok(deliveries) => {
                self.good();
                // All there was: when there is more has to be asked.
                if deliveries.len() < most {
                    self.stale = true;
                    if let Some(lane) = self.lanes.get_mut(&channel) {
                        lane.ready = None;
                    }
                }
                self.accept(deliveries);
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Takes up messages that are this daemon's. Their room was taken before.
    fn accept(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            self.held.add(&delivery);
            match self.lanes.get_mut(&delivery.channel).filter(|lane| lane.is_open() && !self.stopping) {
                Some(lane) => lane.queue(delivery),
                None => self.came.push(released(&delivery, SystemClock.now())),
            }
        }
    }

    fn renewed(&mut self, renewed: Result<HashSet<Id>>) {
        self.renewing = false;
        match renewed {
            Ok(lost) => {
                self.renewed = Ticks::now();
                // What was written down meanwhile is no longer held, and so not lost.
                let lost: Vec<Id> = lost.into_iter().filter(|id| self.held.has(*id)).collect();
                for id in lost {
                    tracing::warn!(notification = %id, "another daemon has taken a message over");
                    self.drop_held(id);
                }
            }
            Err(error) => {
                if self.renewed.elapsed() >= UNSURE {
                    tracing::warn!(%error, "leases could not be renewed; what is in flight is given up");
                    self.held.unsure().into_iter().for_each(|id| self.drop_held(id));
                }
                self.failed(&error);
            }
        }
    }

    fn drop_held(&mut self, id: Id) {
        for lane in self.lanes.values_mut() {
            lane.forget(id, self.held.is_sending(id));
        }
        self.came.retain(|one| one.id != id);
        self.let_go(id);
    }

    fn let_go(&mut self, id: Id) {
        if let Some(channel) = self.held.remove(id) {
            self.room.give(channel, 1);
        }
    }

    fn good(&mut self) {
        let _ = self.rest.after(NAME, Ok(super::duty::More::Now), SystemClock.now());
    }

    fn failed(&mut self, error: &muista_core::error::Error) {
        let pause = self.rest.failed(NAME, error);
        self.rest_until = Some(Ticks::now() + pause);
    }

    /// Until when nothing is to be done unless something happens.
    fn until(&mut self) -> Instant {
        let now = SystemClock.now();
        let ticks = std::time::Instant::now();
        let lanes = self.lanes.values_mut().filter_map(|lane| lane.next(now, ticks));
        lanes.min().unwrap_or(Instant::MAX).min(later(now, LONGEST))
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

fn released(delivery: &Delivery, now: Instant) -> Recorded {
    let verdict = Verdict::Released { at: now, error: None };
    Recorded { id: delivery.id, lease: delivery.lease, channel: delivery.channel, verdict }
}

fn shown(state: State) -> Breaker {
    match state {
        State::Closed => Breaker::Closed,
        State::HalfOpen => Breaker::HalfOpen,
        State::Open => Breaker::Open,
    }
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
