//! Worlds: the design and its scenarios, each at all ends of the intervals.
//!
//! In: the model, a way to build it at given ends. Out: verdicts on slos at their
//! worse end (the corners of [`super::ranges`]), and which scenarios hold. A scenario
//! with faults, cuts or answers of partitions is not analysed yet: it neither holds nor
//! fails, whatever else is known of it.

use super::slo::{Verdict, value};
use super::timed::Measure;
use super::{Facts, MAX_LATENCY_CORNERS};
use crate::model::{Ends, Expectation, FlowId, Model, Scenario};

/// A scenario, judged.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Whether all targets are met in it; unknown is neither.
    pub holds: Option<bool>,
    /// Why that is unknown.
    pub unknown: Option<String>,
    /// The scenario's world and its facts, unless it is not analysed.
    pub world: Option<(Model, Facts)>,
    /// Verdicts by flow.
    pub slo: Vec<Vec<Verdict>>,
    /// Flows whose targets are the scenario's own.
    pub expected: Vec<FlowId>,
}

/// All verdicts of a design.
#[derive(Clone, Debug, Default)]
pub struct Worlds {
    /// By flow, in the order of its targets.
    pub slo: Vec<Vec<Verdict>>,
    /// By scenario.
    pub scenarios: Vec<Outcome>,
}

/// Judges slos and scenarios; `at` builds the model of a corner.
pub fn worlds(model: &Model, facts: &Facts, load: f64, at: &dyn Fn(&Ends) -> Model) -> Worlds {
    let mut out = Worlds { slo: verdicts(model, facts), scenarios: Vec::new() };
    for s in &model.scenarios {
        out.scenarios.push(scenario(model, s, load));
    }
    let nothing = out.slo.iter().all(Vec::is_empty) && out.scenarios.is_empty();
    match super::ranges::corners(&model.intervals, MAX_LATENCY_CORNERS) {
        _ if nothing => {}
        Some(corners) => {
            for ends in corners {
                let here = at(&ends);
                meet(&mut out.slo, &Facts::new(&here, load));
                for (o, s) in out.scenarios.iter_mut().zip(&here.scenarios).filter(|(o, _)| o.world.is_some()) {
                    meet(&mut o.slo, &Facts::new(&here.in_scenario(s), load));
                }
            }
        }
        None => {
            let why = format!("its worse end: more than {MAX_LATENCY_CORNERS} intervals are not evaluated");
            let all = out.scenarios.iter_mut().flat_map(|o| &mut o.slo).chain(&mut out.slo);
            all.flatten().for_each(|v| v.cannot(&why));
        }
    }
    for o in out.scenarios.iter_mut().filter(|o| o.world.is_some()) {
        conclude(o);
    }
    out
}

fn verdicts(model: &Model, facts: &Facts) -> Vec<Vec<Verdict>> {
    let each = model.flows.iter().enumerate();
    each.map(|(i, f)| f.slo.iter().map(|s| Verdict::new(s, value(facts, i, s))).collect()).collect()
}

fn meet(all: &mut [Vec<Verdict>], facts: &Facts) {
    for (i, list) in all.iter_mut().enumerate() {
        for v in list {
            let other = value(facts, i, &v.slo);
            v.meet(other);
        }
    }
}

fn scenario(model: &Model, s: &Scenario, load: f64) -> Outcome {
    let answers = s.expect.iter().any(|e| matches!(e, Expectation::Answer(..)));
    let not_yet = if !s.faults.is_empty() {
        Some("scenarios with `fail` are not analysed yet")
    } else if !s.cut.is_empty() || answers {
        Some("scenarios with `cut`, and answers of partitions, are not analysed yet")
    } else {
        None
    };
    let expected = s.expect.iter().filter_map(|e| match e {
        Expectation::Targets(id, _) => Some(*id),
        Expectation::Answer(..) => None,
    });
    let mut out = Outcome {
        name: s.name.clone(),
        holds: None,
        unknown: not_yet.map(str::to_owned),
        world: None,
        slo: Vec::new(),
        expected: expected.collect(),
    };
    if not_yet.is_none() {
        let world = model.in_scenario(s);
        let facts = Facts::new(&world, load);
        out.slo = verdicts(&world, &facts);
        out.world = Some((world, facts));
    }
    out
}

/// A scenario holds if every target is met; one that is not decides.
fn conclude(o: &mut Outcome) {
    let all = || o.slo.iter().flatten();
    if all().any(|v| v.met == Some(false)) {
        o.holds = Some(false);
        return;
    }
    let open = all().find(|v| v.met.is_none()).map(|v| match &v.worst {
        Measure::Unknown(e) => format!("`{}`: {e}", v.slo.metric.name),
        _ => format!("`{}` is unknown", v.slo.metric.name),
    });
    let nothing = all().next().is_none().then(|| "no flow has a target in it".to_owned());
    o.unknown = open.or(nothing);
    o.holds = o.unknown.is_none().then_some(true);
}
