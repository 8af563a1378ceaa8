//! What each may see and do in a project that is shared.

use muista_core::error::{ErrorKind, Result};
use muista_core::model::*;
use muista_core::rpc::Client;

use crate::house::*;
use crate::series::days;
use crate::world::*;

const SEEN: [&str; 6] = ["ok", "ok", "ok", "ok", "not found", "not found"];
const CHANGED: [&str; 6] = ["ok", "ok", "ok", "forbidden", "not found", "not found"];
const OWNED: [&str; 6] = ["ok", "ok", "forbidden", "forbidden", "not found", "not found"];

/// Does something, and undoes it at once.
async fn back<T>(client: &Client, done: Result<T>) -> Result<()> {
    done?;
    undo(client).await.map(drop)
}

on_both! {
    async fn who_may_do_what_with_anothers_task(world) {
        let house = House::new(world).await;
        let task = add(&house.anna, "a", |new| {
            (new.project, new.due) = (Some(project("house")), Some(world.due("tomorrow 18:00")));
        }).await;
        let name = || vec![TaskRef::Number(task.number)];
        let reminder = NewReminder::new(Trigger::At(instant("2026-11-21T12:00:00Z")));
        let anchor = house.anna.add_reminder(task.id.into(), reminder.clone()).await.unwrap().value;

        let see = house.each(async |client| client.get_task(task.id.into()).await.map(drop)).await;
        assert_eq!(see, SEEN);
        let edit = house.each(async |client| back(client, client.edit_tasks(name(), title("b")).await).await).await;
        assert_eq!(edit, CHANGED);
        let done = house.each(async |client| back(client, client.complete_tasks(name()).await).await).await;
        assert_eq!(done, CHANGED);
        let reopen = house.each(async |client| client.reopen_tasks(name()).await.map(drop)).await;
        assert_eq!(reopen, CHANGED);
        let remove = house.each(async |client| back(client, client.delete_tasks(name()).await).await).await;
        assert_eq!(remove, CHANGED);
        let remind = house.each(async |client| {
            back(client, client.add_reminder(task.id.into(), reminder.clone()).await).await
        }).await;
        assert_eq!(remind, CHANGED);
        let snooze = house.each(async |client| {
            client.snooze_tasks(name(), instant("2026-11-21T14:00:00Z")).await.map(drop)
        }).await;
        assert_eq!(snooze, CHANGED);
        assert_eq!(house.each(async |client| client.ack_tasks(name()).await.map(drop)).await, CHANGED);
        let off = house.each(async |client| {
            back(client, client.delete_reminders(ReminderTarget::Ids(vec![anchor.id])).await).await
        }).await;
        assert_eq!(off, CHANGED);
        let query = ReminderQuery { task: Some(task.id.into()), ..ReminderQuery::default() };
        assert_eq!(house.each(async |client| client.list_reminders(query.clone()).await.map(drop)).await, SEEN);
        let below = house.each(async |client| {
            let mut part = NewTask::titled(Title::parse("part").unwrap());
            part.parent = Some(task.id.into());
            back(client, client.add_task(part).await).await
        }).await;
        assert_eq!(below, SEEN);

        let text = || Text::parse("text", "well").unwrap().unwrap();
        let comment = house.each(async |client| back(client, client.add_comment(task.id.into(), text()).await).await).await;
        assert_eq!(comment, SEEN);
        let annas = house.anna.add_comment(task.id.into(), text()).await.unwrap();
        let uncomment = house.each(async |client| back(client, client.delete_comment(annas.id).await).await).await;
        assert_eq!(uncomment, CHANGED);

        let whose = house.anna.get_task(task.id.into()).await.unwrap().task;
        assert_eq!((whose.owner_id, &*whose.title), (task.owner_id, "a"));
    }

    async fn who_may_do_what_with_the_project(world) {
        let house = House::new(world).await;
        add_in(&house.max, "m").await;
        world.user("new");
        let name = || ProjectRef::Id(house.id);
        assert_eq!(house.each(async |client| client.get_project(name()).await.map(drop)).await, SEEN);
        assert_eq!(house.each(async |client| client.list_members(name()).await.map(drop)).await, SEEN);
        let patch = ProjectPatch { name: Some(project_name("home")), ..ProjectPatch::default() };
        let edit = house.each(async |client| back(client, client.edit_project(name(), patch.clone()).await).await).await;
        assert_eq!(edit, CHANGED);
        let add = house.each(async |client| {
            back(client, share(client, house.id, "new", ProjectRole::Member).await).await
        }).await;
        assert_eq!(add, CHANGED);
        for role in [ProjectRole::Admin, ProjectRole::Owner] {
            let add = house.each(async |client| back(client, share(client, house.id, "new", role).await).await).await;
            assert_eq!(add, OWNED, "{role}");
        }
        let (max, ada) = ("max".parse::<UserRef>().unwrap(), "ada".parse::<UserRef>().unwrap());
        let promote = house.each(async |client| {
            back(client, client.edit_member(name(), max.clone(), ProjectRole::Admin).await).await
        }).await;
        assert_eq!(promote, OWNED);
        let demote = house.each(async |client| {
            back(client, client.edit_member(name(), ada.clone(), ProjectRole::Member).await).await
        }).await;
        assert_eq!(demote, OWNED);
        let remove = house.each(async |client| back(client, client.delete_project(name()).await).await).await;
        assert_eq!(remove, OWNED);
        let members = house.anna.list_members(name()).await.unwrap();
        let short: Vec<_> = members.iter().map(|member| (&*member.username, member.role.as_str())).collect();
        assert_eq!(short, [("anna", "OWNER"), ("olga", "OWNER"), ("ada", "ADMIN"), ("max", "MEMBER")]);
        assert_eq!(titles(&house.anna, TaskFilter::default()).await, ["m"]);
    }

    async fn lists_hold_what_others_share(world) {
        let house = House::new(world).await;
        add(&house.anna, "anna's own", |_| {}).await;
        let a = add(&house.anna, "anna's here", |new| {
            (new.project, new.tags, new.due) = (Some(project("house")), tags(&["Red"]), Some(world.due("tomorrow")));
        }).await;
        let m = add(&house.max, "max's here", |new| {
            (new.project, new.tags, new.due) = (Some(project("HOUSE")), tags(&["red"]), Some(world.due("today")));
            new.parent = Some(a.id.into());
        }).await;
        add(&house.max, "max's own", |_| {}).await;
        assert_eq!(m.project_id, Some(house.id));
        let all = TaskFilter::default;
        assert_eq!(titles(&house.max, all()).await, ["anna's here", "max's here", "max's own"]);
        assert_eq!(titles(&house.anna, all()).await, ["anna's own", "anna's here", "max's here"]);
        assert_eq!(titles(&house.ada, all()).await, ["anna's here", "max's here"]);
        assert!(titles(&house.eva, all()).await.is_empty() && titles(&world.client, all()).await.is_empty());

        let shared = ["anna's here", "max's here"];
        for named in [ProjectRef::Id(house.id), project("House")] {
            let filter = TaskFilter { project: Some(ProjectFilter::Named(named)), ..all() };
            assert_eq!(titles(&house.max, filter.clone()).await, shared);
            assert!(titles(&house.eva, filter).await.is_empty());
        }
        assert_eq!(titles(&house.max, TaskFilter { tags: tags(&["RED"]), ..all() }).await, shared);
        assert_eq!(titles(&house.max, TaskFilter { without_tags: tags(&["red"]), ..all() }).await, ["max's own"]);
        assert_eq!(titles(&house.max, TaskFilter { untagged: true, ..all() }).await, ["max's own"]);
        assert_eq!(titles(&house.max, TaskFilter { search: vec!["HERE".to_owned()], ..all() }).await, shared);
        assert_eq!(titles(&house.ada, TaskFilter { parent: Some(a.id.into()), ..all() }).await, ["max's here"]);
        let none = TaskFilter { project: Some(ProjectFilter::None), ..all() };
        assert_eq!(titles(&house.max, none).await, ["max's own"]);
        let ranked = house.max.next_tasks(NextQuery { filter: all(), limit: 10 }).await.unwrap();
        assert_eq!(ranked.len(), 3);

        for name in [TaskRef::Number(a.number), a.id.into(), a.id.to_string()[..18].parse().unwrap()] {
            assert_eq!(house.max.get_task(name.clone()).await.unwrap().task.id, a.id, "{name}");
            let refused = house.eva.get_task(name.clone()).await.unwrap_err();
            assert_eq!((refused.kind, refused.message), (ErrorKind::NotFound, format!("no task {name}")));
        }
        let detail = house.max.get_task(a.id.into()).await.unwrap();
        assert_eq!(detail.subtasks.iter().map(|task| task.id).collect::<Vec<_>>(), [m.id]);
        // What others share is theirs to export.
        let exported = house.max.export(all(), None).await.unwrap().items;
        assert_eq!(exported.into_iter().map(|one| one.task.title).collect::<Vec<_>>(), ["max's here", "max's own"]);
    }

    async fn shared_lists_come_in_pages_in_every_order(world) {
        let house = House::new(world).await;
        for n in 0..23 {
            let client = if n % 3 == 0 { &house.anna } else { &house.max };
            add(client, &format!("t{:02}", n * 7 % 23), |new| {
                new.project = (n % 4 != 3).then(|| project("house"));
                new.due = (n % 5 != 4).then(|| world.due(if n % 2 == 0 { "today" } else { "tomorrow" }));
                new.priority = Priority::ALL[n % 3];
            }).await;
        }
        for sort in ["due", "-due", "title", "-priority,due", "project,-title", "number", "-created"] {
            let sort = SortOrder::read_list(sort).unwrap();
            let page = |limit, offset, cursor| {
                Page { limit, offset, cursor, sort: sort.clone(), total: true, ..Page::default() }
            };
            let get = async |page| house.max.list_tasks(TaskFilter::default(), page).await.unwrap();
            let all = get(page(Page::MAX, 0, None)).await;
            let (mut gathered, mut cursor) = (Vec::new(), None);
            loop {
                let next = get(page(4, 0, cursor)).await;
                assert_eq!(next.total, all.total);
                gathered.extend(next.items);
                cursor = next.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(gathered, all.items);
            assert_eq!(all.total, i64::try_from(gathered.len()).ok());
            assert_eq!(get(page(5, 7, None)).await.items, all.items[7..12]);
        }
    }

    async fn tags_and_series_belong_to_the_tasks_owner(world) {
        let house = House::new(world).await;
        let task = add(&house.max, "m", |new| {
            (new.project, new.tags) = (Some(project("house")), tags(&["x"]));
            new.series = Some(days("P1D"));
        }).await;
        let patch = TaskPatch { add_tags: tags(&["y"]), ..TaskPatch::default() };
        let edited = house.ada.edit_tasks(refs(&[&task]), patch).await.unwrap().value.remove(0);
        assert_eq!((edited.tags, edited.owner_id), (vec!["x".to_owned(), "y".to_owned()], task.owner_id));
        assert_eq!(house.max.list_tags().await.unwrap().len(), 2);
        assert!(house.ada.list_tags().await.unwrap().is_empty());
        house.ada.complete_tasks(refs(&[&task])).await.unwrap();
        let page = house.max.list_tasks(TaskFilter::default(), Page { limit: 10, ..Page::default() }).await.unwrap();
        let [next] = page.items.as_slice() else { panic!("{page:?}") };
        assert_eq!((next.owner_id, next.series_number, next.tags.len()), (task.owner_id, Some(2), 2));
        undo(&house.ada).await.unwrap();
        assert_eq!(titles(&house.max, TaskFilter::default()).await, ["m"]);
    }

    async fn a_task_goes_only_into_projects_that_its_mover_is_in(world) {
        let house = House::new(world).await;
        let task = add(&house.eva, "e", |_| {}).await;
        let to = |project: ProjectRef| TaskPatch { project: Change::Set(project), ..TaskPatch::default() };
        assert_eq!(kind(house.eva.edit_tasks(refs(&[&task]), to(house.id.into())).await), ErrorKind::NotFound);
        let mut new = NewTask::titled(Title::parse("x").unwrap());
        new.project = Some(house.id.into());
        assert_eq!(kind(house.eva.add_task(new).await), ErrorKind::NotFound);
        // A name that one does not know makes a project of one's own, beside the other.
        let moved = house.eva.edit_tasks(refs(&[&task]), to(project("house"))).await.unwrap().value.remove(0);
        assert_ne!(moved.project_id, Some(house.id));
        // One's own project goes before a shared one of that name.
        house.max.add_project(NewProject { name: project_name("house"), description: None, note: None }).await.unwrap();
        let own = add_in(&house.max, "own").await;
        assert_ne!(own.project_id, Some(house.id));
        let projects = house.max.list_projects().await.unwrap();
        let roles: Vec<_> = projects.iter().map(|project| project.role.as_str()).collect();
        assert_eq!(roles.len(), 2);
        assert!(roles.contains(&"OWNER") && roles.contains(&"MEMBER"), "{roles:?}");
    }

    async fn deleting_a_whole_leaves_parts_that_one_may_not_change(world) {
        let house = House::new(world).await;
        let whole = add_in(&house.max, "whole").await;
        let part = add(&house.anna, "part", |new| {
            (new.project, new.parent) = (Some(project("house")), Some(whole.id.into()));
        }).await;
        let waits = add(&house.anna, "waits", |new| {
            (new.project, new.depends_on) = (Some(project("house")), refs(&[&whole]));
        }).await;
        assert_eq!(house.max.delete_tasks(refs(&[&whole])).await.unwrap().len(), 1);
        let get = async |task: &Task| house.anna.get_task(task.id.into()).await.unwrap().task;
        assert_eq!((get(&part).await.parent_id, get(&waits).await.depends_on), (None, vec![]));
        undo(&house.max).await.unwrap();
        assert_eq!((get(&part).await.parent_id, get(&waits).await.depends_on), (Some(whole.id), vec![whole.id]));
        // An admin may change all of it, and deletes all of it.
        assert_eq!(house.ada.delete_tasks(refs(&[&whole])).await.unwrap().len(), 2);
        undo(&house.ada).await.unwrap();
        assert_eq!(titles(&house.anna, TaskFilter::default()).await, ["whole", "part", "waits"]);
    }

    async fn undo_asks_again_what_one_may(world) {
        let house = House::new(world).await;
        let task = add_in(&house.anna, "a").await;
        house.ada.edit_tasks(refs(&[&task]), title("b")).await.unwrap();
        let ada = "ada".parse::<UserRef>().unwrap();
        house.anna.edit_member(house.id.into(), ada.clone(), ProjectRole::Member).await.unwrap();
        assert_eq!(kind(undo(&house.ada).await), ErrorKind::Forbidden);
        house.anna.remove_member(house.id.into(), ada).await.unwrap();
        assert_eq!(kind(undo(&house.ada).await), ErrorKind::NotFound);
        assert_eq!(house.anna.get_task(task.id.into()).await.unwrap().task.title, "b");
        // Nobody undoes what another did.
        let change = house.anna.list_audit(AuditQuery { limit: 9, ..AuditQuery::default() }).await.unwrap();
        let edit = change.items.iter().find(|entry| entry.actor == "ada").unwrap().change_id;
        let target = UndoTarget::Change(edit);
        assert_eq!(kind(house.anna.undo(Undo { target }).await), ErrorKind::NotFound);
    }

    async fn every_call_asks_for_its_scope(world) {
        world.user("anna");
        let mut caller = world.caller("anna");
        caller.scopes = [Scope::TasksRead].into_iter().collect();
        let client = world.as_caller(caller, muista_core::store::Workers::Embedded);
        client.list_tasks(TaskFilter::default(), Page { limit: 1, ..Page::default() }).await.unwrap();
        let refused = client.add_task(NewTask::titled(Title::parse("a").unwrap())).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Forbidden);
        assert!(refused.message.contains("tasks:write"), "{refused}");
        assert_eq!(kind(client.list_projects().await), ErrorKind::Forbidden);
        assert_eq!(kind(client.list_jobs(JobQuery::default()).await), ErrorKind::Forbidden);
        assert_eq!(kind(client.list_audit(AuditQuery::default()).await), ErrorKind::Forbidden);
        assert_eq!(kind(client.findings().await), ErrorKind::Forbidden);
        assert_eq!(kind(client.list_events(None, 1, 0).await), ErrorKind::Forbidden);
    }
}
