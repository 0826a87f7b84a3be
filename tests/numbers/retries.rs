//! Timeouts, retries, hedges and fallbacks through the language, against figures with
//! known answers (`tests/reference/capacity.json`), closed forms and properties.

use crate::support::judged::judged;
use crate::support::oracles;
use crate::support::run::{analyze, analyze_with, archc};
use archc::session::Judged;
use archc::sizing::Status;
use serde_json::Value;

fn text(more: &[&str], design: &str) -> String {
    let output = archc(more, design);
    assert_eq!(output.status.code(), Some(0), "{}\n{design}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn close(value: &Value, want: f64, by: f64) {
    let got = value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    assert!((got - want).abs() <= by * want.abs().max(1e-9), "{got} is not {want}");
}

fn case(id: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../reference/capacity.json")).expect("JSON");
    let list = all["cases"].as_array().expect("a list");
    list.iter().find(|c| c["id"] == id).unwrap_or_else(|| panic!("no case {id}")).clone()
}

const HEAD: &str = "arch 1\nsystem s { provider = none }\nclient web { }\n";

/// One queue with the numbers of a case.
fn queue(case: &Value, rate: f64) -> String {
    let i = &case["inputs"];
    let service = 1000.0 / i["mu"].as_f64().expect("a rate");
    let (timeout, retries) = (i["timeout"].as_f64().expect("seconds") * 1000.0, &i["max_retries"]);
    format!(
        "{HEAD}service api {{ cpu = exp {service}ms }}\nflow f {{ rate = {rate} rps, web -> api {{ timeout = {timeout}ms, retries = {retries} }} }}\n"
    )
}

#[test]
fn feedback_settles_at_the_published_point() {
    let c = case("retry_fp_50");
    let rate = c["inputs"]["lam0"].as_f64().expect("a rate");
    let doc = analyze(&queue(&c, rate));
    let (flow, hop) = (&doc["flows"]["f"], &doc["flows"]["f"]["hops"][0]);
    let p = c["expected"]["p_timeout"].as_f64().expect("p");
    close(&hop["rate"], c["expected"]["lam_eff"].as_f64().expect("a rate"), 1e-9);
    close(&doc["components"]["api"]["rate"], c["expected"]["lam_eff"].as_f64().expect("a rate"), 1e-9);
    close(&hop["attempt_times_out"], p, 1e-8);
    close(&hop["attempts"], 1.0 + p + p * p, 1e-10);
    close(&flow["errors"], p * p * p, 1e-6);
    // Once all attempts are made, 150 a second fill what serves 100.
    assert_eq!(flow["stability"], "metastable");
    assert!(flow["stability_why"].as_str().expect("words").contains("up to 150 rps instead of 50.4 rps"), "{flow}");
    // The p99 by the definition: sums of what is given up and of what is answered.
    let theta = 100.0 - c["expected"]["lam_eff"].as_f64().expect("a rate");
    let cdf = |y: f64| -> f64 {
        let one = |k: i32| p.powi(k) * -(-theta * (y - 0.1 * f64::from(k)).clamp(0.0, 0.1)).exp_m1();
        one(0) + one(1) + one(2) + if y >= 0.3 { p * p * p } else { 0.0 }
    };
    for (name, q) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)] {
        let y = flow["latency"][name].as_f64().expect("known");
        assert!((cdf(y) - q).abs() < 1e-6 * (1.0 - q), "{name} {y}: {}", cdf(y));
    }
    let mean: f64 = (0..3).map(|k| p.powi(k) * (1.0 - p) / theta).sum();
    close(&flow["latency"]["mean"], mean, 1e-9);
}

#[test]
fn retries_that_overload_are_said_to() {
    for id in ["retry_fp_85", "retry_fp_95"] {
        let c = case(id);
        let rate = c["inputs"]["lam0"].as_f64().expect("a rate");
        assert_eq!(c["expected"]["metastable_collapse"], true);
        let doc = analyze(&queue(&c, rate));
        let flow = &doc["flows"]["f"];
        assert_eq!(flow["stability"], "collapses");
        let why = flow["stability_why"].as_str().expect("words");
        assert_eq!(why, format!("its retries alone overload `api`, although without them it is at {rate}%"));
        assert_eq!(flow["latency"]["p99"], "unbounded");
        close(&flow["errors"], 1.0, 0.0);
        close(&flow["hops"][0]["attempt_times_out"], c["expected"]["p_timeout"].as_f64().expect("p"), 0.0);
        close(&doc["components"]["api"]["rate"], c["expected"]["saturated_offered"].as_f64().expect("a rate"), 1e-12);
    }
}

#[test]
fn attempts_and_residual_are_the_geometric_series() {
    for id in ["retry_0.1_3", "retry_0.5_3", "retry_0.01_2"] {
        let c = case(id);
        let (p, m) = (c["inputs"]["p_fail"].as_f64().expect("p"), &c["inputs"]["max_retries"]);
        // An exponential of mean 10 ms exceeds the timeout with that probability.
        let timeout = -10.0 * p.ln();
        let doc = analyze(&format!(
            "{HEAD}external x {{ latency = exp 10ms }}\nservice a {{ cpu = 0ms }}\nflow f {{ rate = 10 rps, web -> a {{ -> x {{ timeout = {timeout:.12}ms, retries = {m} }} }} }}\n"
        ));
        let hop = &doc["flows"]["f"]["hops"][1];
        close(&hop["attempt_times_out"], p, 1e-6);
        close(&hop["attempts"], c["expected"]["attempts_per_request"].as_f64().expect("known"), 1e-6);
        close(&hop["errors"], c["expected"]["residual_failure"].as_f64().expect("known"), 1e-6);
        close(&doc["flows"]["f"]["errors"], c["expected"]["residual_failure"].as_f64().expect("known"), 1e-6);
        assert_eq!(doc["flows"]["f"]["stability"], "stable");
    }
}

fn layers(retries: u32, caller: &str) -> String {
    let service =
        |n: &str| format!("service {n} {{ cpu = 0.1ms, replicas = 9, timeout = 9s, retries = {retries}, {caller} }}\n");
    format!(
        "{HEAD}{}{}{}service x {{ cpu = 1ms }}\nflow f {{ rate = 1 rps, slo {{ errors <= 1% }}, web -> a -> b -> c -> x }}\nscenario dead {{ fail = [x], expect flow f {{ errors <= 1% }} }}\n",
        service("a"),
        service("b"),
        service("c")
    )
}

#[test]
fn layers_multiply_on_a_dead_end() {
    for id in ["retry_layers_3x3", "retry_layers_4x3"] {
        let c = case(id);
        let attempts = c["inputs"]["attempts_per_layer"].as_u64().expect("a count");
        let retries = u32::try_from(attempts).expect("small") - 1;
        let doc = analyze_with(&["--scenario", "dead"], &layers(retries, ""));
        let flow = &doc["flows"]["f"];
        close(&flow["hops"][3]["visits"], c["expected"]["amplification"].as_f64().expect("known"), 1e-12);
        close(&flow["errors"], 1.0, 0.0);
        assert_eq!(flow["latency"]["p99"], "unbounded");
    }
    // A breaker makes it one; a budget of 10% makes it 1.1 cubed.
    let doc = analyze_with(&["--scenario", "dead"], &layers(3, "breaker = true"));
    close(&doc["flows"]["f"]["hops"][3]["visits"], 1.0, 1e-12);
    assert_eq!(doc["flows"]["f"]["hops"][3]["breaker_open"], true);
    assert!(text(&["analyze", "-", "--scenario", "dead"], &layers(3, "breaker = true")).contains("a breaker is open"));
    let doc = analyze_with(&["--scenario", "dead"], &layers(3, "retry_budget = 10%"));
    close(&doc["flows"]["f"]["hops"][3]["visits"], 1.331, 1e-9);
    // The scenario's own target is missed, that of the healthy design met.
    let doc = analyze(&layers(3, ""));
    assert_eq!(doc["scenarios"]["dead"]["holds"], false);
    assert_eq!(doc["flows"]["f"]["slo"][0]["met"], true);
    close(&doc["flows"]["f"]["hops"][3]["visits"], 1.0, 1e-9);
}

#[test]
fn a_breaker_ends_a_collapse() {
    let design = |more: &str| {
        format!(
            "{HEAD}service a {{ cpu = 0.1ms, timeout = 100ms, retries = 2, {more} }}\nservice b {{ cpu = exp 10ms }}\nflow f {{ rate = 85 rps, web -> a -> b }}\n"
        )
    };
    assert_eq!(analyze(&design(""))["flows"]["f"]["stability"], "collapses");
    let doc = analyze(&design("breaker = true"));
    let flow = &doc["flows"]["f"];
    close(&doc["components"]["b"]["rate"], 85.0, 1e-9);
    // Without retries an attempt fails with probability exp(-15 * 0.1).
    close(&flow["errors"], (-1.5_f64).exp(), 1e-6);
    // A budget keeps the load at 93.5 at most, which b carries.
    let doc = analyze(&design("retry_budget = 10%"));
    let hop = &doc["flows"]["f"]["hops"][1];
    close(&hop["attempts"], 1.1, 1e-9);
    let p = (-6.5 * 0.1_f64).exp();
    close(&hop["attempt_fails"], p, 1e-6);
    close(&doc["flows"]["f"]["errors"], 1.0 - 1.1 * (1.0 - p), 1e-6);
}

#[test]
fn a_fallback_is_asked_when_all_attempts_failed() {
    let design = format!(
        "{HEAD}service a {{ cpu = 0ms }}\nexternal x {{ latency = exp 10ms }}\nservice y {{ cpu = const 1ms, replicas = 100 }}\nflow f {{ rate = 100 rps, web -> a {{ -> x {{ timeout = 10ms, retries = 1, backoff = 4ms }} fallback {{ -> y }} }} }}\n"
    );
    let doc = analyze(&design);
    let (flow, p) = (&doc["flows"]["f"], (-1.0_f64).exp());
    close(&flow["hops"][1]["visits"], 1.0 + p, 1e-9);
    close(&flow["hops"][2]["visits"], p * p, 1e-9);
    close(&doc["components"]["y"]["rate"], 100.0 * p * p, 1e-9);
    close(&flow["errors"], 0.0, 1e-12);
    // The fallback starts 24 ms after the call and takes 1 ms; its queue is nearly idle.
    let mean = (1.0 - p) * 0.01 * (1.0 + p) + p * 0.004 + p * p * 0.001;
    close(&flow["latency"]["mean"], mean, 1e-4);
    let p99 = flow["latency"]["p99"].as_f64().expect("known");
    assert!((0.0249..0.0253).contains(&p99), "{p99}");
    // Without it the residual is what fails.
    let doc = analyze(&design.replace(" fallback { -> y }", ""));
    close(&doc["flows"]["f"]["errors"], p * p, 1e-9);
    // What is optional fails nothing.
    let doc = analyze(&design.replace(" fallback { -> y }", "").replace("backoff = 4ms", "optional = true"));
    close(&doc["flows"]["f"]["errors"], 0.0, 1e-12);
}

#[test]
fn errors_below_are_tried_again_above() {
    // The inner call fails with p; the outer one tries all of that again.
    let doc = analyze(&format!(
        "{HEAD}service a {{ cpu = 0ms, retries = 2 }}\nservice b {{ cpu = 0ms }}\nexternal x {{ latency = exp 10ms }}\nflow f {{ rate = 10 rps, web -> a {{ -> b {{ -> x {{ timeout = 10ms }} }} }} }}\n"
    ));
    let (flow, p) = (&doc["flows"]["f"], (-1.0_f64).exp());
    close(&flow["hops"][1]["attempts"], 1.0 + p + p * p, 1e-9);
    close(&flow["hops"][2]["visits"], 1.0 + p + p * p, 1e-9);
    close(&flow["errors"], p * p * p, 1e-9);
    // Each attempt takes E min(T, 10 ms) on average.
    close(&flow["latency"]["mean"], (1.0 + p + p * p) * 0.01 * (1.0 - p), 1e-6);
}

#[test]
fn a_hedge_is_the_sooner_of_two() {
    let design = |latency: &str, hedge: &str| {
        format!(
            "{HEAD}service a {{ cpu = 0ms }}\nexternal x {{ latency = {latency} }}\nflow f {{ rate = 10 rps, web -> a {{ -> x {{ {hedge} }} }} }}\n"
        )
    };
    let doc = analyze(&design("exp 10ms", "hedge = 10ms"));
    close(&doc["flows"]["f"]["hops"][1]["attempts"], 1.0 + (-1.0_f64).exp(), 1e-9);
    // exp(-y/10) exp(-(y-10)/10) = 1%.
    close(&doc["flows"]["f"]["latency"]["p99"], (10.0 - 10.0 * 0.01_f64.ln()) / 2000.0, 1e-4);
    for latency in ["exp 10ms", "const 5ms", "p50 5ms p99 80ms", "mean 10ms cv 2", "mean 10ms cv 0.3"] {
        let p99 = |more: &str| analyze(&design(latency, more))["flows"]["f"]["latency"]["p99"].as_f64().expect("known");
        let plain = p99("");
        for hedge in ["1ms", "5ms", "20ms", "200ms"] {
            let with = p99(&format!("hedge = {hedge}"));
            assert!(with <= plain * (1.0 + 1e-3), "{latency} {hedge}: {with} > {plain}");
        }
    }
}

#[test]
fn latency_never_falls_and_errors_never_fall_as_load_grows() {
    let at = |rate: u32, retries: u32| {
        judged(&format!(
            "{HEAD}service a {{ cpu = exp 2ms, timeout = 60ms, retries = {retries}, backoff = 5ms }}\ndatabase d {{ cpu = exp 5ms }}\nflow f {{ rate = {rate} rps, web -> a {{ timeout = 200ms, -> d.read }} }}\nflow g {{ rate = 20 rps, web -> a {{ timeout = 90ms, retries = 1, -> d.read }} }}\n"
        ))
    };
    for retries in [0, 1, 3] {
        let mut last = [0.0; 4];
        for rate in [10, 50, 80, 100, 120, 130, 140] {
            let j = at(rate, retries);
            let l = &j.facts.latency[0];
            let number = |m: &str| match l.time.measure(m) {
                archc::analysis::Measure::Known(x) => x,
                archc::analysis::Measure::Unbounded(_) => f64::INFINITY,
                archc::analysis::Measure::Unknown(e) => panic!("{e}"),
            };
            let now = [number("mean"), number("p50"), number("p99"), l.errors.clone().expect("known")];
            for (a, b) in last.iter().zip(&now) {
                assert!(*b >= a * (1.0 - 1e-4) - 1e-9, "{retries} {rate}: {last:?} {now:?}");
            }
            last = now;
        }
    }
    // More retries never lower demand.
    for rate in [20, 60, 100, 130] {
        let mut before = 0.0;
        for retries in 0..5 {
            let d = at(rate, retries).facts.demand.components[2].rate.clone().expect("known");
            assert!(d >= before * (1.0 - 1e-9), "{rate} {retries}: {d} < {before}");
            before = d;
        }
    }
}

#[test]
fn a_timeout_that_is_never_reached_changes_nothing() {
    let design = |more: &str| {
        format!(
            "{HEAD}service a {{ cpu = exp 2ms, {more} }}\ndatabase d {{ cpu = exp 3ms }}\nexternal x {{ latency = p50 5ms p99 20ms }}\nflow f {{ rate = 100 rps, web -> a {{ parallel {{ -> d.read x2\n-> x 30% }} }} }}\n"
        )
    };
    let (plain, with) = (analyze(&design("")), analyze(&design("timeout = 60s, retries = 3, backoff = 1s")));
    for field in ["latency", "rate", "errors"] {
        assert_eq!(plain["flows"]["f"][field], with["flows"]["f"][field], "{field}");
    }
    assert_eq!(plain["components"]["d"]["rate"], with["components"]["d"]["rate"]);
}

#[test]
fn unknown_travels() {
    let design = |more: &str| {
        format!(
            "{HEAD}service a {{ cpu = 1ms }}\nexternal x {{ limit = 100 rps }}\nflow f {{ rate = 10 rps, slo {{ errors <= 1% }}, web -> a {{ -> x {{ {more} }} }} }}\n"
        )
    };
    // With a timeout and retries: how often it is tried depends on what is not known.
    let doc = analyze(&design("timeout = 1s, retries = 2"));
    let flow = &doc["flows"]["f"];
    assert!(flow["errors"].is_null() && flow["hops"][1]["attempts"].is_null(), "{flow}");
    assert!(flow["unknown"]["errors"].as_str().expect("a reason").contains("`x` does not set its `latency`"));
    assert!(doc["components"]["x"]["rate"].is_null());
    assert!(doc["components"]["x"]["unknown"]["rate"].as_str().expect("a reason").contains("`latency`"));
    assert!(flow["slo"][0]["met"].is_null());
    // A timeout alone leaves one attempt; retries alone have nothing to repeat.
    let doc = analyze(&design("timeout = 1s"));
    close(&doc["components"]["x"]["rate"], 10.0, 1e-12);
    assert!(doc["flows"]["f"]["errors"].is_null());
    let doc = analyze(&design("retries = 2"));
    close(&doc["components"]["x"]["rate"], 10.0, 1e-12);
    close(&doc["flows"]["f"]["errors"], 0.0, 0.0);
}

#[test]
fn errors_count_against_availability() {
    let design = "arch 1\nsystem s { provider = none }\nclient web { }\nservice a { cpu = 0ms, availability = 99.9% }\nexternal x { latency = exp 10ms, availability = 99% }\nflow f { rate = 10 rps, slo { availability >= 98.9%, errors <= 0.01% }, web -> a { -> x { timeout = 100ms } } }\n";
    let doc = analyze(design);
    let flow = &doc["flows"]["f"];
    let p = (-10.0_f64).exp();
    close(&flow["availability"], 0.999 * 0.99, 1e-12);
    close(&flow["slo"][0]["value"], 0.999 * 0.99 * (1.0 - p), 1e-9);
    close(&flow["slo"][1]["value"], p, 1e-6);
    assert_eq!(flow["slo"][1]["met"], true);
    let doc = analyze(&design.replace("100ms", "50ms"));
    assert_eq!(doc["flows"]["f"]["slo"][1]["met"], false);
    assert_eq!(doc["flows"]["f"]["slo"][0]["met"], false);
}

#[test]
fn sizes_bear_the_retries() {
    let design = |more: &str, slo: &str| {
        format!(
            "arch 1\nsystem s {{ provider = none, {more} }}\nclient web {{ }}\nservice api {{ cpu = exp 10ms, replicas = ? }}\nflow f {{ rate = 85 rps, {slo} web -> api {{ timeout = 100ms, retries = 2 }} }}\n"
        )
    };
    // One replica would be at 85% if its retries did not overload it.
    let count = |j: &Judged| j.facts.utilization[1].utilization.clone().expect("known");
    let j = judged(&design("", ""));
    let sizes = j.filled.sizes.as_ref().expect("open");
    assert_eq!(sizes.status, Status::Optimal);
    assert!((0.42..0.43).contains(&count(&j)), "{}", count(&j));
    assert!(matches!(sizes.choices["api"]["replicas"], archc::model::Chosen::Count(n) if (n - 2.0).abs() < 1e-9));
    // A target of errors asks for more: exp(-(100 - 85 / n) / 10) cubed.
    let j = judged(&design("", "slo { errors <= 0.000001% },"));
    assert!((0.21..0.29).contains(&count(&j)), "{}", count(&j));
    assert_eq!(analyze(&design("", "slo { errors <= 0.000001% },"))["flows"]["f"]["slo"][0]["met"], true);
    // What no number of replicas reaches is said.
    let j = judged(&design("", "slo { errors <= 0.0000000000001% },"));
    let sizes = j.filled.sizes.as_ref().expect("open");
    assert_eq!(sizes.status, Status::Infeasible, "{sizes:?}");
    assert!(sizes.conflict.iter().any(|c| c.contains("errors of flow `f`")), "{:?}", sizes.conflict);
}

#[test]
fn errors_are_explained_call_by_call() {
    let out = text(
        &["explain", "-", "f.errors"],
        &format!(
            "{HEAD}service api {{ cpu = exp 10ms }}\nflow f {{ rate = 50 rps, web -> api {{ timeout = 100ms, retries = 2, backoff = 10ms, jitter = true }} }}\n"
        ),
    );
    for part in ["timeout 100ms, 2 retries, after 5ms, 10ms on average", "0.698%", "1.00703", "metastable"] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn what_is_published_and_consumed_is_tried_again_too() {
    // The consumer of a queue calls what fails half of the time.
    let t = 10.0 * std::f64::consts::LN_2;
    let doc = analyze(&format!(
        "{HEAD}service a {{ cpu = 0ms }}\nqueue q {{ }}\nservice w {{ cpu = 0ms }}\nexternal x {{ latency = exp 10ms }}\nflow f {{ rate = 10 rps, web -> a {{ ~> q }} }}\nflow g {{ q ~> w {{ -> x {{ timeout = {t:.12}ms, retries = 1 }} }} }}\n"
    ));
    close(&doc["components"]["x"]["rate"], 15.0, 1e-9);
}

#[test]
fn feedback_through_the_language_is_that_of_the_scalar_solver() {
    use archc::analysis::Stability;
    use oracles::feedback::{Outcome, mmc_feedback};
    for (retries, timeout) in [(1, 0.05), (2, 0.1), (4, 0.08)] {
        for rate in [5.0, 20.0, 40.0, 50.0, 60.0, 65.0, 70.0, 72.0, 74.0, 76.0, 78.0, 80.0, 90.0] {
            let j = judged(&format!(
                "{HEAD}service api {{ cpu = exp 10ms }}\nflow f {{ rate = {rate} rps, web -> api {{ timeout = {timeout}s, retries = {retries} }} }}\n"
            ));
            let want = mmc_feedback(rate, 0.01, 1, timeout, retries).expect("numbers");
            let got = j.facts.demand.components[1].rate.clone().expect("known");
            let verdict = &j.facts.stability[0];
            match want.outcome {
                Outcome::Stable => assert_eq!(*verdict, Stability::Stable, "{rate} {retries}"),
                Outcome::Metastable => {
                    assert!(matches!(verdict, Stability::Metastable(_)), "{rate} {retries} {verdict:?}")
                }
                Outcome::Collapse => {
                    assert!(matches!(verdict, Stability::Collapses(..)), "{rate} {retries} {verdict:?}")
                }
            }
            let rate = want.from_below.map_or(want.saturated_rate, |p| p.effective_rate);
            assert!((got - rate).abs() < 1e-8 * rate, "{got} {rate}");
        }
    }
}

#[test]
fn a_change_of_one_call_reaches_all_that_share_its_target() {
    // Two flows meet at one database; the retries of one fill it for the other.
    let design = |retries: u32| {
        format!(
            "{HEAD}service a {{ cpu = 0.1ms }}\ndatabase d {{ cpu = exp 10ms }}\nflow f {{ rate = 40 rps, web -> a {{ -> d.read }} }}\nflow g {{ rate = 45 rps, web -> a {{ -> d.read {{ timeout = 100ms, retries = {retries} }} }} }}\n"
        )
    };
    let (calm, storm) = (analyze(&design(0)), analyze(&design(3)));
    assert_eq!(calm["flows"]["f"]["stability"], "stable");
    assert_eq!(storm["flows"]["f"]["stability"], "collapses");
    assert_eq!(storm["flows"]["f"]["latency"]["p99"], "unbounded");
    // Nobody gives up on it there: how many are never answered is not known.
    assert!(storm["flows"]["f"]["errors"].is_null());
    close(&storm["flows"]["g"]["errors"], 1.0, 0.0);
    close(&storm["components"]["d"]["rate"], 40.0 + 45.0 * 4.0, 1e-12);
}
