//! Latency, availability, slos and scenarios through the language, against figures
//! with known answers (`tests/reference/capacity.json`).

use crate::support::run::{analyze, analyze_with, archc};
use serde_json::Value;
use std::fmt::Write as _;

/// Exit status and codes of `check`.
fn check(design: &str) -> (i32, Vec<(String, String)>) {
    let output = archc(&["check", "--format", "json", "-"], design);
    let doc: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |v: &Value| v.as_str().expect("text").to_owned();
    let list = doc["diagnostics"].as_array().expect("a list");
    (output.status.code().expect("no signal"), list.iter().map(|d| (text(&d["code"]), text(&d["message"]))).collect())
}

fn cases(category: &str) -> Vec<Value> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/capacity.json");
    let doc: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the cases")).expect("JSON");
    let all = doc["cases"].as_array().expect("a list");
    all.iter().filter(|c| c["category"] == category).cloned().collect()
}

#[track_caller]
fn near(got: &Value, want: f64, tolerance: f64, what: &str) {
    let x = got.as_f64().unwrap_or_else(|| panic!("{what}: {got}"));
    assert!((x - want).abs() <= tolerance * want.abs(), "{what}: {x} instead of {want}");
}

const BARE: &str = "arch 1\nsystem s { provider = none }\nclient web { }\n";

#[test]
fn one_station_is_mmc() {
    let mut seen = 0;
    for case in cases("mmc") {
        let inputs = &case["inputs"];
        let number = |name: &str| inputs[name].as_f64();
        let (Some(rate), Some(servers)) = (number("lam"), number("c")) else { continue };
        let service = number("mean_service_ms").map_or_else(|| 1.0 / number("mu").expect("a rate"), |m| m / 1e3);
        let id = case["id"].as_str().expect("an id");
        let mut designs = vec![format!(
            "{BARE}service app {{ cpu = {}us, cores = {servers} }}\nflow f {{ rate = {rate} rps, web -> app }}\n",
            service * 1e6
        )];
        // One queue in front of as many replicas of one core.
        designs.push(format!(
            "{BARE}balancer lb {{ policy = least_connections }}\nservice app {{ cpu = {}us, replicas = {servers} }}\nflow f {{ rate = {rate} rps, web -> lb -> app }}\n",
            service * 1e6
        ));
        for design in designs {
            let doc = analyze(&design);
            let expected = &case["expected"];
            for (field, key) in [
                ("mean", "W"),
                ("p50", "T_p50"),
                ("p90", "T_p90"),
                ("p95", "T_p95"),
                ("p99", "T_p99"),
                ("p999", "T_p999"),
            ] {
                let want = expected[key].as_f64().expect("a number");
                near(&doc["components"]["app"]["response"][field], want, 1e-6, &format!("{id}, response {field}"));
                near(&doc["flows"]["f"]["latency"][field], want, 1e-6, &format!("{id}, latency {field}"));
            }
            let hop = doc["flows"]["f"]["hops"].as_array().expect("hops").last().expect("one").clone();
            near(&hop["p99"], expected["T_p99"].as_f64().expect("a number"), 1e-6, id);
        }
        seen += 1;
    }
    assert_eq!(seen, 25);
}

#[test]
fn a_path_is_the_sum_of_its_stations() {
    let mut seen = 0;
    for case in cases("path_percentile") {
        let id = case["id"].as_str().expect("an id");
        let hops = case["inputs"]["hops"].as_array().expect("hops");
        let delay = case["inputs"]["constant_delay"].as_f64().expect("a delay");
        let mut design = format!("{BARE}service entry {{ cpu = 0ms, wait = {}us }}\n", delay * 1e6);
        let mut calls = String::new();
        for (i, hop) in hops.iter().enumerate() {
            let get = |n: &str| hop[n].as_f64().expect("a number");
            let _ = writeln!(design, "service s{i} {{ cpu = {}us, cores = {} }}", 1e6 / get("mu"), get("c"));
            let _ = writeln!(calls, "-> s{i}");
        }
        // A hop may see more than the path: the rest comes from elsewhere.
        let least = hops.iter().map(|h| h["lam"].as_f64().expect("a rate")).fold(f64::INFINITY, f64::min);
        for (i, hop) in hops.iter().enumerate() {
            let rate = hop["lam"].as_f64().expect("a rate");
            if rate > least {
                let _ = writeln!(design, "flow rest{i} {{ rate = {} rps, web -> s{i} }}", rate - least);
            }
        }
        let _ = writeln!(design, "flow f {{ rate = {least} rps\n web -> entry {{\n{calls} }} }}");
        let latency = analyze(&design)["flows"]["f"]["latency"].clone();
        for field in ["mean", "p50", "p90", "p95", "p99", "p999"] {
            near(&latency[field], case["expected"][field].as_f64().expect("a number"), 1e-6, &format!("{id} {field}"));
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
}

/// `-> get else { -> read }`: a hit ends after the look-up, a miss reads: a mixture of an
/// exponential and of a sum of two, with a closed distribution function.
#[test]
fn a_cache_is_a_mixture_of_hit_and_miss() {
    let design = format!(
        "{BARE}service app {{ cpu = 0ms }}\ncache hot {{ hit = 90%, cpu = 1ms }}\ndatabase db {{ cpu = 10ms }}\nflow f {{ rate = 50 rps, web -> app {{ -> hot.get else {{ -> db.read }} }} }}\n"
    );
    let latency = analyze(&design)["flows"]["f"]["latency"].clone();
    // M/M/1: rates of departure 1000 - 50 and 100 - 5.
    let (a, b) = (950.0_f64, 95.0_f64);
    near(&latency["mean"], 1.0 / a + 0.1 / b, 1e-9, "mean");
    let survival = |t: f64| 0.9 * (-a * t).exp() + 0.1 * (a * (-b * t).exp() - b * (-a * t).exp()) / (a - b);
    for (field, tail) in [("p50", 0.5), ("p90", 0.1), ("p95", 0.05), ("p99", 0.01), ("p999", 0.001)] {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..200 {
            let mid = f64::midpoint(low, high);
            if survival(mid) > tail { low = mid } else { high = mid }
        }
        near(&latency[field], low, 1e-6, field);
    }
}

#[test]
fn caches_above_spare_the_rest() {
    let mean = |web: &str, middle: &str| {
        let design = format!(
            "arch 1\nsystem s {{ provider = none }}\nclient web {{ {web} }}\nservice app {{ cpu = 2ms {middle} }}\ndatabase db {{ ops {{ read {{ cpu = const 0ms, wait = 10ms }} }} }}\nflow f {{ rate = 0.001 rps, web -> app {{ -> db.read }} }}\n"
        );
        analyze(&design)["flows"]["f"]["latency"]["mean"].as_f64().expect("known")
    };
    let close = |got: f64, want: f64| assert!((got - want).abs() < 1e-7, "{got} instead of {want}");
    close(mean("", ""), 0.012);
    close(mean("cache { hit = 50%, ttl = 1min }", ""), 0.006);
    close(mean("", "\n cache { hit = 80%, ttl = 1min }"), 0.002 + 0.2 * 0.010);
}

#[test]
fn round_trips_repeats_choices_and_parallel_calls() {
    let mean = |chain: &str| {
        let design = format!(
            "arch 1\nsystem s {{ provider = none, zones = 2, network {{ client = 40ms, edge = 10ms, zone = 1ms, cross_zone = 3ms }} }}\nclient web {{ }}\ncdn near {{ hit = 75% }}\nservice app {{ cpu = 0ms }}\nservice b {{ cpu = 0ms }}\nexternal x {{ latency = const 100ms }}\nexternal y {{ latency = const 60ms }}\nflow f {{ rate = 1 rps\n {chain} }}\n"
        );
        analyze(&design)["flows"]["f"]["latency"]["mean"].as_f64().expect("known")
    };
    let close = |chain: &str, want: f64| {
        let got = mean(chain);
        assert!((got - want).abs() < 1e-9, "{chain}: {got} instead of {want}");
    };
    close("web -> app", 0.040);
    // Inside the region half of the calls cross zones: 2 ms.
    close("web -> app -> b", 0.042);
    close("affinity = zone\n web -> app -> b", 0.041);
    close("web -> near -> app", 0.010 + 0.25 * 0.040);
    close("web -> app { -> b x3 }", 0.046);
    close("web -> app { -> b 50% }", 0.041);
    close("web -> app { ~> x, -> b }", 0.042);
    close("web -> app { parallel { -> x, -> y x4 } }", 0.040 + 0.102);
    close("web -> app { -> x, -> y }", 0.040 + 0.102 + 0.062);
    close("web -> app { choose { 90% { -> y } 10% { -> x } } }", 0.040 + 0.9 * 0.062 + 0.1 * 0.102);
    // With a provider there are defaults.
    let doc =
        analyze("arch 1\nclient web { }\nexternal x { latency = const 5ms }\nflow f { rate = 1 rps, web -> x }\n");
    near(&doc["flows"]["f"]["latency"]["mean"], 0.045, 1e-9, "defaults");
}

#[test]
fn policies_are_ordered() {
    let mean = |policy: &str| {
        let design = format!(
            "{BARE}balancer lb {{ policy = {policy} }}\nservice app {{ cpu = 10ms, replicas = 4 }}\nflow f {{ rate = 320 rps, web -> lb -> app }}\n"
        );
        analyze(&design)["components"]["app"]["response"]["mean"].as_f64().expect("known")
    };
    let (pooled, smooth, random) = (mean("least_connections"), mean("round_robin"), mean("random"));
    assert!(pooled < smooth && smooth < random, "{pooled} {smooth} {random}");
    assert!((random - 0.050).abs() < 1e-9, "{random}");
}

#[test]
fn stores_answer_by_role() {
    let design = |store: &str, call: &str| {
        format!(
            "{BARE}service app {{ cpu = 0ms }}\ndatabase db {{ replicas = 3, ops {{ read {{ cpu = 1ms }}, write {{ cpu = 1ms }} }}, {store} }}\nflow f {{ rate = 100 rps, web -> app {{ -> db.read }} }}\nflow g {{ rate = 500 rps, web -> app {{ -> db.write }} }}\nflow h {{ rate = 0.000001 rps, web -> app {{ {call} }} }}\n"
        )
    };
    let mean = |store: &str, call: &str| {
        analyze(&design(store, call))["flows"]["h"]["latency"]["mean"].as_f64().expect("known")
    };
    let close = |got: f64, want: f64| assert!((got - want).abs() < 1e-4 * want, "{got} instead of {want}");
    // All reads at the primary: 600/s there; at the replicas 50 + 500 each.
    close(mean("replication = async", "-> db.read"), 1.0 / 400.0);
    close(mean("replication = async, read_from = replica", "-> db.read"), 1.0 / 450.0);
    close(mean("replication = async, read_from = replica", "-> db.read { from = primary }"), 1.0 / 500.0);
    // A commit in step waits for both replicas too: the slower of two exponentials.
    close(mean("replication = sync, read_from = replica", "-> db.write"), 1.0 / 500.0 + 1.5 / 450.0);
    close(mean("replication = semi_sync, read_from = replica", "-> db.write"), 1.0 / 500.0 + 0.5 / 450.0);
    // Two of three copies, each with 500 writes and a share of 2/3 of the reads.
    let rate = 1000.0 - 500.0 - 200.0 / 3.0;
    close(mean("replication = quorum", "-> db.write"), (1.0 / 3.0 + 1.0 / 2.0) / rate);
}

#[test]
fn unknown_travels() {
    let whole = [
        ("external x { ", "latency = exp 20ms", " }"),
        ("cache hot { cpu = 1ms, ", "hit = 90%", " }"),
        ("service app { ", "cpu = 1ms", " }"),
        ("database db { ", "cpu = 1ms", ", replicas = 2 }"),
        ("flow f { ", "rate = 10 rps", ", web -> app { -> hot.get else { -> db.read }, -> x } }"),
    ];
    let write = |skip: Option<usize>| {
        let mut text = BARE.to_owned();
        for (i, (before, input, after)) in whole.iter().enumerate() {
            let input = if skip == Some(i) { "" } else { input };
            let _ = writeln!(text, "{before}{input}{after}");
        }
        text.replace("{ ,", "{").replace(", }", " }")
    };
    assert!(analyze(&write(None))["flows"]["f"]["latency"]["p99"].is_number());
    for (i, (_, input, _)) in whole.iter().enumerate() {
        let f = analyze(&write(Some(i)))["flows"]["f"].clone();
        assert!(f["latency"].is_null(), "without `{input}`: {}", f["latency"]);
        assert!(f["unknown"]["latency"].is_string(), "without `{input}`");
    }
    // A hole is solved, unless what it depends on is not said.
    let hole = write(None).replace("replicas = 2", "replicas = ?");
    assert!(analyze(&hole)["flows"]["f"]["latency"]["p99"].is_number());
    for (i, (_, input, _)) in
        whole.iter().enumerate().filter(|(_, (_, input, _))| input.contains("rate") || input.contains("cpu"))
    {
        let open = write(Some(i)).replace("replicas = 2", "replicas = ?");
        assert!(analyze(&open)["flows"]["f"]["latency"].is_null(), "without `{input}`");
    }
    // Too much load has no bound; that beats what is unknown.
    let over = write(Some(0)).replace("10 rps", "2000 rps");
    assert_eq!(analyze(&over)["flows"]["f"]["latency"]["p99"], "unbounded");
}

#[test]
fn latency_never_falls_as_load_grows() {
    let laws = ["2ms", "const 2ms", "mean 2ms cv 0.5", "p50 1ms p99 8ms", "mean 2ms cv 2"];
    let policies = ["random", "round_robin", "least_connections"];
    for (law, policy) in laws.iter().flat_map(|l| policies.map(|p| (l, p))) {
        let mut before = [0.0; 3];
        for rate in [1, 100, 300, 600, 900, 1200, 1400, 1490] {
            let design = format!(
                "{BARE}balancer lb {{ policy = {policy} }}\nservice app {{ cpu = {law}, replicas = 3, cores = 2 }}\ncache hot {{ hit = 80%, cpu = 0.3ms }}\ndatabase db {{ cpu = {law}, replicas = 1 }}\nflow f {{ rate = {rate} rps, web -> lb -> app {{ -> hot.get else {{ -> db.read }} }} }}\n"
            );
            let latency = analyze(&design)["flows"]["f"]["latency"].clone();
            for (slot, field) in before.iter_mut().zip(["mean", "p50", "p99"]) {
                let x = latency[field].as_f64().unwrap_or(f64::INFINITY);
                assert!(x >= *slot * (1.0 - 1e-6), "{law}, {policy}, {rate} rps, {field}: {x} after {slot}");
                *slot = x;
            }
        }
    }
}

/// M/M/1 at 100 per second of 200: p99 = ln(100) / 100 = 46.05 ms.
fn with_slo(slo: &str, more: &str) -> String {
    format!(
        "{BARE}service app {{ cpu = 5ms, availability = 99.5% }}\nflow f {{ rate = 100 rps, slo {{ {slo} }}, web -> app }}\n{more}"
    )
}

#[test]
fn slos_are_met_or_not() {
    let (status, found) = check(&with_slo("p99 <= 47ms, mean <= 10.1ms, availability >= 99.5%", ""));
    assert_eq!((status, found.len()), (0, 0), "{found:?}");
    let (status, found) = check(&with_slo("p99 <= 46ms", ""));
    assert_eq!(status, 1);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "ARC631");
    assert!(found[0].1.contains("46.") && found[0].1.contains("more than 46ms"), "{found:?}");
    let design = with_slo("p99 <= 46ms, mean <= 1s, availability >= 99.9%, rpo <= 1s", "");
    let slo = analyze(&design)["flows"]["f"]["slo"].clone();
    let met: Vec<_> = slo.as_array().expect("a list").iter().map(|s| s["met"].as_bool()).collect();
    // Nothing is written, so nothing can be lost.
    assert_eq!(met, [Some(false), Some(true), Some(false), Some(true)]);
    near(&slo[0]["value"], 100_f64.ln() / 100.0, 1e-6, "p99");
    assert_eq!(check(&design).1.iter().filter(|(c, _)| c == "ARC631").count(), 2);
}

#[test]
fn an_interval_counts_at_its_worse_end() {
    let design = |target: &str| {
        format!(
            "{BARE}service app {{ cpu = 4ms .. 6ms }}\nflow f {{ rate = 100 rps, slo {{ p99 <= {target} }}, web -> app }}\n"
        )
    };
    // 46 ms in the middle, 69 ms at 6 ms.
    assert_eq!(check(&design("60ms")).0, 1);
    assert_eq!(check(&design("70ms")).0, 0);
    let f = analyze(&design("60ms"))["flows"]["f"].clone();
    assert_eq!(f["slo"][0]["met"], false);
    near(&f["slo"][0]["value"], 100_f64.ln() / 100.0, 1e-6, "in the middle");
    near(&f["slo"][0]["range"]["value"][1], 100_f64.ln() * 0.006 / 0.4, 1e-6, "at the high end");
    near(&f["latency"]["range"]["p99"][0], 100_f64.ln() * 0.004 / 0.6, 1e-6, "at the low end");
}

#[test]
fn availability_counts_each_component_once() {
    let design = "arch 1\nsystem s { provider = none }\nclient web { }\nbalancer lb { availability = 99.99% }\nservice app { cpu = 1ms, replicas = 3, availability = 99% }\ndatabase db { cpu = 0.1ms, replicas = 2, failover = auto, replication = sync, availability = 99% }\nexternal x { latency = 1ms, availability = 99.9% }\nexternal y { latency = 1ms, availability = 99% }\nflow f { rate = 1500 rps, web -> lb -> app { -> db.read x2, -> db.write 1% , ~> y } }\nflow g { rate = 1 rps, web -> lb -> app { -> x fallback { -> y } } }\n";
    let doc = analyze(design);
    // 1501 of 3000 requests: two of three replicas carry the load.
    let app = 0.99_f64.powi(3) + 3.0 * 0.99_f64.powi(2) * 0.01;
    let db = 1.0 - 0.01 * 0.01;
    near(&doc["components"]["app"]["availability"], app, 1e-12, "app");
    // The store is asked twice and counts once; what is asynchronous does not.
    near(&doc["flows"]["f"]["availability"], 0.9999 * app * db, 1e-12, "f");
    near(&doc["flows"]["g"]["availability"], 0.9999 * app * (1.0 - 0.001 * 0.01), 1e-12, "g");
    assert!(doc["flows"]["f"]["availability_note"].as_str().is_some_and(|n| n.contains("zones never fail")));
    // How long an overload at the peak lasts is not said.
    let over = design.replace("cpu = 0.1ms", "cpu = 1ms");
    assert!(analyze(&over)["flows"]["f"]["availability"].is_null());
    let without = design.replace("balancer lb { availability = 99.99% }", "balancer lb { }");
    assert!(analyze(&without)["flows"]["f"]["availability"].is_null());
}

#[test]
fn scenarios_hold_fail_or_are_not_analysed() {
    let base = |more: &str| with_slo("p99 <= 50ms", more);
    let holds = |more: &str| analyze(&base(more))["scenarios"]["x"]["holds"].clone();
    assert_eq!(holds("scenario x { load = 1.05x }\n"), true);
    assert_eq!(holds("scenario x { load = 1.5x }\n"), false);
    assert_eq!(holds("scenario x { load = 1.5x, expect flow f { p99 <= 100ms } }\n"), true);
    assert_eq!(holds("scenario x { load = 1.5x, flow f { rate = 90 rps } }\n"), true);
    assert_eq!(holds("scenario x { slow = app 10ms }\n"), false);
    assert_eq!(holds("scenario x { load = 1.5x, app { cpu = 3ms } }\n"), true);
    assert_eq!(holds("scenario x { load = 3x }\n"), false);
    assert_eq!(holds("scenario x { fail = [app] }\n"), false);
    assert_eq!(holds("scenario x { cut = [zone a] | [zone b, zone c] }\n"), Value::Null);
    assert_eq!(holds("scenario x { expect flow f { staleness <= 1s } }\n"), Value::Null);
    let (status, found) = check(&base("scenario x { load = 1.5x }\n"));
    assert_eq!((status, found.len(), found[0].0.as_str()), (1, 1, "ARC632"), "{found:?}");
    assert_eq!(check(&base("scenario x { fail = [app] }\n")).0, 1);
    assert_eq!(check(&base("scenario x { cut = [zone a] | [zone b, zone c] }\n")).0, 0);
    // What is missed without the scenario is said once.
    let (_, found) = check(&with_slo("p99 <= 40ms", "scenario x { load = 1.5x }\n"));
    assert_eq!(found.iter().map(|(c, _)| c.as_str()).collect::<Vec<_>>(), ["ARC631"]);
    let doc = analyze_with(&["--scenario", "x"], &base("scenario x { load = 1.5x }\n"));
    assert_eq!(doc["scenario"], "x");
    near(&doc["flows"]["f"]["rate"], 150.0, 1e-12, "rate");
    near(&doc["flows"]["f"]["latency"]["p99"], 100_f64.ln() / 50.0, 1e-6, "p99");
    let none = archc(&["analyze", "--scenario", "y", "-"], &base("scenario x { load = 1.5x }\n"));
    assert_eq!(none.status.code(), Some(2));
}

/// More mixtures than multiply out: the mean stays exact, the tail close to the normal law
/// that a sum of many tends to.
#[test]
fn many_mixtures_are_merged() {
    let calls = "-> hot.get else { -> db.read }\n".repeat(60);
    let design = format!(
        "arch 1\nclient web {{ }}\nservice app {{ cpu = 0ms }}\ncache hot {{ hit = 50%, cpu = const 0ms }}\ndatabase db {{ cpu = const 0ms, wait = 5ms }}\nflow f {{ rate = 1 rps, web -> app {{ {calls} }} }}\n"
    );
    let latency = analyze(&design)["flows"]["f"]["latency"].clone();
    let trip = (0.3 + 2.0 * 1.0) / 3.0 * 1e-3;
    let mean = 0.040 + 60.0 * (trip + 0.5 * (0.005 + trip));
    near(&latency["mean"], mean, 1e-9, "mean");
    let deviation = 60_f64.sqrt() * 0.5 * (0.005 + trip);
    near(&latency["p99"], mean + 2.3263 * deviation, 0.01, "p99");
}

#[test]
fn five_intervals_are_judged_at_their_worst_corner() {
    let design = |cpu: &str, target: &str| {
        let parts: String = (0..5).map(|i| format!("service s{i} {{ cpu = {cpu} }}\n")).collect();
        let calls: String = (0..5).map(|i| format!(" -> s{i}")).collect();
        format!("{BARE}{parts}flow f {{ rate = 1 rps, slo {{ p99 <= {target} }}, web{calls} }}\n")
    };
    let worst = analyze(&design("2ms", "1s"))["flows"]["f"]["latency"]["p99"].as_f64().expect("known");
    for (target, met, status) in [(worst * 1.001, true, 0), (worst * 0.999, false, 1)] {
        let target = format!("{}us", target * 1e6);
        let slo = analyze(&design("1ms .. 2ms", &target))["flows"]["f"]["slo"][0].clone();
        assert_eq!(slo["met"], met, "{slo}");
        near(&slo["range"]["value"][1], worst, 1e-9, "the worst corner");
        assert_eq!(check(&design("1ms .. 2ms", &target)).0, status);
    }
}

/// A law whose tail spans many orders of magnitude has no percentile rather than a false one.
#[test]
fn no_percentile_breaks_markov() {
    let design = format!("{BARE}service app {{ cpu = p50 1ms p99 100s }}\nflow f {{ rate = 0.001 rps, web -> app }}\n");
    let latency = analyze(&design)["flows"]["f"]["latency"].clone();
    let mean = latency["mean"].as_f64().expect("known");
    for (field, tail) in [("p50", 0.5), ("p90", 0.1), ("p95", 0.05), ("p99", 0.01), ("p999", 0.001)] {
        assert!(latency[field].as_f64().is_none_or(|x| x <= mean / tail * 1.001), "{field}: {latency}");
    }
}

/// Waits where machines are asked in turn, by simulation: mean, share that waits, p90, p99, in
/// units of the service. A million requests, so about 3 % off at the p99.
fn in_turn(machines: u32, servers: usize, used: f64) -> [f64; 4] {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut exponential = |mean: f64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        #[allow(clippy::cast_precision_loss)]
        let u = ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        -mean * u.ln()
    };
    #[allow(clippy::cast_precision_loss)]
    let between = 1.0 / (f64::from(machines) * servers as f64 * used);
    let mut free = vec![0.0_f64; servers];
    let (mut now, mut waits) = (0.0, Vec::new());
    for _ in 0..1_000_000 {
        for _ in 0..machines {
            now += exponential(between);
        }
        let first = (0..servers).min_by(|a, b| free[*a].total_cmp(&free[*b])).expect("a server");
        let start = free[first].max(now);
        free[first] = start + exponential(1.0);
        waits.push(start - now);
    }
    waits.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss)]
    let n = waits.len() as f64;
    let (mean, busy) = (waits.iter().sum::<f64>() / n, waits.iter().filter(|w| **w > 0.0).count());
    #[allow(clippy::cast_precision_loss)]
    let busy = busy as f64 / n;
    [mean, busy, waits[waits.len() * 9 / 10], waits[waits.len() * 99 / 100]]
}

#[test]
fn machines_asked_in_turn_are_erlang_arrivals() {
    // One core: exact. sigma = (n rho / (n rho + 1 - sigma))^n, the response exponential.
    let design = |cores: u32, replicas: u32, rate: f64| {
        format!(
            "arch 1\nsystem s {{ provider = none }}\nclient web {{}}\nbalancer lb {{ policy = round_robin }}\n\
             service app {{ cpu = exp 10ms, cores = {cores}, replicas = {replicas} }}\n\
             flow f {{ rate = {rate} rps, web -> lb -> app }}\n"
        )
    };
    let (n, used) = (4.0_f64, 0.75);
    let mut sigma = 0.5_f64;
    for _ in 0..10_000 {
        sigma = (n * used / (n * used + 1.0 - sigma)).powf(n);
    }
    let doc = analyze(&design(1, 4, 300.0));
    let mean = 0.01 / (1.0 - sigma);
    let of = |metric: &str| doc["flows"]["f"]["latency"][metric].clone();
    near(&of("mean"), mean, 1e-6, "mean");
    near(&of("p50"), mean * 2_f64.ln(), 1e-6, "p50");
    near(&of("p99"), mean * 100_f64.ln(), 1e-6, "p99");
    // Several cores: the tail decays exactly, how many wait is from Whitt's mean.
    for (machines, servers, used) in [(4, 2, 0.75), (4, 4, 0.8), (2, 8, 0.8), (10, 4, 0.85)] {
        let [mean, busy, _, p99] = in_turn(machines, servers, used);
        #[allow(clippy::cast_precision_loss)]
        let each = servers as f64 * used;
        let law = archc::theory::gg::Interarrival::Erlang(machines);
        #[allow(clippy::cast_possible_truncation)]
        let station = archc::theory::gg::Station {
            arrival_rate: each,
            arrival_scv: 1.0 / f64::from(machines),
            service_time: 1.0,
            service_scv: 1.0,
            servers: servers as u32,
        };
        let wait = archc::theory::Distribution::gimc_wait(law, &station).expect("it is stable");
        let off = |got: f64, want: f64| (got / want - 1.0).abs();
        assert!(off(wait.mean(), mean) < 0.07, "{machines} {servers}: mean {} for {mean}", wait.mean());
        let waits = wait.survival(0.0);
        assert!(off(waits, busy) < 0.07, "{machines} {servers}: {waits} wait, not {busy}");
        let got = wait.quantile(0.99).expect("known");
        assert!(off(got, p99) < 0.05, "{machines} {servers}: p99 {got} for {p99}");
    }
}
