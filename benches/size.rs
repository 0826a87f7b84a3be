//! Sizing: whole designs, and the selection program alone beside HiGHS (`--features highs`).

#![allow(clippy::pedantic, reason = "benchmarks are read for what they measure")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "benchmarks may panic")]
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "benchmarks read files, run programs and print")]

#[path = "../tests/support/milp.rs"]
mod milp;
#[path = "../tests/support/open.rs"]
mod open;

use archc::diag::Sink;
use archc::model::Model;
use archc::session::open_text;
use archc::sizing::{Sizes, Status, size};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn gap(sizes: &Sizes) -> f64 {
    match sizes.status {
        Status::Optimal => 0.0,
        Status::WithinGap(g) => g,
        Status::Infeasible => panic!("{:?}", sizes.conflict),
    }
}

fn model(components: usize) -> Model {
    let text = open::design(components, 3);
    open_text("open.arch", &text, &[]).model(&mut Sink::default())
}

fn designs(c: &mut Criterion) {
    let mut group = c.benchmark_group("size");
    group.sample_size(10);
    for (components, most) in [(10, 0.0), (20, 0.0), (50, 0.01), (100, 0.01), (200, 0.01)] {
        let model = model(components);
        let sizes = size(&model, std::slice::from_ref(&model), 1.0, false);
        assert!(sizes.unsolved.is_empty() && gap(&sizes) <= most, "{components}: {:?}", sizes.status);
        eprintln!("{components} components: {} open, gap {:.3}%", sizes.choices.len(), 100.0 * gap(&sizes));
        group.bench_function(format!("{components} components, without reasons"), |b| {
            b.iter(|| size(black_box(&model), std::slice::from_ref(&model), 1.0, false));
        });
    }
    group.finish();
}

fn programs(c: &mut Criterion) {
    let mut group = c.benchmark_group("program, 60 groups of 40 options");
    group.sample_size(10);
    for cuts in [60, 150] {
        let name = format!("{cuts} cuts");
        let p = milp::selection(60, 40, cuts, 5);
        let ours = p.solve();
        eprintln!("{name}: cost {}, gap {:.4}%, by {}", ours.cost, 100.0 * ours.gap(), ours.proof().word());
        assert!(ours.gap() <= 0.0 && ours.choice.as_ref().is_some_and(|x| p.holds(x)), "{ours:?}");
        group.bench_function(&name, |b| b.iter(|| black_box(&p).solve()));
        #[cfg(feature = "highs")]
        {
            let theirs = milp::other(&p).expect("a choice");
            assert!((ours.cost - theirs).abs() <= 1e-6 * theirs, "{} here, {theirs} there", ours.cost);
            eprintln!("{name}: HiGHS {theirs}");
            group.bench_function(format!("{name}, by HiGHS"), |b| b.iter(|| milp::other(black_box(&p))));
        }
    }
    group.finish();
}

criterion_group!(benches, designs, programs);
criterion_main!(benches);
