//! The transports of this machine: a Unix socket with the preamble in front, and a channel within the process. Listening,
//! and deciding which to use, are the binaries' work; `dial` and `remote` reach other machines.

use std::future::ready;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use tarpc::server::{BaseChannel, Channel};
use tarpc::tokio_serde::formats::Json;
use tarpc::tokio_util::codec::LengthDelimitedCodec;
use tarpc::{ClientMessage, Response, Transport, serde_transport};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::UnixStream;

use super::calls::{Muista, MuistaClient, MuistaRequest, MuistaResponse};
use super::hello::{read_line, write_line};
use super::{Client, Hello, Server, Welcome};
use crate::error::{Error, Result};
use crate::service::{Caller, Service, on_behalf_of};

/// The largest message, in bytes. A page of 500 of the largest tasks does not fit; the service makes pages smaller.
const FRAME_MAX: usize = 64 << 20;

/// How long a peer may take over its side of the preamble.
pub(super) const PREAMBLE_TIME: Duration = Duration::from_secs(5);

/// How many calls of one connection are worked on at once.
const CONCURRENT: usize = 64;

/// What came of dialling a daemon.
#[derive(Debug)]
pub enum Dialled {
    /// A connection.
    Connected(Client),
    /// Nobody listens at the socket.
    Nobody,
    /// A daemon listens that works on another database than the hello expected; it names that.
    OtherDatabase(String),
}

/// Dials the daemon at `socket`. Must be called within a tokio runtime, which then drives the connection.
///
/// # Errors
/// When somebody listens there but the connection cannot be opened, or the daemon refuses it.
pub async fn dial_unix(socket: &Path, hello: &Hello) -> Result<Dialled> {
    let mut stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::ConnectionRefused) => {
            return Ok(Dialled::Nobody);
        }
        Err(e) => {
            return Err(Error::unavailable(format!("cannot connect to {}: {e}", socket.display()))
                .hint("see `muista daemon status`, or choose another with --socket"));
        }
    };
    ours(&stream)?;
    write_line(&mut stream, hello).await?;
    match Welcome::read(&read_line(&mut stream).await?)? {
        Welcome::Welcome { .. } => {}
        Welcome::OtherDatabase { database } => return Ok(Dialled::OtherDatabase(database)),
        Welcome::Refused { error } => return Err(error),
    }
    Ok(Dialled::Connected(client(stream)))
}

/// The calls over a stream whose preamble has been said. Must be called within a tokio runtime.
pub(super) fn client<S>(stream: S) -> Client
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let transport = serde_transport::new(codec().new_framed(stream), Json::default());
    Client::new(MuistaClient::new(tarpc::client::Config::default(), transport).spawn())
}

/// Serves one accepted connection until the client closes it, or until `stop` comes: then no further call is taken
/// and those in flight are answered. The peer must be the user who runs the daemon.
///
/// # Errors
/// When the preamble fails or takes longer than 5 s; the client has been told why where that was possible.
pub async fn serve_unix(
    mut stream: UnixStream,
    service: Service,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let mut stop = Box::pin(stop);
    let hello = tokio::select! {
        hello = welcome(&mut stream, service.database()) => hello?,
        () = &mut stop => return Ok(()),
        () = tokio::time::sleep(PREAMBLE_TIME) => {
            return Err(Error::unavailable(format!("no hello within {} s", PREAMBLE_TIME.as_secs())));
        }
    };
    let Some(hello) = hello else {
        return Ok(());
    };
    serve_until(stream, Server::new(service, hello.caller()), stop).await;
    Ok(())
}

/// Serves a stream whose preamble has been said, until the client closes it or `stop` comes.
pub(super) async fn serve_until<S>(stream: S, server: Server, stop: impl Future<Output = ()> + Send + 'static)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    // What is cut off is only the reading half, so tarpc sees a client that asks nothing more and still answers it.
    let transport = serde_transport::new(codec().new_framed(stream), Json::default()).take_until(stop);
    serve(transport, server).await;
}

/// The server's side of the preamble: the client's hello, or none where the client was told to go elsewhere.
async fn welcome(stream: &mut UnixStream, database: &str) -> Result<Option<Hello>> {
    if let Err(error) = ours(stream) {
        return refuse(stream, error).await;
    }
    let hello = match Hello::read(&read_line(stream).await?) {
        Ok(hello) => hello,
        Err(error) => return refuse(stream, error).await,
    };
    let welcome = Welcome::to(&hello, database);
    write_line(stream, &welcome).await?;
    Ok(matches!(welcome, Welcome::Welcome { .. }).then_some(hello))
}

/// Tells the client why it is not served.
pub(super) async fn refuse(stream: &mut (impl AsyncWrite + Unpin), error: Error) -> Result<Option<Hello>> {
    write_line(stream, &Welcome::Refused { error: error.clone() }).await?;
    Err(error)
}

/// Serves `service` within the process, to the one client returned. Must be called within a tokio runtime.
#[must_use]
pub fn in_process(service: Service, hello: &Hello) -> Client {
    in_process_as(service, hello.caller())
}

/// The same on behalf of another caller.
#[must_use]
pub fn in_process_as(service: Service, caller: Caller) -> Client {
    let (client, server) = tarpc::transport::channel::unbounded();
    tokio::spawn(serve(server, Server::new(service, caller)));
    Client::new(MuistaClient::new(tarpc::client::Config::default(), client).spawn())
}

async fn serve<T>(transport: T, server: Server)
where
    T: Transport<Response<MuistaResponse>, ClientMessage<MuistaRequest>> + Send + 'static,
{
    let (account, serve) = (server.account(), server.serve());
    // Not by `execute`, which warns of every client that goes away while one of its calls is worked on.
    BaseChannel::with_defaults(transport)
        .requests()
        .take_while(|request| ready(request.is_ok()))
        .filter_map(|request| ready(request.ok()))
        .for_each_concurrent(CONCURRENT, |request| {
            let deadline = request.get().context.deadline;
            on_behalf_of(account, deadline, request.execute(serve.clone()))
        })
        .await;
}

/// Whether the process at the other end belongs to the same user, or to root.
fn ours(stream: &UnixStream) -> Result<()> {
    let peer = stream
        .peer_cred()
        .map_err(|e| Error::unavailable(format!("cannot tell who is at the other end of the socket: {e}")))?;
    let us = rustix::process::geteuid().as_raw();
    if peer.uid() == us || peer.uid() == 0 {
        return Ok(());
    }
    Err(Error::forbidden(format!("the socket's other end belongs to user {}, not to user {us}", peer.uid()))
        .hint("each user runs a daemon of their own; choose its socket with --socket"))
}

fn codec() -> tarpc::tokio_util::codec::length_delimited::Builder {
    let mut codec = LengthDelimitedCodec::builder();
    codec.max_frame_length(FRAME_MAX);
    codec
}
