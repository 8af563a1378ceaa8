//! Muista's core: everything that the daemon and the command line share. Imports point downwards only:
//! `rpc` → `service` → `store` → `model` → `time`, with `error`, `clock` and `config` as leaves, `tls` for
//! whoever dials; `mcp`, which agents are served with, stands on `rpc`; `format`, the files we write and read, on
//! `model`; `script` stands beside `service`, and `spool` beside `model`; `input`, which the ways in read texts with, on
//! `model`.
//!
//! The library reads no environment, no home folder and no wall clock: configuration, clock and paths come in.

#![expect(clippy::duplicate_mod, reason = "the queries are compiled once for each database")]

pub mod clock;
pub mod config;
pub mod error;
pub mod format;
pub mod input;
#[cfg(feature = "mcp")]
pub mod mcp;
pub mod metrics;
pub mod model;
pub mod rpc;
pub mod script;
pub mod service;
pub mod spool;
pub mod store;
pub mod swap;
pub mod time;
pub mod tls;
