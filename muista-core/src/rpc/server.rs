//! [`Server`]: answers the calls of one connection, one line a call. It holds who the caller is and the import and the
//! file that are being gathered; everything else is the service's.

use std::collections::BTreeMap;
use std::sync::Arc;

use tarpc::context::Context;

use super::Muista;
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
use crate::service::{
    Caller, ImportStage, Service, UploadStage, address, api_key, attachment, audit, backup, comment, control, device,
    diagnosis, event, export, field, identity, import, job, marks, member, next, notification, project, reminder,
    report, run, script, short_id, tag, task, template, undo, usage, user, view,
};
use crate::time::Instant;

/// Answers the calls of one connection.
#[derive(Clone)]
pub struct Server {
    service: Service,
    caller: Arc<Caller>,
    import: Arc<ImportStage>,
    upload: Arc<UploadStage>,
}

impl Server {
    /// Makes a server for `caller`.
    #[must_use]
    pub fn new(service: Service, caller: Caller) -> Self {
        Self { service, caller: Arc::new(caller), import: Arc::default(), upload: Arc::default() }
    }
}

impl Server {
    /// Returns whose connection it is.
    pub(super) fn account(&self) -> Id {
        self.caller.user
    }
}

impl Muista for Server {
    async fn status(self, _: Context) -> Result<ServerStatus> {
        self.service.status_for(&self.caller).await
    }

    async fn findings(self, _: Context) -> Result<Vec<Finding>> {
        diagnosis::findings(&self.service, &self.caller).await
    }

    async fn reload_config(self, _: Context) -> Result<Reloaded> {
        control::reload(&self.service, &self.caller).await
    }

    async fn whoami(self, _: Context) -> Result<Identity> {
        identity::get(&self.service, &self.caller).await
    }

    async fn add_task(self, _: Context, task: NewTask) -> Result<WithNotices<Task>> {
        task::add(&self.service, &self.caller, task).await
    }

    async fn list_tasks(self, _: Context, filter: TaskFilter, page: Page) -> Result<TaskPage> {
        task::list(&self.service, &self.caller, filter, page).await
    }

    async fn explain_tasks(self, _: Context, filter: TaskFilter) -> Result<QueryCost> {
        task::explain(&self.service, &self.caller, filter).await
    }

    async fn get_task(self, _: Context, task: TaskRef) -> Result<TaskDetail> {
        task::get(&self.service, &self.caller, task).await
    }

    async fn edit_tasks(self, _: Context, tasks: Vec<TaskRef>, patch: TaskPatch) -> Result<WithNotices<Vec<Task>>> {
        task::edit(&self.service, &self.caller, tasks, patch).await
    }

    async fn complete_tasks(self, _: Context, tasks: Vec<TaskRef>) -> Result<WithNotices<Vec<Task>>> {
        task::complete(&self.service, &self.caller, tasks).await
    }

    async fn reopen_tasks(self, _: Context, tasks: Vec<TaskRef>) -> Result<WithNotices<Vec<Task>>> {
        task::reopen(&self.service, &self.caller, tasks).await
    }

    async fn mark_tasks(self, _: Context, tasks: Vec<Id>) -> Result<Vec<TaskMarks>> {
        marks::of_tasks(&self.service, &self.caller, tasks).await
    }

    async fn find_id(self, _: Context, kind: RecordKind, short: ShortId) -> Result<Id> {
        short_id::find(&self.service, &self.caller, kind, short).await
    }

    async fn start_task(self, _: Context, task: TaskRef, keep: bool) -> Result<WithNotices<Task>> {
        task::start(&self.service, &self.caller, task, keep).await
    }

    async fn stop_tasks(self, _: Context, task: Option<TaskRef>) -> Result<WithNotices<Vec<Task>>> {
        task::stop(&self.service, &self.caller, task).await
    }

    async fn delete_tasks(self, _: Context, tasks: Vec<TaskRef>) -> Result<Vec<Task>> {
        task::delete(&self.service, &self.caller, tasks).await
    }

    async fn next_tasks(self, _: Context, query: NextQuery) -> Result<Vec<RankedTask>> {
        next::rank(&self.service, &self.caller, query).await
    }

    async fn explain_task(self, _: Context, task: TaskRef) -> Result<Explanation> {
        next::explain(&self.service, &self.caller, task).await
    }

    async fn add_reminder(self, _: Context, task: TaskRef, reminder: NewReminder) -> Result<WithNotices<Reminder>> {
        reminder::add(&self.service, &self.caller, task, reminder).await
    }

    async fn list_reminders(self, _: Context, query: ReminderQuery) -> Result<ReminderPage> {
        reminder::list(&self.service, &self.caller, query).await
    }

    async fn delete_reminders(self, _: Context, target: ReminderTarget) -> Result<WithNotices<Vec<Reminder>>> {
        reminder::delete(&self.service, &self.caller, target).await
    }

    async fn snooze_tasks(self, _: Context, tasks: Vec<TaskRef>, until: Instant) -> Result<Vec<Reminder>> {
        reminder::snooze(&self.service, &self.caller, tasks, until).await
    }

    async fn ack_tasks(self, _: Context, tasks: Vec<TaskRef>) -> Result<WithNotices<Vec<Reminder>>> {
        reminder::acknowledge(&self.service, &self.caller, tasks).await
    }

    async fn list_notifications(self, _: Context, query: NotificationQuery) -> Result<NotificationPage> {
        notification::list(&self.service, &self.caller, query).await
    }

    async fn get_notification(self, _: Context, notification: Id) -> Result<Notification> {
        notification::get(&self.service, &self.caller, notification).await
    }

    async fn retry_notifications(self, _: Context, notifications: Vec<Id>) -> Result<Vec<Notification>> {
        notification::retry(&self.service, &self.caller, notifications).await
    }

    async fn test_channel(self, _: Context, channel: Channel) -> Result<Notification> {
        notification::test(&self.service, &self.caller, channel).await
    }

    async fn begin_attachment(self, _: Context, attachment: NewAttachment) -> Result<()> {
        self.upload.put(attachment::begin(&self.service, &self.caller, attachment).await?);
        Ok(())
    }

    async fn continue_attachment(self, _: Context, piece: Chunk) -> Result<()> {
        self.upload.put(self.upload.take()?.push(piece.0).await?);
        Ok(())
    }

    async fn finish_attachment(self, _: Context) -> Result<Attachment> {
        self.upload.take()?.finish(&self.service, &self.caller).await
    }

    async fn list_attachments(self, _: Context, task: TaskRef) -> Result<Vec<Attachment>> {
        attachment::list(&self.service, &self.caller, task).await
    }

    async fn get_attachment(self, _: Context, attachment: Id) -> Result<Attachment> {
        attachment::get(&self.service, &self.caller, attachment).await
    }

    async fn read_attachment(self, _: Context, attachment: Id, from: u64) -> Result<Chunk> {
        attachment::read(&self.service, &self.caller, attachment, from).await
    }

    async fn delete_attachment(self, _: Context, attachment: Id) -> Result<Attachment> {
        attachment::delete(&self.service, &self.caller, attachment).await
    }

    async fn register_device(self, _: Context, device: NewDevice) -> Result<Registered> {
        device::register(&self.service, &self.caller, device).await
    }

    async fn list_devices(self, _: Context, query: DeviceQuery) -> Result<DevicePage> {
        device::list(&self.service, &self.caller, query).await
    }

    async fn delete_device(self, _: Context, device: Id) -> Result<Device> {
        device::delete(&self.service, &self.caller, device, None).await
    }

    async fn list_tags(self, _: Context) -> Result<Vec<Tag>> {
        tag::list(&self.service, &self.caller).await
    }

    async fn rename_tag(self, _: Context, tag: TagName, name: TagName) -> Result<Tag> {
        tag::rename(&self.service, &self.caller, tag, name).await
    }

    async fn delete_tag(self, _: Context, tag: TagName) -> Result<Tag> {
        tag::delete(&self.service, &self.caller, tag).await
    }

    async fn list_projects(self, _: Context) -> Result<Vec<Project>> {
        project::list(&self.service, &self.caller).await
    }

    async fn get_project(self, _: Context, project: ProjectRef) -> Result<Project> {
        project::get(&self.service, &self.caller, project).await
    }

    async fn add_project(self, _: Context, project: NewProject) -> Result<Project> {
        project::add(&self.service, &self.caller, project).await
    }

    async fn edit_project(self, _: Context, project: ProjectRef, patch: ProjectPatch) -> Result<Project> {
        project::edit(&self.service, &self.caller, project, patch).await
    }

    async fn delete_project(self, _: Context, project: ProjectRef) -> Result<Project> {
        project::delete(&self.service, &self.caller, project).await
    }

    async fn list_fields(self, _: Context) -> Result<Vec<Field>> {
        field::list(&self.service, &self.caller).await
    }

    async fn add_field(self, _: Context, new: NewField) -> Result<Field> {
        field::add(&self.service, &self.caller, new).await
    }

    async fn edit_field(self, _: Context, name: FieldName, patch: FieldPatch) -> Result<Field> {
        field::edit(&self.service, &self.caller, name, patch).await
    }

    async fn delete_field(self, _: Context, name: FieldName) -> Result<Field> {
        field::delete(&self.service, &self.caller, name, None).await
    }

    async fn list_views(self, _: Context) -> Result<Vec<View>> {
        view::list(&self.service, &self.caller).await
    }

    async fn get_view(self, _: Context, name: ViewName) -> Result<View> {
        view::get(&self.service, &self.caller, name).await
    }

    async fn add_view(self, _: Context, new: NewView) -> Result<View> {
        view::add(&self.service, &self.caller, new).await
    }

    async fn edit_view(self, _: Context, name: ViewName, patch: ViewPatch) -> Result<View> {
        view::edit(&self.service, &self.caller, name, patch).await
    }

    async fn delete_view(self, _: Context, name: ViewName) -> Result<View> {
        view::delete(&self.service, &self.caller, name, None).await
    }

    async fn list_templates(self, _: Context) -> Result<Vec<TaskTemplate>> {
        template::list(&self.service, &self.caller).await
    }

    async fn get_template(self, _: Context, name: TemplateName) -> Result<TaskTemplate> {
        template::get(&self.service, &self.caller, name).await
    }

    async fn add_template(self, _: Context, new: NewTemplate) -> Result<WithNotices<TaskTemplate>> {
        template::add(&self.service, &self.caller, new).await
    }

    async fn apply_template(self, _: Context, name: TemplateName, with: TemplateUse) -> Result<WithNotices<Vec<Task>>> {
        template::apply(&self.service, &self.caller, name, with).await
    }

    async fn delete_template(self, _: Context, name: TemplateName) -> Result<TaskTemplate> {
        template::delete(&self.service, &self.caller, name, None).await
    }

    async fn calendar(self, _: Context, query: ReportQuery) -> Result<Calendar> {
        report::calendar(&self.service, &self.caller, query).await
    }

    async fn stats(self, _: Context, query: ReportQuery) -> Result<Stats> {
        report::stats(&self.service, &self.caller, query).await
    }

    async fn burndown(self, _: Context, query: ReportQuery) -> Result<Burndown> {
        report::burndown(&self.service, &self.caller, query).await
    }

    async fn timesheet(self, _: Context, query: ReportQuery) -> Result<Timesheet> {
        report::timesheet(&self.service, &self.caller, query).await
    }

    async fn list_members(self, _: Context, project: ProjectRef) -> Result<Vec<Member>> {
        member::list(&self.service, &self.caller, project).await
    }

    async fn add_member(self, _: Context, project: ProjectRef, member: NewMember) -> Result<Member> {
        member::add(&self.service, &self.caller, project, member).await
    }

    async fn edit_member(self, _: Context, project: ProjectRef, user: UserRef, role: ProjectRole) -> Result<Member> {
        member::edit(&self.service, &self.caller, project, user, role, None).await
    }

    async fn remove_member(self, _: Context, project: ProjectRef, user: UserRef) -> Result<WithNotices<Member>> {
        member::remove(&self.service, &self.caller, project, user, None).await
    }

    async fn list_comments(self, _: Context, query: CommentQuery) -> Result<CommentPage> {
        comment::list(&self.service, &self.caller, query).await
    }

    async fn add_comment(self, _: Context, task: TaskRef, text: Text) -> Result<Comment> {
        comment::add(&self.service, &self.caller, task, text).await
    }

    async fn delete_comment(self, _: Context, comment: Id) -> Result<Comment> {
        comment::delete(&self.service, &self.caller, comment).await
    }

    async fn add_job(self, _: Context, job: NewJob) -> Result<WithNotices<JobDetail>> {
        job::add(&self.service, &self.caller, job).await
    }

    async fn list_jobs(self, _: Context, query: JobQuery) -> Result<JobPage> {
        job::list(&self.service, &self.caller, query).await
    }

    async fn get_job(self, _: Context, job: JobName) -> Result<JobDetail> {
        job::get(&self.service, &self.caller, job).await
    }

    async fn edit_job(self, _: Context, job: JobName, patch: JobPatch) -> Result<WithNotices<JobDetail>> {
        job::edit(&self.service, &self.caller, job, patch).await
    }

    async fn delete_job(self, _: Context, job: JobName) -> Result<Job> {
        job::delete(&self.service, &self.caller, job, None).await
    }

    async fn run_job(self, _: Context, job: JobName, params: BTreeMap<String, String>) -> Result<Run> {
        run::request(&self.service, &self.caller, job, params).await
    }

    async fn cancel_run(self, _: Context, run: RunRef) -> Result<Run> {
        run::cancel(&self.service, &self.caller, run).await
    }

    async fn list_runs(self, _: Context, query: RunQuery) -> Result<RunPage> {
        run::list(&self.service, &self.caller, query).await
    }

    async fn get_run(self, _: Context, run: RunRef) -> Result<Run> {
        run::get(&self.service, &self.caller, run).await
    }

    async fn list_scripts(self, _: Context) -> Result<Vec<Script>> {
        script::list(&self.service, &self.caller).await
    }

    async fn run_log(self, _: Context, run: RunRef, after: i32) -> Result<RunLogPage> {
        run::log(&self.service, &self.caller, run, after).await
    }

    async fn me(self, _: Context) -> Result<User> {
        user::me(&self.service, &self.caller).await
    }

    async fn list_users(self, _: Context, query: UserQuery) -> Result<UserPage> {
        user::list(&self.service, &self.caller, query).await
    }

    async fn add_user(self, _: Context, user: NewUser) -> Result<User> {
        user::add(&self.service, &self.caller, user).await
    }

    async fn edit_user(self, _: Context, user: Option<UserRef>, patch: UserPatch) -> Result<User> {
        match user {
            Some(user) => user::edit(&self.service, &self.caller, user, patch).await,
            None => user::edit_me(&self.service, &self.caller, patch).await,
        }
    }

    async fn set_password(self, _: Context, password: NewPassword) -> Result<PasswordSet> {
        user::set_password(&self.service, &self.caller, password).await
    }

    async fn confirm_address(self, _: Context, code: String) -> Result<User> {
        address::confirm(&self.service, &self.caller, &code).await
    }

    async fn send_address_code(self, _: Context, channel: Channel) -> Result<()> {
        address::send_code(&self.service, &self.caller, channel).await
    }

    async fn usage(self, _: Context, user: Option<UserRef>) -> Result<Usage> {
        usage::get(&self.service, &self.caller, user).await
    }

    async fn list_usage(self, _: Context, query: UserQuery) -> Result<UsagePage> {
        usage::list(&self.service, &self.caller, query).await
    }

    async fn disable_user(self, _: Context, user: UserRef) -> Result<User> {
        user::disable(&self.service, &self.caller, user).await
    }

    async fn enable_user(self, _: Context, user: UserRef) -> Result<User> {
        user::enable(&self.service, &self.caller, user).await
    }

    async fn create_api_key(self, _: Context, key: NewApiKey) -> Result<CreatedApiKey> {
        api_key::create(&self.service, &self.caller, key).await
    }

    async fn list_api_keys(self, _: Context, user: Option<UserRef>) -> Result<Vec<ApiKey>> {
        api_key::list(&self.service, &self.caller, user).await
    }

    async fn revoke_api_key(self, _: Context, key: ApiKeyRef, user: Option<UserRef>) -> Result<ApiKey> {
        api_key::revoke(&self.service, &self.caller, key, user).await
    }

    async fn list_audit(self, _: Context, query: AuditQuery) -> Result<AuditPage> {
        audit::list(&self.service, &self.caller, query).await
    }

    async fn list_events(
        self,
        _: Context,
        after: Option<EventCursor>,
        limit: u32,
        wait_seconds: u32,
    ) -> Result<EventPage> {
        event::wait(&self.service, &self.caller, after, limit, wait_seconds).await
    }

    async fn undo(self, _: Context, undo: Undo) -> Result<Undone> {
        undo::undo(&self.service, &self.caller, undo).await
    }

    async fn redo(self, _: Context) -> Result<Undone> {
        undo::redo(&self.service, &self.caller).await
    }

    async fn back_up(self, _: Context, backup: NewBackup) -> Result<Backup> {
        backup::create(&self.service, &self.caller, backup).await
    }

    async fn list_backups(self, _: Context, folder: Option<String>) -> Result<Vec<BackupFile>> {
        backup::list(&self.service, &self.caller, folder).await
    }

    async fn drill_backup(self, _: Context, file: Option<String>, identity: Option<String>) -> Result<Drill> {
        backup::drill(&self.service, &self.caller, file, identity).await
    }

    async fn restore_task(
        self,
        _: Context,
        file: String,
        identity: Option<String>,
        task: TaskRef,
    ) -> Result<WithNotices<Task>> {
        backup::restore_task(&self.service, &self.caller, file, identity, task).await
    }

    async fn import(self, _: Context, batch: ImportBatch) -> Result<ImportSummary> {
        import::import(&self.service, &self.caller, &self.import, batch).await
    }

    async fn export(self, _: Context, filter: TaskFilter, cursor: Option<String>) -> Result<ExportPage> {
        export::export(&self.service, &self.caller, filter, cursor).await
    }
}
