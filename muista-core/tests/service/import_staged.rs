//! Imports of more than is worked on at a time: what waits on the disk comes out as it went in, whatever refers to what.

use std::collections::HashSet;
use std::path::Path;

use futures::future::join_all;
use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::rpc::in_process_as;
use muista_core::service::{Caller, Settings};
use muista_core::store::Workers;

use crate::undo::pretty;
use crate::world::*;

/// More than two steps.
const MANY: u128 = 1_201;

fn batch(tasks: Vec<ImportTask>, last: bool) -> ImportBatch {
    ImportBatch { tasks, last, ..ImportBatch::default() }
}

fn part_of(n: u128, whole: u128) -> ImportTask {
    ImportTask { parent_id: Some(id(whole)), ..imported(n, &format!("part {n}")) }
}

/// All tasks, by number.
async fn exported(world: &World) -> Vec<Task> {
    let filter = || TaskFilter { status: Status::All, ..TaskFilter::default() };
    let (mut tasks, mut cursor) = (Vec::new(), None);
    loop {
        let page = world.client.export(filter(), cursor).await.unwrap();
        tasks.extend(page.items.into_iter().map(|exported| exported.task));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return tasks;
        }
    }
}

on_both! {
    async fn numbers_follow_the_file_and_parts_their_wholes(world) {
        // The wholes come last, and one hangs below another as deep as there are tasks.
        let deep = (1..=MANY).map(|n| if n == MANY { imported(n, "top") } else { part_of(n, n + 1) });
        assert_eq!(world.import(deep.collect()).await.unwrap().created, 1_201);
        let ids: Vec<Id> = exported(world).await.iter().map(|task| task.id).collect();
        assert_eq!(ids, (1..=MANY).rev().map(id).collect::<Vec<_>>());
        world.import((5_000..5_000 + MANY).map(|n| imported(n, "flat")).collect()).await.unwrap();
        let flat: Vec<Id> = exported(world).await.iter().skip(1_201).map(|task| task.id).collect();
        assert_eq!(flat, (5_000..5_000 + MANY).map(id).collect::<Vec<_>>());
        let before = world.picture().await;
        world.undo_steps(2).await.unwrap();
        assert_eq!(exported(world).await.len(), 0);
        world.undo().await;
        pretty(&world.picture().await, &before);
    }

    async fn of_two_alike_the_last_counts_in_whatever_part(world) {
        world.import(vec![imported(3, "here")]).await.unwrap();
        let first = vec![imported(1, "a"), part_of(2, 1), imported(3, "here?")];
        let last = vec![imported(3, "here!"), part_of(1, 3), imported(2, "alone")];
        world.client.import(batch(first, false)).await.unwrap();
        let summary = world.client.import(batch(last, true)).await.unwrap();
        assert_eq!((summary.created, summary.updated), (2, 1));
        let tasks = exported(world).await;
        let seen: Vec<_> = tasks.iter().map(|task| (task.title.as_str(), task.parent_id)).collect();
        assert_eq!(seen, [("here!", None), ("part 1", Some(id(3))), ("alone", None)]);
    }

    async fn what_is_brought_up_to_date_waits_for_what_is_new(world) {
        world.import((1..=MANY).map(|n| imported(n, "old")).collect()).await.unwrap();
        let waits = |n: u128| ImportTask {
            depends_on: vec![id(n + 10_000), id(n + 10_000)],
            tags: tags(&["x", &format!("t{}", n % 7)]),
            comments: vec![ImportComment { text: text("new"), created_at: instant("2026-11-01T08:00:00Z") }],
            ..imported(n, "old")
        };
        let new = |n: u128| ImportTask { depends_on: vec![id(n + 1)], ..imported(n, "new") };
        let mut tasks: Vec<ImportTask> = (1..=MANY).map(waits).collect();
        tasks.extend((10_001..10_000 + MANY).map(new));
        tasks.push(imported(10_000 + MANY, "last"));
        let summary = world.import(tasks.clone()).await.unwrap();
        assert_eq!((summary.created, summary.updated, summary.comments), (1_201, 1_201, 1_201));
        let all = exported(world).await;
        assert!(all.iter().take(1_201).all(|task| task.depends_on.len() == 1 && task.tags.len() == 2));
        assert_eq!(all.iter().filter(|task| task.depends_on.is_empty()).count(), 1);
        let again = world.import(tasks).await.unwrap();
        assert_eq!((again.unchanged, again.comments), (2_402, 0));
        let closing = ImportTask { depends_on: vec![id(1)], ..imported(10_000 + MANY, "last") };
        let error = world.import(vec![imported(77_777, "new"), closing]).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Conflict, Some("dependsOn")), "{error}");
        assert_eq!(exported(world).await.len(), 2_402);
    }

    async fn a_long_circle_of_parts_is_refused_by_the_number_of_one(world) {
        world.import((1..=MANY).map(|n| if n == 1 { imported(1, "top") } else { part_of(n, n - 1) }).collect()).await.unwrap();
        let before = world.picture().await;
        let error = world.import(vec![imported(9_999, "new"), part_of(1, MANY)]).await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Conflict, "task 1 would be a part of itself"));
        pretty(&world.picture().await, &before);
        // All at once turned round: a chain again, and no circle.
        let turned = (1..=MANY).map(|n| if n == MANY { imported(n, "top") } else { part_of(n, n + 1) });
        assert_eq!(world.import(turned.collect()).await.unwrap().updated, 1_201);
    }

    async fn what_is_said_of_very_many_is_said_of_some(world) {
        let lost = (1..=MANY).map(|n| part_of(n, n + 90_000)).collect();
        let summary = world.import(lost).await.unwrap();
        assert_eq!((summary.created, summary.notices.len()), (1_201, 21), "{:?}", summary.notices);
        assert!(summary.notices[20].starts_with("1181 more"), "{:?}", summary.notices[20]);
        let round = (2_001..=2_000 + MANY).map(|n| part_of(n, if n == 2_001 { 2_000 + MANY } else { n - 1 })).collect();
        let summary = world.import(round).await.unwrap();
        assert_eq!((summary.created, summary.notices.len()), (1_201, 21), "{:?}", summary.notices);
        assert!(exported(world).await.iter().all(|task| task.parent_id.is_none()));
    }

    async fn anothers_export_becomes_ones_own_whole(world) {
        let anna = { world.user("anna"); world.as_user("anna") };
        let tree = |n: u128| ImportTask {
            parent_id: (n > 1).then(|| id(n / 2)),
            depends_on: (n > 1).then(|| id(n - 1)).into_iter().collect(),
            ..imported(n, &format!("task {n}"))
        };
        let all: Vec<ImportTask> = (1..=MANY).map(tree).collect();
        world.import(all.clone()).await.unwrap();
        let created = anna.import(batch(all.clone(), true)).await.unwrap();
        assert_eq!((created.created, created.notices.len()), (1_201, 0));
        let again = anna.import(batch(all, true)).await.unwrap();
        assert_eq!((again.created, again.unchanged), (0, 1_201));
        let page = anna.export(TaskFilter::default(), None).await.unwrap();
        let hers: HashSet<Id> = page.items.iter().map(|exported| exported.task.id).collect();
        let ours: HashSet<Id> = (1..=MANY).map(id).collect();
        assert!(hers.is_disjoint(&ours));
        let deep = page.items.iter().find(|exported| exported.task.title == "task 500").unwrap();
        assert!(hers.contains(&deep.task.parent_id.unwrap()) && hers.contains(&deep.task.depends_on[0]));
    }

    async fn imports_of_several_accounts_at_once_do_not_mix(world) {
        let names = ["anna", "bert", "carl"];
        names.into_iter().for_each(|name| { world.user(name); });
        let clients = names.map(|name| world.as_caller(world.caller(name), Workers::Daemon));
        let imports = clients.iter().zip(names).zip(1..).map(|((client, name), account)| async move {
            for part in 0..4_u128 {
                let from = account * 10_000 + part * 400;
                let project = || Some(project_name(name));
                let tasks = (from..from + 400).map(|n| ImportTask { project: project(), ..imported(n, name) });
                client.import(batch(tasks.collect(), part == 3)).await.unwrap();
            }
            client.export(TaskFilter::default(), None).await.unwrap()
        });
        for (page, name) in join_all(imports).await.iter().zip(names) {
            assert_eq!(page.items.len(), 500);
            assert!(page.items.iter().all(|exported| exported.task.title == name));
            assert!(page.items.iter().all(|exported| exported.task.project.as_deref() == Some(name)));
        }
    }

    async fn many_are_deleted_with_what_hangs_on_them(world) {
        let tree = |n: u128| if n <= 3 { imported(n, "top") } else { part_of(n, n - 3) };
        world.import((1..=MANY).map(tree).collect()).await.unwrap();
        let before = world.picture().await;
        // Of each that is deleted the parts are in other steps.
        let deleted: Vec<Id> = (1..=MANY).rev().filter(|n| n % 3 != 0).map(id).collect();
        let summary = world.client.import(ImportBatch { deleted, last: true, ..ImportBatch::default() }).await.unwrap();
        assert_eq!(summary.deleted, 801);
        assert_eq!(exported(world).await.len(), 400);
        world.undo().await;
        pretty(&world.picture().await, &before);
    }

    async fn what_waits_has_no_name_and_is_gone_with_the_import(world) {
        let folder = tempfile::tempdir().unwrap();
        let client = |spool: &Path| {
            let service = world.service_with(Settings { spool: spool.to_owned(), ..settings() });
            in_process_as(service, Caller::local(Origin::Cli, None))
        };
        let here = client(folder.path());
        here.import(batch(vec![imported(1, "a")], false)).await.unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        here.import(batch(vec![imported(2, "b")], true)).await.unwrap();
        let nowhere = client(Path::new("/proc/nowhere"));
        let error = nowhere.import(batch(vec![imported(3, "c")], true)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert!(error.message.contains("/proc/nowhere") && error.hint.is_some(), "{error:?}");
    }

    async fn an_import_of_too_many_is_refused_before_its_end(world) {
        let ids = |from: u128| ImportBatch { deleted: (from..from + 400_000).map(id).collect(), ..ImportBatch::default() };
        world.client.import(ids(0)).await.unwrap();
        world.client.import(ids(400_000)).await.unwrap();
        let error = world.client.import(ids(800_000)).await.unwrap_err();
        assert!(error.message.contains("more than 1000000 tasks are too many"), "{error}");
        // Nothing of it is left to come.
        assert_eq!(world.client.import(batch(vec![], true)).await.unwrap(), ImportSummary::default());
    }
}
