//! A job as it is written: its schedule in one field, as cron, an ISO 8601 duration, a recurrence in words or a date. What
//! the values may be is `service::job`'s.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::ToSchema;

use super::{of_field, schema};
use crate::error::{Error, Result};
use crate::model::Zone;
use crate::model::{
    Change, Channel, JobKind, JobName, JobPatch, JobTrigger, Missed, NewJob, Overlap, TaskRef, integer, non_null,
};
use crate::time::{self, Context, Duration, Instant, Recurrence, When};

/// Makes a document of what stands at its head and of all that may be said of a job, which is left out or given.
macro_rules! document {
    ($(#[$doc:meta])* $type:ident { $($head:tt)* }) => {
        $(#[$doc])*
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct $type {
            $($head)*
            /// What kind of job: `script`. Reminders are made with tasks.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false)]
            pub r#type: Option<JobKind>,
            /// Values of the parameters that the script declares, each of 4,096 bytes at most.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false, example = json!({"city": "Helsinki"}))]
            pub params: Option<BTreeMap<String, String>>,
            /// When it runs: cron with 5, 6 (seconds first) or 7 fields, an ISO 8601 duration, a recurrence in words, or, for
            /// once, a date in words or RFC 3339. None, or `null`: only when asked to.
            #[serde(default)]
            #[schema(schema_with = schema::schedule_words)]
            pub schedule: Change<String>,
            /// With `schedule`: nothing runs before this, and intervals count from it. A date in words or RFC 3339.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(schema_with = schema::beginning)]
            pub start_at: Option<String>,
            /// With `schedule`: nothing runs after this. A date in words or RFC 3339.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(schema_with = schema::ending)]
            pub end_at: Option<String>,
            /// The zone of the schedule: its IANA name. The account's where nothing is said.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(value_type = Zone, nullable = false)]
            pub timezone: Option<String>,
            /// How long a run may take.
            #[serde(default, deserialize_with = "integer")]
            #[schema(nullable = false, minimum = 1, maximum = 604_800, default = 300)]
            pub timeout_seconds: Option<i32>,
            /// How often a failed run is tried again.
            #[serde(default, deserialize_with = "integer")]
            #[schema(nullable = false, minimum = 0, maximum = 20, default = 3)]
            pub max_retries: Option<i32>,
            /// How long until the first retry; each later one waits twice as long.
            #[serde(default, deserialize_with = "integer")]
            #[schema(nullable = false, minimum = 1, maximum = 86_400, default = 60)]
            pub retry_delay_seconds: Option<i32>,
            /// What happens when it falls due while its last run has not ended.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false)]
            pub overlap: Option<Overlap>,
            /// What happens to the times that passed while no daemon ran.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false)]
            pub missed: Option<Missed>,
            /// Whether it runs on schedule; a paused one runs only when asked to.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false, default = true)]
            pub enabled: Option<bool>,
            /// Whether a message tells of a failure, after the last retry.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false, default = false)]
            pub notify_on_failure: Option<bool>,
            /// Whether a message tells of a success.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false, default = false)]
            pub notify_on_success: Option<bool>,
            /// Whether a failure leaves a task.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false, default = false)]
            pub task_on_failure: Option<bool>,
            /// How often messages tell of a job that keeps failing, in seconds; 0: of each failure.
            #[serde(default, deserialize_with = "integer")]
            #[schema(nullable = false, minimum = 0, maximum = 2_592_000, default = 86_400)]
            pub notify_every_seconds: Option<i32>,
            /// How messages are sent; empty: by the usual channels.
            #[serde(default, deserialize_with = "non_null")]
            #[schema(nullable = false)]
            pub channels: Option<Vec<Channel>>,
            /// The task that it belongs to: its number or id. `null`: none.
            #[serde(default)]
            #[schema(value_type = Option<TaskRef>)]
            pub task_id: Change<TaskRef>,
        }

        impl $type {
            /// All but what stands at the head, read. Times are in the zone that is given, or else in the context's.
            fn settings(self, context: &Context) -> Result<JobPatch> {
                let mut context = context.clone();
                if let Some(name) = &self.timezone {
                    context.zone = time::zone(name).map_err(|error| of_field("timezone", error))?;
                }
                let bound = |field: &str, text: Option<&str>, end| text.map(|text| instant(field, text, end, &context)).transpose();
                let start = bound("startAt", self.start_at.as_deref(), Edge::Start)?;
                let end = bound("endAt", self.end_at.as_deref(), Edge::End)?;
                Ok(JobPatch {
                    params: self.params,
                    trigger: bounded(schedule(self.schedule, &context)?, start, end)?,
                    timezone: self.timezone,
                    task: self.task_id,
                    timeout_seconds: self.timeout_seconds,
                    max_retries: self.max_retries,
                    retry_delay_seconds: self.retry_delay_seconds,
                    overlap: self.overlap,
                    missed: self.missed,
                    enabled: self.enabled,
                    notify_on_failure: self.notify_on_failure,
                    notify_on_success: self.notify_on_success,
                    task_on_failure: self.task_on_failure,
                    notify_every_seconds: self.notify_every_seconds,
                    channels: self.channels,
                    ..JobPatch::default()
                })
            }
        }
    };
}

document! {
    /// What makes a job. What is left out takes the usual value.
    #[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
    #[schema(example = json!({
        "name": "weather", "script": "weather", "params": {"city": "Helsinki"}, "schedule": "every 30 minutes",
        "timezone": "Europe/Helsinki", "maxRetries": 1
    }))]
    JobInput {
        /// Its name, unique among the account's jobs without regard to case.
        pub name: JobName,
        /// The script's name; `GET /scripts` lists those that there are.
        #[schema(min_length = 1, max_length = 100, example = "weather")]
        pub script: String,
    }
}

document! {
    /// What changes a job; what is left out stays. A changed schedule counts from now.
    #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
    #[schema(example = json!({"schedule": "0 8 * * 1-5", "enabled": true}))]
    JobChanges {
        /// Its new name.
        #[serde(default, deserialize_with = "non_null")]
        #[schema(nullable = false)]
        pub name: Option<JobName>,
        /// Another script.
        #[serde(default, deserialize_with = "non_null")]
        #[schema(nullable = false, min_length = 1, max_length = 100, example = "weather")]
        pub script: Option<String>,
    }
}

/// What asks for a run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"params": {"city": "Turku"}}))]
pub struct RunInput {
    /// Values of the script's parameters for this run, over those of the job.
    #[serde(default)]
    pub params: BTreeMap<String, String>,
}

impl JobInput {
    /// Reads all that is said of a new job, which runs in the context's zone where nothing else is said.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(self, context: &Context) -> Result<NewJob> {
        let (name, script) = (self.name.clone(), self.script.clone());
        let mut settings = self.settings(context)?;
        settings.timezone = settings.timezone.or_else(|| context.zone.iana_name().map(str::to_owned));
        Ok(NewJob { name, script, settings })
    }
}

impl JobChanges {
    /// Reads all that is said of a job that runs in the context's zone.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(mut self, context: &Context) -> Result<JobPatch> {
        let (rename, script) = (self.name.take(), self.script.take());
        Ok(JobPatch { rename, script, ..self.settings(context)? })
    }
}

/// Which end of a day is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

fn instant(field: &str, text: &str, edge: Edge, context: &Context) -> Result<Instant> {
    let when = When::read(text, context).map_err(|error| of_field(field, error))?;
    let at = match edge {
        Edge::Start => when.start(&context.zone),
        Edge::End => when.deadline(&context.zone),
    };
    at.ok_or_else(|| Error::invalid(field, "“none” is not a time").hint(format!("leave {field} out")))
}

fn schedule(text: Change<String>, context: &Context) -> Result<Change<JobTrigger>> {
    match text {
        Change::Keep => Ok(Change::Keep),
        Change::Clear => Ok(Change::Clear),
        Change::Set(text) if text.trim().eq_ignore_ascii_case("none") => Ok(Change::Clear),
        Change::Set(text) => trigger(&text, context).map(Change::Set),
    }
}

/// Reads when a job runs: an ISO 8601 duration and what else repeats, or a date.
fn trigger(text: &str, context: &Context) -> Result<JobTrigger> {
    let wrong = |error| of_field("schedule", error);
    let iso = text.trim_start().starts_with(['P', 'p']) && Duration::read(text).is_ok();
    let repeats = if iso { Some(Recurrence::read(text, context).map_err(wrong)?) } else { None };
    let repeats = match repeats {
        Some(read) => Some(read),
        None => time::read(text, context).map_err(wrong)?.recurrence,
    };
    let Some(read) = repeats else { return instant("schedule", text, Edge::Start, context).map(JobTrigger::At) };
    if read.from_completion {
        let message = format!("“{}” counts from a completion, which a job has not", text.trim());
        return Err(Error::invalid("schedule", message).hint("leave the `!` out"));
    }
    // A day without a time begins at midnight.
    let read = if read.says_time() { read } else { read.at_time(jiff::civil::Time::midnight()) };
    Ok(JobTrigger::Every { rule: read.rule, words: text.trim().to_owned(), start: read.start, end: read.end })
}

/// Returns a schedule within these bounds.
fn bounded(trigger: Change<JobTrigger>, start: Option<Instant>, end: Option<Instant>) -> Result<Change<JobTrigger>> {
    match trigger {
        Change::Set(JobTrigger::Every { rule, words, start: first, end: last }) => {
            Ok(Change::Set(JobTrigger::Every { rule, words, start: start.or(first), end: end.or(last) }))
        }
        trigger if start.is_none() && end.is_none() => Ok(trigger),
        _ => {
            let field = if start.is_some() { "startAt" } else { "endAt" };
            Err(Error::invalid(field, format!("{field} belongs to a schedule that repeats"))
                .hint("give it together with schedule"))
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;
    use crate::time::Rule;

    fn context() -> Context {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        Context { now, zone: time::zone("Europe/Helsinki").unwrap(), date_order: None }
    }

    fn read(schedule: &str) -> Result<Change<JobTrigger>> {
        let input = json!({"name": "weather", "script": "weather", "schedule": schedule});
        Ok(serde_json::from_value::<JobInput>(input).unwrap().read(&context())?.settings.trigger)
    }

    #[test]
    fn a_schedule_is_read_in_all_its_forms() {
        for (text, rule) in [
            ("0 7 * * mon-fri", "0 7 * * mon-fri"),
            ("PT30M", "PT30M"),
            ("P1D", "P1D"),
            ("every 30 minutes", "PT30M"),
            ("daily", "P1D"),
            ("@hourly", "@hourly"),
        ] {
            let Change::Set(JobTrigger::Every { rule: read, words, .. }) = read(text).unwrap() else {
                panic!("{text}")
            };
            assert_eq!((words.as_str(), read), (text, rule.parse::<Rule>().unwrap()), "{text}");
        }
        let once = Change::Set(JobTrigger::At("2026-11-22T01:00:00Z".parse().unwrap()));
        assert_eq!(read("tomorrow 3:00").unwrap(), once);
        assert_eq!(read("2026-11-22T01:00:00Z").unwrap(), once);
        assert_eq!(read("none").unwrap(), Change::Clear);
        for bad in ["", "whenever", "every! 2 months", "0 0 31 2 *", "P0D"] {
            assert_eq!(read(bad).unwrap_err().field.as_deref(), Some("schedule"), "{bad}");
        }
    }

    #[test]
    fn what_is_left_out_stays_and_null_only_clears() {
        let read = |document| serde_json::from_value::<JobChanges>(document).unwrap().read(&context());
        assert_eq!(read(json!({})).unwrap(), JobPatch::default());
        let cleared = read(json!({"schedule": null, "taskId": null})).unwrap();
        assert_eq!((cleared.trigger, cleared.task), (Change::Clear, Change::Clear));
        for bad in
            [json!({"name": null}), json!({"enabled": null}), json!({"interval": "P1D"}), json!({"type": "reminder"})]
        {
            assert!(serde_json::from_value::<JobChanges>(bad.clone()).is_err(), "{bad}");
        }
        let error = read(json!({"endAt": "tomorrow"})).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("endAt"));
        let error = read(json!({"timezone": "Mars/Base"})).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("timezone"));
    }
}
