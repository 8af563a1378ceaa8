//! Where settings come from: flags, environment and the user's folders, all handed in by the binary. It leaves out what
//! the file holds and what a value means.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};

use super::keys::Key;
use super::suggest;
use super::value::{Base, Setting, no_home};
use crate::error::{Error, Result};

/// The settings given as flags.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`: the configuration file.
    pub config: Option<PathBuf>,
    /// `--data-dir`.
    pub data_dir: Option<PathBuf>,
    /// `--database-url`.
    pub database_url: Option<String>,
    /// `--socket`.
    pub socket: Option<PathBuf>,
    /// `--http`.
    pub http: Option<String>,
    /// `--color`.
    pub color: Option<String>,
    /// `--role`.
    pub role: Option<String>,
    /// `--remote`.
    pub remote: Option<String>,
}

impl Flags {
    fn get(&self, key: &Key) -> Option<&OsStr> {
        match key.name {
            "data_dir" => self.data_dir.as_deref().map(Path::as_os_str),
            "socket" => self.socket.as_deref().map(Path::as_os_str),
            "database_url" => self.database_url.as_deref().map(OsStr::new),
            "http" => self.http.as_deref().map(OsStr::new),
            "color" => self.color.as_deref().map(OsStr::new),
            "role" => self.role.as_deref().map(OsStr::new),
            "remote.address" => self.remote.as_deref().map(OsStr::new),
            _ => None,
        }
    }
}

/// All that a configuration is made of, but for its file.
#[derive(Debug, Clone)]
pub struct Sources {
    flags: Flags,
    environment: BTreeMap<OsString, OsString>,
    current_dir: PathBuf,
    system_runtime_dir: Option<PathBuf>,
}

/// A value as a source gives it.
pub(super) enum Given {
    /// The value.
    Text(OsString),
    /// The file that holds it, and the variable that names the file.
    File(PathBuf, String),
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// This flag.
    Flag(&'static str),
    /// This environment variable.
    Environment(String),
    /// This line of the configuration file, counted from 1.
    File(PathBuf, usize),
    /// Nowhere: it is the default.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => f.write_str(flag),
            Self::Environment(variable) => f.write_str(variable),
            Self::File(path, line) => write!(f, "{} line {line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

impl Sources {
    /// `environment` is what `std::env::vars_os()` gives; a variable set to nothing counts as not set. Relative paths
    /// in flags and variables begin at `current_dir`.
    #[must_use]
    pub fn new(
        flags: Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        current_dir: PathBuf,
    ) -> Self {
        let environment = environment.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        Self { flags, environment, current_dir, system_runtime_dir: None }
    }

    /// The same sources, with the folder for sockets that the system has where the environment names none.
    #[must_use]
    pub fn with_runtime_dir(self, folder: Option<PathBuf>) -> Self {
        Self { system_runtime_dir: folder, ..self }
    }

    /// The configuration file that is used, whether or not it exists.
    ///
    /// # Errors
    /// `Invalid` when none is named and there is no home folder.
    pub fn config_file(&self) -> Result<PathBuf> {
        match self.named_config() {
            Some((path, source)) => PathBuf::read(path, &self.base()).map_err(|e| from(e, "config", &source)),
            None => Ok(self.folder("XDG_CONFIG_HOME", ".config")?.join("muista/config.toml")),
        }
    }

    /// The file in which `muista login` keeps its token, whether or not it exists.
    ///
    /// # Errors
    /// `Invalid` when there is no home folder.
    pub fn credentials_file(&self) -> Result<PathBuf> {
        Ok(self.folder("XDG_CONFIG_HOME", ".config")?.join("muista/credentials.toml"))
    }

    /// The folder of the user's own systemd units, whether or not it exists.
    ///
    /// # Errors
    /// `Invalid` when there is no home folder.
    pub fn user_units(&self) -> Result<PathBuf> {
        Ok(self.folder("XDG_CONFIG_HOME", ".config")?.join("systemd/user"))
    }

    /// What relative paths and `~` stand for in flags and variables.
    #[must_use]
    pub fn base(&self) -> Base {
        Base { folder: self.current_dir.clone(), home: self.home() }
    }

    /// What relative paths and `~` stand for in the configuration file at `path`: its own folder, and home.
    #[must_use]
    pub fn base_of_file(&self, path: &Path) -> Base {
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        Base { folder, home: self.home() }
    }

    /// A warning for each `MUISTA_…` variable that sets nothing.
    pub(super) fn warnings(&self) -> Vec<String> {
        let names = self.environment.keys().map(|name| name.to_string_lossy());
        names.filter(|name| name.starts_with("MUISTA_")).filter_map(|name| suggest::misspelt(&name)).collect()
    }

    /// The configuration file that was asked for, and by what.
    pub(super) fn named_config(&self) -> Option<(&OsStr, Source)> {
        let flag = self.flags.config.as_deref().map(|path| (path.as_os_str(), Source::Flag("--config")));
        flag.or_else(|| {
            let path = self.variable("MUISTA_CONFIG")?;
            Some((path, Source::Environment("MUISTA_CONFIG".to_owned())))
        })
    }

    /// The key's value by flag or variable.
    pub(super) fn find(&self, key: &'static Key) -> Result<Option<(Given, Source)>> {
        let text = |value: &OsStr| Given::Text(value.to_owned());
        if let Some(value) = self.flags.get(key) {
            return Ok(Some((text(value), Source::Flag(key.flag.unwrap_or(key.name)))));
        }
        let value = self.variable(key.environment);
        let of_environment = |name: &str| Source::Environment(name.to_owned());
        let Some(variable) = key.file_variable() else {
            return Ok(value.map(|value| (text(value), of_environment(key.environment))));
        };
        match (value, self.variable(&variable)) {
            (Some(_), Some(_)) => {
                Err(Error::invalid(key.name, format!("{} and {variable} are both set", key.environment))
                    .hint("unset one of the two"))
            }
            (Some(value), None) => Ok(Some((text(value), of_environment(key.environment)))),
            (None, Some(path)) => {
                let source = of_environment(&variable);
                let path = PathBuf::read(path, &self.base()).map_err(|e| from(e, key.name, &source))?;
                Ok(Some((Given::File(path, variable), source)))
            }
            (None, None) => Ok(None),
        }
    }

    /// The default data folder.
    pub(super) fn default_data_dir(&self) -> Result<PathBuf> {
        Ok(self.folder("XDG_DATA_HOME", ".local/share")?.join("muista"))
    }

    /// The folder for sockets that lives as long as the user's login, if the system has one.
    pub(super) fn runtime_dir(&self) -> Option<PathBuf> {
        self.absolute("XDG_RUNTIME_DIR").or_else(|| self.system_runtime_dir.clone())
    }

    /// One of the user's folders by the XDG Base Directory Specification, which says to ignore relative values.
    fn folder(&self, variable: &str, under_home: &str) -> Result<PathBuf> {
        if let Some(folder) = self.absolute(variable) {
            return Ok(folder);
        }
        Ok(self.home().ok_or_else(no_home)?.join(under_home))
    }

    fn home(&self) -> Option<PathBuf> {
        self.absolute("HOME")
    }

    fn absolute(&self, variable: &str) -> Option<PathBuf> {
        self.variable(variable).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.get(OsStr::new(name)).map(OsString::as_os_str)
    }
}

/// The error with the key as its field and the source before its message.
pub(super) fn from(mut error: Error, key: &str, source: &Source) -> Error {
    error.field = Some(key.to_owned());
    error.message = match source {
        Source::File(..) => format!("{source}: {key}: {}", error.message),
        Source::Default => format!("{key}: {}", error.message),
        Source::Flag(_) | Source::Environment(_) => format!("{source}: {}", error.message),
    };
    error
}
