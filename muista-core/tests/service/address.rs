//! Confirming addresses: nothing goes to one before its owner has shown to read what is sent there.

use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::rpc::in_process_as;
use muista_core::service::account::{address, reset, user};
use muista_core::service::engine::{Capacity, claim_deliveries, fire_due};
use muista_core::service::{Service, Settings, notification};

use crate::account::*;
use crate::session::mailed;
use crate::world::*;

async fn registered(world: &World, name: &str) -> (Service, muista_core::service::Caller) {
    let service = world.service_with(Settings { mail: true, register: true, ..settings() });
    user::register(&service, &nobody(), new_user(name)).await.unwrap();
    let caller = by_password(&service, name, PASSWORD).await.unwrap();
    (service, caller)
}

/// The code in the mail that was sent to an address.
async fn code(service: &Service, address: &str) -> String {
    let mail = mailed(service).await;
    assert_eq!((&*mail.recipient, mail.content.kind), (address, ContentKind::AddressConfirmation));
    let note = mail.content.note.unwrap();
    note.split_whitespace().find(|word| word.len() == 11 && word.as_bytes()[5] == b'-').unwrap().to_owned()
}

fn email(to: &str) -> UserPatch {
    let password = Some(Secret::new(PASSWORD));
    UserPatch { email: Change::Set(to.parse().unwrap()), password, ..UserPatch::default() }
}

on_both! {
    async fn what_a_stranger_says_is_an_address_gets_a_code_alone(world) {
        let (service, eva) = registered(world, "eva").await;
        let sent = code(&service, "eva@example.org").await;
        let error = notification::test(&service, &eva, Channel::Email).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains("not confirmed") && error.hint.unwrap().contains("muista user confirm"));
        // Neither does a mail for a forgotten password go there.
        reset::forgot(&service, &nobody(), "eva");
        // The code is not for who may only look at what was sent.
        let seen = notification::list(&service, &eva, NotificationQuery::default()).await.unwrap();
        assert!(!format!("{seen:?}").contains(&sent), "{seen:?}");

        assert_eq!(kind(address::confirm(&service, &eva, "AAAAA-AAAAA").await), ErrorKind::Invalid);
        let typed = sent.to_lowercase().replace('-', " ");
        let confirmed = address::confirm(&service, &eva, &typed).await.unwrap();
        assert!(confirmed.email_confirmed_at.is_some());
        assert_eq!(kind(address::confirm(&service, &eva, &sent).await), ErrorKind::Invalid, "it works once");
        notification::test(&service, &eva, Channel::Email).await.unwrap();
        assert_eq!(mailed(&service).await.content.kind, ContentKind::Test);
        assert_eq!(kind(address::send_code(&service, &eva, Channel::Email).await), ErrorKind::Conflict);
    }

    async fn what_waits_for_an_address_goes_out_once_that_is_confirmed(world) {
        let (service, eva) = registered(world, "eva").await;
        let sent = code(&service, "eva@example.org").await;
        let client = in_process_as(service.clone(), eva.clone());
        let remind = async |number: u128| {
            let task = client.add_task(NewTask::titled(Title::parse("Feed the cat").unwrap())).await.unwrap();
            world.remind(number, &task.value, "ONCE", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", &[]);
            fire_due(&service, Capacity::new()).await.unwrap();
        };
        remind(1).await;
        let waiting = async || claim_deliveries(&service, Channel::Email, 9).await.unwrap();
        assert_eq!(waiting().await.len(), 0);
        address::confirm(&service, &eva, &sent).await.unwrap();
        let [mail] = &waiting().await[..] else { panic!("it does not go out") };
        assert_eq!((&*mail.recipient, &*mail.content.title), ("eva@example.org", "Feed the cat"));
        // An admin confirms an address by saying it, also one that is there already.
        world.later(60);
        user::edit_me(&service, &eva, email("new@example.org")).await.unwrap();
        code(&service, "new@example.org").await;
        remind(2).await;
        assert_eq!(waiting().await.len(), 0);
        let said = UserPatch { password: None, ..email("new@example.org") };
        assert!(user::edit(&service, &admin(), named("eva"), said).await.unwrap().email_confirmed_at.is_some());
        let [mail] = &waiting().await[..] else { panic!("it does not go out") };
        assert_eq!(mail.recipient, "new@example.org");
    }

    async fn another_address_is_confirmed_anew(world) {
        let (service, eva) = registered(world, "eva").await;
        let first = code(&service, "eva@example.org").await;
        world.later(60);
        let edited = user::edit_me(&service, &eva, email("new@example.org")).await.unwrap();
        assert_eq!(edited.email_confirmed_at, None);
        let second = code(&service, "new@example.org").await;
        assert_eq!(kind(address::confirm(&service, &eva, &first).await), ErrorKind::Invalid);
        address::confirm(&service, &eva, &second).await.unwrap();
        // What an admin sets is confirmed with that.
        let set = user::edit(&service, &admin(), named("eva"), UserPatch { password: None, ..email("third@example.org") }).await;
        assert!(set.unwrap().email_confirmed_at.is_some());
        let max = person(&service, "max").await;
        assert!(max.email_confirmed_at.is_some());
    }

    async fn codes_are_sent_at_growing_intervals(world) {
        let (service, eva) = registered(world, "eva").await;
        let sent = async || {
            notification::list(&service, &eva, NotificationQuery::default()).await.unwrap().items.len()
        };
        for (n, pause) in [60, 300, 1800, 7200].into_iter().enumerate() {
            // Another address is none the less one of the same account.
            user::edit_me(&service, &eva, email(&format!("e{n}@example.org"))).await.unwrap();
            address::send_code(&service, &eva, Channel::Email).await.unwrap();
            assert_eq!(sent().await, n + 1, "one is on its way");
            world.later(60);
            if pause > 60 {
                let error = address::send_code(&service, &eva, Channel::Email).await.unwrap_err();
                assert_eq!((error.kind, error.retry_after), (ErrorKind::RateLimited, Some(pause - 60)));
                world.later(u64::from(pause) - 60);
            }
            address::send_code(&service, &eva, Channel::Email).await.unwrap();
            assert_eq!(sent().await, n + 2);
        }
        // Nor is one address flooded through many accounts.
        for name in ["a", "b", "c"] {
            let new = NewUser { email: Some("e3@example.org".parse().unwrap()), ..new_user(name) };
            assert_eq!(kind(user::register(&service, &nobody(), new).await), ErrorKind::Conflict);
        }
    }

    async fn codes_are_not_guessed(world) {
        let (service, eva) = registered(world, "eva").await;
        let sent = code(&service, "eva@example.org").await;
        for _ in 0..5 {
            assert_eq!(kind(address::confirm(&service, &eva, "22222-22222").await), ErrorKind::Invalid);
        }
        assert_eq!(kind(address::confirm(&service, &eva, &sent).await), ErrorKind::RateLimited);
        world.later(61);
        address::confirm(&service, &eva, &sent).await.unwrap();
    }

    async fn names_of_those_who_run_it_are_not_registered(world) {
        let service = world.service_with(Settings { register: true, ..settings() });
        for name in ["admin", "adm1n", "root", "support"] {
            assert_eq!(kind(user::register(&service, &nobody(), new_user(name)).await), ErrorKind::Conflict, "{name}");
        }
        user::add(&service, &admin(), new_user("admin")).await.unwrap();
    }
}
