//! The verbs, one file each: what it takes, its help, and what it does. Each has `Args` and `run`.

pub(crate) mod add;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod daemon;
pub(crate) mod date;
pub(crate) mod doctor;
pub(crate) mod done;
pub(crate) mod edit;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod job;
pub(crate) mod log;
pub(crate) mod ls;
pub(crate) mod man;
pub(crate) mod next;
pub(crate) mod project;
pub(crate) mod rm;
pub(crate) mod show;
pub(crate) mod tag;
pub(crate) mod undo;
pub(crate) mod undone;
