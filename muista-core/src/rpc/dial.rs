//! Dialling a daemon on another machine: TCP, TLS, and the preamble with what shows who the client is. In clear text it
//! speaks to loopback addresses alone, where a tunnel may begin.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::sockopt;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, CertificateError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::hello::{read_line, write_line};
use super::transport::client;
use super::{Client, Hello, Welcome};
use crate::config::RemoteAddress;
use crate::error::{Error, ErrorKind, Result};
use crate::tls::{Peer, client_config};

/// What both sides of TLS say that they speak, so that no other server of the same name is taken for the daemon.
pub const ALPN: &[u8] = b"muista";

/// How long it may take until the connection stands.
const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How long the daemon may take to answer the hello. It looks the client up, and lets a refused one wait.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// From how much silence on a connection is tried out, and then how often.
const KEEP_ALIVE: Duration = Duration::from_secs(60);
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// Dials the daemon at `address`, whose certificate is checked by the authority in the file `ca`, or by those of the
/// system. A loopback address is spoken to in clear text where no `ca` is named. Must be called within a tokio runtime,
/// which then drives the connection.
///
/// # Errors
/// `Unavailable` when it cannot be reached or is not who it should be; what the daemon says when it refuses.
pub async fn dial_remote(address: &RemoteAddress, ca: Option<&Path>, hello: &Hello) -> Result<Client> {
    let stream = in_time(address, connect(address)).await?;
    if ca.is_none() && address.is_loopback() {
        // A name may lead anywhere.
        if !stream.peer_addr().is_ok_and(|peer| peer.ip().to_canonical().is_loopback()) {
            return Err(Error::unavailable(format!("{address} is not on this machine"))
                .hint("write 127.0.0.1, or name the authority of its certificate with --ca"));
        }
        return open(stream, address, hello).await;
    }
    let stream = in_time(address, encrypt(stream, address, ca)).await?;
    open(stream, address, hello).await
}

/// Sets up a connection between two machines: no waiting for more to send, and an end when the other side is gone.
///
/// # Errors
/// When the system refuses.
pub fn keep_alive(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, KEEP_ALIVE)?;
    sockopt::set_tcp_keepintvl(stream, KEEP_ALIVE_EVERY)?;
    sockopt::set_tcp_keepcnt(stream, 4)?;
    Ok(())
}

async fn in_time<T>(address: &RemoteAddress, work: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| {
        Error::unavailable(format!("{address} does not answer within {} s", CONNECT_TIME.as_secs()))
            .hint("check the address, the network and the firewalls between")
    };
    timeout(CONNECT_TIME, work).await.map_err(late)?
}

async fn connect(address: &RemoteAddress) -> Result<TcpStream> {
    let found = tokio::net::lookup_host((address.host.as_str(), address.port)).await;
    let places: Vec<_> = found.map(Iterator::collect).map_err(|e| {
        Error::unavailable(format!("cannot find the host {}: {e}", address.host))
            .hint("check its name, as in muista.example.org:7333")
    })?;
    let failed = |e: io::Error| {
        Error::unavailable(format!("cannot connect to {address}: {e}"))
            .hint("check the port, and that the daemon's rpc.listen is set")
    };
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for place in places {
        match TcpStream::connect(place).await {
            Ok(stream) => {
                keep_alive(&stream).map_err(failed)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

async fn encrypt(
    stream: TcpStream,
    address: &RemoteAddress,
    ca: Option<&Path>,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<>> {
    let mut config = client_config(ca, Peer { setting: "remote.ca", name: "the daemon" })?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    let name = ServerName::try_from(address.host.clone())
        .map_err(|_| Error::invalid("remote.address", format!("no certificate can name {}", address.host)))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connected.map_err(|e| not_trusted(address, &e))
}

/// Why TLS did not come about, with what can be done about it.
fn not_trusted(address: &RemoteAddress, error: &io::Error) -> Error {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let (why, hint) = match tls {
        Some(rustls::Error::InvalidCertificate(bad)) => untrusted(bad),
        Some(rustls::Error::InvalidMessage(_)) => (
            "it does not speak TLS".to_owned(),
            "set tls.cert and tls.key for the daemon there, or dial through a tunnel that ends on this machine",
        ),
        Some(
            rustls::Error::NoApplicationProtocol
            | rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol),
        ) => ("it is not a daemon's port for commands".to_owned(), "give the port of rpc.listen, not that of HTTP"),
        _ => (error.to_string(), "check the port, and the daemon's log"),
    };
    Error::unavailable(format!("no safe connection to {address}: {why}")).hint(hint)
}

fn untrusted(bad: &CertificateError) -> (String, &'static str) {
    match bad {
        // One of two authorities of the same name.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "its certificate is signed by nobody who is trusted here".to_owned(),
            "name the authority that signed it: --ca FILE at login, or remote.ca",
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            "its certificate is for another name".to_owned(),
            "dial it by the name in its certificate, or have one made for this name",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("its certificate has expired".to_owned(), "have it renewed there, and check this machine's clock")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            ("its certificate is not valid yet".to_owned(), "check this machine's clock")
        }
        other => (format!("its certificate is refused: {other}"), "have a new one made there"),
    }
}

/// The preamble, and the calls behind it.
async fn open<S>(mut stream: S, address: &RemoteAddress, hello: &Hello) -> Result<Client>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let said = async {
        write_line(&mut stream, hello).await?;
        read_line(&mut stream).await
    };
    let line = match timeout(ANSWER_TIME, said).await {
        Ok(Ok(line)) => line,
        Ok(Err(error)) if error.kind == ErrorKind::Unavailable => return Err(hung_up(address)),
        Ok(Err(error)) => return Err(error),
        Err(_) => {
            return Err(Error::unavailable(format!("{address} does not answer within {} s", ANSWER_TIME.as_secs()))
                .hint("see the daemon's log"));
        }
    };
    match Welcome::read(&line)? {
        Welcome::Welcome { .. } => Ok(client(stream)),
        Welcome::Refused { error } => Err(error),
        Welcome::OtherDatabase { database } => {
            Err(Error::conflict(format!("the daemon at {address} works on {database}")))
        }
    }
}

fn hung_up(address: &RemoteAddress) -> Error {
    Error::unavailable(format!("{address} closed the connection at once")).hint(
        "see the daemon's log; where it speaks TLS on a loopback address, name its authority: --ca FILE, remote.ca",
    )
}
