//! Caches and what stands behind them, sized together, against every combination of their
//! values through the whole analysis.

use crate::support::judged::{broken, judged, sizes};
use archc::model::Chosen;
use archc::session::{Judged, open_text};
use archc::sizing::Status;

/// US dollars a month of the whole; without a provider cores of what is on machines of its own.
fn cost(j: &Judged) -> f64 {
    if j.model.system.has_provider {
        return j.facts.cost.at_least();
    }
    let count = |c: &archc::model::Component, name: &str| archc::analysis::count(c, name).expect("known");
    let machines = j.model.components.iter().map(|c| match c.kind.facets.serve {
        Some(archc::kinds::Serve::Processes) => count(c, "replicas"),
        Some(_) => count(c, "nodes"),
        None => 0.0,
    });
    machines.sum()
}

/// The same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
}

/// A design with `{0}`, `{1}` … for attributes, and the values of each.
struct Open {
    text: String,
    /// The hole, and each value in its place.
    parts: Vec<(&'static str, Vec<String>)>,
}

impl Open {
    fn open(&self) -> String {
        let each = self.parts.iter().enumerate();
        each.fold(self.text.clone(), |t, (i, (hole, _))| t.replace(&format!("{{{i}}}"), hole))
    }

    fn all(&self) -> Vec<String> {
        let mut out = vec![self.text.clone()];
        for (i, (_, values)) in self.parts.iter().enumerate() {
            out = out
                .iter()
                .flat_map(|t| values.iter().map(|v| t.replace(&format!("{{{i}}}"), v)).collect::<Vec<_>>())
                .collect();
        }
        out
    }

    fn compare(&self) -> Option<f64> {
        let open = judged(&self.open());
        let mut best: Option<(f64, String)> = None;
        for text in self.all() {
            let j = judged(&text);
            if broken(&j).is_empty() && best.as_ref().is_none_or(|(b, _)| cost(&j) < b - 1e-9) {
                best = Some((cost(&j), text));
            }
        }
        let s = sizes(&open);
        match best {
            None => {
                assert_eq!(s.status, Status::Infeasible, "{}\n{s:#?}", self.open());
                assert!(!s.conflict.is_empty());
                None
            }
            Some((least, text)) => {
                assert_eq!(s.status, Status::Optimal, "{text}\n{s:#?}");
                assert!(s.unsolved.is_empty(), "{:?}", s.unsolved);
                assert!(broken(&open).is_empty(), "{:?}\n{}\n{text}\n{:?}", broken(&open), self.open(), s.choices);
                let got = cost(&open);
                assert!((got - least).abs() < 1e-6 * least, "{got} is not {least} of\n{text}\n{:?}", s.choices);
                Some(least)
            }
        }
    }
}

fn counts(attr: &str, to: usize) -> Vec<String> {
    (1..=to).map(|n| format!("{attr} = {n}")).collect()
}

fn names(attr: &str, all: &[&str]) -> Vec<String> {
    all.iter().map(|n| format!("{attr} = {n}")).collect()
}

/// Cache machines and nodes, store machines and copies, at the provider's prices.
fn provided(r: &mut Random) -> Open {
    let rate = 1500 + r.below(9000);
    let items = r.one(&["8M", "30M", "90M"]);
    let skew = r.one(&["0.6", "0.9", "1.1"]);
    let ttl = r.one(&["", ", ttl = 1h", ", ttl = 5min"]);
    let headroom = r.one(&["0%", "30%"]);
    let p99 = 110 + r.below(60);
    let extra = r.one(&[
        "",
        "bucket logs { }\nflow b { rate = 300 rps, web -> app { -> hot.get else { -> logs.get { reply = 200KB } } } }\n",
        "scenario sale { load = 1.3x }\n",
    ]);
    let text = format!(
        "arch 1\nsystem s {{ zones = 3, headroom = {headroom} }}\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 0.2ms, replicas = 12 }}\ncache hot : redis {{ entries = {items}, entry_size = 2KB, skew = {skew}{ttl}, {{0}}, {{1}} }}\ndatabase d : postgres {{ data = 80GB, replication = async, read_from = replica, max_lag = 10s, failover = auto, {{2}}, {{3}} }}\nflow f {{ rate = {rate} rps, slo {{ p99 <= {p99}ms }}, web -> lb -> app {{ -> hot.get else {{ -> d.read }} }} }}\nflow g {{ rate = 50 rps, web -> lb -> app {{ -> d.write }} }}\n{extra}"
    );
    Open {
        text,
        parts: vec![
            (
                "instance = ? in [cache.r7g.large, cache.r7g.xlarge, cache.r7g.2xlarge]",
                names("instance", &["cache.r7g.large", "cache.r7g.xlarge", "cache.r7g.2xlarge"]),
            ),
            ("nodes = ? in 1..4", counts("nodes", 4)),
            (
                "instance = ? in [db.r6g.large, db.r6g.xlarge, db.r6g.2xlarge]",
                names("instance", &["db.r6g.large", "db.r6g.xlarge", "db.r6g.2xlarge"]),
            ),
            ("replicas = ? in 1..4", counts("replicas", 4)),
        ],
    }
}

#[test]
fn no_combination_of_machines_is_cheaper() {
    let mut r = Random(11);
    let solved: Vec<f64> = (0..6).filter_map(|_| provided(&mut r).compare()).collect();
    assert!(solved.len() >= 4, "{solved:?}");
}

/// Memory and nodes of two caches, a store that is fixed and has capacity for so many misses.
fn bare(r: &mut Random) -> Open {
    let rate = 200 + r.below(700);
    let skew = r.one(&["0.5", "0.8", "1.0"]);
    let (a, b) = (r.one(&["2000", "6000"]), r.one(&["3000", "20000"]));
    let p99 = 15 + r.below(40);
    let replicas = 1 + r.below(3);
    let survive = r.one(&["none", "none", "replica"]);
    let text = format!(
        "arch 1\nsystem s {{ provider = none, zones = 3, survive = {survive} }}\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 1ms, {{4}} }}\ncache one {{ cpu = 0.1ms, entries = {a}, entry_size = 1KiB, skew = {skew}, {{0}}, {{1}} }}\ncache two {{ cpu = 0.1ms, entries = {b}, entry_size = 1KiB, skew = {skew}, ttl = 1min, {{2}}, {{3}} }}\ndatabase d {{ data = 1GB, replication = async, read_from = any, max_lag = 10s, failover = auto, replicas = {replicas}, ops {{ read {{ cpu = 4ms }} }} }}\nflow f {{ rate = {rate} rps, slo {{ p99 <= {p99}ms }}, web -> lb -> app {{ -> one.get else {{ -> d.read }} }} }}\nflow g {{ rate = {rate} rps, web -> lb -> app {{ -> two.get else {{ -> d.read }} }} }}\n"
    );
    let memory = |all: &[&str]| all.iter().map(|m| format!("memory = {m}")).collect::<Vec<_>>();
    Open {
        text,
        parts: vec![
            ("memory = ? in [256KiB, 1MiB, 4MiB]", memory(&["256KiB", "1MiB", "4MiB"])),
            ("nodes = ? in 1..2", counts("nodes", 2)),
            ("memory = ? in [512KiB, 2MiB]", memory(&["512KiB", "2MiB"])),
            ("nodes = ? in 1..3", counts("nodes", 3)),
            ("replicas = ? in 1..3", counts("replicas", 3)),
        ],
    }
}

#[test]
fn two_caches_before_a_store_without_holes() {
    let mut r = Random(5);
    let mut solved = Vec::new();
    let mut none = 0;
    for _ in 0..14 {
        match bare(&mut r).compare() {
            Some(x) => solved.push(x),
            None => none += 1,
        }
    }
    assert!(solved.len() >= 4 && none >= 1, "{solved:?}, {none} infeasible");
    assert!(solved.iter().any(|x| (x - solved[0]).abs() > 0.5), "{solved:?}");
}

fn one(nodes: &str, store: &str, rate: u32) -> String {
    format!(
        "arch 1\nsystem s {{ provider = none }}\nclient web {{ }}\nbalancer lb {{ }}\nservice app {{ cpu = 0.1ms }}\ncache hot {{ cpu = 0.05ms, memory = 256KiB, entries = 2000, entry_size = 1KiB, skew = 0.8, {nodes} }}\ndatabase d {{ {store}, ops {{ read {{ cpu = 4ms }} }} }}\nflow f {{ rate = {rate} rps, web -> lb -> app {{ -> hot.get else {{ -> d.read }} }} }}\n"
    )
}

#[test]
fn a_store_that_is_fixed_decides_how_large_its_cache_is() {
    // 1000 rps x 4 ms are 4 cores without a cache, and there is one: at least 75% must be answered.
    let j = judged(&one("nodes = ?", "replicas = 1", 1000));
    assert!(broken(&j).is_empty(), "{:?}", broken(&j));
    let Some(Chosen::Count(n)) = sizes(&j).choices["hot"].get("nodes").cloned() else { panic!("{:?}", sizes(&j)) };
    assert!(!broken(&judged(&one(&format!("nodes = {}", n - 1.0), "replicas = 1", 1000))).is_empty());
    assert_eq!(sizes(&j).status, Status::Optimal);
    // No cache helps where it is allowed to hold too little.
    let j = judged(&one("nodes = ? in 1..2", "replicas = 1", 1000));
    assert_eq!(sizes(&j).status, Status::Infeasible);
    assert!(sizes(&j).conflict[0].contains("`d` lacks capacity with nodes = 2 of `hot`"), "{:?}", sizes(&j).conflict);
}

#[test]
fn the_reasons_name_the_next_smaller_setting() {
    let design = open_text("x.arch", &one("nodes = ? in 1..8", "replicas = 1", 1000), &[]);
    let model = design.model_at(&archc::model::Ends::new());
    let s = archc::sizing::size(&model, std::slice::from_ref(&model), 1.0, true);
    let why = &s.why["hot"];
    let Some(Chosen::Count(n)) = s.choices["hot"].get("nodes").cloned() else { panic!("{s:?}") };
    let smaller = format!("with nodes = {}, `d` lacks capacity", n - 1.0);
    assert!(why.binding[0].starts_with(&smaller), "{:?}", why.binding);
    assert!(why.binding[1].contains("hit ratio"), "{:?}", why.binding);
    let (other, more) = why.runner_up.as_ref().expect("one");
    assert!(*more > 0.0 && other["nodes"] != Chosen::Count(n), "{other:?} {more}");
}
