//! Projects: made by hand or with a task, renamed, deleted.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::world::*;

fn named(name: &str) -> ProjectPatch {
    ProjectPatch { name: Some(project_name(name)), ..ProjectPatch::default() }
}

async fn tasks_of(world: &World, name: &str) -> Vec<String> {
    let filter = TaskFilter { project: Some(ProjectFilter::Named(project(name))), ..TaskFilter::default() };
    world.titles(filter, "number").await
}

on_both! {
    async fn a_project_is_made_with_its_first_task(world) {
        let mut new = NewTask::titled(Title::parse("a").unwrap());
        new.project = Some(project("Äiti"));
        let first = world.client.add_task(new.clone()).await.unwrap();
        assert_eq!(first.notices, ["made the project Äiti"]);
        new.project = Some(project("äITI"));
        let second = world.client.add_task(new).await.unwrap();
        assert_eq!((second.notices.len(), second.value.project.as_deref()), (0, Some("Äiti")));
        assert_eq!(second.value.project_id, first.value.project_id);
        world.client.complete_tasks(refs(&[&first.value])).await.unwrap();
        let projects = world.client.list_projects().await.unwrap();
        assert_eq!((projects.len(), projects[0].open, projects[0].total), (1, 1, 2));
        let taken = NewProject { name: project_name("ÄITI"), description: None, note: None };
        assert_eq!(kind(world.client.add_project(taken).await), ErrorKind::Conflict);
    }

    async fn a_project_can_be_renamed_and_described(world) {
        let task = world.add_with("a", |new| new.project = Some(project("home"))).await;
        world.client.add_project(NewProject { name: project_name("work"), description: None, note: None }).await.unwrap();
        assert_eq!(kind(world.client.edit_project(project("home"), named("WORK")).await), ErrorKind::Conflict);
        let error = world.client.edit_project(project("nowhere"), named("x")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
        let before = world.picture().await;

        let patch = ProjectPatch { description: Change::Set(text("d")), ..named("Home") };
        let renamed = world.client.edit_project(project("HOME"), patch).await.unwrap();
        assert_eq!((&*renamed.name, renamed.description.as_deref(), renamed.version), ("Home", Some("d"), 2));
        assert_eq!((renamed.open, renamed.total), (1, 1));
        let same = world.client.edit_project(project("home"), named("Home")).await.unwrap();
        assert_eq!(same.version, 2);
        assert_eq!(world.get(&task).await.unwrap().task.project.as_deref(), Some("Home"));
        world.undo().await;
        assert_eq!(world.picture().await, before);
    }

    async fn a_deleted_project_leaves_its_tasks_and_comes_back(world) {
        let a = world.add_with("a", |new| new.project = Some(project("home"))).await;
        world.add_with("b", |new| new.project = Some(project("home"))).await;
        world.add("c").await;
        let before = world.picture().await;
        let gone = world.client.delete_project(project("Home")).await.unwrap();
        assert_eq!((&*gone.name, gone.total), ("home", 2));
        assert_eq!(world.client.list_projects().await.unwrap(), []);
        let task = world.get(&a).await.unwrap().task;
        assert_eq!((task.project, task.project_id, task.version), (None, None, 2));
        let deleted = world.picture().await;
        world.undo().await;
        assert_eq!(world.picture().await, before);
        assert_eq!(tasks_of(world, "HOME").await, ["a", "b"]);
        world.undo().await;
        assert_eq!(world.picture().await, deleted);
    }

    async fn undo_does_not_take_anothers_name(world) {
        let old = NewProject { name: project_name("old"), description: None, note: None };
        world.client.add_project(old.clone()).await.unwrap();
        world.client.edit_project(project("old"), named("new")).await.unwrap();
        let rename = world.last_change().await.unwrap();
        world.client.add_project(old).await.unwrap();
        let before = world.picture().await;
        let error = world.undo_change(rename).await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Conflict, "there is another project old by now"));
        assert_eq!(world.picture().await, before);
    }

    async fn undo_does_not_delete_a_project_in_use(world) {
        world.client.add_project(NewProject { name: project_name("p"), description: None, note: None }).await.unwrap();
        let made = world.last_change().await.unwrap();
        world.add_with("a", |new| new.project = Some(project("p"))).await;
        assert_eq!(kind(world.undo_change(made).await), ErrorKind::Conflict);
        assert_eq!(tasks_of(world, "p").await, ["a"]);
    }
}
