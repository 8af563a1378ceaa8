//! Due filters at the edges of days, in the caller's zone, on ordinary days and on those when the clock changes.

use muista_core::model::*;
use muista_core::time::{Context, When};

use crate::world::*;

/// Adds a task for each due text; its title is that text.
async fn due(world: &World, texts: &[&str]) {
    for text in texts {
        let due = world.due(text);
        world.add_with(text, |new| new.due = Some(due)).await;
    }
}

/// The titles of what is due so, in order of the due.
async fn found(world: &World, text: &str) -> Vec<String> {
    let due = Some(DueFilter::read(text, &world.context()).unwrap());
    world.titles(TaskFilter { due, ..TaskFilter::default() }, "due").await
}

/// Adds a task that is due on a day, as somebody in another zone says it; its title is the zone.
async fn due_in(world: &World, zone: &str, day: &str) -> Task {
    let context = Context { zone: muista_core::time::zone(zone).unwrap(), ..world.context() };
    let due = Due::new(&When::read(day, &context).unwrap(), &context.zone).unwrap();
    world.add_with(zone, |new| new.due = Some(due)).await
}

/// The furthest zones, and some between.
const ZONES: [&str; 5] = ["Pacific/Kiritimati", "Asia/Tokyo", "Europe/London", "America/New_York", "Etc/GMT+12"];

on_both! {
    async fn a_date_is_a_day_of_the_readers_wherever_it_was_made(world) {
        for zone in ZONES {
            due_in(world, zone, "2026-12-08").await;
        }
        // The last second of the 8th and the first of the 9th, in Helsinki.
        due(world, &["2026-12-08 23:59:59", "2026-12-09 00:00"]).await;
        for (now, day) in [("2026-12-07T22:00:00Z", "today"), ("2026-12-08T21:59:59Z", "today"), ("2026-12-07T10:00:00Z", "tomorrow")] {
            world.at(now);
            let mut all = found(world, day).await;
            assert_eq!(all.len(), 6, "{now}: {all:?}");
            all.retain(|title| !ZONES.contains(&title.as_str()));
            assert_eq!(all, ["2026-12-08 23:59:59"], "{now}");
            assert_eq!(found(world, "overdue").await, [""; 0]);
            assert_eq!(found(world, "upcoming").await.len(), 7);
        }
        world.at("2026-12-08T22:00:00Z");
        assert_eq!(found(world, "today").await, ["2026-12-09 00:00"]);
        assert_eq!(found(world, "upcoming").await, ["2026-12-09 00:00"]);
        assert_eq!(found(world, "overdue").await.len(), 6);
        for (range, count) in [
            ("2026-12-08", 6),
            ("2026-12-07", 0),
            ("..2026-12-07", 0),
            ("2026-12-08..", 7),
            ("2026-12-09..", 1),
            ("2026-12-07..2026-12-09", 7),
            ("week", 7),
            ("2026-12-08 12:00..2026-12-08 13:00", 0),
            ("2026-12-08 12:00..2026-12-09 00:00", 6),
        ] {
            assert_eq!(found(world, range).await.len(), count, "{range}");
        }
        let counted = |text: &str| {
            let filter = TaskFilter { due: Some(DueFilter::read(text, &world.context()).unwrap()), ..TaskFilter::default() };
            world.client.list_tasks(filter, Page { limit: 2, total: true, ..Page::default() })
        };
        assert_eq!(counted("overdue").await.unwrap().total, Some(6));
        assert_eq!(counted("week").await.unwrap().total, Some(7));
    }

    async fn each_reader_has_days_of_its_own(world) {
        let task = due_in(world, "Europe/London", "2026-12-08").await;
        // It is the 9th in Kiritimati, the 8th in Helsinki, the 7th at the other end.
        world.at("2026-12-08T11:00:00Z");
        let of = |zone: &str| Context { zone: muista_core::time::zone(zone).unwrap(), ..world.context() };
        for (zone, overdue, day) in [("Pacific/Kiritimati", true, "yesterday"), (ZONE, false, "today"), ("Etc/GMT+12", false, "tomorrow")] {
            let context = of(zone);
            assert_eq!(task.is_overdue(&context), overdue, "{zone}");
            for (text, is) in [("overdue", overdue), ("upcoming", !overdue), (day, true), ("none", false)] {
                let filter = TaskFilter { due: Some(DueFilter::read(text, &context).unwrap()), ..TaskFilter::default() };
                assert_eq!(world.titles(filter, "").await.len(), usize::from(is), "{zone} {text}");
            }
        }
    }

    async fn today_is_the_callers_day(world) {
        due(world, &["2026-11-20 23:59:59", "2026-11-21 00:00", "2026-11-21 23:59:59", "2026-11-22 00:00"]).await;
        due(world, &["2026-11-20", "2026-11-21", "2026-11-22"]).await;
        world.add("never").await;
        let today = ["2026-11-21 00:00", "2026-11-21 23:59:59", "2026-11-21"];
        assert_eq!(found(world, "today").await, today);
        assert_eq!(found(world, "tomorrow").await, ["2026-11-22 00:00", "2026-11-22"]);
        assert_eq!(found(world, "none").await, ["never"]);
        // 23:30 in Helsinki is another day in UTC.
        world.at("2026-11-20T22:00:00Z");
        assert_eq!(found(world, "today").await, today);
        world.at("2026-11-21T21:59:59Z");
        assert_eq!(found(world, "today").await, today);
        world.at("2026-11-21T22:00:00Z");
        assert_eq!(found(world, "today").await, ["2026-11-22 00:00", "2026-11-22"]);
    }

    async fn what_is_due_on_a_day_is_overdue_when_the_day_is_over(world) {
        due(world, &["2026-11-21 12:00", "2026-11-21"]).await;
        assert_eq!(found(world, "overdue").await, Vec::<String>::new());
        assert_eq!(found(world, "upcoming").await, ["2026-11-21 12:00", "2026-11-21"]);
        world.at("2026-11-21T10:00:01Z");
        assert_eq!(found(world, "overdue").await, ["2026-11-21 12:00"]);
        assert_eq!(found(world, "upcoming").await, ["2026-11-21"]);
        world.at("2026-11-21T21:59:59Z");
        assert_eq!(found(world, "overdue").await, ["2026-11-21 12:00"]);
        assert_eq!(found(world, "today").await.len(), 2);
        world.at("2026-11-21T22:00:00Z");
        assert_eq!(found(world, "overdue").await, ["2026-11-21 12:00", "2026-11-21"]);
        assert_eq!(found(world, "upcoming").await, Vec::<String>::new());
    }

    async fn a_week_and_ranges(world) {
        let days = ["2026-11-15", "2026-11-16", "2026-11-22", "2026-11-23", "2026-11-30", "2026-12-01"];
        due(world, &days).await;
        due(world, &["someday"]).await;
        world.add("never").await;
        assert_eq!(found(world, "week").await, days[1..3]);
        assert_eq!(found(world, "next week").await, days[3..4]);
        assert_eq!(found(world, "2026-11-16..2026-11-22").await, days[1..3]);
        assert_eq!(found(world, "..2026-11-16").await, days[..2]);
        assert_eq!(found(world, "2026-11-30..").await, ["2026-11-30", "2026-12-01", "someday"]);
        assert_eq!(found(world, "2026-11-16 12:00..2026-11-22 12:00").await, days[1..2]);
        assert_eq!(found(world, "..eom").await, days[..5]);
        assert_eq!(found(world, "none").await, ["never"]);
    }

    async fn the_days_when_the_clock_changes(world) {
        // 2026-03-29 has 23 hours in Helsinki, 2026-10-25 has 25.
        for (now, day, first, last) in [
            ("2026-03-29T12:00:00Z", "2026-03-29", "2026-03-28T22:00:00Z", "2026-03-29T20:59:59Z"),
            ("2026-10-25T12:00:00Z", "2026-10-25", "2026-10-24T21:00:00Z", "2026-10-25T21:59:59Z"),
        ] {
            world.at(now);
            let micro = |text: &str, by| {
                muista_core::time::Instant::from_micros(instant(text).as_micros() + by).unwrap().to_string()
            };
            let (before, after) = (micro(first, -1), micro(last, 1_000_000));
            due(world, &[&before, first, day, last, &after]).await;
            assert_eq!(found(world, "today").await, [first, day, last], "{day}");
            assert_eq!(found(world, day).await, [first, day, last]);
            assert_eq!(world.due(day).at(), instant(last));
            world.at(&after);
            let overdue = found(world, "overdue").await;
            assert_eq!(overdue[overdue.len() - 4..], [before.as_str(), first, day, last]);
        }
    }
}
