//! What to do next. A task's urgency is a sum, in the manner of Taskwarrior's: how soon it is due, how much it matters,
//! how old it is, whether it is in a project and tagged, and whether it waits for others or others wait for it.

use std::collections::{HashMap, HashSet};

use super::{Caller, Service, assemble, task};
use crate::error::Result;
use crate::model::{Id, NextQuery, Priority, RankedTask, Status, Task, TaskFilter, UrgencyPart};
use crate::store::rows::RankRow;
use crate::store::{self, Conn};
use crate::time::Instant;

/// A task a week overdue or more; one due in two weeks or later has a fifth of it.
const DUE: f64 = 12.0;
const PRIORITY_HIGH: f64 = 6.0;
const PRIORITY_MEDIUM: f64 = 2.0;
/// A task a year old or more.
const AGE: f64 = 2.0;
const PROJECT: f64 = 1.0;
/// Three tags or more; one has 0.8 of it, two 0.9.
const TAGS: f64 = 1.0;
/// Another open task waits for it.
const BLOCKING: f64 = 3.0;
/// It waits for another open task.
const BLOCKED: f64 = -5.0;

const DAY: f64 = 86_400e6;
/// How many tasks are looked at closely at once.
const STEP: usize = 200;
const LIMIT_MAX: u32 = 500;

/// The open tasks with the highest urgency, the highest first; of equal ones the one with the smaller number.
pub(crate) async fn rank(service: &Service, caller: &Caller, query: NextQuery) -> Result<Vec<RankedTask>> {
    let (owner, now) = (caller.user, service.now());
    let limit = usize::try_from(query.limit.clamp(1, LIMIT_MAX)).unwrap_or(STEP);
    let filter = TaskFilter { status: Status::Open, ..query.filter };
    service
        .store
        .read(move |conn| {
            let filter = task::conditions(conn, owner, filter)?;
            let rough = |row: RankRow| (rough(&row, now).iter().map(|(_, value)| value).sum::<f64>(), row);
            let mut rows: Vec<(f64, RankRow)> = store::task::rank(conn, &filter)?.into_iter().map(rough).collect();
            rows.sort_unstable_by(|(a, this), (b, that)| b.total_cmp(a).then(this.number.cmp(&that.number)));
            let mut ranked: Vec<RankedTask> = Vec::new();
            for step in rows.chunks(STEP) {
                // What is looked at closely can add this much at most; when that is too little, the rest is too.
                let best = hundredths(step.first().map_or(0.0, |(rough, _)| *rough) + TAGS + BLOCKING);
                if ranked.get(limit - 1).is_some_and(|last| last.urgency > best) {
                    break;
                }
                ranked.extend(closely(conn, owner, step, now)?);
                ranked.sort_by(|a, b| b.urgency.total_cmp(&a.urgency).then(a.task.number.cmp(&b.task.number)));
                ranked.truncate(limit);
            }
            Ok(ranked)
        })
        .await
}

/// The parts that a task's own row decides, to the hundredth, so that what is shown adds up.
fn rough(row: &RankRow, now: Instant) -> [(&'static str, f64); 4] {
    let micros = |from: Instant, to: Instant| {
        #[expect(clippy::cast_precision_loss, reason = "urgency needs no microseconds")]
        let span = to.as_micros().saturating_sub(from.as_micros()) as f64;
        span / DAY
    };
    let due = row.due_at.map_or(0.0, |due| DUE * due_share(micros(due, now)));
    let priority = match Priority::of_level(row.priority) {
        Priority::High => PRIORITY_HIGH,
        Priority::Medium => PRIORITY_MEDIUM,
        Priority::Low => 0.0,
    };
    let age = AGE * (micros(row.created_at, now) / 365.0).clamp(0.0, 1.0);
    let project = if row.project_id.is_some() { PROJECT } else { 0.0 };
    [("due", due), ("priority", priority), ("age", age), ("project", project)]
        .map(|(name, value)| (name, hundredths(value)))
}

/// How much of the due part counts, `overdue` days after it: 0.2 until two weeks before, 1 from a week after.
fn due_share(overdue: f64) -> f64 {
    ((overdue + 14.0) * 0.8 / 21.0 + 0.2).clamp(0.2, 1.0)
}

fn closely(conn: &mut Conn, owner: Id, rows: &[(f64, RankRow)], now: Instant) -> Result<Vec<RankedTask>> {
    let ids: Vec<Id> = rows.iter().map(|(_, row)| row.id).collect();
    let blocked: HashSet<Id> = store::dependency::open_blockers(conn, &ids)?.into_iter().collect();
    let blocking: HashSet<Id> = store::dependency::open_blocked(conn, &ids)?.into_iter().collect();
    let mut parts: HashMap<Id, Vec<UrgencyPart>> =
        rows.iter().map(|(_, row)| (row.id, rough(row, now).map(|(name, value)| part(name, value)).into())).collect();
    let ranked = |task: Task| {
        let mut why = parts.remove(&task.id).unwrap_or_default();
        why.push(part("tags", tags_share(task.tags.len()) * TAGS));
        why.push(part("blocking", if blocking.contains(&task.id) { BLOCKING } else { 0.0 }));
        why.push(part("blocked", if blocked.contains(&task.id) { BLOCKED } else { 0.0 }));
        why.retain(|part| part.value != 0.0);
        why.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
        let urgency = hundredths(why.iter().map(|part| part.value).sum());
        RankedTask { task, urgency, why }
    };
    Ok(assemble::by_ids(conn, owner, &ids)?.into_iter().map(ranked).collect())
}

fn tags_share(count: usize) -> f64 {
    match count {
        0 => 0.0,
        1 => 0.8,
        2 => 0.9,
        _ => 1.0,
    }
}

/// A part, to the hundredth, so that what is shown adds up.
fn part(name: &str, value: f64) -> UrgencyPart {
    UrgencyPart { name: name.to_owned(), value: hundredths(value) }
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
