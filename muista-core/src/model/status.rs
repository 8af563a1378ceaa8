//! [`ServerStatus`]: what a daemon says of itself.

use serde::{Deserialize, Serialize};

use super::{BackupDuty, SettingsState};
use crate::time::Instant;

/// What the server of the service says of itself. In embedded mode the command itself is that server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerStatus {
    /// Muista's version.
    pub version: String,
    /// The process.
    pub pid: u32,
    /// Since when it runs.
    pub started_at: Instant,
    /// The database it works on, without its password.
    pub database: String,
    /// The schema's version.
    pub schema_version: i64,
    /// Where REST and `/health` listen; none in embedded mode.
    pub http: Option<String>,
    /// How a daemon's settings stand; none in embedded mode, and for who may not know.
    pub settings: Option<SettingsState>,
    /// How backups by schedule stand.
    #[serde(default)]
    pub backups: Vec<BackupDuty>,
}
