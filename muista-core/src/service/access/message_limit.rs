//! How many messages accounts other than `local` are sent. Whatever has one go out asks [`MessageLimits`] when it may: what
//! fires, what is tried again, and what waited for something else. Beyond a minute's number messages wait for the next
//! minutes, beyond a day's they are given up.

use std::collections::HashMap;
use std::time::Duration;

use super::limit;
use crate::config::Limits;
use crate::error::{Error, Result};
use crate::model::Id;
use crate::service::Settings;
use crate::store::{Conn, notification};
use crate::time::Instant;

/// The spans in which messages to an account are counted.
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// When more messages to accounts may go out.
pub(crate) struct MessageLimits {
    limits: Limits,
    counts: HashMap<Id, Counts>,
}

/// How many messages of an account there are.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    /// Those that went out in the last minute, and those that are to go.
    minute: i64,
    /// Those of the last day, but for what was given up untried.
    day: i64,
}

impl MessageLimits {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { limits: settings.limits, counts: HashMap::new() }
    }

    /// Counts the messages that these accounts have.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) fn count(&mut self, conn: &mut Conn, users: &[Id], now: Instant) -> Result<()> {
        let day = now.minus(DAY);
        for (user, count) in notification::count_since(conn, users, day)? {
            self.counts.entry(user).or_default().day = count;
        }
        for (user, count) in notification::count_going(conn, users, day, now.minus(MINUTE))? {
            self.counts.entry(user).or_default().minute = count;
        }
        Ok(())
    }

    /// Returns when one more message to an account goes out, and why not at once where it has to wait.
    ///
    /// # Errors
    /// `Quota` for one beyond a day's.
    pub(crate) fn admit(&mut self, now: Instant, user: Id) -> Result<(Instant, Option<Error>)> {
        if user == Id::LOCAL_USER {
            return Ok((now, None));
        }
        let counts = self.counts.entry(user).or_default();
        let (a_minute, a_day) = (i64::from(self.limits.messages_a_minute), i64::from(self.limits.messages_a_day));
        if counts.day >= a_day {
            let message = format!("more than {a_day} messages a day are not sent to the account");
            return Err(limit::exceeded(message, "have fewer reminders", "limits.messages_a_day"));
        }
        let beyond = counts.minute.div_euclid(a_minute);
        (counts.minute, counts.day) = (counts.minute + 1, counts.day + 1);
        if beyond == 0 {
            return Ok((now, None));
        }
        let message = format!("more than {a_minute} messages a minute wait");
        let error = limit::exceeded(message, "have fewer reminders at a time", "limits.messages_a_minute");
        Ok((now.plus(MINUTE * u32::try_from(beyond).unwrap_or(u32::MAX)), Some(error)))
    }
}
