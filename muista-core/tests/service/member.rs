//! Members of a project: who they are, how they come and go, and that nothing is lost with them.

use muista_core::error::ErrorKind;
use muista_core::model::*;

use crate::house::*;
use crate::world::*;

fn user(name: &str) -> UserRef {
    name.parse::<UserRef>().unwrap()
}

on_both! {
    async fn an_account_is_named_by_username_address_or_id(world) {
        let (anna, max, eva, ada) = (world.user("anna"), world.user("max"), world.user("eva"), world.user("ada"));
        let client = world.as_user("anna");
        client.add_project(NewProject { name: project_name("p"), description: None, note: None }).await.unwrap();
        let only = client.list_members(project("p")).await.unwrap();
        assert_eq!((only.len(), only[0].user_id, only[0].role), (1, anna, ProjectRole::Owner));
        for (name, id) in [("MAX".to_owned(), max), ("Eva@example.org".to_owned(), eva), (ada.to_string(), ada)] {
            world.tick();
            let new: NewMember = serde_json::from_value(serde_json::json!({ "user": name })).unwrap();
            let member = client.add_member(project("p"), new.clone()).await.unwrap();
            assert_eq!((member.user_id, member.role, member.added_by), (id, ProjectRole::Member, Some(anna)));
            assert_eq!(kind(client.add_member(project("p"), new).await), ErrorKind::Conflict);
        }
        let new = |name: &str| NewMember { user: user(name), role: ProjectRole::Member };
        assert_eq!(kind(client.add_member(project("p"), new("nobody")).await), ErrorKind::NotFound);
        assert_eq!(kind(client.add_member(project("p"), new("anna")).await), ErrorKind::Conflict);
        let members = client.list_members(project("P")).await.unwrap();
        assert_eq!(members.len(), 4);
        assert_eq!(members[0].username, "anna");
        assert!("".parse::<UserRef>().is_err() && "a b".parse::<UserRef>().is_err());
    }

    async fn members_are_changed_and_that_is_undone(world) {
        let house = House::new(world).await;
        let project = || ProjectRef::Id(house.id);
        let before = house.anna.list_members(project()).await.unwrap();
        let changed = house.anna.edit_member(project(), user("max"), ProjectRole::Admin).await.unwrap();
        assert_eq!(changed.role, ProjectRole::Admin);
        share(&house.max, house.id, "eva", ProjectRole::Member).await.unwrap();
        undo(&house.max).await.unwrap();
        undo(&house.anna).await.unwrap();
        let after = house.anna.list_members(project()).await.unwrap();
        let roles = |members: &[Member]| members.iter().map(|one| (one.user_id, one.role)).collect::<Vec<_>>();
        assert_eq!(roles(&after), roles(&before));
        let gone = house.ada.remove_member(project(), user("max@example.org")).await.unwrap().value;
        assert!(titles(&house.max, TaskFilter::default()).await.is_empty());
        assert_eq!(kind(house.max.get_project(project()).await), ErrorKind::NotFound);
        undo(&house.ada).await.unwrap();
        let back = house.anna.list_members(project()).await.unwrap();
        assert!(back.iter().any(|member| member.id == gone.id && member.role == ProjectRole::Member));
        let entries = house.anna.list_audit(AuditQuery {
            entity: Some(Entity::Member), limit: 50, ..AuditQuery::default()
        }).await.unwrap().items;
        assert_eq!(entries.len(), 9);
    }

    async fn anybody_may_leave_but_whose_project_it_is(world) {
        let house = House::new(world).await;
        let project = || ProjectRef::Id(house.id);
        let task = add_in(&house.max, "m").await;
        add_in(&house.anna, "a").await;
        let answer = house.max.remove_member(project(), user("max")).await.unwrap();
        assert!(answer.notices[0].contains("stay there (1)"), "{:?}", answer.notices);
        // The task stays in the project, and with its owner.
        assert_eq!(titles(&house.max, TaskFilter::default()).await, ["m"]);
        assert_eq!(titles(&house.ada, TaskFilter::default()).await, ["m", "a"]);
        let out = TaskPatch { project: Change::Clear, ..TaskPatch::default() };
        house.max.edit_tasks(refs(&[&task]), out).await.unwrap();
        assert_eq!(titles(&house.ada, TaskFilter::default()).await, ["a"]);
        // It comes not back into what its owner has left.
        assert_eq!(kind(undo(&house.max).await), ErrorKind::Conflict);
        house.olga.remove_member(project(), user("olga")).await.unwrap();
        assert_eq!(kind(undo(&house.olga).await), ErrorKind::NotFound);
        for client in [&house.anna, &house.ada] {
            assert_eq!(kind(client.remove_member(project(), user("anna")).await), ErrorKind::Forbidden);
        }
        assert_eq!(kind(house.anna.edit_member(project(), user("anna"), ProjectRole::Member).await), ErrorKind::Forbidden);
        assert_eq!(kind(house.anna.remove_member(project(), user("eva")).await), ErrorKind::NotFound);
    }

    async fn a_deleted_project_leaves_each_its_tasks_and_comes_back(world) {
        let house = House::new(world).await;
        let (a, m) = (add_in(&house.anna, "a").await, add_in(&house.max, "m").await);
        let gone = house.olga.delete_project(house.id.into()).await.unwrap();
        assert_eq!((gone.open, gone.total, gone.role), (2, 2, ProjectRole::Owner));
        assert_eq!(titles(&house.anna, TaskFilter::default()).await, ["a"]);
        let task = house.max.get_task(m.id.into()).await.unwrap().task;
        assert_eq!((task.project_id, task.project), (None, None));
        undo(&house.olga).await.unwrap();
        assert_eq!(titles(&house.max, TaskFilter::default()).await, ["a", "m"]);
        assert_eq!(house.max.get_task(a.id.into()).await.unwrap().task.project_id, Some(house.id));
        assert_eq!(house.anna.list_members(house.id.into()).await.unwrap().len(), 4);
        house.olga.redo().await.unwrap();
        assert_eq!(titles(&house.max, TaskFilter::default()).await, ["m"]);
    }

    async fn the_record_is_shown_as_far_as_one_sees(world) {
        let house = House::new(world).await;
        let task = add(&house.anna, "secret plan", |_| {}).await;
        let into = |project: Change<ProjectRef>| TaskPatch { project, ..TaskPatch::default() };
        house.anna.edit_tasks(refs(&[&task]), into(Change::Set(house.id.into()))).await.unwrap();
        house.ada.edit_tasks(refs(&[&task]), title("b")).await.unwrap();
        house.max.add_comment(task.id.into(), text("hm")).await.unwrap();
        house.anna.edit_tasks(refs(&[&task]), into(Change::Clear)).await.unwrap();
        house.anna.edit_tasks(refs(&[&task]), title("hidden")).await.unwrap();
        let of = |entity: Option<Entity>| AuditQuery { entity, limit: 100, ..AuditQuery::default() };
        let sides = |entries: &[AuditEntry]| -> Vec<(bool, bool)> {
            entries.iter().map(|entry| (entry.before.is_some(), entry.after.is_some())).collect()
        };
        let max = house.max.list_audit(of(Some(Entity::Task))).await.unwrap().items;
        // It left; it was renamed; it came.
        assert_eq!(sides(&max), [(true, false), (true, true), (false, true)]);
        let anna = house.anna.list_audit(of(Some(Entity::Task))).await.unwrap().items;
        assert_eq!(sides(&anna), [(true, true), (true, true), (true, true), (true, true), (false, true)]);
        let by_id = AuditQuery { task: Some(task.id.into()), limit: 2, ..AuditQuery::default() };
        let page = house.max.list_audit(by_id.clone()).await.unwrap();
        assert_eq!((sides(&page.items), page.next.is_some()), (vec![(true, false), (true, true)], true));
        let page = house.max.list_audit(AuditQuery { before: page.next, ..by_id }).await.unwrap();
        assert_eq!((sides(&page.items), page.next), (vec![(false, true)], None));
        let ada = AuditQuery { actor: Some("ada".to_owned()), ..of(None) };
        assert_eq!(house.anna.list_audit(ada.clone()).await.unwrap().items.len(), 1);
        assert_eq!(house.eva.list_audit(of(None)).await.unwrap().items, []);
        assert_eq!(world.client.list_audit(ada).await.unwrap().items, []);
        let record = AuditQuery { record: Some(house.id), ..of(None) };
        assert_eq!(house.max.list_audit(record).await.unwrap().items.len(), 1);
        let later = AuditQuery { since: Some(instant("2027-01-01T00:00:00Z")), ..of(None) };
        assert_eq!(house.max.list_audit(later).await.unwrap().items, []);
        // Those who leave see their own, and no more.
        house.anna.remove_member(house.id.into(), user("max")).await.unwrap();
        let max = house.max.list_audit(of(None)).await.unwrap().items;
        let short: Vec<_> = max.iter().map(|entry| (entry.entity, entry.action, &*entry.actor)).collect();
        let member = |action| (Entity::Member, action, "anna");
        assert_eq!(short, [member(Action::Delete), (Entity::Comment, Action::Create, "max"), member(Action::Create)]);
    }
}
