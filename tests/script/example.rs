//! The example scripts of the repository, run as a job runs them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::script::Spec;
use crate::support::{Folder, run};

/// The weather script in a scripts folder, with a web service that is a file.
fn weather(folder: &Folder, place: &str, answer: &str) -> Spec {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let path = folder.path().join("weather");
    std::fs::copy(repository.join("examples/scripts/weather"), &path).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
    std::fs::write(folder.path().join("Oulu & co.txt"), answer).unwrap();
    let mut spec = folder.spec(path);
    spec.command.args = vec![place.to_owned(), folder.path().join("log").display().to_string()];
    let url = format!("file://{}/{{place}}.txt", folder.path().display());
    spec.command.env.insert("WEATHER_URL".to_owned(), url);
    spec
}

#[tokio::test]
async fn the_weather_is_added_to_the_log() {
    let folder = Folder::new();
    for answer in ["Oulu: Sunny, +3°C\n", "\nOulu: Snow, -3°C\nmore\n"] {
        let done = run(weather(&folder, "Oulu & co", answer)).await.fine();
        assert_eq!(done.text().trim_end(), answer.trim_start().lines().next().unwrap());
    }
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let lines: Vec<_> = log.lines().map(|line| line.split_once(' ').unwrap()).collect();
    assert_eq!(lines.iter().map(|(_, what)| *what).collect::<Vec<_>>(), ["Oulu: Sunny, +3°C", "Oulu: Snow, -3°C"]);
    assert!(lines.iter().all(|(when, _)| when.len() == "2026-11-21T12:00:00+0000".len()), "{log}");
}

#[tokio::test]
async fn no_weather_is_a_failure_and_leaves_the_log_alone() {
    let folder = Folder::new();
    for (place, answer, word) in
        [("Turku", "x", "no answer"), ("Oulu & co", "", "empty"), ("Oulu & co", "<html>", "page")]
    {
        let done = run(weather(&folder, place, answer)).await;
        assert_eq!(done.ended.exit_code, Some(1), "{done:?}");
        assert!(String::from_utf8_lossy(&done.stderr).contains(word), "{done:?}");
    }
    assert!(!folder.path().join("log").exists());
}
