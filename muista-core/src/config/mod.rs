//! The settings of both binaries: [`Config`] is made from flags, environment, file and defaults, in this order of
//! precedence. The library reads no environment itself: [`Sources`] brings it in. Changing the file is `muista config`'s.

mod address;
mod backup;
mod channels;
mod discovery;
mod fields;
mod file;
mod keys;
mod limits;
mod log;
mod reader;
mod remote;
mod script;
#[cfg(test)]
mod script_tests;
mod secret;
mod server;
mod sources;
mod standing;
mod suggest;
#[cfg(test)]
mod tests;
mod value;

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU16;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub use address::{Allowed, Topic};
pub use backup::{BackupConfig, Timetable};
pub use channels::{EmailConfig, NtfyConfig, SmsConfig, Tls, WebhookConfig};
pub use discovery::{LOCK_FILE, lock_pid, system_runtime_dir, write_lock};
pub use keys::{KEYS, Key, Use};
pub use limits::{Limits, RunSlots};
pub use log::LogConfig;
pub use remote::{RemoteAddress, RemoteConfig};
pub use script::ScriptEntry;
pub use secret::Secret;
pub use server::ServerConfig;
pub use sources::{Flags, Source, Sources};
pub use standing::Standing;
pub use suggest::key;
pub use value::{Bare, Base};

use crate::error::{Error, Result};
use crate::model::{Channel, Quotas};
use crate::model::{ConnectionSettings, Database, PoolMode};
use crate::time::DateOrder;
use reader::Reader;

/// The port of `/health` and REST.
const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);

/// The most bytes a Unix socket's path may have: `sun_path` of unix(7) less its closing NUL.
const SOCKET_MAX: usize = 107;

/// When to colour output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// `auto`, `always` or `never`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// What a daemon does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Role {
    /// Both.
    #[default]
    All,
    /// Answers commands and HTTP; others remind and run jobs.
    Server,
    /// Reminds and runs jobs.
    Worker,
}

impl Role {
    /// `all`, `server` or `worker`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Server => "server",
            Self::Worker => "worker",
        }
    }
}

/// One setting as it stands.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Which.
    pub key: &'static Key,
    /// Its value as it may be shown: passwords left out. None where nothing is set and the default is no value.
    pub value: Option<String>,
    /// Where the value came from.
    pub source: Source,
    /// Tells values apart, those included that are hidden.
    print: u64,
}

/// Returns a number that tells values apart.
fn print_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// The settings. All paths are absolute.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder that holds the SQLite database, the lock and the daemon's log. It need not exist.
    pub data_dir: PathBuf,
    /// The database where it is not the SQLite file in the data folder; may hold a password.
    pub database_url: Option<String>,
    /// The authority that signed the PostgreSQL server's certificate; none: the system's.
    pub database_ca: Option<PathBuf>,
    /// How a pooler before PostgreSQL lends its servers.
    pub database_pooling: PoolMode,
    /// How many connections to PostgreSQL the daemon opens at most.
    pub database_connections: u16,
    /// The PostgreSQL database past the pooler; may hold a password.
    pub database_listen_url: Option<String>,
    /// The daemon's socket. May be longer than a socket can be; see [`Config::listening_socket`].
    pub socket: PathBuf,
    /// Where the daemon answers HTTP.
    pub http: SocketAddr,
    /// The zone of the user; none: the system's.
    pub timezone: Option<String>,
    /// How `1/2` is read; none refuses it.
    pub date_order: Option<DateOrder>,
    /// When to colour output.
    pub color: Color,
    /// What the daemon does.
    pub role: Role,
    /// The folder of the scripts that jobs run. It need not exist.
    pub scripts_dir: PathBuf,
    /// The scripts that the file registers, in its order.
    pub scripts: Vec<ScriptEntry>,
    /// How many scripts run at a time.
    pub slots: RunSlots,
    /// What an account may take.
    pub limits: Limits,
    /// The channels of a reminder that names none; never empty, each once.
    pub channels: Vec<Channel>,
    /// How mail is sent.
    pub email: EmailConfig,
    /// How text messages are sent.
    pub sms: SmsConfig,
    /// Where requests are sent.
    pub webhook: WebhookConfig,
    /// Where messages are pushed.
    pub ntfy: NtfyConfig,
    /// How the daemon answers over the network.
    pub server: ServerConfig,
    /// How much an account may take.
    pub quotas: Quotas,
    /// The daemon of another machine that commands go to.
    pub remote: RemoteConfig,
    /// How the daemon logs.
    pub log: LogConfig,
    /// Where backups go, and when they are made.
    pub backup: BackupConfig,
    entries: Vec<Entry>,
    warnings: Vec<String>,
    overruled: Vec<&'static str>,
    /// What stands in files that cannot be read, by its key.
    unread: Vec<Error>,
}

impl Config {
    /// Reads the file and puts all together.
    ///
    /// # Errors
    /// `Invalid`, naming every value that is wrong, where it was set, and its remedy.
    pub fn load(sources: &Sources) -> Result<Self> {
        Self::load_for(sources, |_| Vec::new())
    }

    /// The same for a program that wants more of the settings than that each can be read: `check` looks at them as they
    /// are together, with the defaults of those that cannot be read.
    ///
    /// # Errors
    /// `Invalid`, naming every value that is wrong, and what `check` found.
    pub fn load_for(sources: &Sources, check: impl FnOnce(&Self) -> Vec<Error>) -> Result<Self> {
        let mut reader = Reader::new(sources);
        let default_dir = sources.default_data_dir();
        let data_dir = reader.take(&keys::DATA_DIR);
        let database = reader.take(&keys::DATABASE_URL);
        let database_ca = reader.take(&keys::DATABASE_CA);
        let database_pooling = reader.take(&keys::DATABASE_POOLING).unwrap_or_default();
        let database_connections =
            reader.take(&keys::DATABASE_CONNECTIONS).map_or(ConnectionSettings::CONNECTIONS, NonZeroU16::get);
        let database_listen_url = reader.take(&keys::DATABASE_LISTEN_URL).map(|database| database.url);
        let socket = reader.take(&keys::SOCKET);
        let http = reader.take(&keys::HTTP);
        let timezone = reader.take(&keys::TIMEZONE).map(|zone| zone.0);
        let date_order = reader.take(&keys::DATE_ORDER);
        let color = reader.take(&keys::COLOR);
        let role = reader.take(&keys::ROLE);
        let scripts_dir = reader.take(&keys::SCRIPTS_DIR).or_else(|| default_scripts_dir(sources));
        let slots = RunSlots::take(&mut reader);
        let limits = Limits::take(&mut reader);
        let channels = channels::take_channels(&mut reader);
        let email = EmailConfig::take(&mut reader);
        let sms = SmsConfig::take(&mut reader);
        let webhook = WebhookConfig::take(&mut reader);
        let ntfy = NtfyConfig::take(&mut reader);
        let server = ServerConfig::take(&mut reader);
        let log = LogConfig::take(&mut reader);
        let quotas = server::take_quotas(&mut reader);
        let remote = RemoteConfig::take(&mut reader);
        let backup = BackupConfig::take(&mut reader);
        if data_dir.is_none() {
            reader.note(default_dir.as_ref().err());
        }
        let scripts = reader.scripts(scripts_dir.as_deref());
        let reader::Read { mut entries, warnings, overruled, unread, mut errors } = reader.finish();

        let default_dir = default_dir.ok();
        let data_dir = data_dir.or_else(|| default_dir.clone()).unwrap_or_default();
        let is_default = default_dir.is_some_and(|default| default == data_dir);
        let socket = socket.unwrap_or_else(|| default_socket(sources, &data_dir, is_default));
        let config = Self {
            database_url: database.map(|database| database.url),
            http: http.unwrap_or(HTTP),
            timezone: timezone.clone(),
            color: color.unwrap_or_default(),
            role: role.unwrap_or_default(),
            scripts_dir: scripts_dir.unwrap_or_else(|| data_dir.join("scripts")),
            entries: Vec::new(),
            backup: backup.within(&data_dir, timezone),
            data_dir,
            database_ca,
            database_pooling,
            database_connections,
            database_listen_url,
            socket,
            date_order,
            scripts,
            slots,
            limits,
            channels,
            email,
            sms,
            webhook,
            ntfy,
            server,
            quotas,
            remote,
            log,
            warnings,
            overruled,
            unread,
        };
        errors.extend(check(&config));
        reader::all(errors)?;
        for entry in entries.iter_mut().filter(|entry| entry.source == Source::Default) {
            entry.value = config.default_of(entry.key)?;
            entry.print = print_of(&entry.value.as_deref().unwrap_or_default());
        }
        Ok(Self { entries, ..config })
    }

    /// The database.
    ///
    /// # Errors
    /// When the file that holds the URL cannot be read; [`Config::load`] has looked at the URL already.
    pub fn database(&self) -> Result<Database> {
        if let Some(error) = self.unread.iter().find(|error| error.field.as_deref() == Some("database_url")) {
            return Err(error.clone());
        }
        match &self.database_url {
            Some(url) => Database::parse(url),
            None => Ok(Database::in_dir(&self.data_dir)),
        }
    }

    /// How a PostgreSQL server is used.
    #[must_use]
    pub fn database_usage(&self) -> ConnectionSettings {
        ConnectionSettings {
            pooling: self.database_pooling,
            connections: self.database_connections,
            listen_url: self.database_listen_url.clone(),
        }
    }

    /// The socket, if a daemon can listen there. Where it cannot, none does, and commands do without.
    ///
    /// # Errors
    /// `Invalid` when the path is longer than a socket's may be.
    pub fn listening_socket(&self) -> Result<&Path> {
        let length = self.socket.as_os_str().as_bytes().len();
        if length <= SOCKET_MAX {
            return Ok(&self.socket);
        }
        let message = format!(
            "the socket's path {} has {length} bytes; the system takes {SOCKET_MAX} at most",
            self.socket.display()
        );
        Err(Error::invalid("socket", message).hint("choose a shorter one, as in --socket /tmp/muista/muistad.sock"))
    }

    /// Every setting as it stands, in the order of [`KEYS`].
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The settings of the file that flags and variables go before.
    #[must_use]
    pub fn overruled(&self) -> &[&'static str] {
        &self.overruled
    }

    /// Whether a setting is set nowhere, so that its default holds.
    #[must_use]
    pub fn is_default(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.key.name == name && entry.source == Source::Default)
    }

    /// Returns why each secret that cannot be read cannot. Whatever needs one of them fails, and nothing else does.
    #[must_use]
    pub fn unreadable(&self) -> Vec<Error> {
        let secrets = [
            ("email.password", &self.email.password),
            ("sms.token", &self.sms.token),
            ("webhook.secret", &self.webhook.secret),
            ("ntfy.token", &self.ntfy.token),
            ("remote.token", &self.remote.token),
        ];
        let failed = secrets.into_iter().filter_map(|(key, secret)| {
            let error = secret.as_ref()?.reveal().err()?;
            Some(error.of_field(key))
        });
        self.unread.iter().cloned().chain(failed).collect()
    }

    /// What may be a mistake: a line for each `MUISTA_…` variable that sets nothing.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What holds where nothing is set, as it is shown.
    fn default_of(&self, key: &Key) -> Result<Option<String>> {
        Ok(match key.name {
            "data_dir" => Some(self.data_dir.display().to_string()),
            "database_url" => Some(self.database()?.to_string()),
            "database_pooling" => Some(self.database_pooling.name().to_owned()),
            "database_connections" => Some(self.database_connections.to_string()),
            "socket" => Some(self.socket.display().to_string()),
            "http" => Some(self.http.to_string()),
            "color" => Some(self.color.name().to_owned()),
            "role" => Some(self.role.name().to_owned()),
            "scripts.dir" => Some(self.scripts_dir.display().to_string()),
            "channels" => Some(self.channels.iter().map(|channel| channel.as_str()).collect::<Vec<_>>().join(",")),
            "scripts.slots" => Some(self.slots.total.to_string()),
            "scripts.account_slots" => Some(self.slots.account.to_string()),
            "scripts.job_slots" => Some(self.slots.job.to_string()),
            "limits.waiting_runs" => Some(self.limits.waiting_runs.to_string()),
            "limits.messages_a_minute" => Some(self.limits.messages_a_minute.to_string()),
            "limits.messages_a_day" => Some(self.limits.messages_a_day.to_string()),
            "limits.reminder_seconds" => Some(self.limits.reminder_interval.as_secs().to_string()),
            "email.port" => Some(self.email.port.to_string()),
            "email.tls" => Some(self.email.tls.name().to_owned()),
            "sms.url" => Some(self.sms.url.clone()),
            "insecure" => Some(self.server.insecure.to_string()),
            "web.rate" => Some(self.server.rate.to_string()),
            "auth.register" => Some(self.server.register.to_string()),
            "log.level" => Some(self.log.level.clone()),
            "log.max_size" => Some(self.log.max_size.to_string()),
            "log.keep" => Some(self.log.keep.to_string()),
            "backup.to" => Some(self.backup.folder.display().to_string()),
            "attachments.max_bytes" => Some(self.server.attachment_max.to_string()),
            "limits.tasks" => Some(self.quotas.tasks.to_string()),
            "limits.text_bytes" => Some(self.quotas.text_bytes.to_string()),
            "limits.file_bytes" => Some(self.quotas.file_bytes.to_string()),
            _ => None,
        })
    }
}

/// The socket of the data folder: a command must never reach a daemon that works on other data.
fn default_socket(sources: &Sources, data_dir: &Path, is_default: bool) -> PathBuf {
    match sources.runtime_dir().filter(|_| is_default) {
        Some(runtime) => runtime.join("muista/muistad.sock"),
        None => data_dir.join("muistad.sock"),
    }
}

/// The folder beside the configuration file. Without a home folder there may be none.
fn default_scripts_dir(sources: &Sources) -> Option<PathBuf> {
    Some(sources.config_file().ok()?.parent()?.join("scripts"))
}

/// Whether `text` could be the content of the configuration file at `path`; for `muista config`, before it writes.
///
/// # Errors
/// `Invalid`, naming every line that is wrong.
pub fn check_file(path: &Path, text: &str, base: &Base) -> Result<()> {
    let mut lines = file::lines(path, text);
    for line in &lines.good {
        if let Err(error) = line.key.check(line.value.as_ref(), base) {
            lines.bad.push(sources::from(error, line.key.name, &Source::File(path.to_owned(), line.number)));
        }
    }
    reader::all(lines.bad)
}
