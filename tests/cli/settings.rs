//! `config` and `doctor`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};
use test_common::sandbox::Sandbox;

use crate::support::{Ran, home, home_with, muista, run, shell};

fn write_config(home: &Sandbox, text: &str) {
    fs::create_dir_all(home.config_file().parent().unwrap()).unwrap();
    fs::write(home.config_file(), text).unwrap();
}

fn config(home: &Sandbox) -> String {
    fs::read_to_string(home.config_file()).unwrap()
}

#[test]
fn a_setting_is_written_read_and_taken_out() {
    // No zone from the environment.
    let home = Sandbox::new();
    muista(&home, ["config", "get", "timezone"]).refused(3, "timezone", "");
    assert_eq!(muista(&home, ["config", "set", "timezone", "Asia/Tokyo"]).ok(), "");
    assert_eq!(muista(&home, ["config", "get", "timezone"]).ok(), "Asia/Tokyo\n");
    assert_eq!(muista(&home, ["date", "now", "--json"]).json()["timezone"], "Asia/Tokyo");
    muista(&home, ["config", "unset", "timezone"]).ok();
    muista(&home, ["config", "get", "timezone"]).refused(3, "timezone", "");
    assert_eq!(muista(&home, ["config", "path"]).ok(), format!("{}\n", home.config_file().display()));
}

#[test]
fn what_else_stands_in_the_file_stays() {
    let home = Sandbox::new();
    let before = "# Mine.\n\ncolor = \"never\" # plain\n# The zone:\ntimezone = \"UTC\"   # for now\n";
    write_config(&home, before);
    muista(&home, ["config", "set", "timezone", "Europe/Helsinki"]).ok();
    assert_eq!(config(&home), before.replace("UTC", "Europe/Helsinki"));
    muista(&home, ["config", "set", "date_order", "dmy"]).ok();
    assert_eq!(config(&home), before.replace("UTC", "Europe/Helsinki") + "date_order = \"dmy\"\n");
    muista(&home, ["config", "unset", "date_order"]).ok();
    muista(&home, ["config", "unset", "timezone"]).ok();
    assert!(config(&home).starts_with("# Mine.\n\ncolor = \"never\" # plain\n"), "{}", config(&home));
    // Nothing to take out.
    assert!(muista(&home, ["config", "unset", "timezone"]).stderr.contains("not set"));
}

#[test]
fn a_mistake_in_the_file_can_be_taken_out() {
    let home = home();
    write_config(&home, "timezon = \"UTC\"\n");
    muista(&home, ["config", "get", "color"]).refused(2, "timezon", "timezone");
    muista(&home, ["config", "unset", "timezon"]).ok();
    assert_eq!(config(&home), "");
    muista(&home, ["config", "unset", "colour"]).refused(2, "colour", "color");
}

#[test]
fn settings_of_tables_are_written_read_and_taken_out() {
    let home = home();
    let before = "# Mine.\n[email]\nfrom = \"muista@example.org\" # me\n";
    write_config(&home, before);
    muista(&home, ["config", "set", "email.host", "mx.example"]).ok();
    muista(&home, ["config", "set", "email.port", "2525"]).ok();
    muista(&home, ["config", "set", "channels", "email,desktop"]).ok();
    let tail = "host = \"mx.example\"\nport = 2525\n";
    assert_eq!(config(&home), format!("channels = \"email,desktop\"\n{before}{tail}"));
    assert_eq!(muista(&home, ["config", "get", "email.port"]).ok(), "2525\n");
    muista(&home, ["config", "set", "email.password", "hunter2"]).ok();
    assert!(!muista(&home, ["config", "--json"]).ok().contains("hunter2"));
    muista(&home, ["config", "unset", "email.password"]).ok();
    muista(&home, ["config", "unset", "email.port"]).ok();
    muista(&home, ["config", "unset", "email.host"]).ok();
    muista(&home, ["config", "unset", "channels"]).ok();
    assert_eq!(config(&home), before);
    muista(&home, ["config", "unset", "email"]).refused(2, "email", "email.NAME");
    muista(&home, ["config", "unset", "email.hots"]).refused(2, "email.hots", "email.host");
    muista(&home, ["config", "set", "email.port", "smtp"]).refused(2, "smtp", "587");
    muista(&home, ["config", "set", "sms.from", "0401234567"]).refused(2, "0401234567", "+358");
}

#[test]
fn a_flag_goes_before_the_environment_and_this_before_the_file() {
    let home = Sandbox::new();
    write_config(&home, "timezone = \"Asia/Tokyo\"\ncolor = \"always\"\n");
    let ran = run(home.muista().args(["config", "--json", "--color", "never"]).env("MUISTA_TIMEZONE", "UTC"));
    let rows = ran.json();
    let row = |key: &str| rows.as_array().unwrap().iter().find(|row| row["key"] == key).unwrap().clone();
    assert_eq!((&row("timezone")["value"], &row("timezone")["source"]), (&json!("UTC"), &json!("MUISTA_TIMEZONE")));
    assert_eq!((&row("color")["value"], &row("color")["source"]), (&json!("never"), &json!("--color")));
    assert_eq!(row("date_order")["value"], Value::Null);
    let overruled = run(home.muista().args(["config", "set", "timezone", "UTC"]).env("MUISTA_TIMEZONE", "UTC"));
    assert!(overruled.stderr.contains("MUISTA_TIMEZONE is set too"), "{overruled:?}");
}

#[test]
fn a_password_is_never_shown() {
    let home = home();
    write_config(&home, "database_url = \"postgres://me:hunter2@db/muista\"\n");
    for args in [&["config"][..], &["config", "--json"], &["config", "get", "database_url"]] {
        let shown = muista(&home, args).ok();
        assert!(shown.contains("db/muista") && !shown.contains("hunter2"), "{args:?}: {shown}");
    }
}

#[test]
fn the_file_is_edited_as_a_whole() {
    let home = Sandbox::new();
    shell(&home, "EDITOR='sed -i \"\\$a color = \\\"never\\\"\"' muista config edit").ok();
    assert_eq!(muista(&home, ["config", "get", "color"]).ok(), "never\n");
    // A new file begins with every setting there is.
    assert!(config(&home).contains("#timezone = "), "{}", config(&home));
    let before = config(&home);
    let bad = shell(&home, "EDITOR='sed -i s/never/sometimes/' muista config edit");
    bad.refused(2, "sometimes", "what you wrote is in /");
    let path = bad.stderr.lines().find_map(|line| line.split_once("what you wrote is in ")).unwrap().1;
    fs::remove_file(path).unwrap();
    assert_eq!(config(&home), before);
}

#[test]
fn doctor_finds_a_healthy_home_healthy() {
    let home = home_with(&["a"]);
    let checks = muista(&home, ["doctor", "--json"]).json();
    let checks = checks.as_array().unwrap();
    assert_eq!(checks.len(), 11, "{checks:#?}");
    assert!(checks.iter().all(|check| check["status"] == "ok"), "{checks:#?}");
    assert!(muista(&home, ["doctor"]).ok().starts_with("Check "));
    // A home that was never used is healthy, and stays unused.
    let fresh = crate::support::home();
    muista(&fresh, ["doctor"]).ok();
    assert!(!fresh.data_dir().exists());
}

#[test]
fn doctor_names_what_is_wrong_and_what_to_do() {
    let home = home_with(&["a"]).with_env("MUISTA_TIMEZON", "x").with_env("LANG", "C");
    fs::set_permissions(home.data_dir(), fs::Permissions::from_mode(0o755)).unwrap();
    // Warnings are no failure.
    let checks = muista(&home, ["doctor", "--json"]).json();
    let warned: Vec<_> = checks.as_array().unwrap().iter().filter(|check| check["status"] == "warn").collect();
    let names: Vec<_> = warned.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["environment", "data folder", "terminal"]);
    assert!(warned.iter().all(|check| check["remedy"].is_string()), "{warned:#?}");
    write_config(&home, "timezone = \"Nowhere/City\"\n");
    let home = home.with_env("MUISTA_TIMEZONE", "");
    let failed = muista(&home, ["doctor"]);
    assert_eq!(failed.code, 1, "{failed:?}");
    assert!(failed.stdout.contains("Nowhere/City"), "{failed:?}");
}

#[test]
fn a_secret_that_cannot_be_read_stops_only_what_needs_it() {
    let home = home_with(&["a"]);
    let missing = home.path().join("missing");
    let with = |variable: &str, args: &[&str]| run(home.muista().args(args).env(variable, &missing));
    for variable in ["MUISTA_EMAIL_PASSWORD_FILE", "MUISTA_REMOTE_TOKEN_FILE", "MUISTA_WEBHOOK_SECRET_FILE"] {
        assert_eq!(with(variable, &["ls", "-o", "ids"]).ok(), "1\n", "{variable}");
        assert!(with(variable, &["config", "list"]).ok().contains("missing"), "{variable}");
        let checked = with(variable, &["doctor", "--json"]);
        let findings: Value = serde_json::from_str(&checked.stdout).unwrap();
        let failed: Vec<_> = findings.as_array().unwrap().iter().filter(|found| found["status"] == "fail").collect();
        assert_eq!((checked.code, failed.len()), (1, 1), "{findings:#}");
        assert!(failed[0]["found"].as_str().unwrap().contains(variable), "{findings:#}");
    }
    // What a database's URL is in a file for, needs it.
    with("MUISTA_DATABASE_URL_FILE", &["ls"]).refused(2, "missing", "readable file");
    with("MUISTA_DATABASE_URL_FILE", &["date", "tomorrow"]).ok();
    let remote =
        home.muista().args(["ls", "--remote", "localhost:1"]).env("MUISTA_REMOTE_TOKEN_FILE", &missing).output();
    Ran::of(remote.unwrap()).refused(2, "missing", "readable file");
}
