//! Graphviz's DOT, inside a double-quoted string.

use super::quoted;

/// Labels read entities of HTML too.
#[must_use]
pub fn dot(text: &str) -> String {
    quoted(text).replace('&', "&amp;")
}

#[cfg(test)]
mod tests {
    use super::dot;

    #[test]
    fn labels_read_no_entity() {
        assert_eq!(dot("&lt;"), "&amp;lt;");
        assert_eq!(dot("a\"&\\"), "a\\\"&amp;\\\\");
    }
}
