//! The house keeps its order: which folder may use which is written here, and read from the sources' paths. It leaves out
//! tests, which may look everywhere, and files beside each other in one folder.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each folder, or file beside them, of a crate may use. What is missing here uses nothing of its crate.
type Arrows = &'static [(&'static str, &'static [&'static str])];

const CORE: Arrows = &[
    ("clock", &["time"]),
    ("config", &["error", "format", "model", "time"]),
    ("error", &["time"]),
    ("format", &["error", "model", "spool", "time"]),
    ("input", &["error", "model", "time"]),
    ("mcp", &["error", "input", "model", "rpc", "service", "time"]),
    ("metrics", &["model"]),
    ("model", &["error", "time"]),
    ("rpc", &["config", "error", "model", "service", "time", "tls"]),
    ("script", &["config", "error", "model"]),
    (
        "service",
        &[
            "clock", "config", "error", "format", "input", "metrics", "model", "script", "spool", "store", "swap",
            "time",
        ],
    ),
    ("spool", &["error"]),
    ("store", &["clock", "error", "format", "model", "time", "tls"]),
    ("tls", &["error", "time"]),
];

const CLI: Arrows = &[
    ("ask", &["context", "error", "output"]),
    ("client", &["connection_target"]),
    (
        "command",
        &[
            "ask",
            "client",
            "complete",
            "connection_target",
            "context",
            "credentials",
            "editor",
            "error",
            "globals",
            "lazy_args",
            "output",
            "report",
            "secret",
            "words",
        ],
    ),
    ("complete", &["connection_target", "context", "error", "globals", "output"]),
    ("connection_target", &["credentials"]),
    ("context", &["client", "connection_target", "error", "globals", "output"]),
    ("editor", &["error"]),
    ("globals", &["output"]),
    ("output", &["error"]),
    ("report", &["error", "output"]),
    ("secret", &["error", "output"]),
    ("words", &["complete", "output"]),
];

/// The daemon: its life in order (`app`) on top, what it serves and what it does by itself below, what all of them use
/// at the bottom.
const DAEMON: Arrows = &[
    (
        "app",
        &[
            "config", "engine", "heap", "http", "lock", "log", "madvise", "notify", "ready", "reload", "remote", "rpc",
            "signal", "trace",
        ],
    ),
    ("config", &["log", "tls"]),
    ("engine", &["notify", "script", "signal", "trace"]),
    // Health tells how the engine fares.
    ("http", &["auth", "engine", "listen", "signal", "tls", "trace"]),
    ("listen", &["signal"]),
    ("log", &["log_file"]),
    ("reload", &["config", "http", "log", "notify"]),
    ("remote", &["listen", "signal", "tls"]),
    ("rpc", &["listen", "lock", "signal"]),
    ("signal", &["log"]),
    // Traces are sent by the client that webhooks are sent by.
    ("trace", &["notify"]),
];

/// Within the daemon's HTTP: connections know nothing of what is served on them, and nouns nothing of connections.
const HTTP: Arrows = &[
    ("app", &["edge", "metrics", "middleware", "resource"]),
    ("asset", &["middleware"]),
    ("call", &["app", "middleware", "problem"]),
    ("edge", &["app", "asset", "middleware", "problem"]),
    ("envelope", &["problem"]),
    ("input", &["app", "problem"]),
    ("metrics", &["app", "call", "problem"]),
    ("middleware", &["app", "edge", "envelope", "json_rpc", "metrics", "problem", "route_spec"]),
    ("json_rpc", &["problem"]),
    ("openapi", &["common", "problem", "route_spec"]),
    ("page", &["input"]),
    ("problem", &["middleware"]),
    ("reply", &["call", "middleware", "problem"]),
    (
        "resource",
        &["app", "asset", "call", "envelope", "input", "middleware", "page", "problem", "reply", "route_spec"],
    ),
    ("route_spec", &["app", "middleware", "openapi"]),
    ("router", &["app", "metrics", "middleware", "problem", "resource", "route_spec"]),
];

#[test]
fn the_core_points_downwards() {
    hold("muista-core/src", "crate", CORE);
}

#[test]
fn the_command_line_goes_in_no_circle() {
    hold("muista-cli/src", "crate", CLI);
}

#[test]
fn the_daemon_goes_in_no_circle() {
    hold("muistad/src", "crate", DAEMON);
}

#[test]
fn no_allowed_arrows_lead_back() {
    for arrows in [CORE, CLI, DAEMON] {
        let leads_to = |from: &str| arrows.iter().find(|(name, _)| *name == from).map_or(&[][..], |(_, to)| to);
        for (begin, _) in arrows {
            let (mut seen, mut next) = (BTreeSet::new(), vec![*begin]);
            while let Some(from) = next.pop() {
                next.extend(leads_to(from).iter().filter(|to| seen.insert(**to)));
            }
            assert!(!seen.contains(begin), "{begin} uses itself by way of others: {seen:?}");
        }
    }
}

#[test]
fn the_rooms_of_http_keep_apart() {
    hold("muistad/src/http", "crate::http", HTTP);
}

#[test]
fn an_arrow_that_is_not_allowed_is_seen() {
    let text = "use crate::service::Caller; // crate::store\nfn f() { crate::model::clip() }";
    assert_eq!(used(text, "crate"), BTreeSet::from(["model".to_owned(), "service".to_owned()]));
    assert_eq!(used("use crate::{model::Id, store, time};", "crate").len(), 3);
}

/// Fails with every arrow in `folder` that the list lacks, and with every one in the list that nothing uses any more.
fn hold(folder: &str, prefix: &str, arrows: Arrows) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in sources(&root) {
        let inside = file.strip_prefix(&root).unwrap().to_str().unwrap();
        let from = inside.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        if matches!(&*from, "lib" | "mod") || inside.contains("tests") {
            continue;
        }
        seen.entry(from.clone()).or_default().extend(used(code, prefix).into_iter().filter(|to| *to != from));
    }
    let seen: BTreeSet<(String, String)> =
        seen.into_iter().flat_map(|(from, to)| to.into_iter().map(move |to| (from.clone(), to))).collect();
    let allowed: BTreeSet<(String, String)> =
        arrows.iter().flat_map(|(from, to)| to.iter().map(|to| ((*from).to_owned(), (*to).to_owned()))).collect();
    let new: Vec<_> = seen.difference(&allowed).collect();
    let gone: Vec<_> = allowed.difference(&seen).collect();
    assert!(new.is_empty(), "{folder}: not allowed: {new:?}");
    assert!(gone.is_empty(), "{folder}: nothing uses these any more, take them out: {gone:?}");
}

/// The first names that follow `prefix::` in code.
fn used(code: &str, prefix: &str) -> BTreeSet<String> {
    let code: String =
        code.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let start = format!("{prefix}::");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices(&start) {
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '$')) {
            continue;
        }
        let rest = &code[at + start.len()..];
        match rest.strip_prefix('{') {
            // A group: the first name of each part, where no group is within another's first level.
            Some(group) => found.extend(parts(group).iter().map(|part| name(part))),
            None => {
                found.insert(name(rest));
            }
        }
    }
    found.remove("");
    found.retain(|name| name.starts_with(|c: char| c.is_lowercase()));
    found
}

/// The parts of a group of names, up to the brace that closes it.
fn parts(group: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    parts
}

/// The name that a text begins with.
fn name(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// All sources in a folder and those in it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
