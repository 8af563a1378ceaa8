//! [`Reload`]: reads the settings anew while the daemon runs, when a command or SIGHUP asks for it, and hands them to
//! the parts that can take them over. What cannot be used is refused as a whole.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use muista_core::config::{Config, Standing};
use muista_core::error::{Error, Result};
use muista_core::model::{Differing, Finding, Reloaded, SettingsState, ZoneName};
use muista_core::service::account::user;
use muista_core::service::{Control, Service, Settings, notification};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Args;
use crate::http;
use crate::log::Log;
use crate::notify::Notifiers;

/// Reads the settings anew.
pub(crate) struct Reload {
    args: Args,
    started: Config,
    standing: Mutex<Standing>,
    parts: Parts,
    runtime: Handle,
}

/// What takes settings over.
pub(crate) struct Parts {
    pub(crate) service: Service,
    /// None where this daemon delivers nothing.
    pub(crate) notifiers: Option<Notifiers>,
    pub(crate) http: http::Live,
    pub(crate) log: Log,
}

impl Reload {
    /// Begins with the settings that the daemon was started with. Within the daemon's runtime.
    pub(crate) fn new(args: &Args, config: &Config, parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            args: args.clone(),
            started: config.clone(),
            standing: Mutex::new(Standing::of(config)),
            parts,
            runtime: Handle::current(),
        })
    }

    /// Reads the settings anew at each SIGHUP; where the log goes to a terminal, that means that the terminal is gone,
    /// and ends the daemon as it does by default.
    ///
    /// # Errors
    /// `Internal` when the system refuses the handler.
    pub(crate) fn on_hangup(self: &Arc<Self>) -> Result<()> {
        if std::io::stderr().is_terminal() {
            return Ok(());
        }
        let refused = |e| Error::internal(format!("cannot watch for signals: {e}"));
        let mut hangup = signal(SignalKind::hangup()).map_err(refused)?;
        let reload = Arc::clone(self);
        tokio::spawn(async move {
            while hangup.recv().await.is_some() {
                let reload = Arc::clone(&reload);
                // What came of it is logged.
                let _ = tokio::task::spawn_blocking(move || reload.reload()).await;
            }
        });
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The settings as they can be taken over: what the parts would use but cannot change stays as it was at the start.
    fn usable(&self, config: &Config) -> Config {
        let mut usable = config.clone();
        usable.data_dir.clone_from(&self.started.data_dir);
        usable.server.url.clone_from(&self.started.server.url);
        if config.is_default("backup.to") {
            // It lies in the data folder.
            usable.backup.folder = self.started.data_dir.join("backups");
        }
        usable
    }

    fn take(&self) -> Result<Reloaded> {
        let config = self.args.load()?;
        let usable = self.usable(&config);
        // Held until all have it, so that of two reloads the later wins everywhere.
        let mut standing = self.lock();
        self.parts.log.take_over(&usable)?;
        if let Some(notifiers) = &self.parts.notifiers {
            notifiers.take_over(&usable)?;
        }
        self.parts.http.take_over(&usable)?;
        // This is never called on a thread that serves.
        self.runtime.block_on(adopt_zone(&usable, &self.parts.service))?;
        self.parts.service.set_settings(Settings::of(&usable));
        // What waited for an address may have one by now.
        self.runtime.block_on(notification::send_held_of_local(&self.parts.service))?;
        let differing = standing.take(&config);
        let keys = |restart: bool| {
            let of_kind = differing.iter().filter(move |one| one.restart == restart);
            of_kind.map(|one| one.key.clone()).collect()
        };
        let overruled = config.overruled().iter().map(|key| (*key).to_owned()).collect();
        let (file, pid) = (self.args.config_file(), std::process::id());
        Ok(Reloaded { pid, file, taken: keys(false), restart: keys(true), overruled })
    }
}

impl Control for Reload {
    fn reload(&self) -> Result<Reloaded> {
        let reloaded = self.take();
        match &reloaded {
            Ok(reloaded) => {
                let named = |keys: &[String]| Some(keys.join(", ")).filter(|keys| !keys.is_empty());
                let (taken, restart) = (named(&reloaded.taken), named(&reloaded.restart));
                tracing::info!(taken, restart, "the settings were read anew");
            }
            Err(error) => tracing::warn!(error = error.message, "the settings cannot be used; the old ones hold"),
        }
        reloaded
    }

    fn settings(&self) -> SettingsState {
        let (differing, error) = match self.args.load() {
            Ok(config) => (self.lock().differing(&config), None),
            Err(error) => (Vec::new(), Some(error.message)),
        };
        SettingsState { file: self.args.config_file(), differing, error, http: self.args.http().map(str::to_owned) }
    }

    fn finding(&self) -> Finding {
        let name = "daemon's settings";
        let state = self.settings();
        if let Some(error) = state.error {
            return Finding::fail(name, error, "correct it; until then the daemon goes on with what it read before");
        }
        let (restart, taken): (Vec<_>, Vec<_>) = state.differing.iter().partition(|differing| differing.restart);
        match (&taken[..], &restart[..]) {
            ([], []) => Finding::ok(name, "as they are set"),
            (_, []) => Finding::warn(name, differences(&state.differing), "`muista daemon reload`"),
            _ => Finding::warn(name, differences(&state.differing), "`muista daemon restart`"),
        }
    }
}

/// Keeps the zone that the configuration names with the account `local`, where every way in finds it.
pub(crate) async fn adopt_zone(config: &Config, service: &Service) -> Result<()> {
    // What only machines know, as `system`, is no account's zone.
    match config.timezone.as_deref().map(str::parse::<ZoneName>) {
        Some(Ok(zone)) => user::adopt_zone(service, zone).await,
        Some(Err(_)) | None => Ok(()),
    }
}

/// Says which settings differ, and how.
fn differences(differing: &[Differing]) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let one = |one: &Differing| {
        let (running, configured) = (shown(&one.running), shown(&one.configured));
        match running == configured {
            // What is hidden is shown alike.
            true => format!("{} is set to another value than the daemon uses", one.key),
            false => format!("{} is set to {configured}, the daemon uses {running}", one.key),
        }
    };
    differing.iter().map(one).collect::<Vec<_>>().join("; ")
}
