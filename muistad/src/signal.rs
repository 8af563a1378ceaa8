//! When the daemon stops: SIGTERM and SIGINT ask for it, a second one forces it. At SIGUSR1 its log is opened anew.

use muista_core::error::{Error, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::log::Log;

/// Tells every part when the daemon is asked to stop.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Returns once the daemon has been asked to stop.
    pub async fn asked(&self) {
        let mut asked = self.0.clone();
        // An error means that the watching task is gone, which also is the end.
        let _ = asked.wait_for(|asked| *asked).await;
    }

    /// Whether the daemon has been asked to stop.
    pub(crate) fn is_asked(&self) -> bool {
        *self.0.borrow()
    }
}

/// Watches for the signals from now on.
///
/// # Errors
/// `Internal` when the system refuses the handlers.
pub(crate) fn watch() -> Result<Stop> {
    let refused = |e| Error::internal(format!("cannot watch for signals: {e}"));
    let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        let name = next(&mut terminate, &mut interrupt).await.0;
        tracing::info!(signal = name, "stopping");
        sender.send_replace(true);
        let (name, status) = next(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal = name, "stopping at once");
        // The user asked twice: nothing may hold up the end, not even the parts that are being closed.
        std::process::exit(status);
    });
    Ok(Stop(receiver))
}

/// Opens the log anew at each SIGUSR1, from now on.
///
/// # Errors
/// `Internal` when the system refuses the handler.
pub(crate) fn on_user_signal(log: Log) -> Result<()> {
    let refused = |e| Error::internal(format!("cannot watch for signals: {e}"));
    let mut user = signal(SignalKind::user_defined1()).map_err(refused)?;
    tokio::spawn(async move {
        while user.recv().await.is_some() {
            log.reopen();
        }
    });
    Ok(())
}

/// The next signal's name, and the exit status of a process that it ends.
async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> (&'static str, i32) {
    tokio::select! {
        _ = terminate.recv() => ("SIGTERM", 143),
        _ = interrupt.recv() => ("SIGINT", 130),
    }
}

impl Stop {
    /// A stop that comes when `true` is sent, and not by a signal.
    #[must_use]
    pub fn by_hand() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }
}
