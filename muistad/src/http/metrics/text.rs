//! The text that Prometheus reads (exposition format 0.0.4): families of samples, each with its help and type.

use std::fmt::{Display, Write as _};

/// A text that grows family by family.
#[derive(Debug, Default)]
pub(super) struct Text(String);

/// What kind of numbers a family has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// A label's name and value.
pub(super) type Label<'a> = (&'static str, &'a str);

impl Text {
    /// Begins a family.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// A sample of the family.
    pub(super) fn sample(&mut self, name: &str, labels: &[Label<'_>], value: impl Display) {
        self.0.push_str(name);
        for (place, (label, value)) in labels.iter().enumerate() {
            self.0.push(if place == 0 { '{' } else { ',' });
            let _ = write!(self.0, "{label}=\"{}\"", Escaped(value));
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A family of one sample without labels.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// A histogram of the family: how much fell into each bucket, whose upper ends are `ends`, in `per` a second, and
    /// beyond; and the sum of all, in microseconds.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        labels: &[Label<'_>],
        (ends, per): (&[u64], f64),
        counts: &[u64],
        micros: u64,
    ) {
        let mut below = 0;
        for (place, count) in counts.iter().enumerate() {
            below += count;
            let end = ends.get(place).map_or_else(|| "+Inf".to_owned(), |end| (*end as f64 / per).to_string());
            let labels: Vec<_> = labels.iter().copied().chain([("le", end.as_str())]).collect();
            self.sample(&format!("{name}_bucket"), &labels, below);
        }
        self.sample(&format!("{name}_sum"), labels, micros as f64 / 1e6);
        self.sample(&format!("{name}_count"), labels, below);
    }

    /// The text.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// A label's value, as the format wants it.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '\\' | '"' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_prometheus_reads() {
        let mut text = Text::default();
        text.family("a_seconds", Kind::Histogram, "How long.");
        text.histogram("a_seconds", &[("route", "/a\"b")], (&[500, 10_000_000], 1e6), &[1, 2, 3], 2_500_000);
        text.single("b", Kind::Gauge, "How many.", 7);
        let wanted = "# HELP a_seconds How long.\n# TYPE a_seconds histogram\n\
            a_seconds_bucket{route=\"/a\\\"b\",le=\"0.0005\"} 1\n\
            a_seconds_bucket{route=\"/a\\\"b\",le=\"10\"} 3\n\
            a_seconds_bucket{route=\"/a\\\"b\",le=\"+Inf\"} 6\n\
            a_seconds_sum{route=\"/a\\\"b\"} 2.5\n\
            a_seconds_count{route=\"/a\\\"b\"} 6\n\
            # HELP b How many.\n# TYPE b gauge\nb 7\n";
        assert_eq!(text.finish(), wanted);
    }
}
