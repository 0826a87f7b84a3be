//! Holes that are lists of numbers, and `memory = ?`, against every value written in its place.

use crate::support::judged::{broken, count, judged, sizes};
use archc::model::Chosen;
use archc::session::{Judged, judge, open_text};
use archc::sizing::Status;

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

fn holds(j: &Judged) -> bool {
    broken(j).is_empty()
}

/// The cheapest of some values written in the place of `{}`, by the whole analysis.
fn cheapest(text: &str, values: &[String]) -> Option<(f64, String)> {
    let mut best: Option<(f64, String)> = None;
    for v in values {
        let j = judged(&text.replace("{}", v));
        let cost = j.facts.cost.at_least();
        if holds(&j) && best.as_ref().is_none_or(|(b, _)| cost < b - 1e-9) {
            best = Some((cost, v.clone()));
        }
    }
    best
}

fn app(rate: u32, attrs: &str) -> String {
    format!(
        "arch 1\nsystem s {{ headroom = 30% }}\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 5ms, {attrs} }}\nflow f {{ rate = {rate} rps, slo {{ p99 <= 400ms }}, web -> lb -> app }}\n"
    )
}

#[test]
fn one_of_some_counts_is_chosen() {
    // 400 rps x 5 ms = 2 cores; 70% of 3 is 2.1.
    for (rate, want) in [(100, 2.0), (300, 4.0), (500, 4.0), (600, 8.0)] {
        let j = judged(&app(rate, "replicas = ? in [8, 2, 4]"));
        assert_eq!(sizes(&j).status, Status::Optimal);
        assert!(sizes(&j).unsolved.is_empty(), "{:?}", sizes(&j).unsolved);
        assert!((count(&j, "app", "replicas") - want).abs() < 1e-9, "{rate}: {:?}", sizes(&j).choices);
        let each: Vec<String> = [2, 4, 8].iter().map(ToString::to_string).collect();
        let (cost, _) = cheapest(&app(rate, "replicas = {}"), &each).expect("some do");
        assert!((j.facts.cost.at_least() - cost).abs() < 1e-9);
    }
    let j = judged(&app(2000, "replicas = ? in [8, 2, 4]"));
    assert_eq!(sizes(&j).status, Status::Infeasible);
    assert!(sizes(&j).conflict[0].contains("even with replicas = 8"), "{:?}", sizes(&j).conflict);
}

#[test]
fn lists_of_several_attributes_go_together() {
    let mut r = 7_u64;
    for _ in 0..8 {
        r = r.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let rate = 100 + u32::try_from((r >> 33) % 1500).expect("small");
        let text = app(rate, "{}");
        let j = judged(&text.replace("{}", "cores = ? in [1, 2, 4], replicas = ? in [1, 2, 3, 5, 8]"));
        let mut all = Vec::new();
        for cores in [1, 2, 4] {
            for replicas in [1, 2, 3, 5, 8] {
                all.push(format!("cores = {cores}, replicas = {replicas}"));
            }
        }
        let (cost, which) = cheapest(&text, &all).expect("some do");
        assert_eq!(sizes(&j).status, Status::Optimal);
        assert!((j.facts.cost.at_least() - cost).abs() < 1e-9, "{rate} {which}: {:?}", sizes(&j).choices);
        assert!(holds(&j));
    }
}

#[test]
fn a_list_that_is_no_list_of_numbers_is_refused() {
    for (list, says) in [
        ("[]", "nothing to choose from"),
        ("[2, four]", "four"),
        ("[2ms]", "expects"),
        ("[1.5]", "replicas"),
        ("[0]", "replicas"),
        ("[2..3]", "interval"),
    ] {
        let j = judge(
            &open_text("x.arch", &app(100, &format!("replicas = ? in {list}")), &[]),
            jiff::civil::date(2026, 11, 25),
            false,
        );
        let errors: Vec<_> = j.language_errors();
        assert_eq!(errors.len(), 1, "{list}: {errors:#?}");
        assert!(errors[0].message.contains(says), "{list}: {}", errors[0].message);
    }
}

fn store(memory: &str, rate: u32) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none }}\nclient web {{ }}\nservice app {{ cpu = 0.1ms }}\ndatabase d {{ cpu = 0.1ms, {memory}, data = 400GiB, skew = 0.9, disk {{ size = 1TB, iops = 3000, latency = 2ms }} }}\nflow f {{ rate = {rate} rps, slo {{ p99 <= 12ms }}, web -> app {{ -> d.read }} }}\n"
    )
}

#[test]
fn the_least_memory_that_keeps_a_target_is_chosen() {
    let mut seen = Vec::new();
    for rate in [1000, 3000, 4500, 6000] {
        let j = judged(&store("memory = ?", rate));
        assert_eq!(sizes(&j).status, Status::Optimal, "{:?}", sizes(&j));
        let got = count(&j, "d", "memory");
        seen.push(got);
        // Without a provider memory costs nothing: the least of the sizes that do.
        let mut powers: Vec<f64> =
            (6..=24).flat_map(|k| [2.0_f64.powi(k), 1.5 * 2.0_f64.powi(k)]).map(|m| m * 1024.0 * 1024.0).collect();
        powers.sort_by(f64::total_cmp);
        let least = powers.iter().find(|m| holds(&judged(&store(&format!("memory = {m}B"), rate)))).expect("some do");
        assert!((got - least).abs() < 1.0, "{rate}: {} GiB, {} GiB", got / GIB, least / GIB);
    }
    assert!(seen.first() < seen.last(), "more load wants more memory: {seen:?}");
}

#[test]
fn on_a_machine_it_is_the_machines_own() {
    let text = |memory: &str, instance: &str| {
        format!(
            "arch 1\nclient web {{ }}\nservice app {{ cpu = 0.1ms }}\ndatabase d : postgres {{ instance = {instance}, {memory}, data = 100GB, working_set = 20GiB }}\nflow f {{ rate = 100 rps, web -> app {{ -> d.read }} }}\n"
        )
    };
    let j = judged(&text("memory = ?", "db.m7g.2xlarge"));
    assert!((count(&j, "d", "memory") - 32.0 * GIB).abs() < 1.0, "{:?}", sizes(&j).choices);
    let j = judged(&text("memory = ? in 1GiB..24GiB", "db.m7g.2xlarge"));
    assert!((count(&j, "d", "memory") - 24.0 * GIB).abs() < 1.0, "{:?}", sizes(&j).choices);
    // Of machines the cheapest whose memory holds the working set of 20 GiB.
    let j = judged(&text("memory = ?", "? in [db.m7g.large, db.m7g.xlarge, db.m7g.2xlarge]"));
    assert_eq!(sizes(&j).choices["d"]["instance"], Chosen::Name("db.m7g.2xlarge".to_owned()));
    // What is written must fit on the machine.
    let j = judged(&text("memory = 24GiB", "? in [db.m7g.large, db.m7g.xlarge, db.m7g.2xlarge]"));
    assert_eq!(sizes(&j).choices["d"]["instance"], Chosen::Name("db.m7g.2xlarge".to_owned()));
    let j = judged(&text("memory = 200GiB", "? in [db.m7g.large, db.m7g.xlarge]"));
    assert_eq!(sizes(&j).status, Status::Infeasible);
}

#[test]
fn memory_that_nothing_asks_for_is_not_made_up() {
    let j = judged(&app(100, "memory = ?, replicas = 2"));
    assert!(sizes(&j).is_partial());
    assert!(sizes(&j).unsolved[0].contains("nothing says how much memory `app` needs"), "{:?}", sizes(&j).unsolved);
    // A least is what the author asks, and a full cache in the process must fit.
    let j = judged(&app(100, "memory = ? >= 3GiB, replicas = 2"));
    assert!((count(&j, "app", "memory") - 3.0 * GIB).abs() < 1.0);
    let cached = "memory = ?, replicas = 2, cache { entries = 4M, entry_size = 1KiB, items = 10M, skew = 0.8 }";
    let j = judged(&app(100, cached));
    assert!((count(&j, "app", "memory") - 4e6 * 1024.0).abs() < 1.0, "{:?}", sizes(&j).choices);
    assert!(!j.diagnostics.iter().any(|d| d.code == "ARC085"), "{:?}", j.diagnostics);
}

#[test]
fn more_memory_than_the_machine_has_is_an_error() {
    let text = |memory: &str, instance: &str| {
        format!(
            "arch 1\nclient web {{ }}\nservice app {{ cpu = 1ms }}\ncache hot : redis {{ instance = {instance}, memory = {memory}, hit = 90%, ttl = 1min }}\nflow f {{ rate = 10 rps, web -> app {{ -> hot.get }} }}\n"
        )
    };
    let found = |j: &Judged| j.diagnostics.iter().find(|d| d.code == "ARC623").map(|d| d.message.clone());
    let says = found(&judged(&text("64GB", "cache.r7g.large"))).expect("it is said");
    assert!(says.contains("`hot`") && says.contains("`cache.r7g.large`") && says.contains("GiB"), "{says}");
    assert_eq!(found(&judged(&text("10GiB", "cache.r7g.large"))), None);
    // The machine that is chosen has as much.
    let j = judged(&text("64GB", "? in [cache.r7g.large, cache.r7g.4xlarge]"));
    assert_eq!(found(&j), None);
    assert_eq!(sizes(&j).choices["hot"]["instance"], Chosen::Name("cache.r7g.4xlarge".to_owned()));
}
