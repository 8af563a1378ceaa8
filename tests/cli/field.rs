//! Own fields in the terminal: made, set, asked for, shown, sorted and grouped by, exported, and deleted.

use crate::support::{home, listed, muista, shell};
use serde_json::json;

#[test]
fn a_field_is_set_shown_and_asked_for() {
    let home = home();
    shell(
        &home,
        "muista field add effort --type number; muista field add size --type choice --choice small --choice large; \
         muista field add client --type text; muista field add reviewed --type date",
    )
    .ok();
    insta::assert_snapshot!(shell(
        &home,
        "muista add Paint effort:3 size:large 'client:Åke and Söner' +home; muista add 'Sand the door effort:0.5 size:SMALL'; \
         muista add Sweep --field effort=20 --field reviewed=2031-01-05; muista add Rest 'client:\"Bob B.\"'"
    ).ok(), @r"
    Added 1  Paint  (client Åke and Söner, effort 3, size large)
    Added 2  Sand the door  (effort 0.5, size small)
    Added 3  Sweep  (effort 20, reviewed 2031-01-05)
    Added 4  Rest  (client Bob B.)
    ");
    for (query, expected) in [
        ("effort>2", "1 3"),
        ("effort:none", "4"),
        ("size:large", "1"),
        ("client:bob b.", "4"),
        ("reviewed<2031-02-01", "3"),
        ("effort:0.5,20", "2 3"),
    ] {
        assert_eq!(listed(&home, &[query]), expected, "{query}");
    }
    assert_eq!(listed(&home, &["--sort", "-effort"]), "4 3 1 2");
    insta::assert_snapshot!(muista(&home, ["ls", "--columns", "number,title,Effort,size", "--sort", "size,effort", "--group", "size"]).ok(), @r"
    #  Title          effort  size

    small
    2  Sand the door     0.5  small

    large
    1  Paint               3  large

    No size
    3  Sweep              20
    4  Rest
    ");
    let page = muista(&home, ["show", "1"]).ok();
    assert!(page.contains("  effort      3\n") && page.contains("  client      Åke and Söner\n"), "{page}");
    assert_eq!(
        muista(&home, ["show", "3", "--json"]).json()["fields"],
        json!({"effort": 20, "reviewed": "2031-01-05"})
    );
    assert!(muista(&home, ["add", "Nothing", "--json"]).json().get("fields").is_none());
    muista(&home, ["edit", "1", "2", "effort:none", "size:", "client:Eva"]).ok();
    assert_eq!(muista(&home, ["show", "2", "--json"]).json()["fields"], json!({"client": "Eva"}));
    let log = muista(&home, ["log", "2"]).ok();
    assert!(log.contains("effort      0.5 → none") && log.contains("client      none → Eva"), "{log}");
    muista(&home, ["undo"]).ok();
    assert_eq!(listed(&home, &["effort:any"]), "1 2 3");
}

#[test]
fn a_view_has_own_fields() {
    let home = home();
    shell(&home, "muista field add effort --type number; muista add a effort:2; muista add b effort:9; muista add c")
        .ok();
    muista(
        &home,
        ["view", "add", "big", "effort>1", "--sort", "-effort", "--columns", "title,effort", "--group", "effort"],
    )
    .ok();
    insta::assert_snapshot!(muista(&home, ["ls", ":big"]).ok(), @r"
    Title  effort

    2
    a           2

    9
    b           9
    ");
    let refusals: [(&[&str], &str, &str); 6] = [
        (&["view", "add", "x", "efort>1"], "there is no field “efort”", "did you mean `effort`"),
        (&["view", "add", "x", "+x", "--columns", "titel"], "“titel” is not a column", "did you mean title"),
        (&["view", "add", "x", "+x", "--sort", "efort"], "“efort” is not a sort key", "did you mean effort"),
        (&["view", "add", "x", "+x", "--group", "efort"], "“efort” is not a way to group", "did you mean effort"),
        (&["ls", "--group", "efort"], "“efort” is not a way to group", "did you mean effort"),
        (&["ls", "--columns", "title,efort"], "“efort” is not one of the columns", "did you mean effort"),
    ];
    for (args, told, hint) in refusals {
        muista(&home, args).refused(2, told, hint);
    }
}

#[test]
fn fields_are_listed_changed_and_deleted() {
    let home = home();
    muista(&home, ["field", "add", "effort", "--type", "number"]).ok();
    muista(&home, ["field", "add", "size", "--type", "choice", "--choice", "S", "--choice", "L"]).ok();
    shell(&home, "muista add a effort:1 size:s; muista add b effort:2").ok();
    insta::assert_snapshot!(muista(&home, ["field"]).ok(), @r"
    Field   Type    Choices  Tasks
    effort  number               2
    size    choice  S, L         1
    ");
    muista(&home, ["field", "edit", "size", "--choice", "XS", "--choice", "S"]).ok();
    muista(&home, ["field", "edit", "EFFORT", "--name", "points"]).ok();
    assert_eq!(listed(&home, &["points>1"]), "2");
    let refusals: [(&[&str], i32, &str, &str); 9] = [
        (&["field", "add", "Points", "--type", "text"], 4, "there is a field points already", "field edit"),
        (&["field", "add", "due", "--type", "text"], 2, "means something else", "another name"),
        (&["field", "add", "a b", "--type", "text"], 2, "cannot be the name", "one word"),
        (&["field", "add", "x", "--type", "choice"], 2, "has none", "--choice"),
        (&["field", "edit", "size", "--choice", "XS"], 4, "tasks have the value S of size", "size:S"),
        (&["field", "edit", "size"], 2, "nothing is said", "--name or --choice"),
        (&["field", "rm", "pionts"], 3, "field pionts", "did you mean `points`"),
        (&["edit", "1", "points:many"], 2, "“many” is not a number", "points:3"),
        (&["add", "x", "--field", "pionts=1"], 2, "there is no field “pionts”", "did you mean `points`"),
    ];
    for (args, status, told, hint) in refusals {
        muista(&home, args).refused(status, told, hint);
    }
    assert_eq!(
        muista(&home, ["field", "rm", "points", "--yes"]).ok(),
        "Deleted the field points; 2 tasks lost their values\n"
    );
    muista(&home, ["ls", "points>1"]).refused(2, "there is no field “points”", "");
    muista(&home, ["undo"]).ok();
    assert_eq!(listed(&home, &["points>1"]), "2");
}

#[test]
fn own_fields_are_exported_and_imported() {
    let home = home();
    shell(
        &home,
        "muista field add effort --type number; muista field add größe --type text; muista add a effort:3 größe:M; muista add b",
    )
    .ok();
    let csv = muista(&home, ["export", "--format", "csv"]).ok();
    let lines: Vec<&str> = csv.lines().collect();
    assert!(
        lines[0].ends_with(",updatedAt,effort,größe") && lines[1].ends_with(",3,M") && lines[2].ends_with(",,"),
        "{csv}"
    );
    for format in ["json", "taskwarrior"] {
        let file = home.path().join(format!("{format}.json"));
        std::fs::write(&file, muista(&home, ["export", "--format", format]).ok()).unwrap();
        let other = crate::support::home();
        let report = muista(&other, ["import", file.to_str().unwrap(), "--json"]).json();
        assert_eq!(report["created"], 2, "{report}");
        assert!(report["notices"].to_string().contains("made the field effort (number)"), "{report}");
        assert_eq!(
            muista(&other, ["show", "1", "--json"]).json()["fields"],
            json!({"effort": 3, "größe": "M"}),
            "{format}"
        );
        let again = muista(&other, ["import", file.to_str().unwrap(), "--json"]).json();
        assert_eq!(again["unchanged"], 2, "{again}");
        muista(&other, ["undo"]).ok();
        assert_eq!(muista(&other, ["field", "ls", "-o", "ids"]).ok(), "", "{format}");
    }
}

#[test]
fn lists_have_own_fields_as_keys_and_columns() {
    let home = home();
    shell(
        &home,
        "muista field add effort --type number; muista field add client --type text; muista add a effort:3 client:=1+1; muista add b",
    )
    .ok();
    let ls = |args: &[&str]| muista(&home, ["ls", "--sort", "number"].into_iter().chain(args.iter().copied())).ok();
    assert_eq!(
        ls(&["--fields", "number,title,Effort", "--json"]),
        "[\n{\"number\":1,\"title\":\"a\",\"effort\":3},\n{\"number\":2,\"title\":\"b\",\"effort\":null}\n]\n"
    );
    assert_eq!(
        ls(&["--fields", "effort,number", "-o", "ndjson"]),
        "{\"effort\":3,\"number\":1}\n{\"effort\":null,\"number\":2}\n"
    );
    assert_eq!(ls(&["--fields", "client,number", "-o", "csv"]), "client,number\n'=1+1,1\n,2\n");
    assert_eq!(ls(&["--fields", "client,number", "-o", "csv", "--raw"]), "client,number\n=1+1,1\n,2\n");
    for (format, parted) in [("csv", ","), ("tsv", "\t")] {
        let csv = ls(&["-o", format]);
        let lines: Vec<&str> = csv.lines().collect();
        let ends = |line: &str, cells: [&str; 2]| line.ends_with(&format!("{parted}{}", cells.join(parted)));
        assert!(lines[0].starts_with(&["id", "number", "ownerId", "title"].join(parted)), "{csv}");
        assert!(ends(lines[0], ["client", "effort"]), "{csv}");
        assert!(ends(lines[1], ["'=1+1", "3"]) && ends(lines[2], ["", ""]), "{csv}");
    }
    muista(&home, ["ls", "--fields", "number,efort", "--json"]).refused(
        2,
        "“efort” is not one of the fields",
        "did you mean effort",
    );
    // Without own fields nothing is added.
    let other = crate::support::home();
    muista(&other, ["add", "a"]).ok();
    assert!(muista(&other, ["ls", "-o", "csv"]).ok().lines().next().unwrap().ends_with(",createdAt,updatedAt"));
}
