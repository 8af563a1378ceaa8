//! The queries of what happens by itself: reminders, jobs, messages, and the care of the database.

queries! {
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
