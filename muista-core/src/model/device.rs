//! [`Device`]: a program of the user's that would take messages pushed to it, and what registers
//! ([`NewDevice`]) or changes ([`DevicePatch`]) one. They are only kept: nothing pushes to them yet.

use std::fmt;
use std::net::Ipv6Addr;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::change::non_null;
use super::text::text;
use super::{Change, Id, clip};
use crate::error::{Error, Result};
use crate::time::Instant;

/// The most characters of an endpoint, a token and a user agent.
const LONG_MAX: usize = 2048;
/// The most characters of an operating system's name, and of the identifier that a client gives its device.
const SHORT_MAX: usize = 128;

string_enum! {
    /// What a device is.
    Platform, "platform" {
        /// A computer.
        Desktop = "desktop",
        /// A phone or a tablet.
        Mobile = "mobile",
        /// A browser.
        Web = "web",
    }
}

/// An https address that messages are pushed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 9, max_length = 2048, pattern = r"^https://[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){0,5}(:[1-9][0-9]{0,3})?(/[\x21-\x7e]*)?$", example = "https://push.example.org/v1/3f2a")]
pub struct Endpoint(String);

/// One line of 1 to 128 visible characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 128, pattern = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$", example = "Android")]
pub struct DeviceText(String);

/// One line of 1 to 2,048 visible characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 2048, pattern = r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$", example = "Mozilla/5.0")]
pub struct DeviceLongText(String);

impl Endpoint {
    /// Reads an address.
    ///
    /// # Errors
    /// `Invalid` when it is no https address, names no host, or is too long.
    pub fn parse(text: &str) -> Result<Self> {
        let rest = text.strip_prefix("https://").filter(|_| text.len() <= LONG_MAX).unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if !is_authority(authority) || !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid(
                "endpoint",
                format!("“{}” is not a valid https address", super::shown(&clip(text))),
            )
            .hint("give the address that the push service gave, as in https://push.example.org/v1/3f2a"));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Returns whether it names a host, and maybe a port (RFC 3986 §3.2.2, without the future kinds of addresses).
fn is_authority(text: &str) -> bool {
    let end = text.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match text[end..].find(':') {
        Some(colon) => (&text[..end + colon], &text[end + colon + 1..]),
        None => (text, "443"),
    };
    let name = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    let known = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => host.split('.').all(name),
    };
    known && port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Returns a line of visible ASCII characters that neither begins nor ends with a space.
fn line(text: &str, max: usize) -> Result<&str> {
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if text.is_empty() || text.len() > max || !visible || text.trim() != text {
        return Err(Error::invalid("device", format!("“{}” is not to be used", super::shown(&clip(text))))
            .hint(format!("write one line of 1 to {max} visible ASCII characters")));
    }
    Ok(text)
}

impl DeviceText {
    /// Reads a text.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds anything but visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self> {
        line(text, SHORT_MAX).map(|text| Self(text.to_owned()))
    }
}

impl DeviceLongText {
    /// Reads a text.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds anything but visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self> {
        line(text, LONG_MAX).map(|text| Self(text.to_owned()))
    }
}

macro_rules! parsed {
    ($($type:ty),*) => {
        $(
            impl TryFrom<String> for $type {
                type Error = Error;

                fn try_from(text: String) -> Result<Self> {
                    Self::parse(&text)
                }
            }

            impl std::str::FromStr for $type {
                type Err = Error;

                fn from_str(text: &str) -> Result<Self> {
                    Self::parse(text)
                }
            }

            text!($type);
        )*
    };
}

parsed!(Endpoint, DeviceText, DeviceLongText);

/// A device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// The identifier.
    pub id: Id,
    /// The account that it belongs to.
    pub user_id: Id,
    /// What the client calls it, unique among the account's devices.
    pub device_id: String,
    /// The operating system.
    #[schema(example = "Android")]
    pub os: String,
    /// What it is.
    pub platform: Platform,
    /// Where messages are pushed to.
    #[schema(example = "https://push.example.org/v1/3f2a")]
    pub endpoint: String,
    /// The token of the push service.
    pub token: Option<String>,
    /// The browser, for diagnostics.
    pub user_agent: Option<String>,
    /// When it was last heard of.
    pub last_seen_at: Instant,
    /// When it was registered.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Device {
    /// Which state of the device it is: when it was last changed.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.updated_at.as_micros()
    }
}

/// What registers a device. One of that `deviceId` already is brought up to date instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDevice {
    /// What the client calls it: a UUID of its own making, as a rule.
    pub device_id: DeviceText,
    /// The operating system.
    pub os: DeviceText,
    /// What it is.
    pub platform: Platform,
    /// Where messages are pushed to.
    pub endpoint: Endpoint,
    /// The token of the push service.
    #[serde(default)]
    pub token: Option<DeviceLongText>,
    /// The browser, for diagnostics.
    #[serde(default)]
    pub user_agent: Option<DeviceLongText>,
}

/// What changes a device; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DevicePatch {
    /// The operating system.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    #[schema(nullable = false)]
    pub os: Option<DeviceText>,
    /// What it is.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    #[schema(nullable = false)]
    pub platform: Option<Platform>,
    /// Where messages are pushed to.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    #[schema(nullable = false)]
    pub endpoint: Option<Endpoint>,
    /// The token of the push service.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<DeviceLongText>)]
    pub token: Change<DeviceLongText>,
    /// The browser, for diagnostics.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<DeviceLongText>)]
    pub user_agent: Change<DeviceLongText>,
    /// The state that the change was made from; another one now is refused.
    #[serde(skip)]
    #[schema(ignore)]
    pub version: Option<i64>,
}

/// A device that was registered, or brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    /// The device.
    pub device: Device,
    /// Whether it was not known before.
    pub is_new: bool,
}

/// Which devices are listed, by when they were registered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeviceQuery {
    /// Maximum number of items; 0: as many as a page holds.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A part of the list of devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DevicePage {
    /// The devices, the oldest first.
    pub items: Vec<Device>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_https_address() {
        for good in ["https://push.example.org/v1/3f2a?x=1#y", "https://[::1]:8443", "https://x"] {
            assert!(Endpoint::parse(good).is_ok(), "{good}");
        }
        let long = format!("https://x/{}", "a".repeat(LONG_MAX));
        for bad in [
            "",
            "http://x",
            "https://",
            "https:///x",
            "https://x y",
            "https://x/\n",
            "https://u@x",
            "https://[",
            "https://[x]",
            "https://x:",
            "https://x:70000",
            "https://x..y",
            &long,
        ] {
            assert!(Endpoint::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_text_is_one_visible_line() {
        assert!(DeviceText::parse("iOS 26.1").is_ok() && DeviceLongText::parse(&"a".repeat(2048)).is_ok());
        for bad in ["", " iOS", "iOS ", "a\tb", "ä", &"a".repeat(129)] {
            assert!(DeviceText::parse(bad).is_err(), "{bad:?}");
        }
    }
}
