//! Views where a query names them: what each stands for, read against the reader's clock and zone at the time of use. A
//! query that was saved while its views were there may name one that is gone, or, after an undo, itself: both are refused
//! as it is used.

use std::collections::HashSet;

use jiff::tz::TimeZone;

use super::{all, suggestion};
use crate::error::{Error, Result};
use crate::input::query::{self, has_view, read_filter, says_status};
use crate::model::{Condition, Id, Query, Status, TaskFilter, View, ViewName, ViewUse};
use crate::store::Conn;
use crate::time::{self, Context, Instant};

/// How deep views may be used in each other.
const DEPTH_MAX: usize = 10;

/// Returns a filter with what its views hold in their place.
///
/// # Errors
/// `Invalid` for a view that there is not, for one that uses itself, and for too many conditions.
pub(crate) fn expand(conn: &mut Conn, user: Id, filter: TaskFilter) -> Result<TaskFilter> {
    if !filter.terms.iter().any(has_view) {
        return Ok(filter);
    }
    let views = all(conn, user)?;
    let terms = Expansion::new(&views).terms(filter.terms.clone())?;
    Ok(narrowed(filter, terms))
}

/// Returns the filter with these terms in place of its own: what it has fields for goes there, where the store has an index
/// for it. What was said once already, as another project, stays a term.
fn narrowed(filter: TaskFilter, terms: Vec<Query>) -> TaskFilter {
    let said = |condition| Query::Is(condition);
    let mut parts = Vec::new();
    if !filter.status_of_views {
        parts.push(said(Condition::Status(filter.status)));
    }
    if !filter.categories.is_empty() {
        parts.push(said(Condition::Categories(filter.categories.clone())));
    }
    if !filter.priorities.is_empty() {
        parts.push(said(Condition::Priorities(filter.priorities.clone())));
    }
    parts.extend(terms.iter().cloned());
    let (categories, priorities) = (Vec::new(), Vec::new());
    let bare = TaskFilter { categories, priorities, terms: Vec::new(), status_of_views: false, ..filter.clone() };
    read_filter(Query::All(parts), bare, filter.status).unwrap_or_else(|_| {
        let is_said = filter.status_of_views && terms.iter().any(says_status);
        let status = if is_said { Status::All } else { filter.status };
        TaskFilter { status, status_of_views: false, terms, ..filter }
    })
}

/// Refuses a view whose query cannot be used: `views` are the others of its account, among which it may stand as it was.
///
/// # Errors
/// `Invalid`, naming what cannot be read, the view that there is not, or the circle.
pub(super) fn check(views: &[View], view: &View) -> Result<()> {
    let mut views: Vec<View> = views.iter().filter(|other| other.id != view.id).cloned().collect();
    views.push(view.clone());
    let name = ViewName::parse(&view.name)?;
    let itself = ViewUse { name, now: view.updated_at, timezone: "UTC".to_owned() };
    let read = Expansion::new(&views).terms(vec![Query::Is(Condition::View(itself))]);
    let filter = read.map(|terms| narrowed(TaskFilter { status_of_views: true, ..TaskFilter::default() }, terms));
    filter
        .and_then(|filter| filter.check())
        .map_err(|error| if error.field.as_deref() == Some("q") { error.of_field("query") } else { error })
}

/// Returns the names, as they are compared, of the views that a view uses. One that cannot be read uses none.
pub(super) fn uses(view: &View) -> HashSet<String> {
    let mut names = HashSet::new();
    let context = Context { now: view.updated_at, zone: TimeZone::UTC, date_order: view.date_order };
    if let Ok(query) = query::read(&view.query, &context) {
        query.each(&mut |condition| {
            if let Condition::View(used) = condition {
                names.insert(used.name.key());
            }
        });
    }
    names
}

/// Views being put in the place of their names.
struct Expansion<'a> {
    views: &'a [View],
    /// The views that the one in hand is used by.
    path: Vec<String>,
    /// How many conditions more there may be.
    left: usize,
}

impl<'a> Expansion<'a> {
    fn new(views: &'a [View]) -> Self {
        Self { views, path: Vec::new(), left: Query::<Condition>::CONDITIONS_MAX }
    }

    fn terms(&mut self, terms: Vec<Query>) -> Result<Vec<Query>> {
        terms.into_iter().map(|term| term.try_map(&mut |condition| self.condition(condition))).collect()
    }

    fn condition(&mut self, condition: Condition) -> Result<Query> {
        let Condition::View(used) = condition else { return Ok(Query::Is(condition)) };
        let key = used.name.key();
        if self.path.contains(&key) {
            return Err(Error::invalid("q", format!("the view :{} uses itself", used.name))
                .hint("take it out of its own query, or of those of the views that it uses"));
        }
        if self.path.len() >= DEPTH_MAX {
            return Err(Error::invalid("q", format!("views are used in each other more than {DEPTH_MAX} deep"))
                .hint("write the query of one of them out"));
        }
        let query = self.read(&used, &key)?;
        self.path.push(key);
        let query = query.try_map(&mut |condition| self.condition(condition))?;
        self.path.pop();
        // As what stands in parentheses.
        Ok(Query::All(vec![query]))
    }

    /// Reads a view's own query, and counts its conditions; of what has none but views, one.
    fn read(&mut self, used: &ViewUse, key: &str) -> Result<Query> {
        let is_it = |view: &&View| ViewName::parse(&view.name).is_ok_and(|name| name.key() == key);
        let Some(view) = self.views.iter().find(is_it) else {
            return Err(Error::invalid("q", format!("there is no view “{}”", used.name))
                .hint(suggestion(self.views, &used.name)));
        };
        let query = read_at(view, used.now, &used.timezone).map_err(|error| Error {
            message: format!("the view :{} cannot be read: {}", view.name, error.message),
            ..error
        })?;
        let mut count = 0;
        query.each(&mut |condition| count += usize::from(!matches!(condition, Condition::View(_))));
        self.left = self.left.checked_sub(count.max(1)).ok_or_else(|| {
            let max = Query::<Condition>::CONDITIONS_MAX;
            Error::invalid("q", format!("the views of this query hold more than {max} conditions"))
                .hint("ask in several queries")
        })?;
        Ok(query)
    }
}

/// Reads a view's query for a reader in a zone.
fn read_at(view: &View, now: Instant, timezone: &str) -> Result<Query> {
    let zone = time::zone(timezone)?;
    query::read(&view.query, &Context { now, zone, date_order: view.date_order })
}
