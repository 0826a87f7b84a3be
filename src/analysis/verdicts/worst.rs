//! Worst-case verdicts of a design with too many intervals for all corners.
//!
//! In: verdicts at midpoint, a function that builds any case. Out: verdicts in the worst case.
//! Each interval goes to its two ends alone. For each target this gives the worse end of each
//! interval. All worse ends together form a corner, the worst one if the target is monotone in
//! each interval. Every such corner is evaluated for every target. Then points spread evenly inside
//! try to refute it. A point that misses a target decides: the target is missed. A point
//! that is only worse than all corners makes a met target unknown. So a target that is met here is
//! met in every case tried, and in all cases if it is monotone. Never: a met verdict that a tried case refutes.

use crate::analysis::consistency::Needed;
use crate::analysis::facts::Facts;
use crate::analysis::ground::parallel;
use crate::analysis::ground::time_value::Measure;
use crate::analysis::uncertainty::extremes;
use crate::analysis::verdicts::outcome::Verdicts;
use crate::analysis::verdicts::slo::value;
use crate::analysis::verdicts::system_requirements::{SystemRequirement, system_requirements};
use crate::analysis::verdicts::violation::{of_value, violation};
use crate::base::Span;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{End, Ends, Model};
use std::collections::BTreeMap;

/// Number of points inside that try to refute the corners.
const POINTS: usize = 64;
/// Smallest violation difference that counts: the numerical noise between two evaluations.
const NOISE: f64 = 1e-6;

/// Violations in one case: targets of flows, of flows in scenarios, then system requirements.
struct CaseViolations {
    violation: Vec<Option<f64>>,
    /// Target values of flows and of flows in scenarios, if computed.
    values: Vec<Measure>,
    system_requirements: Vec<SystemRequirement>,
}

impl CaseViolations {
    /// Adds the violations of a model's targets; with `whole` also their values, which take longer.
    fn add(&mut self, model: &Model, facts: &Facts, whole: bool) {
        let needed = Needed::new(model);
        for (i, slo) in model.flows.iter().enumerate().flat_map(|(i, f)| f.slo.iter().map(move |s| (i, s))) {
            // Consistency and staleness targets do not depend on the load.
            let kept = needed.value(i, slo).map(|(value, _)| value);
            self.violation.push(kept.as_ref().map_or_else(|| violation(facts, i, slo), |v| of_value(slo, v)).ok());
            if whole {
                self.values.push(kept.unwrap_or_else(|| value(facts, i, slo)));
            }
        }
    }
}

/// Judges the worst cases; `false` if the design is too large for that.
pub(in crate::analysis) fn judge(
    out: &mut Verdicts,
    model: &Model,
    load: f64,
    at: &(dyn Fn(&Ends) -> Model + Sync),
) -> bool {
    let all = &model.intervals;
    let sides = extremes::one_by_one(all);
    // Each scenario and the losses are evaluated as cases too.
    let each = 1 + out.scenarios.len() + if out.system_requirements.is_empty() { 0 } else { 2 };
    let points = extremes::spread(all, POINTS);
    if points.is_empty() || (sides.len() + 2 * POINTS) * each > extremes::affordable(model, usize::MAX) {
        return false;
    }
    let analysed: Vec<bool> = out.scenarios.iter().map(|o| o.case.is_some()).collect();
    let evaluate = |ends: &Ends, whole: bool| {
        let here = crate::analysis::followed(at(ends), load);
        let facts = Facts::new(&here, load);
        let mut evaluate = CaseViolations {
            violation: Vec::new(),
            values: Vec::new(),
            system_requirements: system_requirements(&here, &facts, load),
        };
        evaluate.add(&here, &facts, whole);
        for (s, _) in here.scenarios.iter().zip(&analysed).filter(|(_, known)| **known) {
            if let Ok(lossy) = crate::analysis::followed(here.in_scenario(s), load).with_faults(&s.faults) {
                evaluate.add(&lossy.model, &Facts::new(&lossy.model, load), whole);
            }
        }
        let beyond = |p: &SystemRequirement| p.value.as_ref().ok().map(|x| x - p.bound);
        evaluate.violation.extend(evaluate.system_requirements.iter().map(beyond));
        evaluate
    };
    let alone = parallel::each(&sides, &|e| evaluate(e, false));
    let targets = alone.first().map_or(0, |l| l.violation.len());
    let mut corners: BTreeMap<Vec<bool>, Ends> = BTreeMap::new();
    for target in 0..targets {
        let side = |i: usize| alone.get(i).and_then(|l| l.violation.get(target).copied().flatten());
        let up: Vec<bool> = (0..all.len()).map(|k| side(2 * k + 1) >= side(2 * k)).collect();
        let end = |(s, up): (&Span, &bool)| (*s, if *up { End::High } else { End::Low });
        let corner = all.iter().zip(&up).map(end).collect();
        corners.insert(up, corner);
    }
    let corners: Vec<Ends> = corners.into_values().collect();
    let worst = parallel::each(&corners, &|e| evaluate(e, true));
    let tried: Vec<CaseViolations> =
        parallel::each(&points, &|e| evaluate(e, false)).into_iter().chain(alone).collect();
    let places: Vec<&Ends> = points.iter().chain(&sides).collect();
    // For each target, the worst case that refutes all corners; targets by case.
    let mut refuted: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for target in 0..targets {
        let of = |l: &CaseViolations| l.violation.get(target).copied().flatten().unwrap_or(f64::NEG_INFINITY);
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
    for found in worst.into_iter().chain(parallel::each(&again, &|e| evaluate(e, true))) {
        out.verdicts_mut().zip(found.values).for_each(|(v, other)| v.meet(other));
        out.system_requirements.iter_mut().zip(found.system_requirements).for_each(|(p, other)| p.meet(other));
    }
    let why = Reason::new(
        ReasonKind::TooLarge,
        "the worse endpoints: the value does not rise or fall with each interval, and not all corners are evaluated",
    );
    for target in refuted.into_values().flatten() {
        let many = out.verdicts_mut().count();
        if let Some(v) = out.verdicts_mut().nth(target) {
            v.cannot(&why);
        } else if let Some(p) = out.system_requirements.get_mut(target.saturating_sub(many)) {
            p.cannot(&why);
        }
    }
    true
}
