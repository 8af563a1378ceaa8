//! When a reminder is to fire, as people write it: a date, an offset from the due, a recurrence. Reading those is the
//! core's; this puts them together.

use jiff::civil::{Date, Time};
use muista_core::error::{Error, Result};
use muista_core::model::{Channel, NewReminder, Text, Trigger, offset_from_due};
use muista_core::time::{self, Context, Duration, Instant, Recurrence, Rule, When};

/// The time of day of a reminder that says none.
const MORNING: Time = Time::constant(9, 0, 0, 0);

/// What a reminder's words and flags say, as they were written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said {
    /// A date, or an offset from the due.
    pub(crate) when: Option<String>,
    /// A recurrence.
    pub(crate) every: Option<String>,
    /// The zone that times are read in.
    pub(crate) tz: Option<String>,
    /// A date.
    pub(crate) until: Option<String>,
    /// A length of time.
    pub(crate) nag: Option<String>,
    /// A remark.
    pub(crate) note: Option<String>,
    pub(crate) channels: Vec<Channel>,
}

/// Reads all that is said of a reminder.
///
/// # Errors
/// `Invalid`, naming the part that is not understood.
pub(crate) fn read(said: Said, context: &Context) -> Result<NewReminder> {
    let mut context = context.clone();
    if let Some(zone) = &said.tz {
        context.zone = time::zone(zone).map_err(|error| of_field("tz", error.into()))?;
    }
    let when = said.when.as_deref().map(|text| trigger(text, &context)).transpose()?;
    let mut new = match (said.every.as_deref(), when) {
        (Some(every), when) => repeating(every, when, &context)?,
        (None, Some(trigger)) => NewReminder::new(trigger),
        (None, None) => {
            return Err(Error::invalid("remind", "nothing says when to remind")
                .hint("say when, as in `muista remind 7 tomorrow 9:00` or `muista remind 7 --every weekday`"));
        }
    };
    if let Some(until) = &said.until {
        let until = When::read(until, &context).map_err(|error| of_field("until", error.into()))?;
        new.end = until.deadline(&context.zone);
    }
    new.nag = match &said.nag {
        Some(nag) => Some(Duration::read(nag).map_err(|error| of_field("nag", error.into()))?),
        None => None,
    };
    new.timezone = said.tz.or_else(|| context.zone.iana_name().map(str::to_owned));
    new.note = said.note.map_or(Ok(None), |note| Text::parse("note", &note))?;
    new.channels = said.channels;
    Ok(new)
}

/// Reads when a reminder fires: so long before or after the due, or at an instant; on a date at 9:00.
///
/// # Errors
/// `Invalid` for what is neither.
pub(crate) fn trigger(text: &str, context: &Context) -> Result<Trigger> {
    if let Some(offset) = offset_from_due(text).map_err(|error| of_field("remind", error))? {
        return Ok(Trigger::FromDue(offset));
    }
    instant(text, context).map(Trigger::At)
}

/// What a length of time alone counts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Alone {
    /// Back from the due.
    BeforeDue,
    /// From now: there is no due.
    FromNow,
}

/// Reads when a reminder of a new task fires.
///
/// # Errors
/// As [`trigger`].
pub(crate) fn of_new_task(text: &str, alone: Alone, context: &Context) -> Result<Trigger> {
    let bare = text.trim().starts_with(|c: char| c.is_ascii_alphanumeric());
    match Duration::read(text) {
        Ok(length) if bare && alone == Alone::BeforeDue => Ok(Trigger::FromDue(length.negated())),
        Ok(length) if bare => Ok(Trigger::At(length.after(context.now, &context.zone)?)),
        _ => trigger(text, context),
    }
}

/// Reads an instant; a date is 9:00 of that day.
///
/// # Errors
/// `Invalid` for what is no date, and for `none`.
pub(crate) fn instant(text: &str, context: &Context) -> Result<Instant> {
    match When::read(text, context).map_err(|error| of_field("remind", error.into()))? {
        When::At(at) => Ok(at),
        When::On(day) => morning(day, context),
        When::None => Err(Error::invalid("remind", "“none” is no time to remind at")
            .hint("`muista remind 7 --off` deletes a task's reminders")),
    }
}

fn morning(day: Date, context: &Context) -> Result<Instant> {
    let at = day.to_datetime(MORNING).to_zoned(context.zone.clone());
    let at = at.map_err(|_| Error::invalid("remind", format!("{day} is beyond the calendar")))?;
    Ok(Instant::from_timestamp(at.timestamp()))
}

/// A reminder again and again, from `when` on. A recurrence that says no time of day fires at that of `when`, or at 9:00.
fn repeating(every: &str, when: Option<Trigger>, context: &Context) -> Result<NewReminder> {
    let read = Recurrence::read(every, context).map_err(|error| of_field("every", error.into()))?;
    if read.from_completion {
        return Err(Error::invalid("every", "a reminder cannot count from when its task is done")
            .hint("leave out the `!`, as in --every \"2 months\""));
    }
    let first = match when {
        None => None,
        Some(Trigger::At(at)) => Some(at),
        Some(_) => {
            return Err(Error::invalid("remind", "what repeats cannot count from the due")
                .hint("say when it begins, as in `muista remind 7 tomorrow 9:00 --every day`"));
        }
    };
    let local = first.map(|at| at.in_zone(&context.zone).time());
    // An interval of days and more keeps the time of day of where it begins.
    let keeps_time = matches!(read.rule, Rule::Every(_)) && !read.says_time();
    let begins = match read.start {
        None if keeps_time => Some(morning(context.today(), context)?),
        start => start,
    };
    let end = read.end;
    let rule = read.at_time(local.unwrap_or(MORNING)).rule;
    let mut new = NewReminder::new(Trigger::Every { rule, words: every.trim().to_owned() });
    (new.start, new.end) = (first.or(begins), end);
    Ok(new)
}

fn of_field(name: &str, error: Error) -> Error {
    Error { field: Some(name.to_owned()), ..error }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    /// Noon on Saturday 21 November 2026 in Helsinki.
    fn context() -> Context {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        Context { now, zone: time::zone("Europe/Helsinki").unwrap(), date_order: None }
    }

    fn shown(trigger: &Trigger) -> String {
        match trigger {
            Trigger::At(at) => at.to_string(),
            Trigger::FromDue(offset) => offset.to_string(),
            Trigger::Every { rule, words } => format!("{rule} = {words}"),
        }
    }

    fn said(when: &str, every: &str) -> Said {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Said { when: given(when), every: given(every), ..Said::default() }
    }

    #[test]
    fn a_date_is_its_morning_and_an_offset_counts_from_the_due() {
        for (text, expected) in [
            ("tomorrow 9:30", "2026-11-22T07:30:00Z"),
            ("tomorrow", "2026-11-22T07:00:00Z"),
            ("3 days", "2026-11-24T07:00:00Z"),
            ("in 2s", "2026-11-21T10:00:02Z"),
            ("1h", "2026-11-21T11:00:00Z"),
            ("30min before", "-PT30M"),
            ("1d before due", "-P1D"),
            ("at due", "PT0S"),
        ] {
            assert_eq!(shown(&trigger(text, &context()).unwrap()), expected, "{text}");
        }
        for bad in ["", "soon", "none", "x before", "-1h before"] {
            let error = trigger(bad, &context()).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("remind"), "{bad}");
        }
    }

    #[test]
    fn a_length_alone_means_before_the_due_of_a_new_task() {
        let context = context();
        let read = |text, alone| shown(&of_new_task(text, alone, &context).unwrap());
        assert_eq!(read("1h", Alone::BeforeDue), "-PT1H");
        assert_eq!(read("1h", Alone::FromNow), "2026-11-21T11:00:00Z");
        assert_eq!(read("2d", Alone::FromNow), "2026-11-23T10:00:00Z");
        assert_eq!(read("in 1h", Alone::BeforeDue), "2026-11-21T11:00:00Z");
        assert_eq!(read("tomorrow", Alone::BeforeDue), "2026-11-22T07:00:00Z");
    }

    #[test]
    fn what_repeats_begins_where_it_is_said_or_in_the_morning() {
        let new = read(said("", "P3D"), &context()).unwrap();
        assert_eq!(new.start, Some("2026-11-21T07:00:00Z".parse().unwrap()));
        let new = read(said("tomorrow 18:00", "P3D"), &context()).unwrap();
        assert_eq!(new.start, Some("2026-11-22T16:00:00Z".parse().unwrap()));
        let new = read(said("", "PT2H"), &context()).unwrap();
        assert_eq!((new.start, new.timezone.as_deref()), (None, Some("Europe/Helsinki")));
        let new = read(Said { tz: Some("UTC".to_owned()), ..said("tomorrow", "") }, &context()).unwrap();
        assert_eq!(shown(&new.trigger), "2026-11-22T09:00:00Z");
        let new = read(Said { until: Some("tomorrow".to_owned()), ..said("", "PT2H") }, &context()).unwrap();
        assert_eq!(new.end, Some("2026-11-22T21:59:59Z".parse().unwrap()));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (said, field) in [
            (said("", ""), "remind"),
            (said("1h before", "P1D"), "remind"),
            (said("", "0 0 31 2 *"), "every"),
            (said("", "P0D"), "every"),
            (said("", "-P1D"), "every"),
            (Said { tz: Some("Nowhere".to_owned()), ..said("tomorrow", "") }, "tz"),
            (Said { nag: Some("often".to_owned()), ..said("tomorrow", "") }, "nag"),
            (Said { until: Some("whenever".to_owned()), ..said("tomorrow", "") }, "until"),
        ] {
            let error = read(said.clone(), &context()).unwrap_err();
            assert_eq!(error.field.as_deref(), Some(field), "{said:?}: {error}");
            assert!(error.hint.is_some(), "{said:?}");
        }
    }
}
