//! One setting in the text of the configuration file: put there, or taken out, with all comments kept.

use muista_core::config::{Bare, Key};
use muista_core::error::Error;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

/// The value as it is written for this key.
pub(super) fn value(key: &Key, text: &str) -> Value {
    match (key.bare, text.parse::<i64>(), text.parse::<bool>()) {
        (Bare::Number, Ok(number), _) => Value::from(number),
        (Bare::Truth, _, Ok(truth)) => Value::from(truth),
        _ => Value::from(text),
    }
}

/// Puts the value where the key stands, with the comments around it. A new one goes to the end of its table, or where
/// there is no such table, as `table.name` to the end of the keys that are in none: that needs no place of its own.
pub(super) fn put(document: &mut DocumentMut, key: &Key, text: &str) {
    let value = value(key, text);
    let (parents, last) = split(key.name);
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for parent in parents {
        let item = table.entry(parent).or_insert_with(dotted);
        if !item.is_table_like() {
            // A mistake, which is mended by this.
            *item = dotted();
        }
        let Some(inner) = item.as_table_like_mut() else {
            return;
        };
        table = inner;
    }
    match table.get_mut(last).and_then(Item::as_value_mut) {
        Some(old) => {
            let decor = old.decor().clone();
            *old = value;
            *old.decor_mut() = decor;
        }
        None => {
            table.insert(last, Item::Value(value));
        }
    }
}

/// Takes out what has this name, be it a setting or not; a table that is empty then goes too, unless it has a comment.
/// Returns whether there was anything.
///
/// # Errors
/// `Invalid` when the name is a table's whose settings are known: it would be a loss to drop them all by mistake.
pub(super) fn remove(document: &mut DocumentMut, name: &str) -> Result<bool, Error> {
    let known = muista_core::config::KEYS.iter().any(|key| key.name.starts_with(&format!("{name}.")));
    let (parents, last) = split(name);
    let Some(table) = inner(document.as_table_mut(), &parents) else {
        return Ok(false);
    };
    if known && table.get(last).is_some_and(Item::is_table_like) {
        return Err(Error::invalid(name, format!("{name} is a table of settings"))
            .hint(format!("take out one of them, as in muista config unset {name}.NAME, or use muista config edit")));
    }
    if table.remove(last).is_none() {
        return Ok(false);
    }
    tidy(document, &parents);
    Ok(true)
}

/// Drops the table if nothing is left in it.
fn tidy(document: &mut DocumentMut, parents: &[&str]) {
    let Some((last, above)) = parents.split_last() else {
        return;
    };
    let Some(table) = inner(document.as_table_mut(), above) else {
        return;
    };
    let bare = match table.get(last) {
        Some(Item::Table(inner)) => inner.is_empty() && !inner.decor().prefix().is_some_and(holds_comment),
        Some(item) => item.as_table_like().is_some_and(TableLike::is_empty),
        None => false,
    };
    if bare {
        table.remove(last);
    }
}

fn holds_comment(text: &toml_edit::RawString) -> bool {
    // Text that is not at hand may be a comment.
    text.as_str().is_none_or(|text| text.contains('#'))
}

fn inner<'a>(table: &'a mut dyn TableLike, path: &[&str]) -> Option<&'a mut dyn TableLike> {
    let mut table = table;
    for name in path {
        table = table.get_mut(name)?.as_table_like_mut()?;
    }
    Some(table)
}

fn dotted() -> Item {
    let mut table = Table::new();
    table.set_dotted(true);
    Item::Table(table)
}

fn split(name: &str) -> (Vec<&str>, &str) {
    let mut parts: Vec<&str> = name.split('.').collect();
    let last = parts.pop().unwrap_or(name);
    (parts, last)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn after(text: &str, name: &str, value: &str) -> String {
        let mut document: DocumentMut = text.parse().unwrap();
        put(&mut document, muista_core::config::key(name).unwrap(), value);
        document.to_string()
    }

    #[test]
    fn comments_stay_where_they_are() {
        let text = "# mine\nhttp = \"127.0.0.1:1\" # why\n\n# last\ncolor = \"auto\"\n";
        assert_eq!(
            after(text, "http", "127.0.0.1:2"),
            "# mine\nhttp = \"127.0.0.1:2\" # why\n\n# last\ncolor = \"auto\"\n"
        );
        assert_eq!(after(text, "timezone", "UTC"), format!("{text}timezone = \"UTC\"\n"));
        assert_eq!(after("", "socket", "/a \"b\"\\"), "socket = '/a \"b\"\\'\n");
    }

    #[test]
    fn a_value_of_another_type_is_replaced() {
        assert_eq!(after("http = 3000\n", "http", "127.0.0.1:3000"), "http = \"127.0.0.1:3000\"\n");
        let mended = after("[http]\nx = 1\n", "http", "127.0.0.1:3000");
        assert_eq!(mended.trim(), "http = \"127.0.0.1:3000\"");
    }

    #[test]
    fn a_setting_of_a_table_goes_where_its_table_is() {
        let table = "# mail\n[email]\nhost = \"a\" # mine\n\n[sms]\nfrom = \"+3581234567\"\n";
        assert_eq!(after(table, "email.host", "b"), table.replace("\"a\"", "\"b\""));
        assert_eq!(after(table, "email.port", "25"), table.replace("mine\n", "mine\nport = 25\n"));
        assert_eq!(after("email = { host = \"a\" }\n", "email.port", "25"), "email = { host = \"a\" , port = 25 }\n");
        assert_eq!(after("email.host = \"a\"\n", "email.port", "25"), "email.host = \"a\"\nemail.port = 25\n");
        // No table yet: what stands below may be other tables, or comments that are settings one day.
        assert_eq!(
            after("color = \"auto\"\n\n[sms]\n", "email.host", "a"),
            "color = \"auto\"\nemail.host = \"a\"\n\n[sms]\n"
        );
        assert_eq!(after("email = \"a\"\n", "email.host", "a").trim(), "email.host = \"a\"");
        let script = "[[script]]\nname = \"a\"\npath = \"b\"\n";
        assert_eq!(after(script, "email.host", "a"), format!("email.host = \"a\"\n{script}"));
    }

    fn without(text: &str, name: &str) -> Result<String, Error> {
        let mut document: DocumentMut = text.parse().unwrap();
        remove(&mut document, name).map(|_| document.to_string())
    }

    #[test]
    fn a_setting_of_a_table_is_taken_out() {
        let table = "color = \"auto\"\n[email]\nhost = \"a\"\nport = 25\n";
        assert_eq!(without(table, "email.port").unwrap(), table.replace("port = 25\n", ""));
        assert_eq!(without("[email]\nhost = \"a\"\n", "email.host").unwrap(), "");
        assert_eq!(without("# mine\n[email]\nhost = \"a\"\n", "email.host").unwrap(), "# mine\n[email]\n");
        assert_eq!(without("email.host = \"a\"\n", "email.host").unwrap(), "");
        assert_eq!(without("[emial]\nhost = \"a\"\n", "emial").unwrap(), "", "a mistake");
        assert_eq!(without("email = \"a\"\n", "email").unwrap(), "", "another");
        assert_eq!(without(table, "sms.from").unwrap(), table);
        assert!(without(table, "email").unwrap_err().message.contains("email is a table"));
    }
}
