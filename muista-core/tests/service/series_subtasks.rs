//! Recurring tasks with subtasks: the whole tree comes again, with dates moved as far as the due.

use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::service::Caller;
use muista_core::store::Workers;
use muista_core::time::Duration;

use crate::series::{days, shown};
use crate::undo::pretty;
use crate::world::*;

/// A tree below a task: two parts, of which one has a part itself and waits for the other.
async fn tree(world: &World, root: &Task) -> [Task; 3] {
    let under = |parent: &Task| Some(TaskRef::Id(parent.id));
    let soil = world
        .add_with("Buy soil", |new| {
            (new.parent, new.due) = (under(root), Some(world.due("2026-11-25")));
            (new.tags, new.note, new.priority) = (tags(&["shop"]), Some(text("peat-free")), Priority::High);
            new.reminders = vec![NewReminder::new(Trigger::FromDue(Duration::read("-PT2H").unwrap()))];
        })
        .await;
    let pots = world
        .add_with("Wash pots", |new| {
            (new.parent, new.due) = (under(root), Some(world.due("2026-11-26 18:30")));
            new.depends_on = refs(&[&soil]);
        })
        .await;
    let brush = world.add_with("Find the brush", |new| new.parent = under(&pots)).await;
    [soil, pots, brush]
}

async fn part(world: &World, of: &Task, title: &str) -> TaskDetail {
    let parts = world.get(of).await.unwrap().subtasks;
    let found = parts.iter().find(|part| part.title == title);
    world.get(found.unwrap_or_else(|| panic!("{title} is not among {parts:?}"))).await.unwrap()
}

on_both! {
    async fn the_tree_comes_again_open_with_its_dates_moved(world) {
        let first = world.add_every(Some("2026-11-27"), days("0 0 * * 5")).await;
        let [soil, pots, _] = tree(world, &first).await;
        world.client.complete_tasks(refs(&[&soil])).await.unwrap();
        let before = world.picture().await;
        let notices = world.done(&first).await;
        let next = world.open().await.into_iter().find(|task| task.series_number == Some(2)).unwrap();
        assert_eq!(notices[0], format!("next: {}  “Water plants”  (due Fri 4 Dec, with 3 subtasks)", next.number));
        let again = part(world, &next, "Buy soil").await;
        assert_eq!((shown(&again.task).as_str(), again.task.completed), ("2026-12-02", false));
        assert_eq!((again.task.tags.as_slice(), again.task.note.as_deref()), (&["shop".to_owned()][..], Some("peat-free")));
        assert_eq!(again.task.priority, Priority::High);
        assert_eq!(again.reminders.iter().map(|r| r.schedule.as_str()).collect::<Vec<_>>(), ["-PT2H"]);
        let again_pots = part(world, &next, "Wash pots").await;
        assert_eq!(shown(&again_pots.task), "2026-12-03 18:30");
        assert_eq!(again_pots.task.depends_on, [again.task.id]);
        assert_eq!(again_pots.subtasks.iter().map(|part| part.title.as_str()).collect::<Vec<_>>(), ["Find the brush"]);
        assert!(world.get(&pots).await.unwrap().task.parent_id == Some(first.id), "the old parts stay");
        world.back().await.unwrap();
        pretty(&world.picture().await, &before);
        world.client.redo().await.unwrap();
        assert_eq!(world.open().await.iter().filter(|task| task.title == "Find the brush").count(), 2);
    }

    async fn clock_times_stay_what_they_are_across_a_change_of_the_clock(world) {
        world.at("2027-03-20T10:00:00Z");
        let weekly = NewSeries { says_time: true, ..days("0 9 * * 6") };
        let first = world.add_every(Some("2027-03-27 9:00"), weekly).await;
        world.add_with("Before", |new| {
            (new.parent, new.due) = (Some(TaskRef::Id(first.id)), Some(world.due("2027-03-26 20:00")));
        }).await;
        world.done(&first).await;
        let next = world.open().await.into_iter().find(|task| task.series_number == Some(2)).unwrap();
        assert_eq!(shown(&next), "2027-04-03 09:00");
        assert_eq!(shown(&part(world, &next, "Before").await.task), "2027-04-02 20:00");
    }

    async fn parts_that_recur_themselves_are_not_doubled(world) {
        let first = world.add_every(Some("2026-11-27"), days("0 0 * * 5")).await;
        world.add_with("Daily part", |new| {
            (new.parent, new.due) = (Some(TaskRef::Id(first.id)), Some(world.due("2026-11-21")));
            new.series = Some(days("P1D"));
        }).await;
        world.done(&first).await;
        assert_eq!(world.open().await.iter().filter(|task| task.title == "Daily part").count(), 1);
    }

    async fn an_agent_makes_no_more_parts_than_its_day_allows(world) {
        let first = world.add_every(Some("2026-11-27"), days("0 0 * * 5")).await;
        for n in 0..100 {
            world.add_with(&format!("part {n}"), |new| new.parent = Some(TaskRef::Id(first.id))).await;
        }
        let zoe = Caller::local(Origin::Mcp, None).agent(&"zoe".parse().unwrap());
        let zoe = world.as_caller(zoe, Workers::Embedded);
        let before = world.picture().await;
        assert_eq!(kind(zoe.complete_tasks(refs(&[&first])).await), ErrorKind::DailyLimit);
        pretty(&world.picture().await, &before);
    }

    async fn completing_says_what_it_unblocks_and_leaves_open(world) {
        let paint = world.add("Buy paint").await;
        let tape = world.add("Buy tape").await;
        world.add_with("Paint the wall", |new| new.depends_on = refs(&[&paint])).await;
        world.add_with("Paint the door", |new| new.depends_on = refs(&[&paint, &tape])).await;
        assert_eq!(world.done(&paint).await, ["unblocked: 3  “Paint the wall”"]);
        assert_eq!(world.done(&tape).await, ["unblocked: 4  “Paint the door”"]);
        let trip = world.add("Trip").await;
        world.add_with("Tickets", |new| new.parent = Some(TaskRef::Id(trip.id))).await;
        let pack = world.add_with("Pack", |new| {
            (new.parent, new.depends_on) = (Some(TaskRef::Id(trip.id)), vec![TaskRef::Number(6)]);
        }).await;
        assert_eq!(
            world.done(&trip).await,
            ["task 5 has open subtasks: 6  “Tickets”, 7  “Pack”; `muista done 5 --with-subtasks` completes them"]
        );
        assert_eq!(world.done(&pack).await, ["task 7 depends on tasks that are still open: 6  “Tickets”"]);
    }

    async fn subtasks_are_completed_with_their_task_where_that_is_said(world) {
        let root = world.add("Trip").await;
        let part = world.add_with("Pack", |new| new.parent = Some(TaskRef::Id(root.id))).await;
        world.add_with("Socks", |new| new.parent = Some(TaskRef::Id(part.id))).await;
        let before = world.picture().await;
        let patch = TaskPatch { completed: Some(true), with_subtasks: true, ..TaskPatch::default() };
        let done = world.client.edit_tasks(refs(&[&root]), patch).await.unwrap();
        assert_eq!(done.value.iter().map(|task| (task.number, task.completed)).collect::<Vec<_>>(), [(1, true), (2, true), (3, true)]);
        assert_eq!(done.notices, [""; 0]);
        assert_eq!(world.open().await, []);
        world.back().await.unwrap();
        pretty(&world.picture().await, &before);
    }
}
