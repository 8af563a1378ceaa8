//! Backups by schedule: done once, and told of when they fail.

use std::time::Duration;

use muista_core::model::*;
use muista_core::service::engine::{BackupKind, BackupTurn, Performed, claim_backup, perform_backup};

use crate::backup::Place;
use crate::world::*;

async fn open_titles(place: &Place) -> Vec<String> {
    let page = place.client.list_tasks(TaskFilter::default(), Page::default()).await.unwrap();
    page.items.into_iter().map(|task| task.title).collect()
}

async fn messages(place: &Place) -> usize {
    place.client.list_notifications(NotificationQuery::default()).await.unwrap().items.len()
}

on_both! {
    async fn it_is_done_once_at_its_time(world) {
        let daily = |settings: &mut muista_core::config::BackupConfig| {
            settings.schedule = Some("0 3 * * *".parse().unwrap());
            settings.timezone = Some("UTC".to_owned());
        };
        let (place, other) = (Place::new(world, daily), Place::new(world, daily));
        let BackupTurn::Later(Some(next)) = claim_backup(&place.service, BackupKind::Backup).await.unwrap() else {
            unreachable!("nothing is due yet");
        };
        assert_eq!(next, instant("2026-11-22T03:00:00Z"));
        assert_eq!(claim_backup(&place.service, BackupKind::Drill).await.unwrap(), BackupTurn::Later(None));
        world.clock.set(next);
        assert_eq!(claim_backup(&place.service, BackupKind::Backup).await.unwrap(), BackupTurn::Now);
        assert!(matches!(claim_backup(&other.service, BackupKind::Backup).await.unwrap(), BackupTurn::Later(_)));
        assert_eq!(perform_backup(&place.service, BackupKind::Backup).await.unwrap(), Performed::Done);
        assert_eq!(place.client.list_backups(None).await.unwrap().len(), 1);
        let status = place.service.status().await.unwrap();
        assert_eq!((status.backups.len(), status.backups[0].succeeded_at), (1, Some(next)));
        assert_eq!(status.backups[0].next_at, instant("2026-11-23T03:00:00Z"));
        assert!(!status.backups[0].overdue);
        world.clock.set(instant("2026-11-24T03:00:01Z"));
        assert!(place.service.status().await.unwrap().backups[0].overdue);
    }

    async fn what_a_stop_gives_up_is_no_failure_and_is_due_as_before(world) {
        let daily = |settings: &mut muista_core::config::BackupConfig| {
            settings.schedule = Some("0 3 * * *".parse().unwrap());
            settings.timezone = Some("UTC".to_owned());
        };
        let (place, other) = (Place::new(world, daily), Place::new(world, daily));
        claim_backup(&place.service, BackupKind::Backup).await.unwrap();
        world.clock.set(instant("2026-11-22T03:00:00Z"));
        assert_eq!(claim_backup(&place.service, BackupKind::Backup).await.unwrap(), BackupTurn::Now);
        place.service.give_up();
        assert_eq!(perform_backup(&place.service, BackupKind::Backup).await.unwrap(), Performed::GivenUp);
        assert_eq!(open_titles(&place).await, Vec::<String>::new());
        assert_eq!(place.service.status().await.unwrap().backups[0].error, None);
        assert_eq!(kind(place.back_up().await), muista_core::error::ErrorKind::Unavailable);
        world.clock.set(instant("2026-11-22T03:00:01Z"));
        assert_eq!(claim_backup(&other.service, BackupKind::Backup).await.unwrap(), BackupTurn::Now);
        assert_eq!(perform_backup(&other.service, BackupKind::Backup).await.unwrap(), Performed::Done);
    }

    async fn a_failure_is_one_task_and_one_message_until_it_succeeds(world) {
        let blocked = tempfile::NamedTempFile::new().unwrap();
        let hourly = |settings: &mut muista_core::config::BackupConfig| {
            settings.schedule = Some("0 * * * *".parse().unwrap());
        };
        let failing = Place::new(world, |settings| {
            hourly(settings);
            settings.folder = blocked.path().join("below");
        });
        let working = Place::new(world, hourly);
        claim_backup(&failing.service, BackupKind::Backup).await.unwrap();
        for round in 1..=3 {
            world.clock.set(instant(NOON).plus(Duration::from_secs(3600 * round)));
            assert_eq!(claim_backup(&failing.service, BackupKind::Backup).await.unwrap(), BackupTurn::Now);
            let performed = perform_backup(&failing.service, BackupKind::Backup).await.unwrap();
            assert!(matches!(performed, Performed::Failed(_)), "{performed:?}");
            assert_eq!(open_titles(&failing).await, ["Backup failed"]);
            assert_eq!(messages(&failing).await, 1);
        }
        assert!(failing.service.status().await.unwrap().backups[0].error.is_some());
        world.clock.set(instant(NOON).plus(Duration::from_secs(3600 * 5)));
        assert_eq!(claim_backup(&working.service, BackupKind::Backup).await.unwrap(), BackupTurn::Now);
        assert_eq!(perform_backup(&working.service, BackupKind::Backup).await.unwrap(), Performed::Done);
        assert_eq!(open_titles(&working).await, Vec::<String>::new());
        assert_eq!(working.service.status().await.unwrap().backups[0].error, None);
    }
}
