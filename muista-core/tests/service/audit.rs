//! The record of changes: what each command leaves in it.

use muista_core::model::*;
use muista_core::service::account::api_key;
use muista_core::service::{Caller, audit, event};

use crate::world::*;

on_both! {
    async fn each_change_is_recorded_before_and_after(world) {
        let task = world.add_with("a", |new| new.project = Some(project("p"))).await;
        world.tick();
        let patch = TaskPatch { add_tags: tags(&["x"]), ..TaskPatch::default() };
        let edited = world.edit(&task, patch).await;
        world.rm(&[&edited]).await;
        let log = world.log().await;
        let short: Vec<_> = log.iter().map(|entry| (entry.entity.as_str(), entry.action.as_str())).collect();
        let expected = [("Task", "DELETE"), ("Task", "UPDATE"), ("Task", "CREATE"), ("Project", "CREATE")];
        assert_eq!(short, expected);
        let json = |task: &Task| Some(serde_json::to_value(task).unwrap());
        assert_eq!((log[0].before.clone(), log[0].after.clone()), (json(&edited), None));
        assert_eq!((log[1].before.clone(), log[1].after.clone()), (json(&task), json(&edited)));
        assert_eq!((log[2].before.clone(), log[2].after.clone()), (None, json(&task)));
        assert_eq!(log[2].change_id, log[3].change_id, "one command, one change");
        assert_ne!(log[1].change_id, log[2].change_id);
        for entry in &log {
            let who = (entry.user_id, entry.actor.as_str(), entry.origin, entry.undoes);
            assert_eq!(who, (Some(Id::LOCAL_USER), "local", Origin::Cli, None));
        }
        assert_eq!(log[1].created_at, instant("2026-11-21T10:01:00Z"));
        assert!(log.windows(2).all(|pair| pair[0].seq > pair[1].seq));
    }

    async fn the_record_of_one_task_outlives_it(world) {
        let (a, b) = (world.add("a").await, world.add("b").await);
        world.client.complete_tasks(refs(&[&a, &b])).await.unwrap();
        let of = |task: TaskRef| AuditQuery { task: Some(task), limit: 10, ..AuditQuery::default() };
        let by_number = world.client.list_audit(of(TaskRef::Number(1))).await.unwrap();
        assert_eq!(by_number.items.len(), 2);
        world.rm(&[&a]).await;
        let by_id = world.client.list_audit(of(a.id.into())).await.unwrap();
        assert_eq!(by_id.items.len(), 3);
        assert!(by_id.items.iter().all(|entry| entry.record_id == a.id));
    }

    async fn of_what_a_scope_does_not_show_nothing_is_told(world) {
        let local = Caller::local(Origin::Rest, None);
        let name = "laptop".parse().unwrap();
        let new = NewApiKey { name, role: None, scopes: None, ttl_seconds: None, user: None };
        let service = world.service();
        api_key::create(&service, &local, new).await.unwrap();
        let start = event::wait(&service, &local, None, 10, 0).await.unwrap().next;
        world.add("a").await;
        let agent = local.clone().agent(&"zoe".parse().unwrap());
        let tasks_alone = Caller { scopes: [Scope::AuditRead, Scope::JobsRead].into_iter().collect(), ..local.clone() };
        let kinds = async |caller: &Caller| {
            let query = AuditQuery { limit: 10, ..AuditQuery::default() };
            let page = audit::list(&service, caller, query).await.unwrap();
            page.items.iter().map(|entry| entry.entity).collect::<Vec<_>>()
        };
        assert_eq!(kinds(&local).await, [Entity::Task, Entity::ApiKey]);
        assert_eq!(kinds(&agent).await, [Entity::Task]);
        assert_eq!(kinds(&tasks_alone).await, []);
        let told = async |caller: &Caller, seconds: u32| {
            event::wait(&service, caller, Some(start), 10, seconds).await.unwrap().items.len()
        };
        assert_eq!((told(&agent, 20).await, told(&tasks_alone, 0).await), (1, 0));
    }

    async fn the_record_comes_in_pages(world) {
        for n in 0..7 {
            world.add(&format!("task {n}")).await;
        }
        let all = world.log().await;
        let (mut gathered, mut before) = (Vec::new(), None);
        loop {
            let page = world.client.list_audit(AuditQuery { limit: 3, before, ..AuditQuery::default() }).await.unwrap();
            assert!(page.items.len() <= 3);
            gathered.extend(page.items);
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(gathered, all);
        assert_eq!(gathered.len(), 7);
    }

    async fn a_refused_change_is_not_recorded(world) {
        let a = world.add("a").await;
        let patch = TaskPatch { version: Some(7), project: Change::Set(project("p")), ..TaskPatch::default() };
        world.client.edit_tasks(refs(&[&a]), patch).await.unwrap_err();
        assert_eq!(world.log().await.len(), 1);
    }
}
