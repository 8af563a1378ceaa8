//! `/mcp`: MCP over HTTP. Who calls is found out as for REST, by `authorize`; what is answered is the core's. No OAuth
//! is offered: a token comes from `muista token create`.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use muista_core::error::{Error, Result};
use muista_core::mcp::{ContextProvider, Endpoint, RequestContext, RequestKind, Toolsets};
use muista_core::model::Origin;
use muista_core::rpc::in_process_as;
use muista_core::service::Caller;
use serde::Deserialize;

use crate::http::app::App;
use crate::http::input::Params;
use crate::http::middleware::auth::{AuthLayer, authorize};
use crate::http::problem::Problem;
use crate::http::route_spec::{AuthPolicy, BodyKind};

const PATH: &str = "/mcp";

/// What the address asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The sets of tools, with commas between them.
    #[serde(default)]
    tools: Option<String>,
}

/// Returns the endpoint as a route.
pub(crate) fn routes(app: &App) -> Router<App> {
    let endpoint = Endpoint::new(OfCaller(app.clone()), &app.origins);
    let answer = move |Params(asked): Params<Asked>, mut request: Request| async move {
        let toolsets = asked.tools.as_deref().map(str::parse::<Toolsets>).transpose()?;
        if let Some(toolsets) = toolsets {
            request.extensions_mut().insert(toolsets);
        }
        Ok::<_, Problem>(endpoint.answer(request).await.map(Body::new))
    };
    let layer = AuthLayer {
        app: app.clone(),
        policy: AuthPolicy::Credential,
        body_kind: BodyKind::Rpc,
        route: app.metrics.route(PATH),
    };
    // The other methods are for sessions, of which there are none: clients that try them are told so, and not counted.
    let handler = post(answer).route_layer(from_fn_with_state(layer, authorize));
    Router::new().route(PATH, handler)
}

/// Answers each request on behalf of its caller.
struct OfCaller(App);

impl ContextProvider for OfCaller {
    /// Answers as the settings say. How many requests there were is counted by `authorize`.
    async fn request_context(&self, caller: Option<&Caller>, _: RequestKind) -> Result<RequestContext> {
        let caller = caller.cloned().ok_or_else(|| Error::internal("the route has no guard"))?;
        let time = self.0.context(&caller, None)?;
        let scopes = caller.scopes;
        let client = in_process_as(self.0.service.clone(), Caller { origin: Origin::Mcp, ..caller });
        Ok(RequestContext { client, scopes, time, daemon: true })
    }
}
