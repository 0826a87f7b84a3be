//! Verdicts over all cases: the design and its scenarios, each at the ends of its intervals.
//!
//! In: the model, a function that builds it at given ends. Out: verdicts on targets at their
//! worst case (all corners, or those of [`crate::analysis::verdicts::worst`]), on system requirements,
//! and on scenarios. A scenario with partitions or expected answers is judged on each side by
//! [`crate::analysis::verdicts::partitions`]. A scenario that loses a region without a partition is not
//! analyzed yet: it is neither met nor missed. Never: a verdict without every case that decides it.

use crate::analysis::consistency::Needed;
use crate::analysis::consistency::cut::Expected;
use crate::analysis::facts::Facts;
use crate::analysis::ground::time_value::Measure;
use crate::analysis::uncertainty::ranges::MAX_LATENCY_CORNERS;
use crate::analysis::verdicts::horizon::horizon;
use crate::analysis::verdicts::outcome::{Outcome, Verdicts};
use crate::analysis::verdicts::partitions::{is_cut, judge_cut};
use crate::analysis::verdicts::slo::{Verdict, value};
use crate::analysis::verdicts::system_requirements::system_requirements;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{Ends, Expectation, Lossy, Model, Scenario, Slo};

/// Judges targets, system requirements and scenarios; `at` builds the model at given ends.
pub fn judge_cases(model: &Model, facts: &Facts, load: f64, at: &(dyn Fn(&Ends) -> Model + Sync)) -> Verdicts {
    let mut out = Verdicts {
        slo: verdicts(model, facts),
        scenarios: Vec::new(),
        system_requirements: system_requirements(model, facts, load),
        horizon: horizon(model, facts, load),
    };
    for s in &model.scenarios {
        out.scenarios.push(scenario(model, s, load));
    }
    let nothing_to_judge =
        out.slo.iter().all(Vec::is_empty) && out.scenarios.is_empty() && out.system_requirements.is_empty();
    match crate::analysis::uncertainty::extremes::corners(&model.intervals, MAX_LATENCY_CORNERS) {
        _ if nothing_to_judge => {}
        Some(corners) => {
            for ends in corners {
                let here = crate::analysis::followed(at(&ends), load);
                let facts = Facts::new(&here, load);
                meet(&mut out.slo, &here, &facts);
                for (mine, other) in out.system_requirements.iter_mut().zip(system_requirements(&here, &facts, load)) {
                    mine.meet(other);
                }
                for (o, s) in out.scenarios.iter_mut().zip(&here.scenarios).filter(|(o, _)| o.case.is_some()) {
                    if is_cut(s) {
                        judge_cut(o, &here, s, load);
                    } else if let Ok(lossy) =
                        crate::analysis::followed(here.in_scenario(s), load).with_faults(&s.faults)
                    {
                        meet(&mut o.slo, &lossy.model, &Facts::new(&lossy.model, load));
                    }
                }
            }
        }
        None if crate::analysis::verdicts::worst::judge(&mut out, model, load, at) => {}
        None => {
            let many = model.intervals.len();
            let why =
                format!("the worse endpoints: {many} intervals are too many to evaluate in a design of this size");
            out.verdicts_mut().for_each(|v| v.cannot(&Reason::new(ReasonKind::TooLarge, why.clone())));
        }
    }
    for o in out.scenarios.iter_mut().filter(|o| o.case.is_some()) {
        if let Some(why) = o.doubts.first() {
            o.slo.iter_mut().flatten().for_each(|v| v.cannot(why));
        }
        conclude(o);
    }
    out
}

/// Verdicts on all targets of a model in one case.
fn verdicts(model: &Model, facts: &Facts) -> Vec<Vec<Verdict>> {
    let needed = Needed::new(model);
    let one = |i: usize, s: &Slo| match needed.value(i, s) {
        Some((value, holds)) => Verdict { holds, ..Verdict::new(s, value) },
        None => Verdict::new(s, value(facts, i, s)),
    };
    let each = model.flows.iter().enumerate();
    each.map(|(i, f)| f.slo.iter().map(|s| one(i, s)).collect()).collect()
}

/// Merges the values of another case into the verdicts.
fn meet(all: &mut [Vec<Verdict>], model: &Model, facts: &Facts) {
    let needed = Needed::new(model);
    for (i, list) in all.iter_mut().enumerate() {
        for v in list {
            let other = needed.value(i, &v.slo).map_or_else(|| value(facts, i, &v.slo), |(value, _)| value);
            v.meet(other);
        }
    }
}

/// Evaluates one scenario with intervals at midpoint.
fn scenario(model: &Model, s: &Scenario, load: f64) -> Outcome {
    let case = if is_cut(s) {
        Ok(Lossy {
            what: String::new(),
            zone: None,
            model: crate::analysis::followed(model.in_scenario(s), load),
            doubts: Vec::new(),
        })
    } else {
        crate::analysis::followed(model.in_scenario(s), load).with_faults(&s.faults)
    };
    let expected = s.expect.iter().filter_map(|e| match e {
        Expectation::Targets(id, _) => Some(*id),
        Expectation::Answer(..) => None,
    });
    let mut out = Outcome {
        name: s.name.clone(),
        holds: None,
        unknown: case.as_ref().err().map(|e| Reason::new(ReasonKind::NotModelled, e.clone())),
        case: None,
        slo: Vec::new(),
        doubts: Vec::new(),
        expected: expected.collect(),
        answers: Vec::new(),
    };
    if let Ok(lossy) = case {
        let facts = Facts::new(&lossy.model, load);
        out.slo = verdicts(&lossy.model, &facts);
        out.doubts = lossy.doubts;
        out.case = Some((lossy.model, facts));
        if is_cut(s) {
            judge_cut(&mut out, model, s, load);
        }
    }
    out
}

/// A scenario holds if every target is met and every answer is as expected. One missed target or
/// wrong answer decides against it.
fn conclude(o: &mut Outcome) {
    let all = || o.slo.iter().flatten();
    let wrong = |e: &Expected| e.got.as_ref().is_ok_and(|got| *got != e.want);
    if all().any(|v| v.met == Some(false)) || o.answers.iter().any(wrong) {
        o.holds = Some(false);
        return;
    }
    let open = o.answers.iter().find_map(|e| e.got.as_ref().err().cloned());
    let open = open.or_else(|| {
        all().find(|v| v.met.is_none()).map(|v| match &v.worst {
            Measure::Unknown(e) => e.under(format!("`{}`", v.slo.metric.name)),
            _ => Reason::new(ReasonKind::NotApplicable, format!("`{}` is unknown", v.slo.metric.name)),
        })
    });
    let nothing_to_judge = all().next().is_none() && o.answers.is_empty();
    let none = || Reason::new(ReasonKind::NotApplicable, "no flow has a target in it");
    let why = || o.doubts.first().cloned().unwrap_or_else(none);
    o.unknown = open.or_else(|| nothing_to_judge.then(why));
    o.holds = o.unknown.is_none().then_some(true);
}
