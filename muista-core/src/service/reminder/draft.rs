//! What a new reminder must be, and making it: its zone is known, it ends after it starts, and it fires at some time.

use crate::error::{Error, Result};
use crate::model::{Channel, Id, NewReminder, RecurrenceType, Reminder, Task, Text, Trigger};
use crate::service::access::limit;
use crate::service::schedule::{self, TaskDue};
use crate::service::tx::Tx;
use crate::service::{Settings, Topic, recipient};
use crate::store;
use crate::store::rows::ReminderRow;
use crate::time::{self, Duration, Instant, Rule};

/// The most reminders that one task may have.
const MANY: usize = 50;
/// How many times of a schedule are looked at for how close they are to each other.
const LOOKED_AT: usize = 10;
/// The shortest time after which a reminder is repeated, in microseconds: a minute.
const NAG_MIN: i64 = 60_000_000;

/// What is to have a reminder.
pub(crate) struct Target<'a> {
    pub(crate) settings: &'a Settings,
    /// The task.
    pub(crate) task: Id,
    /// The account that it belongs to, and so the reminder.
    pub(crate) owner: Id,
    /// When it is due.
    pub(crate) due: Option<TaskDue>,
}

impl<'a> Target<'a> {
    /// This task.
    pub(crate) fn of(settings: &'a Settings, task: &Task) -> Self {
        Self { settings, task: task.id, owner: task.owner_id, due: schedule::due_of(task) }
    }
}

/// Checks what is to become reminders of a task; nothing is written.
///
/// # Errors
/// `Invalid` for a reminder that cannot be, or that would never fire; it names the field within the task.
pub(crate) fn drafts(tx: &mut Tx<'_>, of: &Target<'_>, new: Vec<NewReminder>) -> Result<Vec<Reminder>> {
    refuse_many(new.len())?;
    let field = |place| if new.len() == 1 { "reminder".to_owned() } else { format!("reminders[{place}]") };
    let fields: Vec<String> = (0..new.len()).map(field).collect();
    let drafts = new.into_iter().zip(fields).map(|(new, field)| draft(tx, of, new).map_err(|e| e.within(&field)));
    drafts.collect()
}

/// Refuses more reminders than a task may have.
pub(crate) fn refuse_many(count: usize) -> Result<()> {
    if count <= MANY {
        return Ok(());
    }
    Err(Error::quota(format!("{count} reminders are too many, a task has {MANY} at most"))
        .hint("`muista reminder ls` shows them, `muista reminder rm` deletes one"))
}

/// The same for one that is made by itself.
///
/// # Errors
/// As [`drafts`], but it names the reminder's field.
pub(crate) fn draft(tx: &mut Tx<'_>, of: &Target<'_>, new: NewReminder) -> Result<Reminder> {
    let timezone = timezone(tx, new.timezone.as_deref())?;
    refuse_nag(tx.now, new.nag)?;
    refuse_bounds(tx.now, new.start, new.end)?;
    let (recurrence_type, schedule, words) = written(tx, new.trigger, of.due, timezone.as_deref())?;
    let mut channels: Vec<Channel> = new.channels;
    channels.sort();
    channels.dedup();
    recipient::refuse_others(of.owner, &channels)?;
    let mut reminder = Reminder {
        id: Id::new(tx.now),
        task_id: of.task,
        task_number: 0,
        task_title: String::new(),
        interval: (recurrence_type == RecurrenceType::Interval).then(|| schedule.clone()),
        schedule,
        recurrence_type,
        words,
        start_at: new.start,
        end_at: new.end,
        timezone,
        channels,
        nag: new.nag.map(|nag| nag.to_string()),
        last_triggered_at: None,
        next_trigger_at: None,
        zone_unknown: false,
        regular_at: None,
        repeat_at: None,
        acknowledged_at: None,
        note: new.note.map(Into::into),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    reminder.regular_at = first(tx, &reminder, of.due)?;
    if of.owner != Id::LOCAL_USER {
        refuse_often(tx.now, &reminder, of)?;
    }
    Ok(reminder)
}

/// How a reminder says when it fires: the kind of its schedule, the schedule, and what the user wrote.
fn written(
    tx: &mut Tx<'_>,
    trigger: Trigger,
    due: Option<TaskDue>,
    timezone: Option<&str>,
) -> Result<(RecurrenceType, String, Option<String>)> {
    Ok(match trigger {
        Trigger::At(at) => (RecurrenceType::Once, at.to_string(), None),
        Trigger::FromDue(offset) => (RecurrenceType::Relative, offset.to_string(), None),
        Trigger::Length(length) if due.is_some() => (RecurrenceType::Relative, length.negated().to_string(), None),
        Trigger::Length(length) => {
            let zone = timezone.map_or(Ok(jiff::tz::TimeZone::UTC), time::zone)?;
            (RecurrenceType::Once, length.after(tx.now, &zone)?.to_string(), None)
        }
        Trigger::Every { rule, words } => {
            let kind = match rule {
                Rule::Every(_) => RecurrenceType::Interval,
                Rule::Cron(_) => RecurrenceType::Cron,
            };
            rule.notes().into_iter().for_each(|note| tx.notice(note));
            (kind, rule.to_string(), Text::parse("every", &words)?.map(Into::into))
        }
    })
}

/// Refuses a reminder that fires, or is repeated, more often than accounts other than `local` may be told.
fn refuse_often(now: Instant, reminder: &Reminder, of: &Target<'_>) -> Result<()> {
    let least = of.settings.limits.reminder_interval;
    let repeats = reminder.nag.as_deref().map(|nag| Duration::read(nag)?.after(now, &jiff::tz::TimeZone::UTC));
    let nag = repeats.transpose()?.map(|at| at.since(now));
    let mut gaps: Vec<std::time::Duration> = nag.into_iter().collect();
    let mut last = reminder.regular_at;
    for _ in 0..LOOKED_AT {
        let Some(at) = last.filter(|_| reminder.recurrence_type != RecurrenceType::Once) else { break };
        let next = schedule::regular_after(reminder, of.due, Some(at))?;
        gaps.extend(next.map(|next| next.since(at)));
        last = next;
    }
    match gaps.into_iter().min().filter(|gap| *gap < least) {
        None => Ok(()),
        Some(gap) => Err(limit::exceeded(
            format!(
                "the reminder would come every {} s, and no more often than every {} s is allowed",
                gap.as_secs(),
                least.as_secs()
            ),
            "give it more time",
            "limits.reminder_seconds",
        )),
    }
}

/// When a new reminder fires first. An instant that is past counts: it is told at once.
fn first(tx: &mut Tx<'_>, reminder: &Reminder, due: Option<TaskDue>) -> Result<Option<Instant>> {
    let relative = reminder.recurrence_type == RecurrenceType::Relative;
    if relative && due.is_none() {
        return Err(Error::conflict("the task has no due that the reminder could count from")
            .of_field("at")
            .hint("give it one, as in --due friday, or say when, as in `tomorrow 9:00`"));
    }
    let once = reminder.recurrence_type == RecurrenceType::Once;
    let after = if once { None } else { Some(tx.now) };
    let first = schedule::regular_after(reminder, due, after)?;
    match first {
        None if relative => {
            tx.notice("that reminder time has already passed; it will fire if you move the due date".to_owned());
        }
        None => {
            let field = match (reminder.end_at, once) {
                (Some(_), _) => "endAt",
                (None, true) => "at",
                (None, false) => "every",
            };
            return Err(Error::invalid(field, "the reminder would never fire")
                .hint("see the next times of a schedule with `muista date`, and give a later end with --until"));
        }
        Some(at) if at <= tx.now => tx.notice("that reminder time has already passed; it fires at once".to_owned()),
        Some(_) => {}
    }
    Ok(first)
}

/// The name of the zone that is given, or of the caller's.
fn timezone(tx: &Tx<'_>, given: Option<&str>) -> Result<Option<String>> {
    let Some(name) = given.map(str::trim) else { return Ok(tx.caller.timezone.clone()) };
    let zone = time::zone(name).map_err(|e| Error::invalid("timezone", e.message).hint(e.hint))?;
    Ok(Some(zone.iana_name().unwrap_or(name).to_owned()))
}

fn refuse_nag(now: Instant, nag: Option<Duration>) -> Result<()> {
    let Some(nag) = nag else { return Ok(()) };
    let next = nag.after(now, &jiff::tz::TimeZone::UTC)?;
    if next.as_micros() - now.as_micros() >= NAG_MIN {
        return Ok(());
    }
    Err(Error::invalid("nag", format!("nag must be at least 1min, not {nag}"))
        .hint("give a minute or more, as in --nag 15min"))
}

fn refuse_bounds(now: Instant, start: Option<Instant>, end: Option<Instant>) -> Result<()> {
    if end.is_some_and(|end| start.is_some_and(|start| end < start)) {
        return Err(Error::invalid("endAt", "the reminder would end before it starts").hint("give a later end"));
    }
    if end.is_some_and(|end| end < now) {
        return Err(Error::invalid("endAt", "the end is past: the reminder would never fire")
            .hint("give a time to come, as in --until \"end of month\""));
    }
    Ok(())
}

/// Gives a task the reminders that were checked, and tells of channels on which nobody can be reached.
///
/// # Errors
/// `Conflict` when it would have too many.
pub(crate) fn attach(
    tx: &mut Tx<'_>,
    settings: &Settings,
    task: &Task,
    mut reminders: Vec<Reminder>,
) -> Result<Vec<Reminder>> {
    if reminders.is_empty() {
        return Ok(reminders);
    }
    refuse_many(store::reminder::of_tasks(tx.conn, &[task.id])?.len() + reminders.len())?;
    for reminder in &mut reminders {
        reminder.task_number = task.number;
        reminder.task_title.clone_from(&task.title);
        if task.completed {
            reminder.regular_at = None;
        }
        reminder.next_trigger_at = reminder.regular_at;
    }
    if task.completed {
        tx.notice(format!("task {} is done: it sends no reminders until it is reopened", task.number));
    }
    insert(tx, &reminders)?;
    tell_missing(tx, settings, task.owner_id, &reminders)?;
    reminders.iter().try_for_each(|reminder| tx.created(reminder))?;
    Ok(reminders)
}

/// Writes new reminders with their channels.
pub(crate) fn insert(tx: &mut Tx<'_>, reminders: &[Reminder]) -> Result<()> {
    let rows: Vec<ReminderRow> = reminders.iter().map(ReminderRow::from).collect();
    store::reminder::insert(tx.conn, &rows)?;
    let pairs = reminders.iter().flat_map(|one| one.channels.iter().map(|channel| (one.id, channel.as_str())));
    store::reminder::add_channels(tx.conn, &pairs.collect::<Vec<_>>())?;
    tx.publish(Topic::Schedules);
    Ok(())
}

/// Tells of channels on which the tasks' owner cannot be reached.
fn tell_missing(tx: &mut Tx<'_>, settings: &Settings, owner: Id, reminders: &[Reminder]) -> Result<()> {
    let usual = |reminder: &Reminder| reminder.channels.is_empty();
    let named = reminders.iter().flat_map(|reminder| reminder.channels.iter().copied());
    let mut channels: Vec<Channel> = named.collect();
    if reminders.iter().any(usual) {
        channels.extend(recipient::usual(settings, owner));
    }
    channels.sort();
    channels.dedup();
    let user = recipient::row(tx.conn, owner)?;
    let missing =
        channels.into_iter().filter_map(|channel| recipient::of(settings, owner, user.as_ref(), channel).err());
    missing.for_each(|error| tx.notice(format!("{}: {}", error.message, error.hint.unwrap_or_default())));
    Ok(())
}
