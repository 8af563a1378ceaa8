//! The `[[script]]` tables of the configuration file: scripts that jobs may run, by name, with what may be given to
//! them. Whether the program is there shows when it runs.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use toml::Spanned;
use toml::de::DeValue;

use super::fields::Fields;
use super::value::{Base, Setting, quoted};
use crate::error::{Error, Result};
use crate::model::ScriptParam;

/// A script that jobs may run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScriptEntry {
    /// Its name: 1 to 64 letters, digits, dots, `_` and `-`; no two scripts have the same.
    pub name: String,
    /// The program, whole: a relative path of the file begins at the scripts folder and stays beneath it.
    pub path: PathBuf,
    /// What it does.
    pub description: Option<String>,
    /// What it is started with; `{NAME}` stands for a parameter's value.
    pub args: Vec<String>,
    /// Variables it is started with.
    pub env: BTreeMap<String, String>,
    /// What whoever starts it may choose.
    pub params: Vec<ScriptParam>,
}

impl ScriptEntry {
    /// The names of the parameters that stand in `text`, as in `--city={city}`. Braces around anything else are text.
    pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name)
            .filter(|name| is_param(name))
    }
}

/// A script and where in the file it stands.
#[derive(Debug)]
pub(super) struct Script {
    /// With its path as written.
    pub(super) entry: ScriptEntry,
    /// The path's line, counted from 1.
    pub(super) line: usize,
}

impl Script {
    /// The script with its path made whole.
    pub(super) fn placed(mut self, base: &Base) -> Result<ScriptEntry> {
        self.entry.path = PathBuf::read(self.entry.path.as_os_str(), base)?;
        Ok(self.entry)
    }
}

/// Reads the value of `script`: what is right, and what is wrong with its line.
pub(super) fn read(value: &Spanned<DeValue<'_>>, text: &str) -> (Vec<Script>, Vec<(usize, Error)>) {
    let (mut good, mut bad) = (Vec::<Script>::new(), Vec::new());
    for mut fields in Fields::list("script", value, text, &mut bad) {
        let line = fields.line_of_key("path");
        let name_line = fields.line_of_key("name");
        if let Some(entry) = script(&mut fields) {
            if good.iter().any(|other| other.entry.name == entry.name) {
                let error = Error::invalid("script", format!("there are two scripts named `{}`", entry.name));
                fields.wrong(name_line, error.hint("give each a name of its own"));
            } else {
                good.push(Script { entry, line });
            }
        }
        fields.finish(&mut bad);
    }
    (good, bad)
}

fn script(fields: &mut Fields<'_>) -> Option<ScriptEntry> {
    let name = fields.checked("name", name);
    let path = fields.checked("path", path);
    let description = fields.text("description");
    let args = fields.texts("args");
    let env = fields.map("env", variable);
    let params = params(fields);
    let args_line = fields.line_of_key("args");
    for unknown in args.iter().flat_map(|arg| ScriptEntry::placeholders(arg)) {
        if !params.iter().any(|param| param.name == unknown) {
            let error =
                Error::invalid("args", format!("args name the parameter `{unknown}`, which the script has not"));
            fields.wrong(args_line, error.hint(format!("write params = [{{ name = \"{unknown}\" }}]")));
        }
    }
    Some(ScriptEntry { name: name?, path: path?, description, args, env, params })
}

fn params(fields: &mut Fields<'_>) -> Vec<ScriptParam> {
    let mut params: Vec<ScriptParam> = Vec::new();
    for mut inner in fields.tables("params") {
        let line = inner.line_of_key("name");
        let name = inner.checked("name", param_name);
        let description = inner.text("description");
        let default = inner.text("default");
        let choices = inner.texts("choices");
        let allow_dash = inner.truth("allow_dash");
        if let Some(default) = default.as_ref().filter(|it| !choices.is_empty() && !choices.contains(it)) {
            let message = format!("the default `{}` is none of the choices", quoted(default));
            inner.wrong(line, Error::invalid("default", message).hint("add it to the choices, or choose one of them"));
        }
        if let Some(name) = name {
            if params.iter().any(|param| param.name == name) {
                let error = Error::invalid("params", format!("there are two parameters named `{name}`"));
                inner.wrong(line, error.hint("give each a name of its own"));
            }
            params.push(ScriptParam { name, description, default, choices, allow_dash });
        }
        fields.take_wrong_of(inner);
    }
    params
}

fn name(text: &str) -> Result<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if (1..=64).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(text.to_owned());
    }
    Err(Error::invalid("name", format!("`{}` is not a valid script name", quoted(text)))
        .hint("a name has 1 to 64 letters, digits, dots, _ and -, as in name = \"backup\""))
}

fn param_name(text: &str) -> Result<String> {
    if is_param(text) {
        return Ok(text.to_owned());
    }
    Err(Error::invalid("name", format!("`{}` is not a valid parameter name", quoted(text)))
        .hint("a name has 1 to 64 letters, digits, _ and -, as in name = \"city\""))
}

fn is_param(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

/// The path as written. What it stands for needs the scripts folder, so here only its form is looked at.
fn path(text: &str) -> Result<PathBuf> {
    let anywhere = Base { folder: PathBuf::from("/"), home: Some(PathBuf::from("/")) };
    PathBuf::read(OsStr::new(text), &anywhere)?;
    let path = Path::new(text);
    if path.is_relative() && path.components().any(|part| part == Component::ParentDir) {
        return Err(Error::invalid("path", format!("`{}` leads out of the scripts folder", quoted(text)))
            .hint("write the whole path, as in path = \"/usr/local/bin/backup\""));
    }
    Ok(path.to_owned())
}

/// Whether a variable may have this name and value; `environ(7)`.
fn variable(name: &str, value: &str) -> Result<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let named = name.bytes().all(fits) && name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    if !named {
        return Err(Error::invalid("env", format!("`{}` is not a valid variable name", quoted(name)))
            .hint("a name has letters, digits and _, as in env = { LANG = \"C\" }"));
    }
    if value.contains('\0') {
        return Err(Error::invalid("env", format!("{name} holds a NUL character")).hint("leave it out"));
    }
    Ok(())
}
