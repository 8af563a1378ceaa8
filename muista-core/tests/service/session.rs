//! Logging in, the lockout, refresh tokens, forgotten passwords.

use std::time::Duration;

use muista_core::error::{Error, ErrorKind, Result};
use muista_core::model::*;
use muista_core::service::account::{reset, session};
use muista_core::service::engine::claim_deliveries;
use muista_core::service::{Caller, Credential, Service, Settings, audit, notification};
use muista_core::store::Workers;

use crate::account::*;
use crate::world::*;

async fn refresh(service: &Service, caller: &Caller, token: &Secret) -> Result<SignedIn> {
    session::refresh(service, caller, token.clone()).await
}

/// How many seconds until the next attempt; none where the password was looked at.
fn wait<T: std::fmt::Debug>(result: Result<T>) -> Option<u32> {
    match result.unwrap_err() {
        Error { kind: ErrorKind::RateLimited, retry_after, .. } => retry_after,
        error => {
            assert_eq!(error.kind, ErrorKind::Unauthenticated, "{error}");
            None
        }
    }
}

on_both! {
    async fn a_session_is_begun_listed_and_ended(world) {
        let service = world.service();
        let eva = person(&service, "eva").await;
        let login_data = Login { username: "EVA@example.org".to_owned(), password: Secret::new(PASSWORD) };
        let from = Requester { user_agent: Some("x".repeat(1000)), address: Some("192.0.2.1".to_owned()) };
        let first = session::login(&service, &nobody(), login_data, from).await.unwrap();
        assert_eq!((&first.user, first.session.current, first.refresh_token.reveal().len()), (&eva, true, 43));
        world.tick();
        let second = login(&service, "eva", PASSWORD).await.unwrap();
        let caller = signed_in(&service, &second).await.unwrap();
        assert_eq!((caller.user, caller.role, caller.scopes), (eva.id, Role::User, Scopes::of(Role::User)));
        let sessions = session::list(&service, &caller).await.unwrap();
        let told: Vec<_> = sessions.iter().map(|s| (s.id, s.current, s.address.as_deref())).collect();
        assert_eq!(told, [(second.session.id, true, None), (first.session.id, false, Some("192.0.2.1"))]);
        assert_eq!(sessions[1].user_agent.as_ref().map(String::len), Some(300));

        session::end(&service, &caller, first.session.id).await.unwrap();
        assert_eq!(kind(session::end(&service, &caller, first.session.id).await), ErrorKind::NotFound);
        assert_eq!(kind(refresh(&service, &nobody(), &first.refresh_token).await), ErrorKind::Unauthenticated);
        session::logout(&service, &caller).await.unwrap();
        assert_eq!(kind(signed_in(&service, &second).await), ErrorKind::Unauthenticated);
        assert_eq!(kind(session::logout(&service, &admin()).await), ErrorKind::Conflict);

        let (third, fourth) = (login(&service, "eva", PASSWORD).await.unwrap(), login(&service, "eva", PASSWORD).await.unwrap());
        session::logout_with(&service, &nobody(), third.refresh_token.clone()).await.unwrap();
        session::logout_with(&service, &nobody(), third.refresh_token.clone()).await.unwrap();
        assert_eq!(kind(signed_in(&service, &third).await), ErrorKind::Unauthenticated);
        session::end_all(&service, &signed_in(&service, &fourth).await.unwrap()).await.unwrap();
        assert_eq!(kind(signed_in(&service, &fourth).await), ErrorKind::Unauthenticated);
    }

    async fn nobody_ends_anothers_session(world) {
        let service = world.service();
        person(&service, "eva").await;
        person(&service, "adam").await;
        let of_eva = login(&service, "eva", PASSWORD).await.unwrap();
        let adam = by_password(&service, "adam", PASSWORD).await.unwrap();
        assert_eq!(kind(session::end(&service, &adam, of_eva.session.id).await), ErrorKind::NotFound);
        assert!(signed_in(&service, &of_eva).await.is_ok());
    }

    async fn a_name_is_locked_after_five_wrong_passwords(world) {
        let service = world.service();
        person(&service, "eva").await;
        // A name without an account is treated the same.
        for name in ["eva", "nobody"] {
            for _ in 0..5 {
                assert_eq!(wait(login(&service, &name.to_uppercase(), "wrong horse").await), None);
            }
            assert_eq!(wait(login(&service, name, PASSWORD).await), Some(60));
            world.later(59);
            assert_eq!(wait(by_password(&service, name, PASSWORD).await), Some(1));
            world.later(1);
            // Each further one doubles it, up to an hour.
            for expected in [120, 240, 480, 960, 1920, 3600, 3600] {
                assert_eq!(wait(login(&service, name, "wrong horse").await), None);
                assert_eq!(wait(login(&service, name, "wrong horse").await), Some(expected));
                world.later(expected.into());
            }
        }
        // The right one is taken, and begins anew.
        assert!(login(&service, "eva", PASSWORD).await.is_ok());
        for _ in 0..4 {
            assert_eq!(wait(login(&service, "eva", "wrong horse").await), None);
        }
        assert!(login(&service, "eva", PASSWORD).await.is_ok());
        assert_eq!(wait(login(&service, "eva", "wrong horse").await), None);
        assert!(login(&service, "eva", PASSWORD).await.is_ok());
    }

    async fn guesses_that_are_sent_together_count_too(world) {
        let service = world.service();
        person(&service, "eva").await;
        let wrong = (0..20).map(|_| login(&service, "eva", "wrong horse"));
        let looked_at = futures::future::join_all(wrong).await.into_iter().map(wait).filter(Option::is_none).count();
        assert_eq!(looked_at, 5);
        assert_eq!(wait(login(&service, "eva", PASSWORD).await), Some(60));
    }

    async fn a_refresh_token_is_good_once(world) {
        let service = world.service();
        person(&service, "eva").await;
        let first = login(&service, "eva", PASSWORD).await.unwrap();
        world.later(3600);
        let second = refresh(&service, &nobody(), &first.refresh_token).await.unwrap();
        assert_eq!((second.session.id, second.session.created_at), (first.session.id, first.session.created_at));
        assert!(second.session.expires_at > first.session.expires_at && second.refresh_token != first.refresh_token);
        let third = refresh(&service, &nobody(), &second.refresh_token).await.unwrap();
        let bystander = login(&service, "eva", PASSWORD).await.unwrap();
        assert!(signed_in(&service, &third).await.is_ok());
        // A used one ends the session for the thief and for the owner, and no other session.
        let error = refresh(&service, &nobody(), &first.refresh_token).await.unwrap_err();
        assert!(error.kind == ErrorKind::Unauthenticated && error.message.contains("used already"), "{error}");
        assert_eq!(kind(refresh(&service, &nobody(), &third.refresh_token).await), ErrorKind::Unauthenticated);
        assert_eq!(kind(signed_in(&service, &third).await), ErrorKind::Unauthenticated);
        assert!(signed_in(&service, &bystander).await.is_ok());
        assert_eq!(kind(refresh(&service, &nobody(), &Secret::new("x".repeat(43))).await), ErrorKind::Unauthenticated);
        let eva = signed_in(&service, &bystander).await.unwrap();
        let query = AuditQuery { limit: 100, ..AuditQuery::default() };
        let entries = audit::list(&service, &eva, query).await.unwrap().items;
        let ended = entries.iter().filter(|e| e.entity == Entity::Session && e.action == Action::Delete).count();
        assert_eq!(ended, 1, "{entries:#?}");
    }

    async fn a_session_that_is_not_refreshed_for_30_days_is_over(world) {
        let service = world.service();
        person(&service, "eva").await;
        let first = login(&service, "eva", PASSWORD).await.unwrap();
        world.later(29 * 86_400);
        let second = refresh(&service, &nobody(), &first.refresh_token).await.unwrap();
        world.later(29 * 86_400);
        assert!(signed_in(&service, &second).await.is_ok());
        world.later(86_400);
        assert_eq!(kind(signed_in(&service, &second).await), ErrorKind::Unauthenticated);
        assert_eq!(kind(refresh(&service, &nobody(), &second.refresh_token).await), ErrorKind::Unauthenticated);
    }

    async fn a_repeated_refresh_gets_the_same_answer(world) {
        let service = world.service();
        person(&service, "eva").await;
        let first = login(&service, "eva", PASSWORD).await.unwrap();
        let caller = with_key(nobody(), "refresh-1");
        let second = refresh(&service, &caller, &first.refresh_token).await.unwrap();
        assert_eq!(refresh(&service, &caller, &first.refresh_token).await.unwrap(), second);
        assert!(refresh(&service, &nobody(), &second.refresh_token).await.is_ok());
    }

    async fn of_two_refreshes_at_once_one_wins(world) {
        let services: Vec<_> = (0..4).map(|_| {
            let options = options(world.database.clone(), Workers::Daemon);
            serve(&options, world.clock.clone(), settings()).unwrap()
        }).collect();
        person(&services[0], "eva").await;
        let first = login(&services[0], "eva", PASSWORD).await.unwrap();
        let all = services.iter().map(|service| {
            let (service, token) = (service.clone(), first.refresh_token.clone());
            tokio::spawn(async move { refresh(&service, &nobody(), &token).await })
        });
        let answers: Vec<_> = futures::future::join_all(all).await.into_iter().map(|answer| answer.unwrap()).collect();
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
        for service in services {
            tokio::task::spawn_blocking(move || service.close()).await.unwrap();
        }
    }

    async fn a_forgotten_password_is_set_once_by_mail(world) {
        let service = world.service_with(Settings { mail: true, url: Some("https://m.example.org".to_owned()), ..settings() });
        let eva = person(&service, "eva").await;
        let session = login(&service, "eva", PASSWORD).await.unwrap();
        for _ in 0..6 {
            let _ = login(&service, "eva", "wrong horse").await;
        }
        reset::forgot(&service, &nobody(), "nobody@example.org");
        reset::forgot(&service, &nobody(), "Eva@example.org");
        let mail = mailed(&service).await;
        assert_eq!((&*mail.recipient, mail.content.kind), ("eva@example.org", ContentKind::PasswordReset));
        let note = mail.content.note.unwrap();
        assert!(note.contains("https://m.example.org/password/reset#token="), "{note}");
        let token = note.split("token=").nth(1).unwrap().split_whitespace().next().unwrap();
        // Who may only look at notifications cannot take the account over.
        let caller = Caller::of(eva, Origin::Rest, Credential::Password);
        let seen = notification::list(&service, &caller, NotificationQuery::default()).await;
        assert_eq!(seen.unwrap().items[0].payload.as_ref().and_then(|content| content.note.clone()), None);

        let to = |token: &str, new: &str| PasswordReset { token: Secret::new(token), password: password(new), revoke_keys: false };
        assert_eq!(kind(reset::reset(&service, &nobody(), to("wrong", "another horse")).await), ErrorKind::Unauthenticated);
        assert_eq!(kind(reset::reset(&service, &nobody(), to(token, "eva@example.org")).await), ErrorKind::Invalid);
        let repeatable = with_key(nobody(), "reset-1");
        reset::reset(&service, &repeatable, to(token, "another horse")).await.unwrap();
        assert_eq!(reset::reset(&service, &repeatable, to(token, "another horse")).await.unwrap().username, "eva");
        assert_eq!(kind(reset::reset(&service, &nobody(), to(token, "third horse")).await), ErrorKind::Unauthenticated);
        assert_eq!(kind(signed_in(&service, &session).await), ErrorKind::Unauthenticated);
        // The lockout that a stranger caused is over as well.
        assert!(login(&service, "eva", "another horse").await.is_ok());
    }

    async fn a_token_ends_with_the_address_it_was_mailed_to(world) {
        let service = world.service();
        person(&service, "eva").await;
        reset::forgot(&service, &nobody(), "eva");
        let note = mailed(&service).await.content.note.unwrap();
        let token = note.split_whitespace().find(|word| word.len() == 43).unwrap().to_owned();
        let moved = UserPatch { email: Change::Set("new@example.org".parse().unwrap()), ..UserPatch::default() };
        muista_core::service::account::user::edit(&service, &admin(), named("eva"), moved).await.unwrap();
        let late = PasswordReset { token: Secret::new(token), password: password("another horse"), revoke_keys: false };
        assert_eq!(kind(reset::reset(&service, &nobody(), late).await), ErrorKind::Unauthenticated);
    }

    async fn wrong_passwords_for_a_name_and_for_its_address_are_one_count(world) {
        let service = world.service();
        person(&service, "eva").await;
        for n in 0..5 {
            let name = if n % 2 == 0 { "eva" } else { "EVA@example.org" };
            assert_eq!(kind(login(&service, name, "wrong horse").await), ErrorKind::Unauthenticated);
        }
        for name in ["eva", "eva@example.org"] {
            assert_eq!(kind(login(&service, name, PASSWORD).await), ErrorKind::RateLimited, "{name}");
        }
    }

    async fn a_token_for_a_forgotten_password_lasts_an_hour(world) {
        let service = world.service();
        person(&service, "eva").await;
        reset::forgot(&service, &nobody(), "eva");
        let note = mailed(&service).await.content.note.unwrap();
        let token = note.split_whitespace().find(|word| word.len() == 43).unwrap();
        world.later(3600);
        let late = PasswordReset { token: Secret::new(token), password: password("another horse"), revoke_keys: false };
        assert_eq!(kind(reset::reset(&service, &nobody(), late).await), ErrorKind::Unauthenticated);
        assert!(login(&service, "eva", PASSWORD).await.is_ok());
    }
}

/// The mail that goes out, once it waits.
pub(crate) async fn mailed(service: &Service) -> muista_core::service::engine::Delivery {
    for _ in 0..5000 {
        if let Some(mail) = claim_deliveries(service, Channel::Email, 10).await.unwrap().pop() {
            return mail;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("no mail");
}
