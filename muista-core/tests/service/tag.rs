//! Tags: renamed, merged, deleted, and all of that undone.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::world::*;

fn tag(name: &str) -> TagName {
    TagName::parse(name).unwrap()
}

/// Three tasks: one with each of two tags, one with both.
async fn tagged(world: &World) {
    for names in [&["a"][..], &["b"], &["a", "b"]] {
        world.add_with(&names.join("+"), |new| new.tags = tags(names)).await;
    }
}

on_both! {
    async fn tags_are_counted(world) {
        tagged(world).await;
        world.client.complete_tasks(vec![TaskRef::Number(3)]).await.unwrap();
        let tags = world.client.list_tags().await.unwrap();
        let counts: Vec<_> = tags.iter().map(|tag| (&*tag.name, tag.open, tag.total)).collect();
        assert_eq!(counts, [("a", 1, 2), ("b", 1, 2)]);
        world.client.delete_tasks(vec![TaskRef::Number(2), TaskRef::Number(3)]).await.unwrap();
        assert_eq!(world.client.list_tags().await.unwrap().len(), 1, "a tag that no task carries is none");
    }

    async fn a_renamed_tag_is_renamed_on_every_task(world) {
        tagged(world).await;
        let before = world.picture().await;
        let renamed = world.client.rename_tag(tag("A"), tag("Åland")).await.unwrap();
        assert_eq!((&*renamed.name, renamed.total), ("Åland", 2));
        let filter = TaskFilter { tags: tags(&["åLAND"]), ..TaskFilter::default() };
        assert_eq!(world.titles(filter, "number").await, ["a", "a+b"]);
        assert_eq!(world.get_number(3).await.tags, ["b", "Åland"]);
        let after = world.picture().await;
        world.undo().await;
        assert_eq!(world.picture().await, before);
        world.undo().await;
        assert_eq!(world.picture().await, after);
        assert_eq!(world.client.rename_tag(tag("åland"), tag("ÅLAND")).await.unwrap().name, "ÅLAND");
        assert_eq!(kind(world.client.rename_tag(tag("nowhere"), tag("x")).await), ErrorKind::NotFound);
    }

    async fn a_tag_renamed_to_its_own_name_is_no_change(world) {
        tagged(world).await;
        let entries = world.log().await.len();
        assert_eq!(world.client.rename_tag(tag("a"), tag("a")).await.unwrap().name, "a");
        assert_eq!(world.log().await.len(), entries);
    }

    async fn a_tag_renamed_to_another_becomes_it(world) {
        tagged(world).await;
        let before = world.picture().await;
        let merged = world.client.rename_tag(tag("a"), tag("B")).await.unwrap();
        assert_eq!((&*merged.name, merged.total), ("b", 3));
        assert_eq!(world.get_number(3).await.tags, ["b"]);
        let after = world.picture().await;
        world.undo().await;
        assert_eq!(world.picture().await, before);
        world.undo().await;
        assert_eq!(world.picture().await, after);
    }

    async fn a_deleted_tag_comes_back(world) {
        tagged(world).await;
        let before = world.picture().await;
        assert_eq!(world.client.delete_tag(tag("A")).await.unwrap().total, 2);
        assert_eq!(world.get_number(1).await.tags, Vec::<String>::new());
        let after = world.picture().await;
        world.undo().await;
        assert_eq!(world.picture().await, before);
        world.undo().await;
        assert_eq!(world.picture().await, after);
        assert_eq!(kind(world.client.delete_tag(tag("A")).await), ErrorKind::NotFound);
    }

    async fn a_deleted_tag_comes_back_though_it_was_made_again(world) {
        tagged(world).await;
        let before = world.picture().await;
        world.client.delete_tag(tag("a")).await.unwrap();
        world.add_with("again", |new| new.tags = tags(&["A"])).await;
        world.undo_steps(2).await.unwrap();
        assert_eq!(world.picture().await, before);
    }

    async fn undo_takes_no_tag_off_a_task_it_does_not_know_of(world) {
        tagged(world).await;
        world.client.delete_tag(tag("a")).await.unwrap();
        let restored = world.undo().await.change_id;
        world.add_with("new", |new| new.tags = tags(&["a"])).await;
        let before = world.picture().await;
        assert_eq!(kind(world.undo_change(restored).await), ErrorKind::Conflict);
        assert_eq!(world.picture().await, before);
    }
}
