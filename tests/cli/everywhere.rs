//! The same commands give the same, byte for byte but for ids and times, wherever the tasks are: in a SQLite file or on
//! PostgreSQL, with a daemon or without.

use test_common::postgres;
use test_common::sandbox::{Daemon, Sandbox};

use crate::support::{Ran, arguments, home, muista, redacted};

/// What the commands give is compared after each of these lines. Single quotes hold an argument together.
const LINES: &[&str] = &[
    "",
    "ls --json",
    "ls -o csv",
    "add 'Buy cat food' --due tomorrow",
    "add 'Call Anna' +home +cat @work !high 'due:today' project:house",
    "add 'Tämä on 猫 🐈' --description 'two\nlines' --note 'ask \"Anna\", first' --priority low --json",
    "add 'Pay rent' --due '9999-12-01 18:00' -o ndjson",
    "add 'A part' --parent 1 -o csv",
    "add 'After that' --depends 1 --depends 2 -o ids",
    "add 'Ask @bob about \u{202e}evil'",
    "",
    "ls -o table",
    "ls -o json",
    "ls -o ndjson",
    "ls -o csv",
    "ls -o ids",
    "ls --due today --json",
    "ls --due week +home -later -o ids",
    "ls --parent 1 -o csv",
    "ls 'ÄMÄ' -o ids",
    "ls --sort -priority,title --limit 3 --offset 1",
    "show 1",
    "show 2",
    "show 3 --json",
    "show 6 -o csv",
    "edit 1 --priority high --add-tag cat --due none",
    "edit 3 7 --project house --note none --json",
    "done 2 3",
    "done 3",
    "ls --status done",
    "ls --status all --sort number -o csv",
    "undone 3 -o ndjson",
    "next -o ids",
    "next --why",
    "tag",
    "tag ls -o csv",
    "tag rename cat pets --json",
    "tag rm home",
    "project",
    "project add garden --description 'All that grows' --json",
    "project edit garden --name yard -o ndjson",
    "project ls -o csv",
    "project rm house",
    "rm 1",
    "ls -o ids",
    "undo",
    "undo --json",
    "redo",
    "redo --json",
    "undo --steps 2",
    "log 2",
    "log 2 -o ndjson",
    "log --json",
    "log --limit 3 -o csv",
    "export",
    "export +pets --format taskwarrior",
    "export --format csv",
    "import tasks.json",
    "import tasks.json --json",
    "ls --status all --sort number --json",
];

/// The same for lines that are refused.
const REFUSED: &[&str] = &[
    "add ''",
    "add x --parent 99",
    "show 99",
    "show 99 --json",
    "done 2 99",
    "edit 2 --title ''",
    "edit 2 --parent 2 --json",
    "redo --quiet",
    "undo 01941f2e-7d5c-7f63-b1f4-2f0c9bd1d2a3",
    "tag rm nothing",
    "project add yard",
    "project rm nothing --json",
    "ls --due whenever",
    "ls --parent 99",
];

/// Where the tasks can be.
struct Place {
    name: &'static str,
    home: Sandbox,
    /// What `--verbose` says of who answers.
    answers: &'static str,
    _daemon: Option<Daemon>,
}

impl Place {
    fn new(name: &'static str, home: Sandbox, daemon: bool) -> Self {
        let fixture = include_str!("../fixtures/taskwarrior.json");
        std::fs::write(home.path().join("tasks.json"), fixture).unwrap();
        let answers = if daemon { "the daemon at" } else { "in this process" };
        let daemon = daemon.then(|| home.daemon([] as [&str; 0]));
        Self { name, home, answers, _daemon: daemon }
    }

    fn run(&self, line: &str) -> Ran {
        let ran = muista(&self.home, arguments(line));
        Ran { stdout: redacted(&ran.stdout), stderr: redacted(&ran.stderr), ..ran }
    }
}

fn on_postgres() -> Sandbox {
    home().with_env("MUISTA_DATABASE_URL", postgres::server().database().url)
}

#[test]
fn every_place_gives_the_same() {
    let places = [
        Place::new("a file", home(), false),
        Place::new("a daemon on a file", home(), true),
        Place::new("PostgreSQL", on_postgres(), false),
        Place::new("a daemon on PostgreSQL", on_postgres(), true),
    ];
    for place in &places {
        let said = place.run("ls --verbose").stderr;
        assert!(said.contains(place.answers), "{}: {said}", place.name);
        let postgres = said.contains("postgres");
        assert!(!place.name.contains("PostgreSQL") || place.name.contains("daemon") || postgres, "{said}");
    }
    let (first, others) = places.split_first().unwrap();
    for line in LINES.iter().chain(REFUSED) {
        let expected = first.run(line);
        for place in others {
            let ran = place.run(line);
            let shown = |ran: &Ran| format!("status {}\n{}\n{}", ran.code, ran.stdout, ran.stderr);
            assert_eq!(shown(&ran), shown(&expected), "`muista {line}` with {} and with {}", place.name, first.name);
        }
        assert_eq!(expected.code == 0, LINES.contains(line), "`muista {line}`: {expected:#?}");
    }
}
