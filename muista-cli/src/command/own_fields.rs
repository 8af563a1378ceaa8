//! The account's own fields where other verbs name them. They are asked for only where a word, a column or a group is none
//! that every account has.

use muista_core::error::{Error, ErrorKind, Result as CoreResult};
use muista_core::model::{Field, FieldKind, FieldName, GroupBy, Task, ViewColumns, fold};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{By, Cell, Column, Format, ListedTask, Noun as _, Shape};
use crate::words::shorthand;

/// Returns the own fields, if one of the words may set one.
pub(crate) async fn in_words(app: &CommandContext, words: &[String]) -> Result<Vec<Field>> {
    if !shorthand::may_name_fields(words) {
        return Ok(Vec::new());
    }
    match app.client().await?.list_fields().await {
        // Who may not read tasks may still make one.
        Err(error) if error.kind == ErrorKind::Forbidden => Ok(Vec::new()),
        fields => Ok(fields?),
    }
}

/// Returns the columns of the own fields, if a column, or a key of JSON, is none of those that every account has, or if all
/// keys are wanted, as in CSV.
pub(crate) async fn columns(
    app: &CommandContext,
    columns: Option<&str>,
    keys: Option<&str>,
) -> Result<Vec<Column<ListedTask>>> {
    let all_keys = keys.is_none() && matches!(app.out()?.format, Format::Csv | Format::Tsv);
    let named = names_others(columns, ViewColumns::NAMES) || names_others(keys, ListedTask::FIELDS);
    if !all_keys && !named {
        return Ok(Vec::new());
    }
    Ok(app.client().await?.list_fields().await?.into_iter().map(|field| ListedTask::column(column(field))).collect())
}

/// Returns whether there are names, and one of them is none of the known ones.
fn names_others(names: Option<&str>, known: &[&str]) -> bool {
    let is_known = |name: &str| known.iter().any(|known| known.eq_ignore_ascii_case(name.trim()));
    names.is_some_and(|names| !names.split(',').all(is_known))
}

fn column(field: Field) -> Column<Task> {
    let shape = match field.kind {
        FieldKind::Number => Shape::Number,
        FieldKind::Text => Shape::Text,
        FieldKind::Date | FieldKind::Duration | FieldKind::Choice => Shape::Short,
    };
    Column::new(field.name.clone(), shape, move |task: &Task, _| {
        // A task of somebody else's has its owner's fields.
        let value = task.fields.iter().find(|(name, _)| fold(name) == fold(&field.name));
        Cell::new(value.map(|(_, value)| Field::words(value)).unwrap_or_default())
    })
}

/// Returns the own fields of a task: the account's, or, of a task that somebody shares, those that it has a value of, whose
/// types are the owner's to know.
pub(crate) async fn of_task(app: &CommandContext, task: &Task) -> Result<Vec<TaskField>> {
    let fields = app.client().await?.list_fields().await?;
    let mut found: Vec<TaskField> =
        fields.into_iter().filter(|field| field.owner_id == task.owner_id).map(TaskField::Known).collect();
    let is_found = |name: &String| found.iter().any(|field| field.name() == name);
    let others: Vec<TaskField> =
        task.fields.keys().filter(|name| !is_found(name)).cloned().map(TaskField::OfOwner).collect();
    found.extend(others);
    Ok(found)
}

/// An own field that a task may have.
pub(crate) enum TaskField {
    /// One of the account's.
    Known(Field),
    /// One of somebody else's, by its name.
    OfOwner(String),
}

impl TaskField {
    /// Returns the field's name.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Known(field) => &field.name,
            Self::OfOwner(name) => name,
        }
    }
}

/// Returns what a list is grouped by, found.
///
/// # Errors
/// `Invalid` for the name of no own field.
pub(crate) async fn group(app: &CommandContext, by: GroupBy) -> Result<By> {
    let GroupBy::Field(name) = by else { return Ok(By::Known(by)) };
    let fields = app.client().await?.list_fields().await?;
    match fields.iter().find(|field| fold(&field.name) == name.key()) {
        Some(field) => Ok(By::Own(field.clone())),
        None => Err(GroupBy::unknown(&name, fields.iter().map(|field| field.name.as_str())).into()),
    }
}

/// Reads the value of a flag `--field`: `effort=3`.
///
/// # Errors
/// `Invalid` where it is not a field's name and a value.
pub(crate) fn given(text: &str) -> CoreResult<(String, Option<String>)> {
    let (name, value) = text.split_once('=').ok_or_else(|| {
        Error::invalid("field", format!("“{text}” gives no value"))
            .hint("write a field and its value, as in --field effort=3")
    })?;
    let name = FieldName::parse(name.trim())?;
    Ok((name.to_string(), Some(value.to_owned())))
}
