//! `muista daemon reload`: has the running daemon read its settings anew.

use std::path::Path;

use muista_core::config::Config;
use muista_core::error::{Error, ErrorKind};
use muista_core::model::Reloaded;

use crate::client;
use crate::context::CommandContext;
use crate::error::{CliError, Result};

/// Reload the daemon's settings
///
/// `muista config set` does so by itself; this is for a file that was changed otherwise. A daemon that systemd runs can also be
/// reloaded by `systemctl reload`. It reports the settings that take effect only after a restart.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon reload")]
pub(crate) struct Args {}

pub(super) fn run(app: &CommandContext, _: &Args) -> Result<()> {
    let Some(reloaded) = ask(app, app.config()?)? else {
        let error = Error::unavailable(format!("no daemon answers at {}", app.config()?.socket.display()));
        return Err(error.hint("start it with `muista daemon start`").into());
    };
    let out = app.out()?;
    if !out.is_table() {
        return out.document(&reloaded);
    }
    match &reloaded.taken[..] {
        [] => out.say(&format!("The daemon (pid {}) already uses these settings.", reloaded.pid))?,
        taken => out.say(&format!("The daemon (pid {}) uses from now on: {}", reloaded.pid, taken.join(", ")))?,
    }
    if !reloaded.restart.is_empty() {
        out.say(&format!("After `muista daemon restart`: {}", reloaded.restart.join(", ")))?;
    }
    Ok(())
}

/// Has the daemon that `config` leads to read its settings anew; none where none answers.
///
/// # Errors
/// When the daemon cannot use the settings.
fn ask(app: &CommandContext, config: &Config) -> Result<Option<Reloaded>> {
    app.block_on(async {
        match client::daemon(config).await? {
            Some((client, _)) => Ok(Some(client.reload_config().await?)),
            None => Ok(None),
        }
    })
}

/// Tells the daemon that settings were changed in the file at `path`, and returns what comes of it, a line each. `config` is
/// what was set before, which leads to the daemon that runs.
///
/// # Errors
/// When the daemon cannot use the settings.
pub(crate) fn tell(app: &CommandContext, config: &Config, path: &Path, changed: &[&str]) -> Result<Vec<String>> {
    let reloaded = match ask(app, config) {
        Ok(Some(reloaded)) => reloaded,
        Ok(None) => return Ok(Vec::new()),
        Err(error) if is_refusal(&error) => return Err(error),
        // One of another version, or one that is just stopping: the file is written all the same.
        Err(_) => {
            let told = "The running daemon cannot be told; it uses what was changed after: muista daemon restart";
            return Ok(vec![told.to_owned()]);
        }
    };
    let pid = reloaded.pid;
    if let Some(file) = reloaded.file.as_deref().filter(|file| Path::new(file) != path) {
        return Ok(vec![format!("The running daemon (pid {pid}) reads {file} instead")]);
    }
    let among = |keys: &[String]| {
        let named = changed.iter().copied().filter(|key| keys.iter().any(|one| one == key));
        Some(named.collect::<Vec<_>>().join(", ")).filter(|named| !named.is_empty())
    };
    let lines = [
        among(&reloaded.taken).map(|keys| format!("The running daemon (pid {pid}) uses {keys} from now on")),
        among(&reloaded.restart).map(|keys| format!("The running daemon uses {keys} after: muista daemon restart")),
        among(&reloaded.overruled)
            .map(|keys| format!("The running daemon has {keys} by a flag or a variable, which goes before the file")),
    ];
    Ok(lines.into_iter().flatten().collect())
}

/// Whether the daemon said that the settings are wrong.
fn is_refusal(error: &CliError) -> bool {
    matches!(error, CliError::Failed(error) if error.kind == ErrorKind::Invalid)
}
