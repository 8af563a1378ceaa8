//! The TCP listener for commands of other machines: its address, TLS, and how many wait before they are known. Who is let
//! in, and the calls themselves, are the core's.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use muista_core::config::ServerConfig;
use muista_core::error::{Error, Result};
use muista_core::rpc;
use muista_core::service::Service;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::signal::Stop;
use crate::{listen, tls};

/// The most commands that are served at a time.
const CONNECTIONS_MAX: usize = 1024;
/// The most of them that one address may have, so that nobody alone keeps the others out.
const FROM_ONE_MAX: usize = 128;
/// How long a client may take to agree on TLS.
const HANDSHAKE_TIME: Duration = Duration::from_secs(5);

/// Where commands of other machines are to be answered, and how they are encrypted.
pub(crate) struct Endpoint {
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
}

impl Endpoint {
    /// Returns what the settings say; none where they name no address.
    ///
    /// # Errors
    /// `Invalid` when the certificate cannot be used, or when the address would be open to other machines in clear text.
    pub(crate) fn new(settings: &ServerConfig) -> Result<Option<Self>> {
        let Some(address) = settings.rpc_listen else {
            return Ok(None);
        };
        tls::refuse_clear_text(settings, "rpc.listen", address)?;
        let tls = tls::server_config(settings, &[rpc::ALPN])?.map(TlsAcceptor::from);
        Ok(Some(Self { address, tls }))
    }

    /// Listens there.
    ///
    /// # Errors
    /// `Unavailable` when the address is in use or cannot be had.
    pub(crate) async fn listen(self) -> Result<Remote> {
        let taken = |e| {
            Error::unavailable(format!("cannot listen on rpc.listen {}: {e}", self.address))
                .hint("choose another address for rpc.listen; port 0 takes a free one")
        };
        let listener = TcpListener::bind(self.address).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        Ok(Remote { listener, address, tls: self.tls, callers: Arc::default() })
    }
}

/// The listener.
pub(crate) struct Remote {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    callers: Arc<Callers>,
}

impl Remote {
    /// Returns where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves every command until asked to stop and the last call has been answered.
    pub(crate) async fn serve(self, service: Service, stop: Stop) {
        let Self { listener, tls, callers, .. } = self;
        let connection = |(stream, peer): (TcpStream, SocketAddr)| {
            let (tls, service, stop) = (tls.clone(), service.clone(), stop.clone());
            let permit = Callers::permit(&callers, peer.ip().to_canonical());
            async move {
                let Some(permit) = permit else {
                    return tracing::warn!(%peer, most = FROM_ONE_MAX, "too many commands from one machine");
                };
                if let Err(error) = talk(stream, permit.0, tls, service, stop).await {
                    let (code, error) = (error.kind.code(), error.message);
                    tracing::warn!(%peer, code, error, "a command of another machine was refused");
                }
            }
        };
        let accept = async move || listener.accept().await;
        listen::serve("remote command", CONNECTIONS_MAX, accept, connection, stop.clone()).await;
    }
}

async fn talk(stream: TcpStream, peer: IpAddr, tls: Option<TlsAcceptor>, service: Service, stop: Stop) -> Result<()> {
    let lost = |e: &dyn std::fmt::Display| Error::unavailable(format!("no connection: {e}"));
    rpc::keep_alive(&stream).map_err(|e| lost(&e))?;
    let asked = stop.clone();
    let asked = async move { asked.asked().await };
    let Some(tls) = tls else {
        return rpc::serve_remote(stream, service, peer, asked).await;
    };
    let stream = tokio::select! {
        shaken = tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)) => {
            shaken.map_err(|_| lost(&"the client did not agree on TLS in time"))?.map_err(|e| lost(&e))?
        }
        () = stop.asked() => return Ok(()),
    };
    rpc::serve_remote(stream, service, peer, asked).await
}

/// How many connections each address has.
#[derive(Debug, Default)]
struct Callers(Mutex<HashMap<IpAddr, usize>>);

/// The permit of one connection, which others get once this is dropped.
struct ConnectionPermit(IpAddr, Arc<Callers>);

impl Callers {
    /// Returns a permit for a connection from `peer`; none where it has too many.
    fn permit(callers: &Arc<Self>, peer: IpAddr) -> Option<ConnectionPermit> {
        let mut counts = callers.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(peer).or_default();
        if *count >= FROM_ONE_MAX {
            return None;
        }
        *count += 1;
        Some(ConnectionPermit(peer, Arc::clone(callers)))
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut counts = self.1.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = counts.get_mut(&self.0) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            counts.remove(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_so_many_places_and_gets_them_back() {
        let callers = Arc::new(Callers::default());
        let permit = |last| Callers::permit(&callers, IpAddr::from([192, 0, 2, last]));
        let mut taken: Vec<_> = (0..FROM_ONE_MAX).map(|_| permit(1)).collect();
        assert!(taken.iter().all(Option::is_some));
        assert!(permit(1).is_none());
        assert!(permit(2).is_some(), "others have places of their own");
        taken.pop();
        assert!(permit(1).is_some());
        drop(taken);
        assert!(callers.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty());
    }
}
