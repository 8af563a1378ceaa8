//! [`Routes`]: the table of all routes. A line says who may use it and what it takes; path, method and documentation stand
//! with the handler. The router and the OpenAPI document, by which the test of 401 and 403 goes, come from this table.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use muista_core::model::Scope;
use utoipa::openapi::path::{Operation, Paths};
use utoipa::openapi::{Components, OpenApi, RefOr, Schema};

use super::app::App;
use super::guard::{Guard, guard};
use super::openapi;

/// What utoipa knows of one handler.
pub(crate) type Documented = (Vec<(String, RefOr<Schema>)>, Paths, MethodRouter<App>);

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Whoever reaches it, however often: what looks after the daemon must not be locked out with those who harm it.
    Probe,
    /// Whoever reaches it.
    Nothing,
    /// Whoever reaches it, but not often: it takes what somebody may be guessing.
    Stranger,
    /// Whose credential is for this.
    Scope(Scope),
}

/// What a route takes as a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// At most 1 MiB, read before the handler begins.
    Json,
    /// What the handler reads by itself, as it comes.
    Stream,
}

/// The table.
pub(crate) struct Routes {
    app: App,
    router: Router<App>,
    openapi: OpenApi,
}

impl Routes {
    /// An empty table.
    pub(crate) fn new(app: App, mut openapi: OpenApi) -> Self {
        openapi.components.get_or_insert_with(Components::default);
        Self { app, router: Router::new(), openapi }
    }

    /// Adds a handler that takes JSON or nothing.
    pub(crate) fn add(self, need: Need, handler: Documented) -> Self {
        self.line(need, Takes::Json, handler)
    }

    /// Adds a handler that reads its body by itself.
    pub(crate) fn add_stream(self, need: Need, handler: Documented) -> Self {
        self.line(need, Takes::Stream, handler)
    }

    fn line(mut self, need: Need, takes: Takes, (schemas, paths, handler): Documented) -> Self {
        if let Some(components) = &mut self.openapi.components {
            components.schemas.extend(schemas);
        }
        for (path, mut item) in paths.paths {
            for (method, operation) in operations(&mut item) {
                openapi::name(operation);
                openapi::secure(operation, need);
                openapi::complete(operation, method, &path, need);
            }
            let route = self.app.metrics.route(&path);
            let guarded = from_fn_with_state(Guard { app: self.app.clone(), need, takes, route }, guard);
            self.router = self.router.route(&path, handler.clone().route_layer(guarded));
            match self.openapi.paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => {
                    self.openapi.paths.paths.insert(path, item);
                }
            }
        }
        self
    }

    /// The router and the document.
    pub(crate) fn finish(mut self) -> (Router<App>, OpenApi) {
        openapi::finish(&mut self.openapi);
        (self.router, self.openapi)
    }
}

/// The operations of a path with their methods.
fn operations(item: &mut utoipa::openapi::PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("GET", &mut item.get),
        ("PUT", &mut item.put),
        ("POST", &mut item.post),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
