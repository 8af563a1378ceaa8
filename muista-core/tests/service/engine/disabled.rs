//! Accounts that are out of use: nothing fires for them and nothing is sent to them, and both go on once they are enabled.

use muista_core::model::*;
use muista_core::service::account::user;
use muista_core::service::engine::{Capacity, claim_deliveries, fire_due, fire_due_jobs, next_delivery, next_due};
use muista_core::service::{Caller, Service};

use super::daemon;
use crate::world::*;

const NOON: &str = "2026-11-21T10:00:00Z";

async fn set(service: &Service, on: bool) {
    let (admin, ben) = (Caller::local(Origin::Cli, None), UserRef::Name("ben".parse().unwrap()));
    if on {
        user::enable(service, &admin, ben).await.unwrap()
    } else {
        user::disable(service, &admin, ben).await.unwrap()
    };
}

/// A service, and a task of the account `ben`.
async fn bens(world: &World) -> (Service, Task, Id) {
    let (service, ben) = (daemon(world), world.user("ben"));
    let task = world.as_user("ben").add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap().value;
    (service, task, ben)
}

on_both! {
    async fn reminders_wait_and_are_told_late_once(world) {
        let (service, task, _) = bens(world).await;
        world.remind(1, &task, "CRON", "0 * * * *", NOON, &[]);
        set(&service, false).await;
        world.at("2026-11-21T10:00:30Z");
        let fired = fire_due(&service, Capacity::new()).await.unwrap();
        assert_eq!((fired.fired, fired.next.reminder, world.count("occurrences", "1 = 1")), (0, None, 0));
        world.at("2026-11-21T13:30:00Z");
        assert_eq!(fire_due(&service, Capacity::new()).await.unwrap().fired, 0);
        set(&service, true).await;
        assert_eq!(next_due(&service).await.unwrap().reminder, Some(instant(NOON)));
        assert_eq!(fire_due(&service, Capacity::new()).await.unwrap().fired, 1);
        let latest = world.sql_at("2026-11-21T13:00:00Z");
        assert_eq!(world.count("occurrences", &format!("scheduled_for = {latest}")), 1);
        assert_eq!(world.reminder_at(1), Some(instant("2026-11-21T14:00:00Z")));
    }

    async fn jobs_wait_and_go_on_by_their_policy(world) {
        let (service, _, ben) = bens(world).await;
        world.planned_job(1, "0 * * * *", NOON, &[]);
        world.planned_job(2, "0 * * * *", NOON, &[("missed", "'skip'")]);
        world.planned_job(3, "0 * * * *", NOON, &[("enabled", if world.id(id(1)).starts_with('x') { "0" } else { "false" })]);
        world.sql(&format!("UPDATE jobs SET owner_id = {}", world.id(ben)));
        set(&service, false).await;
        world.at("2026-11-21T13:30:00Z");
        fire_due_jobs(&service).await.unwrap();
        assert_eq!((world.count("runs", "1 = 1"), next_due(&service).await.unwrap().job), (0, None));
        set(&service, true).await;
        fire_due_jobs(&service).await.unwrap();
        assert_eq!(world.count("runs", "status = 'pending'"), 1, "the latest of one, none of the other");
        for n in [1, 2] {
            assert_eq!(world.cursor("jobs", "next_run_at", n), Some(instant("2026-11-21T14:00:00Z")));
        }
    }

    async fn messages_are_held_and_sent_later(world) {
        let (service, task, _) = bens(world).await;
        world.remind(1, &task, "ONCE", NOON, NOON, &[]);
        world.at(NOON);
        fire_due(&service, Capacity::new()).await.unwrap();
        set(&service, false).await;
        assert_eq!(claim_deliveries(&service, Channel::Email, 10).await.unwrap().len(), 0);
        let next = next_delivery(&service, vec![Channel::Email]).await.unwrap();
        assert!(next.values().all(|at| *at > instant("2030-01-01T00:00:00Z")), "it is not looked for again and again");
        let page = world.as_user("ben").list_notifications(NotificationQuery::default()).await.unwrap();
        assert_eq!((page.items[0].status, page.items[0].next_attempt_at), (NotificationStatus::Pending, None));
        assert!(page.items[0].error_message.as_ref().unwrap().contains("disabled"));
        set(&service, true).await;
        assert_eq!(claim_deliveries(&service, Channel::Email, 10).await.unwrap().len(), 1);
    }

    async fn runs_end_and_none_begins(world) {
        use crate::run_world::{self, claim, job_status, runs, waiting};
        let (service, _, ben) = bens(world).await;
        for n in [1, 2] {
            run_world::job(world, n, "max_retries = 3");
            run_world::give(world, n, ben);
            waiting(world, n, n);
        }
        let claimed = claim(&service).await;
        set(&service, false).await;
        use muista_core::service::engine::run::*;
        assert_eq!(check_run(&service, claimed.lease).await.unwrap(), Renewal::CancelRequested);
        let finish = Finish { outcome: Outcome::Cancelled, exit_code: None, signal: Some(15), ..run_world::exit(0) };
        assert!(finish_run(&service, claimed.lease, finish).await.unwrap());
        assert_eq!((runs(world), job_status(world, 1)), (vec!["cancelled 1 0".to_owned(); 2], "pending".to_owned()));
        let why = run_world::rows(world, "SELECT error_message AS value FROM runs");
        assert_eq!(why, ["the account ben was disabled"; 2]);
        waiting(world, 3, 1);
        assert!(claim_run(&service, "one").await.unwrap().is_none());
        set(&service, true).await;
        assert!(claim_run(&service, "one").await.unwrap().is_some());
    }
}
