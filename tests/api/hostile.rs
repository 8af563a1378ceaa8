//! Clients that mean harm, or are broken: each is refused or left to itself, and others are answered meanwhile.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use test_common::rest::{self, Connection};

use crate::support::{Api, on_both, problem};

/// The headers of a request that would be done.
fn head(api: &Api) -> String {
    format!("Host: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n", api.token)
}

/// Checks that others are answered, and soon.
#[track_caller]
fn others_are_answered(api: &Api) {
    let began = Instant::now();
    assert_eq!(rest::send(api.daemon.http(), "GET", "/health", &[], b"").status, 200);
    assert_eq!(api.get("/tasks").status, 200);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

/// What the daemon answers to these bytes; none where it closes the connection instead.
fn say(api: &Api, bytes: impl AsRef<[u8]>) -> Option<u16> {
    let mut connection = Connection::open(api.daemon.http());
    connection.say(bytes);
    connection.answer().map(|answer| answer.status)
}

#[test]
fn who_sends_slowly_is_left_to_himself() {
    let api = Api::sqlite(&[]);
    let needed = head(&api);
    let address = api.daemon.http();
    let mut heads: Vec<_> = (0..200).map(|_| Connection::open(address)).collect();
    for head in &mut heads {
        head.say("GET /tasks HTTP/1.1\r\nHost: local");
    }
    let mut bodies: Vec<_> = (0..50).map(|_| Connection::open(address)).collect();
    for body in &mut bodies {
        body.say(format!("POST /tasks HTTP/1.1\r\n{needed}Content-Length: 20\r\n\r\n{{\"title\""));
    }
    others_are_answered(&api);
    let began = Instant::now();
    for body in &mut bodies {
        let answer = body.answer().unwrap();
        problem(&answer, 408, "TOO_SLOW");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    others_are_answered(&api);
    for head in &mut heads {
        assert!(head.answer().is_none_or(|answer| answer.status == 408));
    }
    assert!(began.elapsed() < Duration::from_secs(45), "{:?}", began.elapsed());
    others_are_answered(&api);
}

/// A byte now and then keeps nobody waiting for ever.
#[test]
fn a_body_that_drips_has_an_end() {
    let api = Api::sqlite(&[]);
    let needed = head(&api);
    let mut stream = TcpStream::connect(api.daemon.http()).unwrap();
    write!(stream, "POST /tasks HTTP/1.1\r\n{needed}Content-Length: 1000\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let (began, mut answer) = (Instant::now(), Vec::new());
    let mut piece = [0; 4096];
    while began.elapsed() < Duration::from_secs(60) {
        let _ = stream.write_all(b" ");
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => answer.extend_from_slice(&piece[..length]),
            Err(_) => {}
        }
    }
    let took = began.elapsed();
    assert!(answer.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&answer));
    assert!((Duration::from_secs(25)..Duration::from_secs(50)).contains(&took), "{took:?}");
}

#[test]
fn who_sends_too_much_is_told() {
    on_both(|api| {
        let needed = head(api);
        let ten = vec![b' '; 10 << 20];
        let answer = api.raw("POST", "/tasks", &[], &ten);
        problem(&answer, 413, "TOO_LARGE");
        // By pieces, so that nothing says how many there will be.
        let mut chunked = Connection::open(api.daemon.http());
        chunked.say(format!("POST /tasks HTTP/1.1\r\n{needed}Transfer-Encoding: chunked\r\n\r\n"));
        let piece = [b"10000\r\n".as_slice(), &[b' '; 65_536], b"\r\n"].concat();
        for _ in 0..20 {
            chunked.say(&piece);
        }
        chunked.say(format!("0\r\n\r\nGET /tasks HTTP/1.1\r\n{needed}\r\n"));
        problem(&chunked.answer().unwrap(), 413, "TOO_LARGE");
        assert!(chunked.answer().is_none_or(|answer| answer.status == 200));
        // Who asks first is spared the sending.
        let mut asks = Connection::open(api.daemon.http());
        asks.say(format!("POST /tasks HTTP/1.1\r\n{needed}Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n"));
        problem(&asks.answer().unwrap(), 413, "TOO_LARGE");
        others_are_answered(api);
    });
}

#[test]
fn a_head_that_is_too_long_is_refused() {
    let api = Api::sqlite(&[]);
    let needed = head(&api);
    let long = "x".repeat(1 << 20);
    let many: String = (0..200).map(|number| format!("X-{number}: y\r\n")).collect();
    for head in [
        format!("GET /tasks HTTP/1.1\r\n{needed}X-Long: {long}\r\n\r\n"),
        format!("GET /tasks HTTP/1.1\r\n{needed}{many}\r\n"),
        format!("GET /tasks HTTP/1.1\r\n{needed}{many}{many}{many}{many}{many}{many}{many}{many}{many}\r\n"),
    ] {
        let status = say(&api, head);
        assert!(status.is_none_or(|status| status == 431), "{status:?}");
    }
    let status = say(&api, format!("GET /{long} HTTP/1.1\r\n{needed}\r\n"));
    assert!(status.is_none_or(|status| status == 414 || status == 431), "{status:?}");
    others_are_answered(&api);
}

#[test]
fn what_cannot_be_read_is_malformed() {
    on_both(|api| {
        let deep = "[".repeat(100_000);
        let nested = format!("{{\"title\":{}", "{\"a\":".repeat(100_000));
        let bodies: [&[u8]; 7] = [
            deep.as_bytes(),
            nested.as_bytes(),
            b"{\"title\":\"\xff\xfe\"}",
            b"{",
            b"\xff",
            b"{}{}",
            b"{\"title\":\"\x00\"}",
        ];
        for body in bodies {
            problem(&api.raw("POST", "/tasks", &[], body), 400, "MALFORMED");
        }
        problem(&api.get("/tasks/%ff%fe"), 400, "MALFORMED");
        problem(&api.get("/tasks?search=%ff%fe"), 400, "MALFORMED");
        for raw in [
            b"GET /tasks/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n".as_slice(),
            b"GET /tasks?search=\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET /tasks HTTP/1.1\r\nHost: localhost\r\nX: \x01\r\n\r\n",
            b"GET /tasks HTTP/1.1\r\nHo st: localhost\r\n\r\n",
            b"GET\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        ] {
            let status = say(api, raw);
            // Whether the query is read comes after who asks.
            assert!(
                status.is_none_or(|status| status == 400 || status == 401),
                "{status:?} {}",
                String::from_utf8_lossy(raw)
            );
        }
        others_are_answered(api);
    });
}

#[test]
fn another_host_is_not_answered_for() {
    let api = Api::sqlite(&[("MUISTA_WEB_HOSTS", "tasks.example.org")]);
    for host in ["evil", "evil.example:80", "localhost.evil.example", "127.0.0.1.evil.example"] {
        problem(&api.request("GET", "/tasks", &[("Host", host)], None), 421, "WRONG_HOST");
    }
    for host in ["localhost", "LOCALHOST:3000", "127.0.0.1", "[::1]:80", "tasks.example.org", "Tasks.Example.org:443"] {
        assert_eq!(api.request("GET", "/tasks", &[("Host", host)], None).status, 200, "{host}");
    }
    for head in ["", "Host: \r\n", "Host: localhost\r\nHost: evil\r\n", "Host: localhost\r\nHost: localhost\r\n"] {
        assert_eq!(say(&api, format!("GET /health HTTP/1.1\r\n{head}\r\n")), Some(400), "{head}");
    }
}

/// Two programs that read the same bytes as different requests could be played off against each other.
#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let api = Api::sqlite(&[]);
    let needed = head(&api);
    for headers in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding : chunked\r\n",
        " Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
    ] {
        let smuggled = "0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
        let mut connection = Connection::open(api.daemon.http());
        connection.say(format!("POST /tasks HTTP/1.1\r\n{needed}{headers}\r\n{smuggled}"));
        let answers: Vec<u16> = std::iter::from_fn(|| connection.answer()).map(|answer| answer.status).collect();
        // What says both is read by the one that wins (RFC 9112 §6.3), and nothing is read after it.
        let fair = answers.is_empty() || answers == [400] || (headers.contains("chunked\r\n") && answers == [422]);
        assert!(fair, "{headers:?}: {answers:?}");
    }
    others_are_answered(&api);
}

#[test]
fn requests_may_come_in_one_piece() {
    let api = Api::sqlite(&[]);
    let needed = head(&api);
    let mut connection = Connection::open(api.daemon.http());
    let post = |title: &str| {
        let body = json!({"title": title}).to_string();
        format!("POST /tasks HTTP/1.1\r\n{needed}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let refused = "POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc";
    connection.say([post("One"), refused.to_owned(), post("Two"), post("")].concat());
    let statuses: Vec<_> = (0..4).filter_map(|_| connection.answer()).map(|answer| answer.status).collect();
    assert_eq!(statuses, [201, 404, 201, 422]);
}

/// As many idle connections as this process may have, ten thousand at most.
#[test]
fn thousands_of_idle_connections_are_no_burden() {
    let limit = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: limit, maximum: limit }).unwrap();
    let count = usize::try_from(limit.unwrap_or(u64::MAX)).unwrap_or(usize::MAX).saturating_sub(1_500).min(10_000);
    let api = Api::sqlite(&[]);
    let before = resident(api.daemon.pid());
    let mut idle = Vec::new();
    for number in 0..count {
        let mut stream = connect(api.daemon.http());
        // Some have asked for something before.
        if number % 2 == 0 {
            stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            let mut piece = [0; 1024];
            assert!(stream.read(&mut piece).unwrap() > 0);
        }
        idle.push(stream);
        if number % 1_000 == 999 {
            others_are_answered(&api);
        }
    }
    let each = resident(api.daemon.pid()).saturating_sub(before) / count;
    assert!(each < 20_000, "{each} bytes each of {count}");
    others_are_answered(&api);
    drop(idle);
    others_are_answered(&api);
}

/// Retried where the kernel's own queue is full for a moment.
fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(30)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream
}

/// The memory that a process has, in bytes.
fn resident(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<usize>().unwrap() * 1024
}

/// HTTP/2 by hand (RFC 9113 §4.1): a frame.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Requests that are begun and taken back at once, again and again (CVE-2023-44487), and headers without an end
/// (CVE-2024-24549).
#[test]
fn floods_of_http2_frames_end_their_own_connection() {
    let api = Api::sqlite(&[]);
    // GET http localhost /, by the indices of HPACK's static table.
    let head = [&[0x82, 0x86, 0x84, 0x41, 9][..], b"localhost"].concat();
    let reset = |stream: u32| {
        let begun = frame(1, 5, stream, &head);
        [begun, frame(3, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    let endless = |number: u32| if number == 0 { frame(1, 1, 1, &head) } else { frame(9, 0, 1, &[0; 16_000]) };
    let floods: [&dyn Fn(u32) -> Vec<u8>; 2] = [&|number| reset(number * 2 + 1), &endless];
    for flood in floods {
        let mut stream = connect(api.daemon.http());
        stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
        stream.write_all(&frame(4, 0, 0, &[])).unwrap();
        let written = (0..200_000_u32).take_while(|number| stream.write_all(&flood(*number)).is_ok()).count();
        assert!(written < 200_000, "it took them all");
        others_are_answered(&api);
    }
    // A preface that never ends is no way to stay either; that it was begun harms nobody.
    connect(api.daemon.http()).write_all(b"PRI * HT").unwrap();
    others_are_answered(&api);
}
