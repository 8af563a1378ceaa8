//! Changing the configuration file: one key at a time, or as a whole in an editor. A file is replaced in one step, so
//! that no reader ever sees half of it. What a change does to the text is [`document`]'s.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use muista_core::config::{Config, KEYS, Source, Sources, check_file, key};
use muista_core::error::Error;
use toml_edit::DocumentMut;

use super::document;
use crate::ask;
use crate::command::daemon::reload;
use crate::context::CommandContext;
use crate::editor::Edit;
use crate::error::Result;

/// Writes settings, all at once: some of them only work together.
pub(in crate::command) fn set(app: &CommandContext, pairs: &[(&str, &str)]) -> Result<()> {
    let path = app.sources().config_file()?;
    let mut document = read(&path)?;
    for (name, value) in pairs {
        let value = checked(app.sources(), &path, name, value)?;
        document::put(&mut document, key(name)?, &value);
    }
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    let done = format!("{} set in {}", subject(&names), path.display());
    change(app, &path, &document.to_string(), &names, &done)?;
    // The file may be overruled, or something else in it may be wrong: better said now than wondered about later.
    match Config::load(app.sources()) {
        Ok(config) => names.iter().for_each(|name| overruled(app, &config, name)),
        Err(error) => app.note(&format!("warning: {error}")),
    }
    Ok(())
}

/// Such as `tls.cert and tls.key are`.
fn subject(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("{name} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
    }
}

/// Writes the file and has the running daemon read it. What that cannot use is not kept.
fn change(app: &CommandContext, path: &Path, text: &str, keys: &[&str], done: &str) -> Result<()> {
    // These lead to the daemon that runs.
    let before = Config::load(app.sources());
    let old = self::text(path)?;
    replace(path, text)?;
    // A file that was named and is new, or was wrong, may be right by now.
    let before = before.or_else(|_| Config::load(app.sources())).ok();
    let told = match before.as_ref().map(|config| reload::tell(app, config, path, keys)) {
        None => Vec::new(),
        Some(Ok(told)) => told,
        Some(Err(error)) => {
            match old {
                Some(old) => replace(path, &old)?,
                None => fs::remove_file(path).map_err(|e| unusable(path, &e))?,
            }
            return Err(error);
        }
    };
    app.note(done);
    told.iter().for_each(|line| app.note(line));
    Ok(())
}

/// Takes settings out, all at once; also such as are no settings, since that is how a mistake is mended.
pub(super) fn unset(app: &CommandContext, names: &[String]) -> Result<()> {
    let path = app.sources().config_file()?;
    let mut document = read(&path)?;
    let (mut gone, mut absent) = (Vec::new(), Vec::new());
    for name in names {
        if document::remove(&mut document, name)? {
            gone.push(name.as_str());
        } else {
            key(name)?;
            absent.push(name.as_str());
        }
    }
    if !absent.is_empty() {
        app.note(&format!("{} not set in {}", subject(&absent), path.display()));
    }
    if gone.is_empty() {
        return Ok(());
    }
    let done = format!("{} no longer set in {}", subject(&gone), path.display());
    change(app, &path, &document.to_string(), &gone, &done)
}

/// Opens the file in an editor until what is in it can be used.
pub(super) fn edit(app: &CommandContext) -> Result<()> {
    let path = app.sources().config_file()?;
    let before = text(&path)?.unwrap_or_else(template);
    let edit = Edit::new(&before)?;
    loop {
        let after = edit.run()?;
        if before == after {
            app.note("Nothing was changed.");
            return Ok(());
        }
        match check_file(&path, &after, &app.sources().base_of_file(&path)) {
            Ok(()) => {
                let all: Vec<_> = KEYS.iter().map(|key| key.name).chain(["script"]).collect();
                return change(app, &path, &after, &all, &format!("{} is written", path.display()));
            }
            Err(error) => {
                app.note(&format!("error: {error}"));
                if !app.can_ask() || !ask::yes("Edit again?")? {
                    return Err(edit.keep(error).into());
                }
            }
        }
    }
}

/// The value as it goes into the file. A relative path is meant from the current folder, but the file's are read from
/// the file's folder; so it is written whole.
fn checked(sources: &Sources, path: &Path, name: &str, value: &str) -> Result<String, Error> {
    let key = key(name)?;
    let named = |error: Error| Error { message: format!("{name}: {}", error.message), ..error };
    let here = key.check(OsStr::new(value), &sources.base()).map_err(named)?;
    let there = key.check(OsStr::new(value), &sources.base_of_file(path)).map_err(named)?;
    Ok(if here == there { value.to_owned() } else { here })
}

fn overruled(app: &CommandContext, config: &Config, name: &str) {
    let source = config.entries().iter().find(|entry| entry.key.name == name).map(|entry| &entry.source);
    if let Some(source @ (Source::Flag(_) | Source::Environment(_))) = source {
        app.note(&format!("{source} is set too and goes before the file"));
    }
}

fn read(path: &Path) -> Result<DocumentMut, Error> {
    let text = text(path)?.unwrap_or_default();
    text.parse().map_err(|e: toml_edit::TomlError| {
        let line = e.span().map_or(1, |span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        Error::invalid("config", format!("{} line {line}: {}", path.display(), e.message()))
            .hint("mend it with `muista config edit`")
    })
}

/// The file's text; none where there is no file.
fn text(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(unusable(path, &e)),
    }
}

/// What stands in a new file: every setting, none of them set.
fn template() -> String {
    let head = "# Settings of muista. `muista config list` shows them as they stand.\n".to_owned();
    KEYS.iter().fold(head, |text, key| {
        let example = document::value(key, key.example);
        text + &format!("\n# {}\n# default: {}\n#{} = {example}\n", key.help, key.default, key.name)
    })
}

/// Replaces the file, or the file that a link at `path` leads to. Its mode stays; a new one is the user's alone.
fn replace(path: &Path, text: &str) -> Result<(), Error> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned);
    let write = || -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        file.write_all(text.as_bytes())?;
        if let Ok(old) = fs::metadata(&path) {
            file.as_file().set_permissions(old.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    };
    write().map_err(|e| unusable(&path, &e))
}

fn unusable(path: &Path, error: &io::Error) -> Error {
    Error::internal(format!("cannot use {}: {error}", path.display()))
        .hint("check the owner and mode of the file and its folder, or choose another with --config")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_template_is_a_valid_file_that_sets_nothing() {
        let home = ("HOME".into(), "/h".into());
        let base = Sources::new(muista_core::config::Flags::default(), [home], "/".into()).base();
        check_file(Path::new("/c"), &template(), &base).unwrap();
        assert!(template().parse::<DocumentMut>().unwrap().is_empty());
        let all = template()
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|key| !key.starts_with(' ')))
            .fold(String::new(), |text, line| text + line + "\n");
        check_file(Path::new("/c"), &all, &base).unwrap();
        assert_eq!(all.lines().count(), KEYS.len());
    }

    #[test]
    fn a_file_is_replaced_through_its_link_and_keeps_its_mode() {
        let dir = tempfile::tempdir().unwrap();
        let (link, target) = (dir.path().join("config.toml"), dir.path().join("real.toml"));
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        replace(&link, "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
        let fresh = dir.path().join("a/b.toml");
        replace(&fresh, "x").unwrap();
        assert_eq!(fs::metadata(&fresh).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
