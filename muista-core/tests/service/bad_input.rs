//! Requests that are too much or make no sense: refused in words, never with a database's own error.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::world::*;

async fn refused(world: &World, filter: TaskFilter, field: &str) {
    let page = Page { limit: 9, ..Page::default() };
    let error = world.client.list_tasks(filter.clone(), page).await.unwrap_err();
    assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some(field)), "{error}");
    let query = NextQuery { filter, limit: 9 };
    assert_eq!(kind(world.client.next_tasks(query).await), ErrorKind::Invalid);
}

on_both! {
    async fn searches_that_no_database_can_answer(world) {
        world.add("a").await;
        let search = |words: Vec<String>| TaskFilter { search: words, ..TaskFilter::default() };
        refused(world, search(vec!["x".repeat(100_000)]), "search").await;
        refused(world, search(vec!["a\0b".into()]), "search").await;
        refused(world, search(vec!["x".repeat(101)]), "search").await;
        refused(world, search(vec!["a".into(); 21]), "search").await;
        assert_eq!(world.titles(search(vec!["ä".repeat(100); 20]), "").await, Vec::<String>::new());
        assert_eq!(world.titles(search(vec!["".into()]), "").await, ["a"]);
    }

    async fn filters_with_too_many_values(world) {
        let many: Vec<_> = (0..5000).map(|n| TagName::parse(&format!("t{n}")).unwrap()).collect();
        refused(world, TaskFilter { tags: many.clone(), ..TaskFilter::default() }, "tags").await;
        refused(world, TaskFilter { without_tags: many, ..TaskFilter::default() }, "tags").await;
        world.add("a").await;
        let often = TaskFilter {
            categories: vec![Category::Personal; 40_000],
            priorities: vec![Priority::Medium; 40_000],
            ..TaskFilter::default()
        };
        assert_eq!(world.titles(often, "").await, ["a"]);
    }

    async fn sorts_that_repeat_themselves(world) {
        for title in ["a", "b", "c"] {
            world.add(title).await;
        }
        let sort: Vec<SortOrder> = (0..20_000).map(|_| "-title".parse().unwrap()).collect();
        let first = Page { limit: 2, sort, ..Page::default() };
        let page = world.client.list_tasks(TaskFilter::default(), first.clone()).await.unwrap();
        let rest = Page { cursor: page.next_cursor, ..first };
        let rest = world.client.list_tasks(TaskFilter::default(), rest).await.unwrap();
        assert_eq!(rest.items.iter().map(|task| task.title.as_str()).collect::<String>(), "a");
    }

    async fn tasks_with_too_many_tags(world) {
        let many: Vec<_> = (0..40_000).map(|n| TagName::parse(&format!("t{n}")).unwrap()).collect();
        let mut new = NewTask::titled(Title::parse("a").unwrap());
        new.tags = many.clone();
        let error = world.client.add_task(new.clone()).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("tags")), "{error}");
        let a = world.add("a").await;
        let patch = TaskPatch { add_tags: many.clone(), ..TaskPatch::default() };
        assert_eq!(kind(world.client.edit_tasks(refs(&[&a]), patch).await), ErrorKind::Invalid);
        let error = world.import(vec![ImportTask { tags: many[..101].into(), ..imported(1, "b") }]).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("tags")), "{error}");
        new.tags = many[..100].into();
        assert_eq!(world.client.add_task(new).await.unwrap().value.tags.len(), 100);
    }

    async fn many_tasks_at_once(world) {
        world.import((1..=1500).map(|n| imported(n, "t")).collect()).await.unwrap();
        let all = || (1..=1500).map(|n| if n % 2 == 0 { TaskRef::Number(n) } else { id(u128::try_from(n).unwrap()).into() });
        assert_eq!(world.client.complete_tasks(all().collect()).await.unwrap().value.len(), 1500);
        let patch = TaskPatch { add_tags: tags(&["x"]), ..TaskPatch::default() };
        assert_eq!(world.client.edit_tasks(all().collect(), patch).await.unwrap().value.len(), 1500);
        let new = world.add_with("waits for all", |new| new.depends_on = all().collect()).await;
        assert_eq!(new.depends_on.len(), 1500);
        assert_eq!(world.client.delete_tasks(all().collect()).await.unwrap().len(), 1500);
        world.undo().await;
        assert_eq!(world.get(&new).await.unwrap().dependencies.len(), 1500);
        assert_eq!(world.client.edit_tasks(vec![], TaskPatch::default()).await.unwrap().value, []);
        assert_eq!(world.client.delete_tasks(vec![]).await.unwrap(), []);
    }
}
