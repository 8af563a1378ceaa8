//! Names that strangers cannot register, since others would take them for whoever runs Muista; and those that look like them.

/// The names.
const RESERVED: [&str; 19] = [
    "abuse",
    "admin",
    "administrator",
    "daemon",
    "help",
    "hostmaster",
    "info",
    "local",
    "moderator",
    "muista",
    "muistad",
    "nobody",
    "noreply",
    "postmaster",
    "root",
    "security",
    "support",
    "sysadmin",
    "system",
];

/// Whether a name is reserved, or looks like one that is. Names are plain lower-case ASCII already.
pub(in crate::service) fn is(name: &str) -> bool {
    let name = skeleton(name);
    RESERVED.iter().any(|reserved| skeleton(reserved) == name)
}

/// A name without what makes it look different at a second glance alone.
fn skeleton(name: &str) -> String {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(alike).collect();
    plain.replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

fn alike(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | 'i' | '!' => 'l',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_reserved_ones_are_reserved() {
        for name in ["admin", "adm1n", "a.d-min", "adrnin", "r00t", "rnuista", "support-", "sys7em", "adminlstrator"] {
            assert!(is(name), "{name}");
        }
        for name in ["eva", "admiral", "rooster", "systems", "muistio", "adam"] {
            assert!(!is(name), "{name}");
        }
    }
}
