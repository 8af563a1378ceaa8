//! Finding a setting by its name, and what to say of a name that is none: the nearest one that is.

use super::keys::{KEYS, Key};
use super::value::quoted;
use crate::error::{Error, Result};
use crate::model::nearest;

/// The variables that are no settings: where the configuration file is, and what shows long lists.
const OTHER_VARIABLES: &[&str] = &["MUISTA_CONFIG", "MUISTA_PAGER"];

/// The key of this name.
///
/// # Errors
/// `Invalid` with the nearest known name as its hint.
pub fn key(name: &str) -> Result<&'static Key> {
    let found = KEYS.iter().find(|key| key.name == name);
    found.copied().ok_or_else(|| unknown(name))
}

/// The names of the settings in a table; `None` where there is no such table.
pub(super) fn table(name: &str) -> Option<Vec<&'static str>> {
    let within = |key: &&&Key| key.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    let names: Vec<_> = KEYS.iter().filter(within).map(|key| key.name).collect();
    (!names.is_empty()).then_some(names)
}

/// The error for a name that is no key's.
pub(super) fn unknown(name: &str) -> Error {
    let error = Error::invalid(name, format!("`{}` is not a setting", quoted(name)));
    if let Some(names) = table(name) {
        return error.hint(format!("it is a table; its settings are {}", names.join(", ")));
    }
    let hint = in_its_table(name).unwrap_or_else(|| {
        let names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
        let tables = names.iter().filter_map(|name| name.split_once('.')).map(|(table, _)| table);
        match nearest(name, names.iter().copied().chain(tables).chain(["script"])) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys are {}", names.join(", ")),
        }
    });
    error.hint(hint)
}

/// A remedy for a name whose table exists: the nearest one there.
fn in_its_table(name: &str) -> Option<String> {
    let (parent, last) = name.rsplit_once('.')?;
    let names = table(parent)?;
    let lasts = names.iter().filter_map(|name| name.rsplit_once('.')).map(|(_, last)| last);
    Some(match nearest(last, lasts) {
        Some(near) => format!("did you mean `{parent}.{near}`?"),
        None => format!("the settings of {parent} are {}", names.join(", ")),
    })
}

/// Whether `variable` sets something, and if not, the nearest one that does.
pub(super) fn misspelt(variable: &str) -> Option<String> {
    let secrets = KEYS.iter().filter_map(|key| key.file_variable());
    let known: Vec<String> = KEYS
        .iter()
        .map(|key| key.environment)
        .chain(OTHER_VARIABLES.iter().copied())
        .map(str::to_owned)
        .chain(secrets)
        .collect();
    if known.iter().any(|name| name == variable) {
        return None;
    }
    let near = nearest(variable, known.iter().map(String::as_str));
    let remedy = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
    Some(format!("the variable {} sets nothing{remedy}", quoted(variable)))
}
