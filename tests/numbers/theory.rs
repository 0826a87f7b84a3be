//! Every reference case of `tests/reference/capacity.json` of the categories covered here.
//!
//! Each number a case expects is either answered, at the tolerance of the case, or listed in
//! `tests/reference/LEFT_OUT.md` and skipped here by name.

use crate::support::oracles;
use archc::theory::attempts::Tries;
use archc::theory::cache::{Policy, Zipf, zipf_harmonic};
use archc::theory::gg::{Gim1, Interarrival, Station};
use archc::theory::jackson::traffic;
use archc::theory::mg::mg1_mean_wait;
use archc::theory::reliability::{Availability, MINUTES_PER_MONTH, MINUTES_PER_YEAR, k_of_n};
use archc::theory::retry::attempts;
use archc::theory::{Distribution, Mmc, backlog, erlang};
use oracles::cache::{lru_exact, ttl_hit_ratio, ttl_origin_rate};
use oracles::feedback::{Outcome, mmc_feedback};
use oracles::mg::{Md1, ServiceClass, ServiceMix, mdc_mean_wait};
use oracles::reliability::{active_passive, k_of_zones, repairable, series};
use oracles::{finite, fork_join};
use serde_json::Value;

/// An answer: the name of the expected number, the value, and a tolerance of its own if the one
/// of the case is not meant for it (printed figures, simulations).
type Answer = (String, f64, Option<f64>);

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn number(value: &Value, name: &str) -> f64 {
    field(value, name).as_f64().unwrap_or(f64::NAN)
}

fn whole(value: &Value, name: &str) -> u32 {
    let number = field(value, name).as_u64().and_then(|n| u32::try_from(n).ok());
    number.unwrap_or_else(|| panic!("{name} is not a count in {value}"))
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

fn or_nan(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}

fn plain(name: &str, value: f64) -> Answer {
    (name.to_owned(), value, None)
}

fn within(name: &str, value: f64, tolerance: f64) -> Answer {
    (name.to_owned(), value, Some(tolerance))
}

/// Expected fields left alone, with the reason in `LEFT_OUT.md`.
const LEFT_OUT: [&str; 6] = ["p50_sim", "p95_sim", "printed", "kingman", "Wq_allen_cunneen", "Wq_cosmetatos"];

/// Runs all cases of a category and prints the worst error against its tolerance.
fn check(category: &str, answers: impl Fn(&str, &Value) -> Vec<Answer>) {
    let text = include_str!("../reference/capacity.json");
    let file: Value = serde_json::from_str(text).expect("the reference file is JSON");
    let mut failures = Vec::new();
    let (mut cases, mut numbers, mut worst) = (0, 0, 0.0_f64);
    for case in field(&file, "cases").as_array().into_iter().flatten() {
        let left_out = field(case, "id").as_str() == Some("backlog_diurnal");
        if left_out || field(case, "category").as_str() != Some(category) {
            continue;
        }
        cases += 1;
        let id = field(case, "id").as_str().unwrap_or("?");
        let tolerance = number(case, "rel_tol");
        let found = answers(id, field(case, "inputs"));
        let expected = field(case, "expected").as_object().expect("expected is an object");
        for (name, want) in expected {
            let wants: Vec<(String, f64)> = match want {
                Value::Array(values) => values
                    .iter()
                    .enumerate()
                    .map(|(i, value)| (format!("{name}.{i}"), value.as_f64().unwrap_or(f64::NAN)))
                    .collect(),
                Value::Bool(value) => vec![(name.clone(), f64::from(u8::from(*value)))],
                Value::Number(value) => vec![(name.clone(), or_nan(value.as_f64()))],
                _ => vec![],
            };
            for (name, want) in wants {
                if LEFT_OUT.contains(&name.as_str()) {
                    continue;
                }
                let Some((_, got, own)) = found.iter().find(|(answer, ..)| *answer == name) else {
                    failures.push(format!("{id}: no answer for {name}"));
                    continue;
                };
                let allowed = own.unwrap_or_else(|| tolerance.max(1e-13));
                let error = (got - want).abs() / want.abs().max(1e-12);
                numbers += 1;
                if own.is_none() {
                    worst = worst.max(error);
                }
                let zero = want.abs() < 1e-300 && got.abs() < 1e-12;
                if !(error <= allowed || zero) {
                    failures.push(format!("{id} {name}: {got} instead of {want}, {error:e}"));
                }
            }
        }
    }
    println!("{category}: {cases} cases, {numbers} numbers, worst relative error {worst:.1e}");
    assert!(cases > 0, "no case of {category}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn erlang_b_cases() {
    check("erlang_b", |_, inputs| vec![plain("B", or_nan(erlang::erlang_b(whole(inputs, "c"), number(inputs, "a"))))]);
}

fn mmc_answers(queue: &Mmc) -> Vec<Answer> {
    let mut answers = vec![
        plain("a", queue.offered_load()),
        plain("rho", queue.utilization()),
        plain("P_wait", queue.wait_probability()),
        plain("Wq", queue.mean_wait()),
        plain("Lq", queue.mean_queue_length()),
        plain("W", queue.mean_sojourn()),
        plain("L", queue.mean_in_system()),
    ];
    for (name, q) in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)] {
        answers.push(plain(&format!("Wq_{name}"), or_nan(queue.wait_quantile(q))));
        answers.push(plain(&format!("T_{name}"), or_nan(queue.sojourn_quantile(q))));
    }
    answers
}

#[test]
fn mmc_cases() {
    check("mmc", |_, inputs| {
        let service_time = match field(inputs, "mean_service_ms").as_f64() {
            Some(milliseconds) => milliseconds / 1000.0,
            None => number(inputs, "mu").recip(),
        };
        Mmc::new(number(inputs, "lam"), service_time, whole(inputs, "c")).map_or(vec![], |queue| mmc_answers(&queue))
    });
}

#[test]
fn textbook_cases() {
    check("textbook", |id, inputs| {
        let queue =
            |rate: f64, time: f64, servers: u32| Mmc::new(rate, time, servers).expect("the textbook queues are stable");
        let rate = number(inputs, "lam");
        match id {
            "tb_gross_harris_bookstore" => {
                let minutes = number(inputs, "service_min");
                let queue = queue(number(inputs, "lam_per_min"), minutes, whole(inputs, "c"));
                vec![
                    plain("Wq_min", queue.mean_wait()),
                    plain("L_checkout", queue.mean_in_system()),
                    within("G_H_printed_Wq", queue.mean_wait(), 0.01),
                    within("G_H_printed_L", queue.mean_in_system(), 0.01),
                ]
            }
            "tb_wolfram_erlangC_min_servers" => {
                let load = number(inputs, "lam_per_h") / 60.0 * number(inputs, "service_min");
                let allowed = 1.0 - number(inputs, "target_P_nodelay");
                let delay = |servers: &u32| erlang::erlang_c(*servers, load).is_some_and(|p| p <= allowed);
                let servers = (1..1000).find(delay).unwrap_or(0);
                vec![
                    plain("min_c", f64::from(servers)),
                    plain("P_wait_at_min", or_nan(erlang::erlang_c(servers, load))),
                ]
            }
            "tb_ppdq_mmm" => mmc_answers(&queue(rate, number(inputs, "S"), whole(inputs, "c"))),
            "tb_ppdq_mm1" => mmc_answers(&queue(rate, number(inputs, "mu").recip(), 1)),
            _ => mmc_answers(&queue(rate, number(inputs, "mu").recip(), whole(inputs, "c"))),
        }
    });
}

#[test]
fn mmck_cases() {
    check("mmck", |_, inputs| {
        let (servers, room) = (whole(inputs, "c"), whole(inputs, "K"));
        let (rate, time) = (number(inputs, "lam"), number(inputs, "mu").recip());
        let state = finite::mmck(rate, time, servers, room).expect("any load is stable");
        vec![
            plain("P_block", state.blocking),
            plain("throughput", state.throughput),
            plain("L", state.mean_in_system),
            plain("Lq", state.mean_queue_length),
            plain("W", state.mean_sojourn),
            plain("Wq", state.mean_wait),
            plain("rho_eff", state.utilisation),
        ]
    });
}

#[test]
fn mg1_cases() {
    check("mg1", |id, inputs| {
        if id == "mg1_mix" {
            let (rates, times) = (list(field(inputs, "lam")), list(field(inputs, "ES")));
            let class = |(&arrival_rate, &service_time): (&f64, &f64)| ServiceClass {
                arrival_rate,
                service_time,
                service_scv: 1.0,
            };
            let classes: Vec<ServiceClass> = rates.iter().zip(&times).map(class).collect();
            let mix = ServiceMix::of(&classes).expect("the mixture has traffic");
            let wait = or_nan(mix.mean_wait());
            let total = |i: usize| wait + times.get(i).copied().unwrap_or(f64::NAN);
            return vec![
                plain("rho", mix.arrival_rate * mix.service_time),
                plain("Wq", wait),
                plain("W1", total(0)),
                plain("W2", total(1)),
            ];
        }
        let rate = number(inputs, "lam");
        if let Some(constant) = field(inputs, "D").as_f64() {
            let queue = Md1::new(rate, constant).expect("the queue is stable");
            return [("Wq_p90", 0.9), ("Wq_p95", 0.95), ("Wq_p99", 0.99)]
                .map(|(name, q)| plain(name, or_nan(queue.wait_quantile(q))))
                .to_vec();
        }
        let service = number(inputs, "ES");
        let wait = or_nan(mg1_mean_wait(rate, service, number(inputs, "scv")));
        vec![
            plain("Wq", wait),
            plain("W", wait + service),
            plain("Lq", rate * wait),
            plain("L", rate * (wait + service)),
        ]
    });
}

#[test]
fn ggc_cases() {
    check("ggc", |_, inputs| {
        let (rate, time) = (number(inputs, "lam"), number(inputs, "D"));
        let servers = whole(inputs, "c");
        let station = Station::poisson(rate, time, 0.0, servers);
        vec![
            plain("Wq_exact", or_nan(mdc_mean_wait(rate, time, servers))),
            plain("Wq_whitt1993", or_nan(station.mean_wait())),
        ]
    });
}

#[test]
fn gg1_cases() {
    check("gg1", |id, inputs| {
        let (rate, time) = (number(inputs, "lam"), number(inputs, "mu").recip());
        let law = if id == "gim1_DM1" { Interarrival::Deterministic } else { Interarrival::Erlang(2) };
        let queue = Gim1::new(rate, law, time).expect("the queue is stable");
        vec![
            plain("sigma", queue.wait_probability),
            plain("Wq", queue.mean_wait()),
            plain("W", queue.mean_sojourn()),
            plain("Wq_p99", or_nan(queue.wait_quantile(0.99))),
        ]
    });
}

#[test]
fn path_percentile_cases() {
    check("path_percentile", |_, inputs| {
        let hop = |hop: &Value| {
            Mmc::new(number(hop, "lam"), number(hop, "mu").recip(), whole(hop, "c"))
                .map(|queue| Distribution::mmc_sojourn(&queue))
                .expect("the hop is stable")
        };
        let hops: Vec<Distribution> = field(inputs, "hops").as_array().into_iter().flatten().map(hop).collect();
        let path =
            Distribution::sequence(&hops).shifted(number(inputs, "constant_delay")).expect("the delay is not negative");
        let quantile = |q: f64| or_nan(path.quantile(q));
        vec![
            plain("mean", path.mean()),
            plain("var", path.variance()),
            plain("p50", quantile(0.5)),
            plain("p90", quantile(0.9)),
            plain("p95", quantile(0.95)),
            plain("p99", quantile(0.99)),
            plain("p999", quantile(0.999)),
        ]
    });
}

#[test]
fn fork_join_cases() {
    check("fork_join", |id, inputs| {
        if id.starts_with("fj_max_het") {
            let rates = list(field(inputs, "rates"));
            return vec![plain("mean", or_nan(fork_join::slowest_of_rates_mean(&rates)))];
        }
        let n = whole(inputs, "n");
        if let Some(slow) = field(inputs, "p").as_f64() {
            return vec![plain("prob", fork_join::any_slow(n, slow))];
        }
        if let Some(rho) = field(inputs, "rho").as_f64() {
            let mean = or_nan(fork_join::fork_join_mean(n, rho, 1.0));
            let p99 = or_nan(fork_join::fork_join_quantile(n, rho, 1.0, 0.99));
            return vec![
                plain("nelson_tantawi", mean),
                plain("exact_mean", mean),
                plain("independent_max_p99", p99),
                within("mean_sim", mean, 0.034),
                within("p99_sim", p99, 0.028),
            ];
        }
        let quantile = |q: f64| or_nan(fork_join::slowest_exponential_quantile(n, 1.0, q));
        let mean = fork_join::slowest_exponential_mean(n, 1.0);
        vec![plain("mean", mean), plain("p50", quantile(0.5)), plain("p99", quantile(0.99))]
    });
}

#[test]
fn retry_cases() {
    check("retry", |id, inputs| {
        if id.starts_with("retry_layers") {
            let per_layer = f64::from(whole(inputs, "attempts_per_layer"));
            // Each layer makes all its attempts: attempts multiply.
            let each = attempts(1.0, whole(inputs, "attempts_per_layer") - 1);
            assert_eq!(each, Some(per_layer));
            let all = (0..whole(inputs, "layers")).fold(1.0, |all, _| all * or_nan(each));
            return vec![plain("amplification", all)];
        }
        let retries = whole(inputs, "max_retries");
        if let Some(failure) = field(inputs, "p_fail").as_f64() {
            let tries = Tries { error: failure, waits: vec![0.0; retries as usize], ..Tries::default() };
            let outcome = Distribution::constant(1.0).and_then(|d| d.outcome(&tries)).expect("probabilities");
            assert!((outcome.attempts / or_nan(attempts(failure, retries)) - 1.0).abs() < 1e-15);
            return vec![plain("attempts_per_request", outcome.attempts), plain("residual_failure", outcome.residual)];
        }
        let (rate, time) = (number(inputs, "lam0"), number(inputs, "mu").recip());
        let state = mmc_feedback(rate, time, 1, number(inputs, "timeout"), retries).expect("the inputs are numbers");
        let collapse = state.outcome == Outcome::Collapse;
        let low = state.from_below.unwrap_or(state.from_above);
        vec![
            plain("lam_eff", low.effective_rate),
            plain("p_timeout", low.timeout_probability),
            plain("metastable_collapse", f64::from(u8::from(collapse))),
            plain("saturated_offered", state.saturated_rate),
        ]
    });
}

#[test]
fn backlog_cases() {
    check("backlog", |_, inputs| {
        let (rate, during) = (number(inputs, "lam"), number(inputs, "mu_during"));
        let (duration, after) = (number(inputs, "T"), number(inputs, "mu_after"));
        let state = backlog::overload(rate, during, duration, after).expect("numbers");
        vec![
            plain("backlog", state.backlog),
            plain("drain_s", or_nan(state.drain_time)),
            plain("max_delay_s", or_nan(state.max_delay)),
            plain("total_time_above_zero", or_nan(state.total_time)),
        ]
    });
}

#[test]
fn cache_cases() {
    check("cache", |id, inputs| {
        if id.starts_with("ttl") {
            let (rate, lifetime) = (number(inputs, "lam"), number(inputs, "TTL"));
            return vec![
                plain("hit_no_reset", or_nan(ttl_hit_ratio(rate, lifetime, false))),
                plain("hit_reset_on_hit", or_nan(ttl_hit_ratio(rate, lifetime, true))),
                plain("origin_rate_no_reset", or_nan(ttl_origin_rate(rate, lifetime))),
            ];
        }
        let (items, alpha) = (whole(inputs, "N"), number(inputs, "alpha"));
        let zipf = Zipf::new(u64::from(items), alpha).expect("a catalogue");
        if let Some(target) = field(inputs, "target_hit").as_f64() {
            let entries = or_nan(zipf.entries_for(Policy::Lru, target)).ceil();
            return vec![plain("min_items", entries), plain("fraction", entries / f64::from(items))];
        }
        let entries = f64::from(whole(inputs, "C"));
        let fit = |policy: Policy| zipf.fit(policy, entries).expect("a size");
        let (lru, fifo) = (fit(Policy::Lru), fit(Policy::FifoOrRandom).hit_ratio);
        if id.starts_with("lru_exact") {
            let weights: Vec<f64> = (1..=items).map(|rank| f64::from(rank).powf(-alpha)).collect();
            let size = usize::try_from(whole(inputs, "C")).expect("a small number");
            return vec![plain("hit_exact", or_nan(lru_exact(&weights, size))), plain("hit_che", lru.hit_ratio)];
        }
        vec![
            plain("che_T", lru.characteristic_time),
            plain("hit_che_lru", lru.hit_ratio),
            plain("hit_fifo_random_approx", fifo),
            plain("hit_lfu_perfect", fit(Policy::Lfu).hit_ratio),
            // Absolute 5e-4 in the case; relative to ratios of 0.13 to 0.88.
            within("hit_sim_lru", lru.hit_ratio, 5e-4 / lru.hit_ratio),
            // FIFO has an approximation error of its own (0.3 % on a thousand items).
            within("hit_sim_fifo", fifo, 3e-3),
        ]
    });
    assert!((or_nan(zipf_harmonic(1000, 1.0)) - 7.485_470_860_550_345).abs() < 1e-13);
}

#[test]
fn jackson_cases() {
    check("jackson", |_, inputs| {
        let p = |name: &str| number(inputs, name);
        let routing = vec![
            vec![0.0, p("p12"), p("p13"), 0.0],
            vec![0.0, 0.0, p("p23"), 1.0 - p("p23")],
            vec![0.0, p("p32"), 0.0, 1.0 - p("p32")],
            vec![0.0; 4],
        ];
        let rates = traffic(&[p("lam"), 0.0, 0.0, 0.0], &routing).expect("stable");
        let mut answers = Vec::new();
        let mut response = 0.0;
        for (i, (rate, time)) in rates.iter().zip(list(field(inputs, "service"))).enumerate() {
            let queue = Mmc::new(*rate, time, 1).expect("stable");
            let visits = rate / p("lam");
            let residence = visits * queue.mean_sojourn();
            response += residence;
            answers.push(plain(&format!("v{}", i + 1), visits));
            answers.push(plain(&format!("U.{i}"), rate * time));
            answers.push(plain(&format!("residence.{i}"), residence));
            answers.push(plain(&format!("Q.{i}"), queue.mean_in_system()));
        }
        answers.push(plain("R", response));
        answers
    });
}

#[test]
fn availability_cases() {
    check("availability", |id, inputs| {
        let components = list(field(inputs, "components"));
        let state: Option<Availability> = match id {
            "avail_mttf_mttr" => repairable(number(inputs, "mttf_min"), number(inputs, "mttr_min")),
            "avail_active_passive" => active_passive(
                number(inputs, "failures_per_year"),
                number(inputs, "failover_s"),
                number(inputs, "failover_success"),
                number(inputs, "repair_s"),
            ),
            _ if !components.is_empty() => series(&components),
            _ if id.starts_with("avail_zone") => k_of_zones(
                number(inputs, "az"),
                whole(inputs, "zones"),
                number(inputs, "a"),
                whole(inputs, "per_zone"),
                whole(inputs, "k"),
            ),
            _ => k_of_n(number(inputs, "a"), whole(inputs, "k"), whole(inputs, "n")),
        };
        let state = state.expect("probabilities");
        // The expected downtimes were taken from 1 - A in floats: good to 2e-16 / (1 - A).
        let digits = 4e-16 / state.unavailability + 1e-12;
        let mut answers = vec![
            plain("A", state.availability),
            within("downtime_min_per_year", state.unavailability * MINUTES_PER_YEAR, digits),
            within("downtime_min_per_30d", state.unavailability * MINUTES_PER_MONTH, digits),
        ];
        if id.starts_with("avail_zone") {
            let copies = whole(inputs, "zones") * whole(inputs, "per_zone");
            let flat = k_of_n(number(inputs, "a"), whole(inputs, "k"), copies);
            answers.push(plain("A_ignoring_zones", or_nan(flat.map(|state| state.availability))));
        }
        answers
    });
}

#[test]
fn a_pool_with_bounded_room_is_mmck() {
    use archc::theory::pool::{Outcome, Pool};
    let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-12), "{a} {b}");
    for (rate, servers, room) in [(0.8, 1, 4), (1.2, 1, 9), (3.2, 4, 0), (4.4, 4, 8), (18.0, 20, 20), (50.0, 2, 300)] {
        let pool = Pool {
            arrival_rate: rate,
            cpu_time: 1.0,
            servers,
            elsewhere: 0.0,
            threads: servers,
            room: Some(room),
            spread: (1.0, 1.0),
        };
        let Outcome::Steady(busy) = pool.solve() else { panic!("{pool:?} has an answer") };
        let exact = finite::mmck(rate, 1.0, servers, servers + room).expect("an answer");
        close(busy.refused, exact.blocking);
        close(busy.wait_probability * busy.wait, exact.mean_wait);
        close(busy.threads, exact.throughput);
    }
}
