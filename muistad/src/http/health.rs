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

/// How long the database may take to answer before it counts as not answering.
const TIME: Duration = Duration::from_secs(5);

/// That all is well.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The version of Muista.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

fn well() -> Reply {
    let health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };
    let text = serde_json::to_vec(&health).map_err(|e| Error::internal(e.to_string()))?;
    Ok(reply::json(StatusCode::OK, text))
}

/// Whether the daemon and its database are well
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
    well()
}

/// Whether the daemon can do its work
///
/// Its database answers, and its scheduler, where it has one, keeps up.
#[utoipa::path(get, path = "/health/ready", tag = "operation", responses(
    (status = 200, description = "It can", body = Health),
))]
pub(crate) async fn ready(State(app): State<App>) -> Reply {
    match tokio::time::timeout(TIME, app.service.status()).await {
        Ok(Ok(_)) => well(),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => {
            let detail = "the database does not answer in time";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail))
        }
    }
}
