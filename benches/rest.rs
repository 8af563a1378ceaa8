//! How fast REST is, on SQLite and on PostgreSQL: how soon a daemon answers and what it holds; 500 requests a second of
//! every kind, and 200 calls of tools over MCP, timed from when each should have been sent; as many as 64 connections get answered (with `wrk`, where that
//! is installed); and whether it answers beside 10,000 idle connections. The daemon is the real one, the database has
//! 10,000 tasks, 50 of them due today, and whoever asks shows an API key. Run with `cargo bench -p muistad --bench rest`;
//! figures go into docs/PERFORMANCE.md.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench stops at the first surprise")]

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use muista_core::model::{NewApiKey, Origin};
use muista_core::rpc::{Dialled, Hello, dial_unix};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use test_common::postgres;
use test_common::sandbox::{Daemon, Sandbox};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, sleep_until};

/// How many tasks there are.
const TASKS: usize = 10_000;
/// How many of them are due today.
const TODAY: usize = 50;
/// How many requests a second the mix has.
const RATE: u32 = 500;
/// How many calls of tools a second agents make.
const CALLS: u32 = 200;
/// How long the mix and each saturation run.
const SECONDS: u32 = 10;
/// How many connections are open that ask nothing.
const IDLE: usize = 10_000;
/// How many files this process may need for them.
const FILES: u64 = IDLE as u64 + 500;

/// A connection that asks one thing after the other.
struct Connection {
    stream: TcpStream,
    /// The header that says who asks; empty for nobody.
    credential: String,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr, token: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let credential = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        Self { stream, credential, buffer: Vec::new() }
    }

    /// Sends a request and reads its answer; its status and body.
    async fn ask(&mut self, method: &str, path: &str, body: &str) -> (u16, &[u8]) {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{}Content-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.credential,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        let (head, length) = loop {
            assert!(self.stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the connection ended");
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = std::str::from_utf8(&self.buffer[..end]).unwrap().to_ascii_lowercase();
                let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
                break (end + 4, length.unwrap_or(0));
            }
        };
        while self.buffer.len() < head + length {
            assert!(self.stream.read_buf(&mut self.buffer).await.unwrap() > 0, "the connection ended");
        }
        let status = std::str::from_utf8(&self.buffer[9..12]).unwrap().parse().unwrap();
        (status, &self.buffer[head..head + length])
    }
}

/// The id of the task in an answer.
fn id(answer: &[u8]) -> String {
    let task: Value = serde_json::from_slice(answer).unwrap();
    task["id"].as_str().unwrap().to_owned()
}

/// A daemon on a database that is there already, and the first answer.
async fn start(home: &Sandbox, database: Option<&str>) -> Daemon {
    let daemon = home.daemon(database.into_iter().flat_map(|url| ["--database-url", url]));
    let (status, _) = Connection::open(daemon.http(), "").await.ask("GET", "/health/live", "").await;
    assert_eq!(status, 200);
    daemon
}

/// What a process holds, in MB.
fn held(daemon: &Daemon) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
}

/// How long it takes until a daemon answers, and what it holds a little later.
async fn starts(home: &Sandbox, database: Option<&str>) {
    let (mut times, mut sizes) = (Vec::new(), Vec::new());
    for _ in 0..9 {
        let began = Instant::now();
        let daemon = start(home, database).await;
        times.push(u64::try_from(began.elapsed().as_micros()).unwrap());
        sleep(Duration::from_secs(1)).await;
        sizes.push(held(&daemon));
        daemon.terminate();
    }
    times.sort_unstable();
    sizes.sort_by(f64::total_cmp);
    println!("  start to the first answer: {:.0} ms; idle: {:.1} MB", times[4] as f64 / 1000.0, sizes[4]);
}

/// Opens connections that ask once and then nothing, and asks beside them.
async fn crowd(world: &World) {
    let before = held(&world.daemon);
    let mut idle = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        let mut connection = Connection::open(world.daemon.http(), &world.token).await;
        assert_eq!(connection.ask("GET", "/health/live", "").await.0, 200);
        connection.buffer = Vec::new();
        idle.push(connection);
    }
    let mut connection = Connection::open(world.daemon.http(), &world.token).await;
    let began = Instant::now();
    assert_eq!(connection.ask("GET", &format!("/tasks/{}", world.ids[0]), "").await.0, 200);
    let (took, after) = (began.elapsed(), held(&world.daemon));
    println!(
        "  beside {IDLE} idle connections: an answer after {:.2} ms; {before:.0} MB before, {after:.0} MB with them",
        took.as_secs_f64() * 1000.0
    );
}

/// A daemon with its tasks.
struct World {
    daemon: Daemon,
    token: String,
    ids: Vec<String>,
}

async fn world(home: &Sandbox, database: Option<&str>) -> World {
    let daemon = start(home, database).await;
    let Dialled::Connected(client) = dial_unix(daemon.socket(), &Hello::new(Origin::Cli, None, None)).await.unwrap()
    else {
        panic!("no daemon answers")
    };
    let new = NewApiKey { name: "bench".parse().unwrap(), role: None, scopes: None, ttl_seconds: None, user: None };
    let token = client.create_api_key(new).await.unwrap().key.reveal().to_owned();
    let mut ids = Vec::with_capacity(TASKS);
    let mut connection = Connection::open(daemon.http(), &token).await;
    for n in 0..TASKS {
        let due = if n % (TASKS / TODAY) == 0 { "today".to_owned() } else { format!("in {} days", 2 + n % 300) };
        let body = format!("{{\"title\":\"Task {n} of the bench\",\"dueDate\":\"{due}\"}}");
        let (status, task) = connection.ask("POST", "/tasks", &body).await;
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(task));
        ids.push(id(task));
    }
    World { daemon, token, ids }
}

/// What is asked at a steady rate.
#[derive(Clone, Copy)]
enum Load {
    /// Requests of every kind.
    Rest,
    /// Calls of tools.
    Mcp,
}

/// Asks the `n`th request of the mix for a task that is known, and notes those that are made.
async fn ask_rest(connection: &mut Connection, n: u32, known: &str, made: &mut Vec<String>) {
    let (status, answer) = match n {
        0 | 1 => connection.ask("POST", "/tasks", "{\"title\":\"Buy cat food\"}").await,
        2 | 3 => connection.ask("PATCH", &format!("/tasks/{known}"), "{\"priority\":\"HIGH\"}").await,
        4 => {
            let id = made.pop().unwrap_or_else(|| known.to_owned());
            connection.ask("DELETE", &format!("/tasks/{id}"), "").await
        }
        5 => connection.ask("GET", "/tasks?due=today", "").await,
        _ => connection.ask("GET", &format!("/tasks/{known}"), "").await,
    };
    assert!(status < 300, "{status}");
    if status == 201 {
        made.push(id(answer));
    }
}

/// Makes the `n`th call of a tool.
async fn ask_mcp(connection: &mut Connection, n: u32, known: &str) {
    let (tool, arguments) = match n {
        0 | 1 => ("create_tasks", json!({"tasks": [{"title": "Buy cat food", "due": "tomorrow 18:00"}]})),
        2 => ("update_task", json!({"tasks": [known], "priority": "HIGH"})),
        3 => ("get_agenda", json!({})),
        4 | 5 => ("list_tasks", json!({"due": "today"})),
        _ => ("get_task", json!({"task": known})),
    };
    let params = json!({"name": tool, "arguments": arguments});
    let call = json!({"jsonrpc": "2.0", "id": n, "method": "tools/call", "params": params});
    let (status, answer) = connection.ask("POST", "/mcp", &call.to_string()).await;
    let answer: Value = serde_json::from_slice(answer).unwrap();
    assert!(status == 200 && answer["result"]["isError"] == false, "{status} {answer}");
}

/// Sends a load at a steady rate; the latencies in microseconds, each from when the request was due.
async fn mix(world: &World, load: Load, rate: u32) -> Vec<u64> {
    const CONNECTIONS: u32 = 16;
    let begin = Instant::now() + Duration::from_millis(100);
    let step = Duration::from_secs(1) / rate;
    let lanes = (0..CONNECTIONS).map(|lane| {
        let (address, token, ids) = (world.daemon.http(), world.token.clone(), world.ids.clone());
        tokio::spawn(async move {
            let mut connection = Connection::open(address, &token).await;
            let (mut late, mut made) = (Vec::new(), Vec::new());
            for n in (lane..rate * SECONDS).step_by(CONNECTIONS as usize) {
                let mut due = begin + step * n;
                if Instant::now() < due {
                    sleep_until(due).await;
                    // The timer's own lateness, of a millisecond, is not the daemon's.
                    due = Instant::now();
                }
                let known = &ids[(n as usize * 7919) % ids.len()];
                match load {
                    Load::Rest => ask_rest(&mut connection, n / CONNECTIONS % 10, known, &mut made).await,
                    Load::Mcp => ask_mcp(&mut connection, n % 10, known).await,
                }
                late.push(u64::try_from(due.elapsed().as_micros()).unwrap());
            }
            late
        })
    });
    let mut all = Vec::new();
    for lane in lanes.collect::<Vec<_>>() {
        all.extend(lane.await.unwrap());
    }
    all.sort_unstable();
    all
}

fn tell(name: &str, sorted: &[u64]) {
    let at = |percent: usize| sorted[(sorted.len() - 1) * percent / 100] as f64 / 1000.0;
    println!("  {name}: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms", at(50), at(95), at(99));
}

/// How many requests a second 64 connections get answered; none where `wrk` is not installed.
fn saturate(world: &World, folder: &Path, script: &str) -> Option<f64> {
    let file = folder.join("load.lua");
    let ids = world.ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(",");
    let head = format!(
        "wrk.headers[\"Authorization\"] = \"Bearer {}\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\n\
         local ids = {{{ids}}}\n",
        world.token
    );
    std::fs::write(&file, head + script).unwrap();
    let url = format!("http://{}", world.daemon.http());
    let seconds = format!("{SECONDS}s");
    let run = Command::new("wrk").args(["-t1", "-c64", "-d", &seconds, "-s"]).arg(&file).arg(url).output().ok()?;
    let told = String::from_utf8(run.stdout).unwrap();
    assert!(!told.contains("Non-2xx"), "{told}");
    told.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok())
}

const GET: &str = "request = function() return wrk.format(\"GET\", \"/tasks/\" .. ids[math.random(#ids)]) end";
const LIST: &str = "request = function() return wrk.format(\"GET\", \"/tasks?due=today\") end";
const POST: &str =
    "request = function() return wrk.format(\"POST\", \"/tasks\", nil, '{\"title\":\"Buy cat food\"}') end";

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let database = postgres::server().database();
    allow_files();
    for (name, database) in [("SQLite", None), ("PostgreSQL", Some(database.url.as_str()))] {
        println!("{name}");
        // What one key may ask in a second is not what is measured.
        let home = Sandbox::new().with_env("MUISTA_WEB_RATE", "1000000000");
        let world = runtime.block_on(world(&home, database));
        tell("200 calls of tools a second", &runtime.block_on(mix(&world, Load::Mcp, CALLS)));
        tell("500 requests a second, mixed", &runtime.block_on(mix(&world, Load::Rest, RATE)));
        for (what, script) in [("GET by id", GET), ("list of 50 due today", LIST), ("POST", POST)] {
            let mut runs: Vec<f64> = (0..3).filter_map(|_| saturate(&world, home.path(), script)).collect();
            runs.sort_by(f64::total_cmp);
            match runs.get(1) {
                Some(median) => println!("  {what}, 64 connections: {median:.0}/s ({:.0}–{:.0})", runs[0], runs[2]),
                None => println!("  {what}: install wrk to see"),
            }
        }
        runtime.block_on(crowd(&world));
        world.daemon.terminate();
        runtime.block_on(starts(&home, database));
    }
}

/// Lets this process, and the daemons that it starts, have as many open files as are needed.
fn allow_files() {
    let limit = getrlimit(Resource::Nofile);
    let enough = limit.maximum.is_none_or(|most| most >= FILES);
    assert!(enough, "allow more open files: ulimit -Hn {FILES}");
    setrlimit(Resource::Nofile, Rlimit { current: Some(FILES), ..limit }).unwrap();
}
