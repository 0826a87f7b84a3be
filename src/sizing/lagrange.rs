//! Presolve of one block of the selection program: dominance, Lagrangian bound, incumbent, fixing.
//!
//! In: components that cuts join. Out: a lower bound on the cost of every choice, the cheapest
//! choice found, and the options that a cheaper choice could still take. An option is dominated
//! if another costs no more and meets every cut that it meets. Cuts are relaxed by Lagrange
//! multipliers, raised by subgradients (Held, Wolfe and Crowder 1974). The relaxed choice is
//! repaired to an incumbent; an option whose reduced cost lifts the bound to the incumbent's
//! cost is dropped. Never: branching (`milp`).

use super::milp::Core;
use super::program::{Program, SAME};
use std::collections::BTreeMap;

/// Subgradient steps.
const STEPS: usize = 240;
/// Steps between two repairs while there is no incumbent.
const REPAIR: usize = 20;
/// Steps without a better bound before the step length is halved.
const PATIENCE: usize = 8;
/// Price of a cut that a change of option breaks, in cuts that it mends.
const BROKEN: f64 = 10.0;

/// A block: its options in flat lists, component after component.
pub(super) struct Block {
    /// First option of each component, and the one behind its last.
    spans: Vec<(usize, usize)>,
    costs: Vec<f64>,
    /// Each option's number in the program's list of its component.
    origin: Vec<usize>,
    /// The cuts that each option meets, ascending.
    covers: Vec<Vec<usize>>,
    /// The options that meet each cut, ascending.
    cuts: Vec<Vec<usize>>,
    /// The component of each option.
    group: Vec<usize>,
}

/// What presolve leaves of a block.
pub(super) struct Presolved {
    /// The cheapest choice found, as flat options.
    best: Option<Vec<usize>>,
    /// Its cost; infinite without one.
    pub cost: f64,
    /// No choice costs less.
    pub bound: f64,
    /// Options that a choice cheaper than `best` could take.
    allowed: Vec<bool>,
    /// Coefficients visited.
    pub work: u64,
}

/// The relaxation at given multipliers.
struct Relaxed {
    bound: f64,
    /// The cheapest option of each component by reduced cost.
    choice: Vec<usize>,
    reduced: Vec<f64>,
    /// The least reduced cost of each component.
    least: Vec<f64>,
}

fn of<T: Copy>(list: &[T], i: usize, or: T) -> T {
    list.get(i).copied().unwrap_or(or)
}

fn put<T>(list: &mut [T], i: usize, value: T) {
    if let Some(slot) = list.get_mut(i) {
        *slot = value;
    }
}

/// Whether the ascending list `a` holds all of the ascending list `b`.
fn includes(a: &[usize], b: &[usize]) -> bool {
    let mut rest = a.iter();
    b.len() <= a.len() && b.iter().all(|x| rest.any(|y| y == x))
}

impl Presolved {
    /// Whether no choice can be cheaper than the best one found.
    pub fn is_closed(&self) -> bool {
        beaten(self.bound, self.cost)
    }

    /// The cheapest choice found, as flat options.
    pub fn best(&self) -> Option<&[usize]> {
        self.best.as_deref()
    }
}

/// Whether a cost or bound is no improvement on the best cost so far.
fn beaten(x: f64, best: f64) -> bool {
    best.is_finite() && x >= best - SAME * best.abs().max(1e-9)
}

impl Block {
    /// The components `members` of a program with the cuts among them, without dominated options.
    pub fn new(program: &Program, members: &[usize]) -> Self {
        let at: BTreeMap<usize, usize> = members.iter().copied().zip(0..).collect();
        let mut covered: Vec<Vec<Vec<usize>>> =
            members.iter().map(|i| vec![Vec::new(); program.costs.get(*i).map_or(0, Vec::len)]).collect();
        let within = program.cuts.iter().filter(|c| c.iter().all(|(i, _)| at.contains_key(i)));
        let mut cuts = 0;
        for cut in within {
            for (i, ok) in cut {
                let Some(lists) = at.get(i).and_then(|i| covered.get_mut(*i)) else { continue };
                for (list, _) in lists.iter_mut().zip(ok).filter(|(_, ok)| **ok) {
                    list.push(cuts);
                }
            }
            cuts += 1;
        }
        let mut out = Self {
            spans: Vec::new(),
            costs: Vec::new(),
            origin: Vec::new(),
            covers: Vec::new(),
            cuts: vec![Vec::new(); cuts],
            group: Vec::new(),
        };
        for (g, (i, lists)) in members.iter().zip(covered).enumerate() {
            let costs = program.costs.get(*i).map_or(&[][..], Vec::as_slice);
            let from = out.costs.len();
            for k in undominated(costs, &lists) {
                let covers = lists.get(k).cloned().unwrap_or_default();
                for c in &covers {
                    if let Some(list) = out.cuts.get_mut(*c) {
                        list.push(out.costs.len());
                    }
                }
                out.costs.push(of(costs, k, f64::INFINITY));
                out.origin.push(k);
                out.covers.push(covers);
                out.group.push(g);
            }
            out.spans.push((from, out.costs.len()));
        }
        out
    }

    /// Options and their memberships of cuts.
    fn size(&self) -> u64 {
        (self.costs.len() + self.covers.iter().map(Vec::len).sum::<usize>()) as u64
    }

    fn covers(&self, option: usize) -> &[usize] {
        self.covers.get(option).map_or(&[], Vec::as_slice)
    }

    fn cost(&self, choice: &[usize]) -> f64 {
        choice.iter().map(|o| of(&self.costs, *o, f64::INFINITY)).sum()
    }

    /// By how many chosen options each cut is met.
    fn met(&self, choice: &[usize]) -> Vec<usize> {
        let mut met = vec![0; self.cuts.len()];
        for c in choice.iter().flat_map(|o| self.covers(*o)) {
            if let Some(n) = met.get_mut(*c) {
                *n += 1;
            }
        }
        met
    }

    fn holds(&self, choice: &[usize]) -> bool {
        self.met(choice).iter().all(|n| *n > 0)
    }

    /// A choice of the program as flat options: a dominated option becomes the first that
    /// dominates it.
    pub fn flat(&self, program: &Program, members: &[usize], choice: &[usize]) -> Option<Vec<usize>> {
        let mut out = Vec::with_capacity(self.spans.len());
        for (i, (from, to)) in members.iter().zip(&self.spans) {
            let k = *choice.get(*i)?;
            let kept = (*from..*to).find(|o| of(&self.origin, *o, usize::MAX) == k);
            let cost = of(program.costs.get(*i)?, k, f64::INFINITY);
            let dominates = |o: &usize| {
                of(&self.costs, *o, f64::INFINITY) <= cost
                    && program.cuts.iter().flatten().filter(|(g, _)| g == i).all(|(_, ok)| {
                        ok.get(k) != Some(&true) || ok.get(of(&self.origin, *o, usize::MAX)) == Some(&true)
                    })
            };
            out.push(kept.or_else(|| (*from..*to).find(dominates))?);
        }
        Some(out)
    }

    /// A flat choice as option numbers of the program.
    pub fn unflat(&self, choice: &[usize]) -> Vec<usize> {
        choice.iter().map(|o| of(&self.origin, *o, 0)).collect()
    }

    /// The relaxation over the allowed options; `None` if a component has none.
    fn relax(&self, allowed: &[bool], multipliers: &[f64]) -> Option<Relaxed> {
        let reduced: Vec<f64> = self
            .costs
            .iter()
            .zip(&self.covers)
            .map(|(cost, covers)| covers.iter().fold(*cost, |sum, c| sum - of(multipliers, *c, 0.0)))
            .collect();
        let mut out = Relaxed { bound: multipliers.iter().sum(), choice: Vec::new(), reduced, least: Vec::new() };
        for (from, to) in &self.spans {
            let mut best: Option<(usize, f64)> = None;
            for o in (*from..*to).filter(|o| of(allowed, *o, false)) {
                let c = of(&out.reduced, o, f64::INFINITY);
                if best.is_none_or(|(_, b)| c < b) {
                    best = Some((o, c));
                }
            }
            let (o, c) = best?;
            out.bound += c;
            out.choice.push(o);
            out.least.push(c);
        }
        Some(out)
    }

    /// Drops options that leave some cut unmeetable. Returns whether a choice may be left.
    fn propagate(&self, allowed: &mut [bool]) -> bool {
        loop {
            let mut changed = false;
            for cut in &self.cuts {
                let mut can = cut.iter().filter(|o| of(allowed, **o, false)).map(|o| of(&self.group, *o, 0));
                let Some(first) = can.next() else { return false };
                if can.any(|g| g != first) {
                    continue;
                }
                let (from, to) = of(&self.spans, first, (0, 0));
                for o in (from..to).filter(|o| cut.binary_search(o).is_err()) {
                    changed |= of(allowed, o, false);
                    put(allowed, o, false);
                }
            }
            if !changed {
                return self.spans.iter().all(|(from, to)| (*from..*to).any(|o| of(allowed, o, false)));
            }
        }
    }

    /// Mends a choice by the changes that meet the most cuts for their cost, then cheapens it.
    fn repair(&self, choice: &[usize], allowed: &[bool], work: &mut u64) -> Option<Vec<usize>> {
        let mut x = choice.to_vec();
        for _ in 0..4 * x.len() + 8 {
            *work += self.size();
            let met = self.met(&x);
            if met.iter().all(|n| *n > 0) {
                self.cheapen(&mut x, met, allowed, work);
                return Some(x);
            }
            let mut best: Option<(f64, usize, usize)> = None;
            for (i, (from, to)) in self.spans.iter().enumerate() {
                let now = of(&x, i, 0);
                let own = self.covers(now);
                let alone = |c: usize| of(&met, c, 0) == 1 && own.binary_search(&c).is_ok();
                let breaks: f64 = own.iter().filter(|c| alone(**c)).map(|_| BROKEN).sum();
                for o in (*from..*to).filter(|o| *o != now && of(allowed, *o, false)) {
                    let gains = self.covers(o).iter().map(|c| match of(&met, *c, 0) {
                        0 => 1.0,
                        _ if alone(*c) => BROKEN,
                        _ => 0.0,
                    });
                    let gain = gains.sum::<f64>() - breaks;
                    if gain <= 1e-9 {
                        continue;
                    }
                    let dear = (of(&self.costs, o, f64::INFINITY) - of(&self.costs, now, 0.0)).max(0.0) / gain;
                    if best.is_none_or(|(b, ..)| dear < b) {
                        best = Some((dear, i, o));
                    }
                }
            }
            let (_, i, o) = best?;
            put(&mut x, i, o);
        }
        None
    }

    /// Takes cheaper options while every cut stays met, the largest saving first.
    fn cheapen(&self, x: &mut [usize], met: Vec<usize>, allowed: &[bool], work: &mut u64) {
        let mut met = met;
        for _ in 0..2 {
            let mut steps: Vec<(f64, usize, usize)> = Vec::new();
            for (i, (from, to)) in self.spans.iter().enumerate() {
                let cost = of(&self.costs, of(x, i, 0), 0.0);
                let each =
                    (*from..*to).filter(|o| of(allowed, *o, false)).map(|o| (cost - of(&self.costs, o, 0.0), i, o));
                steps.extend(each.filter(|(saved, ..)| *saved > SAME * cost));
            }
            steps.sort_by(|a, b| b.0.total_cmp(&a.0));
            *work += self.size();
            for (_, i, o) in steps {
                let before = of(x, i, 0);
                if of(&self.costs, o, f64::INFINITY) >= of(&self.costs, before, 0.0) {
                    continue;
                }
                let (old, new) = (self.covers(before), self.covers(o));
                if old.iter().any(|c| of(&met, *c, 0) == 1 && new.binary_search(c).is_err()) {
                    continue;
                }
                put(x, i, o);
                for c in old {
                    let n = of(&met, *c, 1);
                    put(&mut met, *c, n - 1);
                }
                for c in new {
                    let n = of(&met, *c, 0);
                    put(&mut met, *c, n + 1);
                }
            }
        }
    }

    /// Bound, incumbent and fixing. `incumbent` is a choice that holds, as flat options.
    pub fn presolve(&self, incumbent: Option<Vec<usize>>) -> Presolved {
        let cost = incumbent.as_ref().map_or(f64::INFINITY, |x| self.cost(x));
        let mut out = Presolved { best: incumbent, cost, bound: 0.0, allowed: vec![true; self.costs.len()], work: 0 };
        if !self.propagate(&mut out.allowed) {
            out.bound = f64::INFINITY;
            return out;
        }
        let Some((top, multipliers)) = self.ascend(&mut out) else {
            out.bound = f64::INFINITY;
            return out;
        };
        out.bound = out.bound.max(top.bound);
        if !out.cost.is_finite() || out.is_closed() {
            return out;
        }
        for ((from, to), least) in self.spans.iter().zip(&top.least) {
            for o in *from..*to {
                if beaten(top.bound + of(&top.reduced, o, f64::INFINITY) - least, out.cost) {
                    put(&mut out.allowed, o, false);
                }
            }
        }
        let left = if self.propagate(&mut out.allowed) { self.relax(&out.allowed, &multipliers) } else { None };
        match left {
            // Nothing that is left is cheaper.
            None => out.bound = out.cost,
            Some(left) => {
                if self.holds(&left.choice) {
                    self.offer(&mut out, &left.choice);
                }
                out.bound = out.bound.max(left.bound);
            }
        }
        out.bound = out.bound.min(out.cost);
        out
    }

    /// Keeps a choice that holds if it is the cheapest so far.
    fn offer(&self, out: &mut Presolved, x: &[usize]) {
        let cost = self.cost(x);
        if !beaten(cost, out.cost) {
            out.best = Some(x.to_vec());
            out.cost = cost;
        }
    }

    /// Raises the bound by subgradient steps. Returns the best relaxation with its multipliers.
    fn ascend(&self, out: &mut Presolved) -> Option<(Relaxed, Vec<f64>)> {
        let mut now = vec![0.0; self.cuts.len()];
        let mut kept = now.clone();
        let mut top: Option<Relaxed> = None;
        let (mut scale, mut stale) = (1.0, 0);
        for step in 0..STEPS {
            out.work += self.size();
            let r = self.relax(&out.allowed, &now)?;
            let better = top.as_ref().is_none_or(|t| r.bound > t.bound + SAME * t.bound.abs());
            if self.holds(&r.choice) {
                self.offer(out, &r.choice);
            } else if step % REPAIR == 0 || better && step + 1 == STEPS {
                let allowed = std::mem::take(&mut out.allowed);
                if let Some(x) = self.repair(&r.choice, &allowed, &mut out.work) {
                    self.offer(out, &x);
                }
                out.allowed = allowed;
            }
            stale = if better { 0 } else { stale + 1 };
            if better {
                kept.clone_from(&now);
            } else if stale >= PATIENCE {
                (scale, stale) = (scale / 2.0, 0);
                now.clone_from(&kept);
            }
            let done = scale < 0.01 || beaten(r.bound, out.cost) || !self.step(&mut now, &r, scale, out.cost);
            if better {
                top = Some(r);
            }
            if done {
                break;
            }
        }
        top.map(|t| (t, kept))
    }

    /// One subgradient step of Polyak's length (1969). Returns `false` at a stationary point.
    fn step(&self, now: &mut [f64], r: &Relaxed, scale: f64, cost: f64) -> bool {
        let lacks = self.met(&r.choice).into_iter().zip(now.iter()).map(|(n, v)| {
            let g = 1.0 - crate::theory::numeric::count(n as u64);
            if g < 0.0 && *v <= 0.0 { 0.0 } else { g }
        });
        let lacks: Vec<f64> = lacks.collect();
        let norm: f64 = lacks.iter().map(|g| g * g).sum();
        if norm <= 0.0 {
            return false;
        }
        let aim = if cost.is_finite() { cost } else { r.bound.abs() * 1.1 + 1.0 };
        let length = scale * (aim - r.bound).max(1e-9 * aim.abs()) / norm;
        now.iter_mut().zip(lacks).for_each(|(v, g)| *v = (*v + length * g).max(0.0));
        true
    }

    /// What presolve leaves open, with the options of the best choice.
    pub fn core(&self, left: &Presolved) -> Core {
        let best = left.best.as_deref().unwrap_or(&[]);
        let mut core = Core { costs: Vec::new(), cuts: Vec::new(), best: None };
        // By flat option: its place in the core.
        let mut place: Vec<Option<(usize, usize)>> = vec![None; self.costs.len()];
        let mut chosen = Vec::new();
        for (i, (from, to)) in self.spans.iter().enumerate() {
            let mut costs = Vec::new();
            for o in (*from..*to).filter(|o| of(&left.allowed, *o, false) || best.get(i) == Some(o)) {
                if best.get(i) == Some(&o) {
                    chosen.push(costs.len());
                }
                put(&mut place, o, Some((i, costs.len())));
                costs.push(of(&self.costs, o, f64::INFINITY));
            }
            core.costs.push(costs);
        }
        let cut = |all: &Vec<usize>| all.iter().filter_map(|o| of(&place, *o, None)).collect();
        core.cuts = self.cuts.iter().map(cut).collect();
        core.best = left.best.as_ref().map(|_| chosen);
        core
    }

    /// A choice of the core as flat options.
    pub fn of_core(&self, left: &Presolved, choice: &[usize]) -> Vec<usize> {
        let best = left.best.as_deref().unwrap_or(&[]);
        let each = self.spans.iter().zip(choice).enumerate().map(|(i, ((from, to), k))| {
            let mut kept = (*from..*to).filter(|o| of(&left.allowed, *o, false) || best.get(i) == Some(o));
            kept.nth(*k).unwrap_or(*from)
        });
        each.collect()
    }
}

/// The options that no other dominates, ascending. Of options that dominate each other the
/// first is kept.
fn undominated(costs: &[f64], covers: &[Vec<usize>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    let many = |k: usize| covers.get(k).map_or(0, Vec::len);
    let cost = |k: usize| of(costs, k, f64::INFINITY);
    order.sort_by(|a, b| cost(*a).total_cmp(&cost(*b)).then(many(*b).cmp(&many(*a))).then(a.cmp(b)));
    let mut kept: Vec<usize> = Vec::new();
    for k in order {
        let own = covers.get(k).map_or(&[][..], Vec::as_slice);
        if !kept.iter().any(|o| includes(covers.get(*o).map_or(&[], Vec::as_slice), own)) {
            kept.push(k);
        }
    }
    kept.sort_unstable();
    kept
}
