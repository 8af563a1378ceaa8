//! The checks of a daemon: of the one on this machine, its HTTP and its certificate, and of the one on another machine
//! that commands go to. What is looked at is what is there: no check is made of what is not used.

use std::io::{self, Read as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::config::Config;
use muista_core::error::ErrorKind;
use muista_core::model::ServerStatus;
use muista_core::tls;

use super::Check;
use crate::app::App;
use crate::command::daemon;
use crate::credentials;
use crate::error::CliError;
use crate::place::{Address, Remote};

/// How long HTTP may take to answer.
const HTTP_TIME: Duration = Duration::from_secs(10);
/// How long before its end a certificate is to be renewed.
const RENEWAL: Duration = Duration::from_secs(14 * 24 * 3600);

/// The checks of daemons.
pub(super) fn all(app: &App, config: &Config) -> Vec<Check> {
    let (daemon, status) = local(app, config);
    let http = status.and_then(|status| http(config, status.http.as_deref()?));
    let certificate = config.server.tls_cert.as_deref().map(certificate);
    [Some(daemon), http, certificate, login(app), elsewhere(app)].into_iter().flatten().collect()
}

/// The daemon at the socket, and what it says of itself.
fn local(app: &App, config: &Config) -> (Check, Option<ServerStatus>) {
    let name = "daemon";
    if let Err(error) = config.listening_socket() {
        return (Check::warn(name, error.message, error.hint.unwrap_or_default()), None);
    }
    let ours = env!("CARGO_PKG_VERSION");
    match daemon::asked(app) {
        Ok(Some(status)) if status.version != ours => {
            let found = format!("the daemon is version {}, this command {ours}", status.version);
            (Check::warn(name, found, "`muista daemon stop`, then `muista daemon start`"), Some(status))
        }
        Ok(Some(status)) => (Check::ok(name, format!("runs (pid {}), version {ours}", status.pid)), Some(status)),
        Ok(None) => (Check::ok(name, "does not run; `muista daemon start` starts it"), None),
        Err(error) => (Check::failed(name, &error), None),
    }
}

/// Whether `/health` answers where the daemon says that it does; none where that is no address.
fn http(config: &Config, told: &str) -> Option<Check> {
    let name = "http";
    let address: SocketAddr = told.parse().ok()?;
    let certificate = config.server.tls_cert.as_deref();
    let place = format!("{}://{told}/health", if certificate.is_some() { "https" } else { "http" });
    let remedy = "see `muista daemon logs`";
    Some(match health(reachable(address), certificate) {
        Ok(200) => Check::ok(name, format!("{place} is well")),
        Ok(status) => Check::fail(name, format!("{place} answers {status}"), remedy),
        Err(e) => Check::fail(name, format!("{told} does not answer: {e}"), remedy),
    })
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

/// How long the certificate still holds.
fn certificate(path: &Path) -> Check {
    let name = "certificate";
    let shown = path.display();
    let end = match tls::certificate_end(path) {
        Ok(end) => end,
        Err(error) => return Check::failed(name, &error.into()),
    };
    let (now, remedy) = (SystemClock.now(), "renew it, then start the daemon anew");
    if end <= now {
        return Check::fail(name, format!("{shown} has expired"), remedy);
    }
    let left = end.since(now);
    let found = format!("{shown} holds for {} days", left.as_secs() / (24 * 3600));
    if left < RENEWAL { Check::warn(name, found, remedy) } else { Check::ok(name, found) }
}

/// What `login` stored; none where it stored nothing.
fn login(app: &App) -> Option<Check> {
    let name = "login";
    match credentials::load(app.sources()) {
        Ok(stored) => stored.map(|stored| Check::ok(name, format!("to {}", stored.address))),
        Err(error) => Some(Check::failed(name, &error.into())),
    }
}

/// The daemon of another machine; none where commands stay here.
fn elsewhere(app: &App) -> Option<Check> {
    let name = "remote";
    let Ok(Address::Remote(Remote { address, .. })) = app.address() else {
        return None;
    };
    let asked = app.block_on(async {
        let client = app.client().await?;
        let found = (client.whoami().await?, client.status().await?);
        app.close();
        Ok(found)
    });
    let ours = env!("CARGO_PKG_VERSION");
    Some(match asked {
        Ok((_, status)) if status.version != ours => {
            let found = format!("{address} is version {}, this command {ours}", status.version);
            Check::warn(name, found, "update the older of the two")
        }
        Ok((identity, _)) => Check::ok(name, format!("{address} knows you as {}", identity.user)),
        Err(CliError::Told(error)) if error.kind == ErrorKind::Unauthenticated => {
            Check::fail(name, format!("{address}: {}", error.message), format!("`muista login {address}`"))
        }
        Err(error) => Check::failed(name, &error),
    })
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
