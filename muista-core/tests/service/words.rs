//! Short words of the tests for what is long to write: ids, references, names, and a task to import.

use muista_core::error::{ErrorKind, Result};
use muista_core::model::*;
use muista_core::time::Instant;

use crate::world::NOON;

pub(crate) fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}

/// An id that ends in this number.
pub(crate) fn id(n: u128) -> Id {
    Id::from_bytes((0x0199_0000_0000_7000_8000_0000_0000_0000_u128 + n).to_be_bytes())
}

pub(crate) fn refs(tasks: &[&Task]) -> Vec<TaskRef> {
    tasks.iter().map(|task| task.id.into()).collect()
}

pub(crate) fn tags(names: &[&str]) -> Vec<TagName> {
    names.iter().map(|name| TagName::parse(name).unwrap()).collect()
}

pub(crate) fn project(name: &str) -> ProjectRef {
    ProjectRef::Name(project_name(name))
}

pub(crate) fn project_name(name: &str) -> ProjectName {
    ProjectName::parse(name).unwrap()
}

pub(crate) fn text(text: &str) -> Text {
    Text::parse("text", text).unwrap().unwrap()
}

pub(crate) fn kind<T: std::fmt::Debug>(result: Result<T>) -> ErrorKind {
    result.unwrap_err().kind
}

/// A task to import with nothing but a title.
pub(crate) fn imported(n: u128, title: &str) -> ImportTask {
    ImportTask {
        id: id(n),
        title: Title::parse(title).unwrap(),
        description: None,
        note: None,
        category: Category::default(),
        priority: Priority::default(),
        due: None,
        planning: Planning::default(),
        every: None,
        completed_at: None,
        project: None,
        parent_id: None,
        tags: Vec::new(),
        depends_on: Vec::new(),
        fields: None,
        comments: Vec::new(),
        work: Vec::new(),
        created_at: instant(NOON),
        updated_at: None,
    }
}
