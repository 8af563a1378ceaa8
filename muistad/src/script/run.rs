//! The engine's side of a run: starts the supervisor, passes orders on, and tells how the run ended.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdStream;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use muista_core::error::{Error, Result};
use muista_core::model::Stream;
use muista_core::script::ScriptCommand;
use rustix::process::{Pid, Signal};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::output::{Chunk, Forward};
use super::wire::{GIVE_UP, HEARTBEAT, KILL, Order, Report, STOP};
use super::{FLAG, process_tree};

/// Work is ended when its daemon has not renewed it for so long: before the lease of 30 s is over, and another daemon
/// may take it.
const RENEWAL: Duration = Duration::from_secs(20);
/// How much later than it should a supervisor may report before it counts as lost.
const LATE: Duration = Duration::from_secs(10);
/// Where scripts look for programs, whatever the daemon's own setting is.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";
/// What scripts get of the daemon's own environment. It may hold passwords, so nothing else.
const INHERITED: [&str; 4] = ["HOME", "USER", "LANG", "TZ"];

/// A run to start.
#[derive(Debug)]
pub(crate) struct Spec {
    /// What to execute.
    pub(crate) command: ScriptCommand,
    /// Variables of the run itself, as in `MUISTA_RUN_ID`; they win over the script's.
    pub(crate) env: Vec<(String, String)>,
    /// How long the script may take.
    pub(crate) timeout: Duration,
    /// Between SIGTERM and SIGKILL.
    pub(crate) grace: Duration,
    /// How many bytes of each stream are kept.
    pub(crate) output_max: usize,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ended {
    /// The script's exit code, when it exited.
    pub(crate) exit_code: Option<i32>,
    /// The signal that ended the script.
    pub(crate) signal: Option<i32>,
    /// It took too long, and was ended.
    pub(crate) timed_out: bool,
    /// It was ended by an order, or because the daemon did not renew it.
    pub(crate) stopped: bool,
    /// How many bytes of output were dropped, since there were more than are kept.
    pub(crate) omitted: u64,
    /// The processes that the script left behind and that had to be ended, as in `sleep (4711)`; the last line says how
    /// many more there were.
    pub(crate) left_behind: Vec<String>,
    /// Why the script could not be started, or not be ended; with the remedy.
    pub(crate) error: Option<String>,
}

/// Starts runs.
#[derive(Debug, Clone)]
pub(crate) struct Runner {
    /// The program that is the supervisor.
    pub(crate) program: PathBuf,
    /// How long a run goes on without a heartbeat.
    pub(crate) renewal: Duration,
}

impl Default for Runner {
    /// This very program, even when its file was replaced meanwhile.
    fn default() -> Self {
        Self { program: PathBuf::from("/proc/self/exe"), renewal: RENEWAL }
    }
}

impl Runner {
    /// Starts a run. What the script writes goes to `output`, which closes after the last of it. The receiver has to
    /// be read or dropped: while it is full, a script that writes waits.
    ///
    /// A script that is refused or cannot be executed is no error here, but an [`Ended`] with one.
    ///
    /// # Errors
    /// `Unavailable` when the supervisor cannot be started: the run may be tried again.
    pub(crate) async fn start(&self, spec: Spec, output: mpsc::Sender<Chunk>) -> Result<Running> {
        let order = line(&self.order(&spec))?;
        let (ours, theirs) = StdStream::pair().map_err(cannot_start)?;
        let mut child = Command::new(&self.program)
            .arg0("muista-supervisor")
            .arg(FLAG)
            .env_clear()
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(cannot_start)?;
        let (tell, ended) = watch::channel(false);
        let forward = |stream| Forward { stream, max: spec.output_max, output: output.clone(), ended: ended.clone() };
        let pipes = [
            child.stdout.take().map(|pipe| tokio::spawn(forward(Stream::Stdout).run(pipe))),
            child.stderr.take().map(|pipe| tokio::spawn(forward(Stream::Stderr).run(pipe))),
        ];
        let orders = ours.try_clone().map_err(cannot_start)?;
        ours.set_nonblocking(true).map_err(cannot_start)?;
        let mut socket = UnixStream::from_std(ours).map_err(cannot_start)?;
        let supervisor = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        // Should the supervisor be gone already, there will be no report either.
        let _ = socket.write_all(&order).await;
        let patience = spec.timeout.saturating_add(spec.grace).saturating_add(GIVE_UP).saturating_add(LATE);
        let run = Run { child, supervisor, socket, pipes, tell };
        Ok(Running { orders, supervisor, follower: tokio::spawn(run.follow(patience)), ended: None })
    }

    fn order(&self, spec: &Spec) -> Order {
        Order {
            path: spec.command.path.clone(),
            args: spec.command.args.clone(),
            env: environment(spec),
            timeout: spec.timeout,
            grace: spec.grace,
            renewal: self.renewal,
        }
    }
}

/// All variables that the script gets.
fn environment(spec: &Spec) -> Vec<(String, String)> {
    let mut env = BTreeMap::from([("PATH".to_owned(), PATH.to_owned())]);
    env.extend(INHERITED.into_iter().filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))));
    env.extend(spec.command.env.clone());
    env.extend(spec.env.iter().cloned());
    env.into_iter().collect()
}

fn line(order: &Order) -> Result<Vec<u8>> {
    let mut line = serde_json::to_vec(order).map_err(|e| {
        Error::invalid("script", format!("the path {} cannot be passed on: {e}", order.path.display()))
            .hint("keep scripts in a folder whose path is UTF-8 text")
    })?;
    line.push(b'\n');
    Ok(line)
}

fn cannot_start(error: std::io::Error) -> Error {
    Error::unavailable(format!("cannot start a supervisor for the script: {error}"))
        .hint("the system may have no more processes or files for this user; see `ulimit -a`")
}

/// A run under way. Dropping it ends the script as [`Running::stop`] does.
#[derive(Debug)]
pub(crate) struct Running {
    orders: StdStream,
    supervisor: Option<Pid>,
    follower: JoinHandle<Ended>,
    ended: Option<Ended>,
}

impl Running {
    /// Lets the script go on; due every 10 s.
    pub(crate) fn heartbeat(&self) {
        self.order(HEARTBEAT);
    }

    /// Ends the script: SIGTERM to all its processes, and SIGKILL after the grace. Wait for [`Running::ended`] then.
    pub(crate) fn stop(&self) {
        self.order(STOP);
    }

    /// Ends the script with SIGKILL to all its processes, at once. Wait for [`Running::ended`] then.
    pub(crate) fn kill(&self) {
        self.order(KILL);
    }

    /// Returns how the run ended, once none of its processes is left and all output was handed on. Nothing is lost when
    /// the wait is given up and begun again.
    pub(crate) async fn ended(&mut self) -> Ended {
        if let Some(ended) = &self.ended {
            return ended.clone();
        }
        let ended = (&mut self.follower).await.unwrap_or_else(|e| failed(format!("the run was given up: {e}")));
        self.ended.insert(ended).clone()
    }

    fn order(&self, order: u8) {
        if self.follower.is_finished() {
            return;
        }
        // A script can halt its supervisor, but not keep it halted.
        if let Some(supervisor) = self.supervisor {
            let _ = rustix::process::kill_process(supervisor, Signal::CONT);
        }
        // A supervisor that does not read is given up after a time, and one that is gone has reported.
        let _ = (&self.orders).write(&[order]);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The supervisor takes the end of the orders for the end of the daemon.
        let _ = self.orders.shutdown(Shutdown::Write);
    }
}

/// What the following task holds of a run.
struct Run {
    child: Child,
    supervisor: Option<Pid>,
    socket: UnixStream,
    pipes: [Option<JoinHandle<u64>>; 2],
    tell: watch::Sender<bool>,
}

impl Run {
    /// Waits for the report, for `patience` at most, then for the output.
    async fn follow(mut self, patience: Duration) -> Ended {
        let mut text = String::new();
        let read = timeout(patience, BufReader::new(&mut self.socket).read_line(&mut text)).await;
        let report = read.ok().and_then(|_| serde_json::from_str(&text).ok());
        let mut ended = match report {
            Some(report) => of_report(report),
            None => self.lost().await,
        };
        self.tell.send_replace(true);
        if timeout(LATE, self.child.wait()).await.is_err() {
            let _ = self.child.start_kill();
            let _ = timeout(LATE, self.child.wait()).await;
        }
        for pipe in self.pipes.into_iter().flatten() {
            ended.omitted += pipe.await.unwrap_or(0);
        }
        ended
    }

    /// Ends a run whose supervisor was killed, or does not report.
    async fn lost(&self) -> Ended {
        let left = match self.supervisor {
            Some(supervisor) => process_tree::end_lost(supervisor).await,
            None => 0,
        };
        match left {
            0 => failed("the script's supervisor was ended or halted, so the script was killed".to_owned()),
            _ => failed(format!("the script's supervisor was ended or halted; {left} processes could not be killed")),
        }
    }
}

fn of_report(report: Report) -> Ended {
    Ended {
        exit_code: report.exit,
        signal: report.signal,
        timed_out: report.timed_out,
        stopped: report.stopped,
        omitted: 0,
        left_behind: report.left_behind,
        error: report.error,
    }
}

fn failed(error: String) -> Ended {
    Ended { error: Some(error), ..Ended::default() }
}
