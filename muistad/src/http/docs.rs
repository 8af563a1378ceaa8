//! `/openapi.json` and `/docs`: the description of REST, for programs and, by Swagger UI, for people; and the page that
//! the mail for a forgotten password leads to. All of it is in the binary.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH};

use super::app::App;
use super::etag;
use super::route::Descriptions;
use super::seen::Seen;

/// What a page may load: what this daemon serves, and what Swagger UI writes into the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A file of the page.
struct File {
    path: &'static str,
    media_type: &'static str,
    content: &'static [u8],
}

macro_rules! file {
    ($path:literal, $type:literal, $name:literal) => {
        File { path: $path, media_type: $type, content: include_bytes!(concat!("../../assets/", $name)) }
    };
}

const FILES: [File; 8] = [
    file!("/docs", "text/html; charset=utf-8", "docs.html"),
    file!("/docs/docs.js", "text/javascript; charset=utf-8", "docs.js"),
    file!("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", "swagger-ui/swagger-ui-bundle.js"),
    file!("/docs/swagger-ui.css", "text/css; charset=utf-8", "swagger-ui/swagger-ui.css"),
    file!("/docs/favicon.png", "image/png", "swagger-ui/favicon-32x32.png"),
    file!("/password/reset", "text/html; charset=utf-8", "password/reset.html"),
    file!("/password/reset.js", "text/javascript; charset=utf-8", "password/reset.js"),
    file!("/password/reset.css", "text/css; charset=utf-8", "password/reset.css"),
];

/// The document and the page as routes. They are for whoever reaches the daemon.
pub(crate) fn routes(app: &App, described: Descriptions) -> Router<App> {
    let document = LazyLock::new(move || {
        // Made of texts alone, which always can be written.
        Bytes::from(described.document().unwrap_or_default())
    });
    let document = Arc::new(document);
    let serve = move |headers: HeaderMap| {
        let document = Arc::clone(&document);
        async move { answer(&headers, "application/json", Bytes::clone(&document)) }
    };
    let path = "/openapi.json";
    let mut router = Router::new().route(path, counted(app, path, get(serve)));
    for file in &FILES {
        let serve = move |headers: HeaderMap| async move {
            let mut response = answer(&headers, file.media_type, Bytes::from_static(file.content));
            response.headers_mut().insert("content-security-policy", HeaderValue::from_static(POLICY));
            response
        };
        router = router.route(file.path, counted(app, file.path, get(serve)));
    }
    router
}

/// The same, counted under its path.
fn counted(app: &App, path: &str, router: MethodRouter<App>) -> MethodRouter<App> {
    let route = app.metrics.route(path);
    router.route_layer(from_fn(move |request: Request, next: Next| {
        if let Some(seen) = request.extensions().get::<Arc<Seen>>() {
            seen.matched(&route);
        }
        next.run(request)
    }))
}

fn answer(headers: &HeaderMap, media_type: &'static str, content: Bytes) -> Response {
    let tag = etag::tag(0, &content);
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let fresh = known.is_some_and(|known| etag::matches(known, &tag));
    let mut response = Response::new(if fresh { Body::empty() } else { Body::from(content) });
    if fresh {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(ETAG, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
