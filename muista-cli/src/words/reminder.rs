//! When a reminder is to fire, as people write it on a command line. Reading it is the core's; this gives it the names of
//! the flags.

use muista_core::error::{Error, Result};
use muista_core::input::{self, ReminderInput};
use muista_core::model::{Channel, NewReminder, Trigger};
use muista_core::time::{Context, Instant};

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
    if said.when.is_none() && said.every.is_none() {
        return Err(Error::invalid("remind", "nothing says when to remind")
            .hint("say when, as in `muista remind 7 tomorrow 9:00` or `muista remind 7 --every weekday`"));
    }
    if said.when.as_deref().is_some_and(|when| when.trim().eq_ignore_ascii_case("none")) {
        return Err(Error::invalid("remind", "“none” is not a time to remind at")
            .hint("say when, as in `tomorrow 9:00`; `muista remind 7 --off` takes reminders away"));
    }
    let input = ReminderInput {
        at: said.when,
        every: said.every,
        timezone: said.tz,
        end_at: said.until,
        nag: said.nag,
        note: said.note,
        channels: said.channels,
        ..ReminderInput::default()
    };
    input.read(context).map_err(by_flag)
}

/// Reads when a reminder fires.
///
/// # Errors
/// `Invalid` for what is neither a date nor an offset from the due.
pub(crate) fn trigger(text: &str, context: &Context) -> Result<Trigger> {
    input::trigger(text, context).map_err(by_flag)
}

/// Reads an instant; a date is 9:00 of that day.
///
/// # Errors
/// `Invalid` for what is no date, and for `none`.
pub(crate) fn instant(text: &str, context: &Context) -> Result<Instant> {
    input::instant(text, context).map_err(by_flag)
}

/// The same error, which names the flag or the argument instead of the field.
fn by_flag(error: Error) -> Error {
    let flag = |field: String| match field.as_str() {
        "at" => "remind".to_owned(),
        "timezone" => "tz".to_owned(),
        "endAt" => "until".to_owned(),
        _ => field,
    };
    Error { field: error.field.map(flag), ..error }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use muista_core::time;

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
            Trigger::Length(length) => format!("{length} before the due or from now"),
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
            ("in 3 days", "2026-11-24T07:00:00Z"),
            ("in 2s", "2026-11-21T10:00:02Z"),
            ("in 1h", "2026-11-21T11:00:00Z"),
            ("+1h", "2026-11-21T11:00:00Z"),
            ("1h", "PT1H before the due or from now"),
            ("half an hour", "PT30M before the due or from now"),
            ("3 days", "P3D before the due or from now"),
            ("one hour before", "-PT1H"),
            ("1h after", "PT1H"),
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
