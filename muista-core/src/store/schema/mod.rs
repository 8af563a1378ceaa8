//! The tables that the queries use, as diesel sees them, and which of them are read together; `migrations/` makes them.
//! Tables that no query uses yet are not here.

mod account;
mod backup;
mod engine;
mod task;

use diesel::{allow_tables_to_appear_in_same_query, joinable};

pub(crate) use account::*;
pub(crate) use backup::*;
pub(crate) use engine::*;
pub(crate) use task::*;

joinable!(tasks -> projects (project_id));
joinable!(project_members -> projects (project_id));
joinable!(task_tags -> tags (tag_id));
joinable!(task_tags -> tasks (task_id));
joinable!(task_dependencies -> tasks (task_id));
joinable!(task_fields -> fields (field_id));
joinable!(reminders -> tasks (task_id));
joinable!(runs -> jobs (job_id));
joinable!(jobs -> users (owner_id));
joinable!(api_keys -> users (user_id));
joinable!(refresh_tokens -> users (user_id));
allow_tables_to_appear_in_same_query!(
    project_members,
    users,
    tasks,
    projects,
    tags,
    task_tags,
    task_dependencies,
    reminders,
    reminder_channels,
    jobs,
    job_states,
    occurrences,
    runs,
    run_logs,
    notifications,
    series,
    time_entries,
    fields,
    task_fields,
);
allow_tables_to_appear_in_same_query!(tasks, comments);
allow_tables_to_appear_in_same_query!(users, api_keys, refresh_tokens, account_usage);
