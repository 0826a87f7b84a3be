//! HCL, inside a double-quoted string.

use super::unprintable::is_unprintable;
use askama::filters::Escaper;
use std::fmt::{self, Write};

/// `${` and `%{` would begin an expression: their first character is doubled.
#[must_use]
pub fn hcl(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            c if is_unprintable(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// [`hcl`] for templates.
#[derive(Clone, Copy, Debug)]
pub struct Hcl;

impl Escaper for Hcl {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        dest.write_str(&hcl(string))
    }
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::{HOSTILE, assert_one_clean_line};
    use super::hcl;

    #[test]
    fn a_string_cannot_end_or_be_evaluated() {
        assert_one_clean_line(hcl);
        for text in HOSTILE {
            let out = hcl(text);
            let rest = out.replace("\\\\", "").replace("\\\"", "").replace("$${", "").replace("%%{", "");
            assert!(!rest.contains('"') && !rest.contains("${") && !rest.contains("%{"), "{text:?} -> {out:?}");
        }
        assert_eq!(hcl("a\"${b}%{c}$d\n"), "a\\\"$${b}%%{c}$d\\n");
    }
}
