//! When tasks are worked on: the start hides them, the deadline weighs, and both move with a series.

use muista_core::input::{PlanningTexts, query};
use muista_core::model::*;

use crate::world::*;

fn said(text: &str) -> Change<String> {
    if text.is_empty() { Change::Keep } else { Change::Set(text.to_owned()) }
}

/// Returns what a start, a deadline and an estimate say; an empty text says nothing.
fn planning(world: &World, [start, deadline, estimate]: [&str; 3]) -> Planning {
    let texts = PlanningTexts {
        start_date: said(start),
        deadline_date: said(deadline),
        estimate: said(estimate),
        ..PlanningTexts::default()
    };
    texts.read(&world.context()).unwrap()
}

async fn listed(world: &World, text: &str) -> Vec<String> {
    let query = query::read(text, &world.context()).unwrap();
    let filter = query::read_filter(query, TaskFilter::default(), Status::Open).unwrap();
    world.titles(filter, "number").await
}

async fn next(world: &World) -> Vec<String> {
    let ranked = world.client.next_tasks(NextQuery { filter: TaskFilter::default(), limit: 9 }).await.unwrap();
    ranked.into_iter().map(|ranked| ranked.task.title).collect()
}

on_both! {
    async fn a_task_waits_until_its_start(world) {
        world.add("plain").await;
        let later = planning(world, ["2026-11-23", "", ""]);
        let task = world.add_with("later", |new| new.planning = later).await;
        assert_eq!(task.start_on, Some("2026-11-23".parse().unwrap()));
        let timed = planning(world, ["tomorrow 9:00", "", ""]);
        world.add_with("timed", |new| new.planning = timed).await;
        for (now, open, waiting) in [
            ("2026-11-21T10:00:00Z", "plain", "later timed"),
            ("2026-11-22T06:59:59Z", "plain", "later timed"),
            ("2026-11-22T07:00:00Z", "plain timed", "later"),
            ("2026-11-22T21:59:59Z", "plain timed", "later"),
            ("2026-11-22T22:00:00Z", "plain later timed", ""),
        ] {
            world.at(now);
            assert_eq!(listed(world, "").await.join(" "), open, "{now}");
            assert_eq!(listed(world, "is:waiting").await.join(" "), waiting, "{now}");
            let mut ranked = next(world).await;
            ranked.sort_by_key(|title| ["plain", "later", "timed"].iter().position(|known| known == title));
            assert_eq!(ranked.join(" "), open, "{now}");
        }
        world.at(NOON);
        assert_eq!(listed(world, "status:all").await.len(), 3);
        assert_eq!(listed(world, "is:ready").await, ["plain"]);
        for position in [i64::MIN, i64::MAX] {
            let planning = Planning { position: Change::Set(position), ..Planning::default() };
            let far = TaskPatch { planning, ..TaskPatch::default() };
            let refused = world.client.edit_tasks(vec![task.id.into()], far).await.unwrap_err();
            assert!(refused.message.contains("too far out"), "{refused}");
        }
        let cleared = TaskPatch { planning: Planning { start: Change::Clear, ..Planning::default() }, ..TaskPatch::default() };
        world.edit(&task, cleared).await;
        assert_eq!(listed(world, "").await, ["plain", "later"]);
        world.undo().await;
        assert_eq!(listed(world, "").await, ["plain"]);
    }

    async fn a_start_counts_from_the_due_when_it_is_written(world) {
        let before = planning(world, ["due-2w", "", ""]);
        let due = world.due("2026-12-24");
        let task = world.add_with("gifts", |new| (new.due, new.planning) = (Some(due), before.clone())).await;
        assert_eq!(task.start_on, Some("2026-12-10".parse().unwrap()));
        let moved = TaskPatch { due: Change::Set(world.due("2026-12-31")), ..TaskPatch::default() };
        assert_eq!(world.edit(&task, moved).await.start_on, task.start_on);
        let undated = NewTask { planning: before, ..NewTask::titled(Title::parse("a").unwrap()) };
        let error = world.client.add_task(undated).await.unwrap_err();
        assert_eq!((error.field.as_deref(), error.hint.is_some()), (Some("start"), true));
    }

    async fn a_deadline_weighs_as_a_due_where_it_is_nearer(world) {
        let soon = planning(world, ["", "2026-11-22", ""]);
        world.add_with("last call", |new| new.planning = soon).await;
        let due = world.due("2026-11-30");
        world.add_with("due", |new| new.due = Some(due)).await;
        let far = planning(world, ["", "2027-11-22", ""]);
        let due = world.due("2026-11-29");
        world.add_with("both", |new| (new.due, new.planning) = (Some(due), far)).await;
        let ranked = world.client.next_tasks(NextQuery { filter: TaskFilter::default(), limit: 9 }).await.unwrap();
        let parts: Vec<_> = ranked.iter().map(|ranked| (&*ranked.task.title, &*ranked.why[0].name)).collect();
        assert_eq!(parts, [("last call", "deadline"), ("both", "due"), ("due", "due")]);
        assert_eq!(listed(world, "deadline<dec").await, ["last call"]);
    }

    async fn what_follows_in_a_series_is_planned_alike(world) {
        let planned = planning(world, ["due-3d", "2026-11-30", "30min"]);
        let (due, every) = (world.due("2026-11-27"), world.every("every week"));
        let new = |new: &mut NewTask| (new.due, new.series, new.planning) = (Some(due), Some(every), planned);
        let first = world.add_with("report", new).await;
        let planned = Planning { position: Change::Set(4), ..planning(world, ["", "", "1h"]) };
        let edit = TaskPatch { planning: planned, ..TaskPatch::default() };
        world.edit(&first, edit).await;
        world.client.complete_tasks(vec![first.id.into()]).await.unwrap();
        let all = TaskFilter { status: Status::All, ..TaskFilter::default() };
        let page = Page { limit: 9, sort: vec!["-number".parse().unwrap()], ..Page::default() };
        let next = world.client.list_tasks(all, page).await.unwrap().items.remove(0);
        let days = [next.due_on, next.start_on, next.deadline_on].map(|day| day.unwrap().to_string());
        assert_eq!(days, ["2026-12-04", "2026-12-01", "2026-12-07"]);
        assert_eq!((next.estimate.unwrap().to_string().as_str(), next.position), ("PT1H", Some(4)));
    }
}
