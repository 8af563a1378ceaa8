//! The filter that a query becomes: what a filter has a field for goes there, where the store has an index for it; all else
//! stays a term.

use crate::error::{Error, Result};
use crate::model::{Belonging, Condition, DateCondition, DateField, Query, Status, TaskFilter};

/// Returns `filter` with what a query asks for beside it; of tasks of `status` where the query says none.
///
/// # Errors
/// `Invalid` where a task's project, parent or status is asked for twice, since it has but one.
pub fn read_filter(query: Query, filter: TaskFilter, status: Status) -> Result<TaskFilter> {
    let (says_status, has_view) = (says_status(&query), has_view(&query));
    let mut narrowed =
        Narrowed { of_flags: (!filter.categories.is_empty(), !filter.priorities.is_empty()), filter, status: None };
    narrowed.take(query, false)?;
    let Narrowed { mut filter, status: said, .. } = narrowed;
    filter.status = match said {
        Some(said) => said,
        // What was done then is done.
        None if filter.completed.is_some() => Status::Done,
        None if says_status => Status::All,
        None => {
            filter.status_of_views = has_view;
            status
        }
    };
    if filter.status == Status::Open && !filter.status_of_views {
        filter.terms.retain(|term| *term != Query::Is(Condition::Unfinished));
    }
    Ok(filter)
}

/// Returns a query that asks for tasks of `status` where it says none. One that names a view stays as it is: only that view
/// tells.
#[must_use]
pub fn with_status(query: Query, status: Status) -> Query {
    if says_status(&query) || has_view(&query) {
        return query;
    }
    let status = Query::Is(Condition::Status(status));
    match query {
        Query::All(queries) => Query::All([status].into_iter().chain(queries).collect()),
        query => Query::All(vec![status, query]),
    }
}

/// Whether a query names a view.
#[must_use]
pub fn has_view(query: &Query) -> bool {
    let mut has = false;
    query.each(&mut |condition| has |= matches!(condition, Condition::View(_)));
    has
}

/// Whether a query says, anywhere, whether tasks are done.
pub(crate) fn says_status(query: &Query) -> bool {
    match query {
        Query::All(queries) | Query::Any(queries) => queries.iter().any(says_status),
        // What does not wait may be done, but nobody asked for what is.
        Query::Not(query) => **query != Query::Is(Condition::Status(Status::Waiting)) && says_status(query),
        Query::Is(condition) => matches!(condition, Condition::Status(_) | Condition::Completed(_)),
    }
}

struct Narrowed {
    filter: TaskFilter,
    status: Option<Status>,
    /// Whether flags named categories, and priorities: one that stands beside them as a word is one more of them.
    of_flags: (bool, bool),
}

impl Narrowed {
    /// Takes a query; one that is `closed` is a condition of its own beside what flags name.
    fn take(&mut self, query: Query, closed: bool) -> Result<()> {
        let alone = |query: &Query| matches!(query, Query::All(queries) if queries.len() == 1);
        match query {
            Query::All(queries) => {
                let closed = queries.len() == 1;
                queries.into_iter().try_for_each(|query| {
                    let closed = closed || alone(&query);
                    self.take(query, closed)
                })
            }
            Query::Is(condition) => self.condition(condition, closed),
            Query::Not(query) => {
                self.without(*query);
                Ok(())
            }
            query @ Query::Any(_) => {
                self.filter.terms.push(query);
                Ok(())
            }
        }
    }

    fn condition(&mut self, condition: Condition, closed: bool) -> Result<()> {
        let filter = &mut self.filter;
        match condition {
            Condition::Status(status) => once(&mut self.status, status, "status")?,
            Condition::Date(DateCondition { field: DateField::Due, when }) if filter.due.is_none() => {
                filter.due = Some(when);
            }
            Condition::Completed(span) if filter.completed.is_none() => filter.completed = Some(span),
            Condition::Categories(some) if filter.categories.is_empty() || self.of_flags.0 && !closed => {
                filter.categories.extend(some);
            }
            Condition::Priorities(some)
                if !some.is_empty() && (filter.priorities.is_empty() || self.of_flags.1 && !closed) =>
            {
                filter.priorities.extend(some);
            }
            Condition::Projects(mut some) if some.len() == 1 => {
                some.pop().map_or(Ok(()), |project| once(&mut filter.project, project, "project"))?;
            }
            Condition::Parents(mut some) if some.len() == 1 => {
                some.pop().map_or(Ok(()), |parent| once(&mut filter.parent, parent, "parent"))?;
            }
            Condition::Tags(some) if some.len() == 1 => filter.tags.extend(some),
            Condition::Text(text) => filter.search.push(text),
            Condition::Has(belonging) => self.belonging(belonging, true),
            condition => filter.terms.push(Query::Is(condition)),
        }
        Ok(())
    }

    fn without(&mut self, query: Query) {
        match query {
            Query::Is(Condition::Tags(some)) => self.filter.without_tags.extend(some),
            Query::Is(Condition::Has(Belonging::Tag)) => self.filter.untagged = true,
            Query::Is(Condition::Has(belonging)) => self.belonging(belonging, false),
            query => self.filter.terms.push(query.negated()),
        }
    }

    fn belonging(&mut self, belonging: Belonging, wanted: bool) {
        let filter = &mut self.filter;
        let field = match belonging {
            Belonging::Reminder => &mut filter.has_reminder,
            Belonging::Job => &mut filter.script,
            Belonging::OpenPrerequisite => &mut filter.blocked,
            _ => {
                let has = Query::Is(Condition::Has(belonging));
                filter.terms.push(if wanted { has } else { has.negated() });
                return;
            }
        };
        match field {
            None => *field = Some(wanted),
            Some(there) if *there == wanted => {}
            // Both at once: nothing is so.
            Some(_) => filter.terms.push(Query::Any(Vec::new())),
        }
    }
}

fn once<T: PartialEq>(place: &mut Option<T>, value: T, name: &str) -> Result<()> {
    if place.as_ref().is_some_and(|there| *there != value) {
        return Err(Error::invalid(name, format!("{name} is given twice, and a task has only one"))
            .hint(format!("give it once; for any of several write a list, as in {name}:a,b")));
    }
    *place = Some(value);
    Ok(())
}
