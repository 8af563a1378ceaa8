//! [`App`]: what every request has at hand.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::tz::TimeZone;
use muista_core::config::{Config, Role};
use muista_core::error::Result;
use muista_core::service::{Caller, Service};
use muista_core::time::{self, Context, DateOrder};

use super::audience::Audience;
use super::health::Vitals;
use super::limit::Limits;
use super::metrics::Metrics;
use crate::auth::Authenticator;

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
    pub(crate) audience: Arc<Audience>,
    /// How many requests who may make.
    pub(crate) limits: Limits,
    /// The names by which the daemon may be called, in lower case.
    pub(crate) hosts: Vec<String>,
    /// The origins of web pages that may call it.
    pub(crate) origins: Vec<String>,
    /// Whether connections are encrypted.
    pub(crate) encrypted: bool,
    /// The zone of an account that has none.
    pub(crate) zone: TimeZone,
    /// How `1/2` is read.
    pub(crate) date_order: Option<DateOrder>,
}

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    /// The app of a configuration.
    ///
    /// # Errors
    /// `Invalid` when the configured zone does not exist.
    pub(crate) fn new(config: &Config, service: Service, vitals: Vitals) -> Result<Self> {
        let server = &config.server;
        let mut hosts = server.hosts.clone();
        hosts.extend(server.url.as_deref().and_then(host_of_url));
        Ok(Self(Arc::new(Parts {
            role: config.role,
            auth: Authenticator::new(service.clone(), server.url.as_deref().unwrap_or("muista")),
            metrics: Metrics::default(),
            vitals,
            service,
            audience: Arc::default(),
            limits: Limits::new(server.rate),
            hosts,
            origins: server.origins.clone(),
            encrypted: server.tls_cert.is_some(),
            zone: time::zone(config.timezone.as_deref().unwrap_or("system"))?,
            date_order: config.date_order,
        })))
    }

    /// What dates of a caller's request are read against: in `zone`, or else in the account's.
    ///
    /// # Errors
    /// `Invalid` when the account's zone does not exist any more.
    pub(crate) fn context(&self, caller: &Caller, zone: Option<&TimeZone>) -> Result<Context> {
        let zone = match (zone, &caller.timezone) {
            (Some(zone), _) => zone.clone(),
            (None, Some(name)) => time::zone(name)?,
            (None, None) => self.zone.clone(),
        };
        Ok(Context { now: self.service.now(), zone, date_order: self.date_order })
    }

    /// Whether a request may be made to `host`, as its `Host` says. Another name is what a web page uses that had its own
    /// name lead here, to have the browser's user do what the page wants.
    pub(crate) fn answers_to(&self, host: &str) -> bool {
        let name = name_of_host(host);
        name.eq_ignore_ascii_case("localhost")
            || name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
            || self.hosts.iter().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// A host without its port.
fn name_of_host(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => &host[..colon],
        _ => host,
    }
}

/// The host of a URL, in lower case.
fn host_of_url(url: &str) -> Option<String> {
    let authority = url.split_once("://")?.1.split(['/', '?']).next()?;
    Some(name_of_host(authority).to_ascii_lowercase())
}
