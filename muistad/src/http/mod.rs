//! HTTP: the address, the connections, and what is served on them. A request goes through the gate, the router and its
//! route's guard to a handler, a file a noun; handlers only translate to and from the core's use cases.

mod api_keys;
mod app;
mod attachments;
mod audit;
mod auth;
mod call;
mod cors;
mod devices;
mod docs;
mod etag;
mod gate;
mod guard;
mod health;
mod input;
mod jobs;
mod limit;
mod metrics;
mod notifications;
mod openapi;
mod page;
mod problem;
mod reminders;
mod reply;
mod route;
mod runs;
mod serve;
mod table;
mod tags;
mod tasks;
mod users;

use std::net::SocketAddr;
use std::sync::Arc;

use muista_core::config::Config;
use muista_core::error::{Error, Result};
use muista_core::service::Service;
use tokio::net::TcpListener;

use app::App;
use gate::Gate;

pub(crate) use serve::serve;

/// What every request goes through.
///
/// # Errors
/// `Invalid` when the configured zone does not exist.
pub(crate) fn gate(config: &Config, service: &Service) -> Result<Arc<Gate>> {
    let app = App::new(config, service.clone())?;
    let (router, _, _) = table::routes(app.clone());
    Ok(Gate::new(app, router))
}

/// An address that may be listened on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address(SocketAddr);

impl Address {
    /// The configured one.
    ///
    /// # Errors
    /// `Invalid` when other machines could reach it in clear text and the configuration does not say that this is meant.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let (address, server) = (config.http, &config.server);
        if address.ip().is_loopback() || server.tls_cert.is_some() || server.insecure {
            return Ok(Self(address));
        }
        let message = format!("--http {address} can be reached from other machines, in clear text");
        Err(Error::invalid("http", message).hint(
            "choose a loopback address, as in --http 127.0.0.1:3000; or set tls.cert and tls.key; or, behind a proxy \
             that encrypts, set insecure = true",
        ))
    }

    /// Listens there.
    ///
    /// # Errors
    /// `Unavailable` when the address is in use or cannot be had.
    pub(crate) async fn listen(self) -> Result<TcpListener> {
        TcpListener::bind(self.0).await.map_err(|e| {
            Error::unavailable(format!("cannot listen on --http {}: {e}", self.0))
                .hint("choose another address with --http; --http 127.0.0.1:0 takes a free port")
        })
    }
}
