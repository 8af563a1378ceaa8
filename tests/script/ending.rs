//! How a run ends: by itself, by a signal, by its timeout, by an order, because nobody renews it. And that nothing of it
//! is left then.

use std::time::Duration;

use tokio::time::Instant;

use crate::script::{Ended, Runner, Spec};
use crate::support::{Folder, PATIENCE, Run, run, runner};

const SHORT: Duration = Duration::from_millis(300);

/// Starts a process that leaves group and session, ignores SIGTERM, and keeps the script's output open.
const ESCAPE: &str = r#"
setsid bash -c 'trap "" TERM HUP INT; echo $0 >/dev/null; while :; do sleep 0.05; done' "$1" &
(setsid bash -c 'trap "" TERM; (while :; do sleep 0.05; done) & disown; exit' "$1" &)
"#;

fn signalled(signal: i32) -> Ended {
    Ended { signal: Some(signal), ..Ended::default() }
}

#[tokio::test]
async fn the_exit_code_is_told() {
    let done = run(Folder::new().bash("exit 3")).await;
    assert_eq!(done.ended, Ended { exit_code: Some(3), ..Ended::default() });
}

#[tokio::test]
async fn the_signal_is_told() {
    let done = run(Folder::new().bash("kill -SEGV $$")).await;
    assert_eq!(done.ended, signalled(11));
}

#[tokio::test]
async fn a_script_that_takes_too_long_is_ended() {
    let folder = Folder::new();
    let done = run(Spec { timeout: SHORT, ..folder.bash("sleep 600 & wait") }).await;
    assert_eq!(done.ended, Ended { timed_out: true, ..signalled(15) });
    folder.nothing_runs();
}

#[tokio::test]
async fn a_script_may_clean_up_when_it_is_ended() {
    let folder = Folder::new();
    let mut run = Run::start(folder.bash("trap 'echo bye; exit 7' TERM\necho ready\nsleep 600 & wait")).await;
    run.until("ready").await;
    run.running.stop();
    let done = run.done().await;
    assert_eq!(done.ended, Ended { exit_code: Some(7), stopped: true, ..Ended::default() });
    assert_eq!(done.text(), "ready\nbye\n");
}

#[tokio::test]
async fn a_script_that_ignores_sigterm_outlives_only_the_grace() {
    let folder = Folder::new();
    let text = "trap '' TERM\necho ready\nwhile :; do sleep 0.05; done";
    let spec = Spec { timeout: SHORT, grace: SHORT, ..folder.bash(text) };
    let began = Instant::now();
    let done = run(spec).await;
    assert!(began.elapsed() >= 2 * SHORT);
    assert!(done.ended.timed_out && !done.ended.stopped, "{done:?}");
    assert_eq!(done.ended.signal, Some(9));
    folder.nothing_runs();
}

#[tokio::test]
async fn a_kill_waits_for_no_grace() {
    let folder = Folder::new();
    let mut run = Run::start(folder.bash("trap '' TERM\necho ready\nwhile :; do sleep 0.05; done")).await;
    run.until("ready").await;
    run.running.stop();
    run.running.kill();
    let done = run.done().await;
    assert_eq!((done.ended.signal, done.ended.stopped), (Some(9), true), "{done:?}");
    folder.nothing_runs();
}

#[tokio::test]
async fn what_a_script_leaves_behind_is_ended() {
    let folder = Folder::new();
    let text = "bash -c 'sleep 600 & touch up; wait' \"$1\" &\nwhile [[ ! -e up ]]; do sleep 0.01; done";
    let done = run(folder.bash(text)).await;
    assert_eq!((done.ended.exit_code, done.ended.error.as_deref()), (Some(0), None));
    let mut names: Vec<_> = done.ended.left_behind.iter().map(|one| one.split(' ').next().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["bash", "sleep"]);
    folder.nothing_runs();
}

#[tokio::test]
async fn many_runs_at_once_do_not_mix() {
    let folder = Folder::new();
    let spec = folder.bash("echo \"$2\"; sleep 0.1; echo \"$2\"");
    let runs = (0..40).map(|number| {
        let mut spec = folder.spec(spec.command.path.clone());
        spec.command.args.push(number.to_string());
        run(spec)
    });
    for (number, done) in futures::future::join_all(runs).await.into_iter().enumerate() {
        assert_eq!(done.fine().text(), format!("{number}\n{number}\n"));
    }
    folder.nothing_runs();
}

#[tokio::test]
async fn nothing_gets_away_by_leaving_its_session_and_ignoring_sigterm() {
    let folder = Folder::new();
    let spec = Spec { grace: SHORT, ..folder.bash(&format!("{ESCAPE}\nsleep 0.3\nexit 4")) };
    let done = run(spec).await;
    assert_eq!((done.ended.exit_code, done.ended.error.as_deref()), (Some(4), None));
    assert!(done.ended.left_behind.len() >= 2, "{done:?}");
    folder.nothing_runs();
}

#[tokio::test]
async fn a_timeout_reaches_what_has_left_the_session() {
    let folder = Folder::new();
    let text = format!("{ESCAPE}\ntrap '' TERM\nwhile :; do sleep 0.05; done");
    let spec = Spec { timeout: 2 * SHORT, grace: SHORT, ..folder.bash(&text) };
    let done = run(spec).await;
    assert!(done.ended.timed_out && done.ended.error.is_none(), "{done:?}");
    folder.nothing_runs();
}

#[tokio::test]
async fn processes_that_multiply_are_ended() {
    let folder = Folder::new();
    // Each one starts another in a session of its own and ends, so there is always one that was not seen yet.
    folder.file("again", "#!/bin/bash\ntrap '' TERM\nsetsid ./again \"$1\" &\nsleep 0.02\n");
    let spec = Spec { grace: SHORT, ..folder.bash("for i in 1 2 3 4; do ./again \"$1\" & done\nsleep 0.3") };
    let done = run(spec).await;
    assert_eq!((done.ended.exit_code, done.ended.error.as_deref()), (Some(0), None), "{done:?}");
    folder.nothing_runs();
}

#[tokio::test]
async fn a_halted_script_is_ended() {
    let folder = Folder::new();
    let mut run = Run::start(folder.bash("echo ready\nkill -STOP $$")).await;
    run.until("ready").await;
    run.running.stop();
    assert_eq!(run.done().await.ended, Ended { stopped: true, ..signalled(15) });
}

#[tokio::test]
async fn a_last_word_of_a_child_is_heard() {
    let folder = Folder::new();
    let done = run(folder.bash("exec > >(while read -r line; do echo \"tee: $line\"; done)\necho hello")).await.fine();
    assert_eq!(done.text(), "tee: hello\n");
}

#[tokio::test]
async fn the_end_of_the_daemon_is_the_end_of_the_script() {
    let folder = Folder::new();
    let spec = Spec { grace: SHORT, ..folder.bash(&format!("{ESCAPE}\nsleep 600 & echo ready; wait")) };
    let mut run = Run::start(spec).await;
    run.until("ready").await;
    assert!(!folder.running().is_empty());
    // What the supervisor sees when a daemon ends in whatever way: its socket closes.
    drop(run.running);
    folder.until_running(0).await;
}

#[tokio::test]
async fn a_run_that_nobody_renews_is_ended() {
    let folder = Folder::new();
    let runner = Runner { renewal: SHORT, ..runner() };
    let done = Run::start_by(&runner, folder.bash("sleep 600 & wait")).await.done().await;
    assert_eq!(done.ended, Ended { stopped: true, ..signalled(15) });
    folder.nothing_runs();
}

#[tokio::test]
async fn a_run_that_is_renewed_goes_on() {
    let folder = Folder::new();
    let runner = Runner { renewal: 5 * SHORT, ..runner() };
    let mut run = Run::start_by(&runner, folder.bash("sleep 2.5")).await;
    let began = Instant::now();
    let ended = loop {
        tokio::select! {
            ended = run.running.ended() => break ended,
            () = tokio::time::sleep(SHORT / 3) => run.running.heartbeat(),
        }
        assert!(began.elapsed() < PATIENCE);
    };
    assert_eq!(ended, Ended { exit_code: Some(0), ..Ended::default() });
}
