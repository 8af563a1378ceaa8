//! What an account may take: counted whatever the way in, refused beyond its limits, and given back by what is deleted.

use muista_core::clock::Clock;
use muista_core::error::{Error, ErrorKind};
use muista_core::model::*;
use muista_core::rpc::{Client, in_process_as};
use muista_core::service::{Service, Settings, usage};
use muista_core::store::{Store, Workers};

use crate::account::*;
use crate::world::*;

const LIMITS: Quotas = Quotas { tasks: 5, text_bytes: 2000, file_bytes: 8 };

fn limited(world: &World, folder: &std::path::Path) -> Service {
    let clock: std::sync::Arc<dyn Clock> = world.clock.clone();
    let store = Store::open(&options(world.database.clone(), Workers::Embedded), &clock).unwrap();
    let settings = Settings { quotas: LIMITS, ..settings().with_attachments(folder, 1000) };
    Service::new(store, clock).with_settings(settings)
}

async fn attach(client: &Client, task: &Task, bytes: &[u8]) -> Result<Attachment, Error> {
    let new = NewAttachment { task: task.id.into(), name: FileName::parse("a.txt").unwrap(), media_type: None };
    client.begin_attachment(new).await?;
    client.continue_attachment(Chunk(bytes.to_vec())).await?;
    client.finish_attachment().await
}

fn task(title: &str) -> NewTask {
    NewTask::titled(Title::parse(title).unwrap())
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, setting: &str) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Quota, "{error:?}");
    assert_eq!(error.limit.as_deref(), Some(setting));
    assert!(error.hint.as_deref().unwrap().contains(&format!("raise `{setting}`")), "{error:?}");
    error
}

on_both! {
    async fn an_account_takes_no_more_than_it_may(world) {
        world.user("anna");
        let folder = tempfile::tempdir().unwrap();
        let service = limited(world, folder.path());
        let anna = in_process_as(service.clone(), world.caller("anna"));
        let mut tasks = Vec::new();
        for n in 0..5 {
            tasks.push(anna.add_task(task(&format!("task {n}"))).await.unwrap().value);
        }
        let error = refused(anna.add_task(task("one too many")).await, "limits.tasks");
        assert!(error.message.contains("5 tasks, and has 5"), "{error}");
        // By import and by undo it is no more either.
        let batch = ImportBatch { tasks: vec![imported(1, "x")], deleted: Vec::new(), last: true, force: false, ..ImportBatch::default() };
        refused(anna.import(batch).await, "limits.tasks");
        anna.delete_tasks(refs(&[&tasks[0]])).await.unwrap();
        anna.add_task(task("in its place")).await.unwrap();
        let deletion = anna.list_audit(AuditQuery { limit: 9, ..AuditQuery::default() }).await.unwrap().items;
        let deletion = deletion.iter().find(|entry| entry.action == Action::Delete).unwrap().change_id;
        refused(anna.undo(Undo { target: UndoTarget::Change(deletion) }).await, "limits.tasks");
        assert_eq!(anna.list_tasks(TaskFilter::default(), Page { total: true, ..Page::default() }).await.unwrap().total, Some(5));

        let long = text(&"x".repeat(1500));
        anna.add_comment(tasks[1].id.into(), long.clone()).await.unwrap();
        refused(anna.add_comment(tasks[1].id.into(), long.clone()).await, "limits.text_bytes");
        let patch = TaskPatch { note: Change::Set(long), ..TaskPatch::default() };
        refused(anna.edit_tasks(refs(&[&tasks[2]]), patch).await, "limits.text_bytes");

        let file = attach(&anna, &tasks[1], b"12345").await.unwrap();
        refused(attach(&anna, &tasks[1], b"6789").await, "limits.file_bytes");
        attach(&anna, &tasks[1], b"678").await.unwrap();
        refused(attach(&anna, &tasks[1], b"9").await, "limits.file_bytes");
        anna.delete_attachment(file.id).await.unwrap();
        attach(&anna, &tasks[1], b"9").await.unwrap();

        let used = anna.usage(None).await.unwrap();
        assert_eq!((used.tasks, used.files, used.file_bytes.used), (Amount { used: 5, limit: Some(5) }, 2, 4));
        assert!(used.tasks.is_near() && !used.file_bytes.is_near());
        assert_eq!(kind(anna.list_usage(UserQuery::default()).await), ErrorKind::Forbidden);
        let all = usage::list(&service, &admin(), UserQuery::default()).await.unwrap().items;
        assert_eq!(all.iter().map(|one| (&*one.username, one.tasks.limit)).collect::<Vec<_>>(), [("anna", Some(5)), ("local", None)]);
        let findings = in_process_as(service, admin()).findings().await.unwrap();
        let near = findings.iter().find(|finding| finding.name == "quotas").unwrap();
        assert!(near.found.contains("anna: 5 of 5 tasks"), "{near:?}");
    }

    async fn values_of_own_fields_are_text(world) {
        world.user("anna");
        let folder = tempfile::tempdir().unwrap();
        let service = limited(world, folder.path());
        let anna = in_process_as(service.clone(), world.caller("anna"));
        let field = NewField { name: FieldName::parse("client").unwrap(), kind: FieldKind::Text, choices: Vec::new() };
        anna.add_field(field).await.unwrap();
        let said = |text: String| {
            let fields = FieldChanges::of([("client".to_owned(), Some(text))].into(), &world.context());
            TaskPatch { fields, ..TaskPatch::default() }
        };
        let mut tasks = Vec::new();
        for n in 0..5 {
            tasks.push(anna.add_task(task(&format!("task {n}"))).await.unwrap().value);
        }
        for task in &tasks[..3] {
            anna.edit_tasks(refs(&[task]), said("x".repeat(500))).await.unwrap();
        }
        refused(anna.edit_tasks(refs(&[&tasks[3]]), said("x".repeat(500))).await, "limits.text_bytes");
        assert_eq!(anna.usage(None).await.unwrap().text_bytes.used, 5 * 6 + 3 * 500);
        anna.edit_tasks(refs(&[&tasks[0]]), said("xyz".to_owned())).await.unwrap();
        let counted = || async { usage::counted(&service, &admin(), "anna".parse().unwrap()).await.unwrap().text_bytes.used };
        assert_eq!((anna.usage(None).await.unwrap().text_bytes.used, counted().await), (1033, 1033));
        anna.delete_field(FieldName::parse("client").unwrap()).await.unwrap();
        assert_eq!((anna.usage(None).await.unwrap().text_bytes.used, counted().await), (30, 30));
        anna.undo(Undo { target: UndoTarget::Last }).await.unwrap();
        assert_eq!((anna.usage(None).await.unwrap().text_bytes.used, counted().await), (1033, 1033));
    }

    async fn local_has_no_limits(world) {
        let folder = tempfile::tempdir().unwrap();
        let local = in_process_as(limited(world, folder.path()), admin());
        for n in 0..7 {
            local.add_task(task(&format!("task {n}"))).await.unwrap();
        }
        let used = local.usage(None).await.unwrap();
        assert_eq!((used.tasks, used.text_bytes.used), (Amount { used: 7, limit: None }, 42));
    }

    /// The counts that are kept are those of what is there.
    async fn what_is_counted_is_what_is_there(world) {
        let house = crate::house::House::new(world).await;
        let task = crate::house::add(&house.anna, "a", |new| {
            (new.project, new.due) = (Some(house.id.into()), Some(world.due("tomorrow 18:00")));
            new.series = Some(crate::series::days("P1D"));
            new.note = Some(text("some words"));
            new.reminders = vec![NewReminder::new(Trigger::At(instant("2026-11-22T12:00:00Z")))];
        }).await;
        let part = crate::house::add(&house.max, "part", |new| new.parent = Some(task.id.into())).await;
        house.max.add_comment(task.id.into(), text("max says")).await.unwrap();
        house.anna.add_comment(part.id.into(), text("anna says")).await.unwrap_err();
        house.ada.complete_tasks(refs(&[&task])).await.unwrap();
        crate::house::undo(&house.ada).await.unwrap();
        house.ada.delete_tasks(refs(&[&task])).await.unwrap();
        crate::house::undo(&house.ada).await.unwrap();
        house.anna.delete_project(house.id.into()).await.unwrap();
        crate::house::undo(&house.anna).await.unwrap();
        let patch = TaskPatch { note: Change::Clear, ..crate::house::title("longer") };
        house.anna.edit_tasks(refs(&[&task]), patch).await.unwrap();
        let service = world.service();
        for name in ["anna", "ada", "max"] {
            let kept = usage::get(&service, &admin(), Some(named(name))).await.unwrap();
            assert_eq!(kept, usage::counted(&service, &admin(), named(name)).await.unwrap(), "{name}");
        }
        let anna = usage::get(&service, &admin(), Some(named("anna"))).await.unwrap();
        assert_eq!(anna.tasks.used, 1);
    }
}
