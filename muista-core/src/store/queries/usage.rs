//! What accounts take.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Conn;
use crate::model::{Id, Weight};
use crate::store::schema::{
    account_usage, attachments, comments, fields, jobs, projects, reminders, task_fields, tasks, users,
};

type Columns = (account_usage::tasks, account_usage::text_bytes, account_usage::files, account_usage::file_bytes);
type Numbers = (i64, i64, i64, i64);

const COLUMNS: Columns =
    (account_usage::tasks, account_usage::text_bytes, account_usage::files, account_usage::file_bytes);

fn weight((tasks, text_bytes, files, file_bytes): Numbers) -> Weight {
    Weight { tasks, text_bytes, files, file_bytes }
}

/// Counts so much more for an account and returns what it takes then; whoever else counts for it waits for this transaction.
pub(crate) fn add(conn: &mut Conn, user: Id, more: Weight) -> QueryResult<Weight> {
    let row = (
        account_usage::user_id.eq(user),
        account_usage::tasks.eq(more.tasks),
        account_usage::text_bytes.eq(more.text_bytes),
        account_usage::files.eq(more.files),
        account_usage::file_bytes.eq(more.file_bytes),
    );
    let set = (
        account_usage::tasks.eq(account_usage::tasks + more.tasks),
        account_usage::text_bytes.eq(account_usage::text_bytes + more.text_bytes),
        account_usage::files.eq(account_usage::files + more.files),
        account_usage::file_bytes.eq(account_usage::file_bytes + more.file_bytes),
    );
    let insert = diesel::insert_into(account_usage::table).values(row).on_conflict(account_usage::user_id).do_update();
    insert.set(set).returning(COLUMNS).get_result::<Numbers>(conn).map(weight)
}

/// What an account takes; none where it never took anything.
pub(crate) fn of(conn: &mut Conn, user: Id) -> QueryResult<Option<Weight>> {
    Ok(account_usage::table.find(user).select(COLUMNS).first::<Numbers>(conn).optional()?.map(weight))
}

/// The accounts that take the most, by bytes, with their names.
pub(crate) fn largest(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(String, Weight)>> {
    let all = account_usage::table.inner_join(users::table.on(users::id.eq(account_usage::user_id)));
    let bytes = account_usage::text_bytes + account_usage::file_bytes;
    let rows = all.select((users::username, COLUMNS)).order((bytes.desc(), users::username)).limit(limit);
    let rows: Vec<(String, Numbers)> = rows.load(conn)?;
    Ok(rows.into_iter().map(|(name, numbers)| (name, weight(numbers))).collect())
}

/// The accounts that take so much of one of their limits or more, with their names.
pub(crate) fn beyond(conn: &mut Conn, least: Weight, limit: i64) -> QueryResult<Vec<(String, Weight)>> {
    let all = account_usage::table.inner_join(users::table.on(users::id.eq(account_usage::user_id)));
    let full = account_usage::tasks
        .ge(least.tasks)
        .or(account_usage::text_bytes.ge(least.text_bytes))
        .or(account_usage::file_bytes.ge(least.file_bytes));
    let rows = all.filter(full).select((users::username, COLUMNS)).order(users::username).limit(limit);
    let rows: Vec<(String, Numbers)> = rows.load(conn)?;
    Ok(rows.into_iter().map(|(name, numbers)| (name, weight(numbers))).collect())
}

/// What an account takes, counted anew from all that it has; jobs' arguments are left out.
pub(crate) fn counted(conn: &mut Conn, user: Id) -> QueryResult<Weight> {
    let (tasks, of_tasks) = tasks::table
        .filter(tasks::owner_id.eq(user))
        .select((
            sql::<BigInt>("count(*)"),
            bytes("octet_length(title) + COALESCE(octet_length(description), 0) + COALESCE(octet_length(note), 0)"),
        ))
        .first::<(i64, i64)>(conn)?;
    let of_values: i64 = task_fields::table
        .inner_join(fields::table)
        .filter(fields::owner_id.eq(user))
        .select(bytes("octet_length(task_fields.value)"))
        .first(conn)?;
    let of_comments: i64 =
        comments::table.filter(comments::author_id.eq(user)).select(bytes("100 + octet_length(text)")).first(conn)?;
    let of_projects: i64 = projects::table
        .filter(projects::owner_id.eq(user))
        .select(bytes(
            "100 + octet_length(name) + COALESCE(octet_length(description), 0) + COALESCE(octet_length(note), 0)",
        ))
        .first(conn)?;
    let of_reminders: i64 = reminders::table
        .inner_join(tasks::table)
        .filter(tasks::owner_id.eq(user))
        .select(bytes("100 + COALESCE(octet_length(reminders.note), 0)"))
        .first(conn)?;
    let jobs: i64 = jobs::table.filter(jobs::owner_id.eq(user)).select(bytes("100")).first(conn)?;
    let (files, file_bytes) = attachments::table
        .filter(attachments::user_id.eq(user))
        .select((sql::<BigInt>("count(*)"), bytes("size_bytes")))
        .first::<(i64, i64)>(conn)?;
    let text_bytes = of_tasks + of_values + of_comments + of_projects + of_reminders + jobs;
    Ok(Weight { tasks, text_bytes, files, file_bytes })
}

fn bytes(of_row: &str) -> SqlLiteral<BigInt> {
    sql(&format!("CAST(COALESCE(sum({of_row}), 0) AS BIGINT)"))
}
