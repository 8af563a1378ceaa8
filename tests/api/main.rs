//! REST end to end: a real `muistad`, asked over HTTP, on both databases. One file a noun. What a use case does by itself
//! is tested beside the core; here stands what another program meets: statuses, headers, documents.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod access;
mod account;
mod agent;
mod attachment;
mod audit;
mod browser;
mod conditional;
mod device;
mod docs;
mod errand;
mod events;
mod field;
mod hostile;
mod job;
mod mcp;
mod notification;
mod openapi;
mod operation;
mod planning;
mod project;
mod proxied;
mod proxies;
mod query;
mod reminder;
mod repeat;
mod report;
mod same_sentence;
mod short_id;
mod slow;
mod support;
mod tag;
mod task;
mod task_list;
mod template;
mod tls;
mod tools;
mod trace;
mod view;
mod walk;
