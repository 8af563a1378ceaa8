//! A task whose identifier was chosen: made again it is the same one, other content is refused.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::world::*;

/// Makes task 7, as it is said.
async fn make(world: &World, say: impl FnOnce(&mut NewTask)) -> muista_core::error::Result<WithNotices<Task>> {
    let mut new = NewTask { id: Some(id(7)), ..NewTask::titled(Title::parse("Rent").unwrap()) };
    (new.project, new.tags) = (Some(project("home")), tags(&["Money"]));
    (new.due, new.priority) = (Some(world.due("2026-12-01")), Priority::High);
    say(&mut new);
    world.client.add_task(new).await
}

on_both! {
    async fn a_task_is_made_once_under_its_id(world) {
        let first = make(world, |_| {}).await.unwrap();
        assert_eq!((first.value.id, first.value.number), (id(7), 1));
        let picture = world.picture().await;
        let again = make(world, |new| (new.project, new.tags) = (Some(project("HOME")), tags(&["money"]))).await.unwrap();
        assert_eq!(again.value, first.value);
        assert_eq!(again.notices, ["task 1 has that id already, and says the same"]);
        // Also once it is done.
        world.client.complete_tasks(vec![id(7).into()]).await.unwrap();
        assert!(make(world, |_| {}).await.unwrap().value.completed);
        world.undo().await;
        let others: [fn(&World, &mut NewTask); 6] = [
            |_, new| new.title = Title::parse("Rents").unwrap(),
            |_, new| new.note = Some(text("soon")),
            |_, new| new.tags = Vec::new(),
            |_, new| new.project = None,
            |world, new| new.due = Some(world.due("2026-12-02")),
            |world, new| new.series = Some(world.every("every month")),
        ];
        for other in others {
            let error = make(world, |new| other(world, new)).await.unwrap_err();
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Conflict, Some("id")), "{error}");
        }
        assert_eq!(world.picture().await, picture);
        assert_eq!(kind(make(world, |new| new.id = Some(Id::NIL)).await), ErrorKind::Invalid);
        // What was taken back can be made under its id again.
        world.back().await.unwrap();
        let notices = make(world, |_| {}).await.unwrap().notices;
        assert!(notices.iter().all(|notice| !notice.contains("has that id already")), "{notices:?}");
    }

    async fn an_id_of_somebody_else_is_taken(world) {
        make(world, |_| {}).await.unwrap();
        world.user("eva");
        let new = NewTask { id: Some(id(7)), ..NewTask::titled(Title::parse("Rent").unwrap()) };
        assert_eq!(kind(world.as_user("eva").add_task(new).await), ErrorKind::Conflict);
    }

    async fn work_is_brought_along_once(world) {
        let work = ImportWork { began_at: instant(NOON), ended_at: instant("2026-11-21T11:30:00Z") };
        let backwards = ImportWork { began_at: work.ended_at, ended_at: work.began_at };
        let task = ImportTask { work: vec![work, work, backwards], ..imported(1, "a") };
        world.import(vec![task.clone()]).await.unwrap();
        let spent = async || world.client.get_task(id(1).into()).await.unwrap().task.time_spent.unwrap().to_string();
        assert_eq!(spent().await, "PT1H30M");
        let later = ImportWork { began_at: instant("2026-11-22T10:00:00Z"), ended_at: instant("2026-11-22T10:15:00Z") };
        world.import(vec![ImportTask { work: vec![work, later], ..task }]).await.unwrap();
        assert_eq!(spent().await, "PT1H45M");
        world.undo().await;
        assert_eq!(spent().await, "PT1H30M");
        world.back().await.unwrap();
        assert_eq!(kind(world.client.get_task(id(1).into()).await), ErrorKind::NotFound);
    }
}
