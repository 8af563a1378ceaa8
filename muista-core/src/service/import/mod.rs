//! The use case of import. An import is gathered part by part (`stage`) and put into effect at its end, in one
//! transaction, a step at a time (`put`); a task with an identifier that is here already is brought up to date, never
//! doubled. What is held of each task meanwhile is some twenty bytes (`roll`).

mod feed;
mod known;
mod occurrences;
mod put;
mod roll;
mod stage;

use std::sync::Arc;

use serde::Deserialize;

pub use stage::ImportStage;

use feed::{STEP, in_steps};
use known::{Known, Sentences};
use occurrences::Occurrences;
use put::{Pairs, Put, count};
use roll::Roll;
use stage::{Room, Staged};

use super::access::allowance;
use super::attachment::blocking;
use super::task::circles;
use super::tx::{Tx, bulk_transaction};
use super::{Caller, Service, field, task};
use crate::error::Result;
use crate::model::{Field, FieldKind, FieldName, Id, ImportBatch, ImportSummary, NewField, Scope, fold};
use crate::store;

/// What a task waits for.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Waiting {
    id: Id,
    depends_on: Vec<Id>,
}

/// Takes a part of an import; the last one puts all into effect.
pub async fn import(
    service: &Service,
    caller: &Caller,
    stage: &Arc<ImportStage>,
    part: ImportBatch,
) -> Result<ImportSummary> {
    caller.require(Scope::TasksWrite)?;
    let settings = service.settings();
    let limits = (caller.user != Id::LOCAL_USER).then_some(settings.quotas);
    let (stage, of) = (Arc::clone(stage), Arc::clone(&service.imports));
    let add = move || stage.add(&part, limits, &Room { folder: &settings.spool, of: &of });
    let Some(all) = blocking(add).await? else { return Ok(ImportSummary::default()) };
    let all = Arc::new(all);
    let (mut summary, told) = bulk_transaction(service, caller, move |tx| put_into_effect(tx, &all)).await?;
    summary.notices.extend(told.notices);
    Ok(summary)
}

fn put_into_effect(tx: &mut Tx<'_>, all: &Staged) -> Result<ImportSummary> {
    let roll = Roll::call(tx, all)?;
    allowance::count(tx, roll.new_ones())?;
    let order = roll.order(all)?;
    let known = Known::new(tx.owner(), &roll, &order);
    let (tags, moved, older) = (Pairs::default(), Vec::new(), Sentences::default());
    let (fields, misfits) = (fields(tx, all)?, Sentences::default());
    let summary = ImportSummary::default();
    let mut put =
        Put { known, force: all.force, summary, tags, moved, older, fields, misfits, series: Occurrences::default() };
    in_steps(all, roll.in_order(&order), |step| put.create(tx, step))?;
    put.tags.finish(tx.conn, store::tag::attach)?;
    in_steps(all, roll.old(), |step| put.update(tx, step))?;
    // What a task waits for may itself be new, so this comes when all are there.
    let (new, waiting) = roll.waiting(all)?;
    let mut pairs = Pairs::default();
    in_steps(all, new.into_iter(), |step| wait(tx, &put.known, &mut pairs, step))?;
    pairs.finish(tx.conn, store::dependency::insert)?;
    let Put { known, mut summary, moved, older, misfits, .. } = put;
    summary.notices = known.told();
    summary.notices.extend(misfits.all(|more| format!("{more} more values do not go with their fields: left out")));
    tell_older(older, &mut summary);
    drop(roll);
    // Only now everything is where it is to be.
    circles::refuse_parts(tx, &moved)?;
    circles::refuse_waiting(tx, waiting)?;
    for from in (0..).step_by(STEP) {
        let doomed = all.deleted(from, from + STEP)?;
        if doomed.is_empty() {
            break;
        }
        summary.deleted += delete(tx, &doomed)?;
    }
    Ok(summary)
}

/// Returns the account's own fields, where the import has values of some; those that are new are made, and told.
fn fields(tx: &mut Tx<'_>, all: &Staged) -> Result<Vec<Field>> {
    if all.fields.is_empty() {
        return Ok(Vec::new());
    }
    let owner = tx.owner();
    let mut fields = field::all(tx.conn, owner)?;
    for (name, kind) in &all.fields {
        if fields.iter().any(|known| fold(&known.name) == fold(name)) {
            continue;
        }
        let kind = if *kind == FieldKind::Choice { FieldKind::Text } else { *kind };
        fields.push(field::make(tx, NewField { name: FieldName::parse(name)?, kind, choices: Vec::new() })?);
        tx.notice(format!("made the field {name} ({kind})"));
    }
    Ok(fields)
}

/// Has new tasks wait for what is there now.
fn wait(tx: &mut Tx<'_>, known: &Known<'_>, pairs: &mut Pairs, step: Vec<(u32, Waiting)>) -> Result<()> {
    let outside = known.outside(tx, step.iter().flat_map(|(_, task)| &task.depends_on))?;
    let waits = step.iter().flat_map(|(_, task)| {
        let id = known.own(task.id);
        known.waits(id, &task.depends_on, &outside).into_iter().map(move |before| (id, before))
    });
    pairs.add(tx.conn, waits, store::dependency::insert)
}

/// Deletes those of these tasks that are the caller's; returns how many went, with their parts.
fn delete(tx: &mut Tx<'_>, ids: &[Id]) -> Result<u64> {
    let owner = tx.owner();
    let places = store::task::places(tx.conn, ids)?;
    let own = places.into_iter().filter_map(|(id, of, _)| (of == owner).then_some(id)).collect();
    Ok(count(task::delete_ids(tx, own)?.len()))
}

/// Names the tasks that were changed here later than in the file, and stayed.
fn tell_older(older: Sentences, summary: &mut ImportSummary) {
    summary.notices.extend(older.all(|more| format!("{more} more were changed here later: they stay")));
    if summary.older > 0 {
        summary.notices.push("--force gives them the file's values all the same".to_owned());
    }
}
