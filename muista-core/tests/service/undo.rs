//! Undo, and undo of undo, of changes to tasks.

use muista_core::error::{ErrorKind, Result};
use muista_core::model::*;
use muista_core::rpc::Client;
use muista_core::service::Caller;
use muista_core::store::Workers;

use crate::world::*;

/// A world with something of everything: a whole with a part, comments, tags, a project, dependencies both ways.
pub(crate) async fn furnished(world: &World) {
    let mut whole = imported(1, "whole");
    whole.project = Some(project_name("home"));
    whole.tags = tags(&["a", "b"]);
    whole.due = Some(world.due("2026-11-27"));
    whole.depends_on = vec![id(4)];
    whole.note = Some(text("n"));
    let mut part = imported(2, "part");
    part.parent_id = Some(id(1));
    part.depends_on = vec![id(1)];
    part.comments = ["one", "two"]
        .map(|words| ImportComment { text: text(words), created_at: instant("2026-11-01T00:00:00Z") })
        .into();
    let mut dependent = imported(3, "dependent");
    dependent.depends_on = vec![id(1), id(2)];
    world.import(vec![whole, part, dependent, imported(4, "first")]).await.unwrap();
}

/// Checks that the last change can be undone, done again and undone again.
async fn to_and_fro(world: &World, before: &serde_json::Value) {
    let after = world.picture().await;
    assert_ne!(*before, after);
    for _ in 0..2 {
        world.tick();
        world.undo().await;
        pretty(&world.picture().await, before);
        world.undo().await;
        pretty(&world.picture().await, &after);
    }
}

/// Compares two pictures as texts, whose difference can be read.
pub(crate) fn pretty(left: &serde_json::Value, right: &serde_json::Value) {
    if left != right {
        let text = |value| serde_json::to_string_pretty(value).unwrap();
        let (left, right) = (text(left), text(right));
        let differs: Vec<_> = left.lines().zip(right.lines()).filter(|(a, b)| a != b).take(10).collect();
        panic!("the pictures differ: {differs:#?}\n{left}");
    }
}

on_both! {
    async fn undoing_a_deletion_restores_everything(world) {
        furnished(world).await;
        let before = world.picture().await;
        let deleted = world.client.delete_tasks(vec![TaskRef::Number(1)]).await.unwrap();
        assert_eq!(deleted.len(), 2);
        to_and_fro(world, &before).await;
        let undone = world.undo().await;
        assert_eq!((undone.changes.len(), undone.entries.is_empty()), (1, false));
        assert_eq!(world.add("next").await.number, 5);
    }

    async fn tasks_deleted_together_wait_for_each_other_again(world) {
        furnished(world).await;
        let before = world.picture().await;
        for order in [[1, 2, 3, 4], [4, 3, 2, 1], [3, 1, 4, 2]] {
            world.client.delete_tasks(order.map(TaskRef::Number).into()).await.unwrap();
            to_and_fro(world, &before).await;
            world.undo().await;
            pretty(&world.picture().await, &before);
        }
    }

    async fn an_added_task_goes_and_comes_with_its_project(world) {
        let before = world.picture().await;
        let task = world.add_with("a", |new| {
            new.project = Some(project("home"));
            new.tags = tags(&["x"]);
        }).await;
        to_and_fro(world, &before).await;
        let again = world.get(&task).await.unwrap().task;
        assert_eq!((again.number, again.id), (1, task.id));
    }

    async fn an_edit_is_undone_on_all_its_tasks(world) {
        furnished(world).await;
        let before = world.picture().await;
        let patch = TaskPatch {
            title: Some(Title::parse("x").unwrap()),
            project: Change::Set(project("work")),
            due: Change::Clear,
            note: Change::Clear,
            tags: Some(tags(&["c"])),
            depends_on: Some(Vec::new()),
            parent: Change::Clear,
            ..TaskPatch::default()
        };
        let all = (1..=4).map(TaskRef::Number).collect();
        let edited = world.client.edit_tasks(all, patch).await.unwrap();
        assert_eq!(edited.notices, ["made the project work"]);
        to_and_fro(world, &before).await;
        let task = world.get_number(1).await;
        assert_eq!(task.version, 6, "every change counts, undos too");
        world.undo().await;
        assert_eq!(world.client.list_projects().await.unwrap().len(), 1);
    }

    async fn done_is_undone(world) {
        furnished(world).await;
        let before = world.picture().await;
        world.tick();
        world.client.complete_tasks(vec![TaskRef::Number(1), TaskRef::Number(2)]).await.unwrap();
        to_and_fro(world, &before).await;
    }

    async fn several_steps_leave_undos_aside(world) {
        let mut pictures = vec![world.picture().await];
        for title in ["a", "b", "c", "d"] {
            world.add(title).await;
            pictures.push(world.picture().await);
        }
        // Undone and done again: it is in effect.
        world.undo().await;
        world.undo().await;
        assert_eq!(world.undo_steps(1).await.unwrap().changes.len(), 1);
        pretty(&world.picture().await, &pictures[3]);
        assert_eq!(world.undo_steps(2).await.unwrap().changes.len(), 2);
        pretty(&world.picture().await, &pictures[1]);
        // The last undo, of two steps, is one change.
        world.undo().await;
        pretty(&world.picture().await, &pictures[3]);
        assert_eq!(world.undo_steps(99).await.unwrap().changes.len(), 3);
        pretty(&world.picture().await, &pictures[0]);
        assert_eq!(kind(world.undo_steps(1).await), ErrorKind::NotFound);
    }

    async fn repeated_undo_goes_further_back_and_redo_comes_forward(world) {
        let mut pictures = vec![world.picture().await];
        for title in ["a", "b", "c"] {
            world.add(title).await;
            pictures.push(world.picture().await);
        }
        for _ in 0..2 {
            for picture in pictures.iter().rev().skip(1) {
                world.back().await.unwrap();
                pretty(&world.picture().await, picture);
            }
            assert_eq!(kind(world.back().await), ErrorKind::NotFound);
            for picture in &pictures[1..] {
                world.client.redo().await.unwrap();
                pretty(&world.picture().await, picture);
            }
            let error = world.client.redo().await.unwrap_err();
            assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Conflict, "there is nothing to redo"));
        }
        // Back twice and forward once: the next steps go on from there.
        world.back().await.unwrap();
        world.back().await.unwrap();
        world.client.redo().await.unwrap();
        world.back().await.unwrap();
        pretty(&world.picture().await, &pictures[1]);
        world.client.redo().await.unwrap();
        world.client.redo().await.unwrap();
        pretty(&world.picture().await, &pictures[3]);
    }

    async fn a_new_change_ends_what_can_be_redone(world) {
        world.add("a").await;
        world.add("b").await;
        world.back().await.unwrap();
        let c = world.add("c").await;
        assert_eq!(kind(world.client.redo().await), ErrorKind::Conflict);
        // Undone itself, it can be redone, and nothing beyond it.
        world.back().await.unwrap();
        world.client.redo().await.unwrap();
        assert_eq!(world.get(&c).await.unwrap().task.title, "c");
        assert_eq!(kind(world.client.redo().await), ErrorKind::Conflict);
        world.back().await.unwrap();
        world.back().await.unwrap();
        assert_eq!(world.titles(TaskFilter::default(), "number").await, [""; 0]);
        assert_eq!(kind(world.back().await), ErrorKind::NotFound);
    }

    async fn several_steps_are_redone_as_one(world) {
        for title in ["a", "b", "c"] {
            world.add(title).await;
        }
        world.undo_steps(2).await.unwrap();
        let redone = world.client.redo().await.unwrap();
        assert_eq!((redone.changes.len(), redone.total), (1, 2));
        assert_eq!(world.titles(TaskFilter::default(), "number").await, ["a", "b", "c"]);
    }

    async fn the_log_tells_undo_from_redo(world) {
        world.add("a").await;
        let added = world.last_change().await.unwrap();
        let undone = world.back().await.unwrap();
        let redone = world.client.redo().await.unwrap();
        world.back().await.unwrap();
        let log = world.log().await;
        let told: Vec<(Option<Id>, bool)> = log.iter().map(|entry| (entry.undoes, entry.redo)).collect();
        assert_eq!(told, [(Some(added), false), (Some(undone.change_id), true), (Some(added), false), (None, false)]);
        assert_eq!((redone.changes, log[1].change_id), (vec![undone.change_id], redone.change_id));
    }

    async fn each_actor_redoes_its_own(world) {
        let (person, zoe) = with_agent(world);
        person.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap();
        zoe.add_task(NewTask::titled(Title::parse("b").unwrap())).await.unwrap();
        zoe.undo(Undo { target: UndoTarget::Last }).await.unwrap();
        assert_eq!(kind(person.redo().await), ErrorKind::Conflict);
        zoe.redo().await.unwrap();
        assert_eq!(world.titles(TaskFilter::default(), "number").await, ["a", "b"]);
    }

    async fn any_change_can_be_undone_by_its_id(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        let high = TaskPatch { priority: Some(Priority::High), ..TaskPatch::default() };
        world.edit(&a, high.clone()).await;
        let change = world.last_change().await.unwrap();
        world.edit(&b, high).await;
        let undone = world.undo_change(change).await.unwrap();
        assert_eq!((undone.changes.as_slice(), undone.entries.len()), (&[change][..], 1));
        assert_eq!(world.get(&a).await.unwrap().task.priority, Priority::Medium);
        assert_eq!(world.get(&b).await.unwrap().task.priority, Priority::High);
        let entry = world.log().await.remove(0);
        assert_eq!((entry.undoes, entry.change_id), (Some(change), undone.change_id));
    }
}

/// All that an actor did from an instant on.
async fn undo_of(client: &Client, actor: &str, since: &str) -> Result<Undone> {
    let of = ActorSince { actor: actor.to_owned(), since: instant(since) };
    client.undo(Undo { target: UndoTarget::Since(of) }).await
}

/// Clients of the local account: a person, and an agent that works for it.
fn with_agent(world: &World) -> (Client, Client) {
    let local = Caller::local(Origin::Mcp, None);
    let zoe = Caller { actor: "zoe".to_owned(), ..local.clone() };
    let workers = Workers::Embedded;
    (world.as_caller(local, workers), world.as_caller(zoe, workers))
}

on_both! {
    async fn all_that_an_agent_did_is_undone_at_once(world) {
        furnished(world).await;
        let (person, zoe) = with_agent(world);
        zoe.complete_tasks(vec![TaskRef::Number(4)]).await.unwrap();
        world.at("2026-11-21T11:00:00Z");
        let before = world.picture().await;
        zoe.add_task(NewTask::titled(Title::parse("new").unwrap())).await.unwrap();
        let changes = TaskPatch { title: Some(Title::parse("other").unwrap()), ..TaskPatch::default() };
        zoe.edit_tasks(vec![TaskRef::Number(3)], changes).await.unwrap();
        zoe.delete_tasks(vec![TaskRef::Number(1)]).await.unwrap();
        person.add_task(NewTask::titled(Title::parse("by hand").unwrap())).await.unwrap();
        let undone = undo_of(&person, "zoe", "2026-11-21T11:00:00Z").await.unwrap();
        assert_eq!(undone.changes.len(), 3);
        // It is one change, which can be undone itself; what the person did is left.
        assert_eq!(world.last_change().await, Some(undone.change_id));
        assert_eq!(kind(undo_of(&person, "zoe", "2026-11-21T11:00:00Z").await), ErrorKind::NotFound);
        person.delete_tasks(vec![TaskRef::Number(6)]).await.unwrap();
        pretty(&world.picture().await, &before);
        world.undo_change(undone.change_id).await.unwrap();
        assert_ne!(world.picture().await, before);
        let again = undo_of(&person, "zoe", "2026-11-21T11:00:00Z").await.unwrap();
        assert_eq!(again.changes, undone.changes);
        pretty(&world.picture().await, &before);
        let earlier = undo_of(&person, "zoe", "2026-11-21T00:00:00Z").await.unwrap();
        assert_eq!(earlier.changes.len(), 1);
    }

    async fn what_an_agent_undid_is_done_again(world) {
        let (person, zoe) = with_agent(world);
        let retitled = |title: &str| TaskPatch { title: Some(Title::parse(title).unwrap()), ..TaskPatch::default() };
        person.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap();
        person.edit_tasks(vec![TaskRef::Number(1)], retitled("b")).await.unwrap();
        let by_person = world.last_change().await.unwrap();
        world.at("2026-11-21T11:00:00Z");
        zoe.undo(Undo { target: UndoTarget::Change(by_person) }).await.unwrap();
        // What it took back itself is left alone.
        zoe.edit_tasks(vec![TaskRef::Number(1)], retitled("c")).await.unwrap();
        zoe.undo(Undo { target: UndoTarget::Last }).await.unwrap();
        let undone = undo_of(&person, "zoe", "2026-11-21T11:00:00Z").await.unwrap();
        assert_eq!((undone.changes.len(), world.get_number(1).await.title), (1, "b".to_owned()));
        // And what was undone for it.
        zoe.edit_tasks(vec![TaskRef::Number(1)], retitled("d")).await.unwrap();
        world.undo_change(world.last_change().await.unwrap()).await.unwrap();
        assert_eq!(kind(undo_of(&person, "zoe", "2026-11-21T11:00:00Z").await), ErrorKind::NotFound);
        assert_eq!(kind(undo_of(&person, "max", "2026-11-21T11:00:00Z").await), ErrorKind::NotFound);
    }

    async fn an_agent_undoes_its_own_changes_alone(world) {
        let person = world.as_caller(Caller::local(Origin::Mcp, None), Workers::Embedded);
        let agent = |name: &str| Caller::local(Origin::Mcp, None).agent(&name.parse().unwrap());
        let (zoe, max) = (world.as_caller(agent("zoe"), Workers::Embedded), world.as_caller(agent("max"), Workers::Embedded));
        let change = |id| Undo { target: UndoTarget::Change(id) };
        let retitled = |title: &str| TaskPatch { title: Some(Title::parse(title).unwrap()), ..TaskPatch::default() };
        let made = person.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap().change_id.unwrap();
        let edited = zoe.edit_tasks(vec![TaskRef::Number(1)], retitled("b")).await.unwrap().change_id.unwrap();
        for (client, id, by) in [(&zoe, made, "local"), (&max, made, "local"), (&max, edited, "zoe")] {
            let error = client.undo(change(id)).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Forbidden, "{error:?}");
            assert!(error.message.contains(&format!("made by {by}")) && error.hint.is_some(), "{error:?}");
        }
        assert_eq!(kind(undo_of(&max, "zoe", "2026-11-21T00:00:00Z").await), ErrorKind::Forbidden);
        assert_eq!(world.get_number(1).await.title, "b");
        // Its own it takes back, and what a person took back of it stays taken back.
        zoe.undo(change(edited)).await.unwrap();
        assert_eq!(world.get_number(1).await.title, "a");
        let again = zoe.edit_tasks(vec![TaskRef::Number(1)], retitled("c")).await.unwrap().change_id.unwrap();
        let undone = person.undo(change(again)).await.unwrap().change_id;
        assert_eq!(kind(zoe.undo(change(undone)).await), ErrorKind::Forbidden);
        // Nothing is told of a change that there is not, or that is another account's.
        world.user("eva");
        let hers = world.as_user("eva").add_task(NewTask::titled(Title::parse("hers").unwrap())).await.unwrap();
        for id in [hers.change_id.unwrap(), id(99)] {
            assert_eq!(kind(zoe.undo(change(id)).await), ErrorKind::NotFound);
        }
        assert_eq!(person.undo(change(made)).await.unwrap().total, 1);
    }

    async fn a_key_that_is_called_as_its_account_undoes_nothing(world) {
        let made = world.client.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap().change_id.unwrap();
        let key = Caller { role: Role::Agent, scopes: Scopes::of(Role::Agent), ..Caller::local(Origin::Rest, None) };
        let key = world.as_caller(key, Workers::Embedded);
        let error = key.undo(Undo { target: UndoTarget::Change(made) }).await.unwrap_err();
        assert!(error.kind == ErrorKind::Forbidden && error.message.contains("called local"), "{error:?}");
    }

    async fn an_agent_is_undone_wholly_or_not_at_all(world) {
        let (person, zoe) = with_agent(world);
        zoe.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap();
        zoe.add_task(NewTask::titled(Title::parse("b").unwrap())).await.unwrap();
        world.tick();
        let priority = TaskPatch { priority: Some(Priority::High), ..TaskPatch::default() };
        person.edit_tasks(vec![TaskRef::Number(1)], priority).await.unwrap();
        let before = world.picture().await;
        assert_eq!(kind(undo_of(&person, "zoe", "2026-11-21T00:00:00Z").await), ErrorKind::Conflict);
        pretty(&world.picture().await, &before);
        // Nobody undoes what is another account's.
        world.user("eva");
        assert_eq!(kind(undo_of(&world.as_user("eva"), "zoe", "2026-11-21T00:00:00Z").await), ErrorKind::NotFound);
    }
}
