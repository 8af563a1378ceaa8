//! The nouns of Muista. Each type's constructor validates, so that a value that exists is a valid one; the same types
//! serve tarpc, REST, MCP and `--json`. Nothing here reaches a database, a clock or the network.

#[macro_use]
mod string_enum;

mod access;
mod agent;
mod api_key;
mod attachment;
mod audit;
mod backup;
mod category;
pub(crate) mod change;
mod channel;
mod comment;
pub mod cursor;
mod database;
mod date_field;
mod device;
mod due;
mod event;
mod explanation;
mod field;
mod filter;
mod finding;
mod id;
mod identity;
mod import;
mod job;
mod marks;
mod member;
mod next;
mod notification;
mod page;
mod password;
mod planning;
mod priority;
mod project;
mod query;
mod recurrence;
mod reminder;
mod report;
mod run;
mod schema;
mod schema_accounts;
mod script;
mod series;
mod session;
mod settings;
mod short_id;
mod status;
mod suggest;
mod tag;
mod task;
pub(crate) mod template;
mod text;
mod time_entry;
mod usage;
mod user;
mod view;
mod work_time;
mod zoned;

pub use access::{ProjectRole, Role, Scope, Scopes};
pub use agent::{AgentName, Intent, RequestId};
pub use api_key::{ApiKey, ApiKeyRef, CreatedApiKey, KeyName, NewApiKey};
pub use attachment::{Attachment, Chunk, FileName, NewAttachment};
pub use audit::{Action, ActorSince, AuditEntry, AuditPage, AuditQuery, Entity, Origin, Undo, UndoTarget, Undone};
pub use backup::{Backup, BackupDuty, BackupFile, Drill, Keep, NewBackup};
pub use category::Category;
pub use change::{Change, WithNotices, integer_or_null};
pub use channel::Channel;
pub use comment::{Comment, CommentPage, CommentQuery};
pub use database::{ConnectionSettings, Database, PoolMode};
pub use date_field::{DateField, TaskDate};
pub use device::{
    Device, DeviceLongText, DevicePage, DevicePatch, DeviceQuery, DeviceText, Endpoint, NewDevice, Platform, Registered,
};
pub use due::Due;
pub use event::{Event, EventCursor, EventPage};
pub use explanation::{Explanation, Hidden, LateKind, Lateness};
pub(crate) use field::refuse_choices;
pub use field::{
    Field, FieldChanges, FieldComparison, FieldKind, FieldName, FieldPatch, FieldTest, FieldText, FieldValue,
    FieldValues, NewField, QueryPlace, ReadIn, is_reserved,
};
pub use filter::{Days, DueFilter, DueSpan, ProjectFilter, Status, TaskFilter};
pub use finding::{Finding, Verdict};
pub use id::{Id, IdPrefix, TaskRef};
pub use identity::Identity;
pub use import::{ExportPage, ExportedTask, ImportBatch, ImportComment, ImportSummary, ImportTask, ImportWork};
pub use job::{
    Job, JobDetail, JobKind, JobName, JobPage, JobPatch, JobQuery, JobStatus, JobTrigger, Missed, NOTIFY_EVERY, NewJob,
    Overlap,
};
pub use marks::TaskMarks;
pub use member::{Member, NewMember};
pub use next::{NextQuery, RankedTask, UrgencyPart};
pub(crate) use notification::HELD;
pub use notification::{Content, ContentKind, Notification, NotificationPage, NotificationQuery, NotificationStatus};
pub use page::{Page, QueryCost, SortKey, SortOrder, Sorting, TaskPage};
pub use password::{Password, Secret};
pub use planning::{Plan, Planning, Start};
pub use priority::Priority;
pub use project::{NewProject, Project, ProjectName, ProjectPatch, ProjectRef};
pub use query::{Belonging, Condition, DateCondition, Query};
pub use recurrence::RecurrenceType;
pub use reminder::{NewReminder, Reminder, ReminderPage, ReminderQuery, ReminderTarget, Trigger, offset_from_due};
pub use report::{
    Burndown, BurndownDay, Calendar, CalendarDay, CalendarTask, ReportQuery, Share, Stats, Timesheet, TimesheetRow,
};
pub use run::{Run, RunLogChunk, RunLogPage, RunPage, RunQuery, RunRef, RunStatus, Stream, TriggeredBy, WaitingFor};
pub use schema::Zone;
pub use script::{Script, ScriptParam, ScriptSource};
pub use series::{NewSeries, Series, SeriesScope, Template};
pub use session::{Login, NewPassword, PasswordReset, PasswordSet, Requester, Session, SignedIn};
pub use settings::{Differing, Reloaded, SettingsState};
pub use short_id::{RecordKind, RecordRef, ShortId};
pub use status::ServerStatus;
pub use tag::{Tag, TagName, tag_word};
pub use task::{NewTask, Task, TaskDetail, TaskPatch};
pub use template::{NewTemplate, TaskTemplate, TemplateDue, TemplateName, TemplateTask, TemplateUse};
pub use text::{Text, Title, fold, fold_text};
pub use time_entry::TimeEntry;
pub use usage::{Amount, Quotas, Usage, UsagePage};
pub(crate) use usage::{Weight, near};
pub use user::{
    Email, FullName, NewUser, PhoneNumber, User, UserPage, UserPatch, UserQuery, UserRef, Username, ZoneName,
};
pub use view::{GroupBy, NewView, View, ViewColumns, ViewName, ViewPatch, ViewQuery, ViewUse};
pub use work_time::WorkTime;
pub(crate) use zoned::to_the_second;
pub use zoned::{in_zone, line_in_zone};

pub(crate) use change::{integer, non_null};
pub(crate) use id::clip;
pub(crate) use suggest::nearest;
pub(crate) use text::shown;
