//! Structures, bounds and failovers of the theory against figures with known answers
//! (`tests/reference/availability.json`) and against brute force.

use crate::support::oracles;
use archc::theory::bdd::{ALWAYS, Bdd, NEVER, Root};
use archc::theory::bounds::{esary_proschan, frechet_parallel, frechet_series};
use archc::theory::reliability::{Availability, MINUTES_PER_MONTH, k_of_n};
use oracles::failover::failovers;
use oracles::reliability::repairable;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn reference() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference/availability.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("the cases")).expect("JSON")
}

fn number(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("no number: {v}"))
}

#[track_caller]
fn near(got: f64, want: f64, what: &str) {
    assert!((got - want).abs() < 1e-12, "{what}: {got} instead of {want}");
}

/// Edges of a graph, its ends by number.
struct Graph {
    edges: Vec<(usize, usize)>,
    nodes: usize,
    ends: (usize, usize),
}

impl Graph {
    fn new(case: &Value) -> Self {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        let mut id = |v: &Value| {
            let next = names.len();
            *names.entry(v.as_str().expect("a name").to_owned()).or_insert(next)
        };
        let list = case["edges"].as_array().expect("edges");
        let edges = list.iter().map(|e| (id(&e[0]), id(&e[1]))).collect();
        let ends = (id(&case["s"]), id(&case["t"]));
        Self { edges, nodes: names.len(), ends }
    }

    /// The edges of every simple path between the ends.
    fn paths(&self) -> Vec<BTreeSet<u32>> {
        let mut out = Vec::new();
        self.walk(self.ends.0, &mut vec![self.ends.0], &mut BTreeSet::new(), &mut out);
        out
    }

    fn walk(&self, at: usize, seen: &mut Vec<usize>, used: &mut BTreeSet<u32>, out: &mut Vec<BTreeSet<u32>>) {
        if at == self.ends.1 {
            out.push(used.clone());
            return;
        }
        for (i, (a, b)) in (0_u32..).zip(&self.edges) {
            let to = match (at == *a, at == *b) {
                (true, _) => *b,
                (_, true) => *a,
                _ => continue,
            };
            if !seen.contains(&to) {
                seen.push(to);
                used.insert(i);
                self.walk(to, seen, used, out);
                used.remove(&i);
                seen.pop();
            }
        }
    }

    /// Whether the edges of a bit set join the ends, or all nodes.
    fn joined(&self, up: u32, all: bool) -> bool {
        let mut group: Vec<usize> = (0..self.nodes).collect();
        for (i, (a, b)) in self.edges.iter().enumerate().filter(|(i, _)| up >> i & 1 == 1) {
            let (from, to) = (group[*a], group[*b]);
            let _ = i;
            group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
        }
        if all { group.iter().all(|g| *g == group[0]) } else { group[self.ends.0] == group[self.ends.1] }
    }

    fn brute(&self, p: f64, all: bool) -> f64 {
        let n = self.edges.len();
        (0..1_u32 << n)
            .filter(|up| self.joined(*up, all))
            .map(|up| p.powi(up.count_ones() as i32) * (1.0 - p).powi((n as u32 - up.count_ones()) as i32))
            .sum()
    }
}

fn union(d: &mut Bdd, sets: &[BTreeSet<u32>]) -> Root {
    let mut f = NEVER;
    for set in sets {
        let mut one = ALWAYS;
        for v in set {
            let x = d.var(*v).expect("room");
            one = d.and(one, x).expect("room");
        }
        f = d.or(f, one).expect("room");
    }
    f
}

#[test]
fn graphs_are_their_polynomials() {
    let doc = reference();
    let cases = doc["reliability_polynomials"].as_object().expect("cases");
    let mut seen = 0;
    for (name, case) in cases.iter().filter(|(_, c)| c["edges"].is_array()) {
        let g = Graph::new(case);
        let paths = g.paths();
        let mut d = Bdd::new(100_000);
        let f = union(&mut d, &paths);
        for (field, p) in [("R_09", 0.9), ("R_099", 0.99)] {
            near(d.probability(f, &|_| p), number(&case[field]), &format!("{name} at {p}"));
        }
        let half = case["R_half"].as_str().expect("a fraction").split_once('/').expect("a fraction");
        let half = half.0.parse::<f64>().expect("whole") / half.1.parse::<f64>().expect("whole");
        near(d.probability(f, &|_| 0.5), half, name);
        near(g.brute(0.7, false), d.probability(f, &|_| 0.7), name);
        // Of all sizes of working sets as many as the polynomial counts.
        let counts: Vec<u64> =
            case["counts"].as_array().expect("counts").iter().map(|c| c.as_u64().expect("whole")).collect();
        for (k, want) in counts.iter().enumerate() {
            let n = g.edges.len();
            let have = (0..1_u32 << n).filter(|up| up.count_ones() as usize == k && g.joined(*up, false)).count();
            assert_eq!(have as u64, *want, "{name}, {k}");
        }
        // Cut sets: every one stops it, nothing smaller does.
        let n = g.edges.len() as u32;
        let full = (1_u32 << n) - 1;
        let bits = |s: &BTreeSet<u32>| s.iter().fold(0_u32, |b, i| b | 1 << i);
        let cuts: BTreeSet<u32> = d.cut_sets(f, 3, 10_000).expect("few").iter().map(bits).collect();
        let fails = |down: u32| !g.joined(full & !down, false);
        let small = (1..=full).filter(|s| s.count_ones() <= 3 && fails(*s));
        let minimal: BTreeSet<u32> =
            small.filter(|s| (0..n).filter(|i| s >> i & 1 == 1).all(|i| !fails(s & !(1 << i)))).collect();
        assert_eq!(cuts, minimal, "{name}");
        seen += 1;
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn unequal_directed_and_bounded_bridges() {
    let doc = reference();
    let all = &doc["reliability_polynomials"];
    let g = Graph::new(&all["bridge5"]);
    let mut d = Bdd::new(1000);
    let f = union(&mut d, &g.paths());
    // Edges: sa, sb, ab, at, bt.
    let p: Vec<f64> = all["bridge5_unequal"]["p"].as_array().expect("five").iter().map(number).collect();
    near(d.probability(f, &|v| p[v as usize]), number(&all["bridge5_unequal"]["R"]), "unequal");
    // From a to b alone: the path s-b-a-t is none.
    let directed: Vec<BTreeSet<u32>> =
        [vec![0, 3], vec![1, 4], vec![0, 2, 4]].into_iter().map(|s| s.into_iter().collect()).collect();
    let f = union(&mut d, &directed);
    near(d.probability(f, &|_| 0.9), number(&all["bridge5_directed_a_to_b"]["R_09"]), "directed");
    let bounds = &all["bridge5_bounds_p09"];
    let f = union(&mut d, &g.paths());
    let cuts = d.cut_sets(f, 5, 100).expect("few");
    let (low, high) = esary_proschan(&cuts, &g.paths(), &|_| 0.9);
    near(low, number(&bounds["esary_proschan_lower_mincuts"]), "lower");
    near(high, number(&bounds["paths_as_independent"]), "upper");
    let exact = number(&bounds["exact"]);
    assert!(low < exact && exact < high);
    let first: f64 = cuts.iter().map(|c| 0.1_f64.powi(c.len() as i32)).sum();
    near(1.0 - first, number(&bounds["first_bonferroni_lower"]), "Bonferroni");
}

#[test]
fn all_terminals() {
    let doc = reference();
    let complete = |n: usize| (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect::<Vec<_>>();
    let petersen = Graph::new(&doc["reliability_polynomials"]["petersen_adjacent"]).edges;
    let mut less = complete(4);
    less.pop();
    let graphs = [
        ("all_terminal_K3", 3, complete(3)),
        ("all_terminal_K4", 4, complete(4)),
        ("all_terminal_C5", 5, (0..5).map(|i| (i, (i + 1) % 5)).collect()),
        ("all_terminal_K4_minus_e", 4, less),
        ("all_terminal_petersen", 10, petersen),
    ];
    for (name, nodes, edges) in graphs {
        let g = Graph { edges, nodes, ends: (0, 1) };
        let n = g.edges.len();
        // Spanning trees are the smallest sets that join all.
        let trees: Vec<BTreeSet<u32>> = (0..1_u32 << n)
            .filter(|s| s.count_ones() as usize == nodes - 1 && g.joined(*s, true))
            .map(|s| (0..n as u32).filter(|i| s >> i & 1 == 1).collect())
            .collect();
        let mut d = Bdd::new(1_000_000);
        let f = union(&mut d, &trees);
        near(d.probability(f, &|_| 0.9), number(&doc["reliability_polynomials"][name]["R_09"]), name);
        near(d.probability(f, &|_| 0.8), g.brute(0.8, true), name);
    }
}

#[test]
fn some_of_many_by_diagram_and_by_binomial() {
    let doc = reference();
    let all = doc["reliability_polynomials"].as_object().expect("cases");
    let mut seen = 0;
    for (name, c) in all.iter().filter(|(n, _)| n.starts_with("kofn")) {
        let (k, n) = (c["k"].as_u64().expect("whole"), c["n"].as_u64().expect("whole"));
        let p = number(&c["p"]);
        let mut d = Bdd::new(1000);
        let x: Vec<Root> = (0..n as u32).map(|i| d.var(i).expect("room")).collect();
        let f = d.at_least(k as usize, &x).expect("room");
        near(d.probability(f, &|_| p), number(&c["R"]), name);
        near(k_of_n(p, k as u32, n as u32).expect("valid").availability, number(&c["R"]), name);
        seen += 1;
    }
    assert_eq!(seen, 12);
}

#[test]
fn failovers_budgets_and_bounds() {
    let doc = reference();
    let value = |name: &str| number(&doc["availability_cases"][name]["value"]);
    for (name, a_year, seconds) in [
        ("A20_failover_4x90s_per_year", 4.0, 90.0),
        ("A20_failover_2x35s_per_year", 2.0, 35.0),
        ("A20_failover_12x30s_per_year", 12.0, 30.0),
        ("A20_failover_1x7200s_per_year", 1.0, 7200.0),
    ] {
        near(failovers(a_year, seconds).expect("valid").availability, value(name), name);
    }
    for (name, up, down) in [
        ("A19_single_mtbf720h_mttr1h", 720.0, 1.0),
        ("A19_mtbf_1000_mttr_1", 1000.0, 1.0),
        ("A19_mtbf_1000_mttr_0.1", 1000.0, 0.1),
    ] {
        near(repairable(up, down).expect("valid").availability, value(name), name);
    }
    for target in ["0.99", "0.999", "0.9995", "0.9999", "0.99999"] {
        let a = Availability::of(target.parse().expect("a number")).expect("valid");
        let name = format!("A21_budget_{target}");
        assert!((a.unavailability * MINUTES_PER_MONTH - value(&name)).abs() < 1e-8, "{name}");
    }
    let fixed = |all: &[f64]| all.iter().map(|a| (*a, *a)).collect::<Vec<_>>();
    let (low, high) = frechet_series(&fixed(&[0.9999, 0.9999, 0.9995]));
    near(low, value("A23_frechet_lower_series"), "A23");
    near(high, value("A23_frechet_upper_series"), "A23");
    near(frechet_parallel(&fixed(&[0.999, 0.999])).0, value("A24_frechet_parallel_2x999_lower"), "A24");
}

/// A ladder of two rows: from the left end to the right, rungs perfect, nodes not.
fn ladder(columns: usize) -> (Bdd, Root) {
    let mut d = Bdd::new(1_000_000);
    // The last column is asked first: then each column adds a few nodes.
    let var = |row: usize, column: usize| u32::try_from(2 * (columns - 1 - column) + row).expect("small");
    let (mut top, mut bottom) = (ALWAYS, ALWAYS);
    for column in 0..columns {
        let x = d.var(var(0, column)).expect("room");
        let y = d.var(var(1, column)).expect("room");
        let (over, under) = (d.and(y, bottom).expect("room"), d.and(x, top).expect("room"));
        let (from_above, from_below) = (d.or(top, over).expect("room"), d.or(bottom, under).expect("room"));
        (top, bottom) = (d.and(x, from_above).expect("room"), d.and(y, from_below).expect("room"));
    }
    let f = d.or(top, bottom).expect("room");
    (d, f)
}

#[test]
fn a_ladder_of_500_nodes() {
    // Small ones against all states.
    for columns in 1..=5_usize {
        let (d, f) = ladder(columns);
        let p: f64 = 0.8;
        let mut want = 0.0;
        for up in 0..1_u32 << (2 * columns) {
            let on = |row: usize, c: usize| up >> (2 * c + row) & 1 == 1;
            let mut reach = (true, true);
            for c in 0..columns {
                let (a, b) = (on(0, c), on(1, c));
                let (x, y) = (a && reach.0, b && reach.1);
                reach = (x || a && y, y || b && x);
            }
            if reach.0 || reach.1 {
                want += p.powi(up.count_ones() as i32) * (1.0 - p).powi(2 * columns as i32 - up.count_ones() as i32);
            }
        }
        near(d.probability(f, &|_| p), want, &format!("{columns} columns"));
    }
    // 250 columns against a product of the states of a column: both, top, bottom reached.
    let start = std::time::Instant::now();
    let (d, f) = ladder(250);
    let p: f64 = 0.999;
    let got = d.probability(f, &|_| p);
    let taken = start.elapsed();
    let q = 1.0 - p;
    let mut state = (1.0, 0.0, 0.0);
    for _ in 0..250 {
        let (both, top, bottom) = state;
        let any = both + top + bottom;
        state = (any * p * p, both * p * q + top * p * q, both * p * q + bottom * p * q);
    }
    near(got, state.0 + state.1 + state.2, "the long ladder");
    println!("{} nodes, {taken:?}", d.size());
    let limit = if cfg!(debug_assertions) { 2.0 } else { 0.1 };
    assert!(taken.as_secs_f64() < limit, "{taken:?}");
}
