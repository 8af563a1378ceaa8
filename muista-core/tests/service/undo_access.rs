//! What a caller may not do directly it may not do by undoing either: for each kind of record and of change, what comes of
//! making the change that reverts it, and of undoing it, by callers of each kind. The table is generated, and compared
//! with the one below.

use std::fmt::Write as _;

use muista_core::error::{ErrorKind, Result};
use muista_core::model::*;
use muista_core::rpc::{Client, in_process_as};
use muista_core::service::{Caller, Credential, Service};
use muista_core::store::{Store, Workers};
use tempfile::TempDir;

use crate::house::title;
use crate::job::{every, name as job_name};
use crate::world::*;

/// What was done, and is to be reverted.
const CASES: [&str; 31] = [
    "task made",
    "task edited",
    "task done",
    "task deleted",
    "task taken out of the project",
    "task given a parent",
    "task given a dependency",
    "series edited",
    "tag renamed",
    "tag deleted",
    "comment made",
    "comment deleted",
    "file attached",
    "file deleted",
    "reminder made",
    "reminder snoozed",
    "reminder deleted",
    "project made",
    "project edited",
    "project deleted",
    "member added",
    "member promoted",
    "member removed",
    "view made",
    "template made",
    "job made",
    "job renamed",
    "job given other parameters",
    "job given other arguments",
    "job with arguments deleted",
    "job without arguments deleted",
];

/// Who made the change, and who then reverts it: with what role in the project, or with what credential.
const CALLERS: [&str; 11] =
    ["owner", "admin", "demoted", "removed", "member", "stranger", "agent", "reader", "tasks", "jobs", "projects"];

/// For each case and caller what comes of the direct change and of undo: `+` done, `f` forbidden, `n` not found, `c` a
/// conflict with what is there; ` ` where the caller could not make the change to begin with.
const TABLE: &str = "task made                      ++ ++ ++ ++ ++ nn +f ff ++ ff ff
task edited                    ++ ++ ff nn    nn +f ff ++ ff ff
task done                      ++ ++ ff nn    nn +f ff ++ ff ff
task deleted                   ++ ++ +f nn    nn +f ff ++ ff ff
task taken out of the project  ++ nn nn nn    nn +f ff ++ ff ff
task given a parent            ++ ++ ff nn    nn +f ff ++ ff ff
task given a dependency        ++ ++ ff nn    nn +f ff ++ ff ff
series edited                  ++ ++ ff nn    nn +f ff ++ ff ff
tag renamed                    ++             nn +f ff ++ ff ff
tag deleted                    ++             nn +f ff ++ ff ff
comment made                   ++ ++ ++ nn ++ nn +f ff ++ ff ff
comment deleted                ++ ++ +f nn    nn +f ff ++ ff ff
file attached                  ++ ++ ++ nn ++ nn +f ff ++ ff ff
file deleted                   ++ ++ +f nn    nn +f ff ++ ff ff
reminder made                  ++ ++ ff nn    nn +f ff ++ ff ff
reminder snoozed               ++ ++ ff nn    nn +f ff ++ ff ff
reminder deleted               ++ ++ ff nn    nn +f ff ++ ff ff
project made                   ++ ++ ++ ++ ++ nn ff ff ff ff ++
project edited                 ++ ++ ff nn    nn ff ff ff ff ++
project deleted                ++             +n ff ff ff ff ++
member added                   ++ ++ ff nn    +n ff ff ff ff ++
member promoted                ++             nn ff ff ff ff ++
member removed                 ++ ++ ff nn nn nn ff ff ff ff ++
view made                      ++ ++ ++ ++ ++ nn +f ff ++ ff ff
template made                  ++ ++ ++ ++ ++ nn +f ff ++ ff ff
job made                       ++ ++ ++ ++ ++ nn +f ff ff ++ ff
job renamed                    ++             nn +f ff ff ++ ff
job given other parameters     ++             nn +f ff ff ++ ff
job given other arguments      ++             nn ff ff ff ff ff
job with arguments deleted     ++             +n ff ff ff ff ff
job without arguments deleted  ++             +n +f ff ff ++ ff
";

/// What one cell of the table is about: a project of anna's with a task and what hangs on it.
struct Cell {
    case: &'static str,
    name: String,
    project: Id,
    task: Task,
    other: Task,
    /// The comment or the file that was there before the change, or that the change made.
    hung: Id,
}

struct Stage<'a> {
    world: &'a World,
    /// One for all callers: to open one for each takes longer than what they do.
    service: Service,
    _folder: TempDir,
}

impl<'a> Stage<'a> {
    fn new(world: &'a World) -> Self {
        let clock = world.clock.clone() as std::sync::Arc<dyn muista_core::clock::Clock>;
        let store = Store::open(&options(world.database.clone(), Workers::Embedded), &clock).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let settings = settings().with_attachments(folder.path(), 1000);
        Self { world, service: Service::new(store, clock).with_settings(settings), _folder: folder }
    }

    fn client(&self, caller: Caller) -> Client {
        in_process_as(self.service.clone(), caller)
    }

    /// The account as whoever sits at the daemon's machine has it.
    fn at_home(&self, name: &str) -> Caller {
        Caller { credential: Credential::Local, origin: Origin::Cli, ..self.world.caller(name) }
    }

    fn limited(&self, scopes: &[Scope]) -> Caller {
        let scopes = scopes.iter().copied().collect();
        Caller { scopes, credential: Credential::ApiKey(id(1)), actor: "key".to_owned(), ..self.world.caller("anna") }
    }

    /// Who makes the change, and who reverts it.
    fn callers(&self, kind: &str) -> (Caller, Caller) {
        use Scope::*;
        let anna = self.at_home("anna");
        let same = |name: &str| (self.at_home(name), self.at_home(name));
        match kind {
            "admin" | "demoted" | "removed" => same("ada"),
            "member" => same("max"),
            "stranger" => (anna, self.at_home("eva")),
            "agent" => {
                (anna.clone(), Caller { credential: Credential::ApiKey(id(1)), ..anna }.agent(&"zoe".parse().unwrap()))
            }
            "reader" => (anna, self.limited(&[TasksRead, ProjectsRead, JobsRead, AuditRead])),
            "tasks" => (anna, self.limited(&[TasksRead, TasksWrite])),
            "jobs" => (anna, self.limited(&[JobsRead, JobsWrite, JobsRun])),
            "projects" => (anna, self.limited(&[ProjectsRead, ProjectsWrite])),
            _ => same("anna"),
        }
    }
}

async fn attach(client: &Client, task: &Task) -> Result<Attachment> {
    let new = NewAttachment { task: task.id.into(), name: FileName::parse("a.txt").unwrap(), media_type: None };
    client.begin_attachment(new).await?;
    client.continue_attachment(Chunk(b"words".to_vec())).await?;
    client.finish_attachment().await
}

fn reminder() -> NewReminder {
    NewReminder::new(Trigger::At(instant("2026-11-22T12:00:00Z")))
}

fn job(cell: &Cell, args: &[&str]) -> NewJob {
    let args = (!args.is_empty()).then(|| args.iter().map(|arg| (*arg).to_owned()).collect());
    let settings = JobPatch { trigger: every("0 7 * * *"), args, ..JobPatch::default() };
    NewJob { name: job_name(&cell.name), script: "weather".to_owned(), settings }
}

fn with_params(city: &str) -> JobPatch {
    JobPatch { params: Some([("city".to_owned(), city.to_owned())].into()), ..JobPatch::default() }
}

fn with_args(args: &[&str]) -> JobPatch {
    JobPatch { args: Some(args.iter().map(|arg| (*arg).to_owned()).collect()), ..JobPatch::default() }
}

fn user(name: &str) -> UserRef {
    name.parse().unwrap()
}

fn tag(cell: &Cell, end: &str) -> TagName {
    TagName::parse(&format!("{}{end}", cell.name)).unwrap()
}

fn in_series() -> TaskPatch {
    TaskPatch { priority: Some(Priority::High), scope: Some(SeriesScope::Later), ..TaskPatch::default() }
}

impl Cell {
    /// A project of anna's, shared with ada as an admin and max as a member, and what the case needs.
    async fn new(case: &'static str, number: usize, anna: &Client, world: &World) -> Self {
        let name = format!("c{number}");
        let new = NewProject { name: project_name(&name), description: None, note: None };
        let project = anna.add_project(new).await.unwrap().id;
        for (user, role) in [("ada", ProjectRole::Admin), ("max", ProjectRole::Member)] {
            crate::house::share(anna, project, user, role).await.unwrap();
        }
        let add = async |title: &str, series: bool| {
            crate::house::add(anna, title, |new| {
                new.project = Some(project.into());
                new.series = series.then(|| NewSeries::read("daily", &world.context()).unwrap());
                new.tags = if case.starts_with("tag") { tags(&[name.as_str()]) } else { Vec::new() };
            })
            .await
        };
        let (task, other) = (add("task", case == "series edited").await, add("other", false).await);
        Self { case, name, project, task, other, hung: Id::NIL }
    }

    fn refs(&self) -> Vec<TaskRef> {
        refs(&[&self.task])
    }

    /// What has to be there before the change.
    async fn prepare(&mut self, anna: &Client) {
        match self.case {
            "comment deleted" => self.hung = anna.add_comment(self.task.id.into(), text("words")).await.unwrap().id,
            "file deleted" => self.hung = attach(anna, &self.task).await.unwrap().id,
            "reminder snoozed" | "reminder deleted" => {
                anna.add_reminder(self.task.id.into(), reminder()).await.unwrap();
            }
            "job given other arguments" | "job with arguments deleted" => {
                anna.add_job(job(self, &["x"])).await.unwrap();
            }
            "job renamed" | "job given other parameters" | "job without arguments deleted" => {
                anna.add_job(job(self, &[])).await.unwrap();
                anna.edit_job(job_name(&self.name), with_params("oslo")).await.unwrap();
            }
            _ => {}
        }
    }

    fn new_task(&self) -> NewTask {
        let mut new = NewTask::titled(Title::parse("made").unwrap());
        new.project = Some(self.project.into());
        new
    }

    fn new_project(&self) -> NewProject {
        NewProject { name: project_name(&format!("{}n", self.name)), description: None, note: None }
    }

    fn new_view(&self) -> NewView {
        let (name, query) = (ViewName::parse(&self.name).unwrap(), "+a".parse().unwrap());
        NewView { name, query, date_order: None, sort: None, columns: None, group: None }
    }

    fn new_template(&self) -> NewTemplate {
        NewTemplate { name: TemplateName::parse(&self.name).unwrap(), from: self.task.id.into() }
    }

    fn renamed(&self, end: &str) -> ProjectPatch {
        ProjectPatch { name: Some(project_name(&format!("{}{end}", self.name))), ..ProjectPatch::default() }
    }

    fn job_renamed(&self, end: &str) -> JobPatch {
        JobPatch { rename: Some(job_name(&format!("{}{end}", self.name))), ..JobPatch::default() }
    }

    async fn change(&self, client: &Client) -> Result<()> {
        let (task, of_anna) = (self.task.id, ProjectRef::Id(self.project));
        match self.case {
            "task made" => client.add_task(self.new_task()).await.map(drop),
            "task edited" => client.edit_tasks(self.refs(), title("b")).await.map(drop),
            "task done" => client.complete_tasks(self.refs()).await.map(drop),
            "task deleted" => client.delete_tasks(self.refs()).await.map(drop),
            "task taken out of the project" => {
                let patch = TaskPatch { project: Change::Clear, ..TaskPatch::default() };
                client.edit_tasks(self.refs(), patch).await.map(drop)
            }
            "task given a parent" => {
                let patch = TaskPatch { parent: Change::Set(self.other.id.into()), ..TaskPatch::default() };
                client.edit_tasks(self.refs(), patch).await.map(drop)
            }
            "task given a dependency" => {
                let patch = TaskPatch { depends_on: Some(refs(&[&self.other])), ..TaskPatch::default() };
                client.edit_tasks(self.refs(), patch).await.map(drop)
            }
            "series edited" => client.edit_tasks(self.refs(), in_series()).await.map(drop),
            "tag renamed" => client.rename_tag(tag(self, ""), tag(self, "x")).await.map(drop),
            "tag deleted" => client.delete_tag(tag(self, "")).await.map(drop),
            "comment made" => client.add_comment(task.into(), text("words")).await.map(drop),
            "comment deleted" => client.delete_comment(self.hung).await.map(drop),
            "file attached" => attach(client, &self.task).await.map(drop),
            "file deleted" => client.delete_attachment(self.hung).await.map(drop),
            "reminder made" => client.add_reminder(task.into(), reminder()).await.map(drop),
            "reminder snoozed" => client.snooze_tasks(self.refs(), instant("2026-11-25T12:00:00Z")).await.map(drop),
            "reminder deleted" => client.delete_reminders(ReminderTarget::Task(task.into())).await.map(drop),
            "project made" => client.add_project(self.new_project()).await.map(drop),
            "project edited" => client.edit_project(of_anna, self.renamed("r")).await.map(drop),
            "project deleted" => client.delete_project(of_anna).await.map(drop),
            "member added" => crate::house::share(client, self.project, "eva", ProjectRole::Member).await.map(drop),
            "member promoted" => client.edit_member(of_anna, user("max"), ProjectRole::Admin).await.map(drop),
            "member removed" => client.remove_member(of_anna, user("max")).await.map(drop),
            "view made" => client.add_view(self.new_view()).await.map(drop),
            "template made" => client.add_template(self.new_template()).await.map(drop),
            "job made" => client.add_job(job(self, &[])).await.map(drop),
            "job renamed" => client.edit_job(job_name(&self.name), self.job_renamed("r")).await.map(drop),
            "job given other parameters" => client.edit_job(job_name(&self.name), with_params("rome")).await.map(drop),
            "job given other arguments" => client.edit_job(job_name(&self.name), with_args(&[])).await.map(drop),
            _ => client.delete_job(job_name(&self.name)).await.map(drop),
        }
    }

    /// Makes the change that reverts it, as a call of its own.
    async fn directly(&self, client: &Client) -> Result<()> {
        let (task, of_anna) = (self.task.id, ProjectRef::Id(self.project));
        let edit = async |patch: TaskPatch| client.edit_tasks(self.refs(), patch).await.map(drop);
        match self.case {
            "task made" => client.delete_tasks(vec![self.hung.into()]).await.map(drop),
            "task edited" => edit(title("task")).await,
            "task done" => client.reopen_tasks(self.refs()).await.map(drop),
            "task deleted" => client.add_task(self.new_task()).await.map(drop),
            "task taken out of the project" => {
                edit(TaskPatch { project: Change::Set(of_anna), ..TaskPatch::default() }).await
            }
            "task given a parent" => edit(TaskPatch { parent: Change::Clear, ..TaskPatch::default() }).await,
            "task given a dependency" => edit(TaskPatch { depends_on: Some(Vec::new()), ..TaskPatch::default() }).await,
            "series edited" => edit(TaskPatch { priority: Some(Priority::Medium), ..in_series() }).await,
            "tag renamed" => client.rename_tag(tag(self, "x"), tag(self, "")).await.map(drop),
            "tag deleted" => edit(TaskPatch { add_tags: vec![tag(self, "")], ..TaskPatch::default() }).await,
            "comment made" => client.delete_comment(self.hung).await.map(drop),
            "comment deleted" => client.add_comment(task.into(), text("words")).await.map(drop),
            "file attached" => client.delete_attachment(self.hung).await.map(drop),
            "file deleted" => attach(client, &self.task).await.map(drop),
            "reminder made" => client.delete_reminders(ReminderTarget::Task(task.into())).await.map(drop),
            "reminder snoozed" => client.snooze_tasks(self.refs(), instant("2026-11-26T12:00:00Z")).await.map(drop),
            "reminder deleted" => client.add_reminder(task.into(), reminder()).await.map(drop),
            "project made" => client.delete_project(project(&format!("{}n", self.name))).await.map(drop),
            "project edited" => client.edit_project(of_anna, self.renamed("")).await.map(drop),
            "project deleted" => client.add_project(self.new_project()).await.map(drop),
            "member added" => client.remove_member(of_anna, user("eva")).await.map(drop),
            "member promoted" => client.edit_member(of_anna, user("max"), ProjectRole::Member).await.map(drop),
            "member removed" => crate::house::share(client, self.project, "max", ProjectRole::Member).await.map(drop),
            "view made" => client.delete_view(self.new_view().name).await.map(drop),
            "template made" => client.delete_template(self.new_template().name).await.map(drop),
            "job made" => client.delete_job(job_name(&self.name)).await.map(drop),
            "job renamed" => {
                client.edit_job(job_name(&format!("{}r", self.name)), self.job_renamed("")).await.map(drop)
            }
            "job given other parameters" => client.edit_job(job_name(&self.name), with_params("oslo")).await.map(drop),
            "job given other arguments" => client.edit_job(job_name(&self.name), with_args(&["x"])).await.map(drop),
            "job with arguments deleted" => client.add_job(job(self, &["x"])).await.map(drop),
            _ => client.add_job(job(self, &[])).await.map(drop),
        }
    }
}

/// A letter for what came of it.
fn letter(done: Result<()>) -> char {
    match done.map_err(|error| error.kind) {
        Ok(()) => '+',
        Err(ErrorKind::Forbidden) => 'f',
        Err(ErrorKind::NotFound) => 'n',
        Err(ErrorKind::Conflict) => 'c',
        Err(other) => panic!("{other:?}"),
    }
}

/// Makes the change, and takes away from who made it what the kind of caller lacks. The cell, the change, and the client
/// that is to revert it; none where the change cannot be made to begin with.
async fn changed(
    stage: &Stage<'_>,
    anna: &Client,
    (case, kind): (&'static str, &str),
    number: usize,
) -> Option<(Cell, Id, Client)> {
    let mut cell = Cell::new(case, number, anna, stage.world).await;
    cell.prepare(anna).await;
    let (maker, reverter) = stage.callers(kind);
    let client = stage.client(maker);
    cell.change(&client).await.ok()?;
    let last = client.list_audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap().items.remove(0);
    if cell.hung == Id::NIL {
        cell.hung = last.record_id;
    }
    // Where the project is gone so are its members.
    match kind {
        "demoted" => drop(anna.edit_member(cell.project.into(), user("ada"), ProjectRole::Member).await),
        "removed" => drop(anna.remove_member(cell.project.into(), user("ada")).await),
        _ => {}
    }
    Some((cell, last.change_id, stage.client(reverter)))
}

/// What comes of reverting a change directly, and of undoing it; the latter of a change of its own, where the former was
/// done.
async fn outcomes(stage: &Stage<'_>, anna: &Client, case: (&'static str, &str), number: usize) -> String {
    let Some((cell, mut change, mut client)) = changed(stage, anna, case, number).await else {
        return "  ".to_owned();
    };
    let direct = letter(cell.directly(&client).await);
    if direct == '+' {
        (_, change, client) = changed(stage, anna, case, number + 1).await.unwrap();
    }
    let undone = letter(client.undo(Undo { target: UndoTarget::Change(change) }).await.map(drop));
    assert!(direct == '+' || undone != '+', "{case:?}: {direct} directly, yet undone");
    format!("{direct}{undone}")
}

on_both! {
    async fn undo_may_no_more_than_the_change_that_it_makes(world) {
        for name in ["anna", "ada", "max", "eva"] {
            world.user(name);
        }
        let stage = Stage::new(world);
        let anna = stage.client(stage.at_home("anna"));
        let (mut table, mut number) = (String::new(), 0);
        for case in CASES {
            write!(table, "{case:30}").unwrap();
            for kind in CALLERS {
                number += 2;
                write!(table, " {}", outcomes(&stage, &anna, (case, kind), number).await).unwrap();
            }
            let end = table.trim_end().len();
            table.truncate(end);
            table.push('\n');
        }
        assert_eq!(table, TABLE, "\n{table}");
    }

    async fn an_undo_tells_only_what_the_scopes_let_see(world) {
        world.user("anna");
        let anna = world.as_user("anna");
        let scopes = |scopes: &[Scope]| Caller { scopes: scopes.iter().copied().collect(), ..world.caller("anna") };
        let blind = world.as_caller(scopes(&[Scope::TasksWrite]), Workers::Embedded);
        anna.add_task(NewTask::titled(Title::parse("secret").unwrap())).await.unwrap();
        let undone = crate::house::undo(&blind).await.unwrap();
        assert_eq!((undone.entries, undone.total, undone.changes.len()), (vec![], 1, 1));
        let seeing = world.as_caller(scopes(&[Scope::TasksWrite, Scope::TasksRead]), Workers::Embedded);
        let redone = seeing.redo().await.unwrap();
        assert_eq!((redone.entries.len(), redone.total), (1, 1));
    }

    async fn what_only_followed_is_told_by_what_it_names(world) {
        let house = crate::house::House::new(world).await;
        let whole = crate::house::add_in(&house.max, "whole").await;
        let part = crate::house::add(&house.anna, "anna's secret", |new| new.parent = Some(whole.id.into())).await;
        house.max.delete_tasks(refs(&[&whole])).await.unwrap();
        let followed = |entries: Vec<AuditEntry>| entries.into_iter().find(|entry| entry.record_id == part.id).unwrap();
        let log = house.max.list_audit(AuditQuery { limit: 9, ..AuditQuery::default() }).await.unwrap().items;
        let undone = crate::house::undo(&house.max).await.unwrap().entries;
        for entry in [followed(log), followed(undone)] {
            let (before, after) = (entry.before.unwrap(), entry.after.unwrap());
            assert_eq!((&before["title"], &after["title"]), (&serde_json::Value::Null, &serde_json::Value::Null));
            assert_eq!(before["parentId"], whole.id.to_string());
        }
        let back = house.anna.get_task(part.id.into()).await.unwrap().task;
        assert_eq!((back.parent_id, &*back.title), (Some(whole.id), "anna's secret"));
        // Whoever made a task a part of another has done no more than that, and is asked like for any change.
        let parent = TaskPatch { parent: Change::Clear, ..TaskPatch::default() };
        let task = crate::house::add(&house.anna, "m", |new| {
            (new.project, new.parent) = (Some(house.id.into()), Some(whole.id.into()));
        }).await;
        house.ada.edit_tasks(refs(&[&task]), parent).await.unwrap();
        house.anna.edit_member(house.id.into(), user("ada"), ProjectRole::Member).await.unwrap();
        assert_eq!(kind(crate::house::undo(&house.ada).await), ErrorKind::Forbidden);
    }

    async fn a_project_stays_that_an_agent_could_not_delete(world) {
        world.user("anna");
        let zoe = world.as_caller(world.caller("anna").agent(&"zoe".parse().unwrap()), Workers::Embedded);
        let task = crate::house::add(&zoe, "a", |new| new.project = Some(project("home"))).await;
        assert_eq!(crate::house::undo(&zoe).await.unwrap().total, 1);
        let anna = world.as_user("anna");
        assert_eq!(kind(anna.get_task(task.id.into()).await), ErrorKind::NotFound);
        assert_eq!(anna.list_projects().await.unwrap().len(), 1);
    }

    async fn an_agent_brings_back_what_it_deleted_itself(world) {
        world.user("anna");
        let anna = world.as_user("anna");
        let zoe = world.as_caller(world.caller("anna").agent(&"zoe".parse().unwrap()), Workers::Embedded);
        let mut tasks = Vec::new();
        for n in 0..120 {
            tasks.push(crate::house::add(&anna, &format!("t{n}"), |_| {}).await);
        }
        let all: Vec<&Task> = tasks.iter().collect();
        anna.delete_tasks(refs(&all)).await.unwrap();
        let last = anna.list_audit(AuditQuery { limit: 1, ..AuditQuery::default() }).await.unwrap().items.remove(0);
        let target = || UndoTarget::Change(last.change_id);
        assert_eq!(kind(zoe.undo(Undo { target: target() }).await), ErrorKind::Forbidden);
        anna.undo(Undo { target: target() }).await.unwrap();
        // What it deleted itself it brings back, however many it may make in a day.
        zoe.delete_tasks(refs(&all)).await.unwrap();
        assert_eq!(crate::house::undo(&zoe).await.unwrap().total, 120);
    }
}
