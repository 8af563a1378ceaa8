//! A context: a view that holds for `ls`, `next` and `add`.

use crate::support::{home, muista, shell};

#[test]
fn a_context_narrows_lists_and_fills_new_tasks() {
    let home = home();
    shell(
        &home,
        "muista add a +work project:acme; muista add b +home; \
         muista view add work '+work project:acme' --columns title; muista view add either '+work or +home'",
    )
    .ok();
    assert!(muista(&home, ["context"]).stderr.contains("No context"));
    assert_eq!(muista(&home, ["context", "--json"]).ok(), "null\n");
    muista(&home, ["context", "wrok"]).refused(3, "view wrok", "did you mean `work`");
    muista(&home, ["context", "Work"]).ok();
    assert!(muista(&home, ["context"]).ok().contains("+work project:acme"));
    let listed = muista(&home, ["ls"]);
    assert_eq!((&*listed.stdout, &*listed.stderr), ("Title\na\n", "Context work: +work project:acme\n"));
    assert_eq!(muista(&home, ["ls", "-q"]).stderr, "");
    assert_eq!(muista(&home, ["next", "-o", "ids"]).ok(), "1\n");
    assert_eq!(muista(&home, ["ls", "--no-context", "-o", "ids"]).ok(), "1\n2\n");
    let added = muista(&home, ["add", "c", "+more", "--json"]);
    assert_eq!(added.stderr, "Context work: +work project:acme\n");
    let task = added.json();
    assert_eq!((&task["project"], &task["tags"]), (&"acme".into(), &serde_json::json!(["more", "work"])));
    let task = muista(&home, ["add", "d", "project:house", "--json"]).json();
    assert_eq!(task["project"], "house");
    let task = muista(&home, ["add", "e", "--no-context", "--json"]).json();
    assert_eq!((&task["project"], &task["tags"]), (&serde_json::Value::Null, &serde_json::json!([])));
    muista(&home, ["context", "either"]).ok();
    assert_eq!(muista(&home, ["add", "f", "--json"]).json()["tags"], serde_json::json!([]));
    // Verbs that change tasks do not look at it.
    muista(&home, ["done", "5"]).ok();
    muista(&home, ["view", "rename", "either", "both"]).ok();
    assert!(muista(&home, ["ls"]).stderr.starts_with("Context both: "));
    muista(&home, ["view", "rm", "both"]).ok();
    muista(&home, ["ls"]).refused(3, "view both, the context", "muista context none");
    muista(&home, ["context", "none"]).ok();
    assert!(muista(&home, ["ls", "-o", "ids"]).ok().contains('2'));
}
