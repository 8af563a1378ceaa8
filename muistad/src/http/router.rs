//! The table of routes: who may use what.

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use muista_core::config::Role;
use muista_core::model::Scope::*;

use crate::http::app::App;
use crate::http::metrics::exposition as metrics;
use crate::http::middleware::auth::refuse;
use crate::http::problem::Problem;
use crate::http::resource::{
    agent, api_keys, attachments, audit, auth, comments, devices, docs, events, fields, health, jobs, mcp, members,
    notifications, projects, reminders, reports, runs, tags, tasks, templates, users, views,
};
use crate::http::route_spec::{AuthPolicy, Routes, handler};

/// Returns the router. A daemon that only works says how it fares, and nothing else.
pub(crate) fn routes(app: App) -> Router<App> {
    let routes = operation(Routes::new(app.clone()));
    if app.role == Role::Worker {
        let (router, _) = routes.finish();
        return router.fallback(not_here).method_not_allowed_fallback(no_such_method);
    }
    let routes = accounts(engine(kept(of_tasks(routes))));
    let (router, described) = routes.finish();
    let router = router.merge(docs::routes(&app, described)).merge(mcp::routes(&app));
    router.fallback(nowhere).method_not_allowed_fallback(no_such_method)
}

/// Adds the routes of how the daemon fares.
fn operation(routes: Routes) -> Routes {
    routes
        .add(AuthPolicy::Probe, handler!(health::health))
        .add(AuthPolicy::Probe, handler!(health::live))
        .add(AuthPolicy::Probe, handler!(health::ready))
        .add(AuthPolicy::Scope(SystemRead), handler!(metrics::metrics))
}

/// Tasks and what hangs on them.
fn of_tasks(routes: Routes) -> Routes {
    routes
        .add(AuthPolicy::Scope(TasksRead), handler!(tasks::list))
        .add(AuthPolicy::Scope(TasksWrite), handler!(tasks::add))
        .add(AuthPolicy::Scope(TasksRead), handler!(tasks::get))
        .add(AuthPolicy::Scope(TasksWrite), handler!(tasks::edit))
        .add(AuthPolicy::Scope(TasksWrite), handler!(tasks::delete))
        .add(AuthPolicy::Scope(TasksRead), handler!(tasks::why))
        .add(AuthPolicy::Scope(TasksWrite), handler!(tasks::start))
        .add(AuthPolicy::Scope(TasksWrite), handler!(tasks::stop))
        .add(AuthPolicy::Scope(TasksRead), handler!(tasks::list_parts))
        .add(AuthPolicy::Scope(TasksWrite), handler!(tasks::add_part))
        .add(AuthPolicy::Scope(TasksRead), handler!(reminders::list))
        .add(AuthPolicy::Scope(TasksRead), handler!(reminders::get))
        .add(AuthPolicy::Scope(TasksWrite), handler!(reminders::delete))
        .add(AuthPolicy::Scope(TasksWrite), handler!(reminders::trigger))
        .add(AuthPolicy::Scope(TasksRead), handler!(reminders::list_of_task))
        .add(AuthPolicy::Scope(TasksWrite), handler!(reminders::add))
        .add(AuthPolicy::Scope(TasksWrite), handler!(reminders::set))
        .add(AuthPolicy::Scope(TasksWrite), handler!(reminders::remove))
        .add(AuthPolicy::Scope(TasksWrite), handler!(reminders::snooze))
        .add(AuthPolicy::Scope(TasksWrite), handler!(reminders::acknowledge))
        .add(AuthPolicy::Scope(TasksRead), handler!(tags::list))
        .add(AuthPolicy::Scope(TasksWrite), handler!(tags::rename))
        .add(AuthPolicy::Scope(TasksWrite), handler!(tags::delete))
        .add(AuthPolicy::Scope(TasksRead), handler!(comments::list))
        .add(AuthPolicy::Scope(TasksWrite), handler!(comments::add))
        .add(AuthPolicy::Scope(TasksRead), handler!(comments::get))
        .add(AuthPolicy::Scope(TasksWrite), handler!(comments::delete))
        .add(AuthPolicy::Scope(ProjectsRead), handler!(projects::list))
        .add(AuthPolicy::Scope(ProjectsWrite), handler!(projects::add))
        .add(AuthPolicy::Scope(ProjectsRead), handler!(projects::get))
        .add(AuthPolicy::Scope(ProjectsWrite), handler!(projects::edit))
        .add(AuthPolicy::Scope(ProjectsWrite), handler!(projects::delete))
        .add(AuthPolicy::Scope(ProjectsRead), handler!(members::list))
        .add(AuthPolicy::Scope(ProjectsWrite), handler!(members::add))
        .add(AuthPolicy::Scope(ProjectsRead), handler!(members::get))
        .add(AuthPolicy::Scope(ProjectsWrite), handler!(members::edit))
        .add(AuthPolicy::Scope(ProjectsWrite), handler!(members::remove))
        .add(AuthPolicy::Scope(AuditRead), handler!(audit::list))
        .add(AuthPolicy::Scope(AuditRead), handler!(events::events))
        .add(AuthPolicy::Credential, handler!(audit::undo_changes))
        .add(AuthPolicy::Credential, handler!(audit::redo_changes))
        .add(AuthPolicy::Scope(TasksRead), handler!(attachments::list))
        .add_stream(AuthPolicy::Scope(TasksWrite), handler!(attachments::add))
        .add(AuthPolicy::Scope(TasksRead), handler!(attachments::get))
        .add(AuthPolicy::Scope(TasksRead), handler!(attachments::content))
        .add(AuthPolicy::Scope(TasksWrite), handler!(attachments::delete))
}

/// Adds the routes of what is kept under a name, own fields, queries and trees of tasks, and of reports.
fn kept(routes: Routes) -> Routes {
    routes
        .add(AuthPolicy::Scope(TasksRead), handler!(fields::list))
        .add(AuthPolicy::Scope(TasksWrite), handler!(fields::add))
        .add(AuthPolicy::Scope(TasksRead), handler!(fields::get))
        .add(AuthPolicy::Scope(TasksWrite), handler!(fields::edit))
        .add(AuthPolicy::Scope(TasksWrite), handler!(fields::delete))
        .add(AuthPolicy::Scope(TasksRead), handler!(views::list))
        .add(AuthPolicy::Scope(TasksWrite), handler!(views::add))
        .add(AuthPolicy::Scope(TasksRead), handler!(views::get))
        .add(AuthPolicy::Scope(TasksWrite), handler!(views::edit))
        .add(AuthPolicy::Scope(TasksWrite), handler!(views::delete))
        .add(AuthPolicy::Scope(TasksRead), handler!(views::tasks))
        .add(AuthPolicy::Scope(TasksRead), handler!(reports::calendar))
        .add(AuthPolicy::Scope(TasksRead), handler!(reports::stats))
        .add(AuthPolicy::Scope(TasksRead), handler!(reports::burndown))
        .add(AuthPolicy::Scope(TasksRead), handler!(reports::timesheet))
        .add(AuthPolicy::Scope(TasksRead), handler!(templates::list))
        .add(AuthPolicy::Scope(TasksWrite), handler!(templates::add))
        .add(AuthPolicy::Scope(TasksRead), handler!(templates::get))
        .add(AuthPolicy::Scope(TasksWrite), handler!(templates::delete))
        .add(AuthPolicy::Scope(TasksWrite), handler!(templates::make))
}

/// Adds the routes of what the engine runs and sends, and of what agents ask.
fn engine(routes: Routes) -> Routes {
    routes
        .add(AuthPolicy::Scope(JobsRead), handler!(jobs::list))
        .add(AuthPolicy::Scope(JobsWrite), handler!(jobs::add))
        .add(AuthPolicy::Scope(JobsRead), handler!(jobs::get))
        .add(AuthPolicy::Scope(JobsWrite), handler!(jobs::edit))
        .add(AuthPolicy::Scope(JobsWrite), handler!(jobs::delete))
        .add(AuthPolicy::Scope(JobsRun), handler!(jobs::trigger))
        .add(AuthPolicy::Scope(JobsRead), handler!(jobs::runs))
        .add(AuthPolicy::Scope(JobsRead), handler!(jobs::scripts))
        .add(AuthPolicy::Scope(JobsRead), handler!(runs::list))
        .add(AuthPolicy::Scope(JobsRead), handler!(runs::get))
        .add(AuthPolicy::Scope(JobsRun), handler!(runs::cancel))
        .add(AuthPolicy::Scope(JobsRead), handler!(runs::log))
        .add(AuthPolicy::Scope(NotificationsRead), handler!(notifications::list))
        .add(AuthPolicy::Scope(NotificationsRead), handler!(notifications::get))
        .add(AuthPolicy::Scope(NotificationsWrite), handler!(notifications::retry))
        .add(AuthPolicy::Scope(NotificationsWrite), handler!(notifications::test))
        .add_message(AuthPolicy::Credential, handler!(agent::message))
}

/// Adds the routes of who comes in, and by what.
fn accounts(routes: Routes) -> Routes {
    routes
        .add(AuthPolicy::Scope(DevicesRead), handler!(devices::list))
        .add(AuthPolicy::Scope(DevicesWrite), handler!(devices::register))
        .add(AuthPolicy::Scope(DevicesRead), handler!(devices::get))
        .add(AuthPolicy::Scope(DevicesWrite), handler!(devices::edit))
        .add(AuthPolicy::Scope(DevicesWrite), handler!(devices::delete))
        .add(AuthPolicy::Anonymous, handler!(auth::register))
        .add(AuthPolicy::Anonymous, handler!(auth::login))
        .add(AuthPolicy::Anonymous, handler!(auth::refresh))
        .add(AuthPolicy::Anonymous, handler!(auth::logout))
        .add(AuthPolicy::Anonymous, handler!(auth::forgot))
        .add(AuthPolicy::Anonymous, handler!(auth::set_forgotten))
        .add(AuthPolicy::Scope(AccountRead), handler!(auth::sessions))
        .add(AuthPolicy::Scope(AccountWrite), handler!(auth::end_sessions))
        .add(AuthPolicy::Scope(AccountWrite), handler!(auth::end_session))
        .add(AuthPolicy::Scope(AccountWrite), handler!(auth::password))
        .add(AuthPolicy::Public, handler!(auth::jwks))
        .add(AuthPolicy::Scope(AccountRead), handler!(users::me))
        .add(AuthPolicy::Scope(AccountWrite), handler!(users::edit_me))
        .add(AuthPolicy::Scope(AccountRead), handler!(users::usage))
        .add(AuthPolicy::Scope(AccountWrite), handler!(users::confirm))
        .add(AuthPolicy::Scope(AccountWrite), handler!(users::send_code))
        .add(AuthPolicy::Scope(UsersRead), handler!(users::list_usage))
        .add(AuthPolicy::Scope(UsersRead), handler!(users::list))
        .add(AuthPolicy::Scope(UsersWrite), handler!(users::add))
        .add(AuthPolicy::Scope(UsersRead), handler!(users::get))
        .add(AuthPolicy::Scope(UsersWrite), handler!(users::edit))
        .add(AuthPolicy::Scope(AccountRead), handler!(api_keys::list))
        .add(AuthPolicy::Scope(AccountWrite), handler!(api_keys::create))
        .add(AuthPolicy::Scope(AccountRead), handler!(api_keys::get))
        .add(AuthPolicy::Scope(AccountWrite), handler!(api_keys::revoke))
}

async fn nowhere(request: Request) -> Response {
    let detail = "nothing is served at this path; GET /openapi.json says what is";
    refuse(Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail), request).await
}

async fn not_here(request: Request) -> Response {
    let detail = "this daemon only sends reminders and runs jobs (role worker); use one with the role server or all";
    refuse(Problem::new(StatusCode::NOT_FOUND, "NOT_FOUND", detail), request).await
}

async fn no_such_method(request: Request) -> Response {
    let detail = format!("this path does not answer {}; the header Allow says what it does", request.method());
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", detail);
    refuse(problem, request).await.into_response()
}
