//! What is counted of requests and connections: by route, method and status, and how long answers took. A count is an
//! atomic addition in a place that the route has from the start, so that nothing is looked up or locked for it. How the
//! counters are shown is `exposition`'s.

pub(super) mod exposition;
mod process;
mod text;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use hyper::{Method, StatusCode};

/// The upper ends of the buckets of how long answers took, in microseconds; what took longer falls into one more.
const BUCKETS: [u64; 14] = [
    500, 1_000, 2_000, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    10_000_000,
];
/// The methods that are told apart; all others are one.
const METHODS: [&str; 8] = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "other"];
/// The statuses that Muista answers with, the usual ones first. Another one counts as 0.
const STATUSES: [u16; 26] = [
    200, 201, 204, 304, 404, 401, 403, 422, 400, 409, 412, 429, 500, 503, 206, 202, 405, 406, 408, 410, 413, 415, 416,
    421, 431, 0,
];

/// The counters of requests and connections.
#[derive(Default)]
pub(crate) struct Metrics {
    routes: Mutex<Vec<Arc<Route>>>,
    unmatched: Route,
    pub(super) traffic: Traffic,
}

/// What goes on at the moment.
#[derive(Default)]
pub(super) struct Traffic {
    /// Requests whose answer is not sent whole.
    pub(super) in_flight: AtomicUsize,
    /// Requests that were given up by those who made them before there was an answer.
    pub(super) abandoned: AtomicU64,
    pub(super) connections: AtomicUsize,
    pub(super) accepted: AtomicU64,
    /// Connections that were closed at once, since their address had too many.
    pub(super) refused: AtomicU64,
    /// Connections that were closed since their clients took nothing of an answer.
    pub(super) stalled: AtomicU64,
}

/// The counters of one route.
#[derive(Debug)]
pub(crate) struct Route {
    /// Its path, as in `/tasks/{taskId}`.
    pub(crate) path: String,
    methods: [OnceLock<Box<Counts>>; METHODS.len()],
}

/// The counters of one method of a route.
#[derive(Debug, Default)]
struct Counts {
    statuses: [AtomicU64; STATUSES.len()],
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    /// Returns the counters of a route; the same ones for the same path.
    pub(crate) fn route(&self, path: &str) -> Arc<Route> {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = routes.iter().find(|route| route.path == path) {
            return Arc::clone(known);
        }
        let route = Arc::new(Route::new(path));
        routes.push(Arc::clone(&route));
        route
    }

    /// Returns the paths of all routes.
    pub(super) fn paths(&self) -> Vec<String> {
        let routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        routes.iter().map(|route| route.path.clone()).collect()
    }

    /// Counts a request that was answered; `route` is none where it matched none.
    pub(crate) fn answered(&self, route: Option<&Route>, method: &Method, status: StatusCode, took: Duration) {
        route.unwrap_or(&self.unmatched).count(method, status, took);
    }
}

impl Default for Route {
    fn default() -> Self {
        Self::new("unmatched")
    }
}

impl Route {
    fn new(path: &str) -> Self {
        Self { path: path.to_owned(), methods: Default::default() }
    }

    fn count(&self, method: &Method, status: StatusCode, took: Duration) {
        let other = METHODS.len() - 1;
        let method = METHODS.iter().position(|name| *name == method.as_str()).unwrap_or(other);
        let counts = self.methods[method].get_or_init(Box::default);
        let status = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        counts.statuses[status].fetch_add(1, Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|end| micros <= *end).unwrap_or(BUCKETS.len());
        counts.buckets[bucket].fetch_add(1, Relaxed);
        counts.micros.fetch_add(micros, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_a_request_costs_little() {
        let metrics = Metrics::default();
        let route = metrics.route("/tasks/{taskId}");
        let (rounds, began) = (200_000_u32, std::time::Instant::now());
        for round in 0..rounds {
            metrics.answered(Some(&route), &Method::GET, StatusCode::OK, Duration::from_micros(u64::from(round % 999)));
        }
        let each = began.elapsed() / rounds;
        // 0.3 µs are allowed; a test's build is slower than a release, and shares its machine.
        assert!(each < Duration::from_micros(3), "{each:?}");
        let counts = route.methods[0].get().map(|counts| counts.statuses[0].load(Relaxed));
        assert_eq!(counts, Some(u64::from(rounds)));
    }

    #[test]
    fn a_route_is_counted_in_one_place() {
        let metrics = Metrics::default();
        assert!(Arc::ptr_eq(&metrics.route("/tasks"), &metrics.route("/tasks")));
        assert!(!Arc::ptr_eq(&metrics.route("/tasks"), &metrics.route("/tags")));
    }
}
