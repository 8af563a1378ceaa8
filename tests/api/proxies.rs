//! The configurations of `docs/SERVER.md` in the real programs, nginx, HAProxy and Apache, with curl as the client before them.
//! What the daemon makes of what any proxy says is in `proxied.rs`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::Api;

/// Longer than any healthy answer takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);
/// The name by which people reach the daemon.
const NAME: &str = "muista.example.org";
/// The largest file that is sent, and how much of it makes one of text.
const FILE: usize = 20 << 20;

/// The modules of Apache that its configuration needs, and those that every Apache has.
const APACHE: [&str; 10] =
    ["mpm_event", "authz_core", "ssl", "socache_shmcb", "http2", "headers", "proxy", "proxy_http", "filter", "deflate"];

/// A proxy before a daemon; dropping it ends it.
struct Proxy<'a> {
    api: &'a Api,
    child: Child,
    port: u16,
    /// The path below which it serves the daemon.
    base: &'static str,
    folder: TempDir,
}

impl Drop for Proxy<'_> {
    fn drop(&mut self) {
        // Apache ends its own processes when it is asked to end.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let _ = self.child.wait();
    }
}

/// The block of code of a language in the document that holds a text.
fn snippet(language: &str, holds: &str) -> String {
    let document = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/SERVER.md")).unwrap();
    let begin = format!("```{language}\n");
    let blocks = document.split(&begin).skip(1).filter_map(|rest| rest.split("```").next());
    let mut blocks = blocks.filter(|block| block.contains(holds)).map(str::to_owned);
    blocks.next().unwrap_or_else(|| panic!("no block of {language} holds {holds}"))
}

/// A certificate and its key, and both in one file, as HAProxy wants them.
fn certificate(folder: &Path) {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    fs::write(folder.join("fullchain.pem"), &certificate).unwrap();
    fs::write(folder.join("privkey.pem"), &key).unwrap();
    fs::write(folder.join("muista.pem"), certificate + &key).unwrap();
}

impl<'a> Proxy<'a> {
    /// nginx with this block, which also compresses what it passes on.
    fn nginx(api: &'a Api, holds: &str, base: &'static str) -> Self {
        let block = snippet("nginx", holds);
        let user = if geteuid().is_root() { "user root;" } else { "" };
        Self::start(api, base, "nginx", &["-p", ".", "-c", "proxy.conf"], |folder| {
            format!(
                "daemon off; master_process off; {user} pid nginx.pid; error_log stderr; events {{}}\n\
                 http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n\
                 fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;\n\
                 gzip on; gzip_proxied any; gzip_min_length 20; gzip_types application/json;\n{block}}}\n"
            )
        })
    }

    fn haproxy(api: &'a Api) -> Self {
        let block = snippet("haproxy", "frontend");
        let compression = "    compression algo gzip\n    compression type application/json\n";
        Self::start(api, "", "haproxy", &["-db", "-f", "proxy.conf"], |_| block.clone() + compression)
    }

    /// Apache with this host, which also compresses what it passes on.
    fn apache(api: &'a Api) -> Self {
        let block = snippet("apache", "<VirtualHost");
        Self::start(api, "", "apache2", &["-d", ".", "-f", "proxy.conf", "-DFOREGROUND"], |folder| {
            let load = |name: &&str| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n");
            let modules: String = APACHE.iter().map(load).collect();
            format!(
                "ServerRoot {folder}\nServerName localhost\nPidFile apache.pid\nErrorLog /dev/stderr\nUser nobody\n\
                 Group nogroup\nMutex pthread default\nlisten 443\n{modules}AddOutputFilterByType DEFLATE application/json\n\
                 {block}"
            )
        })
    }

    fn start(api: &'a Api, base: &'static str, program: &str, args: &[&str], text: impl Fn(&str) -> String) -> Self {
        let folder = tempfile::Builder::new().prefix("muista-proxy-").tempdir().unwrap();
        certificate(folder.path());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = folder.path().to_str().unwrap();
        let text = text(at)
            .replace("/etc/muista/", &format!("{at}/"))
            .replace("/etc/haproxy/", &format!("{at}/"))
            .replace("127.0.0.1:3000", &api.daemon.http().to_string())
            .replace("<VirtualHost *:443>", &format!("<VirtualHost 127.0.0.1:{port}>"))
            .replace("listen 443", &format!("listen 127.0.0.1:{port}"))
            .replace("bind :443", &format!("bind 127.0.0.1:{port}"));
        fs::write(folder.path().join("proxy.conf"), &text).unwrap();
        let log = folder.path().join("log");
        let mut command = Command::new(program);
        command.args(args).current_dir(folder.path()).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        let mut proxy = Self { api, child, port, base, folder };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).is_err() {
            let ended = proxy.child.try_wait().unwrap();
            assert!(ended.is_none() && Instant::now() < deadline, "{}\n{text}", fs::read_to_string(&log).unwrap());
            std::thread::sleep(Duration::from_millis(10));
        }
        proxy
    }

    /// curl, as its user has it: with a token, by the name of the daemon, from an address of this machine.
    fn curl(&self, from: &str, path: &str) -> Command {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--insecure", "--max-time", "60", "--interface", from]);
        command.args(["--resolve", &format!("{NAME}:{}:127.0.0.1", self.port)]);
        command.arg(format!("https://{NAME}:{}{}{path}", self.port, self.base));
        command
    }

    /// A request with the token, and what curl is to do besides.
    fn ask(&self, path: &str, more: &[&str]) -> Answer {
        let bearer = format!("Authorization: Bearer {}", self.api.token);
        let mut command = self.curl("127.0.0.1", path);
        command.args(["--header", &bearer, "--include"]).args(more);
        Answer::of(command)
    }
}

/// What curl printed.
#[derive(Debug)]
struct Answer {
    head: String,
    body: String,
}

impl Answer {
    fn of(mut command: Command) -> Self {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        // What comes before the last head is that the body may be sent.
        let text = text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(&text);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Self { head: head.to_owned(), body: body.to_owned() }
    }

    #[track_caller]
    fn expect(&self, status: u16) -> Value {
        let first = self.head.lines().next().unwrap();
        assert!(first.split(' ').nth(1) == Some(&status.to_string()), "{self:?}");
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

/// All that a client does through a proxy.
fn serves(proxy: &Proxy<'_>) {
    let json = ["--header", "Content-Type: application/json"];
    let made = proxy.ask("/tasks", &[&json[..], &["--data", r#"{"title": "Feed the cat", "note": "tuna"}"#]].concat());
    let number = made.expect(201)["number"].to_string();
    assert!(made.head.starts_with("HTTP/2"), "{made:?}");
    assert!(made.header("location").starts_with(&format!("{}/tasks/", proxy.base)), "{made:?}");

    // The tag of an answer that the proxy has compressed is that of the task.
    let task = format!("/tasks/{number}");
    let seen = proxy.ask(&task, &["--compressed"]);
    seen.expect(200);
    let wanted = format!("If-Match: {}", seen.header("etag"));
    let change = ["--request", "PATCH", "--header", &wanted, "--data", r#"{"title": "Feed both cats"}"#];
    proxy.ask(&task, &[&json[..], &change].concat()).expect(200);
    proxy.ask(&task, &[&json[..], &change].concat()).expect(412);

    // Events come as they happen.
    let mut events = proxy.curl("127.0.0.1", "/events");
    events.args(["--no-buffer", "--header", &format!("Authorization: Bearer {}", proxy.api.token)]);
    let mut events = events.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(events.stdout.take().unwrap()).lines().map_while(Result::ok);
    let told = std::thread::scope(|scope| {
        let told = scope.spawn(move || lines.any(|line| line == "event: comment.create"));
        let deadline = Instant::now() + PATIENCE;
        while !told.is_finished() && Instant::now() < deadline {
            let text = ["--data", r#"{"text": "The grey one has had some"}"#];
            proxy.ask(&format!("{task}/comments"), &[&json[..], &text].concat()).expect(201);
            std::thread::sleep(Duration::from_millis(200));
        }
        events.kill().unwrap();
        events.wait().unwrap();
        told.join().unwrap()
    });
    assert!(told, "no event came through");

    let message = r#"{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}"#;
    let accept = ["--header", "Accept: application/json, text/event-stream", "--data", message];
    let tools = proxy.ask("/mcp", &[&json[..], &accept].concat()).expect(200);
    assert!(tools["result"]["tools"].as_array().is_some_and(|tools| !tools.is_empty()), "{tools}");

    let file = proxy.folder.path().join("large.txt");
    fs::write(&file, "All work and no play\n".repeat(FILE / 21 + 1)).unwrap();
    let size = fs::metadata(&file).unwrap().len();
    let data = format!("@{}", file.display());
    let sent = ["--header", "Content-Type: text/plain", "--data-binary", &data];
    let kept = proxy.ask(&format!("{task}/attachments?name=large.txt"), &sent).expect(201);
    assert_eq!(kept["sizeBytes"], size);
    let content = kept["url"].as_str().unwrap().strip_prefix(proxy.base).unwrap();
    assert_eq!(proxy.ask(content, &[]).body.len() as u64, size);

    assert_eq!(
        proxy.ask("/openapi.json", &[]).expect(200)["servers"][0]["url"],
        if proxy.base.is_empty() { "/" } else { proxy.base }
    );
    assert!(proxy.ask("/docs", &[]).body.contains("swagger-ui-bundle.js"));
    assert!(seen.header("strict-transport-security").contains("max-age"), "{seen:?}");
}

/// Who comes from another address is not counted with those who ask too much.
fn counts_each_address(proxy: &Proxy<'_>) {
    let status = |from: &str, more: &[&str]| {
        let mut command = proxy.curl(from, "/tasks");
        command.args(["--include"]).args(more);
        let answer = Answer::of(command);
        answer.head.split(' ').nth(1).unwrap().to_owned()
    };
    // The header that the client writes itself changes nothing.
    let many = (0..40).map(|number| status("127.0.0.2", &["--header", &format!("X-Forwarded-For: 192.0.2.{number}")]));
    assert!(many.into_iter().any(|status| status == "429"));
    assert_eq!(status("127.0.0.3", &[]), "401");
}

fn behind(url: &str, rate: &str) -> Api {
    Api::sqlite(&[("MUISTA_WEB_PROXIES", "127.0.0.1"), ("MUISTA_WEB_URL", url), ("MUISTA_WEB_RATE", rate)])
}

#[test]
#[ignore = "needs nginx"]
fn nginx_as_the_document_has_it() {
    let api = behind("https://muista.example.org", "1000");
    serves(&Proxy::nginx(&api, "location / {", ""));
    let api = behind("https://muista.example.org", "2");
    counts_each_address(&Proxy::nginx(&api, "location / {", ""));
}

#[test]
#[ignore = "needs nginx"]
fn nginx_with_the_daemon_below_a_path() {
    let api = behind("https://muista.example.org/muista", "1000");
    serves(&Proxy::nginx(&api, "location /muista/ {", "/muista"));
}

#[test]
#[ignore = "needs HAProxy"]
fn haproxy_as_the_document_has_it() {
    let api = behind("https://muista.example.org", "1000");
    serves(&Proxy::haproxy(&api));
    let api = behind("https://muista.example.org", "2");
    counts_each_address(&Proxy::haproxy(&api));
}

#[test]
#[ignore = "needs Apache"]
fn apache2_as_the_document_has_it() {
    let api = behind("https://muista.example.org", "1000");
    serves(&Proxy::apache(&api));
    let api = behind("https://muista.example.org", "2");
    counts_each_address(&Proxy::apache(&api));
}
