//! Connections, threads, bounded queues and limits through the language: closed forms,
//! reference cases (`tests/reference/capacity.json`), a simulation, and properties.

use crate::support::Says;
use crate::support::oracles;
use crate::support::run::printed;
use archc::analysis::{Facts, Known, Measure, in_flight, reconnect};
use archc::model::Model;
use archc::model::keys::Number;
use archc::session::{judge, open_text};
use archc::theory::Mmc;
use proptest::prelude::*;
use serde_json::Value;

/// Without a provider nothing takes time but what the design says.
const HEAD: &str = "arch 1\nsystem t { provider = none }\n";

fn model(design: &str) -> Model {
    let judged = judge(&open_text("t.arch", &format!("{HEAD}{design}"), &[]), jiff::civil::date(2026, 11, 25), false);
    let errors = judged.language_errors();
    assert!(errors.is_empty(), "{errors:?}\n{design}");
    judged.model
}

fn codes(design: &str) -> Vec<&'static str> {
    let judged = judge(&open_text("t.arch", &format!("{HEAD}{design}"), &[]), jiff::civil::date(2026, 11, 25), false);
    judged.diagnostics.iter().map(|d| d.code).collect()
}

fn facts(model: &Model) -> Facts {
    Facts::new(model, 1.0)
}

fn mean(model: &Model, facts: &Facts, flow: &str) -> f64 {
    let id = model.find_flow(flow).expect("a flow");
    match facts.latency[id.0].time.measure("mean") {
        Measure::Known(x) => x,
        other => panic!("{other:?}"),
    }
}

fn used(model: &Model, facts: &Facts, name: &str, resource: &str) -> Known {
    let id = model.find(name).expect("a component");
    facts.utilization[id.0].resources.get(resource).unwrap_or_else(|| panic!("no {resource}")).utilization.clone()
}

fn refused(model: &Model, facts: &Facts, name: &str) -> f64 {
    facts.refused[model.find(name).expect("a component").0].clone().expect("may refuse").expect("known")
}

fn rate(model: &Model, facts: &Facts, name: &str) -> f64 {
    facts.demand.components[model.find(name).expect("a component").0].rate.clone().expect("known")
}

fn close(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * a.abs().max(b.abs()).max(1e-9), "{a} is not {b}");
}

// Pools and connections.

#[test]
fn pools_count_callers_at_their_most() {
    let design = |max: &str| {
        model(&format!(
            "client web {{}}\nbalancer lb {{}}\nservice app {{ cpu = 1ms, replicas = 4{max} }}\n\
             database db : postgres {{ pool = 10 }}\nflow f {{ rate = 100 rps, web -> lb -> app {{ -> db.read }} }}\n"
        ))
    };
    for (max, expected) in [("", 0.4), (", autoscale { min = 4, max = 40, target = 60% }", 4.0)] {
        let m = design(max);
        close(used(&m, &facts(&m), "db", "connections").unwrap(), expected, 1e-12);
    }
}

#[test]
fn pools_go_to_the_copies_that_are_asked() {
    let m = model(
        "client web {}\nservice a { cpu = 1ms, replicas = 6 }\nservice b { cpu = 1ms, replicas = 2 }\n\
         database db : postgres { pool = 5, max_connections = 50, replicas = 3, replication = async }\n\
         flow f { rate = 10 rps, web -> a { -> db.read { from = replica } } }\n\
         flow g { rate = 10 rps, web -> b { -> db.write } }\n",
    );
    // Primary: 2 x 5 of 50; each of two replicas: 6 x 5 / 2 of 50.
    close(used(&m, &facts(&m), "db", "connections").unwrap(), 0.3, 1e-12);
    let db = m.find("db").unwrap();
    close(facts(&m).utilization[db.0].resources["connections"].used.clone().unwrap(), 40.0, 1e-12);
}

#[test]
fn what_callers_do_not_say_stays_unknown() {
    let text = format!(
        "{HEAD}client web {{}}\nservice app {{ cpu = 1ms, replicas = ? }}\n\
         database db : postgres {{ pool = 5 }}\nflow f {{ rate = 10 rps, web -> app {{ -> db.read }} }}\n"
    );
    // Nobody solved the hole yet.
    let open = open_text("t.arch", &text, &[]).model_at(&archc::model::Ends::new());
    let why = used(&open, &facts(&open), "db", "connections").unwrap_err();
    assert!(why.contains("`replicas` of `app`"), "{why}");
}

#[test]
fn sizes_keep_within_the_connections() {
    // Two replicas of `app` have the CPU for it, and their pools fit; with 200 each they never do.
    let design = |pool: u32| {
        format!(
            "client web {{}}\nbalancer lb {{ cpu = 0.01ms, wait = 0s }}\nservice app {{ cpu = 10ms, replicas = ? in 1..9 }}\n\
             database db : postgres {{ pool = {pool}, data = 1GB, backup {{ every = 1h, keep = 7 days }} }}\n\
             flow f {{ rate = 150 rps, web -> lb -> app {{ -> db.read }} }}\n"
        )
    };
    let fits = model(&design(40));
    let app = fits.find("app").unwrap();
    close(fits.component(app).attrs.read_named::<Number>("replicas").expect("solved").mid, 2.0, 1e-12);
    close(used(&fits, &facts(&fits), "db", "connections").unwrap(), 0.8, 1e-12);
}

#[test]
fn calls_without_a_pool_need_rate_times_response() {
    let m = model(
        "client web {}\nservice app { cpu = 1us, replicas = 2, max_connections = 10 }\nexternal psp { latency = const 100ms }\n\
         flow f { rate = 60 rps, web -> app { -> psp } }\n",
    );
    // 60/s of 100 ms are 6 open, of 20.
    close(used(&m, &facts(&m), "app", "connections").unwrap(), 0.3, 1e-3);
    let shared = model(
        "client web {}\nservice app { cpu = 1us, replicas = 2, max_connections = 10, protocol = grpc }\nservice front { cpu = 1us, replicas = 3 }\nexternal psp { latency = const 100ms }\n\
         flow f { rate = 60 rps, web -> front -> app { -> psp } }\n",
    );
    // Three callers, one connection each to each replica.
    close(used(&shared, &facts(&shared), "app", "connections").unwrap(), 0.3, 1e-12);
}

#[test]
fn open_connections_end_where_they_are_terminated() {
    let design = |protocol: &str| {
        model(&format!(
            "client web {{ connections = 90k }}\ngateway gate {{ cpu = 0.1ms, replicas = 3, max_connections = 60k }}\n\
             service chat {{ cpu = 1ms, replicas = 4, max_connections = 30k{protocol} }}\nflow f {{ rate = 100 rps, web -> gate -> chat }}\n"
        ))
    };
    let m = design("");
    let f = facts(&m);
    close(used(&m, &f, "gate", "connections").unwrap(), 0.5, 1e-12);
    assert!(used(&m, &f, "chat", "connections").unwrap() < 0.01);
    let m = design(", protocol = websocket");
    let f = facts(&m);
    close(used(&m, &f, "chat", "connections").unwrap(), 0.75, 1e-12);
    let r = reconnect(&m, &f, m.find("chat").unwrap()).expect("it holds connections");
    close(r.lost, 22_500.0, 1e-12);
    close(r.each, 30_000.0, 1e-12);
    assert_eq!(r.over(), Some(false));
    // Three survivors of a core each, with 100/s of 1 ms among them.
    close(r.seconds.clone().unwrap(), 22_500.0 / 34_344.0 / (3.0 - 0.1), 1e-9);
    assert!(reconnect(&m, &f, m.find("gate").unwrap()).unwrap().over() == Some(false));
}

#[test]
fn backoff_and_jitter_spread_the_storm() {
    let m = model(
        "client web { connections = 1000 }\nservice chat { cpu = 1ms, replicas = 2 }\n\
         flow f { rate = 1 rps, web -> chat { backoff = 10s, jitter = true } }\n",
    );
    let r = reconnect(&m, &facts(&m), m.find("chat").unwrap()).unwrap();
    close(r.at_once, 500.0, 1e-12);
    close(r.spread.unwrap(), 50.0, 1e-12);
    assert_eq!(r.over(), None);
}

// Bounded queues.

#[test]
fn a_bounded_queue_is_mmck() {
    let file: Value = serde_json::from_str(include_str!("../reference/capacity.json")).unwrap();
    let mut seen = 0;
    for case in file["cases"].as_array().unwrap().iter().filter(|c| c["category"] == "mmck") {
        let (i, e) = (&case["inputs"], &case["expected"]);
        let (c, k) = (i["c"].as_u64().unwrap(), i["K"].as_u64().unwrap());
        let m = model(&format!(
            "client web {{}}\nservice app {{ cpu = 1s, cores = {c}, max_queue = {} }}\nservice behind {{ cpu = 0.01ms }}\n\
             flow f {{ rate = {} rps, web -> app {{ ~> behind }} }}\n",
            k - c,
            i["lam"]
        ));
        let f = facts(&m);
        close(refused(&m, &f, "app"), e["P_block"].as_f64().unwrap(), 1e-6);
        close(mean(&m, &f, "f"), e["W"].as_f64().unwrap(), 1e-6);
        close(rate(&m, &f, "behind"), e["throughput"].as_f64().unwrap(), 1e-6);
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[test]
fn refusals_thin_what_is_behind() {
    let m = model(
        "client web {}\nservice a { cpu = 10ms, max_queue = 5 }\nservice b { cpu = 10ms, max_queue = 5 }\n\
         flow f { rate = 150 rps, web -> a -> b }\n",
    );
    let f = facts(&m);
    let first = oracles::finite::mmck(150.0, 0.01, 1, 6).unwrap();
    close(rate(&m, &f, "b"), first.throughput, 1e-6);
    let second = oracles::finite::mmck(first.throughput, 0.01, 1, 6).unwrap();
    close(refused(&m, &f, "b"), second.blocking, 1e-6);
}

#[test]
fn refusals_are_errors_and_are_tried_again() {
    let design = |retries: &str| {
        model(&format!(
            "client web {{}}\nservice app {{ cpu = 10ms, max_queue = 5 }}\nflow f {{ rate = 120 rps, web -> app{retries} }}\n"
        ))
    };
    let m = design("");
    let f = facts(&m);
    let blocking = oracles::finite::mmck(120.0, 0.01, 1, 6).unwrap().blocking;
    close(f.latency[0].errors.clone().unwrap(), blocking, 1e-6);
    let m = design(" { retries = 1, backoff = 10ms, jitter = true }");
    let g = facts(&m);
    let p = refused(&m, &g, "app");
    assert!(p > blocking, "{p} {blocking}");
    // One attempt more where the first was refused; what fails twice fails.
    close(rate(&m, &g, "app"), 120.0 * (1.0 + p), 1e-6);
    close(g.latency[0].errors.clone().unwrap(), p * p, 1e-6);
}

// Limits.

#[test]
fn a_limit_bounds_what_is_behind() {
    let m = model(
        "client web {}\ngateway gate { cpu = 0.1ms, rate_limit = 100 rps }\nservice app { cpu = 1ms }\n\
         flow f { rate = 60 rps, web -> gate -> app }\nflow g { rate = 20 rps, web -> gate -> app { } }\n",
    );
    let f = facts(&m);
    close(rate(&m, &f, "app"), 80.0, 1e-12);
    close(refused(&m, &f, "gate"), 0.0, 1e-12);
    let f = Facts::new(&m, 3.0);
    close(rate(&m, &f, "gate"), 240.0, 1e-12);
    close(rate(&m, &f, "app"), 100.0, 1e-9);
    close(refused(&m, &f, "gate"), 1.0 - 100.0 / 240.0, 1e-9);
    // As a resource it is what it was: over 100%.
    close(used(&m, &f, "gate", "limit").unwrap(), 2.4, 1e-12);
}

#[test]
fn a_limit_per_user_judges_the_mean_user() {
    let design = |users: &str| {
        model(&format!(
            "client web {{ {users} }}\ngateway gate {{ cpu = 0.1ms, rate_limit = 2 rps per user }}\nservice app {{ cpu = 1ms }}\n\
             flow f {{ rate = 300 rps, web -> gate -> app }}\n"
        ))
    };
    let m = design("users = 1000");
    close(refused(&m, &facts(&m), "gate"), 0.0, 1e-12);
    let m = design("users = 100");
    close(refused(&m, &facts(&m), "gate"), 1.0 / 3.0, 1e-12);
    close(rate(&m, &facts(&m), "app"), 200.0, 1e-9);
    let m = design("");
    let f = facts(&m);
    let gate = m.find("gate").unwrap();
    assert!(f.refused[gate.0].clone().unwrap().unwrap_err().contains("`users`"));
    close(rate(&m, &f, "app"), 300.0, 1e-12);
}

#[test]
fn limits_per_route_and_of_others() {
    let m = model(
        "client web {}\ngateway gate { cpu = 0.1ms, rate_limit = 50 rps per route }\nservice app { cpu = 1ms }\nexternal psp { latency = 1ms, limit = 10 rps }\n\
         flow f { rate = 60 rps, web -> gate -> app }\nflow g { rate = 40 rps, web -> gate -> app { -> psp } }\n",
    );
    let f = facts(&m);
    close(rate(&m, &f, "app"), 90.0, 1e-9);
    close(refused(&m, &f, "gate"), 0.1, 1e-9);
    close(refused(&m, &f, "psp"), 0.75, 1e-9);
}

// Threads.

fn threaded(threads: &str, rest: &str) -> Model {
    model(&format!(
        "client web {{}}\nservice app {{ cpu = 10ms{threads} }}\nexternal psp {{ latency = {rest} }}\n\
         flow f {{ rate = 20 rps, web -> app {{ -> psp }} }}\n"
    ))
}

#[test]
fn one_thread_serves_one_request_at_a_time() {
    // M/G/1 of an exponential 10 ms and an exponential 20 ms (Pollaczek and Khinchine).
    let m = threaded(", threads = 1", "exp 20ms");
    let wait = 20.0 * (2.0 * 0.01 * 0.01 + 2.0 * 0.02 * 0.02 + 2.0 * 0.01 * 0.02) / (2.0 * (1.0 - 0.6));
    let f = facts(&m);
    close(mean(&m, &f, "f"), wait + 0.03, 1e-6);
    close(used(&m, &f, "app", "threads").unwrap(), 0.6, 1e-9);
    close(in_flight(m.find("app").unwrap(), &f.demand, &f.latency).unwrap(), 20.0 * (wait + 0.03), 1e-6);
}

#[test]
fn many_threads_are_as_none() {
    let (with, without) = (threaded(", threads = 500", "exp 20ms"), threaded("", "exp 20ms"));
    assert_eq!(mean(&with, &facts(&with), "f").to_bits(), mean(&without, &facts(&without), "f").to_bits());
    let f = facts(&with);
    let busy = 20.0 * (Mmc::new(20.0, 0.01, 1).unwrap().mean_sojourn() + 0.02);
    close(used(&with, &f, "app", "threads").unwrap(), busy / 500.0, 1e-9);
}

#[test]
fn too_few_threads_are_an_overload_of_their_own() {
    let m = threaded(", threads = 1", "exp 60ms");
    let f = facts(&m);
    close(used(&m, &f, "app", "threads").unwrap(), 20.0 * 0.07, 1e-9);
    assert!(matches!(f.latency[0].time.measure("mean"), Measure::Unbounded(_)));
    let text = |threads: u32| {
        format!(
            "client web {{}}\nservice app {{ cpu = 1ms, threads = {threads} }}\nexternal psp {{ latency = 60ms }}\n\
             flow f {{ rate = 20 rps, web -> app {{ -> psp }} }}\n"
        )
    };
    assert!(codes(&text(1)).contains(&"ARC043") && !codes(&text(1)).contains(&"ARC621"));
    assert!(!codes(&text(9)).contains(&"ARC043"));
}

#[test]
fn an_open_layered_network_with_threads_to_spare() {
    let file: Value = serde_json::from_str(include_str!("../reference/capacity.json")).unwrap();
    let case = file["cases"].as_array().unwrap().iter().find(|c| c["id"] == "lqn_92_open").unwrap();
    let times: Vec<f64> = case["inputs"]["S_ms"].as_array().unwrap().iter().map(|t| t.as_f64().unwrap()).collect();
    let stations: String = times.iter().enumerate().map(|(i, t)| format!("service s{i} {{ cpu = {t}ms }}\n")).collect();
    let calls: String = (0..times.len()).map(|i| format!("-> s{i}\n")).collect();
    let m = model(&format!(
        "client web {{}}\nservice front {{ cpu = 0ms, threads = 100 }}\n{stations}flow f {{ rate = {} rps, web -> front {{\n{calls}}} }}\n",
        case["inputs"]["lam"].as_f64().unwrap() * 1000.0
    ));
    let f = facts(&m);
    let response = case["expected"]["R_ms"].as_f64().unwrap() / 1000.0;
    close(mean(&m, &f, "f"), response, 1e-9);
    // Little's law for the threads of the caller.
    close(used(&m, &f, "front", "threads").unwrap(), 10.0 * response / 100.0, 1e-9);
}

#[test]
fn threads_wait_for_threads_below() {
    // The lower pool queues, and the upper one holds its threads for that long.
    let design = |lower: &str| {
        model(&format!(
            "client web {{}}\nservice up {{ cpu = 0.1ms, threads = 8 }}\nservice low {{ cpu = 0.1ms{lower} }}\n\
             external psp {{ latency = exp 20ms }}\nflow f {{ rate = 60 rps, web -> up -> low {{ -> psp }} }}\n"
        ))
    };
    let (m, free) = (design(", threads = 2"), design(""));
    let (f, g) = (facts(&m), facts(&free));
    assert!(used(&m, &f, "up", "threads").unwrap() > 1.5 * used(&free, &g, "up", "threads").unwrap());
    assert!(mean(&m, &f, "f") > mean(&free, &g, "f"));
}

#[test]
fn an_unknown_time_below_is_unknown_of_the_threads() {
    let m = model(
        "client web {}\nservice app { cpu = 1ms, threads = 4 }\nexternal psp {}\nflow f { rate = 20 rps, web -> app { -> psp } }\n",
    );
    let why = used(&m, &facts(&m), "app", "threads").unwrap_err();
    assert!(why.contains("`psp` does not set its `latency`"), "{why}");
}

// A discrete-event simulation of one replica: arrivals, threads, a bounded queue, cores
// first come first served, then a call below that many can make at once.

struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.uniform()).ln()
    }
}

/// Mean time in the system, mean busy threads, share refused.
fn simulate(
    rate: f64,
    cpu: f64,
    cores: usize,
    below: &dyn Fn(&mut Random) -> f64,
    threads: usize,
    room: usize,
) -> (f64, f64, f64) {
    use std::cmp::Reverse;
    use std::collections::{BinaryHeap, VecDeque};
    let mut random = Random(7);
    let mut events: BinaryHeap<Reverse<(u64, u8, u64)>> = BinaryHeap::new();
    let key = |t: f64| (t * 1e9) as u64;
    let (mut busy, mut working) = (0_usize, 0_usize);
    let (mut for_thread, mut for_core) = (VecDeque::new(), VecDeque::new());
    let (mut done, mut total, mut lost, mut area, mut last) = (0_u64, 0.0, 0_u64, 0.0, 0.0);
    let mut next = 0.0;
    let jobs = 400_000_u64;
    let mut arrivals = 0_u64;
    events.push(Reverse((0, 0, 0)));
    while let Some(Reverse((at, kind, born))) = events.pop() {
        let now = at as f64 / 1e9;
        area += busy as f64 * (now - last);
        last = now;
        match kind {
            0 => {
                arrivals += 1;
                if arrivals < jobs {
                    next += random.exponential(1.0 / rate);
                    events.push(Reverse((key(next), 0, 0)));
                }
                if busy < threads {
                    busy += 1;
                    for_core.push_back(at);
                } else if for_thread.len() < room {
                    for_thread.push_back(at);
                } else {
                    lost += 1;
                }
            }
            1 => {
                working -= 1;
                let t = below(&mut random);
                events.push(Reverse((key(now + t), 2, born)));
            }
            _ => {
                done += 1;
                total += now - born as f64 / 1e9;
                match for_thread.pop_front() {
                    Some(other) => for_core.push_back(other),
                    None => busy -= 1,
                }
            }
        }
        while working < cores {
            let Some(born) = for_core.pop_front() else { break };
            working += 1;
            events.push(Reverse((key(now + random.exponential(cpu)), 1, born)));
        }
    }
    (total / done as f64, area / last, lost as f64 / arrivals as f64)
}

#[test]
fn threads_agree_with_a_simulation() {
    // Rate, cores, threads, time below; CPU 10 ms. Exponential and constant times below.
    for (rate, cores, threads, below, constant) in [
        (60.0, 1, 3, 0.02, false),
        (80.0, 1, 8, 0.05, false),
        (50.0, 1, 4, 0.05, true),
        (120.0, 2, 6, 0.03, false),
        (20.0, 2, 1, 0.03, true),
        (15.0, 2, 4, 0.2, true),
    ] {
        let law = if constant { "const" } else { "exp" };
        let m = model(&format!(
            "client web {{}}\nservice app {{ cpu = 10ms, cores = {cores}, threads = {threads} }}\nexternal psp {{ latency = {law} {}ms }}\n\
             flow f {{ rate = {rate} rps, web -> app {{ -> psp }} }}\n",
            below * 1000.0
        ));
        let f = facts(&m);
        let time = |r: &mut Random| if constant { below } else { r.exponential(below) };
        let (sim, busy, _) = simulate(rate, 0.01, cores, &time, threads, usize::MAX);
        let (mine, held) = (mean(&m, &f, "f"), used(&m, &f, "app", "threads").unwrap() * threads as f64);
        println!("{rate} {cores} {threads} {below} {law}: {mine} {sim}, threads {held} {busy}");
        close(mine, sim, 0.05);
        close(held, busy, 0.03);
    }
}

#[test]
fn bounded_queues_agree_with_a_simulation() {
    for (rate, cores, threads, room, below) in [(90.0, 1, 1, 4, 0.0), (60.0, 1, 3, 3, 0.04), (150.0, 2, 6, 10, 0.03)] {
        let m = model(&format!(
            "client web {{}}\nservice app {{ cpu = 10ms, cores = {cores}, threads = {threads}, max_queue = {room} }}\nexternal psp {{ latency = exp {}ms }}\n\
             flow f {{ rate = {rate} rps, web -> app {{ -> psp }} }}\n",
            f64::max(below * 1000.0, 1e-6)
        ));
        let f = facts(&m);
        let (sim, busy, lost) = simulate(rate, 0.01, cores, &|r| r.exponential(below), threads, room);
        println!("{rate} {threads} {room}: {} {sim}, lost {} {lost}", mean(&m, &f, "f"), refused(&m, &f, "app"));
        close(mean(&m, &f, "f"), sim, 0.05);
        close(refused(&m, &f, "app"), lost, 0.05);
        close(used(&m, &f, "app", "threads").unwrap() * threads as f64, busy, 0.03);
    }
}

// Balancers.

#[test]
fn failover_sends_all_to_the_first() {
    let m = model(
        "client web {}\nbalancer lb { policy = failover }\nservice app { cpu = 10ms, replicas = 3 }\nflow f { rate = 60 rps, web -> lb -> app }\n",
    );
    let f = facts(&m);
    close(used(&m, &f, "app", "cpu").unwrap(), 0.6, 1e-12);
    close(mean(&m, &f, "f"), 0.01 / 0.4, 1e-6);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_threads_are_never_slower(rate in 5.0..60.0_f64, below in 1.0..60.0_f64, threads in 4_u32..30) {
        let at = |n: u32| {
            let m = model(&format!(
                "client web {{}}\nservice app {{ cpu = 10ms, threads = {n} }}\nexternal psp {{ latency = {below}ms }}\n\
                 flow f {{ rate = {rate} rps, web -> app {{ -> psp }} }}\n"
            ));
            match facts(&m).latency[0].time.measure("mean") {
                Measure::Known(x) => x,
                Measure::Unbounded(_) => f64::INFINITY,
                Measure::Unknown(e) => panic!("{e}"),
            }
        };
        prop_assert!(at(threads + 1) <= at(threads) * (1.0 + 1e-9));
    }

    #[test]
    fn more_room_never_loses_more(rate in 20.0..300.0_f64, room in 0_u32..60, threads in 1_u32..6) {
        let at = |n: u32| {
            let m = model(&format!(
                "client web {{}}\nservice app {{ cpu = 10ms, threads = {threads}, max_queue = {n} }}\nexternal psp {{ latency = 20ms }}\n\
                 flow f {{ rate = {rate} rps, web -> app {{ -> psp }} }}\n"
            ));
            refused(&m, &facts(&m), "app")
        };
        prop_assert!(at(room + 1) <= at(room) * (1.0 + 1e-9));
    }

    #[test]
    fn use_never_falls_as_load_grows(load in 0.1..4.0_f64, threads in 1_u32..40) {
        let m = model(&format!(
            "client web {{}}\nservice app {{ cpu = 5ms, threads = {threads}, max_connections = 100 }}\nexternal psp {{ latency = 30ms }}\n\
             flow f {{ rate = 60 rps, web -> app {{ -> psp }} }}\n"
        ));
        let (less, more) = (Facts::new(&m, load), Facts::new(&m, load * 1.1));
        for r in ["cpu", "threads"] {
            let (a, b) = (used(&m, &less, "app", r).unwrap(), used(&m, &more, "app", r).unwrap());
            prop_assert!(b >= a * (1.0 - 1e-9), "{r}: {a} then {b}");
        }
    }
}

// What people read.

const STORY: &str = "arch 1
system t { provider = none }
client web { connections = 90k }
gateway gate { cpu = 0.1ms, replicas = 3, max_connections = 40k, rate_limit = 80 rps }
service app { cpu = 1ms, replicas = 2, threads = 4 }
external psp { latency = exp 20ms }
flow f { rate = 100 rps, web -> gate -> app { -> psp } }
";

#[test]
fn text_says_what_is_refused_and_what_a_lost_replica_does() {
    let text = printed(&["analyze", "-"], STORY);
    assert!(text.contains("`gate` rejects 20% of its requests"), "{text}");
    assert!(text.contains("if a replica of `gate` is lost, 30000 clients reconnect"), "{text}");
    assert!(text.contains("45000 for each other, more than the 40000 it takes"), "{text}");
}

#[test]
fn json_has_the_fields() {
    let doc: Value = serde_json::from_str(&printed(&["analyze", "--format", "json", "-"], STORY)).unwrap();
    let (gate, app) = (&doc["components"]["gate"], &doc["components"]["app"]);
    close(gate["refused"].as_f64().unwrap(), 0.2, 1e-9);
    assert_eq!(gate["reconnect"]["over"], true);
    close(gate["resources"]["connections"]["utilization"].as_f64().unwrap(), 0.75, 1e-3);
    // 40 a second at each replica, of 21 ms and a little more.
    let busy = app["resources"]["threads"]["used"].as_f64().unwrap();
    assert!(busy > 80.0 * 0.021 && busy < 80.0 * 0.022, "{busy}");
    assert!(app["in_flight"].as_f64().unwrap() >= busy);
    close(doc["flows"]["f"]["errors"].as_f64().unwrap(), 0.2, 1e-9);
}

#[test]
fn explain_shows_how_threads_and_connections_were_counted() {
    let text = printed(&["explain", "-", "app.utilization"], STORY);
    assert!(text.contains("threads:") && text.contains("threads busy in each replica"), "{text}");
    let text = printed(&["explain", "-", "gate.utilization"], STORY);
    assert!(text.contains("clients: 90000 open over 3 = 30000 each"), "{text}");
}
