//! The row of a series, from and to the noun.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Id, Series};
use crate::store::schema::series;
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `series`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = series, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct SeriesRow {
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) rule: String,
    pub(crate) words: String,
    pub(crate) from_completion: bool,
    pub(crate) timezone: String,
    pub(crate) anchor_at: Instant,
    pub(crate) end_at: Option<Instant>,
    pub(crate) template: Doc,
    pub(crate) version: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl SeriesRow {
    /// The series of this row.
    pub(crate) fn into_series(self) -> Result<Series> {
        Ok(Series {
            id: self.id,
            owner_id: self.owner_id,
            rule: self.rule,
            words: self.words,
            from_completion: self.from_completion,
            timezone: self.timezone,
            anchor_at: self.anchor_at,
            end_at: self.end_at,
            template: self.template.read()?,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    /// The row of a series.
    pub(crate) fn of(series: &Series) -> Result<Self> {
        Ok(Self {
            id: series.id,
            owner_id: series.owner_id,
            rule: series.rule.clone(),
            words: series.words.clone(),
            from_completion: series.from_completion,
            timezone: series.timezone.clone(),
            anchor_at: series.anchor_at,
            end_at: series.end_at,
            template: Doc::of(&series.template)?,
            version: series.version,
            created_at: series.created_at,
            updated_at: series.updated_at,
        })
    }
}
