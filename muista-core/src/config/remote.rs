//! The daemon of another machine that commands go to: its address, and what is set for it. What `muista login` stored is
//! the command's own.

use std::ffi::OsStr;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use super::address::is_host;
use super::keys;
use super::reader::Reader;
use super::secret::Secret;
use super::value::{Base, Setting, invalid, quoted, text};
use crate::error::{Error, Result};

/// The port of remote commands where an address names none.
const PORT: u16 = 7333;

/// The daemon of another machine that commands go to.
#[derive(Debug, Clone)]
pub struct RemoteConfig {
    /// Where it is; none: on this machine.
    pub address: Option<RemoteAddress>,
    /// What proves who we are there.
    pub token: Option<Secret>,
    /// The authority that signed its certificate; none: the system's.
    pub ca: Option<PathBuf>,
}

impl RemoteConfig {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        Self {
            address: reader.take(&keys::REMOTE_ADDRESS),
            token: reader.take(&keys::REMOTE_TOKEN),
            ca: reader.take(&keys::REMOTE_CA),
        }
    }
}

/// Where a daemon answers the commands of other machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteAddress {
    /// The host, by name or by address; an IPv6 address without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
}

impl RemoteAddress {
    /// Whether it can only mean this machine: a loopback address, or the name that stands for one.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self.host.parse::<IpAddr>() {
            Ok(address) => address.to_canonical().is_loopback(),
            Err(_) => self.host == "localhost",
        }
    }
}

impl fmt::Display for RemoteAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            return write!(f, "[{}]:{}", self.host, self.port);
        }
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl FromStr for RemoteAddress {
    type Err = Error;

    /// Reads `HOST:PORT`, or `HOST` alone.
    fn from_str(written: &str) -> Result<Self> {
        let refused = || {
            let message = format!("`{}` is not the address of a daemon", quoted(written));
            invalid(message, "write HOST:PORT, as in muista.example.org:7333 or [2001:db8::1]:7333")
        };
        let (host, port) = split(written).ok_or_else(refused)?;
        let port = port.map_or(Ok(PORT), str::parse::<u16>).map_err(|_| refused())?;
        if port == 0 || !is_host(host) {
            return Err(refused());
        }
        Ok(Self { host: host.to_ascii_lowercase(), port })
    }
}

/// The host, and the port where there is one.
fn split(written: &str) -> Option<(&str, Option<&str>)> {
    if let Some(rest) = written.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        return match rest.strip_prefix(':') {
            Some(port) => Some((host, Some(port))),
            None => rest.is_empty().then_some((host, None)),
        };
    }
    match written.split_once(':') {
        // More than one colon: an IPv6 address whose port could not be told from it.
        Some((_, port)) if port.contains(':') => None,
        Some((host, port)) => Some((host, Some(port))),
        None => Some((written, None)),
    }
}

impl Setting for RemoteAddress {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        text(raw)?.parse()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn an_address_is_a_host_and_maybe_a_port() {
        for (written, shown, loopback) in [
            ("Muista.Example.org:7000", "muista.example.org:7000", false),
            ("muista.example.org", "muista.example.org:7333", false),
            ("127.0.0.1:1", "127.0.0.1:1", true),
            ("localhost", "localhost:7333", true),
            ("[::1]:80", "[::1]:80", true),
            ("[2001:db8::1]", "[2001:db8::1]:7333", false),
            ("[::ffff:127.0.0.1]:2", "[::ffff:127.0.0.1]:2", true),
            ("localhost.example.org:7333", "localhost.example.org:7333", false),
        ] {
            let address: RemoteAddress = written.parse().unwrap();
            assert_eq!((address.to_string().as_str(), address.is_loopback()), (shown, loopback), "{written}");
            assert_eq!(shown.parse::<RemoteAddress>().unwrap(), address);
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_an_example() {
        for written in ["", ":7333", "host:", "host:0", "host:70000", "::1", "[::1", "[::1]x", "a b:1", "https://host"]
        {
            let error = written.parse::<RemoteAddress>().unwrap_err();
            assert!(error.hint.unwrap().contains("muista.example.org:7333"), "{written}");
        }
    }
}
