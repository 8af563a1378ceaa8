//! Many at once: on one store, and on several stores of one database, as several processes have.

use std::collections::BTreeSet;

use futures::future::join_all;
use muista_core::model::*;
use muista_core::rpc::Client;
use muista_core::store::Workers;

use crate::world::*;

fn titled(title: &str) -> NewTask {
    NewTask::titled(Title::parse(title).unwrap())
}

fn two(world: &World) -> [Client; 2] {
    [world.another(Workers::Daemon), world.another(Workers::Daemon)]
}

on_both! {
    async fn sixty_four_adds_on_one_store(world) {
        let client = world.another(Workers::Daemon);
        let adds = (0..64).map(|n| client.add_task(titled(&format!("{n}"))));
        let made: Vec<_> = join_all(adds).await.into_iter().map(|answer| answer.unwrap().value).collect();
        let numbers: BTreeSet<i64> = made.iter().map(|task| task.number).collect();
        assert_eq!(numbers, (1..=64).collect());
        let titles: BTreeSet<String> = world.titles(TaskFilter::default(), "").await.into_iter().collect();
        assert_eq!(titles, (0..64).map(|n| n.to_string()).collect());
        assert_eq!(world.log().await.len(), 64);
    }

    async fn one_bad_request_among_many_fails_alone(world) {
        let client = world.another(Workers::Daemon);
        let adds = (0..40).map(|n| {
            let mut new = titled(&format!("{n}"));
            new.parent = (n % 4 == 0).then_some(TaskRef::Number(999));
            new.project = Some(project(&format!("p{n}")));
            client.add_task(new)
        });
        let answers = join_all(adds).await;
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 30);
        assert_eq!(world.titles(TaskFilter::default(), "").await.len(), 30);
        let projects = world.client.list_projects().await.unwrap();
        assert_eq!((projects.len(), projects.iter().all(|project| project.total == 1)), (30, true));
    }

    async fn of_changes_made_from_one_version_of_a_project_one_takes_effect(world) {
        world.add_with("a", |new| new.project = Some(project("home"))).await;
        let clients = two(world);
        for round in 1..=12 {
            let patch = |n: usize| ProjectPatch {
                note: Change::Set(text(&format!("{round}.{n}"))),
                version: Some(round),
                ..ProjectPatch::default()
            };
            let edits = (0..8).map(|n| clients[n % 2].edit_project(project("home"), patch(n)));
            let answers = join_all(edits).await;
            assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{round}: {answers:?}");
        }
    }

    async fn two_processes_lose_no_update(world) {
        let task = world.add("a").await;
        let [one, other] = two(world);
        for round in 0..12 {
            let title = TaskPatch { title: Some(Title::parse(&format!("t{round}")).unwrap()), ..TaskPatch::default() };
            let note = TaskPatch { note: Change::Set(text(&format!("n{round}"))), ..TaskPatch::default() };
            let tag = TaskPatch { add_tags: tags(&[&format!("x{round}")]), ..TaskPatch::default() };
            let (a, b, c) = futures::join!(
                one.edit_tasks(refs(&[&task]), title),
                other.edit_tasks(refs(&[&task]), note),
                one.edit_tasks(refs(&[&task]), tag),
            );
            assert!(a.is_ok() && b.is_ok() && c.is_ok(), "{a:?} {b:?} {c:?}");
            let now = world.get(&task).await.unwrap().task;
            assert_eq!((now.title, now.note.unwrap()), (format!("t{round}"), format!("n{round}")));
            assert_eq!((now.tags.len(), now.version), (round + 1, 1 + 3 * (i64::try_from(round).unwrap() + 1)));
        }
    }

    async fn a_deletion_takes_no_update_back(world) {
        let [one, other] = two(world);
        for round in 0..12 {
            let before = world.add("before").await;
            let task = world.add_with("a", |new| new.depends_on = refs(&[&before])).await;
            let title = format!("t{round}");
            let patch = TaskPatch { title: Some(Title::parse(&title).unwrap()), ..TaskPatch::default() };
            let (edited, deleted) =
                futures::join!(one.edit_tasks(refs(&[&task]), patch), other.delete_tasks(refs(&[&before])));
            assert!(edited.is_ok() && deleted.is_ok(), "{edited:?} {deleted:?}");
            let now = world.get(&task).await.unwrap().task;
            assert_eq!((now.title, now.depends_on, now.version), (title, vec![], 3));
        }
    }

    async fn two_processes_make_the_same_project_and_tags(world) {
        let [one, other] = two(world);
        for round in 0..12 {
            let name = format!("n{round}");
            let mut new = titled("a");
            new.project = Some(project(&name));
            let mut tagged = titled("b");
            tagged.tags = tags(&[&format!("y{name}"), &format!("x{name}")]);
            let adds = [&one, &other, &one, &other];
            let made = join_all(adds.iter().map(|client| client.add_task(new.clone()))).await;
            let made: Vec<_> = made.into_iter().map(|answer| answer.unwrap()).collect();
            let ids: BTreeSet<_> = made.iter().map(|answer| answer.value.project_id.unwrap()).collect();
            assert_eq!(ids.len(), 1);
            assert_eq!(made.iter().map(|answer| answer.notices.len()).sum::<usize>(), 1, "made once, said once");
            let made = join_all(adds.iter().map(|client| client.add_task(tagged.clone()))).await;
            assert!(made.iter().all(|answer| answer.as_ref().unwrap().value.tags.len() == 2));
            let tags = world.client.list_tags().await.unwrap();
            assert!(tags.iter().all(|tag| tag.total == 4), "{tags:?}");
        }
        assert_eq!(world.client.list_projects().await.unwrap().len(), 12);
    }

    async fn two_processes_number_no_task_twice(world) {
        let [one, other] = two(world);
        let adds = (0..60).map(|n| if n % 2 == 0 { &one } else { &other }.add_task(titled("a")));
        let numbers: BTreeSet<i64> = join_all(adds).await.into_iter().map(|answer| answer.unwrap().value.number).collect();
        assert_eq!(numbers.len(), 60);
        let imports = [(&one, 1), (&other, 500)].map(|(client, from)| {
            let tasks = (from..from + 200).map(|n| imported(n, "i")).collect();
            client.import(ImportBatch { tasks, deleted: vec![], last: true, force: false, ..ImportBatch::default() })
        });
        assert!(join_all(imports).await.into_iter().all(|summary| summary.unwrap().created == 200));
        let all = world.picture().await;
        let numbers: BTreeSet<_> = all["tasks"].as_array().unwrap().iter().map(|task| task["number"].as_i64()).collect();
        assert_eq!(numbers.len(), 460);
    }

    async fn done_by_two_is_done_once(world) {
        let task = world.add("a").await;
        let [one, other] = two(world);
        let (a, b) = futures::join!(one.complete_tasks(refs(&[&task])), other.complete_tasks(refs(&[&task])));
        assert_eq!(a.unwrap().notices.len() + b.unwrap().notices.len(), 1);
        assert_eq!((world.get(&task).await.unwrap().task.version, world.log().await.len()), (2, 2));
    }
}
