//! The intents, each with what it is given and what it brings. What is left out is not sent. Dates are texts, in words or
//! RFC 3339, as the daemon reads them.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an agent may want. Implement it for an intent that a newer daemon has.
pub trait Intent: Serialize {
    /// As it stands in the message.
    const NAME: &'static str;
    /// What it brings.
    type Data: DeserializeOwned;
}

/// Says which intent a type is, and what it brings.
macro_rules! intents {
    ($($type:ident = $name:literal brings $data:ident;)*) => {
        $(
            impl Intent for $type {
                const NAME: &'static str = $name;
                type Data = $data;
            }
        )*
    };
}

intents! {
    CreateTask = "createTask" brings Changed;
    UpdateTask = "updateTask" brings Changed;
    DeleteTask = "deleteTask" brings Deleted;
    AskUpcoming = "askUpcoming" brings TaskPage;
    AskOverdue = "askOverdue" brings TaskPage;
    AskByCategory = "askByCategory" brings TaskPage;
    TriggerScript = "triggerScript" brings Started;
}

/// Declares what is sent: all fields are public, and those that hold nothing are left out.
macro_rules! params {
    ($($(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, Default, PartialEq, Serialize)]
            #[serde(rename_all = "camelCase")]
            pub struct $type {
                $($(#[$field_doc])* #[serde(skip_serializing_if = "is_nothing")] pub $field: $kind,)*
                /// Further fields, by their names in JSON.
                #[serde(flatten)]
                pub more: Map<String, Value>,
            }
        )*
    };
}

/// Whether a field holds what it holds by default, and so says nothing.
fn is_nothing<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

params! {
    /// Makes a task.
    CreateTask {
        /// One line that says what is to be done.
        title: String,
        /// A longer description.
        description: Option<String>,
        /// When it is due, as in `tomorrow 18:00`.
        due_date: Option<String>,
        /// How it recurs, as in `every friday`.
        every: Option<String>,
        /// `Personal`, `Work` …
        category: Option<String>,
        /// `LOW`, `MEDIUM` or `HIGH`.
        priority: Option<String>,
        /// The project's name.
        project: Option<String>,
        /// The tags.
        tags: Vec<String>,
        /// The reminders.
        reminders: Vec<Reminder>,
    }
    /// When to be told of a task: `at` or `every`.
    Reminder {
        /// A date, or so long before the due, as in `30min before`.
        at: Option<String>,
        /// A recurrence, as in `every weekday at 8:30`.
        every: Option<String>,
        /// `email`, `SMS`, `desktop` …
        channel: Option<String>,
    }
    /// Changes a task. What is `None` stays, `Some(None)` empties a field.
    UpdateTask {
        /// Its id or its number.
        task_id: String,
        /// The new title.
        title: Option<String>,
        /// The new description.
        description: Option<Option<String>>,
        /// When it is due.
        due_date: Option<Option<String>>,
        /// The new bucket.
        category: Option<String>,
        /// The new priority.
        priority: Option<String>,
        /// The project's name.
        project: Option<Option<String>>,
        /// Tags to add.
        add_tags: Vec<String>,
        /// Tags to take away.
        remove_tags: Vec<String>,
        /// Whether it is done.
        completed: Option<bool>,
    }
    /// Deletes a task and its parts.
    DeleteTask {
        /// Its id or its number.
        task_id: String,
    }
    /// Lists what is to come.
    AskUpcoming {
        /// Due at this time only, as in `week`.
        due: Option<String>,
        /// Maximum number of tasks.
        limit: Option<u32>,
        /// Where the page before ended.
        cursor: Option<String>,
    }
    /// Lists what is past due.
    AskOverdue {
        /// Maximum number of tasks.
        limit: Option<u32>,
        /// Where the page before ended.
        cursor: Option<String>,
    }
    /// Lists the tasks of a category.
    AskByCategory {
        /// `Work`, `Shopping` …
        category: String,
        /// Maximum number of tasks.
        limit: Option<u32>,
        /// Where the page before ended.
        cursor: Option<String>,
    }
    /// Has a job run now: `job`, or the one of a task.
    TriggerScript {
        /// The job's name or id.
        job: Option<String>,
        /// A task that has one job.
        task_id: Option<String>,
        /// Values of the script's parameters for this run.
        params: BTreeMap<String, String>,
    }
}

impl Reminder {
    /// One that fires once, then.
    pub fn at(when: impl Into<String>) -> Self {
        Self { at: Some(when.into()), ..Self::default() }
    }
}

/// Declares what comes back: the fields that most agents need, and the rest by their names.
macro_rules! answers {
    ($($(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $kind:ty,)* })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Deserialize)]
            #[serde(rename_all = "camelCase")]
            pub struct $type {
                $($(#[$field_doc])* pub $field: $kind,)*
                /// Whatever else there is, by its name in JSON.
                #[serde(flatten)]
                pub more: Map<String, Value>,
            }
        )*
    };
}

answers! {
    /// A task.
    Task {
        /// Its identifier.
        id: String,
        /// Its number.
        number: i64,
        /// What is to be done.
        title: String,
        /// When it is due, in RFC 3339.
        due_date: Option<String>,
        /// The date it is due on, where it has no time of day.
        due_on: Option<String>,
        /// `Personal`, `Work` …
        category: String,
        /// `LOW`, `MEDIUM` or `HIGH`.
        priority: String,
        /// Whether it is done.
        completed: bool,
        /// Its tags.
        tags: Vec<String>,
    }
    /// A run of a job.
    Run {
        /// Its identifier.
        id: String,
        /// The job's name.
        job_name: String,
        /// `pending`, `running` …
        status: String,
    }
    /// A task as it is now.
    Changed {
        /// Its identifier.
        task_id: String,
        /// The task.
        task: Task,
    }
    /// What is gone.
    Deleted {
        /// The task that was named.
        task_id: String,
        /// All that is gone: the task, and its parts.
        deleted: Vec<String>,
    }
    /// A page of tasks.
    TaskPage {
        /// The tasks, in order.
        items: Vec<Task>,
        /// What to give as `cursor` for the next page; none when this is the last.
        next_cursor: Option<String>,
    }
    /// A run that was begun.
    Started {
        /// Its identifier.
        run_id: String,
        /// The run.
        run: Run,
    }
}
