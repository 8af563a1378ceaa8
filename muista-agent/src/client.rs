//! [`Agent`]: sends messages, again where that may help. Every message has an id of its own, which all its tries share, so
//! that the daemon does it once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::{ClientConfig, RootCertStore};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{Instant, sleep, timeout_at};
use uuid::Uuid;

use crate::error::{Error, ErrorCode};
use crate::intent::Intent;
use crate::retry::{Retry, asked};

/// More of an answer is not read.
const ANSWER_MAX: usize = 16 << 20;
/// What stands for a time without end.
const YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// An agent, and the daemon that it talks to. Clones share their connections.
#[derive(Debug, Clone)]
pub struct Agent {
    client: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    place: Uri,
    bearer: HeaderValue,
    name: Option<String>,
    retry: Retry,
}

/// A message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a, I> {
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Context<'a>>,
    intent: &'a str,
    params: &'a I,
    request_id: &'a str,
}

#[derive(Serialize)]
struct Context<'a> {
    agent: &'a str,
}

/// What comes back.
#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "lowercase")]
enum Answer<T> {
    Success {
        data: T,
    },
    #[serde(rename_all = "camelCase")]
    Error {
        error_code: ErrorCode,
        message: String,
        #[serde(default)]
        details: BTreeMap<String, Value>,
    },
}

impl Agent {
    /// An agent with a token of the daemon at `url`, as in `https://muista.example.org`. The token is shown to that address
    /// alone: redirects are not followed.
    ///
    /// # Errors
    /// `InvalidParams` for what is no address or no token, `Internal` when TLS cannot be set up.
    pub fn new(url: &str, token: &str) -> Result<Self, Error> {
        let place = format!("{}/agent/message", url.trim_end_matches('/'));
        let place: Option<Uri> = place.parse().ok();
        let place =
            place.filter(|place| place.host().is_some() && matches!(place.scheme_str(), Some("http" | "https")));
        let place = place
            .ok_or_else(|| Error::here(ErrorCode::InvalidParams, format!("{url} is not the address of a daemon")))?;
        let bearer = HeaderValue::try_from(format!("Bearer {}", token.trim())).ok();
        let mut bearer =
            bearer.ok_or_else(|| Error::here(ErrorCode::InvalidParams, "the token holds what no token does"))?;
        bearer.set_sensitive(true);
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls()?).https_or_http().enable_http1().build();
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector);
        Ok(Self { client, place, bearer, name: None, retry: Retry::default() })
    }

    /// The same agent, which says what it is called.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// The same agent with other rules of trying again.
    #[must_use]
    pub fn retrying(self, retry: Retry) -> Self {
        Self { retry, ..self }
    }

    /// Sends a message, again where it fails for a while; returns what it brings.
    ///
    /// # Errors
    /// What the daemon says, the last time; `Unreachable` and `TimedOut` where it says nothing.
    pub async fn send<I: Intent>(&self, intent: I) -> Result<I::Data, Error> {
        let id = Uuid::now_v7().to_string();
        let context = self.name.as_deref().map(|agent| Context { agent });
        let envelope = Envelope { context, intent: I::NAME, params: &intent, request_id: &id };
        let body = serde_json::to_vec(&envelope).map(Bytes::from);
        let body =
            body.map_err(|e| Error::here(ErrorCode::InvalidParams, format!("the message cannot be written: {e}")))?;
        let deadline = after(self.retry.deadline);
        let mut tries = 0;
        loop {
            let error = match self.once(body.clone(), deadline).await {
                Ok(data) => return Ok(data),
                Err(error) => error,
            };
            tries += 1;
            let wait = self.retry.wait(tries, error.retry_after);
            if !error.is_passing() || tries > self.retry.most || after(wait) >= deadline {
                return Err(error);
            }
            sleep(wait).await;
        }
    }

    async fn once<T: serde::de::DeserializeOwned>(&self, body: Bytes, deadline: Instant) -> Result<T, Error> {
        let until = deadline.min(after(self.retry.each));
        let exchanged = timeout_at(until, self.exchange(body)).await;
        let (status, retry_after, body) = exchanged
            .map_err(|_| Error::here(ErrorCode::TimedOut, format!("{} did not answer in time", self.place)))??;
        match serde_json::from_slice(&body) {
            Ok(Answer::Success { data }) if (200..300).contains(&status) => Ok(data),
            Ok(Answer::Error { error_code, message, details }) => {
                Err(Error { code: error_code, message, details, status: Some(status), retry_after })
            }
            // What stands between, as a proxy, says why by its status alone.
            Ok(Answer::Success { .. }) | Err(_) => {
                let (code, what) = match status {
                    429 => (ErrorCode::RateLimited, "too many requests"),
                    500.. => (ErrorCode::Internal, "what stands at the address fails"),
                    _ => (ErrorCode::BadAnswer, "what stands at the address is no Muista daemon of this version"),
                };
                Err(Error { status: Some(status), retry_after, ..Error::here(code, format!("{what} ({status})")) })
            }
        }
    }

    async fn exchange(&self, body: Bytes) -> Result<(u16, Option<Duration>, Bytes), Error> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.place.clone();
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.headers_mut().insert(AUTHORIZATION, self.bearer.clone());
        let lost = |error: &dyn std::error::Error| {
            Error::here(ErrorCode::Unreachable, format!("no answer from {}: {}", self.place, innermost(error)))
        };
        let (head, body) = self.client.request(request).await.map_err(|error| lost(&error))?.into_parts();
        let after = head.headers.get(RETRY_AFTER).and_then(|after| asked(after.to_str().ok()?, SystemTime::now()));
        let body = Limited::new(body, ANSWER_MAX).collect().await.map_err(|error| lost(&*error))?;
        Ok((head.status.as_u16(), after, body.to_bytes()))
    }
}

/// The instant so long from now; in years where the clock does not reach that far.
fn after(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait).unwrap_or_else(|| now + YEARS)
}

/// What is at the bottom of an error.
fn innermost(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.last().map(ToString::to_string).unwrap_or_default()
}

/// TLS with the system's certificate authorities.
fn tls() -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::here(ErrorCode::Internal, format!("TLS cannot be set up: {e}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
