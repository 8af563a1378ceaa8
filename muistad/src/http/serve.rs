//! The connections: TLS where it is configured, HTTP/1.1 or HTTP/2, and how long and how large what a client sends may
//! be before anything is understood of it.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::{Request, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};

use super::gate::Gate;
use crate::listen;
use crate::signal::Stop;

/// The most connections that are served at a time. Idle ones end after [`HEAD_TIME`].
const CONNECTIONS_MAX: usize = 16_384;
/// How long a client may take to send a request's head, or leave its connection idle.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// The most bytes of a request's head.
const HEAD_MAX: usize = 64 << 10;
/// The most requests of one HTTP/2 connection that are worked on at once.
const STREAMS_MAX: u32 = 128;
/// From how many bytes on an answer is worth compressing.
const COMPRESSED_FROM: u64 = 1024;

/// Serves every connection until asked to stop and the last request has been answered.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, gate: Arc<Gate>, stop: Stop) {
    let connection = |(stream, peer)| talk(stream, peer, tls.clone(), Arc::clone(&gate), stop.clone());
    let accept = async || listener.accept().await;
    listen::serve("http", CONNECTIONS_MAX, accept, connection, stop.clone()).await;
}

async fn talk(stream: TcpStream, peer: SocketAddr, tls: Option<TlsAcceptor>, gate: Arc<Gate>, stop: Stop) {
    // Answers are written whole: waiting for more to send with them only makes them late.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection ended at once");
        return;
    }
    let Some(tls) = tls else { return converse(stream, peer, gate, stop).await };
    match tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
        Ok(Ok(stream)) => converse(stream, peer, gate, stop).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    gate: Arc<Gate>,
    stop: Stop,
) {
    let predicate = SizeAbove::new(COMPRESSED_FROM)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("image/"));
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let gate = Arc::clone(&gate);
        async move { gate.answer(request.map(Body::new), peer).await }
    });
    let service = tower::ServiceBuilder::new().layer(CompressionLayer::new().compress_when(predicate)).service(service);
    let service = service_fn(move |request| service.clone().oneshot(request));
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_MAX as u32)
        .keep_alive_interval(HEAD_TIME);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.asked() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, error, "an HTTP connection ended early");
    }
}
