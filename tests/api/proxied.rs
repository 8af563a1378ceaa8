//! What a proxy before the daemon may say, and who is believed; the same through nginx and HAProxy is in `proxies.rs`.

use serde_json::json;
use test_common::rest::{self, Answer, Connection};

use crate::support::{Api, expect, problem};

/// A proxy on this machine that is believed.
const BELIEVED: (&str, &str) = ("MUISTA_WEB_PROXIES", "127.0.0.0/8");

/// A request without a token from a client with this address, as a proxy passes it on.
fn from(api: &Api, address: &str) -> Answer {
    rest::send(api.daemon.http(), "GET", "/tasks", &[("X-Forwarded-For", address)], b"")
}

#[test]
fn strangers_behind_a_proxy_have_limits_of_their_own() {
    let api = Api::sqlite(&[BELIEVED, ("MUISTA_WEB_RATE", "3")]);
    let refused = (0..20).map(|_| from(&api, "192.0.2.7")).find(|answer| answer.status == 429);
    problem(&refused.unwrap(), 429, "RATE_LIMITED");
    assert_eq!(from(&api, "192.0.2.8").status, 401);
    // What a client has put there before the proxy did is not heeded.
    let refused = (0..20).map(|_| from(&api, "192.0.2.8, 192.0.2.9")).find(|answer| answer.status == 429);
    assert!(refused.is_some());
}

#[test]
fn nobody_else_is_believed() {
    let api = Api::sqlite(&[("MUISTA_WEB_PROXIES", "10.0.0.0/8"), ("MUISTA_WEB_RATE", "3")]);
    let refused = (0..20).map(|number| from(&api, &format!("192.0.2.{number}"))).find(|answer| answer.status == 429);
    assert!(refused.is_some(), "a new address each time, and never too many");
    for (name, value) in
        [("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/a")]
    {
        let answer = api.request("POST", "/tasks", &[(name, value)], Some(&json!({"title": "a"})));
        assert_eq!((answer.status, answer.header("strict-transport-security")), (201, ""), "{name}");
        assert!(answer.header("location").starts_with("/tasks/"), "{name}: {}", answer.header("location"));
    }
}

#[test]
fn a_proxy_that_is_believed_says_how_the_client_came() {
    let api = Api::sqlite(&[BELIEVED, ("MUISTA_WEB_HOSTS", "tasks.example.org")]);
    let by = |name: &str, value: &str| api.request("GET", "/tasks", &[(name, value)], None);
    assert!(by("X-Forwarded-Proto", "https").header("strict-transport-security").contains("max-age"));
    assert_eq!(by("X-Forwarded-Proto", "http").header("strict-transport-security"), "");
    assert_eq!(by("X-Forwarded-Host", "tasks.example.org").status, 200);
    problem(&by("X-Forwarded-Host", "evil.example"), 421, "WRONG_HOST");
}

/// Where the daemon is served below a path, all that it says of its paths leads back to it.
fn is_below(api: &Api, path: &str, headers: &[(&str, &str)], base: &str) {
    let send = |method: &str, path: &str, body: Option<&serde_json::Value>| api.request(method, path, headers, body);
    let made = send("POST", &format!("{path}/tasks"), Some(&json!({"title": "a"})));
    let task = format!("{base}/tasks/{}", expect(made.clone(), 201)["number"]);
    assert!(made.header("location").starts_with(&format!("{base}/tasks/")), "{}", made.header("location"));
    let document = expect(send("GET", &format!("{path}/openapi.json"), None), 200);
    assert_eq!(document["servers"][0]["url"], base, "{task}");
    let text = [("Content-Type", "text/plain")];
    let all = [headers, &text].concat();
    let file = api.raw("POST", &format!("{path}/tasks/1/attachments?name=a.txt"), &all, b"tuna");
    let file = expect(file, 201);
    assert!(file["url"].as_str().unwrap().starts_with(&format!("{base}/attachments/")), "{file}");
    let page = send("GET", &format!("{path}/docs"), None);
    assert_eq!(page.status, 200);
    for absolute in ["src=\"/", "href=\"/"] {
        assert!(!page.text().contains(absolute), "{}", page.text());
    }
}

#[test]
fn the_daemon_may_be_served_below_a_path() {
    let api = Api::sqlite(&[("MUISTA_WEB_URL", "https://example.org/apps/muista/")]);
    // Whether the proxy takes the path off or leaves it there.
    is_below(&api, "", &[], "/apps/muista");
    is_below(&api, "/apps/muista", &[], "/apps/muista");
    assert_eq!(api.get("/apps/muistard/tasks").status, 404);
    assert_eq!(api.get("/apps/muista/tasks/1?tz=Europe/Helsinki").status, 200);
    let told = Api::sqlite(&[BELIEVED]);
    is_below(&told, "", &[("X-Forwarded-Prefix", "/todo")], "/todo");
    is_below(&told, "/todo", &[("X-Forwarded-Prefix", "/todo/")], "/todo");
    assert_eq!(expect(told.get("/openapi.json"), 200)["servers"][0]["url"], "/");
    // A path that begins like one of the daemon's own is not taken off.
    let alike = Api::sqlite(&[("MUISTA_WEB_URL", "https://example.org/tasks")]);
    alike.made("/tasks", &json!({"title": "a"}));
    assert_eq!(alike.got("/tasks/1")["title"], "a");
}

/// Who asks first whether to send a body and is told no knows that the connection ends, since nobody knows whether the body
/// still comes.
#[test]
fn a_body_that_was_asked_about_and_refused_ends_the_connection() {
    let api = Api::sqlite(&[("MUISTA_ATTACHMENTS_MAX_BYTES", "1000000")]);
    api.made("/tasks", &json!({"title": "a"}));
    let bearer = format!("Authorization: Bearer {}\r\n", api.token);
    for (path, bearer, status) in [
        ("/tasks", bearer.as_str(), 413),
        ("/tasks/1/attachments?name=a.txt", &bearer, 413),
        ("/tasks/77/attachments?name=a.txt", &bearer, 413),
        ("/tasks", "", 401),
        ("/nowhere", "", 404),
    ] {
        let mut connection = Connection::open(api.daemon.http());
        connection.say(format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\n{bearer}Content-Type: text/plain\r\nExpect: 100-continue\r\n\
             Content-Length: 2000000\r\n\r\n"
        ));
        let answer = connection.answer().unwrap();
        assert_eq!((answer.status, answer.header("connection")), (status, "close"), "{path}");
        assert!(connection.answer().is_none(), "{path}");
    }
    // One that is taken is asked for, and the connection goes on.
    let mut connection = Connection::open(api.daemon.http());
    let body = json!({"title": "b"}).to_string();
    connection.say(format!(
        "POST /tasks HTTP/1.1\r\nHost: localhost\r\n{bearer}Content-Type: application/json\r\nExpect: 100-continue\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    ));
    assert_eq!(connection.answer().unwrap().status, 100);
    connection.say(&body);
    let answer = connection.answer().unwrap();
    assert_eq!((answer.status, answer.header("connection")), (201, ""));
}
