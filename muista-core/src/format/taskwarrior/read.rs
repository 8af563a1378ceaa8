//! From Taskwarrior's attributes to an [`ImportTask`].

use jiff::tz::TimeZone;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::block::Note;
use super::stamp::{self, Times};
use super::{DERIVED, own, plan, recur, tags, uda};
use crate::error::Result;
use crate::format::gather::Entry;
use crate::format::notices::{Fate, Notices, quoted};
use crate::format::records::Record;
use crate::format::source::{Source, plain, recurrence};
use crate::model::{
    Category, Due, FieldValues, Id, ImportComment, ImportTask, NewSeries, Priority, ProjectName, Text, Title,
};
use crate::time::{Context, Instant, When};

/// The most characters of a title.
const TITLE_MAX: usize = 1000;

/// Reads one task, the file's `number`th. Local midnights are those of the context's zone.
///
/// # Errors
/// `Invalid` for a value that can neither be taken over nor kept; it names the task, the field and the value.
pub(crate) fn entry(mut record: Record, number: u64, context: &Context, notices: &mut Notices) -> Result<Entry> {
    if !record.contains_key("uuid") {
        notices
            .case("task without a uuid, given one that stays the same while the task does", format!("entry {number}"));
        record.insert("uuid".to_owned(), json!(identity(&record)));
    }
    let mut source = Source::new(record, "uuid", "description", number)?;
    let status = source.text("status")?.unwrap_or_else(|| "pending".to_owned());
    let is_open = match status.as_str() {
        "deleted" => return Ok(Entry::Deleted(source.id)),
        "pending" | "waiting" | "recurring" => true,
        "completed" => false,
        _ => {
            return Err(source
                .bad("status", &status, "is not one of pending, waiting, recurring, completed, deleted")
                .hint("correct the status in the file"));
        }
    };
    let template = match source.peek("parent").map(|parent| parent.parse::<Id>()) {
        Some(Ok(template)) if is_open => Some(template),
        _ => None,
    };
    let is_template = status == "recurring";
    let mask = source.peek("mask").unwrap_or_default().to_owned();
    let recurs = (template.is_some() || is_template) && is_open;
    let mut task = Box::new(task(&mut source, is_open, recurs, context, notices)?);
    if is_template && !advance(&mut task, &mask, &context.zone) {
        notices.case("recurring template whose last instance is done, left out", source.label.clone());
        return Ok(Entry::Deleted(source.id));
    }
    if let Some(every) = &mut task.every {
        every.id = template;
    }
    Ok(match template {
        _ if is_template => Entry::Template(task),
        Some(template) => Entry::Instance(task, template),
        None => Entry::Task(task),
    })
}

/// Moves the due of a template to that of its next instance. Returns whether there is one.
fn advance(task: &mut ImportTask, mask: &str, zone: &TimeZone) -> bool {
    let Some((every, due)) = task.every.as_ref().zip(task.due.as_ref()) else { return true };
    let first = due.on().map_or(due.at(), |on| Instant::start_of(on, zone));
    match recur::next(every, first, mask, zone) {
        Some(next) if next == first => true,
        Some(next) => {
            task.due = due.on().map_or(stamp::due(next, zone), |_| Due::new(&When::On(next.date_in(zone)), zone));
            true
        }
        None => false,
    }
}

/// Returns the id of a task that has none: the same for the same attributes, so that an import made twice doubles nothing.
fn identity(record: &Record) -> Id {
    let hash = digest(&SHA256, Value::Object(record.clone()).to_string().as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.as_ref()).for_each(|(byte, hashed)| *byte = *hashed);
    // Version 8 of RFC 9562: custom, and its variant.
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Id::from_bytes(bytes)
}

fn task(
    source: &mut Source,
    is_open: bool,
    recurs: bool,
    context: &Context,
    notices: &mut Notices,
) -> Result<ImportTask> {
    let zone = &context.zone;
    let times = Times::read(&source.text(own::TIMES)?.unwrap_or_default());
    let mut note = Note::read(&clean_lines(&source.text(own::NOTE)?.unwrap_or_default()));
    let (title, overlong) = title(source, notices)?;
    let description = description(source, overlong)?;
    let updated_at = times.exact("modified", instant(source, "modified")?);
    let ended_at = times.exact("end", instant(source, "end")?);
    let entered = times.exact("entry", instant(source, "entry")?).or(updated_at).or(ended_at);
    let created_at = entered.unwrap_or_else(|| {
        notices.case("task without entry, made now", source.label.clone());
        context.now
    });
    let due = instant(source, "due")?;
    let due = times.due(due).or_else(|| stamp::due(due?, zone));
    if let Some(end) = ended_at.filter(|_| is_open) {
        keep(&mut note, "end", &stamp::write(end), notices);
    }
    let planning = plan::read(source, zone, &mut note, notices)?;
    let kept = source.text(own::FIELDS)?.unwrap_or_default();
    let kept: FieldValues = serde_json::from_str(&kept).unwrap_or_default();
    let every = every(source, recurs && due.is_some(), created_at, zone, notices)?;
    let mut task = ImportTask {
        id: source.id,
        title,
        description,
        category: category(source)?,
        priority: priority(source, &mut note, notices)?,
        due,
        planning,
        every,
        completed_at: (!is_open).then(|| ended_at.or(updated_at).unwrap_or(created_at)),
        project: project(source)?,
        parent_id: source.value(own::PARENT)?,
        tags: tags::read(source, notices)?,
        depends_on: depends(source)?,
        comments: comments(source, &times, created_at, notices)?,
        work: Vec::new(),
        note: None,
        fields: None,
        created_at,
        updated_at,
    };
    let mut fields = uda::read(source, zone, notices);
    fields.extend(kept);
    task.fields = (!fields.is_empty()).then_some(fields);
    task.note = rest(source, note, notices)?;
    Ok(task)
}

/// Returns how a task recurs: as it does here, or where it `recurs` there, as it does there.
fn every(
    source: &mut Source,
    recurs: bool,
    made: Instant,
    zone: &TimeZone,
    notices: &mut Notices,
) -> Result<Option<NewSeries>> {
    if source.peek("parent").is_some() || source.peek("mask").is_some() {
        drop_outdated(source);
    }
    Ok(match recurrence(source, own::EVERY, made, zone, notices)? {
        None if recurs => of_recur(source, made, zone),
        every => every,
    })
}

/// Takes out how a template or an instance recurs here where that was changed there, else how it recurs there, which says no
/// more.
fn drop_outdated(source: &mut Source) {
    let Some(words) = source.peek(own::EVERY) else { return };
    if recur::of_words(words).as_deref() != source.peek("recur") {
        source.take(own::EVERY);
        return;
    }
    let end = recur::is_bounded(words).then_some("until");
    for name in ["recur", "parent", "rtype"].into_iter().chain(end) {
        source.take(name);
    }
}

/// Returns how a template or its open instance recurs. What is no recurrence here goes the way of other attributes, into
/// the note.
fn of_recur(source: &mut Source, made: Instant, zone: &TimeZone) -> Option<NewSeries> {
    let words = source.peek("recur").and_then(recur::words)?;
    // The template's end; a later instance has one of its own, which says nothing of the others.
    let is_first = source.peek("parent").is_none() || source.number("imask").is_some_and(|mask| mask < 1.0);
    let until = source.peek("until").and_then(stamp::read).filter(|_| is_first);
    let bounded = match until {
        Some(until) => format!("{words} until {}", until.date_in(zone)),
        None => words,
    };
    let context = Context { now: made, zone: zone.clone(), date_order: None };
    let series = NewSeries::read(&bounded, &context).ok()?;
    for name in ["recur", "parent", "rtype"].into_iter().chain(until.map(|_| "until")) {
        source.take(name);
    }
    Some(series)
}

/// Returns the title; and where it is too long for one, the whole of it.
fn title(source: &mut Source, notices: &mut Notices) -> Result<(Title, Option<String>)> {
    let written = source.text("description")?.unwrap_or_default();
    let line: String = written.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line != written {
        notices.case("line breaks and control characters in the title became spaces", source.label.clone());
    }
    let line = line.trim();
    let Some((cut, _)) = line.char_indices().nth(TITLE_MAX) else {
        let title = Title::parse(line).map_err(|error| source.refuse("description", error))?;
        return Ok((title, None));
    };
    notices.case("title cut at 1,000 characters, the whole of it is in the description", source.label.clone());
    let title = Title::parse(&line[..cut]).map_err(|error| source.refuse("description", error))?;
    Ok((title, Some(clean_lines(&written))))
}

fn description(source: &mut Source, overlong: Option<String>) -> Result<Option<Text>> {
    let own = clean_lines(&source.text(own::DESCRIPTION)?.unwrap_or_default());
    let whole = match overlong {
        Some(title) if own.is_empty() => title,
        Some(title) => format!("{title}\n\n{own}"),
        None => own,
    };
    Text::parse("description", &whole).map_err(|error| source.refuse("description", error))
}

/// Returns the text with spaces for the control characters that no text may hold.
fn clean_lines(text: &str) -> String {
    let forbidden = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    text.chars().map(|c| if forbidden(c) { ' ' } else { c }).collect()
}

fn instant(source: &mut Source, field: &str) -> Result<Option<Instant>> {
    let Some(text) = source.text(field)? else {
        return Ok(None);
    };
    stamp::read(&text).map(Some).ok_or_else(|| {
        source.bad(field, &text, "is not an instant").hint("Taskwarrior writes them in UTC, as in 20261121T180000Z")
    })
}

fn category(source: &mut Source) -> Result<Category> {
    match source.text(own::CATEGORY)? {
        None => Ok(Category::default()),
        Some(text) => text.parse().map_err(|error| source.refuse(own::CATEGORY, error)),
    }
}

fn priority(source: &mut Source, note: &mut Note, notices: &mut Notices) -> Result<Priority> {
    Ok(match source.text("priority")?.as_deref() {
        None | Some("M") => Priority::Medium,
        Some("H") => Priority::High,
        Some("L") => Priority::Low,
        Some(other) => {
            notices.case(
                "priority that is not H, M or L, kept in the note",
                format!("{} {}", source.label, quoted(other)),
            );
            note.set("priority", other);
            Priority::default()
        }
    })
}

fn project(source: &mut Source) -> Result<Option<ProjectName>> {
    let name = source.text("project")?;
    let read = name.map(|name| name.parse::<ProjectName>()).transpose();
    read.map_err(|error| source.refuse("project", error))
}

fn depends(source: &mut Source) -> Result<Vec<Id>> {
    let mut ids: Vec<Id> = Vec::new();
    for text in tags::list(source, "depends")? {
        let id = text.parse().map_err(|_| source.bad("depends", &text, "is not a UUID"))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn comments(source: &mut Source, times: &Times, made: Instant, notices: &mut Notices) -> Result<Vec<ImportComment>> {
    let annotations: Vec<Record> = source.value("annotations")?.unwrap_or_default();
    let mut comments = Vec::with_capacity(annotations.len());
    for annotation in annotations {
        let created_at = match annotation.get("entry").map(plain) {
            Some(written) => match stamp::read(&written) {
                Some(stamp) => times.of_annotation(stamp),
                None => return Err(source.bad("annotations", &written, "is not an instant")),
            },
            None => {
                notices.case("annotation without entry, made with its task", source.label.clone());
                made
            }
        };
        let text = annotation.get("description").map(plain).unwrap_or_default();
        let read =
            Text::parse("annotations", &clean_lines(&text)).map_err(|error| source.refuse("annotations", error))?;
        match read {
            Some(text) => comments.push(ImportComment { text, created_at }),
            None => notices.case("annotation without a text, left out", source.label.clone()),
        }
    }
    Ok(comments)
}

/// Returns the note: our own, with all attributes that have found no other place.
fn rest(source: &mut Source, mut note: Note, notices: &mut Notices) -> Result<Option<Text>> {
    for (name, value) in source.rest() {
        if DERIVED.contains(&name.as_str()) {
            notices.field(Fate::Derived, &name);
        } else if !value.is_null() && value.as_str() != Some("") {
            keep(&mut note, &name, &plain(&value), notices);
        }
    }
    Text::parse("note", &note.write()).map_err(|error| source.refuse("note", error))
}

fn keep(note: &mut Note, name: &str, value: &str, notices: &mut Notices) {
    notices.field(Fate::InNote, name);
    note.set(name, value);
}
