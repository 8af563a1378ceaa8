//! The keys that sign and those that are believed, kept in memory. They are the database's; another daemon may have
//! followed one by the next meanwhile, so they are looked up anew each minute.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::{DecodingKey, EncodingKey};
use muista_core::error::Result;
use muista_core::service::Service;
use muista_core::service::account::signing_key;
use muista_core::time::Instant;

use super::{broken, jwt};

/// How long keys are kept. What a retired key signed is believed for long enough.
const FRESH: Duration = Duration::from_secs(60);
/// How often tokens may have keys looked up that nobody knows.
const PATIENCE: Duration = Duration::from_secs(1);

/// The keys, as far as they were needed.
#[derive(Default)]
pub(super) struct Keys(RwLock<Held>);

#[derive(Default)]
struct Held {
    public: HashMap<String, Arc<DecodingKey>>,
    public_at: Option<Instant>,
    private: Option<(String, Arc<EncodingKey>)>,
    private_until: Option<Instant>,
}

impl Keys {
    /// The key of this name, to check a signature.
    pub(super) async fn public(&self, service: &Service, kid: &str) -> Result<Arc<DecodingKey>> {
        let now = service.now();
        {
            let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
            let found = held.public.get(kid).cloned();
            // A clock that was set back must not keep keys for ever.
            let age = held.public_at.filter(|at| *at <= now).map(|at| now.since(at));
            match (found, age) {
                (Some(key), Some(age)) if age < FRESH => return Ok(key),
                (None, Some(age)) if age < PATIENCE => return Err(jwt::refused()),
                _ => {}
            }
        }
        let all = signing_key::public(service).await?.keys;
        let read = |key: signing_key::Jwk| {
            let read = DecodingKey::from_rsa_components(&key.n, &key.e).map_err(|e| broken(&e))?;
            Ok((key.kid, Arc::new(read)))
        };
        let public = all.into_iter().map(read).collect::<Result<HashMap<_, _>>>()?;
        let found = public.get(kid).cloned();
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.public = public;
        held.public_at = Some(now);
        found.ok_or_else(jwt::refused)
    }

    /// The key that signs now, and its name.
    pub(super) async fn private(&self, service: &Service) -> Result<(String, Arc<EncodingKey>)> {
        let now = service.now();
        {
            let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let (Some(key), Some(until)) = (&held.private, held.private_until)
                && now < until
                && until.since(now) <= FRESH
            {
                return Ok(key.clone());
            }
        }
        let key = signing_key::current(service).await?;
        let until = key.signs_until.min(now.plus(FRESH));
        let key = (key.id, Arc::new(EncodingKey::from_rsa_der(&key.private_key)));
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        held.private = Some(key.clone());
        held.private_until = Some(until);
        Ok(key)
    }
}
