//! Sizes by their cost over several cases: the least mean cost, or the least maximum regret.
//!
//! In: the design, the cases that must hold, the cases that are priced. Out: sizes, their value, a bound on
//! the value of every plan. Candidates are the cheapest plan at each case's prices and at the midpoint's, then
//! plans that differ from the best in one value, while that helps. The mean of the least costs bounds every mean
//! cost ("wait and see", Madansky 1960); the largest extra cost that a case forces bounds every maximum regret.
//! If the best candidate meets the bound, it is proven; else both are reported. Provisioned prices are
//! equal in all cases, so bound and value coincide there. Never: a plan that misses a constraint.

use super::options::words;
use super::robust::{Found, Uncertain};
use super::size::size;
use super::sizes::{Sizes, Status};
use super::worst::{at_least, fixed, holds, key, worst};
use crate::analysis::many;
use crate::model::{Choices, Chosen, Hole, Model};
use std::collections::{BTreeMap, BTreeSet};

/// Most candidates priced in all cases.
const MOST: usize = 12;
/// Most neighbors of the best candidate that are priced.
const MOST_BESIDE: usize = 120;
/// Values that differ by less are equal.
const SAME: f64 = 1e-6;

/// The least mean cost over the samples.
pub(super) fn expected(design: &Uncertain, load: f64, why: bool) -> Found {
    let must = vec![design.model.clone()];
    let value = |cost: &[f64], _: &[f64]| cost.iter().sum::<f64>() / crate::theory::numeric::count(cost.len() as u64);
    judged(design, must, &design.samples, None, &value, load, why)
}

/// The least maximum regret over the ends and the midpoint.
pub(super) fn regret(design: &Uncertain, load: f64, why: bool) -> Found {
    let found = worst(design, load, false);
    if found.sizes.status == Status::Infeasible {
        return found;
    }
    let most = 1 << crate::analysis::MAX_LATENCY_CORNERS;
    let ends = if design.ends.len() <= most { &design.ends } else { &found.kept };
    let paid: Vec<Model> = std::iter::once(&design.model).chain(ends).cloned().collect();
    let own = many(&paid, &|w: &Model| size(w, std::slice::from_ref(w), load, false).cost);
    let value = |cost: &[f64], own: &[f64]| cost.iter().zip(own).map(|(c, o)| c - o).fold(0.0, f64::max);
    judged(design, found.kept, &paid, Some(&own), &value, load, why)
}

/// Value of a plan: from its cost in each case and the cost of the best plan for that case alone.
type Value<'a> = &'a dyn Fn(&[f64], &[f64]) -> f64;

/// The best of the candidates.
fn judged(
    design: &Uncertain,
    must: Vec<Model>,
    paid: &[Model],
    own: Option<&[f64]>,
    value: Value<'_>,
    load: f64,
    why: bool,
) -> Found {
    let base = size(&design.model, &must, load, why);
    if base.status == Status::Infeasible {
        return Found { sizes: base, kept: must, value: None };
    }
    let own = own.unwrap_or(&[]);
    let each = many(paid, &|w: &Model| size(w, &must, load, false));
    let bound = value(&each.iter().map(at_least).collect::<Vec<_>>(), own);
    let mut candidates: BTreeMap<String, &Choices> = BTreeMap::new();
    for sizes in &each {
        if candidates.len() < MOST {
            candidates.insert(key(&sizes.choices), &sizes.choices);
        }
    }
    let of = |choices: &Choices| value(&prices(choices, &must, paid, &each, load), own);
    let (mut best, mut least) = (base.choices.clone(), of(&base.choices));
    candidates.remove(&key(&base.choices));
    for choices in candidates.into_values() {
        let x = of(choices);
        if x < least - SAME {
            (best, least) = (choices.clone(), x);
        }
    }
    // The best plan may be the cheapest of no case: try neighbors of the best so far.
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while bound < least - SAME {
        let new = beside(&design.model, &best).into_iter().filter(|c| seen.len() < MOST_BESIDE && seen.insert(key(c)));
        let kept: Vec<Choices> = new.filter(|c| holds(&must, c, load).into_iter().all(|h| h)).collect();
        let priced = kept.into_iter().map(|c| (of(&c), c)).min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((x, choices)) = priced.filter(|(x, _)| *x < least - SAME) else { break };
        (best, least) = (choices, x);
    }
    let sizes = if best == base.choices { base.clone() } else { instead(design, &best, &base, &must, load) };
    Found { sizes, kept: must, value: Some((least, bound.min(least))) }
}

/// Neighbors: plans that differ in one value, by one step or by another entry of its list.
fn beside(model: &Model, plan: &Choices) -> Vec<Choices> {
    let mut out = Vec::new();
    for (name, choice) in plan {
        let Some(c) = model.find(name).map(|id| model.component(id)) else { continue };
        for (attr, hole) in c.holes() {
            let others: Vec<Chosen> = match (&hole, choice.get(attr)) {
                (Hole::OneOf(all), _) => all.iter().cloned().map(Chosen::Name).collect(),
                (Hole::Among(all), _) => all.iter().copied().map(Chosen::Count).collect(),
                (_, Some(Chosen::Count(n))) if attr != "memory" => {
                    [n - 1.0, n + 1.0].into_iter().filter(|n| *n >= 1.0).map(Chosen::Count).collect()
                }
                _ => Vec::new(),
            };
            for other in others.into_iter().filter(|o| hole.allows(o) && choice.get(attr) != Some(o)) {
                let mut plan = plan.clone();
                plan.entry(name.clone()).or_default().insert(attr.to_owned(), other);
                out.push(plan);
            }
        }
    }
    out
}

/// Cost of a plan in each case, as sizing counts it.
fn prices(choices: &Choices, must: &[Model], paid: &[Model], each: &[Sizes], load: f64) -> Vec<f64> {
    let closed: Vec<Model> = must.first().map(|w| fixed(w, choices)).into_iter().collect();
    let pairs: Vec<(&Model, &Sizes)> = paid.iter().zip(each).collect();
    many(&pairs, &|(case, cheapest): &(&Model, &Sizes)| {
        if cheapest.choices == *choices {
            cheapest.cost
        } else {
            size(&fixed(case, choices), &closed, load, false).cost
        }
    })
}

/// The sizes of a plan that is not the cheapest at the midpoint; the reasons name the cheapest there.
fn instead(design: &Uncertain, choices: &Choices, base: &Sizes, must: &[Model], load: f64) -> Sizes {
    let closed: Vec<Model> = must.iter().map(|w| fixed(w, choices)).collect();
    let mut out = size(&fixed(&design.model, choices), &closed, load, true);
    for (name, why) in &mut out.why {
        let (mine, other) = (choices.get(name), base.choices.get(name));
        why.binding.clear();
        if let Some(other) = other.filter(|o| mine != Some(*o)) {
            let other = words(other);
            why.binding
                .push(format!("{other} would cost least in the middle of the intervals, and more over all cases"));
        }
    }
    out
}
