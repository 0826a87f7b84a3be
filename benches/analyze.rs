//! Every number of a large design, and sizing in memory.

#[path = "../tests/support/generate.rs"]
mod generate;

use archc::analysis::consistency::consistency;
use archc::analysis::{Facts, ranges, worlds};
use archc::emit::{compose, diagram, terraform};
use archc::plan::plan;
use archc::session::{judge, open, open_text, prepare};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn analyze(c: &mut Criterion) {
    let today = jiff::civil::date(2026, 11, 25);
    let text = generate::large(500, 200, 5_000);
    let design = open_text("big.arch", &text, &[]);
    let model = judge(&design, today, false).model;
    let mut group = c.benchmark_group("analyze");
    group.sample_size(20);
    group.bench_function("500 components, 200 flows: facts, ranges, verdicts", |b| {
        b.iter(|| {
            let facts = Facts::new(black_box(&model), 1.0);
            let at = |ends: &archc::model::Ends| design.model_at(ends);
            (ranges(&model.intervals, 1.0, &at), worlds(&model, &facts, 1.0, &at))
        });
    });
    group.bench_function("500 components, 200 flows: from the text", |b| {
        b.iter(|| judge(&open_text("big.arch", black_box(&text), &[]), today, false));
    });
    group.bench_function("500 components, 200 flows: guarantees, labels, every cut", |b| {
        let facts = Facts::loads(&model, 1.0);
        b.iter(|| consistency(black_box(&model), &facts.utilization));
    });
    let shop = include_str!("../examples/shop/shop.arch");
    group.bench_function("the shop, its holes solved in memory", |b| {
        b.iter(|| judge(&open_text("shop.arch", black_box(shop), &[]), today, false));
    });
    // With its plan file, as a user has it; writing to disk left out.
    group.bench_function("build the final layout of the story", |b| {
        b.iter(|| {
            let design = prepare(&open(black_box("examples/story/5-final.arch"), &[]));
            let plan = plan(&design.model, &design.graph);
            let scene = diagram::scene(&design.model, &design.graph, &design.facts);
            (compose::files(&plan), terraform::files(&plan), diagram::svg(&scene), diagram::dot(&scene))
        });
    });
    group.finish();
}

criterion_group!(benches, analyze);
criterion_main!(benches);
