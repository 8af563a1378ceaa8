//! One cron expression: reading its fields, and the local times they match. Matching is the library's (croner), but for
//! weekdays counted from the end of the month. Leaves out several of them together: see `cron`.

use croner::{Weekday, parser::CronParser};
use jiff::{
    Span,
    civil::{Date, DateTime, date},
};

use crate::time::TimeError;

const HINT: &str = "cron fields are minute, hour, day, month, weekday, like `0 9 * * 1-5`; a sixth before them is the \
                    second, a seventh after them the year";

/// Where the search for a first firing begins: what fires only before it never does.
const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// How many days of a weekday are tried before none is found that is at its place: some in each month of 40 years.
const TRIED: usize = 5 * 12 * 40;

/// The fields of a whole expression, from left to right.
const FIELDS: [Field; 7] = [
    Field { name: "second", range: "0 to 59", letters: &[] },
    Field { name: "minute", range: "0 to 59", letters: &[] },
    Field { name: "hour", range: "0 to 23", letters: &[] },
    Field { name: "day", range: "1 to 31, with `L`, `15W` and `LW`", letters: &["L", "W", "LW"] },
    Field {
        name: "month",
        range: "1 to 12 or JAN to DEC",
        letters: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    },
    Field {
        name: "weekday",
        range: "0 to 7 or SUN to SAT, with `5#3`, `5#-2` and `5L`",
        letters: &[
            "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUNL", "MONL", "TUEL", "WEDL", "THUL", "FRIL", "SATL",
            "L",
        ],
    },
    Field { name: "year", range: "1 to 5000", letters: &[] },
];

/// What one field of an expression may hold.
struct Field {
    name: &'static str,
    range: &'static str,
    letters: &'static [&'static str],
}

/// One cron expression.
pub(crate) struct Expression {
    text: String,
    pattern: croner::Cron,
    /// Places from the end of the month, of which a day has to have one: `5#-2` is -2 of any weekday in the pattern.
    places: Vec<(Weekday, i8)>,
}

impl Expression {
    /// Reads the five to seven fields of an expression, with single spaces between them.
    ///
    /// # Errors
    /// Names the field that was not understood.
    pub(crate) fn read(whole: &str) -> Result<Self, TimeError> {
        let fields: Vec<&str> = whole.split(' ').collect();
        if !(5..=7).contains(&fields.len()) {
            return Err(TimeError::new(whole, &format!("has {} fields of cron, not 5 to 7", fields.len()), HINT));
        }
        let skipped = usize::from(fields.len() == 5);
        for (field, kind) in fields.iter().zip(&FIELDS[skipped..]) {
            kind.check(field)?;
        }
        let (days, weekdays) = (fields[3 - skipped], fields[5 - skipped]);
        let (plain, places) = places(weekdays)?;
        if !places.is_empty() && !unrestricted(days) {
            return Err(TimeError::new(weekdays, "counts from the month's end beside a day", "write `*` for the day"));
        }
        let mut known = fields.clone();
        known[5 - skipped] = &plain;
        // As Vixie's cron, and Debian's, do it: a field that begins with a star restricts nothing by itself.
        let both = unrestricted(days) || unrestricted(weekdays);
        let parser = CronParser::builder().dom_and_dow(both).build();
        let pattern = parser.parse(&known.join(" ")).map_err(|_| bad_field(&fields, skipped, whole))?;
        let expression = Self { text: whole.to_owned(), pattern, places };
        let every_year = fields.len() < 7 || fields[6] == "*";
        let fires = if every_year { expression.has_day() } else { expression.from(EPOCH).is_some() };
        if !fires {
            let hint = "one of its fields names a day that no month or year has, like 31 in February";
            return Err(TimeError::new(whole, "never fires", hint));
        }
        Ok(expression)
    }

    /// Returns the fields as they were written: second, minute, hour, day, month, weekday, and the year if there is one.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = self.text.split(' ').collect();
        if fields.len() == 5 {
            fields.insert(0, "0");
        }
        fields
    }

    /// Returns whether the second, the minute or the hour has a `*` or a step.
    pub(crate) fn runs(&self) -> bool {
        self.fields()[..3].iter().any(|field| runs(field))
    }

    /// Returns the first local time it matches after another.
    pub(crate) fn after(&self, local: DateTime) -> Option<DateTime> {
        let first = self.pattern.find_next_occurrence(&local, false).ok()?;
        self.at_its_place(first, |day| {
            self.pattern.find_next_occurrence(&day.tomorrow().ok()?.at(0, 0, 0, 0), true).ok()
        })
    }

    /// Returns the first local time it matches, from another on.
    pub(crate) fn from(&self, local: DateTime) -> Option<DateTime> {
        let first = self.pattern.find_next_occurrence(&local, true).ok()?;
        self.at_its_place(first, |day| {
            self.pattern.find_next_occurrence(&day.tomorrow().ok()?.at(0, 0, 0, 0), true).ok()
        })
    }

    /// Returns the last local time it matches, up to another.
    pub(crate) fn up_to(&self, local: DateTime) -> Option<DateTime> {
        let last = self.pattern.find_previous_occurrence(&local, true).ok()?;
        self.at_its_place(last, |day| {
            self.pattern.find_previous_occurrence(&day.yesterday().ok()?.at(23, 59, 59, 0), true).ok()
        })
    }

    /// Returns the first of the times that follow one another whose day is where in the month it has to be.
    fn at_its_place(&self, first: DateTime, next: impl Fn(Date) -> Option<DateTime>) -> Option<DateTime> {
        let times = std::iter::successors(Some(first), |found| next(found.date()));
        { times }.take(TRIED).find(|found| self.has_place(found.date()))
    }

    fn has_place(&self, day: Date) -> bool {
        self.places.is_empty()
            || self.places.iter().any(|&(weekday, place)| {
                weekday_of(day) == weekday
                    && day.nth_weekday_of_month(place, day.weekday()).is_ok_and(|found| found == day)
            })
    }

    /// Returns whether some day matches. The library would search to the year 5000; days and weekdays of leap years have
    /// all come by after 40 years.
    fn has_day(&self) -> bool {
        let pattern = &self.pattern.pattern;
        let mut days = EPOCH.date().series(Span::new().days(1)).take_while(|day| day.year() < 2011);
        days.any(|day| {
            let (year, month, number) = (i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs());
            pattern.month_match(month.into()).unwrap_or(false)
                && pattern.day_match(year, month.into(), number.into(), weekday_of(day)).unwrap_or(false)
                && self.has_place(day)
        })
    }
}

impl Field {
    /// Refuses what the library would take: letters where they mean nothing, and empty list items.
    fn check(&self, field: &str) -> Result<(), TimeError> {
        let words = field.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        let mut unknown = words.filter(|word| !self.letters.iter().any(|known| known.eq_ignore_ascii_case(word)));
        let mut items = field.split(',');
        if items.clone().any(|item| item.eq_ignore_ascii_case("L")) && self.name == "weekday" {
            let hint = "the last friday of the month is `5L`; its last day is `L` in the field of the day: `0 0 L * *`";
            return Err(TimeError::new(field, "names no weekday", hint));
        }
        if unknown.next().is_some() || items.any(str::is_empty) || field.contains('+') {
            return Err(self.refused(field));
        }
        Ok(())
    }

    fn refused(&self, field: &str) -> TimeError {
        let from =
            field.split(',').find_map(|item| item.split_once('/').filter(|(from, _)| from.parse::<u8>().is_ok()));
        let hint = match from.zip(self.last()) {
            Some(((from, step), last)) => format!("write `{from}-{last}/{step}` to begin at {from}, or `*/{step}`"),
            None => {
                format!("the {} is {}; `*`, lists `1,2`, ranges `1-5` and steps `*/5` too", self.name, self.range)
            }
        };
        TimeError::new(field, &format!("is not a valid {} of cron", self.name), hint)
    }

    /// Returns the last number of a field that begins anew.
    fn last(&self) -> Option<u8> {
        match self.name {
            "second" | "minute" => Some(59),
            "hour" => Some(23),
            "day" => Some(31),
            "month" => Some(12),
            "weekday" => Some(6),
            _ => None,
        }
    }
}

/// Returns whether a field of days restricts nothing by itself.
pub(crate) fn unrestricted(field: &str) -> bool {
    field.starts_with(['*', '?'])
}

/// Returns whether a field has a `*` or a step.
pub(crate) fn runs(field: &str) -> bool {
    field.contains(['*', '/'])
}

fn weekday_of(day: Date) -> Weekday {
    Weekday::from_days_from_sunday(day.weekday().to_sunday_zero_offset().unsigned_abs().into())
}

/// Takes `5#-2` apart: the weekdays for the library, and their places from the month's end.
fn places(field: &str) -> Result<(String, Vec<(Weekday, i8)>), TimeError> {
    if !field.contains("#-") {
        return Ok((field.to_owned(), Vec::new()));
    }
    let refused = || FIELDS[5].refused(field);
    let (mut plain, mut places) = (Vec::new(), Vec::new());
    for item in field.split(',') {
        let (weekday, place) = item.split_once("#-").ok_or_else(refused)?;
        let place: i8 = place.parse().ok().filter(|place| (1..=5).contains(place)).ok_or_else(refused)?;
        let number = match crate::time::words::weekday(weekday) {
            Some(named) if weekday.len() == 3 => named.to_sunday_zero_offset().unsigned_abs(),
            _ => weekday.parse::<u8>().ok().filter(|number| *number <= 7).ok_or_else(refused)? % 7,
        };
        plain.push(number.to_string());
        places.push((Weekday::from_days_from_sunday(number.into()), -place));
    }
    Ok((plain.join(","), places))
}

/// Returns the error that names the first field the library does not take.
fn bad_field(fields: &[&str], skipped: usize, text: &str) -> TimeError {
    let wrong = (0..fields.len()).find(|&at| {
        let mut alone = vec!["*"; fields.len()];
        alone[at] = fields[at];
        CronParser::new().parse(&alone.join(" ")).is_err()
    });
    match wrong {
        Some(at) => FIELDS[skipped + at].refused(fields[at]),
        None => TimeError::new(text, "is not a cron expression", HINT),
    }
}
