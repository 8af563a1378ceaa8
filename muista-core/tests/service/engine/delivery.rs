//! The queue of messages: who has taken one alone decides what becomes of it.

use std::collections::HashSet;

use muista_core::model::*;
use muista_core::service::Service;
use muista_core::service::engine::{
    Capacity, Delivery, Recorded, Verdict, claim_deliveries, fire_due, next_delivery, queue_depth, record_deliveries,
    release_deliveries, renew_deliveries,
};

use super::daemon;
use crate::world::*;

const NOON: &str = "2026-11-21T10:00:00Z";

/// A service, and so many messages that wait.
async fn waiting(world: &World, count: u128) -> Service {
    let (service, task) = (daemon(world), world.add("a").await);
    for n in 1..=count {
        world.remind(n, &task, "ONCE", NOON, NOON, &[]);
    }
    fire_due(&service, Capacity::new()).await.unwrap();
    service
}

async fn claim(service: &Service) -> Vec<Delivery> {
    claim_deliveries(service, Channel::Email, 10).await.unwrap()
}

fn came(delivery: &Delivery, verdict: Verdict) -> Vec<Recorded> {
    vec![Recorded { id: delivery.id, lease: delivery.lease, channel: delivery.channel, verdict }]
}

on_both! {
    async fn a_message_is_taken_by_one_and_sent(world) {
        let service = waiting(world, 3).await;
        let (a, b) = futures::join!(claim(&service), claim(&service));
        let ids: HashSet<Id> = a.iter().chain(&b).map(|delivery| delivery.id).collect();
        assert_eq!((a.len() + b.len(), ids.len()), (3, 3));
        let all: Vec<_> = a.iter().chain(&b).flat_map(|delivery| came(delivery, Verdict::Sent)).collect();
        assert_eq!(record_deliveries(&service, all).await.unwrap(), 3);
        assert_eq!(world.count("notifications", "status = 'SENT' AND attempts = 1 AND sent_at IS NOT NULL"), 3);
        assert!(queue_depth(&service).await.unwrap().is_empty());
    }

    async fn a_lease_that_ended_is_taken_over_and_its_former_holder_changes_nothing(world) {
        let service = waiting(world, 1).await;
        let first = claim(&service).await.remove(0);
        world.at("2026-11-21T10:00:29Z");
        assert!(claim(&service).await.is_empty());
        world.at("2026-11-21T10:00:30Z");
        let second = claim(&service).await.remove(0);
        assert_eq!((first.id, first.lease, second.id, second.lease), (second.id, 1, first.id, 2));
        for verdict in [Verdict::Sent, Verdict::Failed { error: "no".to_owned() }] {
            assert_eq!(record_deliveries(&service, came(&first, verdict)).await.unwrap(), 0);
        }
        let lost = renew_deliveries(&service, vec![(first.id, first.lease)]).await.unwrap();
        assert_eq!(lost, HashSet::from([first.id]));
        assert_eq!(world.count("notifications", "status = 'PENDING' AND rescues = 1 AND attempts = 0"), 1);
        assert_eq!(record_deliveries(&service, came(&second, Verdict::Sent)).await.unwrap(), 1);
        assert_eq!(record_deliveries(&service, came(&second, Verdict::Sent)).await.unwrap(), 0);
    }

    async fn a_lease_that_is_renewed_lasts(world) {
        let service = waiting(world, 2).await;
        let held: Vec<_> = claim(&service).await.iter().map(|delivery| (delivery.id, delivery.lease)).collect();
        world.at("2026-11-21T10:00:20Z");
        assert!(renew_deliveries(&service, held).await.unwrap().is_empty());
        world.at("2026-11-21T10:00:49Z");
        assert!(claim(&service).await.is_empty());
        let next = next_delivery(&service, vec![Channel::Email, Channel::Sms]).await.unwrap();
        assert_eq!(next.into_iter().collect::<Vec<_>>(), [(Channel::Email, instant("2026-11-21T10:00:50Z"))]);
    }

    async fn what_is_tried_again_waits_and_counts_while_what_is_given_back_does_not(world) {
        let service = waiting(world, 2).await;
        let taken = claim(&service).await;
        let later = instant("2026-11-21T10:01:00Z");
        let mut both = came(&taken[0], Verdict::Retry { at: later, error: "busy".to_owned() });
        both.extend(came(&taken[1], Verdict::Released { at: later, error: None }));
        assert_eq!(record_deliveries(&service, both).await.unwrap(), 2);
        assert!(claim(&service).await.is_empty());
        world.at("2026-11-21T10:01:00Z");
        let mut again = claim(&service).await;
        again.sort_by_key(|delivery| delivery.attempts);
        let seen: Vec<_> = again.iter().map(|delivery| (delivery.attempts, delivery.lease)).collect();
        assert_eq!(seen, [(0, 2), (1, 2)]);
        assert_eq!(world.count("notifications", "rescues = 0"), 2);
        assert_eq!(world.count("notifications", "error_message = 'busy'"), 1);
    }

    async fn a_daemon_that_is_alone_frees_what_was_held(world) {
        let service = waiting(world, 2).await;
        let before = claim(&service).await;
        assert_eq!(release_deliveries(&service).await.unwrap(), 2);
        assert_eq!(claim(&service).await.len(), 2);
        assert_eq!(record_deliveries(&service, came(&before[0], Verdict::Sent)).await.unwrap(), 0);
    }
}
