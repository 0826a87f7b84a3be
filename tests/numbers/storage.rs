//! Storage over time through the language: disks, working sets, reads from disk, busiest
//! shards, the horizon; against closed forms and what must hold whatever the numbers.

use crate::support::Says;
use crate::support::judged::judged;
use archc::analysis::{Facts, Measure, Storage, misses, storage};
use archc::model::keys;
use archc::session::Judged;
use proptest::prelude::*;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
const MONTH: f64 = 730.0 * 3600.0;

/// A database with these attributes, read `rate` times a second and written a tenth of that.
fn design(attributes: &str, rate: f64, slo: &str) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none }}\nclient web {{ }}\nservice app {{ cpu = 1us, cores = 8 }}\n\
         database db {{ cpu = 1us, {attributes} }}\n\
         flow f {{ rate = {rate} rps\n {slo}\n web -> app {{ -> db.read, -> db.write 10% }} }}\n"
    )
}

fn kept(j: &Judged) -> Storage {
    storage(&j.model, &j.facts.demand, j.model.find("db").expect("db")).expect("a store")
}

fn miss(j: &Judged) -> f64 {
    let id = j.model.find("db").expect("db");
    misses(&j.model, j.model.component(id), &mut Vec::new()).expect("it says").expect("it is known")
}

fn mean(j: &Judged) -> Measure {
    j.facts.latency[0].time.measure("mean")
}

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * b.abs().max(1e-300), "{a}, not {b}");
}

#[test]
fn a_disk_is_full_when_growth_says_so() {
    let at = |attributes: &str| kept(&judged(&design(attributes, 1.0, "")));
    // 100 GiB x 1.1^n = 200 GiB after ln 2 / ln 1.1 months.
    let s = at("data = 100GiB, growth = 10% per month, horizon = 1 year, disk { size = 200GiB }");
    near(s.full_in.clone().expect("known"), 2.0_f64.ln() / 1.1_f64.ln() * MONTH, 1e-12);
    // By year the same data takes twelve times as long, by shard twice as much fits.
    let s = at("data = 100GiB, growth = 100% per year, disk { size = 200GiB }");
    near(s.full_in.clone().expect("known"), 12.0 * MONTH, 1e-12);
    let s = at("data = 100GiB, growth = 100% per year, shards = 4 by id, disk { size = 200GiB }");
    near(s.full_in.clone().expect("known"), 3.0 * 12.0 * MONTH, 1e-12);
    // The busiest shard has twice the mean.
    let s = at("data = 100GiB, growth = 100% per year, shards = 4 by id, shard_skew = 2x, disk { size = 200GiB }");
    near(s.busiest.clone().expect("known"), 50.0 * GIB, 1e-12);
    near(s.full_in.clone().expect("known"), 2.0 * 12.0 * MONTH, 1e-12);
    assert_eq!(at("data = 100GiB, disk { size = 200GiB }").full_in, Ok(f64::INFINITY));
    assert_eq!(at("data = 300GiB, disk { size = 200GiB }").full_in, Ok(0.0));
    assert!(at("disk { size = 200GiB }").full_in.is_err_and(|e| e.contains("`data`")));
    assert!(at("data = 1GB").full_in.is_err_and(|e| e.contains("`disk`")));
}

#[test]
fn a_queue_keeps_what_is_published_until_it_ends() {
    let text = "arch 1\nclient web { }\nservice app { cpu = 1us }\nservice w { cpu = 1us }\n\
        queue q : kafka { retention = 7 days, replicas = 3, nodes = 6 }\n\
        flow f { volume = 100 rps, web -> app { ~> q.publish { size = 2KB } } }\nflow g { q ~> w }\n";
    let j = judged(text);
    let s = storage(&j.model, &j.facts.demand, j.model.find("q").expect("q")).expect("a store");
    let bytes = 100.0 * 2000.0 * 7.0 * 86_400.0;
    near(s.data.expect("known"), bytes, 1e-12);
    // Three copies over six brokers.
    near(s.busiest.expect("known"), bytes / 2.0, 1e-12);
    near(s.disk.expect("known"), 16.0 * 1024.0 * GIB, 1e-12);
    // Kept for an hour, a peak of twice the mean is what must fit.
    let j = judged(&text.replace("7 days", "1h"));
    let s = storage(&j.model, &j.facts.demand, j.model.find("q").expect("q")).expect("a store");
    near(s.data.expect("known"), 200.0 * 2000.0 * 3600.0, 1e-12);
}

const DISK: &str = "disk { iops = 1000, latency = const 2ms }";

#[test]
fn what_memory_misses_is_read_from_disk() {
    // 4 of 16 GiB in memory: three quarters of the reads miss, 2 ms each.
    let base = judged(&design(&format!("data = 100GiB, working_set = 16GiB, memory = 16GiB, {DISK}"), 100.0, ""));
    let small = judged(&design(&format!("data = 100GiB, working_set = 16GiB, memory = 4GiB, {DISK}"), 100.0, ""));
    assert!(miss(&base).abs() < 1e-12);
    near(miss(&small), 0.75, 1e-12);
    let (Measure::Known(a), Measure::Known(b)) = (mean(&base), mean(&small)) else { panic!("known") };
    near(b - a, 0.75 * 2e-3, 1e-6);
    let id = small.model.find("db").expect("db");
    let disk = &small.facts.utilization[id.0].resources["disk"];
    near(disk.used.clone().expect("known"), 75.0, 1e-12);
    near(disk.utilization.clone().expect("known"), 0.075, 1e-12);
    assert_eq!(small.facts.utilization[id.0].binding, Some("disk"));
    assert!(!base.facts.utilization[id.0].resources.contains_key("disk"));
    // Memory is shown and does not bind.
    let memory = &small.facts.utilization[id.0].resources["memory"];
    near(memory.utilization.clone().expect("known"), 4.0, 1e-12);
    // Two replicas that answer reads share the I/O; shards split memory's part too.
    let two = judged(&design(
        &format!(
            "data = 100GiB, working_set = 16GiB, memory = 4GiB, replicas = 3, replication = async, read_from = replica, {DISK}"
        ),
        100.0,
        "",
    ));
    near(two.facts.utilization[id.0].resources["disk"].used.clone().expect("known"), 37.5, 1e-12);
    let four =
        judged(&design(&format!("data = 100GiB, working_set = 16GiB, memory = 4GiB, shards = 4, {DISK}"), 100.0, ""));
    assert!(miss(&four).abs() < 1e-12);
    // More I/O than the disk has: no bound.
    let over = judged(&design(&format!("data = 100GiB, working_set = 16GiB, memory = 4GiB, {DISK}"), 1400.0, ""));
    assert!(matches!(mean(&over), Measure::Unbounded(_)), "{:?}", mean(&over));
}

#[test]
fn popularity_decides_what_memory_misses() {
    // Pages of 8 KiB: 1000 of 10 000 with exponent 0.8, as the reference case has it.
    let text = |more: &str| design(&format!("data = 80000KiB, skew = 0.8, cache = 8000KiB, {more}"), 10.0, "");
    near(miss(&judged(&text(DISK))), 1.0 - 0.436_659_722_230_718, 1e-7);
    // Without popularity the same memory misses nine tenths.
    let flat = text(DISK).replace("skew = 0.8", "working_set = 80000KiB");
    near(miss(&judged(&flat)), 0.9, 1e-12);
}

#[test]
fn what_is_lacking_is_said_and_travels() {
    let whole = format!("data = 100GiB, working_set = 16GiB, memory = 4GiB, {DISK}");
    for (dropped, word) in [
        (", memory = 4GiB", "`memory`"),
        (", disk { iops = 1000, latency = const 2ms }", "`disk"),
        ("iops = 1000, ", "`iops`"),
        (", latency = const 2ms", "latency"),
    ] {
        let text = design(&whole.replace(dropped, ""), 10.0, "");
        let j = judged(&text);
        let id = j.model.find("db").expect("db");
        let use_of_it = &j.facts.utilization[id.0].utilization;
        let time = mean(&j);
        let reasons = format!("{use_of_it:?} {time:?}");
        assert!(reasons.contains("Err") || reasons.contains("Unknown"), "{dropped}: {reasons}");
        assert!(reasons.contains(word), "{dropped}: {reasons}");
    }
    // A store that says neither is taken to serve from memory, as before.
    let j = judged(&design("data = 100GiB", 10.0, ""));
    assert!(matches!(mean(&j), Measure::Known(_)));
}

#[test]
fn the_busiest_shard_is_busier() {
    let with = |skew: &str| {
        let text = design("@", 200.0, "").replace("cpu = 1us, @", &format!("cpu = 4ms, shards = 4 by id{skew}"));
        judged(&text)
    };
    let (even, skewed) = (with(""), with(", shard_skew = 3x"));
    let id = even.model.find("db").expect("db");
    let use_of = |j: &Judged| j.facts.utilization[id.0].utilization.clone().expect("known");
    near(use_of(&skewed), 3.0 * use_of(&even), 1e-12);
    // 220 visits a second of 4 ms: 3/4 of them meet a queue at 0.66, 1/4 queues at 0.0733.
    let wait = |rho: f64| 4e-3 / (1.0 - rho);
    let mean = 0.75 * wait(0.66) + 0.25 * wait(0.22 / 3.0);
    let Measure::Known(got) = skewed.facts.stations[id.0].response.measure("mean") else { panic!("known") };
    near(got, mean, 1e-6);
    // No shard takes more than all.
    near(use_of(&with(", shard_skew = 9x")), 4.0 * use_of(&even), 1e-12);
}

#[test]
fn growth_breaks_a_target_in_the_month_that_brute_force_finds() {
    let attributes =
        format!("data = 100GiB, working_set = 8GiB, growth = 5% per month, horizon = 2 years, memory = 10GiB, {DISK}");
    let text = design(&attributes, 100.0, "slo { mean <= 0.6ms, availability >= 1% }");
    let j = judged(&text);
    let h = &j.verdicts.horizon;
    let broken = |month: u32| {
        let facts = Facts::new(&j.model.after(f64::from(month) * MONTH), 1.0);
        matches!(facts.latency[0].time.measure("mean"), Measure::Known(x) if x > 0.6e-3)
    };
    let first = (1..=24).find(|m| broken(*m)).expect("it breaks");
    assert!(first > 1 && first < 24, "{first}");
    assert_eq!(h.breaks.len(), 1, "{:?}", h.breaks);
    assert_eq!((h.breaks[0].flow, h.breaks[0].slo.metric.name, h.breaks[0].month), (0, "mean", first));
    // The working set outgrows memory after ln 1.25 / ln 1.05 = 4.57 months.
    let s = kept(&j);
    near(s.outgrown_in.expect("it says").expect("known"), 1.25_f64.ln() / 1.05_f64.ln() * MONTH, 1e-12);
    let codes: Vec<&str> = j.diagnostics.iter().map(|d| d.code).collect();
    assert!(codes.contains(&"ARC085") && codes.contains(&"ARC650"), "{codes:?}");
    // More I/O than the disk has, later still.
    let slow = judged(&text.replace("iops = 1000", "iops = 50"));
    let o = &slow.verdicts.horizon.overloads;
    assert_eq!(o.len(), 1, "{o:?}");
    assert_eq!(o[0].binding, "disk");
    let at = |month: u32| {
        let facts = Facts::new(&slow.model.after(f64::from(month) * MONTH), 1.0);
        facts.utilization[o[0].id.0].utilization.clone().expect("known")
    };
    assert!(at(o[0].month) > 1.0 && at(o[0].month - 1) <= 1.0, "{o:?}");
    // Nothing grows: nothing is said.
    assert!(judged(&design("data = 1GiB", 1.0, "")).verdicts.horizon.seconds.is_none());
}

#[test]
fn cost_is_at_both_ends() {
    let text = "arch 1\nclient web { }\nservice app { cpu = 1us }\n\
        database db : postgres { data = 100GiB, growth = 5% per month, horizon = 12 months }\n\
        bucket old { data = 1TiB, growth = 100% per year }\nsystem s { zones = 1 }\n\
        flow f { rate = 10 rps, web -> app { size = 1KB, reply = 1KB, -> db.read { size = 1KB, reply = 1KB }, -> old.get { size = 1KB, reply = 1KB } } }\n";
    let j = judged(text);
    let h = &j.verdicts.horizon;
    let (now, then) = (j.facts.cost.total().expect("known"), h.cost.clone().expect("it grows").expect("known"));
    // The disk at $0.115, the objects at $0.023, a GiB each.
    let more = 100.0 * (1.05_f64.powi(12) - 1.0) * 0.115 + 1024.0 * 0.023;
    near(then - now, more, 1e-9);
    // Without a horizon it is not known, and says why.
    let j = judged(&text.replace(", horizon = 12 months", ""));
    let why = j.verdicts.horizon.cost.clone().expect("it grows").expect_err("no horizon");
    assert!(why.contains("`horizon`"), "{why}");
}

#[test]
fn sizes_carry_the_data_of_the_horizon() {
    let text = |more: &str| {
        format!(
            "arch 1\nsystem s {{ zones = 1 }}\nclient web {{ }}\nservice app {{ cpu = 1us }}\n\
             database db : postgres {{ data = 200GiB, working_set = 12GiB{more}, instance = ? in [db.m6g.large, db.m6g.xlarge, db.r6g.large, db.r6g.xlarge, db.r6g.2xlarge] }}\n\
             flow f {{ rate = 10 rps, web -> app {{ -> db.read }} }}\n"
        )
    };
    let chosen = |more: &str| {
        let j = judged(&text(more));
        let c = j.model.component(j.model.find("db").expect("db"));
        c.attrs.read(keys::INSTANCE).unwrap_or_else(|| panic!("not solved: {:?}", j.diagnostics)).to_owned()
    };
    let memory = |name: &str| archc::catalog::machine(name).expect("a machine").memory / GIB;
    let now = chosen("");
    assert!(memory(&now) >= 12.0, "{now}");
    // 12 x 1.1^12 = 37.7 GiB.
    let then = chosen(", growth = 10% per month, horizon = 1 year");
    assert!(memory(&then) >= 37.7, "{then}");
    // The cheapest that does.
    let price = |name: &str| archc::catalog::Service::Rds.hourly(name, Some("postgres")).expect("a price");
    for other in ["db.m6g.large", "db.m6g.xlarge", "db.r6g.large", "db.r6g.xlarge", "db.r6g.2xlarge"] {
        assert!(memory(other) < 12.0 || price(&now) <= price(other), "{other} {now}");
        assert!(memory(other) < 37.7 || price(&then) <= price(other), "{other} {then}");
    }
}

#[test]
fn a_cache_larger_than_its_process_is_an_error() {
    let text = |store: &str| {
        format!(
            "arch 1\nsystem s {{ provider = none }}\nclient web {{ }}\n\
         service app {{ cpu = 1ms, memory = 512MiB, cache {{ hit = 50%, ttl = 1min, entries = 1M, entry_size = 1KiB, store = {store} }} }}\n\
         flow f {{ rate = 1 rps, web -> app }}\n"
        )
    };
    let found = judged(&text("memory")).diagnostics.into_iter().find(|d| d.code == "ARC085").expect("found");
    assert_eq!(found.severity, archc::diag::Severity::Error);
    assert!(judged(&text("disk")).diagnostics.iter().all(|d| d.code != "ARC085"));
}

#[test]
fn bytes_load_the_network_of_machines() {
    // m7g.large: 0.937 Gbps always; 100 MB/s of replies over two.
    let text = "arch 1\nclient web { }\nbalancer lb { }\nservice app { cpu = 1us, instance = m7g.large, replicas = 2 }\n\
        flow f { rate = 100 rps, web -> lb { size = 1KB, reply = 1MB } -> app { size = 1KB, reply = 1MB } }\n";
    let j = judged(text);
    let id = j.model.find("app").expect("app");
    let network = &j.facts.utilization[id.0].resources["network"];
    near(network.used.clone().expect("known"), 1e8, 1e-12);
    let each = archc::catalog::machine("m7g.large").and_then(|m| m.network).expect("known");
    near(network.utilization.clone().expect("known"), 1e8 / (2.0 * each), 1e-12);
    // A call that does not say: unknown, and the rest stays known. No call that says: no question.
    let j = judged(&text.replace("app { size = 1KB, reply = 1MB }", "app { size = 1KB }"));
    let u = &j.facts.utilization[id.0];
    assert!(u.resources["network"].utilization.as_ref().is_err_and(|e| e.contains("does not set its `size`")));
    assert_eq!((u.binding, u.utilization.is_ok()), (Some("cpu"), true));
    let j = judged(&text.replace("{ size = 1KB, reply = 1MB }", ""));
    assert!(!j.facts.utilization[id.0].resources.contains_key("network"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn more_growth_never_delays_the_month(
        data in 1_u32..500, disk in 1_u32..4000, working in 1_u32..100, memory in 1_u32..100,
        slow in 0_u32..40, more in 0_u32..40, skew in 1.0_f64..4.0
    ) {
        let at = |growth: u32| {
            let text = design(
                &format!(
                    "data = {data}GiB, working_set = {working}GiB, memory = {memory}GiB, growth = {growth}% per month, horizon = 3 years, \
                     shards = 4, shard_skew = {skew}x, disk {{ size = {disk}GiB, iops = 100000, latency = 1ms }}"
                ),
                1.0,
                "slo { mean <= 0.5ms }",
            );
            let j = judged(&text);
            let s = kept(&j);
            let broken = j.verdicts.horizon.breaks.first().map_or(f64::INFINITY, |b| f64::from(b.month));
            let missed_today = j.verdicts.slo[0][0].met == Some(false);
            (s.full_in.expect("known"), s.outgrown_in.expect("said").expect("known"), if missed_today { 0.0 } else { broken })
        };
        let (a, b) = (at(slow), at(slow + more));
        prop_assert!(b.0 <= a.0 && b.1 <= a.1 && b.2 <= a.2, "{:?} {:?}", a, b);
    }

    #[test]
    fn cost_at_the_horizon_is_never_below_todays(data in 1_u32..5000, growth in 0_u32..30, months in 1_u32..60, copies in 1_u32..4) {
        let j = judged(&format!(
            "arch 1\nclient web {{ }}\nservice app {{ cpu = 1us }}\n\
             database db : postgres {{ data = {data}GiB, growth = {growth}% per month, horizon = {months} months, replicas = {copies} }}\n\
             flow f {{ rate = 10 rps, web -> app {{ -> db.read }} }}\n"
        ));
        prop_assert!(j.verdicts.horizon.at_least >= j.facts.cost.at_least() - 1e-9);
    }

    #[test]
    fn more_memory_never_reads_more_from_disk(working in 1_u32..200, memory in 1_u32..200, more in 0_u32..200, skew in prop::option::of(0.0_f64..1.5)) {
        let skew = skew.map_or_else(String::new, |s| format!(", skew = {s:.3}"));
        let at = |m: u32| miss(&judged(&design(&format!("data = 300GiB, working_set = {working}GiB, memory = {m}GiB{skew}, {DISK}"), 1.0, "")));
        prop_assert!(at(memory + more) <= at(memory) + 1e-12);
    }
}

#[test]
fn a_cache_is_sized_with_what_stands_behind_it() {
    let text = |nodes: &str, shards: &str| {
        format!(
            "arch 1\nsystem s {{ zones = 1 }}\nclient web {{ }}\nservice app {{ cpu = 1us, cores = 4, replicas = 4 }}\n\
             cache hot {{ cpu = 1us, instance = cache.r7g.large, entries = 100M, entry_size = 1KiB, skew = 0.8, {nodes} }}\n\
             database db : postgres {{ instance = db.m7g.large, data = 100GiB, {shards} }}\n\
             flow f {{ rate = 200k rps, web -> app {{ -> hot.get else {{ -> db.scan, -> hot.set }} }} }}\n"
        )
    };
    let count = |j: &Judged, name: &str, what: &str| {
        let c = j.model.component(j.model.find(name).expect(name));
        archc::analysis::count(c, what).unwrap_or_else(|e| panic!("{name}: {e}: {:?}", j.diagnostics))
    };
    let cost = |j: &Judged| {
        ["hot", "db"].iter().map(|n| j.facts.cost.components[j.model.find(n).expect("it").0].at_least()).sum::<f64>()
    };
    let j = judged(&text("nodes = ?", "shards = ? by id"));
    let (nodes, best) = (count(&j, "hot", "nodes"), cost(&j));
    assert!(j.facts.utilization.iter().all(|u| u.utilization.as_ref().map_or(true, |x| *x < 1.0)));
    // Every size of the cache by itself, the shards solved: none is cheaper.
    let all: Vec<(u32, f64)> =
        (1..=9).map(|n| (n, cost(&judged(&text(&format!("nodes = {n}"), "shards = ? by id"))))).collect();
    for (n, other) in &all {
        assert!(*other >= best - 1e-6, "{n} nodes cost {other}, {nodes} cost {best}");
    }
    assert!(nodes > 1.0 && all[0].1 > best, "a larger cache pays for itself: {all:?}");
}
