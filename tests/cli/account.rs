//! Accounts and API keys, from the command line of the machine that they are on.

use crate::support::{home, muista, on_terminal, run_with_input};

#[test]
fn accounts_are_made_listed_and_taken_out_of_use() {
    let home = home();
    let mut add = home.muista();
    add.args(["user", "add", "Eva", "--email", "eva@example.org", "--name", "Eva V", "--password-stdin"]);
    assert_eq!(run_with_input(&mut add, "correct horse\n").ok(), "Added the account eva\n");
    let without = muista(&home, ["user", "add", "bot", "--role", "agent"]);
    assert!(without.stderr.contains("muista user passwd bot"), "{without:?}");
    assert_eq!(without.ok(), "Added the account bot\n");
    insta::assert_snapshot!(muista(&home, ["user"]).ok(), @r"
    Account  Role   Name   Mail
    bot      agent
    eva      user   Eva V  eva@example.org
    local    admin
    ");
    let disabled = muista(&home, ["user", "disable", "eva", "--json"]).json();
    assert!(disabled["disabledAt"].is_string() && disabled.get("password").is_none(), "{disabled}");
    assert_eq!(muista(&home, ["user", "enable", "eva"]).ok(), "Enabled the account eva\n");
    assert_eq!(muista(&home, ["user", "ls", "-o", "ids"]).ok(), "bot\neva\nlocal\n");
    let mut passwd = home.muista();
    passwd.args(["user", "passwd", "eva", "--password-stdin"]);
    assert_eq!(run_with_input(&mut passwd, "another horse").ok(), "Set the password of eva\n");
    // What was done is told, the password is not; undo leaves accounts alone.
    let log = muista(&home, ["log"]).ok();
    assert!(log.contains("changed account eva") && !log.contains("horse") && !log.contains("argon2"), "{log}");
    muista(&home, ["undo"]).refused(3, "no change to undo", "muista log");
}

#[test]
fn what_cannot_be_an_account_is_refused() {
    let home = home();
    muista(&home, ["user", "add", "e v a"]).refused(2, "e v a", "a-z");
    muista(&home, ["user", "add", "eva", "--email", "eva"]).refused(2, "eva", "eva@example.org");
    muista(&home, ["user", "add", "eva", "--role", "king"]).refused(2, "king", "admin");
    let mut short = home.muista();
    short.args(["user", "add", "eva", "--password-stdin"]);
    run_with_input(&mut short, "short\n").refused(2, "too short", "10");
    muista(&home, ["user", "add", "local"]).refused(4, "local", "another name");
    muista(&home, ["user", "disable", "local"]).refused(4, "local", "another account");
    muista(&home, ["user", "passwd", "nobody", "--password-stdin"]).refused(2, "no password", "stdin");
    muista(&home, ["user", "passwd"]).refused(2, "not a terminal", "--password-stdin");
    muista(&home, ["user", "disable", "nobody"]).refused(3, "nobody", "muista user ls");
}

#[test]
fn a_password_is_asked_for_twice_and_not_shown() {
    let home = home();
    muista(&home, ["ls", "-q"]).ok();
    let added = on_terminal(&home, 80, "user add eva", "correct horse\rcorrect horse\r");
    // What was typed before it asked is the terminal's to show.
    let (_, asked) = added.stdout.split_once("New password: ").unwrap();
    assert_eq!(asked, "\nAgain: \nAdded the account eva\n");
    let differ = on_terminal(&home, 80, "user passwd eva", "correct horse\rcorrect house\r");
    assert!(differ.stdout.contains("differ") && differ.code == 2, "{differ:?}");
}

#[test]
fn a_key_is_printed_once() {
    let home = home();
    let made = muista(&home, ["token", "create", "--name", "laptop", "--ttl", "30d", "--quiet"]);
    assert_eq!(made.stderr, "");
    let key = made.ok();
    assert!(key.starts_with("muista_") && key.trim_end().len() == 50 && key.ends_with('\n'), "{key}");
    let narrow =
        ["token", "create", "--name", "bot", "--role", "agent", "--scope", "tasks:read", "--scope", "jobs:run"];
    let told = muista(&home, narrow);
    assert!(told.stderr.contains("only time") && told.stdout.starts_with("muista_"), "{told:?}");
    let list = muista(&home, ["token", "ls", "--json"]).json();
    assert_eq!((list[0]["name"].as_str(), list[1]["name"].as_str()), (Some("bot"), Some("laptop")));
    assert_eq!(list[0]["scopes"], serde_json::json!(["tasks:read", "jobs:run"]));
    assert!(list[0]["expiresAt"].is_null() && list[1]["expiresAt"].is_string(), "{list}");
    assert_eq!(list[1]["hint"], key[..12]);
    assert!(!list.to_string().contains(key.trim_end()), "{list}");
    let table = muista(&home, ["token"]).ok();
    assert!(table.contains("tasks:read jobs:run") && table.contains("laptop"), "{table}");

    assert_eq!(muista(&home, ["token", "revoke", "laptop"]).ok(), "Revoked the key laptop\n");
    muista(&home, ["token", "revoke", "laptop"]).refused(3, "laptop", "muista token ls");
    let over = ["token", "create", "--name", "x", "--role", "agent", "--scope", "users:write"];
    muista(&home, over).refused(4, "users:write", "tasks:read");
    muista(&home, ["token", "create", "--name", "x", "--scope", "tasks:fly"]).refused(2, "tasks:fly", "tasks:read");
    muista(&home, ["token", "create", "--name", "x", "--ttl", "soon"]).refused(2, "soon", "");
}

#[test]
fn an_account_is_reached_where_an_admin_says() {
    let home = home();
    run_with_input(home.muista().args(["user", "add", "kim", "--password-stdin"]), "my cat likes tuna\n").ok();
    muista(&home, ["user", "edit", "kim"]).refused(2, "--email", "");
    let edit = ["user", "edit", "kim", "--email", "kim@example.org", "--phone", "+358401234567", "--json"];
    let edited = muista(&home, edit).json();
    assert_eq!((&edited["email"], &edited["phoneNumber"]), (&"kim@example.org".into(), &"+358401234567".into()));
    let cleared = muista(&home, ["user", "edit", "kim", "--phone", "none", "--json"]).json();
    assert_eq!((&cleared["email"], cleared["phoneNumber"].is_null()), (&"kim@example.org".into(), true));
    muista(&home, ["user", "edit", "kim", "--email", "nowhere"]).refused(2, "nowhere", "");
}
