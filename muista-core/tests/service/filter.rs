//! Each filter alone, and some together.

use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::time::Range;

use crate::world::*;

async fn found(world: &World, filter: TaskFilter) -> String {
    world.titles(filter, "number").await.join(" ")
}

fn all() -> TaskFilter {
    TaskFilter { status: Status::All, ..TaskFilter::default() }
}

on_both! {
    async fn by_status(world) {
        let a = world.add("a").await;
        world.add("b").await;
        world.client.complete_tasks(refs(&[&a])).await.unwrap();
        assert_eq!(found(world, TaskFilter::default()).await, "b");
        assert_eq!(found(world, TaskFilter { status: Status::Done, ..all() }).await, "a");
        assert_eq!(found(world, all()).await, "a b");
    }

    async fn by_when_it_was_done(world) {
        let a = world.add("a").await;
        world.add("b").await;
        world.client.complete_tasks(refs(&[&a])).await.unwrap();
        let done = world.client.get_task(a.id.into()).await.unwrap().task.completed_at.unwrap();
        let later = muista_core::time::Instant::from_micros(done.as_micros() + 1).unwrap();
        let within = |from, until| TaskFilter { completed: Some(Range { from, until }), ..all() };
        assert_eq!(found(world, within(Some(done), Some(later))).await, "a");
        assert_eq!(found(world, within(None, Some(done))).await, "");
        assert_eq!(found(world, within(Some(later), None)).await, "");
        assert_eq!(found(world, within(None, None)).await, "a");
    }

    async fn by_category_and_priority(world) {
        for (title, category, priority) in [
            ("a", Category::Work, Priority::High),
            ("b", Category::Work, Priority::Low),
            ("c", Category::Study, Priority::High),
            ("d", Category::Personal, Priority::Medium),
        ] {
            world.add_with(title, |new| (new.category, new.priority) = (category, priority)).await;
        }
        let of = |categories: &[Category], priorities: &[Priority]| TaskFilter {
            categories: categories.into(),
            priorities: priorities.into(),
            ..TaskFilter::default()
        };
        assert_eq!(found(world, of(&[Category::Work], &[])).await, "a b");
        assert_eq!(found(world, of(&[Category::Work, Category::Study], &[])).await, "a b c");
        assert_eq!(found(world, of(&[], &[Priority::Low])).await, "b");
        assert_eq!(found(world, of(&[], &[Priority::Low, Priority::Medium])).await, "b d");
        assert_eq!(found(world, of(&[Category::Work, Category::Personal], &[Priority::High])).await, "a");
        assert_eq!(found(world, of(&[Category::Admin], &[])).await, "");
    }

    async fn by_tags(world) {
        for (title, names) in [("a", &["x", "y"][..]), ("b", &["x"]), ("c", &["y", "Z"]), ("d", &[])] {
            world.add_with(title, |new| new.tags = tags(names)).await;
        }
        let with = |names: &[&str]| TaskFilter { tags: tags(names), ..TaskFilter::default() };
        let without = |names: &[&str]| TaskFilter { without_tags: tags(names), ..TaskFilter::default() };
        assert_eq!(found(world, with(&["X"])).await, "a b");
        assert_eq!(found(world, with(&["x", "y"])).await, "a");
        assert_eq!(found(world, with(&["nowhere"])).await, "");
        assert_eq!(found(world, without(&["x"])).await, "c d");
        assert_eq!(found(world, without(&["x", "z", "nowhere"])).await, "d");
        assert_eq!(found(world, TaskFilter { untagged: true, ..TaskFilter::default() }).await, "d");
        assert_eq!(found(world, TaskFilter { tags: tags(&["y"]), ..without(&["z"]) }).await, "a");
    }

    async fn by_project_and_parent(world) {
        let a = world.add_with("a", |new| new.project = Some(project("Home"))).await;
        world.add_with("b", |new| (new.project, new.parent) = (Some(project("work")), Some(a.id.into()))).await;
        world.add_with("c", |new| new.parent = Some(TaskRef::Number(2))).await;
        let of = |name: &str| TaskFilter { project: Some(name.parse().unwrap()), ..TaskFilter::default() };
        assert_eq!(found(world, of("HOME")).await, "a");
        assert_eq!(found(world, of("none")).await, "c");
        assert_eq!(found(world, of("nowhere")).await, "");
        // A project holds those below it, but no other that begins alike.
        world.add_with("d", |new| new.project = Some(project("home.Kitchen"))).await;
        world.add_with("e", |new| new.project = Some(project("homework"))).await;
        assert_eq!(found(world, of("home")).await, "a d");
        assert_eq!(found(world, of("home!")).await, "a");
        assert_eq!(found(world, of("HOME.kitchen")).await, "d");
        let under = |task: TaskRef| TaskFilter { parent: Some(task), ..TaskFilter::default() };
        assert_eq!(found(world, under(TaskRef::Number(1))).await, "b");
        assert_eq!(found(world, under(a.id.into())).await, "b");
        assert_eq!(found(world, TaskFilter { project: of("none").project, ..under(TaskRef::Number(1)) }).await, "");
    }

    async fn by_reminder_and_script(world) {
        for title in ["reminded", "was reminded", "scripted", "neither"] {
            world.add(title).await;
        }
        let (task, at) = (|n| format!("(SELECT id FROM tasks WHERE number = {n})"), world.moment());
        for (n, next) in [(1, at), (2, "NULL")] {
            let (id, task) = (world.id(id(n)), task(n));
            world.sql(&format!(
                "INSERT INTO reminders (id, task_id, schedule, recurrence_type, timezone, next_trigger_at, created_at,
                 updated_at) VALUES ({id}, {task}, '2027-01-01T00:00:00Z', 'ONCE', 'UTC', {next}, {at}, {at})"
            ));
        }
        let (job, task, owner) = (world.id(id(3)), task(3), world.id(Id::LOCAL_USER));
        world.sql(&format!(
            "INSERT INTO jobs (id, owner_id, task_id, name, name_key, script, timezone, created_at, updated_at)
             VALUES ({job}, {owner}, {task}, 'j', 'j', 's', 'UTC', {at}, {at})"
        ));
        let reminded = |on| TaskFilter { has_reminder: Some(on), ..TaskFilter::default() };
        assert_eq!(world.titles(reminded(true), "number").await, ["reminded"]);
        assert_eq!(world.titles(reminded(false), "number").await, ["was reminded", "scripted", "neither"]);
        let scripted = |on| TaskFilter { script: Some(on), ..TaskFilter::default() };
        assert_eq!(world.titles(scripted(true), "number").await, ["scripted"]);
        assert_eq!(world.titles(TaskFilter { script: Some(false), ..reminded(false) }, "number").await, [
            "was reminded",
            "neither"
        ]);
    }

    async fn by_the_whole_title_in_any_case(world) {
        world.add_with("Äiti 100%", |new| new.note = Some(text("call her\nsoon"))).await;
        world.add("äiti 100%").await;
        for other in ["Äiti 100", "Äiti 100%!", "Äiti 1000", "x Äiti 100%"] {
            world.add_with(other, |new| new.note = Some(text("äiti 100%"))).await;
        }
        let titled = |title: &str| TaskFilter { title: Some(title.to_owned()), ..all() };
        assert_eq!(world.titles(titled("äITI 100%"), "number").await, ["Äiti 100%", "äiti 100%"]);
        for none in ["", "äiti", "äiti 100_", "call her"] {
            assert_eq!(world.titles(titled(none), "").await, Vec::<String>::new(), "{none}");
        }
    }

    async fn by_words_in_any_case(world) {
        world.add_with("Äiti 100% sure", |new| new.description = Some(text("buy a_b"))).await;
        world.add_with("isä", |new| new.note = Some(text("BUY\\sell"))).await;
        world.add("100 sure").await;
        // Composed in another way, full width, a ligature, a superscript; and what has no lower case of its own.
        world.add("Cafe\u{301} ﬁne m² Ｗｉｄｅ").await;
        world.add("Hauptstraße").await;
        let with = |words: &[&str]| TaskFilter { search: words.iter().map(ToString::to_string).collect(), ..all() };
        for (words, numbers) in [
            (&["äITI"][..], "1"),
            (&["buy"], "1 2"),
            (&["Buy", "sure"], "1"),
            (&["100%"], "1"),
            (&["a_b"], "1"),
            (&["aXb"], ""),
            (&["y\\s"], "2"),
            (&["%"], "1"),
            (&["' OR 1=1 --"], ""),
            (&["sure"], "1 3"),
            (&["CAFÉ", "fine", "m2", "wide"], "4"),
            (&["ｆｉｎｅ"], "4"),
            (&["HAUPTSTRASSE"], "5"),
        ] {
            let page = world.client.list_tasks(with(words), Page { limit: 9, total: true, ..Page::default() });
            let page = page.await.unwrap();
            let found: Vec<_> = page.items.iter().map(|task| task.number.to_string()).collect();
            assert_eq!(found.join(" "), numbers, "{words:?}");
            assert_eq!(page.total, Some(i64::try_from(found.len()).unwrap()));
        }
    }

    async fn what_is_frequent_is_found_as_what_is_rare_is(world) {
        // More than are looked at one by one, and a few among them.
        let of = |n: u128| ImportTask {
            tags: tags(if n.is_multiple_of(2600) { &["many", "few"][..] } else { &["many"] }),
            priority: if n.is_multiple_of(1300) { Priority::High } else { Priority::Low },
            ..imported(n, &format!("some hay {}", if n.is_multiple_of(2600) { "Näädle" } else { "x" }))
        };
        world.import((1..=5300).map(of).collect()).await.unwrap();
        let with = |names: &[&str], words: &[&str]| TaskFilter {
            tags: tags(names),
            search: words.iter().map(ToString::to_string).collect(),
            ..TaskFilter::default()
        };
        let high = |filter| TaskFilter { priorities: vec![Priority::High], ..filter };
        for (filter, numbers) in [
            (with(&["few"], &[]), "2600 5200"),
            (with(&["many", "few"], &["HAY"]), "2600 5200"),
            (with(&[], &["näädle"]), "2600 5200"),
            (with(&["many"], &["hay", "ÄÄDL"]), "2600 5200"),
            (with(&[], &["hay", "nowhere"]), ""),
            (with(&["nowhere"], &["hay"]), ""),
            (high(with(&["many"], &[])), "1300 2600 3900 5200"),
            (high(with(&[], &["hay"])), "1300 2600 3900 5200"),
            (high(with(&["many"], &["ay", "x"])), "1300 3900"),
        ] {
            let page = Page { limit: 9, total: true, ..Page::default() };
            let page = world.client.list_tasks(filter.clone(), page).await.unwrap();
            let found: Vec<_> = page.items.iter().map(|task| task.number.to_string()).collect();
            assert_eq!(found.join(" "), numbers, "{filter:?}");
        }
        let counted = async |filter: &TaskFilter, total_most| {
            let page = Page { limit: 1, total: true, total_most, ..Page::default() };
            world.client.list_tasks(filter.clone(), page).await.unwrap().total
        };
        for filter in [with(&[], &[]), with(&["many"], &[]), with(&[], &["some"])] {
            assert_eq!(counted(&filter, None).await, Some(5300));
            assert_eq!(counted(&filter, Some(5300)).await, Some(5300));
            assert_eq!(counted(&filter, Some(100)).await, Some(101), "one more than were to be counted");
        }
        // A task that is done is no more among the open, and one whose text was changed is found by the new.
        world.client.complete_tasks(vec![TaskRef::Number(2600)]).await.unwrap();
        let patch = TaskPatch { title: Some(Title::parse("other").unwrap()), ..TaskPatch::default() };
        world.client.edit_tasks(vec![TaskRef::Number(5200)], patch).await.unwrap();
        assert_eq!(found(world, with(&[], &["näädle"])).await, "");
        assert_eq!(found(world, with(&[], &["other"])).await, "other");
        world.client.delete_tasks(vec![TaskRef::Number(5200)]).await.unwrap();
        assert_eq!(found(world, with(&[], &["other"])).await, "");
    }

    async fn all_conditions_hold_together(world) {
        let parent = world.add("parent").await;
        let due = world.due("today");
        let mut made = Vec::new();
        for n in 0..3 {
            made.push(world.add_with(&format!("right {n}"), |new| {
                new.category = Category::Work;
                new.priority = if n == 1 { Priority::Low } else { Priority::High };
                new.project = Some(project("p"));
                new.tags = tags(&["x"]);
                new.parent = Some(parent.id.into());
                new.due = (n != 2).then(|| due.clone());
            }).await);
        }
        let filter = TaskFilter {
            status: Status::Open,
            status_of_views: false,
            due: Some(DueFilter::read("today", &world.context()).unwrap()),
            completed: None,
            categories: vec![Category::Work, Category::Admin],
            priorities: vec![Priority::High, Priority::Medium],
            project: Some(ProjectFilter::Named(project("P"))),
            tags: tags(&["x"]),
            without_tags: tags(&["y"]),
            untagged: false,
            has_reminder: Some(false),
            blocked: Some(false),
            script: Some(false),
            parent: Some(TaskRef::Number(1)),
            search: vec!["right".into(), "0".into()],
            title: Some("RIGHT 0".into()),
            terms: vec![Query::Is(Condition::Has(Belonging::Parent))],
        };
        assert_eq!(world.titles(filter.clone(), "due,-priority,title").await, ["right 0"]);
        let none = TaskFilter { untagged: true, ..filter };
        assert_eq!(world.titles(none, "").await, Vec::<String>::new());
    }

    async fn anothers_tasks_are_not_seen(world) {
        world.account(id(7));
        let (task, eva, at) = (world.id(id(8)), world.id(id(7)), world.moment());
        world.sql(&format!(
            "INSERT INTO tasks (id, owner_id, title, search_key, created_at, updated_at)
             VALUES ({task}, {eva}, 'hers', 'hers', {at}, {at})"
        ));
        assert_eq!(world.titles(all(), "").await, Vec::<String>::new());
        for name in [TaskRef::Number(1), TaskRef::Id(id(8)), id(8).to_string()[..20].parse().unwrap()] {
            assert_eq!(kind(world.client.get_task(name.clone()).await), ErrorKind::NotFound);
            assert_eq!(kind(world.client.delete_tasks(vec![name.clone()]).await), ErrorKind::NotFound);
            let mut new = NewTask::titled(Title::parse("mine").unwrap());
            new.depends_on = vec![name];
            assert_eq!(kind(world.client.add_task(new).await), ErrorKind::NotFound);
        }
        assert_eq!(world.add("mine").await.number, 2);
    }
}
