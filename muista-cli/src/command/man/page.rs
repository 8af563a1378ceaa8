//! [`Page`]: what stands in a manual page. Name, synopsis, description and options come from the command line as clap knows
//! it; examples, files, variables and exit statuses are added here. The daemon's page begins with `muistad.roff`, since its
//! flags are another program's.

use clap::{Arg, Command};
use clap_mangen::Man;
use muista_core::config::KEYS;

use crate::command::help;

/// The beginning of `muistad(8)`. A test compares its options with those of the program.
const DAEMON: &str = include_str!("muistad.roff");
/// What the pages say that they belong to.
const MANUAL: &str = "Muista";
const SOURCE: &str = concat!("muista ", env!("CARGO_PKG_VERSION"));

/// The exit statuses of commands.
const STATUSES: &[(&str, &str)] = &[
    ("0", "The command did what was asked."),
    ("1", "It failed."),
    ("2", "Bad usage or a bad value."),
    ("3", "Something that was named was not found."),
    ("4", "Refused: a permission is missing, or the state does not allow it."),
    ("5", "The daemon or the database cannot be reached."),
];

/// The exit statuses of the daemon.
const DAEMON_STATUSES: &[(&str, &str)] = &[
    ("0", "It was asked to stop, and did."),
    ("1", "It failed."),
    ("2", "Bad usage or a bad setting."),
    ("4", "Another daemon works on the same data."),
    ("5", "The database or an address is not available."),
];

/// The files that both programs use.
const FILES: &[(&str, &str)] = &[
    ("~/.config/muista/config.toml", "The settings; muista config writes it. $XDG_CONFIG_HOME moves it."),
    ("~/.config/muista/credentials.toml", "The key that muista login stored."),
    ("~/.config/muista/scripts/", "The scripts that jobs may run."),
    ("~/.local/share/muista/muista.db", "The tasks and everything else. $XDG_DATA_HOME moves the folder."),
    ("~/.local/share/muista/attachments/", "The attached files."),
    ("~/.local/share/muista/backups/", "The backups."),
    ("~/.local/share/muista/muistad.log", "The log of a daemon that muista daemon start started."),
    ("$XDG_RUNTIME_DIR/muista/muistad.sock", "The socket at which commands find the daemon."),
];

/// The variables that are no settings.
const VARIABLES: &[(&str, &str)] = &[
    ("MUISTA_CONFIG", "The configuration file, as --config."),
    ("MUISTA_PAGER, PAGER", "Shows lists longer than the screen; empty for none. Without them it is less."),
    ("VISUAL, EDITOR", "The editor of muista edit and muista config edit."),
    ("NO_COLOR", "With any value nothing is coloured."),
];

/// A manual page.
pub(super) struct Page {
    /// Its name, as `muista-job-add`.
    pub(super) name: String,
    /// Its section: 1 for commands, 8 for the daemon.
    pub(super) section: u8,
    /// Its source.
    pub(super) text: String,
}

/// Returns the pages of a built command line, of all its verbs and of the daemon.
pub(super) fn all(command: &Command) -> Vec<Page> {
    let mut pages = vec![main(command), daemon()];
    verbs(command, &mut pages);
    pages
}

fn verbs(parent: &Command, pages: &mut Vec<Page>) {
    for verb in parent.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        pages.push(of_verb(verb, parent));
        verbs(verb, pages);
    }
}

/// Returns the page of a verb by its words, which may be aliases; that of `muista` for none.
pub(super) fn find(command: &Command, words: &[&str]) -> Option<Page> {
    let [most @ .., last] = words else { return Some(main(command)) };
    if words == ["muistad"] {
        return Some(daemon());
    }
    if words == ["muista"] {
        return Some(main(command));
    }
    let parent = most.iter().try_fold(command, |command, word| command.find_subcommand(word))?;
    Some(of_verb(parent.find_subcommand(last)?, parent))
}

/// The page of `muista`.
fn main(command: &Command) -> Page {
    let mut text = top(command, "1");
    heading(&mut text, "COMMANDS");
    for (group, verbs) in help::groups(command) {
        text.push_str(&format!(".SS {}\n", escaped(group)));
        verbs.into_iter().for_each(|verb| entry(&mut text, &format!("muista {}", verb.get_name()), &about(verb)));
    }
    let examples =
        ["muista add Buy cat food due:tomorrow", "muista ls +home -later due:week", "muista done 7", "muista undo"];
    examples_of(&mut text, examples.map(str::to_owned).to_vec());
    entries(&mut text, "FILES", FILES);
    environment(&mut text);
    entries(&mut text, "EXIT STATUS", STATUSES);
    see_also(
        &mut text,
        &["muista-add(1)", "muista-ls(1)", "muista-remind(1)", "muista-job(1)", "muista-query(1)", "muistad(8)"],
    );
    Page { name: "muista".to_owned(), section: 1, text }
}

/// The page of a verb.
fn of_verb(verb: &Command, parent: &Command) -> Page {
    let own = verb.clone().mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    let mut text = top(&own, "1");
    text.push_str(".PP\nThe options that every command takes are described in\n.BR muista (1).\n");
    if verb.has_subcommands() {
        heading(&mut text, "COMMANDS");
        let named = verb.get_subcommands().filter(|verb| !verb.is_hide_set() && verb.get_name() != "help");
        named.for_each(|it| entry(&mut text, it.get_bin_name().unwrap_or(it.get_name()), &about(it)));
    }
    examples_of(&mut text, examples(verb, parent));
    entries(&mut text, "FILES", &FILES[..1]);
    entry(&mut text, FILES[3].0, FILES[3].1);
    entries(&mut text, "ENVIRONMENT", &VARIABLES[..1]);
    let database = KEYS.iter().filter(|key| ["data_dir", "timezone"].contains(&key.name));
    database.for_each(|key| entry(&mut text, key.environment, &format!("The setting {}.", key.name)));
    text.push_str(".PP\nThe other variables are listed in\n.BR muista (1).\n");
    entries(&mut text, "EXIT STATUS", STATUSES);
    let mut others = vec!["muista(1)".to_owned(), "muistad(8)".to_owned()];
    if let Some(name) = parent.get_display_name().filter(|name| *name != "muista") {
        others.insert(0, format!("{name}(1)"));
    }
    see_also(&mut text, &others.iter().map(String::as_str).collect::<Vec<_>>());
    Page { name: own.get_display_name().unwrap_or(own.get_name()).to_owned(), section: 1, text }
}

/// The page of the daemon.
fn daemon() -> Page {
    let mut text = format!(".TH muistad 8 \"\" \"{SOURCE}\" \"{MANUAL}\"\n{DAEMON}");
    entries(&mut text, "FILES", FILES);
    entry(
        &mut text,
        "/etc/muista/, /var/lib/muista/",
        "Settings and data of the daemon that runs as a service of the machine.",
    );
    environment(&mut text);
    entries(&mut text, "EXIT STATUS", DAEMON_STATUSES);
    see_also(&mut text, &["muista(1)", "muista-daemon(1)", "muista-job(1)", "systemd.service(5)"]);
    Page { name: "muistad".to_owned(), section: 8, text }
}

/// The sections that clap_mangen writes.
fn top(command: &Command, section: &str) -> String {
    let man = Man::new(command.clone()).section(section).source(SOURCE).manual(MANUAL).date("");
    let mut page = Vec::new();
    // Writing to a Vec cannot fail.
    let _ = man.render_title(&mut page);
    let _ = man.render_name_section(&mut page);
    let _ = man.render_synopsis_section(&mut page);
    let _ = man.render_description_section(&mut page);
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        let _ = man.render_options_section(&mut page);
    }
    String::from_utf8_lossy(&page).into_owned()
}

/// Returns the examples of a verb: those of its help, else those that its arguments give, else those of the verb above
/// it, else the verb alone.
fn examples(verb: &Command, parent: &Command) -> Vec<String> {
    let of_help = of_help(verb);
    if !of_help.is_empty() {
        return of_help;
    }
    let name = verb.get_bin_name().unwrap_or(verb.get_name());
    let mut found: Vec<String> = verb.get_arguments().filter_map(|arg| of_argument(arg, name)).collect();
    found.dedup();
    if found.is_empty() {
        found = self::of_help(parent).into_iter().filter(|line| line.starts_with(name)).collect();
    }
    if found.is_empty() { vec![name.to_owned()] } else { found }
}

/// Returns the command lines behind `Example:` or below `Examples:`.
fn of_help(verb: &Command) -> Vec<String> {
    let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().map(|line| line.trim_start_matches("Examples:").trim_start_matches("Example:").trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Returns the command line of an argument's `as in …`, where it is one of this verb.
fn of_argument(arg: &Arg, name: &str) -> Option<String> {
    let help = arg.get_help()?.to_string();
    let (_, line) = help.split_once("as in ")?;
    let line = line.split([';', '[']).next()?.trim();
    line.starts_with(name).then(|| line.to_owned())
}

fn about(verb: &Command) -> String {
    verb.get_about().map(ToString::to_string).unwrap_or_default()
}

fn heading(text: &mut String, name: &str) {
    text.push_str(&format!(".SH {}\n", if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() }));
}

fn entries(text: &mut String, name: &str, entries: &[(&str, &str)]) {
    heading(text, name);
    entries.iter().for_each(|(term, meaning)| entry(text, term, meaning));
}

fn entry(text: &mut String, term: &str, meaning: &str) {
    text.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", escaped(term), escaped(meaning)));
}

fn examples_of(text: &mut String, lines: Vec<String>) {
    heading(text, "EXAMPLES");
    let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
    text.push_str(&format!(".PP\n.RS 4\n.nf\n{}\n.fi\n.RE\n", lines.join("\n")));
}

/// Every setting's variable.
fn environment(text: &mut String) {
    entries(text, "ENVIRONMENT", VARIABLES);
    for key in KEYS {
        let file = key.file_variable().map_or_else(String::new, |name| format!(" {name} names a file that holds it."));
        entry(text, key.environment, &format!("Sets {}: {}. Default: {}.{file}", key.name, key.help, key.default));
    }
}

fn see_also(text: &mut String, pages: &[&str]) {
    heading(text, "SEE ALSO");
    let pages: Vec<_> = pages.iter().map(|page| format!("\\fB{}\\fR", escaped(page).replace("(", "\\fR("))).collect();
    text.push_str(&format!("{}\n", pages.join(", ")));
}

/// A line as roff shows it unchanged: it makes other characters of some, and takes a line that begins with a dot or an
/// apostrophe for a request.
fn escaped(line: &str) -> String {
    let mut out = String::with_capacity(line.len() + 8);
    if line.starts_with('.') {
        out.push_str("\\&");
    }
    for char in line.chars() {
        match char {
            '\\' => out.push_str("\\(rs"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            '"' => out.push_str("\\(dq"),
            '\n' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use clap::CommandFactory as _;

    use super::*;
    use crate::command::Cli;

    #[test]
    fn a_line_is_shown_as_it_stands() {
        assert_eq!(
            escaped(".x 'a' \"b\" `c` ~/d-e \\n"),
            "\\&.x \\(aqa\\(aq \\(dqb\\(dq \\(gac\\(ga \\(ti/d\\-e \\(rsn"
        );
        assert_eq!(escaped("'x"), "\\(aqx");
    }

    #[test]
    fn a_page_is_found_by_its_words_and_its_alias() {
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        for (words, name) in [
            (&[][..], "muista"),
            (&["add"][..], "muista-add"),
            (&["job", "add"][..], "muista-job-add"),
            (&["list"][..], "muista-ls"),
            (&["muistad"][..], "muistad"),
        ] {
            assert_eq!(find(&command, words).map(|page| page.name).as_deref(), Some(name), "{words:?}");
        }
        assert!(find(&command, &["fly"]).is_none() && find(&command, &["job", "fly"]).is_none());
    }

    #[test]
    fn every_page_has_all_sections_and_an_example_of_its_own() {
        let mut command = Cli::command().disable_help_subcommand(true);
        command.build();
        let pages = all(&command);
        assert!(pages.len() > 100, "{}", pages.len());
        for page in &pages {
            for section in ["NAME", "SYNOPSIS", "EXAMPLES", "FILES", "ENVIRONMENT", "\"EXIT STATUS\"", "\"SEE ALSO\""] {
                let found = page.text.lines().filter(|line| *line == format!(".SH {section}")).count();
                assert_eq!(found, 1, "{section} of {}", page.name);
            }
            let examples = page.text.split(".SH EXAMPLES").nth(1).unwrap().split(".SH").next().unwrap();
            assert!(
                examples.lines().any(|line| line.starts_with("muista") || line.contains("muista")),
                "{}",
                page.name
            );
        }
    }
}
