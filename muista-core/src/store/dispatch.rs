//! Every query in one line, and the choice between its two copies. What a query does stands in `queries`, under the same
//! name.

use super::{Conn, error, list, postgres, rows, sqlite};
use crate::error::Result;

/// One line a query: the noun's module gets a function that runs the query on whichever database the connection is of.
macro_rules! queries {
    ($($noun:ident { $(fn $name:ident($($arg:ident: $type:ty),*) -> $out:ty;)* })*) => {
        $(
            pub(crate) mod $noun {
                #[allow(unused_imports, reason = "not every noun's queries take one of these types")]
                use super::query_types::*;

                $(
                    pub(crate) fn $name(conn: &mut super::Conn, $($arg: $type),*) -> super::Result<$out> {
                        match conn {
                            super::Conn::Postgres(conn) => super::postgres::queries::$noun::$name(conn, $($arg),*),
                            super::Conn::Sqlite(conn) => super::sqlite::queries::$noun::$name(conn, $($arg),*),
                        }
                        .map_err(super::error::of_query)
                    }
                )*
            }
        )*
    };
}

mod query_types {
    pub(crate) use super::list::{AuditFilter, AuditOf, Keyset, Lead, ListFilter, ReadAt, VisibleScope};
    pub(crate) use super::rows::{
        AccountRow, ApiKeyRow, AttachmentRow, AuditOutline, AuditRow, BackupDutyRow, CommentRow, ConfirmationRow,
        DeviceRow, FailuresRow, FieldRow, FieldValueRow, FiredMessageRow, FiredTaskRow, FoundTask, IdempotencyRow,
        JobRow, MemberRow, MovedCursor, NamedValueRow, NewAuditRow, NewNotificationRow, NewRunRow, NotificationRow,
        OccurrenceRow, OpenRunRow, Pick, ProjectRow, RankRow, RecordedRow, RefreshTokenRow, ReminderRow, Renewed,
        RunEndRow, RunJobRow, RunLogRow, RunRow, SeriesRow, SigningKeyRow, TagRow, TaskRow, TemplateRow, TimeEntryRow,
        UserRow, ViewRow, WaitingRow,
    };
    pub(crate) use crate::model::{EventCursor, Id, IdPrefix, ProjectRole, ShortId, Weight};
    pub(crate) use crate::time::Instant;
    pub(crate) use jiff::civil::Date;
}

queries! {
    agent_daily_count {
        fn add(user: Id, day: Date, tasks: i32) -> i32;
        fn take_back(user: Id, day: Date) -> usize;
        fn delete_old(day: Date) -> usize;
    }
    idempotency {
        fn claim(scope: Id, key_hash: &[u8], now: Instant) -> Option<IdempotencyRow>;
        fn keep(row: &IdempotencyRow) -> usize;
        fn delete_expired(now: Instant, limit: i64) -> usize;
    }
    clock {
        fn now() -> Option<Instant>;
    }
    backup_duty {
        fn list() -> Vec<BackupDutyRow>;
        fn find(kind: &str) -> Option<BackupDutyRow>;
        fn insert(row: &BackupDutyRow) -> usize;
        fn update(row: &BackupDutyRow) -> usize;
        fn claim(kind: &str, now: Instant, lease_now: Instant, until: Instant) -> usize;
        fn renew(kind: &str, until: Instant) -> usize;
    }
    restore {
        fn epoch() -> i64;
    }
    keys {
        fn renew() -> Renewed;
        fn count_tags() -> usize;
    }
    signal {
        fn notify(payload: &str) -> ();
    }
    health {
        fn ping() -> i32;
        fn probe() -> usize;
        fn zones() -> Vec<String>;
        fn jobs_in_zone(zone: &str) -> Vec<String>;
        fn reminders_in_zone(zone: &str) -> Vec<i64>;
        fn recurring_in_zone(zone: &str) -> Vec<i64>;
        fn damage() -> Vec<String>;
        fn waiting_messages() -> i64;
        fn waiting_runs() -> i64;
    }
    task {
        fn reserve_numbers(count: usize) -> Vec<i64>;
        fn insert_new(row: &TaskRow) -> i64;
        fn insert(rows: &[TaskRow]) -> usize;
        fn update(row: &TaskRow) -> usize;
        fn delete(ids: &[Id]) -> usize;
        fn by_ids(ids: &[Id]) -> Vec<FoundTask>;
        fn lock(ids: &[Id]) -> Vec<Id>;
        fn ids_of_numbers(numbers: &[i64]) -> Vec<(i64, Id)>;
        fn ids_of_prefix(scope: &VisibleScope, prefix: &IdPrefix, most: usize) -> Vec<Id>;
        fn places(ids: &[Id]) -> Vec<(Id, Id, Option<Id>)>;
        fn parents(ids: &[Id]) -> Vec<(Id, Option<Id>)>;
        fn children(parents: &[Id]) -> Vec<(Id, Id, Option<Id>)>;
        fn list(filter: &ListFilter, keyset: &Keyset) -> Vec<FoundTask>;
        fn lead(filter: &ListFilter) -> Lead;
        fn plan(filter: &ListFilter, keyset: &Keyset) -> String;
        fn count(filter: &ListFilter, most: Option<i64>) -> i64;
        fn rank(filter: &ListFilter, after: i64, limit: i64) -> Vec<RankRow>;
        fn open_among(ids: &[Id]) -> Vec<Id>;
        fn in_project(project: Id) -> Vec<Id>;
        fn owned_in(owner: Id, project: Id) -> i64;
    }
    ranking {
        fn by_due(owner: Id, now: ReadAt, weight: i16, after: (Instant, i64), limit: i64) -> Vec<RankRow>;
        fn by_age(owner: Id, now: ReadAt, after: (Instant, i64), limit: i64) -> Vec<RankRow>;
        fn among(owner: Id, now: ReadAt, ids: &[Id]) -> Vec<RankRow>;
    }
    marks {
        fn blocked(tasks: &[Id]) -> Vec<Id>;
        fn with_parts(tasks: &[Id]) -> Vec<Id>;
        fn with_reminders(tasks: &[Id]) -> Vec<Id>;
        fn with_comments(tasks: &[Id]) -> Vec<Id>;
        fn with_attachments(tasks: &[Id]) -> Vec<Id>;
    }
    short_id {
        fn reminders(short: &ShortId) -> Vec<(Id, Id)>;
        fn comments(short: &ShortId) -> Vec<(Id, Id)>;
        fn attachments(short: &ShortId) -> Vec<(Id, Id)>;
        fn notifications(user: Id, short: &ShortId) -> Vec<Id>;
        fn runs(owner: Option<Id>, short: &ShortId) -> Vec<Id>;
        fn devices(user: Id, short: &ShortId) -> Vec<Id>;
        fn changes(user: Id, short: &ShortId) -> Vec<Id>;
    }
    time_entry {
        fn of_tasks(tasks: &[Id]) -> Vec<TimeEntryRow>;
        fn running(user: Id) -> Vec<TimeEntryRow>;
        fn between(user: Id, from: Instant, until: Instant, limit: i64) -> Vec<TimeEntryRow>;
        fn by_id(id: Id) -> Option<TimeEntryRow>;
        fn insert(row: &TimeEntryRow) -> usize;
        fn update(row: &TimeEntryRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    tag {
        fn list(owner: Id) -> Vec<(TagRow, i64, i64)>;
        fn find(owner: Id, keys: &[String]) -> Vec<TagRow>;
        fn insert(rows: &[TagRow]) -> usize;
        fn rename(id: Id, name: &str, key: &str) -> usize;
        fn delete(id: Id) -> usize;
        fn tasks(id: Id) -> Vec<Id>;
        fn of_tasks(tasks: &[Id]) -> Vec<(Id, String)>;
        fn attach(pairs: &[(Id, Id)]) -> usize;
        fn detach_all(tasks: &[Id]) -> usize;
    }
    dependency {
        fn of_tasks(tasks: &[Id]) -> Vec<(Id, Id)>;
        fn of_open(scope: &VisibleScope) -> Vec<(Id, Id)>;
        fn dependents(tasks: &[Id]) -> Vec<Id>;
        fn insert(pairs: &[(Id, Id)]) -> usize;
        fn delete_all(tasks: &[Id]) -> usize;
    }
    project {
        fn list(scope: &VisibleScope) -> Vec<(ProjectRow, i64, i64)>;
        fn counts(id: Id) -> (i64, i64);
        fn shared(user: Id, key: &str) -> Vec<ProjectRow>;
        fn below(scope: &VisibleScope, key: &str) -> Vec<ProjectRow>;
        fn find(owner: Id, keys: &[String]) -> Vec<ProjectRow>;
        fn by_id(id: Id) -> Option<ProjectRow>;
        fn lock(id: Id) -> Option<Id>;
        fn insert(rows: &[ProjectRow]) -> usize;
        fn update(row: &ProjectRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    member {
        fn of_user(user: Id) -> Vec<(Id, String)>;
        fn of_project(project: Id) -> Vec<(MemberRow, String, Option<String>)>;
        fn lock(project: Id, user: Id) -> Option<MemberRow>;
        fn insert(row: &MemberRow) -> usize;
        fn set_role(id: Id, role: ProjectRole, now: Instant) -> usize;
        fn delete(id: Id) -> usize;
    }
    comment {
        fn of_tasks(tasks: &[Id]) -> Vec<CommentRow>;
        fn sizes(tasks: &[Id]) -> Vec<(Id, i64)>;
        fn page(task: Id, after: Option<(Instant, Id)>, limit: i64) -> Vec<CommentRow>;
        fn by_id(id: Id) -> Option<CommentRow>;
        fn insert(rows: &[CommentRow]) -> usize;
        fn delete(id: Id) -> usize;
    }
    attachment {
        fn of_tasks(tasks: &[Id]) -> Vec<AttachmentRow>;
        fn by_id(id: Id) -> Option<AttachmentRow>;
        fn existing(ids: &[Id]) -> Vec<Id>;
        fn insert(row: &AttachmentRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    device {
        fn list(user: Id, after: Option<(Instant, Id)>, limit: i64) -> Vec<DeviceRow>;
        fn by_id(user: Id, id: Id) -> Option<DeviceRow>;
        fn lock(user: Id, id: Id) -> Option<DeviceRow>;
        fn lock_named(user: Id, device_id: &str) -> Option<DeviceRow>;
        fn insert(row: &DeviceRow) -> usize;
        fn update(row: &DeviceRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    reminder {
        fn insert(rows: &[ReminderRow]) -> usize;
        fn update(row: &ReminderRow) -> usize;
        fn delete(ids: &[Id]) -> usize;
        fn add_channels(pairs: &[(Id, &'static str)]) -> usize;
        fn channels(ids: &[Id]) -> Vec<(Id, String)>;
        fn of_tasks(tasks: &[Id]) -> Vec<ReminderRow>;
        fn lock_of_tasks(tasks: &[Id]) -> Vec<ReminderRow>;
        fn lock(ids: &[Id]) -> Vec<Id>;
        fn by_ids(ids: &[Id]) -> Vec<(ReminderRow, i64, String)>;
        fn active(scope: &VisibleScope, task: Option<Id>, after: Option<(Instant, Id)>, limit: i64) -> Vec<(ReminderRow, i64, String)>;
        fn inactive(scope: &VisibleScope, task: Option<Id>, after: Option<Id>, limit: i64) -> Vec<(ReminderRow, i64, String)>;
    }
    notification {
        fn insert(rows: &[NewNotificationRow]) -> usize;
        fn list(
            user: Id,
            narrowed: (Option<&str>, Option<&str>),
            task: Option<Id>,
            after: Option<(Instant, Id)>,
            limit: i64
        ) -> Vec<NotificationRow>;
        fn lock(user: Id, ids: &[Id]) -> Vec<NotificationRow>;
        fn by_id(user: Id, id: Id) -> Option<NotificationRow>;
        fn count_since(users: &[Id], since: Instant) -> Vec<(Id, i64)>;
        fn count_going(users: &[Id], made_since: Instant, since: Instant) -> Vec<(Id, i64)>;
        fn retry(id: Id, recipient: &str, now: Instant) -> usize;
        fn delete_pending(reminders: &[Id]) -> usize;
        fn detach(reminders: &[Id]) -> usize;
        fn rejoin(reminders: &[Id]) -> Vec<Id>;
    }
    run_queue {
        fn first(pick: &Pick) -> Option<(Id, Id, Instant)>;
        fn taken(worker: Option<&str>) -> Vec<(Id, Id)>;
        fn running(job: Id) -> i64;
        fn take(run: Id, worker: &str, now: Instant, until: Instant) -> Option<RunRow>;
        fn held(run: Id, lease: i64) -> Option<RunRow>;
        fn lock_held(run: Id, lease: i64) -> Option<RunRow>;
        fn renew(run: Id, lease: i64, until: Instant) -> usize;
        fn give_back(run: Id, lease: i64, available: Instant, rescues: i16) -> usize;
        fn end(run: Id, lease: i64, end: &RunEndRow) -> usize;
        fn set_error(run: Id, why: Option<&str>) -> usize;
        fn expired(now: Instant, limit: i64) -> Vec<(Id, i64)>;
        fn job_began(job: Id, now: Instant) -> usize;
        fn job_stands(job: Id, status: &str) -> usize;
        fn last_seq(run: Id) -> i32;
        fn append(rows: &[RunLogRow]) -> usize;
        fn last_errors(run: Id, limit: i64) -> Vec<Vec<u8>>;
        fn open_titled(owner: Id, title: &str) -> i64;
    }
    job {
        fn of_task(owner: Id, task: Id) -> Vec<Id>;
        fn list(owner: Id, after: Option<&str>, limit: i64) -> Vec<JobRow>;
        fn find(owner: Id, key: &str) -> Option<JobRow>;
        fn list_all(after: Option<&(String, String)>, limit: i64) -> Vec<(JobRow, String)>;
        fn find_id(id: Id) -> Option<JobRow>;
        fn owners() -> usize;
        fn bury(id: Id, now: Instant) -> usize;
        fn is_deleted(id: Id) -> bool;
        fn revive(row: &JobRow) -> usize;
        fn failures(id: Id) -> FailuresRow;
        fn set_zone_lost(id: Id, at: Option<Instant>) -> usize;
        fn is_by_agent(id: Id) -> bool;
        fn set_by_agent(id: Id, by_agent: bool) -> usize;
        fn set_failures(id: Id, row: FailuresRow) -> usize;
        fn park(id: Id, scope: Instant) -> usize;
        fn unpark(owner: Id) -> usize;
        fn lock(owner: Id, key: &str) -> Option<JobRow>;
        fn lock_id(id: Id) -> Option<JobRow>;
        fn lock_of_tasks(tasks: &[Id]) -> Vec<JobRow>;
        fn insert(row: &JobRow) -> usize;
        fn update(row: &JobRow) -> usize;
    }
    run {
        fn list(
            owner: Option<Id>,
            status: Option<&str>,
            before: Option<Id>,
            limit: i64
        ) -> Vec<(RunRow, RunJobRow)>;
        fn of_job(
            job: Id,
            status: Option<&str>,
            before: Option<(Instant, Id)>,
            limit: i64
        ) -> Vec<(RunRow, RunJobRow)>;
        fn by_id(owner: Option<Id>, id: Id) -> Option<(RunRow, RunJobRow)>;
        fn last_of(job: Id) -> Option<(RunRow, RunJobRow)>;
        fn last_with_output(job: Id) -> Option<Id>;
        fn retries(ids: &[Id]) -> Vec<(Id, Instant)>;
        fn waiting(ids: &[Id]) -> Vec<WaitingRow>;
        fn count_waiting(owner: Id) -> i64;
        fn unfinished(job: Id) -> Vec<RunRow>;
        fn insert(row: &NewRunRow) -> usize;
        fn cancel_waiting(id: Id, now: Instant, why: &str) -> usize;
        fn cancel_waiting_of(owner: Id, now: Instant, why: &str) -> usize;
        fn request_cancel(id: Id, now: Instant, why: Option<&str>) -> usize;
        fn request_cancel_of(owner: Id, now: Instant, why: &str) -> usize;
        fn log(run: Id, after: i32, limit: i64) -> Vec<RunLogRow>;
    }
    series {
        fn insert(row: &SeriesRow) -> usize;
        fn update(row: &SeriesRow) -> usize;
        fn delete(ids: &[Id]) -> usize;
        fn by_id(id: Id) -> Option<SeriesRow>;
        fn ends(ids: &[Id]) -> Vec<(Id, Instant)>;
        fn of_owner(owner: Id) -> Vec<SeriesRow>;
        fn lock(ids: &[Id]) -> Vec<SeriesRow>;
        fn last_numbers(ids: &[Id]) -> Vec<(Id, i64)>;
        fn occurrences(id: Id, from: i64) -> Vec<Id>;
    }
    audit {
        fn insert(rows: &[NewAuditRow]) -> usize;
        fn list(of: &AuditOf, narrowed: &AuditFilter, limit: i64) -> Vec<AuditRow>;
        fn actors(user: Id) -> Vec<String>;
        fn outline(change: Id) -> Vec<AuditOutline>;
        fn other_actor(change: Id, actor: &str) -> Option<String>;
        fn of_change(change: Id, from: i64, to: i64) -> Vec<AuditRow>;
        fn last_of_record(record: Id) -> Option<Instant>;
        fn last(user: Id, actor: &str, before: i64) -> Option<(i64, Id)>;
        fn undone_by(change: Id) -> Vec<Id>;
        fn undone_by_each(changes: &[Id]) -> Vec<(Id, Id)>;
        fn first_since(since: Instant) -> Option<i64>;
        fn of_actor(user: Id, actor: &str, since: Instant, from: Option<i64>) -> Vec<(i64, Id)>;
        fn undos(user: Id, from: i64) -> Vec<(Id, Id)>;
        fn first_of_change(change: Id) -> Option<i64>;
    }
    event {
        fn latest() -> EventCursor;
        fn last_transaction() -> i64;
        fn after(scope: &VisibleScope, after: EventCursor, limit: i64) -> (Vec<(EventCursor, AuditRow)>, EventCursor);
    }
    firing {
        fn due_reminders(now: Instant, except: &[Id], limit: i64) -> Vec<ReminderRow>;
        fn due_jobs(now: Instant, except: &[Id], limit: i64) -> Vec<(JobRow, Option<Instant>)>;
        fn next_reminder(except: &[Id]) -> Option<Instant>;
        fn next_job(except: &[Id]) -> Option<Instant>;
        fn tasks(ids: &[Id]) -> Vec<FiredTaskRow>;
        fn channels(ids: &[Id]) -> Vec<(Id, String)>;
        fn users(ids: &[Id]) -> Vec<UserRow>;
        fn insert_occurrences(rows: &[OccurrenceRow]) -> usize;
        fn known_occurrences(ids: &[Id]) -> Vec<Id>;
        fn insert_messages(rows: &[FiredMessageRow]) -> usize;
        fn move_cursors(moved: &[MovedCursor]) -> usize;
        fn move_job(id: Id, scope: Instant, next: Option<Instant>) -> usize;
        fn park_reminders(scope: &[(Id, Instant)]) -> usize;
        fn unpark_reminders(owner: Id) -> usize;
        fn open_runs(ids: &[Id]) -> Vec<OpenRunRow>;
        fn insert_runs(rows: &[NewRunRow]) -> usize;
        fn request_cancel(ids: &[Id], now: Instant) -> usize;
        fn supersede(ids: &[Id], triggers: &[&str], why: &str, now: Instant) -> usize;
    }
    delivery {
        fn available(channel: &str, now: Instant, lease_now: Instant, limit: i64) -> Vec<NotificationRow>;
        fn lease(ids: &[Id], until: Instant) -> usize;
        fn leases(ids: &[Id]) -> Vec<(Id, i64)>;
        fn extend(ids: &[Id], until: Instant) -> usize;
        fn record(rows: &[RecordedRow]) -> usize;
        fn release_all(now: Instant) -> usize;
        fn next(channel: &str) -> Option<Instant>;
        fn next_lease(channel: &str) -> Option<Instant>;
        fn depth() -> Vec<(String, i64)>;
        fn hold(ids: &[Id], why: &str) -> usize;
        fn held(user: Id, channel: &str) -> Vec<(Id, String)>;
        fn let_go(ids: &[Id], recipient: &str, at: Instant, why: Option<&str>) -> usize;
        fn give_up(id: Id, recipient: &str, why: &str) -> usize;
    }
    usage {
        fn add(user: Id, more: Weight) -> Weight;
        fn of(user: Id) -> Option<Weight>;
        fn largest(limit: i64) -> Vec<(String, Weight)>;
        fn beyond(least: Weight, limit: i64) -> Vec<(String, Weight)>;
        fn counted(user: Id) -> Weight;
    }
    address_confirmation {
        fn insert(row: &ConfirmationRow) -> usize;
        fn sent(user: Id, address: &str, after: Instant) -> (i64, Option<Instant>);
        fn find(user: Id, hash: &[u8], now: Instant) -> Option<ConfirmationRow>;
        fn use_up(user: Id, channel: &str, now: Instant) -> usize;
        fn delete_expired(before: Instant) -> usize;
    }
    user {
        fn list(after: Option<&str>, limit: i64) -> Vec<AccountRow>;
        fn by_id(id: Id) -> Option<AccountRow>;
        fn by_username(username: &str) -> Option<AccountRow>;
        fn by_email(email: &str) -> Option<AccountRow>;
        fn lock(id: Id) -> Option<AccountRow>;
        fn password(id: Id) -> Option<String>;
        fn insert(row: &AccountRow) -> usize;
        fn update(row: &AccountRow) -> usize;
        fn set_password(id: Id, hash: &str) -> usize;
    }
    template {
        fn list(owner: Id) -> Vec<TemplateRow>;
        fn named(owner: Id, key: &str) -> Option<TemplateRow>;
        fn by_id(id: Id) -> Option<TemplateRow>;
        fn insert(row: &TemplateRow) -> usize;
        fn update(row: &TemplateRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    field {
        fn list(owner: Id) -> Vec<FieldRow>;
        fn lock(owner: Id) -> Vec<FieldRow>;
        fn counts(owner: Id) -> Vec<(Id, i64)>;
        fn insert(row: &FieldRow) -> usize;
        fn update(row: &FieldRow) -> usize;
        fn delete(id: Id) -> usize;
        fn tasks(field: Id) -> Vec<Id>;
        fn values(field: Id) -> Vec<String>;
        fn respell(field: Id, value: &str, to: &str, key: &str) -> usize;
        fn of_tasks(tasks: &[Id]) -> Vec<NamedValueRow>;
        fn sort_keys(tasks: &[Id], name_key: &str) -> Vec<(Id, String)>;
        fn put(rows: &[FieldValueRow]) -> usize;
        fn forget(tasks: &[Id]) -> usize;
        fn forget_of(field: Id, tasks: &[Id]) -> usize;
    }
    view {
        fn list(owner: Id) -> Vec<ViewRow>;
        fn lock(owner: Id) -> Vec<ViewRow>;
        fn insert(row: &ViewRow) -> usize;
        fn update(row: &ViewRow) -> usize;
        fn delete(id: Id) -> usize;
    }
    api_key {
        fn by_hash(hash: &[u8]) -> Option<(ApiKeyRow, AccountRow)>;
        fn list(user: Id) -> Vec<ApiKeyRow>;
        fn lock(id: Id) -> Option<ApiKeyRow>;
        fn insert(row: &ApiKeyRow) -> usize;
        fn revoke(id: Id, now: Instant) -> usize;
        fn touch(id: Id, now: Instant, before: Instant) -> usize;
        fn made_with(id: Id) -> Vec<ApiKeyRow>;
        fn made_for_others(user: Id) -> Vec<ApiKeyRow>;
    }
    login_failure {
        fn find(name: &str) -> Option<(i64, Option<Instant>)>;
        fn count(name: &str, now: Instant) -> i64;
        fn lock_until(name: &str, until: Instant) -> usize;
        fn forget(name: &str) -> usize;
        fn delete_old(before: Instant) -> usize;
    }
    session {
        fn by_hash(hash: &[u8]) -> Option<RefreshTokenRow>;
        fn insert(row: &RefreshTokenRow) -> usize;
        fn mark_used(id: Id, now: Instant) -> usize;
        fn list(user: Id, now: Instant) -> Vec<RefreshTokenRow>;
        fn living(session: Id, now: Instant) -> Option<(RefreshTokenRow, AccountRow)>;
        fn revoke(session: Id, now: Instant) -> usize;
        fn delete_expired(before: Instant, limit: i64) -> usize;
    }
    password_reset {
        fn insert(hash: &[u8], user: Id, now: Instant, until: Instant) -> usize;
        fn recent(user: Id, after: Instant) -> i64;
        fn find(hash: &[u8], now: Instant) -> Option<Id>;
        fn use_up(user: Id, now: Instant) -> usize;
        fn delete_expired(before: Instant) -> usize;
    }
    signing_key {
        fn current() -> Option<SigningKeyRow>;
        fn believed(now: Instant) -> Vec<SigningKeyRow>;
        fn claim() -> ();
        fn insert(row: &SigningKeyRow) -> usize;
        fn retire(now: Instant, until: Instant) -> usize;
        fn delete_expired(before: Instant) -> usize;
    }
    clean {
        fn jobs_with_many_runs(keep: i64) -> Vec<Id>;
        fn old_runs(job: Id, before: Instant, keep: i64, limit: i64) -> Vec<Id>;
        fn delete_runs(ids: &[Id]) -> usize;
        fn deleted_job(before: Instant) -> Option<Id>;
        fn runs_of(job: Id, limit: i64) -> Vec<Id>;
        fn delete_job(id: Id) -> usize;
        fn detached(before: Instant, limit: i64) -> Vec<Id>;
        fn old_sent(before: Instant, limit: i64) -> Vec<Id>;
        fn delete_notifications(ids: &[Id]) -> usize;
        fn old_occurrences(before: Instant, limit: i64) -> Vec<Id>;
        fn delete_occurrences(ids: &[Id]) -> usize;
    }
}
