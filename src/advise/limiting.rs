//! Limiting components: those that make a check fail.
//!
//! In: a judged design, failed checks. Out: limiting components, each with its cause: load, a
//! queue, service time or downtime. For a target on time these are the overloaded components of the
//! flow. If there are none, it is the component whose queue adds most to the flow's mean, compared
//! with a load near zero. If queues add less than a tenth, it is the one with the longest service
//! time. Never: a kind's name.

use super::failed_checks::{Check, CheckClass, FailedCheck};
use super::judged_draft::JudgedDraft;
use crate::analysis::{Demand, Facts, Measure, Visit, availability, consumer_of, demand, station};
use crate::model::{CompId, FlowId, Model};
use crate::units::{show_nines, show_ratio};
use std::collections::BTreeMap;

/// A load at which queues are negligible.
const QUIET: f64 = 1e-4;
/// Share of a flow's mean below which queues do not explain a missed target.
const QUEUES: f64 = 0.1;

/// The cause by which a component is limiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// Its load.
    Load,
    /// Its service time, at any load.
    Time,
    /// Its downtime.
    Down,
}

/// A limiting component.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limiting {
    pub id: CompId,
    pub causes: Vec<Cause>,
    /// The cause as text: `at 323% of its cpu`.
    pub why: String,
}

/// All limiting components, in order of declaration.
pub(super) fn limiting(state: &JudgedDraft, load: f64) -> Vec<Limiting> {
    let mut found = Found::default();
    let (model, facts) = (&state.model, &state.facts);
    for miss in state.failed.iter().filter(|m| m.class == CheckClass::Load) {
        match miss.check {
            Check::Overload(id) => found.load(model, facts, id, ""),
            Check::Target(flow, k) => found.target(model, facts, load, (flow, k), ""),
            Check::SystemRequirement(i) => found.system_requirement(state, i, load),
            Check::Scenario(i) => found.scenario(state, i, load, miss),
        }
    }
    found.hidden(state, load);
    let each = found.all.into_iter().map(|(id, (causes, why))| Limiting { id, causes, why });
    each.collect()
}

#[derive(Default)]
struct Found {
    all: BTreeMap<CompId, (Vec<Cause>, String)>,
}

impl Found {
    fn add(&mut self, model: &Model, id: CompId, cause: Cause, why: &str) {
        let facets = model.component(id).kind.facets;
        // The origin of a flow has no capacity in the design.
        if facets.origin && facets.serve.is_none() {
            return;
        }
        let (causes, words) = self.all.entry(id).or_default();
        if causes.contains(&cause) {
            return;
        }
        causes.push(cause);
        if !words.is_empty() {
            words.push_str("; ");
        }
        words.push_str(why);
    }

    fn load(&mut self, model: &Model, facts: &Facts, id: CompId, when: &str) {
        let Some(u) = facts.utilization.get(id.0) else { return };
        let why = match u.utilization {
            Ok(x) if x.is_finite() => format!("at {} of its {}{when}", show_ratio(x), u.binding.unwrap_or("capacity")),
            _ => format!("gone{when}"),
        };
        self.add(model, id, Cause::Load, &why);
    }

    fn system_requirement(&mut self, state: &JudgedDraft, i: usize, load: f64) {
        let Some(p) = state.verdicts.system_requirements.get(i) else { return };
        if p.name != "survive" {
            p.broken_by.iter().for_each(|id| self.load(&state.model, &state.facts, *id, ""));
            return;
        }
        for lossy in state.model.survivals() {
            let facts = Facts::new(&lossy.model, load);
            let when = format!(" without {}", lossy.what);
            self.case(&lossy.model, &facts, load, &when);
        }
    }

    fn scenario(&mut self, state: &JudgedDraft, i: usize, load: f64, _: &FailedCheck) {
        let Some(o) = state.verdicts.scenarios.get(i) else { return };
        if let Some((model, facts)) = &o.case {
            self.case(model, facts, load, &format!(" in scenario `{}`", o.name));
        }
    }

    /// All limiting components of another case.
    fn case(&mut self, model: &Model, facts: &Facts, load: f64, when: &str) {
        for (id, _) in model.all() {
            if facts.utilization.get(id.0).is_some_and(|u| u.utilization.as_ref().is_ok_and(|x| *x >= 1.0)) {
                self.load(model, facts, id, when);
            }
        }
        for (f, flow) in model.flows.iter().enumerate() {
            for (k, slo) in flow.slo.iter().enumerate() {
                let value = crate::analysis::value(facts, f, slo);
                if crate::analysis::met(slo, &value) == Some(false) {
                    self.target(model, facts, load, (FlowId(f), k), when);
                }
            }
        }
    }

    fn target(&mut self, model: &Model, facts: &Facts, load: f64, (flow, k): (FlowId, usize), when: &str) {
        let Some(slo) = model.flow(flow).slo.get(k) else { return };
        let name = slo.metric.name;
        let Some(fd) = facts.demand.flows.get(flow.0) else { return };
        let waited: Vec<CompId> = fd.hops.iter().filter(|h| !h.is_async).map(|h| h.to).collect();
        if name == "lag" {
            if let Some(id) = consumer_of(model, flow) {
                self.load(model, facts, id, when);
            }
            let over: Vec<CompId> = waited.iter().copied().filter(|id| over(facts, *id)).collect();
            for id in over {
                self.load(model, facts, id, when);
            }
            return;
        }
        if name == "availability" {
            self.down(model, facts, &waited, slo.target, &format!("`{}`", model.flow(flow).name));
        }
        let full: Vec<CompId> = waited.iter().copied().filter(|id| over(facts, *id)).collect();
        if !full.is_empty() {
            for id in full {
                self.load(model, facts, id, when);
            }
            return;
        }
        if name == "availability" {
            return;
        }
        if let Some((id, cause)) = slowest(model, &facts.demand, flow, load) {
            let verb = if cause == Cause::Load { "its queue adds most to" } else { "its work is most of" };
            let why = format!("{verb} the time of `{}`{when}", model.flow(flow).name);
            self.add(model, id, cause, &why);
        }
    }

    /// Availability targets that are unknown because of an overload: their values at a load near
    /// zero.
    fn hidden(&mut self, state: &JudgedDraft, load: f64) {
        let model = &state.model;
        let unknown = |f: usize| !matches!(state.facts.availability.flows.get(f), Some(Ok(_)));
        let asked = |f: &crate::model::Flow| f.slo.iter().find(|s| s.metric.name == "availability").map(|s| s.target);
        let open: Vec<(usize, f64)> = model
            .flows
            .iter()
            .enumerate()
            .filter(|(f, _)| unknown(*f))
            .filter_map(|(f, flow)| Some((f, asked(flow)?)))
            .collect();
        if open.is_empty() {
            return;
        }
        let mut quiet = Facts::loads(model, load * QUIET);
        quiet.availability = availability(model, &quiet.utilization, load * QUIET);
        for (f, target) in open {
            let low = quiet.availability.flows.get(f).is_some_and(|a| a.as_ref().is_ok_and(|a| *a < target));
            if let Some(fd) = quiet.demand.flows.get(f).filter(|_| low) {
                let on: Vec<CompId> = fd.hops.iter().filter(|h| !h.is_async).map(|h| h.to).collect();
                let name = model.flow(FlowId(f)).name.clone();
                self.down(model, &quiet, &on, target, &format!("`{name}`"));
            }
        }
    }

    /// Components with less availability than the flow's target; if there are none, the least
    /// available one.
    fn down(&mut self, model: &Model, facts: &Facts, on: &[CompId], asked: f64, flow: &str) {
        let up = |id: &CompId| facts.availability.components.get(id.0)?.clone().ok();
        let mut all: Vec<(CompId, f64)> = on.iter().filter_map(|id| Some((*id, up(id)?))).collect();
        all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        all.dedup();
        let least = all.first().map_or(1.0, |(_, a)| *a);
        for (id, a) in all {
            if a < asked || a <= least {
                let why = format!("availability {}, below the target {} of {flow}", show_nines(a), show_nines(asked));
                self.add(model, id, Cause::Down, &why);
            }
        }
    }
}

fn over(facts: &Facts, id: CompId) -> bool {
    facts.utilization.get(id.0).is_some_and(|u| u.utilization.as_ref().is_ok_and(|x| *x >= 1.0))
}

/// The component with the largest part of a flow's mean: by its queue, else by its service time.
fn slowest(model: &Model, high: &Demand, flow: FlowId, load: f64) -> Option<(CompId, Cause)> {
    let low = demand(model, load * QUIET);
    let (mut queues, mut work): (BTreeMap<CompId, f64>, BTreeMap<CompId, f64>) = (BTreeMap::new(), BTreeMap::new());
    for hop in high.flows.get(flow.0)?.hops.iter().filter(|h| !h.is_async) {
        let mean =
            |d: &Demand| match station(model, d, hop.to, None).visit(model, hop.to, &Visit::of(hop)).measure("mean") {
                Measure::Known(x) => x,
                Measure::Unbounded(_) => f64::MAX,
                Measure::Unknown(_) => 0.0,
            };
        let visits = hop.visits.as_ref().map_or(0.0, |v| *v);
        let quiet = mean(&low);
        *queues.entry(hop.to).or_default() += (mean(high) - quiet).max(0.0) * visits;
        *work.entry(hop.to).or_default() += quiet * visits;
    }
    let most = |all: &BTreeMap<CompId, f64>| {
        all.iter().filter(|(_, x)| **x > 0.0).max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(a.0))).map(|(id, _)| *id)
    };
    let (queued, worked): (f64, f64) = (queues.values().sum(), work.values().sum());
    if queued >= QUEUES * (queued + worked) {
        return most(&queues).map(|id| (id, Cause::Load));
    }
    most(&work).map(|id| (id, Cause::Time))
}
