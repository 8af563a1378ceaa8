//! Working on tasks: stretches of work, what stops them, and that undo takes them back.

use jiff::civil::{Date, date};
use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::house::*;
use crate::world::*;

impl World {
    async fn start(&self, task: &Task, keep: bool) -> Task {
        self.client.start_task(task.id.into(), keep).await.unwrap().value
    }

    async fn stop(&self, task: Option<&Task>) -> Vec<Task> {
        self.client.stop_tasks(task.map(|task| task.id.into())).await.unwrap().value
    }
}

/// Returns the time spent on a task, and whether somebody works on it.
async fn spent(world: &World, task: &Task) -> (String, bool) {
    let task = world.get(task).await.unwrap().task;
    (task.time_spent.unwrap_or_default().to_string(), task.active_since.is_some())
}

on_both! {
    async fn the_time_between_start_and_stop_is_kept(world) {
        let task = world.add("a").await;
        let active = world.start(&task, false).await;
        assert_eq!((active.active_since, active.version), (Some(instant(NOON)), 2));
        world.at("2026-11-21T11:30:00Z");
        assert_eq!(world.stop(None).await[0].time_spent.unwrap().to_string(), "PT1H30M");
        world.start(&task, false).await;
        world.at("2026-11-21T11:45:00Z");
        world.stop(Some(&task)).await;
        assert_eq!(spent(world, &task).await, ("PT1H45M".to_owned(), false));
        let error = world.client.stop_tasks(Some(task.id.into())).await.unwrap_err();
        assert!(error.message.contains("task 1 is not active"), "{error}");
        world.back().await.unwrap();
        assert_eq!(spent(world, &task).await, ("PT1H30M".to_owned(), true));
        world.back().await.unwrap();
        assert_eq!(spent(world, &task).await, ("PT1H30M".to_owned(), false));
    }

    async fn one_runs_at_a_time_unless_others_are_kept(world) {
        let (a, b, c) = (world.add("a").await, world.add("b").await, world.add("c").await);
        world.start(&a, false).await;
        world.at("2026-11-21T10:10:00Z");
        let answer = world.client.start_task(b.id.into(), false).await.unwrap();
        assert_eq!(answer.notices, ["stopped 1  “a”  (10min)"]);
        world.start(&c, true).await;
        let active = Query::Is(Condition::Has(Belonging::Running));
        let filter = TaskFilter { terms: vec![active], ..TaskFilter::default() };
        assert_eq!(world.titles(filter, "number").await, ["b", "c"]);
        world.at("2026-11-21T10:15:00Z");
        world.client.complete_tasks(vec![b.id.into()]).await.unwrap();
        assert_eq!(spent(world, &b).await, ("PT5M".to_owned(), false));
        assert_eq!(spent(world, &c).await, ("PT0S".to_owned(), true));
        let error = world.client.start_task(b.id.into(), false).await.unwrap_err();
        assert!(error.hint.unwrap().contains("muista undone 2"));
        world.back().await.unwrap();
        assert_eq!(spent(world, &b).await, ("PT0S".to_owned(), true));
    }

    async fn a_timesheet_parts_work_by_day_and_counts_what_goes_on(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        world.start(&a, false).await;
        // Half past one on the next day in Helsinki.
        world.at("2026-11-21T23:30:00Z");
        world.start(&b, false).await;
        world.at("2026-11-22T00:10:00Z");
        let sheet = async |from: Date, to: Date| {
            let query = ReportQuery { filter: TaskFilter::default(), timezone: "Europe/Helsinki".to_owned(), from, to };
            world.client.timesheet(query).await.unwrap()
        };
        let rows = |sheet: &Timesheet| {
            let row = |row: &TimesheetRow| format!("{} {} {}", row.date, row.title, row.spent);
            sheet.rows.iter().map(row).collect::<Vec<_>>()
        };
        let week = sheet(date(2026, 11, 16), date(2026, 11, 22)).await;
        assert_eq!(rows(&week), ["2026-11-21 a PT12H", "2026-11-22 a PT1H30M", "2026-11-22 b PT40M"]);
        assert_eq!((week.total.to_string().as_str(), week.more), ("PT14H10M", false));
        assert_eq!(rows(&sheet(date(2026, 11, 21), date(2026, 11, 21)).await), ["2026-11-21 a PT12H"]);
        assert!(sheet(date(2026, 11, 23), date(2026, 11, 29)).await.rows.is_empty());
    }

    /// Who may not see a task any more ends the work on it unseen, and its owner ends that of others.
    async fn work_on_a_task_that_is_not_shared_any_more_ends(world) {
        let house = House::new(world).await;
        let (one, other) = (add_in(&house.anna, "one").await, add_in(&house.anna, "other").await);
        for (client, task) in [(&house.ada, &one), (&house.olga, &other)] {
            client.start_task(task.id.into(), false).await.unwrap();
        }
        for user in ["ada", "olga"] {
            house.anna.remove_member(house.id.into(), user.parse::<UserRef>().unwrap()).await.unwrap();
        }
        let patch = TaskPatch { note: Change::Set(text("secret")), ..TaskPatch::default() };
        let now = house.anna.edit_tasks(vec![one.id.into()], patch).await.unwrap().value.remove(0);
        world.tick();
        let own = add(&house.ada, "own", |_| {}).await;
        house.ada.start_task(own.id.into(), false).await.unwrap();
        let told = house.ada.list_audit(AuditQuery { limit: 50, ..AuditQuery::default() }).await.unwrap();
        assert!(!serde_json::to_string(&told.items).unwrap().contains("secret"));
        let after = house.anna.get_task(one.id.into()).await.unwrap().task;
        assert_eq!((after.active_since, after.version), (None, now.version));
        undo(&house.ada).await.unwrap();

        let stopped = house.anna.stop_tasks(Some(other.id.into())).await.unwrap().value;
        assert_eq!((stopped[0].active_since, stopped.len()), (None, 1));
        assert_eq!(kind(house.anna.stop_tasks(Some(other.id.into())).await), ErrorKind::Conflict);
    }

    async fn a_deleted_task_comes_back_with_its_time(world) {
        let task = world.add("a").await;
        world.start(&task, false).await;
        world.at("2026-11-21T10:20:00Z");
        world.stop(None).await;
        world.rm(&[&task]).await;
        world.back().await.unwrap();
        assert_eq!(spent(world, &task).await, ("PT20M".to_owned(), false));
    }
}
