//! What becomes of Taskwarrior's tasks, by a real export of version 2.6.2 and by the forms of other versions.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};

use crate::error::Error;
use crate::format::ReadFormat;
use crate::format::tests::{Whole, helsinki, read};
use crate::model::{Change, Due, ImportTask, Priority, Start};

/// Written by `task export` 2.6.2 with `TZ=Europe/Helsinki`, among it a raw escape character.
const EXPORT: &[u8] = include_bytes!("../../../../tests/fixtures/taskwarrior.json");

fn incoming(tasks: &Value) -> Result<Whole, Error> {
    read(tasks.to_string().as_bytes(), Some(ReadFormat::Taskwarrior), &helsinki())
}

/// Returns a task with `more` attributes.
fn one(more: &Value) -> Result<Whole, Error> {
    let mut task = json!({
        "uuid": "00000000-0000-4000-8000-000000000001", "description": "Feed the cat", "status": "pending",
        "entry": "20261121T093907Z",
    });
    let fields = task.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    incoming(&json!([task]))
}

fn titled<'a>(read: &'a Whole, title: &str) -> &'a ImportTask {
    read.tasks.iter().find(|task| &*task.title == title).unwrap()
}

fn due_of(task: &ImportTask) -> (String, Option<String>) {
    let due = task.due.as_ref().unwrap();
    (due.at().to_string(), due.on().map(|on| on.to_string()))
}

#[test]
fn a_real_export_is_taken_over() {
    let read = read(EXPORT, None, &helsinki()).unwrap();
    assert_eq!(read.tasks.len(), 8);
    assert_eq!(read.deleted.len(), 3);
    assert_eq!(read.templates, 1);

    let cat = titled(&read, "Buy cat food");
    assert_eq!(cat.id.to_string(), "b0929c44-7a64-481d-bfe9-0bba2d744f7c");
    assert_eq!(due_of(cat), ("2026-12-01T16:00:00Z".to_owned(), None));
    assert_eq!((cat.priority, cat.project.as_deref()), (Priority::High, Some("home")));
    assert_eq!(cat.tags.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["cat", "shopping"]);
    assert_eq!(&*cat.comments[1].text, "See https://example.org/cats?a=1&b=2");
    assert_eq!(cat.comments[1].created_at, "2026-11-21T09:39:08Z".parse().unwrap());

    let plants = titled(&read, "Water the plants");
    assert_eq!(due_of(plants), ("2026-12-02T21:59:59Z".to_owned(), Some("2026-12-02".to_owned())));
    assert_eq!(plants.due.as_ref().and_then(Due::timezone), Some("Europe/Helsinki"));
    assert_eq!((plants.priority, plants.project.as_deref()), (Priority::Low, Some("home.garden")));
    assert_eq!(plants.note.as_deref(), Some("Taskwarrior:\nstart: 20261121T093907Z"));

    let report = titled(&read, "Write report");
    assert_eq!(due_of(report).1.as_deref(), Some("2026-12-03"));
    assert_eq!(report.depends_on, [cat.id, plants.id]);

    let sauna = titled(&read, "Book the sauna — löyly 🧖 \"quoted\" / slash  back");
    assert_eq!(sauna.note.as_deref(), Some("Taskwarrior:\nscheduled: 20271224T220000Z"));
    let values = sauna.fields.iter().flatten().map(|(name, value)| format!("{name}={value}"));
    assert_eq!(values.collect::<Vec<_>>(), ["client=Åke & Söner", "points=3.5", "reviewdate=2027-12-26"]);
    let day = Some("2027-12-24".parse().unwrap());
    assert!(matches!(&sauna.planning.start, Change::Set(Start::At { on, .. }) if *on == day), "{:?}", sauna.planning);
    assert_eq!(sauna.planning.estimate, Change::Set("2h".parse().unwrap()));
    let rent = titled(&read, "Pay rent");
    assert_eq!(rent.id.to_string(), "898774c2-c958-4e5c-97c2-c4bad5ce2bfe");
    assert_eq!((rent.every.as_ref().map(|every| &*every.words), &rent.note), (Some("monthly until 2027-12-31"), &None));
    assert!(titled(&read, "Odd  [31mred [0m title").completed_at.is_none());
    let done: Vec<_> = read.tasks.iter().filter(|task| task.completed_at.is_some()).collect();
    assert_eq!(done.len(), 1);
    assert_eq!(done[0].completed_at, Some("2026-11-21T09:39:07Z".parse().unwrap()));
}

#[test]
fn a_real_export_is_reported() {
    let read = read(EXPORT, None, &helsinki()).unwrap();
    let lines = read.notices.brief().join("\n");
    assert!(lines.contains("recurring template without an open instance, made a task: 1 task: da561b15-"), "{lines}");
    assert!(lines.contains("client (1)") && lines.contains("recur (1)") && !lines.contains("wait (1)"), "{lines}");
    assert!(lines.contains("control characters"), "{lines}");
    assert!(!lines.contains("urgency"), "{lines}");
    assert!(read.notices.full().join("\n").contains("id (9), imask (2), mask (2), urgency (9)"), "{:?}", read.notices);
}

#[test]
fn older_versions_write_other_forms() {
    let lines = concat!(
        r#"{"uuid":"00000000-0000-4000-8000-000000000001","description":"A","status":"waiting","wait":"20270101T000000Z","entry":"20120110T231200Z","depends":"00000000-0000-4000-8000-000000000002,00000000-0000-4000-8000-000000000003"},"#,
        "\n",
        r#"{"uuid":"00000000-0000-4000-8000-000000000002","description":"B","status":"completed","entry":"20120110T231200Z","end":"20120111T231200Z","tags":"a,b"},"#,
        "\n",
    );
    let read = read(lines.as_bytes(), None, &helsinki()).unwrap();
    assert_eq!(read.tasks[0].depends_on.len(), 2);
    assert_eq!(read.tasks[0].completed_at, None);
    assert_eq!((&read.tasks[0].note, read.tasks[0].planning.start.is_keep()), (&None, false));
    assert_eq!(read.tasks[1].tags.len(), 2);
}

#[test]
fn an_instance_takes_the_place_of_its_template_only_while_it_is_open() {
    let id = |n: u8| format!("00000000-0000-4000-8000-00000000000{n}");
    let task = |n, status: &str, parent: Option<u8>| {
        json!({"uuid": id(n), "description": format!("{n}"), "status": status, "entry": "20261121T093907Z",
               "recur": "weekly", "parent": parent.map(id), "depends": [id(1), id(n)]})
    };
    let titles = |read: &Whole| read.tasks.iter().map(|task| task.title.to_string()).collect::<Vec<_>>();

    let read =
        incoming(&json!([task(2, "pending", Some(1)), task(1, "recurring", None), task(3, "deleted", None)])).unwrap();
    assert_eq!((titles(&read), read.deleted.len(), read.templates), (vec!["2".to_owned()], 2, 1));
    assert!(read.tasks[0].depends_on.is_empty());
    assert!(read.notices.brief().join("\n").contains("no longer depends on"), "{:?}", read.notices);

    let read = incoming(&json!([task(1, "recurring", None), task(2, "completed", Some(1))])).unwrap();
    assert_eq!((titles(&read), read.deleted.len()), (vec!["1".to_owned(), "2".to_owned()], 0));
}

#[test]
fn every_form_of_recur_is_a_recurrence() {
    let every = |more: Value| {
        let mut task = json!({"status": "recurring", "due": "20261209T220000Z", "mask": ""});
        task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let task = one(&task).unwrap().tasks.remove(0);
        (task.every.map(|every| every.words), task.note.map(|note| note.to_string()))
    };
    for (recur, words) in [
        ("daily", "daily"),
        ("weekdays", "weekdays"),
        ("sennight", "weekly"),
        ("biweekly", "every 2 weeks"),
        ("monthly", "monthly"),
        ("bimonthly", "every 2 months"),
        ("quarterly", "every 3 months"),
        ("semiannual", "every 6 months"),
        ("annual", "yearly"),
        ("biannual", "every 2 years"),
        ("3d", "every 3 days"),
        ("2wks", "every 2 weeks"),
        ("4mo", "every 4 months"),
        ("2q", "every 6 months"),
        ("10hours", "every 10 hours"),
        ("P1M", "P1M"),
        ("PT36H", "PT36H"),
    ] {
        assert_eq!(every(json!({"recur": recur})), (Some(words.to_owned()), None), "{recur}");
    }
    let until = json!({"recur": "weekly", "until": "20270109T220000Z"});
    assert_eq!(every(until), (Some("weekly until 2027-01-10".to_owned()), None));
    // What says no length stays where it was.
    let odd = Some("Taskwarrior:\nrecur: when it rains".to_owned());
    assert_eq!(every(json!({"recur": "when it rains"})), (None, odd));
}

#[test]
fn a_template_without_an_open_instance_is_due_when_the_next_would_be() {
    let due = |recur: &str, mask: &str, until: Value| {
        let task =
            json!({"status": "recurring", "due": "20261209T220000Z", "mask": mask, "recur": recur, "until": until});
        let read = one(&task).unwrap();
        let due = read.tasks.first().map(|task| due_of(task).1.unwrap_or_else(|| due_of(task).0));
        (due, read.deleted.len())
    };
    let on = |day: &str| (Some(day.to_owned()), 0);
    assert_eq!(due("weekly", "", Value::Null), on("2026-12-10"));
    assert_eq!(due("weekly", "+", Value::Null), on("2026-12-17"));
    // One that was deleted counts as well, and one that is open there is the next.
    assert_eq!(due("monthly", "+X+", Value::Null), on("2027-03-10"));
    assert_eq!(due("daily", "++-", Value::Null), on("2026-12-12"));
    // 10 December 2026 is a Thursday.
    assert_eq!(due("weekdays", "++", Value::Null), on("2026-12-14"));
    assert_eq!(due("weekly", "+", json!("20261217T220000Z")), on("2026-12-17"));
    assert_eq!(due("weekly", "++", json!("20261217T220000Z")), (None, 1));
}

#[test]
fn instances_of_one_template_are_of_one_series() {
    let template = "00000000-0000-4000-8000-000000000009";
    let instance = |id: u8, due: &str, imask: u8| {
        json!({"uuid": format!("00000000-0000-4000-8000-00000000000{id}"), "description": "Feed", "status": "pending",
               "entry": "20261121T093907Z", "recur": "daily", "parent": template, "due": due, "imask": imask})
    };
    let read = incoming(&json!([instance(1, "20261201T220000Z", 0), instance(2, "20261202T220000Z", 1)])).unwrap();
    let of: Vec<_> = read.tasks.iter().map(|task| task.every.as_ref().unwrap().id.unwrap().to_string()).collect();
    assert_eq!(of, [template, template]);
}

#[test]
fn an_instance_recurs_as_its_template_does() {
    let instance = |imask: u8| {
        let task = json!({"due": "20261209T220000Z", "recur": "weekly", "rtype": "periodic", "imask": imask,
            "parent": "00000000-0000-4000-8000-000000000009", "until": "20270109T220000Z"});
        let task = one(&task).unwrap().tasks.remove(0);
        (task.every.unwrap().words, task.note.map(|note| note.to_string()))
    };
    assert_eq!(instance(0), ("weekly until 2027-01-10".to_owned(), None));
    // Its own end says nothing of the others'.
    let kept = Some("Taskwarrior:\nuntil: 20270109T220000Z".to_owned());
    assert_eq!(instance(1), ("weekly".to_owned(), kept));
}

#[test]
fn what_is_missing_or_odd_keeps_no_task_out() {
    let read = one(&json!({"tags": ["@phone", "two words", "a,b", "\u{200b}", "--", "ok", "OK"]})).unwrap();
    let tags: Vec<&str> = read.tasks[0].tags.iter().map(|tag| &**tag).collect();
    assert_eq!(tags, ["@phone", "two words", "a b", "--", "ok"]);
    let told = read.notices.full().join("\n");
    assert!(told.contains("“a,b”: “a b”") && told.contains("left out") && !told.contains("@phone"), "{told}");

    let read = one(&json!({"entry": null, "annotations": [{"description": "called"}]})).unwrap();
    let made = "2026-11-21T12:00:00Z".parse().unwrap();
    assert_eq!((read.tasks[0].created_at, read.tasks[0].comments[0].created_at), (made, made));

    let nameless =
        json!([{"description": "a", "entry": "20261121T093907Z"}, {"description": "b", "entry": "20261121T093907Z"}]);
    let ids = || incoming(&nameless).unwrap().tasks.iter().map(|task| task.id).collect::<Vec<_>>();
    assert_eq!(ids(), ids(), "an import made again finds them");
    assert_ne!(ids()[0], ids()[1]);
}

#[test]
fn a_title_becomes_one_line_and_is_cut_without_loss() {
    let read = one(&json!({"description": "a\nb\u{7}c"})).unwrap();
    assert_eq!(&*read.tasks[0].title, "a b c");
    assert!(read.notices.brief()[0].contains("became spaces"), "{:?}", read.notices);

    let long = "ä".repeat(1001);
    let read = one(&json!({"description": long, "muistadescription": "more"})).unwrap();
    assert_eq!(read.tasks[0].title.chars().count(), 1000);
    assert_eq!(read.tasks[0].description.as_deref(), Some(format!("{long}\n\nmore").as_str()));
    assert!(read.notices.brief()[0].contains("cut at 1,000"), "{:?}", read.notices);
}

#[test]
fn what_can_be_kept_is_kept_in_the_note() {
    let read = one(&json!({
        "priority": "A", "muistanote": "Mine.\n\nTaskwarrior:\nuntil: x\nrecur: weekly", "until": "20270101T000000Z",
        "odd name": {"a": [1]}, "lines": "1\n2\u{7f}", "client": "Åke", "empty": "", "end": "20261121T093907Z", "imask": 3,
    }))
    .unwrap();
    assert_eq!(
        read.tasks[0].note.as_deref(),
        Some(
            "Mine.\n\nTaskwarrior:\nuntil: 20270101T000000Z\nend: 20261121T093907Z\nrecur: weekly\npriority: A\n\
             lines: \"1\\n2\\u007f\"\nodd_name: {\"a\":[1]}"
        )
    );
    assert_eq!(read.tasks[0].priority, Priority::Medium);
    assert_eq!(read.tasks[0].fields.as_ref().unwrap()["client"].to_string(), "Åke");
}

#[test]
fn what_cannot_be_kept_is_refused_with_its_task_field_and_value() {
    for (more, says) in [
        (json!({"uuid": "7"}), "entry 1 of the file “Feed the cat”: uuid “7” is not a UUID"),
        (json!({"description": null}), "000001: description: the title is empty"),
        (json!({"status": "paused"}), "status “paused” is not one of"),
        (json!({"due": "tomorrow"}), "due “tomorrow” is not an instant"),
        (json!({"due": "20261321T093907Z"}), "due “20261321T093907Z” is not an instant"),
        (json!({"due": "2026112ä093907Z"}), "is not an instant"),
        (json!({"entry": 12}), "entry “12” is not an instant"),
        (json!({"tags": 7}), "tags “7” is not a list"),
        (json!({"depends": ["x"]}), "depends “x” is not a UUID"),
        (json!({"project": "x".repeat(201)}), "project: the project has 201 characters"),
        (json!({"annotations": [{"entry": "x", "description": "y"}]}), "annotations “x” is not an instant"),
        (json!({"annotations": "x"}), "annotations “x” cannot be read"),
        (json!({"muistacategory": "Fun"}), "muistacategory: “Fun” is not a category"),
        (json!({"client": "x".repeat(70_000)}), "note: the note has"),
    ] {
        let error = one(&more).map(|read| read.tasks).unwrap_err();
        assert!(error.message.contains(says), "{error}");
    }
}
