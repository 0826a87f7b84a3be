//! Sizing against every combination of small designs, each through the whole analysis: the
//! same cost, and never sizes that an analysis rejects.

use crate::support::judged::{broken, judged};
use crate::support::open::Random;
use archc::kinds::Serve;
use archc::model::keys;
use archc::session::Judged;
use archc::sizing::Status;

/// A design with `{0}`, `{1}` … for what is open, and what each may be.
struct Case {
    text: String,
    /// As a hole, and all its values.
    holes: Vec<(String, Vec<String>)>,
}

/// US dollars a month; cores where there is no provider.
fn cost(j: &Judged) -> f64 {
    if j.model.system.has_provider {
        return j.facts.cost.at_least();
    }
    let each = j.model.components.iter().filter(|c| c.kind.facets.serve.is_some());
    each.map(|c| {
        let n = |name: &str| archc::analysis::count(c, name).unwrap_or(1.0);
        let machines = if c.kind.facets.serve == Some(Serve::Processes) { n("replicas") } else { n("nodes") };
        machines * c.attrs.read(keys::CORES).map_or(1.0, |x| x.mid)
    })
    .sum()
}

fn up_to(least: u64, most: u64) -> (String, Vec<String>) {
    (format!("? in {least}..{most}"), (least..=most).map(|n| n.to_string()).collect())
}

fn of(names: &[&str]) -> (String, Vec<String>) {
    (format!("? in [{}]", names.join(", ")), names.iter().map(|n| (*n).to_owned()).collect())
}

fn system(r: &mut Random, provider: &str) -> String {
    let survive = r.one(&["none", "none", "replica", "zone"]);
    let headroom = r.one(&["0%", "20%", "30%"]);
    let net = if provider == "aws" { ", network { client = 40ms, zone = 0.3ms, cross_zone = 1ms }" } else { "" };
    format!(
        "arch 1\nsystem s {{ provider = {provider}, zones = 3, survive = {survive}, headroom = {headroom}{net} }}\nclient web {{ }}\nbalancer lb {{ policy = {}, availability = 99.99% }}\n",
        r.one(&["least_connections", "round_robin"])
    )
}

fn target(r: &mut Random, provider: &str, up: bool) -> String {
    let base = if provider == "aws" { 45 } else { 0 };
    let time = match r.below(4) {
        0 => format!("mean <= {}ms", base + 6 + r.below(30)),
        1 => format!("p95 <= {}ms", base + 15 + r.below(60)),
        _ => format!("p99 <= {}ms", base + 20 + r.below(90)),
    };
    let asked = if up { format!(", availability >= {}", r.one(&["99%", "99.5%", "99.9%"])) } else { String::new() };
    format!("slo {{ {time}{asked} }}")
}

fn scenario(r: &mut Random, lost: &str) -> String {
    match r.below(5) {
        0 => "scenario sale { load = 1.5x, expect flow f { p99 <= 1s } }\n".to_owned(),
        1 => "scenario lost { fail = [zone a], expect flow f { p99 <= 2s } }\n".to_owned(),
        2 => format!("scenario lost {{ fail = [{lost} x1], expect flow f {{ p99 <= 400ms }} }}\n"),
        _ => String::new(),
    }
}

/// Two services and a store of copies.
fn services(r: &mut Random) -> Case {
    let provider = r.one(&["none", "aws"]);
    let up = r.below(2) == 0;
    let own = if up { ", availability = 99%" } else { "" };
    let store = r.one(&["async, read_from = replica", "async", "sync", "quorum", "consensus"]);
    let text = format!(
        "{}service a {{ cpu = {}ms, replicas = {{0}}{own} }}\nservice b {{ cpu = {}ms, replicas = {{1}}{own} }}\ndatabase d {{ data = 50GB, replication = {store}, failover = auto, replicas = {{2}}{own}, ops {{ read {{ cpu = 2ms }}, write {{ cpu = 1ms }} }} }}\nflow f {{ rate = {} rps, {}, web -> lb -> a {{ -> b, -> d.read }} }}\nflow g {{ rate = 20 rps, web -> lb -> b {{ -> d.write }} }}\n{}",
        system(r, provider),
        2 + r.below(9),
        1 + r.below(6),
        60 + r.below(240),
        target(r, provider, up),
        scenario(r, "a"),
    );
    Case { text, holes: vec![up_to(1, 6), up_to(1, 5), up_to(1, 4)] }
}

/// Machines to choose from, a cache, shards. Of a cache sizing keeps a node through every loss,
/// though the store behind might carry the misses: with one node it is not compared.
fn machines(r: &mut Random) -> Case {
    let up = r.below(2) == 0;
    let own = if up { ", availability = 99.5%" } else { "" };
    let text = format!(
        "{}service a {{ cpu = {}ms, instance = {{0}}, replicas = {{1}}{own} }}\ncache c : redis {{ hit = {}%, ttl = 10min, nodes = {{2}}{own} }}\ndatabase d : postgres {{ data = 50GB, replicas = 3, replication = sync, read_from = replica, failover = auto, shards = {{3}} by id{own} }}\nflow f {{ rate = {} rps, {}, web -> lb -> a {{ -> c.get else {{ -> d.read x{} }} }} }}\n{}",
        system(r, "aws"),
        2 + r.below(9),
        70 + r.below(25),
        300 + r.below(2500),
        target(r, "aws", up),
        1 + r.below(12),
        scenario(r, "a"),
    );
    Case { text, holes: vec![of(&["m7g.large", "c7g.xlarge"]), up_to(1, 8), up_to(2, 3), up_to(1, 3)] }
}

/// Copies that are read, and shards of them.
fn copies(r: &mut Random) -> Case {
    let up = r.below(2) == 0;
    let own = if up { ", availability = 99.9%" } else { "" };
    let text = format!(
        "{}service a {{ cpu = 1ms, replicas = {{0}}{own} }}\ndatabase d : postgres {{ data = 80GB, replicas = {{1}}, shards = {{2}} by id, replication = {}, read_from = replica, failover = auto, fenced = true{own} }}\nflow f {{ rate = {} rps, {}, web -> lb -> a {{ -> d.read x{} }} }}\nflow g {{ rate = {} rps, web -> lb -> a {{ -> d.write }} }}\n{}",
        system(r, "aws"),
        r.one(&["async", "sync"]),
        500 + r.below(2000),
        target(r, "aws", up),
        2 + r.below(16),
        50 + r.below(900),
        scenario(r, "a"),
    );
    Case { text, holes: vec![up_to(1, 6), up_to(1, 5), up_to(1, 4)] }
}

/// A queue, who takes from it, and how late it may be. A lag of which a part is gone is not known, and
/// decides no scenario; sizing keeps every component through it: with one replica it is not compared.
fn queues(r: &mut Random) -> Case {
    let provider = r.one(&["none", "aws"]);
    let queue = r.one(&["acks = all, partitions = 24", "partitions = 12, ordering = key", "acks = all"]);
    let text = format!(
        "{}service a {{ cpu = {}ms, replicas = {{0}} }}\nqueue q {{ {queue} }}\nservice w {{ cpu = {}ms, replicas = {{1}}{} }}\nservice z {{ cpu = {}ms, replicas = {{2}} }}\nflow f {{ rate = {} rps, {}, web -> lb -> a {{ ~> q.publish }} }}\nflow take {{ slo {{ lag <= {}ms }}, q -> w -> z }}\n{}",
        system(r, provider),
        1 + r.below(6),
        5 + r.below(20),
        r.one(&["", ", threads = 2"]),
        1 + r.below(8),
        50 + r.below(150),
        target(r, provider, false),
        100 + r.below(900),
        r.one(&["", "scenario sale { load = 1.5x }\n", "scenario lost { fail = [zone a] }\n"]),
    );
    Case { text, holes: vec![up_to(1, 4), up_to(2, 8), up_to(2, 4)] }
}

/// What is not known exactly.
fn intervals(r: &mut Random) -> Case {
    let provider = r.one(&["none", "aws"]);
    let (cpu, rate) = (2 + r.below(6), 60 + r.below(160));
    let text = format!(
        "{}service a {{ cpu = {cpu}ms .. {}ms, replicas = {{0}} }}\nservice b {{ cpu = {}ms, replicas = {{1}} }}\nflow f {{ rate = {rate} rps .. {} rps, {}, web -> lb -> a -> b }}\n{}",
        system(r, provider),
        cpu + 1 + r.below(4),
        1 + r.below(6),
        rate + 20 + r.below(80),
        target(r, provider, false),
        scenario(r, "a"),
    );
    Case { text, holes: vec![up_to(1, 8), up_to(1, 6)] }
}

/// Calls that are tried again, threads, pools: what some have changes what others are asked.
fn feedback(r: &mut Random) -> Case {
    let more = r.one(&["timeout = 80ms, retries = 2", "timeout = 60ms, retries = 1", "timeout = 200ms"]);
    let threads = r.one(&["", ", threads = 16", ", threads = 8, max_queue = 40"]);
    let text = format!(
        "{}service a {{ cpu = {}ms, replicas = {{0}}{threads} }}\nservice b {{ cpu = {}ms, replicas = {{1}} }}\nflow f {{ rate = {} rps, {}, web -> lb -> a {{ -> b {{ {more} }} }} }}\n",
        system(r, "none"),
        1 + r.below(6),
        1 + r.below(8),
        60 + r.below(240),
        target(r, "none", false),
    );
    Case { text, holes: vec![up_to(1, 7), up_to(1, 7)] }
}

/// Cores of containers.
fn containers(r: &mut Random) -> Case {
    let text = format!(
        "{}service a {{ cpu = {}ms, cores = {{0}}, replicas = {{1}} }}\nservice b {{ cpu = {}ms, cores = 1, replicas = {{2}} }}\nflow f {{ rate = {} rps, {}, web -> lb -> a -> b }}\n{}",
        system(r, "aws"),
        2 + r.below(9),
        1 + r.below(6),
        60 + r.below(200),
        target(r, "aws", false),
        scenario(r, "a"),
    );
    let cores = ("? in 1..4".to_owned(), ["1", "2", "4"].map(str::to_owned).to_vec());
    Case { text, holes: vec![cores, up_to(1, 6), up_to(1, 5)] }
}

/// A name, and what makes its designs.
type Family = (&'static str, fn(&mut Random) -> Case);

const FAMILIES: [Family; 7] = [
    ("services", services),
    ("machines", machines),
    ("copies", copies),
    ("queues", queues),
    ("intervals", intervals),
    ("feedback", feedback),
    ("containers", containers),
];

fn fill(case: &Case, with: &dyn Fn(usize) -> String) -> String {
    (0..case.holes.len()).fold(case.text.clone(), |text, i| text.replace(&format!("{{{i}}}"), &with(i)))
}

/// Compares one design with all its combinations; whether it can be solved.
fn compare(family: &str, case: &Case) -> bool {
    let text = fill(case, &|i| case.holes[i].0.clone());
    let open = judged(&text);
    let sizes = open.filled.sizes.as_ref().expect("something is open");
    assert!(sizes.unsolved.is_empty(), "{family}: {:?}\n{text}", sizes.unsolved);
    let mut best: Option<(f64, Vec<String>)> = None;
    let mut at = vec![0; case.holes.len()];
    loop {
        let values: Vec<String> = at.iter().zip(&case.holes).map(|(k, (_, all))| all[*k].clone()).collect();
        let fixed = judged(&fill(case, &|i| values[i].clone()));
        // What costs more than the best need not hold.
        let cost = cost(&fixed);
        if best.as_ref().is_none_or(|(x, _)| cost < x - 1e-9) && broken(&fixed).is_empty() {
            best = Some((cost, values));
        }
        let Some(i) = (0..at.len()).find(|i| at[*i] + 1 < case.holes[*i].1.len()) else { break };
        at[i] += 1;
        at[..i].fill(0);
    }
    match best {
        Some((least, which)) => {
            assert_eq!(sizes.status, Status::Optimal, "{family}: {which:?} for {least}\n{text}\n{sizes:?}");
            assert!(broken(&open).is_empty(), "{family}: {:?}\n{which:?}\n{text}\n{:?}", broken(&open), sizes.choices);
            let got = cost(&open);
            assert!(
                (got - least).abs() < 1e-6,
                "{family}: {got} is not {least} of {which:?}\n{text}\n{:?}",
                sizes.choices
            );
            true
        }
        None => {
            assert_eq!(sizes.status, Status::Infeasible, "{family}\n{text}\n{sizes:?}");
            assert!(!sizes.conflict.is_empty(), "{text}");
            false
        }
    }
}

/// So many designs of each family, from a seed on.
fn all(from: u64, each: u64) {
    let (mut solved, mut not) = (0, 0);
    for (family, make) in FAMILIES {
        for seed in from..from + each {
            let case = make(&mut Random(seed * 1_000_003 + family.len() as u64));
            if compare(family, &case) { solved += 1 } else { not += 1 }
        }
    }
    assert!(solved * 5 > each * FAMILIES.len() as u64, "{solved} solved, {not} not");
    assert!(not > 0, "{solved} solved, {not} not");
}

#[test]
fn no_combination_of_a_few_designs_is_cheaper() {
    all(1, 5);
}

#[test]
#[ignore = "hundreds of designs in every combination take minutes: `cargo test --release --test sizing brute:: -- --ignored`"]
fn no_combination_of_hundreds_is_cheaper() {
    all(100, 50);
}
