//! What the daemon's tests share: programs that end, calls to a daemon, its database seen from outside, HTTP by hand.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use muista_core::error::{Error, Result};
use muista_core::model::{NewTask, Origin, Page, Task, TaskFilter, Title};
use muista_core::rpc::{Client, Dialled, Hello, dial_unix};
use serde_json::Value;

/// Longer than anything here takes: what is not there by then will not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What came of a program that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// The one JSON document on stdout.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// Checks the exit status, that an error was told with a remedy, and that it holds every one of `words`.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(self.stderr.contains("error: ") && self.stderr.contains("hint: "), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {self:?}");
        }
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    command.stdin(Stdio::null()).output().unwrap().into()
}

/// Runs a command that has to succeed.
#[track_caller]
pub(crate) fn done(command: &mut Command) -> Ended {
    let ended = run(command);
    assert_eq!(ended.code, Some(0), "{command:?}: {ended:?}");
    ended
}

/// Runs a `muistad` that must not start.
#[track_caller]
pub(crate) fn fails_to_start(command: &mut Command) -> Ended {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    if line.contains("\"ready\":true") {
        child.kill().unwrap();
        child.wait().unwrap();
        panic!("it started: {line}");
    }
    stdout.read_to_string(&mut line).unwrap();
    Ended { stdout: line, ..child.wait_with_output().unwrap().into() }
}

/// Dials a daemon as a command does that takes any database. Within a runtime.
pub(crate) async fn dial(socket: &Path) -> Client {
    match dial_unix(socket, &hello()).await.unwrap() {
        Dialled::Connected(client) => client,
        other => panic!("{other:?}"),
    }
}

/// The hello of a command that takes any database.
pub(crate) fn hello() -> Hello {
    Hello::new(Origin::Cli, Some("UTC".to_owned()), None)
}

/// A connection by hand on which `line` has been said.
pub(crate) fn say(socket: &Path, line: &str) -> UnixStream {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(line.as_bytes()).unwrap();
    stream
}

/// A connection by hand past its preamble, where calls may begin.
pub(crate) fn welcomed(socket: &Path) -> UnixStream {
    let mut stream = say(socket, &(serde_json::to_string(&hello()).unwrap() + "\n"));
    let answer = read_line(&mut stream);
    assert!(answer.contains("\"answer\":\"welcome\""), "{answer}");
    stream
}

/// One line, and nothing beyond it.
pub(crate) fn read_line(stream: &mut UnixStream) -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte).unwrap() == 1 && byte != *b"\n" {
        line.extend_from_slice(&byte);
    }
    String::from_utf8(line).unwrap()
}

/// Waits until the other side has closed; returns what it said until then.
#[track_caller]
pub(crate) fn until_closed(stream: &mut UnixStream) -> String {
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Ok(_) => {}
        // What had not been read there yet turns the close into a reset.
        Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(e) => panic!("not closed: {e}"),
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// A task of that title.
pub(crate) fn task(title: &str) -> NewTask {
    NewTask::titled(Title::parse(title).unwrap())
}

/// Adds a task and returns it.
pub(crate) async fn add(client: &Client, title: &str) -> Result<Task, Error> {
    client.add_task(task(title)).await.map(|answer| answer.value)
}

/// All open tasks.
pub(crate) async fn all(client: &Client) -> Vec<Task> {
    let mut page = Page { limit: Page::MAX, ..Page::default() };
    let mut tasks = Vec::new();
    loop {
        let found = client.list_tasks(TaskFilter::default(), page.clone()).await.unwrap();
        tasks.extend(found.items);
        page.cursor = found.next_cursor;
        if page.cursor.is_none() {
            return tasks;
        }
    }
}

/// The title of each number; no number may come twice.
#[track_caller]
pub(crate) fn by_number(tasks: &[Task]) -> HashMap<i64, String> {
    let numbers: HashMap<i64, String> = tasks.iter().map(|task| (task.number, task.title.clone())).collect();
    assert_eq!(numbers.len(), tasks.len(), "a number was given twice");
    numbers
}

/// A connection to a SQLite file, past Muista.
pub(crate) fn sqlite(path: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    conn
}

/// Holds SQLite's write lock until dropped, so that every call that writes waits.
pub(crate) fn hold_writes(path: &Path) -> SqliteConnection {
    let mut conn = sqlite(path);
    conn.batch_execute("BEGIN IMMEDIATE").unwrap();
    conn
}

/// The first column of the first row.
pub(crate) fn sqlite_text(path: &Path, sql: &str) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        value: String,
    }
    diesel::sql_query(sql).get_result::<Row>(&mut sqlite(path)).unwrap().value
}

/// Checks that the file is whole, and that every task came with the record of its making.
#[track_caller]
pub(crate) fn sqlite_is_whole(path: &Path) {
    assert_eq!(sqlite_text(path, "SELECT integrity_check AS value FROM pragma_integrity_check"), "ok");
    let unrecorded = "SELECT CAST(count(*) AS TEXT) AS value FROM tasks WHERE id NOT IN
        (SELECT record_id FROM audit_entries WHERE action = 'CREATE')";
    assert_eq!(sqlite_text(path, unrecorded), "0", "tasks without an audit entry");
    let orphans = "SELECT CAST(count(*) AS TEXT) AS value FROM audit_entries WHERE entity = 'task'
        AND record_id NOT IN (SELECT id FROM tasks)";
    assert_eq!(sqlite_text(path, orphans), "0", "audit entries without their task");
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The body, as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// Sends a request without a body on a connection of its own.
pub(crate) fn request(address: SocketAddr, method: &str, path: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}
