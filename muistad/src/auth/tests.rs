//! Which tokens are taken, and how soon they are not any more.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use muista_core::clock::{Clock, FixedClock};
use muista_core::error::ErrorKind;
use muista_core::model::{Login, NewApiKey, NewUser, Password, Requester, Role, Secret, UserRef};
use muista_core::service::account::{api_key, signing_key, user};
use muista_core::service::{Credential, Settings};
use muista_core::store::{Database, Migrate, Options, Store, Workers};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const ISSUER: &str = "https://muista.example.org";

struct Place {
    service: Service,
    clock: Arc<FixedClock>,
    auth: Authenticator,
    _folder: TempDir,
}

impl Place {
    /// A daemon with an account `eva`.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::new("2026-11-21T10:00:00Z".parse().unwrap()));
        let options = Options {
            database: Database::in_dir(folder.path()),
            ca: None,
            migrate: Migrate::Run,
            workers: Workers::Embedded,
            usage: muista_core::store::ConnectionSettings::default(),
        };
        let shared: Arc<dyn Clock> = clock.clone();
        let store = Store::open(&options, &shared).unwrap();
        let service = Service::new(store, shared).with_settings(Settings::default());
        let eva = NewUser {
            username: "eva".parse().unwrap(),
            password: Some(Password::parse("correct horse".to_owned()).unwrap()),
            email: None,
            name: None,
            phone_number: None,
            role: None,
            timezone: Some("Asia/Tokyo".to_owned().try_into().unwrap()),
        };
        user::add(&service, &admin(), eva).await.unwrap();
        let auth = Authenticator::new(service.clone(), ISSUER);
        Self { service, clock, auth, _folder: folder }
    }

    async fn login(&self) -> SignedIn {
        let login = Login { username: "eva".to_owned(), password: Secret::new("correct horse") };
        session::login(&self.service, &Caller::nobody(Origin::Rest), login, Requester::default()).await.unwrap()
    }

    async fn token(&self) -> String {
        self.auth.issue(&self.login().await).await.unwrap().token
    }

    async fn caller(&self, token: &str) -> Result<Caller> {
        self.auth.caller(token, Origin::Rest, None).await
    }

    #[track_caller]
    fn refused(result: &Result<Caller>) {
        assert_eq!(result.as_ref().map_err(|error| error.kind).err(), Some(ErrorKind::Unauthenticated), "{result:?}");
    }

    fn later(&self, seconds: u64) {
        self.clock.set(self.clock.now().plus(Duration::from_secs(seconds)));
    }

    /// A token of these claims, signed by the key that signs here.
    async fn signed(&self, claims: &Value) -> String {
        let key = signing_key::current(&self.service).await.unwrap();
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key.id });
        let pair = ring::signature::RsaKeyPair::from_pkcs8(&key.private_key).unwrap();
        let message = format!("{}.{}", part(&header), part(claims));
        let mut signature = vec![0; pair.public().modulus_len()];
        let random = ring::rand::SystemRandom::new();
        pair.sign(&ring::signature::RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature).unwrap();
        format!("{message}.{}", BASE64.encode(signature))
    }
}

fn admin() -> Caller {
    Caller::local(Origin::Rest, None)
}

fn eva() -> UserRef {
    "eva".parse().unwrap()
}

fn part(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

/// A part of a token, read.
fn read(token: &str, at: usize) -> Value {
    serde_json::from_slice(&BASE64.decode(token.split('.').nth(at).unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_token_says_who_it_is_for_and_is_known_again() {
    let place = Place::new().await;
    let signed_in = place.login().await;
    let issued = place.auth.issue(&signed_in).await.unwrap();
    assert_eq!((issued.expires_in, issued.scopes), (900, Scopes::of(Role::User)));
    let (header, claims) = (read(&issued.token, 0), read(&issued.token, 1));
    assert_eq!((header["alg"].as_str(), header["typ"].as_str()), (Some("RS256"), Some("JWT")));
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!("muista")));
    assert_eq!((&claims["sub"], &claims["sid"]), (&json!(signed_in.user.id), &json!(signed_in.session.id)));
    assert_eq!((&claims["role"], claims["exp"].as_i64()), (&json!("user"), claims["iat"].as_i64().map(|at| at + 900)));
    let jwks = signing_key::public(&place.service).await.unwrap();
    assert_eq!(jwks.keys[0].kid, header["kid"].as_str().unwrap());

    let caller = place.caller(&issued.token).await.unwrap();
    assert_eq!((caller.user, &*caller.actor, caller.role), (signed_in.user.id, "eva", Role::User));
    assert_eq!(caller.credential, Credential::Session(signed_in.session.id));
    assert_eq!((caller.scopes, caller.timezone.as_deref()), (issued.scopes, Some("Asia/Tokyo")));
    let again = place.auth.caller(&issued.token, Origin::Mcp, Some("UTC".to_owned())).await.unwrap();
    assert_eq!((again.origin, again.timezone.as_deref()), (Origin::Mcp, Some("UTC")));
}

#[tokio::test]
async fn tokens_that_were_made_otherwise_are_refused() {
    let place = Place::new().await;
    let good = place.token().await;
    let (header, claims) = (read(&good, 0), read(&good, 1));
    let signature = good.rsplit('.').next().unwrap();
    let with = |key: &str, value: Value| {
        let mut claims = claims.clone();
        claims[key] = value;
        claims
    };

    let none = json!({ "alg": "none", "typ": "JWT", "kid": header["kid"] });
    Place::refused(&place.caller(&format!("{}.{}.", part(&none), part(&claims))).await);
    // The public key, taken for a shared secret, in each form that it has.
    let jwk = signing_key::public(&place.service).await.unwrap().keys.remove(0);
    let secrets = [jwk.n.clone().into_bytes(), BASE64.decode(&jwk.n).unwrap(), serde_json::to_vec(&jwk).unwrap()];
    for secret in secrets {
        let hs256 = json!({ "alg": "HS256", "typ": "JWT", "kid": header["kid"] });
        let message = format!("{}.{}", part(&hs256), part(&claims));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
        let forged = format!("{message}.{}", BASE64.encode(ring::hmac::sign(&key, message.as_bytes())));
        Place::refused(&place.caller(&forged).await);
    }
    // Changed after it was signed.
    let admin = format!("{}.{}.{signature}", part(&header), part(&with("role", json!("admin"))));
    Place::refused(&place.caller(&admin).await);
    let stripped = good.rsplit_once('.').unwrap().0;
    for other in ["", "a.b.c", "a.b", stripped, &format!("{stripped}."), &format!("{good}x"), &"x".repeat(10_000)] {
        Place::refused(&place.caller(other).await);
    }
    let unknown = json!({ "alg": "RS256", "typ": "JWT", "kid": "nobody" });
    Place::refused(&place.caller(&format!("{}.{}.{signature}", part(&unknown), part(&claims))).await);
    let nameless = json!({ "alg": "RS256", "typ": "JWT" });
    Place::refused(&place.caller(&format!("{}.{}.{signature}", part(&nameless), part(&claims))).await);
    assert!(place.caller(&good).await.is_ok());
}

#[tokio::test]
async fn tokens_that_are_for_others_are_refused_though_they_are_signed() {
    let place = Place::new().await;
    let good = read(&place.token().await, 1);
    assert!(place.caller(&place.signed(&good).await).await.is_ok());
    let nobody = json!("0199c0de-0000-7000-8000-000000000007");
    let changes = [
        ("iss", json!("https://elsewhere.example.org")),
        ("aud", json!("others")),
        ("aud", json!(["others"])),
        ("sub", nobody.clone()),
        ("sid", nobody),
        ("exp", json!(good["iat"].as_i64().unwrap() - 6)),
        ("exp", json!(i64::MAX)),
        ("exp", json!("tomorrow")),
        ("role", json!("owner")),
        ("scope", json!("tasks:fly")),
    ];
    for (key, value) in changes {
        let mut claims = good.clone();
        claims[key] = value;
        Place::refused(&place.caller(&place.signed(&claims).await).await);
        claims.as_object_mut().unwrap().remove(key);
        Place::refused(&place.caller(&place.signed(&claims).await).await);
    }
    // More than the account has is no more than the account has; less is less.
    let mut claims = good.clone();
    claims["role"] = json!("admin");
    claims["scope"] = json!("users:write tasks:read");
    let caller = place.caller(&place.signed(&claims).await).await.unwrap();
    assert_eq!((caller.role, caller.scopes.to_string()), (Role::User, "tasks:read".to_owned()));
}

#[tokio::test]
async fn a_token_expires_also_where_it_is_known() {
    let place = Place::new().await;
    let token = place.token().await;
    place.later(898);
    assert!(place.caller(&token).await.is_ok());
    place.later(6);
    assert!(place.caller(&token).await.is_ok(), "within the leeway");
    place.later(1);
    let late = place.caller(&token).await;
    Place::refused(&late);
    assert!(late.unwrap_err().message.contains("expired"));
}

#[tokio::test]
async fn whoever_lost_access_is_refused_at_once() {
    let place = Place::new().await;
    let signed_in = place.login().await;
    let token = place.auth.issue(&signed_in).await.unwrap().token;
    let caller = place.caller(&token).await.unwrap();
    session::logout(&place.service, &caller).await.unwrap();
    Place::refused(&place.caller(&token).await);

    let token = place.token().await;
    let new =
        NewApiKey { name: "k".parse().unwrap(), role: None, scopes: None, ttl_seconds: Some(3), user: Some(eva()) };
    let key = api_key::create(&place.service, &admin(), new.clone()).await.unwrap();
    assert_eq!(place.caller(key.key.reveal()).await.unwrap().actor, "k");
    assert!(place.caller(&token).await.is_ok());
    let id = key.api_key.id.to_string();
    api_key::revoke(&place.service, &admin(), id.parse().unwrap(), None).await.unwrap();
    Place::refused(&place.caller(key.key.reveal()).await);

    let key = api_key::create(&place.service, &admin(), new).await.unwrap();
    assert!(place.caller(key.key.reveal()).await.is_ok());
    place.later(3);
    Place::refused(&place.caller(key.key.reveal()).await);

    assert!(place.caller(&token).await.is_ok());
    user::disable(&place.service, &admin(), eva()).await.unwrap();
    Place::refused(&place.caller(&token).await);
}

#[tokio::test]
async fn tokens_outlive_the_key_that_signed_them() {
    let place = Place::new().await;
    let before = place.token().await;
    let second = signing_key::rotate(&place.service, &admin()).await.unwrap();
    assert!(place.caller(&before).await.is_ok());
    // A daemon that has not noticed signs with the old key for a minute.
    place.later(61);
    let after = place.token().await;
    assert_eq!(read(&after, 0)["kid"], json!(second.id));
    assert!(place.caller(&before).await.is_ok() && place.caller(&after).await.is_ok());
    place.later(20 * 60);
    Place::refused(&place.caller(&before).await);
}

#[tokio::test]
async fn what_is_known_is_told_without_asking() {
    let place = Place::new().await;
    let token = place.token().await;
    place.caller(&token).await.unwrap();
    // The database is closed: whatever is answered now was known.
    place.service.close();
    assert_eq!(place.caller(&token).await.unwrap().actor, "eva");
    place.later(5);
    assert_eq!(place.caller(&token).await.unwrap_err().kind, ErrorKind::Unavailable);
}
