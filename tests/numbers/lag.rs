//! Lag, backlogs, windows and autoscaling through the language: against closed forms, reference
//! cases, independent integration and simulation.

use crate::support::Says;
use archc::analysis::{Facts, Lag, Measure};
use archc::session::{Judged, judge, open_text};
use serde_json::Value;

fn judged(text: &str) -> Judged {
    let design = open_text("d.arch", text, &[]);
    let out = judge(&design, "2026-11-25".parse().expect("a date"), false);
    let errors = out.language_errors();
    assert!(errors.is_empty(), "{:?}\n{text}", errors.iter().map(|d| &d.message).collect::<Vec<_>>());
    out
}

fn lag<'a>(j: &'a Judged, flow: &str) -> &'a Lag {
    let id = j.model.find_flow(flow).expect("the flow");
    j.facts.lag[id.0].as_ref().expect("it has a lag")
}

fn number(m: &Measure) -> f64 {
    match m {
        Measure::Known(x) => *x,
        other => panic!("{other:?}"),
    }
}

fn measure(text: &str, metric: &str) -> Measure {
    lag(&judged(text), "take").time.measure(metric)
}

#[track_caller]
fn near(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1e-12), "{what}: {got} instead of {want}");
}

fn codes(j: &Judged) -> Vec<&str> {
    j.diagnostics.iter().map(|d| d.code).collect()
}

const BARE: &str = "arch 1\nsystem s { provider = none }\nclient web {}\nservice app { cpu = 0us }\n";

/// A queue, who takes from it, and messages at `rate`.
fn group(rate: f64, queue: &str, worker: &str, flow: &str, work: &str) -> String {
    format!(
        "{BARE}queue q {{ {queue} }}\nservice worker {{ {worker} }}\nexternal far {{ latency = exp 100ms }}\n\
         flow give {{ rate = {rate} rps, web -> app {{ ~> q.publish }} }}\n\
         flow take {{ {flow}\n q -> worker {work} }}\n"
    )
}

fn case(id: &str) -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/capacity.json");
    let doc: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the cases")).expect("JSON");
    let all = doc["cases"].as_array().expect("a list");
    all.iter().find(|c| c["id"] == id).unwrap_or_else(|| panic!("{id}")).clone()
}

#[test]
fn one_slot_is_mm1_and_several_are_mmc() {
    for (rate, cpu) in [(50.0, 0.01), (95.0, 0.01), (1.0, 0.9), (0.001, 0.001)] {
        let text = group(rate, "", &format!("cpu = {}us", cpu * 1e6), "", "");
        near(number(&measure(&text, "mean")), 1.0 / (1.0 / cpu - rate), 1e-6, "mean");
        near(number(&measure(&text, "p99")), 100.0_f64.ln() / (1.0 / cpu - rate), 1e-6, "p99");
    }
    // Eight replicas of one core: M/M/8 at 7 Erlang, by the Erlang formulas.
    let (servers, load) = (8.0, 7.0);
    let mut b = 1.0;
    for k in 1..=8 {
        b = load * b / (f64::from(k) + load * b);
    }
    let c = b / (1.0 - load / servers * (1.0 - b));
    let text = group(700.0, "", "cpu = 10ms, replicas = 8", "", "");
    near(number(&measure(&text, "mean")), 0.01 + c * 0.01 / (servers - load), 1e-6, "M/M/8");
    // Partitions make a queue each: 8 of M/M/1 at an eighth of the rate.
    let text = group(700.0, "partitions = 8", "cpu = 10ms, replicas = 8", "", "");
    near(number(&measure(&text, "mean")), 1.0 / (100.0 - 87.5), 1e-6, "eight queues");
    let text = group(700.0, "partitions = 8", "cpu = 10ms, replicas = 8", "parallel = true", "");
    near(number(&measure(&text, "mean")), 0.01 + c * 0.01 / (servers - load), 1e-6, "parallel");
}

#[test]
fn slots_are_counted() {
    let slots = |queue: &str, worker: &str, flow: &str| {
        let j = judged(&group(1.0, queue, worker, flow, ""));
        *lag(&j, "take").slots.capacity.as_ref().expect("known")
    };
    near(slots("", "cpu = 1ms, replicas = 3, cores = 4", ""), 12.0, 1e-12, "cores");
    near(slots("", "cpu = 1ms, replicas = 3, threads = 5", ""), 15.0, 1e-12, "threads");
    near(slots("partitions = 7", "cpu = 1ms, replicas = 3, threads = 5", ""), 7.0, 1e-12, "partitions");
    near(slots("partitions = 7", "cpu = 1ms, replicas = 3, threads = 5", "parallel = true"), 15.0, 1e-12, "parallel");
    near(slots("ordering = total", "cpu = 1ms, replicas = 3", ""), 1.0, 1e-12, "total");
    let j = judged(&group(1.0, "partitions = 2", "cpu = 1ms, replicas = 3", "", ""));
    assert!(codes(&j).contains(&"ARC053"), "{:?}", codes(&j));
    let j = judged(&group(1.0, "partitions = 3", "cpu = 1ms, replicas = 3", "", ""));
    assert!(!codes(&j).contains(&"ARC053"), "{:?}", codes(&j));
}

#[test]
fn a_ring_of_queues_is_a_jackson_network() {
    let case = case("pdq_passport");
    let (inputs, expected) = (&case["inputs"], &case["expected"]);
    let n = |v: &Value| v.as_f64().expect("a number");
    let share = |name: &str| n(&inputs[name]) * 100.0;
    // The same all day: a steady state.
    let steady = BARE.replace("none }", "none, profile { peak_to_mean = 1 } }");
    let mut text =
        format!("{steady}flow arrive {{ rate = {}/h, web -> app {{ ~> q1.publish }} }}\n", n(&inputs["lam"]) * 3600.0);
    for (i, s) in inputs["service"].as_array().expect("four").iter().enumerate() {
        let i = i + 1;
        text.push_str(&format!("queue q{i} {{}}\nservice s{i} {{ cpu = {}s }}\n", n(s)));
    }
    text.push_str(&format!(
        "flow f1 {{ q1 -> s1 {{\n choose {{ {}% {{ ~> q2.publish }}\n {}% {{ ~> q3.publish }} }} }} }}\n",
        share("p12"),
        share("p13")
    ));
    text.push_str(&format!(
        "flow f2 {{ q2 -> s2 {{\n ~> q3.publish {}%\n ~> q4.publish {}% }} }}\n",
        share("p23"),
        100.0 - share("p23")
    ));
    text.push_str(&format!(
        "flow f3 {{ q3 -> s3 {{\n ~> q2.publish {}%\n ~> q4.publish {}% }} }}\n",
        share("p32"),
        100.0 - share("p32")
    ));
    text.push_str("flow f4 { q4 -> s4 }\n");
    let j = judged(&text);
    let lam = n(&inputs["lam"]);
    let mut whole = 0.0;
    for i in 0..4 {
        let id = j.model.find(&format!("s{}", i + 1)).expect("it");
        let used = j.facts.utilization[id.0].utilization.clone().expect("known");
        near(used, n(&expected["U"][i]), 1e-6, "utilisation");
        let rate = *j.facts.demand.components[id.0].rate.as_ref().expect("known");
        // Residence is visits times the response: that of one visit is what a component shows.
        let response = number(&j.facts.stations[id.0].response.measure("mean"));
        near(response * rate / lam, n(&expected["residence"][i]), 1e-6, "residence");
        let waited = number(&lag(&j, &format!("f{}", i + 1)).time.measure("mean"));
        near(waited, response, 1e-6, "lag");
        near(rate * waited, n(&expected["Q"][i]), 1e-6, "in the system");
        whole += response * rate / lam;
    }
    near(whole, n(&expected["R"]), 1e-6, "R");
    let visits =
        |name: &str| j.facts.demand.components[j.model.find(name).expect("it").0].rate.clone().expect("known") / lam;
    near(visits("s2"), n(&expected["v2"]), 1e-6, "v2");
    near(visits("s3"), n(&expected["v3"]), 1e-6, "v3");
}

#[test]
fn reference_backlogs() {
    let n = |v: &Value| v.as_f64().expect("a number");
    // 1200 a second meet 1000 for 600 s, then 1500: autoscaling from two replicas to three.
    let c = case("backlog_1200_1000_600");
    let text = format!(
        "{BARE}service w {{ cpu = 2ms, autoscale {{ min = 2, max = 3, target = 80%, react = {}s }} }}\nflow f {{ rate = {} rps, web -> w }}\n",
        n(&c["inputs"]["T"]),
        n(&c["inputs"]["lam"])
    );
    let j = judged(&text);
    let id = j.model.find("w").expect("it");
    let step = j.facts.scaling[id.0].as_ref().expect("it scales").step.clone().expect("known");
    near(step.backlog, n(&c["expected"]["backlog"]), 1e-12, "backlog");
    near(step.drain_time.expect("drains"), n(&c["expected"]["drain_s"]), 1e-12, "drain");
    near(step.max_delay.expect("a delay"), n(&c["expected"]["max_delay_s"]), 1e-12, "delay");
    near(step.total_time.expect("ends"), n(&c["expected"]["total_time_above_zero"]), 1e-12, "total");
    // An outage: the case's 300 s stretched to the hour that is asked about, rates by as much less.
    let c = case("backlog_5000_0_300");
    let stretch = 3600.0 / n(&c["inputs"]["T"]);
    let (lam, after) = (n(&c["inputs"]["lam"]) / stretch, n(&c["inputs"]["mu_after"]) / stretch);
    let text = group(2.0 * lam, "", &format!("cpu = {}us", 1e6 / after), "", "");
    let j = judged(&text);
    let b = &lag(&j, "take").backlog;
    near(*b.after_outage.as_ref().expect("known"), n(&c["expected"]["backlog"]), 1e-9, "backlog");
    near(*b.drains_in.as_ref().expect("known"), n(&c["expected"]["drain_s"]) * stretch, 1e-9, "drain");
    // The sine wave is the day whose trough is as far below the mean as its peak is above.
    let c = case("backlog_diurnal");
    let (base, amp, capacity) = (n(&c["inputs"]["base"]), n(&c["inputs"]["amp"]), n(&c["inputs"]["capacity"]));
    let text = format!(
        "arch 1\nsystem s {{ provider = none, profile {{ peak_to_mean = {}, trough = {}%, peak_hour = 06:00 }} }}\n\
         client web {{}}\nservice app {{ cpu = 0us }}\nqueue q {{}}\nservice w {{ cpu = 0us, wait = 10ms, threads = {} }}\n\
         flow give {{ volume = {base} rps, web -> app {{ ~> q.publish }} }}\nflow take {{ q -> w }}\n",
        1.0 + amp / base,
        100.0 - 100.0 * amp / base,
        capacity / 100.0
    );
    let j = judged(&text);
    let daily = lag(&j, "take").backlog.daily.clone().expect("piles up");
    near(daily.starts, n(&c["expected"]["overload_start"]), 1e-9, "start");
    near(daily.most, n(&c["expected"]["peak_backlog"]), 1e-9, "backlog");
    near(daily.longest_delay, n(&c["expected"]["peak_backlog"]) / capacity, 1e-9, "delay");
}

/// The day of the design's defaults, found anew: `k` by bisection on a mean of sums.
fn day(peak: f64, trough: f64, hour: f64) -> impl Fn(f64) -> f64 {
    let at = move |k: f64, t: f64| {
        let x = 2.0 * std::f64::consts::PI * (t - hour * 3600.0) / 86_400.0;
        trough + (peak - trough) * (f64::midpoint(1.0, x.cos())).powf(k)
    };
    let (mut low, mut high) = (0.0, 64.0);
    for _ in 0..60 {
        let mid = f64::midpoint(low, high);
        let mean = (0..20_000).map(|i| at(mid, f64::from(i) * 4.32)).sum::<f64>() / 20_000.0;
        if mean > 1.0 { low = mid } else { high = mid }
    }
    move |t| at(low, t)
}

/// Steps a fluid queue of a design's day second by second: most, longest delay, seconds at which it
/// first waits and no longer waits, on the second day.
fn integrate(rate: impl Fn(f64) -> f64, capacity: impl Fn(f64) -> f64) -> (f64, f64, f64, f64) {
    let (mut level, mut most, mut delay) = (0.0_f64, 0.0_f64, 0.0_f64);
    let (mut starts, mut ends) = (f64::NAN, f64::NAN);
    for second in 0..3 * 86_400 {
        let t = f64::from(second) + 0.5;
        let before = level;
        level = (level + rate(t) - capacity(t)).max(0.0);
        if t < 86_400.0 {
            continue;
        }
        most = most.max(level);
        if capacity(t) > 0.0 {
            delay = delay.max(level / capacity(t));
        }
        if before <= 0.0 && level > 0.0 && starts.is_nan() {
            starts = t;
        }
        if before > 0.0 && level <= 0.0 && !starts.is_nan() && ends.is_nan() {
            ends = t;
        }
    }
    (most, delay, starts % 86_400.0, ends % 86_400.0)
}

#[test]
fn a_day_piles_up_as_integration_says() {
    let shape = day(3.0, 0.25, 20.0);
    // 30 a second at the peak, 10 on average, 16 taken.
    let text = "arch 1\nsystem s { provider = none, profile { peak_to_mean = 3, trough = 25%, peak_hour = 20:00 } }\n\
        client web {}\nservice app { cpu = 0us }\nqueue q { retention = 2 days }\nservice w { cpu = 0us, wait = 250ms, threads = 4 }\n\
        flow give { volume = 10 rps, web -> app { ~> q.publish } }\nflow take { slo { lag <= 3h }, q -> w }\n";
    let j = judged(text);
    let l = lag(&j, "take");
    let d = l.backlog.daily.clone().expect("piles up");
    let (most, delay, starts, ends) = integrate(|t| 10.0 * shape(t), |_| 16.0);
    near(d.most, most, 1e-4, "most");
    near(d.longest_delay, delay, 1e-4, "delay");
    assert!((d.starts - starts).abs() < 3.0, "{} {starts}", d.starts);
    assert!((d.ends.expect("drains") - ends).abs() < 20.0, "{:?} {ends}", d.ends);
    assert!(l.worst_of_day);
    let said = number(&l.time.measure("p50"));
    assert!(said > delay && said < 1.05 * delay, "chance on top: {said} against {delay}");
    near(number(&l.time.measure("p999")), said, 1e-9, "all percentiles");
    // What waits longer than it is kept is lost, what does not fit is dropped.
    assert!(!codes(&j).contains(&"ARC095") && !d.expires);
    let j = judged(&text.replace("2 days", "30min, max_length = 10k, max_lag = 1h"));
    assert!(codes(&j).contains(&"ARC095"), "{:?}", codes(&j));
    let l = lag(&j, "take");
    near(l.backlog.daily.clone().expect("piles up").dropped, (most - 10e3) / 864e3, 1e-3, "dropped");
    for word in ["`max_length` of `q`", "the oldest are lost", "`max_lag` of `q` is 1h"] {
        assert!(l.notes.iter().any(|s| s.contains(word)), "{word}: {:?}", l.notes);
    }
    // Less than the mean: for ever.
    let j = judged(&text.replace("threads = 4", "threads = 2"));
    assert!(matches!(lag(&j, "take").time.measure("p99"), Measure::Unbounded(_)));
    assert!(codes(&j).contains(&"ARC051") && codes(&j).contains(&"ARC631"), "{:?}", codes(&j));
}

#[test]
fn a_window_drains_as_integration_says() {
    let design = |threads: u32| {
        format!(
            "arch 1\nsystem s {{ provider = none, profile {{ peak_to_mean = 2, trough = 25%, peak_hour = 20:00 }} }}\n\
             client web {{}}\nservice app {{ cpu = 0us }}\nqueue q {{}}\nservice w {{ cpu = 0us, wait = 100ms, threads = {threads} }}\n\
             flow give {{ volume = 10 rps, web -> app {{ ~> q.publish }} }}\n\
             flow take {{ window = 22:00 to 05:00, q -> w }}\n"
        )
    };
    let shape = day(2.0, 0.25, 20.0);
    let open = |t: f64| !(5.0..22.0).contains(&((t / 3600.0) % 24.0));
    for threads in [4, 6, 12] {
        let capacity = 10.0 * f64::from(threads);
        let j = judged(&design(threads));
        let l = lag(&j, "take");
        let d = l.backlog.daily.clone().expect("a backlog");
        let mut level = 0.0_f64;
        let (mut waits, mut ends) = (0.0, f64::NAN);
        for second in 5 * 3600..(29 * 3600) {
            let t = f64::from(second) + 0.5;
            if second == 22 * 3600 {
                waits = level;
            }
            let before = level;
            level = (level + 10.0 * shape(t) - if open(t) { capacity } else { 0.0 }).max(0.0);
            if before > 0.0 && level <= 0.0 && ends.is_nan() {
                ends = t % 86_400.0;
            }
        }
        near(d.most, waits, 1e-5, "waits");
        assert!((d.ends.expect("drains") - ends).abs() < 3.0, "{:?} {ends}", d.ends);
        near(
            number(&l.time.measure("p99")),
            17.0 * 3600.0 + (ends - 22.0 * 3600.0).rem_euclid(86_400.0) + 0.1,
            1e-4,
            "lag",
        );
        assert!(l.notes.iter().any(|s| s.contains("it drains at")), "{:?}", l.notes);
    }
    // Three slots take 756 000 of the day's 864 000.
    let j = judged(&design(3));
    let l = lag(&j, "take");
    near(l.backlog.daily.clone().expect("a backlog").left, 108_000.0, 1e-9, "left");
    assert!(
        matches!(l.time.measure("p99"), Measure::Unbounded(e) if e.contains("108k of 864k messages are left each day"))
    );
    assert!(codes(&j).contains(&"ARC051"), "{:?}", codes(&j));
}

#[test]
fn off_peak_work_counts_in_its_window() {
    let design = |window: &str| {
        format!(
            "arch 1\nsystem s {{ provider = none, profile {{ peak_to_mean = 2, trough = 25%, peak_hour = 20:00 }} }}\n\
             client web {{}}\ntimer night {{ every = 1 day }}\nservice job {{ cpu = 0us, wait = 1ms, threads = 100 }}\ndatabase db {{ cpu = 1ms }}\n\
             service app {{ cpu = 0us }}\nflow day {{ volume = 300 rps, web -> app {{ -> db.read }} }}\n\
             flow work {{ volume = 100 rps, {window}\n night -> job {{ -> db.read }} }}\n"
        )
    };
    let used = |window: &str| {
        let j = judged(&design(window));
        j.facts.utilization[j.model.find("db").expect("it").0].utilization.clone().expect("known")
    };
    near(used(""), 0.8, 1e-9, "always");
    // Day: 600 rps. Night: 75 rps and 24/7 of 100.
    near(used("window = 22:00 to 05:00"), 0.6, 1e-9, "the day is higher");
    near(used("window = 02:00 to 05:00"), 0.075 + 0.8, 1e-9, "the night is higher");
    near(used("window = 18:00 to 06:00"), 0.6 + 0.2, 1e-9, "it holds the peak hour");
    // In the window the database leaves 925 rps: 8.64M requests take 2 h 36 min.
    let j = judged(&design("window = 02:00 to 05:00"));
    let l = lag(&j, "work");
    near(*l.backlog.capacity.as_ref().expect("known"), 925.0, 1e-9, "what is left");
    let d = l.backlog.daily.clone().expect("a backlog");
    near(d.ends.expect("drains"), 7200.0 + 8.64e6 / 925.0, 1e-9, "ends");
    // The latency of the day's flow is that of the day: M/M/1 at 60%.
    let day = j.model.find_flow("day").expect("it");
    near(number(&j.facts.latency[day.0].time.measure("mean")), 0.001 / 0.4, 1e-6, "the day's latency");
}

/// A small generator of random numbers (Marsaglia's xorshift), for simulations.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        #[allow(clippy::cast_precision_loss)]
        let x = (self.0 >> 11) as f64 / (1_u64 << 53) as f64;
        x.max(1e-17)
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.unit().ln()
    }
}

/// Messages of a Poisson stream, first come first served: `queues` by random key, each with `slots`
/// slots; mean and 99th percentile of the time to the end.
fn simulate(seed: u64, rate: f64, queues: usize, slots: usize, mut work: impl FnMut(&mut Random) -> f64) -> (f64, f64) {
    let mut random = Random(seed);
    let mut free = vec![vec![0.0_f64; slots]; queues];
    let mut now = 0.0;
    let mut times = Vec::new();
    for i in 0..600_000 {
        now += random.exponential(1.0 / rate);
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let queue = ((random.unit() * queues as f64) as usize).min(queues - 1);
        let slot = free[queue].iter_mut().min_by(|a, b| a.total_cmp(b)).expect("a slot");
        let end = slot.max(now) + work(&mut random);
        *slot = end;
        if i > 20_000 {
            times.push(end - now);
        }
    }
    times.sort_by(f64::total_cmp);
    #[allow(clippy::cast_precision_loss)]
    let mean = times.iter().sum::<f64>() / times.len() as f64;
    (mean, times[times.len() * 99 / 100])
}

#[test]
fn consumer_groups_as_simulated() {
    // CPU of Erlang 4 (cv 0.5), a fixed pause, a call outside that is exponential.
    let worker = |n: u32| format!("cpu = mean 40ms cv 0.5, wait = 30ms, replicas = {n}");
    let work = |r: &mut Random| (0..4).map(|_| r.exponential(0.01)).sum::<f64>() + 0.03 + r.exponential(0.1);
    for (seed, rate, replicas) in [(7, 20.0, 4), (11, 38.0, 8), (13, 4.0, 1)] {
        let text = group(rate, "", &worker(replicas), "", "{ -> far }");
        let (mean, p99) = simulate(seed, rate, 1, replicas as usize, work);
        near(number(&measure(&text, "mean")), mean, 0.05, "shared, mean");
        near(number(&measure(&text, "p99")), p99, 0.05, "shared, p99");
        let text = group(rate, &format!("partitions = {replicas}"), &worker(replicas), "", "{ -> far }");
        let (mean, p99) = simulate(seed, rate, replicas as usize, 1, work);
        near(number(&measure(&text, "mean")), mean, 0.05, "by key, mean");
        near(number(&measure(&text, "p99")), p99, 0.05, "by key, p99");
    }
}

/// Messages of a Poisson stream, `threads` at once in one replica of one core; each works on the core
/// (first come, first served) and then waits outside: mean time to the end.
fn threads_on_a_core(seed: u64, rate: f64, threads: usize, cpu: f64, outside: f64) -> f64 {
    let mut random = Random(seed);
    let mut free = vec![0.0_f64; threads];
    let (mut now, mut core, mut sum) = (0.0, 0.0_f64, 0.0);
    for _ in 0..400_000 {
        now += random.exponential(1.0 / rate);
        let slot = free.iter_mut().min_by(|a, b| a.total_cmp(b)).expect("a slot");
        // Who takes a slot first asks the core first.
        core = core.max(slot.max(now)) + random.exponential(cpu);
        *slot = core + random.exponential(outside);
        sum += *slot - now;
    }
    sum / 400_000.0
}

#[test]
fn threads_that_share_a_core() {
    for (seed, rate, threads, most) in
        [(3, 6.0, 8, 1.05), (5, 9.0, 16, 1.05), (9, 5.0, 2, 1.05), (21, 7.2, 2, 3.0), (17, 2.0, 2, 1.05)]
    {
        let text = group(rate, "", &format!("cpu = 100ms, threads = {threads}"), "", "{ -> far }");
        let said = number(&measure(&text, "mean"));
        let simulated = threads_on_a_core(seed, rate, threads, 0.1, 0.1);
        assert!(said > simulated / most && said < simulated * most, "{rate} {threads}: {said} against {simulated}");
    }
}

#[test]
fn unknown_and_unbounded_travel() {
    let whole = group(10.0, "partitions = 2", "cpu = 10ms, replicas = 2", "", "{ -> far }");
    number(&measure(&whole, "p99"));
    for (from, to, why) in [
        ("cpu = 10ms", "memory = 1GB", "`worker` does not set the `cpu` of `call`"),
        ("latency = exp 100ms", "availability = 99%", "`far` does not set its `latency`"),
        ("rate = 10 rps, web", "web", "has no `rate` or `volume`"),
        ("{ partitions = 2 }", "{ ordering = key }", "`q` keeps an order and does not set its `partitions`"),
        ("{ -> far }", "\n slo { lag <= 1s }", "no"),
    ] {
        let text = whole.replace(from, to);
        assert_ne!(text, whole, "{from}");
        match measure(&text, "p99") {
            Measure::Unknown(e) => assert!(e.contains(why), "{e} instead of {why}"),
            Measure::Known(_) if why == "no" => {}
            other => panic!("{from}: {other:?}"),
        }
    }
    // Downstream beyond its capacity: no bound.
    let text = group(10.0, "", "cpu = 1ms, replicas = 90", "", "{ -> db.read }") + "database db { cpu = 110ms }\n";
    assert!(matches!(measure(&text, "p99"), Measure::Unbounded(e) if e.contains("`db`")));
    // Who feeds it works in a window: what that piles up is not known.
    let text = format!(
        "{BARE}queue a {{}}\nqueue b {{}}\nservice w {{ cpu = 1ms }}\nservice v {{ cpu = 1ms }}\n\
         flow give {{ rate = 1 rps, web -> app {{ ~> a.publish }} }}\n\
         flow night {{ window = 01:00 to 05:00, a -> w {{ ~> b.publish }} }}\nflow take {{ b -> v }}\n"
    );
    assert!(matches!(measure(&text, "p99"), Measure::Unknown(e) if e.contains("works in a window")));
}

#[test]
fn a_lost_consumer_lets_its_queue_grow() {
    let text = group(10.0, "retention = 2 days", "cpu = 10ms, replicas = 2", "slo { lag <= 1min }", "")
        + "scenario gone { fail = [worker] }\nscenario half { fail = [worker x1] }\n";
    let j = judged(&text);
    let gone = &j.verdicts.scenarios[0];
    assert_eq!(gone.holds, Some(false));
    let take = j.model.find_flow("take").expect("it");
    match &gone.slo[take.0][0].worst {
        Measure::Unbounded(e) => {
            assert!(e.contains("`q` grows by 5 rps on average") && e.contains("retention is reached in 2 days"), "{e}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(j.verdicts.scenarios[1].holds, Some(true));
}

#[test]
fn a_batch_takes_what_is_there() {
    // 50 a second against 1 batch in 100 ms: alone 5 times too much, in tens a half.
    let one = group(50.0, "", "cpu = 100ms", "", "");
    assert!(lag(&judged(&one), "take").slots.utilization.clone().expect("known") > 4.9);
    let ten = group(50.0, "", "cpu = 100ms", "batch = 10", "");
    let j = judged(&ten);
    let l = lag(&j, "take");
    near(l.slots.utilization.clone().expect("known"), 0.5, 1e-9, "slots");
    near(*l.backlog.capacity.as_ref().expect("known"), 100.0, 1e-9, "capacity");
    // Bulk service simulated: when free, the slot takes up to ten of those that wait.
    let mut random = Random(99);
    let (mut arrivals, mut now) = (Vec::new(), 0.0);
    for _ in 0..400_000 {
        now += random.exponential(0.02);
        arrivals.push(now);
    }
    let (mut i, mut free, mut sum) = (0, 0.0_f64, 0.0);
    while i < arrivals.len() {
        let start = free.max(arrivals[i]);
        let many = arrivals[i..].iter().take(10).take_while(|t| **t <= start).count();
        free = start + random.exponential(0.1);
        sum += arrivals[i..i + many].iter().map(|t| free - t).sum::<f64>();
        i += many;
    }
    let simulated = sum / 400_000.0;
    let said = number(&l.time.measure("mean"));
    assert!(said >= 0.97 * simulated && said <= 1.6 * simulated, "{said} against {simulated}");
}

#[test]
fn more_load_never_less_lag_and_more_slots_never_more() {
    let p99 = |rate: f64, parts: u32, replicas: u32, cv: f64| {
        let text = group(
            rate,
            &format!("partitions = {parts}"),
            &format!("cpu = mean 20ms cv {cv}, replicas = {replicas}"),
            "",
            "{ -> far }",
        );
        match measure(&text, "p99") {
            Measure::Known(x) => x,
            Measure::Unbounded(_) => f64::INFINITY,
            Measure::Unknown(e) => panic!("{e}"),
        }
    };
    let mut random = Random(2024);
    for _ in 0..12 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let mut whole = |most: f64| 1 + (random.unit() * most) as u32;
        let (parts, replicas) = (whole(12.0), whole(12.0));
        let (rate, cv) = (random.unit() * 60.0, random.unit() * 2.0);
        let here = p99(rate, parts, replicas, cv);
        let slack = 1.0 + 1e-6;
        assert!(p99(rate * 1.3, parts, replicas, cv) * slack >= here, "load {rate} {parts} {replicas}");
        assert!(p99(rate, parts + 1, replicas, cv) <= here * slack, "partitions {rate} {parts} {replicas}");
        assert!(p99(rate, parts, replicas + 1, cv) <= here * slack, "replicas {rate} {parts} {replicas}");
    }
}

/// Messages of a Poisson stream whose rate follows a day, one slot: for each minute of the third day
/// the 99th percentile of the waits of many such days; the worst.
fn worst_minute(shape: impl Fn(f64) -> f64, mean: f64, peak: f64, work: f64) -> f64 {
    let mut random = Random(5);
    let mut minutes = vec![Vec::new(); 1440];
    for _ in 0..20 {
        let (mut now, mut free) = (0.0, 0.0_f64);
        while now < 2.0 * 86_400.0 {
            now += random.exponential(1.0 / (mean * peak));
            if random.unit() * peak > shape(now) {
                continue;
            }
            if now > 86_400.0 {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let minute = (now / 60.0) as usize % 1440;
                minutes[minute].push((free - now).max(0.0));
            }
            free = free.max(now) + random.exponential(work);
        }
    }
    let p99 = |waits: &mut Vec<f64>| {
        waits.sort_by(f64::total_cmp);
        waits.get(waits.len() * 99 / 100).copied().unwrap_or(0.0)
    };
    minutes.iter_mut().map(p99).fold(0.0, f64::max)
}

#[test]
fn around_its_capacity_the_lag_is_that_of_the_day() {
    let said = |rate: f64| number(&measure(&group(rate, "", "cpu = 2s", "", ""), "p90"));
    let shape = day(2.0, 0.25, 20.0);
    // From half of what the slot takes at the peak to a quarter beyond it, through the middle.
    let mut before = 0.0;
    for load in [0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999, 1.0, 1.001, 1.01, 1.03, 1.1, 1.25] {
        let now = said(0.5 * load);
        assert!(now >= before, "{load}: {now} after {before}");
        before = now;
    }
    for (load, over) in [(0.99, 2.5), (1.05, 1.6), (1.2, 1.2)] {
        let rate = 0.5 * load;
        let simulated = worst_minute(&shape, rate / 2.0, 2.0, 2.0);
        let now = said(rate);
        assert!(now >= simulated && now <= over * simulated, "{load}: {now} against {simulated}");
    }
}

#[test]
fn autoscaling_follows_the_load_to_its_most() {
    let text = format!(
        "{BARE}service w {{ cpu = 10ms, availability = 99%, autoscale {{ min = 2, max = 10, target = 60%, react = 3min }} }}\n\
         flow f {{ rate = 300 rps, web -> w }}\n"
    );
    let design = open_text("d.arch", &text, &[]);
    for (load, replicas, binds) in
        [(0.1, 2.0, Some("min")), (1.0, 5.0, None), (2.0, 10.0, None), (5.0, 10.0, Some("max"))]
    {
        let model = archc::analysis::followed(design.model(&mut archc::diag::Sink::default()), load);
        let facts = Facts::new(&model, load);
        let id = model.find("w").expect("it");
        assert_eq!(archc::analysis::count(model.component(id), "replicas"), Ok(replicas), "{load}");
        assert_eq!(facts.scaling[id.0].as_ref().expect("it scales").binds(), binds, "{load}");
        near(facts.utilization[id.0].utilization.clone().expect("known"), 3.0 * load / replicas, 1e-9, "used");
    }
    let unknown = |from: &str| {
        let j = judged(&text.replace(from, ""));
        j.facts.scaling[j.model.find("w").expect("it").0].clone().expect("it scales")
    };
    assert!(unknown(", react = 3min").step.is_err_and(|e| e.contains("`react`")));
    assert!(unknown("target = 60%,").desired.is_err_and(|e| e.contains("`target`")));
}

#[test]
fn sizing_keeps_the_lag() {
    let design = |target: &str| {
        format!(
            "{BARE}queue q {{ partitions = ? }}\nservice worker {{ cpu = 20ms, replicas = ? }}\nexternal far {{ latency = const 500ms }}\n\
             flow give {{ rate = 40 rps, web -> app {{ ~> q.publish }} }}\n\
             flow take {{ slo {{ lag <= {target} }}, q -> worker {{ -> far }} }}\n"
        )
    };
    // The answer by trying: the fewest replicas, with as many partitions, that keep the target.
    for (target, bound) in [("2s", 2.0), ("30s", 30.0)] {
        let fits = |n: u32| {
            let text = design(target)
                .replace("partitions = ?", &format!("partitions = {n}"))
                .replace("replicas = ?", &format!("replicas = {n}"));
            matches!(measure(&text, "p99"), Measure::Known(x) if x <= bound)
        };
        let fewest = (1..200).find(|n| fits(*n)).expect("some number does");
        let j = judged(&design(target));
        let count =
            |name: &str, what: &str| archc::analysis::count(j.model.component(j.model.find(name).expect("it")), what);
        assert_eq!(count("worker", "replicas"), Ok(f64::from(fewest)), "{target}");
        assert_eq!(count("q", "partitions"), Ok(f64::from(fewest)), "{target}");
        assert!(!codes(&j).contains(&"ARC631"), "{:?}", codes(&j));
    }
}

#[test]
fn the_row_of_takers_is_the_queue_that_the_lag_is_of() {
    // Any free of three takes the next: M/M/3, in the component's row too.
    let j = judged(&group(100.0, "", "cpu = exp 20ms, replicas = 3", "", ""));
    let worker = j.model.find("worker").expect("the worker");
    let row = number(&j.facts.stations[worker.0].response.measure("p99"));
    let lag = number(&lag(&j, "take").time.measure("p99"));
    near(row, lag, 1e-6, "the row against the lag");
    let alone = archc::theory::Mmc::new(100.0, 0.02, 3).expect("stable");
    let want = archc::theory::Distribution::mmc_sojourn(&alone).quantile(0.99).expect("known");
    near(row, want, 1e-6, "the row against M/M/3");
}
