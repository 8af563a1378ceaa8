//! Imports that cannot be, or not whole: what is left out is said, and a failure leaves nothing behind.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::world::*;

on_both! {
    async fn a_failing_import_leaves_nothing(world) {
        world.import(vec![imported(1, "a"), ImportTask { parent_id: Some(id(1)), ..imported(2, "b") }]).await.unwrap();
        let (before, entries) = (world.picture().await, world.log().await.len());
        // The whole would become a part of its own part.
        let bad = ImportTask { parent_id: Some(id(2)), ..imported(1, "a") };
        let new = ImportTask { project: Some(project_name("p")), tags: tags(&["x"]), ..imported(3, "c") };
        assert_eq!(kind(world.import(vec![new, bad]).await), ErrorKind::Conflict);
        assert_eq!(world.picture().await, before);
        assert_eq!(world.log().await.len(), entries);
        assert_eq!(world.import(vec![]).await.unwrap(), ImportSummary::default(), "nothing is left of it to come");
    }

    async fn anothers_task_is_not_touched(world) {
        world.account(id(7));
        let (task, eva, at) = (world.id(id(8)), world.id(id(7)), world.moment());
        world.sql(&format!(
            "INSERT INTO tasks (id, owner_id, title, search_key, created_at, updated_at)
             VALUES ({task}, {eva}, 'hers', 'hers', {at}, {at})"
        ));
        // It is imported like one that nobody has, and the same again.
        let part = ImportTask { parent_id: Some(id(8)), ..imported(3, "part") };
        let summary = world.import(vec![imported(8, "mine"), part]).await.unwrap();
        assert_eq!((summary.created, summary.notices.len()), (2, 0));
        let again = world.import(vec![imported(8, "mine")]).await.unwrap();
        assert_eq!((again.created, again.unchanged), (0, 1));
        let part = world.client.get_task(id(3).into()).await.unwrap();
        assert_eq!(part.parent.map(|parent| parent.title), Some("mine".to_owned()));
        assert_eq!(kind(world.client.get_task(id(8).into()).await), ErrorKind::NotFound);
        let deletion = ImportBatch { tasks: vec![], deleted: vec![id(8)], last: true, force: false, ..ImportBatch::default() };
        assert_eq!(world.client.import(deletion).await.unwrap().deleted, 0);
        let waiting = ImportTask { depends_on: vec![id(8)], parent_id: Some(id(8)), ..imported(1, "mine") };
        let summary = world.import(vec![waiting]).await.unwrap();
        assert_eq!((summary.created, summary.notices.len()), (1, 2), "{:?}", summary.notices);
        let task = world.client.get_task(id(1).into()).await.unwrap().task;
        assert_eq!((task.parent_id, task.depends_on), (None, vec![]));
    }

    async fn what_is_nowhere_is_said(world) {
        let lost = ImportTask { parent_id: Some(id(50)), depends_on: vec![id(51), id(2)], ..imported(1, "a") };
        let summary = world.import(vec![lost, imported(2, "b")]).await.unwrap();
        assert_eq!(summary.notices.len(), 2);
        for (notice, nowhere) in summary.notices.iter().zip([id(50), id(51)]) {
            assert!(notice.contains("“a”") && notice.contains(&nowhere.to_string()), "{notice}");
        }
        let task = world.client.get_task(id(1).into()).await.unwrap().task;
        assert_eq!((task.parent_id, task.depends_on), (None, vec![id(2)]));
    }

    async fn circles_are_opened_and_said(world) {
        let parts = [(1, 2), (2, 1), (3, 3), (4, 1)];
        let tasks = parts.map(|(n, whole)| ImportTask { parent_id: Some(id(whole)), ..imported(n, "part") });
        let summary = world.import(tasks.into()).await.unwrap();
        assert_eq!(summary.created, 4);
        assert!(!summary.notices.is_empty());
        for n in 1..=4 {
            world.client.get_task(id(n).into()).await.unwrap();
        }
        let waits = [(11, 12), (12, 13), (13, 11), (14, 14), (15, 11)];
        let tasks = waits.map(|(n, before)| ImportTask { depends_on: vec![id(before)], ..imported(n, "waits") });
        let error = world.import(tasks.into()).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Conflict, Some("dependsOn")), "{error}");
        assert_eq!(world.titles(TaskFilter::default(), "").await.len(), 4);
        // A circle that is closed by an update of what is here.
        world.import(vec![imported(21, "x"), ImportTask { depends_on: vec![id(21)], ..imported(22, "y") }]).await.unwrap();
        let closing = ImportTask { depends_on: vec![id(22)], ..imported(21, "x") };
        assert_eq!(kind(world.import(vec![closing]).await), ErrorKind::Conflict);
    }

    async fn a_circle_through_old_and_new_is_refused(world) {
        world.import(vec![imported(1, "old")]).await.unwrap();
        let old = ImportTask { depends_on: vec![id(2)], ..imported(1, "old") };
        let new = ImportTask { depends_on: vec![id(1)], ..imported(2, "new") };
        assert_eq!(kind(world.import(vec![old, new]).await), ErrorKind::Conflict);
        assert_eq!(world.titles(TaskFilter::default(), "").await, ["old"]);
        let old = ImportTask { parent_id: Some(id(2)), ..imported(1, "old") };
        let new = ImportTask { parent_id: Some(id(1)), ..imported(2, "new") };
        assert_eq!(kind(world.import(vec![old, new]).await), ErrorKind::Conflict);
    }

    async fn a_whole_and_its_part_may_change_places(world) {
        world.import(vec![imported(1, "a"), ImportTask { parent_id: Some(id(1)), ..imported(2, "b") }]).await.unwrap();
        let swapped = vec![ImportTask { parent_id: Some(id(2)), ..imported(1, "a") }, imported(2, "b")];
        assert_eq!(world.import(swapped).await.unwrap().updated, 2);
        assert_eq!(world.client.get_task(id(2).into()).await.unwrap().subtasks.len(), 1);

        let waits = |n, before: &[u128]| ImportTask { depends_on: before.iter().map(|n| id(*n)).collect(), ..imported(n, "w") };
        world.import(vec![waits(11, &[12]), waits(12, &[])]).await.unwrap();
        assert_eq!(world.import(vec![waits(12, &[11]), waits(11, &[])]).await.unwrap().updated, 2);
        assert_eq!(world.client.get_task(id(12).into()).await.unwrap().task.depends_on, [id(11)]);
    }

    async fn what_is_unsound_cannot_even_be_said(_world) {
        let task = serde_json::to_value(imported(1, "a")).unwrap();
        for (field, value) in [
            ("title", serde_json::json!("")),
            ("title", serde_json::json!("a\u{0}b")),
            ("note", serde_json::json!("\u{1b}[2J")),
            ("tags", serde_json::json!(["a,b"])),
            ("project", serde_json::json!(" ")),
            ("due", serde_json::json!({ "at": "2026-11-21T10:00:00Z", "on": "2026-11-23", "timezone": "UTC" })),
            ("due", serde_json::json!({ "at": "2026-11-21T10:00:00Z", "timezone": "a\u{0}b" })),
            ("due", serde_json::json!({ "at": "2026-11-21T10:00:00Z", "timezone": "Mars/Base" })),
            ("createdAt", serde_json::json!("yesterday")),
        ] {
            let mut bad = task.clone();
            bad[field] = value.clone();
            assert!(serde_json::from_value::<ImportTask>(bad).is_err(), "{field} {value}");
        }
        assert!(serde_json::from_value::<ImportTask>(task).is_ok());
    }
}
