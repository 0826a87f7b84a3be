//! The cases `optimize` of `tests/reference/capacity.json`: full enumerations, confirmed by
//! another solver. Abstract columns go to the selection program as they are; machines in
//! counts of three are judged by the theory and chosen by the program.

use archc::sizing::program::{Program, Solution};
use archc::theory::mmc::Mmc;
use serde_json::Value;

fn cases() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../reference/capacity.json")).expect("JSON");
    let all = file["cases"].as_array().expect("a list").clone();
    all.into_iter().filter(|c| c["category"] == "optimize").collect()
}

fn number(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| panic!("{v} is no number"))
}

/// A sum of weights of the chosen options, and the most that it may be.
struct Row {
    weights: Vec<Vec<f64>>,
    most: f64,
}

impl Row {
    fn sum(&self, x: &[usize]) -> f64 {
        self.weights.iter().zip(x).map(|(w, k)| w[*k]).sum()
    }
}

/// Costs of the options of each tier; latency and unavailability as sums.
fn knapsack(inputs: &Value) -> (Program, [Row; 2]) {
    let tiers: Vec<Vec<[f64; 3]>> = inputs["tiers"]
        .as_array()
        .expect("tiers")
        .iter()
        .map(|t| t.as_array().expect("options").iter().map(|o| [number(&o[0]), number(&o[1]), number(&o[2])]).collect())
        .collect();
    let row = |of: &dyn Fn(&[f64; 3]) -> f64, most: f64| Row {
        weights: tiers.iter().map(|t| t.iter().map(of).collect()).collect(),
        most: most + 1e-12,
    };
    let program = Program { costs: tiers.iter().map(|t| t.iter().map(|o| o[0]).collect()).collect(), cuts: Vec::new() };
    (program, [row(&|o| o[1], number(&inputs["L_max"])), row(&|o| -o[2].ln(), -number(&inputs["A_min"]).ln())])
}

/// The cheapest choice that keeps the rows. As sizing does it: what a choice misses becomes a
/// cut, one tier at least must be lighter than the lightest choice that still misses it.
fn solve(p: &mut Program, rows: &[Row; 2]) -> Solution {
    loop {
        let found = p.solve();
        let missed = found.choice.as_ref().and_then(|x| Some((x.clone(), rows.iter().find(|r| r.sum(x) > r.most)?)));
        let Some((mut x, row)) = missed else { return found };
        for i in 0..x.len() {
            let heaviest_first = |a: &usize, b: &usize| row.weights[i][*b].total_cmp(&row.weights[i][*a]);
            let mut order: Vec<usize> = (0..row.weights[i].len()).collect();
            order.sort_by(heaviest_first);
            for k in order.into_iter().filter(|k| row.weights[i][*k] < row.weights[i][x[i]]).collect::<Vec<_>>() {
                let before = std::mem::replace(&mut x[i], k);
                if row.sum(&x) <= row.most {
                    x[i] = before;
                    break;
                }
            }
        }
        p.cuts.push(
            row.weights
                .iter()
                .zip(&x)
                .enumerate()
                .map(|(i, (w, k))| (i, w.iter().map(|v| *v < w[*k]).collect()))
                .collect(),
        );
    }
}

#[test]
fn knapsacks_of_several_dimensions() {
    let mut tested = 0;
    for case in cases().iter().filter(|c| c["id"].as_str().is_some_and(|id| id.starts_with("mckp_"))) {
        tested += 1;
        let (id, want) = (&case["id"], &case["expected"]);
        let (mut p, rows) = knapsack(&case["inputs"]);
        let found = solve(&mut p, &rows);
        assert_eq!(found.choice.is_some(), want["feasible"] == true, "{id}: {found:?}");
        let Some(x) = found.choice.clone() else {
            assert!(found.bound.is_infinite(), "{id}");
            continue;
        };
        assert!((found.cost - number(&want["optimal_cost"])).abs() < 1e-9 && found.gap() <= 0.0, "{id}: {found:?}");
        let (sum, up) = (rows[0].sum(&x), (-rows[1].sum(&x)).exp());
        assert!(
            sum <= number(&case["inputs"]["L_max"]) + 1e-12 && up + 1e-12 >= number(&case["inputs"]["A_min"]),
            "{id}"
        );
        if want["n_optimal"] == 1 {
            let choice: Vec<usize> =
                want["choice"].as_array().expect("a list").iter().map(|k| number(k) as usize).collect();
            assert_eq!(x, choice, "{id}");
            assert!((sum - number(&want["latency"])).abs() < 1e-9, "{id}: {sum}");
            assert!((up - number(&want["availability"])).abs() < 1e-12, "{id}: {up}");
        }
        // Without that choice.
        let other = |i: usize| (i, (0..p.costs[i].len()).map(|k| k != x[i]).collect());
        let cut = (0..p.costs.len()).map(other).collect();
        p.cuts.push(cut);
        assert!((solve(&mut p, &rows).cost - number(&want["second_best_cost"])).abs() < 1e-9, "{id}");
    }
    assert_eq!(tested, 4);
}

/// The least price an hour of machines of one type in counts of three, and how many.
fn of_type(inputs: &Value, cores: u32, price: f64) -> Vec<(u32, f64)> {
    let (rate, service) = (number(&inputs["lam"]), number(&inputs["service_ms_per_vcpu"]) / 1e3);
    let (target, q) = (number(&inputs["target_s"]), number(&inputs["q"]));
    let holds = |n: u32| {
        let machines = f64::from(n);
        let (share, servers) = if inputs["pooled"] == true { (rate, n * cores) } else { (rate / machines, cores) };
        let left = machines * 2.0 / 3.0 * f64::from(cores);
        rate * service / left <= number(&inputs["zone_loss_max_util"])
            && Mmc::new(share, service, servers).is_some_and(|m| m.sojourn_survival(target) <= 1.0 - q)
    };
    (1..=60).map(|k| 3 * k).filter(|n| holds(*n)).map(|n| (n, f64::from(n) * price)).collect()
}

#[test]
fn machines_in_counts_of_three() {
    let mut tested = 0;
    for case in cases().iter().filter(|c| c["id"].as_str().is_some_and(|id| id.starts_with("size_"))) {
        tested += 1;
        let (id, inputs, want) = (&case["id"], &case["inputs"], &case["expected"]);
        let mut all: Vec<(String, u32, f64)> = Vec::new();
        for (name, shape) in inputs["types"].as_object().expect("types") {
            let found = of_type(inputs, number(&shape[0]) as u32, number(&shape[1]));
            all.extend(found.into_iter().map(|(n, cost)| (name.clone(), n, cost)));
        }
        let p = Program { costs: vec![all.iter().map(|o| o.2).collect()], ..Program::default() };
        let found = p.solve();
        assert!((found.cost - number(&want["best_cost_usd_h"])).abs() < 1e-9, "{id}: {found:?}");
        let (name, n, _) = &all[found.choice.expect("a choice")[0]];
        let set = want["optimal_set"].as_array().expect("a list");
        assert!(set.iter().any(|o| o[0] == *name && o[1] == *n), "{id}: {name} x {n}");
        for row in want["per_type"].as_array().expect("a list") {
            let of: Vec<&(String, u32, f64)> = all.iter().filter(|o| row[0] == o.0).collect();
            let p = Program { costs: vec![of.iter().map(|o| o.2).collect()], ..Program::default() };
            let found = p.solve();
            let n = of[found.choice.expect("a choice")[0]].1;
            assert!(row[1] == n && (found.cost - number(&row[2])).abs() < 1e-9, "{id} {row}: {n}");
        }
    }
    assert_eq!(tested, 3);
}
