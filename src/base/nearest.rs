//! Suggestions: the nearest of some candidates to a misspelled word.
//!
//! In: a word, candidates. Out: at most one candidate. Never: a meaning.

/// The candidate nearest to `word` by Damerau-Levenshtein distance, if at most a third of the
/// letters differ and at least one letter is shared. Ties go to the first candidate in alphabetical
/// order, so the result does not depend on the order of `candidates`.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A word of a thousand letters is not a misspelling, and the distance is quadratic.
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    let allowed = (lower.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .filter(|c| c.len() <= 80)
        .filter_map(|c| {
            let distance = strsim::damerau_levenshtein(&lower, c);
            let prefix = lower.len() >= 3 && (c.starts_with(&lower) || lower.starts_with(c)) && c.len() >= 3;
            let near = distance <= allowed && distance < c.chars().count();
            (near || prefix).then_some((if near { distance } else { 5 }, c))
        })
        .min()
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_a_slip_and_leaves_a_stranger() {
        let words = ["replicas", "retries", "timeout", "ttl", "hit"];
        assert_eq!(nearest("replcias", words), Some("replicas"));
        assert_eq!(nearest("Timeout", words), Some("timeout"));
        assert_eq!(nearest("colour", words), None);
        assert_eq!(nearest("q", ["x"]), None, "a single letter is not a misspelling of another");
    }
}
