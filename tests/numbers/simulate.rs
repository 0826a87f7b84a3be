//! The event simulation against closed forms of textbooks: in how many seeds the interval covers
//! them. Also its promises: the same answer on any number of threads, common random numbers,
//! bounded on any design, and a word on each flow that is not simulated.

use crate::support::judged::judged;
use crate::support::{designs, generate};
use archc::diag::Sink;
use archc::session::open_text;
use archc::simulate::{Estimate, FlowResult, Options, Simulated, simulate};

pub const HEAD: &str = "arch 1\nsystem s { provider = none, network { client = 0ms, zone = 0ms, cross_zone = 0ms }, profile { peak_to_mean = 1, trough = 100% } }\nclient web { }\n";

/// A design simulated with all of its events.
pub fn run(design: &str, events: u64) -> Simulated {
    with(design, &Options { events, precision: 1e-9, ..Options::default() })
}

pub fn with(design: &str, options: &Options) -> Simulated {
    simulate(&judged(design).model, options)
}

pub fn flow(s: &Simulated, index: usize) -> &FlowResult {
    s.flows[index].as_ref().unwrap_or_else(|why| panic!("{why}"))
}

fn factorial(n: u32) -> f64 {
    (1..=n).map(f64::from).product()
}

/// Erlang's loss formula, as a sum (Kleinrock 1975, equation 3.48).
fn erlang_b(servers: u32, load: f64) -> f64 {
    let term = |k: u32| load.powi(k as i32) / factorial(k);
    term(servers) / (0..=servers).map(term).sum::<f64>()
}

/// Erlang's delay formula, as a sum (Kleinrock 1975, equation 3.40).
fn erlang_c(servers: u32, load: f64) -> f64 {
    let last = load.powi(servers as i32) / factorial(servers) / (1.0 - load / f64::from(servers));
    last / ((0..servers).map(|k| load.powi(k as i32) / factorial(k)).sum::<f64>() + last)
}

/// Mean sojourn time of M/G/1 by Pollaczek and Khinchine (Kleinrock 1975, equation 5.71).
fn pollaczek_khinchine(rate: f64, mean: f64, cv: f64) -> f64 {
    let load = rate * mean;
    mean + load * mean * (1.0 + cv * cv) / (2.0 * (1.0 - load))
}

/// Share that M/M/c/K refuses (Gross and others 2008, section 2.5).
fn full(servers: u32, most: u32, load: f64) -> f64 {
    let term = |k: u32| {
        let over = k.saturating_sub(servers);
        load.powi(k as i32) / factorial(k.min(servers)) / f64::from(servers).powi(over as i32)
    };
    term(most) / (0..=most).map(term).sum::<f64>()
}

struct Form {
    name: &'static str,
    design: String,
    want: f64,
    /// What is compared: a time of the flow, or the share that component `a` refuses.
    metric: &'static str,
}

impl Form {
    fn got(&self, s: &Simulated) -> Estimate {
        if self.metric == "refused" {
            return s.components.iter().find(|c| c.name == "a").expect("a component").refused;
        }
        flow(s, 0).time(self.metric).expect("answered requests")
    }
}

fn forms() -> Vec<Form> {
    let one = |name, attrs: &str, rate: f64, metric, want| {
        let design = format!("{HEAD}service a {{ {attrs} }}\nflow f {{ rate = {rate} rps, web -> a }}\n");
        Form { name, design, want, metric }
    };
    let tandem = format!(
        "{HEAD}service a {{ cpu = exp 10ms }}\nservice b {{ cpu = exp 5ms }}\nflow f {{ rate = 50 rps, web -> a {{ -> b }} }}\n"
    );
    vec![
        // Sojourn times of M/M/1 are exponential (Kleinrock 1975, equation 3.26).
        one("M/M/1 mean", "cpu = exp 10ms", 50.0, "mean", 1.0 / (100.0 - 50.0)),
        one("M/M/1 p99", "cpu = exp 10ms", 50.0, "p99", 100_f64.ln() / (100.0 - 50.0)),
        one("M/M/3 mean", "cpu = exp 10ms, cores = 3", 180.0, "mean", 0.01 + erlang_c(3, 1.8) / (300.0 - 180.0)),
        one("M/D/1 mean", "cpu = const 10ms", 60.0, "mean", pollaczek_khinchine(60.0, 0.01, 0.0)),
        one("M/G/1 mean", "cpu = mean 10ms cv 2", 40.0, "mean", pollaczek_khinchine(40.0, 0.01, 2.0)),
        // Departures of M/M/1 are a Poisson process, so times add up (Jackson 1957).
        Form { name: "tandem mean", design: tandem, want: 1.0 / 50.0 + 1.0 / 150.0, metric: "mean" },
        one("M/M/2/2 refused", "cpu = exp 10ms, cores = 2, max_queue = 0", 200.0, "refused", erlang_b(2, 2.0)),
        one("M/M/2/5 refused", "cpu = exp 10ms, cores = 2, max_queue = 3", 180.0, "refused", full(2, 5, 1.8)),
    ]
}

/// In how many of so many seeds the interval covers the closed form.
fn covered(form: &Form, seeds: u64, events: u64) -> u64 {
    let model = judged(&form.design).model;
    let covers = |seed: &u64| {
        let options = Options { seed: *seed, events, precision: 1e-9, ..Options::default() };
        let got = form.got(&simulate(&model, &options));
        got.low <= form.want && form.want <= got.high
    };
    (1..=seeds).filter(covers).count() as u64
}

/// The probability of at most `most` successes of `n`, each of probability `p`.
fn binomial(n: u64, p: f64, most: u64) -> f64 {
    let mut term = (1.0 - p).powi(n as i32);
    let mut sum = term;
    for k in 0..most {
        term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
        sum += term;
    }
    sum
}

#[test]
fn intervals_cover_closed_forms() {
    const SEEDS: u64 = 30;
    let least = (0..=SEEDS).find(|k| binomial(SEEDS, 0.95, *k) > 0.0005).expect("a bound");
    assert!((22..26).contains(&least), "{least}");
    for form in forms() {
        // A p99 wants ten requests above it in each replication.
        let n = covered(&form, SEEDS, if form.metric == "p99" { 64_000 } else { 18_000 });
        assert!(n >= least, "{}: {n} of {SEEDS} intervals cover {}", form.name, form.want);
    }
}

#[test]
#[ignore = "a minute in release: `cargo xtask verify --full`"]
fn intervals_cover_closed_forms_in_a_thousand_seeds() {
    let mut bad = Vec::new();
    for form in forms() {
        let n = covered(&form, 1000, 160_000);
        println!("{}: {n} of 1000 intervals cover {:.6}", form.name, form.want);
        if !(930..=970).contains(&n) {
            bad.push(form.name);
        }
    }
    assert!(bad.is_empty(), "{bad:?}");
}

const BUSY: &str = "balancer lb { policy = least_connections }\nservice a { cpu = exp 5ms, replicas = 3, timeout = 60ms, retries = 2, backoff = 5ms }\ncache hot { cpu = 0.1ms, hit = 70% }\ndatabase d { cpu = exp 4ms, cores = 2 }\nqueue q { cpu = 0ms }\nservice w { cpu = exp 3ms, replicas = 2 }\nflow f { rate = 200 rps, web -> lb -> a { -> hot.get else { -> d.read }, parallel { -> d.read { jitter = true }, -> d.write 30% }, ~> q.publish } }\nflow g { q ~> w }\n";

#[test]
fn the_answer_depends_on_the_seed_and_not_on_the_threads() {
    let model = judged(&format!("{HEAD}{BUSY}")).model;
    let text = |seed, threads| {
        let options = Options { seed, events: 200_000, precision: 1e-9, threads, ..Options::default() };
        format!("{:?}", simulate(&model, &options))
    };
    let one = text(7, Some(1));
    for threads in [Some(2), Some(5), None] {
        assert_eq!(one, text(7, threads), "{threads:?}");
    }
    assert_ne!(one, text(8, Some(2)));
}

#[test]
fn what_no_flow_meets_changes_no_number() {
    let without = format!("{HEAD}{BUSY}");
    let beside =
        format!("{HEAD}service idle {{ cpu = exp 9ms, replicas = 4 }}\nexternal far {{ latency = exp 5ms }}\n{BUSY}");
    let (a, b) = (run(&without, 200_000), run(&beside, 200_000));
    assert_eq!(format!("{:?}", a.flows), format!("{:?}", b.flows));
    // The same numbers for another component's work: a slower one makes each request slower.
    let slower = run(&without.replace("service w { cpu = exp 3ms", "service w { cpu = exp 3.03ms"), 200_000);
    let mean = |s: &Simulated| flow(s, 1).time("mean").expect("messages").value;
    assert!(mean(&slower) > mean(&a), "{} {}", mean(&slower), mean(&a));
}

#[test]
fn any_design_is_simulated_or_not_with_a_reason() {
    let mut simulated = 0;
    let broken = (0..60).map(generate::random);
    for text in broken.chain((1..=60).map(|i| designs::sound(3, i))) {
        let design = open_text("x.arch", &text, &[]);
        let mut sink = Sink::default();
        let model = design.model(&mut sink);
        let s = simulate(&model, &Options { events: 100_000, ..Options::default() });
        assert_eq!(s.flows.len(), model.flows.len(), "{text}");
        // Each replication ends within the operations of one request.
        assert!(s.events <= 200_000, "{} events\n{text}", s.events);
        for f in &s.flows {
            match f {
                Err(why) => assert!(!why.to_string().is_empty()),
                Ok(f) => {
                    simulated += 1;
                    assert_eq!(s.components.len(), model.all().count(), "{text}");
                    assert!(f.errors.value <= 1.0 && f.throughput.value.is_finite(), "{f:?}\n{text}");
                    assert!(f.times.iter().all(|(_, e)| e.value.is_finite() && e.low <= e.value), "{f:?}\n{text}");
                }
            }
        }
    }
    assert!(simulated >= 20, "{simulated}");
}

#[test]
fn what_is_not_simulated_says_why() {
    let said = |design: &str, index: usize, part: &str| {
        let s = run(design, 20_000);
        let why = s.flows[index].as_ref().expect_err("not simulated").to_string();
        assert!(why.contains(part), "{why}");
        s
    };
    let two = format!(
        "{HEAD}service a {{ }}\nservice b {{ cpu = 1ms }}\nservice c {{ cpu = 1ms }}\nflow f {{ rate = 10 rps, web -> a {{ -> b }} }}\nflow g {{ rate = 10 rps, web -> b }}\nflow h {{ rate = 10 rps, web -> c }}\n"
    );
    let s = said(&two, 0, "`a` does not set the `cpu`");
    said(&two, 1, "`b` also serves flow `f`, which is not simulated");
    assert!(s.flows[2].is_ok(), "it shares nothing with `f`");
    let idle =
        format!("{HEAD}service a {{ cpu = 1ms }}\nflow f {{ web -> a }}\nflow g {{ rate = 10 rps, web -> a }}\n");
    said(&idle, 0, "flow `f` has no `rate` or `volume`");
    said(&idle, 1, "`a` also serves flow `f`, which is not simulated");
    let regions = "arch 1\nsystem s { provider = none, regions = [eu, us] }\nclient web { }\nservice a { cpu = 1ms }\nflow f { rate = 10 rps, web -> a }\n";
    said(regions, 0, "several regions");
}
