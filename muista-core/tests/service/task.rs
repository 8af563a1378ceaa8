//! Adding, naming, changing, completing and deleting tasks.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::world::*;

on_both! {
    async fn a_task_keeps_all_that_was_said(world) {
        let parent = world.add("Move house").await;
        let before = world.add("Rent a van").await;
        let due = world.due("2026-11-27");
        let mut new = NewTask::titled(Title::parse("  Pack 📦 the books ").unwrap());
        new.description = Some(text("All of them"));
        new.note = Some(text("a\n\tb"));
        new.category = Category::Chores;
        new.priority = Priority::High;
        new.due = Some(due);
        new.project = Some(project("Home"));
        new.parent = Some(TaskRef::Number(parent.number));
        new.tags = tags(&["heavy", "Ärger", "HEAVY"]);
        new.depends_on = refs(&[&before]);
        let answer = world.client.add_task(new).await.unwrap();
        assert_eq!(answer.notices, ["made the project Home"]);
        let task = answer.value;
        assert_eq!((task.number, task.version, task.completed, task.completed_at), (3, 1, false, None));
        assert_eq!((&*task.title, task.owner_id), ("Pack 📦 the books", Id::LOCAL_USER));
        assert_eq!((task.category, task.priority), (Category::Chores, Priority::High));
        assert_eq!((task.description.as_deref(), task.note.as_deref()), (Some("All of them"), Some("a\n\tb")));
        assert_eq!(task.due_date, Some(instant("2026-11-27T21:59:59Z")));
        assert_eq!((task.due_on.unwrap().to_string(), task.timezone.as_deref()), ("2026-11-27".into(), Some(ZONE)));
        assert_eq!((task.tags.as_slice(), task.project.as_deref()), (&["heavy".into(), "Ärger".into()][..], Some("Home")));
        assert_eq!((task.parent_id, task.depends_on.as_slice()), (Some(parent.id), &[before.id][..]));
        assert_eq!((task.created_at, task.updated_at), (instant("2026-11-21T10:00:00Z"), task.created_at));

        let detail = world.get(&task).await.unwrap();
        assert_eq!((&detail.task, *detail.parent.unwrap(), detail.dependencies), (&task, parent.clone(), vec![before]));
        assert_eq!(world.get(&parent).await.unwrap().subtasks, [task]);
    }

    async fn a_number_is_never_given_twice(world) {
        for n in 1..=3 {
            assert_eq!(world.add("a").await.number, n);
        }
        world.client.delete_tasks(vec![TaskRef::Number(3)]).await.unwrap();
        let fourth = world.add("b").await;
        assert_eq!(fourth.number, 4);
        world.undo().await;
        assert_eq!(world.add("c").await.number, 5);
        world.client.delete_tasks((1..=2).chain([5]).map(TaskRef::Number).collect()).await.unwrap();
        assert_eq!(world.add("d").await.number, 6);
        assert_eq!(world.import(vec![imported(1, "e"), imported(2, "f")]).await.unwrap().created, 2);
        let numbers: Vec<i64> = all(world).await.iter().map(|task| task.number).collect();
        assert_eq!(numbers, [6, 7, 8]);
    }

    async fn a_task_goes_by_number_id_and_beginning_of_its_id(world) {
        world.import(vec![imported(0x10, "a"), imported(0x1f, "b"), imported(0x1_0000_0000_0000, "c")]).await.unwrap();
        let (a, whole) = (world.client.get_task("1".parse().unwrap()).await.unwrap().task, id(0x10).to_string());
        for name in [&whole, &whole.to_uppercase(), &whole.replace('-', "")] {
            assert_eq!(world.client.get_task(name.parse().unwrap()).await.unwrap().task, a);
        }
        let error = world.client.get_task(whole[..35].parse().unwrap()).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("id")));
        assert!(error.message.contains(&whole[..35]) && error.hint.is_some(), "{error}");
        let c = world.client.get_task(id(0x1_0000_0000_0000).to_string()[..18].parse().unwrap()).await;
        assert_eq!(kind(c), ErrorKind::Invalid);
        let c = world.client.get_task("01990000000070008001".parse().unwrap()).await.unwrap().task;
        assert_eq!(c.title, "c");

        for nobody in ["99", "aaaaaaaa", &id(0x77).to_string()] {
            let error = world.client.get_task(nobody.parse().unwrap()).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::NotFound);
            assert!(error.message.contains(nobody), "{error}");
            let parent = TaskFilter { parent: Some(nobody.parse().unwrap()), ..TaskFilter::default() };
            assert_eq!(kind(world.client.list_tasks(parent, Page::default()).await), ErrorKind::NotFound, "{nobody}");
            let done = world.client.complete_tasks(vec![TaskRef::Number(1), nobody.parse().unwrap()]).await;
            assert_eq!(kind(done), ErrorKind::NotFound);
        }
        assert!(!world.get(&a).await.unwrap().task.completed, "all or none");
    }

    async fn each_field_can_be_changed_and_cleared(world) {
        let (parent, before) = (world.add("p").await, world.add("d").await);
        let task = world.add("a").await;
        world.tick();
        let set = TaskPatch {
            title: Some(Title::parse("b").unwrap()),
            description: Change::Set(text("x")),
            note: Change::Set(text("y")),
            category: Some(Category::Travel),
            priority: Some(Priority::Low),
            due: Change::Set(world.due("now+8d")),
            project: Change::Set(project("home")),
            parent: Change::Set(parent.id.into()),
            tags: Some(tags(&["b", "a"])),
            depends_on: Some(refs(&[&before])),
            ..TaskPatch::default()
        };
        let edited = world.edit(&task, set).await;
        assert_eq!((&*edited.title, edited.description.as_deref(), edited.note.as_deref()), ("b", Some("x"), Some("y")));
        assert_eq!((edited.category, edited.priority), (Category::Travel, Priority::Low));
        assert_eq!((edited.due_date, edited.due_on), (Some(instant("2026-11-29T10:01:00Z")), None));
        assert_eq!((edited.project.as_deref(), edited.parent_id), (Some("home"), Some(parent.id)));
        assert_eq!((edited.tags.join(" "), &edited.depends_on), ("a b".into(), &vec![before.id]));
        assert_eq!((edited.version, edited.created_at), (2, task.created_at));
        assert_eq!(edited.updated_at, instant("2026-11-21T10:01:00Z"));
        assert_eq!(world.get(&task).await.unwrap().task, edited);

        let retag = TaskPatch { add_tags: tags(&["c", "A"]), remove_tags: tags(&["B"]), ..TaskPatch::default() };
        assert_eq!(world.edit(&task, retag).await.tags, ["a", "c"]);

        let clear = TaskPatch {
            description: Change::Clear,
            note: Change::Clear,
            due: Change::Clear,
            project: Change::Clear,
            parent: Change::Clear,
            tags: Some(Vec::new()),
            depends_on: Some(Vec::new()),
            title: Some(Title::parse("a").unwrap()),
            category: Some(task.category),
            priority: Some(task.priority),
            ..TaskPatch::default()
        };
        let cleared = world.edit(&task, clear).await;
        let expected = Task { version: 4, updated_at: cleared.updated_at, ..task };
        assert_eq!(cleared, expected);
        assert_eq!(world.get(&cleared).await.unwrap().task, expected);
    }

    async fn an_edit_that_changes_nothing_leaves_no_trace(world) {
        let task = world.add_with("a", |new| new.tags = tags(&["Home"])).await;
        let entries = world.log().await.len();
        world.tick();
        for patch in [
            TaskPatch::default(),
            TaskPatch { title: Some(Title::parse("a").unwrap()), note: Change::Clear, ..TaskPatch::default() },
            TaskPatch { add_tags: tags(&["home"]), remove_tags: tags(&["x"]), ..TaskPatch::default() },
            TaskPatch { tags: Some(tags(&["HOME"])), depends_on: Some(Vec::new()), ..TaskPatch::default() },
        ] {
            assert_eq!(world.edit(&task, patch).await, task);
        }
        assert_eq!(world.get(&task).await.unwrap().task, task);
        assert_eq!(world.log().await.len(), entries);
    }

    async fn another_version_is_a_conflict(world) {
        let task = world.add("a").await;
        let titled = |title: &str, version| TaskPatch {
            title: Some(Title::parse(title).unwrap()),
            version: Some(version),
            ..TaskPatch::default()
        };
        assert_eq!(world.edit(&task, titled("b", 1)).await.version, 2);
        let late = world.client.edit_tasks(refs(&[&task]), titled("c", 1)).await;
        assert_eq!(kind(late), ErrorKind::PreconditionFailed);
        assert_eq!(world.get(&task).await.unwrap().task.title, "b");
    }

    async fn a_bulk_edit_is_all_or_none(world) {
        let (a, b) = (world.add("a").await, world.add_with("b", |new| new.parent = None).await);
        let child = world.add_with("c", |new| new.parent = Some(b.id.into())).await;
        let before = world.picture().await;
        let patch = TaskPatch {
            parent: Change::Set(child.id.into()),
            project: Change::Set(project("new")),
            ..TaskPatch::default()
        };
        let error = world.client.edit_tasks(refs(&[&a, &b]), patch).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Conflict, Some("parent")));
        assert_eq!(world.picture().await, before);
        let high = TaskPatch { priority: Some(Priority::High), ..TaskPatch::default() };
        let answer = world.client.edit_tasks(refs(&[&b, &a, &b]), high).await.unwrap().value;
        assert_eq!(answer.iter().map(|task| (&*task.title, task.version)).collect::<Vec<_>>(), [("b", 2), ("a", 2)]);
    }

    async fn done_and_open_again(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        let done = world.client.complete_tasks(refs(&[&a])).await.unwrap();
        assert_eq!((done.notices.len(), done.value[0].completed, done.value[0].version), (0, true, 2));
        assert_eq!(done.value[0].completed_at, Some(instant("2026-11-21T10:00:00Z")));
        world.tick();
        let again = world.client.complete_tasks(refs(&[&a, &b])).await.unwrap();
        assert_eq!(again.notices, ["task 1 is done already"]);
        assert_eq!(again.value[0], done.value[0]);
        let open = world.client.reopen_tasks(refs(&[&a])).await.unwrap().value.remove(0);
        assert_eq!((open.completed, open.completed_at, open.version), (false, None, 3));
        let answer = world.client.reopen_tasks(refs(&[&a])).await.unwrap();
        assert_eq!((answer.notices, answer.value), (vec!["task 1 is open already".to_owned()], vec![open]));
    }

    async fn deleting_takes_the_parts_along(world) {
        let a = world.add("a").await;
        let b = world.add_with("b", |new| new.parent = Some(a.id.into())).await;
        let c = world.add_with("c", |new| new.parent = Some(b.id.into())).await;
        let d = world.add_with("d", |new| new.depends_on = refs(&[&b])).await;
        let gone = world.rm(&[&b, &c, &a]).await;
        assert_eq!(gone.iter().map(|task| task.title.as_str()).collect::<String>(), "cba");
        let left = all(world).await;
        assert_eq!((left.len(), left[0].title.as_str(), left[0].version), (1, "d", 2));
        assert_eq!(left[0].depends_on, []);
        assert_eq!(kind(world.get(&c).await), ErrorKind::NotFound);
        assert_eq!(kind(world.client.delete_tasks(refs(&[&d, &a])).await), ErrorKind::NotFound);
        assert_eq!(all(world).await.len(), 1, "all or none");
    }

    async fn parts_may_lie_deep(world) {
        // Deeper than SQLite would follow by itself.
        let depth = 1_200_u128;
        let chain = (1..=depth).map(|n| ImportTask { parent_id: (n > 1).then(|| id(n - 1)), ..imported(n, "a") });
        world.import(chain.collect()).await.unwrap();
        let whole = world.client.get_task(id(1).into()).await.unwrap().task;
        assert_eq!(world.rm(&[&whole]).await.len() as u128, depth);
        assert_eq!(all(world).await.len(), 0);
        world.undo().await;
        let deepest = world.client.get_task(id(depth).into()).await.unwrap().task;
        assert_eq!(deepest.parent_id, Some(id(depth - 1)));
        world.undo().await;
        assert_eq!(all(world).await.len(), 0);
    }
}

async fn all(world: &World) -> Vec<Task> {
    let filter = TaskFilter { status: Status::All, ..TaskFilter::default() };
    let page = Page { limit: Page::MAX, sort: SortOrder::read_list("number").unwrap(), ..Page::default() };
    world.client.list_tasks(filter, page).await.unwrap().items
}
