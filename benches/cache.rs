//! Hit ratios of a catalogue of ten million items, both ways.

#![allow(clippy::pedantic, reason = "benchmarks are read for what they measure")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "benchmarks may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "benchmarks read files, run programs and print")]

use archc::theory::cache::{Policy, Zipf};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn cache(c: &mut Criterion) {
    let mut group = c.benchmark_group("cache");
    group.sample_size(50);
    group.bench_function("ten million items: entries for a hit ratio", |b| {
        b.iter(|| Zipf::new(black_box(10_000_000), 0.9).and_then(|z| z.entries_for(Policy::Lru, 0.7)));
    });
    group.bench_function("ten million items: the hit ratio of a size with a ttl", |b| {
        b.iter(|| Zipf::new(black_box(10_000_000), 0.9).and_then(|z| z.limited(Policy::Lru, 1e6, 5e6)));
    });
    group.finish();
}

criterion_group!(benches, cache);
criterion_main!(benches);
