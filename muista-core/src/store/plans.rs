//! How the databases go about the lists that people read most: from an index, in its order, and no further than the page.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use jiff::tz::TimeZone;

use super::list::{Keyset, ListFilter, Whose};
use super::tests::on_both;
use super::{Conn, Failure, Party, postgres, sqlite};
use crate::model::{DueFilter, DueSpan, Id, Page, TaskFilter};
use crate::time::{Instant, Range};

/// What is due today, or `due`, of an account's open tasks.
fn filter(due: DueFilter) -> ListFilter {
    let filter = TaskFilter { due: Some(due), ..TaskFilter::default() };
    ListFilter::new(Whose::Own(Id::LOCAL_USER), filter, None, None)
}

fn today() -> DueFilter {
    let zone = crate::time::zone("Europe/Helsinki").unwrap();
    let day = jiff::civil::date(2026, 12, 8);
    let range = Range { from: Some(Instant::start_of(day, &zone)), until: Some(Instant::start_after(day, &zone)) };
    DueFilter::Within(DueSpan::new(range, &zone))
}

fn overdue() -> DueFilter {
    let now = Instant::start_of(jiff::civil::date(2026, 12, 8), &TimeZone::UTC);
    DueFilter::Within(DueSpan::new(Range { from: None, until: Some(now) }, &TimeZone::UTC))
}

/// The plans of a page and of its count.
fn plans(conn: &mut Conn, filter: &ListFilter) -> [String; 2] {
    let keyset = Keyset::new(&Page { limit: 50, ..Page::default() }).unwrap();
    match conn {
        Conn::Sqlite(conn) => sqlite::queries::list::plans(conn, filter, &keyset),
        Conn::Postgres(conn) => postgres::queries::list::plans(conn, filter, &keyset),
    }
    .unwrap()
}

/// Makes so many tasks, half of them due on a date, an hour apart.
fn fill(conn: &mut Conn) {
    use diesel::connection::SimpleConnection as _;
    let n = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)";
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute(&format!(
            "{n} INSERT INTO tasks (id, owner_id, title, search_key, due_at, due_on, created_at, updated_at)
             SELECT randomblob(16), x'00000000000070008000000000000001', 'x', 'x', 1796600000000000 + n * 3600000000,
                    CASE WHEN n % 2 = 0 THEN date(1796600000 + n * 3600, 'unixepoch') END, 0, 0 FROM numbers"
        )),
        Conn::Postgres(conn) => conn.batch_execute(&format!(
            "{n} INSERT INTO tasks (id, owner_id, title, search_key, due_at, due_on, created_at, updated_at)
             SELECT gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'x', 'x',
                    timestamptz '2026-12-07' + n * interval '1 hour',
                    CASE WHEN n % 2 = 0 THEN (timestamptz '2026-12-07' + n * interval '1 hour')::date END, now(), now()
             FROM numbers; ANALYZE tasks"
        )),
    }
    .unwrap();
}

#[test]
fn what_is_due_is_read_from_the_index_of_open_tasks() {
    on_both(async |store| {
        let work = |conn: &mut Conn| {
            fill(conn);
            let is_sqlite = matches!(conn, Conn::Sqlite(_));
            Ok((is_sqlite, [today(), overdue()].map(|due| plans(conn, &filter(due)))))
        };
        let (is_sqlite, all) = store.write(Failure::AfterWrites, Party::Engine, work).await.unwrap();
        for [page, count] in all {
            if is_sqlite {
                assert!(!page.contains("B-TREE"), "{page}");
                assert!(page.contains("tasks_open_due (owner_id=? AND due_key"), "{page}");
                assert!(count.contains("tasks_open_due (owner_id=? AND due_key"), "{count}");
            } else {
                // A stretch of few it may read first and sort then, which costs the same.
                assert!(!page.contains("Seq Scan on tasks"), "{page}");
                assert!(page.contains("tasks_open_due") && page.contains("due_key <"), "{page}");
                assert!(count.contains("tasks_open_due"), "{count}");
            }
        }
    });
}
