//! The first of all, found by the threshold, are what all of them sorted begin with.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fmt::Write as _;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use proptest::prelude::*;
use proptest::sample::select;

use super::first::{of_open, weight};
use super::*;
use crate::store::{Party, RollbackPolicy, on_both};

/// 2026-11-21, 10:00 UTC.
const NOW: i64 = 1_795_255_200_000_000;
const HOUR: i64 = 3_600_000_000;

/// What counts of a task.
#[derive(Debug, Clone)]
struct Made {
    priority: i16,
    project: bool,
    tags: i16,
    /// Hours from now, and whether that is on a date.
    due: Option<(i64, bool)>,
    /// The same of its deadline.
    deadline: Option<(i64, bool)>,
    /// Hours from now until which it waits.
    start: Option<i64>,
    /// Hours ago.
    age: i64,
    done: bool,
    /// The place of the task that it waits for.
    waits_for: Option<usize>,
}

fn made() -> impl Strategy<Value = Made> {
    let due = prop_oneof![Just(-2000), -400..400i64, Just(5000)];
    let date = (due, any::<bool>());
    let deadline = proptest::option::weighted(0.2, date.clone());
    let start = proptest::option::weighted(0.2, -9..9i64);
    let due = (proptest::option::of(date), deadline, start);
    let age = prop_oneof![Just(0), Just(10_000), 0..9000i64];
    let waits_for = proptest::option::weighted(0.03, 0..400usize);
    (1..=3i16, any::<bool>(), 0..=4i16, due, age, proptest::bool::weighted(0.1), waits_for).prop_map(
        |(priority, project, tags, (due, deadline, start), age, done, waits_for)| Made {
            priority,
            project,
            tags,
            due,
            deadline,
            start,
            age,
            done,
            waits_for,
        },
    )
}

/// Nothing that counts.
fn nothing() -> Made {
    Made {
        priority: 1,
        project: false,
        tags: 0,
        due: None,
        deadline: None,
        start: None,
        age: 0,
        done: false,
        waits_for: None,
    }
}

/// Several kinds, each of which may be all that there is: many are alike then.
fn many() -> impl Strategy<Value = Vec<Made>> {
    (proptest::collection::vec(made(), 1..40), 1..700usize).prop_map(|(kinds, count)| {
        let kind = |n: usize| kinds[n * n % kinds.len()].clone();
        (0..count).map(|n| Made { waits_for: kind(n).waits_for.map(|place| place + n), ..kind(n) }).collect()
    })
}

fn id(n: usize) -> Id {
    let mut bytes = [7; 16];
    bytes[8..].copy_from_slice(&(n as u64).to_be_bytes());
    Id::from_bytes(bytes)
}

/// The day of an hour, and when it ends in a zone that depends on the hour.
fn ends(hours: i64) -> (i64, String) {
    let day = Instant::from_micros(NOW + hours * HOUR).unwrap().date_in(&TimeZone::UTC);
    let end = (Instant::start_of(day, &TimeZone::UTC).as_micros() - NOW) / HOUR + 24;
    (end + hours.rem_euclid(27) - 14, format!("'{day}'"))
}

/// Makes the tasks in place of those that are there.
fn fill(conn: &mut Conn, all: &[Made]) {
    let is_sqlite = matches!(conn, Conn::Sqlite(_));
    let of = |id: Id| {
        let digits = id.to_string().replace('-', "");
        if is_sqlite { format!("x'{digits}'") } else { format!("'{digits}'::uuid") }
    };
    let at = |hours: i64| {
        let micros = NOW + hours * HOUR;
        if is_sqlite {
            micros.to_string()
        } else {
            format!("timestamptz 'epoch' + {micros} * interval '1 microsecond'")
        }
    };
    let user = of(Id::LOCAL_USER);
    let mut sql = format!(
        "DELETE FROM task_dependencies; DELETE FROM tasks; DELETE FROM projects;
         INSERT INTO projects (id, owner_id, name, name_key, created_at, updated_at)
            VALUES ({}, {user}, 'p', 'p', {at}, {at});",
        of(id(0)),
        at = at(0)
    );
    for (n, made) in (1..).zip(all) {
        let project = if made.project { of(id(0)) } else { "NULL".to_owned() };
        let date = |date: Option<(i64, bool)>| match date {
            None => ("NULL".to_owned(), "NULL".to_owned()),
            Some((hours, is_date)) => {
                let (hours, day) = if is_date { ends(hours) } else { (hours, "NULL".to_owned()) };
                (at(hours), day)
            }
        };
        let ((due, on), (deadline, last)) = (date(made.due), date(made.deadline));
        let start = made.start.map_or_else(|| "NULL".to_owned(), at);
        let done = if made.done { at(0) } else { "NULL".to_owned() };
        let (priority, tags) = (made.priority, made.tags);
        write!(
            sql,
            "INSERT INTO tasks (number, id, owner_id, project_id, title, search_key, priority, due_at, due_on, completed_at,
                tag_count, created_at, updated_at, deadline_at, deadline_on, start_at) VALUES ({n}, {}, {user}, {project}, 't', 't', {priority}, {due}, {on},
                {done}, {tags}, {}, {}, {deadline}, {last}, {start});",
            of(id(n)),
            at(-made.age),
            at(0),
        )
        .unwrap();
    }
    for (n, made) in (1..).zip(all) {
        if let Some(before) = made.waits_for.map(|place| place % all.len() + 1).filter(|before| *before != n) {
            write!(sql, "INSERT INTO task_dependencies VALUES ({}, {});", of(id(n)), of(id(before))).unwrap();
        }
    }
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute(&sql),
        Conn::Postgres(conn) => conn.batch_execute(&sql),
    }
    .unwrap();
}

/// The numbers and the urgency of the first, found in one way and in the other.
fn both_ways(conn: &mut Conn, limit: usize, zone: &str) -> [Vec<(i64, f64)>; 2] {
    let now = Now::of(Instant::from_micros(NOW).unwrap(), Some(zone));
    let waits = Waits::read(conn, Id::LOCAL_USER).unwrap();
    let filter = ListFilter::new(OwnerFilter::Own(Id::LOCAL_USER), TaskFilter::default(), None, None);
    let filter = ListFilter { now: now.read(), ..filter };
    let all = of_all(conn, &filter, &waits, limit, now).unwrap();
    let first = of_open(conn, Id::LOCAL_USER, &waits, limit, now).unwrap();
    [all, first].map(|mut found| {
        keep_first(&mut found, limit);
        found.into_iter().map(|candidate| (candidate.number, candidate.urgency)).collect()
    })
}

fn agree(worlds: Vec<(Vec<Made>, usize, &'static str)>) {
    on_both(async |store| {
        for (made, limit, zone) in worlds.clone() {
            let told = format!("{limit} in {zone} of {made:?}");
            let work = move |conn: &mut Conn| {
                fill(conn, &made);
                Ok(both_ways(conn, limit, zone))
            };
            let [all, first] = store.write(RollbackPolicy::Savepoint, Party::Engine, work).await.unwrap();
            assert_eq!(first, all, "{told}");
        }
    });
}

fn zones() -> impl Strategy<Value = &'static str> {
    select(vec!["UTC", "Pacific/Kiritimati", "Etc/GMT+12"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_are_the_first_of_all(worlds in proptest::collection::vec((many(), 1..30usize, zones()), 6)) {
        agree(worlds);
    }
}

#[test]
fn of_tasks_that_are_all_alike_the_smallest_numbers_are_first() {
    let plain = Made { priority: 2, project: false, tags: 0, ..nothing() };
    let tagged = Made { tags: 1, ..plain.clone() };
    let late = Made { due: Some((-2000, false)), ..plain.clone() };
    let some = |n: usize| if n % 400 == 399 { tagged.clone() } else { plain.clone() };
    agree(vec![
        (vec![plain.clone(); 900], 10, "UTC"),
        (vec![late; 900], 10, "UTC"),
        ((0..900).map(some).collect(), 10, "UTC"),
        (Vec::new(), 10, "UTC"),
    ]);
}

#[test]
fn the_databases_weigh_as_the_ranking_does() {
    let kinds = (1..=3).flat_map(|priority| [false, true].map(|project| (priority, project)));
    let kinds = kinds.flat_map(|(priority, project)| (0..=5).map(move |tags| (priority, project, tags)));
    let all: Vec<Made> = kinds.map(|(priority, project, tags)| Made { priority, project, tags, ..nothing() }).collect();
    on_both(async |store| {
        let all = all.clone();
        let expected: Vec<i16> = all
            .iter()
            .map(|made| weight(priority_part(made.priority) + project_part(made.project) + tags_part(made.tags)))
            .collect();
        let work = move |conn: &mut Conn| {
            use crate::store::schema::tasks;
            fill(conn, &all);
            let weights = tasks::table.order(tasks::number).select(tasks::weight);
            Ok(match conn {
                Conn::Sqlite(conn) => weights.load::<i16>(&mut **conn),
                Conn::Postgres(conn) => weights.load::<i16>(&mut **conn),
            }
            .unwrap())
        };
        assert_eq!(store.write(RollbackPolicy::Savepoint, Party::Engine, work).await.unwrap(), expected);
    });
}
