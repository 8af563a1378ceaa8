//! CORS (Fetch standard, §3.3): web pages of the configured origins may call; all others get no permission, so their
//! browsers keep the answers from them.

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
};
use hyper::{HeaderMap, Method, StatusCode};

use crate::http::app::App;

/// Which page a request comes from, where that may call.
pub(crate) enum Origin {
    /// None, or one that has no permission.
    Other,
    /// One that has.
    Allowed(HeaderValue),
}

impl Origin {
    /// The origin of a request.
    pub(crate) fn of(app: &App, headers: &HeaderMap) -> Self {
        let Some(origin) = headers.get(ORIGIN).filter(|_| !app.origins.is_empty()) else { return Self::Other };
        let known = |allowed: &String| allowed == "*" || allowed.as_bytes().eq_ignore_ascii_case(origin.as_bytes());
        if app.origins.iter().any(known) { Self::Allowed(origin.clone()) } else { Self::Other }
    }

    /// Gives permission in an answer.
    pub(crate) fn allow(&self, headers: &mut HeaderMap) {
        let Self::Allowed(origin) = self else { return };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.append(VARY, HeaderValue::from_static("origin"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
        headers.insert(
            ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "content-disposition, etag, location, muista-notice, ratelimit-limit, ratelimit-remaining, \
                 ratelimit-reset, retry-after, x-request-id",
            ),
        );
    }
}

/// Whether a browser asks for permission.
pub(crate) fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// What it is told.
pub(crate) fn preflight(origin: &Origin) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if let Origin::Allowed(_) = origin {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE"));
        // Those of REST, and those by which MCP says what a message is about before that is read.
        let names = "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, \
            x-request-id, mcp-protocol-version, mcp-method, mcp-name";
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(names));
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
