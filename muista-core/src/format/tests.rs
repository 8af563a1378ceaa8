//! Reading and writing whole files: what is refused, and that what is written reads back the same.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::io::Cursor;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::csv::Formulas;
use super::notices::Notices;
use super::{ReadFormat, WriteFormat, Writer};
use crate::error::{ErrorKind, Result};
use crate::model::{
    Category, Change, Comment, Due, ExportedTask, FieldValue, FieldValues, Id, ImportBatch, ImportComment, ImportTask,
    ImportWork, NewSeries, Planning, Priority, Start, Task, Text, TimeEntry, Title, WorkTime, fold,
};
use crate::time::{Context, Instant, When};

const TASKWARRIOR: &str = r#"{"uuid":"00000000-0000-4000-8000-000000000001","description":"Feed the cat","status":"pending","entry":"20261121T093907Z"}"#;
const OURS: &str =
    r#"{"id":"00000000-0000-4000-8000-000000000001","title":"Feed the cat","createdAt":"2026-11-21T09:39:07Z"}"#;

/// The series of what recurs.
const SERIES: Id = Id::LOCAL_USER;

pub(super) fn helsinki() -> TimeZone {
    TimeZone::get("Europe/Helsinki").unwrap()
}

/// All that a file holds.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) tasks: Vec<ImportTask>,
    pub(super) deleted: Vec<Id>,
    pub(super) templates: usize,
    pub(super) notices: Notices,
}

/// Reads a file whole.
pub(super) fn read(file: &[u8], format: Option<ReadFormat>, zone: &TimeZone) -> Result<Whole> {
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let context = Context { now, zone: zone.clone(), date_order: None };
    let incoming = super::read(Cursor::new(file.to_vec()), format, &context, &std::env::temp_dir())?;
    let parts: Vec<ImportBatch> = incoming.parts(false).collect::<Result<_>>()?;
    let deleted = parts.iter().flat_map(|part| part.deleted.clone()).collect();
    let tasks: Vec<ImportTask> = parts.into_iter().flat_map(|part| part.tasks).collect();
    assert_eq!(tasks.len(), incoming.tasks);
    Ok(Whole { tasks, deleted, templates: incoming.templates, notices: incoming.notices })
}

fn reading(text: &str) -> Result<Whole> {
    read(text.as_bytes(), None, &helsinki())
}

#[test]
fn a_character_that_taskwarrior_wrote_in_two_pieces_is_read() {
    let file = [TASKWARRIOR.replace("Feed the cat", "Practise ").as_bytes(), b"\n"].concat();
    let at = file.windows(9).position(|some| some == b"Practise ").unwrap() + 9;
    let file = [&file[..at], b"\xED\xA0\xB4\xED\xB4\x9E", &file[at..]].concat();
    let whole = read(&file, None, &helsinki()).unwrap();
    assert_eq!(whole.tasks[0].title.to_string(), "Practise \u{1D11E}");
}

fn written(tasks: &[ExportedTask], format: WriteFormat) -> String {
    let mut writer = Writer::new(Vec::new(), format, Formulas::default(), Vec::new()).unwrap();
    for task in tasks {
        writer.write(task).unwrap();
    }
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

/// Returns the task as the service exports it once it was imported.
fn exported(task: &ImportTask, number: i64) -> ExportedTask {
    let comment = |comment: &ImportComment| Comment {
        id: Id::LOCAL_USER,
        task_id: task.id,
        author_id: Id::LOCAL_USER,
        text: comment.text.to_string(),
        created_at: comment.created_at,
    };
    let mut made = Task {
        number,
        description: task.description.as_deref().map(str::to_owned),
        note: task.note.as_deref().map(str::to_owned),
        category: task.category,
        priority: task.priority,
        due_date: task.due.as_ref().map(Due::at),
        due_on: task.due.as_ref().and_then(Due::on),
        timezone: task.due.as_ref().and_then(Due::timezone).map(str::to_owned),
        completed: task.completed_at.is_some(),
        completed_at: task.completed_at,
        project_id: task.project.as_ref().map(|_| Id::LOCAL_USER),
        project: task.project.as_deref().map(str::to_owned),
        parent_id: task.parent_id,
        tags: task.tags.iter().map(ToString::to_string).collect(),
        depends_on: task.depends_on.clone(),
        fields: task.fields.clone().unwrap_or_default(),
        recurrence: task.every.as_ref().map(|every| every.words.clone()),
        series_id: task.every.as_ref().map(|_| SERIES),
        version: 3,
        updated_at: task.updated_at.unwrap_or(task.created_at),
        ..Task::titled(task.id, Id::LOCAL_USER, task.title.to_string(), task.created_at)
    };
    task.planning.apply(&mut made, &TimeZone::UTC).unwrap();
    let entry = |work: &ImportWork| TimeEntry {
        id: Id::LOCAL_USER,
        task_id: task.id,
        user_id: Id::LOCAL_USER,
        began_at: work.began_at,
        ended_at: Some(work.ended_at),
    };
    let (comments, time_entries) = (task.comments.iter().map(comment).collect(), task.work.iter().map(entry).collect());
    ExportedTask { task: made, recurrence_end: None, comments, time_entries }
}

#[test]
fn an_array_lines_and_lines_with_commas_are_read_alike() {
    for one in [TASKWARRIOR, OURS] {
        let two = one.replace("000001\"", "000002\"");
        for text in [
            format!("[{one},{two}]"),
            format!("\u{feff}\n [\n{one},\n{two}\n]\n"),
            format!("{one}\n{two}\n"),
            format!("{one},\r\n\r\n{two}"),
        ] {
            let read = reading(&text).unwrap();
            let titles: Vec<_> = read.tasks.iter().map(|task| &*task.title).collect();
            assert_eq!(titles, ["Feed the cat", "Feed the cat"], "{text}");
            assert_eq!(read.tasks[0].created_at, "2026-11-21T09:39:07Z".parse().unwrap());
            assert!(read.notices.full().is_empty(), "{:?}", read.notices);
        }
    }
    assert!(reading("[]").unwrap().tasks.is_empty());
}

#[test]
fn what_is_no_export_is_refused_in_words() {
    let long = format!("[{}", "[".repeat(100_000));
    for (text, says) in [
        ("", "is empty"),
        (" \n", "is empty"),
        ("BEGIN:VCALENDAR", "is not JSON"),
        ("{\"tasks\":", "cut off"),
        (&format!("[{TASKWARRIOR},"), "cut off"),
        (&format!("[{}", &TASKWARRIOR[..60]), "cut off"),
        (&format!("[{TASKWARRIOR}] x"), "no JSON that can be imported: trailing characters at line 1"),
        (&format!("{TASKWARRIOR}\n[]\n"), "line 2"),
        ("[1]", "no JSON that can be imported: invalid type: integer `1`"),
        ("[{}]", "neither Taskwarrior's nor Muista's"),
        (&long, "no JSON"),
    ] {
        let error = reading(text).map(|read| read.tasks).unwrap_err();
        assert!(error.message.contains(says), "{text:.40}: {error}");
        assert_eq!(error.kind, ErrorKind::Invalid);
    }
    let error = read(&b"[{\"id\":\"\xff\"}]"[..], Some(ReadFormat::Json), &TimeZone::UTC).unwrap_err();
    assert!(error.message.contains("unicode"), "{error}");
}

#[test]
fn a_bad_value_of_ours_is_named_with_its_task_and_field() {
    let with = |more: &str| OURS.replace("\"createdAt\"", &format!("{more},\"createdAt\""));
    for (text, says) in [
        (
            OURS.replace("00000000-0000-4000-8000-000000000001", "7"),
            "entry 1 of the file “Feed the cat”: id “7” is not a UUID",
        ),
        (OURS.replace("\"id\"", "\"uuid\""), "has no id"),
        (OURS.replace("Feed the cat", ""), "has no title"),
        (OURS.replace("createdAt", "madeAt"), "has no createdAt"),
        (with(r#""tags":["a,b"]"#), "“Feed the cat”: tags"),
        (with(r#""priority":"URGENT""#), "priority “URGENT”"),
        (with(r#""dueDate":"tomorrow""#), "dueDate “tomorrow”"),
        (with(r#""dueOn":"2026-02-30""#), "dueOn “2026-02-30”"),
        (with(r#""dueOn":"2026-02-03","timezone":"Mars/Base""#), "Mars/Base"),
        (with(r#""dueOn":"2026-02-03","dueDate":"2026-02-03T12:00:00Z","timezone":"UTC""#), "is not the end of"),
        (with(r#""completed":false,"completedAt":"2026-02-03T12:00:00Z""#), "completed is false"),
        (with(r#""comments":[{"text":"x"}]"#), "comments.createdAt"),
        (with(r#""note":"a\u001bb""#), "control character"),
        (with(r#""project":{"name":"home"}"#), "project “{"),
    ] {
        let error = read(text.as_bytes(), Some(ReadFormat::Json), &TimeZone::UTC).map(|read| read.tasks).unwrap_err();
        assert!(error.message.contains(says), "{text}: {error}");
    }
}

#[test]
fn unknown_fields_of_ours_are_told_once_by_name() {
    let text = OURS.replace("\"createdAt\"", r#""number":7,"colour":"red","version":2,"createdAt""#);
    let two = text.replace("000001\"", "000002\"");
    let read = reading(&format!("{text}\n{two}")).unwrap();
    assert_eq!(read.notices.brief(), ["fields left out, being unknown: colour (2)"]);
}

#[test]
fn of_a_task_given_twice_the_last_is_taken() {
    let read = reading(&format!("[{OURS},{}]", OURS.replace("cat", "dog"))).unwrap();
    assert_eq!(read.tasks.len(), 1);
    assert_eq!(&*read.tasks[0].title, "Feed the dog");
    assert!(read.notices.brief()[0].starts_with("more than once in the file"), "{:?}", read.notices);
}

#[test]
fn what_is_said_of_very_many_tasks_is_kept_short() {
    let doubled = |n: usize| OURS.replace("000000000001", &format!("{n:012}"));
    let text: Vec<String> = (0..5000).chain(0..5000).map(doubled).collect();
    let read = reading(&text.join("\n")).unwrap();
    assert_eq!(read.tasks.len(), 5000);
    let lines = read.notices.full();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains(": 5000 tasks: ") && lines[0].ends_with(" and 4000 more"), "{:.80}", lines[0]);
}

#[test]
fn csv_quotes_what_it_must_and_runs_nothing() {
    let read = reading(&OURS.replace("Feed the cat", r#"=SUM(1), \"quoted\""#)).unwrap();
    let text = written(&[exported(&read.tasks[0], 7)], WriteFormat::Csv);
    let lines: Vec<_> = text.split("\r\n").collect();
    assert!(lines[0].starts_with("id,number,title,description,note,category,priority,dueDate,"), "{text}");
    assert!(lines[1].starts_with(r#"00000000-0000-4000-8000-000000000001,7,"'=SUM(1), ""quoted""","#), "{text}");
    assert_eq!(lines[2..], [""]);
}

#[test]
fn nothing_is_a_document_too() {
    assert_eq!(written(&[], WriteFormat::Json), "[]\n");
    assert_eq!(written(&[], WriteFormat::Taskwarrior), "[]\n");
    assert!(written(&[], WriteFormat::Csv).ends_with("createdAt,updatedAt\r\n"));
}

fn instant() -> impl Strategy<Value = Instant> {
    let ends = Instant::MIN.as_micros()..=253_000_000_000_000_000;
    let near = 0_i64..4_000_000_000_000_000;
    prop_oneof![near.clone(), near.prop_map(|micros| micros / 1_000_000 * 1_000_000), ends]
        .prop_map(|micros| Instant::from_micros(micros).unwrap())
}

fn due() -> impl Strategy<Value = Due> {
    let zone = prop_oneof![Just("Europe/Helsinki"), Just("America/New_York"), Just("UTC"), Just("Asia/Kathmandu")];
    let day = (1_i16..9998, 1_i8..13, 1_i8..29).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap());
    prop_oneof![
        instant().prop_map(|at| Due::new(&When::At(at), &TimeZone::UTC).unwrap()),
        (day, zone).prop_map(|(day, zone)| Due::new(&When::On(day), &TimeZone::get(zone).unwrap()).unwrap()),
    ]
}

fn planning() -> impl Strategy<Value = Planning> {
    let zone = TimeZone::get("Europe/Helsinki").unwrap();
    let start = option::of(due().prop_map(move |due| match due.on() {
        Some(day) => Start::new(&When::On(day), &zone).unwrap(),
        None => Start::At { at: due.at(), on: None },
    }));
    // Its zone is not kept.
    let unzoned = |due: Due| serde_json::from_value(serde_json::json!({"at": due.at(), "on": due.on()})).unwrap();
    let rest = (option::of(due().prop_map(unzoned)), option::of(0_i64..99_999), option::of(-9_i64..9));
    (start, rest).prop_map(|(start, (deadline, estimate, position))| Planning {
        start: said(start),
        deadline: said(deadline),
        estimate: said(estimate.map(WorkTime::of_seconds)),
        position: said(position),
    })
}

fn said<T>(value: Option<T>) -> Change<T> {
    value.map_or(Change::Keep, Change::Set)
}

/// Returns the task without what it says is empty: of a new one that says nothing.
fn unsaid(mut task: ImportTask) -> ImportTask {
    fn keep<T>(change: &mut Change<T>) {
        if matches!(change, Change::Clear) {
            *change = Change::Keep;
        }
    }
    let planning = &mut task.planning;
    keep(&mut planning.start);
    keep(&mut planning.deadline);
    keep(&mut planning.estimate);
    keep(&mut planning.position);
    task
}

fn text() -> impl Strategy<Value = Text> {
    let block = "([a-c ]{0,3}\n\n)?Taskwarrior:\n((wait|until|recur|cli[.]ent|odd one|z[.]z): (20271223T220000Z|monthly|\"x\"| ?)\n?){1,4}";
    // What is an attribute of one's own there comes back as an own field.
    let is_attribute = |line: &str| {
        line.split_once(": ")
            .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()))
    };
    let parts = "(a|\n|Taskwarrior:|: | ){1,12}".prop_filter("attribute", move |text| !text.lines().any(is_attribute));
    prop_oneof!["[ \t\n\r\\PC]{0,40}x", block, parts]
        .prop_filter_map("empty", |text| Text::parse("note", &text).unwrap())
}

fn fields() -> impl Strategy<Value = FieldValues> {
    let number = (-9_999_i64..9_999).prop_map(|n| FieldValue::Number(n.into()));
    let text = "[a-zä:.]{1,9}( [a-z\"]{1,5})?z|2027-12-26|PT1H30M".prop_map(FieldValue::Text);
    proptest::collection::btree_map("[a-eä_]{1,4}z", prop_oneof![number, text], 0..3)
}

fn made(now: Instant) -> Context {
    Context { now, zone: helsinki(), date_order: None }
}

prop_compose! {
    fn task()(
        (id, title, description, note) in (any::<[u8; 16]>(), "\\PC{0,30}x", option::of(text()), option::of(text())),
        (category, priority) in (0..Category::ALL.len(), 0..Priority::ALL.len()),
        (due, completed_at, project) in (option::of(due()), option::of(instant()), option::of("[a-zä. ]{0,9}z")),
        (parent, tags, depends) in (option::of(any::<[u8; 16]>()), vec("[a-zÅ0-9@+-][a-z._-]{0,5}( [a-z]{1,3})?", 0..4), vec(any::<[u8; 16]>(), 0..3)),
        (comments, created_at, updated_at) in (vec((text(), instant()), 0..4), instant(), instant()),
        planning in planning(),
        work in vec((instant(), instant()), 0..3),
        fields in fields(),
        every in option::of(proptest::sample::select(vec!["every friday", "P1D", "0 9 * * 1", "every! 2 months", "weekdays"])),
    ) -> ImportTask {
        let mut tags: Vec<crate::model::TagName> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        tags.sort_by_key(|tag| fold(tag));
        tags.dedup_by_key(|tag| fold(tag));
        let mut comments: Vec<_> = comments.into_iter().map(|(text, created_at)| ImportComment { text, created_at }).collect();
        comments.sort_by_key(|comment| comment.created_at);
        ImportTask {
            id: Id::from_bytes(id),
            title: Title::parse(&title).unwrap(),
            description, note,
            category: Category::ALL[category],
            priority: Priority::ALL[priority],
            due, completed_at, planning,
            every: every.map(|words| NewSeries::read(words, &made(created_at)).unwrap()),
            project: project.map(|name| name.parse().unwrap()),
            parent_id: parent.map(Id::from_bytes),
            tags,
            depends_on: depends.into_iter().map(Id::from_bytes).collect(),
            fields: (!fields.is_empty()).then_some(fields),
            comments,
            work: work.into_iter().map(|(a, b)| ImportWork { began_at: a.min(b), ended_at: a.max(b) }).collect(),
            created_at,
            updated_at: Some(updated_at),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_equal(task in task()) {
        for format in [WriteFormat::Json, WriteFormat::Taskwarrior] {
            let text = written(&[exported(&task, 1)], format);
            let read = read(text.as_bytes(), None, &helsinki()).unwrap();
            let mut found: Vec<ImportTask> = read.tasks.into_iter().map(unsaid).collect();
            // Where it can be said there it comes back as an instance of its template.
            let of = found.iter_mut().find_map(|task| task.every.as_mut()?.id.take());
            prop_assert!(of.is_none_or(|series| series == SERIES && read.deleted == [SERIES]), "{}", text);
            // Taskwarrior has no place for it.
            let work = if format == WriteFormat::Json { task.work.clone() } else { Vec::new() };
            let wanted = ImportTask { work, ..task.clone() };
            prop_assert_eq!(&found[..], std::slice::from_ref(&wanted), "{:?}: {}", format, text);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,60}", value in "\\PC{0,20}") {
        let _ = reading(&text);
        let value = serde_json::Value::from(value);
        for field in ["uuid", "description", "status", "due", "tags", "depends", "muistatimes", "muistanote", "annotations"] {
            let name = format!("\"{field}\"");
            let _ = reading(&TASKWARRIOR.replacen("\"status\"", &format!("{name}:{value},\"x\""), 1));
        }
    }
}
