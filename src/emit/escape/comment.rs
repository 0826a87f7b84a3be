//! A line that no markup can be in: behind a comment mark, or a text to measure and draw.

use super::unprintable::replaced;

/// A text on one line: line ends and tabs become blanks.
#[must_use]
pub fn comment(text: &str) -> String {
    replaced(text, |c| match c {
        '\n' | '\r' | '\t' => Some(" "),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::assert_one_clean_line;
    use super::comment;

    #[test]
    fn a_comment_cannot_end_its_line() {
        assert_one_clean_line(comment);
        assert_eq!(comment("a\r\n\tb ${c}"), "a   b ${c}");
        assert_eq!(comment("a\u{2028}b\u{202e}"), "a\u{fffd}b\u{fffd}");
    }
}
