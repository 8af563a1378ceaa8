//! A project that several accounts share: `anna` owns it, `olga` is an owner too, `ada` an admin, `max` a member; `eva` is
//! not in it. Each is a client of its own.

use muista_core::error::{ErrorKind, Result};
use muista_core::model::*;
use muista_core::rpc::Client;

use crate::world::*;

/// Everybody, the site's admin last, in the order of [`House::each`].
pub(crate) const EVERYBODY: [&str; 6] = ["anna", "olga", "ada", "max", "eva", "local"];

pub(crate) struct House {
    pub(crate) anna: Client,
    pub(crate) olga: Client,
    pub(crate) ada: Client,
    pub(crate) max: Client,
    pub(crate) eva: Client,
    local: Client,
    pub(crate) id: Id,
}

impl House {
    /// The project `house`, with nothing in it.
    pub(crate) async fn new(world: &World) -> Self {
        for name in &EVERYBODY[..5] {
            world.user(name);
        }
        let [anna, olga, ada, max, eva] = ["anna", "olga", "ada", "max", "eva"].map(|name| world.as_user(name));
        let new = NewProject { name: project_name("house"), description: None, note: None };
        let id = anna.add_project(new).await.unwrap().id;
        for (user, role) in [("olga", ProjectRole::Owner), ("ada", ProjectRole::Admin), ("max", ProjectRole::Member)] {
            world.tick();
            share(&anna, id, user, role).await.unwrap();
        }
        Self { anna, olga, ada, max, eva, local: world.client.clone(), id }
    }

    /// What comes of it when each does the same: `ok`, or what it is refused with.
    pub(crate) async fn each(&self, act: impl AsyncFn(&Client) -> Result<()>) -> [&'static str; 6] {
        let mut outcomes = [""; 6];
        let all = [&self.anna, &self.olga, &self.ada, &self.max, &self.eva, &self.local];
        for (client, outcome) in all.into_iter().zip(&mut outcomes) {
            *outcome = match act(client).await.map_err(|error| error.kind) {
                Ok(()) => "ok",
                Err(ErrorKind::Forbidden) => "forbidden",
                Err(ErrorKind::NotFound) => "not found",
                Err(other) => panic!("{other:?}"),
            };
        }
        outcomes
    }
}

pub(crate) async fn share(client: &Client, project: Id, user: &str, role: ProjectRole) -> Result<Member> {
    client.add_member(project.into(), NewMember { user: user.parse::<UserRef>().unwrap(), role }).await
}

/// Adds a task in the project `house`.
pub(crate) async fn add_in(client: &Client, title: &str) -> Task {
    add(client, title, |new| new.project = Some(project("house"))).await
}

pub(crate) async fn add(client: &Client, title: &str, say: impl FnOnce(&mut NewTask)) -> Task {
    let mut new = NewTask::titled(Title::parse(title).unwrap());
    say(&mut new);
    client.add_task(new).await.unwrap().value
}

/// The titles that a client finds, by number.
pub(crate) async fn titles(client: &Client, filter: TaskFilter) -> Vec<String> {
    let page = Page { limit: Page::MAX, sort: SortOrder::read_list("number").unwrap(), ..Page::default() };
    client.list_tasks(filter, page).await.unwrap().items.into_iter().map(|task| task.title).collect()
}

pub(crate) async fn undo(client: &Client) -> Result<Undone> {
    client.undo(Undo { target: UndoTarget::Last }).await
}

pub(crate) fn title(text: &str) -> TaskPatch {
    TaskPatch { title: Some(Title::parse(text).unwrap()), ..TaskPatch::default() }
}
