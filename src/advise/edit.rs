//! Edits of a text by byte range, so that comments and layout around them survive.
//!
//! In: a text, replacements of byte ranges. Out: the edited text. Never: an edit in the
//! middle of another one.

use crate::base::Span;

/// Text that replaces a byte range; the range of an insertion is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    start: usize,
    end: usize,
    text: String,
}

impl Edit {
    /// Replaces a range.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { start: span.start as usize, end: span.end as usize, text: text.into() }
    }

    /// Before a byte.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self { start: at, end: at, text: text.into() }
    }
}

/// The text after all edits; edits at one position apply in the given order.
///
/// # Errors
/// Two edits overlap.
pub(super) fn apply(text: &str, edits: &[Edit]) -> Result<String, String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|e| (e.start, e.end));
    let mut out = String::with_capacity(text.len() + 256);
    let mut at = 0;
    for e in sorted {
        let between = text.get(at..e.start).ok_or("two changes meet at one place of the text")?;
        if e.end > text.len() {
            return Err("a change lies outside of the text".to_owned());
        }
        out.push_str(between);
        out.push_str(&e.text);
        at = e.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Ok(out)
}

/// The indentation of the line of a byte.
pub(super) fn indent(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rfind('\n').map_or(0, |n| n + 1);
    text.get(line..).unwrap_or_default().chars().take_while(|c| *c == ' ' || *c == '\t').collect()
}

/// The position for new lines after an item that ends at a byte: after the comment that ends its
/// line, if nothing else follows. Also whether the line ends there.
pub(super) fn after(text: &str, end: usize) -> (usize, bool) {
    let rest = text.get(end..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let beyond = line.trim_start();
    let ends = beyond.is_empty() || beyond.starts_with('#') || beyond.starts_with("//");
    (if ends { end + line.len() } else { end }, ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::FileId;

    #[test]
    fn edits_keep_what_is_around_them_and_never_meet() {
        let at = |a, b| Span::new(FileId(0), a, b);
        let edits = [Edit::insert(3, "X"), Edit::replace(at(1, 2), "bb"), Edit::insert(3, "Y")];
        assert_eq!(apply("abcd", &edits).as_deref(), Ok("abbcXYd"));
        assert!(apply("abcd", &[Edit::replace(at(0, 3), ""), Edit::replace(at(2, 4), "")]).is_err());
        assert!(apply("abcd", &[Edit::replace(at(2, 9), "")]).is_err());
    }

    #[test]
    fn a_comment_stays_with_its_item() {
        assert_eq!(after("a {} # note\nb", 4), (11, true));
        assert_eq!(after("a {} // note\r\nb", 4), (12, true), "before the carriage return");
        assert_eq!(after("a {}, b {}\n", 4), (4, false));
        assert_eq!(after("a {}", 4), (4, true));
        assert_eq!(indent("x\n  y z", 6), "  ");
    }
}
