//! Group commit: SQLite has one writer, and a durable commit waits for the disk, so writes that wait are run in one
//! transaction and answered after its commit. One that fails is undone alone.

use diesel::connection::SimpleConnection;

use crate::error::{Error, Result};
use crate::store::worker_pool::{Completion, DbTask, RollbackPolicy};
use crate::store::{Conn, error};

/// Runs waiting writes in as few transactions as may be, and answers each after the commit of its own. The next is asked
/// for when the one before is done.
pub(super) fn commit(conn: &mut Conn, tasks: impl Iterator<Item = DbTask>) {
    let mut group = Group::new(conn);
    for task in tasks {
        if task.rollback == RollbackPolicy::OwnTransaction {
            if !group.settled.is_empty() {
                group.end();
            }
            group.widen();
        }
        let done = group.run(task);
        group.settled.push(done);
    }
    group.end();
}

/// How much of the file is held in memory while thousands of records are written: the indexes by identifier are written all
/// over, and what is not held is written to the log and read back again and again.
const WIDE: &str = "PRAGMA cache_size = -12000";
/// How much otherwise, as each connection begins.
const USUAL: &str = "PRAGMA cache_size = -2000";

/// A transaction that writes share.
struct Group<'a> {
    conn: &'a mut Conn,
    /// The writes that have ended, in their order.
    settled: Vec<Completion>,
    /// Whether the transaction was begun.
    begun: bool,
    /// Whether it holds anything that is to be kept.
    holds: bool,
    /// Whether more than usual is held in memory.
    wide: bool,
    /// What failed all of it.
    failed: Option<Error>,
}

impl<'a> Group<'a> {
    fn new(conn: &'a mut Conn) -> Self {
        Self { conn, settled: Vec::new(), begun: false, holds: false, wide: false, failed: None }
    }

    /// Has more held in memory until the end of the transaction.
    fn widen(&mut self) {
        // It is only slower without.
        self.wide = execute(self.conn, WIDE).is_ok();
    }

    /// Commits, answers all that have ended, and makes room for the next transaction.
    fn end(&mut self) {
        let committed = match self.failed.take() {
            Some(error) => Err(error),
            None if !self.begun => Ok(()),
            None => execute(self.conn, if self.holds { "COMMIT" } else { "ROLLBACK" }),
        };
        if committed.is_err() && self.begun {
            // Already rolled back by SQLite after some errors, a full disk for one; asking again does no harm.
            let _ = execute(self.conn, "ROLLBACK");
        }
        (self.begun, self.holds) = (false, false);
        if std::mem::take(&mut self.wide) {
            let _ = execute(self.conn, USUAL);
        }
        for done in self.settled.drain(..) {
            (done.answer)(committed.clone());
        }
    }

    /// Runs the next write. What cannot be undone for it alone fails the group.
    fn run(&mut self, task: DbTask) -> Completion {
        if self.failed.is_none() && !self.begun {
            self.failed = execute(self.conn, "BEGIN IMMEDIATE").err();
            self.begun = self.failed.is_none();
        }
        if let Some(error) = &self.failed {
            return (task.work)(Err(error.clone()));
        }
        let done = match (self.holds, task.rollback) {
            (false, _) => self.run_first(task),
            (true, RollbackPolicy::ChecksFirst | RollbackPolicy::ReadOnly) => self.run_checked(task),
            (true, RollbackPolicy::Savepoint | RollbackPolicy::OwnTransaction) => self.run_undoable(task),
        };
        self.holds |= done.keep();
        done
    }

    /// Runs a write where there is nothing to keep yet: undoing it is to begin anew.
    fn run_first(&mut self, task: DbTask) -> Completion {
        let checked = task.rollback == RollbackPolicy::ChecksFirst;
        let done = (task.work)(Ok(&mut *self.conn));
        let undo = if checked { done.fault().is_some() } else { !done.keep() };
        if undo {
            // SQLite has rolled back by itself after some errors.
            let _ = execute(self.conn, "ROLLBACK");
            self.begun = false;
        }
        done
    }

    /// Runs a write that has written nothing when it fails, unless the database failed.
    fn run_checked(&mut self, task: DbTask) -> Completion {
        let done = (task.work)(Ok(&mut *self.conn));
        self.failed = done.fault().cloned();
        done
    }

    /// Runs a write that is undone to a savepoint. For that SQLite keeps a copy of each page that is written, and goes
    /// through all of them at the end of many a statement, so it is for writes of a few records.
    fn run_undoable(&mut self, task: DbTask) -> Completion {
        if let Err(error) = execute(self.conn, "SAVEPOINT one") {
            self.failed = Some(error.clone());
            return (task.work)(Err(error));
        }
        let done = (task.work)(Ok(&mut *self.conn));
        let end = if done.keep() { "RELEASE one" } else { "ROLLBACK TO one; RELEASE one" };
        self.failed = execute(self.conn, end).err();
        done
    }
}

fn execute(conn: &mut Conn, sql: &str) -> Result<()> {
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute(sql).map_err(error::of_query),
        Conn::Postgres(_) => Err(Error::internal("a SQLite worker holds another connection")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use diesel::prelude::*;
    use diesel::sql_types::BigInt;
    use tokio::sync::oneshot::Receiver;

    use super::*;
    use crate::error::ErrorKind;
    use crate::store::worker_pool::{Terms, task};

    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }

    fn database() -> Conn {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute("CREATE TABLE rows (number INTEGER NOT NULL)").unwrap();
        Conn::Sqlite(Box::new(conn))
    }

    fn kept(conn: &mut Conn) -> Vec<i64> {
        let Conn::Sqlite(conn) = conn else { return Vec::new() };
        let rows = diesel::sql_query("SELECT number FROM rows ORDER BY number").load::<Row>(&mut **conn).unwrap();
        rows.into_iter().map(|row| row.number).collect()
    }

    /// Writes its number. One that fails has written or not, as it says.
    fn write(number: usize, rollback: RollbackPolicy, fails: bool) -> (DbTask, Receiver<Result<usize>>) {
        task(Terms::of(rollback), move |conn| {
            let refused = Error::conflict(format!("{number} is refused"));
            if fails && rollback == RollbackPolicy::ChecksFirst {
                return Err(refused);
            }
            execute(conn, &format!("INSERT INTO rows VALUES ({number})"))?;
            if fails { Err(refused) } else { Ok(number) }
        })
    }

    /// However writes that fail and writes that do not stand in a row, each is answered for itself.
    #[test]
    fn each_write_is_kept_or_undone_alone() {
        let kinds = [RollbackPolicy::ChecksFirst, RollbackPolicy::Savepoint, RollbackPolicy::OwnTransaction];
        let ways: Vec<_> = kinds.into_iter().flat_map(|kind| [(kind, false), (kind, true)]).collect();
        for number in 0..ways.len().pow(4) {
            let row = (0..4_u32).map(|place| ways[number / ways.len().pow(place) % ways.len()]);
            let (tasks, answers): (Vec<_>, Vec<_>) =
                row.clone().enumerate().map(|(number, (kind, fails))| write(number, kind, fails)).unzip();
            let mut conn = database();
            commit(&mut conn, tasks.into_iter());
            let mut wanted = Vec::new();
            for (place, (mut answer, (_, fails))) in answers.into_iter().zip(row.clone()).enumerate() {
                match answer.try_recv().unwrap() {
                    Ok(number) => assert!(!fails && number == place),
                    Err(error) => assert!(fails && error.message == format!("{place} is refused"), "{error}"),
                }
                wanted.extend((!fails).then(|| i64::try_from(place).unwrap()));
            }
            assert_eq!(kept(&mut conn), wanted, "{:?}", row.collect::<Vec<_>>());
        }
    }

    /// A fault of the database's fails those whose writes may be gone with it, and nobody behind them.
    #[test]
    fn a_fault_fails_only_what_shares_the_transaction() {
        let fault =
            || task(Terms::of(RollbackPolicy::ChecksFirst), |conn: &mut Conn| execute(conn, "ROLLBACK; nonsense"));
        let mut conn = database();
        let (first, mut answer) = fault();
        let (second, mut kept_one) = write(1, RollbackPolicy::Savepoint, false);
        commit(&mut conn, [first, second].into_iter());
        assert_eq!(answer.try_recv().unwrap().unwrap_err().kind, ErrorKind::Internal);
        assert_eq!((kept_one.try_recv().unwrap().unwrap(), kept(&mut conn)), (1, vec![1]));

        let (first, mut gone) = write(2, RollbackPolicy::Savepoint, false);
        let (second, _answer) = fault();
        let (third, mut begun_anew) = write(3, RollbackPolicy::OwnTransaction, false);
        commit(&mut conn, [first, second, third].into_iter());
        assert_eq!(gone.try_recv().unwrap().unwrap_err().kind, ErrorKind::Internal);
        assert_eq!((begun_anew.try_recv().unwrap().unwrap(), kept(&mut conn)), (3, vec![1, 3]));
    }

    /// How much of the file is held in memory, in KiB.
    fn cache(conn: &mut Conn) -> Result<i64> {
        let Conn::Sqlite(conn) = conn else { return Err(Error::internal("another database")) };
        diesel::sql_query("SELECT -cache_size AS number FROM pragma_cache_size")
            .get_result::<Row>(&mut **conn)
            .map(|row| row.number)
            .map_err(error::of_query)
    }

    #[test]
    fn what_writes_much_has_more_memory_and_the_next_has_not() {
        let mut conn = database();
        execute(&mut conn, USUAL).unwrap();
        let (first, mut one) = task(Terms::of(RollbackPolicy::OwnTransaction), cache);
        commit(&mut conn, std::iter::once(first));
        let (second, mut other) = task(Terms::of(RollbackPolicy::Savepoint), cache);
        commit(&mut conn, std::iter::once(second));
        assert_eq!((one.try_recv().unwrap().unwrap(), other.try_recv().unwrap().unwrap()), (12_000, 2_000));
    }

    #[test]
    fn what_writes_much_is_run_without_a_savepoint() {
        let release = |conn: &mut Conn| Ok(execute(conn, "RELEASE one").is_ok());
        for (rollback, saved) in [(RollbackPolicy::Savepoint, true), (RollbackPolicy::OwnTransaction, false)] {
            let (first, _answer) = write(1, RollbackPolicy::Savepoint, false);
            let (second, mut answer) = task(Terms::of(rollback), release);
            commit(&mut database(), [first, second].into_iter());
            // Where there was a savepoint, its end was missed, which fails the group.
            assert_eq!(answer.try_recv().unwrap().is_err(), saved, "{rollback:?}");
        }
    }
}
