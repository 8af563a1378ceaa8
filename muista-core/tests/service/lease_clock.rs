//! Clocks on the wall that are set, or wrong, while something is worked on: it is begun once and ended once. Here the
//! clocks go, with an offset, and leases are judged as in a real daemon.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use muista_core::clock::Clock;
use muista_core::model::*;
use muista_core::service::engine::run::{Renewal, claim_run, finish_run, release_runs, renew_run, rescue_runs};
use muista_core::service::engine::{Recorded, Verdict};
use muista_core::service::engine::{claim_deliveries, hold_run, next_delivery, record_deliveries};
use muista_core::service::{Service, Settings};
use muista_core::store::{Database, Store, Workers};
use muista_core::time::Instant;

use crate::run_world::*;
use crate::world::*;

/// A clock on the wall that showed noon when it was made, and is wrong by so many seconds.
struct Wrong(AtomicI64, std::time::Instant);

impl Clock for Wrong {
    fn now(&self) -> Instant {
        let off = self.0.load(Ordering::SeqCst) * 1_000_000;
        Instant::from_micros(instant(NOON).plus(self.1.elapsed()).as_micros() + off).unwrap()
    }
}

/// A daemon on the world's database, and its clock.
fn daemon_by(world: &World, seconds: i64) -> (Service, Arc<Wrong>) {
    let clock = Arc::new(Wrong(AtomicI64::new(seconds), std::time::Instant::now()));
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let store = Store::open(&options(world.database.clone(), Workers::Daemon), &shared).unwrap();
    (Service::new(store, shared).with_settings(Settings::default()), clock)
}

/// Long ago, by any clock.
fn long_ago(world: &World) -> &'static str {
    match world.database {
        Database::Sqlite(_) => "1000000",
        Database::Postgres(_) => "'2001-01-01T00:00:00Z'",
    }
}

on_both! {
    async fn a_clock_that_is_set_during_a_run_takes_nothing_from_it(world) {
        job(world, JOB, "");
        for (n, step) in [(1, 120), (2, -120)] {
            waiting(world, n, JOB);
            let (service, clock) = daemon_by(world, 0);
            let run = claim(&service).await;
            clock.0.fetch_add(step, Ordering::SeqCst);
            assert_eq!(rescue_runs(&service).await.unwrap(), 0, "{step}");
            assert_eq!(renew_run(&service, run.lease).await.unwrap(), Renewal::Held, "{step}");
            assert_eq!(rescue_runs(&service).await.unwrap(), 0, "{step}");
            assert!(claim_run(&service, "one").await.unwrap().is_none(), "{step}: it is begun once");
            assert!(finish_run(&service, run.lease, exit(0)).await.unwrap());
            assert!(!finish_run(&service, run.lease, exit(0)).await.unwrap(), "{step}: it is ended once");
            service.close();
        }
        assert_eq!(runs(world), ["completed 1 0", "completed 1 0"]);
    }

    async fn a_daemon_rescues_nothing_that_it_works_on_itself(world) {
        job(world, JOB, "");
        waiting(world, 1, JOB);
        let (service, _) = daemon_by(world, 0);
        let run = claim(&service).await;
        let holding = hold_run(&service, run.lease);
        // As if it could not renew for long.
        world.sql(&format!("UPDATE runs SET lease_until = {}", long_ago(world)));
        assert_eq!(rescue_runs(&service).await.unwrap(), 0);
        assert_eq!(release_runs(&service).await.unwrap(), 0);
        drop(holding);
        assert_eq!(rescue_runs(&service).await.unwrap(), 1);
    }

    async fn whoever_is_alone_at_the_start_takes_all_over(world) {
        job(world, JOB, "");
        waiting(world, 1, JOB);
        let (dead, _) = daemon_by(world, 3600);
        claim(&dead).await;
        let (service, _) = daemon_by(world, 0);
        assert_eq!(rescue_runs(&service).await.unwrap(), 0, "its lease may last");
        assert_eq!(release_runs(&service).await.unwrap(), 1);
        claim(&service).await;
    }

    async fn a_message_is_taken_once_however_the_clock_is_set(world) {
        message(world);
        let (service, clock) = daemon_by(world, 0);
        let taken = claim_deliveries(&service, Channel::Email, 10).await.unwrap();
        assert_eq!(taken.len(), 1);
        for step in [120, -240, 120] {
            clock.0.fetch_add(step, Ordering::SeqCst);
            assert!(claim_deliveries(&service, Channel::Email, 10).await.unwrap().is_empty(), "{step}");
            // The timer of the daemon rings when the lease would end, by the clock as it is now.
            let next = next_delivery(&service, vec![Channel::Email]).await.unwrap()[&Channel::Email];
            let left = next.since(clock.now()).as_secs();
            assert!((20..=31).contains(&left), "{step}: {left} s");
        }
        let came = Recorded { id: taken[0].id, lease: taken[0].lease, channel: Channel::Email, verdict: Verdict::Sent };
        assert_eq!(record_deliveries(&service, vec![came]).await.unwrap(), 1);
    }
}

/// Several daemons share a database where it is PostgreSQL's.
#[test]
fn a_second_daemon_whose_clock_is_ahead_takes_nothing() {
    run(Kind::Postgres, async |world| {
        job(world, JOB, "");
        waiting(world, 1, JOB);
        message(world);
        let ((first, _), (second, _)) = (daemon_by(world, 0), daemon_by(world, 60));
        let run = claim(&first).await;
        let taken = claim_deliveries(&first, Channel::Email, 10).await.unwrap();
        assert_eq!(taken.len(), 1);
        assert_eq!(rescue_runs(&second).await.unwrap(), 0);
        assert!(claim_run(&second, "two").await.unwrap().is_none(), "begun once");
        assert!(claim_deliveries(&second, Channel::Email, 10).await.unwrap().is_empty(), "sent once");
        assert_eq!(renew_run(&first, run.lease).await.unwrap(), Renewal::Held);
        assert_eq!(rescue_runs(&second).await.unwrap(), 0);
        assert!(finish_run(&first, run.lease, exit(0)).await.unwrap());
        assert_eq!(runs(world), ["completed 1 0"]);
    });
}

/// Makes a message that may be sent since long.
fn message(world: &World) {
    let (id, owner, at) = (world.id(id(77)), world.id(Id::LOCAL_USER), long_ago(world));
    world.sql(&format!(
        "INSERT INTO notifications (id, user_id, channel, recipient, status, next_attempt_at, created_at)
         VALUES ({id}, {owner}, 'email', 'me@example.org', 'PENDING', {at}, {at})"
    ));
}
