//! The table of settings: every key's name, environment variable, flag, default, help and example. The file's parser,
//! the environment's reader, `muista config` and the suggestions all work from it. How a value is read is `value`'s.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::Color;
use super::value::{Base, DatabaseUrl, Setting, ZoneName};
use crate::error::Result;
use crate::time::DateOrder;

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its name in the configuration file.
    pub name: &'static str,
    /// Its environment variable.
    pub environment: &'static str,
    /// Its flag, where it has one.
    pub flag: Option<&'static str>,
    /// What holds where it is set nowhere, in words.
    pub default: &'static str,
    /// What it does, in one line.
    pub help: &'static str,
    /// A value it takes.
    pub example: &'static str,
    /// Whether the value may hold a password. Such a key can also be set by a variable that ends in `_FILE` and names
    /// a file that holds the value.
    pub secret: bool,
    check: fn(&OsStr, &Base) -> Result<String>,
}

impl Key {
    /// The variable that names a file with the value, for a secret.
    #[must_use]
    pub fn file_variable(&self) -> Option<String> {
        self.secret.then(|| format!("{}_FILE", self.environment))
    }

    /// Whether `value` is one for this key; returns it as it is shown: paths whole, passwords left out.
    ///
    /// # Errors
    /// `Invalid`, with this key as its field.
    pub fn check(&self, value: &OsStr, base: &Base) -> Result<String> {
        (self.check)(value, base).map_err(|mut error| {
            error.field = Some(self.name.to_owned());
            error
        })
    }
}

/// A key together with the type of its value.
pub(super) struct Typed<T> {
    pub(super) key: Key,
    value: PhantomData<fn() -> T>,
}

/// What `check` of a key does: reads the value and shows it again.
fn check<T: Setting>(raw: &OsStr, base: &Base) -> Result<String> {
    T::read(raw, base).map(|value| value.show())
}

macro_rules! keys {
    ($($(#[$secret:ident])? $id:ident: $type:ty = $name:literal, $environment:literal, $flag:expr, $default:literal,
        $help:literal, $example:literal;)*) => {
        $(pub(super) static $id: Typed<$type> = Typed {
            key: Key {
                name: $name,
                environment: $environment,
                flag: $flag,
                default: $default,
                help: $help,
                example: $example,
                secret: keys!(@secret $($secret)?),
                check: check::<$type>,
            },
            value: PhantomData,
        };)*

        /// Every setting, in the order in which they are listed.
        pub static KEYS: &[&Key] = &[$(&$id.key),*];
    };
    (@secret secret) => { true };
    (@secret) => { false };
}

keys! {
    DATA_DIR: PathBuf = "data_dir", "MUISTA_DATA_DIR", Some("--data-dir"),
        "$XDG_DATA_HOME/muista, or ~/.local/share/muista",
        "the folder that holds the SQLite database, the lock and the daemon's log", "~/muista";
    #[secret]
    DATABASE_URL: DatabaseUrl = "database_url", "MUISTA_DATABASE_URL", Some("--database-url"),
        "muista.db in the data folder",
        "the database: sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME", "postgres://muista@db.example/muista";
    DATABASE_CA: PathBuf = "database_ca", "MUISTA_DATABASE_CA", None,
        "the system's certificate authorities",
        "a PEM file with the authority that signed the PostgreSQL server's certificate", "/etc/ssl/muista-ca.pem";
    SOCKET: PathBuf = "socket", "MUISTA_SOCKET", Some("--socket"),
        "$XDG_RUNTIME_DIR/muista/muistad.sock, or muistad.sock in a data folder that is not the default one",
        "the socket on which the daemon answers this machine's commands", "~/muista/muistad.sock";
    HTTP: SocketAddr = "http", "MUISTA_HTTP", Some("--http"),
        "127.0.0.1:3000",
        "the address on which the daemon answers HTTP", "127.0.0.1:3000";
    TIMEZONE: ZoneName = "timezone", "MUISTA_TIMEZONE", None,
        "the system's",
        "the zone in which dates are read and shown", "Europe/Helsinki";
    DATE_ORDER: DateOrder = "date_order", "MUISTA_DATE_ORDER", None,
        "none: such dates are refused as ambiguous",
        "how dates like 1/2 are read: dmy (1 February) or mdy (January 2)", "dmy";
    COLOR: Color = "color", "MUISTA_COLOR", Some("--color"),
        "auto",
        "whether output is coloured: auto (on a terminal), always or never", "never";
}

/// The variables that are no setting: where the configuration file is, and what the daemon logs.
const OTHER_VARIABLES: &[&str] = &["MUISTA_CONFIG", "MUISTA_LOG"];

/// The key of this name.
///
/// # Errors
/// `Invalid` with the nearest known name as its hint.
pub fn key(name: &str) -> Result<&'static Key> {
    let found = KEYS.iter().find(|key| key.name == name);
    found.copied().ok_or_else(|| unknown(name))
}

/// The error for a name that is no key's.
pub(super) fn unknown(name: &str) -> crate::error::Error {
    let names = KEYS.iter().map(|key| key.name);
    let hint = match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys are {}", names.collect::<Vec<_>>().join(", ")),
    };
    crate::error::Error::invalid(name, format!("`{}` is no setting", super::value::quoted(name))).hint(hint)
}

/// Whether `variable` sets something, and if not, the nearest one that does.
pub(super) fn misspelt(variable: &str) -> Option<String> {
    let secrets = KEYS.iter().filter_map(|key| key.file_variable());
    let known: Vec<String> = KEYS
        .iter()
        .map(|key| key.environment)
        .chain(OTHER_VARIABLES.iter().copied())
        .map(str::to_owned)
        .chain(secrets)
        .collect();
    if known.iter().any(|name| name == variable) {
        return None;
    }
    let near = nearest(variable, known.iter().map(String::as_str));
    let remedy = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
    Some(format!("the variable {} sets nothing{remedy}", super::value::quoted(variable)))
}

/// The candidate most like `word`, if one is like it at all.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // The measure's time grows with the square of the length; no known name is nearly as long as this.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    candidates
        .map(|name| (strsim::jaro_winkler(&word, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
