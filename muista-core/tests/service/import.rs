//! Imports and exports: idempotent, in any order, undone as one.

use muista_core::model::*;

use crate::undo::pretty;
use crate::world::*;

fn comment(words: &str) -> ImportComment {
    ImportComment { text: text(words), created_at: instant("2026-11-01T08:00:00Z") }
}

/// Parts before wholes, dependents before what they wait for.
fn tangled(world: &World) -> Vec<ImportTask> {
    let mut leaf = imported(3, "leaf");
    leaf.parent_id = Some(id(2));
    leaf.depends_on = vec![id(9), id(1)];
    leaf.comments = vec![comment("one"), comment("two")];
    let mut middle = imported(2, "middle");
    middle.parent_id = Some(id(1));
    middle.depends_on = vec![id(9)];
    middle.completed_at = Some(instant("2026-11-02T00:00:00Z"));
    let mut root = imported(1, "root");
    root.project = Some(project_name("home"));
    root.tags = tags(&["b", "A", "a"]);
    root.due = Some(world.due("2026-12-24"));
    root.created_at = instant("2020-02-29T00:00:00Z");
    root.updated_at = Some(instant("2020-03-01T00:00:00Z"));
    vec![leaf, middle, root, imported(9, "before")]
}

fn counts(summary: &ImportSummary) -> [u64; 5] {
    [summary.created, summary.updated, summary.unchanged, summary.deleted, summary.comments]
}

on_both! {
    async fn an_import_twice_is_an_import_once(world) {
        let first = world.import(tangled(world)).await.unwrap();
        assert_eq!((counts(&first), first.notices.as_slice()), ([4, 0, 0, 0, 2], &["made the project home".into()][..]));
        let root = world.client.get_task(id(1).into()).await.unwrap();
        assert_eq!((root.task.tags.as_slice(), root.task.version), (&["A".into(), "b".into()][..], 1));
        assert_eq!(root.task.created_at, instant("2020-02-29T00:00:00Z"));
        assert_eq!(root.task.updated_at, instant("2020-03-01T00:00:00Z"));
        assert_eq!(root.subtasks.iter().map(|task| task.id).collect::<Vec<_>>(), [id(2)]);
        let leaf = world.client.get_task(id(3).into()).await.unwrap();
        assert_eq!(leaf.comments.iter().map(|comment| comment.text.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(leaf.task.depends_on, [id(1), id(9)]);
        assert_eq!(world.get_number(leaf.task.number).await.parent_id, Some(id(2)));
        let before = world.picture().await;
        let entries = world.log().await.len();

        world.tick();
        let again = world.import(tangled(world)).await.unwrap();
        assert_eq!((counts(&again), again.notices.len()), ([0, 0, 4, 0, 0], 0));
        pretty(&world.picture().await, &before);
        assert_eq!(world.log().await.len(), entries);
    }

    async fn what_differs_is_brought_up_to_date(world) {
        world.import(tangled(world)).await.unwrap();
        let mut tasks = tangled(world);
        tasks[0].parent_id = None;
        tasks[0].comments.push(comment("three"));
        tasks[1].completed_at = None;
        tasks[2].tags = tags(&["c"]);
        tasks[2].depends_on = vec![id(10)];
        (tasks[2].due, tasks[2].project) = (None, Some(project_name("HOME")));
        tasks.push(imported(10, "new"));
        world.tick();
        let summary = world.import(tasks).await.unwrap();
        assert_eq!(counts(&summary), [1, 3, 1, 0, 1]);
        let root = world.client.get_task(id(1).into()).await.unwrap().task;
        assert_eq!((root.tags.as_slice(), root.depends_on.as_slice()), (&["c".into()][..], &[id(10)][..]));
        assert_eq!((root.due_date, root.due_on, root.project.as_deref()), (None, None, Some("home")));
        assert_eq!((root.version, root.updated_at), (2, instant("2020-03-01T00:00:00Z")));
        let leaf = world.client.get_task(id(3).into()).await.unwrap();
        assert_eq!((leaf.parent, leaf.comments.len()), (None, 3));
    }

    async fn the_last_of_two_alike_counts(world) {
        let summary = world.import(vec![imported(1, "a"), imported(2, "b"), imported(1, "c")]).await.unwrap();
        assert_eq!(summary.created, 2);
        assert_eq!(world.titles(TaskFilter::default(), "title").await, ["b", "c"]);
    }

    async fn what_was_changed_here_later_stays(world) {
        let at = |n: u128, title: &str, updated: &str| ImportTask {
            updated_at: Some(instant(updated)), ..imported(n, title)
        };
        world.import(vec![at(1, "a", "2026-11-21T09:00:00Z"), at(2, "b", "2026-11-21T09:00:00Z")]).await.unwrap();
        let task = world.client.get_task(id(1).into()).await.unwrap().task;
        world.edit(&task, TaskPatch { note: Change::Set(text("by hand")), ..TaskPatch::default() }).await;
        let old = || vec![at(1, "a", "2026-11-21T09:00:00Z"), at(2, "b!", "2026-11-21T09:30:00Z")];
        let summary = world.import(old()).await.unwrap();
        assert_eq!((summary.older, summary.updated, summary.forced), (1, 1, 0));
        assert!(summary.notices[0].contains("“a” was changed here later") && summary.notices[1].contains("--force"));
        let note = async || world.client.get_task(id(1).into()).await.unwrap().task.note;
        assert_eq!(note().await.as_deref(), Some("by hand"));
        let forced = ImportBatch { tasks: old(), deleted: Vec::new(), last: true, force: true, ..ImportBatch::default() };
        let summary = world.client.import(forced).await.unwrap();
        assert_eq!((summary.older, summary.updated, summary.forced, summary.unchanged), (0, 1, 1, 1));
        assert_eq!(note().await, None);
    }

    async fn parts_are_gathered_until_the_last(world) {
        let part = |tasks, deleted, last| world.client.import(ImportBatch { tasks, deleted, last, force: false, ..ImportBatch::default() });
        let mut tasks = tangled(world);
        let rest = tasks.split_off(1);
        assert_eq!(part(tasks, vec![id(77)], false).await.unwrap(), ImportSummary::default());
        assert_eq!(world.titles(TaskFilter::default(), "").await, Vec::<String>::new());
        let other = world.another(muista_core::store::Workers::Embedded);
        let others = other.import(ImportBatch { tasks: vec![imported(50, "x")], deleted: Vec::new(), last: true, force: false, ..ImportBatch::default() }).await;
        assert_eq!(counts(&others.unwrap()), [1, 0, 0, 0, 0]);
        assert_eq!(counts(&part(rest, vec![], true).await.unwrap()), [4, 0, 0, 0, 2]);
        assert_eq!(counts(&part(vec![], vec![id(50), id(2), id(77)], true).await.unwrap()), [0, 0, 0, 3, 0]);
        assert_eq!(world.titles(TaskFilter::default(), "title").await, ["before", "root"]);
    }

    async fn a_whole_import_is_undone_and_done_again(world) {
        world.add("mine").await;
        world.import(vec![imported(9, "old"), imported(8, "doomed")]).await.unwrap();
        let before = world.picture().await;
        let batch = ImportBatch { tasks: tangled(world), deleted: vec![id(8)], last: true, force: false, ..ImportBatch::default() };
        assert_eq!(counts(&world.client.import(batch).await.unwrap()), [3, 1, 0, 1, 2]);
        let after = world.picture().await;
        for _ in 0..2 {
            world.undo().await;
            pretty(&world.picture().await, &before);
            world.undo().await;
            pretty(&world.picture().await, &after);
        }
        let changes: std::collections::HashSet<_> = world.log().await.iter().map(|entry| entry.change_id).collect();
        assert_eq!(changes.len(), 2 + 1 + 4);
    }

    async fn a_large_import_is_one_change(world) {
        let many = |n: u128| {
            let mut task = imported(n, &format!("task {n}"));
            task.depends_on = vec![id(n % 1300 + 1)].into_iter().filter(|before| *before > task.id).collect();
            task.parent_id = (n > 1).then(|| id(n / 2)).filter(|_| n.is_multiple_of(3));
            task.tags = tags(&[&format!("t{}", n % 700)]);
            task.comments = vec![comment("c")];
            task
        };
        let summary = world.import((1..=1300).rev().map(many).collect()).await.unwrap();
        assert_eq!(counts(&summary), [1300, 0, 0, 0, 1300]);
        let before = world.picture().await;
        assert_eq!(before["tasks"].as_array().unwrap().len(), 1300);
        let again = world.import((1..=1300).map(many).collect()).await.unwrap();
        assert_eq!(counts(&again), [0, 0, 1300, 0, 0]);
        world.undo().await;
        assert_eq!(world.picture().await["tasks"].as_array().unwrap().len(), 0);
        world.undo().await;
        pretty(&world.picture().await, &before);
    }

    async fn an_export_holds_every_task_with_its_comments(world) {
        world.import(tangled(world)).await.unwrap();
        world.import((100..1200).map(|n| imported(n, "t")).collect()).await.unwrap();
        let (mut tasks, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let filter = TaskFilter { status: Status::All, ..TaskFilter::default() };
            let page = world.client.export(filter, cursor).await.unwrap();
            tasks.extend(page.items);
            (cursor, pages) = (page.next_cursor, pages + 1);
            if cursor.is_none() {
                break;
            }
        }
        let numbers: Vec<_> = tasks.iter().map(|task| task.task.number).collect();
        assert_eq!((numbers, pages), ((1..=1104).collect(), 3));
        let commented: Vec<_> = tasks.iter().filter(|task| !task.comments.is_empty()).collect();
        assert_eq!((commented.len(), commented[0].task.id, commented[0].comments.len()), (1, id(3), 2));
        let open = world.client.export(TaskFilter::default(), None).await.unwrap();
        assert!(open.items.iter().all(|task| !task.task.completed));
    }

    async fn an_export_of_huge_comments_is_cut_short(world) {
        let huge = "x".repeat(65_536);
        let task = |n| ImportTask { comments: (0..40).map(|k| comment(&format!("{k}{}", &huge[9..]))).collect(), ..imported(n, "t") };
        world.import((1..=8).map(task).collect()).await.unwrap();
        let (mut numbers, mut cursor) = (Vec::new(), None);
        loop {
            let page = world.client.export(TaskFilter::default(), cursor).await.unwrap();
            assert!((1..=2).contains(&page.items.len()), "{} tasks with 2.6 MB of comments each", page.items.len());
            assert!(page.items.iter().all(|task| task.comments.len() == 40));
            numbers.extend(page.items.iter().map(|task| task.task.number));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
