//! Stopping: calls in flight are answered, the socket goes, a second signal does not wait.

use std::path::PathBuf;
use std::process::ExitStatus;

use rustix::process::Signal;
use test_common::sandbox::{Daemon, Sandbox};
use tokio::task::JoinHandle;

use muista_core::error::Result;
use muista_core::model::Task;

use crate::support::{add, all, dial, hold_writes, request, until_closed, welcomed};

fn database(sandbox: &Sandbox) -> PathBuf {
    sandbox.data_dir().join("muista.db")
}

/// An add that the daemon has begun, and which waits while somebody holds the write lock.
async fn add_in_flight(daemon: &Daemon) -> JoinHandle<Result<Task>> {
    let client = dial(daemon.socket()).await;
    let adding = client.clone();
    let call = tokio::spawn(async move { add(&adding, "in flight").await });
    // The calls of one connection are read in their order: once this one is answered, the add has begun.
    tokio::task::yield_now().await;
    client.status().await.unwrap();
    assert!(!call.is_finished());
    call
}

/// Asks it to stop; returns once it has heard.
async fn ask(daemon: &Daemon, signal: Signal) {
    let mut idle = welcomed(daemon.socket());
    daemon.signal(signal);
    tokio::task::spawn_blocking(move || until_closed(&mut idle)).await.unwrap();
}

async fn ended(daemon: Daemon) -> ExitStatus {
    tokio::task::spawn_blocking(|| daemon.wait()).await.unwrap()
}

#[tokio::test]
async fn either_signal_answers_what_is_in_flight_and_removes_the_socket() {
    for signal in [Signal::TERM, Signal::INT] {
        let sandbox = Sandbox::new();
        let daemon = sandbox.daemon([""; 0]);
        let socket = daemon.socket().to_owned();
        let lock = hold_writes(&database(&sandbox));
        let call = add_in_flight(&daemon).await;
        ask(&daemon, signal).await;
        drop(lock);
        assert_eq!(call.await.unwrap().unwrap().title, "in flight");
        assert_eq!(ended(daemon).await.code(), Some(0));
        assert!(!socket.exists());

        let again = sandbox.daemon([""; 0]);
        assert_eq!(all(&dial(again.socket()).await).await.len(), 1, "what was answered is there");
    }
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
        let sandbox = Sandbox::new();
        let daemon = sandbox.daemon([""; 0]);
        let _lock = hold_writes(&database(&sandbox));
        let call = add_in_flight(&daemon).await;
        ask(&daemon, Signal::TERM).await;
        daemon.signal(signal);
        assert_eq!(ended(daemon).await.code(), Some(code));
        assert!(call.await.unwrap().is_err());
    }
}

#[tokio::test]
async fn clients_that_stay_connected_do_not_hold_it_up() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let silent = std::os::unix::net::UnixStream::connect(daemon.socket()).unwrap();
    let idle = welcomed(daemon.socket());
    let web = std::net::TcpStream::connect(daemon.http()).unwrap();
    assert_eq!(request(daemon.http(), "GET", "/health").status, 200);
    let began = std::time::Instant::now();
    assert_eq!(daemon.terminate().code(), Some(0));
    assert!(began.elapsed().as_secs() < 5, "it waited for {:?}", began.elapsed());
    drop((silent, idle, web));
}
