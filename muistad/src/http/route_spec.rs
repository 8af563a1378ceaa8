//! [`Routes`]: the table of all routes. A line says who may use it and what it takes; path, method and documentation stand
//! with the handler. The router and the OpenAPI document, by which the test of 401 and 403 goes, come from this table: the
//! router at once, the document when somebody asks for it, since making it takes as much memory as all the rest.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use muista_core::model::Scope;
use utoipa::openapi::path::{Operation, Paths};
use utoipa::openapi::{Components, RefOr, Schema};

use crate::http::app::App;
use crate::http::middleware::auth::{AuthLayer, authorize};
use crate::http::openapi;

/// A handler with what utoipa knows of it.
pub(crate) struct Handler {
    pub(crate) path: String,
    pub(crate) router: MethodRouter<App>,
    pub(crate) describe: fn() -> Described,
}

/// What utoipa writes of one handler: the schemas that it needs, and its operation.
pub(crate) type Described = (Vec<(String, RefOr<Schema>)>, Paths);

/// The [`Handler`] of a function.
macro_rules! handler {
    ($noun:ident::$name:ident) => {
        utoipa_axum::paste! {{
            use utoipa::Path as _;
            use utoipa_axum::PathItemExt as _;
            let methods = $noun::[<__path_ $name>]::methods();
            let on = |router: axum::routing::MethodRouter<$crate::http::app::App>, method: &utoipa::openapi::path::HttpMethod| {
                router.on(method.to_method_filter(), $noun::$name)
            };
            $crate::http::route_spec::Handler {
                path: $noun::[<__path_ $name>]::path(),
                router: methods.iter().fold(axum::routing::MethodRouter::new(), on),
                describe: || {
                    let (schemas, paths, _): (_, _, axum::routing::MethodRouter<$crate::http::app::App>) =
                        utoipa_axum::routes!($noun::$name);
                    (schemas, paths)
                },
            }
        }}
    };
}
pub(crate) use handler;

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthPolicy {
    /// Whoever reaches it, however often: what looks after the daemon must not be locked out with those who harm it.
    Probe,
    /// Whoever reaches it.
    Public,
    /// Whoever reaches it, but not often: it takes what somebody may be guessing.
    Anonymous,
    /// Whose credential is for this.
    Scope(Scope),
    /// Whoever shows a credential; what it has to be for depends on what the request says, and is the use case's to check.
    Credential,
}

/// The kind of body that a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// At most 1 MiB, read before the handler begins.
    Json,
    /// What the handler reads by itself, as it comes.
    Stream,
    /// At most 1 MiB as well, from a client that sends several requests at once when it connects: where there are too many,
    /// they wait for their turn a while. A call may wait for what it began, too.
    Rpc,
    /// At most 1 MiB as well, from an agent: all that goes wrong is told in the envelope of its messages.
    Message,
}

/// The table.
pub(crate) struct Routes {
    app: App,
    router: Router<App>,
    described: Vec<(AuthPolicy, fn() -> Described)>,
}

impl Routes {
    /// Makes an empty table.
    pub(crate) fn new(app: App) -> Self {
        Self { app, router: Router::new(), described: Vec::new() }
    }

    /// Adds a handler that takes JSON or nothing.
    pub(crate) fn add(self, policy: AuthPolicy, handler: Handler) -> Self {
        self.line(policy, BodyKind::Json, handler)
    }

    /// Adds a handler that reads its body by itself.
    pub(crate) fn add_stream(self, policy: AuthPolicy, handler: Handler) -> Self {
        self.line(policy, BodyKind::Stream, handler)
    }

    /// Adds a handler that takes messages of agents.
    pub(crate) fn add_message(self, policy: AuthPolicy, handler: Handler) -> Self {
        self.line(policy, BodyKind::Message, handler)
    }

    fn line(mut self, policy: AuthPolicy, body_kind: BodyKind, handler: Handler) -> Self {
        let route = self.app.metrics.route(&handler.path);
        let layer = from_fn_with_state(AuthLayer { app: self.app.clone(), policy, body_kind, route }, authorize);
        self.router = self.router.route(&handler.path, handler.router.route_layer(layer));
        self.described.push((policy, handler.describe));
        self
    }

    /// Returns the router, and what the document is made of.
    pub(crate) fn finish(self) -> (Router<App>, Descriptions) {
        (self.router, Descriptions(self.described))
    }
}

/// What the document is made of.
pub(crate) struct Descriptions(Vec<(AuthPolicy, fn() -> Described)>);

impl Descriptions {
    /// Returns the OpenAPI document, as JSON, of a daemon that is reached below the path `base`.
    pub(crate) fn document(&self, base: &str) -> serde_json::Result<Vec<u8>> {
        let mut openapi = openapi::head(base);
        let components = openapi.components.get_or_insert_with(Components::default);
        let described = self.0.iter().map(|(policy, describe)| (*policy, describe()));
        for (policy, (schemas, paths)) in described {
            components.schemas.extend(schemas);
            for (path, mut item) in paths.paths {
                for (method, operation) in operations(&mut item) {
                    openapi::name(operation);
                    openapi::secure(operation, policy);
                    openapi::complete(operation, method, &path, policy);
                }
                match openapi.paths.paths.get_mut(&path) {
                    Some(known) => known.merge_operations(item),
                    None => {
                        openapi.paths.paths.insert(path, item);
                    }
                }
            }
        }
        openapi::finish(openapi)
    }
}

/// Returns the operations of a path with their methods.
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
