//! Conditions on own fields, and orders by them: what a name and a text mean is found out here, since it depends on the
//! reader's fields. Tasks that others share are asked by their own fields of the same name and type.

use super::all;
use crate::error::{Error, Result};
use crate::input::query;
use crate::model::{
    Field, FieldComparison, FieldKind, FieldTest, FieldValue, Id, Page, Query, SortKey, clip, fold, shown,
};
use crate::store::Conn;
use crate::store::list::{Bound, OfField, Test};

/// The reader's fields, looked up with the first condition on one.
#[derive(Debug, Default)]
pub(crate) struct Known(Option<Vec<Field>>);

impl Known {
    /// Returns them.
    fn fields(&mut self, conn: &mut Conn, user: Id) -> Result<&[Field]> {
        if self.0.is_none() {
            self.0 = Some(all(conn, user)?);
        }
        Ok(self.0.as_deref().unwrap_or_default())
    }

    /// Returns what a condition asks of the store.
    ///
    /// # Errors
    /// `Invalid` for a name that no field has, and for what cannot be compared with its values.
    pub(crate) fn test(&mut self, conn: &mut Conn, user: Id, test: &FieldTest) -> Result<Query<Test>> {
        let fields = self.fields(conn, user)?;
        let Some(field) = fields.iter().find(|field| fold(&field.name) == fold(&test.name)) else {
            let unknown = query::unknown_field(&test.name, fields.iter().map(|field| field.name.as_str()));
            return Err(test.place.told(unknown));
        };
        bounds(field, test).map_err(|error| test.place.told(error))
    }
}

fn bounds(field: &Field, test: &FieldTest) -> Result<Query<Test>> {
    let text = test.text.trim();
    let is = |bounds: Vec<(Bound, String)>| Query::Is(Test::Field(OfField::of(field), bounds));
    if test.comparison == FieldComparison::Any {
        return Ok(is(Vec::new()));
    }
    if test.comparison != FieldComparison::Is {
        if !field.has_order() {
            return Err(Error::invalid("q", format!("{} is text, which has no order to compare by", field.name))
                .hint(format!("write {}:{}", field.name, clip(text))));
        }
        let bound = match test.comparison {
            FieldComparison::Below => Bound::Below,
            FieldComparison::AtMost => Bound::AtMost,
            FieldComparison::Above => Bound::Above,
            _ => Bound::AtLeast,
        };
        return Ok(is(vec![(bound, key(field, test, text)?)]));
    }
    let mut any = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        match part.split_once("..").filter(|_| !matches!(field.kind, FieldKind::Text | FieldKind::Choice)) {
            Some((from, until)) => any.push(is(range(field, test, (from.trim(), until.trim()))?)),
            None if part.eq_ignore_ascii_case("none") => any.push(is(Vec::new()).negated()),
            None => any.push(is(vec![(Bound::Is, key(field, test, part)?)])),
        }
    }
    if any.len() == 1 { Ok(any.remove(0)) } else { Ok(Query::Any(any)) }
}

fn range(field: &Field, test: &FieldTest, (from, until): (&str, &str)) -> Result<Vec<(Bound, String)>> {
    let mut bounds = Vec::new();
    if !from.is_empty() {
        bounds.push((Bound::AtLeast, key(field, test, from)?));
    }
    if !until.is_empty() {
        bounds.push((Bound::AtMost, key(field, test, until)?));
    }
    match bounds.as_slice() {
        [] => Err(Error::invalid("q", format!("“..” of {} begins and ends nowhere", field.name))
            .hint(format!("write an end of it, as in {}:1..5", field.name))),
        [(_, from), (_, until)] if from > until => {
            Err(Error::invalid("q", format!("“{}” ends before it begins", shown(&clip(&test.text))))
                .hint("write the smaller end first"))
        }
        _ => Ok(bounds),
    }
}

/// Returns the key of a value that values are compared with.
fn key(field: &Field, test: &FieldTest, text: &str) -> Result<String> {
    let value = field.read(text, &test.read_in.context()?).map_err(|error| error.of_field("q"))?;
    let value: FieldValue = value.ok_or_else(|| {
        Error::invalid("q", format!("{} has no value to compare with", field.name))
            .hint(format!("write one behind it, or {}:none", field.name))
    })?;
    Ok(field.sort_key(&value))
}

/// Refuses to sort by a field that the reader does not have.
///
/// # Errors
/// `Invalid` for the first such key.
pub(crate) fn refuse_unknown_order(conn: &mut Conn, user: Id, page: &Page) -> Result<()> {
    let mut names = page.sort.iter().filter_map(|order| match &order.key {
        SortKey::Field(name) => Some(name),
        _ => None,
    });
    let Some(first) = names.next() else { return Ok(()) };
    let fields = all(conn, user)?;
    let unknown =
        std::iter::once(first).chain(names).find(|name| fields.iter().all(|field| fold(&field.name) != fold(name)));
    unknown.map_or(Ok(()), |name| Err(SortKey::unknown(name, fields.iter().map(|field| field.name.as_str()))))
}
