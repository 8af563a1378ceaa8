//! Accounts: [`User`], the values that name or reach one ([`Username`], [`Email`], [`PhoneNumber`], [`ZoneName`]), and
//! what makes or changes one. What proves who somebody is stands in `password`, `session` and `api_key`.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::text::{is_blank, limit, text};
use super::{Change, Id, Password, Role, Secret, clip, fold};
use crate::error::{Error, Result};
use crate::time::{self, Instant};

/// The name of an account: 1 to 64 characters of `a-z0-9._-`, beginning with a letter or a digit. It is kept in lower case,
/// and is no UUID, so that an account can be named by either.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// An e-mail address, kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// A phone number as E.164 has it: `+` and 6 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PhoneNumber(String);

/// The IANA name of a time zone that is known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

impl FromStr for Username {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = fold(text.trim());
        let plain = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'));
        let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        if !plain || !begins || name.len() > 64 || name.parse::<Id>().is_ok() {
            return Err(Error::invalid(
                "username",
                format!("“{}” is not a valid account name", super::shown(&clip(text))),
            )
            .hint("an account name has 1 to 64 of the characters a-z 0-9 . _ -, as in `eva`"));
        }
        Ok(Self(name))
    }
}

impl FromStr for Email {
    type Err = Error;

    /// Reads what mail servers take in practice: no quoted local part, no address in brackets, and nothing that could
    /// end a header.
    fn from_str(text: &str) -> Result<Self> {
        let address = fold(text.trim());
        let sane = address.split_once('@').is_some_and(|(local, host)| is_local_part(local) && is_host(host));
        if !sane || address.len() > 254 {
            return Err(Error::invalid(
                "email",
                format!("“{}” is not a valid email address", super::shown(&clip(text))),
            )
            .hint("write it as in eva@example.org"));
        }
        Ok(Self(address))
    }
}

fn is_local_part(text: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || (c.is_ascii_punctuation() && !"\"(),:;<>@[\\]".contains(c));
    !text.is_empty() && text.len() <= 64 && text.split('.').all(|part| !part.is_empty() && part.chars().all(allowed))
}

fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        let inner = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        inner && !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    };
    text.split('.').all(label)
}

impl FromStr for PhoneNumber {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bare: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.')).collect();
        let digits = bare.strip_prefix('+').unwrap_or_default();
        if !(6..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::invalid(
                "phoneNumber",
                format!("“{}” is not a valid phone number", super::shown(&clip(text))),
            )
            .hint("write it with its country, as in +358401234567"));
        }
        Ok(Self(bare))
    }
}

impl FromStr for ZoneName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.trim() != text || text.eq_ignore_ascii_case("system") {
            return Err(Error::invalid(
                "timezone",
                format!("“{}” is not a valid time zone", super::shown(&clip(text))),
            )
            .hint("write its IANA name, as in Europe/Helsinki"));
        }
        time::zone(text).map_err(|error| Error { field: Some("timezone".to_owned()), ..error.into() })?;
        Ok(Self(text.to_owned()))
    }
}

macro_rules! parsed {
    ($($type:ty),*) => {
        $(
            impl TryFrom<String> for $type {
                type Error = Error;

                fn try_from(text: String) -> Result<Self> {
                    text.parse()
                }
            }

            text!($type);
        )*
    };
}

parsed!(Username, Email, PhoneNumber, ZoneName);

/// How an account is named: by its id, its name or its e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum UserRef {
    /// Its identifier.
    Id(Id),
    /// Its name.
    Name(Username),
    /// Its e-mail address.
    Email(Email),
}

impl FromStr for UserRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            // No name holds one.
            Err(_) if text.contains('@') => text.parse().map(Self::Email),
            Err(_) => text.parse().map(Self::Name),
        }
    }
}

impl From<Id> for UserRef {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

impl TryFrom<String> for UserRef {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<UserRef> for String {
    fn from(user: UserRef) -> Self {
        user.to_string()
    }
}

impl fmt::Display for UserRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
            Self::Email(email) => email.fmt(f),
        }
    }
}

/// A person's name: one line of 1 to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FullName(String);

impl FromStr for FullName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.trim();
        limit("name", name, 200)?;
        if is_blank(name) || name.chars().any(char::is_control) {
            return Err(Error::invalid("name", format!("“{}” is not a valid name", super::shown(&clip(text))))
                .hint("a name is one line of plain text, as in `Eva Virtanen`"));
        }
        Ok(Self(name.to_owned()))
    }
}

parsed!(FullName);

/// An account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Its identifier.
    pub id: Id,
    /// Its name, by which it logs in.
    pub username: String,
    /// Where it is reached by mail; it may log in by this too.
    pub email: Option<String>,
    /// What the person is called.
    pub name: Option<String>,
    /// Since when it is known that its owner reads mail to this address; nothing else goes there before.
    #[serde(default)]
    pub email_confirmed_at: Option<Instant>,
    /// Where it is reached by SMS.
    pub phone_number: Option<String>,
    /// Since when it is known that its owner has this number; nothing else goes there before.
    #[serde(default)]
    pub phone_confirmed_at: Option<Instant>,
    /// What it is for.
    pub role: Role,
    /// The IANA name of the zone in which it reads dates, where it says none.
    pub timezone: Option<String>,
    /// Since when it cannot be used; none where it can.
    pub disabled_at: Option<Instant>,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What makes an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewUser {
    /// Its name.
    pub username: Username,
    /// Its password; none: nobody logs in by password.
    #[serde(default)]
    pub password: Option<Password>,
    /// Where it is reached by mail.
    #[serde(default)]
    pub email: Option<Email>,
    /// What the person is called.
    #[serde(default)]
    pub name: Option<FullName>,
    /// Where it is reached by SMS.
    #[serde(default)]
    pub phone_number: Option<PhoneNumber>,
    /// What it is for; a person where nothing is said.
    #[serde(default)]
    pub role: Option<Role>,
    /// The zone in which it reads dates.
    #[serde(default)]
    pub timezone: Option<ZoneName>,
}

/// What changes an account; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct UserPatch {
    /// The new e-mail address.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<Email>)]
    pub email: Change<Email>,
    /// The new name of the person.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<FullName>)]
    pub name: Change<FullName>,
    /// The new phone number.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<PhoneNumber>)]
    pub phone_number: Change<PhoneNumber>,
    /// The new zone.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<ZoneName>)]
    pub timezone: Change<ZoneName>,
    /// Another role, for admins to give.
    #[serde(skip)]
    pub role: Option<Role>,
    /// Whether it is out of use, for admins to say.
    #[serde(skip)]
    pub disabled: Option<bool>,
    /// The version that the change was made from; with another one now nothing is changed.
    #[serde(skip)]
    pub version: Option<i64>,
    /// The account's password, which its owner has to know to change the e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// Which accounts are listed, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct UserQuery {
    /// Maximum number of items; 0: as many as a page holds.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A part of the list of accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserPage {
    /// The accounts, by name.
    pub items: Vec<User>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub next_cursor: Option<String>,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn account_names_are_folded_and_plain() {
        assert_eq!(&*"Eva.V-2".parse::<Username>().unwrap(), "eva.v-2");
        for bad in ["", "-eva", ".", "eva v", "äiti", "eva@example.org", "0199c0de-0000-7000-8000-000000000007"] {
            assert!(bad.parse::<Username>().is_err(), "{bad}");
        }
        assert!("a".repeat(64).parse::<Username>().is_ok() && "a".repeat(65).parse::<Username>().is_err());
        assert!(matches!("0199c0de-0000-7000-8000-000000000007".parse(), Ok(UserRef::Id(_))));
    }

    #[test]
    fn addresses_are_sane() {
        for good in ["eva@example.org", " E.va+tag@Sub.Example.org ", "o'neill@localhost", "ä@ö.fi"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "eva",
            "@x",
            "eva@",
            "eva@@x",
            "e va@x.org",
            "eva@x..org",
            ".e@x.org",
            "e@x.org\r\nBcc: b@x.org",
            "e@-x.org",
            "\"e\"@x.org",
            "<e@x.org>",
            "e@[::1]",
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
        assert_eq!(&*"+358 40 123-4567".parse::<PhoneNumber>().unwrap(), "+358401234567");
        assert!("0401234567".parse::<PhoneNumber>().is_err() && "+35840123456789012".parse::<PhoneNumber>().is_err());
        assert_eq!("Mars/Base".parse::<ZoneName>().unwrap_err().field.as_deref(), Some("timezone"));
    }
}
