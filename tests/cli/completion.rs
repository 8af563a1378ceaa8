//! Completion in the shells themselves, on a terminal: a name is never run, split or expanded, whatever it holds, and what
//! stands on the line then is that name. A shell that is not installed is left out, but for bash.

use crate::support::{home, muista};
use crate::terminal::{Terminal, has};

/// Names that a shell could take for something else. `x` is what would be made if one were run.
const NAMES: &[&str] = &[
    "house",
    "ho$(touch x)",
    "ho`touch x`",
    "ho;touch x",
    "ho|touch x",
    "ho>x",
    "Client Work",
    "a*",
    "a?",
    "[a]*",
    "{a,b}",
    "~",
    "~root",
    "#1",
    "it's",
    "'quoted'",
    "say \"hi\"",
    "\"quoted\"",
    "back\\slash\\",
    "now!",
    "!!",
    "!touch",
    "a:b c",
    "a=b c",
    "%self",
    "^a^b",
    "köök & co",
    "$HOME",
    "${x:=1}",
];

/// How a name is begun in a quotation: what is typed of it, in the shell's own quoting.
fn begun(name: &str, quote: &str) -> Option<String> {
    let first = name.chars().next().unwrap();
    match quote {
        // Nothing need be typed where there is one candidate.
        "" if !first.is_alphanumeric() => Some(String::new()),
        "\"" if "$`\"!\\".contains(first) => Some("\"".to_owned()),
        "'" if first == '\'' => Some("'".to_owned()),
        quote => Some(format!("{quote}{first}")),
    }
}

/// Completes each name in each quotation, each in a data folder of its own, so that it is the only one.
fn every_name(shell: &str, setup: &str, names: impl Fn(&str) -> bool) {
    let home = home();
    for (number, name) in NAMES.iter().enumerate() {
        let data = format!("home/d{number}");
        muista(&home, ["add", "--data-dir", &data, "--project", name, "--", &format!("right{number}.")]).ok();
        muista(&home, ["add", "--data-dir", &data, "--", "wrong"]).ok();
    }
    let mut terminal = Terminal::start(&home, shell);
    terminal.enter(setup);
    for quote in ["", "'", "\""] {
        for (number, name) in NAMES.iter().enumerate().filter(|(_, name)| names(name)) {
            let Some(typed) = begun(name, quote) else { continue };
            let shown = terminal.enter(&format!("muista --data-dir d{number} ls --project {typed}\t"));
            let right = shown.contains(&format!("right{number}.")) && !shown.contains("wrong");
            assert!(right, "{shell}: {name:?} from {typed:?}: {shown:?}");
            assert!(!home.path().join("home/x").exists(), "{shell}: {name:?} was run from {typed:?}: {shown:?}");
        }
    }
}

#[test]
fn bash_inserts_names_as_they_are() {
    every_name("bash --norc --noprofile -i", "source <(muista completions bash)", |_| true);
}

#[test]
fn zsh_inserts_names_as_they_are() {
    if has("zsh") {
        let setup = "autoload -U compinit; compinit -u -D; source <(muista completions zsh)";
        every_name("zsh -f -i", setup, |_| true);
    }
}

#[test]
fn fish_inserts_names_as_they_are() {
    if has("fish") {
        // One that begins with a tilde is not offered, as fish would insert that unquoted.
        every_name("fish --no-config -i", "muista completions fish | source", |name| !name.starts_with('~'));
    }
}

/// Types `typed` in bash, with a task in each of these projects, and returns what is shown.
fn typed_in_bash(projects: &[&str], typed: &str) -> String {
    let home = home();
    for name in projects {
        muista(&home, ["add", &format!("--project={name}"), "--", &format!("in {name}.")]).ok();
    }
    let mut terminal = Terminal::start(&home, "bash --norc --noprofile -i");
    terminal.enter("source <(muista completions bash)");
    terminal.enter(typed)
}

/// Tags with what a shell would take for something else.
const TAGS: &[&str] = &["two words", "ho$(touch x)", "a*", "it's $HOME", "hi & go;"];

/// Completes each tag behind a plus, as a word of a query, each in a data folder of its own.
fn every_tag(shell: &str, setup: &str) {
    let home = home();
    for (number, name) in TAGS.iter().enumerate() {
        let data = format!("home/d{number}");
        muista(&home, ["add", "--data-dir", &data, "--tag", name, "--", &format!("right{number}.")]).ok();
        muista(&home, ["add", "--data-dir", &data, "--", "wrong"]).ok();
    }
    let mut terminal = Terminal::start(&home, shell);
    terminal.enter(setup);
    for (number, name) in TAGS.iter().enumerate() {
        let typed = format!("+{}", name.chars().next().unwrap());
        let shown = terminal.enter(&format!("muista --data-dir d{number} ls {typed}\t"));
        let right = shown.contains(&format!("right{number}.")) && !shown.contains("wrong");
        assert!(right, "{shell}: {name:?} from {typed:?}: {shown:?}");
        assert!(!home.path().join("home/x").exists(), "{shell}: {name:?} was run: {shown:?}");
    }
}

#[test]
fn tags_of_several_words_are_inserted_as_they_are() {
    every_tag("bash --norc --noprofile -i", "source <(muista completions bash)");
    if has("zsh") {
        every_tag("zsh -f -i", "autoload -U compinit; compinit -u -D; source <(muista completions zsh)");
    }
    if has("fish") {
        every_tag("fish --no-config -i", "muista completions fish | source");
    }
}

#[test]
fn what_several_names_have_in_common_is_inserted_quoted() {
    let shown = typed_in_bash(&["a $(x) one", "a $(x) two", "b"], "muista ls --project a\tt\t");
    assert!(shown.contains("in a $(x) two.") && !shown.contains("in a $(x) one."), "{shown:?}");
}

#[test]
fn a_name_that_begins_with_a_dash_is_offered_where_it_can_stand() {
    let shown = typed_in_bash(&["-x"], "muista ls --project=\t");
    assert!(shown.contains("in -x."), "{shown:?}");
    let shown = typed_in_bash(&["-x", "y"], "muista ls --project \t");
    assert!(shown.contains("in y."), "{shown:?}");
}
