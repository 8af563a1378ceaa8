//! A supervisor that is killed or halted, by its script or by somebody else.

use std::time::Duration;

use crate::script::Spec;
use crate::support::{Folder, Run, run};

#[tokio::test]
async fn a_script_that_kills_its_supervisor_is_killed() {
    let folder = Folder::new();
    let text = "trap '' TERM HUP\nbash -c 'trap \"\" TERM HUP; while :; do sleep 0.05; done' \"$1\" &\n\
        kill -KILL $PPID\nwhile :; do sleep 0.05; done";
    let done = run(folder.bash(text)).await;
    assert!(done.ended.error.as_ref().unwrap().contains("supervisor"), "{done:?}");
    folder.nothing_runs();
}

#[tokio::test]
async fn a_script_that_halts_its_supervisor_can_be_stopped() {
    let folder = Folder::new();
    let mut run = Run::start(folder.bash("kill -STOP $PPID\necho ready\nsleep 600 & wait")).await;
    run.until("ready").await;
    run.running.stop();
    let done = run.done().await;
    assert_eq!((done.ended.signal, done.ended.stopped), (Some(15), true), "{done:?}");
    folder.nothing_runs();
}

#[tokio::test]
async fn sigterm_to_a_supervisor_stops_the_script() {
    let folder = Folder::new();
    // As a service manager does, that sends it to every process of the service.
    let done = run(folder.bash("kill -TERM $PPID\nsleep 600 & wait")).await;
    assert_eq!((done.ended.signal, done.ended.stopped), (Some(15), true), "{done:?}");
    folder.nothing_runs();
}

#[tokio::test]
async fn the_end_of_the_starting_thread_is_not_the_end_of_the_daemon() {
    let folder = Folder::new();
    let spec = Spec { timeout: Duration::from_secs(30), ..folder.bash("kill -HUP $PPID\nsleep 0.2\necho still here") };
    assert_eq!(run(spec).await.fine().text(), "still here\n");
}
