//! The daemon of another machine that commands go to, and what `login` stored for it.

use muista_core::error::ErrorKind;
use muista_core::model::Finding;

use super::Subject;
use crate::connection_target::{ConnectionTarget, Remote};
use crate::credentials;
use crate::error::CliError;

/// Returns what `login` stored; nothing where it stored nothing.
pub(super) fn login(subject: &Subject<'_>) -> Vec<Finding> {
    let name = "login";
    match credentials::load(subject.app.sources()) {
        Ok(None) => Vec::new(),
        Ok(Some(stored)) => vec![Finding::ok(name, format!("to {}", stored.address))],
        Err(error) => vec![Finding::failed(name, &error)],
    }
}

/// Returns the daemon of another machine; nothing where commands stay here.
pub(super) fn elsewhere(subject: &Subject<'_>) -> Vec<Finding> {
    let (name, app) = ("remote", subject.app);
    let Ok(ConnectionTarget::Remote(Remote { address, .. })) = app.target() else {
        return Vec::new();
    };
    let asked = app.block_on(async {
        let client = app.client().await?;
        let found = (client.whoami().await?, client.status().await?);
        app.close();
        Ok(found)
    });
    let ours = env!("CARGO_PKG_VERSION");
    vec![match asked {
        Ok((_, status)) if status.version != ours => {
            let found = format!("{address} is version {}, this command {ours}", status.version);
            Finding::warn(name, found, "update the older of the two")
        }
        Ok((identity, _)) => Finding::ok(name, format!("{address} knows you as {}", identity.user)),
        Err(CliError::Failed(error)) if error.kind == ErrorKind::Unauthenticated => {
            Finding::fail(name, format!("{address}: {}", error.message), format!("`muista login {address}`"))
        }
        Err(error) => super::failed(name, &error),
    }]
}
