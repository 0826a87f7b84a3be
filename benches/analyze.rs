//! Every number of a large design, and sizing in memory.

#![allow(clippy::pedantic, reason = "benchmarks are read for what they measure")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "benchmarks may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "benchmarks read files, run programs and print")]

#[path = "../tests/support/generate.rs"]
mod generate;

use archc::analysis::consistency::consistency;
use archc::analysis::{Facts, LATENCY_METRICS, judge_cases, limits, ranges, waterfall};
use archc::emit::{compose, diagram, terraform};
use archc::model::FlowId;
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
            (ranges(&model, 1.0, &at), judge_cases(&model, &facts, 1.0, &at))
        });
    });
    let facts = Facts::new(&model, 1.0);
    group.bench_function("500 components, 200 flows: what breaks next", |b| {
        b.iter(|| limits(black_box(&model), &facts, 1.0));
    });
    group.bench_function("500 components, 200 flows: from the text", |b| {
        b.iter(|| judge(&open_text("big.arch", black_box(&text), &[]), today, false));
    });
    group.bench_function("500 components, 200 flows: guarantees, labels, every cut", |b| {
        let facts = Facts::loads(&model, 1.0);
        b.iter(|| consistency(black_box(&model), &facts, 1.0));
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

/// A design of 20 components and 6 flows, with and without an interval at each service.
fn twenty(c: &mut Criterion) {
    let uncertain = generate::large(20, 6, 0);
    let certain: String = uncertain.lines().map(|l| format!("{}\n", l.split(" .. ").next().unwrap_or(""))).collect();
    let design = open_text("twenty.arch", &certain, &[]);
    let model = design.model(&mut archc::diag::Sink::default());
    assert_eq!((model.components.len(), model.intervals.len()), (20, 0));
    let mut group = c.benchmark_group("20 components, 6 flows");
    group.bench_function("facts", |b| b.iter(|| Facts::new(black_box(&model), 1.0)));
    group.bench_function("facts, all their percentiles", |b| {
        b.iter(|| {
            let facts = Facts::new(black_box(&model), 1.0);
            facts.latency.iter().map(|l| LATENCY_METRICS.map(|m| l.time.measure(m))).collect::<Vec<_>>()
        });
    });
    let facts = Facts::new(&model, 1.0);
    group.bench_function("what breaks first", |b| b.iter(|| limits(black_box(&model), &facts, 1.0)));
    group.bench_function("waterfalls", |b| {
        b.iter(|| {
            let each = (0..model.flows.len()).map(FlowId);
            each.map(|f| waterfall(black_box(&model), f, &facts.demand, &facts.stations)).collect::<Vec<_>>()
        });
    });
    group.bench_function("facts, verdicts, breaks, waterfalls", |b| {
        b.iter(|| {
            let facts = Facts::new(black_box(&model), 1.0);
            let at = |ends: &archc::model::Ends| design.model_at(ends);
            let judged = judge_cases(&model, &facts, 1.0, &at);
            let found = limits(&model, &facts, 1.0);
            let each = (0..model.flows.len()).map(FlowId);
            let split = each.map(|f| waterfall(&model, f, &facts.demand, &facts.stations)).collect::<Vec<_>>();
            (judged, found, split)
        });
    });
    let design = open_text("twenty.arch", &uncertain, &[]);
    let model = design.model(&mut archc::diag::Sink::default());
    let at = |ends: &archc::model::Ends| design.model_at(ends);
    let found = ranges(&model, 1.0, &at);
    assert!(found.samples.is_some_and(|s| s.points > 900));
    group.sample_size(10);
    group.bench_function("1000 cases of 11 intervals", |b| b.iter(|| ranges(black_box(&model), 1.0, &at)));
    let facts = Facts::new(&model, 1.0);
    group.bench_function("verdicts at the worst of 11 intervals", |b| {
        b.iter(|| judge_cases(black_box(&model), &facts, 1.0, &at));
    });
    group.finish();
}

criterion_group!(benches, analyze, twenty);
criterion_main!(benches);
