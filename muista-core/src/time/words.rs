//! The names of days and months, and the nearest known word to a mistyped one. Units of length are
//! in `units`.

use jiff::civil::Weekday;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Words worth proposing besides the names of days and months.
const OTHERS: [&str; 14] = [
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "now",
    "morning",
    "noon",
    "evening",
    "midnight",
    "later",
    "someday",
    "next",
    "start",
    "none",
];

/// Longest text that the nearest-word search compares; longer ones are never near.
const LONGEST: usize = 48;

/// Lower case without allocating: at most 12 letters, the longest word any table knows; longer
/// gives "".
pub(crate) fn lower<'b>(word: &str, buffer: &'b mut [u8; 12]) -> &'b str {
    let Some(target) = buffer.get_mut(..word.len()) else {
        return "";
    };
    target.copy_from_slice(word.as_bytes());
    target.make_ascii_lowercase();
    std::str::from_utf8(target).unwrap_or_default()
}

/// A weekday by its name or the first three letters or more of it, in any case.
pub(crate) fn weekday(word: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, _)| abbreviates(word, name)).map(|&(_, day)| day)
}

/// A weekday as [`weekday`] reads it, also in the plural.
pub(crate) fn weekdays(word: &str) -> Option<Weekday> {
    weekday(word).or_else(|| weekday(word.strip_suffix(['s', 'S'])?))
}

/// A month's number, 1 to 12, by its name or the first three letters or more of it, in any case.
pub(crate) fn month(word: &str) -> Option<i8> {
    (1..).zip(MONTHS).find(|(_, name)| abbreviates(word, name)).map(|(number, _)| number)
}

/// The digits of a number in words, as far as lengths are spoken so, in any case.
pub(crate) fn number(word: &str) -> Option<&'static str> {
    let digits = match lower(word, &mut [0; 12]) {
        "a" | "an" | "one" => "1",
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "fifteen" => "15",
        "twenty" => "20",
        "thirty" => "30",
        "forty" => "40",
        "fifty" => "50",
        "sixty" => "60",
        "ninety" => "90",
        _ => return None,
    };
    Some(digits)
}

fn abbreviates(word: &str, name: &str) -> bool {
    word.len() >= 3 && name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// The known word that `word` most likely is a slip of the keys for.
pub(crate) fn nearest(word: &str) -> Option<&'static str> {
    let days = WEEKDAYS.iter().map(|&(name, _)| name);
    let known = OTHERS.into_iter().chain(days).chain(MONTHS);
    let (distance, near) = known.map(|name| (distance(word, name), name)).min()?;
    (word.len() >= 4 && distance <= word.len() / 3).then_some(near)
}

/// How many letters must be put in, taken out or changed to turn one text into the other
/// (Levenshtein), without regard to case. Texts too long to compare are infinitely far apart.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    if a.len() > LONGEST || b.len() > LONGEST {
        return usize::MAX;
    }
    let mut row: [usize; LONGEST + 1] = std::array::from_fn(|i| i);
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.bytes().enumerate() {
            let change = diagonal + usize::from(!left.eq_ignore_ascii_case(&right));
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
