//! What the tests of every crate share: a throw-away PostgreSQL server, a sandboxed home for the
//! two programs, a daemon that dies with its test, and a mail server and a web server that do as
//! they are told.
//!
//! Only tests depend on this crate, so it stops at the first surprise instead of returning errors
//! that every test would have to unwrap. It knows nothing of tables or requests.

#![expect(clippy::panic, reason = "a test whose surroundings can't be set up has to fail, with the reason")]

pub mod console;
mod daemon;
mod guard;
pub mod http;
pub mod pgbouncer;
pub mod postgres;
pub mod rest;
pub mod sandbox;
mod serving;
pub mod smtp;
