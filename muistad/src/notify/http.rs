//! The HTTP client that text messages, webhooks and ntfy share: one POST, and what its answer means. What is sent and
//! to whom is theirs. Redirects are not followed: they could lead where nobody meant to send anything.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use muista_core::error::{Error, Result};
use rustls::{ClientConfig, RootCertStore};

use super::dial::{Dialer, Refused, Unreachable};
use super::guard::Guard;
use super::{Message, Outcome, Patience};

/// So many requests are under way at a time.
pub(super) const CONNECTIONS: usize = 8;
/// How long a request may take, from connecting to the head of its answer.
const TIME: Duration = Duration::from_secs(10);
/// How long the rest of the answer may take, which changes nothing about what came of the request.
const BODY_TIME: Duration = Duration::from_secs(2);
/// How long a connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(30);
/// More of an answer is not read.
const BODY_MAX: usize = 64 << 10;
/// Longer than this the other side cannot make a message wait.
const AFTER_MAX: Duration = Duration::from_secs(15 * 60);

/// What keeps connections and sends requests.
pub(crate) type Client = legacy::Client<HttpsConnector<Dialer>, Full<Bytes>>;

/// One that reaches what `guard` admits; none admits all.
///
/// # Errors
/// `Internal` when TLS cannot be set up.
pub(super) fn client(guard: Option<Guard>) -> Result<Client> {
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls()?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(Dialer::new(guard));
    let client = legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(CONNECTIONS)
        .build(connector);
    Ok(client)
}

/// The client of messages.
#[derive(Debug, Clone)]
pub(super) struct Http {
    client: Client,
    time: Duration,
}

/// What the other side answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// Its first bytes, as many as came in time.
    pub(super) body: Bytes,
    after: Option<Duration>,
}

impl Http {
    /// A client that reaches what `guard` admits; none admits all.
    ///
    /// # Errors
    /// `Internal` when TLS cannot be set up.
    pub(super) fn new(guard: Option<Guard>) -> Result<Self> {
        Ok(Self { client: client(guard)?, time: TIME })
    }

    /// The same client with another limit of time.
    #[cfg(test)]
    pub(super) fn within(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Sends `body` to `uri`. `headers` come beside the message's key.
    ///
    /// # Errors
    /// The outcome when there is no answer.
    pub(super) async fn post(
        &self,
        uri: &Uri,
        headers: HeaderMap,
        content_type: &'static str,
        message: &Message,
        body: impl Into<Bytes>,
    ) -> std::result::Result<Answer, Outcome> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(uri.clone())
            .header(CONTENT_TYPE, content_type)
            .header(USER_AGENT, concat!("muista/", env!("CARGO_PKG_VERSION")))
            .header("Idempotency-Key", &message.key)
            .body(Full::new(body.into()))
            .map_err(|e| Outcome::failed(format!("the request cannot be written: {e}")))?;
        request.headers_mut().extend(headers);
        let host = uri.host().unwrap_or_default();
        match tokio::time::timeout(self.time, self.client.request(request)).await {
            Ok(Ok(answer)) => Ok(Answer::read(answer).await),
            Ok(Err(error)) => Err(no_answer(host, &error)),
            Err(_) => Err(Outcome::retry(format!("{host} did not answer within {} s", self.time.as_secs_f32()))),
        }
    }
}

impl Answer {
    /// The status says what came of the request; a body that breaks off or never ends changes nothing about that, and is
    /// read only so far as somebody may want to know.
    async fn read(answer: Response<Incoming>) -> Self {
        let (head, mut body) = answer.into_parts();
        let after = head.headers.get(RETRY_AFTER).and_then(|after| after.to_str().ok()).and_then(wait_of);
        let mut first = Vec::new();
        let reading = async {
            while let Some(Ok(frame)) = body.frame().await {
                let data = frame.into_data().unwrap_or_default();
                first.extend_from_slice(&data[..data.len().min(BODY_MAX - first.len())]);
                if first.len() == BODY_MAX {
                    return;
                }
            }
        };
        // What came until then is kept.
        let _ = tokio::time::timeout(BODY_TIME, reading).await;
        Self { status: head.status, body: first.into(), after }
    }

    /// What the status means (RFC 9110 §15). `detail` is what the other side said about it.
    pub(super) fn outcome(&self, host: &str, detail: Option<String>) -> Outcome {
        if self.status.is_success() {
            return Outcome::Sent;
        }
        let detail = detail.map_or_else(String::new, |detail| format!(": {}", super::said(&detail)));
        let error = format!("{host} answered {}{detail}", self.status);
        match self.status.as_u16() {
            408 | 425 | 429 | 500..=599 => Outcome::Retry { error, after: self.after, patience: Patience::Minutes },
            300..=399 => Outcome::failed(format!("{error}; redirects are not followed")),
            _ => Outcome::failed(error),
        }
    }
}

/// What it means that there is no answer.
fn no_answer(host: &str, error: &legacy::Error) -> Outcome {
    let mut cause = error.source();
    let mut last = error.to_string();
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return Outcome::failed(refused.to_string());
        }
        if let Some(unreachable) = inner.downcast_ref::<Unreachable>() {
            return Outcome::down(unreachable.to_string());
        }
        last = inner.to_string();
        cause = inner.source();
    }
    match error.is_connect() {
        true => Outcome::down(format!("no connection to {host}: {last}")),
        false => Outcome::retry(format!("the connection to {host} was lost: {last}")),
    }
}

/// `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
fn wait_of(text: &str) -> Option<Duration> {
    let text = text.trim();
    let wait = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).unwrap_or_default(),
    };
    Some(wait.min(AFTER_MAX))
}

/// TLS with the system's certificate authorities. Where it has none, every certificate is refused.
fn tls() -> Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::internal(format!("TLS cannot be set up: {e}")))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// The setting `name` as an address to send to.
///
/// # Errors
/// `Invalid` when it is none.
pub(super) fn uri(name: &str, url: &str) -> Result<Uri> {
    url.parse::<Uri>().ok().filter(|uri| uri.host().is_some()).ok_or_else(|| {
        // Not the URL itself, which may be a secret.
        Error::invalid(name, format!("{name} is not an address that requests can be sent to"))
            .hint("write it whole, as in https://example.org/path")
    })
}
