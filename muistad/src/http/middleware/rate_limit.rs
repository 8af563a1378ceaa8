//! [`Limits`]: how many requests a credential, or an address without one, may make. Counted in this process; what a
//! whole day allows is counted by the service, in the database.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::response::Response;
use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use hyper::header::{HeaderName, HeaderValue};
use muista_core::error::Error;
use muista_core::model::{Id, Role};
use muista_core::service::{Caller, Credential};
use tokio::time::{Instant, sleep};

use crate::http::problem::Problem;

/// How many requests an agent may make in a second.
const AGENT_RATE: NonZeroU32 = rate(5);
/// How many calls of MCP a credential may make in a second that do nothing: connecting, lists, notifications.
const LOOKUP_RATE: NonZeroU32 = rate(50);
/// How many requests an address may make in a second at most without a credential that is known.
const ADDRESS_RATE: NonZeroU32 = rate(100);
/// The requests of an address in a second that log in, register or set a forgotten password.
const ANONYMOUS_RATE: NonZeroU32 = rate(10);
/// How long a request may wait for its turn, where it may.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often it looks whether that has come.
const TURN: Duration = Duration::from_millis(50);
/// After how many requests those are forgotten that made none for a while.
const TIDY: u32 = 100_000;

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// How many requests who may make.
pub(crate) struct Limits {
    rate: NonZeroU32,
    known: Limiter<Id>,
    agents: Limiter<Id>,
    lookups: Limiter<Id>,
    addresses: Limiter<IpAddr>,
    anonymous: Limiter<IpAddr>,
    count: AtomicU32,
}

/// What is left for whoever made a request: so many of so many in a second.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Left {
    limit: u32,
    remaining: u32,
}

/// So many in a second, 1 at least.
const fn rate(requests: u32) -> NonZeroU32 {
    match NonZeroU32::new(requests) {
        Some(rate) => rate,
        None => NonZeroU32::MIN,
    }
}

impl Limits {
    /// Limits of `rate` requests a second.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = self::rate(rate);
        Self {
            rate,
            known: limiter(rate),
            agents: limiter(AGENT_RATE),
            lookups: limiter(LOOKUP_RATE),
            addresses: limiter(rate.min(ADDRESS_RATE)),
            anonymous: limiter(rate.min(ANONYMOUS_RATE)),
            count: AtomicU32::new(0),
        }
    }

    /// Counts a request of a caller.
    ///
    /// # Errors
    /// The problem 429, with the seconds to wait.
    pub(crate) fn of_caller(&self, caller: &Caller) -> Result<Left, Problem> {
        self.tidy();
        match caller.role {
            Role::Agent => take(&self.agents, AGENT_RATE, &counted_as(caller)),
            Role::Admin | Role::User => take(&self.known, self.rate, &counted_as(caller)),
        }
    }

    /// Counts a call of MCP, whatever it is for. Those that do something are counted as [`Limits::in_turn`] says as well.
    ///
    /// # Errors
    /// As [`Limits::of_caller`].
    pub(crate) fn of_lookup(&self, caller: &Caller) -> Result<Left, Problem> {
        self.tidy();
        take(&self.lookups, LOOKUP_RATE, &counted_as(caller))
    }

    /// Counts a request of a caller who is let wait for a turn, a second at most.
    ///
    /// # Errors
    /// As [`Limits::of_caller`].
    pub(crate) async fn in_turn(&self, caller: &Caller) -> Result<Left, Problem> {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.of_caller(caller) {
                Err(_) if Instant::now() < end => sleep(TURN).await,
                counted => return counted,
            }
        }
    }

    /// Counts a request from an address whose caller is not known.
    ///
    /// # Errors
    /// The problem 429, with the seconds to wait.
    pub(crate) fn of_address(&self, address: IpAddr) -> Result<Left, Problem> {
        self.tidy();
        take(&self.addresses, self.rate.min(ADDRESS_RATE), &network(address))
    }

    /// Counts a request that shows a password or a token which somebody may be guessing.
    ///
    /// # Errors
    /// The problem 429, with the seconds to wait.
    pub(crate) fn of_anonymous(&self, address: IpAddr) -> Result<Left, Problem> {
        self.tidy();
        take(&self.anonymous, self.rate.min(ANONYMOUS_RATE), &network(address))
    }

    fn tidy(&self) {
        if self.count.fetch_add(1, Ordering::Relaxed) % TIDY == TIDY - 1 {
            self.known.retain_recent();
            self.agents.retain_recent();
            self.lookups.retain_recent();
            self.addresses.retain_recent();
            self.anonymous.retain_recent();
        }
    }
}

/// Returns what a caller's requests are counted under: the credential, and the account of agents, all of which count
/// together.
fn counted_as(caller: &Caller) -> Id {
    match caller.credential {
        _ if caller.role == Role::Agent => caller.user,
        Credential::Session(id) | Credential::ApiKey(id) => id,
        Credential::Local | Credential::Password | Credential::Nothing => caller.user,
    }
}

/// Returns what stands for an address: an IPv6 host has a network of 64 bits to itself (RFC 4291 §2.5.1), whose
/// addresses are counted as one. An IPv4 address that is written as one of IPv6 (RFC 4291 §2.5.5.2) stays what it is.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
    }
}

fn limiter<K: Hash + Eq + Clone>(rate: NonZeroU32) -> Limiter<K> {
    RateLimiter::dashmap(Quota::per_second(rate)).with_middleware()
}

fn take<K: Hash + Eq + Clone>(limiter: &Limiter<K>, rate: NonZeroU32, key: &K) -> Result<Left, Problem> {
    match limiter.check_key(key) {
        Ok(state) => Ok(Left { limit: rate.get(), remaining: state.remaining_burst_capacity() }),
        Err(until) => {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
            let message = format!("more than {rate} requests in a second");
            let error = Error::rate_limited(message, seconds).hint("wait as long as Retry-After says");
            Err(Problem { left: Some(Left { limit: rate.get(), remaining: 0 }), ..error.into() })
        }
    }
}

impl Left {
    /// Tells it in the headers of draft-ietf-httpapi-ratelimit-headers-06 §5.
    pub(crate) fn tell(self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("ratelimit-limit"), HeaderValue::from(self.limit));
        headers.insert(HeaderName::from_static("ratelimit-remaining"), HeaderValue::from(self.remaining));
        headers.insert(HeaderName::from_static("ratelimit-reset"), HeaderValue::from_static("1"));
    }
}
