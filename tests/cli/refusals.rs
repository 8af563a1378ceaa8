//! What is refused: each bad command line and value gives a message with a remedy and the documented exit status, as
//! JSON too, prints nothing on stdout and changes nothing.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use serde_json::Value;
use test_common::sandbox::Sandbox;

use crate::support::{all, arguments, home, home_with, muista, shell, task};

/// A command line, its exit status, and what its error and its hint hold. Single quotes hold an argument together.
type Refusal = (&'static str, i32, &'static str, &'static str);

/// In a home with the tasks 1 to 3, of which 3 is a part of 1, the tag `cat` and the project `house`.
const REFUSALS: &[Refusal] = &[
    // Bad usage.
    ("frobnicate", 2, "frobnicate", "--help lists the verbs"),
    ("ad x", 2, "ad", "add"),
    ("ls --frobnicate", 2, "--frobnicate", ""),
    ("ls --du today", 2, "--du", "--due"),
    ("add", 2, "TITLE", "muista add"),
    ("add --due", 2, "--due", ""),
    ("done", 2, "ID", "muista done"),
    ("show 1 2", 2, "2", "muista show"),
    ("ls --json -o csv", 2, "--output", ""),
    ("ls -o yaml", 2, "yaml", "--help"),
    ("ls --color sometimes", 2, "sometimes", "--help"),
    ("undo --steps 0", 2, "0", ""),
    ("undo --steps 1 01941f2e-7d5c-7f63-b1f4-2f0c9bd1d2a3", 2, "--steps", ""),
    ("ls --limit 0", 2, "0", ""),
    ("ls --limit -1", 2, "-1", ""),
    ("ls --limit many", 2, "many", ""),
    ("ls --offset x", 2, "x", ""),
    ("completions tcsh", 2, "tcsh", ""),
    ("export --json --format csv", 2, "--json", "leave one out"),
    ("export -o csv", 2, "--output", "--format"),
    // Bad values.
    ("add ''", 2, "title", ""),
    ("add ' '", 2, "title", ""),
    ("add +home", 2, "title", ""),
    ("add x --due whenever", 2, "whenever", ""),
    ("add x --due 2027-02-29", 2, "2027-02-29", ""),
    ("add x --due 27.1.", 2, "27.1.", "date_order"),
    ("add x --category nothing", 2, "nothing", "Personal"),
    ("add x --priority urgent", 2, "urgent", "high"),
    ("add x --tag 'a,b'", 2, "a,b", "without commas"),
    ("add x --tag ''", 2, "tag", ""),
    ("add x --parent one", 2, "one", ""),
    ("add x --parent -1", 2, "-1", ""),
    ("edit 1 --title ''", 2, "title", ""),
    ("edit 1 --due soonish", 2, "soonish", ""),
    ("edit 1 --tag x --add-tag y", 2, "--add-tag", ""),
    ("edit 1 2", 2, "one task", "--priority"),
    ("show 0", 2, "0", ""),
    ("show -- -1", 2, "-1", ""),
    ("show abc", 2, "abc", "8"),
    ("done 1 x", 2, "x", ""),
    ("ls --due whenever", 2, "whenever", ""),
    ("ls due:whenever", 2, "whenever", ""),
    ("ls --due tomorrow..yesterday", 2, "tomorrow..yesterday", ""),
    ("ls --status maybe", 2, "maybe", "open"),
    ("ls --sort size", 2, "size", "due"),
    ("ls @nowhere", 2, "nowhere", "Personal"),
    ("ls project:a --project b", 2, "twice", "once"),
    ("next !urgent", 2, "urgent", "high"),
    ("undo x", 2, "x", "muista log"),
    ("date whenever", 2, "whenever", ""),
    ("date today --tz Nowhere/City", 2, "Nowhere/City", ""),
    ("date today --now noonish", 2, "noonish", ""),
    ("tag rename cat 'a,b'", 2, "a,b", "without commas"),
    ("project add ''", 2, "project", ""),
    ("project edit house", 2, "nothing", "--name"),
    ("config set colour always", 2, "colour", "color"),
    ("config set color sometimes", 2, "sometimes", ""),
    ("config set timezone Nowhere/City", 2, "Nowhere/City", ""),
    ("import nowhere.json", 2, "nowhere.json", "-"),
    ("import .", 2, "folder", ""),
    ("import x --format yaml", 2, "yaml", ""),
    // Not there.
    ("show 99", 3, "99", ""),
    ("show 01941f2e-7d5c-7f63-b1f4-2f0c9bd1d2a3", 3, "01941f2e", ""),
    ("show deadbeef", 3, "deadbeef", ""),
    ("show 99999999999999999999", 3, "99999999999999999999", ""),
    ("ls --parent 99", 3, "99", ""),
    ("export --parent 99", 3, "99", ""),
    ("done 1 99", 3, "99", ""),
    ("undone 99", 3, "99", ""),
    ("rm 99", 3, "99", ""),
    ("edit 1 99 --priority low", 3, "99", ""),
    ("edit 99", 3, "99", ""),
    ("add x --parent 99", 3, "99", ""),
    ("add x --depends 99", 3, "99", ""),
    ("log 99", 3, "99", ""),
    ("undo 01941f2e-7d5c-7f63-b1f4-2f0c9bd1d2a3", 3, "01941f2e", "muista log"),
    ("tag rm dog", 3, "dog", ""),
    ("tag rename dog cat", 3, "dog", ""),
    ("project rm garden", 3, "garden", ""),
    ("project edit garden --name x", 3, "garden", ""),
    ("config get timezone", 3, "timezone", "default"),
    // Refused.
    ("project add house", 4, "house", ""),
    ("project add HOUSE", 4, "HOUSE", ""),
    ("project edit house --name yard", 4, "yard", ""),
    ("edit 1 --parent 1", 4, "itself", ""),
    ("edit 1 --parent 3", 4, "itself", ""),
    ("edit 1 --depends 1", 4, "itself", ""),
    // Not reachable.
    ("ls --socket nowhere.sock", 5, "nowhere.sock", "muista daemon start"),
    ("daemon status", 5, "no daemon", "muista daemon start"),
];

#[test]
fn what_is_refused_changes_nothing() {
    // No zone is configured, so that one can be asked for in vain.
    let home = Sandbox::new();
    let lines = "muista add a +cat project:house; muista add b project:yard; muista add c --parent 1";
    shell(&home, lines).ok();
    let before = all(&home);
    let mut wrong = Vec::new();
    for refusal in REFUSALS {
        let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| judge(&home, refusal)));
        if judged.is_err() {
            wrong.push(refusal.0);
        }
    }
    assert!(wrong.is_empty(), "{} refused otherwise: {wrong:#?}", wrong.len());
    assert_eq!(all(&home), before);
    assert!(!home.config_file().exists());
}

/// Checks one refusal, for people and for programs.
fn judge(home: &Sandbox, &(line, code, error, hint): &Refusal) {
    let args = arguments(line);
    let ran = muista(home, &args);
    ran.refused(code, error, hint);
    if line.contains("--json") || line.contains("-o ") {
        return;
    }
    assert!(!ran.stderr.contains("{\"error\""), "`muista {line}`: {ran:?}");
    let ran = muista(home, [&["--json".to_owned()], args.as_slice()].concat());
    ran.refused(code, error, hint);
    let told: Value = serde_json::from_str(ran.stderr.lines().last().unwrap()).unwrap();
    let kind = match code {
        2 => "INVALID",
        3 => "NOT_FOUND",
        4 => "CONFLICT",
        _ => "UNAVAILABLE",
    };
    assert_eq!(told["error"]["code"], kind, "`muista {line}`: {told}");
    assert!(told["error"]["message"].as_str().unwrap().contains(error), "{told}");
    assert!(code != 2 || told["error"]["details"]["field"].is_string(), "`muista {line}`: {told}");
}

#[test]
fn a_refused_first_command_makes_nothing() {
    let home = home();
    for line in ["add ''", "add x --due whenever", "frobnicate", "ls --frob", "undo x", "date whenever"] {
        muista(&home, arguments(line)).refused(2, "", "");
    }
    assert!(!home.data_dir().exists());
    assert!(!home.config_file().exists());
}

#[test]
fn a_prefix_of_several_ids_is_refused() {
    // Ids begin alike within a minute; of three made one after the other, two do for sure.
    let home = home_with(&["a", "b", "c"]);
    let ids = ["1", "2", "3"].map(|number| task(&home, number)["id"].as_str().unwrap().to_owned());
    let pair = if ids[0][..8] == ids[1][..8] { [&ids[0], &ids[1]] } else { [&ids[1], &ids[2]] };
    let prefix = &pair[0][..8];
    assert_eq!(prefix, &pair[1][..8]);
    let ran = muista(&home, ["done", prefix]);
    ran.refused(2, prefix, "");
    assert!(ran.stderr.contains("more than one") || ran.stderr.contains("several"), "{ran:?}");
    muista(&home, ["show", &prefix[..7]]).refused(2, &prefix[..7], "8");
    assert_eq!(task(&home, &pair[0][..35])["id"], **pair[0]);
}

#[test]
fn a_title_has_a_longest_length() {
    let home = home();
    let title = "x".repeat(100_000);
    let ran = muista(&home, ["add", &title]);
    ran.refused(2, "title", "");
    assert!(ran.stderr.len() < 1000, "{} bytes", ran.stderr.len());
    assert!(!home.data_dir().exists());
}

#[test]
fn an_argument_that_is_not_utf_8_is_refused() {
    let home = home();
    for args in [&[b"add".to_vec(), b"caf\xe9".to_vec()][..], &[b"ls".to_vec(), b"--due".to_vec(), b"\xff".to_vec()]] {
        let args: Vec<OsString> = args.iter().cloned().map(OsString::from_vec).collect();
        muista(&home, args).refused(2, "UTF-8", "encoding");
    }
    assert!(!home.data_dir().exists());
}

#[test]
fn control_characters_are_refused_and_never_printed() {
    let home = home();
    for title in ["a\u{1b}[31mred", "bell\u{7}", "null\u{9b}31m", "two\nlines", "back\u{8}"] {
        let ran = muista(&home, ["add", title]);
        ran.refused(2, "title", "");
        assert!(!ran.stderr.contains(|c: char| c.is_control() && c != '\n'), "{ran:?}");
    }
    let ran = muista(&home, ["frob\u{1b}[31m"]);
    ran.refused(2, "frob", "");
    assert!(!ran.stderr.contains('\u{1b}'), "{ran:?}");
    assert!(!home.data_dir().exists());
}

#[test]
fn what_turns_the_direction_of_writing_is_shown_escaped() {
    let title = "safe\u{202e}live\u{2066}";
    let home = home_with(&[title]);
    for args in [&["ls"][..], &["show", "1"], &["log"], &["next"], &["done", "1"], &["undo"]] {
        let shown = muista(&home, args).ok();
        assert!(shown.contains("safe\\u{202e}live\\u{2066}"), "{args:?}: {shown}");
        assert!(!shown.contains(['\u{202e}', '\u{2066}']), "{args:?}: {shown}");
    }
    assert_eq!(task(&home, "1")["title"], title);
    // A file gets it as it is; JSON escaped by its own rules.
    assert!(muista(&home, ["ls", "-o", "csv"]).ok().contains(title));
}

#[test]
fn no_word_makes_a_verb_panic() {
    let home = home_with(&["a"]);
    let long = "猫".repeat(20_000);
    let words =
        ["", " ", "-", "--", "-1", "0", "99999999999999999999", "\u{202e}", "a\u{0}b", "%", "'", "\u{feff}", &long];
    let verbs = "add|add --due|add --tag|add --project|add --parent|ls|ls --due|ls --sort|ls --search|ls --limit|show|\
                 edit|edit 1 --due|edit 1 --depends|done|undone|rm|next|undo|log|tag rename a|tag rm|project add|\
                 project edit a --name|import|import --format|export --file|date|date --tz|config get|config set color|\
                 config unset|completions|man --dir|--socket|--config|--data-dir|daemon";
    for verb in verbs.split('|') {
        for word in words {
            // No program can be given a null character.
            let word = word.replace('\0', "\u{1}");
            let ran = muista(&home, verb.split(' ').map(str::trim).chain([word.as_str()]));
            let helped = ran.code == 2 && ran.stdout.contains("Usage: muista");
            let told = ran.code == 0 || helped || ran.stderr.starts_with("error: ") || ran.stderr.contains("\nerror: ");
            assert!((0..=5).contains(&ran.code) && told, "{verb} {word:.20}: {ran:.2000?}");
        }
    }
}
