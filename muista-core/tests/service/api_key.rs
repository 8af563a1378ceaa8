//! API keys: never more than who made them, told once, refused once they are revoked or have expired.

use std::time::Duration;

use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::service::account::{api_key, user};
use muista_core::service::{Caller, Credential, project};

use crate::account::*;
use crate::world::*;

fn new_key(name: &str) -> NewApiKey {
    NewApiKey { name: name.parse().unwrap(), role: None, scopes: None, ttl_seconds: None, user: None }
}

fn scopes(text: &str) -> Option<Scopes> {
    Some(text.parse().unwrap())
}

on_both! {
    async fn a_key_is_told_once_and_works_until_it_is_revoked(world) {
        let service = world.service();
        let patch = UserPatch { timezone: Change::Set("Asia/Tokyo".to_owned().try_into().unwrap()), ..UserPatch::default() };
        user::edit_me(&service, &admin(), patch).await.unwrap();
        let made = api_key::create(&service, &admin(), new_key("laptop")).await.unwrap();
        let bare = made.key.reveal();
        assert!(bare.starts_with("muista_") && bare.len() == 50, "{bare}");
        assert_eq!(made.api_key.hint, bare[..12]);
        let caller = by_key(&service, &made.key).await.unwrap();
        assert_eq!((caller.user, &*caller.actor, caller.role), (Id::LOCAL_USER, "laptop", Role::Admin));
        assert_eq!((caller.credential, caller.scopes), (Credential::ApiKey(made.api_key.id), Scopes::of(Role::Admin)));
        assert_eq!(caller.timezone.as_deref(), Some("Asia/Tokyo"));

        let listed = api_key::list(&service, &admin(), None).await.unwrap();
        assert_eq!(listed.len(), 1);
        let all_told = format!("{listed:?} {made:?} {:?}", world.log().await);
        assert!(!all_told.contains(&bare[12..]), "{all_told}");

        let revoked = api_key::revoke(&service, &admin(), "laptop".parse().unwrap(), None).await.unwrap();
        assert!(revoked.revoked_at.is_some());
        let error = by_key(&service, &made.key).await.unwrap_err();
        assert!(error.kind == ErrorKind::Unauthenticated && error.message.contains("revoked"), "{error}");
        assert_eq!(api_key::list(&service, &admin(), None).await.unwrap(), []);
        let again = api_key::revoke(&service, &admin(), "laptop".parse().unwrap(), None).await;
        assert_eq!(kind(again), ErrorKind::NotFound);
        for wrong in ["", "muista_", "muista_x", &bare[..49], &bare.to_uppercase(), &format!("{bare}x")] {
            assert_eq!(kind(by_key(&service, &Secret::new(wrong)).await), ErrorKind::Unauthenticated, "{wrong}");
        }
        let entities: Vec<_> = world.log().await.iter().map(|entry| (entry.entity, entry.action)).take(2).collect();
        assert_eq!(entities, [(Entity::ApiKey, Action::Update), (Entity::ApiKey, Action::Create)]);
    }

    async fn a_key_may_no_more_than_who_made_it(world) {
        let service = world.service();
        person(&service, "eva").await;
        let eva = by_password(&service, "eva", PASSWORD).await.unwrap();
        let refused = async |caller: &Caller, new: NewApiKey| {
            kind(api_key::create(&service, caller, new).await)
        };
        assert_eq!(refused(&eva, NewApiKey { role: Some(Role::Admin), ..new_key("a") }).await, ErrorKind::Forbidden);
        let over = NewApiKey { scopes: scopes("tasks:read users:read"), ..new_key("a") };
        assert_eq!(refused(&eva, over).await, ErrorKind::Forbidden);
        let agent_over = NewApiKey { role: Some(Role::Agent), scopes: scopes("account:write"), ..new_key("a") };
        assert_eq!(refused(&eva, agent_over).await, ErrorKind::Forbidden);
        for user in ["local", "nobody"] {
            let others = NewApiKey { user: Some(named(user)), ..new_key("a") };
            assert_eq!(refused(&eva, others).await, ErrorKind::Forbidden);
        }
        let too_long = NewApiKey { ttl_seconds: Some(u64::MAX), ..new_key("a") };
        assert_eq!(refused(&eva, too_long).await, ErrorKind::Invalid);
        assert_eq!(refused(&eva, NewApiKey { ttl_seconds: Some(0), ..new_key("a") }).await, ErrorKind::Invalid);

        let narrow = NewApiKey { scopes: scopes("account:write,projects:read"), ..new_key("narrow") };
        let narrow = api_key::create(&service, &eva, narrow).await.unwrap();
        let narrow = by_key(&service, &narrow.key).await.unwrap();
        assert_eq!(refused(&narrow, NewApiKey { scopes: scopes("tasks:read"), ..new_key("a") }).await, ErrorKind::Forbidden);
        let same = api_key::create(&service, &narrow, new_key("same")).await.unwrap();
        assert_eq!(same.api_key.scopes, narrow.scopes);
        let agent = NewApiKey { role: Some(Role::Agent), user: Some(named("eva")), ..new_key("bot") };
        let agent = api_key::create(&service, &admin(), agent).await.unwrap();
        let agent = by_key(&service, &agent.key).await.unwrap();
        assert_eq!((agent.user, agent.role, agent.scopes), (eva.user, Role::Agent, Scopes::of(Role::Agent)));
        assert_eq!(refused(&agent, new_key("a")).await, ErrorKind::Forbidden);
        assert!(project::list(&service, &agent).await.is_ok());
    }

    async fn a_key_loses_what_its_account_loses(world) {
        let service = world.service();
        let boss = NewUser { role: Some(Role::Admin), ..new_user("boss") };
        user::add(&service, &admin(), boss).await.unwrap();
        let boss = by_password(&service, "boss", PASSWORD).await.unwrap();
        let key = api_key::create(&service, &boss, new_key("k")).await.unwrap().key;
        assert!(by_key(&service, &key).await.unwrap().scopes.has(Scope::UsersWrite));
        user::set_role(&service, &admin(), named("boss"), Role::User).await.unwrap();
        let caller = by_key(&service, &key).await.unwrap();
        assert_eq!((caller.role, caller.scopes), (Role::User, Scopes::of(Role::User)));
        user::disable(&service, &admin(), named("boss")).await.unwrap();
        assert_eq!(kind(by_key(&service, &key).await), ErrorKind::Unauthenticated);
    }

    async fn a_key_expires(world) {
        let service = world.service();
        let new = NewApiKey { ttl_seconds: Some(3600), ..new_key("short") };
        let key = api_key::create(&service, &admin(), new).await.unwrap().key;
        world.later(3599);
        assert!(by_key(&service, &key).await.is_ok());
        world.later(1);
        let error = by_key(&service, &key).await.unwrap_err();
        assert!(error.kind == ErrorKind::Unauthenticated && error.message.contains("expired"), "{error}");
    }

    async fn the_use_of_a_key_is_noted_once_a_minute(world) {
        let service = world.service();
        let key = api_key::create(&service, &admin(), new_key("k")).await.unwrap().key;
        let used = async || api_key::list(&service, &admin(), None).await.unwrap()[0].last_used_at;
        by_key(&service, &key).await.unwrap();
        let first = loop {
            if let Some(first) = used().await {
                break first;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        world.later(59);
        by_key(&service, &key).await.unwrap();
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert_eq!(used().await, Some(first));
        world.later(2);
        by_key(&service, &key).await.unwrap();
        while used().await == Some(first) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn keys_are_revoked_by_name_or_id_by_those_who_may(world) {
        let service = world.service();
        person(&service, "eva").await;
        let eva = by_password(&service, "eva", PASSWORD).await.unwrap();
        let own = api_key::create(&service, &eva, new_key("k")).await.unwrap();
        let twin = api_key::create(&service, &eva, new_key("k")).await.unwrap();
        let of_admin = api_key::create(&service, &admin(), new_key("k")).await.unwrap();
        let revoke = async |caller: &Caller, key: &str| {
            api_key::revoke(&service, caller, key.parse().unwrap(), None).await
        };
        assert_eq!(kind(revoke(&eva, "k").await), ErrorKind::Conflict);
        assert_eq!(kind(revoke(&eva, &of_admin.api_key.id.to_string()).await), ErrorKind::NotFound);
        assert!(revoke(&eva, &own.api_key.id.to_string()).await.is_ok());
        // Twice is as good as once; an admin may revoke any.
        assert!(revoke(&admin(), &own.api_key.id.to_string()).await.is_ok());
        let by_name = api_key::revoke(&service, &admin(), "k".parse().unwrap(), Some(named("eva"))).await.unwrap();
        assert_eq!(by_name.id, twin.api_key.id);
        // A key without any scope for it may still end itself.
        let narrow = NewApiKey { scopes: scopes("tasks:read"), ..new_key("n") };
        let narrow = api_key::create(&service, &eva, narrow).await.unwrap();
        let itself = by_key(&service, &narrow.key).await.unwrap();
        assert_eq!(kind(api_key::list(&service, &itself, None).await), ErrorKind::Forbidden);
        assert!(revoke(&itself, &narrow.api_key.id.to_string()).await.is_ok());
    }

    async fn a_key_does_not_outlive_what_it_rests_on(world) {
        let service = world.service();
        person(&service, "eva").await;
        let eva = by_password(&service, "eva", PASSWORD).await.unwrap();
        let short = NewApiKey { ttl_seconds: Some(5), ..new_key("short") };
        let short = api_key::create(&service, &eva, short).await.unwrap();
        let by_short = by_key(&service, &short.key).await.unwrap();
        let longer = NewApiKey { ttl_seconds: Some(6), ..new_key("longer") };
        assert_eq!(kind(api_key::create(&service, &by_short, longer).await), ErrorKind::Forbidden);
        let child = api_key::create(&service, &by_short, new_key("child")).await.unwrap();
        assert_eq!(child.api_key.expires_at, short.api_key.expires_at);
        let grandchild = api_key::create(&service, &by_key(&service, &child.key).await.unwrap(), new_key("grandchild")).await.unwrap();
        api_key::revoke(&service, &eva, "short".parse().unwrap(), None).await.unwrap();
        for key in [&short, &child, &grandchild] {
            assert_eq!(kind(by_key(&service, &key.key).await), ErrorKind::Unauthenticated, "{}", key.api_key.name);
        }
        assert_eq!(kind(api_key::create(&service, &by_short, new_key("late")).await), ErrorKind::Unauthenticated);
    }

    async fn a_key_for_another_account_ends_with_the_admin_who_made_it(world) {
        let service = world.service();
        for name in ["ann", "bob"] {
            user::add(&service, &admin(), NewUser { role: Some(Role::Admin), ..new_user(name) }).await.unwrap();
        }
        let mut keys = Vec::new();
        for name in ["ann", "bob"] {
            let caller = by_password(&service, name, PASSWORD).await.unwrap();
            let of_local = NewApiKey { user: Some(named("local")), ..new_key(name) };
            keys.push(api_key::create(&service, &caller, of_local).await.unwrap().key);
        }
        user::set_role(&service, &admin(), named("ann"), Role::User).await.unwrap();
        assert_eq!(kind(by_key(&service, &keys[0]).await), ErrorKind::Unauthenticated);
        by_key(&service, &keys[1]).await.unwrap();
        user::disable(&service, &admin(), named("bob")).await.unwrap();
        assert_eq!(kind(by_key(&service, &keys[1]).await), ErrorKind::Unauthenticated);
    }

    async fn keys_are_listed_and_revoked_with_a_changed_password(world) {
        let service = world.service();
        person(&service, "eva").await;
        let eva = by_password(&service, "eva", PASSWORD).await.unwrap();
        let key = api_key::create(&service, &eva, new_key("laptop")).await.unwrap().key;
        let new = |old: &str, text: &str, revoke_keys| NewPassword {
            user: None, old_password: Some(Secret::new(old)), password: password(text), revoke_keys,
        };
        let set = user::set_password(&service, &eva, new(PASSWORD, "another horse", false)).await.unwrap();
        assert_eq!(set.keys.iter().map(|key| &*key.name).collect::<Vec<_>>(), ["laptop"]);
        let asks = by_key(&service, &key).await.unwrap();
        api_key::create(&service, &eva, new_key("phone")).await.unwrap();
        let set = user::set_password(&service, &asks, new("another horse", "a third horse", true)).await.unwrap();
        assert_eq!(set.keys.iter().map(|key| &*key.name).collect::<Vec<_>>(), ["laptop"], "but that which asks");
        let set = user::set_password(&service, &eva, new("a third horse", "a fourth horse", true)).await.unwrap();
        assert_eq!(set.keys, []);
        assert_eq!(kind(by_key(&service, &key).await), ErrorKind::Unauthenticated);
    }
}
