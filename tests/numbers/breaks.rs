//! What breaks first and where a flow's time goes, against closed forms, brute force over
//! loads, and simulation.

use crate::support::run::{analyze, analyze_with, archc, near, number};
use serde_json::Value;

const BARE: &str = "arch 1\nsystem s { provider = none }\nclient web {}\n";

fn slo<'a>(doc: &'a Value, flow: &str, index: usize) -> &'a Value {
    &doc["flows"][flow]["slo"][index]
}

#[test]
fn a_queue_breaks_where_the_closed_form_says() {
    // M/M/1: the response is exponential at rate mu - lambda.
    let (mu, lambda) = (100.0, 10.0);
    let p99 = 100_f64.ln() / 0.2;
    let doc = analyze(&format!(
        "{BARE}service app {{ cpu = 10ms }}\nflow f {{ rate = 10 rps, slo {{ p99 <= 200ms, mean <= 50ms, p50 <= 20ms }}, web -> app }}\n"
    ));
    near(&slo(&doc, "f", 0)["breaks_at"], (mu - p99) / lambda, 1e-3, "p99");
    near(&slo(&doc, "f", 1)["breaks_at"], (mu - 1.0 / 0.05) / lambda, 1e-3, "mean");
    near(&slo(&doc, "f", 2)["breaks_at"], (mu - 2_f64.ln() / 0.02) / lambda, 1e-3, "p50");
    near(&doc["flows"]["f"]["breaks_at"], (mu - 2_f64.ln() / 0.02) / lambda, 1e-3, "the first");
    let next = doc["system"]["next_to_break"].as_array().expect("a list");
    let what: Vec<&str> = next.iter().map(|n| n["what"].as_str().expect("text")).collect();
    assert_eq!(what, ["flow f p50", "flow f p99", "flow f mean"]);
    let why = next[1]["why"].as_str().expect("text");
    assert!(why.starts_with("it passes 200ms as the queue of `app` grows: `app` is at 77% of its cpu then"), "{why}");
}

#[test]
fn targets_that_never_break_or_are_missed_at_any_load() {
    let doc = analyze(&format!(
        "{BARE}external psp {{ latency = 100ms, availability = 99% }}\nservice app {{ cpu = 10ms }}
flow far {{ rate = 1 rps, slo {{ p50 <= 200ms, availability >= 98%, rpo <= 1s }}, web -> psp }}
flow near {{ rate = 1 rps, slo {{ mean <= 5ms }}, web -> app }}\n"
    ));
    assert_eq!(slo(&doc, "far", 0)["breaks_at"], "unbounded");
    assert_eq!(slo(&doc, "far", 1)["breaks_at"], "unbounded");
    assert!(slo(&doc, "far", 2)["breaks_at"].is_null());
    assert!(slo(&doc, "far", 2)["unknown"]["breaks_at"].is_string());
    near(&slo(&doc, "near", 0)["breaks_at"], 0.0, 1e-12, "missed at any load");
    assert_eq!(doc["system"]["next_to_break"][0]["why"], "it misses 5ms at any load");
}

#[test]
fn what_waits_for_nothing_of_a_component_outlives_it() {
    // The mailer is full at 2x, but nobody waits for it.
    let doc = analyze(&format!(
        "{BARE}service app {{ cpu = 1ms }}\nservice mailer {{ cpu = 50ms }}
flow f {{ rate = 10 rps, slo {{ mean <= 2ms }}, web -> app {{ ~> mailer }} }}\n"
    ));
    near(&slo(&doc, "f", 0)["breaks_at"], 50.0, 1e-3, "mean");
    let next = &doc["system"]["next_to_break"];
    assert_eq!(next[0]["what"], "component mailer cpu");
    near(&next[0]["at"], 2.0, 1e-9, "mailer");
    assert_eq!(next[1]["what"], "flow f mean");
    assert_eq!(next[2]["what"], "component app cpu");
}

#[test]
fn availability_breaks_where_one_more_replica_is_needed() {
    // Three replicas of 99%: from this load on two are needed, which is 0.99^3 + 3 * 0.99^2 * 0.01.
    let doc = analyze(&format!(
        "{BARE}service app {{ cpu = 10ms, replicas = 3, availability = 99% }}
flow f {{ rate = 50 rps, slo {{ availability >= 99.99% }}, web -> app }}
flow g {{ rate = 50 rps, slo {{ availability >= 90% }}, web -> app }}\n"
    ));
    near(&slo(&doc, "f", 0)["breaks_at"], 1.0, 1e-3, "two are needed");
    let second = slo(&doc, "g", 0);
    assert!(second["breaks_at"].is_null(), "{second}");
    let why = second["unknown"]["breaks_at"].as_str().expect("a reason");
    assert!(why.starts_with("it is met up to 3x this load; past that, `app` is at"), "{why}");
}

#[test]
fn multiples_are_of_the_load_that_is_shown() {
    let design = format!(
        "{BARE}service app {{ cpu = 10ms, replicas = 2 }}\nexternal psp {{ latency = p50 80ms p99 300ms }}
flow checkout {{ rate = 20 rps, slo {{ p99 <= 500ms }}, web -> app {{ -> psp }} }}\nscenario sale {{ load = 2x }}\n"
    );
    let one = analyze(&design);
    let three = analyze_with(&["--at", "3x"], &design);
    let sale = analyze_with(&["--at", "1.5x", "--scenario", "sale"], &design);
    let at = |doc: &Value| number(&slo(doc, "checkout", 0)["breaks_at"]);
    for other in [at(&three), at(&sale)] {
        assert!((at(&one) - 3.0 * other).abs() < 2e-3 * at(&one), "{} {other}", at(&one));
    }
}

#[test]
fn a_target_is_met_just_below_and_missed_just_above() {
    let design = "arch 1\nsystem s {}\nclient web { cache { hit = 20% } }\nbalancer lb { policy = round_robin }
service app { cpu = 4ms, replicas = 3 }\nservice other { cpu = 2ms }\ncache hot : redis { hit = 80%, nodes = 2 }
database db : postgres { replicas = 2, replication = async, read_from = any }
flow a { rate = 200 rps, slo { p99 <= 150ms, p95 <= 90ms, p50 <= 50ms, cost <= $1 per 1k }
  web -> lb -> app { parallel { -> db.read x2, -> other 40% }, -> hot.get else { -> db.read x8 } } }
flow b { rate = 100 rps, slo { p999 <= 80ms, mean <= 60ms }, web -> other { -> db.write } }\n";
    let doc = analyze(design);
    let mut seen = 0;
    for flow in ["a", "b"] {
        for (i, s) in doc["flows"][flow]["slo"].as_array().expect("a list").iter().enumerate() {
            let Some(at) = s["breaks_at"].as_f64().filter(|x| *x > 0.0) else { continue };
            let met = |m: f64| {
                let doc = analyze_with(&["--at", &format!("{m}x")], design);
                slo(&doc, flow, i)["met"].clone()
            };
            assert_eq!((met(at * 0.999), met(at * 1.001)), (true.into(), false.into()), "{flow} {}", s["metric"]);
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen} targets break");
}

/// Shares of mean and p99 by called component.
fn shares(doc: &Value, flow: &str) -> Vec<(String, f64, f64)> {
    let hops = doc["flows"][flow]["hops"].as_array().expect("a list");
    let text = |h: &Value| h["to"].as_str().expect("a name").to_owned();
    hops.iter().map(|h| (text(h), number(&h["share_mean"]), number(&h["share_p99"]))).collect()
}

#[test]
fn two_in_a_row_split_as_the_closed_form_says() {
    // Sum of exponentials at rates a and b, given q: E[X] = 1/(a-b) - q e^{-(a-b)q} / (1 - e^{-(a-b)q}).
    let doc = analyze(&format!(
        "{BARE}external x {{ latency = 100ms }}\nexternal y {{ latency = 40ms }}\nservice app {{ cpu = const 0ms }}
flow f {{ rate = 1 rps, web -> app {{ -> x, -> y }} }}\n"
    ));
    let q = number(&doc["flows"]["f"]["latency"]["p99"]);
    let d = 1.0 / 0.1 - 1.0 / 0.04;
    let x = 1.0 / d - q * (-d * q).exp() / (1.0 - (-d * q).exp());
    let got = shares(&doc, "f");
    assert!((got[1].2 - x / q).abs() < 1e-3, "{got:?} {}", x / q);
    assert!((got[2].2 - (1.0 - x / q)).abs() < 1e-3, "{got:?}");
    assert!((got[1].1 - 100.0 / 140.0).abs() < 1e-3, "{got:?}");
}

#[test]
fn the_slower_of_two_splits_as_the_closed_form_says() {
    // The maximum of exponentials at rates a and b is the first one with density
    // a e^{-a t} (1 - e^{-b t}); its mean 1/a - a / (a+b)^2.
    let doc = analyze(&format!(
        "{BARE}external x {{ latency = 100ms }}\nexternal y {{ latency = 40ms }}\nservice app {{ cpu = const 0ms }}
flow f {{ rate = 1 rps, web -> app {{ parallel {{ -> x, -> y }} }} }}\n"
    ));
    let q = number(&doc["flows"]["f"]["latency"]["p99"]);
    let (a, b) = (10.0_f64, 25.0_f64);
    let density = |a: f64, b: f64| a * (-a * q).exp() * (1.0 - (-b * q).exp());
    let got = shares(&doc, "f");
    let want = density(a, b) / (density(a, b) + density(b, a));
    assert!((got[1].2 - want).abs() < 1e-3, "{got:?} {want}");
    let mean = |a: f64, b: f64| 1.0 / a - a / (a + b).powi(2);
    let want = mean(a, b) / (mean(a, b) + mean(b, a));
    assert!((got[1].1 - want).abs() < 1e-3, "{got:?} {want}");
}

#[test]
fn a_p99_on_a_constant_splits_by_constants() {
    let doc = analyze(&format!(
        "{BARE}external x {{ latency = const 100ms }}\nexternal y {{ latency = const 40ms }}\nservice app {{ cpu = const 0ms }}
flow f {{ rate = 1 rps, web -> app {{ -> x, -> y 50% }} }}\n"
    ));
    near(&doc["flows"]["f"]["latency"]["p99"], 0.14, 1e-12, "p99");
    let got = shares(&doc, "f");
    assert!((got[1].2 - 100.0 / 140.0).abs() < 1e-9 && (got[2].2 - 40.0 / 140.0).abs() < 1e-9, "{got:?}");
    assert!((got[1].1 - 100.0 / 120.0).abs() < 1e-9, "{got:?}");
}

/// Numbers from 0 to 1 (`SplitMix64`), the same each time.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.uniform()).ln()
    }
}

#[test]
fn a_path_with_everything_splits_as_a_simulation_says() {
    let doc = analyze(&format!(
        "{BARE}external w {{ latency = 20ms }}\nexternal x {{ latency = 50ms }}\nexternal y {{ latency = 40ms }}
external z {{ latency = 15ms }}\ncache hot {{ hit = 70%, cpu = const 0ms }}\nservice app {{ cpu = const 0ms, wait = 5ms }}
flow f {{ rate = 1 rps, web -> app {{ -> w x2, parallel {{ -> x 30%, -> y }}, -> hot.get else {{ -> z x3 }} }} }}\n"
    ));
    let q = number(&doc["flows"]["f"]["latency"]["p99"]);
    let mut random = Random(7);
    let (mut sums, mut means, mut n) = ([0.0; 5], [0.0; 5], 0.0);
    let rounds = 3_000_000;
    for _ in 0..rounds {
        let w = random.exponential(0.02) + random.exponential(0.02);
        let x = if random.uniform() < 0.3 { random.exponential(0.05) } else { 0.0 };
        let y = random.exponential(0.04);
        let z: f64 = if random.uniform() < 0.3 { (0..3).map(|_| random.exponential(0.015)).sum() } else { 0.0 };
        let parts = [0.005, w, if x > y { x } else { 0.0 }, if x > y { 0.0 } else { y }, z];
        let total: f64 = parts.iter().sum();
        let close = (total / q - 1.0).abs() < 0.02;
        for ((sum, mean), part) in sums.iter_mut().zip(&mut means).zip(parts) {
            *mean += part;
            if close {
                *sum += part / total;
            }
        }
        n += f64::from(u8::from(close));
    }
    let got = shares(&doc, "f");
    let (whole, all) = (means.iter().sum::<f64>(), got.iter().map(|g| g.2).sum::<f64>());
    assert!((all - 1.0).abs() < 1e-9, "{all}");
    for (k, name) in [(0, "app"), (1, "w"), (2, "x"), (3, "y"), (4, "z")] {
        let g = got.iter().filter(|g| g.0 == name).fold((0.0, 0.0), |a, g| (a.0 + g.1, a.1 + g.2));
        // Some 8 000 requests lie near the quantile: three standard errors are below 0.008.
        assert!((g.1 - sums[k] / n).abs() < 8e-3, "{name}: {} of the p99, simulated {}", g.1, sums[k] / n);
        assert!((g.0 - means[k] / whole).abs() < 2e-3, "{name}: {} of the mean, simulated {}", g.0, means[k] / whole);
    }
    assert!(n > 7_000.0, "{n}");
}

#[test]
fn the_work_of_a_service_that_starts_a_flow_has_its_share() {
    let doc = analyze(&format!(
        "{BARE}service job {{ cpu = 30ms }}\nexternal x {{ latency = 100ms }}\nflow f {{ rate = 0.001 rps, job -> x }}\n"
    ));
    let own = &doc["flows"]["f"]["own_work"];
    let got = shares(&doc, "f");
    assert!((number(&own["share_mean"]) - 30.0 / 130.0).abs() < 1e-3, "{own}");
    assert!((number(&own["share_p99"]) + got[0].2 - 1.0).abs() < 1e-9, "{own} {got:?}");
    assert!(number(&own["share_p99"]) < 0.1, "{own}");
}

#[test]
fn shares_of_every_example_sum_to_one() {
    for path in ["examples/shop/shop.arch", "examples/story/5-final.arch"] {
        let output = archc(&["analyze", "--format", "json", path], "");
        let doc: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        for (name, flow) in doc["flows"].as_object().expect("flows") {
            if flow["latency"].is_null() {
                assert!(flow["hops"][0]["share_p99"].is_null(), "{name}");
                continue;
            }
            let sum = |field: &str| {
                let hops = flow["hops"].as_array().expect("a list");
                hops.iter().map(|h| number(&h[field])).sum::<f64>() + flow["own_work"][field].as_f64().unwrap_or(0.0)
            };
            assert!((sum("share_mean") - 1.0).abs() < 1e-9, "{name}: {}", sum("share_mean"));
            assert!((sum("share_p99") - 1.0).abs() < 1e-9, "{name}: {}", sum("share_p99"));
        }
    }
}

/// What `explain` says of a number of a design.
fn explain(design: &str, what: &str) -> String {
    let output = archc(&["explain", "-", what], design);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_percentile_is_derived_step_by_step() {
    let design = format!(
        "{BARE}let work = 10ms\nservice app {{ cpu = work, replicas = 2, wait = 1ms }}\ncache hot : redis {{ hit = 75%, cores = 1 }}
external psp {{ latency = p50 80ms p99 300ms }}\nexternal slow {{ latency = 20ms }}
flow f {{ rate = 20 rps, web -> app {{\n    parallel {{ -> psp, -> slow 30% }}\n    -> hot.get else {{ -> slow x2 }}\n    ~> slow\n  }}\n}}\n"
    );
    let text = explain(&design, "f.p99");
    let doc = analyze(&design);
    let p99 = number(&doc["flows"]["f"]["latency"]["p99"]);
    let wanted = [
        // The number that analyze shows.
        &format!("f.p99 = {}ms", (p99 * 1e3).round()),
        // Half the rate at each replica: 10 rps of 10 ms.
        "all replicas, 2 of them: M/M/c (Erlang C); 10 rps at each queue of 1 server, 10ms of service: 10% used",
        "cpu = 10ms, exponential, let at standard input:5",
        "wait = 1ms, constant, written at standard input:5",
        "replicas = 2, written at standard input:5",
        "at once; the slowest of these counts:",
        "app -> slow.call, 0.3 a request (30%)",
        "latency = log-normal through p50 80ms and p99 300ms",
        "hit = 75%, written at standard input:6",
        "cpu = 8.3us, exponential, default of the engine",
        "on a miss of `hot`, `app` goes on:",
        "app -> slow.call, 0.5 a request (misses of `hot`, x2)",
        "nobody waits for it",
        "so it splits:",
    ];
    for want in wanted {
        assert!(text.contains(want), "`{want}` is not in\n{text}");
    }
    let mean = explain(&design, "f.mean");
    assert!(mean.starts_with("f.mean = "), "{mean}");
    let response = explain(&design, "app.response");
    assert!(response.starts_with("app.response: mean 12.1ms"), "{response}");
    assert!(response.contains("M/M/c (Erlang C)"), "{response}");
}

#[test]
fn a_time_without_bound_is_explained_too() {
    let text =
        explain(&format!("{BARE}service app {{ cpu = 10ms }}\nflow f {{ rate = 200 rps, web -> app }}\n"), "f.p99");
    assert!(text.starts_with("f.p99 has no bound: `app` is at 200% of its cpu: its queue grows"), "{text}");
    assert!(text.contains("no formula: it is full; 200 rps"), "{text}");
}

#[test]
fn waits_between_tries_have_a_share_and_what_is_cut_off_has_none() {
    // An attempt of mean 100 ms is given up at 200 ms, tried three times, 50 ms apart.
    let doc = analyze(&format!(
        "{BARE}service app {{ cpu = exp 100ms, cores = 64, replicas = 4 }}\n\
         flow f {{ rate = 1 rps, web -> app {{ timeout = 200ms, retries = 2, backoff = 50ms, jitter = false }} }}\n"
    ));
    let late = (-2.0_f64).exp();
    let attempts = 1.0 + late + late * late;
    let at_work = 0.1 * (1.0 - late) * attempts;
    // The first wait is 50 ms; the second twice that, as far as the language doubles it.
    let mean = doc["flows"]["f"]["latency"]["mean"].as_f64().expect("known");
    let share = |x: &Value| x["share_mean"].as_f64().expect("known");
    let (app, waits) = (share(&doc["flows"]["f"]["hops"][0]), share(&doc["flows"]["f"]["retry_waits"]));
    assert!((app * mean - at_work).abs() < 1e-4 * at_work, "{} s at work, not {at_work}", app * mean);
    assert!((app + waits - 1.0).abs() < 1e-6, "{app} + {waits}");
    assert!(waits > 0.03, "{waits}");
}

#[test]
fn a_collapse_is_blamed_on_retries_and_breaks_where_it_begins() {
    let design = |rate: f64| {
        format!(
            "{BARE}service app {{ cpu = exp 10ms }}\n\
             flow f {{ rate = {rate} rps, web -> app {{ timeout = 100ms, retries = 2 }} }}\n"
        )
    };
    // M/M/1 with up to three attempts: the largest rate that the fixed point carries, by steps.
    let carries = |rate: f64| {
        let mut all = rate;
        for _ in 0..20_000 {
            if all >= 100.0 {
                return false;
            }
            let late = (-(100.0 - all) * 0.1).exp();
            all = rate * (1.0 + late + late * late);
        }
        all < 100.0
    };
    let mut most = 50.0;
    while carries(most + 0.1) {
        most += 0.1;
    }
    let out = archc(&["check", "-"], &design(85.0));
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    assert!(said.contains("its retries alone overload"), "{said}");
    let want = format!("breaks at {}x of this load", archc::units::significant(most / 85.0, 2));
    assert!(said.contains(&want), "{want}\n{said}");
    let doc = analyze(&design(85.0));
    for zone in doc["flows"]["f"]["survives"].as_object().expect("zones").values() {
        assert_eq!(zone, &Value::Bool(false), "a flow that fails whole survives nothing");
    }
    let at = doc["components"]["app"]["saturates_at"].as_f64().expect("known");
    assert!((at * 85.0 - most).abs() < 0.25, "{at}");
}
