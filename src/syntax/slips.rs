//! Slips that look alike everywhere: keywords, characters and arrows of other languages.
//!
//! In: invalid text. Out: its parts as messages show them, and findings for such slips. Never: the
//! context of the text.

use crate::base::Span;
use crate::diag::Diagnostic;

/// The first characters, enough to recognize the text.
pub(super) fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or("").trim_end();
    let mut short = String::new();
    for c in line.chars().take(32) {
        if hidden(c) {
            short.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            short.push(c);
        }
    }
    if line.chars().nth(32).is_some() { format!("{short}…") } else { short }
}

/// Whether a character is invisible, or changes how others are shown.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The last `n` bytes of a span.
pub(super) fn tail(text: &str, span: Span) -> Span {
    Span { start: span.end.saturating_sub(u32::try_from(text.len()).unwrap_or(0)), ..span }
}

/// A word that starts an item in other languages but not here.
pub(super) fn keyword(word: &str, span: Span) -> Option<Diagnostic> {
    match word {
        "var" | "const" | "variable" | "locals" | "local" | "set" | "def" | "val" => {
            Some(slip(span, format!("`{word}` is spelt `let` here"), "write `let name = value`"))
        }
        "for" | "foreach" | "for_each" | "while" | "if" | "repeat" => Some(slip(
            span,
            "there are no loops and no conditions here",
            "`replicas = 3` makes copies; two cases are two flows, or a `choose { 90% { … } 10% { … } }`",
        )),
        _ => None,
    }
}

pub(super) fn first_chars(text: &str, n: usize, span: Span) -> Span {
    let len: usize = text.chars().take(n).map(char::len_utf8).sum();
    Span { end: span.start + u32::try_from(len).unwrap_or(0), ..span }
}

pub(super) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}

pub(super) fn slip(span: Span, message: impl Into<String>, help: impl Into<String>) -> Diagnostic {
    Diagnostic::error("ARC516", span, message).help(help)
}

/// Characters that editors and web pages substitute for plain ones.
pub(super) fn lookalike(text: &str, span: Span) -> Option<Diagnostic> {
    let (at, c) =
        text.char_indices().find(|(_, c)| !c.is_ascii() || (c.is_ascii_control() && !c.is_ascii_whitespace()))?;
    let place = Span::new(span.file, span.start as usize + at, span.start as usize + at + c.len_utf8());
    let (name, instead) = match c {
        '“' | '”' | '„' | '«' | '»' => ("a typographic quote", "the plain `\"`"),
        '‘' | '’' => ("a typographic quote", "the plain `\"`"),
        '–' | '—' | '−' => ("a dash", "the plain `-`"),
        '→' | '⇒' | '➜' => ("an arrow sign", "`->`"),
        '±' => ("a plus-minus sign", "`+-`"),
        '…' => ("an ellipsis", "`..`"),
        '≤' => ("a less-or-equal sign", "`<=`"),
        '≥' => ("a greater-or-equal sign", "`>=`"),
        '×' => ("a multiplication sign", "`*`, or `x3` for three calls"),
        '\u{a0}' | '\u{2009}' | '\u{202f}' => ("a no-break space", "a plain blank"),
        c if hidden(c) => {
            return Some(
                Diagnostic::error(
                    "ARC516",
                    place,
                    format!("an invisible character, U+{:04X}, stands here", u32::from(c)),
                )
                .help("delete it"),
            );
        }
        c if c.is_alphabetic() && !['µ', 'μ'].contains(&c) => {
            return Some(Diagnostic::error("ARC532", place, format!("`{c}` is no letter of a name")).help(
                "a name is small letters from `a` to `z`, digits and `_`; strings and comments may hold any text",
            ));
        }
        '€' | '£' | '¥' => ("a currency sign", "`$`: prices are in US dollars"),
        'µ' | 'μ' => ("a Greek letter", "`us` for microseconds"),
        _ => {
            return Some(
                Diagnostic::error("ARC510", place, format!("`{c}` has no meaning here"))
                    .help("outside strings and comments a design is written in plain ASCII"),
            );
        }
    };
    Some(Diagnostic::error("ARC516", place, format!("`{c}` is {name}")).help(format!("write {instead}")))
}

pub(super) fn wrong_arrow(text: &str, span: Span) -> Option<Diagnostic> {
    for arrow in ["<-->", "<->", "-->>", "->>", "-->", "-.->", "==>", "=>", "<--", "<-", "---", "--", "~~>", "|>", ">>"]
    {
        if text.starts_with(arrow) {
            let at = first_chars(text, arrow.chars().count(), span);
            let help = match arrow {
                "<-->" | "<->" => "a call goes one way: the caller first, `a -> b`",
                "<--" | "<-" => "the caller stands first: `a -> b`",
                _ => "a call is `->` (the caller waits) or `~>` (it does not)",
            };
            return Some(slip(at, format!("`{arrow}` is not an arrow of this language"), help));
        }
    }
    None
}
