//! Selection programs, and their answer by a solver that is not ours: HiGHS where the feature
//! `highs` is on, else `microlp`.
#![allow(dead_code, reason = "each user takes a part")]

use archc::sizing::program::Program;
use good_lp::{Expression, ProblemVariables, Solution as _, SolverModel, Variable, constraint, variable};

use super::open::Random;

/// The least cost by the other solver; nothing if no choice holds.
pub fn other(p: &Program) -> Option<f64> {
    let mut vars = ProblemVariables::new();
    let x: Vec<Vec<Variable>> =
        p.costs.iter().map(|list| list.iter().map(|_| vars.add(variable().binary())).collect()).collect();
    let unit = p.costs.iter().flatten().fold(1e-9_f64, |a, b| a.max(*b));
    let mut objective = Expression::from(0.0);
    for (list, xs) in p.costs.iter().zip(&x) {
        for (cost, x) in list.iter().zip(xs) {
            objective += *x * (cost / unit);
        }
    }
    #[cfg(feature = "highs")]
    let mut problem = vars
        .minimise(objective)
        .using(good_lp::highs)
        .set_option("mip_rel_gap", 0.0)
        .set_option("mip_abs_gap", 0.0)
        .set_option("threads", 1);
    #[cfg(not(feature = "highs"))]
    let mut problem = vars.minimise(objective).using(good_lp::microlp);
    for xs in &x {
        let sum: Expression = xs.iter().map(|v| Expression::from(*v)).sum();
        problem = problem.with(constraint!(sum == 1.0));
    }
    for cut in &p.cuts {
        let each = cut.iter().flat_map(|(i, ok)| x[*i].iter().zip(ok).filter(|(_, ok)| **ok));
        let sum: Expression = each.map(|(v, _)| Expression::from(*v)).sum();
        problem = problem.with(constraint!(sum >= 1.0));
    }
    let solution = problem.solve().ok()?;
    let chosen = x.iter().map(|xs| xs.iter().position(|v| solution.value(*v) > 0.5)).collect::<Option<Vec<_>>>()?;
    Some(p.cost(&chosen))
}

/// So many groups of so many options, dearer ones more capable, under cuts as sizing makes
/// them: of a few groups one at least must be at its threshold.
pub fn selection(groups: usize, options: usize, cuts: usize, seed: u64) -> Program {
    let mut r = Random(seed);
    let mut costs = Vec::new();
    for _ in 0..groups {
        let step = 20.0 + r.below(400) as f64;
        let first = step * (1 + r.below(6)) as f64;
        // A machine more each; some options are of another family, a little dearer.
        costs.push((0..options).map(|k| first + step * k as f64 + r.below(7) as f64 / 7.0).collect::<Vec<f64>>());
    }
    let mut p = Program { costs, ..Program::default() };
    for _ in 0..cuts {
        let from = r.below(groups as u64) as usize;
        let mut cut = Vec::new();
        for i in 0..2 + r.below(4) as usize {
            // Flows ask what is near: neighbours, and the gateway in some.
            let i = if i > 0 && r.below(12) == 0 { 0 } else { (from + i) % groups };
            if cut.iter().any(|(k, _)| *k == i) {
                continue;
            }
            let least = 1 + r.below(8.min(options as u64 - 1)) as usize;
            cut.push((i, (0..options).map(|k| k >= least).collect()));
        }
        p.cuts.push(cut);
    }
    p
}
