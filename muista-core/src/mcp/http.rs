//! [`Endpoint`]: the protocol over HTTP, each request for itself (Streamable HTTP without sessions): answers are JSON, and
//! a stream of events where progress is told first. Who sends a request is found out before, and stands in its extensions.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;
use http::{Request, Response};
use http_body_util::combinators::BoxBody;
use rmcp::model::Extensions;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};

use super::handler::Handler;
use super::{ContextProvider, Toolsets};
use crate::service::Caller;

/// The most bytes of a request.
const BODY_MAX: usize = 1 << 20;

/// Answers HTTP requests. Clones share it. The tools are those of the [`Toolsets`] among a request's extensions, or else of the
/// default set.
pub struct Endpoint<P: ContextProvider>(StreamableHttpService<Handler<P>, NeverSessionManager>);

impl<P: ContextProvider> Clone for Endpoint<P> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<P: ContextProvider> std::fmt::Debug for Endpoint<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endpoint")
    }
}

impl<P: ContextProvider> Endpoint<P> {
    /// Makes an endpoint whose requests are answered as `provider` says. Web pages may send requests from here and from
    /// `origins` alone. To which host a request is made is for whoever serves it to look at.
    pub fn new(provider: P, origins: &[String]) -> Self {
        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(false)
            .with_json_response(true)
            .with_max_request_body_bytes(BODY_MAX)
            .disable_allowed_hosts()
            .with_allowed_origins(origins)
            .enforce_origin_validation();
        let provider = Arc::new(provider);
        let handler = move || Ok(Handler::new(Arc::clone(&provider), Toolsets::default()));
        Self(StreamableHttpService::new(handler, Arc::default(), config))
    }

    /// Returns the answer to a request.
    pub async fn answer<B>(&self, mut request: Request<B>) -> Response<BoxBody<Bytes, Infallible>>
    where
        B: http_body::Body + Send + 'static,
        B::Error: std::fmt::Display,
    {
        if is_from_here(&request) {
            request.headers_mut().remove(ORIGIN);
        }
        self.0.handle(request).await
    }
}

/// Returns whether the web page that sends a request came from where it sends it to, as one of this server's own does.
fn is_from_here<B>(request: &Request<B>) -> bool {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = text(HOST).or_else(|| request.uri().authority().map(Authority::as_str));
    let origin = text(ORIGIN).and_then(|origin| origin.split_once("://"));
    match (host, origin) {
        (Some(host), Some(("http" | "https", origin))) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

/// Returns who sent a request, where the server put that into it.
pub(super) fn caller(request: &Extensions) -> Option<&Caller> {
    request.get::<Parts>().and_then(|parts| parts.extensions.get())
}

/// Returns the sets of tools that a request asks for, where the server put them into it.
pub(super) fn toolsets(request: &Extensions) -> Option<&Toolsets> {
    request.get::<Parts>().and_then(|parts| parts.extensions.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_this_server_is_from_here() {
        let is = |host: &str, origin: &str| {
            let request = Request::builder().header(HOST, host).header(ORIGIN, origin).body(());
            request.is_ok_and(|request| is_from_here(&request))
        };
        assert!(is("localhost:3000", "http://localhost:3000") && is("tasks.example", "https://Tasks.example"));
        for origin in
            ["null", "", "http://localhost", "http://localhost:3001", "http://evil.example", "file://localhost:3000"]
        {
            assert!(!is("localhost:3000", origin), "{origin}");
        }
    }
}
