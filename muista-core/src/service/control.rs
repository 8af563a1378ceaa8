//! [`Control`]: what a daemon lets be done with itself beside its data: having it read its settings anew. In embedded
//! mode there is nobody to be told.

use std::sync::Arc;

use super::{Caller, Service};
use crate::error::{Error, Result};
use crate::model::{Finding, Reloaded, Role, SettingsState};

/// What a daemon does with its settings. Both read files, so they block.
pub trait Control: Send + Sync {
    /// Reads the settings anew and takes over those that need no restart.
    ///
    /// # Errors
    /// `Invalid` when they cannot be used; the old ones then hold.
    fn reload(&self) -> Result<Reloaded>;

    /// Returns how the settings stand.
    fn settings(&self) -> SettingsState;

    /// Says that in a line of `doctor`.
    fn finding(&self) -> Finding;
}

/// Has the daemon read its settings anew.
///
/// # Errors
/// `Forbidden` for all but admins, `Conflict` where no daemon answers, and as [`Control::reload`].
pub async fn reload(service: &Service, caller: &Caller) -> Result<Reloaded> {
    if caller.role != Role::Admin {
        return Err(
            Error::forbidden("only an admin may reload the daemon's settings").hint("ask the user who runs the daemon")
        );
    }
    let control = service
        .control()
        .ok_or_else(|| Error::conflict("no daemon is running").hint("`muista daemon start` starts one"))?;
    blocking(move || control.reload()).await?
}

/// Returns what `doctor` says of the daemon's settings; none where no daemon answers.
pub(super) async fn finding(service: &Service) -> Result<Option<Finding>> {
    let Some(control) = service.control() else {
        return Ok(None);
    };
    blocking(move || control.finding()).await.map(Some)
}

/// Returns how the daemon's settings stand; none where no daemon answers.
pub(super) async fn settings(service: &Service) -> Result<Option<SettingsState>> {
    let Some(control) = service.control() else {
        return Ok(None);
    };
    blocking(move || control.settings()).await.map(Some)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::internal(format!("the settings could not be read: {e}")))
}

impl Service {
    /// Has callers control the daemon by `control`; the first counts.
    pub fn set_control(&self, control: Arc<dyn Control>) {
        // A process has one daemon.
        let _ = self.control.set(control);
    }

    fn control(&self) -> Option<Arc<dyn Control>> {
        self.control.get().cloned()
    }
}
