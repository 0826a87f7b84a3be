//! Escapers: one per language that files are generated in.
//!
//! In: any text. Out: the same text, harmless between double quotes of that language.
//! What cannot stand in a quoted string at all (control characters, marks that turn
//! the direction of a line) becomes U+FFFD.

use askama::filters::Escaper;
use std::fmt::{self, Write};

/// Whether a character has no place in a generated file.
fn banned(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || matches!(u32::from(c), 0xfdd0..=0xfdef)
        || u32::from(c) & 0xfffe == 0xfffe
}

/// Inside a double-quoted YAML scalar that Compose reads: `$` is doubled, for Compose
/// would put a variable of the environment there.
#[derive(Clone, Copy, Debug)]
pub struct Yaml;

impl Escaper for Yaml {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        for c in string.chars() {
            match c {
                '"' => dest.write_str("\\\"")?,
                '\\' => dest.write_str("\\\\")?,
                '\n' => dest.write_str("\\n")?,
                '\t' => dest.write_str("\\t")?,
                '$' => dest.write_str("$$")?,
                c if banned(c) => dest.write_char('\u{fffd}')?,
                c => dest.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Inside a double-quoted HCL template: `${` and `%{` would begin an expression.
#[derive(Clone, Copy, Debug)]
pub struct Hcl;

impl Escaper for Hcl {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        let mut chars = string.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '"' => dest.write_str("\\\"")?,
                '\\' => dest.write_str("\\\\")?,
                '\n' => dest.write_str("\\n")?,
                '\t' => dest.write_str("\\t")?,
                '$' | '%' if chars.peek() == Some(&'{') => {
                    dest.write_char(c)?;
                    dest.write_char(c)?;
                }
                c if banned(c) => dest.write_char('\u{fffd}')?,
                c => dest.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// For languages without a quoting that is known to hold (server configurations, shell,
/// Markdown): only letters, digits and a few harmless marks pass; others become `_`.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl Escaper for Plain {
    fn write_escaped_str<W: Write>(&self, mut dest: W, string: &str) -> fmt::Result {
        for c in string.chars() {
            let fine = c.is_alphanumeric() || " .,:;/_-+=()'".contains(c);
            dest.write_char(if fine { c } else { '_' })?;
        }
        Ok(())
    }
}

/// A text as it stands between double quotes of a language.
#[must_use]
pub fn escaped(escaper: impl Escaper, text: &str) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = escaper.write_escaped_str(&mut out, text);
    out
}

/// A text on one line behind a comment mark: nothing in it can end the line.
#[must_use]
pub fn comment(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\n' || c == '\t' {
                ' '
            } else if banned(c) {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}
