//! Demand: arrival rates of each component and operation.
//!
//! In: rates of flows, visits of each hop. Out: rates per component and operation at the peak and in
//! each window. If an input of a rate is missing, the rate is unknown and its reason names the input.
//! Retries and fallbacks of failed calls are counted with the outcomes in a [`State`]. Never: a
//! capacity.

use crate::analysis::ground::known::{Known, plus, product};
use crate::analysis::load::flow_rates::{FlowRate, Rates, flow_rates};
use crate::analysis::load::hits::{Hits, cacheable};
use crate::analysis::load::hops::{Hop, hops_of};
use crate::analysis::load::state::State;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, FlowId, Model};
use std::collections::BTreeMap;

/// Demand of one flow.
#[derive(Clone, Debug)]
pub struct FlowDemand {
    /// Starts per second at the peak; of a flow with a `window`, inside the window.
    pub rate: Known,
    /// Mean starts per second.
    pub volume: Known,
    /// Source of the rate, for `explain`.
    pub why: String,
    /// The calls, in the order of the flow.
    pub hops: Vec<Hop>,
}

/// Demand of one component.
#[derive(Clone, Debug)]
pub struct ComponentDemand {
    /// Requests per second at the peak.
    pub rate: Known,
    /// Requests per second at the peak, by operation.
    pub ops: BTreeMap<String, Known>,
    /// Bytes per second of requests.
    pub bytes_in: Known,
    /// Bytes per second of replies.
    pub bytes_out: Known,
}

/// Demand of the whole design.
#[derive(Clone, Debug, Default)]
pub struct Demand {
    /// By flow.
    pub flows: Vec<FlowDemand>,
    /// By component.
    pub components: Vec<ComponentDemand>,
    /// Flows of a ring of queues whose rate grows without bound.
    pub unbounded: Option<Vec<FlowId>>,
    /// Hit ratios of caches.
    pub hits: Hits,
    /// Flow and index of each hop that calls a component, by component.
    calls_of: Vec<Vec<(usize, usize)>>,
    /// Flow and index of each hop that a component makes, by component.
    calls_by: Vec<Vec<(usize, usize)>>,
    /// Demand in each off-peak window, without windows that contain the peak.
    pub off_peak: Vec<Demand>,
    /// Whether a flow has a window and does not run in this period, by flow; empty without windows.
    idle: Vec<bool>,
}

impl Demand {
    /// The hops that call a component in this period, each with its flow.
    pub fn calls_of(&self, id: CompId) -> impl Iterator<Item = (FlowId, &FlowDemand, &Hop)> {
        let list = self.calls_of.get(id.0).map_or(&[][..], Vec::as_slice);
        list.iter().filter(|(f, _)| self.runs(*f)).filter_map(|(f, h)| {
            let flow = self.flows.get(*f)?;
            Some((FlowId(*f), flow, flow.hops.get(*h)?))
        })
    }

    /// The hops to and from a component: whether the hop calls it, the hop, its rate per second.
    pub(in crate::analysis) fn traffic_of(&self, id: CompId) -> impl Iterator<Item = (bool, &Hop, Known)> {
        let of = |list: &'_ [(usize, usize)], inward: bool| {
            let each = list.iter().filter_map(move |(f, h)| {
                let flow = self.flows.get(*f)?;
                let hop = flow.hops.get(*h)?;
                Some((inward, hop, product(&flow.rate, &hop.visits)))
            });
            each.collect::<Vec<_>>()
        };
        let into = of(self.calls_of.get(id.0).map_or(&[], Vec::as_slice), true);
        let out = of(self.calls_by.get(id.0).map_or(&[], Vec::as_slice), false);
        into.into_iter().chain(out)
    }

    /// Lookups per second in the cache of a component.
    fn lookups(&self, model: &Model, id: CompId) -> Known {
        let calls =
            self.calls_of(id).filter(|(_, _, hop)| hop.looks_up).map(|(_, fd, hop)| product(&fd.rate, &hop.visits));
        let starts = model.flows.iter().zip(&self.flows).filter(|(f, _)| f.origin == id && cacheable(model, &f.steps));
        calls.chain(starts.map(|(_, fd)| fd.rate.clone())).sum()
    }

    /// Whether a flow runs in the period of this demand.
    #[must_use]
    pub fn runs(&self, flow: usize) -> bool {
        self.idle.get(flow) != Some(&true)
    }

    /// The demand of the period in which a flow runs: this period if it runs now, else its first
    /// window.
    #[must_use]
    pub fn when(&self, flow: usize) -> &Self {
        if self.runs(flow) { self } else { self.off_peak.iter().find(|n| n.runs(flow)).unwrap_or(self) }
    }

    /// The demand at the mean rates, with the same visits.
    pub(in crate::analysis) fn at_mean(&self) -> Self {
        let mut out = self.clone();
        out.flows.iter_mut().for_each(|f| f.rate.clone_from(&f.volume));
        out
    }

    /// The demand of the first period in which a component is called; this period if there is none.
    #[must_use]
    pub fn when_called(&self, id: CompId) -> &Self {
        let asked = |d: &&Self| d.calls_of(id).next().is_some();
        if self.off_peak.is_empty() || asked(&self) { self } else { self.off_peak.iter().find(asked).unwrap_or(self) }
    }
}

/// Computes the demand without failures; `load` multiplies the rates of all flows.
///
/// A hit ratio can depend on the rate of lookups. Hit ratios are then computed layer by layer, from
/// the caches nearest to the origins downstream.
#[must_use]
pub fn demand(model: &Model, load: f64) -> Demand {
    demand_in(model, load, &State::default())
}

/// Like [`demand`], but with the attempts, fallbacks and rejections of a state.
#[must_use]
pub fn demand_in(model: &Model, load: f64, state: &State) -> Demand {
    let mut out = pass(model, load, state, Hits::new(model));
    while out.hits.waits() {
        let mut hits = out.hits.clone();
        hits.compute_open(&|id| out.lookups(model, id));
        out = pass(model, load, state, hits);
    }
    out
}

/// The demand with given hit ratios.
fn pass(model: &Model, load: f64, state: &State, hits: Hits) -> Demand {
    let hops: Vec<Vec<Hop>> = (0..model.flows.len()).map(|i| hops_of(model, FlowId(i), state, &hits)).collect();
    let Rates { peak, off_peak, unbounded } = flow_rates(model, &hops, load);
    let mut starts: Vec<Vec<usize>> = vec![Vec::new(); model.components.len()];
    for (f, flow) in model.flows.iter().enumerate() {
        if let Some(list) = starts.get_mut(flow.origin.0) {
            list.push(f);
        }
    }
    let off_peak: Vec<Demand> = off_peak
        .into_iter()
        .map(|(rates, idle)| assemble(model, hops.clone(), hits.clone(), rates, idle, None, &starts))
        .collect();
    let (rates, idle) = peak;
    let mut demand = assemble(model, hops, hits, rates, idle, unbounded, &starts);
    // A component with a higher rate in a window shows the rate of the window.
    for (i, c) in demand.components.iter_mut().enumerate() {
        for night in off_peak.iter().filter_map(|n| n.components.get(i)) {
            if let (Ok(a), Ok(b)) = (&c.rate, &night.rate)
                && b > a
            {
                c.clone_from(night);
            }
        }
    }
    demand.off_peak = off_peak;
    demand
}

fn assemble(
    model: &Model,
    hops: Vec<Vec<Hop>>,
    hits: Hits,
    rates: Vec<FlowRate>,
    idle: Vec<bool>,
    unbounded: Option<Vec<FlowId>>,
    starts: &[Vec<usize>],
) -> Demand {
    let mut flows = Vec::new();
    for (hops, (rate, volume, why)) in hops.into_iter().zip(rates) {
        flows.push(FlowDemand { rate, volume, why, hops });
    }
    let mut calls_of = vec![Vec::new(); model.components.len()];
    let mut calls_by = vec![Vec::new(); model.components.len()];
    for (f, fd) in flows.iter().enumerate() {
        for (h, hop) in fd.hops.iter().enumerate() {
            if let Some(list) = calls_of.get_mut(hop.to.0) {
                list.push((f, h));
            }
            if let Some(list) = calls_by.get_mut(hop.from.0) {
                list.push((f, h));
            }
        }
    }
    let mut demand =
        Demand { flows, components: Vec::new(), unbounded, hits, calls_of, calls_by, off_peak: Vec::new(), idle };
    demand.components =
        model.all().map(|(id, _)| component(model, &demand, id, starts.get(id.0).map_or(&[], Vec::as_slice))).collect();
    demand
}

fn component(model: &Model, demand: &Demand, id: CompId, starts: &[usize]) -> ComponentDemand {
    let facets = model.component(id).kind.facets;
    let mut ops: BTreeMap<String, Known> = BTreeMap::new();
    let mut bytes: [Known; 2] = [Ok(0.0), Ok(0.0)];
    for (flow, fd, hop) in demand.calls_of(id) {
        let rate = product(&fd.rate, &hop.visits);
        for (slot, size, word) in [(0, hop.bytes.0, "size"), (1, hop.bytes.1, "reply")] {
            if let Some(sum) = bytes.get_mut(slot) {
                let this = match size {
                    Some(b) => rate.clone().map(|r| r * b),
                    None => Err(Reason::new(
                        ReasonKind::Missing,
                        format!("a call in flow `{}` has no `{word}`", model.flow(flow).name),
                    )),
                };
                *sum = plus(sum, this);
            }
        }
        let slot = ops.entry(hop.op.clone()).or_insert(Ok(0.0));
        *slot = plus(slot, rate);
    }
    let mut rate = ops.values().cloned().sum();
    // A client is the source of its requests, and a service works on the flows that it starts.
    // A queue starts flows only with published messages, which are counted already.
    if !facets.buffers {
        for fd in starts.iter().filter(|f| demand.runs(**f)).filter_map(|f| demand.flows.get(*f)) {
            rate = plus(&rate, fd.rate.clone());
            if !facets.origin {
                let op = model.component(id).kind.ops.first().map_or("call", |o| o.name);
                let slot = ops.entry(op.to_owned()).or_insert(Ok(0.0));
                *slot = plus(slot, fd.rate.clone());
            }
        }
    }
    let [bytes_in, bytes_out] = bytes;
    ComponentDemand { rate, ops, bytes_in, bytes_out }
}
