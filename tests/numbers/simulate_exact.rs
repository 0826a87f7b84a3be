//! The event simulation where an answer can be told by hand: constants, and shares.

use crate::simulate::{HEAD, flow, run};
use crate::support::run::archc;
use archc::simulate::{Estimate, Simulated};

/// A flow of an idle service `a`, which makes these calls; `every` spaces its starts evenly.
fn design(parts: &str, steps: &str) -> String {
    format!("{HEAD}service a {{ cpu = 0ms }}\n{parts}\nflow f {{ rate = 10 rps, web -> a {{ {steps} }} }}\n")
}

fn every(period: &str, parts: &str, steps: &str) -> String {
    format!(
        "{HEAD}timer t {{ every = {period} }}\nservice a {{ cpu = 0ms }}\n{parts}\nflow f {{ t -> a {{ {steps} }} }}\n"
    )
}

const EVENTS: u64 = 30_000;

fn mean(s: &Simulated, index: usize) -> f64 {
    flow(s, index).ended.iter().find(|(name, _)| *name == "mean").expect("ended requests").1.value
}

#[track_caller]
fn exactly(design: &str, seconds: f64, errors: f64) {
    let s = run(design, EVENTS);
    let f = flow(&s, 0);
    let got = mean(&s, 0);
    assert!((got - seconds).abs() <= 1e-9 * seconds.max(1.0), "{got} instead of {seconds}\n{design}");
    assert!((f.errors.value - errors).abs() < 1e-12, "{} instead of {errors} failed\n{design}", f.errors.value);
    // All requests take the same time: the percentiles are told to 1/256.
    for (name, e) in &f.ended {
        assert!(
            (e.value - seconds).abs() <= seconds / 200.0 + 1e-9,
            "{name}: {} instead of {seconds}\n{design}",
            e.value
        );
    }
}

/// Four standard errors, of which half an interval is about two.
#[track_caller]
fn around(got: Estimate, want: f64, what: &str) {
    let half = (got.high - got.value).max(1e-12);
    assert!((got.value - want).abs() <= 2.0 * half, "{what}: {} ± {half} instead of {want}", got.value);
    assert!(half <= 0.2 * want, "{what}: ± {half} tells nothing of {want}");
}

const X: &str = "external x { latency = const 100ms }\nexternal y { latency = const 7ms }\n";

#[test]
fn attempts_add_up() {
    // 50 ms, a wait of 10, 50 ms, a wait of 20, 50 ms.
    let tried = "-> x { timeout = 50ms, retries = 2, backoff = 10ms }";
    exactly(&design(X, tried), 0.180, 1.0);
    exactly(&design(X, &format!("{tried} fallback {{ -> y }}")), 0.187, 0.0);
    exactly(&design(X, &tried.replace("backoff", "optional = true, backoff")), 0.180, 0.0);
    exactly(&design(X, "-> x { timeout = 150ms, retries = 2, backoff = 10ms }"), 0.100, 0.0);
    // Two requests of 100 ms, the second 30 ms later: the first answer counts.
    exactly(&design(X, "-> x { hedge = 30ms }"), 0.100, 0.0);
    // After a failure nothing follows.
    exactly(&design(X, "-> x { timeout = 50ms }, -> y"), 0.050, 1.0);
}

#[test]
fn a_wait_with_jitter_is_uniform() {
    let s = run(&design(X, "-> x { timeout = 50ms, retries = 2, backoff = 10ms, jitter = true }"), EVENTS);
    let got = flow(&s, 0).ended.iter().find(|(n, _)| *n == "mean").expect("ended").1;
    around(got, 0.150 + 0.005 + 0.010, "three attempts and two waits");
}

#[test]
fn a_hedge_takes_the_earlier_answer() {
    // An exponential of mean m, from t on beside a second: m - m e^(-t/m) / 2.
    let s = run(&design("external x { latency = exp 20ms }\n", "-> x { hedge = 10ms }"), 200_000);
    around(flow(&s, 0).time("mean").expect("answered"), 0.020 - 0.010 * (-0.5_f64).exp(), "hedge");
}

#[test]
fn lists_add_up_and_branches_do_not() {
    exactly(&design(X, "-> x, -> y"), 0.107, 0.0);
    exactly(&design(X, "parallel { -> x, -> y, -> y }"), 0.100, 0.0);
    exactly(&design(X, "-> y x3"), 0.021, 0.0);
    exactly(&design(X, "parallel { -> y x3 }"), 0.007, 0.0);
    exactly(&design(X, "parallel { choose { 100% { -> y x3 } }, -> y }"), 0.021, 0.0);
    // A failed branch ends the list at once.
    exactly(&design(X, "parallel { -> x, -> y { timeout = 5ms } }"), 0.005, 1.0);
    // What is not waited for does not delay.
    exactly(&design(X, "~> x, -> y"), 0.007, 0.0);
}

#[test]
fn shares_are_shares() {
    let mean = |steps: &str| flow(&run(&design(X, steps), 200_000), 0).time("mean").expect("answered");
    around(mean("choose { 25% { -> x }, 75% { -> y } }"), 0.25 * 0.100 + 0.75 * 0.007, "choose");
    around(mean("-> x 40%"), 0.040, "share");
    around(mean("-> x x0.5"), 0.050, "half a call");
    around(mean("-> y x2.5"), 0.0175, "two calls and a half");
    // Every fourth request sends what four have gathered.
    around(mean("-> x { batch = 4 }"), 0.025, "batch of calls");
    let s = run(&design(&format!("{X}cache hot {{ cpu = 0ms, hit = 90% }}\n"), "-> hot.get else { -> x }"), 200_000);
    around(flow(&s, 0).time("mean").expect("answered"), 0.010, "misses");
    let hot = s.components.iter().find(|c| c.name == "hot").expect("the cache");
    around(hot.hit.expect("lookups"), 0.9, "hits");
}

#[test]
fn a_connection_is_held_until_the_answer() {
    let db = "database d { cpu = 0ms, wait = const 8ms, pool = 1 }";
    exactly(&every("10ms", db, "-> d.read"), 0.008, 0.0);
    // The second call waits for the only connection.
    exactly(&every("20ms", db, "parallel { -> d.read, -> d.read }"), 0.016, 0.0);
    exactly(&every("20ms", &db.replace("pool = 1", "pool = 2"), "parallel { -> d.read, -> d.read }"), 0.008, 0.0);
    // What waits for a connection when it times out is not sent: the third starts at 16 ms.
    exactly(
        &every("40ms", db, "parallel { -> d.read, -> d.read { timeout = 7ms, optional = true }, -> d.read }"),
        0.016,
        0.0,
    );
}

#[test]
fn a_core_serves_one_at_a_time() {
    let db = "database d { cpu = const 5ms, cores = 1 }";
    exactly(&every("30ms", db, "parallel { -> d.read x4 }"), 0.020, 0.0);
    exactly(&every("30ms", &db.replace("cores = 1", "cores = 2"), "parallel { -> d.read x4 }"), 0.010, 0.0);
    let s = run(&every("10ms", db, "-> d.read"), EVENTS);
    let d = s.components.iter().find(|c| c.name == "d").expect("the store");
    assert!((d.utilization.expect("cores").value - 0.5).abs() < 1e-3, "{d:?}");
    // Work that is abandoned is still done: the second attempt waits 3 ms for it, and times out again.
    exactly(&every("30ms", db, "-> d.read { timeout = 2ms, retries = 1 }"), 0.004, 1.0);
    exactly(&every("30ms", db, "-> d.read { timeout = 2ms, retries = 1, backoff = 3ms }"), 0.007, 1.0);
    exactly(&every("30ms", db, "-> d.read { timeout = 4ms, retries = 1, backoff = 3ms }"), 0.011, 1.0);
    exactly(&every("30ms", db, "-> d.read { timeout = 5.5ms, retries = 1 }"), 0.005, 0.0);
}

#[test]
fn a_rate_limit_lets_its_rate_through() {
    // A token takes 3.33 starts, so every fourth is let through.
    let text = every("5ms", "gateway gw { cpu = 0ms, rate_limit = 60 rps, burst = 1 }", "-> gw");
    let s = run(&text, EVENTS);
    assert!((flow(&s, 0).errors.value - 0.75).abs() < 1e-3, "{}", flow(&s, 0).errors.value);
    let gw = s.components.iter().find(|c| c.name == "gw").expect("the gateway");
    assert!((gw.refused.value - 0.75).abs() < 1e-3, "{gw:?}");
    // At twice the limit the bucket is never full, so half is refused.
    let text =
        design("external x { latency = const 1ms, limit = 50 rps }", "-> x").replace("10 rps, web", "100 rps, web");
    around(flow(&run(&text, 200_000), 0).errors, 0.5, "limit of an external system");
}

#[test]
fn a_breaker_opens() {
    let text = every("10ms", X, "-> x { timeout = 50ms }").replace("cpu = 0ms }", "cpu = 0ms, breaker = true }");
    let s = run(&text, 200_000);
    let f = flow(&s, 0);
    assert!((f.errors.value - 1.0).abs() < 1e-12);
    // Twenty outcomes, five of them of calls that were open when it opened, in each 5 s and a bit.
    let tried = mean(&s, 0) / 0.050;
    assert!((0.03..0.05).contains(&tried), "{tried}");
}

#[test]
fn a_budget_bounds_retries() {
    let text = every("10ms", X, "-> x { timeout = 50ms, retries = 3 }")
        .replace("cpu = 0ms }", "cpu = 0ms, retry_budget = 20% }");
    let s = run(&text, 100_000);
    assert!((mean(&s, 0) - 0.050 * 1.2).abs() < 0.0005, "{}", mean(&s, 0));
}

#[test]
fn consumers_take_what_is_there() {
    let lag = |group: &str, publish: &str, attrs: &str| {
        let parts =
            format!("queue q {{ cpu = 0ms }}\nservice w {{ cpu = const 4ms{attrs} }}\nflow g {{ {group} q ~> w }}\n");
        let s = run(&every("50ms", &parts, publish), EVENTS);
        let at = s.flows.iter().position(|f| f.as_ref().is_ok_and(|f| f.is_lag)).expect("a lag");
        assert!(mean(&s, 1 - at).abs() < 1e-12, "the publisher does not wait");
        mean(&s, at)
    };
    // The run may end, and the counts start, between two messages of those published together.
    let close = |got: f64, want: f64| assert!((got - want).abs() < 0.005 * want, "{got} instead of {want}");
    close(lag("", "~> q.publish", ""), 0.004);
    close(lag("", "-> q.publish x3", ""), (0.004 + 0.008 + 0.012) / 3.0);
    close(lag("", "-> q.publish x3", ", replicas = 3"), 0.004);
    // The first is taken alone, then three at once, then two.
    close(lag("batch = 3,", "-> q.publish x6", ""), (0.004 + 3.0 * 0.008 + 2.0 * 0.012) / 6.0);
}

#[test]
fn copies_answer_as_the_store_promises() {
    let store = |more: &str| format!("database d {{ cpu = const 5ms, {more} }}");
    for (w, seconds) in [(1, 0.005), (2, 0.005), (3, 0.005)] {
        let d = store(&format!("replicas = 3, replication = quorum, w = {w}, r = {}", 4 - w));
        exactly(&every("20ms", &d, "-> d.write"), seconds, 0.0);
    }
    // A trip from the timer to `a` and one to the primary, its work, the follower's, a trip between the two.
    let near = |text: String| text.replace("zone = 0ms, cross_zone = 0ms", "zone = 1ms, cross_zone = 1ms");
    exactly(
        &near(every("40ms", &store("replicas = 2, replication = sync"), "-> d.write")),
        0.001 + 0.001 + 0.005 + 0.005 + 0.001,
        0.0,
    );
    exactly(
        &near(every("40ms", &store("replicas = 2, replication = async"), "-> d.write")),
        0.001 + 0.001 + 0.005,
        0.0,
    );
}

#[test]
fn what_is_lost_answers_nothing() {
    let text = design("external x { latency = const 9ms }\nservice b { cpu = 0ms }\n", "-> b fallback { -> x }")
        + "scenario gone { fail = [b] }\n";
    let json = |design: &str| -> serde_json::Value {
        let out = archc(&["simulate", "-", "--events", "1", "--scenario", "gone", "--format", "json"], design);
        serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)))
    };
    let with = &json(&text)["flows"]["f"];
    assert_eq!(with["errors"]["value"], 0.0, "{with}");
    assert!((with["latency"]["mean"]["value"].as_f64().expect("a time") - 0.009).abs() < 1e-9, "{with}");
    let without = &json(&text.replace(" fallback { -> x }", ""))["flows"]["f"];
    assert_eq!(without["errors"]["value"], 1.0, "{without}");
}
