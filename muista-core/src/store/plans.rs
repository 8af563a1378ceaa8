//! How the databases go about the lists that people read most, the ranking and the record of changes: from an index, in its
//! order, and no further than the page. What is explained are the queries themselves.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::list::{AuditFilter, AuditOf, InProject, Keyset, Lead, ListFilter, OwnerFilter};
use super::tests::on_both;
use super::{Conn, Party, RollbackPolicy, postgres, sqlite, task};
use crate::model::{Category, DueFilter, DueSpan, Id, Page, Priority, Status, TagName, TaskFilter};
use crate::time::{Instant, Range};

/// The account that has most of the tasks; `few` is the tag of a few of them, `many` of half of them.
const LOCAL: &str = "00000000000070008000000000000001";
const PROJECT: [u8; 16] = [3; 16];
const FEW: [u8; 16] = [4; 16];
const MANY: [u8; 16] = [5; 16];

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

/// The conditions of a filter on the account's own tasks, as the service makes them.
fn narrowed(conn: &mut Conn, filter: TaskFilter) -> ListFilter {
    let project = filter.project.is_some().then(|| InProject::Any(vec![Id::from_bytes(PROJECT)]));
    let own_tags = HashMap::from([("few".to_owned(), FEW), ("many".to_owned(), MANY)]);
    let own_tags = own_tags.into_iter().map(|(name, id)| (name, Id::from_bytes(id))).collect();
    let filter = ListFilter { own_tags, ..ListFilter::new(OwnerFilter::Own(Id::LOCAL_USER), filter, project, None) };
    ListFilter { lead: task::lead(conn, &filter).unwrap(), ..filter }
}

/// The plans of a page, of its count, and of a count that ends soon.
fn plans(conn: &mut Conn, filter: &ListFilter) -> [String; 3] {
    let keyset = Keyset::new(&Page { limit: 50, ..Page::default() }).unwrap();
    match conn {
        Conn::Sqlite(conn) => sqlite::queries::list::plans(conn, filter, &keyset),
        Conn::Postgres(conn) => postgres::queries::list::plans(conn, filter, &keyset),
    }
    .unwrap()
}

/// Makes 12,000 tasks, half of them due on a date, an hour apart, all called alike but for one.
fn fill(conn: &mut Conn) {
    use diesel::connection::SimpleConnection as _;
    let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 12000)";
    let kinds = "CASE WHEN n = 4321 THEN 'needle' ELSE 'some hay' END, CASE WHEN n % 1000 = 0 THEN 3 ELSE 2 END,
        CASE WHEN n % 1000 = 1 THEN 'Work' ELSE 'Personal' END";
    let of_tags = "SELECT id FROM tasks WHERE number";
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute(&format!(
            "INSERT INTO projects (id, owner_id, name, name_key, created_at, updated_at)
                VALUES (x'{project}', x'{LOCAL}', 'p', 'p', 0, 0);
             {numbers} INSERT INTO tasks (id, owner_id, title, search_key, priority, category, project_id, due_at, due_on,
                created_at, updated_at)
             SELECT randomblob(16), x'{LOCAL}', 'x', {kinds}, CASE WHEN n % 1000 = 2 THEN x'{project}' END,
                    1796600000000000 + n * 3600000000,
                    CASE WHEN n % 2 = 0 THEN date(1796600000 + n * 3600, 'unixepoch') END, 0, 0 FROM numbers;
             INSERT INTO tags (id, owner_id, name, name_key, created_at)
                VALUES (x'{few}', x'{LOCAL}', 'few', 'few', 0), (x'{many}', x'{LOCAL}', 'many', 'many', 0);
             INSERT INTO task_tags SELECT id, x'{few}' FROM ({of_tags} % 1000 = 3);
             INSERT INTO task_tags SELECT id, x'{many}' FROM ({of_tags} % 2 = 0)",
            project = "03".repeat(16),
            few = "04".repeat(16),
            many = "05".repeat(16),
        )),
        Conn::Postgres(conn) => conn.batch_execute(&format!(
            "INSERT INTO projects (id, owner_id, name, name_key, created_at, updated_at)
                VALUES ('{project}', '{LOCAL}', 'p', 'p', now(), now());
             {numbers} INSERT INTO tasks (id, owner_id, title, search_key, priority, category, project_id, due_at, due_on,
                created_at, updated_at)
             SELECT gen_random_uuid(), '{LOCAL}', 'x', {kinds}, CASE WHEN n % 1000 = 2 THEN uuid '{project}' END,
                    timestamptz '2026-12-07' + n * interval '1 hour',
                    CASE WHEN n % 2 = 0 THEN (timestamptz '2026-12-07' + n * interval '1 hour')::date END, now(), now()
             FROM numbers;
             INSERT INTO tags (id, owner_id, name, name_key, created_at)
                VALUES ('{few}', '{LOCAL}', 'few', 'few', now()), ('{many}', '{LOCAL}', 'many', 'many', now());
             INSERT INTO task_tags SELECT id, '{few}' FROM ({of_tags} % 1000 = 3) AS tagged;
             INSERT INTO task_tags SELECT id, '{many}' FROM ({of_tags} % 2 = 0) AS tagged;
             SELECT gin_clean_pending_list('tasks_text'); ANALYZE tasks; ANALYZE task_tags",
            project = "03".repeat(16),
            few = "04".repeat(16),
            many = "05".repeat(16),
        )),
    }
    .unwrap();
}

/// Runs a test on both databases, filled; says which one it is.
fn on_many(test: impl Fn(&mut Conn, bool) + Clone + Send + 'static) {
    on_both(async |store| {
        let test = test.clone();
        let work = move |conn: &mut Conn| {
            fill(conn);
            let is_sqlite = matches!(conn, Conn::Sqlite(_));
            test(conn, is_sqlite);
            Ok(())
        };
        store.write(RollbackPolicy::Savepoint, Party::Engine, work).await.unwrap();
    });
}

#[test]
fn what_is_due_is_read_from_the_index_of_open_tasks() {
    on_many(|conn, is_sqlite| {
        for due in [today(), overdue()] {
            let filter = narrowed(conn, TaskFilter { due: Some(due), ..TaskFilter::default() });
            let [page, count, some] = plans(conn, &filter);
            if is_sqlite {
                assert!(!page.contains("B-TREE"), "{page}");
                for plan in [page, count, some] {
                    assert!(plan.contains("tasks_open_due (owner_id=? AND due_key"), "{plan}");
                }
            } else {
                // A stretch of few it may read first and sort then, which costs the same.
                assert!(!page.contains("Seq Scan on tasks"), "{page}");
                assert!(page.contains("tasks_open_due") && page.contains("due_key <"), "{page}");
                assert!(count.contains("tasks_open_due") && some.contains("tasks_open_due"), "{count}\n{some}");
            }
        }
    });
}

#[test]
fn what_is_rare_is_read_from_an_index_of_its_own() {
    let filters = [
        ("tasks_open_due", TaskFilter { priorities: vec![Priority::High], ..TaskFilter::default() }),
        ("tasks_open_due", TaskFilter { categories: vec![Category::Work], ..TaskFilter::default() }),
        ("tasks_project", TaskFilter { project: Some("p".parse().unwrap()), ..TaskFilter::default() }),
    ];
    on_many(|conn, is_sqlite| {
        let waiting = TaskFilter { status: Status::Waiting, ..TaskFilter::default() };
        // A list of a project says how many of it wait.
        for project in [None, Some("p".parse().unwrap())] {
            let filter = narrowed(conn, TaskFilter { project, ..waiting.clone() });
            for plan in plans(conn, &filter) {
                assert!(!is_sqlite || plan.contains("tasks_waiting (start_at>?)"), "{plan}");
                assert!(!plan.contains("Seq Scan on tasks"), "{plan}");
            }
        }
    });
    on_many(move |conn, is_sqlite| {
        for (index, filter) in filters.clone() {
            let [page, ..] = {
                let filter = narrowed(conn, filter);
                plans(conn, &filter)
            };
            // So few tasks PostgreSQL may as well read whole, or those of the project as they come: all are open.
            assert!(!is_sqlite || page.contains(index), "{page}");
            assert!(index != "tasks_project" || page.contains("_project"), "{page}");
            assert!(!is_sqlite || !page.contains("B-TREE"), "{page}");
        }
    });
}

#[test]
fn a_few_with_a_tag_or_a_word_are_found_by_it_and_many_are_met_in_order() {
    let tag = |name: &str| TaskFilter { tags: vec![TagName::parse(name).unwrap()], ..TaskFilter::default() };
    let word = |word: &str| TaskFilter { search: vec![word.to_owned()], ..TaskFilter::default() };
    let [few, many, needle, hay, short] = [tag("few"), tag("many"), word("NEEDLE"), word("hay"), word("ay")];
    on_many(move |conn, is_sqlite| {
        let mut look = |filter: &TaskFilter| {
            let filter = narrowed(conn, filter.clone());
            let [page, ..] = plans(conn, &filter);
            (filter.lead, page)
        };
        let ((lead, page), (other, text)) = (look(&few), look(&needle));
        assert!(page.contains("task_tags_tag"), "{page}");
        assert!(text.contains("tasks_text") && !text.contains("Seq Scan on tasks"), "{text}");
        if is_sqlite {
            assert_eq!((lead, other), (Lead::Tag(0), Lead::Text));
            assert!(page.contains("SEARCH tasks USING INDEX sqlite_autoindex_tasks_1 (id=?)"), "{page}");
            assert!(text.contains("SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)"), "{text}");
        }
        for filter in [&many, &hay, &short] {
            let (lead, page) = look(filter);
            assert_eq!(lead, Lead::Order);
            assert!(page.contains("tasks_open_due") && !page.contains("Sort") && !page.contains("B-TREE"), "{page}");
        }
    });
}

#[test]
fn the_ranking_is_read_by_weight_and_by_age() {
    on_many(|conn, is_sqlite| {
        let [due, age] = match conn {
            Conn::Sqlite(conn) => sqlite::queries::ranking::plans(conn, Id::LOCAL_USER),
            Conn::Postgres(conn) => postgres::queries::ranking::plans(conn, Id::LOCAL_USER),
        }
        .unwrap();
        for (plan, index) in [(due, "tasks_open_weight"), (age, "tasks_open_created")] {
            assert!(plan.contains(index) && !plan.contains("Sort") && !plan.contains("B-TREE"), "{plan}");
            assert!(!is_sqlite || plan.contains(">?"), "{plan}");
        }
    });
}

#[test]
fn an_actors_entries_are_read_from_the_index_of_actors() {
    on_many(|conn, _| {
        let narrowed = AuditFilter { from: Some(7), ..AuditFilter::default() };
        let of = AuditOf::Doer(Id::LOCAL_USER, "kim".to_owned());
        let plan = match conn {
            Conn::Sqlite(conn) => sqlite::queries::audit::plan(conn, &of, &narrowed),
            Conn::Postgres(conn) => postgres::queries::audit::plan(conn, &of, &narrowed),
        }
        .unwrap();
        assert!(plan.contains("audit_entries_actor") && !plan.contains("B-TREE"), "{plan}");
    });
}
