//! Branch and bound on one block of the selection program.
//!
//! In: components that cuts and rows join. Out: the cheapest choice found, and what every
//! choice costs at least. The bound of a node is that of the Lagrangian relaxation: the cuts
//! and rows it breaks are paid for by multipliers, which subgradients raise (Held, Wolfe and
//! Crowder 1974); each component then takes its cheapest option by reduced cost.
//! Never: more work than it is given.

use super::program::{Program, slack};
use std::collections::BTreeMap;

/// Costs nearer than this share are the same.
const SAME: f64 = 1e-10;
/// Subgradient steps at the root, and at each node below.
const STEPS: (usize, usize) = (240, 14);
/// Steps without a better bound after which they are halved.
const PATIENCE: usize = 8;

/// One component's options: the first in the flat lists, and the one behind the last.
type Span = (usize, usize);

/// A block, its options in flat lists.
pub(super) struct Block {
    spans: Vec<Span>,
    costs: Vec<f64>,
    /// Options that meet each cut, by component.
    cuts: Vec<Vec<(usize, Vec<usize>)>>,
    /// Weights by option, the components in them, and the most.
    rows: Vec<(Vec<(usize, f64)>, f64)>,
}

/// What is still allowed, and the multipliers that bound it.
#[derive(Clone)]
struct Node {
    allowed: Vec<bool>,
    bound: f64,
    on_cuts: Vec<f64>,
    on_rows: Vec<f64>,
}

/// The relaxation at some multipliers.
struct Relaxed {
    bound: f64,
    /// The option of each component, flat.
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

impl Block {
    /// Some components of a program, with the cuts and rows that join them.
    pub fn new(program: &Program, members: &[usize]) -> Self {
        let mut spans = Vec::new();
        let mut costs = Vec::new();
        for i in members {
            let from = costs.len();
            costs.extend(program.costs.get(*i).into_iter().flatten());
            spans.push((from, costs.len()));
        }
        let at: BTreeMap<usize, usize> = members.iter().copied().zip(0..).collect();
        let first = |i: usize| of(&spans, i, (0, 0)).0;
        let here = |i: &usize| at.contains_key(i);
        let mut cuts: Vec<Vec<(usize, Vec<usize>)>> = Vec::new();
        for cut in program.cuts.iter().filter(|c| c.iter().all(|(i, _)| here(i))) {
            let each = cut.iter().filter_map(|(i, ok)| {
                let i = at.get(i).copied()?;
                let ok: Vec<usize> = ok.iter().enumerate().filter(|(_, b)| **b).map(|(k, _)| first(i) + k).collect();
                (!ok.is_empty()).then_some((i, ok))
            });
            cuts.push(each.collect());
        }
        let mut rows = Vec::new();
        for row in program.rows.iter().filter(|r| r.weights.iter().all(|(i, _)| here(i))) {
            let each = row.weights.iter().filter_map(|(i, w)| Some((at.get(i).copied()?, w)));
            let flat = each.flat_map(|(i, w)| w.iter().enumerate().map(move |(k, w)| (first(i) + k, *w)));
            let mut flat: Vec<(usize, f64)> = flat.collect();
            flat.sort_by_key(|(o, _)| *o);
            // In units of the heaviest: multipliers of all rows are alike then.
            let unit = flat.iter().map(|(_, w)| w.abs()).fold(f64::MIN_POSITIVE, f64::max);
            rows.push((flat.into_iter().map(|(o, w)| (o, w / unit)).collect(), (row.most + slack(row.most)) / unit));
        }
        Self { spans, costs, cuts, rows }
    }

    /// Coefficients of cuts and rows.
    fn size(&self) -> usize {
        let cuts = self.cuts.iter().flatten().map(|(_, ok)| ok.len()).sum::<usize>();
        self.costs.len() + cuts + self.rows.iter().map(|(w, _)| w.len()).sum::<usize>()
    }

    fn cost(&self, choice: &[usize]) -> f64 {
        choice.iter().map(|o| of(&self.costs, *o, f64::INFINITY)).sum()
    }

    fn meets(choice: &[usize], cut: &[(usize, Vec<usize>)]) -> bool {
        cut.iter().any(|(i, ok)| choice.get(*i).is_some_and(|o| ok.binary_search(o).is_ok()))
    }

    fn holds(&self, choice: &[usize]) -> bool {
        self.cuts.iter().all(|c| Self::meets(choice, c)) && self.rows.iter().all(|r| Self::weight(choice, r) <= r.1)
    }

    /// The sum of a row.
    fn weight(choice: &[usize], (weights, _): &(Vec<(usize, f64)>, f64)) -> f64 {
        // Both are in the order of the options.
        let mut chosen = choice.iter().peekable();
        let mut sum = 0.0;
        for (o, w) in weights {
            while chosen.peek().is_some_and(|c| *c < o) {
                chosen.next();
            }
            if chosen.peek() == Some(&o) {
                sum += w;
            }
        }
        sum
    }

    /// The cheapest by reduced cost.
    fn relax(&self, node: &Node) -> Option<Relaxed> {
        let mut reduced = self.costs.clone();
        let mut bound = 0.0;
        for (cut, v) in self.cuts.iter().zip(&node.on_cuts).filter(|(_, v)| **v > 0.0) {
            bound += v;
            for o in cut.iter().flat_map(|(_, ok)| ok) {
                if let Some(c) = reduced.get_mut(*o) {
                    *c -= v;
                }
            }
        }
        for ((weights, most), m) in self.rows.iter().zip(&node.on_rows).filter(|(_, m)| **m > 0.0) {
            bound -= m * most;
            for (o, w) in weights {
                if let Some(c) = reduced.get_mut(*o) {
                    *c += m * w;
                }
            }
        }
        let mut choice = Vec::with_capacity(self.spans.len());
        let mut least = Vec::with_capacity(self.spans.len());
        for (from, to) in &self.spans {
            let mut best: Option<(usize, f64)> = None;
            for o in (*from..*to).filter(|o| of(&node.allowed, *o, false)) {
                let c = of(&reduced, o, f64::INFINITY);
                if best.is_none_or(|(_, b)| c < b) {
                    best = Some((o, c));
                }
            }
            let (o, c) = best?;
            bound += c;
            choice.push(o);
            least.push(c);
        }
        Some(Relaxed { bound, choice, reduced, least })
    }

    /// Drops options that cuts and rows leave no room for; whether anything is left.
    fn propagate(&self, allowed: &mut [bool]) -> bool {
        for _ in 0..8 {
            let mut changed = false;
            for cut in &self.cuts {
                let mut can = cut.iter().filter(|(_, ok)| ok.iter().any(|o| of(allowed, *o, false)));
                let (Some((i, ok)), None) = (can.next(), can.next()) else {
                    if cut.iter().all(|(_, ok)| ok.iter().all(|o| !of(allowed, *o, false))) {
                        return false;
                    }
                    continue;
                };
                let (from, to) = of(&self.spans, *i, (0, 0));
                for o in (from..to).filter(|o| ok.binary_search(o).is_err()) {
                    changed |= of(allowed, o, false);
                    put(allowed, o, false);
                }
            }
            for row in &self.rows {
                let least = self.least(row, allowed);
                let sum: f64 = least.iter().map(|(_, w)| w).sum();
                if sum > row.1 {
                    return false;
                }
                let room = row.1 - sum;
                let mut next = least.iter().peekable();
                for (o, w) in &row.0 {
                    while next.peek().is_some_and(|((_, to), _)| o >= to) {
                        next.next();
                    }
                    let Some((_, w0)) = next.peek() else { break };
                    if of(allowed, *o, false) && w - w0 > room {
                        put(allowed, *o, false);
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }
        self.spans.iter().all(|(from, to)| (*from..*to).any(|o| of(allowed, o, false)))
    }

    /// The least weight of each component in a row.
    fn least(&self, (weights, _): &(Vec<(usize, f64)>, f64), allowed: &[bool]) -> Vec<(Span, f64)> {
        let mut out: Vec<(Span, f64)> = Vec::new();
        let mut spans = self.spans.iter().copied().peekable();
        for (o, w) in weights {
            while spans.peek().is_some_and(|(_, to)| o >= to) {
                spans.next();
            }
            let Some(span) = spans.peek().copied() else { break };
            if out.last().is_none_or(|(s, _)| *s != span) {
                out.push((span, f64::INFINITY));
            }
            if let Some((_, least)) = out.last_mut().filter(|_| of(allowed, *o, false)) {
                *least = least.min(*w);
            }
        }
        out
    }

    /// A choice made to hold by the cheapest changes, then made cheaper where it still holds.
    fn repair(&self, choice: &[usize], allowed: &[bool], work: &mut u64) -> Option<Vec<usize>> {
        let mut x = choice.to_vec();
        for _ in 0..4 * x.len() + 8 {
            *work += self.size() as u64;
            if self.holds(&x) {
                self.cheapen(&mut x, allowed, work);
                return Some(x);
            }
            let mut best: Option<(f64, usize, usize)> = None;
            for (i, (from, to)) in self.spans.iter().enumerate() {
                let now = of(&x, i, 0);
                let gains = self.gains(&x, i, now, (*from, *to));
                for (o, gain) in (*from..*to).zip(gains) {
                    if o == now || !of(allowed, o, false) || gain <= 1e-9 {
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

    /// By how much each option of a component would lessen what is broken: a cut counts one,
    /// a row the share of its excess.
    fn gains(&self, x: &[usize], i: usize, now: usize, (from, to): Span) -> Vec<f64> {
        let mut gains = vec![0.0; to - from];
        let mut add = |o: usize, by: f64| {
            if let Some(g) = o.checked_sub(from).and_then(|k| gains.get_mut(k)) {
                *g += by;
            }
        };
        for cut in &self.cuts {
            let Some((_, ok)) = cut.iter().find(|(k, _)| *k == i) else { continue };
            let others = cut.iter().any(|(k, ok)| *k != i && x.get(*k).is_some_and(|o| ok.binary_search(o).is_ok()));
            if others {
                continue;
            }
            let loses = ok.binary_search(&now).is_ok();
            if loses {
                (from..to).filter(|o| ok.binary_search(o).is_err()).for_each(|o| add(o, -10.0));
            } else {
                for o in ok {
                    add(*o, 1.0);
                }
            }
        }
        for row in &self.rows {
            let Some((_, w0)) = row.0.iter().find(|(o, _)| *o == now) else { continue };
            let excess = Self::weight(x, row) - row.1;
            for (o, w) in row.0.iter().filter(|(o, _)| (from..to).contains(o)) {
                if excess > 0.0 {
                    add(*o, ((w0 - w) / excess).min(1.0));
                } else if w - w0 > -excess {
                    add(*o, -10.0);
                }
            }
        }
        gains
    }

    /// Cheaper options, one component at a time, the greatest saving first.
    fn cheapen(&self, x: &mut [usize], allowed: &[bool], work: &mut u64) {
        for _ in 0..2 {
            let mut steps: Vec<(f64, usize, usize)> = Vec::new();
            for (i, (from, to)) in self.spans.iter().enumerate() {
                let cost = of(&self.costs, of(x, i, 0), 0.0);
                let each =
                    (*from..*to).filter(|o| of(allowed, *o, false)).map(|o| (cost - of(&self.costs, o, 0.0), i, o));
                steps.extend(each.filter(|(saved, ..)| *saved > SAME * cost));
            }
            steps.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (_, i, o) in steps {
                let before = of(x, i, 0);
                if of(&self.costs, o, f64::INFINITY) >= of(&self.costs, before, 0.0) {
                    continue;
                }
                put(x, i, o);
                *work += self.size() as u64;
                if !self.holds(x) {
                    put(x, i, before);
                }
            }
        }
    }
}

/// The search, and what it has found.
pub(super) struct Search {
    block: Block,
    most: u64,
    /// Coefficients looked at so far.
    pub work: u64,
    /// Only what is cheaper than this is looked for.
    below: f64,
    best: Option<Vec<usize>>,
}

impl Search {
    /// A search for what costs less than so much, that may look at so many coefficients.
    pub fn new(block: Block, below: f64, most: u64) -> Self {
        Self { block, most, work: 0, below, best: None }
    }

    /// The cheapest choice found, and the bound.
    pub fn run(&mut self) -> (Option<Vec<usize>>, f64) {
        let n = self.block.costs.len();
        let (cuts, rows) = (self.block.cuts.len(), self.block.rows.len());
        let root = Node { allowed: vec![true; n], bound: 0.0, on_cuts: vec![0.0; cuts], on_rows: vec![0.0; rows] };
        // Nodes to be looked at, the least bound first, then the oldest.
        let mut open: BTreeMap<(u64, usize), Node> = BTreeMap::new();
        let mut count = 0;
        let mut next = Some(root);
        while let Some(node) = next.take().or_else(|| open.pop_first().map(|(_, n)| n)) {
            if self.beaten(node.bound) {
                // All others have no lesser bound, unless this one was dived into.
                continue;
            }
            if self.work > self.most {
                let rest = open.first_key_value().map_or(f64::INFINITY, |(_, n)| n.bound);
                let bound = node.bound.min(rest).min(self.cost());
                return (self.choice(), bound);
            }
            let steps = if count == 0 { STEPS.0 } else { STEPS.1 };
            count += 1;
            let Some((node, x)) = self.tighten(node, steps) else { continue };
            let Some((a, b)) = self.branch(&node, &x) else { continue };
            count += 1;
            next = Some(a);
            open.insert((b.bound.max(0.0).to_bits(), count), b);
        }
        (self.choice(), self.cost())
    }

    fn cost(&self) -> f64 {
        self.below
    }

    /// The best choice, counted within each component.
    fn choice(&self) -> Option<Vec<usize>> {
        let x = self.best.as_ref()?;
        Some(x.iter().zip(&self.block.spans).map(|(o, (from, _))| o - from).collect())
    }

    fn beaten(&self, bound: f64) -> bool {
        let cost = self.cost();
        cost.is_finite() && bound >= cost - SAME * cost.abs().max(1e-9)
    }

    fn offer(&mut self, x: &[usize]) {
        let cost = self.block.cost(x);
        if !self.beaten(cost) {
            self.best = Some(x.to_vec());
            self.below = cost;
        }
    }

    /// Raises the bound of a node and drops what cannot be better than the best; nothing if
    /// that is all of it. With the relaxation that is left.
    fn tighten(&mut self, node: Node, steps: usize) -> Option<(Node, Relaxed)> {
        let mut node = node;
        let size = self.block.size() as u64;
        if !self.block.propagate(&mut node.allowed) {
            return None;
        }
        let mut now = node.clone();
        let mut top: Option<Relaxed> = None;
        let (mut scale, mut stale) = (1.0, 0);
        for step in 0..steps {
            self.work += size;
            let r = self.block.relax(&now)?;
            let better = top.as_ref().is_none_or(|t| r.bound > t.bound + SAME * t.bound.abs());
            if self.block.holds(&r.choice) {
                self.offer(&r.choice);
            } else if step % 20 == 0 && (self.best.is_none() || steps > STEPS.1) || better && step + 1 == steps {
                let repaired = self.block.repair(&r.choice, &node.allowed, &mut self.work);
                if let Some(x) = &repaired {
                    self.offer(x);
                }
            }
            stale = if better { 0 } else { stale + 1 };
            if better {
                node.on_cuts.clone_from(&now.on_cuts);
                node.on_rows.clone_from(&now.on_rows);
            } else if stale >= PATIENCE {
                (scale, stale) = (scale / 2.0, 0);
                now.on_cuts.clone_from(&node.on_cuts);
                now.on_rows.clone_from(&node.on_rows);
            }
            let done = scale < 0.01 || self.beaten(r.bound) || !self.step(&mut now, &r, scale);
            if better {
                top = Some(r);
            }
            if done {
                break;
            }
        }
        let top = top?;
        node.bound = node.bound.max(top.bound);
        if self.beaten(node.bound) {
            return None;
        }
        let cost = self.cost();
        for ((from, to), least) in self.block.spans.iter().zip(&top.least) {
            for o in *from..*to {
                let above = of(&top.reduced, o, f64::INFINITY) - least;
                if cost.is_finite() && top.bound + above >= cost - SAME * cost {
                    put(&mut node.allowed, o, false);
                }
            }
        }
        if !self.block.propagate(&mut node.allowed) {
            return None;
        }
        let left = self.block.relax(&node)?;
        if self.block.holds(&left.choice) {
            self.offer(&left.choice);
        }
        node.bound = node.bound.max(left.bound);
        (!self.beaten(node.bound)).then_some((node, left))
    }

    /// One step along the subgradient, as long as Polyak (1969) has it; whether there is one.
    fn step(&self, node: &mut Node, r: &Relaxed, scale: f64) -> bool {
        let on_cuts: Vec<f64> = self
            .block
            .cuts
            .iter()
            .zip(&node.on_cuts)
            .map(|(cut, v)| {
                let met = cut.iter().filter(|(i, ok)| r.choice.get(*i).is_some_and(|o| ok.binary_search(o).is_ok()));
                let g = 1.0 - crate::theory::numeric::count(met.count() as u64);
                if g < 0.0 && *v <= 0.0 { 0.0 } else { g }
            })
            .collect();
        let on_rows: Vec<f64> = self
            .block
            .rows
            .iter()
            .zip(&node.on_rows)
            .map(|(row, m)| {
                let g = Block::weight(&r.choice, row) - row.1;
                if g < 0.0 && *m <= 0.0 { 0.0 } else { g }
            })
            .collect();
        let norm: f64 = on_cuts.iter().chain(&on_rows).map(|g| g * g).sum();
        if norm <= 0.0 {
            return false;
        }
        let cost = self.cost();
        let aim = if cost.is_finite() { cost } else { r.bound.abs() * 1.1 + 1.0 };
        let length = scale * (aim - r.bound).max(1e-9 * aim.abs()) / norm;
        let along =
            |all: &mut [f64], gs: &[f64]| all.iter_mut().zip(gs).for_each(|(v, g)| *v = (*v + length * g).max(0.0));
        along(&mut node.on_cuts, &on_cuts);
        along(&mut node.on_rows, &on_rows);
        true
    }

    /// Two nodes that are one together: the one to look into first comes first.
    fn branch(&self, node: &Node, r: &Relaxed) -> Option<(Node, Node)> {
        let allowed = |o: &usize| of(&node.allowed, *o, false);
        let broken = self.block.cuts.iter().filter(|cut| !Block::meets(&r.choice, cut));
        let can = |cut: &Vec<(usize, Vec<usize>)>| cut.iter().filter(|(_, ok)| ok.iter().any(allowed)).count();
        if let Some(cut) = broken.min_by_key(|cut| can(cut)) {
            // The member that is cheapest to have meet it.
            let regret = |i: usize, ok: &[usize]| {
                let least = ok.iter().filter(|o| allowed(o)).map(|o| of(&r.reduced, *o, f64::INFINITY));
                least.fold(f64::INFINITY, f64::min) - of(&r.least, i, 0.0)
            };
            let members = cut.iter().filter(|(_, ok)| ok.iter().any(allowed));
            let (i, ok) = members.min_by(|a, b| regret(a.0, &a.1).total_cmp(&regret(b.0, &b.1)))?;
            return self.split(node, *i, &|o| ok.binary_search(&o).is_ok());
        }
        for row in &self.block.rows {
            if Block::weight(&r.choice, row) <= row.1 {
                continue;
            }
            let least = self.block.least(row, &node.allowed);
            let chosen = row.0.iter().filter(|(o, _)| r.choice.binary_search(o).is_ok());
            let excess = chosen.zip(&least).map(|((o, w), (_, least))| (*o, *w, w - least));
            let (o, w, _) = excess.max_by(|a, b| a.2.total_cmp(&b.2))?;
            let i = r.choice.iter().position(|c| *c == o)?;
            let lighter = |o: usize| row.0.iter().any(|(k, v)| *k == o && *v < w);
            return self.split(node, i, &lighter);
        }
        // It holds, and is the best of this node unless a component could be cheaper.
        let saving = |i: usize, o: usize| {
            let (from, to) = of(&self.block.spans, i, (0, 0));
            let least = (from..to).filter(allowed).map(|o| of(&self.block.costs, o, f64::INFINITY));
            of(&self.block.costs, o, 0.0) - least.fold(f64::INFINITY, f64::min)
        };
        let each = r.choice.iter().enumerate().map(|(i, o)| (i, *o, saving(i, *o))).filter(|(.., s)| *s > 0.0);
        let (i, o, _) = each.max_by(|a, b| a.2.total_cmp(&b.2))?;
        let cost = of(&self.block.costs, o, 0.0);
        self.split(node, i, &|o| of(&self.block.costs, o, f64::INFINITY) < cost)
    }

    /// A node with some options of a component alone, and one with its others.
    fn split(&self, node: &Node, i: usize, first: &dyn Fn(usize) -> bool) -> Option<(Node, Node)> {
        let (from, to) = self.block.spans.get(i)?;
        let (mut a, mut b) = (node.clone(), node.clone());
        for o in *from..*to {
            put(if first(o) { &mut b.allowed } else { &mut a.allowed }, o, false);
        }
        Some((a, b))
    }
}
