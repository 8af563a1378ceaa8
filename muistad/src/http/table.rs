//! The table of routes: who may use what.

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use muista_core::model::Scope::*;
use utoipa::openapi::OpenApi;
use utoipa_axum::routes;

use super::app::App;
use super::guard::refuse;
use super::metrics::page as metrics;
use super::problem::Problem;
use super::route::{Need, Routes};
use super::{
    api_keys, attachments, audit, auth, comments, devices, docs, events, health, jobs, members, notifications, openapi,
    projects, reminders, runs, tags, tasks, users,
};

/// The router, and the document that describes it.
pub(crate) fn routes(app: App) -> (Router<App>, OpenApi) {
    let routes = operation(Routes::new(app, openapi::head()));
    let routes = accounts(engine(of_tasks(routes)));
    let (router, document) = routes.finish();
    let router = router.merge(docs::routes(&document));
    (router.fallback(nowhere).method_not_allowed_fallback(no_such_method), document)
}

/// How the daemon fares.
fn operation(routes: Routes) -> Routes {
    routes
        .add(Need::Probe, routes!(health::health))
        .add(Need::Probe, routes!(health::live))
        .add(Need::Probe, routes!(health::ready))
        .add(Need::Scope(SystemRead), routes!(metrics::metrics))
}

/// Tasks and what hangs on them.
fn of_tasks(routes: Routes) -> Routes {
    routes
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
        .add(Need::Scope(TasksRead), routes!(comments::list))
        .add(Need::Scope(TasksWrite), routes!(comments::add))
        .add(Need::Scope(TasksRead), routes!(comments::get))
        .add(Need::Scope(TasksWrite), routes!(comments::delete))
        .add(Need::Scope(ProjectsRead), routes!(projects::list))
        .add(Need::Scope(ProjectsWrite), routes!(projects::add))
        .add(Need::Scope(ProjectsRead), routes!(projects::get))
        .add(Need::Scope(ProjectsWrite), routes!(projects::edit))
        .add(Need::Scope(ProjectsWrite), routes!(projects::delete))
        .add(Need::Scope(ProjectsRead), routes!(members::list))
        .add(Need::Scope(ProjectsWrite), routes!(members::add))
        .add(Need::Scope(ProjectsRead), routes!(members::get))
        .add(Need::Scope(ProjectsWrite), routes!(members::edit))
        .add(Need::Scope(ProjectsWrite), routes!(members::remove))
        .add(Need::Scope(AuditRead), routes!(audit::list))
        .add(Need::Scope(AuditRead), routes!(events::events))
        .add(Need::Scope(TasksWrite), routes!(audit::undo_changes))
        .add(Need::Scope(TasksRead), routes!(attachments::list))
        .add_stream(Need::Scope(TasksWrite), routes!(attachments::add))
        .add(Need::Scope(TasksRead), routes!(attachments::get))
        .add(Need::Scope(TasksRead), routes!(attachments::content))
        .add(Need::Scope(TasksWrite), routes!(attachments::delete))
}

/// What the engine runs and sends.
fn engine(routes: Routes) -> Routes {
    routes
        .add(Need::Scope(JobsRead), routes!(jobs::list))
        .add(Need::Scope(JobsWrite), routes!(jobs::add))
        .add(Need::Scope(JobsRead), routes!(jobs::get))
        .add(Need::Scope(JobsWrite), routes!(jobs::edit))
        .add(Need::Scope(JobsWrite), routes!(jobs::delete))
        .add(Need::Scope(JobsRun), routes!(jobs::trigger))
        .add(Need::Scope(JobsRead), routes!(jobs::runs))
        .add(Need::Scope(JobsRead), routes!(jobs::scripts))
        .add(Need::Scope(JobsRead), routes!(runs::list))
        .add(Need::Scope(JobsRead), routes!(runs::get))
        .add(Need::Scope(JobsRun), routes!(runs::cancel))
        .add(Need::Scope(JobsRead), routes!(runs::log))
        .add(Need::Scope(NotificationsRead), routes!(notifications::list))
        .add(Need::Scope(NotificationsRead), routes!(notifications::get))
        .add(Need::Scope(NotificationsWrite), routes!(notifications::retry))
        .add(Need::Scope(NotificationsWrite), routes!(notifications::test))
}

/// Who comes in, and by what.
fn accounts(routes: Routes) -> Routes {
    routes
        .add(Need::Scope(DevicesRead), routes!(devices::list))
        .add(Need::Scope(DevicesWrite), routes!(devices::register))
        .add(Need::Scope(DevicesRead), routes!(devices::get))
        .add(Need::Scope(DevicesWrite), routes!(devices::edit))
        .add(Need::Scope(DevicesWrite), routes!(devices::delete))
        .add(Need::Stranger, routes!(auth::register))
        .add(Need::Stranger, routes!(auth::login))
        .add(Need::Stranger, routes!(auth::refresh))
        .add(Need::Stranger, routes!(auth::logout))
        .add(Need::Stranger, routes!(auth::forgot))
        .add(Need::Stranger, routes!(auth::set_forgotten))
        .add(Need::Scope(AccountRead), routes!(auth::sessions))
        .add(Need::Scope(AccountWrite), routes!(auth::end_sessions))
        .add(Need::Scope(AccountWrite), routes!(auth::end_session))
        .add(Need::Scope(AccountWrite), routes!(auth::password))
        .add(Need::Nothing, routes!(auth::jwks))
        .add(Need::Scope(AccountRead), routes!(users::me))
        .add(Need::Scope(AccountWrite), routes!(users::edit_me))
        .add(Need::Scope(UsersRead), routes!(users::list))
        .add(Need::Scope(UsersWrite), routes!(users::add))
        .add(Need::Scope(UsersRead), routes!(users::get))
        .add(Need::Scope(UsersWrite), routes!(users::edit))
        .add(Need::Scope(AccountRead), routes!(api_keys::list))
        .add(Need::Scope(AccountWrite), routes!(api_keys::create))
        .add(Need::Scope(AccountWrite), routes!(api_keys::revoke))
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
