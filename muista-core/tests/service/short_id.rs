//! Records without a number: found by the end of their ids, by whoever sees them.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::house::*;
use crate::world::*;

on_both! {
    async fn a_record_is_found_by_its_short_id_where_its_task_is_seen(world) {
        let house = House::new(world).await;
        let task = add_in(&house.anna, "a").await;
        let comment = house.anna.add_comment(task.id.into(), text("well")).await.unwrap().id;
        let short: ShortId = comment.short(9).to_uppercase().parse().unwrap();
        let find = async |client: &muista_core::rpc::Client| {
            let found = client.find_id(RecordKind::Comment, short.clone()).await?;
            assert_eq!(found, comment);
            Ok(())
        };
        assert_eq!(house.each(find).await, ["ok", "ok", "ok", "ok", "not found", "not found"]);
        for kind in RecordKind::ALL.iter().filter(|kind| **kind != RecordKind::Comment) {
            let error = house.anna.find_id(*kind, short.clone()).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::NotFound, "{kind}");
            assert!(error.message.contains(&format!("{kind} {short}")) && error.hint.is_some(), "{error}");
        }
    }

    async fn a_part_of_an_id_names_one_record(world) {
        let task = world.add("a").await;
        let comments = [
            world.client.add_comment(task.id.into(), text("one")).await.unwrap().id,
            world.client.add_comment(task.id.into(), text("two")).await.unwrap().id,
        ];
        for id in comments {
            let whole = id.to_string();
            for part in [&whole[..35], &whole[24..], &whole[24..32]] {
                let short: ShortId = part.parse().unwrap();
                assert_eq!(world.client.find_id(RecordKind::Comment, short).await.unwrap(), id, "{part}");
            }
        }
        // Ids of one moment begin alike.
        let begins: ShortId = comments[0].to_string()[..8].parse().unwrap();
        let error = world.client.find_id(RecordKind::Comment, begins).await.unwrap_err();
        assert!(error.kind == ErrorKind::Conflict && error.message.contains(&comments[1].short(4)), "{error}");
        let change = world.client.list_audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap().items[0].change_id;
        let short: ShortId = change.short(6).parse().unwrap();
        assert_eq!(world.client.find_id(RecordKind::Change, short.clone()).await.unwrap(), change);
        world.user("eva");
        assert_eq!(kind(world.as_user("eva").find_id(RecordKind::Change, short).await), ErrorKind::NotFound);
    }

    async fn a_device_and_a_run_are_their_accounts_own(world) {
        world.user("eva");
        let eva = world.as_user("eva");
        let device = NewDevice {
            device_id: "phone".parse().unwrap(),
            os: "A".parse().unwrap(),
            platform: Platform::Mobile,
            endpoint: "https://push.example.org/1".parse().unwrap(),
            token: None,
            user_agent: None,
        };
        let device = eva.register_device(device).await.unwrap().device.id;
        let short: ShortId = device.short(12).parse().unwrap();
        assert_eq!(eva.find_id(RecordKind::Device, short.clone()).await.unwrap(), device);
        assert_eq!(kind(world.client.find_id(RecordKind::Device, short).await), ErrorKind::NotFound);
    }

    async fn what_there_is_beside_a_task_is_marked(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        let c = world.add_with("c", |new| (new.parent, new.depends_on) = (Some(a.id.into()), vec![b.id.into()])).await;
        world.client.add_comment(c.id.into(), text("well")).await.unwrap();
        let marks = async || {
            let marks = world.client.mark_tasks(vec![a.id, b.id, c.id, Id::NIL]).await.unwrap();
            assert_eq!(marks.len(), 3);
            let flags = |marks: &TaskMarks| {
                [marks.blocked, marks.parts, marks.reminders, marks.comments, marks.attachments].map(u8::from)
            };
            [&a, &b, &c].map(|task| flags(marks.iter().find(|marks| marks.id == task.id).unwrap()))
        };
        assert_eq!(marks().await, [[0, 1, 0, 0, 0], [0; 5], [1, 0, 0, 1, 0]]);
        world.client.complete_tasks(vec![b.id.into()]).await.unwrap();
        assert_eq!(marks().await[2], [0, 0, 0, 1, 0]);
        world.client.complete_tasks(vec![c.id.into()]).await.unwrap();
        assert_eq!(marks().await[0], [0; 5]);
        world.user("eva");
        assert_eq!(world.as_user("eva").mark_tasks(vec![a.id, c.id]).await.unwrap(), []);
    }

    async fn what_blocks_unseen_is_counted(world) {
        let house = House::new(world).await;
        let own = add(&house.anna, "own", |_| {}).await;
        let shared = add(&house.anna, "shared", |new| {
            new.project = Some(project("house"));
            new.depends_on = vec![own.id.into()];
        })
        .await;
        let why = async |client: &muista_core::rpc::Client| {
            let why = client.explain_task(shared.id.into()).await.unwrap();
            (why.blocked_by.into_iter().map(|task| task.title).collect::<Vec<_>>(), why.blocked_by_hidden)
        };
        assert_eq!(why(&house.anna).await, (vec!["own".to_owned()], 0));
        assert_eq!(why(&house.ada).await, (Vec::new(), 1));
        house.anna.complete_tasks(vec![own.id.into()]).await.unwrap();
        assert_eq!(why(&house.ada).await, (Vec::new(), 0));
    }
}
