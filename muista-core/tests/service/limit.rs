//! What bounds an account other than `local`: how it is told, how often, and what waits until it can be.

use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::service::account::user;
use muista_core::service::engine::{Capacity, claim_deliveries, fire_due};
use muista_core::service::notification::send_held_of_local;
use muista_core::service::{Caller, notification};
use muista_core::time::Rule;

use crate::job::name;
use crate::run_world::daemon_with;
use crate::world::*;

const NOON: &str = "2026-11-21T10:00:00Z";

fn every(rule: &str) -> NewReminder {
    let rule: Rule = rule.parse().unwrap();
    NewReminder::new(Trigger::Every { words: rule.to_string(), rule })
}

fn on(channel: Channel) -> NewReminder {
    NewReminder { channels: vec![channel], ..NewReminder::new(Trigger::At(instant("2026-11-22T10:00:00Z"))) }
}

async fn bens_task(world: &World) -> Task {
    world.as_user("ben").add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap().value
}

on_both! {
    async fn channels_of_the_daemons_own_user_are_refused_to_others_at_once(world) {
        world.user("ben");
        let (ben, task) = (world.as_user("ben"), bens_task(world).await);
        for channel in [Channel::Ntfy, Channel::Webhook, Channel::Desktop] {
            let error = ben.add_reminder(task.id.into(), on(channel)).await.unwrap_err();
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("channels")), "{error}");
            assert_eq!(error.hint.as_deref(), Some("choose email or SMS"));
            let mut new = NewTask::titled(Title::parse("b").unwrap());
            new.reminders = vec![on(channel)];
            let error = ben.add_task(new).await.unwrap_err();
            assert_eq!(error.field.as_deref(), Some("reminder.channels"));
            let patch = JobPatch { channels: Some(vec![channel]), ..JobPatch::default() };
            let new = NewJob { name: name("a"), script: "weather".to_owned(), settings: patch };
            assert_eq!(ben.add_job(new).await.unwrap_err().field.as_deref(), Some("channels"));
        }
        assert_eq!(ben.list_tasks(TaskFilter::default(), Page::default()).await.unwrap().items.len(), 1, "nothing was half made");
        ben.add_reminder(task.id.into(), on(Channel::Sms)).await.unwrap();
        let own = world.add("c").await;
        world.client.add_reminder(own.id.into(), on(Channel::Ntfy)).await.unwrap();
    }

    async fn a_message_waits_for_its_recipient(world) {
        let ben = world.user("ben");
        let task = bens_task(world).await;
        world.as_user("ben").add_reminder(task.id.into(), on(Channel::Sms)).await.unwrap();
        let service = daemon_with(world, |_| {});
        world.at("2026-11-22T10:00:00Z");
        assert_eq!(fire_due(&service, Capacity::from([(Channel::Sms, 5)])).await.unwrap().deliveries.len(), 0);
        let page = world.as_user("ben").list_notifications(NotificationQuery::default()).await.unwrap();
        let [waiting] = &page.items[..] else { panic!("{page:?}") };
        assert_eq!((waiting.status, waiting.next_attempt_at), (NotificationStatus::Pending, None));
        let why = waiting.error_message.as_deref();
        assert_eq!(why, Some("account ben has no phone number: set one with `muista user edit ben --phone +358401234567`"));
        world.at("2026-11-23T10:00:00Z");
        assert_eq!(claim_deliveries(&service, Channel::Sms, 5).await.unwrap().len(), 0);
        let patch = UserPatch { phone_number: Change::Set("+358401234567".parse().unwrap()), ..UserPatch::default() };
        user::edit(&service, &Caller::local(Origin::Cli, None), UserRef::Id(ben), patch).await.unwrap();
        let claimed = claim_deliveries(&service, Channel::Sms, 5).await.unwrap();
        assert_eq!(claimed.iter().map(|one| one.recipient.as_str()).collect::<Vec<_>>(), ["+358401234567"]);
    }

    async fn what_waits_for_local_goes_out_once_it_is_configured(world) {
        let task = world.add("a").await;
        world.client.add_reminder(task.id.into(), on(Channel::Sms)).await.unwrap();
        world.at("2026-11-22T10:00:00Z");
        let service = daemon_with(world, |_| {});
        fire_due(&service, Capacity::new()).await.unwrap();
        send_held_of_local(&service).await.unwrap();
        assert_eq!(claim_deliveries(&service, Channel::Sms, 5).await.unwrap().len(), 0);
        let set = |settings: &mut muista_core::service::Settings| {
            settings.recipients.insert(Channel::Sms, "+358401234567".to_owned());
        };
        send_held_of_local(&daemon_with(world, set)).await.unwrap();
        assert_eq!(claim_deliveries(&service, Channel::Sms, 5).await.unwrap().len(), 1);
    }

    async fn more_messages_than_may_go_wait_and_more_than_a_day_has_are_given_up(world) {
        world.user("ben");
        let (task, own) = (bens_task(world).await, world.add("b").await);
        for n in 0..6 {
            world.remind(n, &task, "ONCE", NOON, NOON, &[]);
            world.remind(10 + n, &own, "ONCE", NOON, NOON, &[]);
        }
        let service = daemon_with(world, |settings| {
            (settings.limits.messages_a_minute, settings.limits.messages_a_day) = (2, 5);
        });
        fire_due(&service, Capacity::new()).await.unwrap();
        let of = |user: &str, more: &str| {
            let user = format!("user_id = (SELECT id FROM users WHERE username = '{user}')");
            world.count("notifications", &format!("{user} AND {more}"))
        };
        assert_eq!(of("local", "error_message IS NULL"), 6, "whoever runs the daemon has no such limits");
        let at = |text: &str| format!("next_attempt_at = {}", world.sql_at(text));
        let waiting = ["2026-11-21T10:00:00Z", "2026-11-21T10:01:00Z", "2026-11-21T10:02:00Z"].map(|text| of("ben", &at(text)));
        assert_eq!((waiting, of("ben", "status = 'FAILED'")), ([2, 2, 1], 1));
        assert_eq!(of("ben", "error_message LIKE '%raise `limits.messages_a_day`%'"), 1);
        assert_eq!(of("ben", "error_message LIKE '%raise `limits.messages_a_minute`%'"), 3);
    }

    async fn nothing_sends_more_at_a_time_than_may_go(world) {
        let ben = world.user("ben");
        let task = bens_task(world).await;
        for n in 0..7 {
            world.remind(n, &task, "ONCE", NOON, NOON, &[]);
        }
        let service = daemon_with(world, |settings| {
            (settings.limits.messages_a_minute, settings.limits.messages_a_day) = (2, 5);
        });
        fire_due(&service, Capacity::new()).await.unwrap();
        let at = |text: &str, minutes: [&str; 3]| {
            let on = |minute: &str| format!("next_attempt_at = {}", world.sql_at(&format!("{text}:{minute}:00Z")));
            minutes.map(|minute| world.count("notifications", &on(minute)))
        };
        let failed = || world.count("notifications", "status = 'FAILED'");
        assert_eq!(at("2026-11-21T10", ["00", "01", "02"]), [2, 2, 1]);
        let admin = Caller::local(Origin::Cli, None);
        // What was held goes out as it would have, and so does what comes back with its reminders.
        user::disable(&service, &admin, UserRef::Id(ben)).await.unwrap();
        claim_deliveries(&service, Channel::Email, 9).await.unwrap();
        world.at("2026-11-21T10:05:00Z");
        claim_deliveries(&service, Channel::Email, 9).await.unwrap();
        user::enable(&service, &admin, UserRef::Id(ben)).await.unwrap();
        assert_eq!((at("2026-11-21T10", ["05", "06", "07"]), failed()), ([2, 2, 1], 2));
        world.as_user("ben").delete_tasks(refs(&[&task])).await.unwrap();
        world.at("2026-11-21T10:10:00Z");
        world.as_user("ben").undo(Undo { target: UndoTarget::Steps(1) }).await.unwrap();
        // This one's service has the usual limits: thirty a minute.
        assert_eq!(at("2026-11-21T10", ["10", "11", "12"]), [5, 0, 0]);
        // Nor do those go out that were given up, however often somebody tries them again.
        let ben = world.caller("ben");
        let page = notification::list(&service, &ben, NotificationQuery::default()).await.unwrap();
        let given_up = page.items.iter().filter(|one| one.status == NotificationStatus::Failed).map(|one| one.id).collect();
        let error = notification::retry(&service, &ben, given_up).await.unwrap_err();
        assert_eq!((error.kind, error.limit.as_deref()), (ErrorKind::Quota, Some("limits.messages_a_day")));
    }

    async fn others_reminders_are_not_too_close_to_each_other(world) {
        world.user("ben");
        let (ben, task, own) = (world.as_user("ben"), bens_task(world).await, world.add("b").await);
        for rule in ["PT30S", "* * * * * *", "0,30 0 * * * *"] {
            let error = ben.add_reminder(task.id.into(), every(rule)).await.unwrap_err();
            assert_eq!((error.kind, error.limit.as_deref()), (ErrorKind::Quota, Some("limits.reminder_seconds")), "{rule}");
            assert!(error.hint.unwrap().contains("raise `limits.reminder_seconds`"));
            world.client.add_reminder(own.id.into(), every(rule)).await.unwrap();
        }
        ben.add_reminder(task.id.into(), every("PT1M")).await.unwrap();
        ben.add_reminder(task.id.into(), every("*/5 * * * *")).await.unwrap();
    }
}
