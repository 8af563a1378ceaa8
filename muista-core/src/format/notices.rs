//! What an import has to say of what it could not take over just so: collected while a file is read, told at the end
//! with tasks of the same case in one line.

use std::collections::BTreeMap;

use super::safe;

/// What became of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// It has no place of its own here, and stands in the note.
    InNote,
    /// It is a value of an own field.
    InField,
    /// It is not known.
    Unknown,
    /// The other program works it out itself; told only when asked.
    Derived,
}

/// The notices of one import.
#[derive(Debug, Default)]
pub struct Notices {
    cases: Vec<Case>,
    fields: BTreeMap<(Fate, String), u64>,
    others: Vec<String>,
}

/// What applies to some tasks.
#[derive(Debug)]
struct Case {
    what: &'static str,
    count: u64,
    /// The first of the tasks.
    labels: Vec<String>,
}

/// How many tasks a line names.
const NAMED: usize = 3;
/// How many it names where all are asked for: a file may hold a million.
const ALL: usize = 1000;

impl Notices {
    /// Notes that `case` applies to the task called `label`.
    pub(crate) fn case(&mut self, case: &'static str, label: impl Into<String>) {
        let at = self.cases.iter().position(|known| known.what == case).unwrap_or_else(|| {
            self.cases.push(Case { what: case, count: 0, labels: Vec::new() });
            self.cases.len() - 1
        });
        if let Some(case) = self.cases.get_mut(at) {
            case.count += 1;
            if case.labels.len() < ALL {
                case.labels.push(label.into());
            }
        }
    }

    /// Notes the fate of a task's field.
    pub(crate) fn field(&mut self, fate: Fate, name: &str) {
        // A look-up by a borrowed key is not worth a second map: fields number in the millions at most.
        *self.fields.entry((fate, name.to_owned())).or_default() += 1;
    }

    /// Notes a sentence.
    pub(crate) fn say(&mut self, sentence: impl Into<String>) {
        self.others.push(sentence.into());
    }

    /// Returns the notices in lowercase sentences; the first tasks of each case are named.
    pub fn brief(&self) -> Vec<String> {
        self.lines(NAMED)
    }

    /// Returns the notices with all tasks named, as far as that can be read, and with the fields that other programs work
    /// out themselves.
    pub fn full(&self) -> Vec<String> {
        let mut lines = self.lines(ALL);
        lines.extend(self.fields_of(Fate::Derived, "left out, since the other program works them out itself"));
        lines
    }

    fn lines(&self, named: usize) -> Vec<String> {
        let mut lines: Vec<String> = self.cases.iter().map(|case| case.line(named)).collect();
        lines.extend(self.fields_of(Fate::InNote, "kept in the note, having no place of their own here"));
        lines.extend(self.fields_of(Fate::InField, "kept as own fields"));
        lines.extend(self.fields_of(Fate::Unknown, "left out, being unknown"));
        lines.extend(self.others.iter().cloned());
        lines
    }

    fn fields_of(&self, fate: Fate, what: &str) -> Option<String> {
        let names: Vec<String> = self
            .fields
            .iter()
            .filter(|((of, _), _)| *of == fate)
            .map(|((_, name), count)| format!("{name} ({count})"))
            .collect();
        (!names.is_empty()).then(|| format!("fields {what}: {}", names.join(", ")))
    }
}

impl Case {
    fn line(&self, named: usize) -> String {
        let Self { what, count, labels } = self;
        let tasks = if *count == 1 { "task" } else { "tasks" };
        let shown: Vec<&str> = labels.iter().take(named).map(String::as_str).collect();
        let rest = match count.saturating_sub(shown.len() as u64) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{what}: {count} {tasks}: {}{rest}", shown.join(", "))
    }
}

/// `text` in quotes and short enough for a message, without anything that steers a terminal.
pub(crate) fn quoted(text: &str) -> String {
    let (shown, more) = text.char_indices().nth(60).map_or((text, ""), |(end, _)| (&text[..end], "…"));
    format!("“{}{more}”", safe::line(shown))
}
