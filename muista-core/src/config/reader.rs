//! Takes each setting from the first source that has it, and gathers what is wrong with any of them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::Entry;
use super::file::{self, Line};
use super::keys::{Key, Typed};
use super::script::{Script, ScriptEntry};
use super::sources::{Source, Sources, from};
use super::value::{Base, Setting};
use crate::error::{Error, Result};

pub(super) struct Reader<'a> {
    sources: &'a Sources,
    path: PathBuf,
    lines: Vec<Line>,
    scripts: Vec<Script>,
    entries: Vec<Entry>,
    errors: Vec<Error>,
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
        match self.read(&typed.key) {
            Ok((value, entry)) => {
                self.entries.push(entry);
                value
            }
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    fn read<T: Setting>(&self, key: &'static Key) -> Result<(Option<T>, Entry)> {
        let Some((raw, source)) = self.find(key)? else {
            return Ok((None, Entry { key, value: None, source: Source::Default }));
        };
        let base = match source {
            Source::File(..) => self.sources.base_of_file(&self.path),
            _ => self.sources.base(),
        };
        let value = T::read(&raw, &base).map_err(|e| from(e, key.name, &source))?;
        let shown = value.show();
        Ok((Some(value), Entry { key, value: Some(shown), source }))
    }

    fn find(&self, key: &'static Key) -> Result<Option<(OsString, Source)>> {
        if let Some(found) = self.sources.find(key)? {
            return Ok(Some(found));
        }
        let line = self.lines.iter().find(|line| line.key.name == key.name);
        Ok(line.map(|line| (line.value.clone().into(), Source::File(self.path.clone(), line.number))))
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
    pub(super) fn finish(self) -> (Vec<Entry>, Vec<String>, Vec<Error>) {
        (self.entries, self.sources.warnings(), self.errors)
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
