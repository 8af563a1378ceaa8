//! The `muista` command end to end, through the real programs. What a library function does by itself is tested beside
//! it; here stands what a person or a script meets: arguments, files, pipes, terminals, exit statuses.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod account;
mod attach;
mod completion;
mod context;
mod daemon;
mod editor;
mod everywhere;
mod field;
mod generated;
mod habits;
mod history;
mod install;
mod job;
mod output;
mod packages;
mod pasted;
mod planning;
mod recurring;
mod refusals;
mod remind;
mod remote;
mod report;
mod selection;
mod settings;
mod sharing;
mod shell;
mod short_id;
mod support;
mod surroundings;
mod tables;
mod template;
mod terminal;
mod there;
mod time;
mod transfer;
mod verbs;
mod view;
mod words;
