//! The client for agents: against a real daemon, and against a server that fails as it is told.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use std::time::{Duration, Instant};

use muista_agent::{
    Agent, AskByCategory, AskOverdue, AskUpcoming, CreateTask, DeleteTask, Error, ErrorCode, Intent, Reminder, Retry,
    TriggerScript, UpdateTask,
};
use serde_json::{Value, json};
use test_common::http::{HttpServer, Reply};
use test_common::sandbox::Sandbox;

/// Runs a test's body.
fn run<T>(body: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(body)
}

/// Rules that lose no time.
fn hasty() -> Retry {
    let first = Duration::from_millis(2);
    Retry {
        first,
        longest: first,
        each: Duration::from_millis(300),
        deadline: Duration::from_secs(20),
        ..Retry::default()
    }
}

fn task(title: &str) -> CreateTask {
    CreateTask { title: title.to_owned(), ..CreateTask::default() }
}

/// What a daemon answers.
fn answer(status: u16, header: (&'static str, &str), body: &Value) -> Reply {
    Reply::Full(status, (header.0, header.1.to_owned()), body.to_string())
}

fn success() -> Reply {
    answer(
        200,
        ("Content-Type", "application/json"),
        &json!({"status": "success", "data": {"items": [], "nextCursor": null}}),
    )
}

fn refusal(status: u16, code: &str, after: &str) -> Reply {
    let body = json!({"status": "error", "errorCode": code, "message": "no", "details": {"field": "x"}});
    answer(status, ("Retry-After", after), &body)
}

#[test]
fn each_intent_is_understood_by_a_daemon() {
    let sandbox =
        Sandbox::new().with_env("MUISTA_EMAIL_HOST", "127.0.0.1").with_env("MUISTA_EMAIL_TO", "a@example.org");
    let daemon = sandbox.daemon([] as [&str; 0]);
    let made =
        sandbox.muista().args(["token", "create", "--name", "zoe", "--role", "agent", "--quiet"]).output().unwrap();
    let token = String::from_utf8(made.stdout).unwrap();
    let agent = Agent::new(&format!("http://{}/", daemon.http()), &token).unwrap().named("zoe");
    run(async {
        let new = CreateTask {
            due_date: Some("tomorrow 18:00".to_owned()),
            category: Some("Shopping".to_owned()),
            reminders: vec![Reminder::at("30min before")],
            ..task("Buy cat food")
        };
        let made = agent.send(new).await.unwrap();
        assert_eq!((made.task.number, &*made.task.title, &made.task_id), (1, "Buy cat food", &made.task.id));
        assert!(made.task.due_date.unwrap().contains("T18:00:00"));
        assert_eq!(agent.send(AskUpcoming::default()).await.unwrap().items.len(), 1);
        let shopping = AskByCategory { category: "Shopping".to_owned(), ..AskByCategory::default() };
        assert_eq!(agent.send(shopping).await.unwrap().items[0].number, 1);
        let past = UpdateTask {
            task_id: "1".to_owned(),
            due_date: Some(Some("yesterday".to_owned())),
            description: Some(None),
            ..UpdateTask::default()
        };
        assert_eq!(agent.send(past).await.unwrap().task.more["version"], 2);
        // The sixth message of a second waits for its turn.
        assert_eq!(agent.send(AskOverdue::default()).await.unwrap().items.len(), 1);
        let gone = DeleteTask { task_id: made.task_id.clone(), ..DeleteTask::default() };
        assert_eq!(agent.send(gone.clone()).await.unwrap().deleted, [made.task_id]);

        let error = agent.send(gone).await.unwrap_err();
        assert_eq!((error.code, error.status), (ErrorCode::NotFound, Some(404)));
        let error = agent.send(task(" ")).await.unwrap_err();
        assert_eq!((&error.code, error.field()), (&ErrorCode::InvalidParams, Some("title")));
        let job = TriggerScript { job: Some("weather".to_owned()), ..TriggerScript::default() };
        assert_eq!(agent.send(job).await.unwrap_err().code, ErrorCode::NotFound);
        let error = agent.send(Dance {}).await.unwrap_err();
        assert_eq!((error.code, error.details["known"][0].as_str()), (ErrorCode::UnknownIntent, Some("createTask")));
        let stranger = Agent::new(&format!("http://{}", daemon.http()), "muista_garbage").unwrap();
        let error = stranger.send(AskOverdue::default()).await.unwrap_err();
        assert_eq!((error.code, error.status), (ErrorCode::Forbidden, Some(401)));
    });
}

/// An intent that there is not.
#[derive(serde::Serialize)]
struct Dance {}

impl Intent for Dance {
    const NAME: &'static str = "dance";
    type Data = Value;
}

#[test]
fn what_fails_for_a_while_is_tried_again_as_the_same_message() {
    let server = HttpServer::start();
    server.will([Reply::Status(503), Reply::Drop, Reply::Hold, refusal(429, "RATE_LIMITED", "0"), success()]);
    let agent = Agent::new(&server.url(), "key").unwrap().named("zoe").retrying(hasty());
    assert_eq!(run(agent.send(AskOverdue::default())).unwrap().items, []);
    let requests = server.requests();
    // hyper itself may send what was dropped unread once more.
    assert!((5..=6).contains(&requests.len()), "{requests:#?}");
    for request in &requests {
        assert_eq!((&*request.method, &*request.path), ("POST", "/agent/message"));
        assert_eq!((request.header("authorization"), &request.body), ("Bearer key", &requests[0].body));
    }
    let body: Value = serde_json::from_str(&requests[0].body).unwrap();
    assert_eq!(body["context"], json!({"agent": "zoe"}));
    run(agent.send(AskOverdue::default())).expect_err("an answer without a body is none");
    let next: Value = serde_json::from_str(&server.requests().last().unwrap().body).unwrap();
    assert_ne!(next["requestId"], body["requestId"]);
}

#[test]
fn retry_after_is_waited_for_and_no_longer_than_the_deadline() {
    let server = HttpServer::start();
    server.will([refusal(429, "RATE_LIMITED", "1"), success()]);
    let agent = Agent::new(&server.url(), "key").unwrap().retrying(hasty());
    let began = Instant::now();
    run(agent.send(AskOverdue::default())).unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    server.will([refusal(429, "DAILY_LIMIT", "18000")]);
    let error = run(agent.send(task("one more"))).unwrap_err();
    assert_eq!((error.code, error.retry_after), (ErrorCode::DailyLimit, Some(Duration::from_secs(18_000))));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn no_time_is_too_long_to_be_counted() {
    let server = HttpServer::start();
    let agent = |retry| Agent::new(&server.url(), "key").unwrap().retrying(retry);
    server.will([refusal(503, "INTERNAL", "0"), success()]);
    let endless = Retry { each: Duration::MAX, deadline: Duration::MAX, ..hasty() };
    run(agent(endless).send(AskOverdue::default())).unwrap();
    server.will([refusal(503, "INTERNAL", "18446744073709551615")]);
    let slow = Retry { first: Duration::MAX, longest: Duration::MAX, ..hasty() };
    let error = run(agent(slow).send(AskOverdue::default())).unwrap_err();
    assert_eq!(error.retry_after, Some(Duration::from_secs(u64::MAX)));
}

#[test]
fn what_fails_for_good_is_not_tried_again() {
    let server = HttpServer::start();
    let agent = Agent::new(&server.url(), "key").unwrap().retrying(hasty());
    let fails = |reply: Reply| -> Error {
        server.will([reply]);
        run(agent.send(AskOverdue::default())).unwrap_err()
    };
    let error = fails(refusal(422, "INVALID_PARAMS", "0"));
    assert_eq!((&error.code, error.field(), error.status), (&ErrorCode::InvalidParams, Some("x"), Some(422)));
    assert_eq!(error.to_string(), "no");
    assert_eq!(fails(refusal(418, "TEAPOT", "0")).code, ErrorCode::Other("TEAPOT".to_owned()));
    assert_eq!(fails(Reply::Status(404)).code, ErrorCode::BadAnswer);
    assert_eq!(fails(Reply::Status(200)).code, ErrorCode::BadAnswer);
    assert_eq!(server.requests().len(), 4);
}

#[test]
fn it_gives_up_in_the_end() {
    let server = HttpServer::start();
    let agent = |retry| Agent::new(&server.url(), "key").unwrap().retrying(retry);
    server.will(vec![Reply::Status(500); 3]);
    let error = run(agent(Retry { most: 2, ..hasty() }).send(AskOverdue::default())).unwrap_err();
    assert_eq!((error.code, error.status, server.requests().len()), (ErrorCode::Internal, Some(500), 3));
    server.will([Reply::Hold]);
    let short = Retry { deadline: Duration::from_millis(50), ..hasty() };
    assert_eq!(run(agent(short).send(AskOverdue::default())).unwrap_err().code, ErrorCode::TimedOut);
    let nobody = Agent::new("http://127.0.0.1:1", "key").unwrap().retrying(Retry { most: 1, ..hasty() });
    assert_eq!(run(nobody.send(AskOverdue::default())).unwrap_err().code, ErrorCode::Unreachable);
    for wrong in ["", "muista.example.org", "ftp://muista.example.org", "http://"] {
        assert_eq!(Agent::new(wrong, "key").unwrap_err().code, ErrorCode::InvalidParams, "{wrong}");
    }
    assert_eq!(Agent::new("http://127.0.0.1:1", "k\ney").unwrap_err().code, ErrorCode::InvalidParams);
}
