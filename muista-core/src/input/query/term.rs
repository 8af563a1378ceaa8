//! One condition: a sign with a name (`+home`), a key with a value (`due:fri`, `priority>=medium`), or a text.

use super::keys::{Key, elsewhere, unknown_field};
use super::spans::{self, Comparison};
use super::token::{Word, between_slashes};
use crate::error::{Error, Result};
use crate::model::{
    Belonging, Condition, DueFilter, FieldComparison, FieldName, FieldTest, Priority, ProjectFilter, Query, QueryPlace,
    ReadIn, Status, TagName, TaskRef, ViewName, ViewUse, clip, fold, is_reserved, shown,
};
use crate::time::Context;

/// A key, how it is compared, and with what.
pub(super) struct Value<'a> {
    name: &'a str,
    comparison: Comparison,
    text: &'a str,
    is_quoted: bool,
    /// What stands behind a dot and is no way to compare.
    modifier: Option<&'a str>,
}

/// Taskwarrior's ways to say a comparison, behind a dot.
const MODIFIERS: &[(&str, Comparison)] = &[
    ("before", Comparison::Before),
    ("under", Comparison::Before),
    ("below", Comparison::Before),
    ("by", Comparison::Through),
    ("after", Comparison::After),
    ("over", Comparison::After),
    ("above", Comparison::After),
    ("is", Comparison::Is),
    ("equals", Comparison::Is),
    ("has", Comparison::Is),
    ("contains", Comparison::Is),
    ("not", Comparison::IsNot),
    ("isnt", Comparison::IsNot),
    ("hasnt", Comparison::IsNot),
    ("none", Comparison::None),
    ("any", Comparison::Any),
];

const OPERATORS: &[(&str, Comparison)] = &[
    ("!=", Comparison::IsNot),
    ("<=", Comparison::Through),
    (">=", Comparison::From),
    ("<", Comparison::Before),
    (">", Comparison::After),
    (":", Comparison::Is),
    ("=", Comparison::Is),
];

impl<'a> Value<'a> {
    /// Takes a word apart; none where it has no key.
    pub(super) fn of(word: &'a Word) -> Option<Self> {
        let (bare, text) = (word.bare(), word.text.as_str());
        let is_letter = |c: char| c.is_alphabetic() || c == '_';
        let name_end = bare.find(|c: char| !is_letter(c) && !c.is_numeric())?;
        let (name, rest) = bare.split_at(name_end);
        if !name.starts_with(is_letter) {
            return None;
        }
        let (modifier, rest) = match rest.strip_prefix('.') {
            Some(behind) => {
                let end = behind.find(|c| !is_letter(c))?;
                (Some(behind.get(..end)?), behind.get(end..)?)
            }
            None => (None, rest),
        };
        let (sign, comparison) = OPERATORS.iter().find(|(sign, _)| rest.starts_with(sign))?;
        let value = text.get(bare.len() - rest.len() + sign.len()..)?;
        // An address on the Web is text.
        if *sign == ":" && value.starts_with("//") {
            return None;
        }
        let named = |modifier: &str| MODIFIERS.iter().find(|(name, _)| modifier.eq_ignore_ascii_case(name));
        let known = modifier.and_then(named).map(|(_, comparison)| *comparison);
        let unknown = modifier.filter(|_| known.is_none());
        // A name with a dot is text, unless it begins with a key.
        if unknown.is_some() && Key::of(name).is_none() {
            return None;
        }
        let comparison = known.unwrap_or(*comparison);
        Some(Self { name, comparison, text: value, is_quoted: word.quoted.is_some(), modifier: unknown })
    }

    /// Returns whether words behind it may belong to it.
    pub(super) fn may_go_on(&self) -> bool {
        !self.is_quoted && !self.text.is_empty() && Key::of(self.name).is_some_and(Key::is_time)
    }
}

/// Returns whether a word is a condition on the own field of that name.
pub(super) fn names_field(word: &str, name: &str) -> bool {
    let word = Word { text: word.to_owned(), quoted: None };
    Value::of(&word).is_some_and(|value| Key::of(value.name).is_none() && fold(value.name) == fold(name))
}

/// Returns whether a word looks like more than text.
pub(super) fn has_shape(word: &str) -> bool {
    let mut letters = word.chars();
    let signed = letters.next().is_some_and(|c| matches!(c, '+' | '-' | '@' | '!')) && letters.next().is_some();
    signed || names_view(word) || Value::of(&Word { text: word.to_owned(), quoted: None }).is_some()
}

/// Returns whether a word names a view, as `:work`; `:-)` does not.
fn names_view(word: &str) -> bool {
    word.strip_prefix(':').is_some_and(|name| name.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// Returns whether an argument with blanks is one condition: a key with its value, or a tag, as the shell hands over
/// `+"two words"`.
pub(super) fn is_whole(word: &Word, context: &Context) -> bool {
    let tag = word.text.trim_start_matches(['-', '+']);
    let first = tag.split_whitespace().next().unwrap_or_default();
    let state = word.text.starts_with(['+', '-']) && spans::virtual_tag(first, context).is_some();
    !state && read(word, context).is_ok()
}

/// Reads one condition.
///
/// # Errors
/// `Invalid`, of the field that the value is of.
pub(super) fn read(word: &Word, context: &Context) -> Result<Query> {
    let text = word.text.as_str();
    if word.quoted == Some(0) {
        if text.trim().is_empty() {
            return Err(lacking(Key::Text));
        }
        return Ok(Query::Is(Condition::Text(text.to_owned())));
    }
    let rest = |signs: usize| text.get(signs..).filter(|rest| !rest.is_empty());
    match (text.chars().next(), rest(1)) {
        (Some('+'), Some(tag)) => match spans::virtual_tag(tag, context) {
            Some(query) if word.quoted.is_none() => Ok(query),
            _ => tags(tag),
        },
        (Some('+'), None) => tags(""),
        (Some('-'), Some(inner)) => {
            let inner = Word { text: inner.to_owned(), quoted: word.quoted.map(|at| at.saturating_sub(1)) };
            let is_more = inner.quoted == Some(0) || has_shape(&inner.text);
            let query = match spans::virtual_tag(&inner.text, context) {
                _ if is_more => read(&inner, context)?,
                Some(query) => query,
                None => tags(&inner.text)?,
            };
            Ok(query.negated())
        }
        (Some(':'), Some(name)) if names_view(text) => {
            let name = ViewName::parse(name)?;
            let timezone = context.zone_name();
            Ok(Query::Is(Condition::View(ViewUse { name, now: context.now, timezone })))
        }
        (Some('@'), Some(name)) => Ok(Query::Is(Condition::Categories(list(name)?))),
        (Some('!'), Some(name)) => Ok(Query::Is(Condition::Priorities(list(name)?))),
        _ => match Value::of(word) {
            Some(value) => compared(&value, context),
            None => Ok(Query::Is(Condition::Text(between_slashes(text).unwrap_or(text).to_owned()))),
        },
    }
}

fn compared(value: &Value<'_>, context: &Context) -> Result<Query> {
    let Some(key) = Key::of(value.name) else { return of_field(value, context) };
    let is_empty = value.text.trim().is_empty();
    // A variable of a script that is empty, perhaps: it is no wish for all tasks.
    if is_empty && value.is_quoted {
        return Err(lacking(key));
    }
    if let Some(modifier) = value.modifier {
        let message = format!("{} cannot be compared by “{}”", key.name(), shown(&clip(modifier)));
        return Err(Error::invalid(key.name(), message).hint("choose one of before, after, by, is, not, any, none"));
    }
    // As Taskwarrior writes what has none.
    match value.comparison {
        Comparison::None => none(key),
        Comparison::Any => Ok(none(key)?.negated()),
        Comparison::Is if is_empty => none(key),
        Comparison::IsNot if is_empty => Ok(none(key)?.negated()),
        Comparison::Is => is(key, value.text, context),
        Comparison::IsNot => Ok(is(key, value.text, context)?.negated()),
        _ if is_empty => Err(lacking(key)),
        comparison => ordered(key, comparison, value.text, context),
    }
}

/// Reads a condition on an own field. Whether there is one of that name, and what its values are, the service knows.
fn of_field(value: &Value<'_>, context: &Context) -> Result<Query> {
    let name = value.name.to_owned();
    if let Some(error) = elsewhere(&name) {
        return Err(error);
    }
    if is_reserved(&fold(&name)) || !FieldName::has_shape(&name) {
        return Err(unknown_field(&name, std::iter::empty()));
    }
    let text = value.text.trim();
    let is_empty = text.is_empty();
    if is_empty && (value.is_quoted || value.comparison.is_order()) {
        let message = format!("{name} has no value");
        return Err(Error::invalid("q", message).hint(format!("write one behind it, as in {name}:3 or {name}:none")));
    }
    let (comparison, negated) = match value.comparison {
        Comparison::Is if is_empty || text.eq_ignore_ascii_case("none") => (FieldComparison::Any, true),
        Comparison::IsNot if is_empty || text.eq_ignore_ascii_case("none") => (FieldComparison::Any, false),
        Comparison::Is if text.eq_ignore_ascii_case("any") => (FieldComparison::Any, false),
        Comparison::IsNot if text.eq_ignore_ascii_case("any") => (FieldComparison::Any, true),
        Comparison::Is => (FieldComparison::Is, false),
        Comparison::IsNot => (FieldComparison::Is, true),
        Comparison::Before => (FieldComparison::Below, false),
        Comparison::Through => (FieldComparison::AtMost, false),
        Comparison::After => (FieldComparison::Above, false),
        Comparison::From => (FieldComparison::AtLeast, false),
        Comparison::None => (FieldComparison::Any, true),
        Comparison::Any => (FieldComparison::Any, false),
    };
    let text = if comparison == FieldComparison::Any { String::new() } else { text.to_owned() };
    let query = Query::Is(Condition::Field(FieldTest {
        name,
        comparison,
        text,
        read_in: ReadIn::of(context),
        place: QueryPlace::default(),
    }));
    Ok(if negated { query.negated() } else { query })
}

fn is(key: Key, text: &str, context: &Context) -> Result<Query> {
    let words = text.trim().to_ascii_lowercase();
    let condition = match key {
        _ if words == "none" && can_lack(key) => return none(key),
        _ if words == "any" && can_lack(key) => return Ok(none(key)?.negated()),
        Key::Priority => Condition::Priorities(list(text)?),
        Key::Category => Condition::Categories(list(text)?),
        Key::Project => Condition::Projects(each(text).map(str::parse::<ProjectFilter>).collect::<Result<_>>()?),
        Key::Tag => return tags(text),
        Key::Parent => Condition::Parents(list::<TaskRef>(text)?),
        Key::Status => {
            let each = list::<Status>(text)?.into_iter().map(|status| Query::Is(Condition::Status(status)));
            return Ok(any(each.collect()));
        }
        Key::Is => return one_of(text, |state| spans::state(state, context), "is", &spans::states()),
        Key::Has => return one_of(text, belonging, "has", &belongings()),
        Key::Text => Condition::Text(text.to_owned()),
        Key::Estimate => return spans::estimates(text),
        Key::Number => return spans::numbers(text),
        Key::Date(_) | Key::Created | Key::Updated | Key::Completed => {
            return spans::any_of(key, text, context);
        }
    };
    Ok(Query::Is(condition))
}

/// Reads a list of words of which any may hold.
fn one_of(text: &str, find: impl Fn(&str) -> Option<Query>, name: &str, all: &[impl AsRef<str>]) -> Result<Query> {
    let read = |word: &str| {
        find(&word.to_ascii_lowercase()).ok_or_else(|| {
            let message = format!("there is no condition “{name}:{}”", shown(&clip(word)));
            let all: Vec<&str> = all.iter().map(AsRef::as_ref).collect();
            Error::invalid("q", message).hint(format!("choose one of {}", all.join(", ")))
        })
    };
    each(text).map(read).collect::<Result<Vec<_>>>().map(any)
}

/// Returns the query that any of these hold.
pub(super) fn any(mut queries: Vec<Query>) -> Query {
    if queries.len() == 1 { queries.remove(0) } else { Query::Any(queries) }
}

fn belongings() -> Vec<String> {
    Belonging::all().filter_map(|belonging| belonging.words().strip_prefix("has:").map(str::to_owned)).collect()
}

fn belonging(word: &str) -> Option<Query> {
    let alone = word.strip_suffix('s').unwrap_or(word);
    let alone = match alone {
        "script" => "job",
        "annotation" => "comment",
        "file" => "attachment",
        other => other,
    };
    let named =
        |words: &str| words.strip_prefix("has:").map(|name| name.strip_suffix('s').unwrap_or(name)) == Some(alone);
    Belonging::all().find(|belonging| named(&belonging.words())).map(|belonging| Query::Is(Condition::Has(belonging)))
}

/// Whether tasks may have no value of a key.
fn can_lack(key: Key) -> bool {
    matches!(key, Key::Date(_) | Key::Estimate | Key::Completed | Key::Project | Key::Tag | Key::Parent)
}

/// Returns the query for tasks that have no value of a key.
fn none(key: Key) -> Result<Query> {
    let has = |belonging| Ok(Query::Is(Condition::Has(belonging)).negated());
    match key {
        Key::Date(field) => Ok(Query::Is(Condition::date(field, DueFilter::Unset))),
        Key::Estimate => has(Belonging::Estimate),
        Key::Completed => Ok(Query::Is(Condition::Status(Status::Done)).negated()),
        Key::Project => Ok(Query::Is(Condition::Projects(vec![ProjectFilter::None]))),
        Key::Tag => has(Belonging::Tag),
        Key::Parent => has(Belonging::Parent),
        _ => Err(lacking(key)),
    }
}

fn lacking(key: Key) -> Error {
    let name = key.name();
    let example = match key {
        Key::Priority => "priority:high",
        Key::Category => "category:work",
        Key::Status => "status:done",
        Key::Is => "is:overdue",
        Key::Has => "has:note",
        Key::Text => "text:cat",
        Key::Number => "number:7",
        Key::Estimate => "estimate<30min",
        Key::Created | Key::Updated => "created:today",
        _ => "due:today",
    };
    Error::invalid(name, format!("{name} has no value")).hint(format!("write one behind it, as in {example}"))
}

fn ordered(key: Key, comparison: Comparison, text: &str, context: &Context) -> Result<Query> {
    match key {
        Key::Priority => {
            let than: Priority = text.parse()?;
            let all = Priority::ALL.iter().copied().filter(|priority| comparison.holds(priority.cmp(&than)));
            // By itself: what follows is not one more of the same list.
            Ok(Query::All(vec![Query::Is(Condition::Priorities(all.collect()))]))
        }
        Key::Number => spans::beyond(comparison, text),
        Key::Estimate => spans::estimate_beyond(comparison, text),
        key if key.is_time() => spans::ordered(key, comparison, text, context),
        key => {
            let message = format!("{} has no order to compare by", key.name());
            Err(Error::invalid(key.name(), message).hint(format!("write {}:{}", key.name(), clip(text))))
        }
    }
}

/// Reads a list of tags of which any may be there; `none` among them is no tag at all.
fn tags(text: &str) -> Result<Query> {
    let names: Vec<&str> = each(text).collect();
    if names.is_empty() {
        return TagName::parse("").map(|_| Query::Any(Vec::new()));
    }
    let (none_at_all, names): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| name.eq_ignore_ascii_case("none"));
    let tagged = names.into_iter().map(TagName::parse).collect::<Result<Vec<_>>>()?;
    match (none_at_all.is_empty(), tagged.is_empty()) {
        (true, _) => Ok(Query::Is(Condition::Tags(tagged))),
        (false, true) => none(Key::Tag),
        (false, false) => Ok(Query::Any(vec![Query::Is(Condition::Tags(tagged)), none(Key::Tag)?])),
    }
}

fn list<T: std::str::FromStr<Err = Error>>(text: &str) -> Result<Vec<T>> {
    each(text).map(str::parse).collect()
}

/// Returns the values of a list, parted by commas.
fn each(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|value| !value.is_empty())
}

/// Joins what a task has only one of, named several times beside each other: it may be any of these.
pub(super) fn alternatives(queries: Vec<Query>) -> Vec<Query> {
    let mut all: Vec<Query> = Vec::with_capacity(queries.len());
    for query in queries {
        let Query::Is(condition) = query else {
            all.push(query);
            continue;
        };
        let same = all.iter_mut().find_map(|other| match (other, &condition) {
            (Query::Is(Condition::Categories(there)), Condition::Categories(more)) => {
                there.extend(more);
                Some(())
            }
            (Query::Is(Condition::Priorities(there)), Condition::Priorities(more)) => {
                there.extend(more);
                Some(())
            }
            _ => None,
        });
        if same.is_none() {
            all.push(Query::Is(condition));
        }
    }
    all
}
