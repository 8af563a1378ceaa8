//! Editing recurring tasks: which occurrences an edit means, and what it does to those that come.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::series::{days, from_completion, shown, timed};
use crate::world::*;

fn titled(title: &str, scope: Option<SeriesScope>) -> TaskPatch {
    TaskPatch { title: Some(Title::parse(title).unwrap()), scope, ..TaskPatch::default() }
}

fn moved(world: &World, due: &str, scope: Option<SeriesScope>) -> TaskPatch {
    TaskPatch { due: Change::Set(world.due(due)), scope, ..TaskPatch::default() }
}

fn every(series: NewSeries) -> TaskPatch {
    TaskPatch { every: Change::Set(series), ..TaskPatch::default() }
}

/// A series with two done occurrences and an open one, due on 24 November.
async fn three(world: &World) -> [Task; 3] {
    let first = world.add_every(Some("2026-11-22"), days("P1D")).await;
    let second = world.follow().await;
    let third = world.follow().await;
    [first, second, third]
}

async fn titles(world: &World) -> Vec<String> {
    world.titles(TaskFilter { status: Status::All, ..TaskFilter::default() }, "number").await
}

on_both! {
    async fn this_one_alone(world) {
        let [.., third] = three(world).await;
        world.edit(&third, titled("Only now", Some(SeriesScope::This))).await;
        world.follow().await;
        assert_eq!(titles(world).await, ["Water plants", "Water plants", "Only now", "Water plants"]);
    }

    async fn this_and_later_is_what_is_usual(world) {
        let [.., third] = three(world).await;
        world.edit(&third, titled("New", None)).await;
        world.follow().await;
        assert_eq!(titles(world).await, ["Water plants", "Water plants", "New", "New"]);
        let tagged = TaskPatch { add_tags: tags(&["x"]), project: Change::Set(project("p")), ..TaskPatch::default() };
        world.edit(&world.open().await[0], tagged).await;
        let next = world.follow().await;
        assert_eq!((next.tags, next.project.as_deref()), (vec!["x".to_owned()], Some("p")));
    }

    async fn all_of_them(world) {
        let [first, _, third] = three(world).await;
        let patch = TaskPatch { due: Change::Set(world.due("2026-11-25")), ..titled("All", Some(SeriesScope::All)) };
        assert_eq!(world.edit(&third, patch).await.title, "All");
        assert_eq!(world.get(&first).await.unwrap().task.due_on, first.due_on, "what was due stays");
        world.follow().await;
        assert_eq!(titles(world).await, ["All", "All", "All", "All"]);
        world.undo_steps(2).await.unwrap();
        assert_eq!(titles(world).await, ["Water plants", "Water plants", "Water plants"]);
    }

    async fn of_a_done_one_it_is_that_one_unless_said(world) {
        let [_, second, _] = three(world).await;
        world.edit(&second, titled("Then", None)).await;
        assert_eq!(titles(world).await, ["Water plants", "Then", "Water plants"]);
        world.edit(&second, titled("Since", Some(SeriesScope::Later))).await;
        world.follow().await;
        assert_eq!(titles(world).await, ["Water plants", "Since", "Since", "Since"]);
    }

    async fn all_named_together_are_edited_once(world) {
        let [first, second, third] = three(world).await;
        let patch = titled("All", Some(SeriesScope::All));
        world.client.edit_tasks(refs(&[&first, &third]), patch).await.unwrap();
        assert_eq!(titles(world).await, ["All", "All", "All"]);
        assert_eq!(world.get(&first).await.unwrap().task.version, 3);
        assert_eq!(world.get(&second).await.unwrap().task.version, 3);
    }

    async fn a_due_moved_alone_leaves_the_series(world) {
        for (series, due, to, expected) in [
            (days("P1W"), "2026-11-27", "2026-11-30", "2026-12-04"),
            (days("P1W"), "2026-11-27", "2026-11-25", "2026-12-04"),
            (days("0 0 * * 5"), "2026-11-27", "2026-11-26", "2026-12-04"),
            (days("0 0 * * 5"), "2026-11-27", "2026-11-27 18:00", "2026-12-04"),
            (days("0 0 * * 5"), "2026-11-27", "2026-12-10", "2026-12-04"),
        ] {
            let task = world.add_every(Some(due), series).await;
            world.edit(&task, moved(world, to, Some(SeriesScope::This))).await;
            let next = world.follow().await;
            assert_eq!(shown(&next), expected, "{due} to {to}");
            // Only that one was moved.
            let after = world.follow().await;
            assert_eq!(shown(&after), "2026-12-11");
            world.rm(&[&after]).await;
        }
    }

    async fn a_due_moved_moves_those_that_come(world) {
        for (series, due, to, expected) in [
            (days("P1W"), "2026-11-27", "2026-11-30", "2026-12-07"),
            (days("P1W"), "2026-11-27 18:00", "2026-11-30 19:00", "2026-12-07 19:00"),
            (days("P1W"), "2026-11-27", "2026-11-30 19:00", "2026-12-07 19:00"),
            (days("P1W"), "2026-11-27 18:00", "2026-11-30", "2026-12-07"),
            (days("0 0 * * 5"), "2026-11-27", "2026-11-27 18:00", "2026-12-04 18:00"),
            (days("0 0 * * 5"), "2026-11-27 18:00", "2026-11-27 07:30", "2026-12-04 07:30"),
            (timed("0 9 * * 5"), "2026-11-27 09:00", "2026-11-27 18:00", "2026-12-04 09:00"),
            (days("0 0 * * 5"), "2026-11-27", "2026-11-26", "2026-12-04"),
            (days("0 0 * * 5"), "2026-11-27", "2026-12-05", "2026-12-11"),
            (from_completion("P1W"), "2026-11-27 18:00", "2026-11-30 19:00", "2026-11-28 19:00"),
        ] {
            let task = world.add_every(Some(due), series).await;
            world.edit(&task, moved(world, to, None)).await;
            let next = world.follow().await;
            assert_eq!(shown(&next), expected, "{due} to {to}");
            world.rm(&[&next]).await;
        }
    }

    async fn a_task_is_made_to_recur(world) {
        let task = world.add("a").await;
        let task = world.edit(&task, every(days("0 0 * * 5"))).await;
        assert_eq!((shown(&task).as_str(), task.series_number), ("2026-11-27", Some(1)));
        let next = world.follow().await;
        assert_eq!((shown(&next).as_str(), next.title.as_str()), ("2026-12-04", "a"));
    }

    async fn the_rule_is_changed(world) {
        let [.., third] = three(world).await;
        let third = world.edit(&third, every(days("P1W"))).await;
        assert_eq!((shown(&third).as_str(), third.recurrence.as_deref()), ("2026-11-24", Some("every P1W")));
        let next = world.follow().await;
        assert_eq!((shown(&next).as_str(), next.series_number, next.series_id), ("2026-12-01", Some(4), third.series_id));
    }

    async fn a_series_is_stopped_and_goes_on(world) {
        let [_, second, third] = three(world).await;
        let stopped = TaskPatch { every: Change::Clear, ..TaskPatch::default() };
        let third = world.edit(&third, stopped).await;
        assert_eq!((third.recurrence.clone(), shown(&third).as_str()), (None, "2026-11-24"));
        world.client.reopen_tasks(refs(&[&second])).await.unwrap();
        assert_eq!(world.done(&second).await, [""; 0], "it was the third that would go on");
        world.edit(&third, every(days("P2D"))).await;
        assert_eq!(shown(&world.follow().await), "2026-11-26");
        world.edit(&world.open().await[0], TaskPatch { every: Change::Clear, ..TaskPatch::default() }).await;
        let last = world.open().await.remove(0);
        assert_eq!(world.done(&last).await, [""; 0]);
        assert_eq!(world.open().await, []);
    }

    async fn what_cannot_be_is_refused(world) {
        let [first, _, third] = three(world).await;
        let alone = world.add("a").await;
        let refused = async |task: &Task, patch: TaskPatch| {
            let error = world.client.edit_tasks(refs(&[task]), patch).await.unwrap_err();
            assert!(matches!(error.kind, ErrorKind::Invalid | ErrorKind::Conflict), "{error}");
            assert!(error.hint.is_some(), "{error}");
            error.field.unwrap()
        };
        assert_eq!(refused(&third, TaskPatch { due: Change::Clear, ..TaskPatch::default() }).await, "due");
        assert_eq!(refused(&third, TaskPatch { scope: Some(SeriesScope::This), ..every(days("P2D")) }).await, "scope");
        assert_eq!(refused(&alone, titled("b", Some(SeriesScope::All))).await, "scope");
        assert_eq!(refused(&first, every(days("P2D"))).await, "every");
        world.client.reopen_tasks(refs(&[&first])).await.unwrap();
        assert_eq!(refused(&first, every(days("P2D"))).await, "every");
    }
}
