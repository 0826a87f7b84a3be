//! Event simulation: four hops on one core, and every p99 of the shop to 2%.

#![allow(clippy::pedantic, reason = "benchmarks are read for what they measure")]
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, reason = "benchmarks may panic")]

use archc::session::{judge, open, open_text};
use archc::simulate::{Options, simulate};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

/// The design that `benches/peers` gives to other simulators.
const FOUR_HOPS: &str = "arch 1
system s { provider = none }
client web { }
service a { cpu = 1ms, cores = 4 }
service b { cpu = 1ms, cores = 4 }
service c { cpu = 1ms, cores = 4 }
database db { cpu = 1ms, cores = 4, backup { every = 1h } }
flow f { rate = 2000 rps, web -> a -> b -> c { -> db.read } }
";

fn simulated(c: &mut Criterion) {
    let today = jiff::civil::date(2026, 11, 25);
    let model = judge(&open_text("four.arch", FOUR_HOPS, &[]), today, false).model;
    let mut group = c.benchmark_group("simulate");
    group.sample_size(10);
    // All events are used up: no p99 gets as precise as that.
    let options = Options { precision: 1e-6, events: 4_000_000, threads: Some(1), ..Options::default() };
    group.throughput(Throughput::Elements(options.events));
    group.bench_function("four hops on one core: 4M events", |b| b.iter(|| simulate(black_box(&model), &options)));
    let shop = judge(&open("examples/shop/shop.arch", &[]), today, false).model;
    group.throughput(Throughput::Elements(1));
    group.bench_function("shop: every p99 to 2%", |b| b.iter(|| simulate(black_box(&shop), &Options::default())));
    group.finish();
}

criterion_group!(benches, simulated);
criterion_main!(benches);
