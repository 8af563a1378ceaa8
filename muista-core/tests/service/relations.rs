//! Parents and dependencies: what is shown of them, and what may not be so.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::world::*;

fn under(parent: &Task) -> TaskPatch {
    TaskPatch { parent: Change::Set(parent.id.into()), ..TaskPatch::default() }
}

fn after(tasks: &[&Task]) -> TaskPatch {
    TaskPatch { depends_on: Some(refs(tasks)), ..TaskPatch::default() }
}

on_both! {
    async fn a_task_is_no_part_of_itself(world) {
        let a = world.add("a").await;
        let b = world.add_with("b", |new| new.parent = Some(a.id.into())).await;
        let c = world.add_with("c", |new| new.parent = Some(b.id.into())).await;
        for whole in [&a, &b, &c] {
            let error = world.client.edit_tasks(refs(&[&a]), under(whole)).await.unwrap_err();
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Conflict, Some("parent")), "{error}");
        }
        assert_eq!(world.get(&a).await.unwrap().task, a);
        world.edit(&c, under(&a)).await;
        world.edit(&b, under(&c)).await;
    }

    async fn a_task_does_not_wait_for_itself(world) {
        let a = world.add("a").await;
        let b = world.add_with("b", |new| new.depends_on = refs(&[&a])).await;
        let c = world.add_with("c", |new| new.depends_on = refs(&[&b])).await;
        for before in [&a, &b, &c] {
            let error = world.client.edit_tasks(refs(&[&a]), after(&[before])).await.unwrap_err();
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Conflict, Some("dependsOn")), "{error}");
        }
        // Two ways to the same task are no circle.
        assert_eq!(world.edit(&c, after(&[&a, &b, &a])).await.depends_on.len(), 2);
        world.edit(&c, after(&[])).await;
        world.edit(&a, after(&[&c])).await;
    }

    async fn what_is_named_must_be_there(world) {
        let a = world.add("a").await;
        let nobody = || vec![TaskRef::Id(id(9))];
        let mut new = NewTask::titled(Title::parse("b").unwrap());
        new.project = Some(project("p"));
        new.depends_on = nobody();
        assert_eq!(kind(world.client.add_task(new.clone()).await), ErrorKind::NotFound);
        (new.parent, new.depends_on) = (nobody().pop(), Vec::new());
        assert_eq!(kind(world.client.add_task(new).await), ErrorKind::NotFound);
        let patch = TaskPatch { depends_on: Some(nobody()), ..TaskPatch::default() };
        assert_eq!(kind(world.client.edit_tasks(refs(&[&a]), patch).await), ErrorKind::NotFound);
        assert_eq!(world.client.list_projects().await.unwrap(), []);
    }
    async fn each_task_of_a_page_has_its_own(world) {
        let first = world.add("first").await;
        let mut made = Vec::new();
        for n in 0..70 {
            let before = refs(&[made.last().unwrap_or(&first)]);
            let say = |new: &mut NewTask| {
                new.tags = tags(&[&*format!("tag{n}"), "all"]);
                new.depends_on = before;
            };
            let task = world.add_with(&format!("task {n}"), say).await;
            made.push(task);
        }
        // Around the lengths that lists of ids are filled up to.
        for limit in [1, 2, 3, 4, 5, 6, 16, 17, 18, 64, 65, 66, 70] {
            let sort = SortOrder::read_list("number").unwrap();
            let page = Page { limit, sort, offset: 1, ..Page::default() };
            let page = world.client.list_tasks(TaskFilter::default(), page).await.unwrap();
            assert_eq!(page.items, made[..limit as usize], "{limit}");
        }
        for count in [1, 4, 5, 20] {
            let gone = made.split_off(made.len() - count);
            let gone: Vec<&Task> = gone.iter().collect();
            assert_eq!(world.rm(&gone).await.len(), count);
        }
        assert_eq!(world.titles(TaskFilter::default(), "").await.len(), 1 + made.len());
    }
}
