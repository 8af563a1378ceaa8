//! `muistad` end to end, as a real process: what it says at start and at stop, whom it refuses, and what is left when it
//! or its database is killed. One file a subject; rules of tasks and the commands' own behaviour are tested elsewhere.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod backup;
mod copies;
mod crash;
mod disk;
mod engine_crash;
mod failover;
mod hello;
mod http;
mod ledger;
mod outage;
mod outbox;
mod pooler;
mod refusals;
mod reload;
mod reminders;
mod replaced;
mod restore;
mod runs;
mod secrets;
mod start;
mod stop;
mod support;
mod together;
mod together_engine;
mod verbs;
