//! Reports: what is due on which day of a month ([`Calendar`]), how many tasks there are of which kind ([`Stats`]), how many
//! were open at the end of each day ([`Burndown`]), and how long was worked on what ([`Timesheet`]).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Id, TaskFilter, WorkTime};
use crate::time::Instant;

/// Which tasks a report is about, and for a reader in which zone. Of a filter's status reports make their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportQuery {
    /// The tasks.
    pub filter: TaskFilter,
    /// The zone in which days begin, by name.
    pub timezone: String,
    /// The first day; of statistics nothing depends on it.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

/// Open tasks by the day on which they are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Calendar {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// The days on which something is due.
    pub days: Vec<CalendarDay>,
    /// Whether more is due than is listed.
    pub more: bool,
}

/// A day and what is due on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarDay {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The tasks, the earliest due first.
    pub tasks: Vec<CalendarTask>,
}

/// A task that is due on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CalendarTask {
    /// The task.
    pub id: Id,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// When it is due, where it is not due on a date.
    pub due_at: Option<Instant>,
}

/// How many tasks there are of which kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Open ones.
    pub open: i64,
    /// Open ones whose due is over.
    pub overdue: i64,
    /// Open ones that are due today.
    pub due_today: i64,
    /// Open ones that are due this week, from Monday to Sunday.
    pub due_week: i64,
    /// Open ones without a due.
    pub without_due: i64,
    /// Those made in the last seven days, today included.
    pub created_7_days: i64,
    /// Those done in the last seven days, today included.
    pub completed_7_days: i64,
    /// Those done in all.
    pub completed: i64,
    /// Open ones by priority, the highest first.
    pub priorities: Vec<Share>,
    /// Open ones by category, where there are any.
    pub categories: Vec<Share>,
    /// Open ones by project, the fullest first, 20 at most.
    pub projects: Vec<Share>,
}

/// How many open tasks have something in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Share {
    /// What it is.
    pub name: String,
    /// How many.
    pub open: i64,
}

/// How many tasks were open at the end of each day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Burndown {
    /// The days, the first first.
    pub days: Vec<BurndownDay>,
}

/// A day's work. What was deleted since is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BurndownDay {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// How many were open at its end, or now where it is today.
    pub open: i64,
    /// How many were made on it.
    pub created: i64,
    /// How many were done on it.
    pub completed: i64,
}

/// How long the account worked on which task on which day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Timesheet {
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date)]
    pub to: Date,
    /// The work of each day on each task, by day, then by task. Work that goes on counts up to now.
    pub rows: Vec<TimesheetRow>,
    /// All of it.
    #[schema(value_type = String, example = "PT1H30M")]
    pub total: WorkTime,
    /// Whether there is more work than is listed.
    pub more: bool,
}

/// A day's work on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TimesheetRow {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The task.
    pub id: Id,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Its project's name.
    pub project: Option<String>,
    /// How long was worked on it.
    #[schema(value_type = String, example = "PT1H30M")]
    pub spent: WorkTime,
}

impl ReportQuery {
    /// The most days of a report.
    pub const DAYS_MAX: i32 = 366;
}
