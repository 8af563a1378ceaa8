//! How late the engine is, on SQLite and on PostgreSQL: 1,000 occurrences spread over 10 seconds, 10,000 at one instant,
//! and what it costs while nothing falls due. A thing is done once its message is durably recorded as sent; the channel
//! takes every message at once. Run with `cargo bench -p muistad --bench engine`; figures go into docs/PERFORMANCE.md.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench stops at the first surprise")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use muista_core::clock::{Clock, SystemClock};
use muista_core::model::{Channel, NewTask, Origin, Task, Title};
use muista_core::rpc::{Hello, in_process};
use muista_core::service::engine::{Delivery, queue_depth};
use muista_core::service::{Service, Settings};
use muista_core::store::{Database, Migrate, Options, Store, Workers};
use muista_core::time::Instant;
use muistad::engine::{Outcome, Sender, start};
use muistad::signal::Stop;

/// A channel that takes every message at once, and notes how late it got it.
#[derive(Clone, Default)]
struct Null(Arc<Mutex<Vec<i64>>>);

impl Sender for Null {
    fn channels(&self) -> Vec<Channel> {
        vec![Channel::Email]
    }

    fn concurrency(&self, _: Channel) -> usize {
        1_000
    }

    async fn send(&self, delivery: &Delivery) -> Outcome {
        let late = SystemClock.now().as_micros() - delivery.content.scheduled_for.unwrap().as_micros();
        self.0.lock().unwrap().push(late);
        Outcome::Sent
    }
}

struct World {
    database: Database,
    service: Service,
    task: Task,
}

async fn world(database: Database) -> World {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let options = Options {
        database: database.clone(),
        ca: None,
        migrate: Migrate::Run,
        workers: Workers::Daemon,
        usage: muista_core::store::ConnectionSettings::default(),
    };
    let recipients = BTreeMap::from([(Channel::Email, "me@example.org".to_owned())]);
    let settings = Settings { channels: vec![Channel::Email], recipients, ..Settings::default() };
    let service = Service::new(Store::open(&options, &clock).unwrap(), clock).with_settings(settings);
    let client = in_process(service.clone(), &Hello::new(Origin::Cli, Some("UTC".to_owned()), None));
    let task = client.add_task(NewTask::titled(Title::parse("Buy cat food").unwrap())).await.unwrap().value;
    World { database, service, task }
}

impl World {
    /// Adds reminders of the task: one each `step` microseconds from `from` on.
    fn remind(&self, count: usize, from: Instant, step: usize) {
        let task = self.task.id.to_string().replace('-', "");
        let micros = from.as_micros();
        let sql = match &self.database {
            Database::Sqlite(_) => format!(
                "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {count} - 1)
                INSERT INTO reminders (id, task_id, schedule, recurrence_type, regular_at, next_trigger_at, created_at,
                    updated_at) SELECT randomblob(16), x'{task}', '{from}', 'ONCE', {micros} + i * {step},
                    {micros} + i * {step}, {micros}, {micros} FROM n"
            ),
            Database::Postgres(_) => format!(
                "INSERT INTO reminders (id, task_id, schedule, recurrence_type, regular_at, next_trigger_at, created_at,
                    updated_at) SELECT gen_random_uuid(), '{task}'::uuid, '{from}', 'ONCE', at, at, at, at FROM
                    (SELECT '{from}'::timestamptz + make_interval(secs => i * {step} / 1000000.0) AS at
                    FROM generate_series(0, {count} - 1) AS i) AS all_of_them;
                ANALYZE reminders; SELECT pg_notify('muista', 'schedules')"
            ),
        };
        let database = self.database.clone();
        let run = move || match database {
            Database::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                conn.batch_execute(&sql).unwrap();
            }
            Database::Postgres(url) => {
                let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&url).unwrap();
                conn.batch_execute(&sql).unwrap();
            }
        };
        std::thread::spawn(run).join().unwrap();
    }

    /// Waits until so many messages were taken and nothing waits any more.
    async fn all_sent(&self, null: &Null, count: usize) {
        loop {
            let taken = null.0.lock().unwrap().len();
            if taken >= count && queue_depth(&self.service).await.unwrap().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

fn after(length: Duration) -> Instant {
    Instant::from_micros(SystemClock.now().as_micros() + i64::try_from(length.as_micros()).unwrap()).unwrap()
}

async fn measure(name: &str, database: Database) {
    let world = world(database).await;
    let null = Null::default();
    let (stopper, stop) = Stop::by_hand();
    let engine = start(&world.service, null.clone(), &stop);

    let before = cpu();
    tokio::time::sleep(Duration::from_secs(10)).await;
    println!("{name}: idle for 10 s: {:.2} % of a processor", (cpu() - before).as_secs_f64() * 10.0);

    // What other processes write is heard within a second on SQLite, and at once on PostgreSQL.
    world.remind(1_000, after(Duration::from_secs(3)), 10_000);
    world.all_sent(&null, 1_000).await;
    let mut late = std::mem::take(&mut *null.0.lock().unwrap());
    late.sort_unstable();
    let at = |part: usize| Duration::from_micros(u64::try_from(late[(late.len() - 1) * part / 1000]).unwrap_or(0));
    let (p50, p95, p99, most) = (at(500), at(950), at(990), at(1000));
    println!("{name}: 1,000 over 10 s, late: p50 {p50:?}, p95 {p95:?}, p99 {p99:?}, most {most:?}");

    let noon = after(Duration::from_secs(3));
    world.remind(10_000, noon, 0);
    world.all_sent(&null, 10_000).await;
    let taken = Duration::from_micros(u64::try_from(*null.0.lock().unwrap().iter().max().unwrap()).unwrap());
    let all = Duration::from_micros(u64::try_from(SystemClock.now().as_micros() - noon.as_micros()).unwrap());
    println!("{name}: 10,000 at one instant: all handed over after {taken:?}, all recorded after {all:?}");

    stopper.send(true).unwrap();
    engine.ended().await;
    world.service.close();
}

/// The processor time that this process has taken.
fn cpu() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(u64::try_from(now.tv_sec).unwrap(), u32::try_from(now.tv_nsec).unwrap())
}

fn main() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime().block_on(measure("SQLite", Database::in_dir(folder.path())));
    let database = test_common::postgres::server().database();
    let database = Database::parse(&database.url).expect("a URL of ours");
    runtime().block_on(measure("PostgreSQL", database));
}
