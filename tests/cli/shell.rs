//! What a shell and `man` take from the command: completion of verbs, flags and values, and the manual pages.

use std::fs;

use test_common::sandbox::Sandbox;

use crate::support::{home, home_with, muista, on_terminal, run, shell};

/// What bash is offered for the last of these words, a candidate a line.
fn offered(home: &Sandbox, words: &[&str]) -> Vec<String> {
    let mut command = home.muista();
    let line = format!("muista {}", words.join(" "));
    command.args(["--", &line, words.last().unwrap()]).env("_MUISTA_COMPLETE", "bash");
    let ran = run(&mut command);
    assert_eq!(ran.stderr, "", "{words:?}");
    let answer = ran.ok();
    let mut lines = answer.lines().map(str::to_owned);
    assert!(["space", "nospace"].contains(&&*lines.next().unwrap()), "{answer}");
    lines.collect()
}

/// The same for fish, which shows a help to each candidate after a tab.
fn explained(home: &Sandbox, words: &[&str]) -> Vec<String> {
    let mut command = home.muista();
    command.args(["--", "muista"]).args(words).env("_MUISTA_COMPLETE", "fish");
    run(&mut command).ok().lines().map(str::to_owned).collect()
}

#[test]
fn verbs_and_flags_are_completed() {
    let home = home();
    let mut verbs = offered(&home, &["und"]);
    verbs.sort();
    assert_eq!(verbs, ["undo", "undone"]);
    assert!(offered(&home, &["ls", "--du"]).contains(&"--due".to_owned()));
    assert!(offered(&home, &["ls", "-o", "nd"]).contains(&"ndjson".to_owned()));
    assert_eq!(offered(&home, &["done", "1"]), [] as [&str; 0]);
    // Completing makes nothing.
    assert!(!home.data_dir().exists());
}

#[test]
fn ids_are_completed_with_their_titles() {
    let home = home_with(&["Buy cat food", "Call Anna \u{202e}x"]);
    shell(&home, "muista add Old; muista done 3").ok();
    assert_eq!(offered(&home, &["done", ""])[..2], ["1", "2"]);
    let explained = |words: &[&str]| explained(&home, words);
    assert!(explained(&["done", ""]).contains(&"1\tBuy cat food".to_owned()));
    assert!(explained(&["done", "2"]).contains(&"2\tCall Anna \\u{202e}x".to_owned()));
    assert!(!explained(&["done", ""]).iter().any(|line| line.contains("Old")));
    assert!(explained(&["undone", ""]).contains(&"3\tOld".to_owned()));
    assert!(explained(&["show", ""]).contains(&"3\tOld".to_owned()));
}

#[test]
fn tags_projects_and_categories_are_completed() {
    let home = home();
    shell(&home, "muista add a +home +hobby project:house; muista add b +cat").ok();
    assert_eq!(offered(&home, &["add", "x", "--tag", "ho"]), ["hobby", "home"]);
    assert_eq!(offered(&home, &["ls", "--project", "h"]), ["house"]);
    assert_eq!(offered(&home, &["add", "x", "--category", "st"]), ["Study"]);
    assert_eq!(offered(&home, &["tag", "rm", "c"])[0], "cat");
    assert_eq!(offered(&home, &["edit", "1", "--priority", "h"]), ["high"]);
}

#[test]
fn completion_heeds_the_line_that_is_typed_and_stays_silent() {
    let home = home();
    muista(&home, ["add", "elsewhere", "--data-dir", "other"]).ok();
    assert!(explained(&home, &["--data-dir", "other", "done", ""]).contains(&"1\telsewhere".to_owned()));
    fs::write(home.path().join("file"), "").unwrap();
    let offered = offered(&home, &["--data-dir", "file/below", "done", "1"]);
    assert!(!offered.iter().any(|line| line == "1"), "{offered:?}");
}

#[test]
fn bash_completes_with_the_script() {
    let home = home_with(&["Buy cat food"]);
    let script = "eval \"$(\"$MUISTA\" completions bash)\"; PATH=$(dirname \"$MUISTA\"):$PATH; \
                  COMP_LINE='muista don'; COMP_POINT=10; _muista muista don muista; \
                  echo \"${COMPREPLY[*]}\"";
    let mut command = home.muista();
    let program = command.get_program().to_owned();
    let mut bash = std::process::Command::new("bash");
    bash.args(["--norc", "-c", script]).env_clear().current_dir(home.path()).env("MUISTA", program);
    for (name, value) in command.arg("").get_envs() {
        bash.env(name, value.unwrap_or_default());
    }
    assert_eq!(run(&mut bash).ok(), "done\n");
}

#[test]
fn the_manual_is_written_in_roff() {
    let home = home();
    let page = muista(&home, ["man"]).ok();
    assert!(page.lines().any(|line| line.starts_with(".TH muista 1")), "{page}");
    assert!(page.contains(".SH SYNOPSIS"));
    assert_eq!(muista(&home, ["man", "--dir", "pages"]).ok(), "");
    let mut names: Vec<String> = fs::read_dir(home.path().join("pages/man1"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in ["muista.1", "muista-add.1", "muista-tag-rename.1"] {
        assert!(names.iter().any(|it| it == name), "no {name} in {names:?}");
    }
    let add = fs::read_to_string(home.path().join("pages/man1/muista-add.1")).unwrap();
    assert!(add.contains("\\-\\-due"), "{add}");
    muista(&home, ["man", "--dir", "pages/man1/muista.1/x"]).refused(1, "pages/man1/muista.1/x", "");
    assert_eq!(
        muista(&home, ["man", "job", "add"]).ok(),
        fs::read_to_string(home.path().join("pages/man1/muista-job-add.1")).unwrap()
    );
    muista(&home, ["man", "fly"]).refused(3, "fly", "muista --help");
}

#[test]
fn man_has_nothing_to_say_against_the_pages() {
    let home = home();
    muista(&home, ["man", "--dir", "pages"]).ok();
    // Small systems have a program of that name that only says how to install it.
    let version = std::process::Command::new("man").arg("--version").output();
    if !version.is_ok_and(|version| version.stdout.starts_with(b"man ")) {
        eprintln!("man is missing; the pages were not formatted");
        return;
    }
    let folders = ["man1", "man8"].map(|section| home.path().join("pages").join(section));
    let pages = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let pages: Vec<_> = pages.collect();
    let mut man = std::process::Command::new("man");
    man.args(["--warnings", "-E", "UTF-8", "-Tutf8", "-l"]).args(&pages);
    let ran = run(man.env("MANWIDTH", "100").env("LC_ALL", "C.UTF-8"));
    assert_eq!((ran.code, &*ran.stderr), (0, ""));
    // Bold is a character printed over itself.
    let formatted = ran.stdout.lines().filter(|line| line.contains("E\u{8}EX\u{8}XI\u{8}IT\u{8}T S\u{8}S")).count();
    assert_eq!(formatted, pages.len());
}

#[test]
fn the_daemons_page_has_the_daemons_flags() {
    let home = home();
    let flags = |text: &str| {
        let words = text.split(|c: char| c.is_whitespace() || ",<>[]".contains(c));
        let flags = words.filter(|word| word.starts_with("--") && word.len() > 3).map(str::to_owned);
        flags.collect::<std::collections::BTreeSet<_>>()
    };
    let help = run(home.muistad().arg("--help")).ok();
    // Options are indented, unlike the text above them.
    let indented = help.lines().filter(|line| line.starts_with(' ')).map(str::trim_start);
    let options: Vec<&str> = indented.filter(|line| line.starts_with('-')).collect();
    let page = muista(&home, ["man", "muistad"]).ok().replace("\\-", "-").replace("\\fB", " ").replace("\\fR", " ");
    let section = page.split(".SH OPTIONS").nth(1).unwrap().split(".SH").next().unwrap();
    let described: Vec<&str> = section.lines().map(str::trim_start).filter(|line| line.starts_with('-')).collect();
    assert_eq!(flags(&options.join("\n")), flags(&described.join("\n")));
}

#[test]
fn on_a_terminal_the_page_is_shown() {
    let home = home();
    let shown = on_terminal(&home, 80, "man done --no-pager", "").ok();
    // Formatted by man, or else the help.
    assert!(shown.contains("done") && !shown.contains(".SH"), "{shown}");
}
