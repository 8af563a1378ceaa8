//! The law of undo: whatever was done, undoing it step by step shows each earlier state, and redoing each later
//! one.

use muista_core::model::*;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::undo::{furnished, pretty};
use crate::world::*;

#[derive(Debug, Clone)]
enum Step {
    Add(Option<Index>, Vec<Index>, &'static str),
    Edit(Index, &'static str, Option<&'static str>),
    Depend(Index, Vec<Index>),
    Move(Index, Option<Index>),
    Done(Vec<Index>),
    Delete(Vec<Index>),
    RenameTag(&'static str, &'static str),
    DeleteTag(&'static str),
    RenameProject(&'static str, &'static str),
    DeleteProject(&'static str),
    Import(u128, Option<u128>, &'static str),
}

fn step() -> impl Strategy<Value = Step> {
    let task = any::<Index>;
    let some = || proptest::collection::vec(any::<Index>(), 0..3);
    let name = || select(vec!["a", "b", "c", "home"]);
    prop_oneof![
        (proptest::option::of(task()), some(), name()).prop_map(|(a, b, c)| Step::Add(a, b, c)),
        (task(), name(), proptest::option::of(name())).prop_map(|(a, b, c)| Step::Edit(a, b, c)),
        (task(), some()).prop_map(|(a, b)| Step::Depend(a, b)),
        (task(), proptest::option::of(task())).prop_map(|(a, b)| Step::Move(a, b)),
        some().prop_map(Step::Done),
        some().prop_map(Step::Delete),
        (name(), name()).prop_map(|(a, b)| Step::RenameTag(a, b)),
        name().prop_map(Step::DeleteTag),
        (name(), name()).prop_map(|(a, b)| Step::RenameProject(a, b)),
        name().prop_map(Step::DeleteProject),
        (1..6u128, proptest::option::of(1..6u128), name()).prop_map(|(a, b, c)| Step::Import(a, b, c)),
    ]
}

/// Takes a step; one that is refused has changed nothing.
async fn take(world: &World, step: Step) {
    let filter = TaskFilter { status: Status::All, ..TaskFilter::default() };
    let page = Page { limit: Page::MAX, ..Page::default() };
    let tasks = world.client.list_tasks(filter, page).await.unwrap().items;
    let one = |index: &Index| TaskRef::Id(tasks.get(index.index(tasks.len().max(1))).map_or(id(99), |task| task.id));
    let many = |indexes: &[Index]| indexes.iter().map(one).collect::<Vec<_>>();
    let tag = |name: &str| TagName::parse(name).unwrap();
    let client = &world.client;
    let patch = TaskPatch::default();
    let _refused_or_not = match step {
        Step::Add(parent, before, name) => {
            let mut new = NewTask::titled(Title::parse("new").unwrap());
            (new.parent, new.depends_on) = (parent.as_ref().map(one), many(&before));
            (new.tags, new.project) = (tags(&[name, "x"]), Some(project(name)));
            client.add_task(new).await.err()
        }
        Step::Edit(task, name, in_project) => {
            let project = Change::from_option(in_project.map(project));
            let patch = TaskPatch { add_tags: tags(&[name]), remove_tags: tags(&["x", "b"]), project, ..patch };
            client.edit_tasks(vec![one(&task)], patch).await.err()
        }
        Step::Depend(task, before) => {
            let patch = TaskPatch { depends_on: Some(many(&before)), ..patch };
            client.edit_tasks(vec![one(&task)], patch).await.err()
        }
        Step::Move(task, parent) => {
            let patch = TaskPatch { parent: Change::from_option(parent.as_ref().map(one)), ..patch };
            client.edit_tasks(vec![one(&task)], patch).await.err()
        }
        Step::Done(tasks) => client.complete_tasks(many(&tasks)).await.err(),
        Step::Delete(tasks) => client.delete_tasks(many(&tasks)).await.err(),
        Step::RenameTag(from, to) => client.rename_tag(tag(from), tag(to)).await.err(),
        Step::DeleteTag(name) => client.delete_tag(tag(name)).await.err(),
        Step::RenameProject(from, to) => {
            let patch = ProjectPatch { name: Some(project_name(to)), ..ProjectPatch::default() };
            client.edit_project(project(from), patch).await.err()
        }
        Step::DeleteProject(name) => client.delete_project(project(name)).await.err(),
        Step::Import(n, other, name) => {
            let mut task = imported(n, name);
            task.depends_on = other.map(id).into_iter().collect();
            task.tags = tags(&[name]);
            let comment = ImportComment { text: text(name), created_at: task.created_at };
            task.comments = vec![comment];
            let deleted = other.filter(|other| *other != n).map(id).into_iter().collect();
            client
                .import(ImportBatch { tasks: vec![task], deleted, last: true, force: false, ..ImportBatch::default() })
                .await
                .err()
        }
    };
}

async fn holds(world: &World, steps: Vec<Step>) {
    furnished(world).await;
    let mut pictures = vec![world.picture().await];
    let mut last = world.last_change().await;
    for step in steps {
        let shown = format!("{step:?}");
        world.tick();
        take(world, step).await;
        let change = world.last_change().await;
        let picture = world.picture().await;
        if change == last {
            assert_eq!(Some(&picture), pictures.last(), "changed without a record: {shown}");
        } else {
            pictures.push(picture);
            last = change;
        }
    }
    for picture in pictures.iter().rev().skip(1) {
        world.back().await.unwrap();
        pretty(&world.picture().await, picture);
    }
    for picture in pictures.iter().skip(1) {
        world.client.redo().await.unwrap();
        pretty(&world.picture().await, picture);
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
