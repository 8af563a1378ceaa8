//! Taskwarrior's `recur` as a recurrence of ours, and back. It is a length in one of many spellings, which counts from the
//! due.

use jiff::tz::TimeZone;

use crate::model::NewSeries;
use crate::time::{Instant, Rule, Schedule};

/// What the end of a recurrence begins with.
const ENDS: [&str; 2] = [" until ", " for "];
/// The most occurrences that are counted of a template.
const OCCURRENCES_MAX: usize = 100_000;

/// Returns what says the same here; none for what is no length. `m` and `mo` are months, as who writes them means.
pub(super) fn words(recur: &str) -> Option<String> {
    let recur = recur.trim();
    let lower = recur.to_lowercase();
    let named = match lower.as_str() {
        "day" | "daily" => "daily",
        "weekdays" => "weekdays",
        "week" | "weekly" | "sennight" => "weekly",
        "biweekly" | "fortnight" => "every 2 weeks",
        "month" | "monthly" => "monthly",
        "bimonthly" => "every 2 months",
        "quarter" | "quarterly" => "every 3 months",
        "semiannual" => "every 6 months",
        "year" | "yearly" | "annual" => "yearly",
        "biannual" | "biyearly" => "every 2 years",
        "hourly" => "every hour",
        _ => "",
    };
    if !named.is_empty() {
        return Some(named.to_owned());
    }
    if recur.starts_with('P') {
        return Some(recur.to_owned());
    }
    let digits = lower.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = lower.split_at_checked(digits)?;
    let count: u32 = count.parse().ok().filter(|count| *count > 0)?;
    let (factor, unit) = match unit.trim() {
        "s" | "sec" | "secs" | "second" | "seconds" => (1, "seconds"),
        "min" | "mins" | "minute" | "minutes" => (1, "minutes"),
        "h" | "hr" | "hrs" | "hour" | "hours" => (1, "hours"),
        "d" | "day" | "days" => (1, "days"),
        "w" | "wk" | "wks" | "week" | "weeks" => (1, "weeks"),
        "m" | "mo" | "mos" | "mth" | "mths" | "month" | "months" => (1, "months"),
        "q" | "qtr" | "qtrs" | "quarter" | "quarters" => (3, "months"),
        "y" | "yr" | "yrs" | "year" | "years" => (1, "years"),
        _ => return None,
    };
    Some(format!("every {} {unit}", count.checked_mul(factor)?))
}

/// Returns what says the same there; none for what Taskwarrior cannot say, as a weekday or a time of day. How a recurrence
/// ends is said apart.
pub(super) fn of_words(words: &str) -> Option<String> {
    let lower = words.trim().to_lowercase();
    let ends = ENDS.iter().filter_map(|word| lower.find(word)).min();
    let length = ends.map_or(&*lower, |at| &lower[..at]).trim();
    let length = length.strip_prefix("every ").unwrap_or(length).trim();
    let named = match length {
        "day" | "daily" => "daily",
        "weekday" | "weekdays" => "weekdays",
        "week" | "weekly" => "weekly",
        "month" | "monthly" => "monthly",
        "quarter" | "quarterly" => "quarterly",
        "year" | "yearly" => "yearly",
        "hour" | "hourly" => "PT1H",
        _ => "",
    };
    if !named.is_empty() {
        return Some(named.to_owned());
    }
    let (count, unit) = match length.strip_prefix("other ") {
        Some(unit) => (2, unit),
        None => counted(length)?,
    };
    let factor = |factor: u32| count.checked_mul(factor);
    // Only months and years of some names are calendar units there, and only `P3M` names any number of them.
    Some(match unit.trim_end_matches('s') {
        "minute" => format!("PT{count}M"),
        "hour" => format!("PT{count}H"),
        "day" => format!("P{count}D"),
        "week" if count == 2 => "biweekly".to_owned(),
        "week" => format!("P{}D", factor(7)?),
        "month" if count == 2 => "bimonthly".to_owned(),
        "month" if count == 3 => "quarterly".to_owned(),
        "month" if count == 6 => "semiannual".to_owned(),
        "month" => format!("P{count}M"),
        "quarter" => format!("P{}M", factor(3)?),
        "year" if count == 2 => "biannual".to_owned(),
        "year" => format!("P{}M", factor(12)?),
        _ => return None,
    })
}

/// Returns whether words say when a recurrence ends.
pub(super) fn is_bounded(words: &str) -> bool {
    let lower = words.to_lowercase();
    ENDS.iter().any(|word| lower.contains(word))
}

/// Takes `3 days`, or an ISO 8601 length of one unit, apart.
fn counted(length: &str) -> Option<(u32, &'static str)> {
    let units = [
        ("pt", "m", "minute"),
        ("pt", "h", "hour"),
        ("p", "d", "day"),
        ("p", "w", "week"),
        ("p", "m", "month"),
        ("p", "y", "year"),
    ];
    let iso = units.into_iter().find_map(|(before, behind, unit)| {
        let count = length.strip_prefix(before)?.strip_suffix(behind)?;
        Some((count, unit))
    });
    let (count, unit) = match iso {
        Some(found) => found,
        None => {
            let (count, unit) = length.split_once(' ')?;
            let unit = unit.trim();
            let named = ["minute", "hour", "day", "week", "month", "quarter", "year"];
            (
                count,
                named.into_iter().find(|name| unit.strip_prefix(name).is_some_and(|rest| matches!(rest, "" | "s")))?,
            )
        }
    };
    let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
    count.parse().ok().filter(|count| is_number && *count > 0).map(|count| (count, unit))
}

/// Returns when the next instance of a template is due, as Taskwarrior counts them: its `mask` has a letter for each that
/// was made, `-` or `W` for one that is open. None when there is no more.
pub(super) fn next(series: &NewSeries, first: Instant, mask: &str, zone: &TimeZone) -> Option<Instant> {
    let made = mask.chars().count();
    let number = mask.chars().position(|c| matches!(c, '-' | 'W')).unwrap_or(made);
    if number == 0 || number > OCCURRENCES_MAX {
        return Some(first);
    }
    let rule = match &series.rule {
        Rule::Cron(cron) => Rule::Cron(cron.at_time(first.in_zone(zone).time()).unwrap_or_else(|| cron.clone())),
        every @ Rule::Every(_) => every.clone(),
    };
    let schedule = Schedule::new(rule, zone.clone(), first, series.end);
    let mut following = schedule.upcoming(first, number);
    if following.len() == number { following.pop() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_taskwarrior_can_say_goes_back() {
        for (words, recur) in [
            ("daily", "daily"),
            ("every day", "daily"),
            ("every weekday until 2027-01-10", "weekdays"),
            ("weekly for 5 times", "weekly"),
            ("every 2 weeks", "biweekly"),
            ("every 3 weeks", "P21D"),
            ("every other month", "bimonthly"),
            ("every 3 days", "P3D"),
            ("P1M", "P1M"),
            ("p2y", "biannual"),
            ("every 5 years", "P60M"),
            ("PT36H", "PT36H"),
            ("hourly", "PT1H"),
        ] {
            assert_eq!(of_words(words).as_deref(), Some(recur), "{words}");
        }
    }

    #[test]
    fn what_taskwarrior_cannot_say_does_not() {
        for words in [
            "every friday",
            "every day at 9",
            "every! 2 months",
            "0 9 * * 1",
            "every 27th",
            "every other fri",
            "P1M2D",
            "every 3 days starting at 9pm",
            "every 0 days",
            "every 99999999999 days",
            "every -3 days",
            "every mon, wed",
            "every day except sunday",
        ] {
            assert_eq!(of_words(words), None, "{words}");
        }
    }

    #[test]
    fn what_goes_there_comes_back_the_same() {
        for recur in
            ["daily", "weekdays", "weekly", "biweekly", "monthly", "bimonthly", "quarterly", "semiannual", "yearly"]
        {
            let back = words(recur).and_then(|words| of_words(&words));
            assert_eq!(back.as_deref(), Some(recur));
        }
    }
}
