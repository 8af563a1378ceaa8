//! The daemon on this machine, its HTTP and its certificate.

use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::model::Finding;
use muista_core::tls;

use super::Subject;

/// How long HTTP may take to answer.
const HTTP_TIME: Duration = Duration::from_secs(10);
/// How long before its end a certificate is to be renewed.
const RENEWAL: Duration = Duration::from_secs(14 * 24 * 3600);

/// Whether a daemon answers at the socket, and of which version it is.
pub(super) fn runs(subject: &Subject<'_>) -> Vec<Finding> {
    let name = "daemon";
    if let Err(error) = subject.config.listening_socket() {
        return vec![Finding::warn(name, error.message, error.hint.unwrap_or_default())];
    }
    let ours = env!("CARGO_PKG_VERSION");
    vec![match subject.daemon() {
        Ok(Some(status)) if status.version != ours => {
            let found = format!("the daemon is version {}, this command {ours}", status.version);
            Finding::warn(name, found, "`muista daemon stop`, then `muista daemon start`")
        }
        Ok(Some(status)) => Finding::ok(name, format!("runs (pid {}), version {ours}", status.pid)),
        Ok(None) => Finding::ok(name, "does not run; `muista daemon start` starts it"),
        Err(error) => super::failed(name, error),
    }]
}

/// Whether `/health` answers where the daemon says that it does; nothing where that is no address.
pub(super) fn http(subject: &Subject<'_>) -> Vec<Finding> {
    let Ok(Some(status)) = subject.daemon() else {
        return Vec::new();
    };
    let address = status.http.as_deref().and_then(|told| told.parse().ok());
    let certificate = subject.config.server.tls_cert.as_deref();
    address.map(|address| of_http(address, certificate)).into_iter().collect()
}

fn of_http(address: SocketAddr, certificate: Option<&Path>) -> Finding {
    let name = "http";
    let place = format!("{}://{address}/health", if certificate.is_some() { "https" } else { "http" });
    let remedy = "see `muista daemon logs`";
    match health(reachable(address), certificate) {
        Ok(200) => Finding::ok(name, format!("{place} is healthy")),
        Ok(status) => Finding::fail(name, format!("{place} answers {status}"), remedy),
        Err(e) => Finding::fail(name, format!("{address} does not answer: {e}"), remedy),
    }
}

/// An address that stands for all of this machine, as one that can be dialled.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The status of `GET /health`, within TLS where the daemon has a certificate.
fn health(address: SocketAddr, certificate: Option<&Path>) -> io::Result<u16> {
    let stream = TcpStream::connect_timeout(&address, HTTP_TIME)?;
    stream.set_read_timeout(Some(HTTP_TIME))?;
    stream.set_write_timeout(Some(HTTP_TIME))?;
    match certificate {
        None => ask(stream, address),
        Some(path) => ask(tls::to_own(path, stream).map_err(|e| io::Error::other(e.message))?, address),
    }
}

fn ask(mut stream: impl io::Read + io::Write, address: SocketAddr) -> io::Result<u16> {
    let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut head = Vec::new();
    stream.take(64).read_to_end(&mut head)?;
    let status =
        std::str::from_utf8(&head).ok().and_then(|head| head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
    status.ok_or_else(|| io::Error::other("it does not speak HTTP"))
}

/// How long the certificate still holds, where there is one.
pub(super) fn certificate(subject: &Subject<'_>) -> Vec<Finding> {
    subject.config.server.tls_cert.as_deref().map(of_certificate).into_iter().collect()
}

fn of_certificate(path: &Path) -> Finding {
    let name = "certificate";
    let shown = path.display();
    let end = match tls::certificate_end(path) {
        Ok(end) => end,
        Err(error) => return Finding::failed(name, &error),
    };
    let (now, remedy) = (SystemClock.now(), "renew it, then restart the daemon");
    if end <= now {
        return Finding::fail(name, format!("{shown} has expired"), remedy);
    }
    let left = end.since(now);
    let found = format!("{shown} holds for {} days", left.as_secs() / (24 * 3600));
    if left < RENEWAL { Finding::warn(name, found, remedy) } else { Finding::ok(name, found) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::io::Write as _;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn what_answers_is_told_from_what_does_not() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answering = std::thread::spawn(move || {
            for answer in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 503 Service Unavailable\r\n\r\n", "\x15\x03\x01"] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 512];
                let read = stream.read(&mut request).unwrap();
                assert!(request[..read].starts_with(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1:"));
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        assert_eq!(health(address, None).unwrap(), 200);
        assert_eq!(health(address, None).unwrap(), 503);
        assert!(health(address, None).is_err());
        answering.join().unwrap();
        assert!(health(address, None).is_err(), "nobody listens any more");
    }

    #[test]
    fn an_address_for_all_is_dialled_on_loopback() {
        assert_eq!(reachable("0.0.0.0:1".parse().unwrap()).to_string(), "127.0.0.1:1");
        assert_eq!(reachable("[::]:1".parse().unwrap()).to_string(), "[::1]:1");
        assert_eq!(reachable("192.0.2.1:1".parse().unwrap()).to_string(), "192.0.2.1:1");
    }
}
