//! The service: one use case a function. Each validates what the types could not, checks that the caller may, does its
//! work in one transaction, and records the change in the same transaction. Ways in only translate to and from it.

pub mod access;
pub mod account;
pub mod attachment;
pub mod audit;
pub mod backup;
pub mod comment;
pub mod control;
pub mod device;
pub mod diagnosis;
pub mod engine;
pub mod event;
pub mod export;
pub mod field;
pub(crate) mod find_or_create;
pub mod import;
pub mod job;
pub mod member;
pub mod next;
pub mod notification;
mod page;
pub mod project;
pub(crate) mod recipient;
pub mod reminder;
pub mod repair;
pub mod report;
pub mod run;
pub(crate) mod schedule;
pub mod script;
pub(crate) mod series;
mod settings;
pub mod short_id;
pub mod tag;
pub mod task;
pub mod template;
pub(crate) mod tx;
pub mod undo;
pub mod usage;
pub mod view;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

pub use access::caller::{Caller, Credential};
pub use account::{AuthContext, Credentials};
pub use attachment::UploadStage;
pub use control::Control;
pub use import::ImportStage;
pub use tx::idempotency::Idempotency;

pub use settings::Settings;
pub use tx::event_bus::{Subscription, Topic};

pub use crate::store::on_behalf_of;

use crate::clock::{Clock, LeaseClock};
use crate::config::RunSlots;
use crate::error::Result;
use crate::metrics::Metrics;
use crate::model::{Scope, ServerStatus};
use crate::store::{Conn, Load, Party, RollbackPolicy, SCHEMA_VERSION, Store, health};
use crate::swap::Swap;
use crate::time::Instant;
use engine::{Blocked, HeldRuns};
use tx::event_bus::EventBus;

/// How much waits for the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Messages to be sent, those included that are being sent.
    pub messages: i64,
    /// Runs to be started.
    pub runs: i64,
}

/// The service on an open store. Clones share it.
#[derive(Clone)]
pub struct Service {
    store: Store,
    clock: Arc<dyn Clock>,
    leases: LeaseClock,
    held: Arc<HeldRuns>,
    blocked: Arc<Blocked>,
    epoch: Arc<tx::epoch::Known>,
    started_at: Instant,
    http: Option<Arc<str>>,
    bus: Arc<EventBus>,
    settings: Arc<Swap<Settings>>,
    control: Arc<OnceLock<Arc<dyn Control>>>,
    metrics: Arc<Metrics>,
    passwords: Arc<account::password::Hashing>,
    /// How many bytes of imports wait on the disk.
    imports: Arc<AtomicU64>,
    diagnoses: Arc<Vec<diagnosis::OwnDiagnosis>>,
}

impl Service {
    /// The service on `store`.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self {
            started_at: clock.now(),
            leases: LeaseClock::new(Arc::clone(&clock)),
            held: Arc::default(),
            blocked: Arc::default(),
            epoch: Arc::default(),
            store,
            clock,
            http: None,
            bus: Arc::new(EventBus::new()),
            settings: Arc::default(),
            control: Arc::default(),
            metrics: Arc::default(),
            passwords: Arc::new(account::password::Hashing::new()),
            imports: Arc::default(),
            diagnoses: Arc::default(),
        }
    }

    /// The same service, which tells callers that HTTP is served at `address`.
    #[must_use]
    pub fn with_http(self, address: &str) -> Self {
        Self { http: Some(address.into()), ..self }
    }

    /// The same service, with these settings.
    #[must_use]
    pub fn with_settings(self, settings: Settings) -> Self {
        Self { settings: Arc::new(Swap::new(settings)), ..self }
    }

    /// Replaces the settings, for all clones; what has begun goes on with the old ones.
    pub fn set_settings(&self, settings: Settings) {
        self.settings.set(settings);
    }

    /// The settings as they are now.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.get()
    }

    /// The database's URL without its password.
    #[must_use]
    pub fn database(&self) -> &str {
        self.store.name()
    }

    /// Whether this process has made the tables, in a PostgreSQL database that had none.
    #[must_use]
    pub fn has_made_tables(&self) -> bool {
        self.store.has_made_tables()
    }

    /// What this server says of itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn status(&self) -> Result<ServerStatus> {
        let (settings, now) = (self.settings(), self.now());
        let look = move |conn: &mut Conn| {
            health::ping(conn)?;
            engine::backup_duties(&settings, conn, now)
        };
        // Whether it answers at all, however much others ask.
        let backups = self.store.read_for_engine(look).await?;
        Ok(ServerStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            started_at: self.started_at,
            database: self.database().to_owned(),
            schema_version: SCHEMA_VERSION,
            http: self.http.as_deref().map(str::to_owned),
            settings: None,
            backups,
        })
    }

    /// The same, as far as a caller may know it: where the database is, is told to those alone who may see the daemon's
    /// state; others learn of which kind it is.
    ///
    /// # Errors
    /// As [`Service::status`].
    pub async fn status_for(&self, caller: &Caller) -> Result<ServerStatus> {
        let mut status = self.status().await?;
        if caller.scopes.has(Scope::SystemRead) {
            status.settings = control::settings(self).await?;
        } else {
            status.database.truncate(status.database.find(':').unwrap_or_default());
        }
        Ok(status)
    }

    /// Looks whether the database answers, and takes writes where that is in doubt: after one that failed, and once a
    /// minute. A daemon on a full disk would else be taken for well until somebody writes.
    ///
    /// # Errors
    /// What is the matter, with its [`crate::error::Trouble`] where it is one.
    pub async fn check_health(&self) -> Result<()> {
        self.store.read_for_engine(health::ping).await?;
        if self.store.writes_in_doubt() {
            self.store.write(RollbackPolicy::ChecksFirst, Party::Engine, health::probe).await?;
            self.store.note_probe();
        }
        Ok(())
    }

    /// Whether the database may be less well than it last was: something failed since, or nothing was written for long.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.store.writes_in_doubt()
    }

    /// How busy the database's workers are: those that read, and those that write.
    #[must_use]
    pub fn load(&self) -> (Load, Load) {
        self.store.load()
    }

    /// The most bytes of an attachment.
    #[must_use]
    pub fn attachment_max(&self) -> u64 {
        self.settings().attachments.max()
    }

    /// When this process began to serve.
    #[must_use]
    pub fn started_at(&self) -> Instant {
        self.started_at
    }

    /// How much waits in the database for the engine of any daemon.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn backlog(&self) -> Result<Backlog> {
        let count = |conn: &mut Conn| {
            Ok(Backlog { messages: health::waiting_messages(conn)?, runs: health::waiting_runs(conn)? })
        };
        self.store.read(count).await
    }

    /// Waits for a kind of work; hears of what is committed from now on.
    #[must_use]
    pub fn subscribe(&self, topic: Topic) -> Subscription {
        self.bus.subscribe(topic)
    }

    /// Gives up what takes long, as backups and drills, so that they hold up no stop; nothing of them is left.
    pub fn give_up(&self) {
        self.store.halt().order();
    }

    /// Takes no more work, and waits until what was begun is committed and the database is closed. Blocks.
    pub fn close(&self) {
        self.store.close();
    }

    /// How many scripts a daemon runs at a time.
    #[must_use]
    pub fn slots(&self) -> RunSlots {
        self.settings().slots
    }

    /// The engine's counters.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What time it is, by the clock that the service was given.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }
}
