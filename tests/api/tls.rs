//! HTTPS: both versions of HTTP within TLS, and what is refused without.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use test_common::rest::{self, Connection};
use test_common::sandbox::{Daemon, Sandbox};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::support::token;

/// A daemon with a certificate of its own, and who trusts that.
struct World {
    daemon: Daemon,
    _sandbox: Sandbox,
    roots: RootCertStore,
}

impl World {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (cert, key) = (sandbox.path().join("cert.pem"), sandbox.path().join("key.pem"));
        std::fs::write(&cert, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let sandbox = sandbox.with_env("MUISTA_TLS_CERT", &cert).with_env("MUISTA_TLS_KEY", &key);
        // In TLS the daemon may be reached from everywhere.
        let daemon = sandbox.daemon_at("0.0.0.0:0", [""; 0]);
        Self { daemon, _sandbox: sandbox, roots }
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.daemon.http().port()))
    }

    async fn connect(&self, protocol: &[u8]) -> TlsStream<TcpStream> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_root_certificates(self.roots.clone()).with_no_client_auth();
        config.alpn_protocols = vec![protocol.to_vec()];
        let stream = TcpStream::connect(self.address()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(protocol));
        stream
    }
}

fn get(uri: &str, token: &str) -> Request<Empty<Bytes>> {
    let request = Request::get(uri).header("Host", "localhost").header("Authorization", format!("Bearer {token}"));
    request.body(Empty::new()).unwrap()
}

async fn is_well<B: hyper::body::Body<Data = Bytes, Error = hyper::Error>>(response: Response<B>, version: Version) {
    assert_eq!((response.status().as_u16(), response.version()), (200, version));
    assert_eq!(response.headers()["strict-transport-security"], "max-age=31536000");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(body.starts_with(b"{"), "{body:?}");
}

#[tokio::test]
async fn both_versions_of_http_are_spoken() {
    let world = World::new();
    let token = &token(&world.daemon);
    let stream = TokioIo::new(world.connect(b"http/1.1").await);
    let (mut client, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    is_well(client.send_request(get("/health", token)).await.unwrap(), Version::HTTP_11).await;
    is_well(client.send_request(get("/tasks", token)).await.unwrap(), Version::HTTP_11).await;

    let stream = TokioIo::new(world.connect(b"h2").await);
    let (client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    let many = (0..50).map(|_| {
        let mut client = client.clone();
        async move { client.send_request(get("https://localhost/tasks", token)).await.unwrap() }
    });
    for response in futures::future::join_all(many).await {
        is_well(response, Version::HTTP_2).await;
    }
    let evil = client.clone().send_request(get("https://evil.example/tasks", token)).await.unwrap();
    assert_eq!(evil.status().as_u16(), 421);
}

#[test]
fn clear_text_at_an_encrypted_port_gets_nothing() {
    let world = World::new();
    let mut connection = Connection::open(world.address());
    connection.say("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(connection.answer().is_none());
}

fn refused(sandbox: &Sandbox, variables: &[(&str, &Path)]) -> String {
    let mut command = sandbox.muistad();
    command.args(["--http", "0.0.0.0:0"]).envs(variables.iter().copied());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn other_machines_are_not_served_in_clear_text_unless_that_is_meant() {
    let sandbox = Sandbox::new();
    let told = refused(&sandbox, &[]);
    assert!(told.contains("0.0.0.0:0") && told.contains("insecure = true"), "{told}");
    let told =
        refused(&sandbox, &[("MUISTA_TLS_CERT", Path::new("/nowhere.pem")), ("MUISTA_TLS_KEY", Path::new("/k"))]);
    assert!(told.contains("/nowhere.pem"), "{told}");
    let sandbox = sandbox.with_env("MUISTA_INSECURE", "true");
    let daemon = sandbox.daemon_at("0.0.0.0:0", [""; 0]);
    let address = SocketAddr::from(([127, 0, 0, 1], daemon.http().port()));
    assert_eq!(rest::send(address, "GET", "/health", &[], b"").status, 200);
}
