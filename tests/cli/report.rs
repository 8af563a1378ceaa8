//! Reports: a month, statistics, and what was open on each day.

use crate::support::{home, muista, on_terminal, shell};

#[test]
fn a_month_is_drawn_listed_and_handed_to_programs() {
    let home = home().with_env("NO_COLOR", "1");
    shell(
        &home,
        "muista add a due:2031-01-15 +x; muista add b 'due:2031-01-15 9:00'; muista add c due:2031-02-01 wait:2031-01-20; \
         muista add d due:2031-01-31; muista done 4",
    )
    .ok();
    insta::assert_snapshot!(muista(&home, ["calendar", "2031-01"]).ok(), @r"
    Date             Time   #  Title
    Wed 15 Jan 2031  09:00  2  b
    Wed 15 Jan 2031         1  a
    ");
    let drawn = on_terminal(&home, 80, "calendar 2031-01", "").ok();
    assert!(drawn.starts_with("January 2031\nMon") && drawn.contains("2 b"), "{drawn}");
    assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
    let json = muista(&home, ["calendar", "2031-01", "--only", "+x", "--json"]).json();
    assert_eq!(json["days"].as_array().unwrap().len(), 1);
    assert_eq!((&json["from"], &json["days"][0]["tasks"][0]["number"]), (&"2031-01-01".into(), &1.into()));
    let csv = muista(&home, ["calendar", "2031-02", "-o", "csv"]).ok();
    assert!(csv.starts_with("date,number,title,dueAt,id\n2031-02-01,3,c,,"), "{csv}");
    muista(&home, ["calendar", "soonish"]).refused(2, "soonish", "");
}

#[test]
fn tasks_are_counted() {
    let home = home();
    shell(
        &home,
        "muista add a +x pri:high project:house due:yesterday; muista add b pri:low @work due:today; muista add c +x; \
         muista add d +x; muista done 4",
    )
    .ok();
    let stats = muista(&home, ["stats", "--json"]).json();
    for (field, count) in [
        ("open", 3),
        ("overdue", 1),
        ("dueToday", 1),
        ("withoutDue", 1),
        ("created7Days", 4),
        ("completed7Days", 1),
        ("completed", 1),
    ] {
        assert_eq!(stats[field], count, "{field}: {stats}");
    }
    assert_eq!(stats["projects"], serde_json::json!([{"name": "house", "open": 1}]));
    assert_eq!(stats["priorities"][0], serde_json::json!({"name": "high", "open": 1}));
    assert_eq!(muista(&home, ["stats", "+x", "--json"]).json()["open"], 2);
    let done = muista(&home, ["stats", "is:done", "--json"]).json();
    assert_eq!((&done["open"], &done["completed"], &done["created7Days"]), (&0.into(), &1.into(), &1.into()));
    let table = muista(&home, ["stats"]).ok();
    assert!(table.contains("Priority\nhigh") && !table.contains('█'), "{table}");
    assert!(muista(&home, ["stats", "-o", "csv"]).ok().starts_with("group,name,count\n,open,3\n"));
}

#[test]
fn a_timesheet_lists_the_work_of_a_week() {
    let home = home();
    muista(&home, ["timesheet"]).ok();
    shell(&home, "muista add a project:house; muista start 1; muista stop; muista start 1").ok();
    let table = muista(&home, ["timesheet"]).ok();
    assert!(table.contains("house") && table.ends_with("min\n") && table.contains("\nTotal "), "{table}");
    let json = muista(&home, ["timesheet", "today", "--json"]).json();
    assert_eq!((&json["rows"][0]["number"], &json["more"]), (&1.into(), &false.into()));
    assert_eq!(muista(&home, ["timesheet", "last week", "--json"]).json()["total"], "PT0S");
    for (days, from, to) in [
        ("2026-11", "2026-11-01", "2026-11-30"),
        ("2026-W48", "2026-11-23", "2026-11-29"),
        ("2026-11-02", "2026-11-02", "2026-11-02"),
    ] {
        let sheet = muista(&home, ["timesheet", days, "--json"]).json();
        assert_eq!((&sheet["from"], &sheet["to"]), (&from.into(), &to.into()), "{days}");
    }
    assert!(muista(&home, ["timesheet", "-o", "csv"]).ok().starts_with("date,number,title,project,spent,id\n"));
    muista(&home, ["timesheet", "whenever"]).refused(2, "whenever", "");
}

#[test]
fn a_burndown_counts_back_from_now() {
    let home = home();
    shell(&home, "muista add a; muista add b +x; muista add c; muista done 3; muista add d wait:+8w").ok();
    let days = muista(&home, ["burndown", "--days", "3", "--json"]).json()["days"].clone();
    let days = days.as_array().unwrap();
    let of = |day: &serde_json::Value| (day["open"].as_i64(), day["created"].as_i64(), day["completed"].as_i64());
    assert_eq!(
        days.iter().map(of).collect::<Vec<_>>(),
        [(Some(0), Some(0), Some(0)), (Some(0), Some(0), Some(0)), (Some(3), Some(4), Some(1)),]
    );
    assert_eq!(muista(&home, ["burndown", "+x", "--days", "1", "-o", "csv"]).ok().lines().count(), 2);
    assert!(on_terminal(&home, 80, "burndown --days 2", "").ok().contains('█'));
    muista(&home, ["burndown", "--days", "0"]).refused(2, "0", "");
}
