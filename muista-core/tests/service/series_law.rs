//! The law of undo, for recurring tasks: undoing step by step shows each earlier state, undoing the undos each later one.

use muista_core::model::*;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::series::days;
use crate::undo::pretty;
use crate::world::*;

#[derive(Debug, Clone)]
enum Step {
    Add(&'static str, Option<&'static str>),
    Every(Index, Option<&'static str>),
    Rename(Index, &'static str, Option<SeriesScope>),
    Move(Index, &'static str, Option<SeriesScope>),
    Done(Index),
    Reopen(Index),
    Delete(Index),
    RenameTag,
}

fn step() -> impl Strategy<Value = Step> {
    let rule = || select(vec!["P1D", "P1M", "0 0 * * 5"]);
    let due = || select(vec!["2026-11-27", "2026-12-01", "2026-11-27 18:00"]);
    let scope = || select(vec![None, Some(SeriesScope::This), Some(SeriesScope::Later), Some(SeriesScope::All)]);
    let task = any::<Index>;
    prop_oneof![
        2 => (rule(), proptest::option::of(due())).prop_map(|(rule, due)| Step::Add(rule, due)),
        1 => (task(), proptest::option::of(rule())).prop_map(|(task, rule)| Step::Every(task, rule)),
        2 => (task(), select(vec!["a", "b"]), scope()).prop_map(|(task, title, scope)| Step::Rename(task, title, scope)),
        2 => (task(), due(), scope()).prop_map(|(task, due, scope)| Step::Move(task, due, scope)),
        4 => task().prop_map(Step::Done),
        1 => task().prop_map(Step::Reopen),
        1 => task().prop_map(Step::Delete),
        1 => Just(Step::RenameTag),
    ]
}

/// Takes a step; one that is refused has changed nothing.
async fn take(world: &World, step: Step) {
    let filter = TaskFilter { status: Status::All, ..TaskFilter::default() };
    let page = Page { limit: Page::MAX, ..Page::default() };
    let tasks = world.client.list_tasks(filter, page).await.unwrap().items;
    let one =
        |index: &Index| vec![TaskRef::Id(tasks.get(index.index(tasks.len().max(1))).map_or(id(99), |task| task.id))];
    let (client, patch) = (&world.client, TaskPatch::default());
    let _refused_or_not = match step {
        Step::Add(rule, due) => {
            let mut new = NewTask::titled(Title::parse("new").unwrap());
            (new.series, new.due) = (Some(days(rule)), due.map(|due| world.due(due)));
            new.tags = tags(&["x"]);
            client.add_task(new).await.err()
        }
        Step::Every(task, rule) => {
            let every = Change::from_option(rule.map(days));
            client.edit_tasks(one(&task), TaskPatch { every, ..patch }).await.err()
        }
        Step::Rename(task, title, scope) => {
            let title = Some(Title::parse(title).unwrap());
            client.edit_tasks(one(&task), TaskPatch { title, scope, add_tags: tags(&["z"]), ..patch }).await.err()
        }
        Step::Move(task, due, scope) => {
            let due = Change::Set(world.due(due));
            client.edit_tasks(one(&task), TaskPatch { due, scope, ..patch }).await.err()
        }
        Step::Done(task) => client.complete_tasks(one(&task)).await.err(),
        Step::Reopen(task) => client.reopen_tasks(one(&task)).await.err(),
        Step::Delete(task) => client.delete_tasks(one(&task)).await.err(),
        Step::RenameTag => {
            let tag = |name: &str| TagName::parse(name).unwrap();
            client.rename_tag(tag("x"), tag("y")).await.err()
        }
    };
}

/// No number stands twice in a series, and what each would make next is part of the picture.
async fn picture(world: &World) -> serde_json::Value {
    let mut picture = world.picture().await;
    let mut next = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for task in picture["tasks"].as_array().unwrap() {
        let number = TaskRef::Number(task["number"].as_i64().unwrap());
        let detail = world.client.get_task(number).await.unwrap();
        assert!(detail.task.series_id.is_none_or(|id| seen.insert((id, detail.task.series_number))), "{task}");
        next.push(serde_json::to_value(detail.next_due).unwrap());
    }
    picture["next"] = next.into();
    picture
}

async fn holds(world: &World, steps: Vec<Step>) {
    let mut pictures = vec![picture(world).await];
    let mut last = world.last_change().await;
    for step in steps {
        let shown = format!("{step:?}");
        take(world, step).await;
        let (change, now) = (world.last_change().await, picture(world).await);
        if change == last {
            assert_eq!(Some(&now), pictures.last(), "changed without a record: {shown}");
        } else {
            pictures.push(now);
            last = change;
        }
    }
    let mut undos = Vec::new();
    for before in pictures.iter().rev().skip(1) {
        undos.push(world.undo_steps(1).await.unwrap().change_id);
        pretty(&picture(world).await, before);
    }
    for (undo, after) in undos.into_iter().rev().zip(pictures.iter().skip(1)) {
        world.undo_change(undo).await.unwrap();
        pretty(&picture(world).await, after);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_sqlite(steps in proptest::collection::vec(step(), 1..16)) {
        run(Kind::Sqlite, async |world| holds(world, steps).await);
    }

    #[test]
    fn on_postgres(steps in proptest::collection::vec(step(), 1..16)) {
        run(Kind::Postgres, async |world| holds(world, steps).await);
    }
}
