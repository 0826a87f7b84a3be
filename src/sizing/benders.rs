//! The cheapest choice that every case accepts: logic-based Benders decomposition.
//!
//! In: a problem. Out: the choice, a bound on the cost of every choice, what proved it. Components that no flow
//! with a target joins are solved apart. The selection program picks the cheapest choice; a target that it
//! misses in a case becomes a cut: the choice is raised to ever more capable options while it still misses,
//! and one component at least must be more capable than that (Hooker and Ottosson 2003). The cheapest known
//! choice that holds is the incumbent. If bound and incumbent meet, it is optimal; if a limit is reached, the
//! difference is the gap. Limits count work, so the same design has the same answer everywhere.
//! Never: a choice that an analysis rejects.

use super::milp;
use super::problem::{Problem, Target};
use super::program::{Cut, Program, Proof, Reason};
use super::sizes::Status;
use super::solve::{Effort, MOST_BINARIES};
use crate::graph::joined;

/// Most rounds of cuts in one block.
const MAX_ROUNDS: usize = 400;
/// Most evaluations of a flow in a case, for one design.
const MAX_EVALUATIONS: usize = 60_000;
/// Evaluations that every block may use.
const FEW_EVALUATIONS: usize = 2_000;
/// Most coefficients that the presolves of one block visit.
const MAX_WORK: u64 = 1_000_000_000;
/// Bounds nearer than this share of the cost meet it.
const SAME: f64 = 1e-9;

impl Problem<'_> {
    /// The cheapest choice that every case accepts, the bound and its proof; or the constraints that no choice
    /// meets. With `any`, any feasible choice will do.
    pub(super) fn run(&mut self, any: bool) -> Result<(Vec<usize>, f64, Proof), Vec<String>> {
        let groups: Vec<Vec<usize>> = self.targets.iter().map(|t| t.asked.clone()).collect();
        let blocks: Vec<(Vec<usize>, Vec<usize>)> = joined(self.all.len(), groups.into_iter())
            .into_iter()
            .map(|members| {
                let asks = |t: &Target| t.asked.iter().any(|i| members.contains(i));
                let targets = self.targets.iter().enumerate().filter(|(_, t)| asks(t)).map(|(t, _)| t).collect();
                (members, targets)
            })
            .collect();
        let mut x = self.most();
        let all: Vec<usize> = (0..self.targets.len()).collect();
        let holds = !all.iter().any(|t| self.missed(*t, &x));
        if !holds && all.iter().any(|t| self.is_infeasible(*t, &x)) {
            return Err(self.infeasible());
        }
        if holds && any {
            return Ok((x, 0.0, Proof::Gap(Reason::Limit)));
        }
        let (mut bound, mut proof) = (0.0, Proof::Lagrange);
        for (members, targets) in &blocks {
            let Some((y, least, by)) = self.block(members, targets) else { return Err(self.infeasible()) };
            bound += least;
            proof = proof.and(by);
            for i in members {
                if let (Some(slot), Some(k)) = (x.get_mut(*i), y.get(*i)) {
                    *slot = *k;
                }
            }
        }
        Ok((x, bound, proof))
    }

    /// Like `run`, of components that flows join. `None` if no choice meets every target.
    pub(super) fn block(&mut self, members: &[usize], targets: &[usize]) -> Option<(Vec<usize>, f64, Proof)> {
        let share = MAX_EVALUATIONS * members.len() / self.all.len().max(1);
        let most = self.evaluations + share.max(FEW_EVALUATIONS);
        let mut program = Program {
            costs: members.iter().filter_map(|i| self.costs.get(*i).cloned()).collect(),
            ..Program::default()
        };
        let none = vec![0; self.all.len()];
        let found = self.complete(&none, members, targets);
        let mut best: Option<(f64, Vec<usize>)> = found.map(|y| (self.cost(members, &y), y));
        // `bound` holds for choices of tried options and the relaxed ones that are left, `floor`
        // for those with a relaxed option that was excluded.
        let (mut bound, mut floor, mut work, mut effort) = (0.0_f64, f64::INFINITY, 0, Effort::Presolve);
        let (mut milp, mut open) = (false, Reason::Limit);
        for round in 0..MAX_ROUNDS {
            let cost = best.as_ref().map_or(f64::INFINITY, |(c, _)| *c);
            if bound.min(floor) >= cost * (1.0 - SAME) || self.evaluations > most || work >= MAX_WORK {
                break;
            }
            let known: Option<Vec<usize>> =
                best.as_ref().map(|(_, x)| members.iter().map(|i| x.get(*i).copied().unwrap_or(0)).collect());
            let solved = program.solve_with(known.as_deref(), effort, &milp::engine);
            work += solved.work;
            if solved.bound.is_infinite() {
                // No choice meets every cut.
                return None;
            }
            if solved.bound.min(cost) > bound {
                (bound, milp) = (solved.bound.min(cost), solved.milp);
            }
            let Some(local) = solved.choice.as_ref().filter(|_| solved.cost < cost) else {
                match (solved.open, effort) {
                    (Some(_), Effort::Presolve) => effort = Effort::Milp(MOST_BINARIES),
                    (why, _) => {
                        open = why.unwrap_or(open);
                        break;
                    }
                }
                continue;
            };
            let mut x = none.clone();
            for (i, k) in members.iter().zip(local) {
                if let Some(slot) = x.get_mut(*i) {
                    *slot = *k;
                }
            }
            let mut new = self.cuts(&x, targets, round);
            if new.iter().any(Vec::is_empty) {
                return None;
            }
            if new.is_empty() {
                let unreal: Vec<(usize, usize)> = members.iter().filter_map(|i| self.unreal(*i, &x)).collect();
                if unreal.is_empty() {
                    best = Some((solved.cost, x));
                    effort = Effort::Presolve;
                    continue;
                }
                if solved.open.is_some() && effort == Effort::Presolve {
                    // The exclusion below rests on the bound: raise it first.
                    effort = Effort::Milp(MOST_BINARIES);
                    continue;
                }
                // Untried values may be as capable as the relaxed option; cheaper choices than
                // this one are excluded only for the others.
                floor = floor.min(solved.bound);
                open = Reason::Untried;
                new = unreal.iter().map(|(i, k)| vec![(*i, self.but(*i, *k))]).collect();
            } else if (round + 1).is_power_of_two()
                && let Some(y) = self.complete(&x, members, targets)
            {
                let cost = self.cost(members, &y);
                if best.as_ref().is_none_or(|(c, _)| cost < *c) {
                    best = Some((cost, y));
                }
            }
            let local = |cut: &Cut| -> Cut {
                let at = |i: &usize| members.iter().position(|m| m == i);
                cut.iter().filter_map(|(i, ok)| Some((at(i)?, ok.clone()))).collect()
            };
            program.cuts.extend(new.iter().map(local));
            effort = Effort::Presolve;
            self.cuts.extend(new);
        }
        let (cost, x) = best?;
        let least = bound.min(floor).min(cost);
        let proof = match (least >= cost * (1.0 - SAME), milp) {
            (false, _) => Proof::Gap(open),
            (true, true) => Proof::Milp,
            (true, false) => Proof::Lagrange,
        };
        Some((x, least, proof))
    }

    /// Cuts for the targets that a choice misses: of each flow those in the first case where it misses one. No
    /// choice meets an empty cut.
    pub(super) fn cuts(&mut self, x: &[usize], targets: &[usize], round: usize) -> Vec<Cut> {
        let mut out: Vec<Cut> = Vec::new();
        let mut done = None;
        for t in targets.iter().copied() {
            let flow = self.targets.get(t).map(|t| t.flow);
            if done == Some(flow) || !self.missed(t, x) {
                continue;
            }
            done = Some(flow);
            let asked = self.targets.get(t).map(|t| t.asked.clone()).unwrap_or_default();
            // Each order of raising components makes another cut.
            let n = asked.len().max(1);
            let mut orders: Vec<Vec<usize>> = Vec::new();
            for turn in 0..2.min(n) {
                let mut order = asked.clone();
                order.rotate_left((round + turn * n.div_ceil(2)) % n);
                if turn % 2 == 1 {
                    order.reverse();
                }
                orders.push(order);
            }
            for order in orders {
                let cut = self.cut(t, x, &order);
                if !out.contains(&cut) {
                    out.push(cut);
                }
            }
        }
        out
    }

    /// The cut of a choice that misses a target. The choice is made as capable as possible while it still
    /// misses: the more capable, the stronger the cut.
    pub(super) fn cut(&mut self, target: usize, x: &[usize], order: &[usize]) -> Cut {
        let mut v = x.to_vec();
        if self.crowds(target, x) {
            // Excludes this choice alone.
            return order.iter().map(|i| (*i, self.but(*i, x.get(*i).copied().unwrap_or(0)))).collect();
        }
        for i in order.iter().copied() {
            let now = v.get(i).copied().unwrap_or(0);
            // The most capable option first: if it still misses, this component does not matter.
            let above = self.above(i, now);
            let (mut low, mut high) = (0, above.len());
            let mut raised = None;
            // Bisection along the chain of ever more capable options.
            while low < high {
                let mid = if raised.is_none() && low == 0 { 0 } else { usize::midpoint(low, high) };
                let Some(k) = above.get(above.len() - 1 - mid).copied() else { break };
                let mut y = v.clone();
                if let Some(slot) = y.get_mut(i) {
                    *slot = k;
                }
                if self.lacks(target, &y) {
                    raised = Some(k);
                    high = mid;
                } else {
                    low = mid + 1;
                }
            }
            if let (Some(k), Some(slot)) = (raised, v.get_mut(i)) {
                *slot = k;
            }
        }
        let mut cut: Cut = Vec::new();
        let asked = self.targets.get(target).map(|t| t.asked.clone()).unwrap_or_default();
        for i in asked {
            let at = v.get(i).copied().unwrap_or(0);
            let ok: Vec<bool> = (0..self.costs.get(i).map_or(0, Vec::len)).map(|k| !self.at_most(i, k, at)).collect();
            if ok.iter().any(|b| *b) {
                cut.push((i, ok));
            }
        }
        cut
    }

    /// The status of a choice. An untried option costs at least `beyond` and may meet every cut
    /// of its component; the least cost with it is a bound.
    pub(super) fn status(&self, x: &[usize], bound: f64, proof: Proof) -> (Status, Proof) {
        let whole = Program { costs: self.costs.clone(), ..Program::default() };
        let total = whole.cost(x);
        let (mut least, mut milp) = (bound.min(total), proof == Proof::Milp);
        for i in self.loose.iter().copied() {
            let Some(beyond) = self.all.get(i).and_then(|o| o.beyond) else { continue };
            let mut other = whole.clone();
            if let Some(slot) = other.costs.get_mut(i) {
                *slot = vec![beyond];
            }
            let cheapest: f64 = other.costs.iter().map(|l| l.iter().copied().fold(f64::INFINITY, f64::min)).sum();
            if cheapest >= total {
                continue;
            }
            other.cuts = self.cuts.iter().filter(|c| c.iter().all(|(k, _)| *k != i)).cloned().collect();
            let solved = other.solve();
            milp |= solved.milp;
            least = least.min(solved.bound);
        }
        let gap = if total > 0.0 { (total - least) / total } else { 0.0 };
        match (gap > SAME, proof) {
            (true, Proof::Gap(why)) => (Status::WithinGap(gap), Proof::Gap(why)),
            (true, _) => (Status::WithinGap(gap), Proof::Gap(Reason::Untried)),
            (false, _) if milp => (Status::Optimal, Proof::Milp),
            (false, _) => (Status::Optimal, Proof::Lagrange),
        }
    }
}
