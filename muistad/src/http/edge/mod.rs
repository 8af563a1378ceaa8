//! The edge: connections before anything of a request is understood. Their number, the time and bytes that a client may
//! take, TLS and the versions of HTTP, and where a request comes from behind a proxy. It knows nothing of accounts.

pub(super) mod activity;
pub(super) mod connection_limit;
pub(super) mod forwarded;
pub(super) mod read_timeout;
pub(super) mod serve;
