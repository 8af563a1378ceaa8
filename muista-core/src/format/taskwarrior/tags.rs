//! Tags, which are single words there. Where one of ours is not, all stand once more in an attribute of our own, `muistatags`,
//! which counts only while Taskwarrior's tags are still those that were written beside it.

use serde_json::{Value, json};

use super::own;
use crate::error::Result;
use crate::format::notices::{Notices, quoted};
use crate::format::records::Record;
use crate::format::source::{Source, plain};
use crate::model::{TagName, Task, fold};

/// Writes the tags; those that are not written as they are are told.
pub(super) fn write(task: &Task, record: &mut Record, notices: &mut Notices) {
    if task.tags.is_empty() {
        return;
    }
    let words: Vec<String> = task.tags.iter().map(|tag| word(tag)).collect();
    if words != task.tags {
        let other = task.tags.iter().zip(&words).filter(|(tag, word)| tag != word);
        for (tag, word) in other {
            let label = format!("{} {}: {} as {}", task.number, quoted(&task.title), quoted(tag), quoted(word));
            notices.case("tag with a blank, which Taskwarrior has no place for", label);
        }
        record.insert(own::TAGS.to_owned(), json!(json!(task.tags).to_string()));
    }
    record.insert("tags".to_owned(), json!(words));
}

/// Returns the word that a tag is there.
fn word(tag: &str) -> String {
    tag.replace(' ', "_")
}

/// Reads the tags. Taskwarrior lets one hold anything when it is imported: one that cannot be one here is mended, and told.
///
/// # Errors
/// `Invalid` for what is no list.
pub(super) fn read(source: &mut Source, notices: &mut Notices) -> Result<Vec<TagName>> {
    let kept = source.text(own::TAGS)?.unwrap_or_default();
    let kept: Vec<String> = serde_json::from_str(&kept).unwrap_or_default();
    let listed = list(source, "tags")?;
    let sorted = |mut words: Vec<String>| {
        words.sort_unstable();
        words
    };
    let is_same = sorted(kept.iter().map(|tag| word(tag)).collect()) == sorted(listed.clone());
    let mut tags: Vec<TagName> = Vec::new();
    for text in if is_same { kept } else { listed } {
        let Some(tag) = tag(&text, source, notices) else { continue };
        if tags.iter().any(|known| fold(known) == fold(&tag)) {
            notices.case("tag given twice, in whatever case", format!("{} {}", source.label, quoted(&tag)));
        } else {
            tags.push(tag);
        }
    }
    Ok(tags)
}

/// Returns the texts of an array, or those that commas part in one text, as older versions write lists.
pub(super) fn list(source: &mut Source, field: &str) -> Result<Vec<String>> {
    match source.take(field) {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.split(',').map(|part| part.trim().to_owned()).collect()),
        Some(Value::Array(items)) => Ok(items.iter().map(plain).collect()),
        Some(other) => Err(source.bad(field, &plain(&other), "is not a list")),
    }
}

/// Returns the tag, or what comes nearest to it.
fn tag(text: &str, source: &Source, notices: &mut Notices) -> Option<TagName> {
    if let Ok(tag) = TagName::parse(text) {
        return Some(tag);
    }
    let mended = TagName::mended(text);
    let what = match &mended {
        Some(_) => "tag that cannot be one here, mended",
        None => "tag that cannot be one here, left out",
    };
    let became = mended.as_ref().map(|tag| format!(": {}", quoted(tag))).unwrap_or_default();
    notices.case(what, format!("{} {}{became}", source.label, quoted(text)));
    mended
}
