//! The handlers, a file a noun: each reads what a request says, asks a use case of the core, and writes what it answers.
//! They hold no rule.

pub(super) mod agent;
pub(super) mod api_keys;
pub(super) mod attachments;
pub(super) mod audit;
pub(super) mod auth;
pub(super) mod comments;
pub(super) mod devices;
pub(super) mod docs;
pub(super) mod events;
pub(super) mod fields;
pub(super) mod health;
pub(super) mod jobs;
pub(super) mod mcp;
pub(super) mod members;
pub(super) mod notifications;
pub(super) mod projects;
pub(super) mod reminders;
pub(super) mod reports;
pub(super) mod runs;
pub(super) mod tags;
pub(super) mod tasks;
pub(super) mod templates;
pub(super) mod users;
pub(super) mod views;
