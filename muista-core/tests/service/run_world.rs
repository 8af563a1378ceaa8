//! What the tests of the queue of runs share: jobs and runs put there by hand, daemons that work on them, and rows read
//! back as text.

use std::sync::Arc;

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use muista_core::clock::Clock;
use muista_core::model::*;
use muista_core::service::engine::run::{ClaimedRun, Finish, Outcome, claim_run};
use muista_core::service::{Service, Settings};
use muista_core::store::{Database, Store, Workers};
use muista_core::time::Instant;

use crate::world::*;

/// The job of most tests.
pub(crate) const JOB: u128 = 1;

/// A daemon's service on the world's database: mail has a recipient, SMS has none.
pub(crate) fn daemon(world: &World) -> Service {
    daemon_with(world, |_| {})
}

/// The same with other settings.
pub(crate) fn daemon_with(world: &World, set: impl FnOnce(&mut Settings)) -> Service {
    let clock: Arc<dyn Clock> = Arc::clone(&world.clock) as _;
    let store = Store::open(&options(world.database.clone(), Workers::Daemon), &clock).unwrap();
    let recipients = [(Channel::Email, "me@example.org".to_owned())].into();
    let mut settings = Settings { channels: vec![Channel::Email], recipients, ..Settings::default() };
    set(&mut settings);
    Service::new(store, clock).with_settings(settings)
}

/// Makes a job, with further columns set: `overlap = 'queue', max_retries = 2`.
pub(crate) fn job(world: &World, n: u128, set: &str) {
    let (job, owner, at) = (world.id(id(n)), world.id(Id::LOCAL_USER), world.moment());
    world.sql(&format!(
        "INSERT INTO jobs (id, owner_id, name, name_key, script, max_retries, created_at, updated_at)
         VALUES ({job}, {owner}, 'job{n}', 'job{n}', 'script{n}', 0, {at}, {at})"
    ));
    if !set.is_empty() {
        world.sql(&format!("UPDATE jobs SET {set} WHERE id = {job}"));
    }
}

/// Gives a job to an account.
pub(crate) fn give(world: &World, n: u128, owner: Id) {
    world.sql(&format!("UPDATE jobs SET owner_id = {} WHERE id = {}", world.id(owner), world.id(id(n))));
}

/// Makes a run that waits; those of a lower number are the older ones.
pub(crate) fn waiting(world: &World, n: u128, of: u128) {
    let (run, job, at) = (world.id(id(1000 + n)), world.id(id(of)), world.moment());
    world.sql(&format!(
        "INSERT INTO runs (id, job_id, triggered_by, args, params, available_at, scheduled_for, created_at)
         VALUES ({run}, {job}, 'schedule', '[\"a b\"]', '{{\"to\":\"x\"}}', {at}, {at}, {at})"
    ));
}

/// Claims a run that there must be.
pub(crate) async fn claim(service: &Service) -> ClaimedRun {
    claim_run(service, "one").await.unwrap().unwrap()
}

/// An end with this exit code: 0 is success.
pub(crate) fn exit(code: i32) -> Finish {
    let outcome = if code == 0 { Outcome::Completed } else { Outcome::Failed };
    Finish { outcome, exit_code: Some(code), signal: None, error: None, omitted: 0, left_behind: Vec::new() }
}

/// Asks for a run to be stopped.
pub(crate) fn ask_to_stop(world: &World, run: Id) {
    let (run, at) = (world.id(run), world.moment());
    world.sql(&format!("UPDATE runs SET cancel_requested_at = {at} WHERE id = {run}"));
}

/// Moves the clock on by so many seconds.
pub(crate) fn pass(world: &World, seconds: i64) {
    world.clock.set(later(world, seconds));
}

/// So many seconds from now.
pub(crate) fn later(world: &World, seconds: i64) -> Instant {
    Instant::from_micros(world.clock.now().as_micros() + seconds * 1_000_000).unwrap()
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

/// The rows that `SELECT … AS value` finds, each one text.
pub(crate) fn rows(world: &World, sql: &str) -> Vec<String> {
    let (database, sql) = (world.database.clone(), sql.to_owned());
    let found: Vec<Row> = std::thread::spawn(move || match database {
        Database::Sqlite(path) => {
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            diesel::sql_query(sql).load(&mut conn).unwrap()
        }
        Database::Postgres(url) => {
            let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&test_common::pgbouncer::past(
                &url,
                test_common::postgres::server(),
            ))
            .unwrap();
            diesel::sql_query(sql).load(&mut conn).unwrap()
        }
    })
    .join()
    .unwrap();
    found.into_iter().map(|row| row.value).collect()
}

/// All runs in the order of their making: status, attempt, rescues.
pub(crate) fn runs(world: &World) -> Vec<String> {
    rows(world, "SELECT status || ' ' || attempt || ' ' || rescues AS value FROM runs ORDER BY attempt, id")
}

/// How the job stands.
pub(crate) fn job_status(world: &World, n: u128) -> String {
    rows(world, &format!("SELECT status AS value FROM jobs WHERE id = {}", world.id(id(n)))).remove(0)
}

/// When the waiting runs may start, in seconds from now.
pub(crate) fn waits(world: &World) -> Vec<i64> {
    let micros = match world.database {
        Database::Sqlite(_) => "CAST(available_at AS TEXT)",
        Database::Postgres(_) => "(extract(epoch FROM available_at) * 1000000)::bigint::text",
    };
    let sql = format!("SELECT {micros} AS value FROM runs WHERE available_at IS NOT NULL ORDER BY available_at");
    let now = world.clock.now().as_micros();
    rows(world, &sql).iter().map(|at| (at.parse::<i64>().unwrap() - now) / 1_000_000).collect()
}
