//! A web server of 127.0.0.1 that answers as a test tells it, request by request, and keeps what it was asked.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::serving::{Serving, lock};

/// What the server does with the next request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Answers with this status and nothing else.
    Status(u16),
    /// Answers with this status, this header and this body.
    Full(u16, (&'static str, String), String),
    /// Answers with this status and the first half of a body, and says no more until the client goes.
    Half(u16),
    /// Closes the connection instead of answering.
    Drop,
    /// Says nothing until the client goes.
    Hold,
}

/// A request that came.
#[derive(Debug, Clone)]
pub struct Received {
    /// `POST`.
    pub method: String,
    /// With its query.
    pub path: String,
    /// By names in lower case.
    pub headers: BTreeMap<String, String>,
    /// As text.
    pub body: String,
}

impl Received {
    /// The header's value; nothing where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

#[derive(Default)]
struct State {
    replies: VecDeque<Reply>,
    requests: Vec<Received>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

/// The server; dropping it stops it.
pub struct HttpServer {
    shared: Arc<Shared>,
    serving: Serving,
}

impl HttpServer {
    /// A server on a free port.
    ///
    /// # Panics
    /// When there is none.
    pub fn start() -> Self {
        let shared = Arc::<Shared>::default();
        let kept = Arc::clone(&shared);
        let talk = move |stream: TcpStream| {
            // A client that goes in the middle is the test's business.
            let _ = talk(&kept, &stream);
        };
        match Serving::start(0, talk) {
            Ok(serving) => Self { shared, serving },
            Err(error) => panic!("no web server for the test: {error}"),
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.serving.port()
    }

    /// Its address, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Tells how to answer the next requests, one after the other; those after them get 200.
    pub fn will(&self, replies: impl IntoIterator<Item = Reply>) {
        lock(&self.shared.state).replies.extend(replies);
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.shared.state).requests.clone()
    }

    /// Waits until there are `count` requests.
    ///
    /// # Panics
    /// When there are fewer after `limit`.
    pub fn wait_for(&self, count: usize, limit: Duration) -> Vec<Received> {
        let deadline = Instant::now() + limit;
        let mut state = lock(&self.shared.state);
        while state.requests.len() < count {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                panic!("{} of {count} requests after {limit:?}: {:#?}", state.requests.len(), state.requests);
            }
            let waited = self.shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.requests.clone()
    }
}

fn talk(shared: &Shared, stream: &TcpStream) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = receive(&mut reader)? {
        let reply = {
            let mut state = lock(&shared.state);
            state.requests.push(request);
            state.replies.pop_front().unwrap_or(Reply::Status(200))
        };
        shared.changed.notify_all();
        let (status, header, body) = match reply {
            Reply::Status(status) => (status, String::new(), String::new()),
            Reply::Full(status, (name, value), body) => (status, format!("{name}: {value}\r\n"), body),
            Reply::Half(status) => {
                let half = format!("HTTP/1.1 {status} \r\nContent-Length: 10\r\n\r\nfirst");
                writer.write_all(half.as_bytes())?;
                return io::copy(&mut reader, &mut io::sink()).map(|_| ());
            }
            Reply::Drop => return Ok(()),
            Reply::Hold => return io::copy(&mut reader, &mut io::sink()).map(|_| ()),
        };
        let head = format!("HTTP/1.1 {status} \r\n{header}Content-Length: {}\r\n\r\n", body.len());
        writer.write_all((head + &body).as_bytes())?;
    }
    Ok(())
}

/// The next request; none where the client has gone.
fn receive(reader: &mut impl BufRead) -> io::Result<Option<Received>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Received { method, path, headers, body: String::from_utf8_lossy(&body).into_owned() }))
}
