//! A blocking HTTP/1.1 client by hand, for tests of what stands on the wire: one request, one answer with its headers, or
//! a stream of server-sent events.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than any healthy answer takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a request was answered with.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `200`.
    pub status: u16,
    /// Their names in lower case, in the order they came.
    pub headers: Vec<(String, String)>,
    /// As it came, without the chunks it may have come in.
    pub body: Vec<u8>,
}

impl Answer {
    /// The first header of that name; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// All headers of that name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        match serde_json::from_slice(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("{error}: {} {}", self.status, self.text()),
        }
    }
}

/// Sends a request on a connection of its own and returns the answer. `Host`, `Content-Length` and `Connection` are added
/// to `headers`, where those do not say them.
///
/// # Panics
/// When there is no answer, or none that is HTTP.
pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    match try_send(address, method, path, headers, body) {
        Ok(answer) => answer,
        Err(error) => panic!("{method} {path}: {error}"),
    }
}

fn try_send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Answer> {
    read_answer(&mut ask(address, method, path, headers, body)?, method)
}

/// The answer to a request of that method.
fn read_answer(reader: &mut impl BufRead, method: &str) -> io::Result<Answer> {
    let (status, headers) = read_head(reader)?;
    let mut answer = Answer { status, headers, body: Vec::new() };
    if answer.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
        while let Some(chunk) = read_chunk(reader)? {
            answer.body.extend(chunk);
        }
        return Ok(answer);
    }
    match answer.header("content-length").parse() {
        // The length of what a GET would have brought.
        Ok(_) if method == "HEAD" => {}
        Err(_) if matches!(status, 100..200 | 204 | 304) => {}
        Ok(length) => {
            answer.body = vec![0; length];
            reader.read_exact(&mut answer.body)?;
        }
        Err(_) => {
            reader.read_to_end(&mut answer.body)?;
        }
    }
    Ok(answer)
}

fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let said = |name: &str| headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    if !said("host") {
        head += &format!("Host: {address}\r\n");
    }
    if !said("connection") {
        head += "Connection: close\r\n";
    }
    if !said("content-length") && !said("transfer-encoding") && (!body.is_empty() || method != "GET") {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    let mut request = (head + "\r\n").into_bytes();
    request.extend_from_slice(body);
    // A server may answer and close before it has read all; the answer says why.
    match stream.write_all(&request) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe && error.kind() != io::ErrorKind::ConnectionReset => {
            Err(error)
        }
        _ => Ok(BufReader::new(stream)),
    }
}

fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn read_head(reader: &mut impl BufRead) -> io::Result<(u16, Vec<(String, String)>)> {
    let line = read_line(reader)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::other(format!("not HTTP: {line}")))?;
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        let Some((name, value)) = line.split_once(':') else { return Ok((status, headers)) };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// The next chunk of a body (RFC 9112 §7.1); none at its end.
fn read_chunk(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let line = read_line(reader)?;
    let length = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16);
    let length = length.map_err(|_| io::Error::other(format!("not a chunk: {line}")))?;
    let mut chunk = vec![0; length];
    reader.read_exact(&mut chunk)?;
    read_line(reader)?;
    Ok((length > 0).then_some(chunk))
}

/// A connection on which a test says what it likes.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Connects.
    ///
    /// # Panics
    /// When nobody listens.
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).and_then(|stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(stream)
        });
        match stream {
            Ok(stream) => Self(BufReader::new(stream)),
            Err(error) => panic!("no connection to {address}: {error}"),
        }
    }

    /// Says it, so far as anybody listens.
    pub fn say(&mut self, bytes: impl AsRef<[u8]>) {
        // A server may close before it has read all; what it answers says why.
        let _ = self.0.get_mut().write_all(bytes.as_ref());
    }

    /// The next answer, to a request that is no `HEAD`; none where the connection was closed instead.
    ///
    /// # Panics
    /// When neither comes within a minute.
    pub fn answer(&mut self) -> Option<Answer> {
        match read_answer(&mut self.0, "GET") {
            Ok(answer) => Some(answer),
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                panic!("no answer within {PATIENCE:?}")
            }
            Err(_) => None,
        }
    }
}

/// One server-sent event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    /// Its `id:`.
    pub id: String,
    /// Its `event:`.
    pub event: String,
    /// Its `data:`, lines joined.
    pub data: String,
}

impl Event {
    /// The data as JSON.
    ///
    /// # Panics
    /// When it is none.
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.data) {
            Ok(value) => value,
            Err(error) => panic!("{error}: {self:?}"),
        }
    }
}

/// A stream of server-sent events; dropping it hangs up.
pub struct Events {
    /// What it began with.
    pub begin: Answer,
    reader: BufReader<TcpStream>,
    text: String,
    ended: bool,
    comments: usize,
}

impl Events {
    /// Asks for a stream of events.
    ///
    /// # Panics
    /// When there is no answer, or none that is HTTP.
    pub fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        let opened = ask(address, "GET", path, headers, b"").and_then(|mut reader| {
            let (status, headers) = read_head(&mut reader)?;
            Ok((Answer { status, headers, body: Vec::new() }, reader))
        });
        match opened {
            Ok((begin, reader)) => Self { begin, reader, text: String::new(), ended: false, comments: 0 },
            Err(error) => panic!("GET {path}: {error}"),
        }
    }

    /// How many comments came, which only keep the connection alive.
    pub fn comments(&self) -> usize {
        self.comments
    }

    /// The next event; none when the stream has ended.
    ///
    /// # Panics
    /// When nothing comes within a minute.
    pub fn next_event(&mut self) -> Option<Event> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                match parse_event(&block) {
                    Some(event) => return Some(event),
                    None => self.comments += 1,
                }
            }
            if self.ended {
                return None;
            }
            match read_chunk(&mut self.reader) {
                Ok(Some(chunk)) => self.text += &String::from_utf8_lossy(&chunk),
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    panic!("no event within {PATIENCE:?}")
                }
                // Also where the daemon was killed.
                Ok(None) | Err(_) => self.ended = true,
            }
        }
    }
}

/// An event of its lines; none for one of comments alone.
fn parse_event(block: &str) -> Option<Event> {
    let mut event = Event::default();
    let mut any = false;
    for line in block.lines().filter(|line| !line.starts_with(':')) {
        any = true;
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => event.id = value.to_owned(),
            "event" => event.event = value.to_owned(),
            "data" if event.data.is_empty() => event.data = value.to_owned(),
            "data" => event.data = format!("{}\n{value}", event.data),
            _ => {}
        }
    }
    any.then_some(event)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_by_their_fields() {
        let event = parse_event("id: 7\nevent: task.update\ndata: {\"a\":\ndata: 1}").unwrap();
        assert_eq!((event.id.as_str(), event.event.as_str()), ("7", "task.update"));
        assert_eq!(event.json()["a"], 1);
        assert_eq!(parse_event(": still here"), None);
    }

    #[test]
    fn chunks_end_with_an_empty_one() {
        let mut text = io::Cursor::new(b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n");
        assert_eq!(read_chunk(&mut text).unwrap().unwrap(), b"abc");
        assert_eq!(read_chunk(&mut text).unwrap().unwrap(), b"0123456789");
        assert_eq!(read_chunk(&mut text).unwrap(), None);
    }
}
