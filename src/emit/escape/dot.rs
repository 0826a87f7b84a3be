//! Graphviz's DOT, inside a double-quoted string.

use super::unprintable::replaced;

/// DOT itself knows `\"` alone. Labels read other backslashes and entities of HTML too.
#[must_use]
pub fn dot(text: &str) -> String {
    replaced(text, |c| match c {
        '\\' => Some("\\\\"),
        '"' => Some("\\\""),
        '&' => Some("&amp;"),
        '\n' | '\r' | '\t' => Some(" "),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::{HOSTILE, assert_one_clean_line};
    use super::dot;

    #[test]
    fn a_quote_cannot_end_the_string() {
        assert_one_clean_line(dot);
        for text in HOSTILE {
            // Without pairs that begin with a backslash, no quote is left, and no backslash.
            let rest = dot(text).replace("\\\\", "").replace("\\\"", "");
            assert!(!rest.contains(['"', '\\']), "{text:?} -> {rest:?}");
        }
        assert_eq!(dot("a\"b\\"), "a\\\"b\\\\");
    }

    #[test]
    fn labels_read_no_entity() {
        assert_eq!(dot("&lt;"), "&amp;lt;");
    }
}
