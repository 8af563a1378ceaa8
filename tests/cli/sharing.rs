//! Comments, members and watching, as the command has them. Who may do what is tested with the service.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{home, home_with, muista};

#[test]
fn a_comment_is_written_listed_and_deleted() {
    let home = home_with(&["a"]);
    assert_eq!(muista(&home, ["comment", "1"]).stderr, "No comments. Write one with: muista comment 1 \"…\"\n");
    let added = muista(&home, ["comment", "1", "sold", "out"]).ok();
    assert!(added.starts_with("Added the comment "), "{added}");
    let comment = muista(&home, ["comment", "1", "until -- friday", "--json"]).json();
    assert_eq!(comment["text"], "until -- friday");
    let listed = muista(&home, ["comment", "1", "--json"]).json();
    let texts: Vec<&Value> = listed.as_array().unwrap().iter().map(|comment| &comment["text"]).collect();
    assert_eq!(texts, ["sold out", "until -- friday"]);
    assert!(muista(&home, ["show", "1"]).ok().contains("until -- friday"));
    let ids = muista(&home, ["comment", "1", "-o", "ids"]).ok();
    let first = ids.lines().next().unwrap();
    muista(&home, ["comment", "--delete", first]).ok();
    muista(&home, ["comment", "--delete", first]).refused(3, "no comment", "");
    assert_eq!(muista(&home, ["comment", "1", "-o", "ids"]).ok().lines().count(), 1);
    muista(&home, ["comment", "9", "x"]).refused(3, "task 9", "");
    muista(&home, ["comment"]).refused(2, "", "");
}

#[test]
fn a_project_is_shared_and_no_longer() {
    let home = home();
    muista(&home, ["project", "add", "house"]).ok();
    muista(&home, ["user", "add", "eva", "--quiet"]).ok();
    let shared = muista(&home, ["project", "share", "house", "eva"]).ok();
    assert_eq!(shared, "Shared the project house with eva (member)\n");
    muista(&home, ["project", "share", "house", "eva"]).refused(4, "already", "");
    let promoted = muista(&home, ["project", "share", "house", "eva", "--role", "admin"]).ok();
    assert_eq!(promoted, "Shared the project house with eva (admin)\n");
    insta::assert_snapshot!(muista(&home, ["project", "members", "house"]).ok(), @r"
    Member  Role
    local   owner
    eva     admin
    ");
    muista(&home, ["project", "share", "house", "nobody"]).refused(3, "nobody", "username");
    muista(&home, ["project", "share", "house", "eva", "--role", "king"]).refused(2, "king", "member");
    muista(&home, ["project", "unshare", "house", "local"]).refused(4, "owner", "rm");
    muista(&home, ["project", "unshare", "house", "eva"]).ok();
    muista(&home, ["project", "unshare", "house", "eva"]).refused(3, "eva", "");
    muista(&home, ["undo"]).ok();
    assert_eq!(muista(&home, ["project", "members", "house", "-o", "ids"]).ok(), "local\neva\n");
    assert_eq!(muista(&home, ["project", "ls", "--json"]).json()[0]["role"], "OWNER");
    let log = muista(&home, ["log", "--entity", "member", "--actor", "local", "--since", "yesterday", "--json"]).json();
    assert_eq!(log.as_array().unwrap().len(), 4);
    assert_eq!(muista(&home, ["log", "--actor", "zoe", "--json"]).ok(), "[]\n");
}

#[test]
fn watch_tells_each_change_until_it_is_interrupted() {
    let home = home_with(&["before"]);
    let mut watch = home.muista();
    watch.args(["watch", "--json", "--since", "0"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = watch.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["entry"]["after"]["title"], "before");
    muista(&home, ["add", "a"]).ok();
    let added = next();
    assert_eq!((&added["entry"]["action"], &added["entry"]["after"]["title"]), (&"CREATE".into(), &"a".into()));
    muista(&home, ["done", "2"]).ok();
    assert_eq!(next()["entry"]["after"]["completed"], true);
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    // It goes on from any event.
    let mut again = home.muista();
    again.args(["watch", "--since", added["id"].as_str().unwrap()]).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = again.spawn().unwrap();
    let line = BufReader::new(child.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    assert!(line.ends_with("  local: completed task 2  a"), "{line}");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    muista(&home, ["watch", "--since", "soon"]).refused(2, "soon", "0");
}
