//! What to do next: the ranking and its reasons.

use muista_core::model::*;
use muista_core::time::{Context, When};

use crate::world::*;

async fn next(world: &World, limit: u32) -> Vec<RankedTask> {
    world.client.next_tasks(NextQuery { filter: TaskFilter::default(), limit }).await.unwrap()
}

fn why(ranked: &RankedTask) -> Vec<(&str, f64)> {
    ranked.why.iter().map(|part| (part.name.as_str(), part.value)).collect()
}

fn titles(ranked: &[RankedTask]) -> Vec<&str> {
    ranked.iter().map(|ranked| ranked.task.title.as_str()).collect()
}

on_both! {
    async fn reasons_add_up(world) {
        let due = world.due("2026-11-14 12:00");
        let mut old = imported(1, "everything");
        old.created_at = instant("2025-11-21T10:00:00Z");
        old.due = Some(due);
        old.priority = Priority::High;
        old.project = Some(project_name("p"));
        old.tags = tags(&["a", "b"]);
        let blocked = ImportTask { depends_on: vec![id(1)], priority: Priority::Low, ..imported(2, "blocked") };
        world.import(vec![old, blocked, imported(3, "plain")]).await.unwrap();
        let ranked = next(world, 9).await;
        assert_eq!(titles(&ranked), ["everything", "plain", "blocked"]);
        let expected =
            [("due", 12.0), ("priority", 6.0), ("blocking", 3.0), ("age", 2.0), ("project", 1.0), ("tags", 0.9)];
        assert_eq!((why(&ranked[0]), ranked[0].urgency), (expected.to_vec(), 24.9));
        assert_eq!((why(&ranked[1]), ranked[1].urgency), (vec![("priority", 2.0)], 2.0));
        assert_eq!((why(&ranked[2]), ranked[2].urgency), (vec![("blocked", -5.0)], -5.0));

        world.client.complete_tasks(vec![TaskRef::Id(id(1))]).await.unwrap();
        let ranked = next(world, 9).await;
        assert_eq!(titles(&ranked), ["plain", "blocked"], "done ones are not ranked");
        assert_eq!(why(&ranked[1]), [], "and block nothing");
    }

    async fn a_date_is_as_urgent_as_the_readers_day(world) {
        // It is 23:00 of the 21st in Helsinki, and the day of each is half an hour past the last second of it there.
        world.at("2026-11-21T21:00:00Z");
        for zone in ["Europe/Helsinki", "America/New_York", "Asia/Tokyo"] {
            let zone = muista_core::time::zone(zone).unwrap();
            let context = Context { zone: zone.clone(), ..world.context() };
            let due = Due::new(&When::read("2026-11-21", &context).unwrap(), &zone).unwrap();
            world.add_with("t", |new| (new.due, new.priority) = (Some(due), Priority::Low)).await;
        }
        let ranked = next(world, 9).await;
        let parts: Vec<_> = ranked.iter().map(why).collect();
        assert_eq!(parts, vec![vec![("due", 8.78)]; 3]);
    }

    async fn the_nearer_due_the_more_urgent(world) {
        for (text, value) in [
            ("2026-12-30 12:00", 2.4),
            ("2026-12-05 12:00", 2.4),
            ("2026-11-28 12:00", 5.6),
            ("2026-11-21 12:00", 8.8),
            ("2026-11-14 12:00", 12.0),
            ("2026-01-01 12:00", 12.0),
        ] {
            let due = world.due(text);
            let task = world.add_with(text, |new| (new.due, new.priority) = (Some(due), Priority::Low)).await;
            let ranked = next(world, 500).await;
            let ranked = ranked.iter().find(|ranked| ranked.task.id == task.id).unwrap();
            assert_eq!((why(ranked), ranked.urgency), (vec![("due", value)], value), "{text}");
        }
    }

    async fn every_sum_is_what_it_is_shown_as(world) {
        let mut tasks = Vec::new();
        for n in 1..=60_u32 {
            let mut task = imported(u128::from(n), &format!("{n}"));
            task.due = (n % 3 > 0).then(|| world.due(&format!("now+{}h", n * 7)));
            task.created_at = muista_core::time::Instant::from_micros(task.created_at.as_micros() - i64::from(n) * 86_400_000_000 * 5).unwrap();
            task.tags = tags(&["a", "b", "c"][..usize::try_from(n % 4).unwrap()]);
            task.project = (n % 2 == 0).then(|| project_name("p"));
            tasks.push(task);
        }
        world.import(tasks).await.unwrap();
        let ranked = next(world, 500).await;
        assert_eq!(ranked.len(), 60);
        for ranked in &ranked {
            let sum: f64 = ranked.why.iter().map(|part| part.value).sum();
            assert!((ranked.urgency - sum).abs() < 1e-9);
            assert_eq!(ranked.urgency, (ranked.urgency * 100.0).round() / 100.0, "shown as it is");
            assert!(ranked.why.windows(2).all(|pair| pair[0].value.abs() >= pair[1].value.abs()));
        }
        for pair in ranked.windows(2) {
            let order = pair[1].urgency.total_cmp(&pair[0].urgency).then(pair[0].task.number.cmp(&pair[1].task.number));
            assert!(order.is_lt(), "{} before {}", pair[0].urgency, pair[1].urgency);
        }
    }

    async fn none_is_missed_among_many(world) {
        // Alike but for what only a close look shows, behind more tasks than are looked at closely at once.
        let mut tasks: Vec<_> = (1..=450).map(|n| imported(n, "plain")).collect();
        tasks[430].tags = tags(&["a", "b", "c"]);
        tasks[440].depends_on = vec![id(450)];
        tasks[5].due = Some(world.due("today"));
        tasks[5].depends_on = vec![id(450)];
        world.import(tasks).await.unwrap();
        let numbers = |ranked: Vec<RankedTask>| ranked.iter().map(|ranked| ranked.task.number).collect::<Vec<_>>();
        assert_eq!(numbers(next(world, 5).await), [6, 450, 431, 1, 2]);
        assert_eq!(numbers(next(world, 2).await), [6, 450]);
        assert_eq!(numbers(next(world, 0).await), [6]);
        let all = next(world, u32::MAX).await;
        assert_eq!((all.len(), all[449].task.number), (450, 441));
    }

    async fn a_tie_goes_to_the_smaller_number(world) {
        // Those of high priority weigh as much as the late one, which blocks, is tagged and waits last in line.
        let mut tasks = vec![ImportTask { tags: tags(&["a", "b", "c"]), ..imported(1, "first") }];
        tasks.extend((2..=202).map(|n| ImportTask { priority: Priority::High, ..imported(n, "high") }));
        tasks.push(ImportTask { depends_on: vec![id(1)], priority: Priority::Low, ..imported(203, "waits") });
        world.import(tasks).await.unwrap();
        let ranked = next(world, 2).await;
        assert_eq!((ranked[0].task.number, ranked[0].urgency, ranked[1].task.number), (1, 6.0, 2));
    }

    async fn the_filter_counts(world) {
        let a = world.add_with("a", |new| new.tags = tags(&["x"])).await;
        world.add("b").await;
        let filter = TaskFilter { tags: tags(&["x"]), status: Status::All, ..TaskFilter::default() };
        let query = NextQuery { filter, limit: 9 };
        assert_eq!(titles(&world.client.next_tasks(query.clone()).await.unwrap()), ["a"]);
        world.client.complete_tasks(refs(&[&a])).await.unwrap();
        assert_eq!(world.client.next_tasks(query).await.unwrap(), []);
    }
}
