//! Where a request comes from and how it was made, as a proxy before the daemon tells it. Only the proxies that
//! `web.proxies` names are believed: a header is written by whoever sends it.

use std::net::IpAddr;

use hyper::HeaderMap;
use hyper::header::{FORWARDED, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The most proxies in a row that are looked at.
const HOPS_MAX: usize = 16;
/// The most bytes of a path below which the daemon is served.
const PREFIX_MAX: usize = 128;

/// The proxies that are believed.
#[derive(Debug, Default)]
pub(crate) struct Proxies(Vec<IpNet>);

/// A request as its client made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// The client's address, as far as it is known.
    pub(crate) address: IpAddr,
    /// Whether a proxy that is believed has made the request.
    pub(crate) by_proxy: bool,
    /// Whether the client spoke to the proxy by TLS.
    pub(crate) encrypted: bool,
    /// The host that the client asked for, where the proxy says so.
    pub(crate) host: Option<String>,
    /// The path below which the proxy serves the daemon, where it says so.
    pub(crate) prefix: Option<String>,
}

impl Proxies {
    /// Those with addresses of these networks.
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether requests from this address are a proxy's.
    pub(crate) fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The request that came from `peer` with these headers, as its client made it.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        let peer = peer.to_canonical();
        if !self.has(peer) {
            return Client { address: peer, by_proxy: false, encrypted: false, host: None, prefix: None };
        }
        // Where both are there the proxy wrote X-Forwarded-For, which all do, and let the other one pass.
        let told = if headers.contains_key(FORWARDED_FOR) { Vec::new() } else { elements(headers) };
        let hops = if told.is_empty() { hops(headers) } else { told.iter().map(|one| one.of("for")).collect() };
        let (address, place) = self.first_stranger(peer, &hops);
        let told = place.and_then(|place| told.get(place));
        let last = |name: HeaderName| {
            Some(headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next()?.trim())
        };
        let proto = told.map(|one| one.of("proto")).or_else(|| last(FORWARDED_PROTO)).unwrap_or_default();
        let host = told.map(|one| one.of("host")).or_else(|| last(FORWARDED_HOST)).filter(|host| !host.is_empty());
        Client {
            address,
            by_proxy: true,
            encrypted: proto.eq_ignore_ascii_case("https"),
            host: host.map(str::to_owned),
            prefix: last(FORWARDED_PREFIX).and_then(prefix),
        }
    }

    /// The last address on the way here that is no proxy's, and its place among the hops, the last of which is nearest.
    /// Nothing is believed beyond one that cannot be read.
    fn first_stranger(&self, peer: IpAddr, hops: &[&str]) -> (IpAddr, Option<usize>) {
        let mut found = (peer, None);
        for (place, hop) in hops.iter().enumerate().rev().take(HOPS_MAX) {
            let Some(address) = address(hop) else { break };
            found = (address, Some(place));
            if !self.has(address) {
                break;
            }
        }
        found
    }
}

/// The hops of `X-Forwarded-For`, the nearest last.
fn hops(headers: &HeaderMap) -> Vec<&str> {
    let lists = headers.get_all(FORWARDED_FOR).iter().map(|list| list.to_str().unwrap_or_default());
    lists.flat_map(|list| list.split(',')).map(str::trim).collect()
}

/// An element of `Forwarded` (RFC 7239 §4): what one proxy said.
struct Element<'a>(&'a str);

impl<'a> Element<'a> {
    /// The value of a parameter, without quotation marks; empty where there is none.
    fn of(&self, name: &str) -> &'a str {
        let pairs = self.0.split(';').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(known, _)| known.trim().eq_ignore_ascii_case(name));
        values.next().map_or("", |(_, value)| value.trim().trim_matches('"'))
    }
}

/// The elements of `Forwarded`, the nearest last. What stands in quotation marks holds neither comma nor semicolon where
/// it is an address, a host or a protocol; anything else is not understood, and so not believed.
fn elements(headers: &HeaderMap) -> Vec<Element<'_>> {
    let lists = headers.get_all(FORWARDED).iter().map(|list| list.to_str().unwrap_or_default());
    lists.flat_map(|list| list.split(',')).map(Element).collect()
}

/// An address with or without a port, as proxies write it: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let alone = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']').filter(|(_, port)| port.is_empty() || port.starts_with(':'))?.0,
        None => match text.split_once(':') {
            Some((alone, port)) if !port.contains(':') => alone,
            _ => text,
        },
    };
    alone.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

/// A path below which something is served, without a slash at its end; none where it is no plain path.
pub(crate) fn prefix(text: &str) -> Option<String> {
    let path = text.trim_end_matches('/');
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let segments = path.strip_prefix('/')?.split('/');
    let fits = path.len() <= PREFIX_MAX
        && path.bytes().all(plain)
        && segments.into_iter().all(|segment| !matches!(segment, "" | "." | ".."));
    fits.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        headers
    }

    fn client(peer: &str, pairs: &[(&str, &str)]) -> Client {
        let proxies = Proxies::new(["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"].map(|one| one.parse().unwrap()).to_vec());
        proxies.client(peer.parse().unwrap(), &headers(pairs))
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_clients() {
        for (peer, forwarded, address) in [
            ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
            ("127.0.0.1", "192.0.2.9, 192.0.2.7", "192.0.2.7"),
            ("127.0.0.1", "192.0.2.7, 10.1.2.3", "192.0.2.7"),
            ("127.0.0.1", "10.1.2.4, 10.1.2.3", "10.1.2.4"),
            ("127.0.0.1", "192.0.2.7, nonsense, 10.1.2.3", "10.1.2.3"),
            ("127.0.0.1", "nonsense", "127.0.0.1"),
            ("127.0.0.1", "", "127.0.0.1"),
            ("127.0.0.1", "192.0.2.7:4711", "192.0.2.7"),
            ("127.0.0.1", "2001:db8::7", "2001:db8::7"),
            ("127.0.0.1", "[2001:db8::7]:80", "2001:db8::7"),
            ("127.0.0.1", "::ffff:192.0.2.7", "192.0.2.7"),
            ("::ffff:127.0.0.1", "192.0.2.7", "192.0.2.7"),
            ("fd00::1", "192.0.2.7", "192.0.2.7"),
            // Nobody else is believed.
            ("192.0.2.1", "192.0.2.7", "192.0.2.1"),
            ("::ffff:192.0.2.1", "127.0.0.1", "192.0.2.1"),
        ] {
            let got = client(peer, &[("x-forwarded-for", forwarded)]);
            assert_eq!(got.address, address.parse::<IpAddr>().unwrap(), "{peer} {forwarded}");
        }
        let lists = [("x-forwarded-for", "192.0.2.9"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(client("127.0.0.1", &lists).address, "192.0.2.7".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn what_else_a_proxy_tells_is_believed_with_it() {
        let told = [
            ("x-forwarded-for", "192.0.2.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "tasks.example.org"),
            ("x-forwarded-prefix", "/muista/"),
        ];
        let got = client("127.0.0.1", &told);
        let (host, prefix) = (got.host.as_deref(), got.prefix.as_deref());
        assert_eq!((got.encrypted, host, prefix), (true, Some("tasks.example.org"), Some("/muista")));
        let stranger = client("192.0.2.1", &told);
        assert!(!stranger.encrypted && stranger.host.is_none() && stranger.prefix.is_none() && !stranger.by_proxy);
    }

    #[test]
    fn the_standard_header_says_the_same() {
        let told =
            "for=192.0.2.9, For=\"[2001:db8::7]:4711\";proto=https;host=tasks.example.org, for=10.0.0.2;proto=http";
        let got = client("127.0.0.1", &[("forwarded", told)]);
        assert_eq!(got.address, "2001:db8::7".parse::<IpAddr>().unwrap());
        assert_eq!((got.encrypted, got.host.as_deref()), (true, Some("tasks.example.org")));
        for (told, address) in
            [("for=_hidden", "127.0.0.1"), ("for=unknown", "127.0.0.1"), ("proto=https", "127.0.0.1")]
        {
            let got = client("127.0.0.1", &[("forwarded", told)]);
            assert_eq!(got.address, address.parse::<IpAddr>().unwrap(), "{told}");
        }
        // A client's own is not heeded beside the header that the proxy writes.
        let both = [("forwarded", "for=192.0.2.66"), ("x-forwarded-for", "192.0.2.7")];
        assert_eq!(client("127.0.0.1", &both).address, "192.0.2.7".parse::<IpAddr>().unwrap());
    }

    #[test]
    fn only_plain_paths_are_prefixes() {
        for (text, path) in [("/a", Some("/a")), ("/a/b-c/", Some("/a/b-c")), ("/", None), ("", None), ("a", None)] {
            assert_eq!(prefix(text).as_deref(), path, "{text}");
        }
        for text in ["//evil.example", "/a/../b", "/a b", "/a\"b", "/%2e", "/a?b"] {
            assert_eq!(prefix(text), None, "{text}");
        }
    }
}
