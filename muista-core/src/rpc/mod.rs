//! The tarpc service: the calls ([`Muista`]), the server that answers them, the preamble that opens a connection, and
//! the transports: a Unix socket, TCP with TLS, and a channel within the process. Business rules live in `service`.

mod client;
mod dial;
mod hello;
mod remote;
mod server;
mod transport;

pub use client::Client;
pub use dial::{ALPN, dial_remote, keep_alive};
pub use hello::{Hello, PROTOCOL, Proof, Welcome};
pub use remote::serve_remote;
pub use server::Server;
pub use transport::{Dialled, dial_unix, in_process, in_process_as, serve_unix};

use std::collections::BTreeMap;

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
use crate::time::Instant;

/// Every call, whoever answers it. The caller's account, zone and way in belong to the connection, not to a call.
#[tarpc::service]
pub trait Muista {
    /// Returns what the server says of itself.
    async fn status() -> Result<ServerStatus>;
    /// Returns what the service finds in order or not, as `muista doctor` lists it. Reads all of a SQLite file.
    async fn findings() -> Result<Vec<Finding>>;
    /// Has the daemon read its settings anew.
    async fn reload_config() -> Result<Reloaded>;
    /// Returns who the caller is.
    async fn whoami() -> Result<Identity>;

    /// Makes a task, and its project and tags where they are new.
    async fn add_task(task: NewTask) -> Result<WithNotices<Task>>;
    /// One page of the tasks that `filter` holds.
    async fn list_tasks(filter: TaskFilter, page: Page) -> Result<TaskPage>;
    /// Says what it costs to list the tasks that `filter` holds.
    async fn explain_tasks(filter: TaskFilter) -> Result<QueryCost>;
    /// Returns a task with what belongs to it.
    async fn get_task(task: TaskRef) -> Result<TaskDetail>;
    /// Changes tasks alike, all or none; returns them as they are then, in the order given.
    async fn edit_tasks(tasks: Vec<TaskRef>, patch: TaskPatch) -> Result<WithNotices<Vec<Task>>>;
    /// Marks tasks done, all or none; one that is done already stays as it is.
    async fn complete_tasks(tasks: Vec<TaskRef>) -> Result<WithNotices<Vec<Task>>>;
    /// Marks tasks not done, all or none; one that is open already stays as it is.
    async fn reopen_tasks(tasks: Vec<TaskRef>) -> Result<WithNotices<Vec<Task>>>;
    /// Begins to work on a task; what the account works on is stopped, unless it is to `keep` running.
    async fn start_task(task: TaskRef, keep: bool) -> Result<WithNotices<Task>>;
    /// Ends the work on a task, or on all that the account works on; returns the tasks.
    async fn stop_tasks(task: Option<TaskRef>) -> Result<WithNotices<Vec<Task>>>;
    /// Deletes tasks and their subtasks, all or none; returns all that was deleted.
    async fn delete_tasks(tasks: Vec<TaskRef>) -> Result<Vec<Task>>;
    /// Returns the open tasks with the highest urgency, the highest first.
    async fn next_tasks(query: NextQuery) -> Result<Vec<RankedTask>>;

    /// Returns what there is beside these tasks, for the marks of a list.
    async fn mark_tasks(tasks: Vec<Id>) -> Result<Vec<TaskMarks>>;
    /// Returns the id of the record of a kind whose short id this is.
    async fn find_id(kind: RecordKind, short: ShortId) -> Result<Id>;
    /// Explains why a task is hidden, ranks where it does, and was late.
    async fn explain_task(task: TaskRef) -> Result<Explanation>;
    /// Makes a reminder of a task.
    async fn add_reminder(task: TaskRef, reminder: NewReminder) -> Result<WithNotices<Reminder>>;
    /// One page of the reminders, the next to fire first.
    async fn list_reminders(query: ReminderQuery) -> Result<ReminderPage>;
    /// Deletes reminders, all or none; returns how they were.
    async fn delete_reminders(target: ReminderTarget) -> Result<WithNotices<Vec<Reminder>>>;
    /// Puts the last reminder of each task off, all or none.
    async fn snooze_tasks(tasks: Vec<TaskRef>, until: Instant) -> Result<Vec<Reminder>>;
    /// Acknowledges what was told of these tasks, all or none.
    async fn ack_tasks(tasks: Vec<TaskRef>) -> Result<WithNotices<Vec<Reminder>>>;
    /// One page of the notifications, the newest first.
    async fn list_notifications(query: NotificationQuery) -> Result<NotificationPage>;
    /// One notification.
    async fn get_notification(notification: Id) -> Result<Notification>;
    /// Has notifications that failed delivered again, all or none.
    async fn retry_notifications(notifications: Vec<Id>) -> Result<Vec<Notification>>;
    /// Sends a message to the recipient of a channel, to try it; returns it as it waits.
    async fn test_channel(channel: Channel) -> Result<Notification>;

    /// Begins to hand over a file for a task; the one that was begun before is forgotten.
    async fn begin_attachment(attachment: NewAttachment) -> Result<()>;
    /// Hands over the next piece of it.
    async fn continue_attachment(piece: Chunk) -> Result<()>;
    /// Attaches what was handed over.
    async fn finish_attachment() -> Result<Attachment>;
    /// Returns the files of a task, the oldest first.
    async fn list_attachments(task: TaskRef) -> Result<Vec<Attachment>>;
    /// Returns an attachment, without its content.
    async fn get_attachment(attachment: Id) -> Result<Attachment>;
    /// Returns a piece of an attachment's content, from a place on; an empty one at its end.
    async fn read_attachment(attachment: Id, from: u64) -> Result<Chunk>;
    /// Deletes an attachment; returns how it was.
    async fn delete_attachment(attachment: Id) -> Result<Attachment>;

    /// Registers a device; one that is known by that name already is brought up to date.
    async fn register_device(device: NewDevice) -> Result<Registered>;
    /// One page of the devices, the oldest first.
    async fn list_devices(query: DeviceQuery) -> Result<DevicePage>;
    /// Removes a device; returns how it was.
    async fn delete_device(device: Id) -> Result<Device>;

    /// All tags, by name.
    async fn list_tags() -> Result<Vec<Tag>>;
    /// Renames a tag on every task; where the new name exists the two become one.
    async fn rename_tag(tag: TagName, name: TagName) -> Result<Tag>;
    /// Takes a tag off every task and deletes it; returns how it was.
    async fn delete_tag(tag: TagName) -> Result<Tag>;

    /// All projects, by name.
    async fn list_projects() -> Result<Vec<Project>>;
    /// Returns a project.
    async fn get_project(project: ProjectRef) -> Result<Project>;
    /// Makes a project; one of that name already is a conflict.
    async fn add_project(project: NewProject) -> Result<Project>;
    /// Changes a project.
    async fn edit_project(project: ProjectRef, patch: ProjectPatch) -> Result<Project>;
    /// Deletes a project; its tasks stay, in no project. Returns how it was.
    async fn delete_project(project: ProjectRef) -> Result<Project>;

    /// Returns the caller's own fields, by name.
    async fn list_fields() -> Result<Vec<Field>>;
    /// Makes an own field; one of that name already is a conflict.
    async fn add_field(new: NewField) -> Result<Field>;
    /// Changes an own field.
    async fn edit_field(name: FieldName, patch: FieldPatch) -> Result<Field>;
    /// Deletes an own field and the values that tasks have; returns how it was.
    async fn delete_field(name: FieldName) -> Result<Field>;
    /// Returns the caller's views, by name.
    async fn list_views() -> Result<Vec<View>>;
    /// Returns a view.
    async fn get_view(name: ViewName) -> Result<View>;
    /// Makes a view; one of that name already is a conflict.
    async fn add_view(new: NewView) -> Result<View>;
    /// Changes a view.
    async fn edit_view(name: ViewName, patch: ViewPatch) -> Result<View>;
    /// Deletes a view; returns how it was.
    async fn delete_view(name: ViewName) -> Result<View>;

    /// Returns the caller's templates, by name.
    async fn list_templates() -> Result<Vec<TaskTemplate>>;
    /// Returns a template.
    async fn get_template(name: TemplateName) -> Result<TaskTemplate>;
    /// Keeps a task and its subtasks as a template.
    async fn add_template(new: NewTemplate) -> Result<WithNotices<TaskTemplate>>;
    /// Makes the tasks of a template, all in one change.
    async fn apply_template(name: TemplateName, with: TemplateUse) -> Result<WithNotices<Vec<Task>>>;
    /// Deletes a template; returns how it was.
    async fn delete_template(name: TemplateName) -> Result<TaskTemplate>;

    /// Returns the open tasks that are due on each day of a stretch.
    async fn calendar(query: ReportQuery) -> Result<Calendar>;
    /// Returns how many tasks there are of which kind.
    async fn stats(query: ReportQuery) -> Result<Stats>;
    /// Returns how many tasks were open at the end of each day.
    async fn burndown(query: ReportQuery) -> Result<Burndown>;
    /// Returns how long the caller worked on which task on which day.
    async fn timesheet(query: ReportQuery) -> Result<Timesheet>;

    /// Returns the members of a project, who joined first first.
    async fn list_members(project: ProjectRef) -> Result<Vec<Member>>;
    /// Makes an account a member of a project.
    async fn add_member(project: ProjectRef, member: NewMember) -> Result<Member>;
    /// Changes what a member may do.
    async fn edit_member(project: ProjectRef, user: UserRef, role: ProjectRole) -> Result<Member>;
    /// Takes a member out of a project; its tasks stay. Returns how it was.
    async fn remove_member(project: ProjectRef, user: UserRef) -> Result<WithNotices<Member>>;

    /// One page of the comments on a task, the oldest first.
    async fn list_comments(query: CommentQuery) -> Result<CommentPage>;
    /// Comments a task.
    async fn add_comment(task: TaskRef, text: Text) -> Result<Comment>;
    /// Deletes a comment; returns how it was.
    async fn delete_comment(comment: Id) -> Result<Comment>;

    /// Makes a job; one of that name already is a conflict.
    async fn add_job(job: NewJob) -> Result<WithNotices<JobDetail>>;
    /// One page of the jobs, by name.
    async fn list_jobs(query: JobQuery) -> Result<JobPage>;
    /// Returns a job with the next times it runs and its last runs.
    async fn get_job(job: JobName) -> Result<JobDetail>;
    /// Changes a job. One whose schedule is changed, or that is resumed, goes on from now.
    async fn edit_job(job: JobName, patch: JobPatch) -> Result<WithNotices<JobDetail>>;
    /// Deletes a job with its runs; one that runs is stopped. Returns how it was.
    async fn delete_job(job: JobName) -> Result<Job>;
    /// Asks for a run of a job, now. `params` hold over those of the job.
    async fn run_job(job: JobName, params: BTreeMap<String, String>) -> Result<Run>;
    /// Stops a run: one that waits is taken back at once, one that runs is asked to end.
    async fn cancel_run(run: RunRef) -> Result<Run>;
    /// One page of the runs, the newest first.
    async fn list_runs(query: RunQuery) -> Result<RunPage>;
    /// Returns a run.
    async fn get_run(run: RunRef) -> Result<Run>;
    /// All scripts that jobs may run, by name, those included that would be refused now.
    async fn list_scripts() -> Result<Vec<Script>>;
    /// Returns what a run wrote behind the place `after`, as much as a page holds.
    async fn run_log(run: RunRef, after: i32) -> Result<RunLogPage>;

    /// Returns the caller's own account.
    async fn me() -> Result<User>;
    /// One page of all accounts, by name. For admins.
    async fn list_users(query: UserQuery) -> Result<UserPage>;
    /// Makes an account. For admins.
    async fn add_user(user: NewUser) -> Result<User>;
    /// Changes an account, the caller's own where none is named. Others are for admins.
    async fn edit_user(user: Option<UserRef>, patch: UserPatch) -> Result<User>;
    /// Sets a password; sessions of the account end.
    async fn set_password(password: NewPassword) -> Result<PasswordSet>;
    /// Confirms the address to which a code was sent.
    async fn confirm_address(code: String) -> Result<User>;
    /// Sends another code to the caller's address on a channel.
    async fn send_address_code(channel: Channel) -> Result<()>;
    /// Returns what the caller's account takes, or, for admins, another one.
    async fn usage(user: Option<UserRef>) -> Result<Usage>;
    /// One page of what all accounts take, by name. For admins.
    async fn list_usage(query: UserQuery) -> Result<UsagePage>;
    /// Takes an account out of use. For admins.
    async fn disable_user(user: UserRef) -> Result<User>;
    /// Takes an account into use again. For admins.
    async fn enable_user(user: UserRef) -> Result<User>;
    /// Makes an API key, which is told this once.
    async fn create_api_key(key: NewApiKey) -> Result<CreatedApiKey>;
    /// Returns the keys of an account that are not revoked, the newest first.
    async fn list_api_keys(user: Option<UserRef>) -> Result<Vec<ApiKey>>;
    /// Revokes a key of an account.
    async fn revoke_api_key(key: ApiKeyRef, user: Option<UserRef>) -> Result<ApiKey>;

    /// Returns the record of changes, the newest first.
    async fn list_audit(query: AuditQuery) -> Result<AuditPage>;
    /// Returns what was changed behind a place, the oldest first; without a place none, and the place to go on from.
    /// Where there is nothing yet it waits for so many seconds, 20 at most.
    async fn list_events(after: Option<EventCursor>, limit: u32, wait_seconds: u32) -> Result<EventPage>;
    /// Reverts a change of the caller's, all of it or nothing.
    async fn undo(undo: Undo) -> Result<Undone>;
    /// Does again what the caller's last undo reverted, as long as nothing else was done since.
    async fn redo() -> Result<Undone>;

    /// Makes a backup on the machine of whoever answers. For admins.
    async fn back_up(backup: NewBackup) -> Result<Backup>;
    /// Returns the backups in a folder there, or in the usual one, the newest first. For admins.
    async fn list_backups(folder: Option<String>) -> Result<Vec<BackupFile>>;
    /// Restores a backup there, or the newest, into a temporary place, and says what is wrong with it. For admins.
    async fn drill_backup(file: Option<String>, identity: Option<String>) -> Result<Drill>;

    /// Brings back one task of a backup there, with what belongs to it. For admins.
    async fn restore_task(file: String, identity: Option<String>, task: TaskRef) -> Result<WithNotices<Task>>;

    /// Takes a part of an import; see [`ImportBatch`].
    async fn import(batch: ImportBatch) -> Result<ImportSummary>;
    /// One page of all the caller's tasks with their comments, by number.
    async fn export(filter: TaskFilter, cursor: Option<String>) -> Result<ExportPage>;
}
