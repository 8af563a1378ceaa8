//! [`RecurrenceType`]: how the text of a schedule is read, as reminders and jobs store it. Reading it is `time`'s.

string_enum! {
    /// How the text of a schedule is read.
    RecurrenceType, "recurrence_type" {
        /// An instant, in RFC 3339.
        Once = "ONCE",
        /// Cron.
        Cron = "CRON",
        /// An ISO 8601 duration from one firing to the next.
        Interval = "INTERVAL",
        /// An ISO 8601 duration from the task's due, negative for before. Reminders only.
        Relative = "RELATIVE",
    }
}
