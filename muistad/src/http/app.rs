//! [`App`]: what every request has at hand.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::tz::TimeZone;
use muista_core::config::{Config, Role};
use muista_core::error::Result;
use muista_core::service::{Caller, Service};
use muista_core::swap::Swap;
use muista_core::time::{self, Context, DateOrder};

use crate::auth::Authenticator;
use crate::http::edge::forwarded::{self, Proxies};
use crate::http::metrics::Metrics;
use crate::http::middleware::rate_limit::Limits;
use crate::http::middleware::sse_limit::SseLimit;
use crate::http::resource::health::Vitals;

/// What every request has at hand. Clones share it.
#[derive(Clone)]
pub(crate) struct App(Arc<Parts>);

/// The parts of an [`App`].
pub(crate) struct Parts {
    /// The use cases.
    pub(crate) service: Service,
    /// What this daemon does.
    pub(crate) role: Role,
    /// Who shows which token.
    pub(crate) auth: Authenticator,
    /// What is counted.
    pub(crate) metrics: Metrics,
    /// Whether the daemon is well.
    pub(crate) vitals: Vitals,
    /// Who listens to events.
    pub(crate) sse_limit: Arc<SseLimit>,
    /// How many requests who may make.
    pub(crate) limits: Limits,
    /// What is taken over while the daemon runs.
    pub(super) live: Swap<Settings>,
    /// Who is believed to say where a request comes from.
    pub(super) proxies: Proxies,
    /// The path below which people reach it, as `web.url` says; empty where they reach it at the root.
    pub(super) base: Arc<str>,
    /// The origins of web pages that may call it.
    pub(crate) origins: Vec<String>,
    /// Whether connections are encrypted.
    pub(crate) encrypted: bool,
}

/// The settings that are taken over while the daemon runs.
pub(super) struct Settings {
    /// The names by which the daemon may be called, in lower case.
    hosts: Vec<String>,
    /// The zone of an account that has none.
    zone: TimeZone,
    /// How `1/2` is read.
    date_order: Option<DateOrder>,
}

impl Settings {
    /// Takes them from a configuration.
    ///
    /// # Errors
    /// `Invalid` when the configured zone does not exist.
    pub(super) fn of(config: &Config) -> Result<Self> {
        let server = &config.server;
        let mut hosts = server.hosts.clone();
        hosts.extend(server.url.as_deref().and_then(host_of_url));
        let zone = time::zone(config.timezone.as_deref().unwrap_or("system"))?;
        Ok(Self { hosts, zone, date_order: config.date_order })
    }
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// Returns the app of a configuration.
    ///
    /// # Errors
    /// `Invalid` when the configured zone does not exist.
    pub(crate) fn new(config: &Config, service: Service, vitals: Vitals) -> Result<Self> {
        let server = &config.server;
        Ok(Self(Arc::new(Parts {
            role: config.role,
            auth: Authenticator::new(service.clone(), server.url.as_deref().unwrap_or("muista")),
            metrics: Metrics::default(),
            vitals,
            service,
            sse_limit: Arc::default(),
            limits: Limits::new(server.rate),
            live: Swap::new(Settings::of(config)?),
            proxies: Proxies::new(server.proxies.clone()),
            base: server.url.as_deref().and_then(path_of_url).unwrap_or_default().into(),
            origins: server.origins.clone(),
            encrypted: server.tls_cert.is_some(),
        })))
    }

    /// Returns what dates of a caller's request are read against: in `zone`, or else in the account's.
    ///
    /// # Errors
    /// `Invalid` when the account's zone does not exist any more.
    pub(crate) fn context(&self, caller: &Caller, zone: Option<&TimeZone>) -> Result<Context> {
        let live = self.live.get();
        let zone = match (zone, &caller.timezone) {
            (Some(zone), _) => zone.clone(),
            (None, Some(name)) => time::zone(name)?,
            (None, None) => live.zone.clone(),
        };
        Ok(Context { now: self.service.now(), zone, date_order: live.date_order })
    }

    /// Returns whether a request may be made to `host`, as its `Host` says. Another name is what a web page uses that
    /// had its own name lead here, to have the browser's user do what the page wants.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        let name = name_of_host(host);
        name.eq_ignore_ascii_case("localhost")
            || name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
            || self.live.get().hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// Returns a host without its port.
fn name_of_host(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => &host[..colon],
        _ => host,
    }
}

/// Returns the path of a URL, without a slash at its end; none where it has none.
fn path_of_url(url: &str) -> Option<String> {
    let (_, path) = url.split_once("://")?.1.split_once('/')?;
    forwarded::prefix(&format!("/{}", path.split(['?', '#']).next()?))
}

/// Returns the host of a URL, in lower case.
fn host_of_url(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?']).next()?;
    Some(name_of_host(authority).to_ascii_lowercase())
}
