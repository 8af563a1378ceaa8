//! Names in mail: the one by which this machine greets a server, and domains as they travel.

use std::net::{IpAddr, SocketAddr};

use lettre::Address;
use lettre::transport::smtp::extension::ClientId;
use tokio::net::{UdpSocket, lookup_host};

/// Endings of names that mean something on one machine or network alone.
const LOCAL: [&str; 6] = ["local", "localdomain", "localhost", "lan", "home", "internal"];

/// How this machine greets a server (RFC 5321 §4.1.1.1): by the configured name, by its own full name, or by the address
/// from which it reaches the server.
pub(super) async fn hello(configured: Option<&str>, server: (&str, u16)) -> ClientId {
    if let Some(name) = configured {
        return literal(name).unwrap_or_else(|| ClientId::Domain(to_ascii(name)));
    }
    if let Some(name) = own_name() {
        return ClientId::Domain(name);
    }
    match own_address(server).await {
        Some(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Some(IpAddr::V6(address)) => ClientId::Ipv6(address),
        None => ClientId::default(),
    }
}

/// An address, where the name is one.
fn literal(name: &str) -> Option<ClientId> {
    match name.trim_matches(['[', ']']).parse().ok()? {
        IpAddr::V4(address) => Some(ClientId::Ipv4(address)),
        IpAddr::V6(address) => Some(ClientId::Ipv6(address)),
    }
}

/// The full name of this machine, where it has one: its host name, or what `/etc/hosts` makes of that (hosts(5)).
fn own_name() -> Option<String> {
    let uname = rustix::system::uname();
    let name = uname.nodename().to_str().ok()?;
    let hosts = std::fs::read_to_string("/etc/hosts").unwrap_or_default();
    full_name(name, &hosts)
}

/// The full form of a host name, going by a text as in `/etc/hosts`.
fn full_name(name: &str, hosts: &str) -> Option<String> {
    if is_full(name) {
        return Some(name.to_ascii_lowercase());
    }
    let lines = hosts.lines().map(|line| line.split('#').next().unwrap_or_default());
    let named = |line: &str| {
        let mut names = line.split_whitespace().skip(1);
        let first = names.next()?;
        let ours = first.eq_ignore_ascii_case(name) || names.any(|alias| alias.eq_ignore_ascii_case(name));
        (ours && is_full(first)).then(|| first.to_ascii_lowercase())
    };
    lines.into_iter().find_map(named)
}

/// Whether a name has a domain that is known elsewhere too.
fn is_full(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let Some((_, last)) = name.rsplit_once('.') else { return false };
    name.len() <= 253
        && name.split('.').all(label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
        && !LOCAL.iter().any(|local| last.eq_ignore_ascii_case(local))
}

/// The address from which a server is reached. Nothing is sent to find that out.
async fn own_address(server: (&str, u16)) -> Option<IpAddr> {
    let server = lookup_host(server).await.ok()?.next()?;
    let any: SocketAddr = if server.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).await.ok()?;
    socket.connect(server).await.ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// A domain in A-labels (RFC 5890 §2.3.2.1), which every server takes. One that has no such form stays as it is, and is
/// refused by the server.
fn to_ascii(domain: &str) -> String {
    idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.to_owned())
}

/// The address with its domain in A-labels.
pub(super) fn travelling(address: &Address) -> Address {
    if address.domain().is_ascii() {
        return address.clone();
    }
    Address::new(address.user(), to_ascii(address.domain())).unwrap_or_else(|_| address.clone())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_full_name_is_found_where_there_is_one() {
        let hosts = "127.0.0.1 localhost\n# 192.0.2.1 no.example.org nas\n127.0.1.1\tNAS.example.org nas # us\n";
        for (name, hosts, full) in [
            ("mail.example.org", "", Some("mail.example.org")),
            ("nas", hosts, Some("nas.example.org")),
            ("other", hosts, None),
            ("nas", "127.0.1.1 nas.localdomain nas", None),
            ("nas", "127.0.1.1 nas", None),
            ("localhost", hosts, None),
            ("printer.local", "", None),
            ("10.0.0.1", "", None),
            ("a_b.example.org", "", None),
            ("-a.example.org", "", None),
        ] {
            assert_eq!(full_name(name, hosts).as_deref(), full, "{name}");
        }
    }

    #[tokio::test]
    async fn a_server_is_greeted_by_what_it_can_check() {
        let at = ("127.0.0.1", 25);
        for (configured, greeting) in [
            ("mail.example.org", ClientId::Domain("mail.example.org".to_owned())),
            ("mäil.example", ClientId::Domain("xn--mil-qla.example".to_owned())),
            ("192.0.2.1", ClientId::Ipv4([192, 0, 2, 1].into())),
            ("[::1]", ClientId::Ipv6(std::net::Ipv6Addr::LOCALHOST)),
        ] {
            assert_eq!(hello(Some(configured), at).await, greeting, "{configured}");
        }
        match hello(None, at).await {
            ClientId::Domain(name) => assert!(is_full(&name), "{name}"),
            address => assert_eq!(address, ClientId::Ipv4([127, 0, 0, 1].into())),
        }
    }

    #[test]
    fn domains_travel_as_a_labels() {
        for (address, travels) in [
            ("kim@bücher.example", "kim@xn--bcher-kva.example"),
            ("kim@example.org", "kim@example.org"),
            ("käyttäjä@b.example", "käyttäjä@b.example"),
            ("käyttäjä@bücher.example", "käyttäjä@xn--bcher-kva.example"),
        ] {
            assert_eq!(travelling(&address.parse().unwrap()).to_string(), travels);
        }
    }
}
