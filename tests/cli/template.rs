//! Templates in the terminal.

use crate::support::{home, muista, shell};

#[test]
fn a_template_is_kept_shown_and_used() {
    let home = home();
    shell(
        &home,
        "muista add 'Release {{version}}' due:2031-01-10 +x; muista add Build parent:1 'due:2031-01-08 9:00' wait:2020-01-05 deadline:2031-01-09 estimate:2h; \
         muista add Tell parent:1 due:2031-01-11 depends:2",
    )
    .ok();
    muista(&home, ["template", "add", "release", "--from", "1"]).ok();
    insta::assert_snapshot!(muista(&home, ["template", "show", "release"]).ok(), @r"
    release  takes version
    Release {{version}}  +x
      Build  due -2d 09:00  waits until -4023d  deadline -1d  takes 2h
      Tell  due +1d
    ");
    insta::assert_snapshot!(muista(&home, ["template"]).ok(), @r"
    Template  Tasks  Takes    First task
    release       3  version  Release {{version}}
    ");
    let tasks = muista(&home, ["add", "--template", "release", "version=1.4", "--due", "2031-03-14", "--json"]).json();
    let of = |at: usize| (tasks[at]["title"].as_str().unwrap(), tasks[at]["dueOn"].as_str());
    assert_eq!(
        [of(0), of(1), of(2)],
        [("Release 1.4", Some("2031-03-14")), ("Build", None), ("Tell", Some("2031-03-15"))]
    );
    assert!(tasks[1]["dueDate"].as_str().unwrap().starts_with("2031-03-12T09:00"));
    let planned = ["startOn", "deadlineOn", "estimate"].map(|field| tasks[1][field].as_str().unwrap());
    assert_eq!(planned, ["2020-03-08", "2031-03-13", "PT2H"]);
    muista(&home, ["undo"]).ok();
    assert_eq!(muista(&home, ["ls", "-o", "ids"]).ok(), "2\n1\n3\n");
    let add = |words: &[&str]| muista(&home, ["add", "--template", "release"].iter().chain(words));
    add(&[]).refused(2, "needs a value for version", "version=");
    add(&["version=1", "verison=2"]).refused(2, "no placeholder “verison”", "did you mean version");
    add(&["1.4"]).refused(2, "“1.4” is not a value", "NAME=VALUE");
    add(&["version=1", "--tag", "x"]).refused(2, "", "");
    muista(&home, ["add", "--template", "relaese"]).refused(3, "template relaese", "did you mean `release`");
    muista(&home, ["template", "rm", "release", "--yes"]).ok();
    assert!(muista(&home, ["log"]).ok().contains("deleted template release"));
}
