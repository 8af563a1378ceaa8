//! Recurring tasks: how a series begins, and what completing an occurrence makes.

use futures::future::join_all;
use muista_core::model::*;
use muista_core::store::Workers;

use crate::world::*;

/// A rule of days, as words without a time of day make it.
pub(crate) fn days(rule: &str) -> NewSeries {
    NewSeries {
        id: None,
        rule: rule.parse().unwrap(),
        bound: None,
        words: format!("every {rule}"),
        from_completion: false,
        says_time: false,
        timezone: None,
        start: None,
        end: None,
    }
}

/// The same, counted from the completion.
pub(crate) fn from_completion(rule: &str) -> NewSeries {
    NewSeries { from_completion: true, ..days(rule) }
}

/// A rule that says its time of day.
pub(crate) fn timed(rule: &str) -> NewSeries {
    NewSeries { says_time: true, ..days(rule) }
}

impl World {
    /// Adds a recurring task.
    pub(crate) async fn add_every(&self, due: Option<&str>, series: NewSeries) -> Task {
        let due = due.map(|due| self.due(due));
        self.add_with("Water plants", |new| (new.due, new.series) = (due, Some(series))).await
    }

    /// Marks a task done; the notices.
    pub(crate) async fn done(&self, task: &Task) -> Vec<String> {
        self.client.complete_tasks(refs(&[task])).await.unwrap().notices
    }

    /// The open tasks, by number.
    pub(crate) async fn open(&self) -> Vec<Task> {
        let page = Page { limit: Page::MAX, sort: SortOrder::read_list("number").unwrap(), ..Page::default() };
        self.client.list_tasks(TaskFilter::default(), page).await.unwrap().items
    }

    /// Marks the one open task done, and returns the one that follows.
    pub(crate) async fn follow(&self) -> Task {
        let open = self.open().await;
        assert_eq!(open.len(), 1, "{open:?}");
        self.done(&open[0]).await;
        self.open().await.remove(0)
    }

    /// Marks what is open done, again and again, each time as its due begins; the dues that follow.
    async fn dues(&self, count: usize) -> Vec<String> {
        let mut dues = Vec::new();
        for _ in 0..count {
            let open = self.open().await.remove(0);
            self.clock.set(open.due_date.unwrap());
            dues.push(shown(&self.follow().await));
        }
        dues
    }
}

/// When a task is due: its date, or its instant in the caller's zone.
pub(crate) fn shown(task: &Task) -> String {
    let zone = muista_core::time::zone(ZONE).unwrap();
    let at = task.due_date.unwrap().in_zone(&zone).strftime("%Y-%m-%d %H:%M").to_string();
    task.due_on.map_or(at, |date| date.to_string())
}

on_both! {
    async fn completing_makes_the_next(world) {
        let first = world.add_with("Water plants", |new| {
            new.due = Some(world.due("2026-11-27"));
            new.series = Some(days("0 0 * * 5"));
            (new.tags, new.project) = (tags(&["home", "green"]), Some(project("house")));
            (new.priority, new.note) = (Priority::High, Some(text("two cans")));
        }).await;
        assert_eq!((first.series_number, first.recurrence.as_deref()), (Some(1), Some("every 0 0 * * 5")));
        let detail = world.get(&first).await.unwrap();
        assert_eq!(detail.next_due, Some(world.due("2026-12-04")));
        assert_eq!(world.done(&first).await, ["next: 2  “Water plants”  (due Fri 4 Dec)"]);
        let next = world.get_number(2).await;
        assert_eq!((next.series_id, next.series_number, shown(&next).as_str()), (first.series_id, Some(2), "2026-12-04"));
        let kept = |task: &Task| (task.title.clone(), task.tags.clone(), task.project.clone(), task.priority, task.note.clone());
        assert_eq!((kept(&next), next.completed, &next.recurrence), (kept(&first), false, &first.recurrence));
        assert_eq!(world.get(&first).await.unwrap().next_due, None, "it is done");
    }

    async fn without_a_due_the_first_is_that_of_the_rule(world) {
        for (series, expected) in [
            (days("0 0 * * 5"), "2026-11-27"),
            (days("0 0 * * 6"), "2026-11-21"),
            (days("P3D"), "2026-11-21"),
            (timed("0 9 * * 6"), "2026-11-28 09:00"),
            (timed("0 13 * * 6"), "2026-11-21 13:00"),
            (timed("PT12H"), "2026-11-22 00:00"),
        ] {
            let words = series.words.clone();
            assert_eq!(shown(&world.add_every(None, series).await), expected, "{words}");
        }
    }

    async fn a_due_given_is_the_first(world) {
        for (due, series, expected) in [
            ("2026-11-25", days("0 0 * * 5"), "2026-11-25"),
            ("2026-11-27 18:00", days("0 0 * * 5"), "2026-11-27 18:00"),
            ("2026-11-27", timed("0 9 * * 5"), "2026-11-27 09:00"),
            ("2026-11-26", timed("0 9 * * 5"), "2026-11-26"),
        ] {
            assert_eq!(shown(&world.add_every(Some(due), series).await), expected, "{due}");
        }
    }

    async fn month_ends_are_kept(world) {
        world.add_every(Some("2027-01-31"), days("P1M")).await;
        assert_eq!(world.dues(3).await, ["2027-02-28", "2027-03-31", "2027-04-30"]);
    }

    async fn a_time_of_day_stays_where_the_clock_changes(world) {
        world.add_every(Some("2027-03-26 18:00"), days("0 0 * * *")).await;
        assert_eq!(world.dues(3).await, ["2027-03-27 18:00", "2027-03-28 18:00", "2027-03-29 18:00"]);
    }

    async fn what_the_clock_skips_comes_at_the_end_of_the_gap(world) {
        world.add_every(Some("2027-03-27 03:30"), timed("30 3 * * *")).await;
        assert_eq!(world.dues(2).await, ["2027-03-28 04:00", "2027-03-29 03:30"]);
    }

    async fn overdue_ones_do_not_pile_up(world) {
        world.add_every(Some("2026-11-22"), days("P1D")).await;
        world.at("2026-12-24T10:00:00Z");
        assert_eq!(shown(&world.follow().await), "2026-12-24", "today is not over");
        assert_eq!(shown(&world.follow().await), "2026-12-25");
    }

    async fn overdue_times_do_not_pile_up(world) {
        world.add_every(Some("2026-11-22 09:00"), days("P1D")).await;
        world.at("2026-12-24T10:00:00Z");
        assert_eq!(shown(&world.follow().await), "2026-12-25 09:00", "nine is over");
    }

    async fn done_early_the_next_is_the_one_after_its_due(world) {
        world.add_every(Some("2026-11-27"), days("0 0 * * 5")).await;
        assert_eq!(shown(&world.follow().await), "2026-12-04");
    }

    async fn from_the_completion(world) {
        for (due, series, expected) in [
            ("2026-11-20", from_completion("P2M"), "2027-01-30"),
            ("2026-12-24", from_completion("P1W"), "2026-12-07"),
            ("2026-11-20 18:00", from_completion("P2M"), "2027-01-30 18:00"),
            ("2026-11-20 18:00", from_completion("PT12H"), "2026-12-01 00:00"),
            ("2026-11-20", from_completion("0 0 * * 1"), "2026-12-07"),
            ("2026-12-07", from_completion("0 0 * * 1"), "2026-12-14"),
        ] {
            let (label, task) = (series.words.clone(), world.add_every(Some(due), series).await);
            // A monday, at noon in Helsinki.
            world.at("2026-11-30T10:00:00Z");
            world.done(&task).await;
            let next = world.open().await.pop().unwrap();
            assert_eq!(shown(&next), expected, "{due} {label}");
            world.rm(&[&next]).await;
        }
    }

    async fn past_its_end_there_is_no_next(world) {
        let end = Some(instant("2026-11-23T21:59:59Z"));
        let first = world.add_every(Some("2026-11-22"), NewSeries { end, ..days("P1D") }).await;
        assert_eq!(shown(&world.follow().await), "2026-11-23");
        let second = world.get_number(2).await;
        assert_eq!(world.get(&second).await.unwrap().next_due, None);
        assert_eq!(world.done(&second).await, ["that was the last one of 2  “Water plants”  (every P1D)"]);
        assert_eq!((world.open().await, first.series_id), (vec![], second.series_id));
        let over = NewTask { series: Some(NewSeries { end, ..days("P1D") }), ..NewTask::titled(Title::parse("a").unwrap()) };
        world.at("2026-11-24T10:00:00Z");
        let error = world.client.add_task(over).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (muista_core::error::ErrorKind::Invalid, Some("every")));
    }

    async fn done_again_makes_no_other(world) {
        let first = world.add_every(Some("2026-11-27"), days("0 0 * * 5")).await;
        assert_eq!(world.done(&first).await.len(), 1);
        assert_eq!(world.done(&first).await, ["task 1 is done already"]);
        world.client.reopen_tasks(refs(&[&first])).await.unwrap();
        assert_eq!(world.done(&first).await, [""; 0], "2 follows it already");
        assert_eq!(world.open().await.len(), 1);
        // Also where the one that followed is done, and where the latest is gone.
        world.follow().await;
        world.client.reopen_tasks(refs(&[&first])).await.unwrap();
        world.done(&first).await;
        assert_eq!(world.open().await.iter().map(|task| task.number).collect::<Vec<_>>(), [3]);
        world.rm(&[&world.get_number(3).await]).await;
        world.client.reopen_tasks(refs(&[&first])).await.unwrap();
        world.done(&first).await;
        assert_eq!(world.open().await, [], "2 is the latest");
    }

    async fn done_in_two_places_makes_one(world) {
        let [one, other] = [world.another(Workers::Daemon), world.another(Workers::Daemon)];
        let mut task = world.add_every(Some("2026-11-22"), days("P1D")).await;
        for round in 2..14 {
            let clients = [&one, &other, &one, &other];
            let names = refs(&[&task]);
            let all = join_all(clients.map(|client| client.complete_tasks(names.clone()))).await;
            let notices: Vec<String> = all.into_iter().flat_map(|answer| answer.unwrap().notices).collect();
            assert_eq!(notices.iter().filter(|notice| notice.starts_with("next: ")).count(), 1, "{notices:?}");
            let open = world.open().await;
            assert_eq!((open.len(), open[0].series_number), (1, Some(round)));
            task = open[0].clone();
        }
    }

    async fn two_of_one_series_in_one_command(world) {
        let first = world.add_every(Some("2026-11-22"), days("P1D")).await;
        let second = world.follow().await;
        world.client.reopen_tasks(refs(&[&first])).await.unwrap();
        world.client.complete_tasks(refs(&[&first, &second])).await.unwrap();
        assert_eq!(world.open().await.iter().map(|task| task.series_number).collect::<Vec<_>>(), [Some(3)]);
    }

    async fn deleting_the_open_one_ends_it(world) {
        let first = world.add_every(Some("2026-11-22"), days("P1D")).await;
        let second = world.follow().await;
        world.rm(&[&second]).await;
        assert_eq!(world.open().await, []);
        world.rm(&[&first]).await;
        assert_eq!(world.log().await[0].entity, Entity::Series, "nothing is left of it");
        world.undo_steps(2).await.unwrap();
        assert_eq!(world.open().await, [Task { version: 2, ..second }]);
        assert_eq!(shown(&world.follow().await), "2026-11-24");
    }

    async fn what_the_template_names_may_be_gone(world) {
        let parent = world.add("Garden").await;
        let first = world.add_with("Water plants", |new| {
            (new.due, new.series) = (Some(world.due("2026-11-22")), Some(days("P1D")));
            (new.tags, new.project, new.parent) = (tags(&["a", "b"]), Some(project("p")), Some(parent.id.into()));
        }).await;
        let tag = |name: &str| TagName::parse(name).unwrap();
        world.client.rename_tag(tag("a"), tag("c")).await.unwrap();
        world.client.delete_tag(tag("b")).await.unwrap();
        world.client.delete_project(project("p")).await.unwrap();
        world.edit(&first, TaskPatch { parent: Change::Clear, scope: Some(SeriesScope::This), ..TaskPatch::default() }).await;
        world.rm(&[&parent]).await;
        let next = world.follow().await;
        assert_eq!((next.tags, next.project, next.parent_id), (vec!["c".to_owned()], None, None));
    }

    async fn an_import_that_completes_makes_the_next(world) {
        let first = world.add_every(Some("2026-11-22"), days("P1D")).await;
        let mut task = imported(1, "Water plants");
        (task.id, task.completed_at) = (first.id, Some(instant("2026-11-22T10:00:00Z")));
        task.due = Some(world.due("2026-11-22"));
        world.import(vec![task]).await.unwrap();
        let open = world.open().await;
        assert_eq!((open.len(), open[0].series_number, shown(&open[0]).as_str()), (1, Some(2), "2026-11-23"));
        assert_eq!(world.get(&first).await.unwrap().task.recurrence, first.recurrence);
    }
}

impl World {
    /// What words say.
    pub(crate) fn every(&self, words: &str) -> NewSeries {
        NewSeries::read(words, &self.context()).unwrap()
    }
}

on_both! {
    async fn words_say_when(world) {
        for (due, words, expected) in [
            (None, "every friday", ["2026-11-27", "2026-12-04"]),
            (None, "every fri at 9:00", ["2026-11-27 09:00", "2026-12-04 09:00"]),
            (None, "3 days", ["2026-11-21", "2026-11-24"]),
            (None, "every last workday", ["2026-11-30", "2026-12-31"]),
            (Some("2026-11-30"), "monthly", ["2026-11-30", "2026-12-30"]),
            (Some("2026-11-23 18:00"), "every mon, wed", ["2026-11-23 18:00", "2026-11-25 18:00"]),
            (Some("2026-11-23"), "every mon, wed at 7:30", ["2026-11-23 07:30", "2026-11-25 07:30"]),
            (None, "every! 2 months", ["2026-11-21", "2027-01-21"]),
        ] {
            let first = world.add_every(due, world.every(words)).await;
            let next = world.follow().await;
            assert_eq!([shown(&first), shown(&next)], expected, "{words}");
            world.rm(&[&next]).await;
        }
    }

    async fn a_number_of_times_counts_from_the_first_due(world) {
        for (due, words, expected) in [
            (Some("2026-12-10"), "daily for 3 times", &["2026-12-10", "2026-12-11", "2026-12-12"][..]),
            (None, "every fri 2 times", &["2026-11-27", "2026-12-04"]),
            (Some("2026-12-01"), "every fri for 2 times", &["2026-12-01", "2026-12-04"]),
            (Some("2026-12-10"), "daily for 2 days", &["2026-12-10", "2026-12-11"]),
            (None, "every other mon, thu at 9:00 for 3 times", &["2026-11-23 09:00", "2026-11-26 09:00", "2026-12-07 09:00"]),
            (Some("2026-11-26"), "every other mon, thu for 3 times", &["2026-11-26", "2026-12-07", "2026-12-10"]),
            (None, "every 2 months on the 15th for 2 times", &["2026-12-15", "2027-02-15"]),
        ] {
            let mut task = world.add_every(due, world.every(words)).await;
            let mut found = vec![shown(&task)];
            loop {
                world.done(&task).await;
                let Some(next) = world.open().await.pop() else { break };
                found.push(shown(&next));
                task = next;
                assert!(found.len() <= expected.len(), "{words}: {found:?}");
            }
            assert_eq!(found, expected, "{words}");
        }
    }

    async fn an_end_before_the_first_due_is_refused(world) {
        let new = |words: &str, due: &str| NewTask {
            due: Some(world.due(due)),
            series: Some(world.every(words)),
            ..NewTask::titled(Title::parse("a").unwrap())
        };
        let error = world.client.add_task(new("weekly until 2026-12-01", "2026-12-10")).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (muista_core::error::ErrorKind::Invalid, Some("every")));
        assert_eq!(error.message, "“weekly until 2026-12-01” ends on 1 Dec 2026, before it is first due on 10 Dec 2026");
        let task = world.add_with("b", |new| new.due = Some(world.due("2026-12-10 9:00"))).await;
        let patch = TaskPatch { every: Change::Set(world.every("daily until 2026-12-09")), ..TaskPatch::default() };
        assert_eq!(kind(world.client.edit_tasks(refs(&[&task]), patch).await), muista_core::error::ErrorKind::Invalid);
        world.client.add_task(new("weekly until 2026-12-10", "2026-12-10")).await.unwrap();
    }

    async fn a_recurrence_that_may_surprise_is_explained(world) {
        let series = world.every("0 0 */2 * 1");
        let new = NewTask { series: Some(series), ..NewTask::titled(Title::parse("a").unwrap()) };
        let notices = world.client.add_task(new).await.unwrap().notices;
        assert!(notices[0].contains("both the day `*/2` and the weekday `1` match"), "{notices:?}");
    }

    async fn reminders_before_the_due_go_along(world) {
        let before = Trigger::FromDue(muista_core::time::Duration::read("-PT30M").unwrap());
        let once = Trigger::At(instant("2026-11-25T10:00:00Z"));
        let first = world.add_with("Water plants", |new| {
            (new.due, new.series) = (Some(world.due("2026-11-27 18:00")), Some(world.every("every friday")));
            new.reminders = vec![NewReminder::new(before), NewReminder::new(once)];
        }).await;
        let next = world.follow().await;
        let reminders = world.get(&next).await.unwrap().reminders;
        let at: Vec<_> = reminders.iter().map(|reminder| reminder.next_trigger_at).collect();
        assert_eq!(at, [Some(instant("2026-12-04T15:30:00Z"))]);
        let silent = world.get(&first).await.unwrap().reminders;
        assert!(silent.iter().all(|reminder| reminder.next_trigger_at.is_none()), "{silent:?}");
        world.undo().await;
        assert_eq!(world.open().await.len(), 1);
        let awake = world.get(&first).await.unwrap().reminders;
        assert!(awake.iter().all(|reminder| reminder.next_trigger_at.is_some()), "{awake:?}");
    }
}
