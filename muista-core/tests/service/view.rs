//! Views: made, changed, used in queries and in each other, and all of that undone.

use muista_core::error::ErrorKind;
use muista_core::input::query::{read, read_filter};
use muista_core::model::*;

use crate::world::*;

fn name(text: &str) -> ViewName {
    ViewName::parse(text).unwrap()
}

fn new(text: &str, query: &str) -> NewView {
    NewView {
        name: name(text),
        query: query.parse().unwrap(),
        date_order: None,
        sort: None,
        columns: None,
        group: None,
    }
}

fn queried(query: &str) -> ViewPatch {
    ViewPatch { query: Some(query.parse().unwrap()), ..ViewPatch::default() }
}

fn renamed(text: &str) -> ViewPatch {
    ViewPatch { name: Some(name(text)), ..ViewPatch::default() }
}

/// The filter of a query, as the ways in read it.
fn filter(world: &World, query: &str) -> TaskFilter {
    read_filter(read(query, &world.context()).unwrap(), TaskFilter::default(), Status::Open).unwrap()
}

async fn titles(world: &World, query: &str) -> Vec<String> {
    world.titles(filter(world, query), "number").await
}

/// Four tasks, of which `d` is done.
async fn tasks(world: &World) {
    for (title, names) in [("a", &["work"][..]), ("b", &["work", "later"]), ("c", &["home"]), ("d", &["work"])] {
        world.add_with(title, |new| new.tags = tags(names)).await;
    }
    world.client.complete_tasks(vec![TaskRef::Number(4)]).await.unwrap();
}

on_both! {
    async fn a_view_stands_for_its_query(world) {
        tasks(world).await;
        world.client.add_view(new("work", "+work or due<today")).await.unwrap();
        world.client.add_view(new("now", ":Work and -later")).await.unwrap();
        world.client.add_view(new("finished", "is:done")).await.unwrap();
        for (query, found) in [
            (":work", &["a", "b"][..]),
            (":WORK -later", &["a"]),
            ("not :work", &["c"]),
            ("-:work or +later", &["b", "c"]),
            (":now", &["a"]),
            ("+home or :now", &["a", "c"]),
            (":work status:all", &["a", "b", "d"]),
            // What the view says of being done holds over the usual.
            (":finished", &["d"]),
            (":finished +home", &[]),
            (":finished is:open", &[]),
            ("text:\":work\"", &[]),
        ] {
            assert_eq!(titles(world, query).await, found, "{query}");
        }
        let ranked = world.client.next_tasks(NextQuery { filter: filter(world, ":now"), limit: 5 }).await.unwrap();
        assert_eq!(ranked.iter().map(|ranked| &*ranked.task.title).collect::<Vec<_>>(), ["a"]);
        assert_eq!(world.client.explain_tasks(filter(world, ":work")).await.unwrap().matching, 2);
        assert_eq!(world.client.export(filter(world, ":work"), None).await.unwrap().items.len(), 2);
    }

    async fn a_view_is_read_anew_at_each_use(world) {
        world.add_with("a", |new| new.due = Some(world.due("2026-11-22"))).await;
        world.client.add_view(new("today", "due:today")).await.unwrap();
        assert!(titles(world, ":today").await.is_empty());
        world.at("2026-11-22T10:00:00Z");
        assert_eq!(titles(world, ":today").await, ["a"]);
    }

    async fn categories_of_flags_and_of_views_must_both_hold(world) {
        world.add_with("a", |new| new.category = Category::Work).await;
        world.client.add_view(new("health", "@health")).await.unwrap();
        let both = TaskFilter { categories: vec![Category::Work], ..filter(world, ":health") };
        assert!(world.titles(both, "number").await.is_empty());
        world.client.add_view(new("acme", "project:acme")).await.unwrap();
        world.add_with("b", |new| new.project = Some(project("acme"))).await;
        world.add_with("c", |new| new.project = Some(project("house"))).await;
        assert_eq!(titles(world, ":acme").await, ["b"]);
        assert!(titles(world, ":acme project:house").await.is_empty());
    }

    async fn names_are_told_apart_without_case_and_composition(world) {
        world.client.add_view(new("Työ", "+work")).await.unwrap();
        assert_eq!(kind(world.client.add_view(new("TYO\u{308}", "+home")).await), ErrorKind::Conflict);
        assert_eq!(world.client.get_view(name("tyo\u{308}")).await.unwrap().name, "Työ");
        let error = world.client.get_view(name("työt")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert!(error.hint.unwrap().contains("did you mean `Työ`"));
    }

    async fn what_cannot_be_used_is_refused_when_it_is_saved(world) {
        world.client.add_view(new("a", "+a")).await.unwrap();
        world.client.add_view(new("b", ":a +b")).await.unwrap();
        let missing = world.client.add_view(new("c", ":bb")).await.unwrap_err();
        assert_eq!((missing.kind, missing.field.as_deref()), (ErrorKind::Invalid, Some("query")));
        assert!(missing.hint.unwrap().contains("did you mean `b`"));
        for circle in [":b", ":a"] {
            let error = world.client.edit_view(name("a"), queried(circle)).await.unwrap_err();
            assert!(error.kind == ErrorKind::Invalid && error.message.contains("uses itself"), "{error:?}");
        }
        assert_eq!(kind(world.client.add_view(new("d", "color:red")).await), ErrorKind::Invalid);
        assert_eq!(kind(world.client.add_view(new("d", "due<1/2/2027")).await), ErrorKind::Invalid);
        let ordered = NewView { date_order: Some(muista_core::time::DateOrder::DayMonth), ..new("d", "due<1/2/2027") };
        world.client.add_view(ordered).await.unwrap();
        titles(world, ":d").await;
        let error = world.client.list_tasks(filter(world, ":nowhere"), Page::default()).await.unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("q")));
    }

    async fn a_view_that_others_use_keeps_its_name(world) {
        world.client.add_view(new("a", "+a")).await.unwrap();
        world.client.add_view(new("b", ":a")).await.unwrap();
        assert_eq!(kind(world.client.delete_view(name("a")).await), ErrorKind::Conflict);
        assert_eq!(kind(world.client.edit_view(name("a"), renamed("x")).await), ErrorKind::Conflict);
        assert_eq!(world.client.edit_view(name("a"), renamed("A")).await.unwrap().name, "A");
        world.client.delete_view(name("b")).await.unwrap();
        world.client.delete_view(name("a")).await.unwrap();
        assert!(world.client.list_views().await.unwrap().is_empty());
    }

    async fn a_circle_that_got_in_is_told_of(world) {
        world.client.add_view(new("a", "+a")).await.unwrap();
        world.client.add_view(new("b", ":a")).await.unwrap();
        world.sql("UPDATE views SET query = ':b' WHERE name_key = 'a'");
        let error = world.client.list_tasks(filter(world, ":a"), Page::default()).await.unwrap_err();
        assert!(error.kind == ErrorKind::Invalid && error.message.contains("uses itself"), "{error:?}");
    }

    async fn views_that_double_are_bounded(world) {
        world.client.add_view(new("v0", "+a or +b")).await.unwrap();
        for n in 1..6 {
            let query = format!(":v{0} or :v{0}", n - 1);
            world.client.add_view(new(&format!("v{n}"), &query)).await.unwrap();
        }
        let error = world.client.add_view(new("v6", ":v5 or :v5")).await.unwrap_err();
        assert!(error.kind == ErrorKind::Invalid && error.message.contains("more than 100 conditions"), "{error:?}");
    }

    async fn an_account_has_so_many(world) {
        for n in 0..100 {
            world.client.add_view(new(&format!("v{n}"), "+a")).await.unwrap();
        }
        assert_eq!(kind(world.client.add_view(new("more", "+a")).await), ErrorKind::Quota);
    }

    async fn changes_are_recorded_and_undone(world) {
        let added = world.client.add_view(new("a", "+a")).await.unwrap();
        let patch = ViewPatch {
            sort: Change::Set("-priority".parse().unwrap()),
            columns: Change::Set("number,title".parse().unwrap()),
            group: Change::Set(GroupBy::Project),
            ..queried("+b")
        };
        let changed = world.client.edit_view(name("a"), patch).await.unwrap();
        assert_eq!((changed.version, &*changed.query), (2, "+b"));
        world.client.delete_view(name("a")).await.unwrap();
        let log = world.log().await;
        let views = log.iter().filter(|entry| entry.entity == Entity::View && entry.record_id == added.id);
        assert_eq!(views.count(), 3);
        world.back().await.unwrap();
        let back = world.client.get_view(name("a")).await.unwrap();
        assert_eq!(View { version: 2, updated_at: changed.updated_at, ..back }, changed);
        world.back().await.unwrap();
        assert_eq!(world.client.get_view(name("a")).await.unwrap().query, "+a");
        world.client.add_view(new("b", ":a")).await.unwrap();
        // What is used by now stays.
        let made = log.iter().rev().find(|entry| entry.action == Action::Create).unwrap();
        assert_eq!(kind(world.undo_change(made.change_id).await), ErrorKind::Conflict);
        world.client.delete_view(name("b")).await.unwrap();
        world.client.delete_view(name("a")).await.unwrap();
        world.client.add_view(new("A", "+c")).await.unwrap();
        let deleted = world.log().await.into_iter().find(|entry| entry.action == Action::Delete).unwrap();
        assert_eq!(kind(world.undo_change(deleted.change_id).await), ErrorKind::Conflict);
    }

    async fn a_version_that_is_gone_is_told(world) {
        world.client.add_view(new("a", "+a")).await.unwrap();
        let stale = ViewPatch { version: Some(7), ..queried("+b") };
        assert_eq!(kind(world.client.edit_view(name("a"), stale).await), ErrorKind::PreconditionFailed);
    }

    async fn views_are_their_owners_alone(world) {
        world.client.add_view(new("a", "+a")).await.unwrap();
        world.user("kim");
        let kim = world.as_user("kim");
        assert!(kim.list_views().await.unwrap().is_empty());
        assert_eq!(kind(kim.get_view(name("a")).await), ErrorKind::NotFound);
        kim.add_view(new("a", "+x")).await.unwrap();
        assert_eq!(world.client.get_view(name("a")).await.unwrap().query, "+a");
    }
}
