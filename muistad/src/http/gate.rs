//! The gate that every request goes through and every answer comes out of: the request's id, the host it is made to, CORS,
//! the time it may take, the body of problems, the headers that protect browsers, the count and the log.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use hyper::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode, Version};
use muista_core::clock::{Clock as _, SystemClock};
use muista_core::model::Id;
use tower::ServiceExt as _;

use super::app::App;
use super::cors;
use super::guard::{Peer, refuse};
use super::problem::Problem;

/// How long a request may take until its answer begins (spec §7).
const TIME: Duration = Duration::from_secs(30);
/// The most characters of an id that a request brings.
const ID_MAX: usize = 128;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every request goes through.
#[derive(Clone)]
pub(crate) struct Gate {
    app: App,
    router: Router,
}

impl Gate {
    /// A gate before `router`.
    pub(crate) fn new(app: App, router: Router<App>) -> Arc<Self> {
        let router = router.with_state(app.clone());
        Arc::new(Self { app, router })
    }

    /// The answer to a request.
    pub(crate) async fn answer(&self, mut request: Request, peer: SocketAddr) -> Result<Response, Infallible> {
        let began = Instant::now();
        let id = id(request.headers());
        let method = request.method().clone();
        request.extensions_mut().insert(Peer(peer.ip()));
        let origin = cors::Origin::of(&self.app, request.headers());
        let mut response = match self.refusal(&request) {
            Some(problem) => refuse(problem, request.into_body()).await,
            None if cors::is_preflight(&request) => cors::preflight(&origin),
            None => {
                let path = request.uri().path().to_owned();
                let response = self.route(request).await;
                tracing::debug!(%method, path, status = response.status().as_u16(), "answered");
                response
            }
        };
        finish(&mut response, &id);
        protect(response.headers_mut(), self.app.encrypted);
        origin.allow(response.headers_mut());
        self.app.metrics.request(&method, &response, began.elapsed());
        Ok(response)
    }

    async fn route(&self, request: Request) -> Response {
        match tokio::time::timeout(TIME, self.router.clone().oneshot(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => {
                let detail = format!("there was no answer within {} s", TIME.as_secs());
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail).into_response()
            }
        }
    }

    /// Why a request goes no further, if so.
    fn refusal(&self, request: &Request) -> Option<Problem> {
        let host = match request.headers().get(HOST) {
            Some(host) => host.to_str().unwrap_or_default(),
            // HTTP/2 has the name in the URI; HTTP/1.1 must name it (RFC 9112 §3.2).
            None => request.uri().authority().map_or("", |authority| authority.as_str()),
        };
        if host.is_empty() {
            let old = request.version() == Version::HTTP_10 || request.version() == Version::HTTP_09;
            return (!old).then(|| Problem::malformed("the request names no host"));
        }
        (!self.app.answers_to(host)).then(|| {
            let detail = "this daemon is not called by that name; add it to web.hosts";
            Problem::new(StatusCode::MISDIRECTED_REQUEST, "WRONG_HOST", detail)
        })
    }
}

/// The id that a request brings, or a new one.
fn id(headers: &HeaderMap) -> HeaderValue {
    let brought = headers
        .get(REQUEST_ID)
        .filter(|id| !id.is_empty() && id.len() <= ID_MAX && id.as_bytes().iter().all(u8::is_ascii_graphic));
    brought.cloned().unwrap_or_else(|| {
        let id = Id::new(SystemClock.now()).to_string();
        HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("0"))
    })
}

/// Gives the answer its id, and a problem its document.
fn finish(response: &mut Response, id: &HeaderValue) {
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let document = problem.document(id.to_str().unwrap_or_default());
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
        *response.body_mut() = Body::from(document);
    }
    response.headers_mut().insert(REQUEST_ID, id.clone());
}

/// The headers that keep a browser from taking an answer for something else.
fn protect(headers: &mut HeaderMap, encrypted: bool) {
    let put = |headers: &mut HeaderMap, name: &'static str, value: &'static str| {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    };
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    put(headers, "x-content-type-options", "nosniff");
    put(headers, "x-frame-options", "DENY");
    put(headers, "referrer-policy", "no-referrer");
    put(headers, "cross-origin-resource-policy", "same-origin");
    put(headers, "content-security-policy", "default-src 'none'; frame-ancestors 'none'");
    if encrypted {
        put(headers, "strict-transport-security", "max-age=31536000");
    }
}

/// The route that a request matched, for those who count; it is put into the answer by the router's outermost layer.
#[derive(Debug, Clone)]
pub(crate) struct Template(pub(crate) MatchedPath);
