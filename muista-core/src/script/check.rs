//! Whether a file may be run as a script: what it is, whose it is, and who could change it. The folder stays open from
//! the check to the run, so nobody else can put another file in its place in between.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, AtFlags, CWD, FileType, Mode, OFlags, RawMode, Stat};
use rustix::io::Errno;

use super::is_file_name;
use crate::error::{Error, Result};

/// Who else may write: the group, everybody.
const WRITABLE: RawMode = 0o022;
/// In a folder with this bit, only a file's owner replaces it.
const STICKY: RawMode = 0o1000;
/// Somebody may execute it.
const EXECUTABLE: RawMode = 0o111;

/// A script that has passed the checks: a regular file that this user may execute, in a folder; both belong to this
/// user or to root, and nobody else may change them. The file is no link; the way to the folder may lead over links.
#[derive(Debug)]
pub struct Checked {
    folder: OwnedFd,
    name: OsString,
}

impl Checked {
    /// Checks the script at `path`.
    ///
    /// # Errors
    /// `NotFound` when there is none, `Forbidden` when a check fails: both name the path and the remedy.
    pub fn open(path: &Path) -> Result<Self> {
        let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
            return Err(Error::not_found(format!("script {}", path.display())));
        };
        let folder = open_folder(parent).map_err(|e| unreachable(path, e))?;
        let stat = rustix::fs::fstat(&folder).map_err(|e| unreachable(path, e))?;
        safe_folder(parent, &stat)?;
        // A link is opened as itself, and a pipe without waiting for its other end.
        let file = rustix::fs::openat(&folder, name, OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
            .map_err(|e| unreachable(path, e))?;
        let stat = rustix::fs::fstat(&file).map_err(|e| unreachable(path, e))?;
        safe_file(path, &stat)?;
        rustix::fs::accessat(&folder, name, Access::EXEC_OK, AtFlags::empty()).map_err(|e| not_executable(path, e))?;
        Ok(Self { folder, name: name.to_owned() })
    }

    /// Makes the script's folder the working directory of this process, and returns the program to execute there.
    ///
    /// # Errors
    /// `Unavailable` when the folder cannot be entered.
    pub fn enter(&self) -> Result<PathBuf> {
        rustix::process::fchdir(&self.folder)
            .map_err(|e| Error::unavailable(format!("cannot enter the folder of {}: {e}", self.name.display())))?;
        Ok(Path::new(".").join(&self.name))
    }
}

/// Opens a folder for walking through it; reading its list is not needed.
fn open_folder(path: &Path) -> rustix::io::Result<OwnedFd> {
    rustix::fs::openat(CWD, path, OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

/// The names of the executable files directly in `dir`, and of links, which would be refused with the reason.
///
/// # Errors
/// `Unavailable` when the folder is there and cannot be read.
pub(super) fn executables(dir: &Path) -> Result<Vec<String>> {
    let unreadable = |e: std::io::Error| {
        Error::unavailable(format!("cannot read the scripts folder {}: {e}", dir.display())).hint(
            "make it readable for you, as in `chmod u+rx`, or choose another with `muista config set scripts.dir`",
        )
    };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(unreadable(e)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(unreadable)?.file_name();
        if let Some(name) = name.to_str()
            && is_file_name(name)
            && looks_like_script(dir, name)
        {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Whether there is anything called `name` in `dir`, be it a link to nowhere.
pub(super) fn exists(dir: &Path, name: &str) -> bool {
    dir.join(name).symlink_metadata().is_ok()
}

fn looks_like_script(dir: &Path, name: &str) -> bool {
    rustix::fs::lstat(dir.join(name)).is_ok_and(|stat| match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => stat.st_mode & EXECUTABLE != 0,
        FileType::Symlink => true,
        _ => false,
    })
}

fn safe_folder(path: &Path, stat: &Stat) -> Result<()> {
    owned(path, stat)?;
    if stat.st_mode & WRITABLE != 0 && stat.st_mode & STICKY == 0 {
        return Err(writable(path, "the folder"));
    }
    Ok(())
}

fn safe_file(path: &Path, stat: &Stat) -> Result<()> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {}
        FileType::Symlink => {
            return Err(Error::forbidden(format!("{} is a link, which scripts may not be", path.display()))
                .hint("put the file itself there, or name its real path in a [[script]] table of the configuration"));
        }
        _ => {
            return Err(Error::forbidden(format!("{} is not a regular file", path.display()))
                .hint("a script is a file with `#!` in its first line, or a program"));
        }
    }
    owned(path, stat)?;
    if stat.st_mode & WRITABLE != 0 {
        return Err(writable(path, "the file"));
    }
    if stat.st_mode & EXECUTABLE == 0 {
        return Err(not_executable(path, Errno::ACCESS));
    }
    Ok(())
}

fn owned(path: &Path, stat: &Stat) -> Result<()> {
    let us = rustix::process::geteuid().as_raw();
    if stat.st_uid == us || stat.st_uid == 0 {
        return Ok(());
    }
    Err(Error::forbidden(format!("{} belongs to another user (uid {})", path.display(), stat.st_uid))
        .hint(format!("make it yours: `sudo chown {us} {}`", shell(path.as_os_str()))))
}

fn writable(path: &Path, what: &str) -> Error {
    Error::forbidden(format!("others may change {what} {}", path.display()))
        .hint(format!("take that from them: `chmod go-w {}`", shell(path.as_os_str())))
}

fn not_executable(path: &Path, error: Errno) -> Error {
    Error::forbidden(format!("{} cannot be executed: {error}", path.display())).hint(format!(
        "allow it with `chmod u+x {}`; it must not lie on a file system mounted noexec",
        shell(path.as_os_str())
    ))
}

fn unreachable(path: &Path, error: Errno) -> Error {
    match error {
        Errno::NOENT | Errno::NOTDIR => Error::not_found(format!("script {}", path.display()))
            .hint("it was moved or deleted; `muista script ls` shows those that there are"),
        _ => Error::forbidden(format!("cannot open the script {}: {error}", path.display()))
            .hint("make it and its folder reachable for the user that runs muistad, as in `chmod u+rx`"),
    }
}

/// A path as it can be pasted into a shell.
fn shell(path: &OsStr) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%:,".contains(c);
    if text.chars().all(plain) { text.into_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
