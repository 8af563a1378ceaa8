//! Comments: written, listed in pages, deleted, and all of that undone.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::house::*;
use crate::words::imported;
use crate::world::*;

fn of(task: &Task, limit: u32, cursor: Option<String>) -> CommentQuery {
    CommentQuery { task: task.id.into(), limit, cursor }
}

on_both! {
    async fn comments_come_in_pages_the_oldest_first(world) {
        let task = world.add("a").await;
        for n in 0..7 {
            if n % 3 == 0 {
                world.tick();
            }
            world.client.add_comment(TaskRef::Number(task.number), text(&format!("c{n}"))).await.unwrap();
        }
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = world.client.list_comments(of(&task, 3, cursor)).await.unwrap();
            assert!(page.items.len() <= 3);
            all.extend(page.items.into_iter().map(|comment| comment.text));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(all.len(), 7);
        let mut shown = world.get(&task).await.unwrap().comments.into_iter().map(|comment| comment.text);
        assert!(all.iter().all(|text| shown.next().as_ref() == Some(text)));
        let empty = world.client.list_comments(of(&world.add("b").await, 0, None)).await.unwrap();
        assert_eq!((empty.items.len(), empty.next_cursor), (0, None));
        assert_eq!(kind(world.client.list_comments(of(&task, 3, Some("x".to_owned()))).await), ErrorKind::NotFound);
        assert_eq!(kind(world.client.add_comment(TaskRef::Number(99), text("x")).await), ErrorKind::NotFound);
    }

    async fn tasks_are_found_by_their_comments(world) {
        let [lawn, fence] = [world.add("Mow the lawn").await, world.add("Paint the fence").await];
        let with = |words: &[&str]| TaskFilter {
            search: words.iter().map(ToString::to_string).collect(),
            ..TaskFilter::default()
        };
        let without = |text: &str| {
            let is_in = Query::Is(Condition::Text(text.to_owned()));
            TaskFilter { terms: vec![Query::Not(Box::new(is_in))], ..TaskFilter::default() }
        };
        let comment = world.client.add_comment(lawn.id.into(), text("Ask the Straßen office")).await.unwrap();
        world.client.add_comment(fence.id.into(), text("Red")).await.unwrap();
        assert_eq!(world.titles(with(&["STRASSE"]), "").await, ["Mow the lawn"]);
        assert_eq!(world.titles(with(&["office", "mow"]), "").await, ["Mow the lawn"]);
        assert_eq!(world.titles(with(&["office", "fence"]), "").await, Vec::<String>::new());
        assert_eq!(world.titles(with(&["ed"]), "").await, ["Paint the fence"]);
        assert_eq!(world.titles(without("office"), "").await, ["Paint the fence"]);
        // Enough that the index of a file is brought up to date.
        let at = lawn.created_at;
        let more = (1..=600).map(|n| ImportTask {
            comments: vec![ImportComment { text: text(&format!("number {n}")), created_at: at }],
            ..imported(n, "x")
        });
        world.import(more.collect()).await.unwrap();
        assert_eq!(world.titles(with(&["number 599"]), "").await, ["x"]);
        assert_eq!(world.titles(with(&["strasse"]), "").await, ["Mow the lawn"]);
        world.client.delete_comment(comment.id).await.unwrap();
        assert_eq!(world.titles(with(&["strasse"]), "").await, Vec::<String>::new());
        world.undo().await;
        assert_eq!(world.titles(with(&["strasse"]), "").await, ["Mow the lawn"]);
    }

    async fn a_comment_is_deleted_and_brought_back(world) {
        let task = world.add("a").await;
        let comment = world.client.add_comment(task.id.into(), text("well")).await.unwrap();
        assert_eq!((comment.task_id, comment.author_id), (task.id, Id::LOCAL_USER));
        let before = world.picture().await;
        assert_eq!(world.client.delete_comment(comment.id).await.unwrap(), comment);
        assert_eq!(kind(world.client.delete_comment(comment.id).await), ErrorKind::NotFound);
        world.undo().await;
        assert_eq!(world.picture().await, before);
        world.rm(&[&task]).await;
        world.undo().await;
        assert_eq!(world.picture().await, before);
        let log = world.log().await;
        assert_eq!(log.iter().filter(|entry| entry.entity == Entity::Comment).count(), 5);
    }

    async fn a_comment_is_deleted_by_its_author_the_owner_or_an_admin(world) {
        let house = House::new(world).await;
        let task = add_in(&house.anna, "a").await;
        let write = async |client: &muista_core::rpc::Client| {
            client.add_comment(task.id.into(), text("well")).await.unwrap().id
        };
        world.user("bob");
        share(&house.anna, house.id, "bob", ProjectRole::Member).await.unwrap();
        let bob = world.as_user("bob");
        for client in [&bob, &house.ada, &house.anna] {
            let comment = write(&bob).await;
            assert_eq!(kind(house.max.delete_comment(comment).await), ErrorKind::Forbidden);
            assert_eq!(kind(house.eva.delete_comment(comment).await), ErrorKind::NotFound);
            client.delete_comment(comment).await.unwrap();
        }
        // Who is out of the project has lost its comments too.
        let comment = write(&bob).await;
        house.anna.remove_member(house.id.into(), "bob".parse::<UserRef>().unwrap()).await.unwrap();
        assert_eq!(kind(bob.delete_comment(comment).await), ErrorKind::NotFound);
        assert_eq!(kind(undo(&bob).await), ErrorKind::NotFound);
        assert_eq!(house.max.list_comments(of(&task, 0, None)).await.unwrap().items.len(), 1);
    }
}
