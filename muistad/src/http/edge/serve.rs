//! The connections: TLS where it is configured, HTTP/1.1 or HTTP/2, and how long and how large what a client sends may
//! be before anything is understood of it.

use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

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

use crate::http::edge::activity::Activity;
use crate::http::edge::connection_limit::{ConnectionLimit, ConnectionPermit};
use crate::http::edge::read_timeout::with_read_timeout;
use crate::http::middleware::stack::MiddlewareStack;
use crate::listen;
use crate::signal::Stop;

/// How long a TLS handshake may take.
const HANDSHAKE_TIME: Duration = Duration::from_secs(10);
/// How long a client may acknowledge no byte of what it is sent, or be gone without a word, in milliseconds.
const UNREAD_TIME: u32 = 60_000;
/// How long a client may take nothing of an answer, although it acknowledges what it is sent.
const STALLED_TIME: Duration = Duration::from_secs(30);
/// How long a connection that is asked to end may take, once its last request is answered.
const LAST_TIME: Duration = Duration::from_millis(500);
/// How often an HTTP/2 client is asked whether it is still there.
const PING: Duration = Duration::from_secs(30);
/// The most bytes of a request's head.
const HEAD_MAX: u32 = 64 << 10;
/// The most requests of one HTTP/2 connection at once. Clients count on 100 (RFC 9113 §6.5.2) before they are told, and some
/// fail where a stream is refused; what fewer may do at once is `activity`'s.
const STREAMS_MAX: u32 = 100;
/// How many bytes of a request's body may come before they are read.
const STREAM_WINDOW: u32 = 256 << 10;
/// How many of them may come for all requests of a connection together.
const CONNECTION_WINDOW: u32 = 512 << 10;
/// How many bytes of an answer wait within HTTP/2 to be sent.
const SEND_BUFFER: usize = 64 << 10;
/// From how many bytes on an answer is worth compressing.
const COMPRESSED_FROM: u64 = 1024;

/// What all connections share.
struct Shared {
    stack: Arc<MiddlewareStack>,
    tls: Option<TlsAcceptor>,
    builder: Builder<TokioExecutor>,
    stop: Stop,
}

/// Serves every connection until asked to stop and the last request has been answered.
pub(crate) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, stack: Arc<MiddlewareStack>, stop: Stop) {
    let limit = ConnectionLimit::new(stack.app().clone());
    let shared = Arc::new(Shared { stack, tls, builder: builder(), stop: stop.clone() });
    let connection = |(stream, peer): (TcpStream, SocketAddr)| {
        let (permit, shared) = (limit.admit(peer.ip().to_canonical()), Arc::clone(&shared));
        async move {
            if let Some(permit) = permit {
                talk(stream, peer, permit, shared).await;
            }
        }
    };
    let accept = async move || listener.accept().await;
    listen::serve("http", limit.most(), accept, connection, stop).await;
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // How long a head may take is a matter of how long the connection is idle.
    builder.http1().max_buf_size(HEAD_MAX as usize).header_read_timeout(None);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buf_size(SEND_BUFFER)
        .max_header_list_size(HEAD_MAX)
        .keep_alive_interval(PING);
    builder
}

async fn talk(stream: TcpStream, peer: SocketAddr, permit: ConnectionPermit, shared: Arc<Shared>) {
    // Answers are written whole: waiting for more to send with them only makes them late.
    let set = stream.set_nodelay(true).and_then(|()| {
        rustix::net::sockopt::set_tcp_user_timeout(stream.as_fd(), UNREAD_TIME).map_err(std::io::Error::from)
    });
    if let Err(error) = set {
        tracing::debug!(%error, "a connection ended at once");
        return;
    }
    let Some(tls) = shared.tls.clone() else { return converse(stream, peer, permit, shared).await };
    match tokio::time::timeout(HANDSHAKE_TIME, tls.accept(stream)).await {
        // Boxed, so that connections in clear text need no room for it.
        Ok(Ok(stream)) => Box::pin(converse(stream, peer, permit, shared)).await,
        Ok(Err(error)) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%peer, "a TLS handshake took too long"),
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: SocketAddr,
    mut permit: ConnectionPermit,
    shared: Arc<Shared>,
) {
    let activity = Activity::new(shared.stack.app().clone());
    let (stack, of) = (Arc::clone(&shared.stack), Arc::clone(&activity));
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let (stack, of) = (Arc::clone(&stack), Arc::clone(&of));
        async move { stack.answer(request.map(with_read_timeout), peer, of).await }
    });
    let predicate = SizeAbove::new(COMPRESSED_FROM)
        .and(NotForContentType::const_new("text/event-stream"))
        .and(NotForContentType::const_new("image/"));
    let service = tower::ServiceBuilder::new().layer(CompressionLayer::new().compress_when(predicate)).service(service);
    let requests = Arc::clone(&activity);
    let service = service_fn(move |request| {
        let (service, in_flight) = (service.clone(), requests.begin());
        async move {
            in_flight.turn().await;
            service.oneshot(request).await.map(|response| in_flight.answer(response))
        }
    });
    let mut connection = pin!(shared.builder.serve_connection(TokioIo::new(stream), service));
    let ended = loop {
        tokio::select! {
            ended = connection.as_mut() => break Some(ended),
            () = shared.stop.asked() => break None,
            () = activity.idle(permit.idle()) => break None,
            () = activity.stalled(STALLED_TIME) => {
                shared.stack.app().metrics.traffic.stalled.fetch_add(1, Relaxed);
                return tracing::debug!(%peer, "a client took nothing of its answers; the connection is closed");
            }
            () = permit.changed() => {}
        }
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection => ended,
                // What has begun is answered; who has said half a sentence is not waited for.
                () = async {
                    tokio::time::sleep(LAST_TIME).await;
                    activity.idle(LAST_TIME).await;
                } => return,
            }
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, error, "an HTTP connection ended early");
    }
}
