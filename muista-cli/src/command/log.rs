//! `muista log`: the record of changes.

use std::collections::HashMap;

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{AuditEntry, AuditQuery, Entity, Id, TaskRef};
use muista_core::rpc::Client;
use muista_core::time::{Instant, When};

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{AuditIds, audit_display};

/// As many entries people see unless told otherwise.
const SHOWN: u32 = 20;
/// As many entries are asked for at once.
const PAGE: u32 = 500;

/// Show what was changed, the newest first
///
/// It shows 20 entries unless --limit says otherwise; the formats other than table give all. In JSON an entry has the
/// record before and after.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista log 7")]
pub(crate) struct Args {
    /// Only changes of this task, as in muista log 7
    #[arg(value_name = "ID", add = ArgValueCompleter::new(complete::all_tasks))]
    task: Option<TaskRef>,

    /// Only what this account, key or agent did, as in --actor zoe
    #[arg(long, value_name = "NAME")]
    actor: Option<String>,

    /// Only changes of this kind of record, as in --entity project
    #[arg(long, value_name = "KIND")]
    entity: Option<Entity>,

    /// Only changes from then on, as in --since yesterday
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,

    /// Maximum number of entries, as in --limit 100
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    let out = app.out()?;
    let wanted = args.limit.or(out.is_table().then_some(SHOWN));
    let since = args.since.as_deref().map(|text| since(app, text)).transpose()?;
    let (actor, entity) = (args.actor, args.entity);
    let mut query = AuditQuery { task: args.task, actor, entity, since, ..AuditQuery::default() };
    let mut list = (!out.is_table()).then(|| out.begin::<AuditEntry>());
    let (mut shown, mut text) = (0, String::new());
    loop {
        query.limit = wanted.map_or(PAGE, |wanted| wanted.saturating_sub(shown).min(PAGE));
        let page = client.list_audit(query.clone()).await?;
        match &mut list {
            Some(list) => list.rows(&page.items)?,
            None => {
                let ids = AuditIds::of(&page.items, numbers(&client, &page.items).await);
                for entry in &page.items {
                    text.push_str(&audit_display::entry(entry, &out.view, &ids)?);
                }
            }
        }
        shown = shown.saturating_add(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        query.before = page.next;
        if query.before.is_none() || wanted.is_some_and(|wanted| shown >= wanted) {
            break;
        }
    }
    if let Some(list) = list {
        return list.end();
    }
    out.page(&text)?;
    match (shown, query.before) {
        (0, _) => app.note("Nothing was changed yet."),
        (_, Some(_)) => app.note("There is more; see it with --limit."),
        (_, None) => {}
    }
    Ok(())
}

/// Returns the numbers of the other tasks that entries name, as far as they are still there. Only so many are looked up as
/// people see at once.
async fn numbers(client: &Client, entries: &[AuditEntry]) -> HashMap<Id, i64> {
    let mut numbers = HashMap::new();
    for id in AuditIds::tasks(entries).into_iter().take(SHOWN as usize) {
        if let Ok(detail) = client.get_task(id.into()).await {
            numbers.insert(id, detail.task.number);
        }
    }
    numbers
}

/// Returns the beginning of a date, or an instant.
pub(super) fn since(app: &CommandContext, text: &str) -> Result<Instant> {
    let context = app.context()?;
    let when = When::read(text, context).map_err(|e| Error { field: Some("since".to_owned()), ..e.into() })?;
    when.start(&context.zone).ok_or_else(|| {
        Error::invalid("since", "none is not a time").hint("say since when, as in --since yesterday").into()
    })
}
