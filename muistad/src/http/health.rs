//! `/health`, `/health/live`, `/health/ready`: whether the daemon lives, and whether it can do its work.

use std::time::Duration;

use axum::extract::State;
use hyper::StatusCode;
use muista_core::error::Error;
use serde::Serialize;
use utoipa::ToSchema;

use super::app::App;
use super::problem::{Problem, Reply};
use super::reply;
use crate::engine::Pulse;
use crate::signal::Stop;

/// How long the database may take to answer before it counts as not answering.
const TIME: Duration = Duration::from_secs(5);

/// What tells whether the daemon is well.
pub(crate) struct Vitals {
    /// When the engine last looked around; none where this daemon has no engine.
    pub(crate) pulse: Option<Pulse>,
    /// Whether the daemon is to stop.
    pub(crate) stop: Stop,
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
/// It is not about to stop, its database answers, and its scheduler, where it has one, keeps up. A problem says which of
/// them is the matter.
#[utoipa::path(get, path = "/health/ready", tag = "operation", responses(
    (status = 200, description = "It can", body = Health),
))]
pub(crate) async fn ready(State(app): State<App>) -> Reply {
    if app.vitals.stop.is_asked() {
        return Err(ill("the daemon is stopping"));
    }
    match tokio::time::timeout(TIME, app.service.status()).await {
        Ok(answered) => answered?,
        Err(_) => return Err(ill("the database does not answer in time")),
    };
    let scheduler = scheduler(app.vitals.pulse.as_ref())?;
    well(Some(Checks { database: "ok", scheduler }))
}

fn scheduler(pulse: Option<&Pulse>) -> Result<&'static str, Problem> {
    let Some(pulse) = pulse else { return Ok("off") };
    match pulse.silent() {
        None => Ok("ok"),
        Some((duty, age)) => {
            Err(ill(format!("the scheduler hangs: nothing was heard of {duty} for {} s", age.as_secs())))
        }
    }
}

fn ill(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail)
}
