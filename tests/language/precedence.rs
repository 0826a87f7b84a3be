//! What a component says itself comes before its engine, and what does not fit a cache is evicted.

use archc::analysis::Facts;
use archc::session::{Judged, judge, open_text};

fn judged(text: &str) -> Judged {
    judge(&open_text("t.arch", text, &[]), jiff::civil::date(2026, 11, 25), false)
}

fn utilization(j: &Judged, name: &str) -> f64 {
    j.facts.utilization[j.model.find(name).expect("there").0].utilization.clone().expect("known")
}

fn database(base: &str, body: &str) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none }}\n{base}\nclient web {{ }}\nbalancer lb {{ }}\n\
         service app {{ cpu = 1ms, replicas = 2, timeout = 5s }}\ndatabase db : {body}\n\
         flow f {{ rate = 50 rps\n web -> lb -> app {{ -> db.read }} }}\n"
    )
}

#[test]
fn a_written_cpu_comes_before_the_operations_of_the_engine() {
    // 50 a second of 20 ms over two cores.
    let own = judged(&database("", "postgres { cpu = 20ms, cores = 2 }"));
    assert!((utilization(&own, "db") - 0.5).abs() < 1e-12);
    // So does that of a preset between them.
    let preset = judged(&database("preset slow for database : postgres { cpu = 20ms }", "slow { cores = 2 }"));
    assert!((utilization(&preset, "db") - 0.5).abs() < 1e-12);
    // One operation that is written comes before what is written of all.
    let both = judged(&database("", "postgres { cpu = 20ms, cores = 2, ops { read { cpu = 10ms } } }"));
    assert!((utilization(&both, "db") - 0.25).abs() < 1e-12);
    // What is not written is still the engine's: 37 us.
    let engine = judged(&database("", "postgres { cores = 2 }"));
    assert!((utilization(&engine, "db") - 50.0 * 37e-6 / 2.0).abs() < 1e-12);
}

#[test]
fn a_cache_smaller_than_its_keys_is_no_overload() {
    let text = "arch 1\nclient web { }\nbalancer lb { }\nservice app { cpu = 1ms, replicas = 2 }\n\
        cache c : redis { entries = 100000, entry_size = 1KB, skew = 0.8, memory = 20MB, nodes = 1, ttl = 1h }\n\
        database db : postgres { replicas = 1 }\n\
        flow f { rate = 100 rps\n web -> lb -> app { -> c.get else { -> db.read\n -> c.set } } }\n";
    let j = judged(text);
    assert!(j.diagnostics.iter().all(|d| d.code != "ARC621"));
    let found = archc::analysis::limits(&j.model, &j.facts, 1.0);
    let at = |name: &str| found.saturates[j.model.find(name).expect("there").0].clone().expect("known");
    assert!(at("c") > 100.0, "{}", at("c"));
    // The database is used up where its analysis says so.
    let load = at("db");
    let used = |m: f64| Facts::loads(&j.model, m).utilization[j.model.find("db").expect("there").0].utilization.clone();
    assert!(used(load * 0.99).expect("known") < 1.0 && used(load * 1.01).expect("known") > 1.0, "{load}");
}

#[test]
fn a_range_of_latency_says_that_an_end_is_unbounded() {
    let text = "arch 1\nsystem s { provider = none }\nclient web { }\nbalancer lb { }\n\
        service app { cpu = 8ms .. 12ms, replicas = 4, timeout = 5s }\n\
        flow f { rate = 200 rps .. 350 rps\n web -> lb -> app }\n";
    let design = open_text("t.arch", text, &[]);
    let j = judge(&design, jiff::civil::date(2026, 11, 25), false);
    let all = archc::analysis::ranges(&j.model, 1.0, &|ends| design.model_at(ends));
    // 350 a second of 12 ms are 4.2 cores of 4.
    for range in all.latency[0] {
        let (low, high) = range.expect("a range");
        assert!(low > 0.0 && low < 0.1 && high.is_infinite(), "{low} {high}");
    }
}
