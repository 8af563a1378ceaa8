//! Takes each setting from the first source that has it, and gathers what is wrong with any of them.

use std::path::{Path, PathBuf};

use super::file::{self, Line};
use super::keys::{Key, Typed};
use super::script::{Script, ScriptEntry};
use super::sources::{Given, Source, Sources, from};
use super::value::{Base, Setting};
use super::{Entry, print_of};
use crate::error::{Error, Result};

pub(super) struct Reader<'a> {
    sources: &'a Sources,
    path: PathBuf,
    lines: Vec<Line>,
    scripts: Vec<Script>,
    entries: Vec<Entry>,
    unread: Vec<Error>,
    errors: Vec<Error>,
}

/// What came of reading.
pub(super) struct Read {
    pub(super) entries: Vec<Entry>,
    pub(super) warnings: Vec<String>,
    /// The settings of the file that flags and variables go before.
    pub(super) overruled: Vec<&'static str>,
    /// Values in files that cannot be read: wrong only for who needs them.
    pub(super) unread: Vec<Error>,
    pub(super) errors: Vec<Error>,
}

impl<'a> Reader<'a> {
    /// Reads the configuration file. One that was named must exist.
    pub(super) fn new(sources: &'a Sources) -> Self {
        let mut reader = Self {
            sources,
            path: PathBuf::new(),
            lines: Vec::new(),
            scripts: Vec::new(),
            entries: Vec::new(),
            unread: Vec::new(),
            errors: Vec::new(),
        };
        let named = sources.named_config();
        match sources.config_file() {
            Ok(path) => reader.path = path,
            Err(error) => {
                // Without a home folder there is no file; whether that matters depends on what else is set.
                reader.errors.extend(named.map(|_| error));
                return reader;
            }
        }
        match (file::text(&reader.path), named) {
            (Ok(Some(text)), _) => {
                let lines = file::lines(&reader.path, &text);
                reader.lines = lines.good;
                reader.scripts = lines.scripts;
                reader.errors.extend(lines.bad);
            }
            (Ok(None), Some((_, source))) => {
                let message = format!("{source}: there is no file {}", reader.path.display());
                reader.errors.push(
                    Error::invalid("config", message)
                        .hint("check the path; `muista config set KEY VALUE --config FILE` makes the file"),
                );
            }
            (Ok(None), None) => {}
            (Err(error), _) => reader.errors.push(error),
        }
        reader
    }

    /// The key's value by flag, variable or file; none where it is set nowhere or cannot be read.
    pub(super) fn take<T: Setting>(&mut self, typed: &'static Typed<T>) -> Option<T> {
        let key = &typed.key;
        let (given, source) = match self.find(key) {
            Ok(Some(found)) => found,
            Ok(None) => {
                self.entries.push(Entry { key, value: None, source: Source::Default, print: 0 });
                return None;
            }
            Err(error) => {
                self.errors.push(error);
                return None;
            }
        };
        let print = match &given {
            Given::Text(text) => print_of(&text.to_string_lossy().as_ref()),
            Given::File(path, _) => print_of(path),
        };
        let base = match source {
            Source::File(..) => self.sources.base_of_file(&self.path),
            _ => self.sources.base(),
        };
        let (value, wrong) = match given {
            Given::Text(raw) => (T::read(&raw, &base), &mut self.errors),
            Given::File(path, variable) => (T::of_file(path, &variable, &base), &mut self.unread),
        };
        let value = value.map_err(|error| wrong.push(from(error, key.name, &source))).ok();
        let shown = value.as_ref().map(T::show);
        self.entries.push(Entry { key, value: shown, source, print });
        value
    }

    fn find(&self, key: &'static Key) -> Result<Option<(Given, Source)>> {
        if let Some(found) = self.sources.find(key)? {
            return Ok(Some(found));
        }
        let line = self.lines.iter().find(|line| line.key.name == key.name);
        let of_file = |line: &Line| Source::File(self.path.clone(), line.number);
        Ok(line.map(|line| (Given::Text(line.value.clone().into()), of_file(line))))
    }

    /// The scripts that the file registers; relative paths begin at `folder`.
    pub(super) fn scripts(&mut self, folder: Option<&Path>) -> Vec<ScriptEntry> {
        // Where there is no folder there is no file either, so no script.
        let folder = folder.unwrap_or(Path::new("/")).to_owned();
        let base = Base { folder, home: self.sources.base().home };
        let mut placed = Vec::new();
        for script in std::mem::take(&mut self.scripts) {
            let source = Source::File(self.path.clone(), script.line);
            match script.placed(&base) {
                Ok(entry) => placed.push(entry),
                Err(error) => self.errors.push(from(error, "path", &source)),
            }
        }
        placed
    }

    /// Counts this error in, if it is one.
    pub(super) fn note(&mut self, error: Option<&Error>) {
        self.errors.extend(error.cloned());
    }

    /// What was taken, the warnings, and everything that was wrong.
    pub(super) fn finish(self) -> Read {
        let Self { sources, lines, entries, unread, errors, .. } = self;
        let in_file = |key: &Key| lines.iter().any(|line| line.key.name == key.name);
        let above = |entry: &&Entry| matches!(entry.source, Source::Flag(_) | Source::Environment(_));
        let overruled = entries.iter().filter(above).map(|entry| entry.key).filter(|key| in_file(key));
        let overruled = overruled.map(|key| key.name).collect();
        Read { warnings: sources.warnings(), overruled, entries, unread, errors }
    }
}

/// All of `errors` as one.
pub(super) fn all(mut errors: Vec<Error>) -> Result<()> {
    if errors.len() < 2 {
        return errors.pop().map_or(Ok(()), Err);
    }
    let mut message = format!("{} settings are wrong:", errors.len());
    for error in &errors {
        message.push_str("\n  ");
        message.push_str(&error.message);
        if let Some(hint) = &error.hint {
            message.push_str(&format!(" ({hint})"));
        }
    }
    Err(Error::invalid("config", message).hint("correct each where it is set; `muista config edit` opens the file"))
}
