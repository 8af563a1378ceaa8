//! The engine as a whole, on a database of its own and with a channel that does as it is told.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use muista_core::clock::{Clock, SystemClock};
use muista_core::metrics::Breaker;
use muista_core::model::{
    Channel, NewReminder, NewTask, Notification, NotificationQuery, NotificationStatus, Origin, Title, Trigger,
};
use muista_core::rpc::{Client, Hello, in_process};
use muista_core::service::Settings;
use muista_core::service::engine::Delivery;
use muista_core::store::{Database, Migrate, Options, Store, Workers};
use muista_core::time::Instant;
use tokio::sync::Semaphore;
use tokio::sync::watch;

use super::*;

/// What the channel does with a message, by its title.
#[derive(Clone)]
struct Told {
    /// What was begun, in order.
    begun: Arc<Mutex<Vec<String>>>,
    /// Lets messages titled `wait` through, one each.
    gate: Arc<Semaphore>,
}

impl Sender for Told {
    fn channels(&self) -> Vec<Channel> {
        vec![Channel::Email]
    }

    fn concurrency(&self, _: Channel) -> usize {
        1
    }

    async fn send(&self, delivery: &Delivery) -> Outcome {
        self.begun.lock().unwrap().push(delivery.content.title.clone());
        match delivery.content.title.as_str() {
            "panic" => panic!("a fault"),
            "down" => Outcome::Down { error: "no server".to_owned() },
            "busy" => Outcome::Retry { after: Duration::from_millis(50), error: "busy".to_owned() },
            "refused" => Outcome::Failed { error: "no such mailbox".to_owned() },
            "wait" => {
                self.gate.acquire().await.unwrap().forget();
                Outcome::Sent
            }
            _ => Outcome::Sent,
        }
    }
}

struct World {
    service: Service,
    client: Client,
    told: Told,
    stopper: watch::Sender<bool>,
    stop: Stop,
    _folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let options = Options {
            database: Database::in_dir(folder.path()),
            ca: None,
            migrate: Migrate::Run,
            workers: Workers::Daemon,
            usage: muista_core::store::ConnectionSettings::default(),
        };
        let recipients = BTreeMap::from([(Channel::Email, "me@example.org".to_owned())]);
        let settings = Settings { channels: vec![Channel::Email], recipients, ..Settings::default() };
        let service = Service::new(Store::open(&options, &clock).unwrap(), clock).with_settings(settings);
        let client = in_process(service.clone(), &Hello::new(Origin::Cli, Some("UTC".to_owned()), None));
        let told = Told { begun: Arc::default(), gate: Arc::new(Semaphore::new(0)) };
        let (stopper, stop) = Stop::by_hand();
        Self { service, client, told, stopper, stop, _folder: folder }
    }

    fn start(&self) -> Engine {
        start(&self.service, self.told.clone(), &self.stop)
    }

    /// Adds a task with a reminder so many milliseconds from now.
    async fn remind(&self, title: &str, millis: i64) {
        let task = self.client.add_task(NewTask::titled(Title::parse(title).unwrap())).await.unwrap().value;
        let at = Instant::from_micros(self.service.now().as_micros() + millis * 1000).unwrap();
        self.client.add_reminder(task.id.into(), NewReminder::new(Trigger::At(at))).await.unwrap();
    }

    async fn notifications(&self) -> Vec<Notification> {
        self.client.list_notifications(NotificationQuery::default()).await.unwrap().items
    }

    /// Waits until the messages are as wanted.
    async fn until(&self, wanted: impl Fn(&[Notification]) -> bool) -> Vec<Notification> {
        let deadline = std::time::Instant::now() + Duration::from_secs(20);
        loop {
            let now = self.notifications().await;
            if wanted(&now) {
                return now;
            }
            assert!(std::time::Instant::now() < deadline, "{now:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn end(self, engine: Engine) {
        self.stopper.send(true).unwrap();
        engine.ended().await;
        self.service.close();
    }
}

fn all(status: NotificationStatus, count: usize) -> impl Fn(&[Notification]) -> bool {
    move |now| now.len() == count && now.iter().all(|one| one.status == status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_falls_due_is_delivered_once() {
    let world = World::new();
    world.remind("past", -1).await;
    let engine = world.start();
    world.remind("soon", 30).await;
    world.until(all(NotificationStatus::Sent, 2)).await;
    assert_eq!(*world.told.begun.lock().unwrap(), ["past", "soon"]);
    let email = world.service.metrics().snapshot().channels[Channel::Email as usize].clone();
    assert_eq!((email.claimed, email.sent, email.failed), (2, 2, 0));
    world.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_refused_or_breaks_the_daemon_fails_alone() {
    let world = World::new();
    let engine = world.start();
    for title in ["refused", "panic", "fine"] {
        world.remind(title, 0).await;
    }
    let ended = world.until(|now| now.len() == 3 && now.iter().all(|one| one.next_attempt_at.is_none())).await;
    let mut seen: Vec<_> =
        ended.iter().map(|one| (one.payload.as_ref().unwrap().title.as_str(), one.status, one.attempts)).collect();
    seen.sort_by_key(|(title, ..)| *title);
    let failed = NotificationStatus::Failed;
    assert_eq!(seen, [("fine", NotificationStatus::Sent, 1), ("panic", failed, 1), ("refused", failed, 1)]);
    world.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_to_be_tried_again_is() {
    let world = World::new();
    let engine = world.start();
    world.remind("busy", 0).await;
    let tried = world.until(|now| now.iter().any(|one| one.attempts >= 3)).await;
    assert_eq!((tried[0].status, tried[0].error_message.as_deref()), (NotificationStatus::Pending, Some("busy")));
    world.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_is_down_rests_and_spends_no_attempts() {
    let world = World::new();
    let engine = world.start();
    for _ in 0..8 {
        world.remind("down", 0).await;
    }
    let email = || world.service.metrics().snapshot().channels[Channel::Email as usize].clone();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while email().breaker != Breaker::Open {
        assert!(std::time::Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.remind("down", 0).await;
    let waiting = world.until(|now| now.len() == 9 && now.iter().any(|one| one.error_message.is_some())).await;
    assert!(waiting.iter().all(|one| one.status == NotificationStatus::Pending && one.attempts == 0));
    assert_eq!(world.told.begun.lock().unwrap().len(), 5);
    world.end(engine).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_lets_what_is_in_flight_end_and_gives_the_rest_back() {
    let world = World::new();
    let engine = world.start();
    for _ in 0..3 {
        world.remind("wait", 0).await;
    }
    world.until(|now| now.len() == 3 && world.told.begun.lock().unwrap().len() == 1).await;
    world.stopper.send(true).unwrap();
    world.told.gate.add_permits(1);
    engine.ended().await;
    let after = world.notifications().await;
    let sent = after.iter().filter(|one| one.status == NotificationStatus::Sent).count();
    let free = after.iter().filter(|one| one.next_attempt_at.is_some_and(|at| at <= world.service.now())).count();
    assert_eq!((sent, free, world.told.begun.lock().unwrap().len()), (1, 2, 1));
    world.service.close();
}
