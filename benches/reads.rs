//! What reading costs where there is much: lists by tag, project, priority and word, the ranking, counts, and the record of
//! changes, of `TASKS` tasks (100,000 unless the variable says otherwise), on SQLite and on PostgreSQL, through the
//! generated server in process. Run with `TASKS=1000000 cargo bench -p muista-core --bench reads`.

#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use muista_core::clock::{Clock, SystemClock};
use muista_core::model::{AuditQuery, NextQuery, Origin, Page, Priority, TagName, TaskFilter};
use muista_core::rpc::{Client, Hello, in_process};
use muista_core::service::Service;
use muista_core::store::{ConnectionSettings, Database, Migrate, Options, Store, Workers};

/// How often each is asked; the median is told.
const RUNS: usize = 21;

fn main() {
    let tasks = std::env::var("TASKS").map_or(100_000, |text| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let server = test_common::postgres::server().database();
    measure("SQLite", Database::in_dir(folder.path()), tasks);
    measure("PostgreSQL", Database::parse(&server.url).unwrap(), tasks);
}

fn measure(name: &str, database: Database, tasks: usize) {
    let options = Options {
        database: database.clone(),
        ca: None,
        migrate: Migrate::Run,
        workers: Workers::Daemon,
        usage: ConnectionSettings::default(),
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let service = Service::new(Store::open(&options, &clock).unwrap(), clock);
    fill(&database, tasks);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let entered = runtime.enter();
    let client = in_process(service.clone(), &Hello::new(Origin::Cli, Some("UTC".to_owned()), None));
    drop(entered);
    println!("{name}, {tasks} tasks, medians of {RUNS}:");
    runtime.block_on(ask_all(&client));
    service.close();
}

async fn ask_all(client: &Client) {
    let all = TaskFilter::default();
    let word = |word: &str| TaskFilter { search: vec![word.to_owned()], ..TaskFilter::default() };
    let tag = |name: &str| TaskFilter { tags: vec![TagName::parse(name).unwrap()], ..TaskFilter::default() };
    let both = TaskFilter { project: Some("p3".parse().unwrap()), ..tag("t7") };
    let high = TaskFilter { priorities: vec![Priority::High], ..TaskFilter::default() };
    for (told, filter) in [
        ("ls", all.clone()),
        ("ls +tag project:p, both frequent", both),
        ("ls +tag, a rare one", tag("rare")),
        ("ls pri:high, one in 10", high),
        ("ls WORD, of one task", word("number 777 of")),
        ("ls WORD, of one in 500", word("zygote13")),
        ("ls WORD, of all", word("number")),
        ("ls WORD, of none", word("nowhere")),
    ] {
        list(client, told, &filter, None).await;
    }
    list(client, "ls, up to 10,000 counted", &all, Some(10_000)).await;
    list(client, "ls, all counted", &all, Some(u32::MAX)).await;
    time("next", async || {
        client.next_tasks(NextQuery { filter: TaskFilter::default(), limit: 10 }).await.unwrap();
    })
    .await;
    time("log --actor", async || {
        client
            .list_audit(AuditQuery { actor: Some("rare".to_owned()), limit: 50, ..AuditQuery::default() })
            .await
            .unwrap();
    })
    .await;
}

async fn list(client: &Client, told: &str, filter: &TaskFilter, counted: Option<u32>) {
    let page = Page { limit: 50, total: counted.is_some(), total_most: counted, ..Page::default() };
    time(told, async || {
        client.list_tasks(filter.clone(), page.clone()).await.unwrap();
    })
    .await;
}

async fn time(told: &str, work: impl AsyncFn()) {
    work().await;
    let mut times: Vec<Duration> = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let began = Instant::now();
        work().await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    println!("  {told:36} {:9.2} ms", times[RUNS / 2].as_secs_f64() * 1e3);
}

/// Makes the tasks: in 10 projects, with 20 tags of which each has one or none, due within a year or not at all, half of
/// them; a tag on 1 in 1,000; as many entries in the record, of another actor 1 in 1,000.
fn fill(database: &Database, tasks: usize) {
    let user = "00000000000070008000000000000001";
    let numbers = format!("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {tasks})");
    let text = "'buy zygote' || (i % 500) || ', number ' || i || ' of many'";
    let sql = match database {
        Database::Sqlite(_) => format!(
            "BEGIN;
            CREATE TEMP TABLE few AS
                WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < 19) SELECT * FROM n;
            INSERT INTO projects (id, owner_id, name, name_key, created_at, updated_at)
                SELECT unhex(printf('%032x', value)), x'{user}', 'p' || value, 'p' || value, 0, 0 FROM few WHERE value <= 9;
            INSERT INTO tags (id, owner_id, name, name_key, created_at)
                SELECT unhex(printf('%032x', value)), x'{user}', 't' || value, 't' || value, 0 FROM few WHERE value <= 19;
            INSERT INTO tags VALUES (x'{rare}', x'{user}', 'rare', 'rare', 0);
            {numbers} INSERT INTO tasks (number, id, owner_id, project_id, title, search_key, priority, due_at, created_at,
                updated_at, tag_count)
                SELECT i, unhex(printf('%032x', i * 7919)), x'{user}', unhex(printf('%032x', (i * 31) % 10)), {text}, {text},
                    CASE WHEN (i * 17) % 10 = 0 THEN 3 ELSE 2 END,
                    CASE WHEN i % 2 = 0 THEN (unixepoch() + ((i * 7919) % 400 - 35) * 86400) * 1000000 END,
                    (unixepoch() - (i * 104729) % 40000000) * 1000000, 0, (i % 3 > 0) + (i % 1000 = 0) FROM n;
            INSERT INTO task_tags SELECT id, unhex(printf('%032x', (number * 13) % 20)) FROM tasks WHERE number % 3 > 0;
            INSERT INTO task_tags SELECT id, x'{rare}' FROM tasks WHERE number % 1000 = 0;
            {numbers} INSERT INTO audit_entries (id, change_id, entity, record_id, user_id, actor, origin, action, owner_id,
                created_at)
                SELECT randomblob(16), randomblob(16), 'Task', randomblob(16), x'{user}',
                    CASE WHEN i % 1000 = 0 THEN 'rare' ELSE 'local' END, 'cli', 'UPDATE', x'{user}', i FROM n;
            COMMIT",
            rare = "ee".repeat(16),
        ),
        Database::Postgres(_) => format!(
            "INSERT INTO projects (id, owner_id, name, name_key, created_at, updated_at)
                SELECT lpad(to_hex(v), 32, '0')::uuid, '{user}', 'p' || v, 'p' || v, now(), now() FROM generate_series(0, 9) v;
            INSERT INTO tags (id, owner_id, name, name_key, created_at)
                SELECT lpad(to_hex(v), 32, '0')::uuid, '{user}', 't' || v, 't' || v, now() FROM generate_series(0, 19) v;
            INSERT INTO tags VALUES ('{rare}', '{user}', 'rare', 'rare', now());
            INSERT INTO tasks (number, id, owner_id, project_id, title, search_key, priority, due_at, created_at, updated_at,
                tag_count)
                SELECT i, lpad(to_hex(i * 7919), 32, '0')::uuid, '{user}', lpad(to_hex((i * 31) % 10), 32, '0')::uuid, {text},
                    {text}, CASE WHEN (i * 17) % 10 = 0 THEN 3 ELSE 2 END,
                    CASE WHEN i % 2 = 0 THEN now() + ((i * 7919) % 400 - 35) * interval '1 day' END,
                    now() - (i * 104729) % 40000000 * interval '1 second', now(), (i % 3 > 0)::int + (i % 1000 = 0)::int
                FROM generate_series(1, {tasks}::bigint) i;
            INSERT INTO task_tags SELECT id, lpad(to_hex((number * 13) % 20), 32, '0')::uuid FROM tasks WHERE number % 3 > 0;
            INSERT INTO task_tags SELECT id, '{rare}' FROM tasks WHERE number % 1000 = 0;
            INSERT INTO audit_entries (id, change_id, entity, record_id, user_id, actor, origin, action, owner_id, created_at)
                SELECT gen_random_uuid(), gen_random_uuid(), 'Task', gen_random_uuid(), '{user}',
                    CASE WHEN i % 1000 = 0 THEN 'rare' ELSE 'local' END, 'cli', 'UPDATE', '{user}', now()
                FROM generate_series(1, {tasks}) i;
            VACUUM ANALYZE",
            rare = "ee".repeat(16),
        ),
    };
    let database = database.clone();
    let run = move || match database {
        Database::Sqlite(path) => {
            SqliteConnection::establish(path.to_str().unwrap()).unwrap().batch_execute(&sql).unwrap();
        }
        Database::Postgres(url) => {
            let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&url).unwrap();
            for statement in sql.split(';') {
                conn.batch_execute(statement).unwrap();
            }
        }
    };
    std::thread::spawn(run).join().unwrap();
}
