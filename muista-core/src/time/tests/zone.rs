//! Zones by name, and settings read from text.

use crate::time::{DateOrder, zone};

#[test]
fn finds_zones_by_name_and_offset() {
    assert_eq!(zone("Europe/Helsinki").unwrap().iana_name(), Some("Europe/Helsinki"));
    assert_eq!(zone("europe/helsinki").unwrap().iana_name(), Some("Europe/Helsinki"));
    assert_eq!(zone(" utc ").unwrap(), jiff::tz::TimeZone::UTC);
    assert_eq!(zone("+02:00").unwrap().to_fixed_offset().unwrap().seconds(), 7200);
    assert_eq!(zone("-0530").unwrap().to_fixed_offset().unwrap().seconds(), -19800);
    zone("system").unwrap();
}

#[test]
fn unknown_zones_get_the_nearest_names() {
    let hint = |name: &str| zone(name).unwrap_err().hint;
    assert!(hint("Europe/Helsinky").starts_with("did you mean `Europe/Helsinki`"), "{}", hint("Europe/Helsinky"));
    assert!(hint("helsinki").contains("`Europe/Helsinki`"));
    assert!(hint("new york").contains("`America/New_York`"));
    assert!(hint("qqqqqqqqqqqqqq").contains("IANA"));
    for name in ["", "+", "+25:00", "+2", "../../etc/passwd", "Ä", &"x".repeat(100_000)] {
        let error = zone(name).unwrap_err();
        assert!(error.message.len() < 200, "{error}");
    }
}

#[test]
fn date_orders() {
    assert_eq!("dmy".parse(), Ok(DateOrder::DayMonth));
    assert_eq!(serde_json::from_str::<DateOrder>("\"mdy\"").unwrap(), DateOrder::MonthDay);
    assert_eq!("ymd".parse::<DateOrder>().unwrap_err().part, "ymd");
}
