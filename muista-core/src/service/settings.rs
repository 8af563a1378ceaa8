//! [`Settings`]: what the service has to know of the configuration. Where it was set is `config`'s.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::attachment::Folder;
use crate::config::{BackupConfig, Config, Limits, RunSlots};
use crate::error::{Error, Result};
use crate::model::{Channel, Quotas};
use crate::script::Scripts;

/// What the service has to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The channels of a reminder or a job that names none.
    pub channels: Vec<Channel>,
    /// Where the local account is reached, by channel: a mailbox, a phone, an endpoint. A channel that is missing is not
    /// configured.
    pub recipients: BTreeMap<Channel, String>,
    /// The scripts that jobs may run.
    pub scripts: Scripts,
    /// Where the files of attachments are kept.
    pub attachments: Arc<Folder>,
    /// Where what does not fit into memory waits while it comes.
    pub spool: PathBuf,
    /// Where backups go, and how.
    pub backup: BackupConfig,
    /// Whether whoever asks gets an account.
    pub register: bool,
    /// Whether mail can be sent.
    pub mail: bool,
    /// Whether text messages can be sent.
    pub sms: bool,
    /// The address under which people reach HTTP from outside.
    pub url: Option<String>,
    /// How many scripts run at a time.
    pub slots: RunSlots,
    /// What an account may take.
    pub limits: Limits,
    /// How much an account may keep.
    pub quotas: Quotas,
}

/// A folder that is not there, and that nobody can make.
const NO_FOLDER: &str = "/proc/nowhere";

impl Default for Settings {
    fn default() -> Self {
        Self {
            channels: vec![Channel::Email],
            recipients: BTreeMap::new(),
            scripts: Scripts::new(NO_FOLDER.into(), Vec::new()),
            attachments: Arc::new(Folder::new(NO_FOLDER.as_ref(), 0)),
            spool: "/tmp".into(),
            backup: BackupConfig { folder: NO_FOLDER.into(), ..BackupConfig::default() },
            register: false,
            mail: false,
            sms: false,
            url: None,
            slots: RunSlots::default(),
            limits: Limits::default(),
            quotas: Quotas::default(),
        }
    }
}

impl Settings {
    /// The settings that a configuration holds.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let topic = config.ntfy.topic.as_ref().map(|topic| format!("{}/{}", topic.server, topic.name));
        let recipients = [
            (Channel::Email, config.email.to.clone()),
            (Channel::Sms, config.sms.to.clone()),
            // That of whoever runs the daemon.
            (Channel::Desktop, Some("desktop".to_owned())),
            (Channel::Webhook, config.webhook.url.clone()),
            (Channel::Ntfy, topic),
        ];
        let known = recipients.into_iter().filter_map(|(channel, to)| Some((channel, to?)));
        Self {
            channels: config.channels.clone(),
            recipients: known.collect(),
            scripts: Scripts::new(config.scripts_dir.clone(), config.scripts.clone()),
            attachments: Arc::new(Folder::new(&config.data_dir, config.server.attachment_max)),
            spool: config.data_dir.clone(),
            backup: config.backup.clone(),
            register: config.server.register,
            mail: config.email.host.is_some(),
            sms: config.sms.account.is_some(),
            url: config.server.url.clone(),
            slots: config.slots,
            limits: config.limits,
            quotas: config.quotas,
        }
    }

    /// The same settings, with the files of attachments below `data_dir`, each of `max` bytes at most.
    #[must_use]
    pub fn with_attachments(self, data_dir: &Path, max: u32) -> Self {
        Self { attachments: Arc::new(Folder::new(data_dir, max)), ..self }
    }

    /// Where the local account is reached on a channel.
    ///
    /// # Errors
    /// `Conflict` when the channel has no recipient, with the key that gives it one.
    pub(crate) fn recipient(&self, channel: Channel) -> Result<&str> {
        let configured = self.recipients.get(&channel).map(String::as_str).filter(|to| !to.is_empty());
        configured.ok_or_else(|| {
            Error::conflict(format!("{channel} has no recipient")).of_field("channel").hint(remedy(channel))
        })
    }
}

/// How a channel gets a recipient.
fn remedy(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "set one with `muista config set email.to me@example.org`",
        Channel::Sms => "set one with `muista config set sms.to +358401234567`",
        Channel::Webhook => "set one with `muista config set webhook.url https://example.org/hook`",
        Channel::Ntfy => "set one with `muista config set ntfy.url https://ntfy.sh/mytopic`",
        Channel::Desktop => "choose another channel",
    }
}
