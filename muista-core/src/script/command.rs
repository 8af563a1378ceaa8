//! A run's command line: the script's own arguments with the parameters' values in place, then the job's. An argument
//! stays one argument, whatever it holds; no shell reads any of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Scripts, check, is_file_name};
use crate::config::ScriptEntry;
use crate::error::{Error, Result};
use crate::model::{ScriptParam, clip, shown};

/// Linux takes no argument or variable that is longer (`MAX_ARG_STRLEN` of execve(2), less the closing NUL).
const ARGUMENT_MAX: usize = 128 * 1024 - 1;
/// What all arguments and variables of a run may have together; the system's own limit is far higher.
const TOTAL_MAX: usize = 1024 * 1024;

/// What a run executes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptCommand {
    /// The file. Its last part is no link that has to be followed; whether it may run is checked when it is run.
    pub path: PathBuf,
    /// The arguments after the program's name.
    pub args: Vec<String>,
    /// What the environment holds beside the usual.
    pub env: BTreeMap<String, String>,
}

impl Scripts {
    /// What a run of the script `name` executes. Each `{param}` in the script's own arguments becomes the parameter's
    /// value; the parameters also stand in the environment, as `MUISTA_PARAM_CITY`.
    ///
    /// # Errors
    /// `NotFound` when there is no such script; `Invalid` for a parameter that it does not declare, a value that is not
    /// among its choices, a missing value, and a value that no argument can hold.
    pub fn command(&self, name: &str, job_args: &[String], params: &BTreeMap<String, String>) -> Result<ScriptCommand> {
        let command = match self.entry(name) {
            Some(entry) => self.of_table(entry, job_args, params)?,
            None if is_file_name(name) && check::exists(self.dir(), name) => {
                values(name, &[], params)?;
                ScriptCommand { path: self.dir().join(name), args: job_args.to_vec(), env: BTreeMap::new() }
            }
            None => return Err(self.unknown(name)),
        };
        passable(&command)?;
        Ok(command)
    }

    fn of_table(
        &self,
        entry: &ScriptEntry,
        job_args: &[String],
        params: &BTreeMap<String, String>,
    ) -> Result<ScriptCommand> {
        let values = values(&entry.name, &entry.params, params)?;
        let own = entry.args.iter().map(|arg| filled(arg, &values));
        let mut env = entry.env.clone();
        env.extend(values.iter().map(|(name, value)| (variable(name), (*value).to_owned())));
        Ok(ScriptCommand { path: self.resolved(entry)?, args: own.chain(job_args.iter().cloned()).collect(), env })
    }

    /// The file that an entry of the configuration names, links followed: its author chose it. Only what is beneath the
    /// scripts folder may not lead out of it.
    ///
    /// # Errors
    /// `NotFound` when it is not there, `Forbidden` when it leads out.
    pub(super) fn resolved(&self, entry: &ScriptEntry) -> Result<PathBuf> {
        let path = entry.path.canonicalize().map_err(|e| {
            Error::not_found(format!("script {}: {e}", entry.path.display()))
                .hint(format!("correct the path of “{}” in the configuration", entry.name))
        })?;
        if entry.path.starts_with(self.dir()) && !self.dir().canonicalize().is_ok_and(|dir| path.starts_with(dir)) {
            let message = format!("{} leads out of the scripts folder, to {}", entry.path.display(), path.display());
            return Err(
                Error::forbidden(message).hint(format!("name the real path of “{}” in the configuration", entry.name))
            );
        }
        Ok(path)
    }
}

/// The value of each declared parameter.
fn values<'a>(
    script: &str,
    declared: &'a [ScriptParam],
    given: &'a BTreeMap<String, String>,
) -> Result<BTreeMap<&'a str, &'a str>> {
    if let Some(unknown) = given.keys().find(|name| !declared.iter().any(|param| param.name == **name)) {
        let names: Vec<_> = declared.iter().map(|param| param.name.as_str()).collect();
        let known = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let message = format!("script “{script}” has no parameter “{}”", shown(&clip(unknown)));
        return Err(Error::invalid("params", message).hint(format!("it takes: {known}")));
    }
    declared.iter().map(|param| Ok((param.name.as_str(), value(param, given)?))).collect()
}

fn value<'a>(param: &'a ScriptParam, given: &'a BTreeMap<String, String>) -> Result<&'a str> {
    let Some(value) = given.get(&param.name).or(param.default.as_ref()) else {
        return Err(Error::invalid("params", format!("the parameter “{}” has no value", param.name))
            .hint(format!("set it, as in `--param {}=…`", param.name)));
    };
    let chosen_here = param.choices.contains(value) || param.default.as_ref() == Some(value);
    if value.starts_with('-') && !param.allow_dash && !chosen_here {
        let message = format!("the parameter “{}” cannot begin with -, as “{}” does", param.name, shown(&clip(value)));
        return Err(Error::invalid("params", message).hint(
            "a program could take it for an option; where it does not, whoever registered the script may say \
             `allow_dash = true` of the parameter",
        ));
    }
    if !param.choices.is_empty() && !param.choices.contains(value) {
        let message = format!("the parameter “{}” cannot be “{}”", param.name, shown(&clip(value)));
        return Err(Error::invalid("params", message).hint(format!("it is one of: {}", param.choices.join(", "))));
    }
    Ok(value)
}

/// `text` with each `{param}` replaced. Values are not looked into, and braces around anything else stay.
fn filled(text: &str, values: &BTreeMap<&str, &str>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, braced) = rest.split_at(start);
        out.push_str(before);
        let found = braced.find('}').and_then(|end| Some((end, values.get(&braced[1..end])?)));
        let used = match found {
            Some((end, value)) => {
                out.push_str(value);
                end + 1
            }
            None => {
                out.push('{');
                1
            }
        };
        rest = &braced[used..];
    }
    out + rest
}

/// The variable that holds a parameter.
fn variable(param: &str) -> String {
    let upper = param.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' });
    "MUISTA_PARAM_".chars().chain(upper).collect()
}

/// Whether the system can hand all of it to a program.
fn passable(command: &ScriptCommand) -> Result<()> {
    let variables = command.env.iter().map(|(name, value)| ("env", name.len() + 1, value));
    let mut total = 0;
    for (field, extra, text) in command.args.iter().map(|arg| ("args", 0, arg)).chain(variables) {
        let length = extra + text.len();
        total += length;
        if text.contains('\0') {
            return Err(Error::invalid(field, format!("“{}” holds a NUL, which no argument can", text.escape_debug()))
                .hint("hand it over in a file instead"));
        }
        if length > ARGUMENT_MAX || total > TOTAL_MAX {
            return Err(Error::invalid(field, format!("arguments of {total} bytes are too long"))
                .hint(format!("one may have {ARGUMENT_MAX} bytes, all together {TOTAL_MAX}; hand it over in a file")));
        }
    }
    Ok(())
}
