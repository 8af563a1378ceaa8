//! Accounts: made, changed, disabled by admins; a password is set by whoever knows the old one or manages accounts.

use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::service::Settings;
use muista_core::service::account::user;

use crate::account::*;
use crate::world::*;

fn new_password(of: Option<&str>, old: Option<&str>, new: &str) -> NewPassword {
    NewPassword { user: of.map(named), old_password: old.map(Secret::new), password: password(new), revoke_keys: false }
}

on_both! {
    async fn an_account_is_made_and_listed(world) {
        let service = world.service();
        let eva = person(&service, "Eva").await;
        assert_eq!((&*eva.username, eva.email.as_deref(), eva.role), ("eva", Some("eva@example.org"), Role::User));
        let same_name = NewUser { email: None, ..new_user("EVA") };
        assert_eq!(kind(user::add(&service, &admin(), same_name).await), ErrorKind::Conflict);
        let same_mail = NewUser { email: Some("EVA@example.org".parse().unwrap()), ..new_user("evi") };
        let error = user::add(&service, &admin(), same_mail).await.unwrap_err();
        assert!(error.kind == ErrorKind::Conflict && error.message.contains("eva@example.org"), "{error}");
        let guessed = NewUser { password: Some(password("bob@Example.org")), ..new_user("bob") };
        assert_eq!(kind(user::add(&service, &admin(), guessed).await), ErrorKind::Invalid);

        person(&service, "adam").await;
        let first = user::list(&service, &admin(), UserQuery { limit: 2, cursor: None }).await.unwrap();
        let names: Vec<_> = first.items.iter().map(|user| user.username.as_str()).collect();
        assert_eq!(names, ["adam", "eva"]);
        let query = UserQuery { limit: 2, cursor: first.next_cursor };
        let second = user::list(&service, &admin(), query).await.unwrap();
        assert_eq!((second.items.len(), &*second.items[0].username, second.next_cursor), (1, "local", None));
        assert_eq!(second.items[0].role, Role::Admin);
    }

    async fn the_record_tells_of_accounts_but_not_of_passwords(world) {
        let service = world.service();
        let task = world.add("before").await;
        let eva = person(&service, "eva").await;
        user::set_password(&service, &admin(), new_password(Some("eva"), None, "another horse")).await.unwrap();
        let log = world.log().await;
        let told: Vec<_> = log.iter().take(2).map(|entry| (entry.entity, entry.action, entry.record_id)).collect();
        assert_eq!(told, [(Entity::User, Action::Update, eva.id), (Entity::User, Action::Create, eva.id)]);
        let text = serde_json::to_string(&log).unwrap();
        assert!(!text.contains("argon2") && !text.contains("horse") && !text.contains("hash"), "{text}");
        // It is no change of tasks: undo passes over it, and refuses it where it is named.
        assert_eq!(kind(world.undo_change(log[0].change_id).await), ErrorKind::Conflict);
        world.undo().await;
        assert_eq!(kind(world.get(&task).await), ErrorKind::NotFound);
        assert!(by_password(&service, "eva", "another horse").await.is_ok());
    }

    async fn a_person_sees_and_changes_only_their_own_account(world) {
        let service = world.service();
        person(&service, "eva").await;
        person(&service, "adam").await;
        let eva = by_password(&service, "eva", PASSWORD).await.unwrap();
        assert_eq!((user::me(&service, &eva).await.unwrap().username, &*eva.actor), ("eva".to_owned(), "eva"));
        assert_eq!(kind(user::list(&service, &eva, UserQuery::default()).await), ErrorKind::Forbidden);
        assert_eq!(kind(user::get(&service, &eva, named("adam")).await), ErrorKind::Forbidden);
        assert_eq!(kind(user::add(&service, &eva, new_user("bob")).await), ErrorKind::Forbidden);
        assert_eq!(kind(user::disable(&service, &eva, named("adam")).await), ErrorKind::Forbidden);
        assert_eq!(kind(user::set_role(&service, &eva, named("eva"), Role::Admin).await), ErrorKind::Forbidden);
        // Whether there is such an account is not told either.
        for other in ["adam", "nobody"] {
            let set = new_password(Some(other), None, "another horse");
            assert_eq!(kind(user::set_password(&service, &eva, set).await), ErrorKind::Forbidden);
        }
        let patch = UserPatch {
            email: Change::Set("eva.v@example.org".parse().unwrap()),
            timezone: Change::Set("Asia/Tokyo".to_owned().try_into().unwrap()),
            phone_number: Change::Set("+358 40 1234567".to_owned().try_into().unwrap()),
            name: Change::Set("Eva V".parse().unwrap()),
            password: Some(Secret::new(PASSWORD)),
            ..UserPatch::default()
        };
        let without = UserPatch { password: None, ..patch.clone() };
        assert_eq!(kind(user::edit_me(&service, &eva, without).await), ErrorKind::Invalid);
        let wrong = UserPatch { password: Some(Secret::new("another horse")), ..patch.clone() };
        assert_eq!(kind(user::edit_me(&service, &eva, wrong).await), ErrorKind::Unauthenticated);
        let changed = user::edit_me(&service, &eva, patch.clone()).await.unwrap();
        assert_eq!((changed.version, changed.phone_number.as_deref()), (2, Some("+358401234567")));
        assert_eq!(user::edit_me(&service, &eva, patch).await.unwrap(), changed);
        let password = Some(Secret::new(PASSWORD));
        let taken = UserPatch { email: Change::Set("adam@example.org".parse().unwrap()), password, ..UserPatch::default() };
        assert_eq!(kind(user::edit_me(&service, &eva, taken).await), ErrorKind::Conflict);
        let again = by_password(&service, "Eva.V@example.org", PASSWORD).await.unwrap();
        assert_eq!(again.timezone.as_deref(), Some("Asia/Tokyo"));
    }

    async fn where_the_database_is_is_told_to_admins_alone(world) {
        world.user("eva");
        assert_eq!(kind(world.as_user("eva").findings().await), ErrorKind::Forbidden);
        let told = world.as_user("eva").status().await.unwrap().database;
        assert!(["sqlite", "postgres"].contains(&told.as_str()), "{told}");
        assert!(world.client.status().await.unwrap().database.contains(':'));
    }

    async fn one_sets_ones_own_password_with_the_old_one(world) {
        let service = world.service();
        person(&service, "eva").await;
        let (here, there) = (login(&service, "eva", PASSWORD).await.unwrap(), login(&service, "eva", PASSWORD).await);
        let eva = signed_in(&service, &here).await.unwrap();
        let set = |old: Option<&str>, new: &str| user::set_password(&service, &eva, new_password(None, old, new));
        assert_eq!(kind(set(None, "another horse").await), ErrorKind::Invalid);
        assert_eq!(kind(set(Some("wrong horse!"), "another horse").await), ErrorKind::Unauthenticated);
        assert_eq!(kind(set(Some(PASSWORD), "eva@example.org").await), ErrorKind::Invalid);
        set(Some(PASSWORD), "another horse").await.unwrap();
        assert_eq!(kind(by_password(&service, "eva", PASSWORD).await), ErrorKind::Unauthenticated);
        assert!(by_password(&service, "eva", "another horse").await.is_ok());
        // The session that asked goes on, the others end.
        assert!(signed_in(&service, &here).await.is_ok());
        assert_eq!(kind(signed_in(&service, &there.unwrap()).await), ErrorKind::Unauthenticated);
    }

    async fn a_disabled_account_is_out_at_once(world) {
        let service = world.service();
        person(&service, "eva").await;
        let session = login(&service, "eva", PASSWORD).await.unwrap();
        let eva = signed_in(&service, &session).await.unwrap();
        let disabled = user::disable(&service, &admin(), named("eva")).await.unwrap();
        assert_eq!((disabled.disabled_at, disabled.version), (Some(world.clock_now()), 2));
        assert_eq!(kind(signed_in(&service, &session).await), ErrorKind::Unauthenticated);
        let error = by_password(&service, "eva", PASSWORD).await.unwrap_err();
        assert!(error.kind == ErrorKind::Unauthenticated && error.message.contains("disabled"), "{error}");
        user::enable(&service, &admin(), named("eva")).await.unwrap();
        assert!(by_password(&service, "eva", PASSWORD).await.is_ok());
        assert_eq!(kind(signed_in(&service, &session).await), ErrorKind::Unauthenticated);

        let promoted = user::set_role(&service, &admin(), named("eva"), Role::Admin).await.unwrap();
        assert_eq!(promoted.role, Role::Admin);
        let eva = muista_core::service::Caller { role: Role::Admin, scopes: Scopes::of(Role::Admin), ..eva };
        for own in ["eva", "local"] {
            assert_eq!(kind(user::disable(&service, &eva, named(own)).await), ErrorKind::Conflict, "{own}");
            assert_eq!(kind(user::set_role(&service, &eva, named(own), Role::User).await), ErrorKind::Conflict);
        }
    }

    async fn nobody_registers_unless_that_is_configured(world) {
        let closed = world.service();
        assert_eq!(kind(user::register(&closed, &nobody(), new_user("eva")).await), ErrorKind::Forbidden);
        let service = world.service_with(Settings { register: true, ..settings() });
        let admin = NewUser { role: Some(Role::Admin), ..new_user("eva") };
        assert_eq!(kind(user::register(&service, &nobody(), admin).await), ErrorKind::Forbidden);
        let bare = NewUser { password: None, ..new_user("eva") };
        assert_eq!(kind(user::register(&service, &nobody(), bare).await), ErrorKind::Invalid);
        let eva = user::register(&service, &with_key(nobody(), "k1"), new_user("eva")).await.unwrap();
        let again = user::register(&service, &with_key(nobody(), "k1"), new_user("eva")).await.unwrap();
        assert_eq!((eva.role, again), (Role::User, eva));
        assert!(by_password(&service, "eva", PASSWORD).await.is_ok());
    }
}

impl World {
    fn clock_now(&self) -> muista_core::time::Instant {
        muista_core::clock::Clock::now(&*self.clock)
    }
}
