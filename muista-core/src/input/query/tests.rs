//! How queries are read: a table of texts beside what they mean, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use jiff::tz::TimeZone;

use super::*;
use crate::model::{Category, Priority, Status, TaskFilter};

fn context() -> Context {
    Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None }
}

fn reading(text: &str) -> String {
    read(text, &context()).map_or_else(|error| format!("! {error}"), |query| query.to_string())
}

#[test]
fn a_query_is_read_as_it_is_joined() {
    for (text, expected) in [
        ("+home", "tag:home"),
        ("+home -later", "tag:home and not tag:later"),
        ("+a or +b", "tag:a or tag:b"),
        ("+a +b or +c", "(tag:a and tag:b) or tag:c"),
        ("+a (+b or +c)", "tag:a and (tag:b or tag:c)"),
        ("(+work or project:acme) -later", "(tag:work or project:acme) and not tag:later"),
        ("not +a or +b", "not tag:a or tag:b"),
        ("not (+a or +b)", "not (tag:a or tag:b)"),
        ("-(+a or +b)", "not (tag:a or tag:b)"),
        ("not(+a)", "not tag:a"),
        ("not not +a", "tag:a"),
        ("+a AND +b Or +c", "(tag:a and tag:b) or tag:c"),
        ("tag:a,b", "tag:a,b"),
        ("tag:none", "not has:tag"),
        (":work and +x", ":work and tag:x"),
        ("not :Work or -:b-2", "not :Work or not :b-2"),
        ("due:2026-12-01 :work", "due:2026-12-01T00:00:00Z..2026-12-02T00:00:00Z and :work"),
        ("\":work\"", "text::work"),
        ("@work @health", "category:Work,Health"),
        ("(@work) (@health)", "(category:Work) and (category:Health)"),
        ("!high", "priority:HIGH"),
        ("priority>=medium", "priority:MEDIUM,HIGH"),
        ("pri:H", "priority:HIGH"),
        ("priority<low", "priority:"),
        ("project:home -project:home.garden", "project:home and not project:home.garden"),
        ("project:home!", "project:home!"),
        ("project:none", "project:none"),
        ("project:", "project:none"),
        ("project.not:home", "not project:home"),
        ("due:none", "due:none"),
        ("due:any", "not due:none"),
        ("due:2026-12-01", "due:2026-12-01T00:00:00Z..2026-12-02T00:00:00Z"),
        ("due<2026-12-01", "due:..2026-12-01T00:00:00Z"),
        ("due<=2026-12-01", "due:..2026-12-02T00:00:00Z"),
        ("due>2026-12-01", "due:2026-12-02T00:00:00Z.."),
        ("due>=2026-12-01", "due:2026-12-01T00:00:00Z.."),
        ("due.before:2026-12-01", "due:..2026-12-01T00:00:00Z"),
        ("due.by:2026-12-01", "due:..2026-12-02T00:00:00Z"),
        ("due:fri 9:00", "due:2026-11-27T09:00:00Z..2026-11-27T09:00:00.000001Z"),
        ("due:fri call", "due:2026-11-27T00:00:00Z..2026-11-28T00:00:00Z and text:call"),
        ("due:\"fri 9:00\" x", "due:2026-11-27T09:00:00Z..2026-11-27T09:00:00.000001Z and text:x"),
        (
            "due:today,tomorrow",
            "due:2026-11-21T00:00:00Z..2026-11-22T00:00:00Z or due:2026-11-22T00:00:00Z..2026-11-23T00:00:00Z",
        ),
        ("created>-3d", "created:2026-11-19T00:00:00Z.."),
        ("completed:none", "not is:done"),
        ("start:none", "start:none"),
        ("wait>2026-12-01", "start:2026-12-02T00:00:00Z.."),
        ("deadline:any", "not deadline:none"),
        ("has:deadline", "has:deadline"),
        ("estimate<30min", "estimate<=PT29M59S"),
        ("estimate:15min..1h", "estimate:PT15M..PT1H"),
        ("effort:3", "effort:3"),
        ("effort:3,5..8", "effort:3,5..8"),
        ("effort!=3", "not effort:3"),
        ("effort>=3", "effort>=3"),
        ("effort.under:3", "effort<3"),
        ("effort:", "not effort:any"),
        ("effort.none:", "not effort:any"),
        ("client:\"Anna B.\"", "client:\"Anna B.\""),
        ("is:waiting", "is:waiting"),
        ("status:waiting", "is:waiting"),
        ("+WAITING", "is:waiting"),
        ("is:done,blocked", "is:done or is:blocked"),
        ("is:ready", "not is:done and not is:waiting and not is:blocked"),
        ("+BLOCKED", "is:blocked"),
        ("tag:BLOCKED", "tag:BLOCKED"),
        ("-BLOCKED", "not is:blocked"),
        ("has:note,attachments", "has:note or has:attachment"),
        ("number:3,5..9", "number:3 or number:5..9"),
        ("number>7", "number>=8"),
        ("number:3..", "number>=3"),
        ("number:..3", "number<=3"),
        ("tag:home,none", "tag:home or not has:tag"),
        ("a.b:c", "text:a.b:c"),
        ("status:all", "status:all"),
        ("status:open,done", "is:open or is:done"),
        ("cat food", "text:cat and text:food"),
        ("\"cat food\"", "text:\"cat food\""),
        ("\"this or that\"", "text:\"this or that\""),
        ("-\"cat food\"", "not text:\"cat food\""),
        ("\"+home\"", "text:+home"),
        ("+\"two words\" -+\"x y\"", "tag:\"two words\" and not tag:\"x y\""),
        ("tag:\"two words\",@phone", "tag:\"two words\",@phone"),
        ("+@phone ++x +-x", "tag:@phone and tag:+x and tag:-x"),
        ("http://x.fi/a?b=c", "text:http://x.fi/a?b=c"),
        ("/milk/ /etc/hosts/ // \"/x/\"", "text:milk and text:/etc/hosts/ and text:// and text:/x/"),
        ("9:00 5\" f(x)", "text:9:00 and text:\"5\\\"\" and text:\"f(x)\""),
        ("text:a\\b", "text:a\\b"),
        ("", "status:all"),
    ] {
        assert_eq!(reading(text), expected, "{text}");
    }
}

#[test]
fn a_reading_reads_as_the_same_query() {
    for text in [
        "+home -later (due<fri or priority>=medium) not has:note",
        "-(+a or (@work !high)) text:\"or\" \"a \\\" b\"",
        "project:\"My house\",none! created>-3d due:none",
        "+\"two words\" or tag:@phone,+x,\"say \\\"hi\\\"\"",
        "is:overdue or number:3..9",
    ] {
        let query = read(text, &context()).unwrap();
        assert_eq!(reading(&query.to_string()), query.to_string(), "{text}");
    }
}

#[test]
fn a_query_that_is_wrong_names_the_word_and_its_place() {
    for (text, expected) in [
        ("or", "“or” at character 1 of the query: a condition is missing before it"),
        ("+a or", "“or” at character 4 of the query: a condition is missing after it"),
        ("+a or or +b", "“or” at character 7 of the query: a condition is missing before it"),
        ("+a not", "“not” at character 4 of the query: a condition is missing after it"),
        ("(+a", "“(” at character 1 of the query: nothing closes it"),
        ("+a)", "“)” at character 3 of the query: nothing opens it"),
        ("()", "“)” at character 2 of the query: a condition is missing before it"),
        ("assignee:eva", "there is no field “assignee” to filter by"),
        ("+a note:red", "there is no field “note” to filter by, in “note:red” at character 4 of the query"),
        ("effort<", "effort has no value"),
        ("pri:urgent", "“urgent” is not a priority"),
        ("is:purple", "there is no condition “is:purple”"),
        ("has:wings", "there is no condition “has:wings”"),
        ("project<home", "project has no order to compare by"),
        ("due<", "due has no value"),
        ("priority:", "priority has no value"),
        ("number:9..3", "“9..3” ends before it begins"),
        ("\"\"", "text has no value"),
        ("text:\"\"", "text has no value"),
        ("project:\"\"", "project has no value"),
        ("due.foo:fri", "due cannot be compared by “foo”"),
        ("\"abc", "the quotation mark in “abc” at character 1 is never closed"),
    ] {
        assert_eq!(reading(text), format!("! {expected}"), "{text}");
    }
    let hint = |text| read(text, &context()).unwrap_err().hint.unwrap();
    assert!(hint("title:a").starts_with("text:WORD"), "{}", hint("title:a"));
}

#[test]
fn what_is_too_much_is_refused() {
    let message = |text: String| reading(&text);
    assert!(message("+a ".repeat(101)).contains("101 conditions are too many"));
    let projects: Vec<String> = (0..101).map(|n| format!("p{n}")).collect();
    assert!(message(format!("project:{}", projects.join(","))).contains("101 conditions are too many"));
    assert!(message("(".repeat(21) + "+a").contains("nested too deeply"));
    assert!(message("not ".repeat(5000)).contains("too long"));
    assert!(message("not ".repeat(1000) + "+a").contains("nested too deeply"));
    assert!(message("x".repeat(10_000)).contains("too long"));
}

#[test]
fn another_name_of_a_field_is_put_in_its_place_alone() {
    for (text, expected) in [
        ("effort>2 +effort", "points>2 +effort"),
        ("-Effort:3 or (effort.any: \"effort:1\" effort)", "-points:3 or (points.any: \"effort:1\" effort)"),
        ("ä  effort:\"a b\"  efforts>1", "ä  points:\"a b\"  efforts>1"),
        ("due:fri", "due:fri"),
    ] {
        assert_eq!(with_field_renamed(text, "effort", "points"), expected);
    }
}

/// How the arguments of a command are read, which the shell has freed of quotation marks.
#[test]
fn an_argument_with_blanks_is_one_value_or_a_query() {
    for (words, expected) in [
        (&["cat food"][..], "text:\"cat food\""),
        (&["cat", "food"], "text:cat and text:food"),
        (&["/cat food/"], "text:\"cat food\""),
        (&["+two words", "cat"], "tag:\"two words\" and text:cat"),
        (&["+ho$(touch x)"], "tag:\"ho$(touch x)\""),
        (&["+a (b)"], "tag:a and (text:b)"),
        (&[" -two words"], "not tag:\"two words\""),
        (&["+OVERDUE cat"], "(not is:done and due:..2026-11-21T10:00:00Z) and text:cat"),
        (&["project:My house", "+a"], "project:\"My house\" and tag:a"),
        (&[" -project:My house"], "not project:\"My house\""),
        (&["project:home +a"], "project:home and tag:a"),
        (&["due:fri 9:00"], "due:2026-11-27T09:00:00Z..2026-11-27T09:00:00.000001Z"),
        (&["due:fri", "9:00"], "due:2026-11-27T09:00:00Z..2026-11-27T09:00:00.000001Z"),
        (&["(+a or +b)", "-later"], "(tag:a or tag:b) and not tag:later"),
        (&["+a", "or", "not(+b)"], "tag:a or not tag:b"),
        (&["this or that"], "text:this or text:that"),
        (&["\"this or that\""], "text:\"this or that\""),
        (&["rock 'n' roll"], "text:\"rock 'n' roll\""),
    ] {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        assert_eq!(read_words(&words, &context()).unwrap().to_string(), expected, "{words:?}");
    }
}

/// Reads a query as the filter of a list of open tasks.
fn filter_of(text: &str) -> Result<TaskFilter> {
    read_filter(read(text, &context())?, TaskFilter::default(), Status::Open)
}

#[test]
fn what_a_filter_has_a_field_for_goes_there() {
    let filter = |text: &str| filter_of(text).unwrap();
    let read = filter("+a -b @work !high project:p parent:3 cat is:blocked due:none");
    assert!(read.terms.is_empty(), "{read:?}");
    assert_eq!((read.tags.len(), read.without_tags.len(), read.search.len()), (1, 1, 1));
    assert_eq!((read.blocked, read.status), (Some(true), Status::Open));
    assert_eq!(filter("is:done").status, Status::Done);
    assert_eq!(filter("completed:week").status, Status::Done);
    assert_eq!(filter("+a or is:done").status, Status::All);
    assert_eq!(filter("+a or +b").status, Status::Open);
    assert_eq!(filter("is:waiting").status, Status::Waiting);
    assert_eq!(filter("-is:waiting").status, Status::Open);
    // What is not overdue may be done, but nobody asked for what is.
    assert_eq!(filter("-is:overdue").status, Status::Open);
    assert_eq!(filter("not is:ready").status, Status::Open);
    assert!(filter("is:overdue").terms.is_empty());
    assert_eq!(filter("due>=mon due<fri").terms.len(), 1);
    let twice = filter_of("project:a project:b").unwrap_err();
    assert_eq!(twice.message, "project is given twice, and a task has only one");
}

#[test]
fn what_a_task_has_one_of_is_one_more_only_beside_its_like() {
    let filter = |text: &str| filter_of(text).unwrap();
    assert_eq!(filter("@work @health").categories, [Category::Work, Category::Health]);
    for text in ["(@work) @health", "@work (@health)", "(@work) (@health)"] {
        let filter = filter(text);
        assert_eq!((filter.categories.len(), filter.terms.len()), (1, 1), "{text}");
    }
    let between = filter("priority>=medium !low");
    assert_eq!((between.priorities, between.terms.len()), (vec![Priority::Medium, Priority::High], 1));
    // Flags and words beside them mean any of these, as ever.
    let flags = TaskFilter { categories: vec![Category::Work], ..TaskFilter::default() };
    let both = read_filter(read("@health", &context()).unwrap(), flags, Status::Open).unwrap();
    assert_eq!(both.categories, [Category::Work, Category::Health]);
}
