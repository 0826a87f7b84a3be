//! The integer program: one option per component, the least cost, under cuts.
//!
//! In: costs of the options, cuts. Out: the option of each component, optimal. A cut
//! names options by component, of which one at least must be chosen. Multiple-choice
//! selection (Kellerer, Pferschy and Pisinger 2004, ch. 11) solved with `good_lp` and the
//! pure-Rust `microlp`; where that fails for numerical reasons, an exact search by
//! branch and bound stands in.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, constraint, microlp, variable};

/// Options of which at least one must be chosen: for each component, whether its option counts.
pub(super) type Cut = Vec<(usize, Vec<bool>)>;

/// Most nodes of the search that stands in for the solver.
const MAX_NODES: usize = 2_000_000;

/// The cheapest choice, or nothing if the cuts leave none.
pub(super) fn solve(costs: &[Vec<f64>], cuts: &[Cut]) -> Option<Vec<usize>> {
    milp(costs, cuts).filter(|x| holds(x, cuts)).or_else(|| search(costs, cuts))
}

fn holds(x: &[usize], cuts: &[Cut]) -> bool {
    cuts.iter().all(|cut| cut.iter().any(|(i, ok)| x.get(*i).and_then(|o| ok.get(*o)) == Some(&true)))
}

fn milp(costs: &[Vec<f64>], cuts: &[Cut]) -> Option<Vec<usize>> {
    let mut vars = ProblemVariables::new();
    let x: Vec<Vec<Variable>> =
        costs.iter().map(|list| list.iter().map(|_| vars.add(variable().binary())).collect()).collect();
    // Costs in units of the largest: the solver's tolerances are absolute.
    let unit = costs.iter().flatten().fold(1e-9_f64, |a, b| a.max(*b));
    let mut objective = Expression::from(0.0);
    for (list, xs) in costs.iter().zip(&x) {
        for (cost, x) in list.iter().zip(xs) {
            objective += *x * (cost / unit);
        }
    }
    let mut problem = vars.minimise(objective).using(microlp);
    for xs in &x {
        let sum: Expression = xs.iter().map(|v| Expression::from(*v)).sum();
        problem = problem.with(constraint!(sum == 1.0));
    }
    for cut in cuts {
        let mut sum = Expression::from(0.0);
        for (i, ok) in cut {
            for (v, ok) in x.get(*i)?.iter().zip(ok) {
                if *ok {
                    sum += *v;
                }
            }
        }
        problem = problem.with(constraint!(sum >= 1.0));
    }
    let solution = problem.solve().ok()?;
    x.iter().map(|xs| xs.iter().position(|v| solution.value(*v) > 0.5)).collect()
}

/// Branch and bound over the components in order; the bound is the cheapest of the rest.
fn search(costs: &[Vec<f64>], cuts: &[Cut]) -> Option<Vec<usize>> {
    let least: Vec<f64> = costs.iter().map(|l| l.iter().copied().fold(f64::INFINITY, f64::min)).collect();
    let mut rest = vec![0.0; costs.len() + 1];
    for i in (0..costs.len()).rev() {
        let above = rest.get(i + 1).copied().unwrap_or(0.0) + least.get(i).copied().unwrap_or(0.0);
        if let Some(slot) = rest.get_mut(i) {
            *slot = above;
        }
    }
    let mut s = Search { costs, cuts, rest: &rest, best: None, nodes: 0 };
    s.go(&mut Vec::new(), 0.0);
    s.best.map(|(_, x)| x)
}

struct Search<'a> {
    costs: &'a [Vec<f64>],
    cuts: &'a [Cut],
    rest: &'a [f64],
    best: Option<(f64, Vec<usize>)>,
    nodes: usize,
}

impl Search<'_> {
    fn go(&mut self, x: &mut Vec<usize>, cost: f64) {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return;
        }
        let at = x.len();
        let bound = cost + self.rest.get(at).copied().unwrap_or(0.0);
        if self.best.as_ref().is_some_and(|(b, _)| bound >= b - 1e-12) || !self.open(x) {
            return;
        }
        let Some(list) = self.costs.get(at) else {
            self.best = Some((cost, x.clone()));
            return;
        };
        for (o, c) in list.iter().enumerate() {
            x.push(o);
            self.go(x, cost + c);
            x.pop();
        }
    }

    /// Whether every cut is met, or can still be by components to come.
    fn open(&self, x: &[usize]) -> bool {
        self.cuts.iter().all(|cut| {
            cut.iter().any(|(i, ok)| match x.get(*i) {
                Some(o) => ok.get(*o) == Some(&true),
                None => ok.iter().any(|b| *b),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every choice, the cheapest that holds.
    fn brute(costs: &[Vec<f64>], cuts: &[Cut]) -> Option<f64> {
        let mut best: Option<f64> = None;
        let mut x = vec![0; costs.len()];
        loop {
            if holds(&x, cuts) {
                let c: f64 = x.iter().zip(costs).map(|(o, l)| l[*o]).sum();
                best = Some(best.map_or(c, |b: f64| b.min(c)));
            }
            let Some(i) = (0..x.len()).find(|i| x[*i] + 1 < costs[*i].len()) else { return best };
            x[i] += 1;
            x[..i].fill(0);
        }
    }

    #[test]
    fn both_solvers_agree_with_brute_force() {
        // A linear congruential sequence: the same numbers on every machine.
        let mut state = 7_u64;
        let mut next = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        };
        let mut infeasible = 0;
        for _ in 0..300 {
            let n = 1 + next(4) as usize;
            let costs: Vec<Vec<f64>> =
                (0..n).map(|_| (0..=next(4)).map(|_| next(1000) as f64 / 7.0).collect()).collect();
            let mut cuts: Vec<Cut> = Vec::new();
            for _ in 0..next(5) {
                let mut cut = Cut::new();
                for (i, options) in costs.iter().enumerate() {
                    if next(2) == 0 {
                        cut.push((i, options.iter().map(|_| next(3) == 0).collect()));
                    }
                }
                cuts.push(cut);
            }
            let want = brute(&costs, &cuts);
            infeasible += usize::from(want.is_none());
            let cost = |x: Vec<usize>| x.iter().zip(&costs).map(|(o, l)| l[*o]).sum::<f64>();
            for got in [solve(&costs, &cuts).map(cost), search(&costs, &cuts).map(cost)] {
                match (want, got) {
                    (None, None) => {}
                    (Some(a), Some(b)) => assert!((a - b).abs() < 1e-9, "{a} {b}"),
                    other => panic!("{other:?}"),
                }
            }
        }
        assert!(infeasible > 10 && infeasible < 200, "{infeasible}");
    }
}
