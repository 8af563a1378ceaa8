//! What the service does in a second: durable adds by one client and by 64, and lists of 10,000 tasks, on SQLite, through
//! the generated server in process. Run with `cargo bench -p muista-core`; figures go into docs/PERFORMANCE.md.

#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use muista_core::clock::SystemClock;
use muista_core::model::{DueFilter, NewTask, Origin, Page, TaskFilter, Title};
use muista_core::rpc::{Client, Hello, in_process};
use muista_core::service::Service;
use muista_core::store::{Database, Migrate, Options, Store, Workers};
use muista_core::time::Context;

fn main() {
    divan::main();
}

/// A daemon's store in a fresh folder, and a connection to it.
struct Fixture {
    runtime: tokio::runtime::Runtime,
    service: Service,
    client: Client,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let options = Options {
            database: Database::in_dir(folder.path()),
            ca: None,
            migrate: Migrate::Run,
            workers: Workers::Daemon,
            usage: muista_core::store::ConnectionSettings::default(),
        };
        let clock: Arc<dyn muista_core::clock::Clock> = Arc::new(SystemClock);
        let service = Service::new(Store::open(&options, &clock).unwrap(), clock);
        let client = connect(&runtime, &service);
        Self { runtime, service, client, _folder: folder }
    }

    fn with_tasks(count: usize) -> Self {
        let fixture = Self::new();
        fixture.add(64, count / 64);
        fixture
    }

    /// Adds `each` tasks by each of so many clients, each waiting for the answer before it adds the next.
    fn add(&self, clients: usize, each: usize) {
        let clients: Vec<Client> = (0..clients).map(|_| connect(&self.runtime, &self.service)).collect();
        self.runtime.block_on(async {
            let add = |client: Client| async move {
                for number in 0..each {
                    client.add_task(task(number)).await.unwrap();
                }
            };
            futures::future::join_all(clients.into_iter().map(|client| tokio::spawn(add(client)))).await
        });
    }
}

fn connect(runtime: &tokio::runtime::Runtime, service: &Service) -> Client {
    let _entered = runtime.enter();
    in_process(service.clone(), &Hello::new(Origin::Cli, Some("Europe/Helsinki".to_owned()), None))
}

fn task(number: usize) -> NewTask {
    NewTask::titled(Title::parse(&format!("Buy cat food, tin number {number}")).unwrap())
}

/// One transaction a request.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn durable_adds_by_1_client(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    bencher.counter(ItemsCount::new(1000_usize)).bench_local(|| fixture.add(1, 1000));
}

/// Requests that wait are committed together.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn durable_adds_by_64_clients(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::new();
    bencher.counter(ItemsCount::new(64 * 250_usize)).bench_local(|| fixture.add(64, 250));
}

#[divan::bench(sample_count = 100)]
fn list_of_50_of_10_000(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::with_tasks(10_000);
    bencher.bench_local(|| {
        let page = Page { limit: 50, ..Page::default() };
        fixture.runtime.block_on(fixture.client.list_tasks(TaskFilter::default(), page)).unwrap()
    });
}

#[divan::bench(sample_count = 100)]
fn due_today_of_10_000_without_a_due(bencher: Bencher<'_, '_>) {
    let fixture = Fixture::with_tasks(10_000);
    let context = Context {
        now: muista_core::clock::Clock::now(&SystemClock),
        zone: muista_core::time::zone("Europe/Helsinki").unwrap(),
        date_order: None,
    };
    let filter = TaskFilter { due: Some(DueFilter::read("today", &context).unwrap()), ..TaskFilter::default() };
    bencher.bench_local(|| {
        let page = Page { limit: 50, ..Page::default() };
        fixture.runtime.block_on(fixture.client.list_tasks(filter.clone(), page)).unwrap()
    });
}
