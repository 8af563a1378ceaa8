//! The configuration file, and the variables that should set something.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use muista_core::config::Source;
use muista_core::model::Finding;

use super::Subject;

/// Whether there is a file, and who may read it.
pub(super) fn file(subject: &Subject<'_>) -> Vec<Finding> {
    vec![of_file(subject)]
}

fn of_file(Subject { app, config, .. }: &Subject<'_>) -> Finding {
    let name = "settings";
    let Ok(path) = app.sources().config_file() else {
        return Finding::ok(name, "no home folder, so no file; the defaults hold");
    };
    let Ok(metadata) = fs::metadata(&path) else {
        return Finding::ok(name, format!("no file at {}; the defaults hold", path.display()));
    };
    let readable = metadata.permissions().mode() & 0o077 != 0;
    let secret = config.entries().iter().any(|entry| entry.key.secret && matches!(entry.source, Source::File(..)));
    if readable && secret {
        let found = format!("{} may be read by others and may hold a password", path.display());
        return Finding::warn(name, found, format!("chmod 600 {}", path.display()));
    }
    Finding::ok(name, path.display().to_string())
}

/// The secrets that cannot be read; nothing where all can.
pub(super) fn secrets(subject: &Subject<'_>) -> Vec<Finding> {
    let unreadable = subject.config.unreadable();
    unreadable.iter().map(|error| Finding::failed(error.field.as_deref().unwrap_or("secret"), error)).collect()
}

/// The variables that set nothing.
pub(super) fn variables(subject: &Subject<'_>) -> Vec<Finding> {
    vec![match subject.config.warnings() {
        [] => Finding::ok("environment", "every MUISTA_ variable is known"),
        warnings => Finding::warn("environment", warnings.join("; "), "unset it, or correct its name"),
    }]
}
