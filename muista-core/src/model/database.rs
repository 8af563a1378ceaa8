//! [`Database`]: which database is meant, read from its URL. Opening it is the drivers' work.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// How a pooler before PostgreSQL lends its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PoolMode {
    /// It is found out when a daemon starts. Commands make do with what every mode offers.
    #[default]
    Auto,
    /// For as long as a connection lasts, or there is no pooler.
    Session,
    /// For a transaction.
    Transaction,
}

impl PoolMode {
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Session, Self::Transaction];

    /// `auto`, `session` or `transaction`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Session => "session",
            Self::Transaction => "transaction",
        }
    }
}

/// How a daemon or a command uses a PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionSettings {
    /// How a pooler lends its servers.
    pub pooling: PoolMode,
    /// How many connections a daemon opens at most.
    pub connections: u16,
    /// Where a daemon listens for others, past the pooler; none: where the database is.
    pub listen_url: Option<String>,
}

impl ConnectionSettings {
    /// How many connections a daemon opens where nothing else is said: one that listens, two that read and three that
    /// write.
    pub const CONNECTIONS: u16 = 6;
}

impl Default for ConnectionSettings {
    fn default() -> Self {
        Self { pooling: PoolMode::default(), connections: Self::CONNECTIONS, listen_url: None }
    }
}

/// A database's address.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL URL, with the password if it has one.
    Postgres(String),
}

impl Database {
    /// Reads `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME` (`postgresql://` too).
    ///
    /// # Errors
    /// `Invalid` for any other text.
    pub fn parse(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(refused(url));
            }
            // SQLite would read these as something else than a path.
            if path == ":memory:" || path.starts_with("file:") {
                return Err(Error::invalid("database_url", format!("“{}” names no file", super::clip(url)))
                    .hint("write the path alone, as in `sqlite:/home/me/muista.db`"));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(refused(url))
    }

    /// The SQLite file that a data folder holds.
    #[must_use]
    pub fn in_dir(data_dir: &Path) -> Self {
        Self::Sqlite(data_dir.join("muista.db"))
    }
}

fn refused(url: &str) -> Error {
    // The part before a colon is the scheme; what follows may hold a password.
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    Error::invalid("database_url", format!("a database URL cannot begin with “{}”", super::clip(scheme)))
        .hint("write `sqlite:PATH` or `postgres://USER@HOST/NAME`")
}

impl fmt::Display for Database {
    /// The URL without its password, which also tells one database from another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The URL without what stands between the user's name and the `@` (RFC 3986 §3.2.1), nor a `password=` parameter.
fn without_password(url: &str) -> String {
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let mut shown = match base.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?))) {
        Some((scheme, (user, rest))) => {
            let name = user.split_once(':').map_or(user, |(name, _)| name);
            format!("{scheme}://{name}@{rest}")
        }
        None => base.to_owned(),
    };
    let kept: Vec<_> =
        query.into_iter().flat_map(|query| query.split('&')).filter(|p| !p.starts_with("password=")).collect();
    if !kept.is_empty() {
        shown.push('?');
        shown.push_str(&kept.join("&"));
    }
    shown
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn a_url_is_read_and_shown_without_its_password() {
        for (url, shown) in [
            ("sqlite:/tmp/a.db", "sqlite:/tmp/a.db"),
            ("sqlite:///tmp/a.db", "sqlite:/tmp/a.db"),
            ("postgres://me:se:cr@et@host:5433/db", "postgres://me@host:5433/db"),
            ("postgresql://host/db?sslmode=disable&password=x", "postgresql://host/db?sslmode=disable"),
            ("postgres://me@/db?host=/run/pg", "postgres://me@/db?host=/run/pg"),
        ] {
            assert_eq!(Database::parse(url).unwrap().to_string(), shown);
        }
        for bad in
            ["", "sqlite:", "sqlite::memory:", "sqlite:file:a.db?mode=ro", "mysql://root:secret@host/db", "/tmp/a.db"]
        {
            let error = Database::parse(bad).unwrap_err();
            assert!(!error.message.contains("secret"), "{error}");
        }
    }
}
