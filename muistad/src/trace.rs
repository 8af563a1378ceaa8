//! Traces by OTLP over HTTP, where `otlp.url` is set: a span for each request, and for what the engine does. The tracer is
//! the process's, as the log is. Without it a span costs one look at whether there is one.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::HeaderMap;
use hyper::body::Bytes;
use muista_core::error::{Error, Result};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, Span};
use tokio::runtime::Handle;

use crate::notify;

/// How long the collector may take to answer.
const TIME: Duration = Duration::from_secs(10);
/// How long the last spans may take to be sent when the daemon stops.
const LAST_TIME: Duration = Duration::from_secs(3);
/// More of the collector's answer is not read.
const ANSWER_MAX: usize = 64 << 10;

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// Traces that are sent somewhere.
pub(crate) struct Traces(SdkTracerProvider);

/// Begins to send traces to the collector at `url`. Within a runtime.
///
/// # Errors
/// `Invalid` when nothing can be sent to that address.
pub(crate) fn start(url: &str) -> Result<Traces> {
    let refused = |e: &dyn std::fmt::Display| {
        Error::invalid("otlp.url", format!("otlp.url: traces cannot be sent there: {e}"))
            .hint("write the collector's address for OTLP over HTTP, as in http://localhost:4318")
    };
    let collector =
        Collector { client: notify::client()?, runtime: Handle::current(), failing: AtomicBool::new(false) };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(collector)
        .with_endpoint(format!("{url}/v1/traces"))
        .with_timeout(TIME)
        .build()
        .map_err(|e| refused(&e))?;
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_service_name("muistad").with_attribute(version).build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    // A process starts this once.
    let _ = TRACER.set(provider.tracer("muistad"));
    Ok(Traces(provider))
}

impl Traces {
    /// Sends what was not sent yet.
    pub(crate) async fn end(self) {
        // It blocks, while the runtime sends.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST_TIME)).await;
        if let Ok(Err(error)) = ended {
            tracing::debug!(%error, "the last traces were not sent");
        }
    }
}

/// A span of a request that came.
pub(crate) struct RequestSpan(Span);

/// The span of a request, a child of the one that `traceparent` names; none where nothing is traced.
pub(crate) fn request(method: &str, headers: &HeaderMap) -> Option<RequestSpan> {
    let tracer = TRACER.get()?;
    let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers));
    let builder = tracer.span_builder(method.to_owned()).with_kind(SpanKind::Server);
    let mut span = tracer.build_with_context(builder, &parent);
    span.set_attribute(KeyValue::new("http.request.method", method.to_owned()));
    Some(RequestSpan(span))
}

impl RequestSpan {
    /// The request was answered.
    pub(crate) fn end(mut self, method: &str, route: Option<&str>, status: u16, id: &str) {
        let span = &mut self.0;
        if let Some(route) = route {
            span.update_name(format!("{method} {route}"));
            span.set_attribute(KeyValue::new("http.route", route.to_owned()));
        }
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        span.set_attribute(KeyValue::new("muista.request.id", id.to_owned()));
        if status >= 500 {
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// A span of something that the engine did from `began` until now.
pub(crate) fn did<const N: usize>(name: &'static str, began: SystemTime, about: impl FnOnce() -> [KeyValue; N]) {
    let Some(tracer) = TRACER.get() else { return };
    let builder = tracer.span_builder(name).with_start_time(began).with_attributes(about());
    tracer.build_with_context(builder, &Context::new()).end();
}

/// Who takes the spans.
#[derive(Debug)]
struct Collector {
    client: notify::Client,
    /// The spans come from a thread of their own, which cannot wait for a socket.
    runtime: Handle,
    failing: AtomicBool,
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: hyper::Request<Bytes>) -> Result<hyper::Response<Bytes>, HttpError> {
        let (client, request) = (self.client.clone(), request.map(Full::new));
        // The clock is the runtime's too.
        let exchange = async move {
            let (head, body) = client.request(request).await?.into_parts();
            let body = Limited::new(body, ANSWER_MAX).collect().await?.to_bytes();
            Ok::<_, HttpError>(hyper::Response::from_parts(head, body))
        };
        let answer = match self.runtime.spawn(async { tokio::time::timeout(TIME, exchange).await }).await? {
            Ok(answer) => answer,
            Err(_) => Err("the collector did not answer in time".into()),
        };
        self.notice(&answer);
        answer
    }
}

impl Collector {
    /// Tells once that traces are lost, and that they are not any more.
    fn notice(&self, answer: &Result<hyper::Response<Bytes>, HttpError>) {
        let trouble = match answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(format!("the collector answered {}", answer.status())),
            Err(error) => Some(error.to_string()),
        };
        match (&trouble, self.failing.swap(trouble.is_some(), Relaxed)) {
            (Some(error), false) => tracing::warn!(error, "traces cannot be sent; they are dropped until they can"),
            (None, true) => tracing::info!("traces are sent again"),
            _ => {}
        }
    }
}
