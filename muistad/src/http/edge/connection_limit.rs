//! [`ConnectionLimit`]: the open connections. One address cannot have them all, and when most are taken, those that
//! are idle have to go sooner.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::watch;

use crate::http::app::App;
use crate::http::middleware::rate_limit::network;

/// The most connections that are served at a time, where the system allows that many open files.
const MOST: usize = 16_384;
/// The files that are kept for other things: databases, scripts, sockets of commands.
const RESERVED: usize = 512;
/// How long a connection may be idle, and a request's head take.
const IDLE: Duration = Duration::from_secs(30);
/// How long it may be idle while most connections are taken.
const IDLE_CROWDED: Duration = Duration::from_secs(2);

/// The open connections.
pub(crate) struct ConnectionLimit {
    app: App,
    most: usize,
    open: Mutex<Open>,
    crowded: watch::Sender<bool>,
}

#[derive(Default)]
struct Open {
    count: usize,
    of: HashMap<IpAddr, usize>,
}

/// The permit of a connection, which others get once this is dropped.
pub(crate) struct ConnectionPermit {
    limit: Arc<ConnectionLimit>,
    address: IpAddr,
    crowded: watch::Receiver<bool>,
}

impl ConnectionLimit {
    /// No connections yet, of as many as the system allows.
    pub(crate) fn new(app: App) -> Arc<Self> {
        let most = usize::try_from(raise_files()).unwrap_or(usize::MAX).saturating_sub(RESERVED).clamp(64, MOST);
        Arc::new(Self { app, most, open: Mutex::default(), crowded: watch::Sender::new(false) })
    }

    /// Returns how many connections there may be.
    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Returns a permit for a connection; none where its address has too many. A proxy, or one on this machine, may have
    /// all.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr) -> Option<ConnectionPermit> {
        let traffic = &self.app.metrics.traffic;
        let may_have_all = address.is_loopback() || self.app.proxies.has(address);
        let address = network(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of = open.of.entry(address).or_default();
        if *of >= self.most / 4 && !may_have_all {
            traffic.refused.fetch_add(1, Relaxed);
            return None;
        }
        *of += 1;
        open.count += 1;
        self.notice(open.count);
        traffic.connections.fetch_add(1, Relaxed);
        traffic.accepted.fetch_add(1, Relaxed);
        Some(ConnectionPermit { limit: Arc::clone(self), address, crowded: self.crowded.subscribe() })
    }

    fn leave(&self, address: IpAddr) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.count -= 1;
        if let Some(of) = open.of.get_mut(&address) {
            *of -= 1;
            if *of == 0 {
                open.of.remove(&address);
            }
        }
        self.notice(open.count);
        self.app.metrics.traffic.connections.fetch_sub(1, Relaxed);
    }

    /// It is crowded from three quarters on, until half are gone.
    fn notice(&self, count: usize) {
        let (from, until) = (self.most / 4 * 3, self.most / 2);
        self.crowded.send_if_modified(|crowded| {
            let now = if *crowded { count > until } else { count >= from };
            std::mem::replace(crowded, now) != now
        });
    }
}

impl ConnectionPermit {
    /// Returns how long the connection may be idle now.
    pub(crate) fn idle(&self) -> Duration {
        if *self.crowded.borrow() { IDLE_CROWDED } else { IDLE }
    }

    /// Returns when that has changed.
    pub(crate) async fn changed(&mut self) {
        // The limit outlives its permits.
        let _ = self.crowded.changed().await;
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        self.limit.leave(self.address);
    }
}

/// Has the system allow as many open files as it may; returns how many that are. Scripts get back what they expect.
fn raise_files() -> u64 {
    let limit = getrlimit(Resource::Nofile);
    let Some(maximum) = limit.maximum else { return limit.current.unwrap_or(u64::MAX) };
    match setrlimit(Resource::Nofile, Rlimit { current: Some(maximum), maximum: Some(maximum) }) {
        Ok(()) => maximum,
        Err(_) => limit.current.unwrap_or(maximum),
    }
}
