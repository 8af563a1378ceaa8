//! The documents name files, folders, definitions and settings of this repository: each of them must exist. It leaves
//! out whether what is said of them is true; their commands are run by `tests/cli/pasted.rs`.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};

/// Each document, and how many names it has at least, so that a search that finds nothing does not pass.
const DOCUMENTS: &[(&str, usize)] = &[
    ("docs/ARCHITECTURE.md", 60),
    ("README.md", 1),
    ("docs/AGENTS.md", 0),
    ("docs/JOBS.md", 1),
    ("docs/REMINDERS.md", 0),
    ("docs/REST.md", 0),
    ("docs/SERVER.md", 1),
    ("docs/SETTINGS.md", 0),
    ("docs/TASKS.md", 0),
];

/// Endings of a file's name that make a text with a `/` a path.
const EXTENSIONS: &[&str] = &["json", "lock", "md", "rs", "sh", "sql", "toml", "yml"];

/// What may stand before a name where it is defined.
const KEYWORDS: &[&str] = &["fn", "struct", "enum", "trait", "type", "const", "static", "mod", "macro_rules!"];

#[test]
fn what_the_documents_name_exists() {
    let mut missing = Vec::new();
    for (document, least) in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let names = names(&text);
        assert!(names.len() >= *least, "{document} names only {names:?}");
        let gone = names.into_iter().filter(|name| !exists(name));
        missing.extend(gone.map(|name| format!("{document}: {name}")));
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}

#[test]
fn links_lead_somewhere() {
    let mut missing = Vec::new();
    for (document, _) in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let folder = root().join(document).parent().unwrap().to_owned();
        let local = links(&text).filter(|link| !link.contains("://"));
        let gone = local.filter(|link| {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() { root().join(document) } else { folder.join(file) };
            !path.exists()
                || !heading.is_empty() && !headings(&fs::read_to_string(&path).unwrap()).any(|it| it == heading)
        });
        missing.extend(gone.map(|link| format!("{document}: {link}")));
    }
    assert!(missing.is_empty(), "not there:\n{}", missing.join("\n"));
}

#[test]
fn the_settings_are_all_described() {
    let settings = fs::read_to_string(root().join("docs/SETTINGS.md")).unwrap();
    for key in muista_core::config::KEYS {
        let row = format!("| `{}` | `{}` |", key.name, key.environment);
        assert!(settings.contains(&row), "{row}");
    }
}

#[test]
fn what_is_not_there_is_found_missing() {
    let text =
        "See `docs/nowhere.md`, `muista-core/src/lib.rs::nothing`, `migrations/mysql/`; not `~/a/b.rs`, `/health`.";
    let names = names(text);
    assert_eq!(names, ["docs/nowhere.md", "muista-core/src/lib.rs::nothing", "migrations/mysql/"]);
    assert!(names.iter().all(|name| !exists(name)));
    assert!(exists("muista-core/src/error.rs::Error"));
    assert_eq!(headings("## A b (C, d)\n\n```\n# no\n```\n").collect::<Vec<_>>(), ["a-b-c-d"]);
    assert_eq!(links("[a](b.md) and [c](d/#e)").collect::<Vec<_>>(), ["b.md", "d/#e"]);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What stands between backticks and looks like a path of this repository, maybe with a definition behind `::`.
fn names(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    prose.flat_map(|part| part.split('`').skip(1).step_by(2)).filter(|name| is_path(name)).collect()
}

fn is_path(name: &str) -> bool {
    let path = name.split("::").next().unwrap_or(name);
    let elsewhere = path.starts_with(['/', '~', '$']) || path.contains(char::is_whitespace) || path.contains(':');
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    let is_file = extension.is_some_and(|extension| EXTENSIONS.contains(&extension));
    let is_ours = path.split_once('/').is_some_and(|(first, _)| root().join(first).is_dir());
    !elsewhere && path.contains('/') && (is_file || is_ours || path.ends_with('/'))
}

fn exists(name: &str) -> bool {
    let (path, definition) = name.split_once("::").unwrap_or((name, ""));
    let path = root().join(path);
    if definition.is_empty() {
        return path.exists();
    }
    fs::read_to_string(path).is_ok_and(|text| KEYWORDS.iter().any(|keyword| defines(&text, keyword, definition)))
}

/// Whether the source text has the keyword, the name, and behind it nothing that would make the name longer.
fn defines(source: &str, keyword: &str, name: &str) -> bool {
    let start = format!("{keyword} {name}");
    source.match_indices(&start).any(|(at, _)| {
        let next = source[at + start.len()..].chars().next();
        next.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    })
}

/// The names by which links lead to the headings of a document.
fn headings(text: &str) -> impl Iterator<Item = String> {
    let prose = text.split("```").step_by(2).flat_map(str::lines);
    let headings = prose.filter_map(|line| line.strip_prefix('#').map(|line| line.trim_start_matches('#').trim()));
    headings.map(|heading| {
        let kept = heading.to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
    })
}

/// The targets of inline links.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}
