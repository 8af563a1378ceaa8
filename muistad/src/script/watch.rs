//! A script's life, as its supervisor sees it: it ends by itself, or because it took too long, or because the daemon
//! says so or is gone. Then what is left is ended: SIGTERM, the grace, SIGKILL, until no process remains.

use std::collections::BTreeMap;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::net::unix::OwnedReadHalf;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep_until, timeout};

use super::process_tree::{self, Process};
use super::wire::{GIVE_UP, HEARTBEAT, KILL, Order, Report};

/// What a script left running may take to end by itself, as a `tee` does that has yet to read its last line.
const LINGER: Duration = Duration::from_millis(100);
/// The grace when the daemon is gone: the run's lease is about to end, and then another daemon may run it.
const GRACE_ALONE: Duration = Duration::from_secs(5);
/// How many of the processes that a script left behind are named.
const NAMED: usize = 10;
/// How often the processes are looked through while they are killed.
const PASS: Duration = Duration::from_millis(10);

/// The signals that matter to a supervisor. One that is watched for is not ignored, and so not by the script either: a
/// shell that starts the daemon in the background has it ignore SIGINT and SIGQUIT.
pub(super) struct Signals {
    child: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    quit: tokio::signal::unix::Signal,
    /// Sent by the system when the daemon's thread that started this process ends. Threads end while daemons go on, so
    /// it only means something when there is another parent.
    parent_thread: tokio::signal::unix::Signal,
    parent: Option<Pid>,
}

impl Signals {
    /// Watches for them from now on.
    ///
    /// # Errors
    /// When the system refuses the handlers.
    pub(super) fn watch() -> std::io::Result<Self> {
        let parent_thread = signal(SignalKind::hangup())?;
        rustix::process::set_parent_process_death_signal(Some(Signal::HUP))?;
        Ok(Self {
            child: signal(SignalKind::child())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            parent_thread,
            parent: rustix::process::getppid(),
        })
    }

    async fn next(&mut self) -> Event {
        loop {
            tokio::select! {
                _ = self.child.recv() => return Event::Child,
                _ = self.terminate.recv() => return Event::Stop,
                _ = self.interrupt.recv() => return Event::Stop,
                _ = self.quit.recv() => return Event::Stop,
                _ = self.parent_thread.recv() => {
                    if rustix::process::getppid() != self.parent {
                        return Event::Alone;
                    }
                }
            }
        }
    }
}

/// What a supervisor waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    /// A process ended, perhaps.
    Child,
    /// End the script with the grace.
    Stop,
    /// End the script at once.
    Kill,
    /// The daemon is gone or does not renew the run.
    Alone,
}

/// A script that runs.
pub(super) struct Watch {
    script: Pid,
    orders: BufReader<OwnedReadHalf>,
    signals: Signals,
    timeout: Duration,
    grace: Duration,
    renewal: Duration,
    renewed: Instant,
    /// The daemon can still be heard.
    connected: bool,
    /// No grace any more.
    hurried: bool,
    /// How the script itself ended.
    status: Option<WaitStatus>,
    /// The names of the processes that it left behind, by their numbers.
    left_behind: BTreeMap<i32, String>,
}

impl Watch {
    pub(super) fn new(script: Pid, orders: BufReader<OwnedReadHalf>, signals: Signals, order: &Order) -> Self {
        Self {
            script,
            orders,
            signals,
            timeout: order.timeout,
            grace: order.grace,
            renewal: order.renewal,
            renewed: Instant::now(),
            connected: true,
            hurried: false,
            status: None,
            left_behind: BTreeMap::new(),
        }
    }

    /// Watches the script to its end, and ends whatever it leaves behind.
    pub(super) async fn run(mut self) -> Report {
        let mut report = Report::default();
        let grace = match timeout(self.timeout, self.script_ended()).await {
            Ok(None) => {
                self.none_left(LINGER).await;
                self.grace
            }
            Ok(Some(event)) => {
                report.stopped = true;
                match event {
                    Event::Kill => {
                        self.hurried = true;
                        Duration::ZERO
                    }
                    Event::Alone => self.grace.min(GRACE_ALONE),
                    Event::Stop | Event::Child => self.grace,
                }
            }
            Err(_) => {
                report.timed_out = true;
                self.grace
            }
        };
        let survivors = self.end_all(grace).await;
        report.left_behind = self.left_behind();
        report.exit = self.status.and_then(WaitStatus::exit_status);
        report.signal = self.status.and_then(WaitStatus::terminating_signal);
        if survivors > 0 {
            report.error =
                Some(format!("{survivors} processes of the script cannot be ended; look for them with `ps`"));
        }
        report
    }

    /// Waits for the script's own end, or for the first event that asks for it.
    async fn script_ended(&mut self) -> Option<Event> {
        loop {
            self.reap();
            if self.status.is_some() {
                return None;
            }
            match self.next().await {
                Event::Child => {}
                event => return Some(event),
            }
        }
    }

    /// Ends every process, and returns how many could not be.
    async fn end_all(&mut self, grace: Duration) -> usize {
        if self.reap() {
            return 0;
        }
        if !self.hurried {
            let members = self.members();
            if self.status.is_some() {
                self.count(&members);
            }
            process_tree::signal(&members, Signal::TERM);
            // One that is halted cannot react otherwise.
            process_tree::signal(&members, Signal::CONT);
            if self.none_left(grace).await {
                return 0;
            }
        }
        let until = Instant::now() + GIVE_UP;
        loop {
            let members = self.members();
            self.count(&members);
            process_tree::signal(&members, Signal::KILL);
            tokio::time::sleep(PASS).await;
            if self.reap() {
                return 0;
            }
            if Instant::now() >= until {
                return self.members().len();
            }
        }
    }

    /// Waits until no process is left, for `patience` at most, or until it shall be over at once. True: none is left.
    async fn none_left(&mut self, patience: Duration) -> bool {
        let waited = timeout(patience, async {
            while !self.reap() && !self.hurried {
                self.hurried = self.next().await == Event::Kill;
            }
        });
        // Out of patience is an answer too.
        let _ = waited.await;
        self.reap()
    }

    /// Takes note of what has ended. True: no process is left, as every one below this is a child's, or was adopted.
    fn reap(&mut self) -> bool {
        loop {
            match rustix::process::wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.script => self.status = Some(status),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => return false,
                Err(_) => return true,
            }
        }
    }

    fn members(&self) -> Vec<Process> {
        process_tree::descendants(rustix::process::getpid())
    }

    fn count(&mut self, members: &[Process]) {
        for pid in members.iter().map(|process| process.pid).filter(|pid| *pid != self.script) {
            self.left_behind.entry(pid.as_raw_nonzero().get()).or_insert_with(|| process_tree::name(pid));
        }
    }

    /// Returns what was left behind, for people.
    fn left_behind(&self) -> Vec<String> {
        let named = self.left_behind.iter().take(NAMED).map(|(pid, name)| format!("{name} ({pid})"));
        let more = self.left_behind.len().saturating_sub(NAMED);
        named.chain((more > 0).then(|| format!("and {more} more"))).collect()
    }

    /// Returns the next thing to react to. Nothing is lost when the wait is given up.
    async fn next(&mut self) -> Event {
        let mut order = [0];
        loop {
            tokio::select! {
                event = self.signals.next() => return event,
                read = self.orders.read(&mut order), if self.connected => {
                    if !matches!(read, Ok(1)) {
                        self.connected = false;
                        return Event::Alone;
                    }
                    match order {
                        [HEARTBEAT] => self.renewed = Instant::now(),
                        [KILL] => return Event::Kill,
                        _ => return Event::Stop,
                    }
                }
                () = sleep_until(self.renewed + self.renewal), if self.connected => {
                    self.connected = false;
                    return Event::Alone;
                }
            }
        }
    }
}
