//! What cannot be undone: nothing is half-done then.

use muista_core::error::{Error, ErrorKind};
use muista_core::model::*;

use crate::world::*;

/// Undoes a change that cannot be; checks that nothing came of it.
async fn refused(world: &World, change: Id) -> Error {
    let (before, entries) = (world.picture().await, world.log().await.len());
    let error = world.undo_change(change).await.unwrap_err();
    crate::undo::pretty(&world.picture().await, &before);
    assert_eq!(world.log().await.len(), entries);
    assert!(!error.message.contains("FOREIGN KEY") && !error.message.contains("constraint"), "{error}");
    error
}

fn high() -> TaskPatch {
    TaskPatch { priority: Some(Priority::High), ..TaskPatch::default() }
}

fn under(parent: &Task) -> TaskPatch {
    TaskPatch { parent: Change::Set(parent.id.into()), ..TaskPatch::default() }
}

on_both! {
    async fn nothing_to_undo(world) {
        let error = world.client.undo(Undo { target: UndoTarget::Last }).await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::NotFound, "no change to undo"));
        assert_eq!(kind(world.undo_steps(3).await), ErrorKind::NotFound);
        assert_eq!(kind(world.undo_steps(0).await), ErrorKind::NotFound);
        assert_eq!(kind(world.undo_change(id(1)).await), ErrorKind::NotFound);
    }

    async fn a_task_changed_since(world) {
        let (a, b, c) = (world.add("a").await, world.add("b").await, world.add("c").await);
        world.client.edit_tasks(refs(&[&a, &b, &c]), high()).await.unwrap();
        let change = world.last_change().await.unwrap();
        world.client.complete_tasks(refs(&[&a])).await.unwrap();
        let error = refused(world, change).await;
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Conflict, "task 1 was changed since"));
        assert!(error.hint.is_some());
        world.undo().await;
        world.undo_change(change).await.unwrap();
    }

    async fn a_task_deleted_since(world) {
        let a = world.add("a").await;
        world.edit(&a, high()).await;
        let change = world.last_change().await.unwrap();
        world.rm(&[&a]).await;
        assert_eq!(refused(world, change).await.message, "task 1 was changed since");
    }

    async fn a_task_that_got_parts_or_comments_since(world) {
        let a = world.add("a").await;
        let made = world.last_change().await.unwrap();
        world.add_with("b", |new| new.parent = Some(a.id.into())).await;
        assert_eq!(refused(world, made).await.kind, ErrorKind::Conflict);
    }

    async fn a_part_whose_whole_is_gone(world) {
        let a = world.add("a").await;
        let b = world.add_with("b", |new| new.parent = Some(a.id.into())).await;
        world.rm(&[&b]).await;
        let deletion = world.last_change().await.unwrap();
        world.rm(&[&a]).await;
        let error = refused(world, deletion).await;
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains("task 2") && error.hint.is_some(), "{error}");
        world.undo().await;
        world.undo_change(deletion).await.unwrap();
        assert_eq!(world.get(&b).await.unwrap().parent.map(|task| task.id), Some(a.id));
    }

    async fn a_project_deleted_since(world) {
        let a = world.add_with("a", |new| new.project = Some(project("p"))).await;
        world.rm(&[&a]).await;
        let deletion = world.last_change().await.unwrap();
        world.client.delete_project(project("p")).await.unwrap();
        let error = refused(world, deletion).await;
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Conflict, "the project p of task 1 is deleted"));
    }

    async fn a_circle_of_parents(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        world.edit(&a, under(&b)).await;
        world.edit(&a, TaskPatch { parent: Change::Clear, ..TaskPatch::default() }).await;
        let cleared = world.last_change().await.unwrap();
        world.edit(&b, under(&a)).await;
        assert_eq!(refused(world, cleared).await.kind, ErrorKind::Conflict);
    }

    async fn a_circle_of_dependencies(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        let after = |tasks: &[&Task]| TaskPatch { depends_on: Some(refs(tasks)), ..TaskPatch::default() };
        world.edit(&a, after(&[&b])).await;
        world.edit(&a, after(&[])).await;
        let cleared = world.last_change().await.unwrap();
        world.edit(&b, after(&[&a])).await;
        assert_eq!(refused(world, cleared).await.kind, ErrorKind::Conflict);
    }

    async fn anothers_change(world) {
        world.account(id(7));
        let (change, eva, entry, at) = (world.id(id(8)), world.id(id(7)), world.id(id(9)), world.moment());
        world.sql(&format!(
            "INSERT INTO audit_entries (id, change_id, entity, record_id, user_id, actor, origin, action, created_at)
             VALUES ({entry}, {change}, 'Task', {entry}, {eva}, 'eva', 'cli', 'CREATE', {at})"
        ));
        assert_eq!(refused(world, id(8)).await.kind, ErrorKind::NotFound);
        assert_eq!(kind(world.undo_steps(1).await), ErrorKind::NotFound);
        assert_eq!(world.log().await, [], "nor can it be read");
    }
}
