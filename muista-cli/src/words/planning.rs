//! When a task is worked on, as flags and as words of `add` and `edit`: `--start`, `--deadline`, `--estimate`, `--position`,
//! and `start:`, `deadline:`, `estimate:`, `position:`. What the texts mean is the core's `input::PlanningTexts`.

use clap::Args;
use muista_core::error::{Error, Result};
use muista_core::input::PlanningTexts;
use muista_core::model::{Change, DateField, Planning, Task, WorkTime};
use muista_core::time::Context;

use super::value_parsers::{change, clears, date_text};

/// A field that says when a task is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PlanningField {
    Start,
    Deadline,
    Estimate,
    Position,
}

impl PlanningField {
    /// All of them, in the order in which they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Start, Self::Deadline, Self::Estimate, Self::Position];

    /// Returns the name: that of the flag, of the word's key, and of the field in an editor.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Deadline => "deadline",
            Self::Estimate => "estimate",
            Self::Position => "position",
        }
    }

    /// Returns what may stand in the field in an editor.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::Start => "Hidden from lists until then; \"due-2w\" counts from the due",
            Self::Deadline => "By when it must be done at the latest",
            Self::Estimate => "How long it will take, as in \"30min\"",
            Self::Position => "Its place in an order by hand, as in \"2\"; ls --sort position goes by it",
        }
    }

    /// Returns a task's value as it can be read again; an empty text where it has none.
    pub(crate) fn text(self, task: &Task, context: &Context) -> String {
        match self {
            Self::Start => date_text(task.date(DateField::Start), context),
            Self::Deadline => date_text(task.date(DateField::Deadline), context),
            Self::Estimate => task.estimate.map(WorkTime::words).unwrap_or_default(),
            Self::Position => task.position.map(|position| position.to_string()).unwrap_or_default(),
        }
    }

    /// Returns whether the words after a value may belong to it.
    pub(crate) fn goes_on(self) -> bool {
        match self {
            Self::Start | Self::Deadline | Self::Estimate => true,
            Self::Position => false,
        }
    }
}

/// The flags; `none` empties a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub(crate) struct PlanningFlags {
    /// Hide it from lists until then, as in --start monday, or so long before the due, as in --start due-2w
    #[arg(long, alias = "wait", value_name = "WHEN")]
    start: Option<String>,

    /// When it must be done; a new due date leaves it alone, as in --deadline "31 dec"
    #[arg(long, value_name = "WHEN")]
    deadline: Option<String>,

    /// How long it will take, as in --estimate 30min
    #[arg(long, value_name = "LENGTH")]
    estimate: Option<String>,

    /// Its position in a manual order (ls --sort position), as in --position 2
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    position: Option<String>,
}

impl PlanningFlags {
    /// Takes the value of a word, or of a field in an editor.
    ///
    /// # Errors
    /// `Invalid` for what cannot be read.
    pub(crate) fn take(&mut self, field: PlanningField, value: &str, context: &Context) -> Result<()> {
        let mut alone = Self::default();
        *alone.field(field) = Some(value.to_owned());
        alone.read(context)?;
        *self.field(field) = Some(value.to_owned());
        Ok(())
    }

    /// Returns these, and what `words` say where none of these does.
    #[must_use]
    pub(crate) fn or(self, words: Self) -> Self {
        let Self { start, deadline, estimate, position } = self;
        Self {
            start: start.or(words.start),
            deadline: deadline.or(words.deadline),
            estimate: estimate.or(words.estimate),
            position: position.or(words.position),
        }
    }

    /// Reads all of them.
    ///
    /// # Errors
    /// `Invalid`, naming the flag that is not understood.
    pub(crate) fn read(&self, context: &Context) -> Result<Planning> {
        let said = |text: &Option<String>| match text {
            None => Change::Keep,
            Some(text) if clears(text) => Change::Clear,
            Some(text) => Change::Set(text.clone()),
        };
        let texts = PlanningTexts {
            start_date: said(&self.start),
            deadline_date: said(&self.deadline),
            estimate: said(&self.estimate),
            position: change(self.position.as_deref(), position)?,
            ..PlanningTexts::default()
        };
        texts.read(context).map_err(|error| match error.field.as_deref().and_then(DateField::of_key) {
            Some(date) => error.of_field(date.name()),
            None => error,
        })
    }

    fn field(&mut self, field: PlanningField) -> &mut Option<String> {
        match field {
            PlanningField::Start => &mut self.start,
            PlanningField::Deadline => &mut self.deadline,
            PlanningField::Estimate => &mut self.estimate,
            PlanningField::Position => &mut self.position,
        }
    }
}

fn position(text: &str) -> Result<i64> {
    let range = -Planning::POSITION_MAX..=Planning::POSITION_MAX;
    text.trim().parse().ok().filter(|position| range.contains(position)).ok_or_else(|| {
        Error::invalid("position", format!("“{text}” is not a position"))
            .hint("give a whole number, as in --position 2")
    })
}
