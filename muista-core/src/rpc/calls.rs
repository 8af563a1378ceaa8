//! The calls: each with what it takes, what it gives, how long it may take, and the use case that answers it. This one
//! table makes the tarpc service, [`Client`]'s methods and what [`Server`] does; how a connection comes about is left to
//! the transports.

use std::collections::BTreeMap;
use std::time::Duration;

use tarpc::context::Context;

use super::client::{Client, broken, within};
use super::server::Server;
use crate::error::Result;
use crate::model::{
    ApiKey, ApiKeyRef, Attachment, AuditPage, AuditQuery, Backup, BackupFile, Burndown, Calendar, Channel, Chunk,
    Comment, CommentPage, CommentQuery, CreatedApiKey, Device, DevicePage, DeviceQuery, Drill, EventCursor, EventPage,
    Explanation, ExportPage, Field, FieldName, FieldPatch, Finding, Id, Identity, ImportBatch, ImportSummary, Job,
    JobDetail, JobName, JobPage, JobPatch, JobQuery, Member, NewApiKey, NewAttachment, NewBackup, NewDevice, NewField,
    NewJob, NewMember, NewPassword, NewProject, NewReminder, NewTask, NewTemplate, NewUser, NewView, NextQuery,
    Notification, NotificationPage, NotificationQuery, Page, PasswordSet, Project, ProjectPatch, ProjectRef,
    ProjectRole, QueryCost, RankedTask, RecordKind, Registered, Reloaded, Reminder, ReminderPage, ReminderQuery,
    ReminderTarget, ReportQuery, Run, RunLogPage, RunPage, RunQuery, RunRef, Script, ServerStatus, ShortId, Stats, Tag,
    TagName, Task, TaskDetail, TaskFilter, TaskMarks, TaskPage, TaskPatch, TaskRef, TaskTemplate, TemplateName,
    TemplateUse, Text, Timesheet, Undo, Undone, Usage, UsagePage, User, UserPage, UserPatch, UserQuery, UserRef, View,
    ViewName, ViewPatch, WithNotices,
};
use crate::service::access::identity;
use crate::service::account::{address, api_key, user};
use crate::service::task::marks;
use crate::service::{
    attachment, audit, backup, comment, control, device, diagnosis, event, export, field, job, member, next,
    notification, project, reminder, report, run, script, short_id, tag, task, template, undo, usage, view,
};
use crate::time::Instant;

/// What one ordinary call may take. SQLite may have to wait 10 s for another process's lock.
const DEADLINE: Duration = Duration::from_secs(30);
/// What a call may take that works on everything at once.
const LONG_DEADLINE: Duration = Duration::from_secs(600);
/// What a call may take that reads or writes all there is.
const WHOLE_DEADLINE: Duration = Duration::from_secs(24 * 3600);

/// Makes of the table what both ends need.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),* $(,)?) -> $out:ty, $deadline:ident $answer:tt)*) => {
        /// Every call, whoever answers it. The caller's account, zone and way in belong to the connection, not to a call.
        #[tarpc::service]
        pub trait Muista {
            $($(#[$doc])* async fn $name($($arg: $type),*) -> Result<$out>;)*
        }

        impl Client {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// What the service says, or `Unavailable` when the connection is lost or the deadline passes.
                pub async fn $name(&self, $($arg: $type),*) -> Result<$out> {
                    // On the heap: a request is as large as the largest of all, and callers wait for several at once.
                    let answer = Box::pin(self.rpc.$name(within($deadline), $($arg),*));
                    answer.await.map_err(|e| broken(&e))?
                }
            )*
        }

        impl Muista for Server {
            $(
                async fn $name(self, _: Context, $($arg: $type),*) -> Result<$out> {
                    answer!(self, $answer).await
                }
            )*
        }
    };
}

/// Asks a use case, which is told on whose service and for whom; or does what is said with the server.
macro_rules! answer {
    ($self:ident, { $noun:ident::$verb:ident($($arg:expr),*) }) => {
        $noun::$verb(&$self.service, &$self.caller, $($arg),*)
    };
    ($self:ident, { |$server:ident| $answer:expr }) => {{
        let $server = &$self;
        $answer
    }};
}

calls! {
    /// Returns what the server says of itself.
    status() -> ServerStatus, DEADLINE { |server| server.service.status_for(&server.caller) }
    /// Returns what the service finds in order or not, as `muista doctor` lists it. Reads all of a SQLite file.
    findings() -> Vec<Finding>, LONG_DEADLINE { diagnosis::findings() }
    /// Has the daemon read its settings anew.
    reload_config() -> Reloaded, DEADLINE { control::reload() }
    /// Returns who the caller is.
    whoami() -> Identity, DEADLINE { identity::get() }

    /// Makes a task, and its project and tags where they are new.
    add_task(task: NewTask) -> WithNotices<Task>, DEADLINE { task::add(task) }
    /// One page of the tasks that `filter` holds.
    list_tasks(filter: TaskFilter, page: Page) -> TaskPage, DEADLINE { task::list(filter, page) }
    /// Says what it costs to list the tasks that `filter` holds.
    explain_tasks(filter: TaskFilter) -> QueryCost, DEADLINE { task::explain(filter) }
    /// Returns a task with what belongs to it.
    get_task(task: TaskRef) -> TaskDetail, DEADLINE { task::get(task) }
    /// Changes tasks alike, all or none; returns them as they are then, in the order given.
    edit_tasks(tasks: Vec<TaskRef>, patch: TaskPatch) -> WithNotices<Vec<Task>>, LONG_DEADLINE {
        task::edit(tasks, patch)
    }
    /// Marks tasks done, all or none; one that is done already stays as it is.
    complete_tasks(tasks: Vec<TaskRef>) -> WithNotices<Vec<Task>>, LONG_DEADLINE { task::complete(tasks) }
    /// Marks tasks not done, all or none; one that is open already stays as it is.
    reopen_tasks(tasks: Vec<TaskRef>) -> WithNotices<Vec<Task>>, LONG_DEADLINE { task::reopen(tasks) }
    /// Begins to work on a task; what the account works on is stopped, unless it is to `keep` running.
    start_task(task: TaskRef, keep: bool) -> WithNotices<Task>, DEADLINE { task::start(task, keep) }
    /// Ends the work on a task, or on all that the account works on; returns the tasks.
    stop_tasks(task: Option<TaskRef>) -> WithNotices<Vec<Task>>, DEADLINE { task::stop(task) }
    /// Deletes tasks and their subtasks, all or none; returns all that was deleted.
    delete_tasks(tasks: Vec<TaskRef>) -> Vec<Task>, LONG_DEADLINE { task::delete(tasks) }
    /// Returns the open tasks with the highest urgency, the highest first.
    next_tasks(query: NextQuery) -> Vec<RankedTask>, DEADLINE { next::rank(query) }

    /// Returns what there is beside these tasks, for the marks of a list.
    mark_tasks(tasks: Vec<Id>) -> Vec<TaskMarks>, DEADLINE { marks::of_tasks(tasks) }
    /// Returns the id of the record of a kind whose short id this is.
    find_id(kind: RecordKind, short: ShortId) -> Id, DEADLINE { short_id::find(kind, short) }
    /// Explains why a task is hidden, ranks where it does, and was late.
    explain_task(task: TaskRef) -> Explanation, DEADLINE { next::explain(task) }
    /// Makes a reminder of a task.
    add_reminder(task: TaskRef, reminder: NewReminder) -> WithNotices<Reminder>, DEADLINE {
        reminder::add(task, reminder)
    }
    /// One page of the reminders, the next to fire first.
    list_reminders(query: ReminderQuery) -> ReminderPage, DEADLINE { reminder::list(query) }
    /// Deletes reminders, all or none; returns how they were.
    delete_reminders(target: ReminderTarget) -> WithNotices<Vec<Reminder>>, DEADLINE { reminder::delete(target) }
    /// Puts the last reminder of each task off, all or none.
    snooze_tasks(tasks: Vec<TaskRef>, until: Instant) -> Vec<Reminder>, DEADLINE { reminder::snooze(tasks, until) }
    /// Acknowledges what was told of these tasks, all or none.
    ack_tasks(tasks: Vec<TaskRef>) -> WithNotices<Vec<Reminder>>, DEADLINE { reminder::acknowledge(tasks) }
    /// One page of the notifications, the newest first.
    list_notifications(query: NotificationQuery) -> NotificationPage, DEADLINE { notification::list(query) }
    /// One notification.
    get_notification(notification: Id) -> Notification, DEADLINE { notification::get(notification) }
    /// Has notifications that failed delivered again, all or none.
    retry_notifications(notifications: Vec<Id>) -> Vec<Notification>, DEADLINE { notification::retry(notifications) }
    /// Sends a message to the recipient of a channel, to try it; returns it as it waits.
    test_channel(channel: Channel) -> Notification, DEADLINE { notification::test(channel) }

    /// Begins to hand over a file for a task; the one that was begun before is forgotten.
    begin_attachment(attachment: NewAttachment) -> (), DEADLINE { |server| server.begin_attachment(attachment) }
    /// Hands over the next piece of it.
    continue_attachment(piece: Chunk) -> (), DEADLINE { |server| server.continue_attachment(piece) }
    /// Attaches what was handed over.
    finish_attachment() -> Attachment, DEADLINE { |server| server.finish_attachment() }
    /// Returns the files of a task, the oldest first.
    list_attachments(task: TaskRef) -> Vec<Attachment>, DEADLINE { attachment::list(task) }
    /// Returns an attachment, without its content.
    get_attachment(attachment: Id) -> Attachment, DEADLINE { attachment::get(attachment) }
    /// Returns a piece of an attachment's content, from a place on; an empty one at its end.
    read_attachment(attachment: Id, from: u64) -> Chunk, DEADLINE { attachment::read(attachment, from) }
    /// Deletes an attachment; returns how it was.
    delete_attachment(attachment: Id) -> Attachment, DEADLINE { attachment::delete(attachment) }

    /// Registers a device; one that is known by that name already is brought up to date.
    register_device(device: NewDevice) -> Registered, DEADLINE { device::register(device) }
    /// One page of the devices, the oldest first.
    list_devices(query: DeviceQuery) -> DevicePage, DEADLINE { device::list(query) }
    /// Removes a device; returns how it was.
    delete_device(device: Id) -> Device, DEADLINE { device::delete(device, None) }

    /// All tags, by name.
    list_tags() -> Vec<Tag>, DEADLINE { tag::list() }
    /// Renames a tag on every task; where the new name exists the two become one.
    rename_tag(tag: TagName, name: TagName) -> Tag, LONG_DEADLINE { tag::rename(tag, name) }
    /// Takes a tag off every task and deletes it; returns how it was.
    delete_tag(tag: TagName) -> Tag, LONG_DEADLINE { tag::delete(tag) }

    /// All projects, by name.
    list_projects() -> Vec<Project>, DEADLINE { project::list() }
    /// Returns a project.
    get_project(project: ProjectRef) -> Project, DEADLINE { project::get(project) }
    /// Makes a project; one of that name already is a conflict.
    add_project(project: NewProject) -> Project, DEADLINE { project::add(project) }
    /// Changes a project.
    edit_project(project: ProjectRef, patch: ProjectPatch) -> Project, DEADLINE { project::edit(project, patch) }
    /// Deletes a project; its tasks stay, in no project. Returns how it was.
    delete_project(project: ProjectRef) -> Project, LONG_DEADLINE { project::delete(project) }

    /// Returns the caller's own fields, by name.
    list_fields() -> Vec<Field>, DEADLINE { field::list() }
    /// Makes an own field; one of that name already is a conflict.
    add_field(new: NewField) -> Field, DEADLINE { field::add(new) }
    /// Changes an own field.
    edit_field(name: FieldName, patch: FieldPatch) -> Field, LONG_DEADLINE { field::edit(name, patch) }
    /// Deletes an own field and the values that tasks have; returns how it was.
    delete_field(name: FieldName) -> Field, LONG_DEADLINE { field::delete(name, None) }
    /// Returns the caller's views, by name.
    list_views() -> Vec<View>, DEADLINE { view::list() }
    /// Returns a view.
    get_view(name: ViewName) -> View, DEADLINE { view::get(name) }
    /// Makes a view; one of that name already is a conflict.
    add_view(new: NewView) -> View, DEADLINE { view::add(new) }
    /// Changes a view.
    edit_view(name: ViewName, patch: ViewPatch) -> View, DEADLINE { view::edit(name, patch) }
    /// Deletes a view; returns how it was.
    delete_view(name: ViewName) -> View, DEADLINE { view::delete(name, None) }

    /// Returns the caller's templates, by name.
    list_templates() -> Vec<TaskTemplate>, DEADLINE { template::list() }
    /// Returns a template.
    get_template(name: TemplateName) -> TaskTemplate, DEADLINE { template::get(name) }
    /// Keeps a task and its subtasks as a template.
    add_template(new: NewTemplate) -> WithNotices<TaskTemplate>, DEADLINE { template::add(new) }
    /// Makes the tasks of a template, all in one change.
    apply_template(name: TemplateName, with: TemplateUse) -> WithNotices<Vec<Task>>, LONG_DEADLINE {
        template::apply(name, with)
    }
    /// Deletes a template; returns how it was.
    delete_template(name: TemplateName) -> TaskTemplate, DEADLINE { template::delete(name, None) }

    /// Returns the open tasks that are due on each day of a stretch.
    calendar(query: ReportQuery) -> Calendar, DEADLINE { report::calendar(query) }
    /// Returns how many tasks there are of which kind.
    stats(query: ReportQuery) -> Stats, DEADLINE { report::stats(query) }
    /// Returns how many tasks were open at the end of each day.
    burndown(query: ReportQuery) -> Burndown, DEADLINE { report::burndown(query) }
    /// Returns how long the caller worked on which task on which day.
    timesheet(query: ReportQuery) -> Timesheet, DEADLINE { report::timesheet(query) }

    /// Returns the members of a project, who joined first first.
    list_members(project: ProjectRef) -> Vec<Member>, DEADLINE { member::list(project) }
    /// Makes an account a member of a project.
    add_member(project: ProjectRef, member: NewMember) -> Member, DEADLINE { member::add(project, member) }
    /// Changes what a member may do.
    edit_member(project: ProjectRef, user: UserRef, role: ProjectRole) -> Member, DEADLINE {
        member::edit(project, user, role, None)
    }
    /// Takes a member out of a project; its tasks stay. Returns how it was.
    remove_member(project: ProjectRef, user: UserRef) -> WithNotices<Member>, DEADLINE {
        member::remove(project, user, None)
    }

    /// One page of the comments on a task, the oldest first.
    list_comments(query: CommentQuery) -> CommentPage, DEADLINE { comment::list(query) }
    /// Comments a task.
    add_comment(task: TaskRef, text: Text) -> Comment, DEADLINE { comment::add(task, text) }
    /// Deletes a comment; returns how it was.
    delete_comment(comment: Id) -> Comment, DEADLINE { comment::delete(comment) }

    /// Makes a job; one of that name already is a conflict.
    add_job(job: NewJob) -> WithNotices<JobDetail>, DEADLINE { job::add(job) }
    /// One page of the jobs, by name.
    list_jobs(query: JobQuery) -> JobPage, DEADLINE { job::list(query) }
    /// Returns a job with the next times it runs and its last runs.
    get_job(job: JobName) -> JobDetail, DEADLINE { job::get(job) }
    /// Changes a job. One whose schedule is changed, or that is resumed, goes on from now.
    edit_job(job: JobName, patch: JobPatch) -> WithNotices<JobDetail>, DEADLINE { job::edit(job, patch) }
    /// Deletes a job with its runs; one that runs is stopped. Returns how it was.
    delete_job(job: JobName) -> Job, DEADLINE { job::delete(job, None) }
    /// Asks for a run of a job, now. `params` hold over those of the job.
    run_job(job: JobName, params: BTreeMap<String, String>) -> Run, DEADLINE { run::request(job, params) }
    /// Stops a run: one that waits is taken back at once, one that runs is asked to end.
    cancel_run(run: RunRef) -> Run, DEADLINE { run::cancel(run) }
    /// One page of the runs, the newest first.
    list_runs(query: RunQuery) -> RunPage, DEADLINE { run::list(query) }
    /// Returns a run.
    get_run(run: RunRef) -> Run, DEADLINE { run::get(run) }
    /// All scripts that jobs may run, by name, those included that would be refused now.
    list_scripts() -> Vec<Script>, DEADLINE { script::list() }
    /// Returns what a run wrote behind the place `after`, as much as a page holds.
    run_log(run: RunRef, after: i32) -> RunLogPage, DEADLINE { run::log(run, after) }

    /// Returns the caller's own account.
    me() -> User, DEADLINE { user::me() }
    /// One page of all accounts, by name. For admins.
    list_users(query: UserQuery) -> UserPage, DEADLINE { user::list(query) }
    /// Makes an account. For admins.
    add_user(user: NewUser) -> User, DEADLINE { user::add(user) }
    /// Changes an account, the caller's own where none is named. Others are for admins.
    edit_user(user: Option<UserRef>, patch: UserPatch) -> User, DEADLINE { |server| server.edit_user(user, patch) }
    /// Sets a password; sessions of the account end.
    set_password(password: NewPassword) -> PasswordSet, DEADLINE { user::set_password(password) }
    /// Confirms the address to which a code was sent.
    confirm_address(code: String) -> User, DEADLINE { address::confirm(&code) }
    /// Sends another code to the caller's address on a channel.
    send_address_code(channel: Channel) -> (), DEADLINE { address::send_code(channel) }
    /// Returns what the caller's account takes, or, for admins, another one.
    usage(user: Option<UserRef>) -> Usage, DEADLINE { usage::get(user) }
    /// One page of what all accounts take, by name. For admins.
    list_usage(query: UserQuery) -> UsagePage, DEADLINE { usage::list(query) }
    /// Takes an account out of use. For admins.
    disable_user(user: UserRef) -> User, DEADLINE { user::disable(user) }
    /// Takes an account into use again. For admins.
    enable_user(user: UserRef) -> User, DEADLINE { user::enable(user) }
    /// Makes an API key, which is told this once.
    create_api_key(key: NewApiKey) -> CreatedApiKey, DEADLINE { api_key::create(key) }
    /// Returns the keys of an account that are not revoked, the newest first.
    list_api_keys(user: Option<UserRef>) -> Vec<ApiKey>, DEADLINE { api_key::list(user) }
    /// Revokes a key of an account.
    revoke_api_key(key: ApiKeyRef, user: Option<UserRef>) -> ApiKey, DEADLINE { api_key::revoke(key, user) }

    /// Returns the record of changes, the newest first.
    list_audit(query: AuditQuery) -> AuditPage, DEADLINE { audit::list(query) }
    /// Returns what was changed behind a place, the oldest first; without a place none, and the place to go on from.
    /// Where there is nothing yet it waits for so many seconds, 20 at most.
    list_events(after: Option<EventCursor>, limit: u32, wait_seconds: u32) -> EventPage, DEADLINE {
        event::wait(after, limit, wait_seconds)
    }
    /// Reverts a change of the caller's, all of it or nothing.
    undo(undo: Undo) -> Undone, LONG_DEADLINE { undo::undo(undo) }
    /// Does again what the caller's last undo reverted, as long as nothing else was done since.
    redo() -> Undone, LONG_DEADLINE { undo::redo() }

    /// Makes a backup on the machine of whoever answers. For admins.
    back_up(backup: NewBackup) -> Backup, WHOLE_DEADLINE { backup::create(backup) }
    /// Returns the backups in a folder there, or in the usual one, the newest first. For admins.
    list_backups(folder: Option<String>) -> Vec<BackupFile>, DEADLINE { backup::list(folder) }
    /// Restores a backup there, or the newest, into a temporary place, and says what is wrong with it. For admins.
    drill_backup(file: Option<String>, identity: Option<String>) -> Drill, WHOLE_DEADLINE {
        backup::drill(file, identity)
    }

    /// Brings back one task of a backup there, with what belongs to it. For admins.
    restore_task(file: String, identity: Option<String>, task: TaskRef) -> WithNotices<Task>, WHOLE_DEADLINE {
        backup::restore_task(file, identity, task)
    }

    /// Takes a part of an import; see [`ImportBatch`].
    import(batch: ImportBatch) -> ImportSummary, LONG_DEADLINE { |server| server.import(batch) }
    /// One page of all the caller's tasks with their comments, by number.
    export(filter: TaskFilter, cursor: Option<String>) -> ExportPage, DEADLINE { export::export(filter, cursor) }
}
