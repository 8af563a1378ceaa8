//! The `[[script]]` tables: what a right one becomes, and that every mistake in one is named with its line.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};

use super::tests::{home, load, load_file};
use super::{Base, ScriptEntry, check_file};

const WEATHER: &str = r#"
[[script]]
name = "weather"
path = "weather.sh"
description = "Tells the weather"
args = ["--city", "{city}", '{"json": {}}']
env = { LANG = "C" }
params = [{ name = "city", default = "Helsinki", choices = ["Helsinki", "Turku"] }]

[[script]]
name = "backup"
path = "/usr/local/bin/backup"
"#;

#[test]
fn scripts_are_read_with_their_paths_made_whole() {
    let home = home(WEATHER);
    let config = load(&[("HOME", home.path().to_str().unwrap())]).unwrap();
    let [weather, backup] = &config.scripts[..] else { unreachable!("{:?}", config.scripts) };
    assert_eq!(weather.path, home.path().join(".config/muista/scripts/weather.sh"));
    assert_eq!(weather.args, ["--city", "{city}", "{\"json\": {}}"]);
    assert_eq!(weather.env.get("LANG").map(String::as_str), Some("C"));
    assert_eq!(weather.params[0].default.as_deref(), Some("Helsinki"));
    assert_eq!(weather.params[0].choices, ["Helsinki", "Turku"]);
    assert_eq!(weather.description.as_deref(), Some("Tells the weather"));
    assert_eq!((backup.name.as_str(), backup.path.as_path()), ("backup", Path::new("/usr/local/bin/backup")));
    assert!(backup.args.is_empty() && backup.params.is_empty() && backup.env.is_empty());

    let path = home.path().to_str().unwrap();
    let config = load(&[("HOME", path), ("MUISTA_SCRIPTS_DIR", "/srv/scripts")]).unwrap();
    assert_eq!(config.scripts[0].path, Path::new("/srv/scripts/weather.sh"));
    assert_eq!(load(&[("HOME", "/h")]).unwrap().scripts, []);
}

#[test]
fn every_mistake_has_its_line_and_a_remedy() {
    for (text, line, part) in [
        ("name = 'a b'\npath = 'x'", 2, "`a b`"),
        ("name = ''\npath = 'x'", 2, "not a valid script name"),
        ("path = 'x'", 1, "a script has no name"),
        ("name = 'a'", 1, "a script has no path"),
        ("name = 'a'\npath = ''", 3, "empty"),
        ("name = 'a'\npath = 3", 3, "the number 3"),
        ("name = 'a'\npath = 'b/../../c'", 3, "leads out"),
        ("name = 'a'\npath = 'x'\npth = 'y'", 4, "`pth` is not a field of a script"),
        ("name = 'a'\npath = 'x'\nargs = 'y'", 4, "a text where a list"),
        ("name = 'a'\npath = 'x'\nargs = [\n'y',\n3]", 6, "the number 3"),
        ("name = 'a'\npath = 'x'\nargs = ['{city}']", 4, "parameter `city`"),
        ("name = 'a'\npath = 'x'\nenv = { '1X' = 'y' }", 4, "`1X`"),
        ("name = 'a'\npath = 'x'\nenv = { X = 1 }", 4, "the number 1"),
        ("name = 'a'\npath = 'x'\nparams = [{ default = 'x' }]", 4, "a parameter has no name"),
        ("name = 'a'\npath = 'x'\nparams = [{ name = 'x y' }]", 4, "`x y`"),
        ("name = 'a'\npath = 'x'\nparams = [{ name = 'x' }, { name = 'x' }]", 4, "two parameters"),
        ("name = 'a'\npath = 'x'\nparams = [{ name = 'x', default = 'z', choices = ['y'] }]", 4, "`z`"),
        ("name = 'a'\npath = 'x'\nparams = [{ name = 'x', choice = ['y'] }]", 4, "`choice` is not a field"),
        ("name = 'a'\npath = 'x'\nparams = ['x']", 4, "a text where a table"),
    ] {
        let error = load_file(&format!("[[script]]\n{text}\n")).unwrap_err();
        assert!(error.message.contains(&format!("line {line}:")), "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
        assert!(error.hint.is_some(), "{text}: {error}");
    }
    let error = load_file("[script]\nname = 'a'\n").unwrap_err();
    assert!(error.message.contains("a table where a list of tables"), "{error}");
    assert_eq!(error.hint.as_deref(), Some("write [[script]]"));
    let twice = "[[script]]\nname = 'a'\npath = 'x'\n".repeat(2);
    assert!(load_file(&twice).unwrap_err().message.contains("line 5: there are two scripts named `a`"));
}

#[test]
fn mistakes_of_scripts_and_settings_are_told_at_once_in_order() {
    let error = load_file("[[script]]\nname = '!'\n\n[email]\nhots = 'x'\n").unwrap_err();
    let at = |part: &str| error.message.find(part).unwrap_or_else(|| unreachable!("{part}: {error}"));
    assert!(at("3 settings") < at("line 1:") && at("line 1:") < at("line 2:") && at("line 2:") < at("line 5:"));
}

#[test]
fn a_file_is_checked_before_it_is_written() {
    let base = Base { folder: PathBuf::from("/c"), home: None };
    check_file(Path::new("/c"), WEATHER, &base).unwrap();
    assert!(check_file(Path::new("/c"), "[[script]]\nname = 'a'\n", &base).is_err());
    let error = load_file("[[script]]\nname = 'a'\npath = '~kim/x'\n").unwrap_err();
    assert!(error.message.contains("line 3") && error.message.contains("~kim"), "{error}");
}

#[test]
fn placeholders_are_names_in_braces() {
    let names = |text| ScriptEntry::placeholders(text).collect::<Vec<_>>();
    assert_eq!(names("--{a}={b_c-1}{a}"), ["a", "b_c-1", "a"]);
    assert_eq!(names("{} {a b} {{x}} {open"), ["x"]);
    assert!(names("plain").is_empty());
}
