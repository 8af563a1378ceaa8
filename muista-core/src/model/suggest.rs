//! The name that somebody may have meant.

/// Returns the candidate most like `word`, if one is like it at all.
pub(crate) fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // The measure's time grows with the square of the length; no known name is nearly as long as this.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    candidates
        .map(|name| (strsim::jaro_winkler(&word, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}
