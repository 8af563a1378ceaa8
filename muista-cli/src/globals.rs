//! [`Globals`]: the flags that every verb takes, before it or after it.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use muista_core::format::csv::Formulas;

use crate::output::{Format, Pager};

/// What every verb takes, before it or after it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The folder with the database, as in --data-dir ~/muista
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// The configuration file, as in --config ~/muista.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Use only the daemon at this socket, as in --socket /run/user/1000/muista/muistad.sock
    #[arg(long, global = true, value_name = "SOCKET")]
    pub(crate) socket: Option<PathBuf>,

    /// Use only the daemon of another machine, as in --remote muista.example.org:7333
    #[arg(long, global = true, value_name = "HOST:PORT", conflicts_with = "socket")]
    pub(crate) remote: Option<String>,

    /// How results are written, as in -o csv [default: table]
    #[arg(long, short, global = true, value_name = "FORMAT", value_enum)]
    pub(crate) output: Option<Format>,

    /// The same as --output json, as in muista ls --json
    #[arg(long, global = true, conflicts_with = "output")]
    pub(crate) json: bool,

    /// In CSV and TSV, write cells as they stand, as in muista ls -o csv --raw. Without it one that begins with =, +, -, @ or a tab
    /// has an apostrophe before it, since a spreadsheet would run it
    #[arg(long, global = true)]
    pub(crate) raw: bool,

    /// When to colour, as in --color never [default: auto, which is on a terminal unless NO_COLOR is set]
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub(crate) color: Option<ColorChoice>,

    /// Show a list that is longer than the screen without $MUISTA_PAGER, $PAGER or less, as in muista ls --no-pager
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,

    /// Print no notes and no confirmations, only results, errors, and warnings about words that were not understood, as in
    /// muista done 7 --quiet
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Report on stderr what happens behind the scenes, as in muista ls --verbose
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,

    /// Skip confirmations, as in muista rm 7 --yes
    #[arg(long, short, global = true)]
    pub(crate) yes: bool,
}

impl Globals {
    /// Returns how results are written.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output.unwrap_or_default() }
    }

    /// Returns what shows a list that is longer than the screen.
    pub(crate) fn pager(&self) -> Pager {
        if self.no_pager { Pager::none() } else { Pager::of_environment() }
    }

    /// Returns what becomes of CSV's cells that a spreadsheet would run.
    pub(crate) fn formulas(&self) -> Formulas {
        if self.raw { Formulas::Raw } else { Formulas::AsText }
    }
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorChoice {
    /// Returns the name, as the configuration has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}
