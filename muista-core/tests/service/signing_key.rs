//! The keys that sign access tokens: made when they are first needed, followed by the next in time.

use muista_core::error::ErrorKind;
use muista_core::service::account::signing_key::{current, public, rotate};
use muista_core::service::{Service, engine};
use muista_core::store::Workers;

use crate::account::*;
use crate::world::*;

async fn kids(service: &Service) -> Vec<String> {
    public(service).await.unwrap().keys.into_iter().map(|key| key.kid).collect()
}

on_both! {
    async fn a_key_signs_for_30_days_and_is_believed_a_little_longer(world) {
        let service = world.service();
        assert_eq!(kids(&service).await, [] as [&str; 0]);
        let first = current(&service).await.unwrap();
        world.later(29 * 86_400);
        assert_eq!(current(&service).await.unwrap().id, first.id);
        let jwk = public(&service).await.unwrap().keys.remove(0);
        assert_eq!((&*jwk.kty, &*jwk.alg, &*jwk.usage, &*jwk.e, jwk.n.len()), ("RSA", "RS256", "sig", "AQAB", 342));
        assert!(!format!("{first:?}").contains("private"), "{first:?}");
        world.later(86_400);
        let second = current(&service).await.unwrap();
        assert_eq!(kids(&service).await, [second.id.clone(), first.id]);
        world.later(20 * 60);
        assert_eq!(kids(&service).await, [second.id]);
        world.later(86_401);
        assert_eq!(engine::clean(&service).await.unwrap(), 1);
    }

    async fn an_admin_rotates_at_once(world) {
        let service = world.service();
        let first = current(&service).await.unwrap();
        person(&service, "eva").await;
        let eva = by_password(&service, "eva", PASSWORD).await.unwrap();
        assert_eq!(kind(rotate(&service, &eva).await), ErrorKind::Forbidden);
        let second = rotate(&service, &admin()).await.unwrap();
        assert_ne!(first.id, second.id);
        assert_eq!(current(&service).await.unwrap().id, second.id);
        assert_eq!(kids(&service).await.len(), 2);
    }

    async fn daemons_that_start_together_agree_on_a_key(world) {
        let services: Vec<_> = (0..3).map(|_| {
            serve(&options(world.database.clone(), Workers::Daemon), world.clock.clone(), settings()).unwrap()
        }).collect();
        let keys = futures::future::join_all(services.iter().map(current)).await;
        let mut ids: Vec<_> = keys.into_iter().map(|key| key.unwrap().id).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(kids(&services[0]).await, ids);
        for service in services {
            tokio::task::spawn_blocking(move || service.close()).await.unwrap();
        }
    }
}
