//! Random queries, and which tasks they hold by looking at each. The store's answer must be the same.

use muista_core::model::*;
use muista_core::time::{Context, Range};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::paging_law::{ZONES, moment, name, search_key};
use crate::world::*;

fn some<T: Clone + std::fmt::Debug + 'static>(all: &[T]) -> impl Strategy<Value = Vec<T>> + use<T> {
    subsequence(all.to_vec(), 1..=all.len().min(2))
}

fn range() -> impl Strategy<Value = Range> {
    (proptest::option::of(moment()), proptest::option::of(moment())).prop_map(|(from, until)| Range { from, until })
}

fn condition() -> impl Strategy<Value = Condition> {
    let field = select(DateField::ALL.to_vec());
    let date = (range(), select(ZONES.to_vec()), field.clone()).prop_map(|(range, zone, field)| {
        let zone = muista_core::time::zone(zone).unwrap();
        Condition::date(field, DueFilter::Within(DueSpan::new(range, &zone)))
    });
    let projects = some(&["none", "HOME", "home!", "work"]);
    let has = [Belonging::Description, Belonging::Note, Belonging::Project, Belonging::Tag, Belonging::Estimate];
    let dates = DateField::ALL.map(Belonging::Date);
    prop_oneof![
        select(vec![Status::Open, Status::Waiting, Status::Done, Status::All]).prop_map(Condition::Status),
        date,
        field.prop_map(|field| Condition::date(field, DueFilter::Unset)),
        select(vec![Condition::Waiting, Condition::Unfinished]),
        (0..3i64, 0..3i64).prop_map(|(from, length)| Condition::Estimate(from * 900, (from + length) * 900)),
        range().prop_map(Condition::Created),
        range().prop_map(Condition::Completed),
        (0i64..20, 0i64..20).prop_map(|(from, length)| Condition::Number(from, from + length)),
        some(&Category::ALL[..3]).prop_map(Condition::Categories),
        some(Priority::ALL).prop_map(Condition::Priorities),
        projects.prop_map(|names| Condition::Projects(names.iter().map(|name| name.parse().unwrap()).collect())),
        some(&["X", "y", "z", "nowhere"]).prop_map(|names| Condition::Tags(tags(&names))),
        name().prop_map(|text| Condition::Text(text.to_owned())),
        select([&has[..], &dates].concat()).prop_map(Condition::Has),
    ]
}

/// Few kinds of conditions, some left out, so that several beside each other are of one kind.
pub(crate) fn alike() -> impl Strategy<Value = Query> {
    let condition = prop_oneof![
        some(&Category::ALL[..3]).prop_map(Condition::Categories),
        some(Priority::ALL).prop_map(Condition::Priorities),
        some(&["X", "y", "z"]).prop_map(|names| Condition::Tags(tags(&names))),
        Just(Condition::date(DateField::Due, DueFilter::Unset)),
    ];
    (condition, proptest::bool::weighted(0.3)).prop_map(|(condition, is_out)| {
        let query = Query::Is(condition);
        if is_out { query.negated() } else { query }
    })
}

/// Queries of several levels.
pub(crate) fn query() -> impl Strategy<Value = Query> {
    condition().prop_map(Query::Is).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Query::All),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Query::Any),
            inner.prop_map(|query| Query::Not(Box::new(query))),
        ]
    })
}

/// Returns whether a task is among those that a query asks for.
pub(crate) fn holds(query: &Query, task: &Task) -> bool {
    match query {
        Query::All(queries) => queries.iter().all(|query| holds(query, task)),
        Query::Any(queries) => queries.iter().any(|query| holds(query, task)),
        Query::Not(query) => !holds(query, task),
        Query::Is(condition) => is(condition, task),
    }
}

/// Returns whether the start of a task is still to come, at noon in the zone of the tests.
fn waits(task: &Task) -> bool {
    let zone = muista_core::time::zone(ZONE).unwrap();
    let context = Context { now: instant(NOON), zone, date_order: None };
    Task { completed: false, ..task.clone() }.is_waiting(&context)
}

fn within(filter: &DueFilter, date: Option<TaskDate>) -> bool {
    match (filter, date) {
        (DueFilter::Unset, date) => date.is_none(),
        (DueFilter::Within(_), None) => false,
        (DueFilter::Within(DueSpan { on: days, .. }), Some(TaskDate { on: Some(day), .. })) => {
            days.from.is_none_or(|from| from <= day) && days.until.is_none_or(|until| day < until)
        }
        (DueFilter::Within(DueSpan { at: range, .. }), Some(TaskDate { at, .. })) => range.contains(at),
    }
}

fn is(condition: &Condition, task: &Task) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let project = task.project.as_deref().map(lower);
    match condition {
        Condition::Status(Status::Open) => !task.completed && !waits(task),
        Condition::Status(Status::Waiting) => !task.completed && waits(task),
        Condition::Waiting => waits(task),
        Condition::Status(Status::Done) => task.completed,
        Condition::Status(Status::All) => true,
        Condition::Unfinished => !task.completed,
        Condition::Date(DateCondition { field, when }) => within(when, task.date(*field)),
        Condition::Estimate(from, until) => {
            task.estimate.is_some_and(|estimate| (*from..=*until).contains(&estimate.seconds()))
        }
        Condition::Created(range) => range.contains(task.created_at),
        Condition::Updated(range) => range.contains(task.updated_at),
        Condition::Completed(range) => task.completed_at.is_some_and(|at| range.contains(at)),
        Condition::Number(from, until) => (*from..=*until).contains(&task.number),
        Condition::Categories(some) => some.contains(&task.category),
        Condition::Priorities(some) => some.contains(&task.priority),
        Condition::Projects(some) => some.iter().any(|filter| match filter {
            ProjectFilter::None => project.is_none(),
            ProjectFilter::Exactly(name) => project == Some(lower(&name.to_string())),
            ProjectFilter::Named(name) => project.as_ref().is_some_and(|project| {
                let name = lower(&name.to_string());
                *project == name || project.starts_with(&format!("{name}."))
            }),
        }),
        Condition::Tags(some) => some.iter().any(|tag| task.tags.iter().any(|name| lower(name) == lower(tag))),
        Condition::Text(text) => search_key(task).contains(&lower(text)),
        Condition::Has(Belonging::Description) => task.description.is_some(),
        Condition::Has(Belonging::Note) => task.note.is_some(),
        Condition::Has(Belonging::Date(field)) => task.date(*field).is_some(),
        Condition::Has(Belonging::Estimate) => task.estimate.is_some(),
        Condition::Has(Belonging::Project) => project.is_some(),
        Condition::Has(Belonging::Tag) => !task.tags.is_empty(),
        Condition::Has(_) | Condition::Parents(_) | Condition::View(_) | Condition::Field(_) => {
            unreachable!("not generated")
        }
    }
}
