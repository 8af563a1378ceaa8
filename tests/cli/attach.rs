//! `muista attach`: files of tasks, as the command has them. Which kinds are taken is tested with the service.

use std::fs;

use serde_json::Value;

use crate::support::{home_with, muista};

#[test]
fn a_file_is_attached_shown_fetched_and_removed() {
    let home = home_with(&["a"]);
    assert_eq!(muista(&home, ["attach", "1"]).stderr, "No files. Attach one: muista attach 1 FILE\n");
    let file = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    fs::write(file("list.txt"), "tuna\nsalmon\n").unwrap();
    fs::write(file("long.csv"), "tin,price\n".repeat(200_000)).unwrap();
    let added = muista(&home, ["attach", "1", &file("list.txt"), &file("long.csv")]).ok();
    assert_eq!(added, "Attached list.txt (12 B)\nAttached long.csv (1.9 MiB)\n");

    let listed = muista(&home, ["attach", "1", "--json"]).json();
    let id = |at: usize| listed[at]["id"].as_str().unwrap();
    let page = muista(&home, ["show", "1"]).ok();
    let short = |at: usize| &id(at)[24..28];
    assert!(page.contains(&format!("File        list.txt (12 B, {}", short(0))), "{page}");
    let detail = muista(&home, ["show", "1", "--json"]).json();
    let names: Vec<&Value> = detail["attachments"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["list.txt", "long.csv"]);

    assert_eq!(muista(&home, ["attach", "--get", id(0), "--to", "-"]).ok(), "tuna\nsalmon\n");
    muista(&home, ["attach", "--get", id(1), "--to", &file("copy.csv")]).ok();
    assert_eq!(fs::read(file("copy.csv")).unwrap(), fs::read(file("long.csv")).unwrap());
    muista(&home, ["attach", "--rm", id(0)]).ok();
    muista(&home, ["attach", "--get", id(0), "--to", "-"]).refused(3, "no attachment", "");
    assert!(!muista(&home, ["show", "1"]).ok().contains("list.txt"));
}

#[test]
fn what_cannot_be_attached_leaves_nothing() {
    let home = home_with(&["a"]);
    let file = |name: &str, text: &[u8]| {
        let path = home.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    muista(&home, ["attach", "1", &file("empty.txt", b"")]).refused(2, "empty", "");
    muista(&home, ["attach", "1", &file("page.html", b"<p>hello</p>")]).refused(2, ".html", "");
    muista(&home, ["attach", "1", &file("picture.png", b"no picture")]).refused(2, ".png", "");
    muista(&home, ["attach", "1", "nowhere.txt"]).refused(2, "nowhere.txt", "check its name");
    muista(&home, ["attach", "9", &file("a.txt", b"a")]).refused(3, "task 9", "");
    assert_eq!(muista(&home, ["attach", "1", "--json"]).json(), serde_json::json!([]));
}
