//! `muista daemon install`: a systemd unit that starts the daemon at login, or with the machine. The units' text is that
//! of `packaging/systemd`.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io::{ErrorKind, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use muista_core::config::{Config, Source};
use muista_core::error::Error;
use serde_json::json;

use super::{query_status, start};
use crate::context::CommandContext;
use crate::error::Result;

/// The units, and the line in which the program is named.
const USER: &str = include_str!("../../../../packaging/systemd/user/muistad.service");
const SYSTEM: &str = include_str!("../../../../packaging/systemd/muistad.service");
const PROGRAM: &str = "ExecStart=/usr/bin/muistad\n";
/// The user of the system unit.
const SYSUSERS: &str = include_str!("../../../../packaging/systemd/muista.sysusers.conf");
/// Where the administrator's own files are.
const SYSTEM_UNIT: &str = "/etc/systemd/system/muistad.service";
const SYSTEM_USER: &str = "/etc/sysusers.d/muista.conf";

/// Have systemd start the daemon
///
/// Writes a unit to ~/.config/systemd/user, for a daemon that runs while you are logged in, and prints the command
/// that starts it. --data-dir, --socket and --config, as flags or variables, hold for the daemon too. A unit that you have
/// changed is only replaced with --yes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon install --now\n         muista daemon install --system --print")]
pub(crate) struct Args {
    /// Install a service of the machine that runs as the user muista, as in sudo muista daemon install --system
    #[arg(long)]
    system: bool,

    /// Start it as well, as in muista daemon install --now
    #[arg(long, conflicts_with = "print")]
    now: bool,

    /// Print the unit and write nothing, as in muista daemon install --print
    #[arg(long)]
    print: bool,
}

pub(super) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    let config = app.config()?;
    let program = resolved(&start::program())?;
    let unit = if args.system {
        SYSTEM.replace(PROGRAM, &line(&[program.as_os_str()]))
    } else {
        USER.replace(PROGRAM, &line(&words(app, config, &program)))
    };
    if args.print {
        return crate::output::write(&unit);
    }
    let path = if args.system { SYSTEM_UNIT.into() } else { app.sources().user_units()?.join("muistad.service") };
    let mut files = vec![(path.clone(), unit)];
    if args.system {
        files.push((SYSTEM_USER.into(), SYSUSERS.to_owned()));
    }
    for (path, text) in &files {
        unchanged(app, path, text)?;
    }
    for (path, text) in &files {
        write(path, text).map_err(|e| {
            Error::unavailable(format!("cannot write {}: {e}", path.display())).hint(if args.system {
                "write it as root: sudo muista daemon install --system"
            } else {
                "make its folder writable for you"
            })
        })?;
    }
    started(app, args, &path)
}

/// Starts the daemon, or says how.
fn started(app: &CommandContext, args: &Args, path: &Path) -> Result<()> {
    let commands = commands(args.system);
    if args.now {
        if !args.system && query_status(app)?.is_some() {
            return Err(Error::conflict("a daemon that systemd did not start is already running")
                .hint("`muista daemon stop`, then `muista daemon install --now`")
                .into());
        }
        commands.iter().try_for_each(|words| call(words))?;
    }
    let told: Vec<_> = commands.iter().map(|words| words.join(" ")).collect();
    let out = app.out()?;
    if !out.is_table() {
        return out.document(&json!({ "unit": path, "started": args.now, "commands": told }));
    }
    out.say(&format!("Wrote {}", path.display()))?;
    if args.now {
        return out.say("Daemon started; it starts automatically from now on.");
    }
    out.say(&format!("To start it now and automatically from now on: {}", told.join(" && ")))
}

/// What makes systemd take the unit up.
fn commands(system: bool) -> Vec<Vec<&'static str>> {
    if system {
        return vec![
            vec!["systemd-sysusers"],
            vec!["systemctl", "daemon-reload"],
            vec!["systemctl", "enable", "--now", "muistad"],
        ];
    }
    vec![vec!["systemctl", "--user", "daemon-reload"], vec!["systemctl", "--user", "enable", "--now", "muistad"]]
}

fn call(words: &[&str]) -> Result<(), Error> {
    let shown = words.join(" ");
    let failed = |why: &str| {
        Error::unavailable(format!("`{shown}` failed: {}", why.trim()))
            .hint("where systemd does not run, `muista daemon start` starts the daemon")
    };
    let output = Command::new(words[0]).args(&words[1..]).stdin(Stdio::null()).output();
    let output = output.map_err(|e| failed(&e.to_string()))?;
    if output.status.success() { Ok(()) } else { Err(failed(&String::from_utf8_lossy(&output.stderr))) }
}

/// The daemon's program, wherever a unit may be read: systemd has no PATH of ours.
fn resolved(program: &Path) -> Result<PathBuf, Error> {
    let missing = || {
        Error::not_found("muistad in the folder of muista or in one that PATH names")
            .hint("install it: cargo install --locked --path muistad")
    };
    if program.is_absolute() {
        return Ok(program.to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program));
    let runs =
        |file: &PathBuf| file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    found.filter(|file| file.is_absolute()).find(runs).ok_or_else(missing)
}

/// The command line of a daemon that works on what this command works on, where that is not what it would by itself.
fn words(app: &CommandContext, config: &Config, program: &Path) -> Vec<std::ffi::OsString> {
    let mut words = vec![program.as_os_str().to_owned()];
    let named = std::env::var_os("MUISTA_CONFIG").is_some_and(|path| !path.is_empty());
    if (named || app.globals().config.is_some())
        && let Ok(file) = app.sources().config_file()
    {
        words.extend(["--config".into(), file.into()]);
    }
    for (name, flag, value) in [("data_dir", "--data-dir", &config.data_dir), ("socket", "--socket", &config.socket)] {
        let entry = config.entries().iter().find(|entry| entry.key.name == name);
        if entry.is_some_and(|entry| matches!(entry.source, Source::Flag(_) | Source::Environment(_))) {
            words.extend([flag.into(), value.into()]);
        }
    }
    words
}

/// The line that names the program, in systemd's quoting.
fn line(words: &[impl AsRef<OsStr>]) -> String {
    let words: Vec<_> = words.iter().map(|word| quoted(word.as_ref())).collect();
    format!("ExecStart={}\n", words.join(" "))
}

/// A word as systemd.service(5) reads it back: `%` begins a specifier, `$` a variable.
fn quoted(word: &OsStr) -> String {
    let text = String::from_utf8_lossy(word.as_bytes()).replace('%', "%%").replace('$', "$$");
    let plain = |c: char| c.is_alphanumeric() || "/-_.+=:,@%$".contains(c);
    if text.chars().all(plain) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// Refuses to replace a file that is not as this command writes it.
fn unchanged(app: &CommandContext, path: &Path, text: &str) -> Result<(), Error> {
    match fs::read_to_string(path) {
        Ok(found) if found == text || app.globals().yes => Ok(()),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Ok(_) => Err(Error::conflict(format!("{} is there already and reads otherwise", path.display()))
            .hint("--yes replaces it; --print shows what would be written")),
        Err(e) => Err(Error::unavailable(format!("cannot read {}: {e}", path.display())).hint("remove it")),
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o755).create(folder)?;
    let mut file = tempfile::Builder::new().prefix(".muistad-").tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_units_name_the_program_where_it_can_be_replaced() {
        for unit in [USER, SYSTEM] {
            assert_eq!(unit.matches(PROGRAM).count(), 1, "{unit}");
            assert!(unit.contains("\nType=notify\n"), "{unit}");
        }
    }

    #[test]
    fn words_are_quoted_as_systemd_reads_them() {
        let words = ["/opt/my tools/muistad", "--data-dir", "/a%b/$c\"d\\", "plain"];
        let expected = "ExecStart=\"/opt/my tools/muistad\" --data-dir \"/a%%b/$$c\\\"d\\\\\" plain\n";
        assert_eq!(line(&words), expected);
    }
}
