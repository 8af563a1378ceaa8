//! Which scripts are found, which are refused and why, and what a run's arguments are.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::{Checked, Scripts, without_folders};
use crate::config::ScriptEntry;
use crate::error::{Error, ErrorKind};
use crate::model::ScriptParam;
use crate::model::ScriptSource;

fn write(path: &Path, mode: u32) {
    fs::write(path, "#!/bin/sh\n").unwrap();
    mode_of(path, mode);
}

fn mode_of(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("weather"), 0o755);
    dir
}

fn entry(name: &str, path: &Path) -> ScriptEntry {
    let param = |name: &str, default: Option<&str>, choices: &[&str]| ScriptParam {
        name: name.to_owned(),
        description: None,
        default: default.map(str::to_owned),
        choices: choices.iter().map(|choice| (*choice).to_owned()).collect(),
        allow_dash: false,
    };
    ScriptEntry {
        name: name.to_owned(),
        path: path.to_owned(),
        description: Some("tells the weather".to_owned()),
        args: ["--city={city}", "{unit}", "{print $1} {city}{city}"].map(str::to_owned).to_vec(),
        env: BTreeMap::from([("LEVEL".to_owned(), "3".to_owned())]),
        params: vec![param("city", None, &[]), param("unit", Some("c"), &["c", "f"])],
    }
}

fn params(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[track_caller]
fn refused(path: &Path, kind: ErrorKind, words: &[&str]) {
    let error = Checked::open(path).unwrap_err();
    assert_eq!(error.kind, kind, "{error:?}");
    let text = format!("{} {}", error.message, error.hint.unwrap());
    assert!(text.contains(&path.display().to_string()), "{text}");
    for word in words {
        assert!(text.contains(word), "no {word:?} in {text:?}");
    }
}

#[test]
fn the_folder_holds_its_executable_files_by_name() {
    let dir = folder();
    let at = |name: &str| dir.path().join(name);
    write(&at("backup"), 0o700);
    write(&at(".hidden"), 0o755);
    write(&at("notes.txt"), 0o644);
    fs::create_dir(at("sub")).unwrap();
    let scripts = Scripts::new(dir.path().to_owned(), Vec::new());
    let list = scripts.list().unwrap();
    let names: Vec<_> = list.iter().map(|script| script.name.as_str()).collect();
    assert_eq!(names, ["backup", "weather"]);
    assert!(list.iter().all(|script| script.problem.is_none() && script.source == ScriptSource::Folder), "{list:?}");
    assert_eq!(scripts.find("weather").unwrap().path, at("weather"));
}

#[test]
fn a_folder_that_is_not_there_holds_none() {
    let scripts = Scripts::new(PathBuf::from("/nowhere/at/all"), Vec::new());
    assert!(scripts.list().unwrap().is_empty());
    assert_eq!(scripts.find("weather").unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn a_table_of_the_configuration_wins_over_a_file() {
    let (dir, other) = (folder(), folder());
    let path = other.path().join("weather");
    let scripts = Scripts::new(dir.path().to_owned(), vec![entry("weather", &path)]);
    let list = scripts.list().unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!((&list[0].path, list[0].source), (&path, ScriptSource::Config));
    assert_eq!(list[0].params[1].choices, ["c", "f"]);
    assert_eq!(scripts.find("weather").unwrap(), list[0]);
}

#[test]
fn a_name_leads_nowhere_but_into_the_folder() {
    let dir = folder();
    fs::create_dir(dir.path().join("scripts")).unwrap();
    let scripts = Scripts::new(dir.path().join("scripts"), Vec::new());
    for name in ["../weather", "/bin/true", "..", ".", "", "x/../../weather", "weather/", "a\0b", "./weather"] {
        let errors = [scripts.find(name).unwrap_err(), scripts.command(name, &[], &params(&[])).unwrap_err()];
        assert!(errors.iter().all(|error| error.kind == ErrorKind::NotFound), "{name:?}: {errors:?}");
    }
}

#[test]
fn a_name_that_is_nearly_right_is_corrected() {
    let dir = folder();
    let error = Scripts::new(dir.path().to_owned(), Vec::new()).find("wether").unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("did you mean “weather”?"));
}

#[test]
fn a_script_that_others_may_change_is_refused() {
    let dir = folder();
    let path = dir.path().join("weather");
    for mode in [0o777, 0o775, 0o757] {
        mode_of(&path, mode);
        refused(&path, ErrorKind::Forbidden, &["chmod go-w"]);
    }
    let list = Scripts::new(dir.path().to_owned(), Vec::new()).list().unwrap();
    assert!(list[0].problem.as_ref().unwrap().contains("chmod go-w"), "{list:?}");
    mode_of(&path, 0o755);
    assert!(Checked::open(&path).is_ok());
}

#[test]
fn a_folder_that_others_may_change_is_refused_unless_it_is_sticky() {
    let dir = folder();
    let path = dir.path().join("weather");
    for mode in [0o777, 0o775] {
        mode_of(dir.path(), mode);
        let error = Checked::open(&path).unwrap_err();
        assert!(error.message.contains("the folder"), "{error}");
        assert_eq!(error.hint.unwrap(), format!("take that from them: `chmod go-w {}`", dir.path().display()));
    }
    mode_of(dir.path(), 0o1777);
    assert!(Checked::open(&path).is_ok());
}

#[test]
fn a_folder_further_up_that_everybody_may_change_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let scripts = dir.path().join("mine/scripts");
    fs::create_dir_all(&scripts).unwrap();
    write(&scripts.join("weather"), 0o755);
    mode_of(dir.path(), 0o775);
    assert!(Checked::open(&scripts.join("weather")).is_ok());
    mode_of(dir.path(), 0o777);
    let error = Checked::open(&scripts.join("weather")).unwrap_err();
    assert!(error.message.ends_with(&dir.path().canonicalize().unwrap().display().to_string()), "{error}");
}

#[test]
fn only_a_file_that_can_be_executed_is_a_script() {
    let dir = folder();
    let path = dir.path().join("weather");
    mode_of(&path, 0o644);
    refused(&path, ErrorKind::Forbidden, &["chmod u+x"]);
    refused(&dir.path().join("gone"), ErrorKind::NotFound, &["script ls"]);
    fs::create_dir(dir.path().join("sub")).unwrap();
    refused(&dir.path().join("sub"), ErrorKind::Forbidden, &["not a regular file"]);
}

#[test]
fn a_link_is_refused_wherever_it_leads() {
    let dir = folder();
    for (name, target) in [("out", "/bin/sh"), ("in", "weather"), ("nowhere", "gone")] {
        symlink(target, dir.path().join(name)).unwrap();
        refused(&dir.path().join(name), ErrorKind::Forbidden, &["is a link"]);
    }
    let list = Scripts::new(dir.path().to_owned(), Vec::new()).list().unwrap();
    assert_eq!(list.iter().filter(|script| script.problem.is_some()).count(), 3);
}

#[test]
fn a_table_of_the_configuration_may_name_a_link() {
    let dir = folder();
    let link = dir.path().join("link");
    symlink("weather", &link).unwrap();
    let scripts = Scripts::new(PathBuf::from("/nowhere"), vec![entry("w", &link)]);
    assert_eq!(scripts.find("w").unwrap().problem, None);
    let command = scripts.command("w", &[], &params(&[("city", "Oulu")])).unwrap();
    assert!(command.path.ends_with("weather"), "{command:?}");
    fs::remove_file(dir.path().join("weather")).unwrap();
    assert!(scripts.find("w").unwrap().problem.unwrap().contains("correct the path"));
    assert_eq!(scripts.command("w", &[], &params(&[("city", "Oulu")])).unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn a_table_of_the_configuration_leads_not_out_of_the_scripts_folder() {
    let (dir, other) = (folder(), folder());
    symlink(other.path().join("weather"), dir.path().join("out")).unwrap();
    symlink(other.path(), dir.path().join("sub")).unwrap();
    for path in ["out", "sub/weather", "../x"].map(|name| dir.path().join(name)) {
        let scripts = Scripts::new(dir.path().to_owned(), vec![entry("w", &path)]);
        assert!(scripts.command("w", &[], &params(&[("city", "Oulu")])).is_err(), "{path:?}");
        assert!(scripts.find("w").unwrap().problem.is_some(), "{path:?}");
    }
    let error = Scripts::new(dir.path().to_owned(), vec![entry("w", &dir.path().join("out"))])
        .command("w", &[], &params(&[("city", "Oulu")]))
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden, "{error}");
    assert!(error.message.contains("leads out"), "{error}");
}

#[test]
fn another_users_script_is_refused() {
    let dir = folder();
    let path = dir.path().join("weather");
    if !rustix::process::geteuid().is_root() {
        // Only root gives a file away; what is another's for everybody else is root's, which is taken.
        assert!(Checked::open(Path::new("/bin/sh").canonicalize().unwrap().as_path()).is_ok());
        return;
    }
    rustix::fs::chown(&path, Some(rustix::fs::Uid::from_raw(65_534)), None).unwrap();
    refused(&path, ErrorKind::Forbidden, &["uid 65534", "chown 0"]);
}

#[test]
fn parameters_stand_in_arguments_and_in_the_environment() {
    let dir = folder();
    let scripts = Scripts::new(PathBuf::from("/nowhere"), vec![entry("w", &dir.path().join("weather"))]);
    let city = "New York; rm -rf {unit} $HOME `id`";
    let job_args = ["{city}".to_owned(), "a b".to_owned()];
    let command = scripts.command("w", &job_args, &params(&[("city", city)])).unwrap();
    let expected = [format!("--city={city}"), "c".to_owned(), format!("{{print $1}} {city}{city}")];
    assert_eq!(command.args, [&expected[..], &job_args[..]].concat());
    let env = params(&[("LEVEL", "3"), ("MUISTA_PARAM_CITY", city), ("MUISTA_PARAM_UNIT", "c")]);
    assert_eq!(command.env, env);
}

#[test]
fn a_script_of_the_folder_takes_arguments_and_no_parameters() {
    let dir = folder();
    let scripts = Scripts::new(dir.path().to_owned(), Vec::new());
    let args = ["; rm -rf /".to_owned()];
    assert_eq!(scripts.command("weather", &args, &params(&[])).unwrap().args, args);
    let error = scripts.command("weather", &[], &params(&[("city", "Oulu")])).unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("it takes: none"));
}

#[test]
fn what_a_script_cannot_be_given_is_refused_by_field() {
    let dir = folder();
    let scripts = Scripts::new(PathBuf::from("/nowhere"), vec![entry("w", &dir.path().join("weather"))]);
    let fails = |args: &[&str], given: &[(&str, &str)]| -> Error {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let error = scripts.command("w", &args, &params(given)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid);
        error
    };
    let cases = [
        (fails(&[], &[("town", "x"), ("city", "y")]), "params", "“town”"),
        (fails(&[], &[]), "params", "“city” has no value"),
        (fails(&[], &[("city", "x"), ("unit", "k")]), "params", "cannot be “k”"),
        (fails(&[], &[("city", "x\0y")]), "args", "NUL"),
        (fails(&["x\0"], &[("city", "x")]), "args", "NUL"),
        (fails(&[&"x".repeat(128 * 1024)], &[("city", "x")]), "args", "too long"),
    ];
    for (error, field, words) in cases {
        assert_eq!(error.field.as_deref(), Some(field), "{error:?}");
        assert!(error.message.contains(words) && error.hint.is_some(), "{error:?}");
    }
}

#[test]
fn a_value_that_looks_like_an_option_is_refused_unless_it_is_asked_for() {
    let param = |allow_dash| ScriptParam {
        name: "city".to_owned(),
        description: None,
        default: Some("-".to_owned()),
        choices: Vec::new(),
        allow_dash,
    };
    let entry = |allow_dash| ScriptEntry {
        name: "w".to_owned(),
        path: "/bin/sh".into(),
        description: None,
        args: vec!["{city}".to_owned()],
        env: BTreeMap::new(),
        params: vec![param(allow_dash)],
    };
    let with = |allow_dash, value: &str| {
        let scripts = Scripts::new("/proc/nowhere".into(), vec![entry(allow_dash)]);
        scripts.command("w", &[], &[("city".to_owned(), value.to_owned())].into())
    };
    let error = with(false, "-rf").unwrap_err();
    assert!(error.field.as_deref() == Some("params") && error.hint.unwrap().contains("allow_dash"));
    assert!(with(true, "-rf").is_ok() && with(false, "oslo").is_ok() && with(false, "-").is_ok(), "its default");
}

#[test]
fn folders_of_the_machine_are_left_out() {
    for (text, short) in [
        (
            "/home/kim/scripts/backup may be changed: chmod go-w /home/kim/scripts/backup",
            "…/backup may be changed: chmod go-w …/backup",
        ),
        ("put a file into “/srv/muista/scripts”; 1/2 and a/b stay", "put a file into “…/scripts”; 1/2 and a/b stay"),
        ("see https://example.org/x/y", "see https://example.org/x/y"),
        ("no path", "no path"),
    ] {
        assert_eq!(without_folders(text), short);
    }
}
