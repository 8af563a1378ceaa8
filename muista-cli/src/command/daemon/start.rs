//! `muista daemon start`: starts `muistad` on its own, apart from this terminal, and waits until it answers.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use muista_core::config::Config;
use muista_core::error::Error;
use serde::{Deserialize, Serialize};

use super::{holder, logs, query_status};
use crate::context::CommandContext;
use crate::error::Result;

/// How long a daemon may take to answer; bringing a large database up to date takes a while.
const PATIENCE: Duration = Duration::from_secs(120);

/// Start the daemon in the background
///
/// It works on the same data as this command, and logs to muistad.log in the data folder. If it is already running,
/// it says so and exits with 0.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon start --http 127.0.0.1:8080")]
pub(crate) struct Args {
    /// Loopback address for HTTP, as in --http 127.0.0.1:8080; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    http: Option<String>,
}

impl Args {
    /// Starts a daemon that serves HTTP at this address, or where the settings say.
    pub(super) fn at(http: Option<String>) -> Self {
        Self { http }
    }
}

/// The daemon that runs now.
#[derive(Debug, Serialize)]
struct Running {
    started: bool,
    pid: u32,
    /// None where it answers no commands.
    socket: Option<PathBuf>,
    http: Option<String>,
}

/// What `muistad` says on its stdout, once.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Told {
    Ready { pid: u32, socket: Option<PathBuf>, http: Option<String> },
    Failed { error: Error },
}

pub(super) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    let config = app.config()?;
    config.listening_socket()?;
    if let Some((status, socket)) = query_status(app)? {
        let running = Running { started: false, pid: status.pid, socket: Some(socket), http: status.http };
        return say(app, &running);
    }
    let (log, path) = open_log(&config.data_dir)?;
    let child = command(app, config, args)?.stderr(log).spawn().map_err(|e| {
        Error::internal(format!("cannot start muistad: {e}"))
            .hint("put muistad into the folder of muista, or into one that PATH names")
    })?;
    match wait(child, &path)? {
        Told::Ready { pid, socket, http } => say(app, &Running { started: true, pid, socket, http }),
        Told::Failed { error } => Err(error.into()),
    }
}

/// The daemon's command line. What it works on is said in full, since it runs in another folder.
fn command(app: &CommandContext, config: &Config, args: &Args) -> Result<Command, Error> {
    let mut command = Command::new(program());
    // What it says before it can read its settings goes there too.
    command.arg("--log-file").arg(config.data_dir.join(logs::FILE));
    command.arg("--new-session").arg("--data-dir").arg(&config.data_dir).arg("--socket").arg(&config.socket);
    if let Ok(file) = app.sources().config_file()
        && file.exists()
    {
        command.arg("--config").arg(file);
    }
    if let Some(http) = &args.http {
        command.arg("--http").arg(http);
    }
    // By the environment, because anybody may read a command line and the URL may hold a password.
    if let Some(url) = &config.database_url {
        command.env("MUISTA_DATABASE_URL", url).env_remove("MUISTA_DATABASE_URL_FILE");
    }
    if let Some(ca) = &config.database_ca {
        command.env("MUISTA_DATABASE_CA", ca);
    }
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::piped());
    Ok(command)
}

/// `muistad` beside this program, or else wherever PATH has it.
pub(super) fn program() -> PathBuf {
    let beside = std::env::current_exe().map(|exe| exe.with_file_name("muistad")).ok();
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from("muistad"))
}

fn open_log(data_dir: &Path) -> Result<(File, PathBuf), Error> {
    let path = data_dir.join(logs::FILE);
    let open = || -> std::io::Result<File> {
        DirBuilder::new().recursive(true).mode(0o700).create(data_dir)?;
        OpenOptions::new().append(true).create(true).mode(0o600).open(&path)
    };
    let file = open().map_err(|e| {
        Error::unavailable(format!("cannot write {}: {e}", path.display()))
            .hint("make the folder writable for you, or choose another with --data-dir")
    })?;
    Ok((file, path))
}

/// Waits for the daemon's one line.
fn wait(mut child: Child, log: &Path) -> Result<Told, Error> {
    let Some(out) = child.stdout.take() else {
        return Err(Error::internal("the daemon's answer cannot be read"));
    };
    if !holder::ready(&out, PATIENCE)? {
        return Err(Error::unavailable(format!("the daemon does not answer after {} s", PATIENCE.as_secs()))
            .hint(format!("see {}; `muista daemon stop` ends it", log.display())));
    }
    let mut line = String::new();
    let read = BufReader::new(out).read_line(&mut line);
    if let Some(told) = read.ok().and_then(|_| serde_json::from_str(&line).ok()) {
        return Ok(told);
    }
    let how = child.wait().map_or_else(|e| e.to_string(), |status| status.to_string());
    Err(Error::unavailable(format!("the daemon ended before it answered ({how})"))
        .hint(format!("see {}", log.display())))
}

fn say(app: &CommandContext, running: &Running) -> Result<()> {
    let out = app.out()?;
    if !out.is_table() {
        return out.document(running);
    }
    let how = if running.started { "Daemon started" } else { "Daemon already running" };
    let http = running.http.as_ref().map_or_else(String::new, |http| format!(", http://{http}"));
    let socket = running.socket.as_ref().map_or_else(|| "no socket".to_owned(), |path| path.display().to_string());
    out.say(&format!("{how} (pid {}): {socket}{http}", running.pid))
}
