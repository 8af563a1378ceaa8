//! `muista daemon restart`: ends the daemon and starts it anew, with the settings as they are now.

use std::fs;

use muista_core::error::Error;

use super::{query_status, start, stop};
use crate::context::CommandContext;
use crate::error::Result;

/// Restart the daemon
///
/// Waits until the old one has ended and the new one answers. If none is running, it starts one. An address that was named with
/// --http when the daemon was started is kept. A daemon that systemd runs is restarted by systemctl.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon restart")]
pub(crate) struct Args {
    /// Another address for HTTP, as in --http 127.0.0.1:8080; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    http: Option<String>,
}

pub(super) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    // Looked at before anything ends: with broken settings no other would start.
    app.config()?;
    let status = query_status(app)?.map(|(status, _)| status);
    if let Some(status) = &status
        && let Some(command) = unit(status.pid).as_deref().and_then(by_systemd)
    {
        let error = Error::conflict(format!("systemd runs the daemon (pid {})", status.pid));
        return Err(error.hint(format!("restart it with `{command}`")).into());
    }
    if let Some(error) = status.as_ref().and_then(|status| status.settings.as_ref()?.error.clone()) {
        let error = Error::invalid("config", format!("the daemon could not start with its settings: {error}"));
        return Err(error.hint("correct them; the daemon goes on as it is").into());
    }
    let named = status.and_then(|status| status.settings?.http);
    stop::end(app)?;
    start::run(app, &start::Args::at(args.http.clone().or(named)))
}

/// The control group of a process, as cgroups(7) version 2 tells it.
fn unit(pid: u32) -> Option<String> {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    groups.lines().find_map(|line| line.strip_prefix("0::")).map(str::to_owned)
}

/// The command that restarts the unit of a control group; none where it is no service's of the daemon.
fn by_systemd(group: &str) -> Option<String> {
    let unit = group.rsplit('/').next()?;
    // What a terminal or another service starts is in theirs.
    if !(unit.starts_with("muista") && unit.ends_with(".service")) {
        return None;
    }
    let user = if group.contains("/user.slice/") || group.starts_with("user.slice/") { "--user " } else { "" };
    Some(format!("systemctl {user}restart {}", unit.trim_end_matches(".service")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_restarted_by_who_runs_it() {
        for (group, command) in [
            ("/system.slice/muistad.service", Some("systemctl restart muistad")),
            (
                "/user.slice/user-1000.slice/user@1000.service/app.slice/muistad.service",
                Some("systemctl --user restart muistad"),
            ),
            ("/user.slice/user-1000.slice/session-2.scope", None),
            ("/system.slice/cron.service", None),
            ("/", None),
        ] {
            assert_eq!(by_systemd(group).as_deref(), command, "{group}");
        }
    }
}
