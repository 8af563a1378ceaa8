//! The law of lists: whatever the tasks, the filter, the order and the page sizes, the pages put together are what a
//! plain search and sort in memory gives, on both databases.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use muista_core::input::query::read_filter;
use muista_core::model::*;
use muista_core::time::{Instant, Range};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::query_oracle;
use crate::world::*;

pub(crate) const ZONES: [&str; 4] = ["UTC", "Europe/Helsinki", "Pacific/Kiritimati", "Etc/GMT+12"];
const HOUR: i64 = 3_600_000_000;

const KEYS: [&str; 13] = [
    "due",
    "priority",
    "created",
    "updated",
    "completed",
    "number",
    "title",
    "category",
    "project",
    "start",
    "deadline",
    "estimate",
    "position",
];

/// Few values, so that many are equal.
pub(crate) fn moment() -> impl Strategy<Value = Instant> {
    (-2..3i64).prop_map(|day| Instant::from_micros(1_795_255_200_000_000 + day * 86_400_000_000).unwrap())
}

pub(crate) fn name() -> impl Strategy<Value = &'static str> {
    select(vec!["a", "B", "ä", "Zz", "100%", "a_b", "Ääkkönen", "kköne", "\"quoted\" \\ text", "quoted"])
}

/// A start on a day that begins then in some zone, or at an instant; a deadline, an estimate, a place.
fn planning() -> impl Strategy<Value = Planning> {
    let on = |hours: Option<i64>, at: Instant| {
        hours.map(|hours| Instant::from_micros(at.as_micros() + hours * HOUR).unwrap().date_in(&TimeZone::UTC))
    };
    let start =
        (moment(), proptest::option::of(-9..14i64)).prop_map(move |(at, hours)| Start::At { at, on: on(hours, at) });
    let deadline = (moment(), proptest::option::of(-12..14i64)).prop_map(move |(at, hours)| {
        serde_json::from_value::<Due>(serde_json::json!({ "at": at, "on": on(hours, at) })).unwrap()
    });
    let rest = (proptest::option::of(0..4i64), proptest::option::of(-2..3i64));
    let (start, deadline) = (proptest::option::of(start), proptest::option::of(deadline));
    (start, deadline, rest).prop_map(|(start, deadline, (estimate, position))| Planning {
        start: Change::from_option(start),
        deadline: Change::from_option(deadline),
        estimate: Change::from_option(estimate.map(|n| WorkTime::of_seconds(n * 900))),
        position: Change::from_option(position),
    })
}

fn task() -> impl Strategy<Value = ImportTask> {
    let texts = (name(), proptest::option::of(name()), proptest::option::of(name()));
    // A day that ends then in some zone.
    let due = (moment(), proptest::option::of(-12..14i64));
    let times = (moment(), moment(), proptest::option::of(moment()), proptest::option::of(due));
    let kinds = (select(&Category::ALL[..3]), select(Priority::ALL));
    let names = (
        proptest::option::of(select(vec!["home", "Work", "Home.Kitchen", "homework"])),
        subsequence(vec!["x", "Y", "z"], 0..=3),
    );
    let all = (texts, times, kinds, names, planning());
    all.prop_map(|((title, note, description), times, (category, priority), names, planning)| {
        let (created_at, updated_at, completed_at, due) = times;
        let due = due.map(|(at, on)| {
            let on =
                on.map(|hours| Instant::from_micros(at.as_micros() + hours * HOUR).unwrap().date_in(&TimeZone::UTC));
            serde_json::from_value(serde_json::json!({ "at": at, "on": on })).unwrap()
        });
        let (in_project, tagged) = names;
        ImportTask {
            note: note.map(text),
            description: description.map(text),
            category,
            priority,
            due,
            planning,
            completed_at,
            project: in_project.map(project_name),
            tags: tags(&tagged),
            created_at,
            updated_at: Some(updated_at),
            ..imported(0, title)
        }
    })
}

/// Mostly nothing, so that lists stay long enough for several pages.
fn seldom<T: Clone + std::fmt::Debug + 'static>(some: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    let most = some.len();
    prop_oneof![3 => Just(Vec::new()), 1 => subsequence(some, 1..=most)]
}

fn filter() -> impl Strategy<Value = TaskFilter> {
    let status = select(vec![Status::All, Status::All, Status::Open, Status::Waiting, Status::Done]);
    let range = (proptest::option::of(moment()), proptest::option::of(moment()));
    let due = proptest::option::weighted(
        0.3,
        prop_oneof![
            Just(DueFilter::Unset),
            (range, select(ZONES.to_vec())).prop_map(|((from, until), zone)| {
                let zone = muista_core::time::zone(zone).unwrap();
                DueFilter::Within(DueSpan::new(Range { from, until }, &zone))
            }),
        ],
    );
    let kinds = (seldom(Category::ALL[..3].to_vec()), seldom(Priority::ALL.to_vec()));
    let in_project = select(vec![None, None, None, None, None, None, Some("none"), Some("HOME"), Some("work")]);
    let tagged = (seldom(vec!["X", "y"]), seldom(vec!["z"]), proptest::bool::weighted(0.1));
    let words = prop_oneof![3 => Just(Vec::new()), 1 => proptest::collection::vec(name(), 1..3)];
    let terms = prop_oneof![
        Just(Vec::new()),
        proptest::collection::vec(query_oracle::query(), 1..3),
        proptest::collection::vec(query_oracle::alike(), 2..5),
    ];
    let all = (status, due, kinds, in_project, tagged, words, terms);
    all.prop_map(|(status, due, kinds, in_project, tagged, words, terms)| TaskFilter {
        status,
        due,
        categories: kinds.0,
        priorities: kinds.1,
        project: in_project.map(|name| name.parse().unwrap()),
        tags: tags(&tagged.0),
        without_tags: tags(&tagged.1),
        untagged: tagged.2,
        search: words.into_iter().map(str::to_owned).collect(),
        terms,
        ..TaskFilter::default()
    })
}

fn sort() -> impl Strategy<Value = Vec<SortOrder>> {
    let order = (select(KEYS.to_vec()), any::<bool>())
        .prop_map(|(key, down)| format!("{}{key}", if down { "-" } else { "" }).parse().unwrap());
    proptest::collection::vec(order, 0..4)
}

pub(crate) fn search_key(task: &Task) -> String {
    let texts = [Some(&task.title), task.description.as_ref(), task.note.as_ref()];
    texts.into_iter().flatten().map(|text| text.to_lowercase()).collect::<Vec<_>>().join("\n")
}

fn holds(filter: &TaskFilter, task: &Task) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let has = |tag: &TagName| task.tags.iter().any(|name| lower(name) == lower(tag));
    let key = search_key(task);
    query_oracle::holds(&Query::Is(Condition::Status(filter.status)), task)
        && (match &filter.due {
            None => true,
            Some(DueFilter::Unset) => task.due_date.is_none(),
            Some(DueFilter::Within(span)) => span.holds(task),
        })
        && (filter.categories.is_empty() || filter.categories.contains(&task.category))
        && (filter.priorities.is_empty() || filter.priorities.contains(&task.priority))
        && filter
            .project
            .iter()
            .all(|project| query_oracle::holds(&Query::Is(Condition::Projects(vec![project.clone()])), task))
        && filter.terms.iter().all(|term| query_oracle::holds(term, task))
        && filter.tags.iter().all(has)
        && !filter.without_tags.iter().any(has)
        && (!filter.untagged || task.tags.is_empty())
        && filter.search.iter().all(|word| key.contains(&lower(word)))
}

fn compare(order: &SortOrder, a: &Task, b: &Task) -> Ordering {
    let far = |at: Option<Instant>| at.unwrap_or(Instant::MAX);
    let last = |number: Option<i64>| number.unwrap_or(i64::MAX);
    let name = |task: &Task| task.project.as_ref().map_or("\u{10FFFF}".to_owned(), |name| name.to_lowercase());
    let ascending = match &order.key {
        SortKey::Date(field) => far(a.date(*field).map(|date| date.at)).cmp(&far(b.date(*field).map(|date| date.at))),
        SortKey::Priority => a.priority.cmp(&b.priority),
        SortKey::Created => a.created_at.cmp(&b.created_at),
        SortKey::Updated => a.updated_at.cmp(&b.updated_at),
        SortKey::Completed => far(a.completed_at).cmp(&far(b.completed_at)),
        SortKey::Number => a.number.cmp(&b.number),
        SortKey::Title => search_key(a).cmp(&search_key(b)),
        SortKey::Category => a.category.as_str().cmp(b.category.as_str()),
        SortKey::Project => name(a).cmp(&name(b)),
        SortKey::Field(_) => unreachable!("not generated"),
        SortKey::Estimate => last(a.estimate.map(WorkTime::seconds)).cmp(&last(b.estimate.map(WorkTime::seconds))),
        SortKey::Position => last(a.position).cmp(&last(b.position)),
    };
    if order.descending { ascending.reverse() } else { ascending }
}

/// Terms hold the same tasks where a filter is made of them, as it is of a query that somebody wrote.
async fn the_same_as_a_filter(world: &World, all: &[Task], terms: &[Query]) {
    let query = Query::All(terms.to_vec());
    // A project or a status that is asked for twice is refused.
    let Ok(filter) = read_filter(query.clone(), TaskFilter::default(), Status::All) else { return };
    let page = Page { limit: Page::MAX, sort: vec!["number".parse().unwrap()], ..Page::default() };
    let found = world.client.list_tasks(filter, page).await.unwrap().items;
    let numbers = |tasks: &mut dyn Iterator<Item = &Task>| tasks.map(|task| task.number).collect::<Vec<_>>();
    let mut expected = numbers(&mut all.iter().filter(|task| query_oracle::holds(&query, task)));
    expected.sort_unstable();
    assert_eq!(numbers(&mut found.iter()), expected, "{query}");
}

type Question = (TaskFilter, Vec<SortOrder>, Vec<u32>);

async fn answers(world: &World, mut tasks: Vec<ImportTask>, questions: Vec<Question>) {
    for (n, task) in (1..).zip(&mut tasks) {
        task.id = id(n);
    }
    let count = tasks.len();
    world.import(tasks).await.unwrap();
    let everything = TaskFilter { status: Status::All, ..TaskFilter::default() };
    let page = Page { limit: Page::MAX, ..Page::default() };
    let all = world.client.list_tasks(everything, page).await.unwrap().items;
    assert_eq!(all.len(), count);
    for (filter, sort, sizes) in questions {
        the_same_as_a_filter(world, &all, &filter.terms).await;
        let mut expected: Vec<&Task> = all.iter().filter(|task| holds(&filter, task)).collect();
        let due: SortOrder = "due".parse().unwrap();
        let order = if sort.is_empty() { std::slice::from_ref(&due) } else { &sort };
        expected.sort_by(|a, b| {
            let keys = order.iter().map(|order| compare(order, a, b));
            keys.fold(Ordering::Equal, Ordering::then).then(a.number.cmp(&b.number))
        });
        let (mut found, mut cursor) = (Vec::new(), None);
        for size in sizes.iter().cycle() {
            let page = Page { limit: *size, cursor, sort: sort.clone(), total: true, ..Page::default() };
            let page = world.client.list_tasks(filter.clone(), page).await.unwrap();
            assert!(page.items.len() <= usize::try_from(*size).unwrap());
            assert_eq!(page.total, Some(i64::try_from(expected.len()).unwrap()));
            found.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let numbers = |tasks: &mut dyn Iterator<Item = &Task>| tasks.map(|task| task.number).collect::<Vec<_>>();
        assert_eq!(numbers(&mut found.iter()), numbers(&mut expected.into_iter()), "{filter:?} {sort:?} {sizes:?}");
    }
}

fn questions() -> impl Strategy<Value = Vec<Question>> {
    let sizes = proptest::collection::vec(1..6u32, 1..4);
    proptest::collection::vec((filter(), sort(), sizes), 12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_sqlite(tasks in proptest::collection::vec(task(), 0..40), questions in questions()) {
        run(Kind::Sqlite, async |world| answers(world, tasks, questions).await);
    }

    #[test]
    fn on_postgres(tasks in proptest::collection::vec(task(), 0..40), questions in questions()) {
        run(Kind::Postgres, async |world| answers(world, tasks, questions).await);
    }
}
