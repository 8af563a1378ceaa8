//! Reports over HTTP: the documents that the command line gives, for the parameters that say the same.

use serde_json::{Value, json};

use crate::support::{on_both, problem};

#[test]
fn a_month_is_told_by_day_in_the_zone_that_is_asked_for() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a", "dueOn": "2031-01-15", "tags": ["x"]}));
        api.made("/tasks", &json!({"title": "b", "dueDate": "2031-01-31T23:30:00Z"}));
        api.made("/tasks", &json!({"title": "c", "dueOn": "2031-01-20", "startDate": "2031-01-19"}));
        let month = api.got("/reports/calendar?month=2031-01");
        assert_eq!(
            (&month["from"], &month["to"], &month["more"]),
            (&json!("2031-01-01"), &json!("2031-01-31"), &json!(false))
        );
        let days = |month: &Value| -> Vec<(String, i64)> {
            let days = month["days"].as_array().unwrap().iter();
            days.map(|day| (day["date"].as_str().unwrap().to_owned(), day["tasks"][0]["number"].as_i64().unwrap()))
                .collect()
        };
        let day = |date: &str, number: i64| (date.to_owned(), number);
        assert_eq!(days(&month), [day("2031-01-15", 1), day("2031-01-20", 3), day("2031-01-31", 2)]);
        assert_eq!(month["days"][0]["tasks"][0]["dueAt"], Value::Null);
        // There the last hour of the month is one of the next.
        let there = api.got("/reports/calendar?month=2031-02&tz=Europe/Helsinki");
        assert_eq!(days(&there), [day("2031-02-01", 2)]);
        assert_eq!(there["days"][0]["tasks"][0]["dueAt"], "2031-02-01T01:30:00+02:00");
        assert_eq!(days(&api.got("/reports/calendar?month=2031-01-07&q=%2Bx")), [day("2031-01-15", 1)]);
        assert_eq!(api.got("/reports/calendar")["days"], json!([]));
    });
}

#[test]
fn tasks_are_counted_and_so_is_what_was_open() {
    on_both(|api| {
        for task in [
            json!({"title": "a", "priority": "HIGH", "dueDate": "yesterday", "tags": ["x"], "project": "house"}),
            json!({"title": "b", "dueDate": "today"}),
            json!({"title": "c", "tags": ["x"]}),
        ] {
            api.made("/tasks", &task);
        }
        api.patch("/tasks/3", &json!({"completed": true}));
        let stats = api.got("/reports/stats");
        for (field, count) in [("open", 2), ("overdue", 1), ("dueToday", 1), ("created7Days", 3), ("completed", 1)] {
            assert_eq!(stats[field], count, "{field}: {stats}");
        }
        assert_eq!(
            (&stats["projects"], &stats["priorities"][0]),
            (&json!([{"name": "house", "open": 1}]), &json!({"name": "high", "open": 1}))
        );
        assert_eq!(api.got("/reports/stats?q=%2Bx")["open"], 1);
        let burndown = api.got("/reports/burndown?days=2")["days"].take();
        assert_eq!(burndown.as_array().unwrap().len(), 2);
        assert_eq!(
            (&burndown[1]["open"], &burndown[1]["created"], &burndown[1]["completed"]),
            (&json!(2), &json!(3), &json!(1))
        );
        assert_eq!(api.got("/reports/burndown")["days"].as_array().unwrap().len(), 30);
        assert_eq!(api.got("/reports/burndown?days=1&q=%2Bx")["days"][0]["open"], 1);
    });
}

#[test]
fn a_timesheet_has_the_work_of_its_days() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a", "project": "house"}));
        api.request("POST", "/tasks/1/start", &[], None);
        api.request("POST", "/tasks/1/stop", &[], None);
        let sheet = api.got("/reports/timesheet?week=today");
        assert_eq!((&sheet["rows"][0]["number"], &sheet["rows"][0]["project"]), (&json!(1), &json!("house")));
        assert!(sheet["total"].as_str().unwrap().starts_with("PT"), "{sheet}");
        let week = api.got("/reports/timesheet?week=2026-W02");
        assert_eq!(
            (&week["from"], &week["to"], &week["total"]),
            (&json!("2026-01-05"), &json!("2026-01-11"), &json!("PT0S"))
        );
    });
}

#[test]
fn what_is_no_span_of_days_is_refused_by_name() {
    on_both(|api| {
        for (path, field) in [
            ("/reports/calendar?month=soonish", "month"),
            ("/reports/calendar?q=colour:red", "q"),
            ("/reports/stats?month=2031-01", "month"),
            ("/reports/burndown?days=0", "days"),
            ("/reports/burndown?days=367", "days"),
            ("/reports/burndown?days=many", "days"),
            ("/reports/timesheet?week=whenever", "week"),
            ("/reports/timesheet?week=2026-01-01..", "week"),
        ] {
            let told = problem(&api.get(path), 422, "INVALID");
            assert_eq!(told["errors"][0]["field"], field, "{told}");
        }
    });
}
