//! Jobs: made, listed, changed, paused, deleted and brought back.

use std::collections::BTreeMap;

use muista_core::error::{Error, ErrorKind, Result};
use muista_core::model::*;
use muista_core::service::{Caller, Credential};
use muista_core::store::Workers;
use muista_core::time::{Instant, Rule};

use crate::world::*;

pub(crate) fn name(text: &str) -> JobName {
    JobName::parse(text).unwrap()
}

pub(crate) fn every(rule: &str) -> Change<JobTrigger> {
    let rule: Rule = rule.parse().unwrap();
    Change::Set(JobTrigger::Every { words: rule.to_string(), rule, start: None, end: None })
}

impl World {
    pub(crate) async fn try_job(&self, job: &str, settings: JobPatch) -> Result<WithNotices<JobDetail>> {
        let new = NewJob { name: name(job), script: "weather".to_owned(), settings };
        self.client.add_job(new).await
    }

    pub(crate) async fn job(&self, job: &str, settings: JobPatch) -> Job {
        self.try_job(job, settings).await.unwrap().value.job
    }

    pub(crate) async fn edit_job(&self, job: &str, patch: JobPatch) -> Result<JobDetail> {
        Ok(self.client.edit_job(name(job), patch).await?.value)
    }

    pub(crate) async fn get_job(&self, job: &str) -> Result<JobDetail> {
        self.client.get_job(name(job)).await
    }
}

fn utc(rule: &str) -> JobPatch {
    JobPatch { trigger: every(rule), timezone: Some("UTC".to_owned()), ..JobPatch::default() }
}

fn texts(instants: &[Instant]) -> Vec<String> {
    instants.iter().map(ToString::to_string).collect()
}

/// What a job is, without how often it was changed.
fn definition(job: &Job) -> Job {
    Job { version: 0, updated_at: job.created_at, ..job.clone() }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>, field: &str) -> Error {
    let error = result.unwrap_err();
    assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some(field)), "{error:?}");
    error
}

on_both! {
    async fn a_job_runs_in_the_zone_of_who_made_it(world) {
        let made = world.try_job("weather", JobPatch { trigger: every("0 7 * * *"), ..JobPatch::default() }).await.unwrap();
        let job = &made.value.job;
        assert_eq!((&*job.name, &*job.script, job.r#type.as_str()), ("weather", "weather", "script"));
        assert_eq!((job.schedule.as_deref(), job.recurrence_type), (Some("0 7 * * *"), Some(RecurrenceType::Cron)));
        assert_eq!((job.timezone.as_deref(), job.interval.as_deref()), (Some(ZONE), None));
        let usual = (job.timeout_seconds, job.max_retries, job.retry_delay_seconds, job.overlap, job.missed, job.enabled);
        assert_eq!(usual, (300, 3, 60, Overlap::Forbid, Missed::Latest, true));
        // 7:00 in Helsinki; the clock stands at noon.
        let days = ["22", "23", "24", "25", "26"].map(|day| format!("2026-11-{day}T05:00:00Z"));
        assert_eq!(texts(&made.value.next), days);
        assert_eq!(job.next_run_at, made.value.next.first().copied());
        assert_eq!(made.notices, [] as [&str; 0]);
        assert_eq!(world.get_job("WEATHER").await.unwrap(), made.value);
        let entry = world.log().await.remove(0);
        assert_eq!((entry.entity, entry.action, entry.record_id), (Entity::Job, Action::Create, job.id));
    }

    async fn a_job_is_given_another_script_that_there_is(world) {
        world.job("a", utc("PT1H")).await;
        let script = |name: &str| JobPatch { script: Some(name.to_owned()), ..JobPatch::default() };
        assert_eq!(kind(world.edit_job("a", script("nowhere")).await), ErrorKind::NotFound);
        assert_eq!(world.get_job("a").await.unwrap().job.script, "weather");
        let edited = world.edit_job("a", script("weather")).await.unwrap();
        assert_eq!((edited.job.script.as_str(), edited.job.version), ("weather", 1));
        assert_eq!(serde_json::to_value(script("weather")).unwrap()["script"], "weather");
    }

    async fn an_interval_counts_from_when_it_was_set(world) {
        world.at("2026-11-21T10:07:00Z");
        let job = world.job("a", utc("PT1H")).await;
        assert_eq!((job.interval.as_deref(), job.start_at), (Some("PT1H"), None));
        assert_eq!(job.next_run_at, Some(instant("2026-11-21T11:07:00Z")));
        world.at("2026-11-21T10:30:00Z");
        let edited = world.edit_job("a", utc("PT2H")).await.unwrap();
        assert_eq!(edited.job.next_run_at, Some(instant("2026-11-21T12:30:00Z")));
        assert_eq!(edited.job.start_at, Some(instant("2026-11-21T10:30:00Z")));
        // What has nothing to do with it moves nothing.
        world.at("2026-11-21T11:00:00Z");
        let patch = JobPatch { timeout_seconds: Some(10), ..JobPatch::default() };
        assert_eq!(world.edit_job("a", patch).await.unwrap().job.next_run_at, edited.job.next_run_at);
    }

    async fn a_job_may_run_once_or_only_when_asked_to(world) {
        let at = instant("2026-11-22T10:00:00Z");
        let once = JobPatch { trigger: Change::Set(JobTrigger::At(at)), ..JobPatch::default() };
        let detail = world.try_job("once", once).await.unwrap().value;
        assert_eq!((detail.job.recurrence_type, detail.job.next_run_at), (Some(RecurrenceType::Once), Some(at)));
        assert_eq!(detail.next, [at]);
        let never = world.try_job("never", JobPatch::default()).await.unwrap().value;
        assert_eq!((never.job.schedule, never.job.next_run_at, never.next.len()), (None, None, 0));
        let cleared = JobPatch { trigger: Change::Clear, ..JobPatch::default() };
        let cleared = world.edit_job("once", cleared).await.unwrap().job;
        assert_eq!((cleared.schedule, cleared.recurrence_type, cleared.next_run_at), (None, None, None));
    }

    async fn a_schedule_that_does_not_fire_is_refused(world) {
        let past = instant("2026-11-21T09:59:59Z");
        let once = JobPatch { trigger: Change::Set(JobTrigger::At(past)), ..JobPatch::default() };
        let error = refused(world.try_job("a", once.clone()).await, "schedule");
        assert_eq!(error.message, "2026-11-21T11:59:59+02:00 is past");
        assert!(error.hint.unwrap().contains("muista job run a"));
        let over = |start: Option<&str>, end: &str| {
            let rule: Rule = "0 7 * * *".parse().unwrap();
            let (start, end) = (start.map(instant), Some(instant(end)));
            let trigger = JobTrigger::Every { rule, words: "daily".to_owned(), start, end };
            JobPatch { trigger: Change::Set(trigger), ..JobPatch::default() }
        };
        refused(world.try_job("a", over(None, "2026-11-22T04:00:00Z")).await, "schedule");
        let error = refused(world.try_job("a", over(Some("2026-12-02T00:00:00Z"), "2026-12-01T00:00:00Z")).await, "schedule");
        assert!(error.message.contains("before it begins"), "{error}");
        world.job("a", utc("0 7 * * *")).await;
        refused(world.edit_job("a", once).await, "schedule");
        assert_eq!(world.get_job("a").await.unwrap().job.version, 1);
    }

    async fn seconds_that_run_are_warned_of(world) {
        let made = world.try_job("a", utc("* */15 * * * *")).await.unwrap();
        assert_eq!(made.notices.len(), 1);
        assert!(made.notices[0].starts_with("this runs up to 60 times a minute"), "{:?}", made.notices);
        assert!(made.notices[0].contains("`*/15 * * * *`"), "{:?}", made.notices);
        assert_eq!(world.client.edit_job(name("a"), utc("0 */15 * * * *")).await.unwrap().notices.len(), 0);
    }

    async fn every_value_has_its_bounds(world) {
        let cases = [
            (JobPatch { timeout_seconds: Some(0), ..JobPatch::default() }, "timeoutSeconds"),
            (JobPatch { timeout_seconds: Some(604_801), ..JobPatch::default() }, "timeoutSeconds"),
            (JobPatch { max_retries: Some(-1), ..JobPatch::default() }, "maxRetries"),
            (JobPatch { max_retries: Some(21), ..JobPatch::default() }, "maxRetries"),
            (JobPatch { retry_delay_seconds: Some(0), ..JobPatch::default() }, "retryDelaySeconds"),
            (JobPatch { retry_delay_seconds: Some(86_401), ..JobPatch::default() }, "retryDelaySeconds"),
            (JobPatch { args: Some(vec![String::new(); 101]), ..JobPatch::default() }, "args"),
            (JobPatch { args: Some(vec!["x".repeat(4097)]), ..JobPatch::default() }, "args"),
            (JobPatch { args: Some(vec!["a\0b".to_owned()]), ..JobPatch::default() }, "args"),
            (JobPatch { timezone: Some("Europe/Helsink".to_owned()), ..JobPatch::default() }, "timezone"),
            (JobPatch { rename: Some(name("b")), ..JobPatch::default() }, "rename"),
        ];
        for (patch, field) in cases {
            refused(world.try_job("a", patch).await, field);
        }
        assert_eq!(world.client.list_jobs(JobQuery::default()).await.unwrap().items, []);
        let most = JobPatch {
            timeout_seconds: Some(604_800),
            max_retries: Some(20),
            retry_delay_seconds: Some(86_400),
            args: Some(vec!["x".repeat(4096); 100]),
            ..JobPatch::default()
        };
        world.job("a", most).await;
        let error = world.try_job("b", JobPatch { task: Change::Set(TaskRef::Number(9)), ..JobPatch::default() }).await;
        assert_eq!(kind(error), ErrorKind::NotFound);
    }

    async fn a_job_calls_a_script_as_it_is_declared(world) {
        let given = |pairs: &[(&str, &str)]| JobPatch {
            params: Some(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()),
            ..JobPatch::default()
        };
        let error = refused(world.try_job("a", given(&[("town", "Oulu")])).await, "params");
        assert_eq!(error.hint.as_deref(), Some("it takes: city, unit"));
        refused(world.try_job("a", given(&[("unit", "k")])).await, "params");
        refused(world.try_job("a", given(&[("city", &"x".repeat(4097))])).await, "params");
        let job = world.job("a", given(&[("city", "Oulu")])).await;
        assert_eq!(job.params.get("city").map(String::as_str), Some("Oulu"));
        refused(world.edit_job("a", given(&[("unit", "k")])).await, "params");
        let asked = |unit: &str| BTreeMap::from([("unit".to_owned(), unit.to_owned())]);
        refused(world.client.run_job(name("a"), asked("k")).await, "params");
        world.client.run_job(name("a"), asked("f")).await.unwrap();
        let new = NewJob { name: name("b"), script: "wether".to_owned(), settings: JobPatch::default() };
        let error = world.client.add_job(new).await.unwrap_err();
        assert_eq!((error.kind, error.hint.as_deref()), (ErrorKind::NotFound, Some("did you mean “weather”?")));
        assert_eq!(world.client.list_scripts().await.unwrap()[0].name, "weather");
        // A script that is gone keeps its jobs from nothing else.
        world.sql("UPDATE jobs SET script = 'gone'");
        world.edit_job("a", JobPatch { max_retries: Some(1), ..JobPatch::default() }).await.unwrap();
        assert_eq!(kind(world.client.run_job(name("a"), BTreeMap::new()).await), ErrorKind::NotFound);
    }

    async fn only_the_command_line_here_chooses_arguments(world) {
        let with = |args: &[&str]| JobPatch {
            args: Some(args.iter().map(|arg| (*arg).to_owned()).collect()),
            ..JobPatch::default()
        };
        world.job("a", with(&["--full"])).await;
        let local = Caller::local(Origin::Rest, None);
        let key = Caller { origin: Origin::Cli, credential: Credential::ApiKey(id(7)), ..local.clone() };
        for caller in [local, key] {
            let client = world.as_caller(caller, Workers::Embedded);
            let error = client.edit_job(name("a"), with(&["--other"])).await.unwrap_err();
            assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Forbidden, Some("args")));
            let new = NewJob { name: name("b"), script: "weather".to_owned(), settings: with(&["--full"]) };
            assert_eq!(kind(client.add_job(new).await), ErrorKind::Forbidden);
            let other = JobPatch { script: Some("wether".to_owned()), ..JobPatch::default() };
            assert_eq!(kind(client.edit_job(name("a"), other).await), ErrorKind::Forbidden, "arguments of another script");
            client.edit_job(name("a"), with(&["--full"])).await.unwrap();
            client.edit_job(name("a"), utc("PT2H")).await.unwrap();
        }
        assert_eq!(world.get_job("a").await.unwrap().job.args, ["--full"]);
    }

    async fn a_name_is_one_jobs_alone(world) {
        world.job("Äiti", utc("PT1H")).await;
        assert_eq!(kind(world.try_job("äITI", JobPatch::default()).await), ErrorKind::Conflict);
        world.job("b", JobPatch::default()).await;
        let rename = |to: &str| JobPatch { rename: Some(name(to)), ..JobPatch::default() };
        assert_eq!(kind(world.edit_job("b", rename("ÄITI")).await), ErrorKind::Conflict);
        assert_eq!(world.edit_job("äiti", rename("äiti")).await.unwrap().job.name, "äiti");
        assert_eq!(kind(world.edit_job("nowhere", rename("x")).await), ErrorKind::NotFound);
    }

    async fn a_change_made_from_an_older_version_is_refused(world) {
        world.job("a", utc("PT1H")).await;
        let patch = |retries| JobPatch { max_retries: Some(retries), version: Some(1), ..JobPatch::default() };
        assert_eq!(world.edit_job("a", patch(1)).await.unwrap().job.version, 2);
        assert_eq!(kind(world.edit_job("a", patch(2)).await), ErrorKind::PreconditionFailed);
        // What changes nothing is no change.
        let same = JobPatch { max_retries: Some(1), ..JobPatch::default() };
        assert_eq!(world.edit_job("a", same).await.unwrap().job.version, 2);
    }

    async fn a_paused_job_goes_on_from_when_it_is_resumed(world) {
        world.job("a", utc("0 * * * *")).await;
        let enabled = |enabled| JobPatch { enabled: Some(enabled), ..JobPatch::default() };
        let paused = world.edit_job("a", enabled(false)).await.unwrap();
        assert_eq!((paused.job.next_run_at, paused.next.len()), (None, 0));
        world.at("2026-11-23T10:30:00Z");
        let resumed = world.edit_job("a", enabled(true)).await.unwrap();
        assert_eq!(resumed.job.next_run_at, Some(instant("2026-11-23T11:00:00Z")));
        let at = instant("2026-11-24T10:00:00Z");
        let once = JobPatch { trigger: Change::Set(JobTrigger::At(at)), enabled: Some(false), ..JobPatch::default() };
        world.job("once", once).await;
        world.at("2026-11-25T10:30:00Z");
        refused(world.edit_job("once", enabled(true)).await, "schedule");
    }

    async fn the_list_comes_by_name_in_pages(world) {
        for job in ["d", "B", "a", "C", "e"] {
            world.job(job, JobPatch::default()).await;
        }
        let (mut names, mut query) = (Vec::new(), JobQuery { limit: 2, ..JobQuery::default() });
        loop {
            let page = world.client.list_jobs(query.clone()).await.unwrap();
            assert!(page.items.len() <= 2);
            names.extend(page.items.into_iter().map(|job| job.name));
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, ["a", "B", "C", "d", "e"]);
        let strange = JobQuery { cursor: Some("a\0b".to_owned()), ..JobQuery::default() };
        assert_eq!(kind(world.client.list_jobs(strange).await), ErrorKind::NotFound);
    }

    async fn every_change_can_be_undone(world) {
        let made = world.job("a", utc("0 * * * *")).await;
        let task = world.add("the task").await;
        let patch = JobPatch {
            rename: Some(name("b")),
            args: Some(vec!["--full".to_owned()]),
            task: Change::Set(task.id.into()),
            overlap: Some(Overlap::Queue),
            channels: Some(vec![Channel::Ntfy, Channel::Email, Channel::Ntfy]),
            task_on_failure: Some(true),
            ..utc("PT1H")
        };
        let edited = world.edit_job("a", patch).await.unwrap().job;
        assert_eq!(edited.channels, [Channel::Email, Channel::Ntfy]);
        assert_eq!(edited.task_id, Some(task.id));
        world.undo().await;
        assert_eq!(definition(&world.get_job("a").await.unwrap().job), definition(&made));
        world.undo().await;
        assert_eq!(definition(&world.get_job("b").await.unwrap().job), definition(&edited));
        let deleted = world.client.delete_job(name("b")).await.unwrap();
        assert_eq!(deleted.id, made.id);
        assert_eq!(kind(world.get_job("b").await), ErrorKind::NotFound);
        world.at("2026-11-21T20:15:00Z");
        world.undo().await;
        let back = world.get_job("b").await.unwrap().job;
        // It goes on from now.
        assert_eq!(back.next_run_at, Some(instant("2026-11-21T21:00:00Z")));
        assert_eq!(definition(&Job { next_run_at: edited.next_run_at, ..back }), definition(&edited));
        assert_eq!(world.undo_steps(2).await.unwrap().changes.len(), 2);
    }

    async fn a_deleted_task_leaves_its_job_and_comes_back_with_it(world) {
        let task = world.add("a").await;
        world.job("j", JobPatch { task: Change::Set(task.id.into()), ..JobPatch::default() }).await;
        world.rm(&[&task]).await;
        assert_eq!(world.get_job("j").await.unwrap().job.task_id, None);
        world.undo().await;
        assert_eq!(world.get_job("j").await.unwrap().job.task_id, Some(task.id));
    }

    async fn how_a_job_stands_does_not_stand_in_the_way_of_undo(world) {
        let job = world.job("a", utc("0 * * * *")).await;
        world.edit_job("a", JobPatch { max_retries: Some(1), ..JobPatch::default() }).await.unwrap();
        let (id, at) = (world.id(job.id), world.moment());
        world.sql(&format!("UPDATE jobs SET status = 'failed', last_run_at = {at}, next_run_at = {at} WHERE id = {id}"));
        world.undo().await;
        let back = world.get_job("a").await.unwrap().job;
        assert_eq!((back.max_retries, back.status, back.last_run_at.is_some()), (3, JobStatus::Failed, true));
        assert_eq!(back.next_run_at, Some(instant("2026-11-21T11:00:00Z")));
    }

    async fn undo_does_not_take_anothers_name(world) {
        world.job("a", JobPatch::default()).await;
        world.edit_job("a", JobPatch { rename: Some(name("b")), ..JobPatch::default() }).await.unwrap();
        let rename = world.last_change().await.unwrap();
        world.job("a", JobPatch::default()).await;
        assert_eq!(kind(world.undo_change(rename).await), ErrorKind::Conflict);
        world.client.run_job(name("a"), BTreeMap::new()).await.unwrap();
        // Nor does it delete what has a history.
        assert_eq!(world.client.undo(Undo { target: UndoTarget::Last }).await.unwrap_err().message, "the job a has runs by now");
    }

    async fn anothers_job_cannot_be_seen(world) {
        let job = world.job("a", utc("PT1H")).await;
        let run = world.client.run_job(name("a"), BTreeMap::new()).await.unwrap();
        world.user("ben");
        let ben = world.as_user("ben");
        let of_id = || name(&job.id.to_string());
        assert_eq!(kind(ben.get_job(of_id()).await), ErrorKind::NotFound);
        assert_eq!(kind(ben.edit_job(of_id(), paused(true)).await), ErrorKind::NotFound);
        assert_eq!(kind(ben.get_run(RunRef::Id(run.id)).await), ErrorKind::NotFound);
        assert_eq!(kind(ben.run_log(RunRef::Id(run.id), 0).await), ErrorKind::NotFound);
        assert_eq!(kind(ben.cancel_run(RunRef::Id(run.id)).await), ErrorKind::NotFound);
        assert_eq!(ben.list_jobs(JobQuery::default()).await.unwrap().items, []);
        assert_eq!(ben.list_runs(RunQuery::default()).await.unwrap().items, []);
        let all = JobQuery { all: true, ..JobQuery::default() };
        assert_eq!(kind(ben.list_jobs(all).await), ErrorKind::Forbidden);
        let all = RunQuery { all: true, ..RunQuery::default() };
        assert_eq!(kind(ben.list_runs(all).await), ErrorKind::Forbidden);
    }

    async fn an_admin_sees_all_jobs_and_stops_them(world) {
        let job = world.job("a", utc("PT1H")).await;
        let run = world.client.run_job(name("a"), BTreeMap::new()).await.unwrap();
        let ben = world.user("ben");
        world.sql(&format!("UPDATE jobs SET owner_id = {} WHERE id = {}", world.id(ben), world.id(job.id)));
        world.job("b", JobPatch::default()).await;
        let admin = &world.client;
        assert_eq!(admin.list_jobs(JobQuery::default()).await.unwrap().items.len(), 1);
        let mut query = JobQuery { all: true, limit: 1, ..JobQuery::default() };
        let mut seen = Vec::new();
        loop {
            let page = admin.list_jobs(query.clone()).await.unwrap();
            seen.extend(page.items.into_iter().map(|job| format!("{} {}", job.owner.unwrap(), job.name)));
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen, ["ben a", "local b"]);
        let runs = admin.list_runs(RunQuery { all: true, ..RunQuery::default() }).await.unwrap().items;
        assert_eq!((runs.len(), runs[0].owner.as_deref()), (1, Some("ben")));

        let of_id = || name(&job.id.to_string());
        let cancelled = admin.cancel_run(RunRef::Id(run.id)).await.unwrap();
        assert_eq!(cancelled.error_message.as_deref(), Some("taken back by local before it began"));
        assert!(!admin.edit_job(of_id(), paused(true)).await.unwrap().value.job.enabled);
        let log: Vec<_> = world.log().await.into_iter().take(2).map(|entry| (entry.entity, entry.actor)).collect();
        assert_eq!(log, [(Entity::Job, "local".to_owned()), (Entity::Run, "local".to_owned())]);
        // What else there is to a job is its owner's.
        let other = JobPatch { max_retries: Some(0), ..JobPatch::default() };
        assert_eq!(kind(admin.edit_job(of_id(), other).await), ErrorKind::Forbidden);
        assert_eq!(kind(admin.delete_job(of_id()).await), ErrorKind::NotFound);
        assert_eq!(kind(admin.run_job(of_id(), BTreeMap::new()).await), ErrorKind::NotFound);
        assert!(!world.as_user("ben").get_job(name("a")).await.unwrap().job.enabled);
    }
}

fn paused(paused: bool) -> JobPatch {
    JobPatch { enabled: Some(!paused), ..JobPatch::default() }
}
