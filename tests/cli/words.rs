//! Words that say what flags say: in a title to add, and to filter a list.

use serde_json::json;

use crate::support::{home, home_with, listed, muista, shell, task};

#[test]
fn words_in_a_title_say_more() {
    let home = home();
    let added = muista(&home, "add Buy cat food +home +cat @shopping !high due:tomorrow project:house".split(' '));
    assert_eq!(added.ok(), "Added 1  Buy cat food  (due tomorrow)\n");
    let task = task(&home, "1");
    for (key, value) in [
        ("title", json!("Buy cat food")),
        ("tags", json!(["cat", "home"])),
        ("category", json!("Shopping")),
        ("priority", json!("HIGH")),
        ("project", json!("house")),
    ] {
        assert_eq!(task[key], value, "{key}");
    }
    assert!(task["dueOn"].is_string());
}

#[test]
fn a_flag_goes_before_a_word() {
    let home = home();
    let line = "muista add x !high @work due:today project:a -p low -c study --due 9999-12-01 -P b --json";
    let task = shell(&home, line).json();
    assert_eq!(
        (&task["priority"], &task["category"], &task["dueOn"], &task["project"]),
        (&json!("LOW"), &json!("Study"), &json!("9999-12-01"), &json!("b"))
    );
}

#[test]
fn a_word_that_is_no_value_stays_with_a_note() {
    let home = home();
    let ran = muista(&home, ["add", "Ask @bob about due:whenever", "+ok"]);
    assert!(ran.stdout.starts_with("Added 1  Ask @bob about due:whenever\n"), "{ran:?}");
    assert_eq!(ran.stderr.lines().filter(|line| line.contains("stays in the title")).count(), 2, "{ran:?}");
    // Who is told nothing else still hears that a word was not understood.
    let quiet = muista(&home, ["add", "Ask @bob", "--quiet"]);
    assert_eq!((quiet.code, quiet.stdout.as_str()), (0, ""));
    assert!(quiet.stderr.starts_with("“@bob” stays in the title: “bob” is not a category"), "{quiet:?}");
    let json = muista(&home, ["add", "Ask @bob", "--json"]);
    assert!(json.stderr.contains("stays in the title"), "{json:?}");
    assert_eq!(json.json()["title"], "Ask @bob");
}

#[test]
fn a_title_takes_the_keys_of_a_list() {
    let home = home_with(&["whole", "before"]);
    let line = "muista add Paint pri:h cat:work tags:a,b parent:1 depends:2 note:'ask Anna' due:tomorrow 18:00 --json";
    let made = shell(&home, line);
    assert_eq!(made.stderr, "");
    let made = made.json();
    assert_eq!(
        (&made["title"], &made["tags"], &made["note"]),
        (&json!("Paint"), &json!(["a", "b"]), &json!("ask Anna"))
    );
    assert_eq!((&made["priority"], &made["category"]), (&json!("HIGH"), &json!("Work")));
    assert_eq!((&made["parentId"], &made["dependsOn"]), (&task(&home, "1")["id"], &json!([task(&home, "2")["id"]])));
    assert!(made["dueDate"].as_str().unwrap().contains("T18:00:00") && made["dueOn"].is_null(), "{made}");
}

#[test]
fn the_words_after_a_date_belong_to_it() {
    let home = home();
    muista(&home, ["ls", "-q"]).ok();
    for line in ["muista add Meet due:tomorrow 9:00 Bob", "muista add 'Meet due:\"tomorrow 9:00\" Bob'"] {
        let added = shell(&home, line);
        assert!(added.stdout.ends_with("  Meet Bob  (due tomorrow 09:00)\n"), "{added:?}");
        assert_eq!(added.stderr, "");
    }
    let watered = muista(&home, ["add", "Water", "every:day", "at", "9", "--json"]).json();
    assert_eq!((&watered["title"], &watered["recurrence"]), (&json!("Water"), &json!("every day at 9")));
}

#[test]
fn a_key_that_muista_lacks_is_told_and_refused_where_that_is_asked_for() {
    let home = home();
    let ran = muista(&home, ["add", "Call", "until:mon", "prio:high", "at", "9:00", "http://x", "Re:hello"]);
    assert_eq!(ran.stdout, "Added 1  Call until:mon prio:high at 9:00 http://x Re:hello\n");
    let told: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("stays in the title")).collect();
    assert_eq!(told.len(), 2, "{ran:?}");
    assert!(told[0].contains("until:mon") && told[0].contains("every:"), "{told:?}");
    assert!(told[1].contains("prio:high") && told[1].contains("did you mean priority:?"), "{told:?}");
    muista(&home, ["add", "--strict", "Call", "until:mon", "due:whenever"]).refused(2, "until:mon", "--strict");
    muista(&home, ["add", "--strict", "Call", "due:whenever"]).refused(2, "whenever", "--");
    assert_eq!(listed(&home, &[]), "1");
    assert_eq!(muista(&home, ["add", "--strict", "Call", "--", "until:mon"]).ok(), "Added 2  Call until:mon\n");
}

#[test]
fn after_two_dashes_nothing_is_read() {
    let home = home();
    muista(&home, ["ls", "-q"]).ok();
    let ran = muista(&home, ["add", "a", "+b", "--", "+c", "--due", "due:today", "-x"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("Added 1  a +c --due due:today -x\n", ""));
    assert_eq!(task(&home, "1")["tags"], json!(["b"]));
    assert_eq!(muista(&home, ["add", "--", "--json"]).ok(), "Added 2  --json\n");
}

#[test]
fn words_filter_a_list() {
    let home = home();
    shell(
        &home,
        "muista add 'Cat food' +home +cat project:house due:today; muista add Report @work !high; \
         muista add Sauna +home +later; muista add Old; muista done 4",
    )
    .ok();
    for (words, expected) in [
        (&["+home"][..], "1 3"),
        (&["+home", "+cat"], "1"),
        (&["+home", "-later"], "1"),
        (&["-home"], "2"),
        (&["--no-tag", "home"], "2"),
        (&["tag:none"], "2"),
        (&["@work"], "2"),
        (&["!high"], "2"),
        (&["project:house"], "1"),
        (&["project:none"], "2 3"),
        (&["due:today"], "1"),
        (&["due:none"], "2 3"),
        (&["status:done"], "4"),
        (&["status:all", "OLD"], "4"),
        (&["cat"], "1"),
        (&["CAT", "foo"], "1"),
        (&["--search", "cat foo"], "1"),
        (&["cat", "sauna"], ""),
        (&["+nothing"], ""),
        (&["%"], ""),
        (&["--", "-home"], "2"),
    ] {
        assert_eq!(listed(&home, words), expected, "{words:?}");
    }
}

#[test]
fn a_tag_like_a_flag_stays_a_flag() {
    let home = home();
    shell(&home, "muista add a +qv; muista add b").ok();
    assert_eq!(shell(&home, "muista ls -qv -ojson").json().as_array().unwrap().len(), 2);
    assert_eq!(listed(&home, &["--no-tag", "qv"]), "2");
}

#[test]
fn lists_are_sorted_by_any_keys() {
    let home = home();
    shell(
        &home,
        "muista add b !low due:tomorrow; muista add a !high; muista add C !high due:today @work; muista add d",
    )
    .ok();
    for (sort, expected) in [
        ("due", "3 1 2 4"),
        ("-due", "2 4 1 3"),
        ("number", "1 2 3 4"),
        ("-number", "4 3 2 1"),
        ("title", "2 1 3 4"),
        ("-priority,number", "2 3 4 1"),
        ("priority,-number", "1 4 3 2"),
        ("created", "1 2 3 4"),
        ("category,number", "1 2 4 3"),
    ] {
        assert_eq!(listed(&home, &["--sort", sort]), expected, "{sort}");
    }
    assert_eq!(listed(&home, &[]), "3 1 2 4");
}

#[test]
fn a_tag_is_any_text_that_can_be_seen() {
    let home = home_with(&["other"]);
    let line = r#"muista add Call +"two words" '+"@phone"' 'tags:a b,c' --tag=-x --json"#;
    let made = shell(&home, line).json();
    assert_eq!((&made["title"], &made["tags"]), (&json!("Call"), &json!(["-x", "@phone", "a b", "c", "two words"])));
    for query in [
        r#"+"two words""#,
        r#"'+"two words"'"#,
        "tag:'a b'",
        "--tag @phone",
        "+@phone",
        "tag:-x",
        "--no-tag z --tag 'two words'",
        r#"-"two wordz" Call"#,
        "'tag:\"a b\",z not +z'",
    ] {
        assert_eq!(shell(&home, &format!("muista ls -o ids {query}")).ok(), "2\n", "{query}");
    }
    assert_eq!(shell(&home, r#"muista ls -o ids -"two words""#).ok(), "1\n");
    assert!(muista(&home, ["ls"]).ok().contains(r#"+"-x" +"@phone" +"a b" +c +"two words""#));
    let csv = muista(&home, ["ls", "-o", "csv", "--fields", "tags", "+c"]).ok();
    assert_eq!(csv, "tags\n\"'-x,@phone,a b,c,two words\"\n");
    let edited = shell(&home, r#"muista edit 2 -"two words" '-+"@phone"' -+-x +"new one" --json"#).json();
    assert_eq!(edited[0]["tags"], json!(["a b", "c", "new one"]));
    let view = shell(&home, r#"muista view add new '+"new one"'; muista ls -o ids :new"#);
    assert!(view.ok().ends_with("\n2\n"));
    shell(&home, r#"muista done '+"new one"'"#).ok();
    assert_eq!(task(&home, "2")["completed"], true);
    assert_eq!(muista(&home, ["tag", "rename", "new one", "+1"]).ok(), "Renamed new one to +1\n");
}
