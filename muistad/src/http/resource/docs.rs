//! `/openapi.json` and `/docs`: the description of REST, for programs and, by Swagger UI, for people; and the page that
//! the mail for a forgotten password leads to. All of it is in the binary, and is served under the limit of addresses.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use axum::body::Bytes;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};
use axum::{Extension, Router};
use hyper::HeaderMap;
use hyper::header::{CONTENT_SECURITY_POLICY, HeaderValue};

use crate::http::app::App;
use crate::http::asset::Asset;
use crate::http::middleware::auth::{AuthLayer, Peer, authorize};
use crate::http::route_spec::{AuthPolicy, BodyKind, Descriptions};

/// What a page may load: what this daemon serves, and what Swagger UI writes into the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Under how many paths the document is kept.
const DOCUMENTS_MAX: usize = 4;

/// A file of the pages. What is made of it is made when somebody first asks for it.
struct File {
    path: &'static str,
    asset: LazyLock<Asset>,
}

macro_rules! file {
    ($path:literal, $type:literal, $name:literal) => {
        file!($path, $type, $name, Some(include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz"))))
    };
    ($path:literal, $type:literal, $name:literal, $packed:expr) => {
        File {
            path: $path,
            asset: LazyLock::new(|| {
                let packed: Option<&'static [u8]> = $packed;
                let content = Bytes::from_static(include_bytes!(concat!("../../../assets/", $name)));
                Asset::new($type, content, packed.map(Bytes::from_static))
            }),
        }
    };
}

static FILES: [File; 8] = [
    file!("/docs", "text/html; charset=utf-8", "docs.html"),
    file!("/docs/docs.js", "text/javascript; charset=utf-8", "docs.js"),
    file!("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8", "swagger-ui/swagger-ui-bundle.js"),
    file!("/docs/swagger-ui.css", "text/css; charset=utf-8", "swagger-ui/swagger-ui.css"),
    file!("/docs/favicon.png", "image/png", "swagger-ui/favicon-32x32.png", None),
    file!("/password/reset", "text/html; charset=utf-8", "password/reset.html"),
    file!("/password/reset.js", "text/javascript; charset=utf-8", "password/reset.js"),
    file!("/password/reset.css", "text/css; charset=utf-8", "password/reset.css"),
];

/// The OpenAPI document, which names the path below which the client reaches the daemon.
struct Document {
    described: Descriptions,
    /// By that path; few, since only a proxy that is believed can name another one.
    made: Mutex<Vec<(Arc<str>, Arc<Asset>)>>,
}

impl Document {
    fn below(&self, base: &Arc<str>) -> Arc<Asset> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = made.iter().find(|(known, _)| known == base) {
            return Arc::clone(known);
        }
        // Made of texts alone, which always can be written.
        let text = self.described.document(base).unwrap_or_default();
        let asset = Arc::new(Asset::compress("application/json", Bytes::from(text)));
        if made.len() == DOCUMENTS_MAX {
            made.remove(0);
        }
        made.push((Arc::clone(base), Arc::clone(&asset)));
        asset
    }
}

/// Returns the document and the pages as routes. They are for whoever reaches the daemon.
pub(crate) fn routes(app: &App, described: Descriptions) -> Router<App> {
    let document = Arc::new(Document { described, made: Mutex::default() });
    let serve = move |Extension(peer): Extension<Peer>, headers: HeaderMap| {
        let document = Arc::clone(&document);
        async move { document.below(&peer.base).answer(&headers) }
    };
    let path = "/openapi.json";
    let mut router = Router::new().route(path, public(app, path, get(serve)));
    for file in &FILES {
        let serve = move |headers: HeaderMap| async move {
            let mut response = file.asset.answer(&headers);
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            response
        };
        router = router.route(file.path, public(app, file.path, get(serve)));
    }
    router
}

/// Puts the authorization of what needs no token before a router, counted under its path.
fn public(app: &App, path: &str, router: MethodRouter<App>) -> MethodRouter<App> {
    let layer = AuthLayer {
        app: app.clone(),
        policy: AuthPolicy::Public,
        body_kind: BodyKind::Json,
        route: app.metrics.route(path),
    };
    router.route_layer(from_fn_with_state(layer, authorize))
}
