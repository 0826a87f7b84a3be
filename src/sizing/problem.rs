//! The search for the cheapest choice that every case accepts.
//!
//! In: options by component, the cases. Out: the choice, and what every choice costs at
//! least. Components that no flow with a target asks together are solved apart. The selection
//! program picks the cheapest; what that misses in a case becomes cuts: a choice is raised to
//! ever more capable options as long as it still misses, and one component at least must be
//! more capable than there (logic-based Benders, Hooker and Ottosson 2003). Beside it goes the
//! cheapest choice found so far, made from the program's by raising what helps most for its
//! cost. Both meet, or the work is used up: then what is between them is the gap. Work is
//! counted, so that the same design has the same answer everywhere. Never: a choice that an
//! analysis rejects.

use super::Status;
use super::cases::Case;
use super::milp;
use super::options::Options;
use super::program::{Cut, Program, Proof, Reason, joined};
use super::relaxed_options::relaxed_options;
use super::solve::{Effort, MOST_BINARIES};
use crate::model::{Choice, CompId};
use std::collections::BTreeSet;

/// Most rounds of cuts of one block.
const MAX_ROUNDS: usize = 400;
/// Most evaluations at a flow in a case, of one design.
const MAX_EVALUATIONS: usize = 60_000;
/// What a evaluation costs where each choice is settled as a whole.
const WHOLE: usize = 20;
/// Looks that every block may have.
const FEW_EVALUATIONS: usize = 2_000;
/// Most steps that make a choice hold.
const MAX_STEPS: usize = 200;
/// Most coefficients that the presolves of one block visit.
const MAX_WORK: u64 = 1_000_000_000;
/// Bounds nearer than this share of the cost meet it.
const SAME: f64 = 1e-9;

/// A flow that has targets in a case.
#[derive(Default)]
struct Target {
    case: usize,
    flow: usize,
    /// The components whose options change it, by their number.
    asked: Vec<usize>,
    /// Choices of these that miss it, as capable as are known.
    bad: Vec<Vec<usize>>,
    /// Choices that keep it, as little capable as are known.
    good: Vec<Vec<usize>>,
    /// Choices that miss it for too many connections: less may keep it.
    crowded: BTreeSet<Vec<usize>>,
}

/// Options, cases, and what was learnt of them.
pub(super) struct Problem<'a> {
    pub all: &'a [Options],
    pub cases: &'a mut [Case],
    /// Values by component and option: those of its list, then its relaxed_options.
    choices: Vec<Vec<Choice>>,
    costs: Vec<Vec<f64>>,
    /// By component: whether one option is at most as capable as another.
    at_most: Vec<Vec<Vec<bool>>>,
    /// Components with options that were not tried and that no relaxed option is above.
    loose: Vec<usize>,
    targets: Vec<Target>,
    /// What the rounds have found.
    cuts: Vec<Cut>,
    evaluations: usize,
}

impl<'a> Problem<'a> {
    /// A problem of which nothing is known.
    pub fn new(all: &'a [Options], cases: &'a mut [Case]) -> Self {
        let mut out = Self {
            all,
            cases,
            choices: Vec::new(),
            costs: Vec::new(),
            at_most: Vec::new(),
            loose: Vec::new(),
            targets: Vec::new(),
            cuts: Vec::new(),
            evaluations: 0,
        };
        for (i, o) in all.iter().enumerate() {
            let mut choices: Vec<Choice> = o.list.iter().map(|c| c.choice.clone()).collect();
            let mut costs: Vec<f64> = o.list.iter().map(|c| c.cost).collect();
            let mut order: Vec<Vec<bool>> =
                o.list.iter().map(|a| o.list.iter().map(|b| a.at_most(b)).collect()).collect();
            match (o.beyond, relaxed_options(o)) {
                (None, _) => {}
                (Some(_), None) => out.loose.push(i),
                (Some(least), Some(tops)) => {
                    for top in tops {
                        let below: Vec<bool> = o.list.iter().map(|k| top.is_above(k, &o.list)).collect();
                        order.iter_mut().zip(&below).for_each(|(row, b)| row.push(*b));
                        order.iter_mut().skip(below.len()).for_each(|row| row.push(false));
                        let mut own = vec![false; choices.len()];
                        own.push(true);
                        order.push(own);
                        choices.push(top.choice);
                        costs.push(least);
                    }
                }
            }
            out.choices.push(choices);
            out.costs.push(costs);
            out.at_most.push(order);
        }
        for (w, case) in out.cases.iter().enumerate() {
            for flow in (0..case.flows()).filter(|f| case.can_miss(*f)) {
                let asked = (0..all.len()).filter(|i| all.get(*i).is_some_and(|o| case.asks(flow, o.id))).collect();
                out.targets.push(Target { case: w, flow, asked, ..Target::default() });
            }
        }
        // A flow's cases side by side, the design as it is last.
        out.targets.sort_by_key(|t| t.flow);
        out
    }

    fn cost_of(&self, i: usize, k: usize) -> f64 {
        self.costs.get(i).and_then(|l| l.get(k)).copied().unwrap_or(f64::INFINITY)
    }

    fn cost(&self, members: &[usize], x: &[usize]) -> f64 {
        members.iter().map(|i| self.cost_of(*i, x.get(*i).copied().unwrap_or(0))).sum()
    }

    fn at_most(&self, i: usize, a: usize, b: usize) -> bool {
        self.at_most.get(i).and_then(|m| m.get(a)).and_then(|r| r.get(b)) == Some(&true)
    }

    /// The most capable option of each component, the last by cost where several are.
    pub fn most(&self) -> Vec<usize> {
        let top = |(i, o): (usize, &Options)| {
            (0..o.list.len()).fold(0, |best, k| if self.at_most(i, best, k) { k } else { best })
        };
        self.all.iter().enumerate().map(top).collect()
    }

    /// The cheapest choice that every case accepts and the bound of all, or what no choice
    /// reaches. Where only whether there is one is asked, any choice will do.
    pub fn run(&mut self, any: bool) -> Result<(Vec<usize>, f64, Proof), Vec<String>> {
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

    /// Whether a flow misses a target with options that are beyond doubt the most capable.
    fn is_infeasible(&mut self, target: usize, most: &[usize]) -> bool {
        let Some(t) = self.targets.get(target) else { return false };
        let top = |i: &usize| {
            let (top, all) = (most.get(*i).copied().unwrap_or(0), self.costs.get(*i).map_or(0, Vec::len));
            (0..all).all(|k| self.at_most(*i, k, top))
        };
        t.asked.iter().all(top) && self.lacks(target, most)
    }

    /// Whether a flow misses a target with a choice for want of something: what is less capable misses it too.
    fn lacks(&mut self, target: usize, x: &[usize]) -> bool {
        self.missed(target, x) && !self.crowds(target, x)
    }

    /// Whether a choice that was looked at is too many connections.
    fn crowds(&self, target: usize, x: &[usize]) -> bool {
        let at = |t: &Target| t.asked.iter().map(|i| x.get(*i).copied().unwrap_or(0)).collect::<Vec<_>>();
        self.targets.get(target).is_some_and(|t| t.crowded.contains(&at(t)))
    }

    /// Like `run`, of components that flows join. `None` if no choice meets every target.
    fn block(&mut self, members: &[usize], targets: &[usize]) -> Option<(Vec<usize>, f64, Proof)> {
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
            effort = Effort::Presolve;
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

    /// The option of a component in a choice, if it is a relaxed option.
    fn unreal(&self, i: usize, x: &[usize]) -> Option<(usize, usize)> {
        let (k, real) = (x.get(i).copied()?, self.all.get(i)?.list.len());
        (k >= real).then_some((i, k))
    }

    /// All options of a component but one.
    fn but(&self, i: usize, not: usize) -> Vec<bool> {
        (0..self.costs.get(i).map_or(0, Vec::len)).map(|k| k != not).collect()
    }

    /// Whether a flow misses a target with a choice.
    pub fn missed(&mut self, target: usize, x: &[usize]) -> bool {
        let Some(t) = self.targets.get(target) else { return false };
        let at: Vec<usize> = t.asked.iter().map(|i| x.get(*i).copied().unwrap_or(0)).collect();
        let below =
            |a: &[usize], b: &[usize]| t.asked.iter().zip(a.iter().zip(b)).all(|(i, (a, b))| self.at_most(*i, *a, *b));
        if t.crowded.contains(&at) || t.bad.iter().any(|b| below(&at, b)) {
            return true;
        }
        if t.good.iter().any(|g| below(g, &at)) {
            return false;
        }
        self.violation(target, x, true) > 0.0
    }

    /// How far a flow is beyond its targets with a choice: above 0 it misses one.
    fn violation(&mut self, target: usize, x: &[usize], first: bool) -> f64 {
        let Some(t) = self.targets.get(target) else { return -1.0 };
        let (all, choices, asked) = (self.all, &self.choices, &t.asked);
        let Some(case) = self.cases.get_mut(t.case) else { return -1.0 };
        let chosen = asked.iter().filter_map(|i| {
            let k = x.get(*i).copied()?;
            Some((all.get(*i)?.id, k, choices.get(*i)?.get(k)?))
        });
        case.choose(chosen);
        self.evaluations += if case.together { WHOLE } else { 1 };
        let violation = case.violation(t.flow, first);
        let (crowded, bounded) = (case.crowded(t.flow), case.crowds);
        let at: Vec<usize> = asked.iter().map(|i| x.get(*i).copied().unwrap_or(0)).collect();
        let order = |a: &Vec<usize>, b: &Vec<usize>| {
            let each = asked.iter().zip(a.iter().zip(b));
            each.into_iter().all(|(i, (a, b))| self.at_most.get(*i).and_then(|m| m.get(*a)?.get(*b)) == Some(&true))
        };
        if bounded && (crowded || violation <= 0.0) {
            // What is less capable may keep it, and what is more capable may crowd.
            if let Some(t) = self.targets.get_mut(target).filter(|_| violation > 0.0) {
                t.crowded.insert(at);
            }
            return violation;
        }
        let (bad, good) = (t.bad.clone(), t.good.clone());
        let kept: Vec<Vec<usize>> = if violation > 0.0 {
            bad.into_iter().filter(|b| !order(b, &at)).collect()
        } else {
            good.into_iter().filter(|g| !order(&at, g)).collect()
        };
        if let Some(t) = self.targets.get_mut(target) {
            let list = if violation > 0.0 { &mut t.bad } else { &mut t.good };
            *list = kept;
            list.push(at);
        }
        violation
    }

    /// The target that a choice misses in a case, in words.
    pub fn misses(&mut self, x: &[usize], case: usize, flow: usize) -> Option<String> {
        let w = self.cases.get_mut(case)?;
        let chosen: Vec<(CompId, usize, &Choice)> =
            self.all.iter().zip(x).filter_map(|(o, k)| Some((o.id, *k, &o.list.get(*k)?.choice))).collect();
        w.choose(chosen.into_iter());
        w.misses(flow)
    }

    /// Case and flow of all that can be missed.
    pub fn flows_with_targets(&self) -> Vec<(usize, usize)> {
        let each = self.cases.iter().enumerate();
        each.flat_map(|(w, case)| (0..case.flows()).filter(|f| case.can_miss(*f)).map(move |f| (w, f))).collect()
    }

    /// The targets that a component can make a flow miss, in the order of cases and flows.
    pub fn touched(&self, i: usize) -> Vec<usize> {
        let mut out: Vec<(usize, usize, usize)> = Vec::new();
        for (t, target) in self.targets.iter().enumerate().filter(|(_, t)| t.asked.contains(&i)) {
            out.push((target.case, target.flow, t));
        }
        out.sort_unstable();
        out.into_iter().map(|(.., t)| t).collect()
    }

    /// What a choice misses of a target, in words, if it does.
    pub fn why_missed(&mut self, target: usize, x: &[usize]) -> Option<String> {
        if !self.missed(target, x) {
            return None;
        }
        let (case, flow) = self.targets.get(target).map(|t| (t.case, t.flow))?;
        self.misses(x, case, flow)
    }

    /// Cuts for what a choice misses, of each flow in the first case where it does; an empty
    /// cut is one that nothing can meet.
    fn cuts(&mut self, x: &[usize], targets: &[usize], round: usize) -> Vec<Cut> {
        let mut out: Vec<Cut> = Vec::new();
        let mut done = None;
        for t in targets.iter().copied() {
            let flow = self.targets.get(t).map(|t| t.flow);
            if done == Some(flow) || !self.missed(t, x) {
                continue;
            }
            done = Some(flow);
            let asked = self.targets.get(t).map(|t| t.asked.clone()).unwrap_or_default();
            // Raised in several orders: each makes another cut.
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

    /// The cut of a choice that misses a target: as capable as possible while it still misses,
    /// the stronger the cut.
    fn cut(&mut self, target: usize, x: &[usize], order: &[usize]) -> Cut {
        let mut v = x.to_vec();
        if self.crowds(target, x) {
            // Anything but just this.
            return order.iter().map(|i| (*i, self.but(*i, x.get(*i).copied().unwrap_or(0)))).collect();
        }
        for i in order.iter().copied() {
            let now = v.get(i).copied().unwrap_or(0);
            // The most capable first: if that still misses, this component does not matter.
            let above = self.above(i, now);
            let (mut low, mut high) = (0, above.len());
            let mut raised = None;
            // Along a chain of ever more capable options the miss ends somewhere: bisect.
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

    /// Options that are more capable than one, the cheapest first.
    fn above(&self, i: usize, now: usize) -> Vec<usize> {
        let all = 0..self.costs.get(i).map_or(0, Vec::len);
        all.filter(|k| *k != now && self.at_most(i, now, *k)).collect()
    }

    /// A choice that holds, made from one by raising what helps most for its cost.
    fn complete(&mut self, x: &[usize], members: &[usize], targets: &[usize]) -> Option<Vec<usize>> {
        let mut y = x.to_vec();
        // A relaxed option is no value: the most capable that is stands in its place.
        let most = self.most();
        for i in members {
            if let (Some(_), Some(slot), Some(top)) = (self.unreal(*i, x), y.get_mut(*i), most.get(*i)) {
                *slot = *top;
            }
        }
        for _ in 0..MAX_STEPS {
            let Some(t) = targets.iter().copied().find(|t| self.missed(*t, &y)) else {
                self.cheapen(&mut y, members, targets);
                return Some(y);
            };
            let asked = self.targets.get(t).map(|t| t.asked.clone()).unwrap_or_default();
            let now = self.violation(t, &y, false).min(1e9);
            let mut best: Option<(f64, usize, usize)> = None;
            for i in asked.iter().copied() {
                let at = y.get(i).copied().unwrap_or(0);
                let mut above = self.above(i, at);
                above.retain(|k| self.all.get(i).is_some_and(|o| *k < o.list.len()));
                let mut step = 0;
                while let Some(k) = above.get(step).copied() {
                    let mut z = y.clone();
                    if let Some(slot) = z.get_mut(i) {
                        *slot = k;
                    }
                    let then = self.violation(t, &z, false).min(1e9);
                    let gain = now - then.max(0.0);
                    let dear = (self.cost_of(i, k) - self.cost_of(i, at)).max(1e-9) / gain;
                    if gain > 1e-9 * now && best.is_none_or(|(b, ..)| dear < b) {
                        best = Some((dear, i, k));
                    }
                    if then <= 0.0 {
                        break;
                    }
                    step = step * 2 + 1;
                }
            }
            match best {
                Some((_, i, k)) => {
                    if let Some(slot) = y.get_mut(i) {
                        *slot = k;
                    }
                }
                None => {
                    // Nothing helps alone: all that it asks, as capable as can be.
                    let mut z = y.clone();
                    for i in &asked {
                        if let (Some(slot), Some(k)) = (z.get_mut(*i), most.get(*i)) {
                            *slot = *k;
                        }
                    }
                    if z == y || self.missed(t, &z) {
                        return None;
                    }
                    y = z;
                }
            }
        }
        None
    }

    /// Cheaper options, one component at a time, as long as all holds.
    fn cheapen(&mut self, y: &mut [usize], members: &[usize], targets: &[usize]) {
        for _ in 0..3 {
            let mut order: Vec<(f64, usize)> = members
                .iter()
                .map(|i| (self.cost_of(*i, y.get(*i).copied().unwrap_or(0)) - self.cost_of(*i, 0), *i))
                .collect();
            order.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut changed = false;
            for (_, i) in order {
                let now = y.get(i).copied().unwrap_or(0);
                let touched: Vec<usize> = targets
                    .iter()
                    .copied()
                    .filter(|t| self.targets.get(*t).is_some_and(|t| t.asked.contains(&i)))
                    .collect();
                // Options by cost: the cheapest that holds, by doubling steps down and bisection.
                let (mut good, mut step) = (now, 1);
                let mut bad = None;
                while good > 0 {
                    let k = good.saturating_sub(step);
                    if let Some(slot) = y.get_mut(i) {
                        *slot = k;
                    }
                    if touched.iter().any(|t| self.missed(*t, y)) {
                        bad = Some(k);
                        break;
                    }
                    (good, step) = (k, step * 2);
                }
                while let Some(b) = bad.filter(|b| good - b > 1) {
                    let mid = usize::midpoint(b, good);
                    if let Some(slot) = y.get_mut(i) {
                        *slot = mid;
                    }
                    if touched.iter().any(|t| self.missed(*t, y)) { bad = Some(mid) } else { good = mid }
                }
                if let Some(slot) = y.get_mut(i) {
                    *slot = good;
                }
                changed |= good != now;
            }
            if !changed {
                break;
            }
        }
    }

    /// The status of a choice. An untried option costs at least `beyond` and may meet every cut
    /// of its component; the least cost with it is a bound.
    pub fn status(&self, x: &[usize], bound: f64, proof: Proof) -> (Status, Proof) {
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
