//! Taskwarrior's `recur` as a recurrence of ours. It is a length in one of many spellings, which counts from the due.

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
