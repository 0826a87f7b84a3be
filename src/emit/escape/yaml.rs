//! YAML that Docker Compose reads, inside a double-quoted scalar.

use super::unprintable::replaced;
use askama::filters::Escaper;
use std::fmt::{self, Write};

/// `$` is doubled: Compose would put a variable of the environment there.
#[must_use]
pub fn yaml(text: &str) -> String {
    replaced(text, |c| match c {
        '"' => Some("\\\""),
        '\\' => Some("\\\\"),
        '\n' => Some("\\n"),
        '\t' => Some("\\t"),
        '$' => Some("$$"),
        _ => None,
    })
}

/// [`yaml`] for templates.
#[derive(Clone, Copy, Debug)]
pub struct Yaml;

impl Escaper for Yaml {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        dest.write_str(&yaml(string))
    }
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::{HOSTILE, assert_one_clean_line};
    use super::yaml;

    #[test]
    fn a_scalar_cannot_end_or_be_filled_in() {
        assert_one_clean_line(yaml);
        for text in HOSTILE {
            let rest = yaml(text).replace("\\\\", "").replace("\\\"", "").replace("$$", "");
            assert!(!rest.contains(['"', '$']), "{text:?} -> {rest:?}");
        }
        assert_eq!(yaml("a\"${b}\\\n"), "a\\\"$${b}\\\\\\n");
    }
}
