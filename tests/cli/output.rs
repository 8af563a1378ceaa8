//! How results are written: the formats, how many rows, colours, quiet, and what a terminal shows.

use serde_json::Value;
use test_common::sandbox::Sandbox;

use crate::support::{home, home_with, muista, on_terminal, run, shell};

/// A home with 53 tasks.
fn home_with_53() -> Sandbox {
    let home = home();
    shell(&home, "n=0; while [ $n -lt 53 ]; do n=$((n + 1)); muista add -q Task $n || exit; done").ok();
    home
}

#[test]
fn a_table_shows_50_rows_and_says_how_many_more() {
    let home = home_with_53();
    let table = muista(&home, ["ls"]);
    assert_eq!(table.stderr, "3 more; see them with --limit or --offset.\n");
    assert_eq!(table.stdout.lines().count(), 51);
    for (args, rows, more) in [
        (&["--limit", "2"][..], 2, "51 more; see them with --limit or --offset.\n"),
        (&["--limit", "2", "--offset", "50"], 2, "1 more; see them with --limit or --offset.\n"),
        (&["--offset", "10"], 43, ""),
        (&["--limit", "53"], 53, ""),
        (&["--limit", "1000"], 53, ""),
        (&["--quiet"], 50, ""),
    ] {
        let ran = muista(&home, [&["ls"], args].concat());
        assert_eq!((ran.stderr.as_str(), ran.stdout.lines().count()), (more, rows + 1), "{args:?}");
    }
    let beyond = muista(&home, ["ls", "--offset", "60"]);
    assert_eq!((beyond.stdout.as_str(), beyond.stderr.as_str()), ("", "No tasks beyond that --offset.\n"));
}

#[test]
fn machine_formats_have_no_limit() {
    let home = home_with_53();
    let of = |args: &str| {
        let ran = muista(&home, args.split(' '));
        assert_eq!(ran.stderr, "", "{args}");
        ran.ok()
    };
    let json: Value = serde_json::from_str(&of("ls --json")).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 53);
    assert_eq!(of("ls -o ndjson").lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count(), 53);
    assert_eq!(of("ls -o csv").lines().count(), 54);
    assert_eq!(of("ls -o ids").lines().count(), 53);
    assert_eq!(of("ls -o ids --limit 2 --offset 51"), "52\n53\n");
}

#[test]
fn csv_quotes_what_needs_it() {
    let home = home();
    muista(&home, ["add", "--", "say \"hi\", you"]).ok();
    muista(&home, ["edit", "1", "--note", "two\nlines", "--quiet"]).ok();
    let csv = muista(&home, ["ls", "-o", "csv"]).ok();
    let (header, rest) = csv.split_once('\n').unwrap();
    assert!(header.starts_with("id,number,ownerId,title,description,note,category,"), "{header}");
    assert!(rest.contains(",1,"), "{rest}");
    assert!(rest.contains(",\"say \"\"hi\"\", you\",,\"two\nlines\",Personal,"), "{rest}");
}

#[test]
fn colours_come_only_where_asked_for() {
    let home = home_with(&["a"]);
    shell(&home, "muista edit -q 1 --due yesterday --priority high").ok();
    let escaped = |text: &str| text.contains('\u{1b}');
    assert!(!escaped(&muista(&home, ["ls"]).ok()));
    assert!(escaped(&muista(&home, ["ls", "--color", "always"]).ok()));
    assert!(escaped(&run(home.muista().args(["ls", "--color", "always"]).env("NO_COLOR", "1")).ok()));
    assert!(!escaped(&muista(&home, ["ls", "--color", "always", "--json"]).ok()));
    assert!(escaped(&on_terminal(&home, 80, "ls", "").ok()));
    assert!(!escaped(&on_terminal(&home, 80, "ls --color never", "").ok()));
    let plain = home.with_env("NO_COLOR", "1");
    assert!(!escaped(&on_terminal(&plain, 80, "ls", "").ok()));
}

#[test]
fn a_table_fits_its_terminal() {
    let long = "A title that has so many words that it needs more than one line on any usual terminal, and 猫 too";
    let home = home_with(&["Short", long]);
    shell(&home, "muista edit -q 1 --due yesterday --add-tag home --project house").ok();
    let home = home.with_env("NO_COLOR", "1");
    for columns in [40, 60, 80, 200] {
        let shown = on_terminal(&home, columns, "ls", "").ok();
        let wide = |line: &str| line.chars().map(|c| if c == '猫' { 2 } else { 1 }).sum::<usize>();
        let widest = shown.lines().map(wide).max().unwrap();
        assert!(widest <= usize::from(columns), "{columns}: {widest}\n{shown}");
        for word in long.split(' ') {
            assert!(shown.contains(word), "{columns}: no {word}\n{shown}");
        }
    }
    // In a pipe a task is a line.
    assert_eq!(muista(&home, ["ls"]).ok().lines().count(), 3);
    // On a terminal JSON is laid out.
    assert!(on_terminal(&home, 80, "show 1 --json", "").ok().lines().count() > 10);
    assert_eq!(muista(&home, ["show", "1", "--json"]).ok().lines().count(), 1);
}

#[test]
fn quiet_leaves_results_and_errors() {
    let home = home_with(&["a"]);
    for line in ["add x", "edit 1 -p low", "done 1", "undone 1", "undo", "rm 1"] {
        let ran = muista(&home, [line, "--quiet"].join(" ").split(' '));
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{line}");
    }
    assert_eq!(muista(&home, ["ls", "-q", "-o", "ids"]).ok(), "2\n");
    assert!(muista(&home, ["add", "y", "-q", "--json"]).json()["number"].is_number());
    muista(&home, ["show", "99", "-q"]).refused(3, "99", "");
    let empty = muista(&home, ["ls", "-q", "+nothing"]);
    assert_eq!((empty.stdout.as_str(), empty.stderr.as_str()), ("", ""));
}

#[test]
fn an_empty_list_says_so_to_people_only() {
    let home = home();
    muista(&home, ["ls", "-q"]).ok();
    assert!(muista(&home, ["ls"]).stderr.starts_with("Nothing to do. Add a task with: muista add"));
    assert!(muista(&home, ["ls", "+x"]).stderr.starts_with("No task matches."));
    for (format, expected) in [("json", "[]\n"), ("ndjson", ""), ("ids", "")] {
        let ran = muista(&home, ["ls", "-o", format]);
        assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), (expected, ""), "{format}");
    }
    assert_eq!(muista(&home, ["ls", "-o", "csv"]).ok().lines().count(), 1);
}

#[test]
fn help_and_version_are_on_stdout() {
    let home = home();
    for args in [&["--help"][..], &["-h"], &["help"], &["ls", "--help"], &["help", "ls"], &["tag", "rename", "-h"]] {
        let ran = muista(&home, args);
        assert!(ran.stdout.contains("Usage: muista") && ran.stderr.is_empty(), "{args:?}: {ran:?}");
        ran.ok();
    }
    assert_eq!(muista(&home, ["--version"]).ok(), format!("muista {}\n", env!("CARGO_PKG_VERSION")));
    assert!(!home.data_dir().exists());
}

#[test]
fn a_spreadsheet_runs_nothing() {
    let home = home_with(&["=1+1", "-2+3", "plain"]);
    let titles = |args: &[&str]| -> Vec<String> {
        let text = muista(&home, args).ok();
        text.lines()
            .skip(1)
            .map(|line| line.split(',').find(|cell| cell.contains(['+', 'p'])).unwrap().to_owned())
            .collect()
    };
    assert_eq!(titles(&["ls", "-o", "csv", "--sort", "number"]), ["'=1+1", "'-2+3", "plain"]);
    assert_eq!(titles(&["ls", "-o", "csv", "--raw", "--sort", "number"]), ["=1+1", "-2+3", "plain"]);
    assert_eq!(titles(&["export", "--format", "csv"]), ["'=1+1", "'-2+3", "plain"]);
    assert_eq!(titles(&["export", "--format", "csv", "--raw"]), ["=1+1", "-2+3", "plain"]);
    muista(&home, ["ls", "--raw"]).refused(2, "--raw", "-o csv");
    muista(&home, ["export", "--raw"]).refused(2, "--raw", "--format csv");
}

#[test]
fn csv_on_a_terminal_turns_nothing_around() {
    let home = home_with(&["a\u{202e}b"]);
    for line in ["ls -o csv", "export --format csv", "log -o csv"] {
        let shown = on_terminal(&home, 80, line, "").ok();
        assert!(!shown.contains('\u{202e}') && !shown.contains("\\u{d}"), "{line}: {shown}");
    }
    assert!(on_terminal(&home, 80, "export --format csv", "").ok().contains("a\\u{202e}b"));
    assert!(muista(&home, ["export", "--format", "csv"]).ok().contains("a\u{202e}b"));
}
