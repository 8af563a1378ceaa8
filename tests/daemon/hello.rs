//! The socket's first words, said by hand: another protocol is told so, nonsense and silence end their own connection
//! and nothing else.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_common::sandbox::{Daemon, Sandbox};

use crate::support::{PATIENCE, add, dial, hello, read_line, say, until_closed, welcomed};

/// Checks that the daemon serves others.
async fn serves(daemon: &Daemon) {
    let client = dial(daemon.socket()).await;
    let answer = tokio::time::timeout(PATIENCE, add(&client, "still here")).await;
    assert_eq!(answer.unwrap().unwrap().title, "still here");
}

#[tokio::test]
async fn another_protocol_is_refused_in_words() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let mut other = serde_json::to_value(hello()).unwrap();
    other["protocol"] = json!(999);
    other["muista"] = json!("9.8.7");
    let mut newer = json!({ "muista": "9.8.7", "protocol": 999, "origin": "telepathy", "compression": ["zstd"] });
    for hello in [&other, &mut newer] {
        let mut stream = say(daemon.socket(), &format!("{hello}\n"));
        let answer: Value = serde_json::from_str(&read_line(&mut stream)).unwrap();
        assert_eq!(answer["answer"], "refused", "{answer}");
        let error = &answer["error"];
        assert_eq!(error["kind"], "CONFLICT", "{answer}");
        for word in ["protocol 999", "9.8.7", env!("CARGO_PKG_VERSION")] {
            assert!(error["message"].as_str().unwrap().contains(word), "{answer}");
        }
        assert!(error["hint"].as_str().unwrap().contains("update the older"), "{answer}");
        assert_eq!(until_closed(&mut stream), "");
    }
    serves(&daemon).await;
}

#[tokio::test]
async fn a_client_of_another_database_is_sent_away() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let mut other = serde_json::to_value(hello()).unwrap();
    other["database"] = json!("sqlite:/elsewhere.db");
    let mut stream = say(daemon.socket(), &format!("{other}\n"));
    let answer: Value = serde_json::from_str(&read_line(&mut stream)).unwrap();
    let ours = format!("sqlite:{}", sandbox.data_dir().join("muista.db").display());
    assert_eq!(answer, json!({ "answer": "otherDatabase", "database": ours }));
    assert_eq!(until_closed(&mut stream), "");
}

#[tokio::test]
async fn nonsense_ends_its_own_connection_only() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let bystander = dial(daemon.socket()).await;
    for nonsense in ["GET / HTTP/1.1\r\n\r\n", "\n", "{}\n", "[1,2]\n", "\u{202e}\0\n", "{\"protocol\":-1}\n"] {
        until_closed(&mut say(daemon.socket(), nonsense));
    }
    let mut endless = UnixStream::connect(daemon.socket()).unwrap();
    endless.set_read_timeout(Some(PATIENCE)).unwrap();
    // Closed on the other side before all is written.
    assert!(endless.write_all(&vec![b'x'; 4 << 20]).is_err());
    until_closed(&mut endless);
    add(&bystander, "was here before").await.unwrap();
    serves(&daemon).await;
}

/// A whole frame in tarpc's form: its length in four bytes, then itself.
fn frame(length: u32, body: &[u8]) -> Vec<u8> {
    [&length.to_be_bytes(), body].concat()
}

#[tokio::test]
async fn a_frame_that_is_none_ends_its_own_connection_only() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let bystander = dial(daemon.socket()).await;
    for nonsense in [frame(u32::MAX, b"x"), frame((64 << 20) + 1, b"{"), frame(4, b"null"), frame(3, b"\xff{[")] {
        let mut stream = welcomed(daemon.socket());
        stream.write_all(&nonsense).unwrap();
        until_closed(&mut stream);
        add(&bystander, "was here before").await.unwrap();
    }
    // Half a frame, and gone.
    welcomed(daemon.socket()).write_all(&frame(1000, b"{\"Request\":")).unwrap();
    serves(&daemon).await;
}

#[tokio::test]
async fn a_client_that_says_nothing_is_dropped_in_time() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let began = Instant::now();
    let mut silent = say(daemon.socket(), "");
    let mut hesitant = say(daemon.socket(), "{\"muista\":");
    assert_eq!(until_closed(&mut silent), "");
    assert_eq!(until_closed(&mut hesitant), "");
    let took = began.elapsed();
    assert!((Duration::from_secs(4)..Duration::from_secs(30)).contains(&took), "{took:?}");
    serves(&daemon).await;
}

#[tokio::test]
async fn many_idle_connections_stop_nobody() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let silent: Vec<UnixStream> = (0..200).map(|_| say(daemon.socket(), "")).collect();
    let idle: Vec<UnixStream> = (0..200).map(|_| welcomed(daemon.socket())).collect();
    serves(&daemon).await;
    drop((silent, idle));
    serves(&daemon).await;
}
