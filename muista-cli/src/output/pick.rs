//! [`Pick`]: which columns of a table, or which keys of JSON, CSV and TSV, are wanted.

use muista_core::error::{Error, Result};
use muista_core::format::csv::Key;
use muista_core::model::fold;

use super::{Column, Format, Noun};

/// What is wanted of each row.
pub(crate) struct Pick<N: Noun> {
    /// The columns, and whether they were chosen.
    pub(super) columns: Vec<Column<N>>,
    pub(super) chosen: bool,
    /// The keys; none: all, as JSON has them.
    pub(super) fields: Option<Vec<Key>>,
    /// The own fields, which CSV and TSV have behind all keys.
    own: Vec<String>,
}

impl<N: Noun> Pick<N> {
    /// Returns what is shown unless something else is asked for.
    pub(crate) fn usual() -> Self {
        Self { columns: N::columns(), chosen: false, fields: None, own: Vec::new() }
    }

    /// Returns whether a column of this header is shown.
    pub(crate) fn shows(&self, header: &str) -> bool {
        self.columns.iter().any(|column| column.is(header))
    }

    /// Returns the keys that are columns of CSV and TSV.
    pub(super) fn keys(&self) -> Vec<Key> {
        let all = || N::FIELDS.iter().copied().map(Key::Known).chain(self.own.iter().cloned().map(Key::Own)).collect();
        self.fields.clone().unwrap_or_else(all)
    }

    /// Reads the names of columns and of keys, each with commas between them. The columns of `own` fields are among both.
    ///
    /// # Errors
    /// `Invalid` for a name that is not known, and where the format has no use for them.
    pub(crate) fn read(
        columns: Option<&str>,
        fields: Option<&str>,
        format: Format,
        own: Vec<Column<N>>,
    ) -> Result<Self> {
        let mut pick = Self { own: own.iter().map(|column| column.header().to_owned()).collect(), ..Self::usual() };
        if let Some(columns) = columns {
            if format != Format::Table {
                return Err(Error::invalid("columns", "--columns is for tables").hint("choose keys with --fields"));
            }
            let mut known: Vec<Column<N>> = N::columns().into_iter().chain(N::more_columns()).chain(own).collect();
            pick.columns = columns.split(',').map(|name| column(&mut known, name)).collect::<Result<_>>()?;
            pick.chosen = true;
        }
        if let Some(fields) = fields {
            if matches!(format, Format::Table | Format::Ids) {
                return Err(Error::invalid("fields", "--fields is for JSON, CSV and TSV")
                    .hint("add -o json, csv or tsv, or choose the columns of the table with --columns"));
            }
            let key = |name: &str| key::<N>(name.trim(), &pick.own);
            pick.fields = Some(fields.split(',').map(key).collect::<Result<_>>()?);
        }
        Ok(pick)
    }
}

/// Takes the column of that name.
fn column<N: Noun>(columns: &mut Vec<Column<N>>, name: &str) -> Result<Column<N>> {
    let name = name.trim().to_lowercase();
    match columns.iter().position(|column| column.name() == name) {
        Some(at) => Ok(columns.swap_remove(at)),
        None => {
            let names: Vec<String> = columns.iter().map(Column::name).collect();
            Err(unknown("columns", &name, &names.iter().map(String::as_str).collect::<Vec<_>>()))
        }
    }
}

/// Returns the key of that name, which may be that of an own field.
fn key<N: Noun>(name: &str, own: &[String]) -> Result<Key> {
    let known = N::FIELDS.iter().find(|known| known.eq_ignore_ascii_case(name)).map(|known| Key::Known(known));
    let own_key = || own.iter().find(|own| fold(own) == fold(name)).cloned().map(Key::Own);
    known.or_else(own_key).ok_or_else(|| {
        let names: Vec<&str> = N::FIELDS.iter().copied().chain(own.iter().map(String::as_str)).collect();
        unknown("fields", name, &names)
    })
}

/// Returns the error for a name that is not known.
fn unknown(flag: &str, name: &str, known: &[&str]) -> Error {
    let near = known.iter().copied().filter(|known| strsim::osa_distance(&known.to_lowercase(), name) <= 2);
    let near = near.min_by_key(|known| strsim::osa_distance(&known.to_lowercase(), name));
    let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
    Error::invalid(flag, format!("“{name}” is not one of the {flag}"))
        .hint(format!("{near}choose from {}", known.join(", ")))
}
