//! Words that set a task's field, as in `+home due:fri priority:high`: which field a word means, and how many of the words
//! after it belong to its value. What a value says is read by whoever asks: `add` by `quick_add`, `edit` by `edit_words`.

use muista_core::error::{Error, Result};
use muista_core::model::{Field as OwnField, FieldKind, FieldName, fold};

use super::planning::PlanningField;

/// A field that a word can set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Due,
    Every,
    Remind,
    Project,
    Priority,
    Category,
    /// One tag, by its sign.
    Tag,
    /// Tags with commas between them, by their key.
    Tags,
    Parent,
    Depends,
    Note,
    Description,
    /// When it is worked on.
    Planning(PlanningField),
    /// The own field at this place among the account's.
    Own(usize),
}

impl Field {
    /// Returns whether the words after a value may belong to it.
    fn goes_on(self) -> bool {
        match self {
            Self::Due | Self::Every | Self::Remind => true,
            Self::Planning(field) => field.goes_on(),
            _ => false,
        }
    }
}

/// Returns all keys.
fn keys() -> impl Iterator<Item = (&'static str, Field)> {
    KEYS.iter().copied().chain(PlanningField::ALL.into_iter().map(|field| (field.name(), Field::Planning(field))))
}

/// The keys, as they are written before a colon, but for the names of what says when a task is worked on.
const KEYS: &[(&str, Field)] = &[
    ("due", Field::Due),
    ("project", Field::Project),
    ("priority", Field::Priority),
    ("pri", Field::Priority),
    ("p", Field::Priority),
    ("category", Field::Category),
    ("cat", Field::Category),
    ("tag", Field::Tags),
    ("tags", Field::Tags),
    ("parent", Field::Parent),
    ("depends", Field::Depends),
    ("remind", Field::Remind),
    ("every", Field::Every),
    ("recur", Field::Every),
    ("note", Field::Note),
    ("description", Field::Description),
    ("wait", Field::Planning(PlanningField::Start)),
    ("scheduled", Field::Planning(PlanningField::Start)),
];

/// The signs that stand before a value.
const SIGNS: &[(char, Field)] = &[('+', Field::Tag), ('@', Field::Category), ('!', Field::Priority)];

/// Keys that people know from elsewhere, and what Muista has instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("until", "tasks do not expire; end a recurrence with every:\"day until june\""),
    ("assignee", "Muista cannot assign tasks; share a project with `muista project share`"),
];

/// As many of the words that follow may belong to a value.
const FOLLOWERS: usize = 12;

/// What a word is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word<'a> {
    /// It sets a field; the value may be empty.
    Sets(Field, &'a str),
    /// It looks as if it set a field, but no field is called so: why, and what to write.
    Unknown(String),
    /// It is a part of a text.
    Text,
}

impl Word<'_> {
    /// Tells what `word` is; `quoted` says whether its value stood in quotation marks, where a tag may be anything.
    fn of<'a>(word: &'a str, quoted: bool, own: &[OwnField]) -> Word<'a> {
        match word.strip_prefix('+') {
            Some(tag) if quoted => Word::Sets(Field::Tag, tag),
            _ => Word::read(word, own),
        }
    }

    /// Tells what `word` is to an account with these `own` fields. `+1`, `!`, `9:00` and `http://x` are text.
    pub(crate) fn read<'a>(word: &'a str, own: &[OwnField]) -> Word<'a> {
        for (sign, field) in SIGNS {
            if let Some(value) = word.strip_prefix(*sign) {
                let named = value.starts_with(|c: char| c.is_alphabetic() || c == '_');
                return if named { Word::Sets(*field, value) } else { Word::Text };
            }
        }
        let Some((key, value)) = word.split_once(':') else { return Word::Text };
        // An address has its colon before two slashes.
        if value.starts_with("//") {
            return Word::Text;
        }
        if let Some(place) = own.iter().position(|field| fold(&field.name) == fold(key)) {
            return Word::Sets(Field::Own(place), value);
        }
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Word::Text;
        }
        let key = key.to_ascii_lowercase();
        if let Some((_, field)) = keys().find(|(name, _)| *name == key) {
            return Word::Sets(field, value);
        }
        if value.is_empty() {
            return Word::Text;
        }
        if let Some((_, instead)) = ELSEWHERE.iter().find(|(name, _)| *name == key) {
            return Word::Unknown((*instead).to_owned());
        }
        match keys().find(|(name, _)| is_near(&key, name)) {
            Some((name, _)) => Word::Unknown(format!("“{key}” is not a field; did you mean {name}:?")),
            None => Word::Text,
        }
    }
}

/// Returns whether `key` was probably meant to be `name`: a letter too many or too few, two exchanged, or its beginning.
/// Of a short name another letter makes another word, as in `tax:2026`.
fn is_near(key: &str, name: &str) -> bool {
    if !(3..=20).contains(&key.len()) || name.len() < 3 {
        return false;
    }
    let sorted = |text: &str| {
        let mut letters = text.as_bytes().to_vec();
        letters.sort_unstable();
        letters
    };
    let slip = strsim::osa_distance(key, name) == 1
        && (name.len() > 4 || key.len() != name.len() || sorted(key) == sorted(name));
    slip || key.len() >= 4 && name.starts_with(key)
}

/// A piece of the arguments: a word, or an argument that is taken as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Which argument it is of.
    argument: usize,
    /// As it was written.
    text: String,
    /// Without the quotes around its value.
    word: String,
    /// Whether its value was quoted, so that nothing after it belongs to it.
    closed: bool,
}

/// What remains of arguments whose words were read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Rest {
    /// The text that set no field, in the arguments' order.
    pub(crate) texts: Vec<String>,
    /// The words that looked as if they set a field but could not be used, each with the reason.
    pub(crate) misread: Vec<(String, Error)>,
}

/// What the arguments are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// A title and words in it. A key without a value, as in `project:`, is text; of several arguments, one that is a name
    /// with its key is taken whole.
    Title,
    /// A title and words in it, all taken apart at their blanks.
    TitleApart,
    /// Changes, without any text. A key without a value empties its field.
    Changes,
}

impl Arguments {
    /// Returns whether an argument that begins with the key of a name, or of a remark, is that name with its blanks.
    fn may_be_whole(self, arguments: usize) -> bool {
        match self {
            Self::Title => arguments > 1,
            Self::TitleApart => false,
            Self::Changes => true,
        }
    }
}

/// Reads the words of `arguments`. `take` is handed a field and a value for it; where it refuses, fewer of the words that
/// follow are tried as its value, and in the end the word is a part of the text.
pub(crate) fn read(
    arguments: &[String],
    kind: Arguments,
    own: &[OwnField],
    mut take: impl FnMut(Field, &str) -> Result<()>,
) -> Rest {
    let pieces = pieces(arguments, kind, own);
    let mut rest = Rest::default();
    let (mut of_last, mut at) = (None, 0);
    while let Some(piece) = pieces.get(at) {
        let refused = match Word::of(&piece.word, piece.closed, own) {
            Word::Text => None,
            Word::Sets(_, value) if value.trim().is_empty() && kind != Arguments::Changes => None,
            Word::Unknown(why) => Some(Error::invalid("title", why)),
            Word::Sets(field, value) => {
                match take_longest(&pieces[at + 1..], piece.closed, (field, value), own, &mut take) {
                    Ok(followers) => {
                        at += 1 + followers;
                        continue;
                    }
                    Err(error) => Some(error),
                }
            }
        };
        rest.misread.extend(refused.map(|error| (piece.text.clone(), error)));
        match rest.texts.last_mut().filter(|_| of_last == Some(piece.argument)) {
            Some(text) => *text = format!("{text} {}", piece.text),
            None => rest.texts.push(piece.text.clone()),
        }
        of_last = Some(piece.argument);
        at += 1;
    }
    rest.texts.retain(|text| !text.trim().is_empty());
    rest
}

/// Hands `take` the value with as many of the words after it as can be read with it; returns how many those are.
fn take_longest(
    after: &[Piece],
    closed: bool,
    (field, value): (Field, &str),
    own: &[OwnField],
    take: &mut impl FnMut(Field, &str) -> Result<()>,
) -> Result<usize> {
    let goes_on = field.goes_on() && !closed && !value.is_empty();
    let followers = match goes_on {
        true => after
            .iter()
            .take(FOLLOWERS)
            .take_while(|piece| Word::of(&piece.word, piece.closed, own) == Word::Text)
            .count(),
        false => 0,
    };
    for count in (1..=followers).rev() {
        let words: Vec<&str> = after[..count].iter().map(|piece| piece.text.as_str()).collect();
        if take(field, &format!("{value} {}", words.join(" "))).is_ok() {
            return Ok(count);
        }
    }
    // An end that cannot be read is not left behind: the task would repeat for ever.
    if field == Field::Every && after.first().is_some_and(|piece| piece.text.eq_ignore_ascii_case("until")) {
        let words: Vec<&str> = after[..followers.min(2)].iter().map(|piece| piece.text.as_str()).collect();
        return take(field, &format!("{value} {}", words.join(" "))).map(|()| words.len());
    }
    // A comma behind it goes on with the sentence, as in `Call project:home, then write`.
    let value = if closed { value } else { value.trim_end_matches([',', ';']) };
    take(field, value).map(|()| 0)
}

/// Returns the pieces of the arguments. One without a word that sets something stays whole, spaces and all; so may one that
/// is a name or a remark with its key, as the shell hands over `project:"My house"` and `+"two words"`.
fn pieces(arguments: &[String], kind: Arguments, own: &[OwnField]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (argument, text) in arguments.iter().enumerate() {
        let words = words(text);
        let sets = |(_, word, closed): &(String, String, bool)| Word::of(word, *closed, own) != Word::Text;
        let is_text = !words.iter().any(sets);
        let is_whole = kind.may_be_whole(arguments.len())
            && words.first().is_some_and(|(_, word, closed)| !closed && is_long(word, own))
            && !words.iter().skip(1).any(sets);
        if is_text || is_whole {
            pieces.push(Piece { argument, text: text.clone(), word: text.trim().to_owned(), closed: is_whole });
            continue;
        }
        let piece = |(text, word, closed)| Piece { argument, text, word, closed };
        pieces.extend(words.into_iter().map(piece));
    }
    pieces
}

/// Returns whether a word begins a value that may be several words by itself.
fn is_long(word: &str, own: &[OwnField]) -> bool {
    let long = [Field::Project, Field::Note, Field::Description, Field::Tag, Field::Tags];
    let is_long = |field| long.contains(&field) || is_own_text(field, own);
    matches!(Word::read(word, own), Word::Sets(field, value) if is_long(field) && !value.is_empty())
}

/// Returns whether a word sets an own field that is text.
fn is_own_text(field: Field, own: &[OwnField]) -> bool {
    matches!(field, Field::Own(place) if own.get(place).is_some_and(|field| field.kind == FieldKind::Text))
}

/// Returns whether a word may set an own field: it has a key before a colon that is none which every account knows.
pub(crate) fn may_name_fields(arguments: &[String]) -> bool {
    arguments.iter().flat_map(|argument| argument.split_whitespace()).any(|word| {
        word.split_once(':').is_some_and(|(key, value)| !value.starts_with("//") && FieldName::parse(key).is_ok())
    })
}

/// Takes a text apart at its spaces, but not within quotes that begin a value, as in `due:"fri 9:00"` and `+"two words"`. Returns each word
/// as it was written, without such quotes, and whether it had any.
fn words(text: &str) -> Vec<(String, String, bool)> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let sign = if rest.starts_with('+') { Some(0) } else { rest[..end].find(':') };
        let quoted = sign.and_then(|sign| quoted(rest, sign));
        let length = quoted.map_or(end, |(_, _, length)| length);
        let word = match quoted {
            Some((key, value, _)) => format!("{key}{value}"),
            None => rest[..end].to_owned(),
        };
        words.push((rest[..length].to_owned(), word, quoted.is_some()));
        rest = rest[length..].trim_start();
    }
    words
}

/// Returns the key with its colon, or the sign, the quoted value after it, and how long both are with the quotes, where `text`
/// begins so.
fn quoted(text: &str, colon: usize) -> Option<(&str, &str, usize)> {
    let (key, value) = text.split_at(colon + 1);
    let mark = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let inner = &value[1..];
    let end = inner.find(mark)?;
    let after = inner[end + 1..].chars().next();
    let is_key = key[..colon].bytes().all(|byte| byte.is_ascii_alphabetic()) || FieldName::has_shape(&key[..colon]);
    let ends = after.is_none_or(char::is_whitespace);
    (is_key && ends).then(|| (key, &inner[..end], colon + 1 + end + 2))
}

#[cfg(test)]
mod tests {
    use muista_core::model::is_reserved;

    use super::*;

    #[test]
    fn a_word_is_known_by_its_sign_or_its_key() {
        for (word, field, value) in [
            ("+home", Field::Tag, "home"),
            ("@work", Field::Category, "work"),
            ("!high", Field::Priority, "high"),
            ("pri:H", Field::Priority, "H"),
            ("p:low", Field::Priority, "low"),
            ("cat:work", Field::Category, "work"),
            ("tags:a,b", Field::Tags, "a,b"),
            ("recur:weekly", Field::Every, "weekly"),
            ("Due:fri", Field::Due, "fri"),
            ("note:", Field::Note, ""),
        ] {
            assert_eq!(Word::read(word, &[]), Word::Sets(field, value), "{word}");
        }
    }

    #[test]
    fn no_field_can_be_called_as_a_key() {
        for key in keys().map(|(key, _)| key).chain(ELSEWHERE.iter().map(|(key, _)| *key)) {
            assert!(is_reserved(key), "{key}");
        }
    }

    #[test]
    fn a_near_miss_and_a_key_from_elsewhere_are_told() {
        for (word, told) in [
            ("deu:fri", "due:"),
            ("dues:fri", "due:"),
            ("proj:home", "project:"),
            ("projekt:home", "project:"),
            ("prio:high", "priority:"),
            ("pririty:high", "priority:"),
            ("desc:x", "description:"),
            ("until:fri", "every:"),
            ("deadlin:fri", "deadline:"),
            ("assignee:eva", "muista project share"),
        ] {
            let read = Word::read(word, &[]);
            assert!(matches!(&read, Word::Unknown(why) if why.contains(told)), "{word}: {read:?}");
        }
    }

    #[test]
    fn a_word_of_another_shape_is_text() {
        for word in [
            "http://x", "note://x", "9:00", "Re:hello", "tax:2026", "tel:123", "cc:eva", "pr:12", "C++", "+1", "!",
            "@", "a@b.fi", ":", "until:", "x:y", "std::fmt",
        ] {
            assert_eq!(Word::read(word, &[]), Word::Text, "{word}");
        }
    }

    #[test]
    fn words_are_taken_apart_at_spaces_but_not_in_quotes() {
        let shown = |text: &str| words(text).into_iter().map(|(_, word, _)| word).collect::<Vec<_>>();
        assert_eq!(shown(r#"Meet due:"fri 9:00" +x"#), ["Meet", "due:fri 9:00", "+x"]);
        assert_eq!(shown("note:'a b' c"), ["note:a b", "c"]);
        assert_eq!(shown(r#"x +"two words" +'@home' y"#), ["x", "+two words", "+@home", "y"]);
        assert_eq!(shown(r#"say due:"fri"#), ["say", r#"due:"fri"#]);
        assert_eq!(shown(r#"a "b c" d"#), ["a", r#""b"#, r#"c""#, "d"]);
    }
}
