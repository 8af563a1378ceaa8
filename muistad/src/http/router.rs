//! The table of routes: who may use what.

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use muista_core::config::Role;
use muista_core::model::Scope::*;

use crate::http::app::App;
use crate::http::metrics::page as metrics;
use crate::http::middleware::auth::refuse;
use crate::http::problem::Problem;
use crate::http::resource::{
    agent, api_keys, attachments, audit, auth, comments, devices, docs, events, health, jobs, mcp, members,
    notifications, projects, reminders, runs, tags, tasks, users,
};
use crate::http::route_spec::{Need, Routes, handler};

/// The router. A daemon that only works says how it fares, and nothing else.
pub(crate) fn routes(app: App) -> Router<App> {
    let routes = operation(Routes::new(app.clone()));
    if app.role == Role::Worker {
        let (router, _) = routes.finish();
        return router.fallback(not_here).method_not_allowed_fallback(no_such_method);
    }
    let routes = accounts(engine(of_tasks(routes)));
    let (router, described) = routes.finish();
    let router = router.merge(docs::routes(&app, described)).merge(mcp::routes(&app));
    router.fallback(nowhere).method_not_allowed_fallback(no_such_method)
}

/// How the daemon fares.
fn operation(routes: Routes) -> Routes {
    routes
        .add(Need::Probe, handler!(health::health))
        .add(Need::Probe, handler!(health::live))
        .add(Need::Probe, handler!(health::ready))
        .add(Need::Scope(SystemRead), handler!(metrics::metrics))
}

/// Tasks and what hangs on them.
fn of_tasks(routes: Routes) -> Routes {
    routes
        .add(Need::Scope(TasksRead), handler!(tasks::list))
        .add(Need::Scope(TasksWrite), handler!(tasks::add))
        .add(Need::Scope(TasksRead), handler!(tasks::get))
        .add(Need::Scope(TasksWrite), handler!(tasks::edit))
        .add(Need::Scope(TasksWrite), handler!(tasks::delete))
        .add(Need::Scope(TasksRead), handler!(tasks::list_parts))
        .add(Need::Scope(TasksWrite), handler!(tasks::add_part))
        .add(Need::Scope(TasksRead), handler!(reminders::list))
        .add(Need::Scope(TasksRead), handler!(reminders::get))
        .add(Need::Scope(TasksWrite), handler!(reminders::delete))
        .add(Need::Scope(TasksWrite), handler!(reminders::trigger))
        .add(Need::Scope(TasksRead), handler!(reminders::list_of_task))
        .add(Need::Scope(TasksWrite), handler!(reminders::add))
        .add(Need::Scope(TasksWrite), handler!(reminders::set))
        .add(Need::Scope(TasksWrite), handler!(reminders::remove))
        .add(Need::Scope(TasksWrite), handler!(reminders::snooze))
        .add(Need::Scope(TasksWrite), handler!(reminders::acknowledge))
        .add(Need::Scope(TasksRead), handler!(tags::list))
        .add(Need::Scope(TasksWrite), handler!(tags::rename))
        .add(Need::Scope(TasksWrite), handler!(tags::delete))
        .add(Need::Scope(TasksRead), handler!(comments::list))
        .add(Need::Scope(TasksWrite), handler!(comments::add))
        .add(Need::Scope(TasksRead), handler!(comments::get))
        .add(Need::Scope(TasksWrite), handler!(comments::delete))
        .add(Need::Scope(ProjectsRead), handler!(projects::list))
        .add(Need::Scope(ProjectsWrite), handler!(projects::add))
        .add(Need::Scope(ProjectsRead), handler!(projects::get))
        .add(Need::Scope(ProjectsWrite), handler!(projects::edit))
        .add(Need::Scope(ProjectsWrite), handler!(projects::delete))
        .add(Need::Scope(ProjectsRead), handler!(members::list))
        .add(Need::Scope(ProjectsWrite), handler!(members::add))
        .add(Need::Scope(ProjectsRead), handler!(members::get))
        .add(Need::Scope(ProjectsWrite), handler!(members::edit))
        .add(Need::Scope(ProjectsWrite), handler!(members::remove))
        .add(Need::Scope(AuditRead), handler!(audit::list))
        .add(Need::Scope(AuditRead), handler!(events::events))
        .add(Need::Credential, handler!(audit::undo_changes))
        .add(Need::Scope(TasksRead), handler!(attachments::list))
        .add_stream(Need::Scope(TasksWrite), handler!(attachments::add))
        .add(Need::Scope(TasksRead), handler!(attachments::get))
        .add(Need::Scope(TasksRead), handler!(attachments::content))
        .add(Need::Scope(TasksWrite), handler!(attachments::delete))
}

/// What the engine runs and sends, and what agents have done.
fn engine(routes: Routes) -> Routes {
    routes
        .add(Need::Scope(JobsRead), handler!(jobs::list))
        .add(Need::Scope(JobsWrite), handler!(jobs::add))
        .add(Need::Scope(JobsRead), handler!(jobs::get))
        .add(Need::Scope(JobsWrite), handler!(jobs::edit))
        .add(Need::Scope(JobsWrite), handler!(jobs::delete))
        .add(Need::Scope(JobsRun), handler!(jobs::trigger))
        .add(Need::Scope(JobsRead), handler!(jobs::runs))
        .add(Need::Scope(JobsRead), handler!(jobs::scripts))
        .add(Need::Scope(JobsRead), handler!(runs::list))
        .add(Need::Scope(JobsRead), handler!(runs::get))
        .add(Need::Scope(JobsRun), handler!(runs::cancel))
        .add(Need::Scope(JobsRead), handler!(runs::log))
        .add(Need::Scope(NotificationsRead), handler!(notifications::list))
        .add(Need::Scope(NotificationsRead), handler!(notifications::get))
        .add(Need::Scope(NotificationsWrite), handler!(notifications::retry))
        .add(Need::Scope(NotificationsWrite), handler!(notifications::test))
        .add_message(Need::Credential, handler!(agent::message))
}

/// Who comes in, and by what.
fn accounts(routes: Routes) -> Routes {
    routes
        .add(Need::Scope(DevicesRead), handler!(devices::list))
        .add(Need::Scope(DevicesWrite), handler!(devices::register))
        .add(Need::Scope(DevicesRead), handler!(devices::get))
        .add(Need::Scope(DevicesWrite), handler!(devices::edit))
        .add(Need::Scope(DevicesWrite), handler!(devices::delete))
        .add(Need::Stranger, handler!(auth::register))
        .add(Need::Stranger, handler!(auth::login))
        .add(Need::Stranger, handler!(auth::refresh))
        .add(Need::Stranger, handler!(auth::logout))
        .add(Need::Stranger, handler!(auth::forgot))
        .add(Need::Stranger, handler!(auth::set_forgotten))
        .add(Need::Scope(AccountRead), handler!(auth::sessions))
        .add(Need::Scope(AccountWrite), handler!(auth::end_sessions))
        .add(Need::Scope(AccountWrite), handler!(auth::end_session))
        .add(Need::Scope(AccountWrite), handler!(auth::password))
        .add(Need::Nothing, handler!(auth::jwks))
        .add(Need::Scope(AccountRead), handler!(users::me))
        .add(Need::Scope(AccountWrite), handler!(users::edit_me))
        .add(Need::Scope(AccountRead), handler!(users::usage))
        .add(Need::Scope(AccountWrite), handler!(users::confirm))
        .add(Need::Scope(AccountWrite), handler!(users::send_code))
        .add(Need::Scope(UsersRead), handler!(users::list_usage))
        .add(Need::Scope(UsersRead), handler!(users::list))
        .add(Need::Scope(UsersWrite), handler!(users::add))
        .add(Need::Scope(UsersRead), handler!(users::get))
        .add(Need::Scope(UsersWrite), handler!(users::edit))
        .add(Need::Scope(AccountRead), handler!(api_keys::list))
        .add(Need::Scope(AccountWrite), handler!(api_keys::create))
        .add(Need::Scope(AccountRead), handler!(api_keys::get))
        .add(Need::Scope(AccountWrite), handler!(api_keys::revoke))
}

async fn nowhere(request: Request) -> Response {
    let detail = "nothing is served at this path; GET /openapi.json says what is";
    refuse(Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail), request).await
}

async fn not_here(request: Request) -> Response {
    let detail = "this daemon reminds and runs jobs alone, and says how it fares; another one answers";
    refuse(Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail), request).await
}

async fn no_such_method(request: Request) -> Response {
    let detail = format!("this path does not answer {}; the header Allow says what it does", request.method());
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail);
    refuse(problem, request).await.into_response()
}
