//! The use case of finding a record by a part of its id, among what the caller sees: for all ways in alike.

use std::collections::HashMap;

use super::access::Access;
use super::{Caller, Service, run};
use crate::error::{Error, Result};
use crate::model::{Id, RecordKind, RecordRef, Scope, ShortId};
use crate::store::{self, Conn};

/// How many candidates an error tells.
const TOLD: usize = 5;

/// Returns the id of a record that is named by it or by a part of it. Whether there is one of a whole id is left to who looks
/// at it.
///
/// # Errors
/// As [`find`].
pub async fn resolve(service: &Service, caller: &Caller, kind: RecordKind, named: RecordRef) -> Result<Id> {
    match named {
        RecordRef::Id(id) => Ok(id),
        RecordRef::Short(short) => find(service, caller, kind, short).await,
    }
}

/// Returns the id of the only record of this kind that the caller sees and that goes by that.
///
/// # Errors
/// `NotFound` when there is none, `Conflict` with some of them where there are several.
pub async fn find(service: &Service, caller: &Caller, kind: RecordKind, short: ShortId) -> Result<Id> {
    caller.require(scope(kind))?;
    let (user, runs_of, text) = (caller.user, run::owner_of(caller), short.clone());
    let work = move |conn: &mut Conn| {
        let text = &text;
        match kind {
            RecordKind::Reminder => of_seen_tasks(conn, user, |conn| store::short_id::reminders(conn, text)),
            RecordKind::Comment => of_seen_tasks(conn, user, |conn| store::short_id::comments(conn, text)),
            RecordKind::Attachment => of_seen_tasks(conn, user, |conn| store::short_id::attachments(conn, text)),
            RecordKind::Notification => store::short_id::notifications(conn, user, text),
            RecordKind::Run => store::short_id::runs(conn, runs_of, text),
            RecordKind::Device => store::short_id::devices(conn, user, text),
            RecordKind::Change => store::short_id::changes(conn, user, text),
        }
    };
    only(kind, &short, service.store.read(work).await?)
}

fn scope(kind: RecordKind) -> Scope {
    match kind {
        RecordKind::Reminder | RecordKind::Comment | RecordKind::Attachment => Scope::TasksRead,
        RecordKind::Notification => Scope::NotificationsRead,
        RecordKind::Run => Scope::JobsRead,
        RecordKind::Device => Scope::DevicesRead,
        RecordKind::Change => Scope::AuditRead,
    }
}

/// Returns those records, found with their tasks, whose tasks `user` sees.
fn of_seen_tasks(conn: &mut Conn, user: Id, find: impl FnOnce(&mut Conn) -> Result<Vec<(Id, Id)>>) -> Result<Vec<Id>> {
    let found = find(conn)?;
    let tasks: Vec<Id> = found.iter().map(|(_, task)| *task).collect();
    let places: HashMap<Id, (Id, Option<Id>)> =
        store::task::places(conn, &tasks)?.into_iter().map(|(id, owner, project)| (id, (owner, project))).collect();
    let (mut access, mut seen) = (Access::of(user), Vec::new());
    for (id, task) in found {
        let Some((owner, project)) = places.get(&task) else { continue };
        if access.permission(conn, *owner, *project)?.is_some() {
            seen.push(id);
        }
    }
    Ok(seen)
}

fn only(kind: RecordKind, short: &ShortId, mut found: Vec<Id>) -> Result<Id> {
    match found.as_slice() {
        [] => Err(Error::not_found(format!("{kind} {short}")).hint(format!("{} shows what there is", list_of(kind)))),
        [one] => Ok(*one),
        several => {
            let (count, length) = (several.len(), ShortId::length(several.iter().copied(), ShortId::LEAST));
            found.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
            let mut some: Vec<String> = found.iter().take(TOLD).map(|id| id.short(length)).collect();
            if count > TOLD {
                some.push("…".to_owned());
            }
            Err(Error::conflict(format!("{short} may be one of {count} {kind}s: {}", some.join(", ")))
                .hint("give the characters that stand here, the newest first"))
        }
    }
}

/// Returns the command that lists records of a kind.
fn list_of(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Reminder => "`muista reminder ls --all`",
        RecordKind::Comment => "`muista comment 7`",
        RecordKind::Attachment => "`muista attach 7`",
        RecordKind::Notification => "`muista notifications ls`",
        RecordKind::Run => "`muista run ls`",
        RecordKind::Device => "`muista device ls`",
        RecordKind::Change => "`muista log`",
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn of_several_records_some_are_told_the_newest_first() {
        let id = |at: u32, end: &str| format!("0199c0de-{at:04}-7000-8000-{end}").parse::<Id>().unwrap();
        let short: ShortId = "abcd".parse().unwrap();
        assert_eq!(only(RecordKind::Run, &short, vec![id(1, "abcd00000001")]).unwrap(), id(1, "abcd00000001"));
        let two = vec![id(1, "abcd00000001"), id(2, "abcdef000001")];
        let error = only(RecordKind::Run, &short, two).unwrap_err();
        assert_eq!(error.message, "abcd may be one of 2 runs: abcde, abcd0");
        let many = (0..8).map(|at| id(at, &format!("abcd0000000{at}"))).collect();
        let error = only(RecordKind::Comment, &short, many).unwrap_err();
        assert!(
            error.message.starts_with("abcd may be one of 8 comments: abcd00000007, ")
                && error.message.ends_with(", …")
        );
        assert!(only(RecordKind::Reminder, &short, Vec::new()).unwrap_err().message.contains("reminder abcd"));
    }
}
