//! Tasks, what they are in, and what belongs to them.

use diesel::table;

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::store::types::{Moment, Uid};

    project_members (id) {
        id -> Uid,
        project_id -> Uid,
        user_id -> Uid,
        role -> Text,
        added_by -> Nullable<Uid>,
        joined_at -> Moment,
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
        series_id -> Nullable<Uid>,
        series_number -> Nullable<BigInt>,
        recurrence -> Nullable<Text>,
        tag_count -> SmallInt,
        start_at -> Nullable<Moment>,
        start_on -> Nullable<Day>,
        deadline_at -> Nullable<Moment>,
        deadline_on -> Nullable<Day>,
        estimate -> Nullable<BigInt>,
        position -> Nullable<BigInt>,
        /// Filled by the database: `due_at`, or the end of time.
        due_key -> Moment,
        /// Filled by the database: the hundredths of urgency that do not depend on the time.
        weight -> SmallInt,
        /// Filled by the database: the earlier of due and deadline, or the end of time.
        urge_key -> Moment,
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
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    attachments (id) {
        id -> Uid,
        task_id -> Uid,
        url -> Text,
        name -> Text,
        media_type -> Text,
        size_bytes -> BigInt,
        created_at -> Moment,
        user_id -> Nullable<Uid>,
        sha256 -> Nullable<Binary>,
    }
}

table! {
    use diesel::sql_types::Nullable;
    use crate::store::types::{Moment, Uid};

    time_entries (id) {
        id -> Uid,
        task_id -> Uid,
        user_id -> Uid,
        began_at -> Moment,
        ended_at -> Nullable<Moment>,
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
        search_key -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::store::types::{Json, Moment, Uid};

    series (id) {
        id -> Uid,
        owner_id -> Uid,
        rule -> Text,
        words -> Text,
        from_completion -> Bool,
        timezone -> Text,
        anchor_at -> Moment,
        end_at -> Nullable<Moment>,
        template -> Json,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::store::types::{Moment, Uid};

    views (id) {
        id -> Uid,
        owner_id -> Uid,
        name -> Text,
        name_key -> Text,
        query -> Text,
        date_order -> Nullable<Text>,
        sort -> Nullable<Text>,
        shown_columns -> Nullable<Text>,
        group_by -> Nullable<Text>,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::types::{Json, Moment, Uid};

    templates (id) {
        id -> Uid,
        owner_id -> Uid,
        name -> Text,
        name_key -> Text,
        placeholders -> Json,
        tasks -> Json,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::store::types::{Json, Moment, Uid};

    fields (id) {
        id -> Uid,
        owner_id -> Uid,
        name -> Text,
        name_key -> Text,
        kind -> Text,
        choices -> Json,
        version -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::store::types::Uid;

    task_fields (task_id, field_id) {
        task_id -> Uid,
        field_id -> Uid,
        value -> Text,
        sort_key -> Text,
    }
}
