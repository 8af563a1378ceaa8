//! What scripts write: while they run, more than is kept, faster than it is read, and bytes that are no text.

use std::time::Duration;

use tokio::time::Instant;

use crate::script::{Ended, Spec};
use crate::support::{Folder, Run, run};

/// The most memory this process has used, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn both_streams_arrive_whole() {
    let folder = Folder::new();
    let done = run(folder.bash("for i in {1..9999}; do echo out $i; echo err $i >&2; done")).await.fine();
    let expected = |word: &str| (1..=9999).map(|i| format!("{word} {i}\n")).collect::<String>();
    assert_eq!(done.text(), expected("out"));
    assert_eq!(String::from_utf8(done.stderr).unwrap(), expected("err"));
}

#[tokio::test]
async fn output_arrives_while_the_script_runs() {
    let folder = Folder::new();
    let mut run = Run::start(folder.bash("echo first\nwhile [[ ! -e go ]]; do sleep 0.02; done\necho last")).await;
    run.until("first\n").await;
    std::fs::write(folder.path().join("go"), "").unwrap();
    assert_eq!(run.done().await.fine().text(), "first\nlast\n");
}

#[tokio::test]
async fn a_flood_is_cut_and_does_not_hold_up_the_script() {
    let folder = Folder::new();
    let before = peak();
    let spec = Spec { output_max: 100_000, ..folder.bash("head -c 50000000 /dev/zero | tr '\\0' x\necho end >&2") };
    let done = run(spec).await;
    assert_eq!(done.ended, Ended { exit_code: Some(0), omitted: 49_900_000, ..Ended::default() });
    assert_eq!(done.stdout, vec![b'x'; 100_000]);
    assert_eq!(done.stderr, b"end\n", "the other stream has its own limit");
    assert!(peak() < before + 30_000, "{} KiB more", peak() - before);
}

#[tokio::test]
async fn of_much_output_the_beginning_and_the_end_are_kept() {
    let folder = Folder::new();
    let spec = Spec { output_max: 20, ..folder.bash("for i in {1..9}; do printf 'line %s\\n' $i; sleep 0.01; done") };
    let done = run(spec).await;
    assert_eq!(done.text(), "line 1\nlin 8\nline 9\n");
    assert_eq!((done.ended.omitted, done.gaps), (43, vec![(10, 43)]), "where the gap is, and how large");
}

#[tokio::test]
async fn exactly_the_limit_is_not_cut_off() {
    let folder = Folder::new();
    let done = run(Spec { output_max: 5, ..folder.bash("printf 12345") }).await.fine();
    assert_eq!(done.text(), "12345");
}

#[tokio::test]
async fn a_slow_reader_holds_up_the_script_and_loses_nothing() {
    let folder = Folder::new();
    let mut run = Run::start(folder.bash("head -c 1000000 /dev/zero | tr '\\0' x\ntouch written")).await;
    run.until("x").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!folder.path().join("written").exists(), "somebody holds a megabyte in between");
    let done = run.done().await.fine();
    assert_eq!(done.stdout.len(), 1_000_000);
}

#[tokio::test]
async fn a_reader_that_is_gone_does_not_hold_up_the_script() {
    let folder = Folder::new();
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(receiver);
    let spec = folder.bash("head -c 5000000 /dev/zero\ntouch written");
    let ended = crate::support::runner().start(spec, sender).await.unwrap().ended().await;
    assert_eq!(ended.exit_code, Some(0), "{ended:?}");
    assert!(folder.path().join("written").exists());
}

#[tokio::test]
async fn bytes_that_are_no_text_are_kept() {
    let folder = Folder::new();
    let done = run(folder.bash(r"printf '\xff\x00\xfe\nok'")).await.fine();
    assert_eq!(done.stdout, b"\xff\x00\xfe\nok");
}

#[tokio::test]
async fn a_process_that_holds_the_output_open_does_not_hold_up_the_end() {
    let folder = Folder::new();
    let began = Instant::now();
    let done = run(folder.bash("setsid sleep 600 & echo out")).await;
    assert_eq!((done.ended.exit_code, done.ended.left_behind.len()), (Some(0), 1), "{done:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
}
