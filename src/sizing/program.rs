//! The selection program: one option per component, the least cost, under cuts and rows.
//!
//! In: costs of the options; cuts, each naming options of which one at least must be chosen;
//! rows, each a sum of weights of the chosen options and its most. Out: the option of each
//! component, what they cost, and what every choice costs at least. Multiple-choice selection
//! (Kellerer, Pferschy and Pisinger 2004, ch. 11): components that no cut and no row joins are
//! solved apart; cuts and rows are relaxed by Lagrange multipliers, found by subgradients
//! (Held, Wolfe and Crowder 1974); an option whose reduced cost brings the bound above the
//! best known choice is dropped; what is left is searched, the least bound first. Work is
//! counted, not timed, so that the same program has the same answer everywhere; what is left
//! open when it is used up shows in the bound. Never: a choice that breaks a cut or a row.

use super::search::{Block, Search};
use std::collections::BTreeMap;

/// Options of which at least one must be chosen: for each component, whether its option counts.
pub type Cut = Vec<(usize, Vec<bool>)>;

/// A sum of weights of chosen options, and the most that it may be.
#[derive(Clone, Debug)]
pub struct Row {
    /// For each component in it the weights of its options.
    pub weights: Vec<(usize, Vec<f64>)>,
    /// The most.
    pub most: f64,
}

/// A program.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The costs of each component's options, none negative.
    pub costs: Vec<Vec<f64>>,
    /// What must be chosen from.
    pub cuts: Vec<Cut>,
    /// What must not be too much.
    pub rows: Vec<Row>,
}

/// What is known of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// The best choice found; none if there is none, or if none was found (`bound` is finite).
    pub choice: Option<Vec<usize>>,
    /// What it costs; infinite without one.
    pub cost: f64,
    /// What every choice costs at least; infinite if there is none.
    pub bound: f64,
    /// Steps of work that it took.
    pub work: u64,
}

/// Steps that are enough for all but the hardest programs: each is one coefficient looked at.
pub const WORK: u64 = 1_000_000_000;
/// Costs nearer than this share are the same.
const SAME: f64 = 1e-10;

impl Solution {
    /// How much cheaper, as a share of the cost, another choice may be at most.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.cost <= 0.0 || !self.cost.is_finite() {
            return 0.0;
        }
        let gap = (self.cost - self.bound) / self.cost;
        if gap > SAME * 10.0 { gap } else { 0.0 }
    }
}

impl Program {
    /// What a choice costs.
    #[must_use]
    pub fn cost(&self, x: &[usize]) -> f64 {
        x.iter().zip(&self.costs).filter_map(|(o, l)| l.get(*o)).sum()
    }

    /// Whether a choice keeps all cuts and rows.
    #[must_use]
    pub fn holds(&self, x: &[usize]) -> bool {
        let chosen = |i: &usize| x.get(*i).copied().unwrap_or(usize::MAX);
        self.cuts.iter().all(|cut| cut.iter().any(|(i, ok)| ok.get(chosen(i)) == Some(&true)))
            && self.rows.iter().all(|row| {
                let sum: f64 = row.weights.iter().filter_map(|(i, w)| w.get(chosen(i))).sum();
                sum <= row.most + slack(row.most)
            })
    }

    /// The cheapest choice, within so many steps of work.
    #[must_use]
    pub fn solve(&self, work: u64) -> Solution {
        self.solve_below(f64::INFINITY, work)
    }

    /// The same where only choices cheaper than so much are looked for: the bound is at most
    /// that, and there is no choice if none is cheaper.
    #[must_use]
    pub fn solve_below(&self, most: f64, work: u64) -> Solution {
        let n = self.costs.len();
        let mut out = Solution { choice: Some(vec![0; n]), cost: 0.0, bound: 0.0, work: 0 };
        let blocks = self.blocks();
        let total = blocks.iter().map(Vec::len).sum::<usize>().max(1) as u64;
        // What a block may cost at most: what is left of the whole by the cheapest of the others.
        let least: f64 = self.costs.iter().map(|l| l.iter().copied().fold(f64::INFINITY, f64::min)).sum();
        for members in &blocks {
            let share = work / total * members.len() as u64;
            let own = members.iter().filter_map(|i| self.costs.get(*i));
            let own: f64 = own.map(|l| l.iter().copied().fold(f64::INFINITY, f64::min)).sum();
            let most = if blocks.len() == 1 { most } else { most - (least - own) };
            let mut search = Search::new(Block::new(self, members), most, share);
            let (choice, bound) = search.run();
            out.work += search.work;
            out.bound += bound;
            match (choice, &mut out.choice) {
                (Some(x), Some(all)) => {
                    for (i, k) in members.iter().zip(x) {
                        if let Some(slot) = all.get_mut(*i) {
                            *slot = k;
                        }
                    }
                }
                _ => out.choice = None,
            }
            if bound.is_infinite() {
                break;
            }
        }
        out.cost = out.choice.as_ref().map_or(f64::INFINITY, |x| self.cost(x));
        out
    }

    /// Components that cuts and rows join, directly or through others.
    fn blocks(&self) -> Vec<Vec<usize>> {
        let cuts = self.cuts.iter().map(|c| c.iter().map(|(i, _)| *i).collect::<Vec<_>>());
        let rows = self.rows.iter().map(|r| r.weights.iter().map(|(i, _)| *i).collect::<Vec<_>>());
        joined(self.costs.len(), cuts.chain(rows))
    }
}

/// Numbers below `n` that groups join, directly or through others; the least first.
pub(super) fn joined(n: usize, groups: impl Iterator<Item = Vec<usize>>) -> Vec<Vec<usize>> {
    fn root(of: &mut [usize], i: usize) -> usize {
        let mut i = i;
        while let Some(up) = of.get(i).copied().filter(|up| *up != i) {
            i = up;
        }
        i
    }
    let mut of: Vec<usize> = (0..n).collect();
    for group in groups {
        for pair in group.windows(2) {
            if let [a, b] = pair {
                let (a, b) = (root(&mut of, *a), root(&mut of, *b));
                if let Some(slot) = of.get_mut(a.max(b)) {
                    *slot = a.min(b);
                }
            }
        }
    }
    let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for i in 0..n {
        out.entry(root(&mut of, i)).or_default().push(i);
    }
    out.into_values().collect()
}

/// What a sum may be above its most: the rounding of its terms.
pub(super) fn slack(most: f64) -> f64 {
    1e-12 * most.abs().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every choice, the cheapest that holds.
    fn brute(p: &Program) -> Option<f64> {
        let mut best: Option<f64> = None;
        let mut x = vec![0; p.costs.len()];
        loop {
            if p.holds(&x) {
                let c = p.cost(&x);
                best = Some(best.map_or(c, |b: f64| b.min(c)));
            }
            let Some(i) = (0..x.len()).find(|i| x[*i] + 1 < p.costs[*i].len()) else { return best };
            x[i] += 1;
            x[..i].fill(0);
        }
    }

    /// A linear congruential sequence: the same numbers on every machine.
    fn random(seed: u64) -> impl FnMut(u64) -> u64 {
        let mut state = seed;
        move |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % n
        }
    }

    fn program(next: &mut impl FnMut(u64) -> u64, groups: u64, options: u64) -> Program {
        let n = 1 + next(groups) as usize;
        let costs: Vec<Vec<f64>> =
            (0..n).map(|_| (0..=next(options)).map(|_| next(1000) as f64 / 7.0).collect()).collect();
        let mut cuts: Vec<Cut> = Vec::new();
        for _ in 0..next(6) {
            let mut cut = Cut::new();
            for (i, list) in costs.iter().enumerate() {
                if next(2) == 0 {
                    cut.push((i, list.iter().map(|_| next(5) < 3).collect()));
                }
            }
            cuts.push(cut);
        }
        let mut rows = Vec::new();
        for _ in 0..next(3) {
            let mut weights = Vec::new();
            for (i, list) in costs.iter().enumerate() {
                if next(3) > 0 {
                    weights.push((i, list.iter().map(|_| next(100) as f64 / 3.0).collect::<Vec<f64>>()));
                }
            }
            let most = weights.len() as f64 * (6.0 + next(20) as f64);
            rows.push(Row { weights, most });
        }
        Program { costs, cuts, rows }
    }

    #[test]
    fn the_search_agrees_with_brute_force() {
        let mut next = random(7);
        let (mut infeasible, mut bound) = (0, 0);
        for _ in 0..1500 {
            let p = program(&mut next, 5, 5);
            let want = brute(&p);
            infeasible += usize::from(want.is_none());
            let got = p.solve(WORK);
            match (want, &got.choice) {
                (None, None) => assert!(got.bound.is_infinite()),
                (Some(a), Some(x)) => {
                    assert!(p.holds(x), "{p:?}");
                    assert!((a - got.cost).abs() < 1e-9, "{a} {got:?} {p:?}");
                    assert!(got.gap() <= 0.0, "{got:?}");
                    bound += usize::from(
                        got.cost
                            > p.costs.iter().map(|l| l.iter().copied().fold(f64::MAX, f64::min)).sum::<f64>() + 1e-9,
                    );
                }
                other => panic!("{other:?} {p:?}"),
            }
        }
        assert!(infeasible > 100 && bound > 200, "{infeasible} infeasible, {bound} bound");
    }

    #[test]
    fn what_little_work_finds_is_within_its_gap() {
        let mut next = random(11);
        let mut open = 0;
        for _ in 0..40 {
            let p = program(&mut next, 14, 8);
            let best = p.solve(WORK);
            assert!(best.gap() <= 0.0);
            for work in [1, 2_000, 200_000] {
                let some = p.solve(work);
                assert!(some.bound <= best.cost + 1e-9, "{some:?} {best:?}");
                assert!(some.cost >= best.cost - 1e-9);
                open += usize::from(some.gap() > 0.0);
                assert_eq!(some, p.solve(work), "the same work, the same answer");
            }
        }
        assert!(open > 3, "{open}");
    }
}
