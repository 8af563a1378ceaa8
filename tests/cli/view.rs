//! Views in the terminal, and lists under headings.

use crate::support::{home, muista, shell};

#[test]
fn a_view_brings_its_order_columns_and_groups() {
    let home = home();
    shell(
        &home,
        "muista add a +work project:house pri:low; muista add b +work +later; muista add c +home; \
         muista add d +work pri:high; muista add e +work project:Acme; \
         muista view add work '+work -later' --sort -priority,number --columns number,title --group project",
    )
    .ok();
    insta::assert_snapshot!(muista(&home, ["ls", ":work"]).ok(), @r"
    #  Title

    Acme
    5  e

    house
    1  a

    No project
    4  d
    ");
    insta::assert_snapshot!(muista(&home, ["ls", ":work", "--columns", "title", "--group", "priority", "--sort", "-number"]).ok(), @r"
    Title

    High
    d

    Medium
    e

    Low
    a
    ");
    let titles = |args: &[&str]| muista(&home, args).ok().split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(titles(&["ls", ":work", "-o", "ids"]), ["4", "5", "1"]);
    assert_eq!(titles(&["ls", "-:work", "-o", "ids"]), ["2", "3"]);
    assert_eq!(titles(&["ls", ":work", "--sort", "urgency", "-o", "ids"]), ["4", "5", "1"]);
    assert_eq!(titles(&["next", ":work", "+work", "-o", "ids"])[0], "4");
    muista(&home, ["done", ":work", "--yes"]).ok();
    assert_eq!(titles(&["ls", "-o", "ids"]), ["2", "3"]);
    muista(&home, ["undo"]).ok();
    assert_eq!(titles(&["ls", "--group", "tag", "-o", "ids"]), ["1", "2", "3", "4", "5"]);
    insta::assert_snapshot!(muista(&home, ["ls", "--group", "tag", "--columns", "number,title", "+later", "or", "+home"]).ok(), @r"
    #  Title

    +home
    3  c

    +later
    2  b

    +work
    2  b
    ");
}

#[test]
fn views_are_shown_changed_and_deleted() {
    let home = home();
    muista(&home, ["view", "add", "work", "-later"]).ok();
    muista(&home, ["view", "add", "urgent", ":work and !high", "--sort", "due"]).ok();
    insta::assert_snapshot!(muista(&home, ["view"]).ok(), @r"
    View    Query            Sort
    urgent  :work and !high  due
    work    -later
    ");
    muista(&home, ["view", "edit", "urgent", "--sort", "none", "--group", "due"]).ok();
    let shown = muista(&home, ["view", "show", "Urgent", "--json"]).json();
    assert_eq!((&shown["sort"], &shown["group"]), (&serde_json::Value::Null, &"due".into()));
    muista(&home, ["view", "add", "Work", "+x"]).refused(4, "there is a view work already", "view edit");
    muista(&home, ["view", "rm", "work"]).refused(4, "the view urgent uses :work", "view edit urgent");
    muista(&home, ["view", "edit", "work", "--query", ":urgent"]).refused(2, "uses itself", "take it out");
    muista(&home, ["view", "show", "wrok"]).refused(3, "view wrok", "did you mean `work`");
    muista(&home, ["ls", ":wrok"]).refused(2, "there is no view “wrok”", "did you mean `work`");
    muista(&home, ["view", "add", "x", "+x", "--columns", "titel"]).refused(2, "titel", "did you mean title");
    muista(&home, ["view", "edit", "work"]).refused(2, "nothing is said", "--query");
    muista(&home, ["view", "rename", "urgent", "soon"]).ok();
    muista(&home, ["undo"]).ok();
    assert!(muista(&home, ["log"]).ok().contains("changed view urgent"));
    muista(&home, ["view", "rm", "urgent"]).ok();
    assert_eq!(muista(&home, ["view", "ls", "-o", "ids"]).ok(), "work\n");
}
