//! What a broken network and lost pieces do to a large design, and a long ladder.

#![allow(clippy::pedantic, reason = "benchmarks are read for what they measure")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "benchmarks may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "benchmarks read files, run programs and print")]

#[path = "../tests/support/generate.rs"]
mod generate;

use archc::analysis::consistency::consistency;
use archc::analysis::{Facts, availability, reliability};
use archc::model::Model;
use archc::session::open_text;
use archc::theory::bdd::{ALWAYS, Bdd, Root};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

/// 500 components in 3 zones that fail, 200 flows.
fn large() -> Model {
    let text = generate::replicated(249, "fenced = true, primary = a, ");
    let model = open_text("large.arch", &text, &[]).model(&mut archc::diag::Sink::default());
    assert_eq!((model.components.len(), model.flows.len()), (500, 200));
    model
}

/// Nodes in two rows, from the left end to the right, rungs perfect.
fn ladder(columns: u32) -> (Bdd, Root) {
    let mut d = Bdd::new(1_000_000);
    let (mut top, mut bottom) = (ALWAYS, ALWAYS);
    // The last column is asked first: then each column adds a few nodes.
    for i in (0..columns).rev() {
        let (a, b) = (d.var(2 * i).expect("room"), d.var(2 * i + 1).expect("room"));
        let (up, down) = (d.and(top, a).expect("room"), d.and(bottom, b).expect("room"));
        let (cross, back) = (d.and(down, a).expect("room"), d.and(up, b).expect("room"));
        (top, bottom) = (d.or(up, cross).expect("room"), d.or(down, back).expect("room"));
    }
    let root = d.or(top, bottom).expect("room");
    (d, root)
}

fn partitions(c: &mut Criterion) {
    let model = large();
    let facts = Facts::new(&model, 1.0);
    assert!(facts.availability.flows.iter().all(Result::is_ok));
    let mut group = c.benchmark_group("500 components, 200 flows, 3 zones");
    group.sample_size(10);
    group.bench_function("guarantees, labels, every cut", |b| b.iter(|| consistency(black_box(&model), &facts, 1.0)));
    group.bench_function("availability", |b| b.iter(|| availability(black_box(&model), &facts.utilization, 1.0)));
    group.bench_function("every single failure, pair and triple, lost zones, importance", |b| {
        b.iter(|| reliability(black_box(&model), &facts, 1.0));
    });
    group.bench_function("all of it", |b| {
        b.iter(|| {
            let up = availability(black_box(&model), &facts.utilization, 1.0);
            (up, reliability(&model, &facts, 1.0), consistency(&model, &facts, 1.0))
        });
    });
    group.finish();
    c.bench_function("a ladder of two rows of 250, exact", |b| {
        b.iter(|| {
            let (d, root) = ladder(black_box(250));
            d.probability(root, &|_| 0.99)
        });
    });
}

criterion_group!(benches, partitions);
criterion_main!(benches);
