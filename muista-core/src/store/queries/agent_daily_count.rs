//! How many tasks an account's agents have made, by day.

use diesel::prelude::*;
use jiff::civil::Date;

use super::Conn;
use crate::model::Id;
use crate::store::schema::agent_daily_counts::{self, created_tasks};
use crate::store::types::RowDay;

/// Counts `tasks` more and returns how many that makes; whoever else counts for this account waits for this transaction.
pub(crate) fn add(conn: &mut Conn, user: Id, day: Date, tasks: i32) -> QueryResult<i32> {
    diesel::insert_into(agent_daily_counts::table)
        .values((
            agent_daily_counts::user_id.eq(user),
            agent_daily_counts::day.eq(RowDay(day)),
            created_tasks.eq(tasks),
        ))
        .on_conflict((agent_daily_counts::user_id, agent_daily_counts::day))
        .do_update()
        .set(created_tasks.eq(created_tasks + tasks))
        .returning(created_tasks)
        .get_result(conn)
}

/// Counts one less, of what was counted in this transaction and is not made.
pub(crate) fn take_back(conn: &mut Conn, user: Id, day: Date) -> QueryResult<usize> {
    let counted = agent_daily_counts::table.find((user, RowDay(day)));
    diesel::update(counted).set(created_tasks.eq(created_tasks - 1)).execute(conn)
}

/// Deletes the counts of days before `day`.
pub(crate) fn delete_old(conn: &mut Conn, day: Date) -> QueryResult<usize> {
    diesel::delete(agent_daily_counts::table.filter(agent_daily_counts::day.lt(RowDay(day)))).execute(conn)
}
