//! Pages: order, limits, offsets, totals and cursors.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::world::*;

fn page(limit: u32, sort: &str) -> Page {
    Page { limit, sort: SortOrder::read_list(sort).unwrap(), ..Page::default() }
}

async fn list(world: &World, page: Page) -> TaskPage {
    world.client.list_tasks(TaskFilter::default(), page).await.unwrap()
}

fn titles(page: &TaskPage) -> String {
    page.items.iter().map(|task| task.title.as_str()).collect()
}

on_both! {
    async fn each_key_sorts_both_ways(world) {
        // In order of each key: due, priority, created, updated, completed, number, title, category, project.
        let mut tasks = ["B", "a", "ä"].map(|title| imported(title.chars().next().unwrap().into(), title));
        let [b, a, z] = &mut tasks;
        (b.due, a.due) = (Some(world.due("tomorrow")), Some(world.due("today")));
        (b.priority, a.priority, z.priority) = (Priority::High, Priority::Low, Priority::Medium);
        (b.created_at, a.created_at) = (instant("2026-11-03T00:00:00Z"), instant("2026-11-02T00:00:00Z"));
        z.created_at = instant("2026-11-01T00:00:00Z");
        (a.updated_at, b.updated_at) = (Some(instant("2026-11-05T00:00:00Z")), Some(instant("2026-11-04T00:00:00Z")));
        z.updated_at = Some(instant("2026-11-06T00:00:00Z"));
        (b.completed_at, z.completed_at) = (Some(b.created_at), Some(z.created_at));
        (b.category, a.category, z.category) = (Category::Work, Category::Admin, Category::Study);
        (b.project, a.project) = (Some(project_name("beta")), Some(project_name("Alpha")));
        world.import(tasks.into()).await.unwrap();
        for (key, order) in [
            ("due", "aBä"),
            ("priority", "aäB"),
            ("created", "äaB"),
            ("updated", "Baä"),
            ("completed", "äBa"),
            ("number", "Baä"),
            ("title", "aBä"),
            ("category", "aäB"),
            ("project", "aBä"),
        ] {
            let all = || TaskFilter { status: Status::All, ..TaskFilter::default() };
            assert_eq!(world.titles(all(), key).await.concat(), order, "{key}");
            let reversed: String = order.chars().rev().collect();
            assert_eq!(world.titles(all(), &format!("-{key}")).await.concat(), reversed, "-{key}");
        }
    }

    async fn the_default_order_is_by_due_then_number(world) {
        let due = world.due("tomorrow");
        world.add("c").await;
        world.add_with("a", |new| new.due = Some(due.clone())).await;
        world.add_with("b", |new| new.due = Some(due.clone())).await;
        assert_eq!(titles(&list(world, Page { limit: 9, ..Page::default() }).await), "abc");
    }

    async fn pages_follow_each_other(world) {
        for title in ["a", "b", "c", "d", "e"] {
            world.add(title).await;
        }
        let first = list(world, Page { total: true, ..page(2, "-title") }).await;
        assert_eq!((titles(&first), first.total), ("ed".into(), Some(5)));
        world.client.delete_tasks(vec![TaskRef::Number(4)]).await.unwrap();
        world.add("dd").await;
        let cursor = first.next_cursor;
        let second = list(world, Page { cursor, offset: 99, ..page(2, "-title") }).await;
        assert_eq!((titles(&second), second.total), ("cb".into(), None));
        let third = list(world, Page { cursor: second.next_cursor, ..page(2, "-title") }).await;
        assert_eq!((titles(&third), third.next_cursor), ("a".into(), None));
        let exact = list(world, page(5, "title")).await;
        assert_eq!((titles(&exact).as_str(), exact.next_cursor), ("abcdde", None));
        assert_eq!(titles(&list(world, Page { offset: 3, ..page(1, "title") }).await), "dd");
        let beyond = list(world, Page { offset: 9, total: true, ..page(5, "title") }).await;
        assert_eq!((beyond.items.len(), beyond.next_cursor, beyond.total), (0, None, Some(5)));
    }

    async fn no_page_is_larger_than_the_largest(world) {
        world.import((1..=501).map(|n| imported(n, "t")).collect()).await.unwrap();
        let first = list(world, page(u32::MAX, "number")).await;
        assert_eq!((first.items.len(), first.next_cursor.is_some()), (500, true));
        let last = list(world, Page { cursor: first.next_cursor, ..page(500, "number") }).await;
        assert_eq!(last.items.iter().map(|task| task.number).collect::<Vec<_>>(), [501]);
    }

    async fn a_page_of_huge_texts_is_cut_short(world) {
        let huge = "ü".repeat(65_536);
        let task = |n| ImportTask { note: Some(text(&huge)), description: Some(text(&huge)), ..imported(n, "t") };
        world.import((1..=40).map(task).collect()).await.unwrap();
        let (mut numbers, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = list(world, Page { cursor, ..page(500, "title") }).await;
            assert!(!page.items.is_empty() && page.items.len() <= 16);
            numbers.extend(page.items.iter().map(|task| task.number));
            (cursor, pages) = (page.next_cursor, pages + 1);
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!((numbers, pages), ((1..=40).collect(), 3));
    }

    async fn a_cursor_of_another_list_is_refused(world) {
        for title in ["a", "b", "c"] {
            world.add(title).await;
        }
        let cursor = list(world, page(1, "title")).await.next_cursor.unwrap();
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let tampered = |order: &str, after: &str| hex(&format!(r#"{{"order":{order},"after":{after}}}"#));
        let order = r#"["title","number"]"#;
        assert!(list(world, Page { cursor: Some(cursor.clone()), ..page(1, "title") }).await.next_cursor.is_some());
        for (sort, cursor) in [
            ("-title", cursor.clone()),
            ("title,due", cursor.clone()),
            ("due", cursor.clone()),
            ("title", String::new()),
            ("title", "zz".into()),
            ("title", "é".into()),
            ("title", cursor[1..].into()),
            ("title", cursor[..cursor.len() - 2].into()),
            ("title", hex("{}")),
            ("title", tampered(order, r#"[{"text":"a"}]"#)),
            ("title", tampered(order, r#"[{"number":1},{"number":1}]"#)),
            ("title", tampered(order, r#"[{"text":"a"},{"text":"1"}]"#)),
            ("title", tampered(order, r#"[{"text":"a\u0000"},{"number":1}]"#)),
            ("priority", tampered(r#"["priority","number"]"#, r#"[{"number":99999999},{"number":1}]"#)),
            ("due", tampered(r#"["due","number"]"#, r#"[{"time":"yesterday"},{"number":1}]"#)),
            ("due", tampered(r#"["due","number"]"#, r#"[{"text":"a"},{"number":1}]"#)),
        ] {
            let page = Page { cursor: Some(cursor.clone()), ..page(1, sort) };
            let error = world.client.list_tasks(TaskFilter::default(), page).await.unwrap_err();
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::NotFound, Some("cursor")), "{sort} {cursor}");
        }
        let export = world.client.export(TaskFilter::default(), Some(cursor)).await;
        assert_eq!(kind(export), ErrorKind::NotFound);
    }
}
