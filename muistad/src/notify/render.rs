//! The words of a message: title, plain text and HTML, from what it is about. Dates come in as texts, since only who
//! made the message knows the recipient's zone.

use std::fmt::Write as _;

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A task.
    Reminder,
    /// A run that failed.
    JobFailed,
    /// A run that went well.
    JobSucceeded,
    /// Nothing: it shows that the channel works.
    Test,
}

/// What there is to say.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    /// What it is about.
    pub(crate) kind: Kind,
    /// The task's title or the job's name.
    pub(crate) title: String,
    /// The task's number.
    pub(crate) number: Option<i64>,
    /// When the task is due, in words.
    pub(crate) due: Option<String>,
    /// The reminder's note, or the end of what the run wrote.
    pub(crate) note: Option<String>,
    /// How late the message is, as in `3 hours`; none: it is in time.
    pub(crate) late: Option<String>,
}

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

impl Content {
    /// The message.
    pub(crate) fn render(&self) -> Rendered {
        let title = self.headline();
        let facts = self.facts();
        let note = self.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
        let body = [(!facts.is_empty()).then(|| facts.join("\n")), note.map(str::to_owned)];
        let body = body.into_iter().flatten().collect::<Vec<_>>().join("\n\n");
        Rendered { html: html(&title, &facts, note), title, body }
    }

    fn headline(&self) -> String {
        let title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        match self.kind {
            Kind::Reminder => format!("Reminder: {title}"),
            Kind::JobFailed => format!("Job {title} failed"),
            Kind::JobSucceeded => format!("Job {title} succeeded"),
            Kind::Test => title,
        }
    }

    fn facts(&self) -> Vec<String> {
        let number = self.number.map(|number| format!("Task {number}"));
        let due = self.due.as_ref().map(|due| format!("Due {due}"));
        let late = self.late.as_ref().map(|late| format!("This message is {late} late."));
        [number, due, late].into_iter().flatten().collect()
    }
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

    fn content(kind: Kind) -> Content {
        Content { kind, title: "Buy <b>milk</b>\n& bread".to_owned(), number: None, due: None, note: None, late: None }
    }

    #[test]
    fn a_reminder_says_what_is_known() {
        let whole = Content {
            number: Some(7),
            due: Some("tomorrow 18:00".to_owned()),
            note: Some(" skimmed\n<script>x</script>\n".to_owned()),
            late: Some("3 hours".to_owned()),
            ..content(Kind::Reminder)
        };
        let rendered = whole.render();
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
            (Kind::JobFailed, "Job Buy <b>milk</b> & bread failed"),
            (Kind::JobSucceeded, "Job Buy <b>milk</b> & bread succeeded"),
            (Kind::Test, "Buy <b>milk</b> & bread"),
        ] {
            let rendered = content(kind).render();
            assert_eq!((rendered.title.as_str(), rendered.body.as_str()), (title, ""));
            assert_eq!(rendered.html.matches("<p").count(), 1, "{}", rendered.html);
        }
        assert_eq!(escape("\"'&<>x"), "&quot;&#39;&amp;&lt;&gt;x");
    }
}
