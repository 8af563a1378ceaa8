//! Connects for the HTTP client: resolves the host, asks the guard about each address, and connects to the very address
//! that was asked about. So a name cannot mean one address when it is looked at and another when it is used.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::guard::Guard;

/// How long one address may take to answer.
const CONNECT_TIME: Duration = Duration::from_secs(4);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// No address of the host may be connected to.
#[derive(Debug)]
pub(super) struct Refused {
    host: String,
    address: IpAddr,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is {}, which is not a public address; if it is meant, add it to webhook.allow",
            self.host, self.address
        )
    }
}

impl std::error::Error for Refused {}

/// A host cannot be found or connected to.
#[derive(Debug)]
pub(super) struct Unreachable(String);

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unreachable {}

/// Makes the connections.
#[derive(Debug, Clone)]
pub(crate) struct Dialer {
    /// None: every address may be reached.
    guard: Option<Arc<Guard>>,
}

impl Dialer {
    pub(super) fn new(guard: Option<Guard>) -> Self {
        Self { guard: guard.map(Arc::new) }
    }

    async fn dial(self, uri: Uri) -> Result<TokioIo<TcpStream>, BoxError> {
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), port))
            .await
            .map_err(|e| Unreachable(format!("{host} cannot be found: {e}")))?
            .collect();
        let admitted = |address: &SocketAddr| self.guard.as_ref().is_none_or(|guard| guard.admits(&host, address.ip()));
        let addresses: Vec<SocketAddr> = found.iter().copied().filter(admitted).collect();
        if let (true, Some(refused)) = (addresses.is_empty(), found.first()) {
            return Err(Refused { host, address: refused.ip() }.into());
        }
        let mut why = "it has no address".to_owned();
        for address in addresses {
            match tokio::time::timeout(CONNECT_TIME, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Requests are written in one piece.
                    stream.set_nodelay(true)?;
                    return Ok(TokioIo::new(stream));
                }
                Ok(Err(error)) => why = error.to_string(),
                Err(_) => why = format!("no answer within {} s", CONNECT_TIME.as_secs()),
            }
        }
        Err(Unreachable(format!("{host} port {port} cannot be reached: {why}")).into())
    }
}

impl tower_service::Service<Uri> for Dialer {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().dial(uri))
    }
}
