//! Which tables are Muista's own. The schema may be shared with other programs, whose tables a backup, a restore and a
//! repair leave alone.

/// Every table that the migrations make, but their own.
pub(crate) const TABLES: [&str; 35] = [
    "account_usage",
    "address_confirmations",
    "agent_daily_counts",
    "api_keys",
    "attachments",
    "audit_entries",
    "backup_duties",
    "comments",
    "devices",
    "fields",
    "idempotency_keys",
    "jobs",
    "login_failures",
    "notifications",
    "occurrences",
    "password_resets",
    "project_members",
    "projects",
    "refresh_tokens",
    "reminder_channels",
    "reminders",
    "restores",
    "run_logs",
    "runs",
    "series",
    "signing_keys",
    "tags",
    "task_dependencies",
    "task_fields",
    "task_tags",
    "tasks",
    "templates",
    "time_entries",
    "users",
    "views",
];

/// Returns the condition that `column` names one of Muista's tables.
pub(super) fn own(column: &str) -> String {
    format!("{column} IN ('{}')", TABLES.join("', '"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use diesel::connection::SimpleConnection as _;

    use super::*;
    use crate::store::Conn;
    use crate::store::tests::on_both;

    #[test]
    fn every_table_of_the_migrations_is_named() {
        on_both(async |store| {
            let look = |conn: &mut Conn| {
                let Conn::Postgres(conn) = conn else { return Ok(()) };
                let (count, named) = (TABLES.len() + 1, own("relname"));
                let check = format!(
                    "DO $$ BEGIN ASSERT (SELECT count(*) FROM pg_class WHERE relkind = 'r'
                       AND relnamespace = current_schema()::regnamespace) = {count};
                     ASSERT (SELECT count(*) FROM pg_class WHERE relkind = 'r'
                       AND relnamespace = current_schema()::regnamespace AND {named}) = {count} - 1; END $$"
                );
                conn.batch_execute(&check).unwrap();
                Ok(())
            };
            store.read(look).await.unwrap();
        });
    }
}
