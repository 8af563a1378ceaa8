//! The tarpc service: the calls ([`calls::Muista`]), the server that answers them, the preamble that opens a connection, and
//! the transports: a Unix socket, TCP with TLS, and a channel within the process. Business rules live in `service`.

#[expect(clippy::large_enum_variant, reason = "tarpc makes the enum, and a request waits on the heap")]
pub mod calls;
mod client;
mod dial;
mod hello;
mod remote;
mod server;
mod transport;

pub use client::Client;
pub use dial::{ALPN, dial_remote, keep_alive};
pub use hello::{Hello, PROTOCOL, Proof, Welcome};
pub use remote::serve_remote;
pub use server::Server;
pub use transport::{Dialled, dial_unix, in_process, in_process_as, serve_unix};
