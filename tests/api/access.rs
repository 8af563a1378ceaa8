//! Who may do what: every route of the document without a token, with one that is none, and with one that is for
//! something else; and what belongs to others. How tokens themselves are checked is tested beside the daemon's `auth`.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use test_common::rest::{self, Answer};

use crate::support::{Api, expect, on_both, on_both_with, problem, refused};

const ID: &str = "0199c0de-0000-7000-8000-000000000007";
/// What whoever reaches the daemon may use.
const OPEN: [&str; 10] = [
    "GET /.well-known/jwks.json",
    "GET /health",
    "GET /health/live",
    "GET /health/ready",
    "POST /auth/login",
    "POST /auth/logout",
    "POST /auth/password/forgot",
    "POST /auth/password/reset",
    "POST /auth/refresh",
    "POST /auth/register",
];

/// A route as the document has it, with ids in its path, whether it needs a token, and the scope that has.
struct Route {
    method: String,
    template: String,
    path: String,
    open: bool,
    scope: Option<String>,
}

fn routes(api: &Api) -> Vec<Route> {
    let document = expect(rest::send(api.daemon.http(), "GET", "/openapi.json", &[], b""), 200);
    let mut routes = Vec::new();
    for (template, item) in document["paths"].as_object().unwrap() {
        let operations = item.as_object().unwrap().iter().filter(|(_, operation)| operation["responses"].is_object());
        for (method, operation) in operations {
            let method = method.to_uppercase();
            let parts = template.split('/').map(|part| if part.starts_with('{') { ID } else { part });
            routes.push(Route {
                template: format!("{method} {template}"),
                path: parts.collect::<Vec<_>>().join("/"),
                open: operation["security"].as_array().is_some_and(Vec::is_empty),
                scope: operation["security"][0]["bearer"][0].as_str().map(str::to_owned),
                method,
            });
        }
    }
    routes
}

/// Sends a request, again where there were too many.
fn send(api: &Api, method: &str, path: &str, token: Option<&str>) -> Answer {
    let bearer = token.map(|token| format!("Bearer {token}"));
    let headers: Vec<_> = bearer.iter().map(|bearer| ("Authorization", bearer.as_str())).collect();
    loop {
        let answer = rest::send(api.daemon.http(), method, path, &headers, b"");
        if answer.status != 429 {
            return answer;
        }
        std::thread::sleep(Duration::from_secs(answer.header("retry-after").parse().unwrap()));
    }
}

#[test]
fn every_route_wants_a_token_that_is_for_it() {
    on_both(|api| {
        let routes = routes(api);
        assert!(routes.len() > 60, "{} routes", routes.len());
        let mut open: Vec<_> = routes.iter().filter(|route| route.open).map(|route| route.template.as_str()).collect();
        open.sort_unstable();
        assert_eq!(open, OPEN);
        let scopes: Vec<&str> = routes.iter().filter_map(|route| route.scope.as_deref()).collect();
        let mut keys = BTreeMap::new();
        for route in routes.iter() {
            let Some(scope) = route.scope.as_deref() else {
                // What a message, an undo and a redo need, they say themselves.
                let says = ["POST /agent/message", "POST /undo", "POST /redo"].contains(&route.template.as_str());
                assert!(route.open || says, "{}", route.template);
                if says {
                    assert_eq!(send(api, &route.method, &route.path, None).status, 401, "{}", route.template);
                }
                continue;
            };
            let none = send(api, &route.method, &route.path, None);
            problem(&none, 401, "UNAUTHENTICATED");
            assert!(none.header("www-authenticate").starts_with("Bearer"), "{}", route.template);
            problem(&send(api, &route.method, &route.path, Some("muista_garbage")), 401, "UNAUTHENTICATED");
            problem(&send(api, &route.method, &route.path, Some("a.b.c")), 401, "UNAUTHENTICATED");
            let others: Vec<&str> = scopes.iter().copied().filter(|other| *other != scope).collect();
            let key =
                keys.entry(scope.to_owned()).or_insert_with(|| api.key(&json!({"name": scope, "scopes": others})));
            let answer = send(api, &route.method, &route.path, Some(key));
            assert_eq!(answer.status, 403, "{}: {}", route.template, answer.text());
            assert!(problem(&answer, 403, "FORBIDDEN")["detail"].as_str().unwrap().contains(scope));
        }
    });
}

/// A proxy may have asked for credentials of its own, and sent them on.
#[test]
fn what_is_open_heeds_no_credential() {
    on_both(|api| {
        api.account("eva");
        let login = json!({"username": "eva", "password": "the cat of eva"}).to_string();
        for route in OPEN {
            let (method, path) = route.split_once(' ').unwrap();
            for foreign in ["Basic YTpi", "Bearer", "Bearer muista_garbage", "ä"] {
                let headers = [("Authorization", foreign), ("Content-Type", "application/json")];
                let body = if path == "/auth/login" { login.as_str() } else { "" };
                let answer = loop {
                    let answer = rest::send(api.daemon.http(), method, path, &headers, body.as_bytes());
                    if answer.status != 429 {
                        break answer;
                    }
                    std::thread::sleep(Duration::from_secs(answer.header("retry-after").parse().unwrap()));
                };
                let wanted = if method == "GET" || !body.is_empty() { 200 } else { 422 };
                assert_eq!(answer.status, wanted, "{route} {foreign}: {}", answer.text());
            }
        }
    });
}

/// Makes accounts, and logs in.
impl Api {
    fn account(&self, name: &str) -> String {
        self.made("/users", &json!({"username": name, "password": format!("the cat of {name}")}));
        self.login(name)["accessToken"].as_str().unwrap().to_owned()
    }

    fn login(&self, name: &str) -> Value {
        expect(self.post("/auth/login", &json!({"username": name, "password": format!("the cat of {name}")})), 200)
    }
}

#[test]
fn what_belongs_to_others_is_not_there() {
    on_both(|api| {
        let (eva, kim) = (api.account("eva"), api.account("kim"));
        let (eva, kim) = (api.shown(&eva), api.shown(&kim));
        let task = eva.made("/tasks", &json!({"title": "Feed the cat"}));
        let task = format!("/tasks/{}", task["id"].as_str().unwrap());
        let file = [("Content-Type", "text/plain")];
        let file = expect(eva.raw("POST", &format!("{task}/attachments?name=a.txt"), &file, b"a"), 201);
        let attachment = format!("/attachments/{}", file["id"].as_str().unwrap());
        let device = json!({"deviceId": "phone", "os": "iOS", "platform": "mobile", "endpoint": "https://x.example"});
        let device = format!("/devices/{}", eva.made("/devices", &device)["id"].as_str().unwrap());
        for path in [&task, &attachment, &device] {
            eva.got(path);
            problem(&kim.get(path), 404, "NOT_FOUND");
            problem(&kim.delete(path), 404, "NOT_FOUND");
        }
        problem(&kim.patch(&task, &json!({"title": "x"})), 404, "NOT_FOUND");
        problem(&kim.patch(&device, &json!({"os": "x"})), 404, "NOT_FOUND");
        problem(&kim.get(&format!("{attachment}/content")), 404, "NOT_FOUND");
        problem(&kim.get(&format!("{task}/attachments")), 404, "NOT_FOUND");
        problem(&kim.raw("POST", &format!("{task}/attachments?name=a.txt"), &[], b"a"), 404, "NOT_FOUND");
        // Whoever manages accounts does not see what is in them.
        problem(&api.get(&task), 404, "NOT_FOUND");
        problem(&eva.get("/users"), 403, "FORBIDDEN");
        assert_eq!(api.got("/users")["items"].as_array().unwrap().len(), 3);
    });
}

#[test]
fn tokens_that_were_forged_or_taken_back_are_refused() {
    on_both(|api| {
        let token = api.account("eva");
        assert_eq!(send(api, "GET", "/users/me", Some(&token)).status, 200);
        for forged in forged(api, &token) {
            problem(&send(api, "GET", "/users/me", Some(&forged)), 401, "UNAUTHENTICATED");
        }
        let eva = api.shown(&token);
        let made = eva.post("/api-keys", &json!({"name": "laptop"}));
        let shown = eva.got(made.header("location"));
        assert_eq!((&shown["name"], &shown["key"]), (&json!("laptop"), &Value::Null));
        assert_eq!(eva.got("/api-keys/laptop")["id"], shown["id"]);
        problem(&api.get(made.header("location")), 404, "NOT_FOUND");
        assert_eq!(api.got(&format!("{}?user=eva", made.header("location")))["id"], shown["id"]);
        problem(&eva.get("/api-keys/laptop?user=local"), 403, "FORBIDDEN");
        let made = made.json();
        let key = made["key"].as_str().unwrap();
        assert_eq!(send(api, "GET", "/users/me", Some(key)).status, 200);
        assert_eq!(api.shown(&token).delete("/api-keys/laptop").status, 204);
        problem(&send(api, "GET", "/users/me", Some(key)), 401, "UNAUTHENTICATED");
        expect(api.patch("/users/eva", &json!({"disabled": true})), 200);
        problem(&send(api, "GET", "/users/me", Some(&token)), 401, "UNAUTHENTICATED");
        let password = json!({"username": "eva", "password": "the cat of eva"});
        problem(&api.post("/auth/login", &password), 401, "UNAUTHENTICATED");
    });
}

/// The same claims without a signature, signed with the public key as if that were a secret, and with another signature.
fn forged(api: &Api, token: &str) -> Vec<String> {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let mut parts = token.split('.');
    let (header, claims, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let with = |algorithm: &str| {
        let mut header = header.clone();
        header["alg"] = json!(algorithm);
        encode(header.to_string().as_bytes())
    };
    let jwks = api.got("/.well-known/jwks.json");
    let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    let secret = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key["n"].as_str().unwrap().as_bytes());
    let signed = format!("{}.{claims}", with("HS256"));
    let mac = ring::hmac::sign(&secret, signed.as_bytes());
    let mut other: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    other["role"] = json!("admin");
    vec![
        format!("{}.{claims}.", with("none")),
        format!("{}.{claims}.{signature}", with("none")),
        format!("{signed}.{}", encode(mac.as_ref())),
        format!("{}.{}.{signature}", with("RS256"), encode(other.to_string().as_bytes())),
    ]
}

#[test]
fn a_refresh_token_works_once_and_ends_the_session_when_it_is_shown_again() {
    on_both(|api| {
        api.account("eva");
        let first = api.login("eva");
        assert_eq!((&first["tokenType"], &first["expiresIn"]), (&json!("Bearer"), &json!(900)));
        assert!(first["scope"].as_str().unwrap().contains("tasks:write"));
        let refresh = |from: &Value| api.post("/auth/refresh", &json!({"refreshToken": from["refreshToken"]}));
        let second = expect(refresh(&first), 200);
        let eva = api.shown(second["accessToken"].as_str().unwrap());
        assert_eq!(eva.got("/users/me")["username"], "eva");
        problem(&refresh(&first), 401, "UNAUTHENTICATED");
        problem(&eva.get("/users/me"), 401, "UNAUTHENTICATED");
        problem(&refresh(&second), 401, "UNAUTHENTICATED");
    });
}

#[test]
fn sessions_are_listed_and_ended() {
    on_both(|api| {
        api.account("eva");
        let (laptop, phone) = (api.login("eva"), api.login("eva"));
        let laptop = api.shown(laptop["accessToken"].as_str().unwrap());
        let sessions = laptop.got("/auth/sessions")["items"].clone();
        let current: Vec<_> =
            sessions.as_array().unwrap().iter().map(|one| one["current"].as_bool().unwrap()).collect();
        assert_eq!(current, [false, true, false]);
        let third = format!("/auth/sessions/{}", sessions[2]["id"].as_str().unwrap());
        assert_eq!(laptop.delete(&third).status, 204);
        problem(&laptop.delete(&third), 404, "NOT_FOUND");
        let phone = api.shown(phone["accessToken"].as_str().unwrap());
        problem(&phone.get("/users/me"), 401, "UNAUTHENTICATED");

        let new = json!({"oldPassword": "the cat of eva", "password": "the cat of eva, again"});
        let wrong = json!({"oldPassword": "the dog of eva", "password": "the cat of eva, again"});
        assert_eq!(laptop.request("PUT", "/auth/password", &[], Some(&wrong)).status, 401);
        let set = laptop.request("PUT", "/auth/password", &[], Some(&new));
        assert_eq!((set.status, set.json()["keys"].as_array().map(Vec::len)), (200, Some(0)));
        assert_eq!(laptop.got("/auth/sessions")["items"].as_array().unwrap().len(), 1);
        assert_eq!(laptop.delete("/auth/sessions").status, 204);
        problem(&laptop.get("/users/me"), 401, "UNAUTHENTICATED");
    });
}

#[test]
fn whoever_may_registers_and_logs_out() {
    on_both_with(&[("MUISTA_AUTH_REGISTER", "true")], |api| {
        let new = json!({"username": "eva", "password": "the cat of eva", "timezone": "Europe/Helsinki"});
        let made = api.post("/auth/register", &new);
        assert_eq!((made.status, made.header("location")), (201, "/users/me"), "{}", made.text());
        assert_eq!(made.json()["role"], "user");
        assert!(!made.text().contains("cat of eva"));
        problem(&api.post("/auth/register", &new), 409, "CONFLICT");
        let admin = json!({"username": "kim", "password": "the cat of kim", "role": "admin"});
        problem(&api.post("/auth/register", &admin), 403, "FORBIDDEN");
        let session = api.login("eva");
        let refresh = json!({"refreshToken": session["refreshToken"]});
        assert_eq!(api.post("/auth/logout", &refresh).status, 204);
        assert_eq!(api.post("/auth/logout", &refresh).status, 204);
        for none in ["", &"x".repeat(4097)] {
            refused(&api.post("/auth/logout", &json!({"refreshToken": none})), "refreshToken");
        }
        problem(&api.shown(session["accessToken"].as_str().unwrap()).get("/users/me"), 401, "UNAUTHENTICATED");
        assert_eq!(api.post("/auth/password/forgot", &json!({"username": "nobody"})).status, 202);
    });
    on_both(|api| {
        let new = json!({"username": "eva", "password": "the cat of eva"});
        problem(&api.post("/auth/register", &new), 403, "FORBIDDEN");
    });
}

#[test]
fn guessing_is_slow() {
    on_both(|api| {
        let guess = || api.post("/auth/login", &json!({"username": "eva", "password": "1234567890"}));
        let answers: Vec<Answer> = (0..40).map(|_| guess()).collect();
        assert_eq!(answers[0].status, 401);
        let slowed = answers.iter().find(|answer| answer.status == 429).unwrap();
        assert!(slowed.header("retry-after").parse::<u32>().unwrap() >= 1);
        problem(slowed, 429, "RATE_LIMITED");
    });
}

#[test]
fn every_answer_says_how_many_requests_are_left() {
    on_both(|api| {
        let agent = api.shown(&api.key(&json!({"name": "zoe", "role": "agent"})));
        let left =
            |answer: &Answer| ["ratelimit-limit", "ratelimit-remaining"].map(|name| answer.header(name).to_owned());
        let first = agent.get("/tasks");
        assert_eq!((first.status, left(&first)), (200, ["5".to_owned(), "4".to_owned()]));
        let answers: Vec<Answer> = (0..20).map(|_| agent.get("/tasks")).collect();
        let slowed = answers.iter().find(|answer| answer.status == 429).unwrap();
        assert_eq!((slowed.header("retry-after"), left(slowed)), ("1", ["5".to_owned(), "0".to_owned()]));
        problem(slowed, 429, "RATE_LIMITED");
    });
}
