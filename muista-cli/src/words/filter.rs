//! Which tasks a list holds, as flags or as words: `--tag home --due week` is `+home due:week`. The words are a query, whose
//! language is the core's `input::query`.

use clap::Args;
use clap_complete::engine::ArgValueCompleter;
use muista_core::error::{Error, Result};
use muista_core::input::query;
use muista_core::model::{
    Category, Condition, DueFilter, Priority, ProjectFilter, Query, Status, TagName, TaskFilter, TaskRef,
};
use muista_core::time::{Context, Range, range};

use crate::complete;

/// The conditions; all must hold.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Filter {
    /// A query, as in +home -later project:house due:week priority>=medium 'or' is:overdue; :work is a view; other words are searched for
    #[arg(value_name = "WORDS", add = ArgValueCompleter::new(complete::words))]
    words: Vec<String>,

    /// Due at: today, tomorrow, week (this one, Monday to Sunday), upcoming, overdue, none, a date or A..B, as in --due today..friday
    #[arg(long, value_name = "WHEN")]
    due: Option<String>,

    /// Completed at: today, yesterday, week (Monday to Sunday), month, a date or A..B, as in --completed week (implies --status done)
    #[arg(long, value_name = "WHEN")]
    completed: Option<String>,

    /// open, waiting, done or all, as in --status done [default: open]
    #[arg(long, value_name = "STATUS")]
    status: Option<Status>,

    /// In this category, as in --category work (repeatable: in any of them)
    #[arg(long, short, value_name = "CATEGORY", add = ArgValueCompleter::new(complete::categories))]
    category: Vec<Category>,

    /// In this project, or in none, as in --project house
    #[arg(long, short = 'P', value_name = "PROJECT", add = ArgValueCompleter::new(complete::projects))]
    project: Option<ProjectFilter>,

    /// With this tag, or with none at all, as in --tag home (repeatable: with all of them)
    #[arg(long, short, value_name = "TAG", add = ArgValueCompleter::new(complete::tags))]
    tag: Vec<String>,

    /// Without this tag, as in --no-tag later
    #[arg(long, value_name = "TAG", add = ArgValueCompleter::new(complete::tags))]
    no_tag: Vec<TagName>,

    /// With this priority, as in --priority high (repeatable: with any of them)
    #[arg(long, short, value_name = "PRIORITY", add = ArgValueCompleter::new(complete::priorities))]
    priority: Vec<Priority>,

    /// With a reminder or, by --has-reminder=false, without, as in --has-reminder
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    has_reminder: Option<bool>,

    /// With a script job or, by --script=false, without, as in --script
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    script: Option<bool>,

    /// Subtasks of this task, as in --parent 7
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    parent: Option<TaskRef>,

    /// With this text in title, description, note or comments, as in --search "cat food" (repeatable: all of them)
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    search: Vec<String>,
}

impl Filter {
    /// Returns the filter that flags and words make, with a condition more, which stands behind the words.
    ///
    /// # Errors
    /// `Invalid` for a value that cannot be read, and for a condition that is given twice but can hold only once.
    pub(crate) fn read_within(self, more: Option<Query>, context: &Context) -> Result<TaskFilter> {
        self.read_all(more, Status::default(), context)
    }

    /// Returns the filter that flags and words make, holding tasks of `status` where they say none.
    ///
    /// # Errors
    /// As [`Filter::read_within`].
    pub(crate) fn read_of(self, status: Status, context: &Context) -> Result<TaskFilter> {
        self.read_all(None, status, context)
    }

    fn read_all(self, more: Option<Query>, status: Status, context: &Context) -> Result<TaskFilter> {
        let words = query::read_words(&self.words, context)?;
        let said = self.status.map(|status| Query::Is(Condition::Status(status)));
        let mut filter = TaskFilter {
            categories: self.category,
            priorities: self.priority,
            without_tags: self.no_tag,
            has_reminder: self.has_reminder,
            script: self.script,
            project: self.project,
            parent: self.parent,
            search: self.search,
            due: self.due.map(|due| read_due(&due, context)).transpose()?,
            completed: self.completed.map(|completed| read_completed(&completed, context)).transpose()?,
            ..TaskFilter::default()
        };
        self.tag.iter().try_for_each(|tag| add_tag(&mut filter, tag))?;
        query::read_filter(Query::All(said.into_iter().chain([words]).chain(more).collect()), filter, status)
    }

    /// Whether it has no condition at all.
    pub(crate) fn is_empty(filter: &TaskFilter) -> bool {
        *filter == TaskFilter::default()
    }
}

fn add_tag(filter: &mut TaskFilter, tag: &str) -> Result<()> {
    if tag.eq_ignore_ascii_case("none") {
        filter.untagged = true;
        return Ok(());
    }
    filter.tags.push(tag.parse()?);
    Ok(())
}

fn read_due(text: &str, context: &Context) -> Result<DueFilter> {
    DueFilter::read(text, context).map_err(|error| Error { field: Some("due".to_owned()), ..error })
}

fn read_completed(text: &str, context: &Context) -> Result<Range> {
    range(text, context).map_err(|error| Error { field: Some("completed".to_owned()), ..error.into() })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use clap::Parser;
    use jiff::tz::TimeZone;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        filter: Filter,
    }

    fn read(line: &[&str]) -> Result<TaskFilter> {
        let context = Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None };
        let line = Line::try_parse_from(std::iter::once(&"ls").chain(line)).unwrap();
        line.filter.read_within(None, &context)
    }

    #[test]
    fn words_mean_what_flags_mean() {
        for (words, flags) in [
            (&["+home", "+cat"][..], &["--tag", "home", "--tag", "cat"][..]),
            (&["tag:home", "tag:none"], &["--tag", "home", "--tag", "none"]),
            (&["@work", "category:health"], &["--category", "work", "--category", "health"]),
            (&["!high", "priority:low"], &["--priority", "high", "--priority", "low"]),
            (&["project:home"], &["--project", "home"]),
            (&["project:none"], &["--project", "none"]),
            (&["due:week"], &["--due", "week"]),
            (&["due:none"], &["--due", "none"]),
            (&["completed:week"], &["--completed", "week"]),
            (&["status:done"], &["--status", "done"]),
            (&["parent:7"], &["--parent", "7"]),
            (&["cat", "http://x.fi"], &["--search", "cat", "--search", "http://x.fi"]),
        ] {
            let filter = read(words).unwrap();
            assert_eq!(filter, read(flags).unwrap(), "{words:?}");
            assert!(!Filter::is_empty(&filter), "{words:?}");
        }
        assert!(Filter::is_empty(&read(&[]).unwrap()));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for (word, field) in [
            ("@nowhere", "category"),
            ("!soonish", "priority"),
            ("due:whenever", "due"),
            ("completed:whenever", "completed"),
            ("status:maybe", "status"),
            ("+", "tags"),
            ("parent:x", "id"),
            ("assignee:eva", "q"),
            ("or", "q"),
        ] {
            assert_eq!(read(&[word]).unwrap_err().field.as_deref(), Some(field), "{word}");
        }
        assert_eq!(read(&["project:a", "--project", "b"]).unwrap_err().field.as_deref(), Some("project"));
    }
}
