//! `muista config`: shows and changes the settings. What the settings are is the core's table; changing the file is
//! [`mod@file`]'s.

mod document;
mod file;
mod zone;

pub(super) use file::set;

use clap::builder::PossibleValuesParser;
use muista_core::config::{Entry, KEYS, Key, key};
use muista_core::error::Error;
use serde::Serialize;

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};

/// Show and change settings
///
/// Alone it is `muista config list`. Precedence: flags, environment variables, configuration file, defaults. Passwords are never shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista config set timezone Europe/Helsinki")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    /// List every setting with its value and where that comes from
    List {
        /// Show addresses in full even if they may contain a token, as in muista config list --show-secrets; passwords stay hidden
        #[arg(long)]
        show_secrets: bool,
    },
    /// Print the value of a setting; status 3 if it has none
    Get {
        /// The setting, as in muista config get timezone
        #[arg(value_name = "KEY", value_parser = names())]
        key: String,
    },
    /// Write settings into the configuration file, which is created if missing
    ///
    /// Those that only work together, such as tls.cert and tls.key, are set in one command.
    Set {
        /// The setting, as in muista config set timezone Europe/Helsinki
        #[arg(value_name = "KEY", value_parser = names())]
        key: String,
        /// Its value, as in muista config set date_order dmy
        #[arg(value_name = "VALUE", allow_hyphen_values = true)]
        value: String,
        /// More of them, as in muista config set tls.cert /etc/muista/cert.pem tls.key /etc/muista/key.pem
        #[arg(value_name = "KEY VALUE", allow_hyphen_values = true)]
        more: Vec<String>,
    },
    /// Remove settings from the configuration file
    Unset {
        /// The settings, as in muista config unset timezone
        #[arg(value_name = "KEY", required = true)]
        keys: Vec<String>,
    },
    /// Print where the configuration file is
    Path,
    /// Open the configuration file in $VISUAL or $EDITOR; an invalid file is not saved
    Edit,
}

/// The names of the settings, which a shell completes.
fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(KEYS.iter().map(|key| key.name))
}

pub(crate) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    match args.verb.as_ref().unwrap_or(&Verb::List { show_secrets: false }) {
        Verb::List { show_secrets } => list(app, *show_secrets),
        Verb::Get { key } => get(app, key),
        Verb::Set { key, value, more } => {
            let pairs = pairs(key, value, more)?;
            file::set(app, &pairs)?;
            pairs.into_iter().try_for_each(|(key, value)| zone::keep(app, key, Some(value)))
        }
        Verb::Unset { keys } => {
            file::unset(app, keys)?;
            keys.iter().try_for_each(|key| zone::keep(app, key, None))
        }
        Verb::Path => crate::output::write(&format!("{}\n", app.sources().config_file()?.display())),
        Verb::Edit => file::edit(app),
    }
}

/// Settings with their values, each setting once.
fn pairs<'a>(key: &'a str, value: &'a str, more: &'a [String]) -> Result<Vec<(&'a str, &'a str)>, Error> {
    let mut pairs = vec![(key, value)];
    for pair in more.chunks(2) {
        let [key, value] = pair else {
            let what = pair.first().map_or("", String::as_str);
            return Err(Error::invalid("value", format!("`{what}` has no value"))
                .hint("write each setting with its value, as in tls.cert FILE tls.key FILE"));
        };
        if pairs.iter().any(|(known, _)| known == key) {
            return Err(Error::invalid("key", format!("`{key}` is set twice")).hint("set it once"));
        }
        pairs.push((key, value));
    }
    Ok(pairs)
}

fn list(app: &CommandContext, show_secrets: bool) -> Result<()> {
    let mut rows: Vec<Row> = app.config()?.entries().iter().map(Row::new).collect();
    for row in rows.iter_mut().filter(|row| !show_secrets && TELLING.contains(&row.key)) {
        row.value = row.value.take().map(|url| host_alone(&url));
    }
    app.out()?.list(&rows)
}

/// Settings whose values are addresses that let in whoever knows them.
const TELLING: [&str; 2] = ["webhook.url", "ntfy.url"];

/// An address without what follows its host: `https://hooks.example.org/…`.
fn host_alone(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "…".to_owned() };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    if path.is_empty() { format!("{scheme}://{host}") } else { format!("{scheme}://{host}/…") }
}

fn get(app: &CommandContext, name: &str) -> Result<()> {
    let key = key(name)?;
    let row = app.config()?.entries().iter().find(|entry| entry.key.name == key.name).map(Row::new);
    let Some((row, value)) = row.and_then(|row| row.value.clone().map(|value| (row, value))) else {
        let error = Error::not_found(format!("value is set for {name}"));
        return Err(error.hint(format!("the default is {}", key.default)).into());
    };
    let out = app.out()?;
    if out.is_table() {
        crate::output::write(&format!("{}\n", crate::output::safe::line(&value)))
    } else {
        out.one(&row)
    }
}

/// A setting as it is listed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    key: &'static str,
    value: Option<String>,
    source: String,
    environment: &'static str,
    flag: Option<&'static str>,
    default: &'static str,
    example: &'static str,
    help: &'static str,
}

impl Row {
    fn new(entry: &Entry) -> Self {
        let Key { name, environment, flag, default, help, example, .. } = *entry.key;
        let (value, source) = (entry.value.clone(), entry.source.to_string());
        Self { key: name, value, source, environment, flag, default, example, help }
    }
}

impl Noun for Row {
    const FIELDS: &'static [&'static str] = &["key", "value", "source", "environment", "default", "help"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Setting", Shape::Short, |row: &Self, _| Cell::new(row.key)),
            Column::new("Value", Shape::Text, |row: &Self, _| Cell::new(row.value.clone().unwrap_or_default())),
            Column::new("From", Shape::Text, |row: &Self, _| Cell::new(row.source.clone()).paint(Paint::Faint)),
            Column::new("Meaning", Shape::Text, |row: &Self, _| Cell::new(row.help).paint(Paint::Faint)),
        ]
    }

    fn key(&self) -> String {
        self.key.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_listed_without_what_may_be_a_token() {
        for (url, shown) in [
            ("https://hooks.example.org/T0/secret?x=1", "https://hooks.example.org/…"),
            ("https://kim:secret@ntfy.sh:8443/topic", "https://ntfy.sh:8443/…"),
            ("https://ntfy.sh", "https://ntfy.sh"),
        ] {
            assert_eq!(host_alone(url), shown);
        }
    }
}
