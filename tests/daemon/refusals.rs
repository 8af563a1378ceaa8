//! What a daemon does not start with: addresses, databases and settings, each with its exit status and a remedy.

use std::net::TcpListener;
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use test_common::postgres;
use test_common::sandbox::Sandbox;

use crate::support::{fails_to_start, sqlite};

fn muistad(sandbox: &Sandbox) -> Command {
    let mut command = sandbox.muistad();
    command.args(["--http", "127.0.0.1:0"]);
    command
}

/// Runs SQL on a PostgreSQL database, past Muista; returns what the last statement gives as text.
fn postgres_text(url: &str, sql: &str) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        let messages = client.simple_query(sql).await.unwrap();
        messages.iter().rev().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
    })
}

#[test]
fn an_http_address_in_use() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    fails_to_start(sandbox.muistad().args(["--http", &address])).refused(5, &[&address, "--http"]);
    assert!(!sandbox.path().join("run/muista/muistad.sock").exists(), "its socket went with it");
}

#[test]
fn an_http_address_that_others_reach() {
    let sandbox = Sandbox::new();
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:3000"] {
        fails_to_start(sandbox.muistad().args(["--http", address])).refused(2, &[address, "127.0.0.1"]);
    }
    assert!(!sandbox.data_dir().exists(), "nothing was made");
}

#[test]
fn an_empty_database_with_no_migrate() {
    let sandbox = Sandbox::new();
    fails_to_start(muistad(&sandbox).arg("--no-migrate")).refused(5, &["schema 0", "--no-migrate"]);
    assert!(!sandbox.data_dir().join("muista.db").exists(), "nothing was made");

    let database = postgres::server().database();
    let mut command = muistad(&sandbox);
    command.args(["--no-migrate", "--database-url", &database.url]);
    fails_to_start(&mut command).refused(5, &["schema 0", "--no-migrate"]);
    let tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(postgres_text(&database.url, tables).as_deref(), Some("0"));

    sandbox.daemon(["--database-url", &database.url]).kill9();
    // Once it is up to date it is taken.
    drop(sandbox.daemon(["--no-migrate", "--database-url", &database.url]));
}

#[test]
fn a_database_of_a_newer_muista() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.daemon([""; 0]).terminate().code(), Some(0));
    sqlite(&sandbox.data_dir().join("muista.db")).batch_execute("PRAGMA user_version = 99").unwrap();
    fails_to_start(&mut muistad(&sandbox)).refused(5, &["schema 99", "update"]);

    let database = postgres::server().database();
    let args = ["--database-url", database.url.as_str()];
    assert_eq!(sandbox.daemon(args).terminate().code(), Some(0));
    let more = "INSERT INTO __diesel_schema_migrations (version)
        SELECT '9999' || n FROM generate_series(10, 40) n";
    postgres_text(&database.url, more);
    fails_to_start(muistad(&sandbox).args(args)).refused(5, &["schema 42", "update"]);
}

#[test]
fn a_postgresql_server_that_is_not_there() {
    let sandbox = Sandbox::new();
    let nowhere = format!("postgres:///db?host={}", sandbox.path().join("nowhere").display());
    for url in ["postgres://me@127.0.0.1:1/db", &nowhere] {
        fails_to_start(muistad(&sandbox).args(["--database-url", url])).refused(5, &["cannot open postgres://"]);
    }
    let missing = postgres::server().database().url.replace("/test_", "/absent_");
    fails_to_start(muistad(&sandbox).args(["--database-url", &missing])).refused(5, &["absent_", "does not exist"]);
}

#[test]
fn settings_that_cannot_be_read() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.config_file().parent().unwrap()).unwrap();
    std::fs::write(sandbox.config_file(), "databse_url = \"sqlite:/tmp/x.db\"\n").unwrap();
    fails_to_start(&mut muistad(&sandbox)).refused(2, &["databse_url", "database_url", "config.toml"]);
    std::fs::write(sandbox.config_file(), "http = ").unwrap();
    fails_to_start(&mut muistad(&sandbox)).refused(2, &["config.toml"]);
    std::fs::remove_file(sandbox.config_file()).unwrap();
    fails_to_start(muistad(&sandbox).args(["--database-url", "mysql://host/db"])).refused(2, &["mysql", "postgres://"]);
    fails_to_start(muistad(&sandbox).arg("--socket").arg("x".repeat(300))).refused(2, &["107", "--socket"]);
    assert!(!sandbox.data_dir().exists(), "nothing was made");
}

#[test]
fn a_database_file_that_is_none() {
    let sandbox = Sandbox::new();
    let file = sandbox.path().join("notes.db");
    let text = "milk, bread, and a long enough list of other things\n".repeat(200);
    std::fs::write(&file, &text).unwrap();
    let url = format!("sqlite:{}", file.display());
    fails_to_start(muistad(&sandbox).args(["--database-url", &url])).refused(5, &["notes.db"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "left as it was");
}
