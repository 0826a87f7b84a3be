//! Sizing against what it is not made of: published staffing cases, and every
//! combination of small designs through the whole analysis.

use crate::support::judged::{broken, count, judged, sizes};
use archc::model::Chosen;
use archc::session::Judged;
use archc::sizing::Status;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Least servers of one pooled queue with P(T <= target) >= 99%: exhaustive scan with 50
/// digits (mpmath), cases `staff_T_*` of tests/reference/capacity.json.
#[test]
fn staffing_of_a_pooled_queue_is_the_published_one() {
    for (rate, service_ms, target_ms, want) in
        [(1000.0, 5.0, 30.0, 7.0), (1000.0, 5.0, 24.0, 8.0), (10_000.0, 2.0, 10.0, 23.0), (500.0, 20.0, 100.0, 12.0)]
    {
        let j = judged(&format!(
            "arch 1\nsystem s {{ provider = none }}\nclient web {{ }}\nbalancer lb {{ policy = least_connections }}\nservice app {{ cpu = {service_ms}ms, replicas = ? }}\nflow f {{ rate = {rate} rps, slo {{ p99 <= {target_ms}ms }}, web -> lb -> app }}\n"
        ));
        assert!((count(&j, "app", "replicas") - want).abs() < 1e-9, "{rate} {target_ms}: {:?}", sizes(&j).choices);
        assert_eq!(sizes(&j).status, Status::Optimal);
        assert!(broken(&j).is_empty());
    }
}

/// The same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// A small design with `{a}`, `{b}` and `{c}` for the replicas that are open.
fn small(r: &mut Random) -> String {
    let provider = r.one(&["none", "aws"]);
    let survive = r.one(&["none", "replica", "zone"]);
    let headroom = r.one(&["0%", "20%", "40%"]);
    let policy = r.one(&["least_connections", "round_robin", "random"]);
    let (cpu_a, cpu_b) = (2 + r.below(9), 1 + r.below(6));
    let rate = 60 + r.below(240);
    let base = if provider == "aws" { 60 } else { 0 };
    let p99 = base + 15 + r.below(90);
    let up = r.one(&["", ", availability = 99%"]);
    let asked = if up.is_empty() { String::new() } else { ", availability >= 99.9%".to_owned() };
    let store = r.one(&["async, read_from = replica", "async", "sync", "quorum"]);
    let scenario = r.one(&[
        "",
        "scenario sale { load = 1.5x, expect flow f { p99 <= 1s } }\n",
        "scenario lost { fail = [zone a], expect flow f { p99 <= 2s } }\n",
        "scenario lost { fail = [a x1], expect flow f { p99 <= 300ms } }\n",
    ]);
    let net = if provider == "aws" { ", network { client = 40ms, zone = 0.3ms, cross_zone = 1ms }" } else { "" };
    format!(
        "arch 1\nsystem s {{ provider = {provider}, zones = 3, survive = {survive}, headroom = {headroom}{net} }}\nclient web {{ }}\nbalancer lb {{ policy = {policy}, availability = 99.99% }}\nservice a {{ cpu = {cpu_a}ms, replicas = {{a}}{up} }}\nservice b {{ cpu = {cpu_b}ms, replicas = {{b}}{up} }}\ndatabase d {{ data = 50GB, replication = {store}, failover = auto, replicas = {{c}}{up}, ops {{ read {{ cpu = 2ms }}, write {{ cpu = 1ms }} }} }}\nflow f {{ rate = {rate} rps, slo {{ p99 <= {p99}ms{asked} }}, web -> lb -> a {{ -> b, -> d.read }} }}\nflow g {{ rate = 20 rps, web -> lb -> b {{ -> d.write }} }}\n{scenario}"
    )
}

#[test]
fn no_combination_is_cheaper() {
    let mut r = Random(2026);
    let (mut solved, mut infeasible) = (0, 0);
    for _ in 0..14 {
        let text = small(&mut r);
        let fill = |a: &str, b: &str, c: &str| text.replace("{a}", a).replace("{b}", b).replace("{c}", c);
        let open = judged(&fill("? in 1..6", "? in 1..5", "? in 1..4"));
        let mut best: Option<(f64, String)> = None;
        for a in 1..=6 {
            for b in 1..=5 {
                for c in 1..=4 {
                    let fixed = judged(&fill(&a.to_string(), &b.to_string(), &c.to_string()));
                    if !broken(&fixed).is_empty() {
                        continue;
                    }
                    let cost = cost_of(&fixed);
                    if best.as_ref().is_none_or(|(x, _)| cost < x - 1e-9) {
                        best = Some((cost, format!("a = {a}, b = {b}, c = {c}")));
                    }
                }
            }
        }
        match best {
            Some((cost, which)) => {
                solved += 1;
                assert_eq!(sizes(&open).status, Status::Optimal, "{which}\n{text}\n{:?}", sizes(&open));
                assert!(broken(&open).is_empty(), "{:?}\n{which}\n{text}", broken(&open));
                let got = cost_of(&open);
                assert!(
                    (got - cost).abs() < 1e-6,
                    "{got} is not {cost} of {which}\n{text}\n{:?}",
                    sizes(&open).choices
                );
            }
            None => {
                infeasible += 1;
                assert_eq!(sizes(&open).status, Status::Infeasible, "{text}\n{:?}", sizes(&open));
                assert!(!sizes(&open).conflict.is_empty());
            }
        }
    }
    assert!(solved >= 5 && infeasible >= 1, "{solved} solved, {infeasible} infeasible");
}

/// US dollars a month, or machines where there is no provider.
fn cost_of(j: &Judged) -> f64 {
    if j.model.system.has_provider {
        return j.facts.cost.at_least();
    }
    let n = |name: &str| {
        let c = &j.model.components[j.model.find(name).expect("a component").0];
        archc::analysis::count(c, "replicas").expect("a count")
    };
    n("a") + n("b") + n("d")
}

#[test]
fn more_asked_never_costs_less_and_names_do_not_matter() {
    let mut r = Random(7);
    let mut raised = 0;
    for _ in 0..30 {
        let text = small(&mut r).replace("{a}", "?").replace("{b}", "?").replace("{c}", "? in 1..6");
        let base = judged(&text);
        if sizes(&base).status != Status::Optimal {
            continue;
        }
        let cost = cost_of(&base);
        // One request in twenty more, and a target a tenth tighter.
        let rate: f64 =
            text.split("rate = ").nth(1).and_then(|t| t.split(' ').next()).expect("a rate").parse().expect("a number");
        let more = text.replacen(&format!("rate = {rate} rps"), &format!("rate = {} rps", rate * 1.2), 1);
        let p99: f64 = text
            .split("p99 <= ")
            .nth(1)
            .and_then(|t| t.split("ms").next())
            .expect("a target")
            .parse()
            .expect("a number");
        let tighter = text.replacen(&format!("p99 <= {p99}ms"), &format!("p99 <= {}ms", p99 * 0.9), 1);
        for harder in [more, tighter] {
            let j = judged(&harder);
            if sizes(&j).status == Status::Infeasible {
                continue;
            }
            assert!(cost_of(&j) >= cost - 1e-9, "{} < {cost}\n{harder}", cost_of(&j));
            raised += usize::from(cost_of(&j) > cost + 1e-9);
        }
        // Declared the other way round.
        let mut lines: Vec<&str> = text.lines().collect();
        let from = lines.iter().position(|l| l.starts_with("service a")).expect("a");
        lines.swap(from, from + 1);
        let swapped = judged(&(lines.join("\n") + "\n"));
        assert_eq!(sizes(&swapped).choices, sizes(&base).choices, "{text}");
    }
    assert!(raised > 5, "{raised}");
}

#[test]
fn machines_and_shards_are_chosen_too() {
    let j = judged(
        "arch 1\nclient web { }\nbalancer lb { policy = least_connections }\nservice app { cpu = 8ms, instance = ? in [m7g.large, m7g.4xlarge, m5.large], replicas = ? }\ndatabase d : postgres { data = 10GB, shards = ? by id }\nflow f { rate = 2000 rps, web -> lb -> app { -> d.write x4 } }\n",
    );
    assert_eq!(sizes(&j).status, Status::Optimal);
    assert!(broken(&j).is_empty(), "{:?}", broken(&j));
    // 16 cores of work: no size of m7g is cheaper a core; the m5 is slower and dearer.
    let app = &sizes(&j).choices["app"];
    assert!(matches!(&app["instance"], Chosen::Name(n) if n.starts_with("m7g")), "{app:?}");
    // 8000 writes a second of 164 us are 1.3 cores at two slightly faster ones.
    assert!((count(&j, "d", "shards") - 1.0).abs() < 1e-9);
    let seven = judged(
        "arch 1\nclient web { }\nbalancer lb { }\nservice app { cpu = 0.1ms, replicas = 4 }\ndatabase d : postgres { data = 10GB, shards = ? by id }\nflow f { rate = 20000 rps, web -> lb -> app { -> d.write x4 } }\n",
    );
    // 80000 x 164 us = 13.12 cores over 2 x 1.009 each.
    assert!((count(&seven, "d", "shards") - 7.0).abs() < 1e-9, "{:?}", sizes(&seven).choices);
}

#[test]
fn what_cannot_be_solved_is_said() {
    let unknown =
        judged("arch 1\nclient web { }\nservice app { replicas = ? }\nflow f { rate = 10 rps, web -> app }\n");
    assert!(sizes(&unknown).choices.is_empty());
    assert!(sizes(&unknown).unsolved[0].contains("`cpu`"), "{:?}", sizes(&unknown).unsolved);
    let narrow = judged(
        "arch 1\nsystem s { provider = none }\nclient web { }\nbalancer lb { }\nservice app { cpu = 10ms, replicas = ? in 1..3 }\nflow f { rate = 1k rps, web -> lb -> app }\n",
    );
    assert_eq!(sizes(&narrow).status, Status::Infeasible);
    assert!(sizes(&narrow).conflict[0].contains("replicas = 3"), "{:?}", sizes(&narrow).conflict);
    assert!(broken(&narrow).iter().any(|d| d.starts_with("ARC640")));
    // No replica shortens the way there.
    let far = judged(
        "arch 1\nclient web { }\nbalancer lb { }\nservice app { cpu = 1ms, replicas = ? }\nflow f { rate = 100 rps, slo { p99 <= 20ms }, web -> lb -> app }\n",
    );
    assert_eq!(sizes(&far).status, Status::Infeasible);
    assert!(sizes(&far).conflict[0].contains("p99 of flow `f` would be"), "{:?}", sizes(&far).conflict);
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("archc-sizing-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        Self(dir)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("written");
    }

    fn archc(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_archc"))
            .args(args)
            .args(["--today", "2026-11-25"])
            .current_dir(&self.0)
            .output()
            .expect("archc runs")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const DESIGN: &str = "arch 1\nsystem s { provider = none, headroom = 20% }\nclient web { }\nbalancer lb { }\nservice app { cpu = 5ms, replicas = ? }\nflow f { rate = 400 rps, web -> lb -> app }\n";

#[test]
fn the_plan_file_is_written_used_and_checked() {
    let f = Folder::new("plan");
    f.write("d.arch", DESIGN);
    let check = |want: i32, says: &str| {
        let out = f.archc(&["size", "--check", "d.arch"]);
        let text = String::from_utf8(out.stdout).expect("UTF-8");
        assert_eq!(out.status.code(), Some(want), "{text}");
        assert!(text.contains(says), "{says} in {text}");
    };
    check(1, "there is no plan");
    assert_eq!(f.archc(&["size", "d.arch"]).status.code(), Some(0));
    check(0, "still holds");
    let first = std::fs::read(f.0.join("d.plan.json")).expect("written");
    assert_eq!(f.archc(&["size", "d.arch"]).status.code(), Some(0));
    assert_eq!(std::fs::read(f.0.join("d.plan.json")).expect("written"), first, "same input, same bytes");
    let origin = |f: &Folder| {
        let out = f.archc(&["analyze", "--format", "json", "d.arch"]);
        let doc: serde_json::Value = serde_json::from_slice(&out.stdout).expect("JSON");
        (doc["components"]["app"]["origin"]["replicas"].clone(), doc["components"]["app"]["replicas"].clone())
    };
    assert_eq!(origin(&f), ("plan".into(), 3.0.into()));
    // A comment and layout do not matter; more load does.
    f.write("d.arch", &format!("{DESIGN}# a comment\n"));
    check(0, "still holds");
    f.write("d.arch", &DESIGN.replace("400 rps", "600 rps"));
    check(1, "no longer fits");
    check(1, "app: replicas = 3 in the plan, replicas = 4 now");
    // The plan's value stands until it is solved anew, and what it breaks is said.
    assert_eq!(f.archc(&["check", "d.arch"]).status.code(), Some(1));
    // A plan that is none, and a value that the hole does not allow.
    f.write("d.plan.json", "{}");
    check(1, "`archc size d.arch` writes it anew");
    assert_eq!(origin(&f).0, "solved");
    f.write(
        "d.plan.json",
        "{\"schema\": \"archc/plan/1\", \"digest\": \"\", \"choices\": {\"app\": {\"replicas\": -1}}}",
    );
    assert_eq!(origin(&f).0, "solved");
}

#[test]
fn examples_have_their_plans() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = Command::new(env!("CARGO_BIN_EXE_archc"))
        .args(["size", "--check", "examples/shop/shop.arch"])
        .current_dir(root)
        .output()
        .expect("archc runs");
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stdout));
}
