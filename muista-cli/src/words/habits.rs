//! Verbs that people bring along from other programs and that Muista lacks: what to type instead. Those that are verbs here
//! by another name are aliases in `command`.

/// A verb from elsewhere, and what to do here.
const HABITS: &[(&str, &str)] = &[
    ("append", "change the title with `muista edit 7 --title \"…\"`, or write a comment: `muista comment 7 TEXT`"),
    ("prepend", "change the title with `muista edit 7 --title \"…\"`"),
    ("denotate", "delete a comment with `muista comment --delete COMMENT_ID`"),
    ("duplicate", "keep it as a template with `muista template add`, or have it repeat with --every"),
    ("status", "see the daemon with `muista daemon status`, and the tasks with `muista ls`"),
    ("sync", SYNC),
    ("synchronize", SYNC),
    ("summary", "count tasks with `muista stats`, `muista project` and `muista tag`"),
    ("count", "count tasks with `muista stats`, or `muista ls -o ids | wc -l`"),
    ("history", "see what was added and done with `muista burndown` and `muista stats`"),
    ("ghistory", "see what was added and done with `muista burndown` and `muista stats`"),
    ("burndown", "type `muista burndown --days 14`"),
    ("all", "type `muista ls status:all`"),
    ("completed", "type `muista ls status:done`"),
    ("waiting", "type `muista ls is:waiting`"),
    ("blocked", "type `muista ls is:blocked`"),
    ("blocking", "type `muista ls is:blocking`"),
    ("unblocked", "type `muista ls -is:blocked`"),
    ("ready", "type `muista ls is:ready`, or `muista next`"),
    ("active", "type `muista ls is:active`"),
    ("recurring", "type `muista ls is:recurring`"),
    ("minimal", "type `muista ls --columns number,title`"),
    ("long", "type `muista ls --columns number,title,due,start,deadline,priority,project,tags,added,changed`"),
    ("newest", "type `muista ls --sort -created`"),
    ("oldest", "type `muista ls --sort created`"),
    ("ids", "type `muista ls -o ids`"),
    ("uuids", "type `muista ls -o tsv --fields id`"),
    ("information", "type `muista show 7`"),
    ("purge", "delete it with `muista rm 7`; `muista undo` brings it back"),
    ("calc", "see how a date or a length is read with `muista date \"today + 3 days\"`"),
    ("udas", "list your own fields with `muista field`"),
    ("columns", "choose columns with `muista ls --columns number,title,due`; `muista ls --help` names them"),
    ("reports", "keep a report as a view: `muista view add work '+work -later'`, then `muista ls :work`"),
    ("diagnostics", "type `muista doctor`"),
    ("diag", "type `muista doctor`"),
    ("colors", "choose with --color, as in `muista ls --color never`"),
    ("commands", "type `muista --help`"),
    ("get", "type `muista show 7 --json`, or `muista ls --fields number,title,due`"),
    ("init", "nothing has to be set up: type `muista add \"Buy cat food\"`"),
    ("today", "type `muista ls due:today`"),
    ("overdue", "type `muista ls due:overdue`"),
    ("open", "type `muista ls`, or `muista show 7` for one task"),
    ("upgrade", "install the new version over the old one; the database is brought up to date by itself"),
];

/// What to do in place of Taskwarrior's `sync`.
const SYNC: &str = "to use the tasks of another machine, type `muista login HOST:PORT`; to copy them, `muista backup`";

/// What is typed behind a verb that means something else here: the verb, the word, and what to type.
const BEHIND: &[(&str, &str, &str)] = &[
    (
        "context",
        "define",
        "a context is a view: make one with `muista view add work project:work`, then type `muista context work`",
    ),
    ("context", "delete", "end the context with `muista context none`; delete its view with `muista view rm work`"),
    ("log", "", "log shows what was changed; to keep what is done already, `muista add` it and `muista done` it"),
];

/// Returns what to type in place of a verb that Muista lacks.
pub(crate) fn instead(verb: &str) -> Option<&'static str> {
    if verb.starts_with("rc.") || verb.starts_with("rc:") {
        return Some("settings are kept: `muista config` shows them, `muista config set` changes one");
    }
    // `burndown.daily` is a report by day.
    let verb = verb.split_once('.').map_or(verb, |(verb, _)| verb);
    HABITS.iter().find(|(known, _)| known.eq_ignore_ascii_case(verb)).map(|(_, instead)| *instead)
}

/// Returns what to type in place of a verb of Muista's with words behind it that it does not take.
pub(crate) fn instead_of(verb: &str, behind: Option<&str>) -> Option<&'static str> {
    let is_it = |(known, word, _): &&(&str, &str, &str)| {
        *known == verb && behind.is_some_and(|behind| word.is_empty() || word.eq_ignore_ascii_case(behind))
    };
    BEHIND.iter().find(is_it).map(|(.., instead)| *instead)
}
