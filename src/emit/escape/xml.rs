//! XML and SVG, as content and in an attribute between quotes of either kind.

use super::unprintable::replaced;

/// The five characters of XML's markup as entities.
#[must_use]
pub fn xml(text: &str) -> String {
    replaced(text, |c| match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        '\n' | '\r' | '\t' => Some(" "),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::{HOSTILE, assert_one_clean_line};
    use super::xml;

    #[test]
    fn no_markup_is_left() {
        assert_one_clean_line(xml);
        for text in HOSTILE {
            assert!(!xml(text).contains(['<', '>', '"', '\'']), "{text:?}");
        }
        assert_eq!(xml("</text>&'"), "&lt;/text&gt;&amp;&#39;");
    }
}
