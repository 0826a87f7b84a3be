//! Mermaid, inside a quoted label.

use super::comment;

/// Entity codes of Mermaid: only letters, digits and a few signs of ASCII stay.
#[must_use]
pub fn mermaid(text: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || " _-.".contains(c);
    comment(text).chars().map(|c| if keep(c) { c.to_string() } else { format!("#{};", u32::from(c)) }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::unprintable::{HOSTILE, assert_one_clean_line};
    use super::mermaid;

    #[test]
    fn nothing_but_codes_and_letters_is_left() {
        assert_one_clean_line(mermaid);
        for text in HOSTILE {
            let out = mermaid(text);
            assert!(out.chars().all(|c| c.is_ascii_alphanumeric() || " _-.#;".contains(c)), "{text:?} -> {out:?}");
        }
        // 34 is the quote, 35 the mark that begins a code.
        assert_eq!(mermaid("a\"#b"), "a#34;#35;b");
    }
}
