//! A reminder as it is written: a date, an offset from the due, a recurrence, or the fields that say when by themselves.
//! Reading those is `time`'s; this puts them together.

use jiff::civil::{Date, Time};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{of_field, schema, text};
use crate::error::{Error, Result};
use crate::model::Zone;
use crate::model::{Channel, NewReminder, RecurrenceType, Trigger, offset_from_due};
use crate::time::{Context, Duration, Instant, Recurrence, Rule, When};

/// The time of day of a reminder that says none.
const MORNING: Time = Time::constant(9, 0, 0, 0);

/// What makes a reminder. When it fires is said by `at`, by `every` or by `schedule`; what repeats may also say `at`, where
/// it begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"at": "30min before", "channel": "email"}))]
pub struct ReminderInput {
    /// Once, then: a date in words or RFC 3339, or so long before or after the task's due. On a date without a time of day
    /// it is 9:00. A length alone, as `1h`, is before the due, or from now for a task that has none; `in 1h` is from now.
    #[serde(default)]
    #[schema(schema_with = schema::at)]
    pub at: Option<String>,
    /// Again and again: a recurrence in words, as in `every weekday at 8:30`.
    #[serde(default)]
    #[schema(schema_with = schema::recurrence)]
    pub every: Option<String>,
    /// When, as `recurrenceType` says: cron, an ISO 8601 duration, an instant, or a duration from the due.
    #[serde(default)]
    #[schema(schema_with = schema::schedule)]
    pub schedule: Option<String>,
    /// How `schedule` is read; without it cron, durations and instants are told apart by how they look.
    #[serde(default)]
    pub recurrence_type: Option<RecurrenceType>,
    /// How long from one firing to the next: an ISO 8601 duration.
    #[serde(default)]
    #[schema(schema_with = schema::interval)]
    pub interval: Option<String>,
    /// Nothing fires before this; intervals count from it.
    #[serde(default)]
    #[schema(schema_with = schema::begin)]
    pub start_at: Option<String>,
    /// Nothing fires after this.
    #[serde(default)]
    #[schema(schema_with = schema::end)]
    pub end_at: Option<String>,
    /// The zone that times are read in, an IANA name.
    #[serde(default)]
    #[schema(value_type = Option<Zone>)]
    pub timezone: Option<String>,
    /// How it is told; the account's usual channels where nothing is said.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// How it is told, where that is on several channels.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// Tell it again after so long until it is acknowledged.
    #[serde(default)]
    #[schema(schema_with = schema::length)]
    pub nag: Option<String>,
    /// A remark that goes with the message.
    #[serde(default)]
    #[schema(schema_with = schema::text)]
    pub note: Option<String>,
}

impl ReminderInput {
    /// Whether it says when to remind.
    #[must_use]
    pub fn says_when(&self) -> bool {
        self.at.is_some() || self.every.is_some() || self.schedule.is_some() || self.interval.is_some()
    }

    /// Reads all that is said of a reminder.
    ///
    /// # Errors
    /// `Invalid`, naming the field that is not understood.
    pub fn read(self, context: &Context) -> Result<NewReminder> {
        let mut context = context.clone();
        if let Some(zone) = &self.timezone {
            context.zone = crate::time::zone(zone).map_err(|error| of_field("timezone", error))?;
        }
        let mut new = self.timing(&context)?;
        new.trigger = self.of_its_type(new.trigger, &context)?;
        if let Some(end) = &self.end_at {
            let end = When::read(end, &context).map_err(|error| of_field("endAt", error))?;
            new.end = end.deadline(&context.zone).or(new.end);
        }
        new.nag = self.nag.as_deref().map(Duration::read).transpose().map_err(|error| of_field("nag", error))?;
        new.note = text("note", self.note.as_deref())?;
        new.channels = self.channels;
        new.channels.extend(self.channel);
        new.timezone = self.timezone.or_else(|| context.zone.iana_name().map(str::to_owned));
        Ok(new)
    }

    fn timing(&self, context: &Context) -> Result<NewReminder> {
        let at = self.at.as_deref().map(|text| trigger(text, context)).transpose()?;
        let start = self.start_at.as_deref().map(|text| start("startAt", text, context)).transpose()?.flatten();
        if let Some((field, text)) = self.recurrence()? {
            if at.is_some() && start.is_some() {
                return Err(
                    Error::invalid("startAt", "both at and startAt say when it begins").hint("leave out one of them")
                );
            }
            let first = match at {
                None => start,
                Some(Trigger::At(at)) => Some(at),
                Some(Trigger::Length(length)) => Some(from_now(length, context)?),
                Some(_) => {
                    return Err(Error::invalid("at", "what repeats cannot count from the due")
                        .hint("say when it begins, as in `tomorrow 9:00`"));
                }
            };
            return repeating(field, text, first, context);
        }
        let trigger = match (self.schedule.as_deref(), at) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid("at", "both at and schedule say when").hint("leave out one of them"));
            }
            (Some(text), None) => self.of_schedule(text, context)?,
            (None, Some(trigger)) => trigger,
            (None, None) => {
                return Err(Error::invalid("at", "nothing says when to remind")
                    .hint("say when, as in `tomorrow 9:00` or `30min before`; or how often, as in `every weekday`"));
            }
        };
        Ok(NewReminder { start, ..NewReminder::new(trigger) })
    }

    /// The field that says how it repeats, and its text.
    fn recurrence(&self) -> Result<Option<(&'static str, &str)>> {
        let once = match self.recurrence_type {
            Some(said) => matches!(said, RecurrenceType::Once | RecurrenceType::Relative),
            None => self.schedule.as_deref().is_some_and(|text| text.parse::<Instant>().is_ok()),
        };
        let schedule = self.schedule.as_deref().filter(|_| !once).map(|text| ("schedule", text));
        let interval = self.interval.as_deref().map(|text| ("interval", text));
        let every = self.every.as_deref().map(|text| ("every", text));
        // What Muista answers says an interval twice.
        let interval = interval.filter(|(_, text)| schedule.is_none_or(|(_, other)| other != *text));
        let mut said = [every, schedule, interval].into_iter().flatten();
        match (said.next(), said.next()) {
            (Some((one, _)), Some((other, _))) => {
                Err(Error::invalid(other, format!("both {one} and {other} say how it repeats"))
                    .hint("leave out one of them"))
            }
            (one, _) => Ok(one),
        }
    }

    /// What `schedule` says where it is no recurrence.
    fn of_schedule(&self, text: &str, context: &Context) -> Result<Trigger> {
        let wrong = |error| of_field("schedule", error);
        if self.recurrence_type != Some(RecurrenceType::Relative) {
            return instant(text, context).map(Trigger::At).map_err(wrong);
        }
        match offset_from_due(text).map_err(wrong)? {
            Some(offset) => Ok(Trigger::FromDue(offset)),
            None => Duration::read(text).map(Trigger::FromDue).map_err(|error| of_field("schedule", error)),
        }
    }

    /// The trigger, where it is of the type that was said. A length alone may be of two.
    fn of_its_type(&self, trigger: Trigger, context: &Context) -> Result<Trigger> {
        let Some(said) = self.recurrence_type else { return Ok(trigger) };
        let is = match (&trigger, said) {
            (Trigger::Length(length), RecurrenceType::Relative) => return Ok(Trigger::FromDue(length.negated())),
            (Trigger::Length(length), RecurrenceType::Once) => return from_now(*length, context).map(Trigger::At),
            (Trigger::At(_) | Trigger::Length(_), _) => RecurrenceType::Once,
            (Trigger::FromDue(_), _) => RecurrenceType::Relative,
            (Trigger::Every { rule: Rule::Every(_), .. }, _) => RecurrenceType::Interval,
            (Trigger::Every { rule: Rule::Cron(_), .. }, _) => RecurrenceType::Cron,
        };
        if is == said {
            return Ok(trigger);
        }
        Err(Error::invalid("recurrenceType", format!("what is said is {is} and not {said}"))
            .hint("leave recurrenceType out: what the schedule looks like says it"))
    }
}

/// Reads when a reminder fires: so long before or after the due, or at an instant; on a date at 9:00. A length alone, as
/// `1h`, is before the due of a task that has one, and else from now.
///
/// # Errors
/// `Invalid` for what is neither.
pub fn trigger(text: &str, context: &Context) -> Result<Trigger> {
    let bare = text.trim().starts_with(|c: char| c.is_ascii_alphanumeric());
    if let (true, Ok(length)) = (bare, Duration::read(text)) {
        return Ok(Trigger::Length(length));
    }
    match offset_from_due(text).map_err(|error| of_field("at", error))? {
        Some(offset) => Ok(Trigger::FromDue(offset)),
        None => instant(text, context).map(Trigger::At),
    }
}

fn from_now(length: Duration, context: &Context) -> Result<Instant> {
    length.after(context.now, &context.zone).map_err(|error| of_field("at", error))
}

/// Reads an instant; a date is 9:00 of that day.
///
/// # Errors
/// `Invalid` for what is no date, and for `none`.
pub fn instant(text: &str, context: &Context) -> Result<Instant> {
    start("at", text, context)?.ok_or_else(|| {
        Error::invalid("at", "“none” is not a time to remind at")
            .hint("say when, as in `tomorrow 9:00` or `30min before`")
    })
}

fn start(field: &str, text: &str, context: &Context) -> Result<Option<Instant>> {
    match When::read(text, context).map_err(|error| of_field(field, error))? {
        When::At(at) => Ok(Some(at)),
        When::On(day) => morning(field, day, context).map(Some),
        When::None => Ok(None),
    }
}

fn morning(field: &str, day: Date, context: &Context) -> Result<Instant> {
    let at = day.to_datetime(MORNING).to_zoned(context.zone.clone());
    let at = at.map_err(|_| Error::invalid(field, format!("{day} is beyond the calendar")))?;
    Ok(Instant::from_timestamp(at.timestamp()))
}

/// A reminder again and again, from `first` on. A recurrence that says no time of day fires at that of `first`, or at 9:00.
fn repeating(field: &str, text: &str, first: Option<Instant>, context: &Context) -> Result<NewReminder> {
    let read = Recurrence::read(text, context).map_err(|error| of_field(field, error))?;
    if read.from_completion {
        return Err(Error::invalid(field, "a reminder cannot count from when its task is done")
            .hint("leave out the `!`, as in `every 2 months`"));
    }
    let local = first.map(|at| at.in_zone(&context.zone).time());
    // An interval of days and more keeps the time of day of where it begins.
    let keeps_time = matches!(read.rule, Rule::Every(_)) && !read.says_time();
    let begins = match read.start {
        None if keeps_time => Some(morning(field, context.today(), context)?),
        start => start,
    };
    let read = read.at_time(local.unwrap_or(MORNING));
    let end = read.end_from(first.or(begins), context);
    let rule = read.rule;
    let mut new = NewReminder::new(Trigger::Every { rule, words: text.trim().to_owned() });
    (new.start, new.end) = (first.or(begins), end);
    Ok(new)
}
