//! Scripts that the daemon runs: followed while they write, stopped, tried again, and what becomes of them when the
//! daemon stops or is killed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use muista_core::model::{Job, JobName, JobPatch, JobStatus, NewJob, Run, RunRef, RunStatus, Stream, Undo, UndoTarget};
use muista_core::rpc::Client;
use rustix::process::{Pid, Signal, test_kill_process};
use test_common::sandbox::{Daemon, Sandbox};

use crate::support::{PATIENCE, dial, sqlite};

/// A sandbox with a script `job`, and a daemon.
async fn with_script(script: &str) -> (Sandbox, Daemon, Client) {
    let sandbox = Sandbox::new();
    let folder = sandbox.config_file().parent().unwrap().join("scripts");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
    let file = folder.join("job");
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).unwrap();
    let daemon = sandbox.daemon([""; 0]);
    let client = dial(daemon.socket()).await;
    (sandbox, daemon, client)
}

fn name() -> JobName {
    JobName::parse("job").unwrap()
}

async fn add(client: &Client, settings: JobPatch) -> Job {
    let new = NewJob { name: name(), script: "job".to_owned(), settings };
    client.add_job(new).await.unwrap().value.job
}

/// Adds the job without retries, and asks for a run.
async fn run(client: &Client, settings: JobPatch) -> Run {
    add(client, JobPatch { max_retries: settings.max_retries.or(Some(0)), ..settings }).await;
    client.run_job(name(), BTreeMap::new()).await.unwrap()
}

/// The run once it is as wanted.
async fn until(client: &Client, run: &RunRef, is: impl Fn(&Run) -> bool) -> Run {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let now = client.get_run(run.clone()).await.unwrap();
        if is(&now) {
            return now;
        }
        assert!(Instant::now() < deadline, "{now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn over(client: &Client, run: &Run) -> Run {
    until(client, &RunRef::Id(run.id), Run::is_over).await
}

async fn log(client: &Client, run: &Run, stream: Stream) -> String {
    let (mut text, mut after) = (String::new(), 0);
    loop {
        let page = client.run_log(RunRef::Id(run.id), after).await.unwrap();
        let Some(last) = page.items.last() else { return text };
        after = last.seq;
        text.extend(page.items.into_iter().filter(|chunk| chunk.stream == stream).map(|chunk| chunk.text));
    }
}

/// Waits until the script has made a file; returns what it wrote there.
fn written(path: &Path) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match fs::read_to_string(path) {
            Ok(text) if text.ends_with('\n') => return text.trim().to_owned(),
            _ => assert!(Instant::now() < deadline, "{} was not written", path.display()),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until a process is gone.
fn gone(pid: &str) {
    let pid = Pid::from_raw(pid.parse().unwrap()).unwrap();
    let deadline = Instant::now() + PATIENCE;
    while test_kill_process(pid).is_ok() {
        assert!(Instant::now() < deadline, "{pid:?} still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Where scripts of this sandbox leave word: they begin in a folder of their own.
fn word(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.path().join("home").join(name)
}

#[tokio::test]
async fn a_script_knows_its_run_and_is_followed_while_it_runs() {
    let script = r#"echo "$MUISTA_RUN_ID $MUISTA_JOB $MUISTA_ATTEMPT $TZ $1"; echo oops >&2; read -r _ < "$HOME/go""#;
    let (sandbox, _daemon, client) = with_script(script).await;
    rustix::fs::mkfifoat(rustix::fs::CWD, word(&sandbox, "go"), rustix::fs::Mode::RWXU).unwrap();
    let zone = "Europe/Helsinki".to_owned();
    let asked = run(&client, JobPatch { args: Some(vec!["a b".into()]), timezone: Some(zone), ..JobPatch::default() });
    let asked = asked.await;
    let deadline = Instant::now() + PATIENCE;
    while log(&client, &asked, Stream::Stderr).await != "oops\n" {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let running = client.get_run(RunRef::Id(asked.id)).await.unwrap();
    assert_eq!((running.status, running.finished_at), (RunStatus::Running, None));
    assert_eq!(log(&client, &asked, Stream::Stdout).await, format!("{} job 1 Europe/Helsinki a b\n", asked.id));
    fs::write(word(&sandbox, "go"), "\n").unwrap();
    let done = over(&client, &asked).await;
    assert_eq!((done.status, done.exit_code, done.error_message), (RunStatus::Completed, Some(0), None));
}

#[tokio::test]
async fn a_script_that_takes_too_long_is_stopped() {
    let (sandbox, _daemon, client) = with_script("echo $$ > \"$HOME/pid\"; sleep 600").await;
    let asked = run(&client, JobPatch { timeout_seconds: Some(1), ..JobPatch::default() }).await;
    let done = over(&client, &asked).await;
    assert_eq!(done.status, RunStatus::Failed);
    assert_eq!(done.error_message.as_deref(), Some("took longer than 1 s and was stopped"));
    gone(&written(&word(&sandbox, "pid")));
}

#[tokio::test]
async fn a_failed_run_is_tried_again() {
    let (_sandbox, _daemon, client) = with_script("echo attempt $MUISTA_ATTEMPT; exit $((3 - MUISTA_ATTEMPT))").await;
    let patch = JobPatch { max_retries: Some(5), retry_delay_seconds: Some(1), ..JobPatch::default() };
    let first = over(&client, &run(&client, patch).await).await;
    assert_eq!((first.status, first.exit_code), (RunStatus::Failed, Some(2)));
    let last = until(&client, &RunRef::LastOf(name()), |run| run.status == RunStatus::Completed).await;
    assert_eq!((last.attempt, log(&client, &last, Stream::Stdout).await.as_str()), (3, "attempt 3\n"));
}

#[tokio::test]
async fn a_script_that_is_gone_fails_for_good() {
    let (sandbox, _daemon, client) = with_script("true").await;
    add(&client, JobPatch::default()).await;
    fs::remove_file(sandbox.config_file().parent().unwrap().join("scripts/job")).unwrap();
    let mut conn = sqlite(&sandbox.data_dir().join("muista.db"));
    let asked = ask_past_the_check(&mut conn);
    let done = until(&client, &RunRef::LastOf(name()), Run::is_over).await;
    assert_eq!((done.status, done.attempt, asked), (RunStatus::Failed, 1, 1));
    assert!(done.error_message.as_ref().unwrap().contains("job"), "{done:?}");
    let all = client.list_runs(muista_core::model::RunQuery::default()).await.unwrap().items;
    assert_eq!(all.len(), 1, "another attempt would not find it either");
}

/// Adds a run as a schedule would, whether there is a script or not.
fn ask_past_the_check(conn: &mut diesel::SqliteConnection) -> usize {
    use diesel::RunQueryDsl as _;
    let sql = "INSERT INTO runs (id, job_id, triggered_by, available_at, created_at)
        SELECT randomblob(16), id, 'manual', created_at, created_at FROM jobs";
    diesel::sql_query(sql).execute(conn).unwrap()
}

#[tokio::test]
async fn a_run_is_stopped_when_somebody_asks_for_it() {
    let (sandbox, _daemon, client) = with_script("echo $$ > \"$HOME/pid\"; sleep 600").await;
    let asked = run(&client, JobPatch::default()).await;
    let pid = written(&word(&sandbox, "pid"));
    let began = Instant::now();
    client.cancel_run(RunRef::Id(asked.id)).await.unwrap();
    let done = over(&client, &asked).await;
    assert_eq!((done.status, done.signal), (RunStatus::Cancelled, Some(15)));
    assert!(began.elapsed() < Duration::from_secs(8), "at once, and not with the next heartbeat");
    gone(&pid);
}

#[tokio::test]
async fn a_daemon_that_stops_hands_its_runs_back() {
    let (sandbox, daemon, client) = with_script("echo $$ > \"$HOME/pid\"; sleep 600").await;
    let asked = run(&client, JobPatch::default()).await;
    let pid = written(&word(&sandbox, "pid"));
    drop(client);
    daemon.signal(Signal::TERM);
    assert_eq!(tokio::task::spawn_blocking(|| daemon.wait()).await.unwrap().code(), Some(0));
    gone(&pid);
    let state = "SELECT status || ' ' || attempt || ' ' || rescues AS value FROM runs";
    assert_eq!(crate::support::sqlite_text(&sandbox.data_dir().join("muista.db"), state), "pending 1 0");

    fs::remove_file(word(&sandbox, "pid")).unwrap();
    let daemon = sandbox.daemon([""; 0]);
    let client = dial(daemon.socket()).await;
    written(&word(&sandbox, "pid"));
    let again = client.get_run(RunRef::Id(asked.id)).await.unwrap();
    assert_eq!((again.status, again.attempt, again.rescues), (RunStatus::Running, 1, 0));
}

#[tokio::test]
async fn a_killed_daemon_takes_its_scripts_along_and_the_next_one_runs_them_again() {
    let script = "echo $$ > \"$HOME/pid$(ls \"$HOME\" | wc -l)\"; [ -e \"$HOME/pid1\" ] || sleep 600";
    let (sandbox, daemon, client) = with_script(script).await;
    let asked = run(&client, JobPatch::default()).await;
    let pid = written(&word(&sandbox, "pid0"));
    drop(client);
    tokio::task::spawn_blocking(|| daemon.kill9()).await.unwrap();
    gone(&pid);
    let daemon = sandbox.daemon([""; 0]);
    let client = dial(daemon.socket()).await;
    let done = over(&client, &asked).await;
    assert_eq!((done.status, done.attempt, done.rescues), (RunStatus::Completed, 1, 1));
    written(&word(&sandbox, "pid1"));
}

#[tokio::test]
async fn a_deleted_job_lets_its_script_end_and_undo_brings_back_what_it_wrote() {
    let script = "trap 'echo cleaned up; exit 3' TERM\necho $$ > \"$HOME/pid\"\necho begun\nsleep 600 & wait";
    let (sandbox, _daemon, client) = with_script(script).await;
    let asked = run(&client, JobPatch::default()).await;
    let pid = written(&word(&sandbox, "pid"));
    let deleted = client.delete_job(name()).await.unwrap();
    assert_eq!(deleted.status, JobStatus::Running, "it is answered at once");
    let done = over(&client, &asked).await;
    let why = done.error_message.as_deref();
    assert_eq!((done.status, done.exit_code, why), (RunStatus::Cancelled, Some(3), Some("the job was deleted")));
    gone(&pid);
    client.undo(Undo { target: UndoTarget::Last }).await.unwrap();
    let back = client.get_job(name()).await.unwrap();
    assert_eq!(back.runs.iter().map(|run| run.id).collect::<Vec<_>>(), [asked.id]);
    assert_eq!(log(&client, &asked, Stream::Stdout).await, "begun\ncleaned up\n");
}

#[tokio::test]
async fn a_run_tells_what_it_left_out_and_what_outlived_it() {
    let script = "sleep 600 &\nhead -c 2000000 /dev/zero | tr '\\0' x\necho the end";
    let (_sandbox, _daemon, client) = with_script(script).await;
    let done = over(&client, &run(&client, JobPatch::default()).await).await;
    assert_eq!((done.status, done.output_truncated, done.omitted_bytes), (RunStatus::Completed, true, 951_432));
    let [left] = &done.left_behind[..] else { panic!("{done:?}") };
    assert!(left.starts_with("sleep ("), "{left}");
    let log = log(&client, &done, Stream::Stdout).await;
    assert_eq!((log.len(), log.ends_with("xxx\nthe end\n") || log.ends_with("xxxthe end\n")), (1 << 20, true));
}
