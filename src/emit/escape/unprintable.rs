//! Characters that no generated file may hold.

/// Whether a character has no place in a generated file: control characters, marks that
/// turn the direction of text, line ends of Unicode, values that are no characters.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || matches!(u32::from(c), 0xfdd0..=0xfdef)
        || u32::from(c) & 0xfffe == 0xfffe
}

/// A text, and each character by the escaper's own table; `None` there leaves it as it is.
pub(super) fn replaced(text: &str, table: impl Fn(char) -> Option<&'static str>) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match table(c) {
            Some(escaped) => out.push_str(escaped),
            None if is_unprintable(c) => out.push('\u{fffd}'),
            None => out.push(c),
        }
    }
    out
}

/// Texts with everything that could end a quote, a line or a tag.
#[cfg(test)]
pub(super) const HOSTILE: [&str; 14] = [
    "a\"b",
    "a'b",
    "a\\",
    "a\nb",
    "a\r\tb",
    "${var.x}",
    "%{ if true }",
    "$$(rm -rf /)`id`",
    "</text><script>",
    "a]]>b&c",
    "--> b[\"x\"]",
    "\u{202e}gpj.exe\u{2066}",
    "\0\u{7f}\u{85}\u{2028}",
    "\u{feff}\u{fffe}\u{fdd0}",
];

/// Asserts what all escapers have in common: no line ends, no control characters, no
/// marks that turn the direction of text.
#[cfg(test)]
pub(super) fn assert_one_clean_line(escape: impl Fn(&str) -> String) {
    for text in HOSTILE {
        let out = escape(text);
        assert!(!out.chars().any(is_unprintable), "{text:?} -> {out:?}");
    }
}
