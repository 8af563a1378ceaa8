//! The notifications as their users see them: listing, trying again, trying a channel, and who may.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::reminder::*;
use crate::world::*;

async fn list(world: &World, query: NotificationQuery) -> Vec<u8> {
    let page = world.client.list_notifications(query).await.unwrap();
    page.items.iter().map(|one| one.id.as_bytes()[15]).collect()
}

on_both! {
    async fn the_newest_come_first_page_by_page(world) {
        let task = world.add("a").await;
        let made = remind(world, &task, at("2026-12-24T08:00:00Z")).await;
        for (n, of) in [(1, Some(made.id)), (2, None), (3, None), (4, Some(made.id))] {
            world.waiting(id(n), of);
        }
        world.sql(&format!("UPDATE notifications SET channel = 'SMS' WHERE id = {}", world.id(id(2))));
        world.failed(id(3));
        let all = NotificationQuery::default;
        assert_eq!(list(world, all()).await, [4, 3, 2, 1]);
        assert_eq!(list(world, NotificationQuery { status: Some(NotificationStatus::Failed), ..all() }).await, [3]);
        assert_eq!(list(world, NotificationQuery { channel: Some(Channel::Sms), ..all() }).await, [2]);
        assert_eq!(list(world, NotificationQuery { task: Some(task.id.into()), ..all() }).await, [4, 1]);
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let query = NotificationQuery { limit: 3, cursor, ..all() };
            let page = world.client.list_notifications(query).await.unwrap();
            found.extend(page.items.iter().map(|one| one.id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, [id(4), id(3), id(2), id(1)]);
        let bad = NotificationQuery { cursor: Some("x".to_owned()), ..all() };
        assert_eq!(kind(world.client.list_notifications(bad).await), ErrorKind::NotFound);
    }

    async fn one_that_failed_is_tried_again(world) {
        world.waiting(id(1), None);
        world.failed(id(1));
        let before = world.client.get_notification(id(1)).await.unwrap();
        assert_eq!((before.status, before.attempts, before.next_attempt_at), (NotificationStatus::Failed, 4, None));
        let again = world.client.retry_notifications(vec![id(1)]).await.unwrap().remove(0);
        assert_eq!((again.status, again.attempts), (NotificationStatus::Pending, 0));
        assert_eq!(again.next_attempt_at, Some(instant("2026-11-21T10:00:00Z")));
        assert_eq!(again.error_message.as_deref(), Some("550 no such mailbox"), "until the next attempt");
        let error = world.client.retry_notifications(vec![id(1)]).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains("pending"), "{error}");
    }

    async fn all_are_tried_again_or_none(world) {
        world.waiting(id(1), None);
        world.failed(id(1));
        assert_eq!(kind(world.client.retry_notifications(vec![id(1), id(2)]).await), ErrorKind::NotFound);
        assert_eq!(world.client.get_notification(id(1)).await.unwrap().status, NotificationStatus::Failed);
    }

    async fn one_without_a_recipient_goes_to_the_one_that_is_configured_now(world) {
        world.waiting(id(1), None);
        world.failed(id(1));
        world.sql("UPDATE notifications SET recipient = ''");
        let refused = world.client.retry_notifications(vec![id(1)]).await.unwrap_err();
        assert!(refused.hint.unwrap().contains("email.to"));
        let reached = world.reached(Channel::Email, "me@example.org");
        let again = reached.retry_notifications(vec![id(1)]).await.unwrap().remove(0);
        assert_eq!(again.recipient, "me@example.org");
    }

    async fn a_channel_is_tried(world) {
        let error = world.client.test_channel(Channel::Ntfy).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains("ntfy") && error.hint.unwrap().contains("ntfy.url"));
        let sent = world.reached(Channel::Ntfy, "https://example.org/t").test_channel(Channel::Ntfy).await.unwrap();
        assert_eq!((sent.status, sent.channel), (NotificationStatus::Pending, Channel::Ntfy));
        assert_eq!(sent.recipient, "https://example.org/t");
        assert_eq!(sent.payload.as_ref().map(|content| content.kind), Some(ContentKind::Test));
        assert_eq!(sent.next_attempt_at, Some(instant("2026-11-21T10:00:00Z")));
        assert_eq!(world.client.get_notification(sent.id).await.unwrap(), sent);
    }

    async fn others_than_local_are_reached_where_their_account_says_alone(world) {
        let eva = world.user("eva");
        let client = world.reached_as(world.caller("eva"), &[(Channel::Email, "me@example.org"), (Channel::Sms, "+3581")]);
        assert_eq!(client.test_channel(Channel::Email).await.unwrap().recipient, "eva@example.org");
        let error = client.test_channel(Channel::Sms).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message == "account eva has no phone number" && error.hint.as_deref().is_some_and(|hint| hint.contains("user edit eva --phone")), "{error:?}");
        // What reached nobody goes to nobody else when it is tried again.
        world.waiting(id(1), None);
        world.failed(id(1));
        let owner = world.id(eva);
        world.sql(&format!("UPDATE notifications SET recipient = '', channel = 'SMS', user_id = {owner} WHERE id = {}", world.id(id(1))));
        assert_eq!(kind(client.retry_notifications(vec![id(1)]).await), ErrorKind::Conflict);
        world.sql(&format!("UPDATE users SET phone_number = '+35840', phone_confirmed_at = {} WHERE id = {owner}", world.moment()));
        assert_eq!(client.retry_notifications(vec![id(1)]).await.unwrap()[0].recipient, "+35840");
        let task = client.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap().value;
        let mut new = at("2026-12-24T08:00:00Z");
        new.channels = vec![Channel::Email, Channel::Sms];
        world.sql(&format!("UPDATE users SET phone_number = NULL WHERE id = {owner}"));
        let made = client.add_reminder(task.id.into(), new).await.unwrap();
        assert_eq!(made.notices.len(), 1, "{:?}", made.notices);
        assert!(made.notices[0].contains("account eva has no phone number"), "{:?}", made.notices);
    }

    async fn anothers_are_not_there(world) {
        world.waiting(id(1), None);
        world.failed(id(1));
        world.account(id(9));
        world.sql(&format!("UPDATE notifications SET user_id = {}", world.id(id(9))));
        assert_eq!(list(world, NotificationQuery::default()).await, [0_u8; 0]);
        assert_eq!(kind(world.client.get_notification(id(1)).await), ErrorKind::NotFound);
        assert_eq!(kind(world.client.retry_notifications(vec![id(1)]).await), ErrorKind::NotFound);
    }

    async fn a_reminder_tells_of_a_channel_that_reaches_nobody(world) {
        let task = world.add("a").await;
        let mut new = at("2026-12-24T08:00:00Z");
        new.channels = vec![Channel::Ntfy, Channel::Email];
        let made = world.reached(Channel::Email, "me@example.org").add_reminder(task.id.into(), new).await.unwrap();
        assert_eq!(made.notices.len(), 1);
        assert!(made.notices[0].starts_with("ntfy has no recipient") && made.notices[0].contains("ntfy.url"));
        // Naming none means the usual one.
        let made = world.client.add_reminder(task.id.into(), at("2026-12-24T08:00:00Z")).await.unwrap();
        assert!(made.notices[0].starts_with("email has no recipient"), "{:?}", made.notices);
    }
}
