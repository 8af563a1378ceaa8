//! Templates: taken from a task, made into tasks again, and all of that undone.

use std::collections::BTreeMap;

use muista_core::error::ErrorKind;
use muista_core::model::*;
use muista_core::time::Duration;

use crate::world::*;

fn name(text: &str) -> TemplateName {
    TemplateName::parse(text).unwrap()
}

fn from(text: &str, number: i64) -> NewTemplate {
    NewTemplate { name: name(text), from: TaskRef::Number(number) }
}

fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with(world: &World, pairs: &[(&str, &str)], due: &str) -> TemplateUse {
    TemplateUse { values: values(pairs), due: Some(world.due(due)), parent: None }
}

/// A release, due on a friday, with two parts of which the second waits for the first and has a part of its own.
async fn release(world: &World) {
    let root = world
        .add_with("Release {{version}}", |new| {
            new.due = Some(world.due("2026-11-27"));
            new.project = Some(project("acme"));
            new.tags = tags(&["release"]);
            new.note = Some(text("Say {{ version }} to {{who}}"));
            let length = Duration::read("PT1H").unwrap();
            new.reminders = vec![NewReminder::new(Trigger::FromDue(length.negated()))];
        })
        .await;
    let build = world
        .add_with("Build", |new| {
            new.parent = Some(root.id.into());
            new.due = Some(world.due("2026-11-25 9:00"));
            new.priority = Priority::High;
            new.planning.position = Change::Set(-2);
        })
        .await;
    let tell = world
        .add_with("Tell {{who}}", |new| {
            new.parent = Some(root.id.into());
            new.depends_on = vec![build.id.into()];
            new.due = Some(world.due("2026-11-28"));
        })
        .await;
    world.add_with("Draft", |new| new.parent = Some(tell.id.into())).await;
}

on_both! {
    async fn a_tree_comes_again_with_its_dates_and_values(world) {
        release(world).await;
        let template = world.client.add_template(from("Release", 1)).await.unwrap().value;
        let positions: Vec<_> = template.tasks.iter().map(|task| task.position).collect();
        assert_eq!(positions.iter().flatten().collect::<Vec<_>>(), [&-2]);
        assert_eq!((template.placeholders.clone(), template.tasks.len()), (vec!["version".to_owned(), "who".to_owned()], 4));
        assert_eq!(template.tasks[1].due.map(|due| due.days), Some(-2));
        let before = world.picture().await;
        let with = with(world, &[("version", "1.4"), ("who", "Kim")], "2027-01-15");
        let made = world.client.apply_template(name("RELEASE"), with).await.unwrap().value;
        let titles: Vec<&str> = made.iter().map(|task| &*task.title).collect();
        assert_eq!(titles, ["Release 1.4", "Build", "Tell Kim", "Draft"]);
        let [root, build, tell, draft] = made.as_slice() else { panic!("{made:?}") };
        assert_eq!((root.project.as_deref(), &root.tags), (Some("acme"), &vec!["release".to_owned()]));
        assert_eq!((root.note.as_deref(), root.due_on), (Some("Say 1.4 to Kim"), Some("2027-01-15".parse().unwrap())));
        assert_eq!(build.due_date, Some(instant("2027-01-13T07:00:00Z")));
        assert_eq!((build.priority, build.due_on, build.position), (Priority::High, None, Some(-2)));
        assert_eq!((tell.due_on, &tell.depends_on), (Some("2027-01-16".parse().unwrap()), &vec![build.id]));
        assert_eq!((draft.parent_id, draft.due_date), (Some(tell.id), None));
        let detail = world.get(root).await.unwrap();
        assert_eq!((detail.reminders.len(), detail.subtasks.len()), (1, 2));
        // All of it is one change.
        world.back().await.unwrap();
        assert_eq!(world.picture().await, before);
    }

    async fn values_that_do_not_fit_are_named(world) {
        release(world).await;
        world.client.add_template(from("release", 1)).await.unwrap();
        let before = world.picture().await;
        for (pairs, field) in [
            (&[("version", "1")][..], "values.who"),
            (&[("version", "1"), ("who", "x"), ("whom", "y")], "values.whom"),
            (&[("version", &*"x".repeat(1001)), ("who", "x")], "values.version"),
            (&[("version", "a\nb"), ("who", "x")], "title"),
        ] {
            let error = world.client.apply_template(name("release"), with(world, pairs, "2027-01-15")).await.unwrap_err();
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some(field)), "{error:?}");
        }
        assert_eq!(world.picture().await, before);
        let error = world.client.get_template(name("relaese")).await.unwrap_err();
        assert!(error.kind == ErrorKind::NotFound && error.hint.unwrap().contains("did you mean `release`"));
    }

    async fn without_a_due_dates_are_left_out_and_told(world) {
        release(world).await;
        world.client.add_template(from("release", 1)).await.unwrap();
        let with = TemplateUse { values: values(&[("version", "1"), ("who", "x")]), ..TemplateUse::default() };
        let answer = world.client.apply_template(name("release"), with).await.unwrap();
        assert!(answer.value.iter().all(|task| task.due_date.is_none()));
        assert!(answer.notices.iter().any(|notice| notice.contains("count from a due")), "{:?}", answer.notices);
        // Taken from what has no due itself.
        let answer = world.client.add_template(from("undated", 5)).await.unwrap();
        assert!(answer.value.tasks.iter().all(|task| task.due.is_none()));
    }

    async fn templates_are_limited_and_undone(world) {
        release(world).await;
        world.client.add_template(from("a", 2)).await.unwrap();
        assert_eq!(kind(world.client.add_template(from("A", 2)).await), ErrorKind::Conflict);
        assert_eq!(kind(world.client.add_template(from("b", 99)).await), ErrorKind::NotFound);
        let removed = world.client.delete_template(name("a")).await.unwrap();
        world.back().await.unwrap();
        assert_eq!(world.client.get_template(name("a")).await.unwrap(), removed);
        world.back().await.unwrap();
        assert!(world.client.list_templates().await.unwrap().is_empty());
        let root = world.add("many").await;
        for n in 0..200 {
            world.add_with(&n.to_string(), |new| new.parent = Some(root.id.into())).await;
        }
        assert_eq!(kind(world.client.add_template(from("many", root.number)).await), ErrorKind::Quota);
        world.user("kim");
        assert!(world.as_user("kim").list_templates().await.unwrap().is_empty());
    }
}
