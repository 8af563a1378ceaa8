//! What agents say in their messages: what they want, as an [`Intent`], what they are called, and which message it is.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::clip;
use super::text::text;
use crate::error::{Error, Result};

string_enum! {
    /// What an agent wants.
    Intent, "intent" {
        /// Make a task, with its reminders.
        CreateTask = "createTask",
        /// Change a task.
        UpdateTask = "updateTask",
        /// Delete a task.
        DeleteTask = "deleteTask",
        /// List what is to come.
        AskUpcoming = "askUpcoming",
        /// List what is past due.
        AskOverdue = "askOverdue",
        /// List the tasks of a category.
        AskByCategory = "askByCategory",
        /// Have a job run now.
        TriggerScript = "triggerScript",
    }
}

/// What an agent is called: one word of 1 to 64 letters, digits, dots, dashes and underscores of ASCII, so that it cannot
/// be taken for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", example = "zoe")]
pub struct AgentName(String);

/// Names of which an agent has none, whether or not there are such accounts.
const RESERVED: [&str; 3] = ["local", "muistad", "nobody"];

impl AgentName {
    /// Whether it is the name of somebody who is no agent.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.iter().any(|reserved| self.0.eq_ignore_ascii_case(reserved))
    }
}

impl FromStr for AgentName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins || text.len() > 64 || !text.chars().all(word) {
            return Err(Error::invalid("agent", format!("“{}” is not a valid agent name", super::shown(&clip(text))))
                .hint("a name is 1 to 64 letters, digits, dots, dashes and underscores, as in `zoe`"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for AgentName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

text!(AgentName);

/// What a message goes by, so that it is done once however often it is sent: 1 to 200 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[!-~]{1,200}$", example = "0199c0de-0000-7000-8000-000000000007")]
pub struct RequestId(String);

impl TryFrom<String> for RequestId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        if !(1..=200).contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid("requestId", "a requestId has 1 to 200 visible ASCII characters")
                .hint("use a new UUID for each message"));
        }
        Ok(Self(text))
    }
}

text!(RequestId);
