//! What the service finds in order or not, a line of `muista doctor` each. A part that has something to tell of the
//! database adds a line to `DIAGNOSES`; one of the daemon hands its own over by [`Service::with_diagnosis`]. What a
//! command can look at by itself (folders, the terminal) stands in the command.

use std::sync::Arc;

use super::{Caller, Service, control, engine, usage};
use crate::error::Result;
use crate::model::{BackupDuty, Finding, Scope};
use crate::store::{Conn, SCHEMA_VERSION, health};
use crate::time;

/// Looks at something in the database. It only reads.
type Diagnosis = fn(&Service, &mut Conn) -> Result<Vec<Finding>>;

/// What is looked at, under the name that its finding has when looking fails. In the order in which it is listed.
const DIAGNOSES: &[(&str, Diagnosis)] =
    &[("database", database), ("backup", backups), ("scripts", slots), ("time zones", zones), ("quotas", quotas)];

/// What a daemon looks at beside its database.
pub(super) type OwnDiagnosis = Arc<dyn Fn() -> Vec<Finding> + Send + Sync>;

/// Looks at everything that the service can look at; one that fails is a finding too.
///
/// # Errors
/// `Forbidden` for a caller who may not look after the system; when the database does not answer at all.
pub async fn findings(service: &Service, caller: &Caller) -> Result<Vec<Finding>> {
    caller.require(Scope::SystemRead)?;
    let looking = service.clone();
    let look = move |conn: &mut Conn| {
        let of_each = DIAGNOSES.iter().map(|(name, diagnosis)| {
            diagnosis(&looking, conn).unwrap_or_else(|error| vec![Finding::failed(name, &error)])
        });
        Ok(of_each.flatten().collect::<Vec<_>>())
    };
    let mut findings = service.store.read_at_length(look).await?;
    findings.extend(control::finding(service).await?);
    findings.extend(service.diagnoses.iter().flat_map(|own| own()));
    Ok(findings)
}

/// Whether the database finds itself whole.
fn database(service: &Service, conn: &mut Conn) -> Result<Vec<Finding>> {
    let name = service.database();
    let damage = health::damage(conn)?;
    let put_right = service.store.put_right();
    let mended = if put_right.is_empty() {
        String::new()
    } else {
        format!("; it is a copy that lacked {}, which was set when it was opened", put_right.join(" and "))
    };
    Ok(vec![if damage.is_empty() {
        Finding::ok("database", format!("{name} is whole, schema {SCHEMA_VERSION}{mended}"))
    } else {
        let found = format!("{name} is damaged: {}", damage.join("; "));
        Finding::fail("database", found, "`muista daemon stop`, then `muista doctor --repair`; else restore a backup")
    }])
}

/// Whether backups are made, and can be relied on, as the schedules say.
fn backups(service: &Service, conn: &mut Conn) -> Result<Vec<Finding>> {
    let settings = service.settings();
    let duties = engine::backup_duties(&settings, conn, service.now())?;
    if settings.backup.schedule.is_none() {
        let found =
            "none is made by schedule; `muista config set backup.schedule \"0 3 * * *\"` has the daemon make them";
        return Ok(vec![Finding::ok("backup", found)]);
    }
    let of = |duty: BackupDuty| {
        let last = duty.succeeded_at.map_or_else(|| "never yet".to_owned(), |at| format!("last at {at}"));
        let remedy = "see `muista daemon logs`, and try `muista backup` by hand";
        match &duty.error {
            Some(error) => Finding::warn(&duty.kind, format!("failed, {last}: {error}"), remedy),
            None if duty.overdue => Finding::warn(&duty.kind, format!("overdue, {last}"), "is the daemon running?"),
            None => Finding::ok(&duty.kind, format!("{last}, next at {}", duty.next_at)),
        }
    };
    Ok(duties.into_iter().map(of).collect())
}

/// How many scripts run at a time, and how many runs wait for that.
fn slots(service: &Service, conn: &mut Conn) -> Result<Vec<Finding>> {
    let (total, free) = service.metrics.snapshot().slots;
    let waiting = health::waiting_runs(conn)?;
    let found = match total {
        0 => format!("a daemon runs {} at a time; {waiting} runs wait", service.settings().slots.total),
        _ => format!("{free} of {total} slots are free; {waiting} runs wait"),
    };
    Ok(vec![match (total, free) {
        (1.., 0) if waiting > 0 => {
            let remedy = "see what runs with `muista run ls --all --status running`, or raise `scripts.slots`";
            Finding::warn("scripts", found, remedy)
        }
        _ => Finding::ok("scripts", found),
    }])
}

/// Whether every zone of a job, a reminder or a series is known here: what is of another waits until it is.
fn zones(_: &Service, conn: &mut Conn) -> Result<Vec<Finding>> {
    let release = time::bundled_release();
    let unknown: Vec<String> = health::zones(conn)?.into_iter().filter(|name| time::zone(name).is_err()).collect();
    if unknown.is_empty() {
        let found = format!("all are known; those that the system lacks are of release {release}");
        return Ok(vec![Finding::ok("time zones", found)]);
    }
    let of_each = unknown.iter().map(|zone| {
        let (jobs, reminders) = (health::jobs_in_zone(conn, zone)?, health::reminders_in_zone(conn, zone)?);
        let recurring = health::recurring_in_zone(conn, zone)?;
        let jobs = jobs.into_iter().map(|name| format!("the job {name}"));
        let reminders = reminders.into_iter().map(|number| format!("a reminder of task {number}"));
        let recurring = recurring.into_iter().map(|number| format!("the recurring task {number}"));
        let waiting: Vec<_> = jobs.chain(reminders).chain(recurring).collect();
        let wait = if waiting.len() == 1 { "waits" } else { "wait" };
        let waiting =
            if waiting.is_empty() { String::new() } else { format!(": {} {wait} for it", waiting.join(", ")) };
        Ok(format!("{zone} is not known here{waiting}"))
    });
    let found = of_each.collect::<Result<Vec<_>>>()?.join("; ");
    let remedy = "install the system's tzdata (tzdata-legacy for older names), or give another: `muista job edit NAME --tz \
                  ZONE`, `muista edit ID --every \"…\"`, `muista remind ID --off` and `muista remind ID …` anew";
    Ok(vec![Finding::fail("time zones", found, remedy)])
}

/// Whether an account is near what it may take.
fn quotas(service: &Service, conn: &mut Conn) -> Result<Vec<Finding>> {
    let near = usage::near_limit(conn, service.settings().quotas)?;
    if near.is_empty() {
        return Ok(Vec::new());
    }
    let found = format!("near their limits: {}", near.join("; "));
    Ok(vec![Finding::warn("quotas", found, "see `muista usage --all`, and raise `limits.tasks` or its like")])
}

impl Service {
    /// The same service, which finds what `diagnosis` finds too.
    #[must_use]
    pub fn with_diagnosis(mut self, diagnosis: impl Fn() -> Vec<Finding> + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.diagnoses).push(Arc::new(diagnosis));
        self
    }
}
