//! The settings of the ways in over the network: where the daemon listens, how it is encrypted, who may call, how much.

use std::ffi::OsStr;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use ipnet::IpNet;

use super::address::HttpUrl;
use super::keys;
use super::reader::Reader;
use super::value::{Bare, Base, Setting, invalid, quoted, text};
use crate::error::Result;
use crate::model::Quotas;

/// What is on or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Switch(pub(super) bool);

impl Setting for Switch {
    const BARE: Bare = Bare::Truth;

    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        match text(raw)? {
            "true" | "1" => Ok(Self(true)),
            "false" | "0" => Ok(Self(false)),
            other => Err(invalid(format!("`{}` is neither true nor false", quoted(other)), "write true or false")),
        }
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

impl Setting for NonZeroU32 {
    const BARE: Bare = Bare::Number;

    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let text = text(raw)?;
        text.parse()
            .map_err(|_| invalid(format!("`{}` is not a valid number", quoted(text)), "write a whole number from 1"))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for NonZeroU64 {
    const BARE: Bare = Bare::Number;

    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let text = text(raw)?;
        let number = text.parse().ok().filter(|number: &Self| i64::try_from(number.get()).is_ok());
        number
            .ok_or_else(|| invalid(format!("`{}` is not a valid number", quoted(text)), "write a whole number from 1"))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Names with commas between, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Names(pub(super) Vec<String>);

impl Setting for Names {
    const BARE: Bare = Bare::List;

    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let names: Vec<_> = text(raw)?.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        let bad = names.iter().find(|name| name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()));
        match bad {
            Some(name) => {
                Err(invalid(format!("`{}` is not a valid name", quoted(name)), "write names with commas between"))
            }
            None => Ok(Self(names)),
        }
    }

    fn show(&self) -> String {
        self.0.join(",")
    }
}

/// Networks, or addresses alone, with commas between.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Networks(pub(super) Vec<IpNet>);

impl Setting for Networks {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        text(raw)?.split(',').map(|item| network(item.trim())).collect::<Result<_>>().map(Self)
    }

    fn show(&self) -> String {
        self.0.iter().map(IpNet::to_string).collect::<Vec<_>>().join(",")
    }
}

fn network(item: &str) -> Result<IpNet> {
    let network = item.parse::<IpNet>().map(|network| network.trunc());
    network.or_else(|_| item.parse::<IpAddr>().map(IpNet::from)).map_err(|_| {
        let message = format!("`{}` is neither an address nor a network", quoted(item));
        invalid(message, "write addresses and networks with commas between, as in 127.0.0.1,10.0.0.0/8")
    })
}

/// How the daemon answers over the network.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The certificate chain, a PEM file; with the key it turns TLS on.
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key, a PEM file.
    pub tls_key: Option<PathBuf>,
    /// Whether other machines may reach it in clear text.
    pub insecure: bool,
    /// The address under which people reach HTTP from outside; without a slash at its end.
    pub url: Option<String>,
    /// The names by which the daemon may be called, beside its address and `localhost`; in lower case.
    pub hosts: Vec<String>,
    /// The origins of web pages that may call it; `*` is all of them.
    pub origins: Vec<String>,
    /// The proxies that are believed when they say where a request comes from.
    pub proxies: Vec<IpNet>,
    /// How many requests a second one credential may make, or one address without a credential.
    pub rate: u32,
    /// Whether whoever asks gets an account.
    pub register: bool,
    /// The largest attachment, in bytes.
    pub attachment_max: u32,
    /// Where commands of other machines are answered; none: nowhere.
    pub rpc_listen: Option<SocketAddr>,
    /// Where traces go, by OTLP over HTTP; none: nowhere.
    pub otlp_url: Option<String>,
}

/// How much an account may take.
pub(super) fn take_quotas(reader: &mut Reader<'_>) -> Quotas {
    let usual = Quotas::default();
    let number = |set: Option<NonZeroU64>, usual| set.and_then(|set| i64::try_from(set.get()).ok()).unwrap_or(usual);
    Quotas {
        tasks: number(reader.take(&keys::LIMITS_TASKS), usual.tasks),
        text_bytes: number(reader.take(&keys::LIMITS_TEXT_BYTES), usual.text_bytes),
        file_bytes: number(reader.take(&keys::LIMITS_FILE_BYTES), usual.file_bytes),
    }
}

/// The requests a second that are allowed where nothing else is set.
const RATE: u32 = 100_000;
/// The largest attachment where nothing else is set: 25 MiB.
const ATTACHMENT_MAX: u32 = 25 << 20;

impl ServerConfig {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        Self {
            tls_cert: reader.take(&keys::TLS_CERT),
            tls_key: reader.take(&keys::TLS_KEY),
            insecure: reader.take(&keys::INSECURE).unwrap_or_default().0,
            url: reader.take(&keys::WEB_URL).map(|HttpUrl(url)| url.trim_end_matches('/').to_owned()),
            hosts: reader.take(&keys::WEB_HOSTS).unwrap_or_default().0,
            origins: reader.take(&keys::WEB_ORIGINS).unwrap_or_default().0,
            proxies: reader.take(&keys::WEB_PROXIES).unwrap_or_default().0,
            rate: reader.take(&keys::WEB_RATE).map_or(RATE, NonZeroU32::get),
            register: reader.take(&keys::AUTH_REGISTER).unwrap_or_default().0,
            attachment_max: reader.take(&keys::ATTACHMENTS_MAX_BYTES).map_or(ATTACHMENT_MAX, NonZeroU32::get),
            rpc_listen: reader.take(&keys::RPC_LISTEN),
            otlp_url: reader.take(&keys::OTLP_URL).map(|HttpUrl(url)| url.trim_end_matches('/').to_owned()),
        }
    }
}
