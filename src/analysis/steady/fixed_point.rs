//! Fixed point of a design whose retries, hedges and fallbacks change its own load.
//!
//! In: a model, a load multiple, a [`Backpressure`]. Out: demand, stations and latency that are
//! consistent, and whether there is another such state. Never: a verdict.
//!
//! Retries, hedges and fallbacks raise demand, demand raises waits, and waits raise failures: the map
//! from states to states is monotone. Iteration from a state without failures ends at the least fixed
//! point. Iteration from the state with all attempts made ends at the greatest (Tarski 1955). If the
//! two differ the design is metastable. If the least is over capacity, the retries alone cause that
//! (Bronson et al., "Metastable Failures in Distributed Systems", `HotOS` 2021). An open breaker stays
//! open, and the iteration restarts. A design without such calls takes one pass. A further coupling
//! adds its part to [`State`] and to [`State::distance`].

use crate::analysis::ground::known::Known;
use crate::analysis::load::call_policy::{CallOutcome, Policies, SURE};
use crate::analysis::load::demand::{Demand, demand_in};
use crate::analysis::load::state::{Backpressure, State};
use crate::analysis::time::latency::{FlowLatency, latencies, outcomes};
use crate::analysis::time::stations::{Station, station, stations};
use crate::model::{CompId, FlowId, Model};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Maximum number of rounds of one iteration.
const MAX_ROUNDS: usize = 400;
/// Relative change at which an iteration has converged.
const CONVERGED: f64 = 1e-10;
/// Relative change that still counts as converged after the last round.
const NEARLY_CONVERGED: f64 = 1e-7;

/// The fixed point of a design.
pub(in crate::analysis) struct FixedPoint {
    pub demand: Demand,
    pub stations: Vec<Station>,
    pub latency: Vec<FlowLatency>,
    /// The other fixed points; `None` without feedback.
    pub feedback: Option<Feedback>,
}

/// Demand at the other states of a design with feedback.
pub(in crate::analysis) struct Feedback {
    /// The demand without failures.
    pub quiet: Demand,
    /// The demand at the greatest fixed point.
    pub above: Demand,
    /// Whether both iterations converged.
    pub found: bool,
}

/// One iterate: the demand, the stations and the outcomes of calls.
struct Iterate<'a> {
    model: &'a Model,
    load: f64,
    policies: &'a Policies,
    demand: Demand,
    stations: Vec<Station>,
    outcomes: Vec<BTreeMap<usize, CallOutcome>>,
}

impl<'a> Iterate<'a> {
    fn new(model: &'a Model, load: f64, policies: &'a Policies, state: &State) -> Self {
        let demand = demand_in(model, load, state);
        let stations = stations(model, &demand, &state.backpressure.downstream);
        let ids = (0..model.flows.len()).map(FlowId);
        let outcomes = ids.map(|id| outcomes(model, id, &demand.hits, &stations, policies, state)).collect();
        Self { model, load, policies, demand, stations, outcomes }
    }

    /// Computes the iterate of another state; only components and flows with a changed load are redone.
    fn evaluate(&mut self, state: &State, all: bool) {
        let demand = demand_in(self.model, self.load, state);
        let mut changed = BTreeSet::new();
        for (id, _) in self.model.all() {
            if self.same_load(&demand, id) {
                continue;
            }
            changed.insert(id);
            if let Some(slot) = self.stations.get_mut(id.0) {
                *slot = station(self.model, &demand, id, state.backpressure.downstream.get(id.0));
            }
        }
        self.demand = demand;
        for (f, flow) in self.model.flows.iter().enumerate() {
            let touched = || {
                let hops = self.demand.flows.get(f).map_or(&[][..], |fd| fd.hops.as_slice());
                changed.contains(&flow.origin) || hops.iter().any(|h| changed.contains(&h.to))
            };
            if all || touched() {
                let new = outcomes(self.model, FlowId(f), &self.demand.hits, &self.stations, self.policies, state);
                if let Some(slot) = self.outcomes.get_mut(f) {
                    *slot = new;
                }
            }
        }
    }

    fn same_load(&self, new: &Demand, id: CompId) -> bool {
        let mut before = self.demand.calls_of(id);
        let mut after = new.calls_of(id);
        let same = |a: &Known, b: &Known| match (a, b) {
            (Ok(a), Ok(b)) => (a - b).abs() <= 0.0,
            (a, b) => a == b,
        };
        loop {
            match (before.next(), after.next()) {
                (None, None) => break,
                (Some((_, f, h)), Some((_, g, k))) if same(&f.rate, &g.rate) && same(&h.visits, &k.visits) => {}
                _ => return false,
            }
        }
        let mut starts = self.model.flows.iter().enumerate().filter(|(_, f)| f.origin == id);
        let rate = |d: &Demand, f: usize| d.flows.get(f).map_or(Ok(0.0), |fd| fd.rate.clone());
        starts.all(|(f, _)| same(&rate(&self.demand, f), &rate(new, f)))
    }

    /// Iterates from a state without failures and restarts each time a breaker opens.
    /// Returns the last relative change.
    fn iterate_from_idle(&mut self, state: &mut State, backpressure: &Arc<Backpressure>) -> f64 {
        loop {
            let near = self.iterate(state);
            let mut open = state.open.clone();
            for (f, all) in state.outcomes.iter().enumerate() {
                for (id, outcome) in all {
                    let stops = self.policies.get(f, *id).is_some_and(|p| p.breaker && p.repeats());
                    if stops && matches!(outcome.fails, Ok(p) if p > SURE) {
                        open.insert((FlowId(f), *id));
                    }
                }
            }
            if open.len() == state.open.len() {
                return near;
            }
            *state = State { open, ..State::under(backpressure) };
            self.evaluate(state, true);
        }
    }

    /// Iterates from a state to a fixed point. Returns the last relative change.
    fn iterate(&mut self, state: &mut State) -> f64 {
        let mut last = f64::INFINITY;
        let mut steady = 0;
        for _ in 0..MAX_ROUNDS {
            let mut next = State { outcomes: self.outcomes.clone(), ..state.clone() };
            let moved = next.distance(state);
            if moved <= CONVERGED {
                *state = next;
                return moved;
            }
            // Slow convergence: extrapolate the geometric series of the changes.
            let ratio = moved / last;
            steady = if ratio > 0.3 && ratio < 1.0 { steady + 1 } else { 0 };
            if steady >= 4 {
                extrapolate(&mut next, state, ratio / (1.0 - ratio));
                steady = 0;
                last = f64::INFINITY;
            } else {
                last = moved;
            }
            self.evaluate(&next, false);
            *state = next;
        }
        let end = State { outcomes: self.outcomes.clone(), ..state.clone() };
        end.distance(state)
    }
}

/// Extrapolates from `before` over `state` by `more` times their difference, within valid ranges.
fn extrapolate(state: &mut State, before: &State, more: f64) {
    for (new, old) in state.outcomes.iter_mut().zip(&before.outcomes) {
        for (id, outcome) in new {
            let Some(was) = old.get(id) else { continue };
            if let (Ok(a), Ok(b)) = (&outcome.attempts, &was.attempts) {
                outcome.attempts = Ok((a + more * (a - b)).max(1.0));
            }
            if let (Ok(a), Ok(b)) = (&outcome.residual, &was.residual) {
                outcome.residual = Ok((a + more * (a - b)).clamp(0.0, 1.0));
            }
        }
    }
}

/// The least fixed point of a design under a given backpressure.
pub(in crate::analysis) struct LeastFixedPoint<'a> {
    pub demand: Demand,
    pub stations: Vec<Station>,
    model: &'a Model,
    load: f64,
    policies: Policies,
    state: State,
    /// The demand without failures and the last relative change; `None` without feedback.
    quiet: Option<(Demand, f64)>,
}

/// Computes the least fixed point of a design; `load` multiplies its rates.
pub(in crate::analysis) fn least_fixed_point<'a>(
    model: &'a Model,
    load: f64,
    backpressure: &Arc<Backpressure>,
) -> LeastFixedPoint<'a> {
    let policies = Policies::of(model);
    let mut state = State::under(backpressure);
    let (demand, stations, quiet) = if policies.feed_back() {
        let mut round = Iterate::new(model, load, &policies, &state);
        let quiet = round.demand.clone();
        let near = round.iterate_from_idle(&mut state, backpressure);
        (round.demand, round.stations, Some((quiet, near)))
    } else {
        let demand = demand_in(model, load, &state);
        let stations = stations(model, &demand, &backpressure.downstream);
        (demand, stations, None)
    };
    LeastFixedPoint { demand, stations, model, load, policies, state, quiet }
}

/// The demand at the least fixed point, without stations if there is no feedback.
pub(in crate::analysis) fn least_demand(model: &Model, load: f64, backpressure: &Arc<Backpressure>) -> Demand {
    if Policies::of(model).feed_back() {
        least_fixed_point(model, load, backpressure).demand
    } else {
        demand_in(model, load, &State::under(backpressure))
    }
}

impl LeastFixedPoint<'_> {
    /// The latency of every flow.
    pub fn latencies(&self) -> Vec<FlowLatency> {
        latencies(self.model, &self.demand, &self.stations, &self.policies, &self.state)
    }

    /// Adds the latency, unless it is given, and the greatest fixed point.
    pub fn with_latency(self, latency: Option<Vec<FlowLatency>>) -> FixedPoint {
        let latency = latency.unwrap_or_else(|| self.latencies());
        let feedback = self.quiet.map(|(quiet, near)| {
            let mut upper = State::full(self.model, &self.policies, &self.state);
            let mut above = Iterate::new(self.model, self.load, &self.policies, &upper);
            let down = if near <= NEARLY_CONVERGED { above.iterate(&mut upper) } else { 0.0 };
            Feedback { quiet, above: above.demand, found: near <= NEARLY_CONVERGED && down <= NEARLY_CONVERGED }
        });
        FixedPoint { demand: self.demand, stations: self.stations, latency, feedback }
    }
}
