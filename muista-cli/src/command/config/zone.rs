//! The setting `timezone` is kept with the account `local` as well, where every way in finds it: REST, agents and the
//! daemon read dates in the account's zone. A daemon takes it over when it starts; this is for the one that runs.

use muista_core::model::{Change, UserPatch, ZoneName};

use crate::connection_target::ConnectionTarget;
use crate::context::CommandContext;
use crate::error::{CliError, Result};

/// Keeps the zone with the account, where that setting was changed and the account is one of this machine.
///
/// # Errors
/// When the configuration cannot be read. That the account cannot be changed is only told.
pub(super) fn keep(app: &CommandContext, setting: &str, value: Option<&str>) -> Result<()> {
    if setting != "timezone" || matches!(app.target()?, ConnectionTarget::Remote(_)) || app.nothing_is_kept_yet()? {
        return Ok(());
    }
    // `system` is the zone of a machine, and none of an account.
    let timezone = Change::from_option(value.and_then(|value| value.parse::<ZoneName>().ok()));
    let patch = UserPatch { timezone, ..UserPatch::default() };
    let kept = app.block_on(async {
        let kept = app.client().await?.edit_user(None, patch).await;
        app.close();
        Ok(kept?)
    });
    if let Err(CliError::Failed(error)) = kept {
        app.note(&format!("warning: the account local keeps its zone until the daemon starts: {}", error.message));
    }
    Ok(())
}
