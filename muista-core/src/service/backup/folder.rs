//! The folder of backups: how they are called, which there are, which stay. A backup is written under another name, and
//! gets its own once it is whole, on the disk, and read back.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::ErrorKind as Io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

use crate::error::{Error, Result};
use crate::model::{BackupFile, Keep};
use crate::time::Instant;

/// What a backup's name begins with.
pub(super) const BACKUP: &str = "muista-";
/// The same of one that keeps what a restore replaces. It is not listed, and stays until somebody removes it.
pub(super) const BEFORE_RESTORE: &str = "muista-before-restore-";
/// What it ends with.
const END: &str = ".muista";
/// What follows where it is encrypted.
const AGE: &str = ".age";
/// What a backup that is being written is called.
const HALF: (&str, &str) = (".muista-", ".part");
/// What the temporary place of a drill is called.
pub(super) const HALF_DRILL: (&str, &str) = (".muista-", ".drill");
/// When it was made, in UTC, as it stands in the name.
const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// A backup that is being written. Dropping it removes it.
pub(super) struct Half {
    pub(super) file: File,
    pub(super) path: PathBuf,
    folder: PathBuf,
}

impl Drop for Half {
    fn drop(&mut self) {
        // It has another name once it is whole.
        fs::remove_file(&self.path).ok();
    }
}

impl Half {
    /// Begins one in `folder`, which is made where it is missing. What an earlier process left half written goes.
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|e| failed(folder, &e))?;
        remove_abandoned(folder)?;
        let path = folder.join(format!("{}{}{}", HALF.0, uuid::Uuid::now_v7(), HALF.1));
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path);
        let half = Self { file: file.map_err(|e| failed(folder, &e))?, path, folder: folder.to_owned() };
        // As long as it is held, nobody takes it for abandoned.
        flock(&half.file, FlockOperation::NonBlockingLockExclusive).map_err(|e| failed(folder, &e.into()))?;
        Ok(half)
    }

    /// Gives it its name, of which no other backup is robbed; returns the path.
    pub(super) fn keep(self, start: &str, made: Instant, encrypted: bool) -> Result<PathBuf> {
        self.file.sync_all().map_err(|e| failed(&self.folder, &e))?;
        let stamp = made.in_zone(&TimeZone::UTC).strftime(STAMP).to_string();
        let end = if encrypted { format!("{END}{AGE}") } else { END.to_owned() };
        for again in 1.. {
            let more = if again == 1 { String::new() } else { format!("-{again}") };
            let path = self.folder.join(format!("{start}{stamp}{more}{end}"));
            match rename_new(&self.path, &path) {
                Ok(()) => {
                    let folder = File::open(&self.folder).and_then(|folder| folder.sync_all());
                    folder.map_err(|e| failed(&self.folder, &e))?;
                    return Ok(path);
                }
                Err(Errno::EXIST) => {}
                Err(e) => return Err(failed(&self.folder, &e.into())),
            }
        }
        Err(Error::internal("no name is left for the backup"))
    }
}

/// Renames a file where no other has the name.
fn rename_new(from: &Path, to: &Path) -> Result<(), Errno> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Not every file system can.
        Err(Errno::INVAL | Errno::NOSYS) if to.exists() => Err(Errno::EXIST),
        Err(Errno::INVAL | Errno::NOSYS) => rustix::fs::rename(from, to),
        done => done,
    }
}

/// Removes what a process that is gone has left half written.
fn remove_abandoned(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).map_err(|e| failed(folder, &e))? {
        let name = entry.map_err(|e| failed(folder, &e))?.file_name();
        let of = |(start, end): (&str, &str)| {
            name.to_str().is_some_and(|name| name.starts_with(start) && name.ends_with(end))
        };
        let path = folder.join(&name);
        let (half, drill) = (of(HALF), of(HALF_DRILL));
        let Some(file) = (half || drill).then(|| File::open(&path).ok()).flatten() else { continue };
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok() {
            if drill {
                fs::remove_dir_all(&path).ok()
            } else {
                fs::remove_file(&path).ok()
            };
        }
    }
    Ok(())
}

/// The backups of a folder, the newest first.
///
/// # Errors
/// When the folder cannot be read; one that is not there has none.
pub(super) fn list(folder: &Path) -> Result<Vec<BackupFile>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == Io::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(failed(folder, &e)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| failed(folder, &e))?;
        let name = entry.file_name();
        let Some((created_at, again, encrypted)) = name.to_str().and_then(read_name) else { continue };
        let Ok(about) = entry.metadata() else { continue };
        if about.is_file() {
            let file = entry.path().display().to_string();
            found.push((created_at, again, BackupFile { file, created_at, bytes: about.len(), encrypted }));
        }
    }
    found.sort_by_key(|(created_at, again, _)| std::cmp::Reverse((*created_at, *again)));
    Ok(found.into_iter().map(|(.., file)| file).collect())
}

/// When the backup of that name was made, the how manieth of its second it is, and whether it is encrypted.
fn read_name(name: &str) -> Option<(Instant, u32, bool)> {
    let (name, encrypted) = name.strip_suffix(AGE).map_or((name, false), |name| (name, true));
    let name = name.strip_prefix(BACKUP)?.strip_suffix(END)?;
    let (stamp, again) = match name.split_once('-') {
        Some((stamp, again)) => (stamp, again.parse().ok().filter(|again| *again > 1)?),
        None => (name, 1),
    };
    let made = DateTime::strptime(STAMP, stamp).ok()?;
    Some((Instant::from_civil(made, &TimeZone::UTC)?, again, encrypted))
}

/// Removes the backups that need not be kept; returns which. The newest stays always.
pub(super) fn prune(folder: &Path, keep: Keep) -> Result<Vec<String>> {
    let files = list(folder)?;
    let kept = kept(&files.iter().map(|file| file.created_at).collect::<Vec<_>>(), keep);
    let mut removed = Vec::new();
    for (file, kept) in files.into_iter().zip(kept) {
        if !kept {
            fs::remove_file(&file.file).map_err(|e| failed(folder, &e))?;
            removed.push(file.file);
        }
    }
    Ok(removed)
}

/// Which of these stay, the newest first.
fn kept(made: &[Instant], keep: Keep) -> Vec<bool> {
    let (mut days, mut weeks, mut months) = (HashSet::new(), HashSet::new(), HashSet::new());
    let mut stays = |(place, made): (usize, &Instant)| {
        let day = made.in_zone(&TimeZone::UTC).date();
        let week = day.iso_week_date();
        let first = [
            newest_of(&mut days, day, keep.days),
            newest_of(&mut weeks, (week.year(), week.week()), keep.weeks),
            newest_of(&mut months, (day.year(), day.month()), keep.months),
        ];
        place == 0 || first.contains(&true)
    };
    made.iter().enumerate().map(&mut stays).collect()
}

/// Whether this is the first of a span that is among the first `most`.
fn newest_of<T: Eq + std::hash::Hash>(seen: &mut HashSet<T>, span: T, most: u16) -> bool {
    seen.len() < most.into() && seen.insert(span)
}

fn failed(folder: &Path, error: &std::io::Error) -> Error {
    super::unwritable("the backup", folder, error)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::io::Write as _;

    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn names_tell_when_and_never_collide() {
        let folder = tempfile::tempdir().unwrap();
        let made = at("2026-11-30T03:15:00.4Z");
        let write = |encrypted| {
            let mut half = Half::begin(folder.path()).unwrap();
            half.file.write_all(b"x").unwrap();
            half.keep(BACKUP, made, encrypted).unwrap()
        };
        let names: Vec<_> = [write(false), write(false), write(true), write(false)]
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .into();
        let stamp = "muista-20261130T031500Z";
        let expected = ["", "-2", "", "-3"].map(|more| format!("{stamp}{more}.muista"));
        assert_eq!(names[0], expected[0]);
        assert_eq!(names[1], expected[1]);
        assert_eq!(names[2], format!("{stamp}.muista.age"));
        assert_eq!(names[3], expected[3]);
        std::fs::write(folder.path().join("muista-notes.muista"), "mine").unwrap();
        let listed = list(folder.path()).unwrap();
        assert_eq!(listed.len(), 4);
        assert!(listed[0].file.ends_with(&expected[3]), "{listed:?}");
        assert_eq!(listed[0].created_at, at("2026-11-30T03:15:00Z"));
        assert_eq!(folder.path().read_dir().unwrap().count(), 5, "nothing half written stays");
    }

    #[test]
    fn what_was_left_half_written_goes_and_what_is_being_written_stays() {
        let folder = tempfile::tempdir().unwrap();
        let abandoned = folder.path().join(".muista-1.part");
        std::fs::write(&abandoned, "half").unwrap();
        let first = Half::begin(folder.path()).unwrap();
        assert!(!abandoned.exists());
        let second = Half::begin(folder.path()).unwrap();
        assert!(first.path.exists());
        drop((first, second));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn the_newest_of_each_span_stays() {
        let keep: Keep = "2d,2w,3m".parse().unwrap();
        let made = [
            ("2026-11-30T12:00:00Z", true),  // Monday, the newest
            ("2026-11-30T03:00:00Z", false), // the same day
            ("2026-11-29T03:00:00Z", true),  // the day before, and the newest of its week
            ("2026-11-28T03:00:00Z", false),
            ("2026-11-22T03:00:00Z", false), // a third week
            ("2026-10-31T03:00:00Z", true),  // the newest of October
            ("2026-10-01T03:00:00Z", false),
            ("2026-08-01T03:00:00Z", true), // the third month that has any
            ("2026-07-31T03:00:00Z", false),
        ];
        let times: Vec<_> = made.iter().map(|(time, _)| at(time)).collect();
        assert_eq!(kept(&times, keep), made.map(|(_, stays)| stays));
        assert_eq!(kept(&times[..1], "1m".parse().unwrap()), [true]);
        assert!(kept(&[], keep).is_empty());
    }
}
