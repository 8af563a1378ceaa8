//! Events: told in order, from any place on, none skipped and none twice, whoever else writes meanwhile.

use std::collections::HashSet;
use std::time::{Duration, Instant as Real};

use futures::future::join_all;
use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::rpc::Client;
use muista_core::store::{Database, Workers};

use crate::house::*;
use crate::world::*;

/// How many write at once, and how often each.
const WRITERS: usize = 8;
const ROUNDS: usize = 25;
/// The longest that a test waits for events.
const PATIENCE: Duration = Duration::from_secs(60);

/// Reads events from a place on, a few at a time, until there were so many.
async fn read(client: &Client, mut from: EventCursor, wanted: usize) -> Vec<Event> {
    let begun = Real::now();
    let mut events = Vec::new();
    while events.len() < wanted {
        assert!(begun.elapsed() < PATIENCE, "{} events of {wanted}", events.len());
        let page = client.list_events(Some(from), 7, 1).await.unwrap();
        assert!(page.items.len() <= 7);
        events.extend(page.items);
        from = page.next;
    }
    events
}

/// Each once, and from each on the same as before.
async fn check(client: &Client, start: EventCursor, events: &[Event], wanted: usize) {
    let ids: HashSet<Id> = events.iter().map(|event| event.entry.id).collect();
    assert_eq!((ids.len(), events.len()), (wanted, wanted));
    assert_eq!(read(client, start, wanted).await, events);
    for (at, event) in events.iter().enumerate() {
        let text = event.id.to_string();
        let rest = client.list_events(Some(text.parse().unwrap()), 500, 0).await.unwrap();
        assert_eq!(rest.items, events[at + 1..], "behind {text}");
    }
    let all = client.list_events(events.last().map(|event| event.id), 500, 0).await.unwrap();
    assert_eq!(all.items, []);
}

async fn now(client: &Client) -> EventCursor {
    client.list_events(None, 1, 0).await.unwrap().next
}

/// The place of a record's first event behind another place. What was done before it may stand between the two: on PostgreSQL a
/// transaction in any database of the server holds back what may be told.
async fn place_of(client: &Client, mut from: EventCursor, record: Id) -> EventCursor {
    let begun = Real::now();
    loop {
        assert!(begun.elapsed() < PATIENCE, "no event of {record}");
        let page = client.list_events(Some(from), 7, 1).await.unwrap();
        if let Some(event) = page.items.iter().find(|event| event.entry.record_id == record) {
            return event.id;
        }
        from = page.next;
    }
}

/// A transaction in the SQL of PostgreSQL that writes two entries with a pause between, and some time until its commit.
fn slow_transaction(round: usize) -> String {
    let entry = "INSERT INTO audit_entries
        (id, change_id, entity, record_id, user_id, actor, origin, action, after, created_at, owner_id)
        SELECT gen_random_uuid(), gen_random_uuid(), 'Tag', gen_random_uuid(), id, 'local', 'cli', 'CREATE', '{}', now(), id
        FROM users WHERE username = 'local'";
    let (before, after) = (round * 7 % 11, round * 5 % 13);
    format!("BEGIN; {entry}; SELECT pg_sleep({before} * 0.001); {entry}; SELECT pg_sleep({after} * 0.001); COMMIT;")
}

#[test]
fn overlapping_transactions_are_told_each_once() {
    run(Kind::Postgres, async |world| {
        let Database::Postgres(_) = &world.database else { panic!("not PostgreSQL") };
        let start = now(&world.client).await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let database = world.database.clone();
                // Each batch of statements is a connection that others overlap.
                std::thread::spawn(move || (0..ROUNDS).for_each(|n| raw(&database, &slow_transaction(writer + n * 3))))
            })
            .collect();
        let wanted = WRITERS * ROUNDS * 2;
        let events = read(&world.client, start, wanted).await;
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        // Numbers were taken in another order than commits came, or this shows nothing.
        assert!(events.windows(2).any(|pair| pair[0].entry.seq > pair[1].entry.seq));
        check(&world.client, start, &events, wanted).await;
    });
}

on_both! {
    async fn concurrent_writers_are_told_each_once(world) {
        let start = now(&world.client).await;
        let reader = world.another(Workers::Daemon);
        let writers: Vec<Client> = (0..WRITERS).map(|_| world.another(Workers::Daemon)).collect();
        let write = async |client: Client, writer: usize| {
            for n in 0..ROUNDS {
                let new = NewTask::titled(Title::parse(&format!("{writer}.{n}")).unwrap());
                client.add_task(new).await.unwrap();
            }
        };
        let writes = join_all(writers.into_iter().enumerate().map(|(n, client)| write(client, n)));
        let wanted = WRITERS * ROUNDS;
        let (events, _) = futures::join!(read(&reader, start, wanted), writes);
        check(&world.client, start, &events, wanted).await;
    }

    async fn who_waits_hears_of_a_change_at_once(world) {
        let client = world.another(Workers::Daemon);
        let from = now(&client).await;
        let begun = Real::now();
        let quiet = client.list_events(Some(from), 10, 1).await.unwrap();
        assert!(quiet.items.is_empty() && begun.elapsed() >= Duration::from_secs(1));
        let waits = client.list_events(Some(quiet.next), 10, 20);
        let adds = async {
            let new = NewTask::titled(Title::parse("a").unwrap());
            client.add_task(new).await.unwrap().value
        };
        let (page, task) = futures::join!(waits, adds);
        let page = page.unwrap();
        assert_eq!((page.items.len(), page.items[0].entry.record_id), (1, task.id));
        assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
    }

    async fn each_is_told_what_it_sees(world) {
        let house = House::new(world).await;
        let before = now(&house.anna).await;
        let own = add(&house.anna, "own", |_| {}).await;
        let start = place_of(&house.anna, before, own.id).await;
        let task = add_in(&house.anna, "shared").await;
        let out = TaskPatch { project: Change::Clear, ..TaskPatch::default() };
        house.anna.edit_tasks(refs(&[&task]), out).await.unwrap();
        house.anna.edit_tasks(refs(&[&task]), title("secret")).await.unwrap();
        assert_eq!(read(&house.anna, start, 3).await.len(), 3);
        let told = read(&house.max, start, 2).await;
        let sides: Vec<_> = told.iter().map(|one| (one.entry.before.is_some(), one.entry.after.is_some())).collect();
        assert_eq!(sides, [(false, true), (true, false)]);
        let nothing = house.eva.list_events(Some(start), 10, 0).await.unwrap();
        assert!(nothing.items.is_empty() && nothing.next > start);
        assert_eq!(house.max.list_events(Some(told[1].id), 10, 0).await.unwrap().items, []);
    }

    async fn a_place_of_another_database_is_refused(world) {
        world.add("a").await;
        assert_eq!(read(&world.client, EventCursor::START, 1).await.len(), 1);
        assert_eq!("0".parse(), Ok(EventCursor::START));
        let far: EventCursor = "999999999999.7".parse().unwrap();
        assert_eq!(kind(world.client.list_events(Some(far), 10, 0).await), ErrorKind::Invalid);
        for bad in ["", "x", "1.", ".1", "-1", "1.2.3", "+1"] {
            assert!(bad.parse::<EventCursor>().is_err(), "{bad:?}");
        }
    }
}
