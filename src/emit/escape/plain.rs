//! Languages without a quoting that is known to hold: configurations of `HAProxy` and
//! nginx, shell, files of variables.

use askama::filters::Escaper;
use std::fmt::{self, Write};

/// Only letters, digits and a few harmless marks stay; others become `_`.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_alphanumeric() || " .,:;/_-+=()'".contains(c) { c } else { '_' }).collect()
}

/// [`plain`] for templates.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Escaper for Plain {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        dest.write_str(&plain(string))
    }
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::{HOSTILE, assert_one_clean_line};
    use super::plain;

    #[test]
    fn nothing_that_a_shell_or_a_server_reads_is_left() {
        assert_one_clean_line(plain);
        for text in HOSTILE {
            let out = plain(text);
            assert!(
                !out.contains(['"', '$', '`', '\\', '#', '{', '}', '%', '<', '>', '&', '|']),
                "{text:?} -> {out:?}"
            );
        }
        assert_eq!(plain("a$(b)`c`\n"), "a_(b)_c__");
    }
}
