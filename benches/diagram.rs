//! Pictures of designs.

#![allow(clippy::pedantic, reason = "benchmarks are read for what they measure")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "benchmarks may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "benchmarks read files, run programs and print")]

#[path = "../tests/support/generate.rs"]
mod generate;

use archc::emit::diagram::{scene, svg};
use archc::session::{judge, open_text};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn diagram(c: &mut Criterion) {
    let today = jiff::civil::date(2026, 11, 25);
    let shop = judge(&open_text("shop.arch", include_str!("../examples/shop/shop.arch"), &[]), today, false);
    let large = judge(&open_text("big.arch", &generate::large(1000, 200, 10_000), &[]), today, false);
    let mut group = c.benchmark_group("diagram");
    group.sample_size(20);
    group.bench_function("svg of the shop", |b| {
        b.iter(|| svg(&scene(black_box(&shop.model), &shop.graph, &shop.facts)));
    });
    group.bench_function("svg of 1000 components", |b| {
        b.iter(|| svg(&scene(black_box(&large.model), &large.graph, &large.facts)));
    });
    group.finish();
}

criterion_group!(benches, diagram);
criterion_main!(benches);
