//! The row of a view, from and to the noun.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Id, View, ViewName};
use crate::store::schema::views;
use crate::time::{DateOrder, Instant};

/// A row of `views`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = views, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ViewRow {
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) name: String,
    pub(crate) name_key: String,
    pub(crate) query: String,
    pub(crate) date_order: Option<String>,
    pub(crate) sort: Option<String>,
    pub(crate) shown_columns: Option<String>,
    pub(crate) group_by: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl ViewRow {
    /// The view of this row.
    pub(crate) fn into_view(self) -> Result<View> {
        Ok(View {
            id: self.id,
            owner_id: self.owner_id,
            name: self.name,
            query: self.query,
            date_order: self.date_order.map(|order| order.parse()).transpose()?,
            sort: self.sort.map(|sort| sort.parse()).transpose()?,
            columns: self.shown_columns.map(|columns| columns.parse()).transpose()?,
            group: self.group_by.map(|group| group.parse()).transpose()?,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }

    /// The row of a view.
    pub(crate) fn of(view: &View) -> Result<Self> {
        let order = |order: &DateOrder| match order {
            DateOrder::DayMonth => "dmy".to_owned(),
            DateOrder::MonthDay => "mdy".to_owned(),
        };
        Ok(Self {
            id: view.id,
            owner_id: view.owner_id,
            name: view.name.clone(),
            name_key: ViewName::parse(&view.name)?.key(),
            query: view.query.clone(),
            date_order: view.date_order.as_ref().map(order),
            sort: view.sort.as_ref().map(ToString::to_string),
            shown_columns: view.columns.as_ref().map(ToString::to_string),
            group_by: view.group.as_ref().map(ToString::to_string),
            version: view.version,
            created_at: view.created_at,
            updated_at: view.updated_at,
        })
    }
}
