//! The terms of a query as conditions on tasks: what is joined by *or*, and what is left out. Each is false, never unknown,
//! where a task lacks the value it is about, so that *not* makes it true.

use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::conditions::{OnTasks, WAITS, date_within, due_within, started, with_date};
use crate::model::{Belonging, DateField, DueFilter, DueSpan, Query, Status};
use crate::store::list::{Bound, InProject, ListFilter, OfField, OwnerFilter, Test};
use crate::store::schema::{comments, fields, tags, task_fields, task_tags, tasks};
use crate::store::types::RowDay;
use crate::time::{Instant, Range};

/// Returns the condition that a term is, on the tasks that `filter` is about.
pub(super) fn holds(term: &Query<Test>, filter: &ListFilter) -> OnTasks {
    match term {
        Query::All(terms) => {
            let each = terms.iter().map(|term| holds(term, filter));
            each.reduce(|all, term| Box::new(all.and(term))).unwrap_or_else(|| constant(true))
        }
        Query::Any(terms) => {
            let each = terms.iter().map(|term| holds(term, filter));
            each.reduce(|any, term| Box::new(any.or(term))).unwrap_or_else(|| constant(false))
        }
        Query::Not(term) => Box::new(not(holds(term, filter))),
        Query::Is(test) => passes(test, filter),
    }
}

fn constant(holds: bool) -> OnTasks {
    Box::new(sql::<Bool>(if holds { "TRUE" } else { "FALSE" }))
}

fn passes(test: &Test, filter: &ListFilter) -> OnTasks {
    match test {
        Test::Status(Status::Open) => Box::new(tasks::completed_at.is_null().and(started(filter.now))),
        Test::Status(Status::Waiting) => Box::new(tasks::completed_at.is_null().and(not(started(filter.now)))),
        Test::Unfinished => Box::new(tasks::completed_at.is_null()),
        Test::Waiting => Box::new(not(started(filter.now))),
        Test::Status(Status::Done) => Box::new(tasks::completed_at.is_not_null()),
        Test::Status(Status::All) => constant(true),
        Test::Date(DateField::Due, DueFilter::Unset) => Box::new(tasks::due_key.eq(Instant::MAX)),
        Test::Date(DateField::Due, DueFilter::Within(span)) => due_within(*span),
        Test::Date(field, DueFilter::Unset) => with_date!(field, (at, _on) => Box::new(at.is_null())),
        Test::Date(field, DueFilter::Within(span)) => with_date!(field, (at, on) => date_within!(at, on, *span)),
        Test::Estimate(from, until) => {
            let is_so = tasks::estimate.assume_not_null().between(*from, *until);
            Box::new(tasks::estimate.is_not_null().and(is_so))
        }
        Test::Created(range) => {
            within(*range, |from| Box::new(tasks::created_at.ge(from)), |until| Box::new(tasks::created_at.lt(until)))
        }
        Test::Updated(range) => {
            within(*range, |from| Box::new(tasks::updated_at.ge(from)), |until| Box::new(tasks::updated_at.lt(until)))
        }
        Test::Completed(range) => {
            let at = tasks::completed_at.assume_not_null();
            let span = within(*range, |from| Box::new(at.ge(from)), |until| Box::new(at.lt(until)));
            Box::new(tasks::completed_at.is_not_null().and(span))
        }
        Test::Number(from, until) => Box::new(tasks::number.between(*from, *until)),
        Test::Categories(some) => Box::new(tasks::category.eq_any(some.clone())),
        Test::Priorities(some) => Box::new(tasks::priority.eq_any(some.clone())),
        Test::Project(InProject::None) => Box::new(tasks::project_id.is_null()),
        Test::Project(InProject::Any(ids)) => {
            let is_one = tasks::project_id.assume_not_null().eq_any(ids.clone());
            Box::new(tasks::project_id.is_not_null().and(is_one))
        }
        Test::Tags(keys) => tagged(keys, filter),
        Test::Parents(ids) => {
            let is_one = tasks::parent_id.assume_not_null().eq_any(ids.clone());
            Box::new(tasks::parent_id.is_not_null().and(is_one))
        }
        Test::Text(text) => has_text(text),
        Test::Has(belonging) => has(*belonging),
        Test::Field(field, bounds) => valued(field, bounds, filter),
    }
}

/// Whether a task has a value of an own field within these bounds.
fn valued(field: &OfField, bounds: &[(Bound, String)], filter: &ListFilter) -> OnTasks {
    let of_task = task_fields::table.filter(task_fields::task_id.eq(tasks::id));
    // There are two at most; in place of one that is not there stands what is always so.
    let always = (Bound::AtLeast, String::new());
    let compared = |place: usize| {
        let (bound, key) = bounds.get(place).unwrap_or(&always);
        sql::<Bool>("task_fields.sort_key ").sql(bound.sign()).sql(" ").bind::<Text, _>(key.clone())
    };
    let within = compared(0).and(compared(1));
    match &filter.owners {
        OwnerFilter::Own(_) => Box::new(exists(of_task.filter(task_fields::field_id.eq(field.own)).filter(within))),
        OwnerFilter::Others(..) | OwnerFilter::Anybody => {
            let named =
                fields::table.filter(fields::name_key.eq(field.name.clone())).filter(fields::kind.eq(field.kind));
            let those = task_fields::field_id.eq_any(named.select(fields::id));
            Box::new(exists(of_task.filter(those).filter(within)))
        }
    }
}

/// Whether a text, which is folded, is in one of the task or of a comment on it.
pub(super) fn has_text(text: &str) -> OnTasks {
    let on_it = comments::table.filter(comments::task_id.eq(tasks::id));
    let in_comment = exists(on_it.filter(holds!(comments::search_key, text.to_owned())));
    Box::new(holds!(tasks::search_key, text.to_owned()).or(in_comment))
}

fn within(Range { from, until }: Range, ge: impl Fn(Instant) -> OnTasks, lt: impl Fn(Instant) -> OnTasks) -> OnTasks {
    match (from, until) {
        (Some(from), Some(until)) => Box::new(ge(from).and(lt(until))),
        (Some(from), None) => ge(from),
        (None, Some(until)) => lt(until),
        (None, None) => constant(true),
    }
}

/// Whether a task has any of the tags of these names.
fn tagged(keys: &[String], filter: &ListFilter) -> OnTasks {
    let of_task = task_tags::table.filter(task_tags::task_id.eq(tasks::id));
    match &filter.owners {
        OwnerFilter::Own(_) => {
            let ids: Vec<_> = keys.iter().map(|key| filter.own_tag(key)).collect();
            Box::new(exists(of_task.filter(task_tags::tag_id.eq_any(ids))))
        }
        OwnerFilter::Others(..) | OwnerFilter::Anybody => {
            let named = task_tags::table.inner_join(tags::table).filter(task_tags::task_id.eq(tasks::id));
            Box::new(exists(named.filter(tags::name_key.eq_any(keys.to_vec()))))
        }
    }
}

/// Whether a task has something.
fn has(belonging: Belonging) -> OnTasks {
    Box::new(sql::<Bool>(match belonging {
        Belonging::Date(field) => return with_date!(field, (at, _on) => Box::new(at.is_not_null())),
        Belonging::Description => "tasks.description IS NOT NULL",
        Belonging::Note => "tasks.note IS NOT NULL",
        Belonging::Estimate => "tasks.estimate IS NOT NULL",
        Belonging::Project => "tasks.project_id IS NOT NULL",
        Belonging::Tag => "EXISTS (SELECT 1 FROM task_tags WHERE task_tags.task_id = tasks.id)",
        Belonging::Parent => "tasks.parent_id IS NOT NULL",
        Belonging::Subtask => "EXISTS (SELECT 1 FROM tasks AS part WHERE part.parent_id = tasks.id)",
        Belonging::Reminder => {
            "EXISTS (SELECT 1 FROM reminders WHERE reminders.task_id = tasks.id AND reminders.next_trigger_at IS NOT NULL)"
        }
        Belonging::Job => "EXISTS (SELECT 1 FROM jobs WHERE jobs.task_id = tasks.id)",
        Belonging::Comment => "EXISTS (SELECT 1 FROM comments WHERE comments.task_id = tasks.id)",
        Belonging::Attachment => "EXISTS (SELECT 1 FROM attachments WHERE attachments.task_id = tasks.id)",
        Belonging::OpenPrerequisite => WAITS,
        Belonging::OpenDependent => {
            "EXISTS (SELECT 1 FROM task_dependencies AS needs JOIN tasks AS after ON after.id = needs.task_id \
             WHERE needs.depends_on_id = tasks.id AND after.completed_at IS NULL)"
        }
        Belonging::Running => {
            "EXISTS (SELECT 1 FROM time_entries AS work WHERE work.task_id = tasks.id AND work.ended_at IS NULL)"
        }
        Belonging::Recurrence => "tasks.series_id IS NOT NULL",
        Belonging::Members => {
            "EXISTS (SELECT 1 FROM project_members AS other WHERE other.project_id = tasks.project_id)"
        }
    }))
}
