//! The words of a message: title, plain text and HTML, from what it is about. Dates come in as texts, since only who
//! made the message knows the recipient's zone.

use std::fmt::Write as _;

use muista_core::model::{Content, ContentKind};

/// A message as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// One line.
    pub(crate) title: String,
    /// Plain text; it does not repeat the title, and may be empty.
    pub(crate) body: String,
    /// The whole message as HTML.
    pub(crate) html: String,
}

/// The message that says it.
pub(crate) fn render(content: &Content) -> Rendered {
    let title = headline(content);
    let facts = facts(content);
    let note = content.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    let body = [(!facts.is_empty()).then(|| facts.join("\n")), note.map(str::to_owned)];
    let body = body.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
    Rendered { html: html(&title, &facts, note), title, body }
}

fn headline(content: &Content) -> String {
    let title = content.title.split_whitespace().collect::<Vec<_>>().join(" ");
    match content.kind {
        ContentKind::Reminder => format!("Reminder: {title}"),
        ContentKind::JobFailed => format!("Job {title} failed"),
        ContentKind::JobSucceeded => format!("Job {title} succeeded"),
        ContentKind::JobRecovered => format!("Job {title} succeeds again"),
        ContentKind::JobAtRest => format!("Job {title} is at rest"),
        ContentKind::JobGoesOn => format!("Job {title} goes on"),
        ContentKind::BackupFailed
        | ContentKind::Test
        | ContentKind::PasswordReset
        | ContentKind::AddressConfirmation => title,
    }
}

fn facts(content: &Content) -> Vec<String> {
    let number = content.task_number.map(|number| format!("Task {number}"));
    let due = content.due.as_ref().map(|due| format!("Due {due}"));
    let late = content.late_seconds.map(|late| format!("This message is {} late.", length(late)));
    [number, due, late].into_iter().flatten().collect()
}

/// A length of so many seconds in its largest unit, cut to whole ones.
fn length(seconds: i64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
    let (size, name) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = seconds / size;
    if count == 1 { format!("1 {name}") } else { format!("{count} {name}s") }
}

fn html(title: &str, facts: &[String], note: Option<&str>) -> String {
    let mut html = format!("<!DOCTYPE html>\n<html><body>\n<p><strong>{}</strong></p>\n", escape(title));
    if !facts.is_empty() {
        let lines: Vec<String> = facts.iter().map(|fact| escape(fact)).collect();
        // Writing to a text cannot fail.
        let _ = writeln!(html, "<p>{}</p>", lines.join("<br>\n"));
    }
    if let Some(note) = note {
        let _ = writeln!(html, "<p style=\"white-space: pre-wrap\">{}</p>", escape(note));
    }
    html.push_str("</body></html>\n");
    html
}

/// The text as it stands in HTML, between tags or within quotation marks.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(kind: ContentKind) -> Content {
        Content {
            kind,
            title: "Buy <b>milk</b>\n& bread".to_owned(),
            task_id: None,
            task_number: None,
            due: None,
            note: None,
            scheduled_for: None,
            late_seconds: None,
        }
    }

    #[test]
    fn a_reminder_says_what_is_known() {
        let whole = Content {
            task_number: Some(7),
            due: Some("tomorrow 18:00".to_owned()),
            note: Some(" skimmed\n<script>x</script>\n".to_owned()),
            late_seconds: Some(3 * 3600 + 5),
            ..content(ContentKind::Reminder)
        };
        let rendered = render(&whole);
        assert_eq!(rendered.title, "Reminder: Buy <b>milk</b> & bread");
        let facts = "Task 7\nDue tomorrow 18:00\nThis message is 3 hours late.";
        assert_eq!(rendered.body, format!("{facts}\n\nskimmed\n<script>x</script>"));
        assert!(rendered.html.contains("Buy &lt;b&gt;milk&lt;/b&gt; &amp; bread"), "{}", rendered.html);
        assert!(rendered.html.contains("Task 7<br>\nDue tomorrow 18:00<br>"), "{}", rendered.html);
        assert!(!rendered.html.contains("<script>"), "{}", rendered.html);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        for (kind, title) in [
            (ContentKind::JobFailed, "Job Buy <b>milk</b> & bread failed"),
            (ContentKind::JobSucceeded, "Job Buy <b>milk</b> & bread succeeded"),
            (ContentKind::Test, "Buy <b>milk</b> & bread"),
        ] {
            let rendered = render(&content(kind));
            assert_eq!((rendered.title.as_str(), rendered.body.as_str()), (title, ""));
            assert_eq!(rendered.html.matches("<p").count(), 1, "{}", rendered.html);
        }
        assert_eq!(escape("\"'&<>x"), "&quot;&#39;&amp;&lt;&gt;x");
    }

    #[test]
    fn lengths_are_told_in_their_largest_unit() {
        let told = [(60, "1 minute"), (3_599, "59 minutes"), (7_200, "2 hours"), (86_400, "1 day"), (5, "5 seconds")];
        for (seconds, text) in told {
            assert_eq!(length(seconds), text);
        }
    }
}
