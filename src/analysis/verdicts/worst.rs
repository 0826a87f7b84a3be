//! The worse end of what a design promises, where its intervals are too many for all corners.
//!
//! In: verdicts in the middle, a way to build any world. Out: the verdicts at their worse end.
//! Each interval goes to its two ends alone; of each target that gives the worse end of each
//! interval, and all of them together the corner that is worst if the target is monotone in
//! each. Every such corner is evaluated for every target. Then points spread evenly inside
//! try to refute it: a point that misses a target decides that it is missed; a point that
//! is merely worse than all corners makes a target that was met unknown. So a target that is
//! met here is met in every world that was tried, and in all if it is monotone.

use crate::analysis::consistency::Needed;
use crate::analysis::facts::Facts;
use crate::analysis::ground::parallel;
use crate::analysis::ground::time_value::Measure;
use crate::analysis::uncertainty::extremes;
use crate::analysis::verdicts::outcome::Worlds;
use crate::analysis::verdicts::slo::value;
use crate::analysis::verdicts::system_requirements::{Promise, promises};
use crate::analysis::verdicts::violation::{excess, of_value};
use crate::base::Span;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{End, Ends, Model};
use std::collections::BTreeMap;

/// Points that try to refute.
const POINTS: usize = 64;
/// By how much a point must be worse, for what two evaluations of one number differ by.
const NOISE: f64 = 1e-6;

/// One world as the targets see it: those of flows, of scenarios' flows, then promises.
struct Look {
    excess: Vec<Option<f64>>,
    /// Of flows and scenarios.
    values: Vec<Measure>,
    promises: Vec<Promise>,
}

impl Look {
    /// Takes the targets of a world's flows; their values too, which cost more.
    fn take(&mut self, world: &Model, facts: &Facts, whole: bool) {
        let needed = Needed::new(world);
        for (i, slo) in world.flows.iter().enumerate().flat_map(|(i, f)| f.slo.iter().map(move |s| (i, s))) {
            // What a model of consistency lacks, and how old an answer may be, no load decides.
            let kept = needed.value(i, slo).map(|(value, _)| value);
            self.excess.push(kept.as_ref().map_or_else(|| excess(facts, i, slo), |v| of_value(slo, v)).ok());
            if whole {
                self.values.push(kept.unwrap_or_else(|| value(facts, i, slo)));
            }
        }
    }
}

/// Judges at the worse ends; `false` if the design is too large for that.
pub(in crate::analysis) fn judge(
    out: &mut Worlds,
    model: &Model,
    load: f64,
    at: &(dyn Fn(&Ends) -> Model + Sync),
) -> bool {
    let all = &model.intervals;
    let sides = extremes::one_by_one(all);
    // Scenarios and losses are worlds of their own.
    let each = 1 + out.scenarios.len() + if out.promises.is_empty() { 0 } else { 2 };
    let points = extremes::spread(all, POINTS);
    if points.is_empty() || (sides.len() + 2 * POINTS) * each > extremes::affordable(model, usize::MAX) {
        return false;
    }
    let analysed: Vec<bool> = out.scenarios.iter().map(|o| o.world.is_some()).collect();
    let look = |ends: &Ends, whole: bool| {
        let here = crate::analysis::followed(at(ends), load);
        let facts = Facts::new(&here, load);
        let mut look = Look { excess: Vec::new(), values: Vec::new(), promises: promises(&here, &facts, load) };
        look.take(&here, &facts, whole);
        for (s, _) in here.scenarios.iter().zip(&analysed).filter(|(_, known)| **known) {
            if let Ok(lossy) = crate::analysis::followed(here.in_scenario(s), load).with_faults(&s.faults) {
                look.take(&lossy.model, &Facts::new(&lossy.model, load), whole);
            }
        }
        let beyond = |p: &Promise| p.value.as_ref().ok().map(|x| x - p.bound);
        look.excess.extend(look.promises.iter().map(beyond));
        look
    };
    let alone = parallel::each(&sides, &|e| look(e, false));
    let targets = alone.first().map_or(0, |l| l.excess.len());
    let mut corners: BTreeMap<Vec<bool>, Ends> = BTreeMap::new();
    for target in 0..targets {
        let side = |i: usize| alone.get(i).and_then(|l| l.excess.get(target).copied().flatten());
        let up: Vec<bool> = (0..all.len()).map(|k| side(2 * k + 1) >= side(2 * k)).collect();
        let end = |(s, up): (&Span, &bool)| (*s, if *up { End::High } else { End::Low });
        let corner = all.iter().zip(&up).map(end).collect();
        corners.insert(up, corner);
    }
    let corners: Vec<Ends> = corners.into_values().collect();
    let worst = parallel::each(&corners, &|e| look(e, true));
    let tried: Vec<Look> = parallel::each(&points, &|e| look(e, false)).into_iter().chain(alone).collect();
    let places: Vec<&Ends> = points.iter().chain(&sides).collect();
    // The worlds that refute a corner: of each target the worst.
    let mut refuted: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for target in 0..targets {
        let of = |l: &Look| l.excess.get(target).copied().flatten().unwrap_or(f64::NEG_INFINITY);
        let limit = worst.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
        let mut worse: Option<(usize, f64)> = None;
        for (i, x) in tried.iter().map(of).enumerate() {
            if x > worse.map_or(limit + NOISE, |(_, most)| most) {
                worse = Some((i, x));
            }
        }
        if let Some((i, _)) = worse {
            refuted.entry(i).or_default().push(target);
        }
    }
    let again: Vec<Ends> = refuted.keys().filter_map(|i| places.get(*i).map(|e| (*e).clone())).collect();
    for found in worst.into_iter().chain(parallel::each(&again, &|e| look(e, true))) {
        out.verdicts_mut().zip(found.values).for_each(|(v, other)| v.meet(other));
        out.promises.iter_mut().zip(found.promises).for_each(|(p, other)| p.meet(other));
    }
    let why = Reason::new(
        ReasonKind::TooLarge,
        "its worse end: it does not rise or fall with each interval, and not all corners are evaluated",
    );
    for target in refuted.into_values().flatten() {
        let many = out.verdicts_mut().count();
        if let Some(v) = out.verdicts_mut().nth(target) {
            v.cannot(&why);
        } else if let Some(p) = out.promises.get_mut(target.saturating_sub(many)) {
            p.cannot(&why);
        }
    }
    true
}
