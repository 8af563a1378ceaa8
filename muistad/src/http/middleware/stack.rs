//! [`MiddlewareStack`], through which every request goes in and every answer comes out: the request's id, the host it is made to, CORS,
//! the time it may take, the body of problems, the headers that protect browsers, the count and the log.

use std::collections::HashSet;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, EXPECT, HOST, HeaderName,
    HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use hyper::{HeaderMap, Method, StatusCode, Uri, Version};
use muista_core::clock::{Clock as _, SystemClock};
use muista_core::model::Id;
use tower::ServiceExt as _;

use crate::http::app::App;
use crate::http::edge::activity::Activity;
use crate::http::envelope;
use crate::http::json_rpc;
use crate::http::middleware::auth::{Peer, refuse};
use crate::http::middleware::cors;
use crate::http::middleware::request_context::{Form, RequestContext, Stage};
use crate::http::problem::Problem;
use crate::trace;

/// How long a request may take until its answer begins.
pub(crate) const TIME: Duration = Duration::from_secs(30);
/// How much longer it may take where it brings a file.
pub(crate) const UPLOAD_TIME: Duration = Duration::from_secs(10 * 60);
/// How much longer a call may take, which may have asked to wait for the end of a run that long.
pub(crate) const CALL_TIME: Duration = Duration::from_secs(30);
/// The most characters of an id that a request brings.
const ID_MAX: usize = 128;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every request goes through.
#[derive(Clone)]
pub(crate) struct MiddlewareStack {
    app: App,
    router: Router,
    /// What the paths of its routes begin with.
    names: HashSet<String>,
}

impl MiddlewareStack {
    /// Puts the stack before `router`.
    pub(crate) fn new(app: App, router: Router<App>) -> Arc<Self> {
        let router = router.with_state(app.clone());
        let names = app.metrics.paths().iter().filter_map(|path| path.split('/').nth(1).map(str::to_owned)).collect();
        Arc::new(Self { app, router, names })
    }

    /// Returns what every request has at hand.
    pub(crate) fn app(&self) -> &App {
        &self.app
    }

    /// Returns the answer to a request that came from `peer`, on the connection of `activity`.
    pub(crate) async fn answer(
        &self,
        mut request: Request,
        peer: SocketAddr,
        activity: Arc<Activity>,
    ) -> Result<Response, Infallible> {
        let began = Instant::now();
        let id = id(request.headers());
        let method = request.method().clone();
        let context = Arc::new(RequestContext::default());
        let span = trace::request(method.as_str(), request.headers());
        let client = self.app.proxies.client(peer.ip(), request.headers());
        let base = client.prefix.as_deref().map_or_else(|| Arc::clone(&self.app.base), Arc::from);
        self.strip(&mut request, &base);
        let expects = is_old(&request) && request.headers().contains_key(EXPECT);
        let (address, encrypted, host) = (client.address, self.app.encrypted || client.encrypted, client.host);
        request.extensions_mut().insert(Peer { address, by_proxy: client.by_proxy, base, activity });
        request.extensions_mut().insert(Arc::clone(&context));
        let origin = cors::Origin::of(&self.app, request.headers());
        let mut response = in_time(&context, self.proceed(request, host.as_deref(), &origin)).await;
        let cause = finish(&mut response, &id, &context);
        protect(response.headers_mut(), encrypted);
        // Whether the body still comes, of which a client asked first, is not known: the connection is of no more use.
        if expects && response.status().is_client_error() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        origin.allow(response.headers_mut());
        let answered = Answered { method: &method, status: response.status(), took: began.elapsed() };
        self.app.metrics.answered(context.route(), &method, answered.status, answered.took);
        log(&answered, &context, &id, address, cause.as_deref());
        if let Some(span) = span {
            let route = context.route().map(|route| route.path.as_str());
            span.end(method.as_str(), route, answered.status.as_u16(), id.to_str().unwrap_or_default());
        }
        Ok(response)
    }

    /// Takes the path below which the daemon is served off the request's, where a proxy has left it there.
    fn strip(&self, request: &mut Request, base: &str) {
        let Some(rest) = request.uri().path().strip_prefix(base).filter(|rest| rest.starts_with('/')) else { return };
        let first = |path: &str| path.split('/').nth(1).unwrap_or_default().to_owned();
        // A path of the daemon's own begins like that by chance.
        if base.is_empty() || self.names.contains(&first(base)) {
            return;
        }
        let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = format!("{rest}{query}").parse().ok();
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }

    async fn proceed(&self, request: Request, host: Option<&str>, origin: &cors::Origin) -> Response {
        let foreign = host.is_some_and(|host| !self.app.answers_to(host));
        if let Some(problem) = self.refusal(&request).or_else(|| foreign.then(wrong_host)) {
            return refuse(problem, request).await;
        }
        if cors::is_preflight(&request) {
            return cors::preflight(origin);
        }
        match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Returns why a request goes no further, if so.
    fn refusal(&self, request: &Request) -> Option<Problem> {
        // HTTP/2 names it in the URI; where both do, neither may be another's.
        if let Some(authority) = request.uri().authority()
            && !self.app.answers_to(authority.as_str())
        {
            return Some(wrong_host());
        }
        let mut hosts = request.headers().get_all(HOST).iter();
        let first = hosts.next();
        if hosts.next().is_some() {
            return Some(Problem::malformed("the request names its host more than once"));
        }
        let host = match first {
            Some(host) => host.to_str().unwrap_or_default(),
            // HTTP/1.1 must name it (RFC 9112 §3.2).
            None => request.uri().authority().map_or("", |authority| authority.as_str()),
        };
        if host.is_empty() {
            let old = request.version() == Version::HTTP_10 || request.version() == Version::HTTP_09;
            return (!old).then(|| Problem::malformed("the request names no host"));
        }
        (!self.app.answers_to(host)).then(wrong_host)
    }
}

/// Returns whether a request is of HTTP/1, where a connection has one request at a time.
fn is_old(request: &Request) -> bool {
    request.version() < Version::HTTP_2
}

fn wrong_host() -> Problem {
    let detail = "this daemon is not called by that name; add it to web.hosts";
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "WRONG_HOST", detail)
}

/// Returns the answer, if it comes in time.
async fn in_time(context: &RequestContext, answer: impl Future<Output = Response>) -> Response {
    let mut answer = std::pin::pin!(answer);
    if let Ok(response) = tokio::time::timeout(TIME, answer.as_mut()).await {
        return response;
    }
    let more = match context.stage() {
        Stage::Uploading => UPLOAD_TIME,
        Stage::Calling => CALL_TIME,
        Stage::Reading | Stage::Working => Duration::ZERO,
    };
    if !more.is_zero()
        && let Ok(response) = tokio::time::timeout(more, answer).await
    {
        return response;
    }
    let problem = match context.stage() {
        Stage::Reading | Stage::Uploading => Problem::too_slow("the body did not come in time"),
        Stage::Working | Stage::Calling => {
            let detail = format!("there was no answer within {} s", (TIME + more).as_secs());
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", detail)
        }
    };
    problem.into_response()
}

/// What is told of every request in the log and by the counters.
struct Answered<'a> {
    method: &'a Method,
    status: StatusCode,
    took: Duration,
}

/// One line a request: refused ones at `info`, those that failed here at `warn`, all others at `debug`, since a busy daemon
/// would write more log than data; so would one that is flooded with requests, which therefore are at `debug` too. Of the request itself only its route and method are told: the rest may hold secrets.
fn log(answered: &Answered<'_>, context: &RequestContext, id: &HeaderValue, peer: IpAddr, cause: Option<&str>) {
    macro_rules! line {
        ($level:expr) => {
            tracing::event!(
                target: "muistad::http",
                $level,
                method = %answered.method,
                route = context.route().map_or("unmatched", |route| &route.path),
                status = answered.status.as_u16(),
                ms = (answered.took.as_micros() as f64) / 1e3,
                request = id.to_str().unwrap_or_default(),
                user = context.user().map(tracing::field::display),
                peer = %peer,
                cause,
                "answered"
            )
        };
    }
    match answered.status.as_u16() {
        500.. => line!(tracing::Level::WARN),
        429 => line!(tracing::Level::DEBUG),
        400.. => line!(tracing::Level::INFO),
        _ => line!(tracing::Level::DEBUG),
    }
}

/// Returns the id that a request brings, or a new one.
fn id(headers: &HeaderMap) -> HeaderValue {
    let brought = headers
        .get(REQUEST_ID)
        .filter(|id| !id.is_empty() && id.len() <= ID_MAX && id.as_bytes().iter().all(u8::is_ascii_graphic));
    brought.cloned().unwrap_or_else(|| {
        let id = Id::new(SystemClock.now()).to_string();
        HeaderValue::from_str(&id).unwrap_or_else(|_| HeaderValue::from_static("0"))
    })
}

/// Gives the answer its id, and a problem its document or its envelope; returns what is behind the problem.
fn finish(response: &mut Response, id: &HeaderValue, context: &RequestContext) -> Option<Box<str>> {
    response.headers_mut().insert(REQUEST_ID, id.clone());
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let request = id.to_str().unwrap_or_default();
        let (document, content_type) = match context.form() {
            Form::Envelope => (envelope::refusal(&problem, context.message_id()), "application/json"),
            Form::JsonRpc => (json_rpc::refusal(&problem, context.message_id(), request), "application/json"),
            Form::Problem => (problem.document(request), "application/problem+json"),
        };
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
        *response.body_mut() = Body::from(document);
        return problem.cause;
    }
    None
}

/// The headers that keep a browser from taking an answer for something else.
const PROTECTION: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// Puts in the headers that protect browsers, where the answer has none of its own.
fn protect(headers: &mut HeaderMap, encrypted: bool) {
    headers.reserve(PROTECTION.len() + 2);
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    for (name, value) in PROTECTION {
        headers.entry(name).or_insert(value);
    }
    if encrypted {
        headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_never_is_answered_has_an_end() {
        for (stage, seconds, status) in [
            (Stage::Reading, 30, StatusCode::REQUEST_TIMEOUT),
            (Stage::Working, 30, StatusCode::SERVICE_UNAVAILABLE),
            // A call may wait half a minute for the end of a run.
            (Stage::Calling, 60, StatusCode::SERVICE_UNAVAILABLE),
            (Stage::Uploading, 630, StatusCode::REQUEST_TIMEOUT),
        ] {
            let (context, began) = (RequestContext::default(), tokio::time::Instant::now());
            context.reached(stage);
            let response = in_time(&context, pending()).await;
            assert_eq!((began.elapsed().as_secs(), response.status()), (seconds, status), "{stage:?}");
        }
    }
}
