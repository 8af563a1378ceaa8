//! [`Keeper`]: looks after a daemon's SQLite file each second, on a connection and a thread of its own. While nothing is
//! written it takes the log over into the file, so that a copy of the file alone has everything; it notices a file that was
//! replaced while nobody writes; and it makes copies.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use diesel::connection::SimpleConnection as _;
use tokio::sync::oneshot;

use super::{Conn, Sqlite, copy};
use crate::error::{Error, Result};

/// How often it looks, which is also how long nothing may have been written before the log is taken over.
const LOOK: Duration = Duration::from_secs(1);

/// The log is taken over first as far as that holds nobody up; what is left then is nothing, or somebody writes again.
/// Never waits: it would wait while it keeps writers out.
const TAKE_OVER: &str = "PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(PASSIVE); PRAGMA wal_checkpoint(TRUNCATE);";

/// Looks after a file until it is dropped or closed.
pub(in crate::store) struct Keeper {
    state: Mutex<Option<(Sender<Order>, JoinHandle<()>)>>,
}

/// A copy that is asked for, and where it is answered.
struct Order(PathBuf, oneshot::Sender<Result<()>>);

impl Keeper {
    /// Opens the file, bringing its schema up to date, and begins to look after it. Blocks.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub(in crate::store) fn start(sqlite: Sqlite) -> Result<Self> {
        let (sender, orders) = channel();
        let (opened, told) = channel();
        let work = move || match sqlite.open_conn() {
            Ok(conn) => {
                // Nobody waits for the answer but who is below.
                let _ = opened.send(Ok(()));
                keep(&sqlite, conn, &orders);
            }
            Err(error) => drop(opened.send(Err(error))),
        };
        let thread = std::thread::Builder::new().name("muista-keep".to_owned()).spawn(work);
        let thread = thread.map_err(|e| Error::unavailable(format!("cannot start a thread for the database: {e}")))?;
        told.recv().unwrap_or_else(|_| Err(Error::internal("opening the database failed inside Muista")))?;
        Ok(Self { state: Mutex::new(Some((sender, thread))) })
    }

    /// Copies the database to a new file.
    ///
    /// # Errors
    /// As [`copy::copy`].
    pub(in crate::store) async fn copy(&self, path: PathBuf) -> Result<()> {
        let closed = || Error::unavailable("the database is being closed");
        let (sender, answer) = oneshot::channel();
        {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let (orders, _) = state.as_ref().ok_or_else(closed)?;
            orders.send(Order(path, sender)).map_err(|_| closed())?;
        }
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Ends it, and closes its connection. Blocks.
    pub(in crate::store) fn close(&self) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((orders, thread)) = state {
            drop(orders);
            // One that panicked has nothing open any more.
            let _ = thread.join();
        }
    }
}

fn keep(sqlite: &Sqlite, mut conn: Conn, orders: &Receiver<Order>) {
    let log = sqlite.file.beside("-wal");
    let mut before = look(&log);
    loop {
        match orders.recv_timeout(LOOK) {
            Ok(Order(path, answer)) => drop(answer.send(copy::copy(&mut conn, &path))),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                let now = look(&log);
                // What is wrong is told to whoever asks next.
                if sqlite.file.turn(&mut conn, &*sqlite.clock).is_ok() && now == before && now.0 > 0 {
                    take_over(&mut conn);
                    // So that what is written into the file from now on is not taken for that.
                    drop(sqlite.file.turn(&mut conn, &*sqlite.clock));
                }
                before = look(&log);
            }
        }
    }
    sqlite.close_conn(conn);
}

/// The log's length and when it was last written.
fn look(log: &Path) -> (u64, Option<SystemTime>) {
    fs::metadata(log).map_or((0, None), |log| (log.len(), log.modified().ok()))
}

fn take_over(conn: &mut Conn) {
    if let Err(error) = conn.batch_execute(TAKE_OVER) {
        // Another second is as good, unless the disk is at fault, which writers are told.
        tracing::debug!(%error, "the log was not taken over into the database");
    }
}
