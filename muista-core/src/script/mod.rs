//! The scripts that jobs may run: which there are, what a run's command line is, and whether a file may be run at all.
//! A script's process is the daemon's; names and parameters are all that any way in can choose.

mod check;
mod command;
#[cfg(test)]
mod tests;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub use check::Checked;
pub use command::ScriptCommand;

use crate::config::ScriptEntry;
use crate::error::{Error, Result};
use crate::model::{Script, ScriptSource};

/// Every script that jobs may run: the `[[script]]` tables of the configuration, and the executable files directly in
/// the scripts folder. A table wins over a file of the same name. The folder is read at each call, so a new file needs
/// no restart.
#[derive(Debug, Clone)]
pub struct Scripts {
    dir: PathBuf,
    entries: Vec<ScriptEntry>,
}

impl Scripts {
    /// The scripts of the folder `dir`, which need not exist, and of `entries`.
    #[must_use]
    pub fn new(dir: PathBuf, entries: Vec<ScriptEntry>) -> Self {
        Self { dir, entries }
    }

    /// The scripts folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// All of them by name, those included that would be refused. Hidden files, files that nobody may execute and names
    /// that are no text are left out.
    ///
    /// # Errors
    /// `Unavailable` when the folder is there and cannot be read.
    pub fn list(&self) -> Result<Vec<Script>> {
        let mut list: Vec<Script> = self.entries.iter().map(|entry| self.of_entry(entry)).collect();
        let names = check::executables(&self.dir)?;
        list.extend(names.into_iter().filter(|name| self.entry(name).is_none()).map(|name| self.of_file(name)));
        list.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(list)
    }

    /// The script called `name`, even if it would be refused now.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn find(&self, name: &str) -> Result<Script> {
        if let Some(entry) = self.entry(name) {
            return Ok(self.of_entry(entry));
        }
        if !is_file_name(name) || !check::exists(&self.dir, name) {
            return Err(self.unknown(name));
        }
        Ok(self.of_file(name.to_owned()))
    }

    fn entry(&self, name: &str) -> Option<&ScriptEntry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    fn of_entry(&self, entry: &ScriptEntry) -> Script {
        let resolved = self.resolved(entry);
        Script {
            name: entry.name.clone(),
            path: entry.path.clone(),
            description: entry.description.clone(),
            params: entry.params.clone(),
            source: ScriptSource::Config,
            problem: resolved.map_or_else(|error| Some(error_text(&error)), |path| problem(&path)),
        }
    }

    fn of_file(&self, name: String) -> Script {
        let path = self.dir.join(&name);
        let problem = problem(&path);
        Script { name, path, description: None, params: Vec::new(), source: ScriptSource::Folder, problem }
    }

    fn unknown(&self, name: &str) -> Error {
        let error = Error::not_found(format!("script “{}”", name.escape_debug()));
        let known = self.list().unwrap_or_default();
        let nearest = known.iter().map(|script| (strsim::osa_distance(&script.name, name), &script.name)).min();
        match nearest {
            Some((distance, near)) if distance <= 2 => error.hint(format!("did you mean “{near}”?")),
            _ => error.hint(format!(
                "`muista script ls` shows them; to add one, put an executable file into {}",
                self.dir.display()
            )),
        }
    }
}

/// Whether `name` names a file directly in a folder: no way up, down, or to a hidden file.
fn is_file_name(name: &str) -> bool {
    !name.starts_with('.') && !name.contains('\0') && Path::new(name).file_name() == Some(OsStr::new(name))
}

fn problem(path: &Path) -> Option<String> {
    Checked::open(path).err().map(|error| error_text(&error))
}

/// An error in one line, with its remedy.
fn error_text(error: &Error) -> String {
    match &error.hint {
        Some(hint) => format!("{}; {hint}", error.message),
        None => error.message.clone(),
    }
}

/// A text without the folders of this machine: of a path its last part is left, for those whom the rest does not concern.
#[must_use]
pub fn without_folders(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('/') {
        let (before, path) = rest.split_at(start);
        let end = path.find(|c: char| c.is_whitespace() || "“”\"'`,;:()".contains(c)).unwrap_or(path.len());
        let (path, after) = path.split_at(end);
        let absolute =
            before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, ':' | '.' | '-' | '_'));
        out.push_str(before);
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        match absolute && path.len() > 1 {
            true if name.is_empty() => out.push('…'),
            true => out.extend(["…/", name]),
            false => out.push_str(path),
        }
        rest = after;
    }
    out + rest
}
