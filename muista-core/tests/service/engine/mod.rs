//! The engine's use cases, with the clock in the test's hand. Reminders and jobs are put into the database by SQL, in
//! whatever state a test needs; making them is tested elsewhere.

mod clean;
mod delivery;
mod disabled;
mod fire;
mod jobs;

use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use muista_core::clock::Clock;
use muista_core::model::*;
use muista_core::service::{Service, Settings};
use muista_core::store::{Database, Store, Workers};
use muista_core::time::Instant;

use crate::world::*;

/// A daemon's service on the test's database.
pub(crate) fn daemon(world: &World) -> Service {
    let clock: Arc<dyn Clock> = Arc::clone(&world.clock) as _;
    let store = Store::open(&options(world.database.clone(), Workers::Daemon), &clock).unwrap();
    let recipients = BTreeMap::from([(Channel::Email, "me@example.org".to_owned())]);
    Service::new(store, clock).with_settings(Settings {
        channels: vec![Channel::Email],
        recipients,
        ..Settings::default()
    })
}

impl World {
    /// An instant as the database's SQL writes it.
    pub(crate) fn sql_at(&self, at: &str) -> String {
        match self.database {
            Database::Sqlite(_) => instant(at).as_micros().to_string(),
            Database::Postgres(_) => format!("timestamptz '{at}'"),
        }
    }

    /// Adds a reminder whose cursor stands at `at`; `more` are further columns and their values.
    pub(crate) fn remind(&self, n: u128, task: &Task, kind: &str, schedule: &str, at: &str, more: &[(&str, &str)]) {
        let (columns, values): (Vec<_>, Vec<_>) = more.iter().copied().unzip();
        let comma = if more.is_empty() { "" } else { ", " };
        self.sql(&format!(
            "INSERT INTO reminders (id, task_id, schedule, recurrence_type, interval, regular_at, next_trigger_at,
                created_at, updated_at{comma}{}) VALUES ({}, {}, '{schedule}', '{kind}', '{schedule}', {at}, {at},
                {made}, {made}{comma}{})",
            columns.join(", "),
            self.id(id(n)),
            self.id(task.id),
            values.join(", "),
            at = self.sql_at(at),
            made = self.sql_at("2026-11-21T09:00:00Z"),
        ));
    }

    /// Adds a job whose cursor stands at `at`.
    pub(crate) fn planned_job(&self, n: u128, schedule: &str, at: &str, more: &[(&str, &str)]) {
        let (columns, values): (Vec<_>, Vec<_>) = more.iter().copied().unzip();
        let comma = if more.is_empty() { "" } else { ", " };
        let kind = if schedule.starts_with('P') { "INTERVAL" } else { "CRON" };
        self.sql(&format!(
            "INSERT INTO jobs (id, owner_id, name, name_key, script, schedule, recurrence_type, interval, next_run_at,
                created_at, updated_at{comma}{}) VALUES ({}, {}, 'j{n}', 'j{n}', 's', '{schedule}', '{kind}',
                '{schedule}', {}, {made}, {made}{comma}{})",
            columns.join(", "),
            self.id(id(n)),
            self.id(Id::LOCAL_USER),
            self.sql_at(at),
            values.join(", "),
            made = self.sql_at("2026-11-21T09:00:00Z"),
        ));
    }

    /// The rows of a query of one text column.
    pub(crate) fn column(&self, sql: &str) -> Vec<String> {
        #[derive(QueryableByName)]
        struct One {
            #[diesel(sql_type = diesel::sql_types::Text)]
            one: String,
        }
        let (database, sql) = (self.database.clone(), sql.to_owned());
        let rows = std::thread::spawn(move || match database {
            Database::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
                diesel::sql_query(sql).load::<One>(&mut conn).unwrap()
            }
            Database::Postgres(url) => {
                let mut conn = AsyncConnectionWrapper::<AsyncPgConnection>::establish(&test_common::pgbouncer::past(
                    &url,
                    test_common::postgres::server(),
                ))
                .unwrap();
                diesel::sql_query(sql).load::<One>(&mut conn).unwrap()
            }
        });
        rows.join().unwrap().into_iter().map(|row| row.one).collect()
    }

    /// How many rows of a table meet a condition.
    pub(crate) fn count(&self, table: &str, condition: &str) -> usize {
        let sql = format!("SELECT CAST(count(*) AS text) AS one FROM {table} WHERE {condition}");
        self.column(&sql)[0].parse().unwrap()
    }

    /// The cursor of a reminder or a job, as an instant; none when it is not active.
    pub(crate) fn cursor(&self, table: &str, column: &str, n: u128) -> Option<Instant> {
        let micros = match self.database {
            Database::Sqlite(_) => column.to_owned(),
            Database::Postgres(_) => format!("(extract(epoch FROM {column}) * 1000000)::bigint"),
        };
        let id = self.id(id(n));
        let sql = format!("SELECT COALESCE(CAST({micros} AS text), '') AS one FROM {table} WHERE id = {id}");
        self.column(&sql)[0].parse().ok().and_then(Instant::from_micros)
    }

    /// When the reminder fires next.
    pub(crate) fn reminder_at(&self, n: u128) -> Option<Instant> {
        self.cursor("reminders", "next_trigger_at", n)
    }
}
