//! The daemon's log on stderr: text on a terminal, one JSON object a line elsewhere. `log.level` says how much. Where
//! stderr is a file of its own, that is [`mod@crate::log_file`]'s.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;
use std::sync::Arc;

use muista_core::config::{Color, Config};
use muista_core::error::{Error, Result};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, reload};

use crate::log_file::LogFile;

/// The log of the process, which can be changed while it is written.
#[derive(Clone)]
pub(crate) struct Log {
    level: reload::Handle<EnvFilter, Registry>,
    file: Option<Arc<LogFile>>,
}

/// Starts logging for the whole process, into `file` where one is named. Panics are logged too, with their place.
///
/// # Errors
/// `Invalid` when the level cannot be read, `Unavailable` when the file cannot be written.
pub(crate) fn start(config: &Config, file: Option<&Path>) -> Result<Log> {
    let file = file.map(|path| LogFile::open(path, &config.log)).transpose()?.map(Arc::new);
    let (filter, level) = reload::Layer::new(filter(&config.log.level)?);
    let lines = tracing_subscriber::fmt::layer().with_writer(Writer(file.clone()));
    let log = tracing_subscriber::registry().with(filter);
    let started = if io::stderr().is_terminal() {
        log.with(lines.with_ansi(coloured(config.color))).try_init()
    } else {
        log.with(lines.json()).try_init()
    };
    started.map_err(|e| Error::internal(format!("cannot start the log: {e}")))?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let payload = panic.payload();
        let message = payload.downcast_ref::<&str>().copied().or(payload.downcast_ref::<String>().map(String::as_str));
        tracing::error!(place, message, "a part of the daemon failed by a fault of its own");
    }));
    Ok(Log { level, file })
}

impl Log {
    /// Logs as these settings say from now on.
    ///
    /// # Errors
    /// `Invalid` when the level cannot be read; nothing is changed then.
    pub(crate) fn take_over(&self, config: &Config) -> Result<()> {
        let filter = filter(&config.log.level)?;
        self.level.reload(filter).map_err(|e| Error::internal(format!("the log's level cannot be changed: {e}")))?;
        if let Some(file) = &self.file {
            file.take_over(&config.log);
        }
        Ok(())
    }

    /// Opens the log's file anew, which another program has put aside.
    pub(crate) fn reopen(&self) {
        if let Some(Err(error)) = self.file.as_deref().map(LogFile::reopen) {
            tracing::warn!(%error, "the log's file cannot be opened anew");
        }
    }
}

/// Whether the level can be read.
///
/// # Errors
/// `Invalid` where it cannot.
pub(crate) fn check(level: &str) -> Result<()> {
    filter(level).map(drop)
}

fn filter(level: &str) -> Result<EnvFilter> {
    EnvFilter::builder().parse(quiet(level)).map_err(|e| {
        Error::invalid("log.level", format!("log.level: `{}` cannot be read: {e}", level.escape_debug()))
            .hint("write error, warn, info, debug or trace, or levels per part as in `info,muista_core=debug`")
    })
}

/// The libraries that would log what people wrote: arguments of tools, bodies of mails.
const LOQUACIOUS: [&str; 9] =
    ["rmcp", "tarpc", "hyper", "hyper_util", "h2", "reqwest", "lettre", "tokio_postgres", "rustls"];

/// The directives, with such libraries no louder than `info` unless they are named: a level for all is meant for Muista.
fn quiet(directives: &str) -> String {
    let named = |library: &str| directives.split(',').any(|one| one.trim().starts_with(library));
    let quiet = LOQUACIOUS.iter().filter(|library| !named(library)).map(|library| format!(",{library}=info"));
    std::iter::once(directives.to_owned()).chain(quiet).collect()
}

fn coloured(color: Color) -> bool {
    match color {
        Color::Auto => std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        Color::Always => true,
        Color::Never => false,
    }
}

/// Writes each line to stderr, and has its file make room before.
struct Writer(Option<Arc<LogFile>>);

impl<'a> MakeWriter<'a> for Writer {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self.0.as_deref())
    }
}

struct Line<'a>(Option<&'a LogFile>);

impl Write for Line<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        if let Some(file) = self.0 {
            file.make_room(text.len());
        }
        io::stderr().lock().write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_for_all_has_no_library_log_what_people_wrote() {
        let all = quiet("debug");
        assert!(all.starts_with("debug,") && all.contains(",rmcp=info") && all.contains(",lettre=info"), "{all}");
        let asked = quiet("info,rmcp=trace");
        assert!(!asked.contains("rmcp=info") && asked.contains("h2=info"), "{asked}");
        assert!(EnvFilter::builder().parse(all).is_ok());
    }
}
