//! `docs/REST.md`, run from its first line to its last against a daemon of its own: what it shows has to come, and no
//! operation may be left out. It runs as a reader would run it, with curl.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use test_common::console::{ANYTHING, Shell, Step, steps};
use test_common::rest;
use test_common::sandbox::{Daemon, Sandbox};
use test_common::smtp::SmtpServer;

use crate::support::token;

/// Where the document's daemon listens; the test's is elsewhere.
const THERE: &str = "127.0.0.1:3000";
/// How long what the daemon does by itself may take, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn the_walk_through_rest_is_true_and_leaves_nothing_out() {
    let curl = Command::new("curl").arg("--version").output();
    assert!(curl.is_ok(), "curl is missing: install it, as in apt-get install curl");
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/REST.md")).unwrap();
    let steps = steps(&document);
    let at = |command: &str| steps.iter().position(|step| step.command == command).expect(command);
    let (settings, walk) = steps.split_at(at("muista daemon start"));
    let (walk, end) = walk.split_at(at("muista daemon stop") - settings.len());

    let mail = SmtpServer::start();
    let sandbox = sandbox(&mail);
    let mut shell = Shell::start(sandbox.shell());
    for step in settings {
        is_true(step, &shell.run(&step.command));
    }
    // That of the document would outlive a test that fails.
    let daemon = sandbox.daemon([] as [&str; 0]);
    for step in walk.iter().skip(1) {
        take(step, &mut shell, &daemon, &mail);
    }
    assert_eq!(left_out(&daemon), BTreeSet::new(), "docs/REST.md does not walk these");
    for step in end {
        take(step, &mut shell, &daemon, &mail);
    }
    assert_eq!(daemon.wait().code(), Some(0));
}

/// A home in which curl says as much as on a terminal, and mail goes to the test.
fn sandbox(mail: &SmtpServer) -> Sandbox {
    let sandbox = Sandbox::new()
        .with_env("MUISTA_EMAIL_HOST", "127.0.0.1")
        .with_env("MUISTA_EMAIL_PORT", mail.port().to_string())
        .with_env("MUISTA_EMAIL_TLS", "none");
    fs::write(sandbox.path().join("home/.curlrc"), "silent\nshow-error\nmax-time = 60\n").unwrap();
    sandbox
}

/// Takes one step. What only looks is asked again until it shows what the daemon has done meanwhile.
#[track_caller]
fn take(step: &Step, shell: &mut Shell, daemon: &Daemon, mail: &SmtpServer) {
    let here = daemon.http().to_string();
    let command = filled(&step.command, mail).replace(THERE, &here);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (status, output) = shell.run(&command);
        let output = output.replace(&here, THERE);
        let again = only_looks(&step.command) && Instant::now() < deadline;
        if !again || step.is_true(status, &output) {
            return is_true(step, &(status, output));
        }
        thread::yield_now();
    }
}

#[track_caller]
fn is_true(step: &Step, (status, output): &(i32, String)) {
    let Step { line, command, shown, .. } = step;
    assert!(step.is_true(*status, output), "docs/REST.md:{line}: {command}\nshown:\n{shown}\nis ({status}):\n{output}");
}

fn only_looks(command: &str) -> bool {
    command.starts_with("curl ") && ![" -X ", " --json ", " --data"].iter().any(|it| command.contains(it))
}

/// The command with what its reader fills in from a mail.
fn filled(command: &str, mail: &SmtpServer) -> String {
    let Some(name) = command.strip_suffix(ANYTHING).and_then(|rest| rest.strip_suffix('=')) else {
        return command.to_owned();
    };
    let word = match name {
        "CODE" => mailed(mail, "Confirm", "muista user confirm "),
        _ => mailed_token(mail, "within an hour: "),
    };
    format!("{name}={word}")
}

/// The token for a new password, which stands behind these words in a mail.
pub(crate) fn mailed_token(mail: &SmtpServer, before: &str) -> String {
    mailed(mail, "password", before)
}

/// What stands behind these words in the mail of this subject.
fn mailed(mail: &SmtpServer, subject: &str, before: &str) -> String {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mails = mail.mails();
        let found = mails.iter().find(|mail| mail.header("Subject").is_some_and(|it| it.contains(subject)));
        if let Some(mail) = found {
            let text = mail.text.replace("=\n", "").replace("=3D", "=");
            let token = text.split(before).nth(1).and_then(|rest| rest.split_whitespace().next());
            return token.expect(&text).to_owned();
        }
        assert!(Instant::now() < deadline, "no mail: {mails:?}");
        thread::yield_now();
    }
}

/// The operations that were not done with success, as the daemon counted them.
fn left_out(daemon: &Daemon) -> BTreeSet<(String, String)> {
    let bearer = format!("Bearer {}", token(daemon));
    let get = |path: &str| rest::send(daemon.http(), "GET", path, &[("Authorization", &bearer)], b"");
    let metrics = get("/metrics").text();
    let answered: Vec<_> = metrics.lines().filter_map(answered).collect();
    let faults: Vec<_> = answered.iter().filter(|(.., status)| status.starts_with('5')).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let done = answered.iter().filter(|(.., status)| status.starts_with('2'));
    let done: BTreeSet<_> = done.map(|(method, route, _)| (method.clone(), route.clone())).collect();
    let all = operations(&get("/openapi.json").json());
    assert!(all.len() > 80, "{all:?}");
    all.difference(&done).cloned().collect()
}

/// Method, route and status of a line of `/metrics` that counts requests.
fn answered(line: &str) -> Option<(String, String, String)> {
    let labels = line.strip_prefix("muista_http_requests_total{")?;
    let label = |name: &str| labels.split(name).nth(1)?.split('"').nth(1).map(str::to_owned);
    Some((label("method=")?, label("route=")?, label("status=")?))
}

/// Methods and paths of a description of REST.
pub(crate) fn operations(document: &Value) -> BTreeSet<(String, String)> {
    const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];
    let paths = document["paths"].as_object().unwrap().iter();
    let of_path = |(path, item): (&String, &Value)| {
        let methods = METHODS.iter().filter(|method| item[**method].is_object());
        methods.map(|method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    };
    paths.flat_map(of_path).collect()
}
