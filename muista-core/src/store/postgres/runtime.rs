//! The event loop of a lane: a lane is a thread with one connection, which only goes on while the lane asks something of
//! it. So what the server said meanwhile, that it ended the connection for one, is not known before the loop is run.

use std::cell::RefCell;
use std::pin::pin;
use std::sync::Arc;

use diesel_async::async_connection_wrapper::BlockOn;
use futures::{FutureExt as _, StreamExt as _};
use tokio::runtime::Runtime;

use super::Conn;
use crate::error::{Error, Result};

/// How often the loop has to go round until a connection has read what came: it hears of it in one turn, and reads in
/// the next.
const TURNS: usize = 2;

thread_local! {
    static RUNTIME: RefCell<Option<Arc<Runtime>>> = const { RefCell::new(None) };
}

/// The runtime that drives a lane's connection.
pub(crate) struct LaneRuntime(Arc<Runtime>);

impl BlockOn for LaneRuntime {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }

    #[expect(
        clippy::expect_used,
        reason = "the trait leaves no room for an error; a lane makes its runtime first, in `runtime`"
    )]
    fn get_runtime() -> Self {
        Self(runtime().expect("the lane's runtime was made before"))
    }
}

/// This thread's runtime, made when there is none yet.
pub(super) fn runtime() -> Result<Arc<Runtime>> {
    RUNTIME.with_borrow_mut(|slot| {
        if let Some(runtime) = slot {
            return Ok(Arc::clone(runtime));
        }
        let made = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::unavailable(format!("cannot start the database's event loop: {e}")))?;
        Ok(Arc::clone(slot.insert(Arc::new(made))))
    })
}

/// Looks whether the server has ended a connection, without asking it.
///
/// # Errors
/// `Unavailable` when it has.
pub(super) fn ended(conn: &mut Conn) -> Result<()> {
    let over = runtime()?.block_on(async {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
        // A lane listens for nothing, so all that can come is the end.
        pin!(conn.notifications_stream()).next().now_or_never().is_some()
    });
    if over { Err(Error::unavailable("the database closed the connection")) } else { Ok(()) }
}
