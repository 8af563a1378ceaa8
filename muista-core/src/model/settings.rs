//! [`SettingsState`] and [`Reloaded`]: how the settings that a daemon works with stand to those of its file.

use serde::{Deserialize, Serialize};

/// A setting that a daemon works with otherwise than its file and its variables now say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Differing {
    /// The setting.
    pub key: String,
    /// What the daemon works with; passwords are left out. None where nothing is set.
    pub running: Option<String>,
    /// What is set now.
    pub configured: Option<String>,
    /// Whether the daemon must be started anew to take it over.
    pub restart: bool,
}

/// How the settings of a daemon stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettingsState {
    /// The file that the daemon reads; none where there is no home folder.
    pub file: Option<String>,
    /// Those that differ.
    pub differing: Vec<Differing>,
    /// Why the file cannot be used, where it cannot. The daemon goes on with what it read before.
    pub error: Option<String>,
    /// The address for HTTP that the daemon's command line names.
    pub http: Option<String>,
}

/// What came of reading the settings anew.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reloaded {
    /// The daemon.
    pub pid: u32,
    /// The file that it reads.
    pub file: Option<String>,
    /// The settings that it uses from now on.
    pub taken: Vec<String>,
    /// The settings that it uses once it is started anew.
    pub restart: Vec<String>,
    /// The settings of its file that its flags and variables overrule.
    pub overruled: Vec<String>,
}
