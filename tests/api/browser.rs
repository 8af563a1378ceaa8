//! A headless Chromium, driven over the DevTools protocol (chromedevtools.github.io/devtools-protocol) by the pair of pipes
//! that `--remote-debugging-pipe` opens: messages of JSON, each ended by a NUL. It does what a person does, with mouse and
//! keyboard, and keeps what the page asked for and complained of. What is on the page is its test's business.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::geteuid;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Longer than any healthy answer takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);

/// How the program is called.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// What makes it ask for little of its own accord, and lets it reach nothing but this machine.
const QUIET: [&str; 16] = [
    "--headless=new",
    "--remote-debugging-pipe",
    // Without it, clicks and keys get lost until the page is painted for the first time.
    "--allow-pre-commit-input",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-gpu",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// The browser with one page. Dropping it ends it.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    page: Option<String>,
    asked: u64,
    /// What the page told of its own accord, in order.
    told: VecDeque<Value>,
    folder: TempDir,
}

impl Browser {
    /// Starts it with an empty page.
    pub(crate) fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("muista-chromium-").tempdir().unwrap();
        let mut command = Command::new("/bin/sh");
        // The browser reads descriptor 3 and writes descriptor 4.
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]).arg(program()).args(QUIET);
        // Its sandbox refuses to work for root.
        command.args(geteuid().is_root().then_some("--no-sandbox"));
        command
            .arg(flag("--user-data-dir=", folder.path()))
            .arg(flag("--log-net-log=", &folder.path().join("net.json")));
        command.arg("--window-size=1280,1600").arg("about:blank");
        command.env("HOME", folder.path()).env_remove("XDG_CONFIG_HOME").env_remove("DBUS_SESSION_BUS_ADDRESS");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, receiver) = channel();
        thread::spawn(move || {
            let messages = BufReader::new(from).split(0).map_while(Result::ok);
            // Nobody listens any more, yet the browser may go on talking.
            messages.for_each(|text| drop(sender.send(serde_json::from_slice(&text).unwrap())));
        });
        let mut browser = Self { child, to, from: receiver, page: None, asked: 0, told: VecDeque::new(), folder };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let page = browser.call("Target.attachToTarget", attach);
        browser.page = page["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Asks for something and waits for the answer.
    #[track_caller]
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.try_call(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    #[track_caller]
    fn try_call(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.asked += 1;
        let mut message = json!({"id": self.asked, "method": method, "params": params});
        if let Some(page) = &self.page {
            message["sessionId"] = json!(page);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let mut answer = match self.from.recv_timeout(PATIENCE) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("{method}: no answer from Chromium"),
                Err(RecvTimeoutError::Disconnected) => panic!("{method}: Chromium is gone: {:?}", self.child.wait()),
            };
            if answer["id"] != self.asked {
                self.told.push_back(answer);
            } else if answer["error"].is_object() {
                return Err(answer["error"].take());
            } else {
                return Ok(answer["result"].take());
            }
        }
    }

    /// Opens an address.
    pub(crate) fn open(&mut self, url: &str) {
        let opened = self.call("Page.navigate", json!({"url": url}));
        assert_eq!(opened["errorText"], Value::Null, "{url}");
    }

    /// The value of an expression once it is true, of which each new frame is asked.
    #[track_caller]
    pub(crate) fn wait(&mut self, expression: &str) -> Value {
        let script = format!(
            "new Promise(done => {{ const look = () => {{ const it = ({expression}); \
             it ? done(it) : setTimeout(look, 10); }}; look(); setTimeout(() => done(null), 2000); }})"
        );
        let params = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let deadline = Instant::now() + PATIENCE;
        loop {
            // A page that is replaced by another meanwhile does not answer; then the other is asked.
            let answer = self.try_call("Runtime.evaluate", params.clone()).unwrap_or_default();
            assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
            match &answer["result"]["value"] {
                Value::Null => assert!(Instant::now() < deadline, "never true: {expression}"),
                value => return value.clone(),
            }
        }
    }

    /// Clicks in the middle of an element, once it can be seen and nothing lies above it.
    #[track_caller]
    pub(crate) fn click(&mut self, element: &str) {
        let place = self.wait(&format!(
            "(() => {{ const it = {element}; if (!it) return null; it.scrollIntoView({{block: 'center'}}); \
             const box = it.getBoundingClientRect(); const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]; \
             const top = document.elementFromPoint(x, y); \
             return box.width > 0 && top && it.contains(top) ? {{x, y}} : null; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let click = json!({"type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1});
            self.call("Input.dispatchMouseEvent", click);
        }
    }

    /// Clicks on a field, and types over what stands in it.
    #[track_caller]
    pub(crate) fn write(&mut self, field: &str, text: &str) {
        self.click(field);
        self.wait(&format!("document.activeElement === {field} && ({field}.select(), true)"));
        self.call("Input.insertText", json!({"text": text}));
        self.wait(&format!("{field}.value === {}", json!(text)));
    }

    /// Keeps a picture of what can be seen, as PNG.
    pub(crate) fn picture(&mut self, file: &Path) {
        use base64::Engine as _;
        let picture = self.call("Page.captureScreenshot", json!({"format": "png"}));
        let picture = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n") && picture.len() > 10_000, "{} bytes", picture.len());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, picture).unwrap();
    }

    /// The addresses that the page asked for.
    pub(crate) fn requests(&self) -> Vec<String> {
        let asked = self.told.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
        asked.map(|event| event["params"]["request"]["url"].as_str().unwrap().to_owned()).collect()
    }

    /// What went wrong on the page: exceptions, errors on the console, what the policy forbade, what did not load.
    pub(crate) fn complaints(&self) -> Vec<&Value> {
        let is_complaint = |event: &&Value| match event["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Network.loadingFailed") => true,
            Some("Runtime.consoleAPICalled") => ["error", "assert"].iter().any(|it| event["params"]["type"] == *it),
            Some("Log.entryAdded") => event["params"]["entry"]["level"] == "error",
            _ => false,
        };
        self.told.iter().filter(is_complaint).collect()
    }

    /// Closes it, and tells whom it has spoken to, for the page or for itself: the addresses that it connected to, and
    /// what it sent by UDP or asked a name server, of which its log of the network tells.
    pub(crate) fn close(mut self) -> Vec<String> {
        self.page = None;
        self.call("Browser.close", json!({}));
        self.child.wait().unwrap();
        let log: Value = serde_json::from_slice(&std::fs::read(self.folder.path().join("net.json")).unwrap()).unwrap();
        let mut spoken_to = Vec::new();
        for (name, detail) in
            [("TCP_CONNECT_ATTEMPT", "address"), ("UDP_BYTES_SENT", "byte_count"), ("DNS_TRANSACTION", "hostname")]
        {
            let kind = &log["constants"]["logEventTypes"][name];
            assert!(kind.is_number(), "a log without {name}");
            let events = log["events"].as_array().unwrap().iter().filter(|event| event["type"] == *kind);
            let details = events.map(|event| &event["params"][detail]).filter(|detail| !detail.is_null());
            spoken_to.extend(
                details.map(|detail| detail.as_str().map_or_else(|| format!("{name} {detail}"), str::to_owned)),
            );
        }
        spoken_to
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Both fail only for a child that has been waited for. Its own children end with it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first of the names that is a program which runs, and not one that says how to install it.
fn program() -> &'static str {
    let runs = |name: &&&str| Command::new(name).arg("--version").output().is_ok_and(|it| it.status.success());
    NAMES.iter().find(runs).unwrap_or_else(|| panic!("none of {NAMES:?} is there"))
}

fn flag(name: &str, path: &Path) -> OsString {
    let mut flag = OsString::from(name);
    flag.push(path);
    flag
}
