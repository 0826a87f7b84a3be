//! Markdown, inside a line.

use super::comment;
use askama::filters::Escaper;
use std::fmt::{self, Write};

/// A text inside a line or a cell of a table: it begins no tag, link, emphasis or cell.
/// Backticks stay: notes put code between them.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in comment(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '[' | ']' | '\\' | '*' | '!' | '#' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

/// [`markdown`] for templates.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Escaper for Markdown {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        dest.write_str(&markdown(string))
    }
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::{HOSTILE, assert_one_clean_line};
    use super::markdown;

    #[test]
    fn no_markup_begins() {
        assert_one_clean_line(markdown);
        for text in HOSTILE {
            let out = markdown(text);
            assert!(!out.contains('<'), "{text:?} -> {out:?}");
            let bare = out.replace("\\\\", "").replace("\\[", "").replace("\\]", "").replace("\\|", "");
            assert!(!bare.contains(['[', ']', '|']), "{text:?} -> {out:?}");
        }
        assert_eq!(markdown("![x](y) | <b> & *z*"), "\\!\\[x\\](y) \\| &lt;b> &amp; \\*z\\*");
    }
}
