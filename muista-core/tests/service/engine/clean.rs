//! What is old goes, and nothing else.

use muista_core::service::engine::clean;

use super::daemon;
use crate::world::*;

on_both! {
    async fn old_runs_go_but_not_the_newest_hundred(world) {
        world.planned_job(1, "0 * * * *", "2027-01-01T00:00:00Z", &[]);
        let (job, old) = (world.id(id(1)), "2026-09-01T00:00:00Z");
        for n in 0..105 {
            let made = world.sql_at(&format!("2026-09-01T00:{:02}:{:02}Z", n / 60, n % 60));
            let (run, ended) = (world.id(id(100 + n)), world.sql_at(old));
            world.sql(&format!(
                "INSERT INTO runs (id, job_id, triggered_by, status, finished_at, created_at)
                    VALUES ({run}, {job}, 'schedule', 'completed', {ended}, {made})"
            ));
        }
        let log = if world.id(id(1)).starts_with('x') { "x'61'" } else { "'a'::bytea" };
        let (run, made) = (world.id(id(100)), world.sql_at(old));
        world.sql(&format!("INSERT INTO run_logs (run_id, seq, stream, data, created_at) VALUES ({run}, 1, 'stdout', {log}, {made})"));
        let service = daemon(world);
        assert_eq!(clean(&service).await.unwrap(), 5);
        assert_eq!((world.count("runs", "1 = 1"), world.count("run_logs", "1 = 1")), (100, 0));
        assert_eq!(clean(&service).await.unwrap(), 0);
    }

    async fn sent_messages_and_their_occurrences_go_after_90_days(world) {
        let task = world.add("a").await;
        world.remind(1, &task, "ONCE", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", &[]);
        for (n, day, status) in [(1, "2026-08-01", "SENT"), (2, "2026-08-02", "FAILED"), (3, "2026-11-20", "SENT")] {
            let at = world.sql_at(&format!("{day}T10:00:00Z"));
            let (occurrence, reminder, user) = (world.id(id(n)), world.id(id(1)), world.id(muista_core::model::Id::LOCAL_USER));
            let sent = if status == "SENT" { at.as_str() } else { "NULL" };
            world.sql(&format!(
                "INSERT INTO occurrences (id, reminder_id, scheduled_for, fired_at)
                    VALUES ({occurrence}, {reminder}, {at}, {at})"
            ));
            world.sql(&format!(
                "INSERT INTO notifications (id, user_id, occurrence_id, recipient, channel, status, sent_at, created_at)
                    VALUES ({occurrence}, {user}, {occurrence}, 'me', 'email', '{status}', {sent}, {at})"
            ));
        }
        assert_eq!(clean(&daemon(world)).await.unwrap(), 2);
        assert_eq!((world.count("notifications", "1 = 1"), world.count("occurrences", "1 = 1")), (2, 2));
    }

    async fn a_deleted_job_goes_after_30_days_and_comes_back_without_its_runs(world) {
        use crate::job::name;
        world.job("a", muista_core::model::JobPatch::default()).await;
        world.client.run_job(name("a"), Default::default()).await.unwrap();
        world.client.delete_job(name("a")).await.unwrap();
        let service = daemon(world);
        world.at("2026-12-21T08:00:00Z");
        assert_eq!((clean(&service).await.unwrap(), world.count("jobs", "1 = 1")), (0, 1));
        world.at("2026-12-22T10:00:00Z");
        clean(&service).await.unwrap();
        assert_eq!((world.count("jobs", "1 = 1"), world.count("runs", "1 = 1")), (0, 0));
        world.undo().await;
        assert_eq!(world.client.get_job(name("a")).await.unwrap().runs, []);
    }
}
