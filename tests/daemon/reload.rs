//! Settings that are changed while a daemon runs: what it takes over, what it says of the rest, and that what it cannot
//! use does no harm. And its log, which is put aside by size.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use test_common::sandbox::{Daemon, Sandbox};
use test_common::smtp::SmtpServer;

use crate::support::{PATIENCE, done, run};

/// Sets a setting, and returns what is said of it.
#[track_caller]
fn set(home: &Sandbox, key: &str, value: &str) -> String {
    done(home.muista().args(["config", "set", key, value])).stderr
}

/// The state of the daemon's settings.
fn state(home: &Sandbox) -> Value {
    done(home.muista().args(["daemon", "status", "--json"])).json()["settings"].clone()
}

/// The keys that differ.
fn differing(home: &Sandbox) -> Vec<String> {
    let state = state(home);
    let keys = state["differing"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap().to_owned());
    keys.collect()
}

/// Waits until something is so.
#[track_caller]
fn until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn write_config(home: &Sandbox, text: &str) {
    fs::create_dir_all(home.config_file().parent().unwrap()).unwrap();
    fs::write(home.config_file(), text).unwrap();
}

fn running(home: &Sandbox) -> Daemon {
    home.daemon([""; 0])
}

#[test]
fn a_message_goes_by_the_settings_that_were_just_made() {
    let home = Sandbox::new();
    let _daemon = running(&home);
    let server = SmtpServer::start();
    let port = server.port().to_string();
    for (key, value) in [
        ("email.host", "localhost"),
        ("email.port", &port),
        ("email.tls", "none"),
        ("email.from", "m@example.org"),
        ("email.to", "kim@example.org"),
    ] {
        let said = set(&home, key, value);
        assert!(said.contains(&format!("uses {key} from now on")), "{said}");
    }
    done(home.muista().args(["notify", "test", "--channel", "email"]));
    assert_eq!(server.wait_for(1, PATIENCE).len(), 1);
    let said = done(home.muista().args(["config", "unset", "email.to"])).stderr;
    assert!(said.contains("uses email.to from now on"), "{said}");
    run(home.muista().args(["notify", "test", "--channel", "email"])).refused(4, &["recipient", "email.to"]);
}

#[test]
fn what_waited_for_an_address_goes_out_once_the_file_says_it_and_is_read_anew() {
    let home = Sandbox::new();
    let server = SmtpServer::start();
    let config =
        format!("[email]\nhost = \"localhost\"\nport = {}\ntls = \"none\"\nfrom = \"m@example.org\"\n", server.port());
    write_config(&home, &config);
    let _daemon = running(&home);
    done(home.muista().args(["add", "Feed the cat"]));
    done(home.muista().args(["remind", "1", "now"]));
    let waiting = || {
        let listed = done(home.muista().args(["notifications", "ls", "--json"])).json();
        listed.as_array().unwrap().iter().any(|one| one["status"] == "PENDING" && one["errorMessage"].is_string())
    };
    until("the message waits", waiting);
    assert_eq!(server.mails().len(), 0);
    write_config(&home, &(config + "to = \"kim@example.org\"\n"));
    done(home.muista().args(["daemon", "reload"]));
    let mail = server.wait_for(1, PATIENCE);
    assert_eq!(mail[0].to, ["kim@example.org"]);
}

#[test]
fn settings_that_only_work_together_are_set_together() {
    let home = Sandbox::new();
    let _daemon = running(&home);
    let made = rcgen::generate_simple_self_signed(["muista.example.org".to_owned()]).unwrap();
    let (cert, key) = (home.path().join("cert.pem"), home.path().join("key.pem"));
    fs::write(&cert, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let (cert, key) = (cert.to_str().unwrap(), key.to_str().unwrap());
    run(home.muista().args(["config", "set", "tls.cert", cert])).refused(2, &["tls.key", "at once"]);
    let all = ["config", "set", "tls.cert", cert, "tls.key", key, "rpc.listen", "0.0.0.0:7333"];
    let said = done(home.muista().args(all)).stderr;
    assert!(said.starts_with("tls.cert, tls.key and rpc.listen are set in"), "{said}");
    assert_eq!(differing(&home), ["tls.cert", "tls.key", "rpc.listen"]);
    run(home.muista().args(["config", "unset", "tls.key"])).refused(2, &["tls.cert is set without"]);
    done(home.muista().args(["config", "unset", "rpc.listen", "tls.cert", "tls.key"]));
    assert_eq!(differing(&home), [""; 0]);
    run(home.muista().args(["config", "set", "color", "never", "http"])).refused(2, &["`http` has no value"]);
    run(home.muista().args(["config", "set", "color", "never", "color", "always"])).refused(2, &["set twice"]);
}

#[test]
fn what_needs_a_restart_is_told_until_it_is_done() {
    let home = Sandbox::new();
    write_config(&home, "http = \"127.0.0.1:0\"\n");
    let started = done(home.muista().args(["daemon", "start", "--json"])).json();
    let said = set(&home, "web.rate", "50");
    assert!(said.contains("uses web.rate after: muista daemon restart"), "{said}");
    assert_eq!(differing(&home), ["web.rate"]);
    let findings = done(home.muista().args(["doctor", "--json"])).json();
    let told = findings.as_array().unwrap().iter().find(|one| one["name"] == "daemon's settings").unwrap();
    assert_eq!(told["status"], "warn", "{told}");
    assert_eq!(told["found"], "web.rate is set to 50, the daemon uses 100000", "{told}");
    assert_eq!(told["remedy"], "`muista daemon restart`", "{told}");
    // What commands alone use concerns no daemon.
    assert!(!set(&home, "color", "never").contains("daemon"));

    let restarted = done(home.muista().args(["daemon", "restart", "--json"])).json();
    assert_eq!(restarted["started"], true, "{restarted}");
    assert_ne!(restarted["pid"], started["pid"]);
    assert_eq!(differing(&home), [""; 0]);
    done(home.muista().args(["daemon", "stop"]));
    // Where none runs, one is started.
    let restarted = done(home.muista().args(["daemon", "restart", "--http", "127.0.0.1:0", "--json"])).json();
    assert_eq!(restarted["started"], true, "{restarted}");
    assert_eq!(state(&home)["http"], "127.0.0.1:0");
    done(home.muista().args(["daemon", "stop"]));
}

#[test]
fn secrets_are_compared_and_not_told() {
    let home = Sandbox::new();
    let _daemon = running(&home);
    set(&home, "email.password", "first-word");
    let text = fs::read_to_string(home.config_file()).unwrap();
    write_config(&home, &text.replace("first-word", "second-word"));
    let state = state(&home);
    assert_eq!(state["differing"][0]["key"], "email.password", "{state}");
    assert!(!state.to_string().contains("-word"), "{state}");
    let findings = run(home.muista().args(["doctor", "--json"])).stdout;
    assert!(findings.contains("email.password is set to another value") && !findings.contains("-word"), "{findings}");
    done(home.muista().args(["daemon", "reload"]));
    assert_eq!(differing(&home), [""; 0]);
}

#[test]
fn settings_that_cannot_be_used_do_no_harm() {
    let home = Sandbox::new();
    let daemon = running(&home);
    // A daemon that other machines could reach in clear text would not start again.
    let refused = run(home.muista().args(["config", "set", "rpc.listen", "0.0.0.0:0"]));
    refused.refused(2, &["rpc.listen", "insecure"]);
    assert!(!home.config_file().exists());
    run(home.muista().args(["config", "set", "log.level", "info,=x["])).refused(2, &["log.level"]);
    set(&home, "channels", "desktop");

    write_config(&home, "chanels = \"sms\"\n");
    daemon.signal(Signal::HUP);
    until("the daemon tells of the file", || daemon.stderr().contains("cannot be used; the old ones hold"));
    // A command that reads no file of ours still finds the daemon at work.
    let socket = daemon.socket().to_owned();
    let elsewhere = |args: &[&str]| {
        let mut command = home.muista();
        command.args(args).arg("--socket").arg(&socket).env("MUISTA_CONFIG", home.path().join("other.toml"));
        fs::write(home.path().join("other.toml"), "").unwrap();
        done(&mut command)
    };
    elsewhere(&["add", "Still here"]);
    let status = elsewhere(&["daemon", "status", "--json"]).json();
    assert!(status["settings"]["error"].as_str().unwrap().contains("chanels"), "{status}");

    write_config(&home, "channels = \"sms\"\n");
    daemon.signal(Signal::HUP);
    until("the file is taken over", || daemon.stderr().contains("\"taken\":\"channels\""));
    assert_eq!(differing(&home), [""; 0]);
}

#[test]
fn what_the_daemon_was_started_with_goes_before_the_file() {
    let home = Sandbox::new().with_env("MUISTA_TIMEZONE", "Europe/Helsinki");
    let _daemon = running(&home);
    let said = set(&home, "timezone", "Asia/Tokyo");
    assert!(said.contains("has timezone by a flag or a variable"), "{said}");
    // Another file is not the daemon's.
    let mut command = home.muista();
    command.args(["config", "set", "channels", "sms"]).env("MUISTA_CONFIG", home.path().join("mine.toml"));
    let said = done(&mut command).stderr;
    assert!(said.contains(&format!("reads {} instead", home.config_file().display())), "{said}");
}

#[test]
fn scripts_are_registered_while_the_daemon_runs() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Sandbox::new();
    let _daemon = running(&home);
    let script = home.path().join("hello.sh");
    fs::write(&script, "#!/bin/sh\necho hello\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o700)).unwrap();
    write_config(&home, &format!("[[script]]\nname = \"hello\"\npath = \"{}\"\n", script.display()));
    let told = done(home.muista().args(["daemon", "reload", "--json"])).json();
    assert_eq!((&told["taken"], &told["restart"]), (&json!(["script"]), &json!([])), "{told}");
    done(home.muista().args(["job", "add", "hello", "--script", "hello"]));
    done(home.muista().args(["job", "run", "hello", "--wait"]));
    assert!(done(home.muista().args(["job", "logs", "hello"])).stdout.contains("hello"));
}

/// The files of the log, without those that are not there.
fn logs(home: &Sandbox) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(home.data_dir())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("muistad.log"))
        .collect();
    names.sort();
    names
}

/// What a program has printed so far.
fn shown_by(program: &mut Child) -> Arc<Mutex<String>> {
    let shown = Arc::new(Mutex::new(String::new()));
    let (lines, into) = (BufReader::new(program.stdout.take().unwrap()).lines(), Arc::clone(&shown));
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            into.lock().unwrap().push_str(&(line + "\n"));
        }
    });
    shown
}

/// The lines of a log that say that the daemon has read its settings.
fn lines(path: &Path) -> usize {
    fs::read_to_string(path).unwrap_or_default().lines().filter(|line| line.contains("read anew")).count()
}

#[test]
fn the_log_is_put_aside_by_size_and_followed() {
    let home = Sandbox::new();
    let log = home.data_dir().join("muistad.log");
    write_config(&home, "http = \"127.0.0.1:0\"\n[log]\nmax_size = 2000\nkeep = 2\n");
    done(home.muista().args(["daemon", "start"]));
    let follower = home.muista().args(["daemon", "logs", "-n", "99", "-f"]).stdout(Stdio::piped()).spawn();
    let mut follower = follower.unwrap();
    let followed = shown_by(&mut follower);
    until("the follower follows", || followed.lock().unwrap().contains("\"ready\""));
    // Each reload is a line.
    let shown = || followed.lock().unwrap().lines().filter(|line| line.contains("read anew")).count();
    for number in 0..40 {
        set(&home, "email.to", &format!("kim{number}@example.org"));
        until("the follower has shown it", || shown() == number + 1);
    }
    assert_eq!(logs(&home), ["muistad.log", "muistad.log.1", "muistad.log.2"]);
    for name in logs(&home) {
        let file = home.data_dir().join(name);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.len() <= 2000 && text.ends_with('\n'), "{}: {text}", file.display());
        text.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).unwrap()));
    }
    // Put aside by another program, as logrotate does, by either of its ways.
    let pid: i32 = done(home.muista().args(["daemon", "status", "--json"])).json()["pid"].as_i64().unwrap() as i32;
    fs::rename(&log, home.data_dir().join("moved")).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_raw(pid).unwrap(), Signal::USR1).unwrap();
    until("a new log", || log.exists());
    set(&home, "email.to", "moved@example.org");
    assert_eq!(lines(&log), 1);
    until("the follower has shown it", || shown() == 41);
    fs::File::options().write(true).open(&log).unwrap().set_len(0).unwrap();
    set(&home, "email.to", "truncated@example.org");
    assert_eq!(lines(&log), 1);
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.starts_with('{'), "no hole: {text:?}");
    done(home.muista().args(["daemon", "stop"]));
    until("the follower has shown the end", || followed.lock().unwrap().contains("\"stopped\""));
    follower.kill().unwrap();
    follower.wait().unwrap();
    // What was written just after the log was cut can be missed, where it is as long as what was there.
    assert!((41..=42).contains(&shown()), "every line once");
}
