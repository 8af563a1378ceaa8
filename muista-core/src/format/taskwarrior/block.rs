//! The part of a note that keeps what Taskwarrior knows of a task and Muista has no place for: a line `Taskwarrior:` and
//! below it a line `name: value` for each attribute, at the note's end.

/// The block's first line.
const HEADER: &str = "Taskwarrior:";
/// The attributes that stand first, in this order; the others follow by name.
const FIRST: [&str; 9] = ["wait", "scheduled", "until", "start", "end", "recur", "rtype", "parent", "priority"];

/// A note taken apart.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Note {
    /// What stands before the block.
    pub text: String,
    attributes: Vec<(String, String)>,
}

impl Note {
    /// Takes a note apart. What is not exactly as [`Note::write`] writes it is all text.
    pub(super) fn read(note: &str) -> Self {
        let whole = Self { text: note.to_owned(), attributes: Vec::new() };
        let Some((text, lines)) = split(note) else {
            return whole;
        };
        let mut read = Self { text: text.to_owned(), attributes: Vec::new() };
        for (name, value) in lines.lines().filter_map(|line| line.split_once(": ")) {
            read.set(name, &decode(value));
        }
        if read.write() == note { read } else { whole }
    }

    /// Sets an attribute, in place of one of the same name.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        let name: String =
            name.chars().map(|c| if c == ':' || c.is_whitespace() || c.is_control() { '_' } else { c }).collect();
        self.attributes.retain(|(known, _)| *known != name);
        self.attributes.push((name, value.to_owned()));
        self.attributes.sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
    }

    /// Takes out the attributes for which `wanted` holds.
    pub(super) fn take(&mut self, wanted: impl Fn(&str, &str) -> bool) -> Vec<(String, String)> {
        let (taken, kept) =
            std::mem::take(&mut self.attributes).into_iter().partition(|(name, value)| wanted(name, value));
        self.attributes = kept;
        taken
    }

    /// Returns the note.
    pub(super) fn write(&self) -> String {
        if self.attributes.is_empty() {
            return self.text.clone();
        }
        let gap = if self.text.is_empty() { "" } else { "\n\n" };
        let lines: Vec<String> =
            self.attributes.iter().map(|(name, value)| format!("{name}: {}", encode(value))).collect();
        format!("{}{gap}{HEADER}\n{}", self.text, lines.join("\n"))
    }
}

/// Returns what stands before the last header, and the lines below it.
fn split(note: &str) -> Option<(&str, &str)> {
    let header = format!("{HEADER}\n");
    if let Some(at) = note.rfind(&format!("\n\n{header}")) {
        return Some((&note[..at], &note[at + 2 + header.len()..]));
    }
    note.strip_prefix(&header).map(|lines| ("", lines))
}

fn rank(name: &str) -> usize {
    FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len())
}

/// Returns a value on one line: as it is, or where that would not come back the same, as a JSON text.
fn encode(value: &str) -> String {
    let odd =
        value.is_empty() || value.trim() != value || value.starts_with('"') || value.chars().any(char::is_control);
    if !odd {
        return value.to_owned();
    }
    // serde_json leaves DEL and the C1 controls as they are, which no note may hold.
    let escaped = |c: char| if c.is_control() { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
    serde_json::Value::from(value).to_string().chars().map(escaped).collect()
}

fn decode(value: &str) -> String {
    if value.starts_with('"') {
        return serde_json::from_str(value).unwrap_or_else(|_| value.to_owned());
    }
    value.to_owned()
}
