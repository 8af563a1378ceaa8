//! [`Settings`]: what the service has to know of the configuration. Where it was set is `config`'s.

use std::collections::BTreeMap;

use crate::model::Channel;

/// What the service has to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The channels of a reminder or a job that names none.
    pub channels: Vec<Channel>,
    /// Where the local account is reached, by channel: a mailbox, a phone, an endpoint. A channel that is missing is not
    /// configured.
    pub recipients: BTreeMap<Channel, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { channels: vec![Channel::Email], recipients: BTreeMap::new() }
    }
}
