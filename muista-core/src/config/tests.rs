//! Precedence, folders, secrets and every error of the configuration, through [`Config::load`] alone.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Color, Config, Flags, KEYS, Source, Sources, check_file};
use crate::error::{Error, ErrorKind};
use crate::time::DateOrder;

fn sources(flags: Flags, environment: &[(&str, &str)]) -> Sources {
    let environment = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Sources::new(flags, environment, PathBuf::from("/here"))
}

fn load(environment: &[(&str, &str)]) -> Result<Config, Error> {
    Config::load(&sources(Flags::default(), environment))
}

/// A home folder whose configuration file holds `text`.
fn home(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join(".config/muista")).unwrap();
    fs::write(home.path().join(".config/muista/config.toml"), text).unwrap();
    home
}

fn load_file(text: &str) -> Result<Config, Error> {
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
    let error = load(&[("HOME", "/h"), ("MUISTA_DATABASE_URL_FILE", "/nowhere/url")]).unwrap_err();
    assert!(error.message.contains("/nowhere/url"), "{error}");
    fs::write(&path, "\n").unwrap();
    assert!(load(&[("HOME", "/h"), named]).unwrap_err().message.contains("is empty"));
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
        assert_eq!(key.environment, format!("MUISTA_{}", key.name.to_uppercase()));
        assert!(KEYS[..at].iter().all(|other| other.name != key.name));
    }
    let text: String = KEYS.iter().map(|key| format!("{} = \"{}\"\n", key.name, key.example)).collect();
    check_file(Path::new("/c"), &text, &sources.base()).unwrap();
    assert!(check_file(Path::new("/c"), "http = \"nonsense\"\n", &sources.base()).is_err());
}
