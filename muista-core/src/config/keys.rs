//! The table of settings: every key's name, environment variable, flag, default, help and example. The file's parser,
//! the environment's reader, `muista config` and the suggestions all work from it. How a value is read is `value`'s.

use std::ffi::OsStr;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use super::address::{AllowList, HostName, HttpUrl, MailAddress, Mailbox, Phone, Topic};
use super::backup::{Recipients, Timetable};
use super::channels::Tls;
use super::log::{Count, LogLevel};
use super::remote::RemoteAddress;
use super::secret::Secret;
use super::server::{Names, Networks, Switch};
use super::value::{Bare, Base, DatabaseUrl, Setting, ZoneName};
use super::{Color, Role};
use crate::error::Result;
use crate::model::PoolMode;
use crate::model::{Channel, Keep};
use crate::time::DateOrder;

/// Who uses a setting, and when a running daemon does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Commands alone.
    Command,
    /// The daemon, from the moment when it reads its settings anew.
    Live,
    /// The daemon, from its start on.
    Restart,
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Its name in the configuration file; what stands before a dot is its table.
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
    /// What it may be in the file besides a text.
    pub bare: Bare,
    /// Who uses it, and when.
    pub used: Use,
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
    ($($(#[$mark:ident])* $id:ident: $type:ty = $name:literal, $environment:literal, $flag:expr, $default:literal,
        $help:literal, $example:literal;)*) => {
        $(pub(super) static $id: Typed<$type> = Typed {
            key: Key {
                name: $name,
                environment: $environment,
                flag: $flag,
                default: $default,
                help: $help,
                example: $example,
                secret: keys!(@secret $($mark)*),
                bare: <$type as Setting>::BARE,
                used: keys!(@used $($mark)*),
                check: check::<$type>,
            },
            value: PhantomData,
        };)*

        /// Every setting, in the order in which they are listed.
        pub static KEYS: &[&Key] = &[$(&$id.key),*];
    };
    (@secret secret $($rest:ident)*) => { true };
    (@secret $other:ident $($rest:ident)*) => { keys!(@secret $($rest)*) };
    (@secret) => { false };
    (@used live $($rest:ident)*) => { Use::Live };
    (@used command $($rest:ident)*) => { Use::Command };
    (@used $other:ident $($rest:ident)*) => { keys!(@used $($rest)*) };
    (@used) => { Use::Restart };
}

// A setting is `secret` where it may hold a password, `live` where a running daemon takes it over (`Reload` of muistad
// hands it to the part that uses it), and `command` where no daemon uses it.
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
    DATABASE_POOLING: PoolMode = "database_pooling", "MUISTA_DATABASE_POOLING", None,
        "auto",
        "how a pooler before PostgreSQL lends its servers: auto, session or transaction", "transaction";
    DATABASE_CONNECTIONS: NonZeroU16 = "database_connections", "MUISTA_DATABASE_CONNECTIONS", None,
        "6",
        "how many connections to PostgreSQL the daemon opens at most", "3";
    #[secret]
    DATABASE_LISTEN_URL: DatabaseUrl = "database_listen_url", "MUISTA_DATABASE_LISTEN_URL", None,
        "none: behind a pooler in transaction mode, the daemon polls for changes each second",
        "the same PostgreSQL database past the pooler, for LISTEN alone", "postgres://muista@db.example:5432/muista";
    SOCKET: PathBuf = "socket", "MUISTA_SOCKET", Some("--socket"),
        "$XDG_RUNTIME_DIR/muista/muistad.sock, or muistad.sock in a data folder that is not the default one",
        "the socket on which the daemon answers this machine's commands", "~/muista/muistad.sock";
    HTTP: SocketAddr = "http", "MUISTA_HTTP", Some("--http"),
        "127.0.0.1:3000",
        "the address on which the daemon answers HTTP", "127.0.0.1:3000";
    #[live]
    TIMEZONE: ZoneName = "timezone", "MUISTA_TIMEZONE", None,
        "the system's",
        "the zone in which dates are read and shown", "Europe/Helsinki";
    #[live]
    DATE_ORDER: DateOrder = "date_order", "MUISTA_DATE_ORDER", None,
        "none: such dates are refused as ambiguous",
        "how dates like 1/2 are read: dmy (1 February) or mdy (January 2)", "dmy";
    #[command]
    COLOR: Color = "color", "MUISTA_COLOR", Some("--color"),
        "auto",
        "whether output is coloured: auto (on a terminal), always or never", "never";
    ROLE: Role = "role", "MUISTA_ROLE", Some("--role"),
        "all",
        "what the daemon does: server (answers), worker (sends reminders and runs jobs) or all", "server";
    #[live]
    SCRIPTS_DIR: PathBuf = "scripts.dir", "MUISTA_SCRIPTS_DIR", None,
        "scripts, beside this file",
        "the folder of the scripts that jobs run", "~/muista/scripts";
    #[live]
    SCRIPTS_SLOTS: NonZeroU32 = "scripts.slots", "MUISTA_SCRIPTS_SLOTS", None,
        "four for each processor, from 4 to 32",
        "how many scripts the daemon runs at a time", "16";
    #[live]
    SCRIPTS_ACCOUNT_SLOTS: NonZeroU32 = "scripts.account_slots", "MUISTA_SCRIPTS_ACCOUNT_SLOTS", None,
        "scripts.slots",
        "how many of them one account may have, where others leave them free", "4";
    #[live]
    SCRIPTS_JOB_SLOTS: NonZeroU32 = "scripts.job_slots", "MUISTA_SCRIPTS_JOB_SLOTS", None,
        "half of scripts.slots",
        "how many of them one job may have whose runs may overlap", "2";
    #[live]
    LIMITS_WAITING_RUNS: NonZeroU32 = "limits.waiting_runs", "MUISTA_LIMITS_WAITING_RUNS", None,
        "500",
        "how many runs of an account may wait at a time", "100";
    #[live]
    LIMITS_MESSAGES_A_MINUTE: NonZeroU32 = "limits.messages_a_minute", "MUISTA_LIMITS_MESSAGES_A_MINUTE", None,
        "30",
        "how many messages go to an account other than `local` in a minute; more wait", "10";
    #[live]
    LIMITS_MESSAGES_A_DAY: NonZeroU32 = "limits.messages_a_day", "MUISTA_LIMITS_MESSAGES_A_DAY", None,
        "1000",
        "how many messages go to an account other than `local` in a day; more are marked FAILED", "200";
    #[live]
    LIMITS_REMINDER_SECONDS: NonZeroU32 = "limits.reminder_seconds", "MUISTA_LIMITS_REMINDER_SECONDS", None,
        "60",
        "how many seconds at least pass between two times of a reminder, for accounts other than `local`", "300";
    #[live]
    CHANNELS: Vec<Channel> = "channels", "MUISTA_CHANNELS", None,
        "email",
        "the channels of a reminder that names none: email, sms, desktop, webhook, ntfy", "email,desktop";
    #[live]
    EMAIL_HOST: HostName = "email.host", "MUISTA_EMAIL_HOST", None,
        "none: no mail is sent",
        "the mail server", "smtp.example.org";
    #[live]
    EMAIL_PORT: NonZeroU16 = "email.port", "MUISTA_EMAIL_PORT", None,
        "587; 465 where email.tls is tls, 25 where it is none",
        "the mail server's port", "587";
    #[live]
    EMAIL_TLS: Tls = "email.tls", "MUISTA_EMAIL_TLS", None,
        "starttls",
        "how the connection to the mail server is encrypted: starttls, tls (from the first byte) or none", "tls";
    #[live]
    EMAIL_HELLO_NAME: HostName = "email.hello_name", "MUISTA_EMAIL_HELLO_NAME", None,
        "this machine's full name, or its address",
        "the name by which this machine greets the mail server (EHLO)", "muista.example.org";
    #[live]
    EMAIL_USERNAME: String = "email.username", "MUISTA_EMAIL_USERNAME", None,
        "none: no login",
        "the account at the mail server", "kim@example.org";
    #[live]
    #[secret]
    EMAIL_PASSWORD: Secret = "email.password", "MUISTA_EMAIL_PASSWORD", None,
        "none",
        "the password of the account at the mail server", "correct horse";
    #[live]
    EMAIL_FROM: Mailbox = "email.from", "MUISTA_EMAIL_FROM", None,
        "none",
        "who mail comes from", "Muista <muista@example.org>";
    #[live]
    EMAIL_TO: MailAddress = "email.to", "MUISTA_EMAIL_TO", None,
        "none",
        "your mail address, to which reminders go", "kim@example.org";
    #[live]
    SMS_URL: HttpUrl = "sms.url", "MUISTA_SMS_URL", None,
        "https://api.twilio.com",
        "the server that sends text messages; it has the shape of Twilio's API", "https://api.twilio.com";
    #[live]
    SMS_ACCOUNT: String = "sms.account", "MUISTA_SMS_ACCOUNT", None,
        "none: no text messages are sent",
        "the account's identifier there", "AC0123456789abcdef0123456789abcdef";
    #[live]
    #[secret]
    SMS_TOKEN: Secret = "sms.token", "MUISTA_SMS_TOKEN", None,
        "none",
        "the account's token", "0123456789abcdef0123456789abcdef";
    #[live]
    SMS_FROM: Phone = "sms.from", "MUISTA_SMS_FROM", None,
        "none",
        "the number that text messages come from", "+358401234567";
    #[live]
    SMS_TO: Phone = "sms.to", "MUISTA_SMS_TO", None,
        "none",
        "your telephone number, to which reminders go", "+358407654321";
    #[live]
    WEBHOOK_URL: HttpUrl = "webhook.url", "MUISTA_WEBHOOK_URL", None,
        "none: no requests are sent",
        "the address to which reminders are sent as JSON", "https://hooks.example.org/muista";
    #[live]
    #[secret]
    WEBHOOK_SECRET: Secret = "webhook.secret", "MUISTA_WEBHOOK_SECRET", None,
        "none: not signed",
        "the key that signs requests to the webhook", "correct horse battery staple";
    #[live]
    WEBHOOK_ALLOW: AllowList = "webhook.allow", "MUISTA_WEBHOOK_ALLOW", None,
        "none: private addresses are refused",
        "hosts and networks that a webhook may reach although they are private", "hooks.home.arpa,10.0.0.0/8";
    #[live]
    NTFY_URL: Topic = "ntfy.url", "MUISTA_NTFY_URL", None,
        "none: nothing is pushed",
        "the ntfy topic to which reminders are pushed", "https://ntfy.sh/mytopic";
    #[live]
    #[secret]
    NTFY_TOKEN: Secret = "ntfy.token", "MUISTA_NTFY_TOKEN", None,
        "none",
        "the access token of the ntfy topic", "tk_0123456789abcdefghijklmnopqrs";
    TLS_CERT: PathBuf = "tls.cert", "MUISTA_TLS_CERT", None,
        "none: no TLS",
        "a PEM file with the certificate chain of HTTP and of remote commands", "/etc/muista/fullchain.pem";
    TLS_KEY: PathBuf = "tls.key", "MUISTA_TLS_KEY", None,
        "none: no TLS",
        "a PEM file with the certificate's private key", "/etc/muista/privkey.pem";
    INSECURE: Switch = "insecure", "MUISTA_INSECURE", None,
        "false",
        "whether the daemon may be reached from other machines without TLS, as behind a proxy", "true";
    WEB_URL: HttpUrl = "web.url", "MUISTA_WEB_URL", None,
        "that of the HTTP address",
        "the address under which people reach HTTP; it stands in tokens and in mails", "https://muista.example.org";
    #[live]
    WEB_HOSTS: Names = "web.hosts", "MUISTA_WEB_HOSTS", None,
        "localhost, the HTTP address and the host of web.url",
        "further host names that requests may use", "muista.example.org,muista.home.arpa";
    WEB_ORIGINS: Names = "web.origins", "MUISTA_WEB_ORIGINS", None,
        "none: no CORS",
        "the origins of web pages that may call HTTP", "https://app.example.org";
    WEB_PROXIES: Networks = "web.proxies", "MUISTA_WEB_PROXIES", None,
        "none: X-Forwarded-For is ignored",
        "the proxies whose X-Forwarded-For is used", "127.0.0.1,10.0.0.0/8";
    WEB_RATE: NonZeroU32 = "web.rate", "MUISTA_WEB_RATE", None,
        "100000",
        "how many requests a second a token may make; clients without one: 100 per IP address", "50";
    #[live]
    AUTH_REGISTER: Switch = "auth.register", "MUISTA_AUTH_REGISTER", None,
        "false",
        "whether anyone can register an account", "true";
    #[live]
    ATTACHMENTS_MAX_BYTES: NonZeroU32 = "attachments.max_bytes", "MUISTA_ATTACHMENTS_MAX_BYTES", None,
        "26214400, which is 25 MiB",
        "the size of the largest attachment, in bytes", "1048576";
    #[live]
    LIMITS_TASKS: NonZeroU64 = "limits.tasks", "MUISTA_LIMITS_TASKS", None,
        "100000",
        "how many tasks an account may have, done ones included; local has no limit", "1000000";
    #[live]
    LIMITS_TEXT_BYTES: NonZeroU64 = "limits.text_bytes", "MUISTA_LIMITS_TEXT_BYTES", None,
        "104857600, which is 100 MiB",
        "how many bytes of text an account may have; local has no limit", "1073741824";
    #[live]
    LIMITS_FILE_BYTES: NonZeroU64 = "limits.file_bytes", "MUISTA_LIMITS_FILE_BYTES", None,
        "1073741824, which is 1 GiB",
        "how many bytes of attachments an account may have; local has no limit", "10737418240";
    RPC_LISTEN: SocketAddr = "rpc.listen", "MUISTA_RPC_LISTEN", None,
        "none: commands from other machines are not answered",
        "the address on which commands of other machines are answered", "0.0.0.0:7333";
    OTLP_URL: HttpUrl = "otlp.url", "MUISTA_OTLP_URL", None,
        "none: no traces are sent",
        "the collector that gets traces, by OTLP over HTTP", "http://127.0.0.1:4318";
    #[live]
    LOG_LEVEL: LogLevel = "log.level", "MUISTA_LOG", None,
        "info",
        "how much the daemon logs: error to trace, also by part, as in info,muista_core=debug", "debug";
    #[live]
    LOG_MAX_SIZE: NonZeroU32 = "log.max_size", "MUISTA_LOG_MAX_SIZE", None,
        "16777216, which is 16 MiB",
        "the size in bytes at which the daemon renames the log and begins a new one", "1048576";
    #[live]
    LOG_KEEP: Count = "log.keep", "MUISTA_LOG_KEEP", None,
        "3",
        "how many old logs are kept", "10";
    #[command]
    REMOTE_ADDRESS: RemoteAddress = "remote.address", "MUISTA_REMOTE_ADDRESS", Some("--remote"),
        "none: the daemon of this machine, or the database",
        "the daemon on another machine that commands go to", "muista.example.org:7333";
    #[command]
    #[secret]
    REMOTE_TOKEN: Secret = "remote.token", "MUISTA_REMOTE_TOKEN", None,
        "what `muista login` stored",
        "the token that proves who you are there", "muista_0123456789abcdef";
    #[command]
    REMOTE_CA: PathBuf = "remote.ca", "MUISTA_REMOTE_CA", None,
        "the system's certificate authorities",
        "a PEM file with the authority that signed that daemon's certificate", "~/muista-ca.pem";
    #[live]
    BACKUP_TO: PathBuf = "backup.to", "MUISTA_BACKUP_TO", None,
        "backups, in the data folder",
        "the folder that backups go to", "/srv/backups/muista";
    #[live]
    BACKUP_KEEP: Keep = "backup.keep", "MUISTA_BACKUP_KEEP", None,
        "none: every backup stays",
        "how many daily, weekly and monthly backups stay when a new one was made", "7d,4w,12m";
    #[live]
    BACKUP_SCHEDULE: Timetable = "backup.schedule", "MUISTA_BACKUP_SCHEDULE", None,
        "none: only `muista backup` makes one",
        "when the daemon makes a backup: cron, or words like every day at 3:00", "0 3 * * *";
    #[live]
    BACKUP_DRILL: Timetable = "backup.drill", "MUISTA_BACKUP_DRILL", None,
        "none: only `muista backup --drill` does it",
        "when the daemon restores the newest backup into a temporary place and checks it", "every sunday at 4:00";
    #[live]
    BACKUP_ENCRYPT_TO: Recipients = "backup.encrypt_to", "MUISTA_BACKUP_ENCRYPT_TO", None,
        "none: backups are not encrypted",
        "the age recipients that backups are encrypted for",
        "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    #[live]
    BACKUP_IDENTITY: PathBuf = "backup.identity", "MUISTA_BACKUP_IDENTITY", None,
        "none",
        "the age identity file that drills read encrypted backups with", "/etc/muista/backup.key";
}
