//! Double-quoted strings in which a backslash escapes.

use super::unprintable::replaced;

/// Quotes and backslashes get a backslash; line ends and tabs become blanks. A language that reads more than
/// these in a string adds that itself.
#[must_use]
pub fn quoted(text: &str) -> String {
    replaced(text, |c| match c {
        '\\' => Some("\\\\"),
        '"' => Some("\\\""),
        '\n' | '\r' | '\t' => Some(" "),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::{HOSTILE, assert_one_clean_line};
    use super::quoted;

    #[test]
    fn a_quote_cannot_end_the_string() {
        assert_one_clean_line(quoted);
        for text in HOSTILE {
            // Without pairs that begin with a backslash, no quote is left, and no backslash.
            let rest = quoted(text).replace("\\\\", "").replace("\\\"", "");
            assert!(!rest.contains(['"', '\\']), "{text:?} -> {rest:?}");
        }
        assert_eq!(quoted("a\"b\\"), "a\\\"b\\\\");
    }
}
