//! The service as its callers meet it, over the in-process transport: every test runs on SQLite and on PostgreSQL. The
//! time parser, the configuration and the migrations have tests of their own.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

#[macro_use]
mod world;

mod account;
mod address;
mod again;
mod allowance;
mod api_key;

mod attachment;
mod audit;
mod backup;
mod backup_schedule;
mod bad_input;
mod comment;
mod concurrency;
mod device;
mod due;
mod engine;
mod event;
mod field;
mod filter;
mod house;
mod import;
mod import_refused;
mod import_staged;
mod job;
mod lease_clock;
mod limit;
mod member;
mod next;
mod notification;
mod outbox;
mod paging;
mod paging_law;
mod planning;
mod project;
mod query_oracle;
mod quota;
mod relations;
mod reminder;
mod reminder_follow;
mod run;
mod run_end;
mod run_queue;
mod run_slots;
mod run_told;
mod run_world;
mod series;
mod series_edit;
mod series_law;
mod series_subtasks;
mod server_settings;
mod session;
mod sharing;
mod short_id;
mod signing_key;
mod snooze;
mod store_errors;
mod tag;
mod task;
mod template;
mod time_entry;
mod undo;
mod undo_access;
mod undo_law;
mod undo_many;
mod undo_refused;
mod user;
mod view;
mod words;
mod zone;
