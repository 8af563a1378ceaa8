//! The daemon's log on stderr: text on a terminal, one JSON object a line elsewhere. `MUISTA_LOG` says how much.

use std::io::IsTerminal as _;

use muista_core::config::Color;
use muista_core::error::{Error, Result};
use tracing_subscriber::EnvFilter;

/// Starts logging for the whole process. Panics are logged too, with their place.
///
/// # Errors
/// `Invalid` when `MUISTA_LOG` cannot be read.
pub(crate) fn start(color: Color) -> Result<()> {
    let log = tracing_subscriber::fmt().with_env_filter(filter()?).with_writer(std::io::stderr);
    let terminal = std::io::stderr().is_terminal();
    let started = if terminal { log.with_ansi(coloured(color)).try_init() } else { log.json().try_init() };
    started.map_err(|e| Error::internal(format!("cannot start the log: {e}")))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let payload = panic.payload();
        let message = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        tracing::error!(place, message, "a part of the daemon failed by a fault of its own");
    }));
    Ok(())
}

fn filter() -> Result<EnvFilter> {
    let directives = match std::env::var("MUISTA_LOG") {
        Ok(directives) if !directives.is_empty() => directives,
        _ => "info".to_owned(),
    };
    EnvFilter::builder().parse(&directives).map_err(|e| {
        Error::invalid("MUISTA_LOG", format!("MUISTA_LOG: `{}` cannot be read: {e}", directives.escape_debug()))
            .hint("write error, warn, info, debug or trace, or levels per part as in `info,muista_core=debug`")
    })
}

fn coloured(color: Color) -> bool {
    match color {
        Color::Auto => std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        Color::Always => true,
        Color::Never => false,
    }
}
