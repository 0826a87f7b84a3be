//! Long fuzzing: the grammar-aware generator beside mutated bytes, for so many
//! seconds of this process. Prints each input that panics, takes over a second
//! for 100 kB, or changes its meaning when formatted.

use crate::generate;
use archc::base::FileId;
use archc::diag::{Severity, Sink, render};
use archc::session::{judge, open_text};
use archc::{format, syntax};
use std::time::{Duration, Instant};

pub fn run(seconds: u64) -> Result<(), String> {
    let shop = include_str!("../../examples/shop/shop.arch");
    let start = Instant::now();
    let (mut seed, mut inputs, mut well_formed, mut slowest) = (1_000_000_u64, 0_u64, 0_u64, Duration::ZERO);
    while start.elapsed() < Duration::from_secs(seconds) {
        seed += 1;
        let made = generate::random(seed);
        let text = match seed % 4 {
            0 => String::from_utf8(generate::mutate(shop, seed)).unwrap_or_default(),
            1 => String::from_utf8(generate::mutate(&made, seed)).unwrap_or_default(),
            // Once in a while something long.
            2 if seed % 400 == 2 => made.repeat(100_000 / made.len().max(1)),
            _ => made,
        };
        if syntax::decode(text.clone().into_bytes(), FileId(0)).is_err() {
            continue;
        }
        inputs += 1;
        let before = Instant::now();
        let ok = std::panic::catch_unwind(|| one(&text));
        let took = before.elapsed();
        slowest = slowest.max(took);
        match ok {
            Err(_) => return Err(format!("panic on seed {seed}:\n{text}")),
            Ok(Err(e)) => return Err(format!("seed {seed}: {e}\n{text}")),
            Ok(Ok(fine)) => well_formed += u64::from(fine),
        }
        if took > Duration::from_secs(1) {
            return Err(format!(
                "seed {seed}: {} bytes took {took:?}\n{}",
                text.len(),
                text.chars().take(2000).collect::<String>()
            ));
        }
    }
    println!(
        "{inputs} inputs in {seconds} s, {well_formed} well-formed, slowest {slowest:?}: no panic, no hang, fmt keeps the AST"
    );
    Ok(())
}

fn one(text: &str) -> Result<bool, String> {
    let design = open_text("fuzz.arch", text, &[]);
    let judged = judge(&design, jiff::civil::date(2026, 11, 25), false);
    let _ = render(&judged.diagnostics, &design.sources, false);
    let mut sink = Sink::default();
    let file = syntax::parse(text, FileId(0), &mut sink);
    if sink.list().iter().any(|d| d.severity == Severity::Error) {
        return Ok(false);
    }
    let once = format::format(&file, text);
    let mut sink = Sink::default();
    let again = syntax::parse(&once, FileId(0), &mut sink);
    if !sink.list().is_empty() {
        return Err(format!("formatted text does not parse:\n{once}"));
    }
    if format::format(&again, &once) != once {
        return Err(format!("fmt is not idempotent:\n{once}"));
    }
    Ok(true)
}
