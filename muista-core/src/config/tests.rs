//! Precedence, folders, secrets and every error of the configuration, through [`Config::load`] alone.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Allowed, Color, Config, Flags, KEYS, Role, Source, Sources, Tls, check_file};
use crate::error::{Error, ErrorKind};
use crate::model::Channel;
use crate::time::DateOrder;

fn sources(flags: Flags, environment: &[(&str, &str)]) -> Sources {
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Sources::new(flags, environment, PathBuf::from("/here"))
}

pub(super) fn load(environment: &[(&str, &str)]) -> Result<Config, Error> {
    Config::load(&sources(Flags::default(), environment))
}

/// A home folder whose configuration file holds `text`.
pub(super) fn home(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join(".config/muista")).unwrap();
    fs::write(home.path().join(".config/muista/config.toml"), text).unwrap();
    home
}

pub(super) fn load_file(text: &str) -> Result<Config, Error> {
    let home = home(text);
    load(&[("HOME", home.path().to_str().unwrap())])
}

fn source<'a>(config: &'a Config, key: &str) -> &'a Source {
    &config.entries().iter().find(|entry| entry.key.name == key).unwrap().source
}

#[test]
fn defaults_follow_the_base_directory_specification() {
    let config = load(&[("HOME", "/home/kim")]).unwrap();
    assert_eq!(config.data_dir, Path::new("/home/kim/.local/share/muista"));
    assert_eq!(config.socket, Path::new("/home/kim/.local/share/muista/muistad.sock"));
    assert_eq!(config.http.to_string(), "127.0.0.1:3000");
    assert_eq!((config.color, config.date_order, config.timezone.as_deref()), (Color::Auto, None, None));

    let config =
        load(&[("HOME", "/home/kim"), ("XDG_DATA_HOME", "/data"), ("XDG_RUNTIME_DIR", "/run/user/7")]).unwrap();
    assert_eq!(config.data_dir, Path::new("/data/muista"));
    assert_eq!(config.socket, Path::new("/run/user/7/muista/muistad.sock"));
}

#[test]
fn relative_base_directories_are_ignored() {
    let config = load(&[("HOME", "/home/kim"), ("XDG_DATA_HOME", "data"), ("XDG_RUNTIME_DIR", "run")]).unwrap();
    assert_eq!(config.data_dir, Path::new("/home/kim/.local/share/muista"));
    assert_eq!(config.socket, Path::new("/home/kim/.local/share/muista/muistad.sock"));
}

#[test]
fn another_data_folder_has_a_socket_of_its_own() {
    let runtime = ("XDG_RUNTIME_DIR", "/run/user/7");
    let config = load(&[("HOME", "/home/kim"), runtime, ("MUISTA_DATA_DIR", "/other")]).unwrap();
    assert_eq!(config.socket, Path::new("/other/muistad.sock"));
    let config = load(&[("HOME", "/home/kim"), runtime, ("MUISTA_DATA_DIR", "~/.local/./share/muista/")]).unwrap();
    assert_eq!(config.socket, Path::new("/run/user/7/muista/muistad.sock"), "the default, spelt out");
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let home = home("http = \"127.0.0.1:1\"\ncolor = \"never\"\ndate_order = \"mdy\"\n");
    let environment =
        [("HOME", home.path().to_str().unwrap()), ("MUISTA_HTTP", "127.0.0.1:2"), ("MUISTA_COLOR", "always")];
    let flags = Flags { http: Some("localhost:3".to_owned()), ..Flags::default() };
    let config = Config::load(&sources(flags, &environment)).unwrap();
    assert_eq!(config.http.to_string(), "127.0.0.1:3");
    assert_eq!(config.color, Color::Always);
    assert_eq!(config.date_order, Some(DateOrder::MonthDay));
    assert_eq!(source(&config, "http"), &Source::Flag("--http"));
    assert_eq!(source(&config, "color"), &Source::Environment("MUISTA_COLOR".to_owned()));
    assert!(matches!(source(&config, "date_order"), Source::File(_, 3)));
    assert_eq!(source(&config, "timezone"), &Source::Default);
    assert_eq!(config.entries().len(), KEYS.len());
}

#[test]
fn paths_are_made_whole() {
    let home = home("data_dir = \"data\"\ndatabase_ca = \"~/ca.pem\"\n");
    let flags = Flags { socket: Some("s/./x.sock".into()), ..Flags::default() };
    let config = Config::load(&sources(flags, &[("HOME", home.path().to_str().unwrap())])).unwrap();
    assert_eq!(config.data_dir, home.path().join(".config/muista/data"), "from the file's own folder");
    assert_eq!(config.database_ca, Some(home.path().join("ca.pem")));
    assert_eq!(config.socket, Path::new("/here/s/x.sock"), "from the current folder");
    let config = load(&[("HOME", "/h"), ("MUISTA_DATABASE_URL", "sqlite:~/x.db")]).unwrap();
    assert_eq!(config.database_url.as_deref(), Some("sqlite:/h/x.db"));
    let error = load(&[("HOME", "/h"), ("MUISTA_DATA_DIR", "~kim/data")]).unwrap_err();
    assert!(error.message.contains("~kim"), "{error}");
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_one() {
    let error = load_file("color = \"auto\"\n\ndatadir = \"/x\"\n").unwrap_err();
    assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some("datadir")));
    assert!(error.message.contains("line 3") && error.message.contains("datadir"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("did you mean `data_dir`?"));
    let error = load_file("[zzz]\nhost = \"x\"\n").unwrap_err();
    assert!(error.hint.unwrap().contains("data_dir, database_url"));
}

#[test]
fn a_wrong_value_names_its_key_and_a_remedy() {
    for (text, key, part) in [
        ("http = 3000\n", "http", "the number 3000"),
        ("http = \"3000\"\n", "http", "`3000`"),
        ("color = true\n", "color", "true"),
        ("color = \"red\"\n", "color", "`red`"),
        ("date_order = \"ymd\"\n", "date_order", "`ymd`"),
        ("timezone = \"Europe/Helsingfors\"\n", "timezone", "Europe/Helsingfors"),
        ("socket = \"\"\n", "socket", "empty"),
        ("data_dir = \"a\\u0000b\"\n", "data_dir", "NUL"),
        ("socket = [\"x\"]\n", "socket", "a list"),
    ] {
        let error = load_file(text).unwrap_err();
        assert_eq!((error.kind, error.field.as_deref()), (ErrorKind::Invalid, Some(key)), "{text}: {error}");
        assert!(error.message.contains(part) && error.message.contains("line 1"), "{text}: {error}");
        assert!(error.hint.is_some(), "{text}");
    }
}

#[test]
fn all_errors_are_told_at_once() {
    let error = load_file("colour = \"auto\"\nhttp = \"x\"\ndate_order = 1\n").unwrap_err();
    for part in ["3 settings", "line 1", "colour", "line 2", "line 3"] {
        assert!(error.message.contains(part), "{part}: {error}");
    }
}

#[test]
fn a_broken_file_is_an_error_with_its_line() {
    let error = load_file("color = \"auto\"\nhttp = = 1\n").unwrap_err();
    assert!(error.message.contains("line 2"), "{error}");
    let error = load_file("color = \"auto\"\ncolor = \"never\"\n").unwrap_err();
    assert!(error.message.contains("line 2"), "{error}");
}

#[test]
fn a_named_file_must_exist_and_the_default_one_need_not() {
    let flags = Flags { config: Some("/nowhere/c.toml".into()), ..Flags::default() };
    let error = Config::load(&sources(flags, &[("HOME", "/h")])).unwrap_err();
    assert!(error.message.contains("/nowhere/c.toml"), "{error}");
    assert!(load(&[("HOME", "/nowhere")]).is_ok());
    let error = load(&[("HOME", "/h"), ("MUISTA_CONFIG", "/")]).unwrap_err();
    assert!(error.message.contains("cannot read"), "{error}");
}

#[test]
fn without_a_home_the_data_folder_must_be_named() {
    for environment in [&[][..], &[("HOME", "relative")], &[("HOME", "")]] {
        let error = load(environment).unwrap_err();
        assert!(error.message.contains("HOME"), "{error}");
        assert!(error.hint.unwrap().contains("--data-dir"));
    }
    assert!(load(&[("MUISTA_DATA_DIR", "/d")]).is_ok());
}

#[test]
fn a_secret_is_read_from_its_file_and_shown_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    fs::write(&path, "postgres://kim:geheim@db/muista\n").unwrap();
    let named = ("MUISTA_DATABASE_URL_FILE", path.to_str().unwrap());
    let config = load(&[("HOME", "/h"), named]).unwrap();
    assert_eq!(config.database_url.as_deref(), Some("postgres://kim:geheim@db/muista"));
    let shown = config.entries().iter().find(|entry| entry.key.secret).unwrap();
    assert!(!shown.value.as_ref().unwrap().contains("geheim"), "{shown:?}");

    let error = load(&[("HOME", "/h"), named, ("MUISTA_DATABASE_URL", "sqlite:/x")]).unwrap_err();
    assert!(error.message.contains("both set"), "{error}");
    // Only what needs the database fails.
    let error = load(&[("HOME", "/h"), ("MUISTA_DATABASE_URL_FILE", "/nowhere/url")]).unwrap().database().unwrap_err();
    assert!(error.message.contains("/nowhere/url"), "{error}");
    fs::write(&path, "\n").unwrap();
    assert!(load(&[("HOME", "/h"), named]).unwrap().database().unwrap_err().message.contains("is empty"));
}

#[test]
fn variables_that_set_nothing_are_warned_of() {
    let config =
        load(&[("HOME", "/h"), ("MUISTA_DATADIR", "/x"), ("MUISTA_LOG", "debug"), ("MUISTA_SOCKET_FILE", "/x")])
            .unwrap();
    assert_eq!(config.warnings().len(), 2, "{:?}", config.warnings());
    assert!(config.warnings()[0].contains("MUISTA_DATADIR") && config.warnings()[0].contains("MUISTA_DATA_DIR?"));
}

#[test]
fn a_value_that_is_no_text_is_an_error() {
    use std::os::unix::ffi::OsStringExt;
    let environment = [
        (OsString::from("HOME"), OsString::from("/h")),
        (OsString::from("MUISTA_HTTP"), OsString::from_vec(vec![255])),
    ];
    let error = Config::load(&Sources::new(Flags::default(), environment, PathBuf::from("/"))).unwrap_err();
    assert!(error.message.contains("MUISTA_HTTP") && error.message.contains("UTF-8"), "{error}");
}

#[test]
fn a_socket_path_that_is_too_long_matters_only_to_who_listens() {
    let long = format!("/{}", "x".repeat(107));
    let config = load(&[("HOME", "/h"), ("MUISTA_SOCKET", &long)]).unwrap();
    let error = config.listening_socket().unwrap_err();
    assert!(error.message.contains("108 bytes") && error.hint.unwrap().contains("--socket"));
    let config = load(&[("HOME", "/h"), ("MUISTA_SOCKET", &long[..107])]).unwrap();
    assert!(config.listening_socket().is_ok());
}

#[test]
fn every_example_is_valid_and_names_are_unique() {
    let sources = sources(Flags::default(), &[("HOME", "/h")]);
    for (at, key) in KEYS.iter().enumerate() {
        key.check(key.example.as_ref(), &sources.base()).unwrap();
        let variable = match key.name {
            // It was a variable before it was a setting.
            "log.level" => "MUISTA_LOG".to_owned(),
            name => format!("MUISTA_{}", name.to_uppercase().replace('.', "_")),
        };
        assert_eq!(key.environment, variable);
        assert!(KEYS[..at].iter().all(|other| other.name != key.name));
    }
    let text: String = KEYS.iter().map(|key| format!("{} = \"{}\"\n", key.name, key.example)).collect();
    check_file(Path::new("/c"), &text, &sources.base()).unwrap();
    assert!(check_file(Path::new("/c"), "http = \"nonsense\"\n", &sources.base()).is_err());
}

#[test]
fn a_table_and_dotted_names_are_the_same() {
    for text in [
        "[email]\nhost = \"mx.example\"\nport = 2525\n",
        "email.host = \"mx.example\"\nemail.port = \"2525\"\n",
        "email = { host = \"mx.example\", port = 2525 }\n",
    ] {
        let config = load_file(text).unwrap();
        assert_eq!((config.email.host.as_deref(), config.email.port), (Some("mx.example"), 2525), "{text}");
    }
    let home = home("role = \"worker\"\n[email]\ntls = \"tls\"\nhost = \"a\"\n");
    let config = load(&[("HOME", home.path().to_str().unwrap()), ("MUISTA_EMAIL_HOST", "b")]).unwrap();
    assert_eq!((config.email.host.as_deref(), config.email.tls, config.email.port), (Some("b"), Tls::Tls, 465));
    assert!(matches!(source(&config, "email.tls"), Source::File(_, 3)));
    assert_eq!(config.role, Role::Worker);
}

#[test]
fn delivery_has_its_defaults() {
    let config = load(&[("HOME", "/h")]).unwrap();
    assert_eq!((config.email.port, config.email.tls), (587, Tls::StartTls));
    assert_eq!((config.sms.url.as_str(), config.role), ("https://api.twilio.com", Role::All));
    assert_eq!(config.channels, [Channel::Email]);
    assert_eq!(config.scripts_dir, Path::new("/h/.config/muista/scripts"));
    assert_eq!(load(&[("HOME", "/h"), ("MUISTA_EMAIL_TLS", "none")]).unwrap().email.port, 25);
    let config = load(&[("MUISTA_DATA_DIR", "/d")]).unwrap();
    assert_eq!(config.scripts_dir, Path::new("/d/scripts"), "no home, so no configuration folder");
    let shown = |name: &str| {
        let entry = config.entries().iter().find(|entry| entry.key.name == name);
        entry.and_then(|entry| entry.value.clone())
    };
    assert_eq!((shown("email.port").as_deref(), shown("email.host")), (Some("587"), None));
}

#[test]
fn delivery_is_read_and_secrets_are_kept() {
    let config = load(&[
        ("HOME", "/h"),
        ("MUISTA_CHANNELS", "SMS, desktop,sms"),
        ("MUISTA_NTFY_URL", "https://ntfy.example/deep/my_topic-1"),
        ("MUISTA_WEBHOOK_ALLOW", "Hooks.Home.arpa,10.1.2.3/8,::1"),
        ("MUISTA_SMS_URL", "http://localhost:8080/"),
        ("MUISTA_EMAIL_PASSWORD", "geheim"),
    ])
    .unwrap();
    assert_eq!(config.channels, [Channel::Sms, Channel::Desktop]);
    let topic = config.ntfy.topic.as_ref().unwrap();
    assert_eq!((topic.server.as_str(), topic.name.as_str()), ("https://ntfy.example/deep", "my_topic-1"));
    assert_eq!(config.sms.url, "http://localhost:8080");
    assert_eq!(config.webhook.allow[0], Allowed::Host("hooks.home.arpa".to_owned()));
    let allow: Vec<String> = config.webhook.allow.iter().map(ToString::to_string).collect();
    assert_eq!(allow, ["hooks.home.arpa", "10.0.0.0/8", "::1/128"]);
    assert_eq!(config.email.password.as_ref().unwrap().reveal().unwrap(), "geheim");
    assert!(!format!("{config:?}").contains("geheim"));
}

#[test]
fn what_cannot_be_reached_is_refused() {
    for (key, values) in [
        ("EMAIL_HOST", &["mx.example:25", "http://mx", "a b", "-a", "a..b"][..]),
        ("EMAIL_PORT", &["0", "65536", "-1", "smtp"]),
        ("EMAIL_TLS", &["ssl", "STARTTLS"]),
        ("EMAIL_TO", &["kim", "kim@", "@a", "a b@c", "Kim <kim@a.example>", "k@a..b", "k..m@a", "a@b\nBcc: c@d"]),
        ("EMAIL_FROM", &["Kim", "Kim <kim>", "Kim <k@a> x", "K\u{7}m <k@a.example>"]),
        ("SMS_FROM", &["0401234567", "+0401234567", "+358 40 123", "+1234567890123456", "+12"]),
        ("WEBHOOK_URL", &["ftp://a", "https://", "https://a b", "https://u:p@a/", "https://a#x", "http://a:0/", "a"]),
        ("WEBHOOK_ALLOW", &["10.0.0.0/33", "a,,b", "http://a"]),
        ("NTFY_URL", &["https://ntfy.sh", "https://ntfy.sh/", "https://ntfy.sh/a/", "https://ntfy.sh/a%20b"]),
        ("CHANNELS", &["pigeon", "email,", ","]),
        ("ROLE", &["both"]),
        ("EMAIL_USERNAME", &[" ", "a\tb"]),
    ] {
        let variable = format!("MUISTA_{key}");
        for value in values {
            let error = load(&[("HOME", "/h"), (&variable, value)]).unwrap_err();
            assert!(error.message.contains(&variable) && error.hint.is_some(), "{value}: {error}");
            assert!(!error.message.contains("u:p"), "{error}");
        }
    }
    for (key, value) in [
        ("EMAIL_TO", "kim.b+todo@mäil.example"),
        ("EMAIL_FROM", "\"Muista, the\" <m@a.example>"),
        ("WEBHOOK_URL", "http://[::1]:80/x?y=1"),
        ("EMAIL_HOST", "::1"),
    ] {
        load(&[("HOME", "/h"), (&format!("MUISTA_{key}"), value)]).unwrap();
    }
    let error = load(&[("HOME", "/h"), ("MUISTA_EMAIL_PASSWORD", "gehe\tim")]).unwrap_err();
    assert!(!error.message.contains("gehe"), "{error}");
}

#[test]
fn tables_are_told_from_settings() {
    for (text, field, message, hint) in [
        ("email = \"x\"\n", "email", "where a table belongs", "email.host"),
        ("[http]\nx = 1\n", "http", "a table where a text", "http ="),
        ("[email]\nhots = \"x\"\n", "email.hots", "`email.hots`", "did you mean `email.host`?"),
        ("[email]\nzzz = \"x\"\n", "email.zzz", "`email.zzz`", "email.host, email.port"),
        ("[emial]\nhost = \"x\"\n", "emial", "`emial`", "did you mean `email`?"),
        ("\"email.host\" = \"x\"\n", "email.host", "not a setting", "without quotation marks"),
        ("[email.host]\nx = 1\n", "email.host", "a table where a text", "email.host ="),
        ("email.port = 0x10\n", "email.port", "the number", "email.port ="),
        ("email.port = true\n", "email.port", "true", "email.port ="),
    ] {
        let error = load_file(text).unwrap_err();
        assert_eq!(error.field.as_deref(), Some(field), "{text}: {error}");
        assert!(error.message.contains(message), "{text}: {error}");
        assert!(error.hint.as_ref().unwrap().contains(hint), "{text}: {error:?}");
    }
}
