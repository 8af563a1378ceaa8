//! What the tests of accounts share: a service of the world, people in it, and ways in.

use std::time::Duration;

use muista_core::clock::Clock as _;
use muista_core::error::Result;
use muista_core::model::*;
use muista_core::service::account::{Credentials, authenticate};
use muista_core::service::account::{session, user};
use muista_core::service::{Caller, Idempotency, Service, Settings};
use muista_core::store::Workers;

use crate::world::*;

pub(crate) const PASSWORD: &str = "correct horse";

impl World {
    /// A service of the world, which sends mail and lets nobody register.
    pub(crate) fn service(&self) -> Service {
        self.service_with(Settings { mail: true, ..settings() })
    }

    pub(crate) fn service_with(&self, settings: Settings) -> Service {
        serve(&options(self.database.clone(), Workers::Embedded), self.clock.clone(), settings).unwrap()
    }

    /// Moves the clock on.
    pub(crate) fn later(&self, seconds: u64) {
        self.clock.set(self.clock.now().plus(Duration::from_secs(seconds)));
    }
}

pub(crate) fn admin() -> Caller {
    Caller::local(Origin::Rest, None)
}

pub(crate) fn nobody() -> Caller {
    Caller::nobody(Origin::Rest)
}

/// Somebody who says which request it is.
pub(crate) fn with_key(caller: Caller, key: &str) -> Caller {
    Caller { idempotency: Some(std::sync::Arc::new(Idempotency::new(key, &[b"request"]).unwrap())), ..caller }
}

pub(crate) fn password(text: &str) -> Password {
    Password::parse(text.to_owned()).unwrap()
}

pub(crate) fn new_user(name: &str) -> NewUser {
    NewUser {
        username: name.parse().unwrap(),
        password: Some(password(PASSWORD)),
        email: Some(format!("{name}@example.org").parse().unwrap()),
        name: None,
        phone_number: None,
        role: None,
        timezone: None,
    }
}

/// Makes an account.
pub(crate) async fn person(service: &Service, name: &str) -> User {
    user::add(service, &admin(), new_user(name)).await.unwrap()
}

pub(crate) async fn login(service: &Service, name: &str, password: &str) -> Result<SignedIn> {
    let login = Login { username: name.to_owned(), password: Secret::new(password) };
    session::login(service, &nobody(), login, Requester::default()).await
}

/// The caller of a session.
pub(crate) async fn signed_in(service: &Service, session: &SignedIn) -> Result<Caller> {
    session::caller(service, session.session.id, Origin::Rest).await.map(|known| known.caller)
}

/// The caller who logs in by password for one connection.
pub(crate) async fn by_password(service: &Service, name: &str, password: &str) -> Result<Caller> {
    let presented = Credentials::Password { name: name.to_owned(), password: password.to_owned() };
    authenticate(service, presented, Origin::Cli, None, None).await
}

pub(crate) async fn by_key(service: &Service, key: &Secret) -> Result<Caller> {
    let presented = Credentials::Token(key.reveal().to_owned());
    authenticate(service, presented, Origin::Cli, None, Some("192.0.2.1")).await
}

pub(crate) fn named(name: &str) -> UserRef {
    name.parse().unwrap()
}
