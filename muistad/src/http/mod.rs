//! HTTP: the address, the connections, and what is served on them. A request comes in by `edge/`, passes `middleware/`
//! and the router, and reaches a handler in `resource/`, a file a noun, which only translates to and from the core's use
//! cases. What all three use stands beside them: what a request says and what it is answered with.

mod app;
mod asset;
mod call;
mod common;
mod edge;
mod envelope;
mod input;
mod json_rpc;
mod metrics;
mod middleware;
mod openapi;
mod page;
mod problem;
mod reply;
mod resource;
mod route_spec;
mod router;

use std::net::SocketAddr;
use std::sync::Arc;

use muista_core::config::Config;
use muista_core::error::{Error, Result};
use muista_core::service::Service;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::tls;
use app::App;
use middleware::stack::MiddlewareStack;

pub(crate) use edge::serve::serve;
pub(crate) use resource::health::Vitals;

/// Returns what encrypts connections, for HTTP/2 and HTTP/1.1, where a certificate is configured.
///
/// # Errors
/// `Invalid` when the certificate or its key cannot be used.
pub(crate) fn acceptor(config: &Config) -> Result<Option<TlsAcceptor>> {
    Ok(tls::server_config(&config.server, &[b"h2", b"http/1.1"])?.map(TlsAcceptor::from))
}

/// Makes the middleware stack, with the router behind it.
///
/// # Errors
/// `Invalid` when the configured zone does not exist, `Unavailable` when the database does not answer.
pub(crate) async fn middleware_stack(
    config: &Config,
    service: &Service,
    vitals: Vitals,
) -> Result<Arc<MiddlewareStack>> {
    service.look_up_epoch().await?;
    let app = App::new(config, service.clone(), vitals)?;
    let router = router::routes(app.clone());
    Ok(MiddlewareStack::new(app, router))
}

/// Takes settings over while requests are answered.
pub(crate) struct Live(App);

impl Live {
    /// Those of what every request goes through.
    pub(crate) fn of(stack: &MiddlewareStack) -> Self {
        Self(stack.app().clone())
    }

    /// Answers by these settings from now on.
    ///
    /// # Errors
    /// `Invalid` when the configured zone does not exist; the old settings then hold.
    pub(crate) fn take_over(&self, config: &Config) -> Result<()> {
        self.0.live.set(app::Settings::of(config)?);
        Ok(())
    }
}

/// An address that may be listened on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Address(SocketAddr);

impl Address {
    /// Returns the configured one.
    ///
    /// # Errors
    /// `Invalid` when other machines could reach it in clear text and the configuration does not say that this is meant.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        tls::refuse_clear_text(&config.server, "http", config.http)?;
        Ok(Self(config.http))
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
