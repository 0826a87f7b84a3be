//! The ladder: the load to advise on, the steps to try, the step to advise.
//!
//! In: a design, a multiple of its load or none. Out: the [`Advice`]. The first feasible step is
//! advised; if all feasible steps exceed the budget, the cheapest of them. If no step is feasible
//! alone, some are tried together. All work is bounded: nine steps, a hit ratio in eight
//! bisections, and a fixed number of solved variables. A step beyond that bound is reported as not
//! tried. Never: a rule of thumb.

use super::draft::Draft;
use super::failed_checks::CheckClass;
use super::judged_draft::{JudgedDraft, Source};
use super::limiting::limiting;
use super::steps::{At, Step, writes_alone};
use super::trial::{Base, money};
use super::{Advice, Money, Proposal, Rung, StepVerdict};
use crate::analysis::{Facts, Next, limits};
use crate::model::{Choices, Chosen, Hole, Model};
use std::cell::Cell;

/// Load multiples to try if no check fails.
const LOADS: [f64; 4] = [2.0, 3.0, 5.0, 10.0];
/// Steps to try together if no step is feasible alone, in this order.
const TOGETHER: [&[Step]; 4] = [
    &[Step::Cache, Step::Copies],
    &[Step::Cache, Step::Shards],
    &[Step::Cache, Step::Copies, Step::Shards],
    &[Step::Cdn, Step::Cache, Step::Copies, Step::Shards],
];
/// The highest hit ratio of a new cache, in percent.
const MOST_HIT: u32 = 99;
/// A common hit ratio of caches, in percent: shown next to the least one that pays.
const USUAL_HIT: u32 = 90;
/// Most variables solved for one advice, over all trials; a running search is finished.
const MOST_HOLES: usize = 600;
/// The least saving, as a share, for which combined steps are reported.
const CHEAPER: f64 = 0.98;

/// Advice for a design at a multiple of its load; by default at the first of 1, 2, 3, 5, 10 at
/// which a check fails.
///
/// # Errors
/// The design cannot be read again; the caller has read it before.
pub fn advise(source: &Source, at: Option<f64>) -> Result<Advice, String> {
    let text = source.files.first().map(|f| f.text.clone()).ok_or("the design has no file")?;
    let draft = source.draft(&text)?;
    let (choices, conflict) = filled(source, &draft);
    let fails = |s: &JudgedDraft| s.failed.iter().any(|m| m.class == CheckClass::Load);
    let mut load = at.unwrap_or(1.0);
    let mut state = source.judge(&draft, choices.clone(), load);
    let mut first = None;
    if !fails(&state) && at.is_none() {
        let here = (state.model.clone(), state.facts.clone());
        for next in LOADS {
            let there = source.judge(&draft, choices.clone(), next);
            if fails(&there) {
                (load, state) = (next, there);
                break;
            }
        }
        if !fails(&state) {
            first = first_break(&here.0, &here.1, 1.0);
        }
    } else if !fails(&state) {
        first = first_break(&state.model, &state.facts, load);
    }
    let found = limiting(&state, load);
    let named = found.iter().map(|p| (state.model.component(p.id).name.clone(), p.why.clone())).collect();
    let mut out = Advice {
        load,
        failed: state.failed.clone(),
        open: state.open.clone(),
        limiting: named,
        cost: money(&state),
        rungs: Vec::new(),
        chosen: None,
        cheaper: Vec::new(),
        first,
    };
    if !fails(&state) {
        return Ok(out);
    }
    let base = Base { source, draft, state, limiting: found, load, left: Cell::new(MOST_HOLES) };
    base.climb(&mut out, conflict.as_deref());
    Ok(out)
}

/// The first limit, as a multiple of the design's load.
fn first_break(model: &Model, facts: &Facts, load: f64) -> Option<Next> {
    let next = limits(model, facts, load).next.into_iter().find(|n| n.at > 0.0 && n.at.is_finite())?;
    Some(Next { at: next.at * load, ..next })
}

/// The values of the design's variables: from its plan, or solved for its own load. If none are
/// feasible, the least values, so that limiting components show, and the reason.
fn filled(source: &Source, draft: &Draft) -> (Choices, Option<Vec<String>>) {
    match source.solve(draft, &source.plan, 1.0) {
        Ok(choices) => (choices, None),
        Err(conflict) => {
            let mut out = source.plan.clone();
            for (_, c) in draft.model.all() {
                for (attr, hole) in c.holes() {
                    let least = match (&hole, hole.least()) {
                        (Hole::OneOf(names), _) => Chosen::Name(names.first().cloned().unwrap_or_default()),
                        (_, least) => Chosen::Count(least.unwrap_or(1.0).max(1.0)),
                    };
                    if hole.allows(&least) {
                        out.entry(c.name.clone()).or_default().entry(attr.to_owned()).or_insert(least);
                    }
                }
            }
            (out, Some(conflict))
        }
    }
}

impl Base<'_> {
    fn climb(&self, out: &mut Advice, conflict: Option<&[String]>) {
        for step in Step::LADDER {
            if step == Step::Sizes {
                if self.draft.model.has_holes() {
                    let known = conflict.map(<[String]>::to_vec).filter(|_| (self.load - 1.0).abs() < f64::EPSILON);
                    let outcome = known.map_or_else(|| self.attempt(&[step], 0.0), StepVerdict::Infeasible);
                    out.rungs.push(Rung { steps: vec![step], outcome });
                }
            } else {
                let outcome = self.rung(&[step]);
                out.rungs.push(Rung { steps: vec![step], outcome });
            }
            if matches!(out.rungs.last().map(|r| &r.outcome), Some(StepVerdict::Feasible(_))) {
                break;
            }
        }
        out.chosen = best(&out.rungs);
        if out.chosen.is_none() {
            let applies = |s: &Step| {
                let rung = out.rungs.iter().find(|r| r.steps == [*s]);
                rung.is_some_and(|r| matches!(r.outcome, StepVerdict::Infeasible(_)))
            };
            let mut sets: Vec<Vec<Step>> = Vec::new();
            for all in TOGETHER {
                let some: Vec<Step> = all.iter().copied().filter(applies).collect();
                if some.len() > 1 && !sets.contains(&some) {
                    sets.push(some);
                }
            }
            for steps in sets {
                let outcome = self.rung(&steps);
                let holds = matches!(outcome, StepVerdict::Feasible(_));
                out.rungs.push(Rung { steps, outcome });
                if holds {
                    break;
                }
            }
            out.chosen = best(&out.rungs);
        }
        out.cheaper = self.cheaper(out);
    }

    /// Combined steps, with the reason why a cache or replicas are not enough.
    fn rung(&self, steps: &[Step]) -> StepVerdict {
        match self.found(steps) {
            StepVerdict::Infeasible(mut why) if matches!(steps, [Step::Cache | Step::Copies]) => {
                let at = At { draft: &self.draft, state: &self.state, limiting: &self.limiting, hit: 0.0 };
                why.extend(writes_alone(&at));
                StepVerdict::Infeasible(why)
            }
            other => other,
        }
    }

    /// Combined steps, with the least feasible hit ratio if a step adds a cache or CDN.
    fn found(&self, steps: &[Step]) -> StepVerdict {
        if self.left.get() == 0 {
            return StepVerdict::Unknown(
                "not tried: the steps before it took all the work that one advice may take".to_owned(),
            );
        }
        if !steps.iter().any(|s| s.answers()) {
            return self.attempt(steps, 0.0);
        }
        let most = self.attempt(steps, share(MOST_HIT));
        let within = match &most {
            StepVerdict::Feasible(_) => true,
            StepVerdict::OverBudget(..) => false,
            _ => return most,
        };
        let does = |o: &StepVerdict| match o {
            StepVerdict::Feasible(_) => true,
            StepVerdict::OverBudget(..) => !within,
            _ => false,
        };
        least(most, &does, &|percent| self.attempt(steps, share(percent)))
    }

    /// Cheaper alternatives to the advised step: a later step alone, or that step combined with an
    /// earlier cache or CDN.
    fn cheaper(&self, out: &Advice) -> Vec<Rung> {
        let Some(chosen) = out.chosen.and_then(|i| out.rungs.get(i)) else { return Vec::new() };
        let ([step], Some(p)) = (chosen.steps.as_slice(), chosen.proposal()) else { return Vec::new() };
        let limit = spent(&p.cost) * CHEAPER;
        let does = |o: &StepVerdict| match (o, &chosen.outcome) {
            (StepVerdict::Feasible(p), _) | (StepVerdict::OverBudget(p, _), StepVerdict::OverBudget(..)) => {
                spent(&p.cost) < limit
            }
            _ => false,
        };
        let tried =
            |s: Step| out.rungs.iter().any(|r| r.steps == [s] && matches!(r.outcome, StepVerdict::Infeasible(_)));
        let mut sets: Vec<Vec<Step>> = Vec::new();
        if *step > Step::Cache {
            sets.extend([Step::Cdn, Step::Cache].into_iter().filter(|s| tried(*s)).map(|s| vec![s, *step]));
        }
        // Tried steps have a verdict; variables of the design itself always come first.
        let later = Step::LADDER.into_iter().filter(|s| s > step && *s <= Step::Shards && *step != Step::Sizes);
        sets.extend(later.filter(|s| out.rungs.iter().all(|r| r.steps != [*s])).map(|s| vec![s]));
        let mut found: Option<(f64, Vec<Rung>)> = None;
        for steps in sets {
            let all = self.cheap(&steps, &does);
            let cost = all.iter().map(cost).fold(f64::INFINITY, f64::min);
            if cost.is_finite() && found.as_ref().is_none_or(|(best, _)| cost < *best) {
                found = Some((cost, all));
            }
        }
        found.map(|(_, all)| all).unwrap_or_default()
    }

    /// Feasible steps, with the least feasible hit ratio and a common one.
    fn cheap(&self, steps: &[Step], does: &dyn Fn(&StepVerdict) -> bool) -> Vec<Rung> {
        if self.left.get() == 0 {
            return Vec::new();
        }
        let rung = |outcome| Rung { steps: steps.to_vec(), outcome };
        let at = |percent| self.attempt(steps, share(percent));
        if !steps.iter().any(|s| s.answers()) {
            let outcome = at(0);
            return if does(&outcome) { vec![rung(outcome)] } else { Vec::new() };
        }
        let most = at(MOST_HIT);
        if !does(&most) {
            return Vec::new();
        }
        let mut all = vec![rung(least(most, does, &at))];
        let usual = rung(at(USUAL_HIT));
        if does(&usual.outcome) && all.first().is_some_and(|r| cost(&usual) < cost(r) * CHEAPER) {
            all.push(usual);
        }
        all
    }
}

/// The cost of a feasible step; an infeasible one has none.
fn cost(rung: &Rung) -> f64 {
    rung.proposal().map_or(f64::INFINITY, |p| spent(&p.cost))
}

fn share(percent: u32) -> f64 {
    f64::from(percent) / 100.0
}

fn spent(cost: &Money) -> f64 {
    cost.total.clone().unwrap_or(cost.at_least)
}

/// The verdict at the least feasible percentage; `most` is the verdict at the highest.
fn least(most: StepVerdict, does: &dyn Fn(&StepVerdict) -> bool, at: &dyn Fn(u32) -> StepVerdict) -> StepVerdict {
    let (mut bad, mut good, mut out) = (0, MOST_HIT, most);
    while good - bad > 1 {
        let middle = u32::midpoint(bad, good);
        let here = at(middle);
        if does(&here) {
            (good, out) = (middle, here);
        } else {
            bad = middle;
        }
    }
    out
}

/// The first feasible step; among those over budget the cheapest.
fn best(rungs: &[Rung]) -> Option<usize> {
    let holds = rungs.iter().position(|r| matches!(r.outcome, StepVerdict::Feasible(_)));
    let cost = |p: &Proposal| spent(&p.cost);
    holds.or_else(|| {
        let dear = rungs.iter().enumerate().filter_map(|(i, r)| Some((i, cost(r.proposal()?))));
        dear.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0))).map(|(i, _)| i)
    })
}
