//! The tables that the queries use, as diesel sees them; `migrations/` makes them. Tables that no query uses yet are
//! not here.

use diesel::{allow_tables_to_appear_in_same_query, joinable, table};

table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::types::{Moment, Uid};

    users (id) {
        id -> Uid,
        username -> Text,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    projects (id) {
        id -> Uid,
        owner_id -> Uid,
        name -> Text,
        name_key -> Text,
        description -> Nullable<Text>,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::store::types::{Moment, Uid};

    tags (id) {
        id -> Uid,
        owner_id -> Uid,
        name -> Text,
        name_key -> Text,
        created_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
    use crate::store::types::{Day, Moment, Uid};

    tasks (id) {
        number -> BigInt,
        id -> Uid,
        owner_id -> Uid,
        project_id -> Nullable<Uid>,
        parent_id -> Nullable<Uid>,
        title -> Text,
        description -> Nullable<Text>,
        note -> Nullable<Text>,
        category -> Text,
        priority -> SmallInt,
        due_at -> Nullable<Moment>,
        due_on -> Nullable<Day>,
        timezone -> Nullable<Text>,
        completed_at -> Nullable<Moment>,
        search_key -> Text,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        /// Filled by the database: `due_at`, or the end of time.
        due_key -> Moment,
    }
}

table! {
    use crate::store::types::Uid;

    task_tags (task_id, tag_id) {
        task_id -> Uid,
        tag_id -> Uid,
    }
}

table! {
    use crate::store::types::Uid;

    task_dependencies (task_id, depends_on_id) {
        task_id -> Uid,
        depends_on_id -> Uid,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::store::types::{Moment, Uid};

    comments (id) {
        id -> Uid,
        task_id -> Uid,
        author_id -> Uid,
        text -> Text,
        created_at -> Moment,
    }
}

table! {
    use diesel::sql_types::Nullable;
    use crate::store::types::{Moment, Uid};

    reminders (id) {
        id -> Uid,
        task_id -> Uid,
        next_trigger_at -> Nullable<Moment>,
    }
}

table! {
    use diesel::sql_types::Nullable;
    use crate::store::types::Uid;

    jobs (id) {
        id -> Uid,
        task_id -> Nullable<Uid>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::types::{Json, Moment, Uid};

    audit_entries (seq) {
        seq -> BigInt,
        id -> Uid,
        change_id -> Uid,
        entity -> Text,
        record_id -> Uid,
        user_id -> Nullable<Uid>,
        actor -> Text,
        origin -> Text,
        action -> Text,
        before -> Nullable<Json>,
        after -> Nullable<Json>,
        undoes -> Nullable<Uid>,
        created_at -> Moment,
    }
}

joinable!(tasks -> projects (project_id));
joinable!(task_tags -> tags (tag_id));
joinable!(task_tags -> tasks (task_id));
joinable!(task_dependencies -> tasks (task_id));
allow_tables_to_appear_in_same_query!(tasks, projects, tags, task_tags, task_dependencies, reminders, jobs);
