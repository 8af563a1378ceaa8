//! The time zone and the terminal.

use jiff::tz::TimeZone;
use muista_core::model::Finding;

use super::Subject;

/// The zone in which dates are read.
pub(super) fn zone(subject: &Subject<'_>) -> Vec<Finding> {
    vec![of_zone(subject.config.timezone.as_deref())]
}

fn of_zone(configured: Option<&str>) -> Finding {
    let name = "time zone";
    // One that is configured has been looked up when the settings were read.
    if let Some(zone) = configured {
        return Finding::ok(name, zone);
    }
    match TimeZone::try_system() {
        Ok(zone) => Finding::ok(name, format!("{}, the system's", zone.iana_name().unwrap_or("without a name"))),
        Err(e) => Finding::warn(
            name,
            format!("cannot tell the system's, so UTC is used: {e}"),
            "`muista config set timezone Europe/Helsinki`",
        ),
    }
}

/// Whether the terminal shows all characters.
pub(super) fn locale(_: &Subject<'_>) -> Vec<Finding> {
    terminal()
}

/// The same, which needs no settings.
pub(super) fn terminal() -> Vec<Finding> {
    vec![of_locale()]
}

/// The locale by POSIX: LC_ALL goes before LC_CTYPE, this before LANG.
fn of_locale() -> Finding {
    let name = "terminal";
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
    match locale {
        Some(locale) if is_utf8(&locale) => Finding::ok(name, format!("UTF-8 ({locale})")),
        Some(locale) => {
            Finding::warn(name, format!("{locale} is no UTF-8 locale"), "set LANG to one, as in LANG=C.UTF-8")
        }
        None => Finding::warn(name, "no locale is set", "set LANG to a UTF-8 one, as in LANG=C.UTF-8"),
    }
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf_8_is_spelt_in_many_ways() {
        for locale in ["C.UTF-8", "fi_FI.utf8", "en_US.UTF8@euro"] {
            assert!(is_utf8(locale), "{locale}");
        }
        for locale in ["C", "POSIX", "fi_FI.ISO-8859-15"] {
            assert!(!is_utf8(locale), "{locale}");
        }
    }
}
