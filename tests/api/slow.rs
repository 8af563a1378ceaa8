//! Clients that ask for much and take nothing of it: what one of them can have, and when it ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::net::sockopt::set_socket_recv_buffer_size;
use serde_json::json;
use test_common::rest::{self, Answer};

use crate::support::{Api, problem};

/// The largest file that needs no token.
const BUNDLE: &str = "/docs/swagger-ui-bundle.js";
/// Longer than a client may take nothing, on a busy machine too.
const END: Duration = Duration::from_secs(90);

/// A frame of HTTP/2 (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A connection of HTTP/2 by hand, whose streams may not send a byte until the client says so.
struct Http2(TcpStream);

impl Http2 {
    fn open(api: &Api) -> Self {
        let mut stream = TcpStream::connect(api.daemon.http()).unwrap();
        stream.set_read_timeout(Some(END)).unwrap();
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        // SETTINGS_INITIAL_WINDOW_SIZE.
        stream.write_all(&frame(4, 0, 0, &[0, 4, 0, 0, 0, 0])).unwrap();
        Self(stream)
    }

    /// Asks for the bundle on these streams.
    fn ask(&mut self, streams: impl IntoIterator<Item = u32>) {
        let path = u8::try_from(BUNDLE.len()).unwrap();
        // GET http, by the indices of HPACK's static table; then path and authority as literals.
        let head = [&[0x82, 0x86, 0x44, path][..], BUNDLE.as_bytes(), &[0x41, 9], b"localhost"].concat();
        for stream in streams {
            self.0.write_all(&frame(1, 5, stream, &head)).unwrap();
        }
    }

    /// The next frame: its kind, stream and payload; none once the connection has ended.
    fn next(&mut self) -> Option<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.0.read_exact(&mut head).ok()?;
        let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
        self.0.read_exact(&mut payload).ok()?;
        Some((head[3], u32::from_be_bytes([head[5], head[6], head[7], head[8]]), payload))
    }

    /// The first payload of such a frame.
    fn first(&mut self, kind: u8) -> Vec<u8> {
        loop {
            let (found, _, payload) = self.next().expect("the connection ended");
            if found == kind {
                return payload;
            }
        }
    }
}

/// The value of a counter, as `/metrics` tells it.
fn counted(api: &Api, sample: &str) -> Option<u64> {
    let text = api.get("/metrics").text();
    let line = text.lines().find_map(|line| line.strip_prefix(sample))?;
    line.trim().parse().ok()
}

/// Waits until a counter has reached this.
fn wait_for(api: &Api, sample: &str, least: u64) {
    let deadline = Instant::now() + END;
    while counted(api, sample).is_none_or(|count| count < least) {
        assert!(Instant::now() < deadline, "{sample}: {:?}", counted(api, sample));
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_connection_has_a_hundred_streams() {
    let api = Api::sqlite(&[]);
    let mut connection = Http2::open(&api);
    let settings = connection.first(4);
    let most = settings.chunks(6).find(|setting| setting[..2] == [0, 3]).map(|setting| setting[5]);
    assert_eq!(most, Some(100));
    // 100 are begun, and the next one is refused (REFUSED_STREAM) while none of them has ended.
    connection.ask((0..101).map(|number| number * 2 + 1));
    let reset = loop {
        let (kind, stream, payload) = connection.next().unwrap();
        if kind == 3 {
            break (stream, payload[3]);
        }
    };
    assert_eq!(reset, (201, 7));
}

#[test]
fn who_shows_no_token_has_fewer_still() {
    let api = Api::sqlite(&[]);
    let mut connection = Http2::open(&api);
    connection.ask((0..12).map(|number| number * 2 + 1));
    let sample =
        |status: u16| format!("muista_http_requests_total{{method=\"GET\",route=\"{BUNDLE}\",status=\"{status}\"}}");
    wait_for(&api, &sample(429), 4);
    assert_eq!(counted(&api, &sample(200)), Some(8));
    // Another connection is not counted with it.
    assert_eq!(rest::send(api.daemon.http(), "GET", "/docs", &[], b"").status, 200);
}

#[test]
fn an_answer_that_nobody_takes_has_an_end() {
    let api = Api::sqlite(&[]);
    let mut second = Http2::open(&api);
    second.ask([1, 3]);
    // Far more than what the two systems keep on the way.
    let mut first = TcpStream::connect(api.daemon.http()).unwrap();
    set_socket_recv_buffer_size(&first, 4096).unwrap();
    let request = format!("GET {BUNDLE} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    first.write_all(request.repeat(20).as_bytes()).unwrap();
    let began = Instant::now();
    // It ends by itself, and its answers have not been sent.
    let mut bytes = 0;
    while let Some((kind, _, payload)) = second.next() {
        bytes += if kind == 0 { payload.len() } else { 0 };
    }
    assert_eq!(bytes, 0);
    assert!(began.elapsed() < END, "{:?}", began.elapsed());
    wait_for(&api, "muista_http_connections_stalled_total", 2);
}

#[test]
fn who_takes_an_answer_slowly_gets_all_of_it() {
    let api = Api::sqlite(&[]);
    let mut connection = Http2::open(&api);
    connection.ask([1]);
    let whole = rest::send(api.daemon.http(), "GET", BUNDLE, &[], b"").body.len();
    let mut got = 0;
    loop {
        // What is taken is made room for anew, on the stream and on the connection.
        let more = u32::try_from((whole - got).min(100_000)).unwrap().to_be_bytes();
        for stream in [0, 1] {
            connection.0.write_all(&frame(8, 0, stream, &more)).unwrap();
        }
        let mut taken = 0;
        while taken < (whole - got).min(100_000) {
            let (kind, _, payload) = connection.next().unwrap();
            taken += if kind == 0 { payload.len() } else { 0 };
        }
        got += taken;
        if got == whole {
            return;
        }
    }
}

/// The bundle as it is sent to who takes gzip.
fn packed(api: &Api, headers: &[(&str, &str)]) -> Answer {
    let all = [&[("Accept-Encoding", "gzip, deflate, br")], headers].concat();
    rest::send(api.daemon.http(), "GET", BUNDLE, &all, b"")
}

#[test]
fn what_is_the_same_for_everybody_is_limited_and_need_not_be_sent_twice() {
    let api = Api::sqlite(&[("MUISTA_WEB_RATE", "3")]);
    let answer = packed(&api, &[]);
    assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"));
    assert!(answer.header("vary").contains("accept-encoding"), "{:?}", answer.headers);
    let length: usize = answer.header("content-length").parse().unwrap();
    assert!(length == answer.body.len() && length < 600_000, "{length}");
    assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("3", "2"));
    let again = packed(&api, &[("If-None-Match", answer.header("etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    let refused = (0..20).map(|_| packed(&api, &[])).find(|answer| answer.status != 200);
    problem(&refused.unwrap(), 429, "RATE_LIMITED");
}

#[test]
fn who_shows_no_token_says_little() {
    let api = Api::sqlite(&[]);
    let long = json!({"username": "kim", "password": "x".repeat(70_000)});
    let answer = rest::send(api.daemon.http(), "POST", "/auth/login", &[], long.to_string().as_bytes());
    assert!(problem(&answer, 413, "TOO_LARGE")["detail"].as_str().unwrap().contains("64 KiB"));
}
