//! Scenarios with partitions or expected answers: judged on each side.
//!
//! In: a scenario, the design at given ends of its intervals. Out: expected answers with the actual
//! ones, and verdicts on the targets of other flows. A flow that reads stale data on a side misses
//! its recency targets. If a flow fails on a side, the share of its requests from there is not
//! declared, so latency and availability are unknown. Never: a guess at that share.

use crate::analysis::consistency::copies::{Fate, Flag};
use crate::analysis::consistency::cut::{Cut, Expected, Kept, kept};
use crate::analysis::consistency::guarantee::{Bits, named_model};
use crate::analysis::consistency::needs;
use crate::analysis::consistency::outcome::{Ground, pieces, stores};
use crate::analysis::facts::Facts;
use crate::analysis::ground::time_value::Measure;
use crate::analysis::verdicts::outcome::Outcome;
use crate::analysis::verdicts::slo::Verdict;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{Expectation, FlowId, Model, Scenario};

/// Whether a scenario is judged on each side: it has partitions or expected answers.
pub(in crate::analysis) fn is_cut(s: &Scenario) -> bool {
    !s.cut.is_empty() || s.expect.iter().any(|e| matches!(e, Expectation::Answer(..)))
}

/// Judges a scenario in one case; each answer keeps its worst over repeated calls.
pub(in crate::analysis) fn judge_cut(o: &mut Outcome, model: &Model, s: &Scenario, load: f64) {
    let case = model.in_scenario(s);
    let places = &case.system.locations;
    let cut = match Cut::new(places, s) {
        Ok(cut) => cut,
        Err(e) => {
            o.doubts.push(e);
            return;
        }
    };
    let facts = Facts::loads(&case, load);
    let (mut stores, pieces) = (stores(&case), pieces(&case));
    for id in &cut.without_primary {
        if let Some(Some(Ok(open))) = stores.get_mut(id.0) {
            open.take_down_primary();
        }
    }
    let ground = Ground::new(&case, (&facts, load), &stores, &pieces);
    let now = cut.expected(&ground, places, s);
    if o.answers.is_empty() {
        o.answers = now;
    } else {
        for (old, new) in o.answers.iter_mut().zip(now) {
            worse(old, new);
        }
    }
    let answered = |id: FlowId| s.expect.iter().any(|e| matches!(e, Expectation::Answer(f, ..) if *f == id));
    for (i, list) in o.slo.iter_mut().enumerate() {
        if answered(FlowId(i)) {
            // The expected answer replaces the targets of the flow.
            list.clear();
            continue;
        }
        let k = kept(&cut, &ground, FlowId(i));
        for v in list {
            on_sides(v, &k, &case.flow(FlowId(i)).name);
        }
    }
}

/// Keeps the worse of two answers: wrong, then unknown, then as expected.
fn worse(old: &mut Expected, new: Expected) {
    let fine = |e: &Expected| e.got.as_ref().is_ok_and(|g| *g == e.want);
    let wrong = |e: &Expected| e.got.as_ref().is_ok_and(|g| *g != e.want);
    if wrong(&new) && !wrong(old) || fine(old) && !fine(&new) {
        *old = new;
    }
}

/// Updates the verdict on a target, given the outcomes on all sides.
fn on_sides(v: &mut Verdict, k: &Kept, flow: &str) {
    if let Some(e) = &k.doubt {
        v.cannot(e);
        return;
    }
    let Some((fate, side)) = &k.worst else { return };
    let harmed = !k.flags.is_empty();
    if !needs(v.slo.metric.name) {
        if *fate == Fate::Fails {
            let sentence = format!(
                "flow `{flow}` answers errors in {side}, and the share of its requests from there is unknown: set the expected outcome, `expect flow {flow} = error on minority`"
            );
            v.cannot(&Reason::of_flow(ReasonKind::Missing, flow, sentence));
        }
        return;
    }
    let broken = match v.slo.metric.name {
        "rpo" => k.flags.contains(&Flag::Loss).then_some("acknowledged writes are lost"),
        "staleness" => (*fate == Fate::Stale).then_some("its staleness there grows as long as the partition lasts"),
        _ => {
            let required = v.slo.model.as_deref().and_then(named_model).map_or(Bits::NONE, |m| m.bits);
            let harmed_bits = Bits::RT.or(Bits::TO).or(Bits::RYW).or(Bits::MR).or(Bits::WFR).or(Bits::CP);
            let bounded = v.slo.model.as_deref().and_then(named_model).is_some_and(|m| m.bounded);
            let needs_recency = required.meet(harmed_bits) != Bits::NONE || bounded;
            ((*fate == Fate::Stale || harmed) && needs_recency)
                .then_some("it returns stale data there, or loses data that it returned")
        }
    };
    if let Some(why) = broken {
        v.meet(Measure::Unbounded(Reason::new(ReasonKind::Contradiction, format!("{side}: {why}"))));
    }
}
