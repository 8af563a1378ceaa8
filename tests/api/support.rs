//! What the tests of REST share: a daemon on either database, and requests to it.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::ops::Deref;
use std::thread;

use muista_core::model::{NewApiKey, Origin};
use muista_core::rpc::{Dialled, Hello, dial_unix};
use serde_json::Value;
use test_common::postgres;
use test_common::rest::{self, Answer, Events};
use test_common::sandbox::{Daemon, Sandbox};
use tokio::runtime::Builder;

/// A daemon, and a client with a token of the local account.
pub(crate) struct Api {
    pub(crate) daemon: Daemon,
    pub(crate) sandbox: Sandbox,
    client: Client,
    /// The arguments that chose the database, for a second daemon.
    pub(crate) args: Vec<String>,
}

impl Api {
    /// A daemon on SQLite, in a sandbox with these variables.
    pub(crate) fn sqlite(variables: &[(&str, &str)]) -> Self {
        Self::start(sandbox(variables), Vec::new())
    }

    /// A daemon on a new database of PostgreSQL.
    pub(crate) fn postgres(variables: &[(&str, &str)]) -> Self {
        let database = postgres::server().database();
        Self::start(sandbox(variables), vec!["--database-url".to_owned(), database.url])
    }

    fn start(sandbox: Sandbox, args: Vec<String>) -> Self {
        let daemon = sandbox.daemon(&args);
        let client = Client { address: daemon.http(), token: token(&daemon) };
        Self { daemon, sandbox, client, args }
    }

    /// Kills the daemon and starts it again on the same database.
    pub(crate) fn killed_and_started(self) -> Self {
        let Self { daemon, sandbox, client, args } = self;
        daemon.kill9();
        let daemon = sandbox.daemon(&args);
        let client = Client { address: daemon.http(), ..client };
        Self { daemon, sandbox, client, args }
    }

    /// Another key, as `new` says.
    pub(crate) fn key(&self, new: &Value) -> String {
        self.made("/api-keys", new)["key"].as_str().unwrap().to_owned()
    }

    /// The same daemon, asked with another token.
    pub(crate) fn shown(&self, token: &str) -> Client {
        Client { address: self.address, token: token.to_owned() }
    }
}

impl Deref for Api {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Asks a daemon, and shows it a token.
pub(crate) struct Client {
    address: SocketAddr,
    pub(crate) token: String,
}

impl Client {
    /// Sends a request with the token and further headers. A body is declared as JSON.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        self.raw(method, path, headers, body.as_bytes())
    }

    /// The same with a body of any bytes.
    pub(crate) fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("Authorization", bearer.as_str())];
        if !body.is_empty() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            all.push(("Content-Type", "application/json"));
        }
        all.extend(headers);
        rest::send(self.address, method, path, &all, body)
    }

    /// `GET`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], None)
    }

    /// `POST`.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.request("POST", path, &[], Some(body))
    }

    /// `PATCH`.
    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.request("PATCH", path, &[], Some(body))
    }

    /// `DELETE`.
    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, &[], None)
    }

    /// What a `GET` brings, which must be there.
    #[track_caller]
    pub(crate) fn got(&self, path: &str) -> Value {
        expect(self.get(path), 200)
    }

    /// What a `POST` makes, which must succeed.
    #[track_caller]
    pub(crate) fn made(&self, path: &str, body: &Value) -> Value {
        expect(self.post(path, body), 201)
    }

    /// What a `PATCH` leaves, which must succeed.
    #[track_caller]
    pub(crate) fn patched(&self, path: &str, body: &Value) -> Value {
        expect(self.patch(path, body), 200)
    }

    /// A stream of events.
    pub(crate) fn events(&self, path: &str, headers: &[(&str, &str)]) -> Events {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("Authorization", bearer.as_str())];
        all.extend(headers);
        Events::open(self.address, path, &all)
    }
}

/// A token of the local account, which may do everything.
pub(crate) fn token(daemon: &Daemon) -> String {
    let hello = Hello::new(Origin::Cli, Some("UTC".to_owned()), None);
    let name = "tests".parse().unwrap();
    let key = NewApiKey { name, role: None, scopes: None, ttl_seconds: None, user: None };
    let socket = daemon.socket();
    let ask = async move {
        match dial_unix(socket, &hello).await.unwrap() {
            Dialled::Connected(client) => client.create_api_key(key).await.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    // A test may have a runtime of its own, within which there can be no other.
    let made = thread::scope(|scope| {
        let asked = scope.spawn(|| Builder::new_current_thread().enable_all().build().unwrap().block_on(ask));
        asked.join().unwrap()
    });
    made.key.reveal().to_owned()
}

/// Runs a test on a daemon of either database.
pub(crate) fn on_both(test: impl Fn(&Api)) {
    on_both_with(&[], test);
}

/// The same with variables of the environment, as `MUISTA_TIMEZONE`.
pub(crate) fn on_both_with(variables: &[(&str, &str)], test: impl Fn(&Api)) {
    test(&Api::sqlite(variables));
    test(&Api::postgres(variables));
}

fn sandbox(variables: &[(&str, &str)]) -> Sandbox {
    let names = |sandbox: Sandbox, (name, value): &(&str, &str)| sandbox.with_env(OsStr::new(name), value);
    variables.iter().fold(Sandbox::new(), names)
}

/// The document of an answer that must have this status.
#[track_caller]
pub(crate) fn expect(answer: Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    answer.json()
}

/// Checks that an answer is a problem of this status and code; returns its document.
#[track_caller]
pub(crate) fn problem(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let problem = answer.json();
    assert_eq!((&problem["code"], &problem["status"]), (&code.into(), &status.into()), "{problem}");
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
    assert_eq!(problem["requestId"].as_str(), Some(answer.header("x-request-id")));
    problem
}

/// Checks that an answer is 422 and names this field alone; returns why.
#[track_caller]
pub(crate) fn refused(answer: &Answer, field: &str) -> String {
    let problem = problem(answer, 422, "INVALID");
    let errors = problem["errors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().filter_map(|error| error["field"].as_str()).collect();
    assert_eq!(fields, [field], "{problem}");
    problem["detail"].as_str().unwrap().to_owned()
}
