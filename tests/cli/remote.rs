//! A daemon on another machine: logging in, the same commands over TLS, who is refused and how. Here the other machine is
//! another home, on an address of 127.0.0.1 with a certificate of a test's own authority.

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use muista_core::config::RemoteAddress;
use muista_core::error::ErrorKind;
use muista_core::model::{Origin, Secret};
use muista_core::rpc::{Hello, PROTOCOL, Proof, dial_remote};
use serde_json::Value;
use test_common::postgres;
use test_common::sandbox::Sandbox;

use crate::support::{home, muista, run, run_with_input, shell_command};
use crate::there::{Authority, PASSWORD, There};

const PATIENCE: Duration = Duration::from_secs(60);

fn credentials(home: &Sandbox) -> PathBuf {
    home.path().join("config/muista/credentials.toml")
}

#[test]
fn a_login_by_password_makes_a_key_and_commands_go_there() {
    for there in [There::new(home()), There::new(on_postgres())] {
        let here = home();
        let told =
            there.login(&here, &["--name", "kim@example.org", "--password-stdin"], &format!("{PASSWORD}\n")).ok();
        assert_eq!(told, format!("Logged in to {} as kim\n", there.address()));
        let stored = fs::read_to_string(credentials(&here)).unwrap();
        assert!(stored.contains("muista_") && !stored.contains(PASSWORD), "{stored}");
        assert_eq!(fs::metadata(credentials(&here)).unwrap().permissions().mode() & 0o777, 0o600);

        let who = muista(&here, ["whoami", "--json"]).json();
        assert_eq!(
            (&who["user"], &who["role"], &who["database"]),
            (&"kim".into(), &"user".into(), &Value::Null),
            "{who}"
        );
        assert_eq!(who["address"], there.address());
        assert!(who["keyName"].as_str().unwrap().starts_with("muista on "), "{who}");

        muista(&here, ["add", "Buy cat food", "--due", "tomorrow", "--json"]).ok();
        assert_eq!(muista(&here, ["ls", "-o", "ids"]).ok(), "1\n");
        assert_eq!(muista(&here, ["done", "1"]).ok(), "Done 1  Buy cat food\n");
        muista(&here, ["show", "99"]).refused(3, "99", "muista ls");
        let exported = muista(&here, ["export"]).ok();
        fs::write(here.path().join("tasks.json"), exported).unwrap();
        muista(&here, ["import", "tasks.json"]).ok();
        // The account there is another than that of its own user, and nothing is kept here.
        assert_eq!(muista(&there.home, ["ls", "--status", "all", "-o", "ids"]).ok(), "");
        assert!(!here.data_dir().exists());

        let token = stored.lines().find_map(|line| line.strip_prefix("token = ")).unwrap().trim_matches('"').to_owned();
        assert_eq!(muista(&here, ["logout", "--json"]).json()["revoked"], true);
        assert!(!credentials(&here).exists());
        assert_eq!(muista(&here, ["whoami", "--json"]).json()["user"], "local");
        there.login(&here, &["--token-stdin"], &token).refused(4, "revoked", "token");
    }
}

fn on_postgres() -> Sandbox {
    home().with_env("MUISTA_DATABASE_URL", postgres::server().database().url)
}

#[test]
fn a_login_by_key_keeps_the_key() {
    let there = There::new(home());
    let (here, key) = (home(), there.key(&["laptop", "--scope", "tasks:read"]));
    there.login(&here, &["--token-stdin"], &format!("{key}\n")).ok();
    let who = muista(&here, ["whoami", "--json"]).json();
    assert_eq!((&who["keyName"], &who["scopes"]), (&"laptop".into(), &serde_json::json!(["tasks:read"])), "{who}");
    muista(&here, ["ls"]).ok();
    muista(&here, ["token", "ls"]).refused(4, "account:read", "");
    let left = muista(&here, ["logout"]);
    assert!(left.stderr.contains("stays good"), "{left:?}");
    // The same by variables, and without a file.
    let by_variables = home()
        .with_env("MUISTA_REMOTE_ADDRESS", there.address())
        .with_env("MUISTA_REMOTE_TOKEN", &key)
        .with_env("MUISTA_REMOTE_CA", there.ca());
    assert_eq!(muista(&by_variables, ["whoami", "-o", "ids"]).ok(), "kim\n");
    // By a flag alone nobody is known there.
    muista(&home(), ["ls", "--remote", &there.address()]).refused(4, "logged in", "muista login");
}

/// A command on a terminal, to which is typed what is asked for.
struct Terminal {
    child: Child,
    shown: Vec<u8>,
}

impl Terminal {
    fn new(home: &Sandbox, line: &str) -> Self {
        let mut script = shell_command(home, "exec script -qec \"$LINE\" /dev/null");
        script.env("LINE", format!("\"$MUISTA\" {line}")).env("SHELL", "/bin/sh");
        let child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        Self { child, shown: Vec::new() }
    }

    /// Types `keys` once `question` is shown.
    fn answer(mut self, question: &str, keys: &str) -> Self {
        let out = self.child.stdout.as_mut().unwrap();
        while !self.shown.ends_with(question.as_bytes()) {
            let mut byte = [0];
            assert_eq!(out.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&self.shown));
            self.shown.push(byte[0]);
        }
        self.child.stdin.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
        self
    }

    /// The exit status, and all that was shown.
    fn ended(mut self) -> (i32, String) {
        self.child.stdout.as_mut().unwrap().read_to_end(&mut self.shown).unwrap();
        (self.child.wait().unwrap().code().unwrap(), String::from_utf8(self.shown).unwrap())
    }
}

#[test]
fn a_login_on_a_terminal_shows_no_password() {
    let there = There::new(home());
    let here = home();
    let line = format!("login {} --ca {}", there.address(), there.ca().display());
    let terminal = Terminal::new(&here, &line).answer("Your name at localhost: ", "kim\n");
    let typed = "correct goat\x7f\x7f\x7f\x7fhorse battery staple\n";
    let (status, shown) = terminal.answer("Password of kim: ", typed).ended();
    assert!(status == 0 && shown.contains("as kim"), "{shown}");
    assert!(!shown.contains("correct") && !shown.contains("battery"), "{shown}");
    let nobody = home();
    let terminal = Terminal::new(&nobody, &format!("{line} --name kim"));
    let (status, shown) = terminal.answer("Password of kim: ", "corr\x03").ended();
    assert!(status == 1 && shown.contains("cancelled") && !shown.contains("corr"), "{status}: {shown}");
}

#[test]
fn who_cannot_be_known_or_reached_is_told_why() {
    let there = There::new(home());
    let here = home();
    there.login(&here, &["--name", "kim", "--password-stdin"], "wrong\n").refused(4, "password", "");
    there.login(&here, &["--name", "nobody", "--password-stdin"], "wrong\n").refused(4, "password", "");
    there.login(&here, &["--token-stdin"], "muista_0000\n").refused(4, "no such key", "token create");
    there.login(&here, &["--token-stdin"], "").refused(2, "no token", "--token-stdin");
    there.login(&here, &[], "").refused(2, "not a terminal", "--token-stdin");
    assert!(!credentials(&here).exists(), "nothing is stored");

    let other = Authority::new();
    fs::write(here.path().join("other.pem"), &other.pem).unwrap();
    let key = there.key(&["a"]);
    let login = |address: &str, ca: &Path| {
        run_with_input(here.muista().args(["login", address, "--token-stdin", "--ca"]).arg(ca), &key)
    };
    let ca = there.ca();
    let port = there.daemon.rpc().port();
    login(&there.address(), Path::new("other.pem")).refused(5, "signed by nobody", "--ca");
    login(&format!("127.0.0.1:{port}"), &ca).refused(5, "another name", "by the name");
    login("nowhere.invalid:7333", &ca).refused(5, "cannot find the host nowhere.invalid", "name");
    login("localhost:1", &ca).refused(5, "cannot connect to localhost:1", "rpc.listen");
    login(&format!("localhost:{}", there.daemon.http().port()), &ca).refused(5, "no safe connection", "");
    login(&there.address(), Path::new("nowhere.pem")).refused(2, "nowhere.pem", "PEM");
    login("localhost:0", &ca).refused(2, "not the address of a daemon", "HOST:PORT");
    // In clear text, which a loopback address is spoken to where no authority is named.
    muista(&here.with_env("MUISTA_REMOTE_TOKEN", &key), ["ls", "--remote", &there.address()])
        .refused(5, "closed", "--ca");
    let said = there.daemon.stderr();
    assert!(!said.contains(&key), "{said}");
}

#[test]
fn many_wrong_passwords_lock_the_account() {
    let there = There::in_clear();
    let here = home();
    let args = ["login", &there.address(), "--name", "kim", "--password-stdin"];
    let ran = (0..50)
        .map(|_| run_with_input(here.muista().args(args), "wrong\n"))
        .find(|ran| ran.stderr.contains("too many"));
    ran.expect("the lockout").refused(4, "too many", "");
    run_with_input(here.muista().args(args), &format!("{PASSWORD}\n")).refused(4, "too many", "");
}

#[test]
fn a_key_that_ends_is_refused_also_on_an_open_connection() {
    let there = There::new(home());
    let key = there.key(&["ends"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let address: RemoteAddress = there.address().parse().unwrap();
        let hello = Hello::new(Origin::Daemon, None, None).with_proof(Proof::Token(Secret::new(&key)));
        let client = dial_remote(&address, Some(&there.ca()), &hello).await.unwrap();
        assert_eq!(client.whoami().await.unwrap().user, "kim");
        muista(&there.home, ["token", "revoke", "ends", "--user", "kim"]).ok();
        let began = Instant::now();
        while client.whoami().await.is_ok() {
            assert!(began.elapsed() < PATIENCE, "it goes on");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        let error = dial_remote(&address, Some(&there.ca()), &hello).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthenticated, "{error}");
    });
    let here = home();
    there.login(&here, &["--token-stdin"], &there.key(&["brief", "--ttl", "1s"])).ok();
    let began = Instant::now();
    let expired =
        std::iter::repeat_with(|| muista(&here, ["ls"])).find(|ran| ran.code != 0 || began.elapsed() > PATIENCE);
    expired.unwrap().refused(4, "expired", "token create");
}

#[test]
fn another_machines_scripts_are_run_and_followed() {
    let there = There::new(home());
    let scripts = there.home.path().join("config/muista/scripts");
    fs::create_dir_all(&scripts).unwrap();
    fs::write(scripts.join("count"), "#!/bin/sh\nfor n in 1 2 3; do echo $n; done\n").unwrap();
    fs::set_permissions(scripts.join("count"), Permissions::from_mode(0o700)).unwrap();
    let here = there.visitor();
    assert!(muista(&here, ["script", "ls"]).ok().contains("count"));
    muista(&here, ["job", "add", "count", "--script", "count"]).ok();
    muista(&here, ["job", "run", "count", "--wait"]).ok();
    assert_eq!(muista(&here, ["job", "logs", "count", "--follow"]).ok(), "1\n2\n3\n");
}

#[test]
fn credentials_that_others_may_read_are_not_used() {
    let there = There::new(home());
    let here = there.visitor();
    fs::set_permissions(credentials(&here), Permissions::from_mode(0o640)).unwrap();
    muista(&here, ["ls"]).refused(4, "credentials.toml", "chmod 600");
    let checks = muista(&here, ["doctor", "--json"]);
    assert_eq!(checks.code, 1, "{checks:?}");
    // What works here goes on working, and a logout mends it.
    muista(&here, ["date", "tomorrow"]).ok();
    muista(&here, ["ls", "--data-dir", "elsewhere"]).ok();
    muista(&here, ["logout"]).ok();
    muista(&here, ["ls"]).ok();
}

#[test]
fn doctor_looks_at_what_is_used_of_the_network() {
    let there = There::new(home());
    let here = there.visitor();
    let check = |home: &Sandbox, name: &str| {
        let checks: Value = serde_json::from_str(&muista(home, ["doctor", "--json"]).stdout).unwrap();
        checks.as_array().unwrap().iter().find(|check| check["name"] == name).cloned().unwrap_or_default()
    };
    let remote = check(&here, "remote");
    assert_eq!(
        (&remote["status"], remote["found"].as_str().unwrap().contains("kim")),
        (&"ok".into(), true),
        "{remote}"
    );
    assert_eq!(check(&here, "login")["status"], "ok");
    assert_eq!(check(&there.home, "certificate")["status"], "ok");
    assert_eq!(check(&there.home, "remote"), Value::Null);
    let http = check(&there.home, "http");
    let well =
        http["found"].as_str().is_some_and(|found| found.starts_with("https://") && found.ends_with("is healthy"));
    assert_eq!((&http["status"], well), (&"ok".into(), true), "{http}");
    // The file was renewed, and the daemon was not started anew.
    Authority::new().certify(there.home.path());
    let http = check(&there.home, "http");
    assert!(http["status"] == "fail" && http["found"].as_str().unwrap().contains("another certificate"), "{http}");
    muista(&there.home, ["user", "disable", "kim"]).ok();
    let refused = check(&here, "remote");
    assert_eq!(refused["status"], "fail", "{refused}");
    assert_eq!(there.daemon.terminate().code(), Some(0));
    assert_eq!(check(&here, "remote")["status"], "fail");
    assert_eq!(check(&there.home, "http"), Value::Null);
}

#[test]
fn clear_text_stays_on_this_machine() {
    let there = There::in_clear();
    let here = home().with_env("MUISTA_REMOTE_TOKEN", there.key(&["tunnel"]));
    // As through a tunnel that ends on this machine.
    assert_eq!(muista(&here, ["whoami", "-o", "ids", "--remote", &there.address()]).ok(), "kim\n");
    let open = there.home.with_env("MUISTA_RPC_LISTEN", "0.0.0.0:0").with_env("MUISTA_DATA_DIR", here.path().join("d"));
    let refused = run(open.muistad().args(["--http", "127.0.0.1:0"]));
    assert_eq!(refused.code, 2, "{refused:?}");
    for word in ["rpc.listen 0.0.0.0:0", "tls.cert", "insecure = true"] {
        assert!(refused.stderr.contains(word), "no {word:?} in {refused:?}");
    }
    let open = open.with_env("MUISTA_TLS_CERT", "/nowhere.pem");
    let half = run(open.muistad().args(["--http", "127.0.0.1:0"]));
    assert_eq!((half.code, half.stderr.contains("tls.key")), (2, true), "{half:?}");
    let open = open.with_env("MUISTA_TLS_CERT", "").with_env("MUISTA_INSECURE", "true");
    assert_eq!(open.daemon([""; 0]).rpc().ip().to_string(), "0.0.0.0");
}

#[test]
fn nonsense_and_silence_end_their_own_connection_only() {
    let there = There::in_clear();
    let dial = || {
        let stream = TcpStream::connect(there.daemon.rpc()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    };
    let silent = dial();
    let began = Instant::now();
    let hello = |proof: &str| format!("{{\"muista\":\"0\",\"protocol\":{PROTOCOL},\"origin\":\"cli\"{proof}}}\n");
    for (said, answer) in [
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "CONFLICT"),
        (hello(""), "UNAUTHENTICATED"),
        (hello(",\"proof\":{\"token\":\"x\"}"), "UNAUTHENTICATED"),
        (hello(",\"proof\":{\"password\":{\"name\":\"kim\",\"password\":\"x\"}}"), "UNAUTHENTICATED"),
        ("x".repeat(10_000), ""),
    ] {
        let mut stream = dial();
        // It may be closed before all is said.
        let _ = stream.write_all(said.as_bytes());
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told);
        let told = String::from_utf8_lossy(&told).into_owned();
        assert!(told.contains(answer) && !told.contains("welcome"), "{said:?}: {told}");
    }
    assert_eq!((&silent).read(&mut [0]).unwrap(), 0, "silence is not waited for");
    assert!((Duration::from_secs(4)..PATIENCE).contains(&began.elapsed()), "{:?}", began.elapsed());
    let here = home().with_env("MUISTA_REMOTE_TOKEN", there.key(&["after"]));
    muista(&here, ["ls", "--remote", &there.address()]).ok();
}

#[test]
fn no_secret_is_logged() {
    let there = There::new(home().with_env("MUISTA_LOG", "trace,tarpc=trace,rustls=trace,tokio_postgres=trace"));
    let here = home();
    there.login(&here, &["--name", "kim", "--password-stdin"], &format!("{PASSWORD}\n")).ok();
    let stored = fs::read_to_string(credentials(&here)).unwrap();
    let token = stored.lines().find_map(|line| line.strip_prefix("token = ")).unwrap().trim_matches('"').to_owned();
    muista(&here, ["ls"]).ok();
    there.login(&here, &["--name", "kim", "--password-stdin"], "wrong but long enough\n").refused(4, "password", "");
    let (status, said) = {
        there.daemon.signal(rustix::process::Signal::TERM);
        there.daemon.ended()
    };
    assert_eq!(status.code(), Some(0));
    assert!(said.contains("TRACE"), "it says all that it can");
    for secret in [PASSWORD, &token, "wrong but long"] {
        assert!(!said.contains(secret), "{secret} was logged");
    }
}
