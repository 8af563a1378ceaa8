//! HTTP on a loopback address: `GET /health`, and problem documents (RFC 9457) for everything else.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use muista_core::error::{Error, Result};
use muista_core::service::Service;
use serde::Serialize;
use tokio::net::{TcpListener, TcpStream};

use crate::listen;
use crate::signal::Stop;

/// The most connections that are served at a time.
const CONNECTIONS_MAX: usize = 1024;
/// How long a client may take to send a request's head, or leave its connection idle.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long the database may take to answer before it counts as not answering.
const HEALTH_TIME: Duration = Duration::from_secs(5);

type Answer = Response<Full<Bytes>>;

/// An address that only this machine reaches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Loopback(SocketAddr);

impl Loopback {
    /// Whether `address` is one.
    ///
    /// # Errors
    /// `Invalid` for any other: what is said there would be readable to the network.
    pub(crate) fn new(address: SocketAddr) -> Result<Self> {
        if address.ip().is_loopback() {
            return Ok(Self(address));
        }
        let message = format!("--http {address} can be reached from other machines, in clear text");
        Err(Error::invalid("http", message).hint("choose a loopback address, as in --http 127.0.0.1:3000"))
    }

    /// Listens there.
    ///
    /// # Errors
    /// `Unavailable` when the address is in use or cannot be had.
    pub(crate) async fn listen(self) -> Result<TcpListener> {
        TcpListener::bind(self.0).await.map_err(|e| {
            Error::unavailable(format!("cannot listen on --http {}: {e}", self.0))
                .hint("choose another address with --http; --http 127.0.0.1:0 takes a free port")
        })
    }
}

/// Serves every connection until asked to stop and the last request has been answered.
pub(crate) async fn serve(listener: TcpListener, service: Service, stop: Stop) {
    let connection = |stream| talk(stream, service.clone(), stop.clone());
    let accept = async || listener.accept().await.map(|(stream, _)| stream);
    listen::serve("http", CONNECTIONS_MAX, accept, connection, stop.clone()).await;
}

async fn talk(stream: TcpStream, service: Service, stop: Stop) {
    let answer = service_fn(|request| {
        let service = service.clone();
        async move { Ok::<_, Infallible>(route(&request, &service).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(64 << 10)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.asked() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}

async fn route(request: &Request<Incoming>, service: &Service) -> Answer {
    if request.uri().path() != "/health" {
        return problem(StatusCode::NOT_FOUND, "NOT_FOUND", "nothing is served at this path; try /health");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = problem(StatusCode::METHOD_NOT_ALLOWED, "INVALID", "/health answers GET and HEAD");
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return answer;
    }
    health(service).await
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
}

/// Well is a daemon whose database answers.
async fn health(service: &Service) -> Answer {
    match tokio::time::timeout(HEALTH_TIME, service.status()).await {
        Ok(Ok(_)) => {
            let health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };
            json(StatusCode::OK, "application/json", &health)
        }
        Ok(Err(error)) => {
            // What exactly is wrong may name hosts and paths: it goes to the log alone.
            tracing::warn!(code = error.kind.code(), error = error.message, "the database does not answer");
            problem(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "the database does not answer")
        }
        Err(_) => {
            tracing::warn!(seconds = HEALTH_TIME.as_secs(), "the database does not answer in time");
            problem(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", "the database does not answer in time")
        }
    }
}

/// A problem document, RFC 9457 §3.1; its type is the status itself.
#[derive(Serialize)]
struct Problem {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    code: &'static str,
    detail: &'static str,
}

fn problem(status: StatusCode, code: &'static str, detail: &'static str) -> Answer {
    let title = status.canonical_reason().unwrap_or("Error");
    let problem = Problem { r#type: "about:blank", title, status: status.as_u16(), code, detail };
    json(status, "application/problem+json", &problem)
}

fn json(status: StatusCode, content_type: &'static str, body: &impl Serialize) -> Answer {
    // These bodies are made of text and numbers alone, which always can be written.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use muista_core::error::ErrorKind;

    use super::*;

    #[test]
    fn only_loopback_addresses_are_taken() {
        for address in ["127.0.0.1:3000", "127.8.8.8:1", "[::1]:0"] {
            assert!(Loopback::new(address.parse().unwrap()).is_ok(), "{address}");
        }
        for address in ["0.0.0.0:3000", "[::]:3000", "192.168.1.2:80", "[2001:db8::1]:80"] {
            let error = Loopback::new(address.parse().unwrap()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Invalid);
            assert!(error.message.contains(address), "{error}");
        }
    }

    #[tokio::test]
    async fn an_address_in_use_is_an_error_that_names_the_flag() {
        let first = Loopback::new("127.0.0.1:0".parse().unwrap()).unwrap().listen().await.unwrap();
        let error = Loopback::new(first.local_addr().unwrap()).unwrap().listen().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert!(error.message.contains("--http"), "{error}");
    }
}
