//! Which tasks and which days a report is about, as texts: the parameters of `/reports`, and the words of the command line's
//! reports.

use jiff::Span;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{of_field, query, schema};
use crate::error::{Error, Result};
use crate::model::{ReportQuery, Status, TaskFilter, clip, shown};
use crate::time::{Context, Instant, Range, When, range};

/// How many days a burndown has unless told otherwise.
const BURNDOWN_DAYS: u32 = 30;

/// What a calendar is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CalendarInput {
    /// The month: a date in it, its name, or as in `2027-01`; this month where nothing is said.
    #[serde(default)]
    #[param(pattern = "^20[2-9][0-9]-(0[1-9]|1[0-2])$", example = "2027-01")]
    pub month: Option<String>,
    /// Only tasks that match this query.
    #[serde(default)]
    #[param(schema_with = schema::query, example = "+work -later")]
    pub q: Option<String>,
}

/// What statistics are asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StatsInput {
    /// Only tasks that match this query.
    #[serde(default)]
    #[param(schema_with = schema::query, example = "+work -later")]
    pub q: Option<String>,
}

/// What a burndown is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BurndownInput {
    /// How many days, today included.
    #[serde(default)]
    #[param(minimum = 1, maximum = 366, default = 30, example = 14)]
    pub days: Option<u32>,
    /// Only tasks that match this query.
    #[serde(default)]
    #[param(schema_with = schema::query, example = "+work -later")]
    pub q: Option<String>,
}

/// What a timesheet is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TimesheetInput {
    /// The days: a week, a month, a date or a range of dates, as in `2026-W48` or `last week`; this week where nothing is
    /// said.
    #[serde(default)]
    #[param(pattern = "^20[2-9][0-9]-W(0[1-9]|[1-4][0-9]|5[0-2])$", example = "2026-W48")]
    pub week: Option<String>,
}

impl CalendarInput {
    /// Reads which tasks and which days are meant.
    ///
    /// # Errors
    /// `Invalid`, naming the parameter that is not understood.
    pub fn read(&self, context: &Context) -> Result<ReportQuery> {
        let (from, to) = month(self.month.as_deref(), context)?;
        Ok(report(filter(self.q.as_deref(), context)?, from, to, context))
    }
}

impl StatsInput {
    /// Reads which tasks are meant.
    ///
    /// # Errors
    /// `Invalid` for a query that is not understood.
    pub fn read(&self, context: &Context) -> Result<ReportQuery> {
        let today = context.today();
        Ok(report(filter(self.q.as_deref(), context)?, today, today, context))
    }
}

impl BurndownInput {
    /// Reads which tasks and which days are meant.
    ///
    /// # Errors
    /// `Invalid`, naming the parameter that is not understood.
    pub fn read(&self, context: &Context) -> Result<ReportQuery> {
        let days = i64::from(self.days.unwrap_or(BURNDOWN_DAYS));
        if !(1..=i64::from(ReportQuery::DAYS_MAX)).contains(&days) {
            return Err(Error::invalid("days", format!("a report of {days} days cannot be made"))
                .hint(format!("choose 1 to {} days", ReportQuery::DAYS_MAX)));
        }
        let today = context.today();
        let from = today.checked_sub(Span::new().days(days - 1)).unwrap_or(today);
        Ok(report(filter(self.q.as_deref(), context)?, from, today, context))
    }
}

impl TimesheetInput {
    /// Reads which days are meant.
    ///
    /// # Errors
    /// `Invalid` for what is no span of days.
    pub fn read(&self, context: &Context) -> Result<ReportQuery> {
        let (from, to) = week(self.week.as_deref(), context)?;
        Ok(report(TaskFilter::default(), from, to, context))
    }
}

fn report(filter: TaskFilter, from: Date, to: Date, context: &Context) -> ReportQuery {
    ReportQuery { filter, timezone: context.zone_name(), from, to }
}

fn filter(q: Option<&str>, context: &Context) -> Result<TaskFilter> {
    let Some(text) = q else { return Ok(TaskFilter::default()) };
    let read = query::read(text, context).map_err(|error| of_field("q", error))?;
    query::read_filter(read, TaskFilter::default(), Status::Open)
}

/// Returns the first and the last day of the month that a text means: a date in it, `2026-11`, or its name, which is the
/// next one of that name; this month where nothing is said.
///
/// # Errors
/// `Invalid` for what is no month.
pub fn month(text: Option<&str>, context: &Context) -> Result<(Date, Date)> {
    let this = context.today().first_of_month();
    let whole = |first: Date| (first, first.last_of_month());
    let Some(text) = text else { return Ok(whole(this)) };
    if let Some(first) = first(text, context.today(), |first| first >= this) {
        return Ok(whole(first));
    }
    let day = match When::read(text, context).map_err(|error| of_field("month", error))? {
        When::On(date) => Some(date),
        When::At(at) => Some(day(at, context)),
        When::None => None,
    };
    day.map(|day| whole(day.first_of_month())).ok_or_else(|| {
        Error::invalid("month", format!("“{}” is not a month", shown(&clip(text))))
            .hint("write january, next month or 2027-01")
    })
}

/// Returns the first and the last day of the span that a text means: a week, a month, of which the last one of its name
/// counts, a date, or a range of dates; this week where nothing is said.
///
/// # Errors
/// `Invalid` for what is no such span.
pub fn week(text: Option<&str>, context: &Context) -> Result<(Date, Date)> {
    let (text, today) = (text.unwrap_or("week"), context.today());
    if let Some(first) = first(text, today, |first| first <= today) {
        return Ok((first, first.last_of_month()));
    }
    if let Some(monday) = monday(text) {
        return Ok((monday, monday.checked_add(Span::new().days(6)).unwrap_or(monday)));
    }
    let read = range(text, context).map_err(|error| of_field("week", error))?;
    let Range { from: Some(from), until: Some(until) } = read else {
        let message = format!("“{}” has no beginning or no end", shown(&clip(text)));
        return Err(Error::invalid("week", message).hint("write \"last week\", november or 2026-11-02..2026-11-08"));
    };
    let last = until.minus(std::time::Duration::from_micros(1));
    Ok((day(from, context), day(last, context)))
}

fn day(at: Instant, context: &Context) -> Date {
    at.date_in(&context.zone)
}

/// Returns the first day of a month: of `2026-11`, or of the month of that name, of this year, the last or the next, that is
/// `wanted`.
fn first(text: &str, today: Date, wanted: impl Fn(Date) -> bool) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = Date::strptime("%Y-%m-%d", format!("{text}-01")) {
        return Some(date);
    }
    let named = |form: &str| Date::strptime(format!("{form} %d %Y"), format!("{text} 1 2000")).ok();
    let month = named("%B").or_else(|| named("%b"))?.month();
    let years = [today.year(), today.year() - 1, today.year() + 1];
    years.into_iter().filter_map(|year| Date::new(year, month, 1).ok()).find(|first| wanted(*first))
}

/// Returns the Monday of a week that is written as ISO 8601 has it: `2026-W48`.
fn monday(text: &str) -> Option<Date> {
    let (year, week) = text.trim().split_once("-W").or_else(|| text.trim().split_once("-w"))?;
    let date = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
    Some(date.date())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;

    fn context() -> Context {
        Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None }
    }

    #[test]
    fn a_month_is_the_wanted_one_of_its_name() {
        let today = date(2026, 11, 30);
        let past = |text| first(text, today, |first| first <= today);
        assert_eq!(past("november"), Some(date(2026, 11, 1)));
        assert_eq!(past("Dec"), Some(date(2025, 12, 1)));
        let coming = |text| first(text, today, |first| first >= date(2026, 11, 1));
        assert_eq!((coming("november"), coming("january")), (Some(date(2026, 11, 1)), Some(date(2027, 1, 1))));
        assert_eq!((coming("2025-02"), coming("week"), coming("")), (Some(date(2025, 2, 1)), None, None));
        assert_eq!((monday("2026-W48"), monday("2026-W60")), (Some(date(2026, 11, 23)), None));
    }

    #[test]
    fn a_month_is_named_in_many_ways() {
        for (text, expected) in [
            ("2027-01", "2027-01-01"),
            ("january", "2027-01-01"),
            ("next month", "2026-12-01"),
            ("15 mar 2028", "2028-03-01"),
        ] {
            assert_eq!(month(Some(text), &context()).unwrap().0.to_string(), expected, "{text}");
        }
        for bad in ["2027-13", "none", "soonish"] {
            assert_eq!(month(Some(bad), &context()).unwrap_err().field.as_deref(), Some("month"), "{bad}");
        }
    }
}
