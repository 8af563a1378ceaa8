//! What is audited: which record it is, who may see it, and what it takes of what its account may take. The entries are
//! written by `write`; nouns that are not here say it in their own files.

use serde::Serialize;

use crate::error::Result;
use crate::model::{Comment, Entity, Id, Job, Project, Reminder, Task, TimeEntry, Weight};
use crate::service::tx::Tx;

/// Who may see a record: its owner, and the members of the project it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RecordScope {
    /// The owner.
    pub(crate) owner: Id,
    /// The project.
    pub(crate) project: Option<Id>,
}

/// A record that is audited.
pub(crate) trait Audited: Serialize {
    /// What kind it is.
    const ENTITY: Entity;
    /// Which one it is.
    fn record(&self) -> Id;
    /// Who may see it. What hangs on a task is where that is: [`Tx::scope_of`].
    fn scope(&self, tx: &mut Tx<'_>) -> Result<RecordScope>;
    /// What it takes of what its account may take.
    fn weight(&self) -> Weight {
        Weight::default()
    }
    /// Whose account it is that it takes it from; none: its owner's.
    fn payer(&self) -> Option<Id> {
        None
    }
}

impl Audited for Task {
    const ENTITY: Entity = Entity::Task;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.owner_id, project: self.project_id })
    }

    fn weight(&self) -> Weight {
        let values: Vec<String> = self.fields.values().map(ToString::to_string).collect();
        let text = [Some(&*self.title), self.description.as_deref(), self.note.as_deref()];
        let values = values.iter().map(|value| Some(value.as_str()));
        Weight { tasks: 1, ..Weight::of_text(text.into_iter().chain(values)) }
    }
}

impl Audited for Project {
    const ENTITY: Entity = Entity::Project;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.owner_id, project: Some(self.id) })
    }

    fn weight(&self) -> Weight {
        Weight::of_record([Some(&*self.name), self.description.as_deref(), self.note.as_deref()])
    }
}

impl Audited for Comment {
    const ENTITY: Entity = Entity::Comment;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, tx: &mut Tx<'_>) -> Result<RecordScope> {
        tx.scope_of(self.task_id)
    }

    fn weight(&self) -> Weight {
        Weight::of_record([Some(&*self.text)])
    }

    fn payer(&self) -> Option<Id> {
        Some(self.author_id)
    }
}

impl Audited for TimeEntry {
    const ENTITY: Entity = Entity::TimeEntry;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, tx: &mut Tx<'_>) -> Result<RecordScope> {
        tx.scope_of(self.task_id)
    }
}

impl Audited for Reminder {
    const ENTITY: Entity = Entity::Reminder;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, tx: &mut Tx<'_>) -> Result<RecordScope> {
        tx.scope_of(self.task_id)
    }

    fn weight(&self) -> Weight {
        Weight::of_record([self.note.as_deref()])
    }
}

impl Audited for Job {
    const ENTITY: Entity = Entity::Job;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.owner_id, project: None })
    }

    fn weight(&self) -> Weight {
        Weight::of_record(self.args.iter().chain(self.params.values()).map(|text| Some(text.as_str())))
    }
}
