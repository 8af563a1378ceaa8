//! The checks of `muista doctor`, in the order in which one thing rests on another. None of them writes anything.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use jiff::tz::TimeZone;
use muista_core::config::{Config, Source};
use muista_core::store::Database;
use rustix::fs::Access;

use super::{Check, running};
use crate::app::App;
use crate::client;
use crate::error::CliError;

/// Below this many bytes free, writing may soon fail.
const DISK_LOW: u64 = 200 << 20;
/// Below this many bytes free, it will.
const DISK_OUT: u64 = 8 << 20;

/// Every check that can be made.
pub(super) fn all(app: &App) -> Vec<Check> {
    let config = match app.config() {
        Ok(config) => config,
        // Nothing else can be looked for without knowing where it is.
        Err(error) => return vec![Check::failed("settings", &error), locale()],
    };
    let mut checks = vec![
        settings(app, config),
        variables(config),
        data_folder(&config.data_dir),
        disk(&config.data_dir),
        database(app, config),
    ];
    checks.extend(running::all(app, config));
    checks.extend([zone(config), locale()]);
    checks
}

fn settings(app: &App, config: &Config) -> Check {
    let name = "settings";
    let Ok(path) = app.sources().config_file() else {
        return Check::ok(name, "no home folder, so no file; the defaults hold");
    };
    let Ok(metadata) = fs::metadata(&path) else {
        return Check::ok(name, format!("no file at {}; the defaults hold", path.display()));
    };
    let readable = metadata.permissions().mode() & 0o077 != 0;
    let secret = config.entries().iter().any(|entry| entry.key.secret && matches!(entry.source, Source::File(..)));
    if readable && secret {
        let found = format!("{} may be read by others and may hold a password", path.display());
        return Check::warn(name, found, format!("chmod 600 {}", path.display()));
    }
    Check::ok(name, path.display().to_string())
}

fn variables(config: &Config) -> Check {
    match config.warnings() {
        [] => Check::ok("environment", "every MUISTA_ variable is known"),
        warnings => Check::warn("environment", warnings.join("; "), "unset it, or correct its name"),
    }
}

fn data_folder(dir: &Path) -> Check {
    let name = "data folder";
    let shown = dir.display();
    let metadata = match fs::metadata(dir) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return to_be_made(dir),
        Err(e) => {
            return Check::fail(
                name,
                format!("cannot look at {shown}: {e}"),
                "check the modes of the folders above it",
            );
        }
    };
    if !metadata.is_dir() {
        return Check::fail(name, format!("{shown} is no folder"), "move it away, or choose another with --data-dir");
    }
    if rustix::fs::access(dir, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Check::fail(
            name,
            format!("{shown} cannot be written"),
            "make it yours, or choose another with --data-dir",
        );
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Check::warn(name, format!("{shown} is open to other users"), format!("chmod 700 {shown}"));
    }
    Check::ok(name, shown.to_string())
}

/// A data folder that is not there yet is in order where it can be made.
fn to_be_made(dir: &Path) -> Check {
    let above = existing(dir);
    if rustix::fs::access(above, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let found = format!("{} is missing, and {} cannot be written", dir.display(), above.display());
        return Check::fail("data folder", found, "choose another with --data-dir");
    }
    Check::ok("data folder", format!("{} is made at the first use", dir.display()))
}

/// The nearest folder above `path` that exists.
fn existing(path: &Path) -> &Path {
    path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"))
}

fn disk(dir: &Path) -> Check {
    let name = "disk";
    let free = match rustix::fs::statvfs(existing(dir)) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(e) => return Check::warn(name, format!("cannot tell what is free: {e}"), "look with df"),
    };
    let found = format!("{} MB free", free / 1_000_000);
    match free {
        DISK_LOW.. => Check::ok(name, found),
        DISK_OUT.. => Check::warn(name, found, "free some space"),
        _ => Check::fail(name, found, "free some space: changes cannot be saved"),
    }
}

fn database(app: &App, config: &Config) -> Check {
    let name = "database";
    match config.database() {
        // Asking would make the file.
        Ok(Database::Sqlite(path)) if !path.exists() => {
            return Check::ok(name, format!("{} is made at the first use", path.display()));
        }
        Ok(_) => {}
        Err(error) => return Check::failed(name, &error.into()),
    }
    let status = app.block_on(async { client::look(config).await.map_err(CliError::from) });
    match status {
        Ok((status, damage)) if damage.is_empty() => {
            Check::ok(name, format!("{} is whole, schema {}", status.database, status.schema_version))
        }
        Ok((status, damage)) => {
            let found = format!("{} is damaged: {}", status.database, damage.join("; "));
            Check::fail(name, found, "copy the file away, then restore a backup")
        }
        Err(error) => Check::failed(name, &error),
    }
}

fn zone(config: &Config) -> Check {
    let name = "time zone";
    // One that is configured has been looked up when the settings were read.
    if let Some(zone) = &config.timezone {
        return Check::ok(name, zone);
    }
    match TimeZone::try_system() {
        Ok(zone) => Check::ok(name, format!("{}, the system's", zone.iana_name().unwrap_or("without a name"))),
        Err(e) => Check::warn(
            name,
            format!("cannot tell the system's, so UTC is used: {e}"),
            "`muista config set timezone Europe/Helsinki`",
        ),
    }
}

/// The locale by POSIX: LC_ALL goes before LC_CTYPE, this before LANG.
fn locale() -> Check {
    let name = "terminal";
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    match locale {
        Some(locale) if is_utf8(&locale) => Check::ok(name, format!("UTF-8 ({locale})")),
        Some(locale) => {
            Check::warn(name, format!("{locale} is no UTF-8 locale"), "set LANG to one, as in LANG=C.UTF-8")
        }
        None => Check::warn(name, "no locale is set", "set LANG to a UTF-8 one, as in LANG=C.UTF-8"),
    }
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::super::Status;
    use super::*;

    #[test]
    fn a_data_folder_is_judged_by_what_can_be_done_with_it() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(data_folder(dir.path()).status, Status::Ok);
        assert_eq!(data_folder(&dir.path().join("a/b")).status, Status::Ok);
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let open = data_folder(dir.path());
        assert_eq!(open.status, Status::Warn);
        assert!(open.remedy.unwrap().starts_with("chmod 700"));
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(data_folder(&file).status, Status::Fail);
        assert_eq!(data_folder(&file.join("below")).status, Status::Fail);
    }

    #[test]
    fn the_nearest_folder_above_is_found() {
        assert_eq!(existing(Path::new("/nowhere/at/all")), Path::new("/"));
    }

    #[test]
    fn utf_8_is_spelt_in_many_ways() {
        for locale in ["C.UTF-8", "fi_FI.utf8", "en_US.UTF8@euro"] {
            assert!(is_utf8(locale), "{locale}");
        }
        for locale in ["C", "POSIX", "fi_FI.ISO-8859-15"] {
            assert!(!is_utf8(locale), "{locale}");
        }
    }
}
