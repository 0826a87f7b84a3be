//! The cheapest sizes that meet every constraint at once in at least 95% of samples.
//!
//! In: the design, its samples. Out: sizes, and the samples that they are optimal for. Branch and bound
//! searches the samples to drop: the optimum over a subset of samples bounds every superset from below.
//! Of the samples that the sizes miss, the one with the dearest optimum is dropped or kept. All but 5% of the
//! samples must be kept, so no plan costs less than the quantile of their own optima (Luedtke and Ahmed,
//! "A sample approximation approach for optimization with probabilistic constraints", 2008).
//! Never: more nodes than a fixed number; the rest is the gap.

use super::program::{Proof, Reason};
use super::robust::{Found, Uncertain};
use super::size::size;
use super::sizes::{Sizes, Status};
use super::worst::{SHARE, at_least, holds, key};
use crate::analysis::many;
use crate::model::Model;
use std::collections::{BTreeMap, BTreeSet};

/// Most nodes of the search.
const MOST_NODES: usize = 300;
/// Samples kept at a time once no more may be dropped.
const AT_A_TIME: usize = 3;
/// Costs that differ by less than this share are equal.
const SAME: f64 = 1e-9;

/// A node: samples that must hold, and samples that may be missed.
struct Node {
    kept: BTreeSet<usize>,
    let_go: BTreeSet<usize>,
    bound: f64,
}

struct Search<'a> {
    design: &'a Uncertain,
    load: f64,
    /// The sizes of each sample alone, with the midpoint.
    alone: Vec<Sizes>,
    /// The samples, the dearest first.
    order: Vec<usize>,
    sizes: BTreeMap<BTreeSet<usize>, Sizes>,
    missed: BTreeMap<String, BTreeSet<usize>>,
}

/// How many of `cases` samples may be missed.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
pub(super) fn spare(cases: usize) -> usize {
    cases - (cases as f64 * SHARE - 1e-9).ceil() as usize
}

/// The sizes of a design with samples.
pub(super) fn chance(design: &Uncertain, load: f64, why: bool) -> Found {
    let Uncertain { model, samples, .. } = design;
    let with = |w: &Model| size(model, &[model.clone(), w.clone()], load, false);
    let alone = many(samples, &with);
    let mut order: Vec<usize> = (0..samples.len()).collect();
    let cost = |i: usize| alone.get(i).map_or(0.0, at_least);
    order.sort_by(|a, b| cost(*b).total_cmp(&cost(*a)).then(a.cmp(b)));
    let spare = spare(samples.len());
    let quantile = order.get(spare).map_or(0.0, |i| cost(*i));
    if quantile.is_infinite() {
        // Too many samples are infeasible alone.
        let first = order.get(spare).copied().unwrap_or(0);
        let impossible = alone.iter().filter(|s| s.status == Status::Infeasible).count();
        let mut sizes = alone.get(first).cloned().unwrap_or_else(|| size(model, samples, load, false));
        let all = samples.len();
        sizes.conflict.push(format!("{impossible} of {all} samples are infeasible, and at most {spare} may be"));
        let kept = samples.get(first).cloned().into_iter().collect();
        return Found { sizes, kept, value: None };
    }
    let mut search = Search { design, load, alone, order, sizes: BTreeMap::new(), missed: BTreeMap::new() };
    let (kept, bound) = search.run(spare, quantile);
    let kept: Vec<Model> =
        std::iter::once(model.clone()).chain(kept.iter().filter_map(|i| samples.get(*i).cloned())).collect();
    let mut sizes = size(model, &kept, load, why);
    let least = bound.min(at_least(&sizes)).max(quantile);
    if sizes.status != Status::Infeasible && sizes.cost > 0.0 {
        let gap = (sizes.cost - least) / sizes.cost;
        let others = search.alone.iter().chain(search.sizes.values());
        let milp = others.chain([&sizes]).any(|s| s.proof == Proof::Milp);
        (sizes.status, sizes.proof) = match (gap > SAME, sizes.proof) {
            (true, Proof::Gap(why)) => (Status::WithinGap(gap), Proof::Gap(why)),
            (true, _) => (Status::WithinGap(gap), Proof::Gap(Reason::Limit)),
            (false, _) => (Status::Optimal, if milp { Proof::Milp } else { Proof::Lagrange }),
        };
    }
    Found { sizes, kept, value: None }
}

impl Search<'_> {
    /// The samples to keep, and a bound on the cost of every other plan.
    fn run(&mut self, spare: usize, quantile: f64) -> (BTreeSet<usize>, f64) {
        let impossible = |i: &usize| self.alone.get(*i).is_some_and(|s| s.status == Status::Infeasible);
        let let_go: BTreeSet<usize> = self.order.iter().copied().filter(impossible).collect();
        let mut open = vec![Node { kept: BTreeSet::new(), let_go, bound: 0.0 }];
        let mut best: Option<(f64, BTreeSet<usize>)> = None;
        let mut floor = f64::INFINITY;
        for looked in 0.. {
            let Some(node) = open.pop() else { break };
            let most = best.as_ref().map_or(f64::INFINITY, |(c, _)| c * (1.0 - SAME));
            if node.bound >= most || most <= quantile {
                continue;
            }
            if looked >= MOST_NODES && best.is_some() {
                floor = floor.min(node.bound);
                continue;
            }
            let sizes = self.sizes(&node.kept);
            let bound = at_least(&sizes);
            if bound >= most {
                continue;
            }
            let missed = self.missed(&sizes);
            if missed.len() <= spare {
                floor = floor.min(bound);
                if best.as_ref().is_none_or(|(c, _)| sizes.cost < *c) {
                    best = Some((sizes.cost, node.kept));
                }
                continue;
            }
            let new = |i: &&usize| missed.contains(i) && !node.let_go.contains(i) && !node.kept.contains(i);
            let next: Vec<usize> = self.order.iter().filter(new).take(AT_A_TIME).copied().collect();
            let Some(first) = next.first().copied() else {
                // Rounding: a kept sample is missed. This node has no plan.
                floor = floor.min(bound);
                continue;
            };
            let mut kept = node.kept.clone();
            if node.let_go.len() < spare {
                kept.insert(first);
                let mut let_go = node.let_go.clone();
                let_go.insert(first);
                open.push(Node { kept, let_go: node.let_go, bound });
                open.push(Node { kept: node.kept, let_go, bound });
            } else {
                kept.extend(next);
                open.push(Node { kept, let_go: node.let_go, bound });
            }
        }
        let kept = best.map_or_else(|| (0..self.design.samples.len()).collect(), |(_, kept)| kept);
        (kept, floor)
    }

    fn sizes(&mut self, kept: &BTreeSet<usize>) -> Sizes {
        if let Some(known) = self.sizes.get(kept) {
            return known.clone();
        }
        let Uncertain { model, samples, .. } = self.design;
        let cases: Vec<Model> =
            std::iter::once(model.clone()).chain(kept.iter().filter_map(|i| samples.get(*i).cloned())).collect();
        let sizes = size(model, &cases, self.load, false);
        self.sizes.insert(kept.clone(), sizes.clone());
        sizes
    }

    /// The samples that sizes miss: those whose own optimum is dearer, and those where the sizes fail.
    fn missed(&mut self, sizes: &Sizes) -> BTreeSet<usize> {
        let key = key(&sizes.choices);
        if let Some(known) = self.missed.get(&key) {
            return known.clone();
        }
        let dearer = |i: &usize| self.alone.get(*i).is_some_and(|s| at_least(s) > sizes.cost * (1.0 + SAME));
        let (mut out, asked): (BTreeSet<usize>, BTreeSet<usize>) = (0..self.design.samples.len()).partition(dearer);
        let cases: Vec<Model> = asked.iter().filter_map(|i| self.design.samples.get(*i).cloned()).collect();
        let held = holds(&cases, &sizes.choices, self.load);
        out.extend(asked.iter().zip(held).filter(|(_, held)| !held).map(|(i, _)| *i));
        self.missed.insert(key, out.clone());
        out
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn at_least_19_of_20_are_kept() {
        for (all, spare) in [(1, 0), (19, 0), (20, 1), (39, 1), (40, 2), (100, 5), (200, 10), (201, 10)] {
            assert_eq!(super::spare(all), spare, "{all}");
        }
    }
}
