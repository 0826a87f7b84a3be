//! Parse, types and structural lints of large designs.

#![allow(clippy::pedantic, reason = "benchmarks are read for what they measure")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "benchmarks may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "benchmarks read files, run programs and print")]

#[path = "../tests/support/generate.rs"]
mod generate;

use archc::session::{judge, open_text};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn front(c: &mut Criterion) {
    let today = jiff::civil::date(2026, 11, 25);
    let small = generate::large(1000, 200, 10_000);
    let large = generate::large(4000, 800, 40_000);
    let mut group = c.benchmark_group("front");
    group.sample_size(20);
    group.bench_function("check 1000 components, 10000 lines", |b| {
        b.iter(|| judge(&open_text("big.arch", black_box(&small), &[]), today, false));
    });
    group.bench_function("check 4000 components, 40000 lines", |b| {
        b.iter(|| judge(&open_text("big.arch", black_box(&large), &[]), today, false));
    });
    group.finish();
}

criterion_group!(benches, front);
criterion_main!(benches);
