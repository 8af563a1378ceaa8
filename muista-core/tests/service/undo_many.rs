//! Undo of changes of more tasks than are reverted at once, which hang on each other from one part of them to the next.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::reminder::{every, from_due};
use crate::undo::pretty;
use crate::world::*;

/// More than is reverted at once.
const MANY: u128 = 620;

/// Tasks of which most wait for the one before, each tenth is a part of the one ten before it, and which have one of two
/// tags, or both.
fn many() -> Vec<ImportTask> {
    let task = |n: u128| {
        let mut task = imported(n, &format!("task {n}"));
        task.depends_on = (n % 40 != 1).then(|| id(n - 1)).into_iter().collect();
        task.parent_id = (n > 10 && n.is_multiple_of(10)).then(|| id(n - 10));
        task.tags = tags(match n % 3 {
            0 => &["a"],
            1 => &["b"],
            _ => &["a", "b"],
        });
        task
    };
    (1..=MANY).map(task).collect()
}

/// Undoes the last change, does it again, and undoes it again.
async fn to_and_fro(world: &World, before: &serde_json::Value) {
    let after = world.picture().await;
    assert_ne!(*before, after);
    world.tick();
    world.undo().await;
    pretty(&world.picture().await, before);
    world.undo().await;
    pretty(&world.picture().await, &after);
    world.undo().await;
}

on_both! {
    async fn what_was_done_to_many_is_undone_and_done_again(world) {
        let empty = world.picture().await;
        world.import(many()).await.unwrap();
        let before = world.picture().await;
        let tag = |name: &str| TagName::parse(name).unwrap();
        world.client.rename_tag(tag("a"), tag("b")).await.unwrap();
        to_and_fro(world, &before).await;
        world.client.delete_tag(tag("b")).await.unwrap();
        to_and_fro(world, &before).await;
        let all: Vec<TaskRef> = (1..=MANY).map(|n| id(n).into()).collect();
        world.client.complete_tasks(all.clone()).await.unwrap();
        to_and_fro(world, &before).await;
        let alone = TaskPatch { depends_on: Some(Vec::new()), parent: Change::Clear, ..TaskPatch::default() };
        world.client.edit_tasks(all.clone(), alone).await.unwrap();
        to_and_fro(world, &before).await;
        world.client.delete_tasks(all).await.unwrap();
        pretty(&world.picture().await["tasks"], &empty["tasks"]);
        to_and_fro(world, &before).await;
    }

    async fn many_reminders_come_and_go_with_their_tasks(world) {
        for n in 1..=14 {
            world.add_with(&format!("task {n}"), |new| {
                new.due = Some(world.due("2026-12-24 12:00"));
                new.reminders = vec![from_due("1h before"); 44];
                new.reminders.push(every("0 9 * * 1"));
            }).await;
        }
        let before = world.picture().await;
        assert_eq!(before["reminders"].as_array().unwrap().len(), 14 * 45);
        let all: Vec<TaskRef> = (1..=14).map(TaskRef::Number).collect();
        world.client.complete_tasks(all.clone()).await.unwrap();
        to_and_fro(world, &before).await;
        world.client.delete_tasks(all).await.unwrap();
        to_and_fro(world, &before).await;
    }

    async fn of_many_entries_the_last_are_told(world) {
        world.import(many()).await.unwrap();
        let change = world.last_change().await.unwrap();
        let undone = world.undo().await;
        assert_eq!((undone.entries.len(), undone.total), (200, MANY as u64));
        assert!(undone.entries.iter().all(|entry| entry.change_id == change));
        assert!(undone.entries.is_sorted_by(|a, b| a.seq > b.seq), "the newest first");
        let again = world.undo().await;
        assert_eq!((again.entries.len(), again.entries[0].change_id), (200, undone.change_id));
    }

    async fn large_entries_are_told_as_far_as_there_is_room(world) {
        let large = |n: u128| {
            let mut task = imported(n, &format!("task {n}"));
            task.description = Some(text(&"x".repeat(60_000)));
            task
        };
        world.import((1..=150).map(large).collect()).await.unwrap();
        let undone = world.undo().await;
        assert_eq!((undone.entries.len(), undone.total), (138, 150));
        assert_eq!(world.titles(TaskFilter::default(), "").await, [""; 0]);
    }

    async fn the_making_of_many_is_undone_unless_something_hangs_on_one(world) {
        world.import(many()).await.unwrap();
        let made = world.last_change().await.unwrap();
        let before = world.picture().await;
        world.client.add_comment(TaskRef::Id(id(7)), text("look")).await.unwrap();
        let error = world.undo_change(made).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.starts_with("task 7 has got"), "{error}");
        world.undo().await;
        pretty(&world.picture().await, &before);
        let waiting = world.add_with("waits", |new| new.depends_on = vec![id(3).into(), id(600).into()]).await;
        world.undo_change(made).await.unwrap();
        assert_eq!(world.get(&waiting).await.unwrap().task.depends_on, [], "what is gone is not waited for");
        assert_eq!(world.titles(TaskFilter::default(), "").await, ["waits"]);
    }
}
