//! `/health`, `/health/live`, `/health/ready`: whether the daemon lives, and whether it can do its work.

use std::time::Duration;

use axum::extract::State;
use hyper::StatusCode;
use muista_core::error::{Error, Trouble};
use muista_core::service::Service;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::engine::Watchdog;
use crate::http::app::App;
use crate::http::problem::{Problem, Reason, Reply};
use crate::http::reply;
use crate::signal::Stop;

/// How long the database may take to answer before it counts as not answering.
const TIME: Duration = Duration::from_secs(5);

/// How long an answer of the database is told on: whoever reaches the daemon may ask, and however often.
const SHARED: Duration = Duration::from_secs(1);

/// What the database last answered.
#[derive(Default)]
struct LastAnswer(Mutex<Option<(Instant, Result<(), Problem>)>>);

/// What tells whether the daemon is well.
pub(crate) struct Vitals {
    /// When the engine last looked around; none where this daemon has no engine.
    pub(crate) watchdog: Option<Watchdog>,
    /// Whether the daemon is to stop.
    pub(crate) stop: Stop,
    /// What the database last answered.
    database: LastAnswer,
}

impl Vitals {
    /// Those of a daemon with this engine, before anybody has asked.
    pub(crate) fn new(watchdog: Option<Watchdog>, stop: Stop) -> Self {
        Self { watchdog, stop, database: LastAnswer::default() }
    }
}

impl LastAnswer {
    /// What it answers, or did a moment ago, unless something has failed since. It is asked by one at a time; who waits for
    /// that is told the same.
    async fn get(&self, service: &Service) -> Result<(), Problem> {
        let begun = Instant::now();
        let mut last = self.0.lock().await;
        if let Some((at, answer)) = &*last
            && (*at >= begun || (at.elapsed() < SHARED && (answer.is_err() || !service.is_in_doubt())))
        {
            return answer.clone();
        }
        let answer = match tokio::time::timeout(TIME, service.check_health()).await {
            Ok(answered) => answered.map_err(Problem::from),
            Err(_) => Err(ill("the database does not answer in time").because(Reason::Database(Trouble::Unreachable))),
        };
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}

/// That all is well.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version of Muista.
    #[schema(example = "0.1.0")]
    version: &'static str,
    /// What was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Checks>,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Checks {
    /// `ok`: it answers.
    #[schema(example = "ok")]
    database: &'static str,
    /// `ok`: reminders and jobs fire in time; `off`: another daemon sees to that.
    #[schema(example = "ok")]
    scheduler: &'static str,
}

fn well(checks: Option<Checks>) -> Reply {
    let health = Health { status: "ok", version: env!("CARGO_PKG_VERSION"), checks };
    let text = serde_json::to_vec(&health).map_err(|e| Error::internal(e.to_string()))?;
    Ok(reply::json(StatusCode::OK, text))
}

/// Whether the daemon can do its work
///
/// The same as `/health/ready`, under the name that most tools ask for.
#[utoipa::path(get, path = "/health", tag = "operation", responses(
    (status = 200, description = "All is well", body = Health),
))]
pub(crate) async fn health(State(app): State<App>) -> Reply {
    ready(State(app)).await
}

/// Whether the daemon lives
///
/// Says nothing of its database: a daemon that waits for that need not be started anew.
#[utoipa::path(get, path = "/health/live", tag = "operation", responses(
    (status = 200, description = "It lives", body = Health),
))]
pub(crate) async fn live() -> Reply {
    well(None)
}

/// Whether the daemon is ready for work
///
/// It is not about to stop, its database answers and takes writes, and its scheduler, where it has one, keeps up and can
/// work. A problem's `reason` says which of them is the matter: `STOPPING`, `DATABASE_UNREACHABLE`, `DATABASE_READ_ONLY`,
/// `DISK_FULL`, `DATABASE_DAMAGED`, `DATABASE_REPLACED`, `SCHEDULER_HANGS` or `SCHEDULER_FAILS`.
#[utoipa::path(get, path = "/health/ready", tag = "operation", responses(
    (status = 200, description = "It can", body = Health),
))]
pub(crate) async fn ready(State(app): State<App>) -> Reply {
    if app.vitals.stop.is_asked() {
        return Err(ill("the daemon is stopping").because(Reason::Stopping));
    }
    app.vitals.database.get(&app.service).await?;
    let scheduler = scheduler(app.vitals.watchdog.as_ref())?;
    well(Some(Checks { database: "ok", scheduler }))
}

fn scheduler(watchdog: Option<&Watchdog>) -> Result<&'static str, Problem> {
    let Some(watchdog) = watchdog else { return Ok("off") };
    if let Some((duty, age)) = watchdog.silent() {
        let detail = format!("the scheduler hangs: nothing was heard of {duty} for {} s", age.as_secs());
        return Err(ill(detail).because(Reason::SchedulerHangs));
    }
    match watchdog.failing() {
        None => Ok("ok"),
        Some((duty, age)) => {
            let detail = format!("the scheduler cannot work: {duty} has failed for {} s", age.as_secs());
            Err(ill(detail).because(Reason::SchedulerFails))
        }
    }
}

fn ill(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail)
}
