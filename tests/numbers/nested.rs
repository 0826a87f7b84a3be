//! Retries inside retries, with threads, bounded queues, limits and breakers at once: against a
//! simulation, and that every such design comes to an end.

use crate::support::Says;
use archc::analysis::{Facts, LATENCY_METRICS, Measure, limits};
use archc::session::{judge, open_text};
use archc::theory::Distribution;
use archc::theory::attempts::Tries;
use proptest::prelude::*;

/// A generator of uniform numbers (Marsaglia's xorshift), seeded.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Box and Muller.
    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// The time of a call, and whether it is answered.
fn call(r: &mut Random, tries: &Tries, attempt: &mut dyn FnMut(&mut Random) -> (f64, bool)) -> (f64, bool) {
    let mut time = 0.0;
    for k in 0..=tries.waits.len() {
        let (t, fine) = attempt(r);
        let limit = tries.timeout.unwrap_or(f64::INFINITY);
        time += t.min(limit);
        if t <= limit && fine && r.uniform() >= tries.error {
            return (time, true);
        }
        time += tries.waits.get(k).copied().unwrap_or(0.0);
    }
    (time, false)
}

#[test]
fn three_calls_inside_each_other_are_as_simulated() {
    let lognormal = (0.05_f64, 0.9_f64);
    let sigma = (lognormal.1 / lognormal.0).ln() / 2.326_347_874_040_841;
    let tries = [
        Tries { timeout: Some(0.5), error: 0.01, waits: vec![0.05, 0.1], budget: None },
        Tries { timeout: Some(0.8), error: 0.0, waits: vec![0.02], budget: None },
        Tries { timeout: Some(1.5), error: 0.002, waits: vec![0.0, 0.0], budget: None },
    ];
    let own = [0.01, 0.02];
    // What the product says: errors below are errors of the attempt above.
    let first = Distribution::lognormal(lognormal.0, lognormal.1).unwrap().tried(&tries[0]).unwrap();
    let mut last = first.clone();
    for (policy, work) in tries[1..].iter().zip(own) {
        let error = 1.0 - (1.0 - policy.error) * (1.0 - last.outcome.residual);
        let attempt = Distribution::exponential(work).unwrap().then(&last.time);
        last = attempt.tried(&Tries { error, ..policy.clone() }).unwrap();
    }
    // What happens.
    let mut r = Random(0x9e37_79b9_7f4a_7c15);
    let n = 300_000;
    let mut times = Vec::with_capacity(n);
    let mut failed = 0;
    for _ in 0..n {
        let mut ext = |r: &mut Random| (lognormal.0 * (sigma * r.normal()).exp(), true);
        let mut one = |r: &mut Random| {
            let (t, fine) = call(r, &tries[0], &mut ext);
            (t - own[0] * r.uniform().ln(), fine)
        };
        let mut two = |r: &mut Random| {
            let (t, fine) = call(r, &tries[1], &mut one);
            (t - own[1] * r.uniform().ln(), fine)
        };
        let (time, fine) = call(&mut r, &tries[2], &mut two);
        times.push(time);
        failed += usize::from(!fine);
    }
    times.sort_by(f64::total_cmp);
    let mean = times.iter().sum::<f64>() / n as f64;
    assert!((last.time.mean() / mean - 1.0).abs() < 0.01, "{} {mean}", last.time.mean());
    for q in [0.5, 0.9, 0.97, 0.99, 0.999] {
        let (got, seen) = (last.time.quantile(q).unwrap(), times[(q * n as f64) as usize]);
        // The chance of the simulated quantile, within five deviations of the count.
        let spread = 5.0 * (q * (1.0 - q) / n as f64).sqrt();
        let p = last.time.cdf(seen);
        assert!((p - q).abs() < spread + 2e-4, "p{q}: {got} is not {seen} (chance {p})");
    }
    let share = failed as f64 / n as f64;
    assert!((last.outcome.residual - share).abs() < 2e-4, "{} {share}", last.outcome.residual);
}

fn service(depth: usize) -> impl Strategy<Value = String> {
    let flag = |text: &'static str| prop_oneof![Just(""), Just(text)];
    (1u32..30, 1u32..6, prop_oneof![Just(""), Just(", timeout = 1s"), Just(", timeout = 80ms")], 0u32..4, 2u32..40)
        .prop_flat_map(move |(cpu, replicas, timeout, retries, threads)| {
            let threads = format!(", threads = {threads}");
            (
                prop_oneof![Just(String::new()), Just(threads)],
                flag(", max_queue = 10"),
                flag(", breaker = true"),
                flag(", retry_budget = 10%"),
            )
                .prop_map(move |(threads, queue, breaker, budget)| {
                    format!(
                        "service s{depth} {{ cpu = {cpu}ms, replicas = {replicas}, retries = {retries}{timeout}\
                         {threads}{queue}{breaker}{budget} }}\n"
                    )
                })
        })
}

fn design() -> impl Strategy<Value = String> {
    (
        (1usize..4).prop_flat_map(|n| (0..n).map(service).collect::<Vec<_>>()),
        10u32..300,
        prop_oneof![Just(""), Just(", limit = 100 rps")],
        prop_oneof![Just("latency = 20ms"), Just("latency = p50 50ms p99 900ms")],
        prop_oneof![Just(""), Just("{ timeout = 500ms, retries = 2, backoff = 50ms }"), Just("{ hedge = 100ms }")],
    )
        .prop_map(|(services, rate, limit, latency, call)| {
            let names: Vec<String> = (0..services.len()).map(|i| format!("s{i}")).collect();
            format!(
                "arch 1\nsystem t {{ provider = none }}\nclient web {{ users = 1k }}\n{}external ext {{ {latency}{limit} }}\n\
                 flow read {{ rate = {rate} rps\n slo {{ p99 <= 2s }}\n web -> {} -> ext {call} }}\n",
                services.concat(),
                names.join(" -> ")
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 8, ..ProptestConfig::default() })]

    /// Whatever waits, refuses and is tried again at once: there is a number or a reason.
    #[test]
    fn every_such_design_comes_to_an_end(text in design()) {
        let judged = judge(&open_text("t.arch", &text, &[]), jiff::civil::date(2026, 11, 25), false);
        prop_assert!(judged.language_errors().is_empty(), "{text}");
        let facts = Facts::new(&judged.model, 1.0);
        for metric in LATENCY_METRICS {
            match facts.latency[0].time.measure(metric) {
                Measure::Known(x) => prop_assert!(x.is_finite() && x > 0.0, "{metric} {x}\n{text}"),
                Measure::Unbounded(why) | Measure::Unknown(why) => prop_assert!(!why.to_string().is_empty(), "{text}"),
            }
        }
        let found = limits(&judged.model, &facts, 1.0);
        prop_assert_eq!(found.saturates.len(), judged.model.components.len());
    }
}

/// Two services over an external that is near its limit, each with all that couples them.
#[test]
fn a_collapse_ends_the_search_for_what_breaks() {
    let services: String = (0..2)
        .map(|i| {
            let with = "replicas = 4, timeout = 1s, threads = 20, retries = 2, max_queue = 10, breaker = true";
            format!("service s{i} {{ cpu = {}ms, {with} }}\n", 2 + i)
        })
        .collect();
    let text = format!(
        "arch 1\nclient web {{ users = 100k }}\n{services}\
         external ext {{ latency = p50 50ms p99 900ms, limit = 100 rps, availability = 99% }}\n\
         flow read {{ rate = 80 rps\n slo {{ errors <= 1%, p99 <= 2s }}\n\
         web -> s0 -> s1 -> ext {{ timeout = 500ms, retries = 2, backoff = 50ms }} }}\n"
    );
    let design = open_text("chain.arch", &text, &[]);
    let model = judge(&design, jiff::civil::date(2026, 11, 25), false).model;
    let facts = Facts::new(&model, 1.0);
    assert!(!facts.unsettled);
    // A fifth more is more than the limit lets in: all tries of all callers add up.
    assert!(Facts::works(&model, 1.3).unsettled);
    let found = limits(&model, &facts, 1.0);
    for at in &found.slo[0] {
        let archc::analysis::At::Unknown(why) = at else { panic!("{at:?}") };
        assert!(why.contains("it is met up to 1x this load; past that, the design does not converge"), "{why}");
    }
}
