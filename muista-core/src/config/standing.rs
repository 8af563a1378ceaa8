//! [`Standing`]: the settings that a daemon works with, which are not those of the file from the moment when that is
//! changed. Says which differ, and takes over those that need no restart.

use super::keys::{Key, Use};
use super::script::ScriptEntry;
use super::{Config, Entry};
use crate::model::Differing;

/// The name under which the registered scripts are told, which are no single setting.
const SCRIPTS: &str = "script";

/// The settings that a daemon works with.
#[derive(Debug)]
pub struct Standing {
    entries: Vec<Entry>,
    scripts: Vec<ScriptEntry>,
}

impl Standing {
    /// Begins with a configuration.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self { entries: config.entries.clone(), scripts: config.scripts.clone() }
    }

    /// Returns the settings that a daemon would work with otherwise if it began with `config` now.
    #[must_use]
    pub fn differing(&self, config: &Config) -> Vec<Differing> {
        let pairs = self.entries.iter().zip(&config.entries);
        let differ = pairs.filter(|(old, new)| old.key.used != Use::Command && old.print != new.print);
        let mut differing: Vec<_> = differ
            .map(|(old, new)| Differing {
                key: old.key.name.to_owned(),
                running: old.value.clone(),
                configured: new.value.clone(),
                restart: old.key.used == Use::Restart,
            })
            .collect();
        if self.scripts != config.scripts {
            let count = |scripts: &[ScriptEntry]| Some(format!("{} registered", scripts.len()));
            differing.push(Differing {
                key: SCRIPTS.to_owned(),
                running: count(&self.scripts),
                configured: count(&config.scripts),
                restart: false,
            });
        }
        differing
    }

    /// Takes over what needs no restart, and returns what differed before, that included which does need one.
    pub fn take(&mut self, config: &Config) -> Vec<Differing> {
        let differing = self.differing(config);
        for (old, new) in self.entries.iter_mut().zip(&config.entries) {
            if is_live(old.key) {
                old.clone_from(new);
            }
        }
        self.scripts.clone_from(&config.scripts);
        differing
    }
}

fn is_live(key: &Key) -> bool {
    key.used == Use::Live
}
