//! Whose turn it is, worker by worker, without a database.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::*;
use crate::model::Id;
use crate::store::worker_pool::{RollbackPolicy, Terms, task};

fn account(number: u8) -> Party {
    Party::Account(Id::from_bytes([number; 16]))
}

fn of(party: Party) -> DbTask {
    DbTask { party, ..task(Terms::of(RollbackPolicy::ChecksFirst), |_| Ok(())).0 }
}

fn queue(workers: usize, parties: &[Party]) -> Queue {
    let queue = Queue::new(workers, PoolKind::Read);
    for party in parties {
        queue.push(of(*party)).unwrap();
    }
    queue
}

/// Takes one task as a worker would that has nothing to do; none where it would wait.
fn take(queue: &Queue) -> Option<Party> {
    let mut state = queue.lock();
    state.take(queue.shares).map(|task| task.party)
}

#[test]
fn accounts_take_turns_and_the_engine_goes_first() {
    let (a, b, c) = (account(1), account(2), account(3));
    let queue = queue(1, &[a, a, a, b, c, b, Party::Engine]);
    let mut order = Vec::new();
    while let Some(party) = take(&queue) {
        order.push(party);
        queue.done(party);
    }
    assert_eq!(order, [Party::Engine, a, b, c, a, b, a]);
    assert_eq!(queue.waiting(), 0);
    assert!(queue.lock().accounts.is_empty(), "nothing is kept of accounts that ask no more");
}

#[test]
fn no_account_has_every_lane_and_one_is_the_engines() {
    let (a, b) = (account(1), account(2));
    let queue = queue(4, &[a, a, a, a, b]);
    assert_eq!([take(&queue), take(&queue), take(&queue), take(&queue)], [Some(a), Some(b), Some(a), None]);
    queue.push(of(Party::Engine)).unwrap();
    assert_eq!([take(&queue), take(&queue)], [Some(Party::Engine), None]);
    queue.done(b);
    assert_eq!(take(&queue), None, "the worker that is free now is for somebody else than a");
    queue.push(of(b)).unwrap();
    assert_eq!(take(&queue), Some(b));
    queue.done(a);
    assert_eq!(take(&queue), Some(a));
}

#[test]
fn a_lane_that_goes_on_passes_its_place_on() {
    let (a, b) = (account(1), account(2));
    let queue = queue(1, &[a, a, b]);
    assert_eq!(take(&queue), Some(a));
    let next = |party| queue.next(party).map(|task| task.party);
    assert_eq!(next(a), Some(b));
    queue.push(of(Party::Engine)).unwrap();
    assert_eq!(next(b), Some(Party::Engine));
    assert_eq!(next(Party::Engine), Some(a));
    assert_eq!(next(a), None);
    queue.done(a);
    assert!(queue.lock().accounts.is_empty());
}

#[test]
fn one_account_does_not_fill_the_queue() {
    let (a, b) = (account(1), account(2));
    let queue = queue(1, &[a; EACH]);
    assert!(queue.push(of(a)).is_err());
    queue.push(of(b)).unwrap();
    queue.push(of(Party::Engine)).unwrap();
    assert_eq!(queue.waiting(), EACH + 2);
}

#[test]
fn what_a_lane_gave_away_is_done_by_one_that_waits() {
    let queue = Arc::new(Queue::new(2, PoolKind::Read));
    queue.push(of(account(1))).unwrap();
    let task = queue.wait(&Bell::default()).unwrap();
    let (done, told) = std::sync::mpsc::channel();
    let worker = Arc::clone(&queue);
    std::thread::spawn(move || {
        let task = worker.wait(&Bell::default()).unwrap();
        worker.done(task.party);
        done.send(task.party).unwrap();
    });
    let is_idle = || !queue.lock().idle.is_empty();
    while !is_idle() {
        std::thread::yield_now();
    }
    // An account has one of two workers that read, so the other one finds nothing as long as this one has its task.
    assert!(queue.pass(task).is_none());
    while !is_idle() {
        std::thread::yield_now();
    }
    queue.gave_away(account(1));
    assert_eq!(told.recv_timeout(std::time::Duration::from_secs(60)), Ok(account(1)));
}

#[test]
fn lanes_are_started_as_they_are_needed_and_end_when_all_is_done() {
    let queue = Arc::new(Queue::new(3, PoolKind::Read));
    let a = account(1);
    assert!(matches!(queue.push(of(a)).unwrap(), Pushed::ForAnother));
    let worker = {
        let queue = Arc::clone(&queue);
        std::thread::spawn(move || {
            let bell = Bell::default();
            let mut done = 0;
            while let Some(task) = queue.wait(&bell) {
                done += 1;
                queue.done(task.party);
            }
            done
        })
    };
    while queue.lock().idle.is_empty() {
        std::thread::yield_now();
    }
    assert!(matches!(queue.push(of(a)).unwrap(), Pushed::Queued), "the one that has nothing to do is woken");
    queue.close();
    assert!(queue.push(of(a)).is_err());
    assert_eq!(worker.join().unwrap(), 2);
}
