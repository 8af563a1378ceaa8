//! Says that the daemon answers: one line of JSON on stdout for whoever started it, and a datagram for systemd.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixDatagram};
use std::path::Path;

use serde::Serialize;

#[derive(Serialize)]
struct Ready<'a> {
    ready: bool,
    pid: u32,
    /// None where no commands are answered.
    socket: Option<&'a Path>,
    http: String,
    /// None where commands of other machines are not answered.
    rpc: Option<String>,
}

/// Tells everyone who waits. Nobody may be waiting, so failures are only logged.
pub(crate) fn tell(socket: Option<&Path>, http: SocketAddr, rpc: Option<SocketAddr>) {
    let rpc = rpc.map(|address| address.to_string());
    // Logged first: who was told may look at the log at once.
    let shown = socket.map(|path| path.display().to_string());
    tracing::info!(socket = shown, %http, rpc, version = env!("CARGO_PKG_VERSION"), "ready");
    let ready = Ready { ready: true, pid: std::process::id(), socket, http: http.to_string(), rpc };
    if let Err(error) = print(&ready) {
        tracing::warn!(%error, "cannot print the ready line");
    }
    if let Err(error) = notify("READY=1") {
        tracing::warn!(%error, "cannot tell systemd that the daemon is ready");
    }
}

fn print(ready: &Ready<'_>) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(ready)?;
    line.push(b'\n');
    let mut out = std::io::stdout();
    out.write_all(&line)?;
    out.flush()
}

/// The protocol of sd_notify(3): a datagram to the socket that the environment names, if it does.
fn notify(state: &str) -> std::io::Result<()> {
    let Some(name) = std::env::var_os("NOTIFY_SOCKET") else {
        return Ok(());
    };
    let address = match name.as_bytes().strip_prefix(b"@") {
        Some(abstract_name) => UnixAddr::from_abstract_name(abstract_name)?,
        None => UnixAddr::from_pathname(Path::new(&name))?,
    };
    UnixDatagram::unbound()?.send_to_addr(state.as_bytes(), &address).map(|_| ())
}
