//! What an account's agents may do in a day: make 100 tasks, all of them together and by whatever way in. It is counted in
//! the database, in the transaction that makes the task. A day is one of the account's zone, or of UTC where it has none.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::model::{Id, Role};
use crate::service::tx::Tx;
use crate::store;
use crate::time::{self, Instant};

/// How many tasks the agents of an account may make in a day (seed §5.5).
pub(crate) const TASKS_A_DAY: i32 = 100;

/// Counts `tasks` that are about to be made, where an agent makes them. What is written here has to be undone when this or
/// the rest fails.
///
/// # Errors
/// `DailyLimit` when that is more than the day allows, with the seconds until the next one.
pub(in crate::service) fn count(tx: &mut Tx<'_>, tasks: usize) -> Result<()> {
    if tx.caller.role != Role::Agent || tasks == 0 {
        return Ok(());
    }
    let user = tx.owner();
    let zone = zone(tx, user)?;
    let day = tx.now.in_zone(&zone).date();
    let many = i32::try_from(tasks).unwrap_or(i32::MAX).min(TASKS_A_DAY + 1);
    if store::agent_daily_count::add(tx.conn, user, day, many)? <= TASKS_A_DAY {
        return Ok(());
    }
    let message = format!("the agents of an account may make no more than {TASKS_A_DAY} tasks a day");
    Err(Error::daily_limit(message, until_next(day, &zone, tx.now)).hint("go on tomorrow, or ask the user to add them"))
}

/// Counts a task that the engine is about to make of what an agent of `user` set going; whether the day allows it.
pub(crate) fn admits_one(tx: &mut Tx<'_>, user: Id) -> Result<bool> {
    let zone = zone(tx, user)?;
    let day = tx.now.in_zone(&zone).date();
    if store::agent_daily_count::add(tx.conn, user, day, 1)? <= TASKS_A_DAY {
        return Ok(true);
    }
    store::agent_daily_count::take_back(tx.conn, user, day)?;
    Ok(false)
}

/// The account's zone. That of the caller may be another: whoever asks could choose one in which it is tomorrow already.
fn zone(tx: &mut Tx<'_>, user: Id) -> Result<TimeZone> {
    let account = store::user::by_id(tx.conn, user)?;
    let name = account.and_then(|account| account.timezone);
    // One that does not exist any more must not keep an agent from working.
    Ok(name.and_then(|name| time::zone(&name).ok()).unwrap_or(TimeZone::UTC))
}

/// The seconds until the day after `day` begins.
fn until_next(day: Date, zone: &TimeZone, now: Instant) -> u32 {
    let next = day.tomorrow().ok().and_then(|next| next.to_zoned(zone.clone()).ok());
    let next = next.map_or(now, |next| Instant::from_timestamp(next.timestamp()));
    let seconds = next.since(now).as_micros().div_ceil(1_000_000);
    u32::try_from(seconds).unwrap_or(u32::MAX).max(1)
}
