//! The supervisor, a process for one run: prepares itself, so that the script inherits it, and starts the script.
//! What happens from then on is `watch`'s. It has one thread, and its environment is empty.

use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream as StdStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};

use muista_core::error::{Error, Result};
use muista_core::script::Checked;
use rustix::fs::{FileType, Mode};
use rustix::io::Errno;
use rustix::process::{Pid, Resource, Rlimit};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

use super::watch::{Signals, Watch};
use super::wire::{Order, Report};

/// The first argument of a `muistad` that is to be a supervisor.
pub(crate) const FLAG: &str = "--supervise";

/// The files that a script may have open, unless it raises that itself. The daemon may have raised its own limit, and
/// programs that close every file one by one would take long.
const FILES: u64 = 1024;

/// Runs the script that the socket on stdin tells of, and reports there how it ended.
pub(crate) fn main() -> ExitCode {
    match supervise() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error),
    }
}

/// The daemon reads stderr as the script's, and misses the report.
fn failure(error: &Error) -> ExitCode {
    eprintln!("error: {}", error_text(error));
    ExitCode::from(error.kind.exit_status())
}

fn supervise() -> Result<()> {
    let socket = socket()?;
    prepare().map_err(|e| Error::unavailable(format!("cannot become a supervisor: {e}")))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(broken)?;
    runtime.block_on(async {
        let (reader, mut writer) = UnixStream::from_std(socket).map_err(broken)?.into_split();
        let mut orders = BufReader::new(reader);
        let mut line = String::new();
        orders.read_line(&mut line).await.map_err(broken)?;
        let order: Order = serde_json::from_str(&line).map_err(broken)?;
        // From before the script starts, so that its end is not missed.
        let signals = Signals::watch().map_err(broken)?;
        let report = match start(&order) {
            Ok(script) => Watch::new(script, orders, signals, &order).run().await,
            Err(error) => Report { error: Some(error_text(&error)), ..Report::default() },
        };
        let mut line = serde_json::to_vec(&report).map_err(broken)?;
        line.push(b'\n');
        // The daemon may be gone, then nobody wants to know.
        let _ = writer.write_all(&line).await;
        Ok(())
    })
}

/// The socket on stdin, as a file that the script does not inherit.
fn socket() -> Result<StdStream> {
    let stdin = std::io::stdin();
    let is_socket =
        rustix::fs::fstat(&stdin).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Socket);
    if !is_socket {
        return Err(Error::invalid("supervise", format!("{FLAG} is what muistad calls itself with to run a script"))
            .hint("start the daemon with `muistad`, without it"));
    }
    let socket = StdStream::from(stdin.as_fd().try_clone_to_owned().map_err(broken)?);
    socket.set_nonblocking(true).map_err(broken)?;
    Ok(socket)
}

/// Sets what the script inherits, and makes every process without a parent a child of this one.
fn prepare() -> rustix::io::Result<()> {
    // Whatever started the daemon may have left files open; the script gets none of them.
    close_fds::set_fds_cloexec(3, &[]);
    // No terminal, and no signals that are meant for the daemon's group.
    rustix::process::setsid()?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    rustix::process::setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    let files = rustix::process::getrlimit(Resource::Nofile);
    let current = files.current.map_or(FILES, |current| current.min(FILES));
    rustix::process::setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: files.maximum })
}

/// Checks the script and starts it, in its own folder and its own group.
fn start(order: &Order) -> Result<Pid> {
    let script = Checked::open(&order.path)?;
    let program = script.enter()?;
    let child = Command::new(program)
        .args(&order.args)
        .env_clear()
        .envs(order.env.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|e| cannot_execute(order, &e))?;
    let pid = child.id().try_into().ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| Error::internal(format!("the system gave the script the process number {}", child.id())))
}

fn cannot_execute(order: &Order, error: &std::io::Error) -> Error {
    let path = order.path.display();
    let hint = match Errno::from_io_error(error) {
        Some(Errno::NOEXEC) => "its first line has to name what runs it, as in `#!/bin/sh`".to_owned(),
        Some(Errno::NOENT) => {
            "its first line names a program that is not there; correct it, or install that".to_owned()
        }
        Some(Errno::TOOBIG) => "its arguments are too long; hand them over in a file".to_owned(),
        Some(Errno::TXTBSY) => {
            "something is writing to it; put a new version there under another name, then rename".to_owned()
        }
        _ => format!("try it in a terminal: `{path}`"),
    };
    Error::forbidden(format!("cannot execute {path}: {error}")).hint(hint)
}

fn broken(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("the supervisor of a script cannot work: {error}"))
}

fn error_text(error: &Error) -> String {
    match &error.hint {
        Some(hint) => format!("{}; {hint}", error.message),
        None => error.message.clone(),
    }
}
