//! Bringing data back and over by the real programs, on both databases, attachments included: `restore`, also killed in the
//! middle, `restore --task`, `move`, and `doctor --repair`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use rustix::process::Signal;
use serde_json::{Value, json};
use test_common::postgres::{self, Database};
use test_common::sandbox::Sandbox;

use crate::support::{Ended, PATIENCE, done, run, sqlite, sqlite_is_whole, sqlite_text};

/// How many times a restore is killed where nobody asks for more.
const KILLED: u32 = 5;

/// A home on one of the databases.
struct Home {
    sandbox: Sandbox,
    server: Option<Database>,
}

impl Home {
    fn both() -> [Self; 2] {
        let server = postgres::server().database();
        let on_server = Sandbox::new().with_env("MUISTA_DATABASE_URL", &server.url);
        [Self { sandbox: Sandbox::new(), server: None }, Self { sandbox: on_server, server: Some(server) }]
    }

    /// Adds so many tasks; the first has a file that holds `word`.
    fn fill(&self, word: &str, count: usize) {
        let list = self.sandbox.path().join("list.json");
        let task = |number| {
            let id = format!("00000000-0000-4000-8000-{number:012}");
            json!({"uuid": id, "description": format!("{word} {number}"), "status": "pending",
                "entry": "20260101T080000Z"})
        };
        fs::write(&list, Value::Array((0..count).map(task).collect()).to_string()).unwrap();
        done(self.sandbox.muista().args(["import", "--format", "taskwarrior"]).arg(&list));
        let file = self.sandbox.path().join("file.txt");
        fs::write(&file, word).unwrap();
        done(self.sandbox.muista().args(["attach", "1"]).arg(&file));
    }

    fn titles(&self) -> Vec<String> {
        titles(&self.sandbox)
    }

    /// What the file of task 1 holds.
    fn attached(&self) -> String {
        attached(&self.sandbox, "1")
    }

    fn back_up(&self) -> PathBuf {
        done(self.sandbox.muista().args(["backup", "--json"])).json()["file"].as_str().unwrap().into()
    }

    /// Runs a command past the connections of one that was killed, which a server notices a moment later.
    fn past_the_killed(&self, command: &mut Command) -> Ended {
        let began = Instant::now();
        loop {
            let ended = run(command);
            if ended.code == Some(0) || !ended.stderr.contains("connections of Muista") {
                return ended;
            }
            assert!(began.elapsed() < PATIENCE, "{ended:?}");
        }
    }

    /// What a restore leaves half done, by name.
    fn halves(&self) -> Vec<String> {
        let data = self.sandbox.data_dir();
        let names = [data.clone(), data.join("backups")].into_iter().filter_map(|folder| fs::read_dir(folder).ok());
        let names = names.flatten().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| [".part", ".restor", "attachments."].iter().any(|half| name.contains(half))).collect()
    }
}

fn titles(sandbox: &Sandbox) -> Vec<String> {
    let tasks = done(sandbox.muista().args(["ls", "--json"])).json();
    tasks.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
}

fn attached(sandbox: &Sandbox, task: &str) -> String {
    let files = done(sandbox.muista().args(["attach", task, "--json"])).json();
    let id = files[0]["id"].as_str().unwrap();
    done(sandbox.muista().args(["attach", "--get", id, "--to", "-"])).stdout
}

/// The word of all titles, and how many there are.
fn of_one_kind(titles: &[String]) -> (&str, usize) {
    let word = titles[0].split(' ').next().unwrap();
    assert!(titles.iter().all(|title| title.starts_with(word)), "half of each: {titles:?}");
    (word, titles.len())
}

#[test]
fn a_restore_that_is_killed_leaves_all_of_the_old_or_all_of_the_new() {
    let rounds = std::env::var("MUISTA_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(KILLED);
    let from = Home { sandbox: Sandbox::new(), server: None };
    from.fill("new", 1500);
    let new = from.back_up();
    for home in Home::both() {
        home.fill("old", 40);
        let old = home.back_up();
        let restore = |file: &Path| {
            let mut command = home.sandbox.muista();
            command.args(["restore", "--yes"]).arg(file);
            command
        };
        let began = Instant::now();
        done(&mut restore(&new));
        let whole = began.elapsed();
        let mut kept = (0, 0);
        for round in 0..=rounds {
            assert_eq!(home.past_the_killed(&mut restore(&old)).code, Some(0));
            assert_eq!(of_one_kind(&home.titles()), ("old", 40));
            let mut child = restore(&new).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            // Somewhere in it: another place each time.
            std::thread::sleep(whole * round / rounds.max(1));
            child.kill().unwrap();
            child.wait().unwrap();
            let titles = home.titles();
            match of_one_kind(&titles) {
                ("old", 40) => kept.0 += 1,
                ("new", 1500) => kept.1 += 1,
                other => panic!("{other:?} after {round} of {rounds}"),
            }
            let word = of_one_kind(&titles).0;
            assert_eq!(home.attached(), word);
            done(home.sandbox.muista().arg("doctor"));
            if home.server.is_none() {
                sqlite_is_whole(&home.sandbox.data_dir().join("muista.db"));
            }
        }
        assert!(kept.0 > 0, "none was killed in time: {kept:?}");
        assert_eq!(home.past_the_killed(&mut restore(&new)).code, Some(0));
        assert_eq!((of_one_kind(&home.titles()), &*home.attached()), (("new", 1500), "new"));
        assert_eq!(home.halves(), Vec::<String>::new());
    }
}

#[test]
fn what_a_restore_replaces_is_kept_and_named() {
    for home in Home::both() {
        home.fill("old", 3);
        let old = home.back_up();
        done(home.sandbox.muista().args(["add", "newest"]));
        let mut restore = home.sandbox.muista();
        restore.arg("restore").arg(&old);
        run(&mut restore).refused(4, &["is not empty", "--yes"]);
        let told = done(restore.args(["--yes", "--json"])).json();
        assert_eq!(home.titles().len(), 3);
        let kept = Path::new(told["kept"].as_str().unwrap());
        assert!(kept.to_str().unwrap().contains("before-restore"), "{told}");
        let back = Sandbox::new();
        match &home.server {
            None => {
                fs::create_dir_all(back.data_dir()).and_then(|()| fs::copy(kept, back.data_dir().join("muista.db")))
            }
            Some(_) => done(back.muista().arg("restore").arg(kept)).code.map(|_| 0).ok_or_else(|| unreachable!()),
        }
        .unwrap();
        assert!(titles(&back).contains(&"newest".to_owned()));
        if home.server.is_some() {
            assert_eq!(attached(&back, "1"), "old");
            // It is no backup of the schedule's, so nothing takes it away.
            done(home.sandbox.muista().args(["backup", "--keep", "1d"]));
            let listed = done(home.sandbox.muista().args(["backup", "ls", "--json"])).json();
            assert!(kept.exists() && listed.as_array().unwrap().len() == 1, "{listed}");
        }
    }
}

/// A log that was left without its file is not taken for the restored file's.
#[test]
fn a_restore_beside_a_log_without_its_file_is_whole() {
    let home = Home { sandbox: Sandbox::new(), server: None };
    home.fill("old", 3);
    let backup = home.back_up();
    let (daemon, file) = (home.sandbox.daemon([""; 0]), home.sandbox.data_dir().join("muista.db"));
    done(home.sandbox.muista().args(["add", "lost"]));
    daemon.kill9();
    assert!(fs::metadata(home.sandbox.data_dir().join("muista.db-wal")).unwrap().len() > 0);
    fs::remove_file(&file).unwrap();
    done(home.sandbox.muista().arg("restore").arg(&backup));
    sqlite_is_whole(&file);
    assert_eq!(of_one_kind(&home.titles()), ("old", 3));
}

#[test]
fn one_task_comes_back_with_its_file() {
    for home in Home::both() {
        home.fill("old", 2);
        let backup = home.back_up();
        done(home.sandbox.muista().args(["rm", "1", "--yes"]));
        let bring = |task: &str| {
            let mut command = home.sandbox.muista();
            command.arg("restore").arg(&backup).args(["--task", task]);
            command
        };
        run(&mut bring("9")).refused(3, &["task 9", "in the backup"]);
        run(&mut bring("2")).refused(4, &["task 2 is there"]);
        let told = done(&mut bring("1"));
        assert!(told.stdout.contains("Restored 1"), "{told:?}");
        assert_eq!(home.attached(), "old");
        done(home.sandbox.muista().args(["undo", "--yes"]));
        assert_eq!(home.titles(), ["old 1"]);
        // Beside a daemon as well.
        let _daemon = home.sandbox.daemon([""; 0]);
        done(&mut bring("1"));
        assert_eq!(home.attached(), "old");
    }
}

#[test]
fn everything_moves_to_a_server_and_back() {
    let server = postgres::server().database();
    let home = Home { sandbox: Sandbox::new(), server: None };
    home.fill("old", 5);
    let muista = |args: &[&str]| {
        let mut command = home.sandbox.muista();
        command.args(args);
        command
    };
    let told = done(&mut muista(&["move", "--to", &server.url, "--set"]));
    assert!(told.stdout.contains("Moved 5 tasks"), "{told:?}");
    assert!(done(&mut muista(&["config", "get", "database_url"])).stdout.contains("postgres://"));
    done(&mut muista(&["add", "old 5"]));
    assert_eq!((of_one_kind(&home.titles()), &*home.attached()), (("old", 6), "old"));
    // What is there already is not written over.
    run(&mut muista(&["move", "--to", &server.url])).refused(4, &["is not empty"]);

    let daemon = home.sandbox.daemon([""; 0]);
    let back = format!("sqlite:{}", home.sandbox.data_dir().join("back.db").display());
    run(&mut muista(&["move", "--to", &back])).refused(4, &["the daemon (pid", "muista daemon stop"]);
    daemon.terminate();
    let told = done(&mut muista(&["move", "--to", &back]));
    done(&mut muista(&["config", "set", "database_url", &back]));
    assert!(told.stdout.contains(&format!("muista config set database_url '{back}'")), "{told:?}");
    assert_eq!((of_one_kind(&home.titles()), &*home.attached()), (("old", 6), "old"));
    done(&mut muista(&["undo", "--yes"]));
    assert_eq!(home.titles().len(), 5);
    let missing = format!("sqlite:{}", home.sandbox.data_dir().join("missing.db").display());
    run(&mut muista(&["move", "--from", &missing, "--to", &back])).refused(3, &["missing.db", "--from"]);
}

/// Who sets PostgreSQL first and looks then finds nothing, and is told where it is.
#[test]
fn an_empty_server_beside_a_file_with_tasks_is_told_of() {
    let home = Home { sandbox: Sandbox::new(), server: None };
    home.fill("old", 2);
    let url = postgres::server().database().url;
    let on_server = |args: &[&str]| {
        let mut command = home.sandbox.muista();
        command.env("MUISTA_DATABASE_URL", &url).args(args);
        command
    };
    let told = done(&mut on_server(&["ls"]));
    assert!(told.stderr.contains("was empty") && told.stderr.contains("muista move --to"), "{told:?}");
    assert_eq!(done(&mut on_server(&["ls"])).stderr.matches("muista move").count(), 0, "once");
    let found = done(&mut on_server(&["doctor", "--json"])).json();
    let found = found.as_array().unwrap().iter().find(|finding| finding["name"] == "move").unwrap();
    assert!(found["remedy"].as_str().unwrap().contains("muista move --to"), "{found}");
    let daemon = home.sandbox.daemon(["--database-url", &url]);
    assert!(daemon.stderr().contains("muista move --to"), "{}", daemon.stderr());
    daemon.terminate();
    let moved = home.past_the_killed(&mut on_server(&["move", "--to", &url]));
    assert!(moved.code == Some(0) && !moved.stdout.contains("config set"), "{moved:?}");
    assert!(done(&mut on_server(&["ls"])).stdout.contains("old 1"));
}

#[test]
fn a_server_that_cannot_be_used_is_told_with_the_way_there() {
    let missing = postgres::server().database().url.replacen("/test_", "/missing_", 1);
    for (url, what) in [(&*missing, "does not exist"), ("postgres://muista@127.0.0.1:1/muista", "refused")] {
        let sandbox = Sandbox::new().with_env("MUISTA_DATABASE_URL", url);
        let remedy = ["createdb --encoding=UTF8", "muista move --to 'postgres://"];
        run(sandbox.muista().arg("ls")).refused(5, &[what, remedy[0], remedy[1]]);
        crate::support::fails_to_start(sandbox.muistad().args(["--http", "127.0.0.1:0"]))
            .refused(5, &[what, remedy[0], remedy[1]]);
    }
}

/// What doctor found and did, by name.
fn finding<'a>(findings: &'a Value, name: &str) -> &'a Value {
    let all = findings.as_array().unwrap();
    all.iter().find(|finding| finding["name"] == name).unwrap_or_else(|| panic!("no {name} in {findings:#}"))
}

#[test]
fn a_damaged_file_is_repaired() {
    let home = Home { sandbox: Sandbox::new(), server: None };
    home.fill("alpha", 5);
    let (doctor, file) = (|| home.sandbox.muista(), home.sandbox.data_dir().join("muista.db"));
    damage_an_index(&file);
    let found = run(doctor().args(["doctor", "--json"]));
    assert_eq!(found.code, Some(1));
    let found = found.json();
    assert!(finding(&found, "database")["remedy"].as_str().unwrap().contains("doctor --repair"), "{found:#}");
    sqlite(&file).batch_execute("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99").unwrap();

    let repaired = run(doctor().args(["doctor", "--repair", "--json"]));
    assert_eq!(repaired.code, Some(0), "{repaired:?}");
    let told = repaired.json();
    let pages = finding(&told, "file")["found"].as_str().unwrap().to_owned();
    assert!(pages.contains("passes its integrity check now") && pages.contains("before-repair"), "{told:#}");
    let settings = finding(&told, "file settings")["found"].as_str().unwrap();
    assert!(settings.contains("it was 99") && settings.contains("WAL mode"), "{told:#}");
    assert_eq!(finding(&told, "database")["status"], "ok");
    sqlite_is_whole(&file);
    assert_eq!(sqlite_text(&file, "SELECT journal_mode AS value FROM pragma_journal_mode"), "wal");
    assert_eq!(home.titles().len(), 4);
    assert_eq!(
        finding(&done(doctor().args(["doctor", "--repair", "--json"])).json(), "file")["found"],
        "passes its integrity check"
    );
}

/// Has an index hold a row that the table does not have.
fn damage_an_index(file: &Path) {
    // Newer releases of SQLite do not count what a partial one holds.
    let whole = "type = 'index' AND tbl_name = 'tasks' AND sql NOT LIKE '%WHERE%'";
    let name = sqlite_text(file, &format!("SELECT name AS value FROM sqlite_schema WHERE {whole} LIMIT 1"));
    let hide = format!(
        "PRAGMA writable_schema = ON; CREATE TABLE hidden AS SELECT * FROM sqlite_schema WHERE name = '{name}';
         DELETE FROM sqlite_schema WHERE name = '{name}'"
    );
    sqlite(file).batch_execute(&hide).unwrap();
    let show = "DELETE FROM audit_entries WHERE record_id = (SELECT id FROM tasks WHERE number = 5);
        DELETE FROM tasks WHERE number = 5; PRAGMA writable_schema = ON;
        INSERT INTO sqlite_schema SELECT * FROM hidden; DROP TABLE hidden";
    sqlite(file).batch_execute(show).unwrap();
}

/// Keys that a name or a text is not found by any more are made anew; a daemon is in the way.
#[test]
fn what_is_found_by_its_words_is_found_again_after_a_repair() {
    let spoilt = "UPDATE tasks SET search_key = 'x' WHERE number = 1; UPDATE projects SET name_key = 'y';
        UPDATE tasks SET tag_count = 7 WHERE number = 2;";
    for home in Home::both() {
        done(home.sandbox.muista().args(["add", "Water the ROSES", "--project", "Garden"]));
        done(home.sandbox.muista().args(["add", "Prune the lilac", "--tag", "spring"]));
        match &home.server {
            None => {
                let emptied =
                    "INSERT INTO tasks_text (tasks_text) VALUES ('delete-all'); DELETE FROM tasks_text_pending";
                let conn = &mut sqlite(&home.sandbox.data_dir().join("muista.db"));
                conn.batch_execute(&format!("{spoilt} {emptied}")).unwrap();
            }
            Some(server) => postgres::server().run(server.name(), &format!("{spoilt} DROP INDEX tasks_text")),
        }
        let found = |word: &str| {
            let found = done(home.sandbox.muista().args(["ls", "--search", word, "--json"])).json();
            found.as_array().unwrap().len()
        };
        assert_eq!(found("roses"), 0);
        assert_eq!(found("lilac"), usize::from(home.server.is_some()), "by the index of a file alone");
        let repair = || {
            let mut command = home.sandbox.muista();
            command.args(["doctor", "--repair", "--json"]);
            command
        };
        let daemon = home.sandbox.daemon([""; 0]);
        run(&mut repair()).refused(4, &["the daemon (pid", "muista daemon stop"]);
        daemon.terminate();
        let told = home.past_the_killed(&mut repair());
        assert_eq!(finding(&told.json(), "search keys")["found"], "3 were rebuilt", "{told:?}");
        assert_eq!((found("roses"), found("lilac")), (1, 1));
        done(home.sandbox.muista().args(["ls", "--project", "garden"]));
        assert_eq!(finding(&done(&mut repair()).json(), "indexes")["status"], "ok");
    }
}

/// A copy that VACUUM INTO made is put right as it is opened, and doctor says so.
#[test]
fn a_copy_that_was_put_right_is_told_of() {
    let home = Home { sandbox: Sandbox::new(), server: None };
    home.fill("old", 1);
    let (data, copy) = (home.sandbox.data_dir(), home.sandbox.path().join("copy"));
    fs::create_dir(&copy).unwrap();
    let into = format!("VACUUM INTO '{}'", copy.join("muista.db").display());
    sqlite(&data.join("muista.db")).batch_execute(&into).unwrap();
    let doctor = || {
        let ended = done(home.sandbox.muista().args(["--data-dir"]).arg(&copy).args(["doctor", "--json"]));
        finding(&ended.json(), "database")["found"].as_str().unwrap().to_owned()
    };
    assert!(doctor().contains("lacked WAL mode"));
    assert!(!doctor().contains("lacked"));
}

/// Backups and drills hold up no stop, and nothing half is left of them.
#[test]
fn a_stop_gives_up_what_takes_long() {
    for home in Home::both() {
        home.fill("old", 1);
        let first = home.back_up();
        fill_with_rows(&home);
        let began = |place: &Path, end: &str, inner: &str| {
            let start = Instant::now();
            let begun = || {
                let mut names = fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
                let half = names.find(|path| path.to_string_lossy().ends_with(end));
                let half = half.map(|half| if inner.is_empty() { half } else { half.join(inner) });
                half.is_some_and(|half| fs::metadata(half).is_ok_and(|file| file.len() > 0))
            };
            while !begun() {
                assert!(start.elapsed() < PATIENCE, "it never begins");
                std::thread::yield_now();
            }
        };
        let backups = first.parent().unwrap();
        let stopped = |args: &[&str], end: &str, inner: &str| {
            let daemon = home.sandbox.daemon([""; 0]);
            let mut command = home.sandbox.muista();
            let child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            began(backups, end, inner);
            daemon.signal(Signal::TERM);
            let ended = Ended::from(child.wait_with_output().unwrap());
            ended.refused(5, &["the daemon stops"]);
            assert_eq!(daemon.wait().code(), Some(0));
            assert_eq!(home.halves(), Vec::<String>::new());
        };
        stopped(&["backup"], ".part", "");
        assert_eq!(fs::read_dir(backups).unwrap().count(), 1, "the one of before");
        home.back_up();
        stopped(&["backup", "--drill"], ".drill", "muista.db");
        assert_eq!(fs::read_dir(backups).unwrap().count(), 2);
    }
}

/// Makes a backup take a while.
fn fill_with_rows(home: &Home) {
    let rows = "INSERT INTO tags (id, owner_id, name, name_key, created_at)";
    match &home.server {
        None => {
            let numbers = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 200000)";
            let values =
                "SELECT randomblob(16), (SELECT id FROM users LIMIT 1), hex(randomblob(60)), 'k' || n, 0 FROM n";
            sqlite(&home.sandbox.data_dir().join("muista.db")).batch_execute(&format!("{rows} {numbers} {values}"))
        }
        .unwrap(),
        Some(server) => {
            let values =
                "SELECT gen_random_uuid(), (SELECT id FROM users LIMIT 1), repeat(md5(n::text), 4), 'k' || n, now()
                FROM generate_series(1, 200000) n";
            postgres::server().run(server.name(), &format!("{rows} {values}"));
        }
    }
}
