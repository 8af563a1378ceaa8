//! The use case of scripts: listing those that jobs may run. Registering one is done in the scripts folder or the
//! configuration, and by no way in.

use super::{Caller, Service};
use crate::error::{Error, Result};
use crate::model::{Role, Scope, Script};

/// All scripts that jobs may run, by name, those included that would be refused now.
pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<Script>> {
    caller.require(Scope::JobsRead)?;
    let settings = service.settings();
    let mut scripts = tokio::task::spawn_blocking(move || settings.scripts.list())
        .await
        .map_err(|e| Error::internal(format!("cannot list the scripts: {e}")))??;
    if caller.role != Role::Admin {
        // Where it stands on the machine is nothing to whoever only uses it.
        for script in &mut scripts {
            script.path = script.path.file_name().unwrap_or_default().into();
            script.problem =
                script.problem.take().map(|_| "it cannot be run now; the administrator of Muista sees why".to_owned());
        }
    }
    Ok(scripts)
}
