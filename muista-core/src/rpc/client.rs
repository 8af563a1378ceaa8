//! [`Client`]: the calls as methods that return [`Result`], over either transport. It sets each call's deadline.

use std::collections::BTreeMap;
use std::time::Duration;

use tarpc::client::RpcError;
use tarpc::context;

use super::MuistaClient;
use crate::error::{Error, Result};
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
use crate::time::Instant;

/// What one ordinary call may take. SQLite may have to wait 10 s for another process's lock.
const DEADLINE: Duration = Duration::from_secs(30);
/// What a call may take that works on everything at once.
const LONG_DEADLINE: Duration = Duration::from_secs(600);

/// What a call may take that reads or writes all there is.
const WHOLE_DEADLINE: Duration = Duration::from_secs(24 * 3600);

/// A connection to the service.
#[derive(Debug, Clone)]
pub struct Client {
    rpc: MuistaClient,
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $out:ty, $deadline:expr;)*) => {
        impl Client {
            $(
                $(#[$doc])*
                ///
                /// # Errors
                /// What the service says, or `Unavailable` when the connection is lost or the deadline passes.
                pub async fn $name(&self, $($arg: $type),*) -> Result<$out> {
                    self.rpc.$name(within($deadline), $($arg),*).await.map_err(|e| broken(&e))?
                }
            )*
        }
    };
}

calls! {
    /// What the server says of itself.
    status() -> ServerStatus, DEADLINE;
    /// What the service finds in order or not, as `muista doctor` lists it. Reads all of a SQLite file.
    findings() -> Vec<Finding>, LONG_DEADLINE;
    /// Has the daemon read its settings anew.
    reload_config() -> Reloaded, DEADLINE;
    /// Who the caller is.
    whoami() -> Identity, DEADLINE;
    /// Makes a task, and its project and tags where they are new.
    add_task(task: NewTask) -> WithNotices<Task>, DEADLINE;
    /// One page of the tasks that `filter` holds.
    list_tasks(filter: TaskFilter, page: Page) -> TaskPage, DEADLINE;
    /// What it costs to list the tasks that `filter` holds.
    explain_tasks(filter: TaskFilter) -> QueryCost, DEADLINE;
    /// A task with what belongs to it.
    get_task(task: TaskRef) -> TaskDetail, DEADLINE;
    /// Changes tasks alike, all or none.
    edit_tasks(tasks: Vec<TaskRef>, patch: TaskPatch) -> WithNotices<Vec<Task>>, LONG_DEADLINE;
    /// Marks tasks done, all or none.
    complete_tasks(tasks: Vec<TaskRef>) -> WithNotices<Vec<Task>>, LONG_DEADLINE;
    /// Marks tasks not done, all or none.
    reopen_tasks(tasks: Vec<TaskRef>) -> WithNotices<Vec<Task>>, LONG_DEADLINE;
    /// Returns what there is beside these tasks, for the marks of a list.
    mark_tasks(tasks: Vec<Id>) -> Vec<TaskMarks>, DEADLINE;
    /// Returns the id of the record of a kind whose short id this is.
    find_id(kind: RecordKind, short: ShortId) -> Id, DEADLINE;
    /// Begins to work on a task; what the account works on is stopped, unless it is to `keep` running.
    start_task(task: TaskRef, keep: bool) -> WithNotices<Task>, DEADLINE;
    /// Ends the work on a task, or on all that the account works on; returns the tasks.
    stop_tasks(task: Option<TaskRef>) -> WithNotices<Vec<Task>>, DEADLINE;
    /// Deletes tasks and their subtasks, all or none; returns all that was deleted.
    delete_tasks(tasks: Vec<TaskRef>) -> Vec<Task>, LONG_DEADLINE;
    /// The open tasks with the highest urgency, the highest first.
    next_tasks(query: NextQuery) -> Vec<RankedTask>, DEADLINE;
    /// Explains why a task is hidden, ranks where it does, and was late.
    explain_task(task: TaskRef) -> Explanation, DEADLINE;
    /// Makes a reminder of a task.
    add_reminder(task: TaskRef, reminder: NewReminder) -> WithNotices<Reminder>, DEADLINE;
    /// One page of the reminders, the next to fire first.
    list_reminders(query: ReminderQuery) -> ReminderPage, DEADLINE;
    /// Deletes reminders, all or none; returns how they were.
    delete_reminders(target: ReminderTarget) -> WithNotices<Vec<Reminder>>, DEADLINE;
    /// Puts the last reminder of each task off, all or none.
    snooze_tasks(tasks: Vec<TaskRef>, until: Instant) -> Vec<Reminder>, DEADLINE;
    /// Acknowledges what was told of these tasks, all or none.
    ack_tasks(tasks: Vec<TaskRef>) -> WithNotices<Vec<Reminder>>, DEADLINE;
    /// One page of the notifications, the newest first.
    list_notifications(query: NotificationQuery) -> NotificationPage, DEADLINE;
    /// One notification.
    get_notification(notification: Id) -> Notification, DEADLINE;
    /// Has notifications that failed delivered again, all or none.
    retry_notifications(notifications: Vec<Id>) -> Vec<Notification>, DEADLINE;
    /// Sends a message to the recipient of a channel, to try it; returns it as it waits.
    test_channel(channel: Channel) -> Notification, DEADLINE;
    /// Begins to hand over a file for a task; the one that was begun before is forgotten.
    begin_attachment(attachment: NewAttachment) -> (), DEADLINE;
    /// Hands over the next piece of it.
    continue_attachment(piece: Chunk) -> (), DEADLINE;
    /// Attaches what was handed over.
    finish_attachment() -> Attachment, DEADLINE;
    /// The files of a task, the oldest first.
    list_attachments(task: TaskRef) -> Vec<Attachment>, DEADLINE;
    /// An attachment, without its content.
    get_attachment(attachment: Id) -> Attachment, DEADLINE;
    /// A piece of an attachment's content, from a place on; an empty one at its end.
    read_attachment(attachment: Id, from: u64) -> Chunk, DEADLINE;
    /// Deletes an attachment; returns how it was.
    delete_attachment(attachment: Id) -> Attachment, DEADLINE;
    /// Registers a device; one that is known by that name already is brought up to date.
    register_device(device: NewDevice) -> Registered, DEADLINE;
    /// One page of the devices, the oldest first.
    list_devices(query: DeviceQuery) -> DevicePage, DEADLINE;
    /// Removes a device; returns how it was.
    delete_device(device: Id) -> Device, DEADLINE;
    /// All tags, by name.
    list_tags() -> Vec<Tag>, DEADLINE;
    /// Renames a tag on every task.
    rename_tag(tag: TagName, name: TagName) -> Tag, LONG_DEADLINE;
    /// Takes a tag off every task and deletes it.
    delete_tag(tag: TagName) -> Tag, LONG_DEADLINE;
    /// All projects, by name.
    list_projects() -> Vec<Project>, DEADLINE;
    /// A project.
    get_project(project: ProjectRef) -> Project, DEADLINE;
    /// Makes a project.
    add_project(project: NewProject) -> Project, DEADLINE;
    /// Changes a project.
    edit_project(project: ProjectRef, patch: ProjectPatch) -> Project, DEADLINE;
    /// Deletes a project; its tasks stay.
    delete_project(project: ProjectRef) -> Project, LONG_DEADLINE;
    /// The caller's own fields, by name.
    list_fields() -> Vec<Field>, DEADLINE;
    /// Makes an own field.
    add_field(field: NewField) -> Field, DEADLINE;
    /// Changes an own field.
    edit_field(field: FieldName, patch: FieldPatch) -> Field, LONG_DEADLINE;
    /// Deletes an own field and the values that tasks have; returns how it was.
    delete_field(field: FieldName) -> Field, LONG_DEADLINE;
    /// The caller's views, by name.
    list_views() -> Vec<View>, DEADLINE;
    /// A view.
    get_view(view: ViewName) -> View, DEADLINE;
    /// Makes a view.
    add_view(view: NewView) -> View, DEADLINE;
    /// Changes a view.
    edit_view(view: ViewName, patch: ViewPatch) -> View, DEADLINE;
    /// Deletes a view; returns how it was.
    delete_view(view: ViewName) -> View, DEADLINE;
    /// The caller's templates, by name.
    list_templates() -> Vec<TaskTemplate>, DEADLINE;
    /// A template.
    get_template(name: TemplateName) -> TaskTemplate, DEADLINE;
    /// Keeps a task and its subtasks as a template.
    add_template(new: NewTemplate) -> WithNotices<TaskTemplate>, DEADLINE;
    /// Makes the tasks of a template, all in one change.
    apply_template(name: TemplateName, with: TemplateUse) -> WithNotices<Vec<Task>>, LONG_DEADLINE;
    /// Deletes a template; returns how it was.
    delete_template(name: TemplateName) -> TaskTemplate, DEADLINE;
    /// The open tasks that are due on each day of a stretch.
    calendar(query: ReportQuery) -> Calendar, DEADLINE;
    /// How many tasks there are of which kind.
    stats(query: ReportQuery) -> Stats, DEADLINE;
    /// How many tasks were open at the end of each day.
    burndown(query: ReportQuery) -> Burndown, DEADLINE;
    /// How long the caller worked on which task on which day.
    timesheet(query: ReportQuery) -> Timesheet, DEADLINE;
    /// The members of a project, who joined first first.
    list_members(project: ProjectRef) -> Vec<Member>, DEADLINE;
    /// Makes an account a member of a project.
    add_member(project: ProjectRef, member: NewMember) -> Member, DEADLINE;
    /// Changes what a member may do.
    edit_member(project: ProjectRef, user: UserRef, role: ProjectRole) -> Member, DEADLINE;
    /// Takes a member out of a project; its tasks stay. Returns how it was.
    remove_member(project: ProjectRef, user: UserRef) -> WithNotices<Member>, DEADLINE;
    /// One page of the comments on a task, the oldest first.
    list_comments(query: CommentQuery) -> CommentPage, DEADLINE;
    /// Comments a task.
    add_comment(task: TaskRef, text: Text) -> Comment, DEADLINE;
    /// Deletes a comment; returns how it was.
    delete_comment(comment: Id) -> Comment, DEADLINE;
    /// Makes a job; one of that name already is a conflict.
    add_job(job: NewJob) -> WithNotices<JobDetail>, DEADLINE;
    /// One page of the jobs, by name.
    list_jobs(query: JobQuery) -> JobPage, DEADLINE;
    /// A job with the next times it runs and its last runs.
    get_job(job: JobName) -> JobDetail, DEADLINE;
    /// Changes a job. One whose schedule is changed, or that is resumed, goes on from now.
    edit_job(job: JobName, patch: JobPatch) -> WithNotices<JobDetail>, DEADLINE;
    /// Deletes a job with its runs; one that runs is stopped. Returns how it was.
    delete_job(job: JobName) -> Job, DEADLINE;
    /// Asks for a run of a job, now. `params` hold over those of the job.
    run_job(job: JobName, params: BTreeMap<String, String>) -> Run, DEADLINE;
    /// Stops a run: one that waits is taken back at once, one that runs is asked to end.
    cancel_run(run: RunRef) -> Run, DEADLINE;
    /// One page of the runs, the newest first.
    list_runs(query: RunQuery) -> RunPage, DEADLINE;
    /// A run.
    get_run(run: RunRef) -> Run, DEADLINE;
    /// All scripts that jobs may run, by name, those included that would be refused now.
    list_scripts() -> Vec<Script>, DEADLINE;
    /// What a run wrote behind the place `after`, as much as a page holds.
    run_log(run: RunRef, after: i32) -> RunLogPage, DEADLINE;
    /// The caller's own account.
    me() -> User, DEADLINE;
    /// One page of all accounts, by name. For admins.
    list_users(query: UserQuery) -> UserPage, DEADLINE;
    /// Makes an account. For admins.
    add_user(user: NewUser) -> User, DEADLINE;
    /// Changes an account, the caller's own where none is named.
    edit_user(user: Option<UserRef>, patch: UserPatch) -> User, DEADLINE;
    /// Sets a password; sessions of the account end.
    set_password(password: NewPassword) -> PasswordSet, DEADLINE;
    /// Confirms the address to which a code was sent.
    confirm_address(code: String) -> User, DEADLINE;
    /// Sends another code to the caller's address on a channel.
    send_address_code(channel: Channel) -> (), DEADLINE;
    /// What the caller's account takes, or, for admins, another one.
    usage(user: Option<UserRef>) -> Usage, DEADLINE;
    /// One page of what all accounts take, by name. For admins.
    list_usage(query: UserQuery) -> UsagePage, DEADLINE;
    /// Takes an account out of use. For admins.
    disable_user(user: UserRef) -> User, DEADLINE;
    /// Takes an account into use again. For admins.
    enable_user(user: UserRef) -> User, DEADLINE;
    /// Makes an API key, which is told this once.
    create_api_key(key: NewApiKey) -> CreatedApiKey, DEADLINE;
    /// The keys of an account that are not revoked, the newest first.
    list_api_keys(user: Option<UserRef>) -> Vec<ApiKey>, DEADLINE;
    /// Revokes a key of an account.
    revoke_api_key(key: ApiKeyRef, user: Option<UserRef>) -> ApiKey, DEADLINE;
    /// The record of changes, the newest first.
    list_audit(query: AuditQuery) -> AuditPage, DEADLINE;
    /// What was changed behind a place, the oldest first; where there is nothing yet it waits for so many seconds.
    list_events(after: Option<EventCursor>, limit: u32, wait_seconds: u32) -> EventPage, DEADLINE;
    /// Reverts a change of the caller's.
    undo(undo: Undo) -> Undone, LONG_DEADLINE;
    /// Does again what the caller's last undo reverted.
    redo() -> Undone, LONG_DEADLINE;
    /// Makes a backup on the machine of whoever answers. For admins.
    back_up(backup: NewBackup) -> Backup, WHOLE_DEADLINE;
    /// The backups in a folder there, or in the usual one, the newest first. For admins.
    list_backups(folder: Option<String>) -> Vec<BackupFile>, DEADLINE;
    /// Restores a backup there, or the newest, into a temporary place, and says what is wrong with it. For admins.
    drill_backup(file: Option<String>, identity: Option<String>) -> Drill, WHOLE_DEADLINE;
    /// Brings back one task of a backup there, with what belongs to it. For admins.
    restore_task(file: String, identity: Option<String>, task: TaskRef) -> WithNotices<Task>, WHOLE_DEADLINE;
    /// Takes a part of an import.
    import(batch: ImportBatch) -> ImportSummary, LONG_DEADLINE;
    /// One page of all the caller's tasks with their comments, by number.
    export(filter: TaskFilter, cursor: Option<String>) -> ExportPage, DEADLINE;
}

impl Client {
    pub(super) fn new(rpc: MuistaClient) -> Self {
        Self { rpc }
    }
}

fn within(time: Duration) -> context::Context {
    let mut context = context::current();
    context.deadline = std::time::Instant::now() + time;
    context
}

fn broken(error: &RpcError) -> Error {
    match error {
        RpcError::DeadlineExceeded => Error::unavailable("no answer in time; the change may or may not have been made")
            .hint("look with `muista log`, and see `muista daemon status`"),
        RpcError::Server(refusal) => {
            Error::unavailable(format!("the daemon takes no more work now: {}", refusal.detail))
                .hint("try again in a moment")
        }
        lost => Error::unavailable(format!("the connection to the daemon was lost: {lost}"))
            .hint("see `muista daemon status` and `muista daemon logs`"),
    }
}
