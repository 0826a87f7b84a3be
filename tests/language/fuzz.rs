//! Random designs, whole and broken: no panic, no hang, and `fmt` keeps the meaning.

use crate::support::{designs, generate};
use archc::base::FileId;
use archc::diag::{Severity, Sink};
use archc::kinds::KINDS;
use archc::session::{judge, open_text};
use archc::{format, syntax};

fn today() -> jiff::civil::Date {
    jiff::civil::date(2026, 11, 25)
}

/// Everything the front of the house does with a text.
///
/// Gives whether the text was well-formed.
fn exercise(text: &str) -> bool {
    let design = open_text("fuzz.arch", text, &[]);
    let judged = judge(&design, today(), false);
    let _ = archc::diag::render(&judged.diagnostics, &design.sources, false);
    let mut sink = Sink::default();
    let file = syntax::parse(text, FileId(0), &mut sink);
    if sink.list().iter().any(|d| d.severity == Severity::Error) {
        return false;
    }
    let once = format::format(&file, text);
    let mut sink = Sink::default();
    let again = syntax::parse(&once, FileId(0), &mut sink);
    assert!(
        sink.list().is_empty(),
        "formatted text must parse: {:?}\n--- source\n{text}\n--- formatted\n{once}",
        sink.list()
    );
    assert_eq!(shape(&file), shape(&again), "same AST\n--- source\n{text}\n--- formatted\n{once}");
    assert_eq!(comments(&file, text), comments(&again, &once), "same comments\n{text}");
    let twice = format::format(&again, &once);
    assert_eq!(once, twice, "idempotent");
    true
}

/// The AST without places.
fn shape(file: &syntax::ast::File) -> String {
    let text = format!("{:?}", file.items);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("Span {") {
        out.push_str(&rest[..at]);
        let end = rest[at..].find(" }").map_or(rest.len(), |n| at + n + 2);
        rest = &rest[end..];
    }
    out.push_str(rest);
    out
}

fn comments(file: &syntax::ast::File, text: &str) -> Vec<String> {
    let mut all: Vec<String> =
        file.comments.iter().map(|c| text[c.span.start as usize..c.span.end as usize].trim_end().to_owned()).collect();
    all.sort();
    all
}

#[test]
fn random_designs() {
    let well_formed = (0..2000).filter(|seed| exercise(&generate::random(*seed))).count();
    assert!(well_formed > 200, "{well_formed} of 2000: too few to say anything about fmt");
}

/// Designs for comparisons type-check, survive `fmt`, and together call every operation of every kind.
#[test]
fn sound_designs() {
    let mut missing: Vec<String> = KINDS.iter().map(|k| format!("\n{} ", k.name)).collect();
    missing
        .extend([".read", ".write", ".txn", ".scan", ".get", ".set", ".delete", ".put", ".publish"].map(str::to_owned));
    missing
        .extend(["parallel {", "choose {", "else {", "fallback {", "~> ", "= ?", "place {", " .. "].map(str::to_owned));
    missing.extend(["survive =", "headroom =", "budget =", "cut = [", "slow = ", "fail = ["].map(str::to_owned));
    for index in 1..=200 {
        let text = designs::sound(7, index);
        assert_eq!(text, designs::sound(7, index), "the same at each call");
        let design = open_text("sound.arch", &text, &[]);
        let mut sink = Sink::default();
        let _ = design.model(&mut sink);
        assert!(!design.sink.has_errors() && !sink.has_errors(), "{text}\n{:?}", sink.into_sorted());
        if index % 10 == 0 {
            let mut sink = Sink::default();
            let file = syntax::parse(&text, FileId(0), &mut sink);
            let once = format::format(&file, &text);
            assert_eq!(shape(&file), shape(&syntax::parse(&once, FileId(0), &mut sink)), "same AST\n{text}\n{once}");
        }
        missing.retain(|part| !text.contains(part));
    }
    assert!(missing.is_empty(), "nowhere in 200 designs: {missing:?}");
}

#[test]
fn random_bytes() {
    let shop = include_str!("../../examples/shop/shop.arch");
    for seed in 0..1500 {
        if let Ok(text) = syntax::decode(generate::mutate(shop, seed), FileId(0)) {
            exercise(&text);
        }
        if let Ok(text) = syntax::decode(generate::mutate(&generate::random(seed), seed), FileId(0)) {
            exercise(&text);
        }
    }
}

#[test]
fn the_shop_and_large_designs_keep_their_meaning() {
    assert!(exercise(include_str!("../../examples/shop/shop.arch")));
    assert!(exercise(&generate::large(100, 40, 1000)));
}
