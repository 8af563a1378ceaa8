//! The daemon's flags, and the settings that come of them. What the settings mean is the core's.

use std::path::PathBuf;

use clap::Parser;
use muista_core::config::{Config, Flags, Sources, system_runtime_dir};
use muista_core::error::{Error, Result};

use crate::{log, tls};

/// The Muista daemon.
///
/// Answers the `muista` command on a Unix socket and HTTP on a loopback address. Once it does, it prints one line of
/// JSON on stdout: {"ready":true,"pid":…,"socket":…,"http":…,"rpc":…}. Logs go to stderr, or to --log-file; the
/// setting log.level says how much. SIGHUP reloads the settings, SIGUSR1 reopens the log.
///
/// Exit status: 0 stopped when asked, 1 failed, 2 bad usage or setting, 4 another daemon works on the data,
/// 5 database or address not available.
#[derive(Debug, Clone, Parser)]
#[command(name = "muistad", version, verbatim_doc_comment)]
pub(crate) struct Args {
    /// Configuration file, as in --config ~/muista.toml [env: MUISTA_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the SQLite database, the lock and the log, as in --data-dir ~/muista [env: MUISTA_DATA_DIR]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Database, as in --database-url postgres://muista@db.example/muista [env: MUISTA_DATABASE_URL]
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Socket for this machine's commands, as in --socket /run/user/1000/muista/muistad.sock [env: MUISTA_SOCKET]
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Loopback address for HTTP, as in --http 127.0.0.1:3000; port 0 takes a free one [env: MUISTA_HTTP]
    #[arg(long, value_name = "ADDRESS")]
    http: Option<String>,
    /// What this daemon does, as in --role worker: server (answers), worker (sends reminders and runs jobs) or all
    /// [env: MUISTA_ROLE]
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Refuse to start on a database whose schema is not this version's, instead of migrating it
    #[arg(long)]
    pub(crate) no_migrate: bool,
    /// Write the log to this file, and begin a new one when it has grown to log.max_size
    #[arg(long, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
    /// Leave the terminal's session, so that closing the terminal does not end the daemon
    #[arg(long)]
    pub(crate) new_session: bool,
}

impl Args {
    /// The settings, from these flags, the environment and the configuration file.
    pub(crate) fn load(&self) -> Result<Config> {
        Config::load_for(&self.sources()?, wrong)
    }

    /// The configuration file, whether or not it exists; none where there is no home folder.
    pub(crate) fn config_file(&self) -> Option<String> {
        Some(self.sources().ok()?.config_file().ok()?.display().to_string())
    }

    /// The address for HTTP that was named.
    pub(crate) fn http(&self) -> Option<&str> {
        self.http.as_deref()
    }

    fn sources(&self) -> Result<Sources> {
        let folder = std::env::current_dir().map_err(|e| {
            Error::unavailable(format!("cannot tell the current folder: {e}")).hint("change to a folder that exists")
        })?;
        let flags = Flags {
            config: self.config.clone(),
            data_dir: self.data_dir.clone(),
            database_url: self.database_url.clone(),
            socket: self.socket.clone(),
            http: self.http.clone(),
            color: None,
            role: self.role.clone(),
            remote: None,
        };
        Ok(Sources::new(flags, std::env::vars_os(), folder).with_runtime_dir(system_runtime_dir()))
    }
}

/// What a daemon cannot work with, beyond values that cannot be read.
fn wrong(config: &Config) -> Vec<Error> {
    let server = &config.server;
    let clear_text = |key: &str, address| tls::refuse_clear_text(server, key, address).err();
    let found = [
        config.listening_socket().err(),
        clear_text("http", config.http),
        server.rpc_listen.and_then(|address| clear_text("rpc.listen", address)),
        tls::server_config(server, &[]).err(),
        log::check(&config.log.level).err(),
    ];
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_are_well_formed() {
        use clap::CommandFactory as _;
        Args::command().debug_assert();
    }
}
