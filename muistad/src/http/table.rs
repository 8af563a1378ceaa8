//! The table of routes: who may use what.

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use muista_core::model::Scope::{AuditRead, SystemRead, TasksRead, TasksWrite};
use utoipa::openapi::OpenApi;
use utoipa_axum::routes;

use super::app::App;
use super::guard::refuse;
use super::metrics::page;
use super::problem::Problem;
use super::route::{Line, Need, Routes};
use super::{audit, docs, health, openapi, reminders, tags, tasks};

/// The router, the document that describes it, and the table of who may use what.
pub(crate) fn routes(app: App) -> (Router<App>, OpenApi, Vec<Line>) {
    let routes = Routes::new(app, openapi::head())
        .add(Need::Probe, routes!(health::health))
        .add(Need::Probe, routes!(health::live))
        .add(Need::Probe, routes!(health::ready))
        .add(Need::Scope(SystemRead), routes!(page::metrics))
        .add(Need::Scope(TasksRead), routes!(tasks::list))
        .add(Need::Scope(TasksWrite), routes!(tasks::add))
        .add(Need::Scope(TasksRead), routes!(tasks::get))
        .add(Need::Scope(TasksWrite), routes!(tasks::edit))
        .add(Need::Scope(TasksWrite), routes!(tasks::delete))
        .add(Need::Scope(TasksRead), routes!(tasks::list_parts))
        .add(Need::Scope(TasksWrite), routes!(tasks::add_part))
        .add(Need::Scope(TasksRead), routes!(reminders::list))
        .add(Need::Scope(TasksRead), routes!(reminders::get))
        .add(Need::Scope(TasksWrite), routes!(reminders::delete))
        .add(Need::Scope(TasksWrite), routes!(reminders::trigger))
        .add(Need::Scope(TasksRead), routes!(reminders::list_of_task))
        .add(Need::Scope(TasksWrite), routes!(reminders::add))
        .add(Need::Scope(TasksWrite), routes!(reminders::set))
        .add(Need::Scope(TasksWrite), routes!(reminders::remove))
        .add(Need::Scope(TasksWrite), routes!(reminders::snooze))
        .add(Need::Scope(TasksWrite), routes!(reminders::acknowledge))
        .add(Need::Scope(TasksRead), routes!(tags::list))
        .add(Need::Scope(TasksWrite), routes!(tags::rename))
        .add(Need::Scope(TasksWrite), routes!(tags::delete))
        .add(Need::Scope(AuditRead), routes!(audit::list))
        .add(Need::Scope(TasksWrite), routes!(audit::undo_changes));
    let (router, document, lines) = routes.finish();
    let router = router.merge(docs::routes(&document));
    (router.fallback(nowhere).method_not_allowed_fallback(no_such_method), document, lines)
}

async fn nowhere(request: Request) -> Response {
    let detail = "nothing is served at this path; GET /openapi.json says what is";
    refuse(Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail), request.into_body()).await
}

async fn no_such_method(request: Request) -> Response {
    let detail = format!("this path does not answer {}; the header Allow says what it does", request.method());
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail);
    refuse(problem, request.into_body()).await.into_response()
}
