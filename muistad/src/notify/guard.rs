//! Which addresses a webhook may reach: those of the public internet, and what `webhook.allow` names. A request that
//! leaves from this machine could otherwise reach what only this machine can: its own services, its network, the
//! cloud's metadata (OWASP, server-side request forgery).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use muista_core::config::Allowed;

/// What may be reached.
#[derive(Debug, Clone, Default)]
pub(super) struct Guard {
    allowed: Vec<Allowed>,
}

impl Guard {
    pub(super) fn new(allowed: Vec<Allowed>) -> Self {
        Self { allowed }
    }

    /// Whether `address`, which `host` stands for, may be connected to.
    pub(super) fn admits(&self, host: &str, address: IpAddr) -> bool {
        is_public(address)
            || self.allowed.iter().any(|allowed| match allowed {
                Allowed::Host(name) => name.eq_ignore_ascii_case(host.trim_end_matches('.')),
                Allowed::Network(network) => network.contains(&address) || network.contains(&address.to_canonical()),
            })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// By IANA's registry of special-purpose addresses, and one that a cloud uses for its metadata though it is public.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network, shared by carriers, protocol assignments (Oracle's metadata), 6to4 relays, benchmarks.
        (0, ..) | (100, 64..=127, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) => true,
        // Multicast and reserved, with the broadcast address.
        (224.., ..) => true,
        _ => address.is_private() || address.is_loopback() || address.is_link_local() || address.is_documentation(),
    };
    // Azure's wire server.
    !special && address != Ipv4Addr::new(168, 63, 129, 16)
}

/// Only global unicast is public. An IPv4 address within counts by itself where a gateway translates it (RFC 6052); the
/// other ways to write one lead elsewhere than they seem to.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments with Teredo, documentation, 6to4.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn network(text: &str) -> Allowed {
        Allowed::Network(text.parse().unwrap())
    }

    const REFUSED: &[&str] = &[
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "fe80::1",
        "fec0::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::808:808",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "100::1",
        "4000::1",
    ];

    const ADMITTED: &[&str] = &[
        "8.8.8.8",
        "1.1.1.1",
        "100.63.0.1",
        "100.128.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "64:ff9b::808:808",
        "2001:4860::8888",
    ];

    #[test]
    fn only_the_public_internet_is_admitted() {
        let guard = Guard::default();
        for refused in REFUSED {
            assert!(!guard.admits("host.example", refused.parse().unwrap()), "{refused}");
        }
        for admitted in ADMITTED {
            assert!(guard.admits("host.example", admitted.parse().unwrap()), "{admitted}");
        }
    }

    #[test]
    fn what_is_named_is_admitted_and_nothing_beside() {
        let guard =
            Guard::new(vec![Allowed::Host("hooks.home.arpa".to_owned()), network("10.1.0.0/16"), network("fd00::/8")]);
        for (host, address, admitted) in [
            ("hooks.home.arpa", "192.168.1.1", true),
            ("HOOKS.home.arpa.", "127.0.0.1", true),
            ("other.home.arpa", "192.168.1.1", false),
            ("x", "10.1.2.3", true),
            ("x", "::ffff:10.1.2.3", true),
            ("x", "10.2.2.3", false),
            ("x", "fd00::5", true),
            ("x", "fe80::5", false),
        ] {
            assert_eq!(guard.admits(host, address.parse().unwrap()), admitted, "{host} {address}");
        }
    }
}
