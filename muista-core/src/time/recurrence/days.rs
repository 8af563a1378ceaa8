//! Days that cron matches, as words build them up: several fields together, one in so many weeks, all but some weekdays.
//! Leaves out times of day: see `grammar`.

use jiff::civil::{Time, Weekday};

use super::step::{Step, Stretch};
use crate::time::{Duration, length, units::Unit};

/// Days by three fields of cron: day, month, weekday. There may be several such, each of which matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Days {
    fields: Vec<[String; 3]>,
    step: Option<Step>,
}

impl Days {
    /// Returns the days that these fields match.
    pub(crate) fn new(day: impl ToString, month: impl ToString, weekday: impl ToString) -> Self {
        Self { fields: vec![[day.to_string(), month.to_string(), weekday.to_string()]], step: None }
    }

    /// Returns every day.
    pub(crate) fn every() -> Self {
        Self::new('*', '*', '*')
    }

    /// Returns these weekdays of each week.
    pub(crate) fn weekdays(weekdays: &[Weekday]) -> Self {
        let numbers: Vec<String> = weekdays.iter().map(|weekday| number(*weekday)).collect();
        Self::new('*', '*', numbers.join(","))
    }

    /// Returns one in so many of them.
    pub(crate) fn stepped(self, step: Option<Step>) -> Self {
        Self { step, ..self }
    }

    /// Returns what it is one in so many of, if it is.
    pub(crate) fn step(&self) -> Option<Step> {
        self.step
    }

    /// Returns these days and those. What differs in the month or in the day alone is one expression.
    pub(crate) fn and(mut self, other: Self) -> Self {
        for [day, month, weekday] in other.fields {
            let alike = self.fields.iter_mut().find_map(|[of_day, of_month, of_weekday]| {
                let apart = (*of_day != day, *of_month != month, *of_weekday != weekday);
                match apart {
                    (false, true, false) => Some((of_month, &month)),
                    (true, false, false) => Some((of_day, &day)),
                    _ => None,
                }
            });
            match alike {
                Some((field, more)) if more != "*" && field != "*" => *field = format!("{field},{more}"),
                _ => self.fields.push([day, month, weekday]),
            }
        }
        self
    }

    /// Returns whether each is of a month that is named.
    pub(crate) fn are_dated(&self) -> bool {
        self.fields.iter().all(|[_, month, _]| month != "*")
    }

    /// Returns them without those weekdays; `None` where they are not said by weekdays, or none is left.
    pub(crate) fn except(&self, weekdays: &[Weekday]) -> Option<Self> {
        let left: Vec<Weekday> =
            self.weekday_set()?.into_iter().filter(|weekday| !weekdays.contains(weekday)).collect();
        (!left.is_empty()).then(|| Self::weekdays(&left))
    }

    /// Returns these days at a distance of so many weeks, months or years, whichever they are days of: `every 2 weeks on
    /// mon, thu`. `None` where they are not of what the distance is counted in.
    pub(crate) fn at_distance(self, length: Duration) -> Option<Self> {
        let mut stretches = self.fields.iter().map(|[day, month, weekday]| {
            match (day.as_str(), month.as_str(), weekday.contains(['#', 'L'])) {
                ("*", "*", false) => Stretch::Week,
                (_, "*", _) => Stretch::Month,
                _ => Stretch::Year,
            }
        });
        let stretch = stretches.next()?;
        if stretches.any(|other| other != stretch) || self.step.is_some() {
            return None;
        }
        let (amount, unit) = match stretch {
            Stretch::Day => (length.days(), Unit::Day),
            Stretch::Week => (length.days() / 7, Unit::Week),
            Stretch::Month => (length.months(), Unit::Month),
            Stretch::Year => (length.months() / 12, Unit::Year),
        };
        if length::of(amount, unit) != Some(length) {
            return None;
        }
        let step = if amount == 1 { None } else { Some(Step::new(amount, stretch)?) };
        Some(self.stepped(step))
    }

    /// Returns the weekdays that they are, if they are said by weekdays alone.
    pub(crate) fn weekday_set(&self) -> Option<Vec<Weekday>> {
        let [[day, month, weekday]] = self.fields.as_slice() else { return None };
        if (day.as_str(), month.as_str(), self.step) == ("*", "*", None) { set_of(weekday) } else { None }
    }

    /// Returns the only weekday that they are, if they are.
    pub(crate) fn one_weekday(&self) -> Option<Weekday> {
        let [[day, month, weekday]] = self.fields.as_slice() else { return None };
        let one = weekday.parse().ok().and_then(|number| Weekday::from_sunday_zero_offset(number).ok());
        one.filter(|_| (day.as_str(), month.as_str()) == ("*", "*"))
    }

    /// Returns the cron that fires on these days at these times.
    pub(crate) fn at(&self, times: &[Time]) -> String {
        let mut clocks: Vec<(String, String)> = Vec::new();
        for time in times {
            let past = format!("{} {}", time.second(), time.minute());
            match clocks.iter_mut().find(|(minutes, _)| *minutes == past) {
                Some((_, hours)) => *hours = format!("{hours},{}", time.hour()),
                None => clocks.push((past, time.hour().to_string())),
            }
        }
        let all = clocks.iter().flat_map(|(past, hours)| {
            self.fields.iter().map(move |fields| format!("{past} {hours} {}", fields.join(" ")))
        });
        let text = all.collect::<Vec<_>>().join(" | ");
        self.step.map_or(text.clone(), |step| format!("{text} {step}"))
    }
}

/// Returns a weekday in cron: Sunday is 0.
pub(crate) fn number(weekday: Weekday) -> String {
    weekday.to_sunday_zero_offset().to_string()
}

/// Returns the weekdays of a field of plain numbers and ranges, from Monday on.
pub(crate) fn set_of(field: &str) -> Option<Vec<Weekday>> {
    const WEEK: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];
    if matches!(field, "*" | "?") {
        return Some(WEEK.to_vec());
    }
    let mut numbers = Vec::new();
    for item in field.split(',') {
        let (from, to) = item.split_once('-').unwrap_or((item, item));
        let (from, to) = (day_of_week(from)?, day_of_week(to)?);
        if from > to {
            return None;
        }
        numbers.extend(from..=to);
    }
    Some(WEEK.into_iter().filter(|weekday| numbers.iter().any(|n| n % 7 == weekday.to_sunday_zero_offset())).collect())
}

fn day_of_week(text: &str) -> Option<i8> {
    let named = || crate::time::words::weekday(text).filter(|_| text.len() == 3);
    let number = text.parse().ok().filter(|number| (0..=7).contains(number));
    number.or_else(|| named().map(Weekday::to_sunday_zero_offset))
}
