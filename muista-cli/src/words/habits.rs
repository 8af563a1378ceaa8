//! Verbs that people bring along from other programs and that Muista lacks: what to type instead. Those that are verbs here
//! by another name are aliases in `command`.

/// A verb from elsewhere, and what to do here.
const HABITS: &[(&str, &str)] = &[
    ("append", "change the title with `muista edit 7 --title \"…\"`, or write a comment: `muista comment 7 TEXT`"),
    ("prepend", "change the title with `muista edit 7 --title \"…\"`"),
    ("denotate", "delete a comment with `muista comment --delete COMMENT_ID`"),
    ("duplicate", "keep it as a template with `muista template add`, or have it repeat with --every"),
    ("status", "see the daemon with `muista daemon status`, and the tasks with `muista ls`"),
    ("summary", "count tasks with `muista stats`, `muista project` and `muista tag`"),
    ("sync", "to use the tasks of another machine, type `muista login HOST:PORT`; to copy them, `muista backup`"),
    ("init", "nothing has to be set up: type `muista add \"Buy cat food\"`"),
    ("today", "type `muista ls due:today`"),
    ("overdue", "type `muista ls due:overdue`"),
    ("open", "type `muista ls`, or `muista show 7` for one task"),
    ("upgrade", "install the new version over the old one; the database is brought up to date by itself"),
];

/// Returns what to type in place of a verb that Muista lacks.
pub(crate) fn instead(verb: &str) -> Option<&'static str> {
    HABITS.iter().find(|(known, _)| known.eq_ignore_ascii_case(verb)).map(|(_, instead)| *instead)
}
