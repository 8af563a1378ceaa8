//! How the value of a setting is read and shown, a type each. It leaves out where the value came from.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::channels::Tls;
use super::{Color, Role, secret};
use crate::error::{Error, Result};
use crate::model::Channel;
use crate::model::{Database, PoolMode};
use crate::time::{self, DateOrder};

/// What a relative path and `~` stand for.
#[derive(Debug, Clone)]
pub struct Base {
    /// The folder from which relative paths go.
    pub folder: PathBuf,
    /// The home folder.
    pub home: Option<PathBuf>,
}

/// What a value may be in the configuration file, besides a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bare {
    /// A text only.
    Nothing,
    /// A whole number.
    Number,
    /// True or false.
    Truth,
    /// A list of texts.
    List,
}

/// A value that can be read from a text of any source.
pub(super) trait Setting: Sized {
    /// What else it may be in the file.
    const BARE: Bare = Bare::Nothing;

    /// Reads the value. The error names it; the caller adds the key and the source.
    fn read(raw: &OsStr, base: &Base) -> Result<Self>;

    /// Takes the value from the first line of a file, which `variable` names.
    fn of_file(path: PathBuf, variable: &str, base: &Base) -> Result<Self> {
        let _ = variable;
        Self::read(secret::first_line(&path)?.as_ref(), base)
    }

    /// The value as it is shown: passwords left out.
    fn show(&self) -> String;
}

/// A path, whole: `~` is the home folder, a relative one begins at the base.
impl Setting for PathBuf {
    fn read(raw: &OsStr, base: &Base) -> Result<Self> {
        if raw.is_empty() {
            return Err(invalid("the path is empty", "write a path, as in ~/muista"));
        }
        if raw.as_bytes().contains(&0) {
            return Err(invalid("the path holds a NUL character", "write a path, as in ~/muista"));
        }
        let path = Path::new(raw);
        let Some(Component::Normal(first)) = path.components().next() else {
            return Ok(clean(&base.folder.join(path)));
        };
        if first == "~" {
            let rest = path.components().skip(1).collect::<PathBuf>();
            let home = base.home.as_ref().ok_or_else(no_home)?;
            return Ok(clean(&home.join(rest)));
        }
        if first.as_bytes().starts_with(b"~") {
            let message = format!("`{}` begins with another user's home folder", quoted(&path.to_string_lossy()));
            return Err(invalid(message, "write the whole path, or ./~NAME for a folder of that name"));
        }
        Ok(clean(&base.folder.join(path)))
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

/// The same path without `.` and doubled slashes, so that one folder has one spelling as far as can be told without
/// looking at the disk.
fn clean(path: &Path) -> PathBuf {
    path.components().collect()
}

/// Where the database is, whole and with its password.
#[derive(Debug)]
pub(super) struct DatabaseUrl {
    pub(super) url: String,
    shown: String,
}

impl Setting for DatabaseUrl {
    fn read(raw: &OsStr, base: &Base) -> Result<Self> {
        let url = text(raw)?;
        let url = match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => sqlite_url(path.strip_prefix("//").unwrap_or(path), base)?,
            _ => url.to_owned(),
        };
        let shown = Database::parse(&url)?.to_string();
        Ok(Self { url, shown })
    }

    fn show(&self) -> String {
        self.shown.clone()
    }
}

fn sqlite_url(path: &str, base: &Base) -> Result<String> {
    let path = PathBuf::read(OsStr::new(path), base)?;
    Ok(format!("sqlite:{}", text(path.as_os_str())?))
}

impl Setting for SocketAddr {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let text = text(raw)?;
        // `localhost` is the one name that needs no resolver.
        let numeric = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        numeric.parse().map_err(|_| {
            let message = format!("`{}` is not an address with a port", quoted(text));
            invalid(message, "write ADDRESS:PORT, as in 127.0.0.1:3000, or [::1]:3000; port 0 takes a free one")
        })
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// The name of a time zone that exists.
#[derive(Debug)]
pub(super) struct ZoneName(pub(super) String);

impl Setting for ZoneName {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let name = text(raw)?;
        time::zone(name).map_err(|error| invalid(error.message, error.hint))?;
        Ok(Self(name.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

impl Setting for DateOrder {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        text(raw)?.parse().map_err(|error: time::TimeError| invalid(error.message, error.hint))
    }

    fn show(&self) -> String {
        match self {
            Self::DayMonth => "dmy".to_owned(),
            Self::MonthDay => "mdy".to_owned(),
        }
    }
}

impl Setting for Color {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        match text(raw)? {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            other => Err(invalid(format!("`{}` is not a valid choice", quoted(other)), "write auto, always or never")),
        }
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

impl Setting for PoolMode {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let text = text(raw)?;
        let known = Self::ALL.into_iter().find(|mode| mode.name() == text);
        known.ok_or_else(|| {
            invalid(format!("`{}` is not a valid mode", quoted(text)), "write auto, session or transaction")
        })
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

impl Setting for Role {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        match text(raw)? {
            "all" => Ok(Self::All),
            "server" => Ok(Self::Server),
            "worker" => Ok(Self::Worker),
            other => Err(invalid(format!("`{}` is not a valid role", quoted(other)), "write all, server or worker")),
        }
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

impl Setting for Tls {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        match text(raw)? {
            "none" => Ok(Self::None),
            "starttls" => Ok(Self::StartTls),
            "tls" => Ok(Self::Tls),
            other => Err(invalid(format!("`{}` is not a valid choice", quoted(other)), "write starttls, tls or none")),
        }
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

/// A port that can be connected to.
impl Setting for NonZeroU16 {
    const BARE: Bare = Bare::Number;

    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let text = text(raw)?;
        text.parse().map_err(|_| {
            invalid(format!("`{}` is not a valid port", quoted(text)), "write a number from 1 to 65535, as in 587")
        })
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// One line of text.
impl Setting for String {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        line(raw).map(str::to_owned)
    }

    fn show(&self) -> String {
        self.clone()
    }
}

/// Channels, with commas between; each once.
impl Setting for Vec<Channel> {
    const BARE: Bare = Bare::List;

    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let mut channels = Self::new();
        for name in text(raw)?.split(',') {
            let channel: Channel = name.trim().parse()?;
            if !channels.contains(&channel) {
                channels.push(channel);
            }
        }
        Ok(channels)
    }

    fn show(&self) -> String {
        self.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// The value as text of one line that is not empty.
pub(super) fn line(raw: &OsStr) -> Result<&str> {
    let text = text(raw)?;
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(invalid(
            format!("`{}` is not a single line of text", quoted(text)),
            "write one line, without tabs",
        ));
    }
    Ok(text)
}

/// The value as text.
pub(super) fn text(raw: &OsStr) -> Result<&str> {
    raw.to_str().ok_or_else(|| {
        let shown = raw.to_string_lossy();
        invalid(format!("`{}` is not UTF-8", quoted(&shown)), "write it in UTF-8")
    })
}

pub(super) fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Error {
    // The key's name takes the field's place where the key is known.
    Error::invalid("config", message).hint(hint)
}

/// There is no home folder and one is needed.
pub(super) fn no_home() -> Error {
    invalid(
        "cannot tell where your files go: HOME is not set to an absolute path",
        "set HOME, or name the folder with --data-dir",
    )
}

/// The text as it may go to a terminal: control and bidi characters escaped, cut when long.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(60).flat_map(char::escape_debug).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    shown
}
