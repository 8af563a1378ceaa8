//! What the engine's tests share: homes whose mail goes to the test's server, reminders by the thousand, and the ledger
//! as it stands in either database, read past Muista.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::time::{Duration, Instant as Ticks};

use diesel::connection::SimpleConnection as _;
use muista_core::clock::{Clock as _, SystemClock};
use muista_core::time::Instant;
use serde_json::Value;
use test_common::postgres::Database;
use test_common::sandbox::Sandbox;
use test_common::smtp::{Mail, SmtpServer};

use crate::support::{PATIENCE, done, sqlite, sqlite_text};

/// How many mails a daemon has under way at once.
pub(crate) const IN_FLIGHT: usize = 4;
/// How many it has taken at most. Those that are not under way wait their turn, or were delivered and are not recorded yet.
pub(crate) const HELD: usize = 2 * IN_FLIGHT;

/// A home whose mail goes to `server`.
pub(crate) fn home(server: &SmtpServer) -> Sandbox {
    Sandbox::new()
        .with_env("MUISTA_EMAIL_HOST", "127.0.0.1")
        .with_env("MUISTA_EMAIL_PORT", server.port().to_string())
        .with_env("MUISTA_EMAIL_TLS", "none")
        .with_env("MUISTA_EMAIL_FROM", "muista@example.org")
        .with_env("MUISTA_EMAIL_TO", "me@example.org")
}

/// The same on a PostgreSQL database.
pub(crate) fn home_on(server: &SmtpServer, database: &Database) -> Sandbox {
    home(server).with_env("MUISTA_DATABASE_URL", &database.url)
}

/// A database, past Muista.
pub(crate) enum Ledger {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Ledger {
    /// The database of a home that has none of its own.
    pub(crate) fn of(home: &Sandbox) -> Self {
        Self::Sqlite(home.data_dir().join("muista.db"))
    }

    pub(crate) fn at(database: &Database) -> Self {
        Self::Postgres(database.url.clone())
    }

    /// Does what `sql` says.
    pub(crate) fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(path) => sqlite(path).batch_execute(sql).unwrap(),
            Self::Postgres(url) => drop(simple(url, sql)),
        }
    }

    /// The value of a row of one text.
    pub(crate) fn text(&self, sql: &str) -> String {
        match self {
            Self::Sqlite(path) => sqlite_text(path, &format!("SELECT CAST(({sql}) AS TEXT) AS value")),
            Self::Postgres(url) => simple(url, &format!("SELECT CAST(({sql}) AS TEXT)")),
        }
    }

    /// How many rows there are, as in `notifications WHERE attempts > 0`.
    pub(crate) fn count(&self, rows: &str) -> usize {
        self.text(&format!("SELECT count(*) FROM {rows}")).parse().unwrap()
    }

    /// Waits until a PostgreSQL server answers that was just killed.
    #[track_caller]
    pub(crate) fn answers(&self) {
        let Self::Postgres(url) = self else { return };
        let deadline = Ticks::now() + PATIENCE;
        while let Err(error) = try_simple(url, "SELECT 1") {
            assert!(Ticks::now() < deadline, "{error}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// An instant as it is written in SQL.
    pub(crate) fn instant(&self, at: Instant) -> String {
        match self {
            Self::Sqlite(_) => at.as_micros().to_string(),
            Self::Postgres(_) => format!("timestamptz '{at}'"),
        }
    }

    /// Adds reminders of the first task, all due at `at`, as one statement. Who waits is not told.
    pub(crate) fn remind(&self, count: usize, at: Instant) {
        let (id, numbers) = match self {
            Self::Sqlite(_) => (
                "randomblob(16)",
                format!(
                    "(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) SELECT i FROM n)"
                ),
            ),
            Self::Postgres(_) => ("gen_random_uuid()", format!("generate_series(1, {count})")),
        };
        let instant = self.instant(at);
        self.execute(&format!(
            "INSERT INTO reminders (id, task_id, schedule, recurrence_type, regular_at, next_trigger_at, created_at, updated_at)
             SELECT {id}, (SELECT id FROM tasks WHERE number = 1), '{at}', 'ONCE', {instant}, {instant}, {instant}, {instant}
             FROM {numbers} AS n"
        ));
    }

    /// Has the leases on PostgreSQL be over, as they are half a minute after their daemon was killed. On SQLite the next
    /// daemon ends them itself.
    pub(crate) fn end_leases(&self) {
        if let Self::Postgres(_) = self {
            let now = self.instant(SystemClock.now());
            let over = format!("SET lease_until = {now}, next_attempt_at = {now}");
            self.execute(&format!("UPDATE notifications {over} WHERE lease_until IS NOT NULL"));
        }
    }

    /// Waits until nothing is due and no message waits.
    #[track_caller]
    pub(crate) fn settle(&self, limit: Duration) {
        let deadline = Ticks::now() + limit;
        let left = || {
            let due = format!("reminders WHERE next_trigger_at <= {}", self.instant(SystemClock.now()));
            (self.count(&due), self.count("notifications WHERE status = 'PENDING'"))
        };
        while left() != (0, 0) {
            assert!(Ticks::now() < deadline, "(due, pending): {:?} after {limit:?}", left());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Checks that each of `count` reminders fired once and was recorded once as sent, and that every message was
    /// delivered, `twice` of them at most more than once and then twice.
    #[track_caller]
    pub(crate) fn all_sent(&self, count: usize, server: &SmtpServer, twice: usize) {
        assert_eq!(self.count("occurrences"), count);
        assert_eq!(self.count("(SELECT DISTINCT reminder_id FROM occurrences) AS o"), count);
        assert_eq!(self.count("notifications"), count);
        assert_eq!(self.count("(SELECT DISTINCT occurrence_id FROM notifications) AS o"), count);
        let once =
            "notifications WHERE status = 'SENT' AND attempts = 1 AND error_message IS NULL AND lease_until IS NULL";
        assert_eq!(self.count(once), count);

        let mut times = by_message(&server.mails());
        let ids = self.text(match self {
            Self::Sqlite(_) => "SELECT group_concat(lower(hex(id)), ',') FROM notifications",
            Self::Postgres(_) => "SELECT string_agg(replace(CAST(id AS text), '-', ''), ',') FROM notifications",
        });
        assert_eq!(ids.split(',').collect::<HashSet<_>>(), times.keys().map(String::as_str).collect());
        times.retain(|_, times| *times > 1);
        assert!(
            times.len() <= twice && times.values().all(|times| *times == 2),
            "{} were delivered twice: {times:?}",
            times.len()
        );
    }
}

/// How often each message was delivered, by the notification's id without dashes.
pub(crate) fn by_message(mails: &[Mail]) -> HashMap<String, usize> {
    let mut times = HashMap::new();
    for mail in mails {
        let name = mail.message_id().unwrap();
        let id = name.trim_start_matches('<').split('@').next().unwrap().replace('-', "");
        *times.entry(id).or_default() += 1;
    }
    times
}

/// The first column of the first row; empty when there is none.
fn simple(url: &str, sql: &str) -> String {
    try_simple(url, sql).unwrap()
}

fn try_simple(url: &str, sql: &str) -> Result<String, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        let messages = client.simple_query(sql).await?;
        let row = messages.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        Ok(row.unwrap_or_default())
    })
}

/// Runs `muista ARGS --json`; returns what it says.
#[track_caller]
pub(crate) fn json(home: &Sandbox, args: &[&str]) -> Value {
    done(home.muista().args(args).arg("--json")).json()
}

/// The ledger as the user sees it, the newest first.
#[track_caller]
pub(crate) fn notifications(home: &Sandbox) -> Vec<Value> {
    json(home, &["notifications", "ls"]).as_array().unwrap().clone()
}

/// Waits until the ledger is as wanted.
#[track_caller]
pub(crate) fn until(home: &Sandbox, limit: Duration, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let deadline = Ticks::now() + limit;
    loop {
        let now = notifications(home);
        if wanted(&now) {
            return now;
        }
        assert!(Ticks::now() < deadline, "not after {limit:?}: {now:#?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// So many seconds from now.
pub(crate) fn in_seconds(seconds: i64) -> Instant {
    Instant::from_micros(SystemClock.now().as_micros() + seconds * 1_000_000).unwrap()
}

/// How long ago that was; nothing where it is to come.
pub(crate) fn since(at: Instant) -> Duration {
    let micros = SystemClock.now().as_micros() - at.as_micros();
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}
