//! Taskwarrior's JSON (its RFC “task representation”): what `task export` writes, versions 2 and 3, and what
//! `task import` takes. Reading and writing are inverse: what has no place on the other side is
//! kept there, in a block of the note here (`block`), in attributes of our own there.

mod block;
mod read;
mod stamp;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use read::entry;
pub(crate) use write::write;

/// Attributes of our own, which Taskwarrior keeps as user defined attributes without knowing them.
mod own {
    pub(super) const CATEGORY: &str = "muistacategory";
    pub(super) const DESCRIPTION: &str = "muistadescription";
    pub(super) const EVERY: &str = "muistaevery";
    pub(super) const NOTE: &str = "muistanote";
    pub(super) const PARENT: &str = "muistaparent";
    pub(super) const TIMES: &str = "muistatimes";
}

/// Attributes that Taskwarrior works out itself.
const DERIVED: [&str; 4] = ["id", "urgency", "mask", "imask"];
/// Instants of Taskwarrior's that have no place here and go back as they came.
const INSTANTS: [&str; 4] = ["wait", "scheduled", "until", "start"];
/// Attributes that a user defined one cannot be called.
const CORE: [&str; 20] = [
    "annotations",
    "depends",
    "description",
    "due",
    "end",
    "entry",
    "imask",
    "id",
    "last",
    "mask",
    "modified",
    "parent",
    "priority",
    "project",
    "recur",
    "rtype",
    "status",
    "tags",
    "urgency",
    "uuid",
];
