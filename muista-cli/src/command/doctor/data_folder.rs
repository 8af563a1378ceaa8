//! The data folder, and the room on its disk.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use muista_core::model::Finding;
use rustix::fs::Access;

use super::Subject;

/// Below this many bytes free, writing may soon fail.
const DISK_LOW: u64 = 200 << 20;
/// Below this many bytes free, it will.
const DISK_OUT: u64 = 8 << 20;

/// Whether the data folder is there, or can be made, and is ours alone.
pub(super) fn folder(subject: &Subject<'_>) -> Vec<Finding> {
    vec![data_folder(&subject.config.data_dir)]
}

fn data_folder(dir: &Path) -> Finding {
    let name = "data folder";
    let shown = dir.display();
    let metadata = match fs::metadata(dir) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return to_be_made(dir),
        Err(e) => {
            return Finding::fail(
                name,
                format!("cannot look at {shown}: {e}"),
                "check the modes of the folders above it",
            );
        }
    };
    if !metadata.is_dir() {
        return Finding::fail(
            name,
            format!("{shown} is not a folder"),
            "move it away, or choose another with --data-dir",
        );
    }
    if rustix::fs::access(dir, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Finding::fail(
            name,
            format!("{shown} cannot be written"),
            "make it yours, or choose another with --data-dir",
        );
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Finding::warn(name, format!("{shown} is open to other users"), format!("chmod 700 {shown}"));
    }
    Finding::ok(name, shown.to_string())
}

/// A data folder that is not there yet is in order where it can be made.
fn to_be_made(dir: &Path) -> Finding {
    let above = existing(dir);
    if rustix::fs::access(above, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let found = format!("{} is missing, and {} cannot be written", dir.display(), above.display());
        return Finding::fail("data folder", found, "choose another with --data-dir");
    }
    Finding::ok("data folder", format!("{} is made at the first use", dir.display()))
}

/// The nearest folder above `path` that exists.
fn existing(path: &Path) -> &Path {
    path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"))
}

/// How much is free on the data folder's disk.
pub(super) fn disk(subject: &Subject<'_>) -> Vec<Finding> {
    vec![free(&subject.config.data_dir)]
}

fn free(dir: &Path) -> Finding {
    let name = "disk";
    let free = match rustix::fs::statvfs(existing(dir)) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(e) => return Finding::warn(name, format!("cannot tell what is free: {e}"), "look with df"),
    };
    let found = format!("{} MB free", free / 1_000_000);
    match free {
        DISK_LOW.. => Finding::ok(name, found),
        DISK_OUT.. => Finding::warn(name, found, "free some space"),
        _ => Finding::fail(name, found, "free some space: changes cannot be saved"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use muista_core::model::Verdict;

    use super::*;

    #[test]
    fn a_data_folder_is_judged_by_what_can_be_done_with_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(data_folder(dir.path()).status, Verdict::Ok);
        assert_eq!(data_folder(&dir.path().join("a/b")).status, Verdict::Ok);
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let open = data_folder(dir.path());
        assert_eq!(open.status, Verdict::Warn);
        assert!(open.remedy.unwrap().starts_with("chmod 700"));
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(data_folder(&file).status, Verdict::Fail);
        assert_eq!(data_folder(&file.join("below")).status, Verdict::Fail);
    }

    #[test]
    fn the_nearest_folder_above_is_found() {
        assert_eq!(existing(Path::new("/nowhere/at/all")), Path::new("/"));
    }
}
