//! Demand: how often each component is asked for each operation.
//!
//! In: rates of flows, calls with their counts, probabilities and hit ratios.
//! Out: visits per flow, rates per component and operation at the peak. A rate
//! that some input does not give is unknown, and says which input. Not yet
//! counted: retries, fallbacks and hedges (they need failure probabilities).

use super::Known;
use super::traffic::{TrafficError, solve};
use crate::base::Span;
use crate::kinds::Absorb;
use crate::model::{Attrs, Call, CompId, FlowId, Latency, Model, Step};
use std::collections::BTreeMap;

/// One call of a flow.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The caller.
    pub from: CompId,
    /// The called.
    pub to: CompId,
    /// The operation.
    pub op: String,
    /// Where its target is named.
    pub at: Span,
    /// Whether the caller goes on without waiting.
    pub is_async: bool,
    /// How often per start of the flow.
    pub visits: Known,
    /// CPU time of one visit that the call itself gives.
    pub cpu: Option<Latency>,
    /// Time without CPU of one visit that the call itself gives.
    pub wait: Option<Latency>,
    /// The copy that answers, where the call says so (`primary`, `replica`, `any`, `quorum`).
    pub read_from: Option<String>,
    /// Bytes of request and reply, where the design gives them.
    pub bytes: (Option<f64>, Option<f64>),
    /// How many times, with which probability, after which hits: for `explain`.
    pub why: String,
}

/// Demand of one flow.
#[derive(Clone, Debug)]
pub struct FlowDemand {
    /// Starts per second at the peak.
    pub rate: Known,
    /// Starts per second in the mean.
    pub volume: Known,
    /// Where the rate comes from.
    pub why: String,
    /// Its calls in order.
    pub hops: Vec<Hop>,
}

/// Demand of one component.
#[derive(Clone, Debug)]
pub struct ComponentDemand {
    /// Requests per second at the peak.
    pub rate: Known,
    /// By operation.
    pub ops: BTreeMap<String, Known>,
    /// Bytes per second of requests and of replies.
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
    /// A ring of queues that feeds itself without bound.
    pub unbounded: Option<Vec<FlowId>>,
    /// By component: flow and index of each hop that calls it.
    calls_of: Vec<Vec<(usize, usize)>>,
}

impl Demand {
    /// The hops that call a component, each with its flow.
    pub fn calls_of(&self, id: CompId) -> impl Iterator<Item = (FlowId, &FlowDemand, &Hop)> {
        let list = self.calls_of.get(id.0).map_or(&[][..], Vec::as_slice);
        list.iter().filter_map(|(f, h)| {
            let flow = self.flows.get(*f)?;
            Some((FlowId(*f), flow, flow.hops.get(*h)?))
        })
    }
}

/// Computes the demand, rates of all flows multiplied by `load`.
#[must_use]
pub fn demand(model: &Model, load: f64) -> Demand {
    let hops: Vec<Vec<Hop>> = model
        .flows
        .iter()
        .map(|f| flow_hops(model, f.origin, &f.steps, f.attrs.number("batch").map_or(1.0, |b| b.mid)))
        .collect();
    let (rates, unbounded) = flow_rates(model, &hops, load);
    let mut flows = Vec::new();
    for (hops, (rate, volume, why)) in hops.into_iter().zip(rates) {
        flows.push(FlowDemand { rate, volume, why, hops });
    }
    let mut calls_of = vec![Vec::new(); model.components.len()];
    for (f, fd) in flows.iter().enumerate() {
        for (h, hop) in fd.hops.iter().enumerate() {
            if let Some(list) = calls_of.get_mut(hop.to.0) {
                list.push((f, h));
            }
        }
    }
    let mut starts: Vec<Vec<usize>> = vec![Vec::new(); model.components.len()];
    for (f, flow) in model.flows.iter().enumerate() {
        if let Some(list) = starts.get_mut(flow.origin.0) {
            list.push(f);
        }
    }
    let mut demand = Demand { flows, components: Vec::new(), unbounded, calls_of };
    demand.components =
        model.all().map(|(id, _)| component(model, &demand, id, starts.get(id.0).map_or(&[], Vec::as_slice))).collect();
    demand
}

fn component(model: &Model, demand: &Demand, id: CompId, starts: &[usize]) -> ComponentDemand {
    let facets = model.component(id).kind.facets;
    let mut ops: BTreeMap<String, Known> = BTreeMap::new();
    let mut bytes: [Known; 2] = [Ok(0.0), Ok(0.0)];
    for (flow, fd, hop) in demand.calls_of(id) {
        let rate = both(&fd.rate, &hop.visits);
        for (slot, size, word) in [(0, hop.bytes.0, "size"), (1, hop.bytes.1, "reply")] {
            if let Some(sum) = bytes.get_mut(slot) {
                let this = match size {
                    Some(b) => rate.clone().map(|r| r * b),
                    None => Err(format!("a call in flow `{}` has no `{word}`", model.flow(flow).name)),
                };
                *sum = plus(sum, this);
            }
        }
        let slot = ops.entry(hop.op.clone()).or_insert(Ok(0.0));
        *slot = plus(slot, rate);
    }
    let mut rate = ops.values().cloned().sum();
    // A client is where requests come from, and a service that starts a flow works on
    // it; a consumer's queue only gives what was published.
    if !facets.buffers {
        for fd in starts.iter().filter_map(|f| demand.flows.get(*f)) {
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

fn plus(sum: &Known, more: Known) -> Known {
    match (sum, more) {
        (Ok(a), Ok(b)) => Ok(a + b),
        (Err(e), _) => Err(e.clone()),
        (_, Err(e)) => Err(e),
    }
}

/// A product; 0 visits are 0 whatever the rate.
fn both(rate: &Known, visits: &Known) -> Known {
    match (rate, visits) {
        (_, Ok(0.0)) => Ok(0.0),
        (Ok(a), Ok(b)) => Ok(a * b),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    }
}

type Rates = Vec<(Known, Known, String)>;

/// Rates of all flows: their own, a timer's, or what is published to their queue.
fn flow_rates(model: &Model, hops: &[Vec<Hop>], load: f64) -> (Rates, Option<Vec<FlowId>>) {
    let ptm = model.system.peak_to_mean;
    let consumers = |queue: CompId| {
        model
            .flows
            .iter()
            .enumerate()
            .filter(move |(_, f)| f.origin == queue && f.rate.is_none() && f.volume.is_none())
            .map(|(i, _)| i)
    };
    let mut own: Vec<(f64, f64)> = Vec::new();
    let mut why: Vec<String> = Vec::new();
    let mut unknown: Vec<Option<String>> = Vec::new();
    for flow in &model.flows {
        let origin = model.component(flow.origin);
        let load = load * flow.load;
        let (pair, reason, lack) = match (flow.rate, flow.volume) {
            (Some(r), _) => ((r.mid * load, r.mid * load / ptm), "its `rate`".to_owned(), None),
            (None, Some(v)) => {
                ((v.mid * load * ptm, v.mid * load), format!("its `volume` times peak_to_mean {ptm}"), None)
            }
            (None, None) if origin.kind.facets.buffers => {
                ((0.0, 0.0), format!("what is published to `{}`", origin.name), None)
            }
            (None, None) => match origin.attrs.number("every") {
                Some(t) => ((load / t.mid, load / t.mid), format!("`every` of `{}`", origin.name), None),
                None => {
                    ((0.0, 0.0), "unknown".to_owned(), Some(format!("flow `{}` has no `rate` or `volume`", flow.name)))
                }
            },
        };
        own.push(pair);
        why.push(reason);
        unknown.push(lack);
    }
    let mut gain: Vec<Vec<(usize, f64)>> = Vec::new();
    let mut feeds: Vec<Vec<usize>> = vec![Vec::new(); model.flows.len()];
    for (g, list) in hops.iter().enumerate() {
        let mut out: BTreeMap<usize, f64> = BTreeMap::new();
        for hop in list.iter().filter(|h| model.component(h.to).kind.facets.buffers) {
            for f in consumers(hop.to) {
                match &hop.visits {
                    Ok(v) => *out.entry(f).or_default() += v,
                    Err(e) => {
                        if let Some(slot) = unknown.get_mut(f) {
                            slot.get_or_insert_with(|| e.clone());
                        }
                    }
                }
                if let Some(list) = feeds.get_mut(f) {
                    list.push(g);
                }
            }
        }
        gain.push(out.into_iter().collect());
    }
    // Unknown travels along the queues.
    for _ in 0..model.flows.len() {
        let mut changed = false;
        for f in 0..model.flows.len() {
            if unknown.get(f).is_some_and(Option::is_some) {
                continue;
            }
            let from = feeds.get(f).into_iter().flatten().find_map(|g| unknown.get(*g).cloned().flatten());
            if let (Some(reason), Some(slot)) = (from, unknown.get_mut(f)) {
                *slot = Some(reason);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let peaks: Vec<f64> = own.iter().map(|(p, _)| *p).collect();
    let means: Vec<f64> = own.iter().map(|(_, m)| *m).collect();
    match (solve(&peaks, &gain), solve(&means, &gain)) {
        (Ok(peaks), Ok(means)) => {
            let all =
                peaks.into_iter().zip(means).zip(why).zip(unknown).enumerate().map(|(i, (((p, m), why), lack))| {
                    let starved = model.flows.get(i).is_some_and(|f| {
                        f.rate.is_none() && f.volume.is_none() && model.component(f.origin).kind.facets.buffers
                    }) && feeds.get(i).is_none_or(Vec::is_empty);
                    let lack = lack.or_else(|| {
                        starved.then(|| {
                            format!(
                                "nothing is published to `{}`",
                                model.flows.get(i).map_or("", |f| model.component(f.origin).name.as_str())
                            )
                        })
                    });
                    match lack {
                        None => (Ok(p), Ok(m), why),
                        Some(e) => (Err(e.clone()), Err(e), why),
                    }
                });
            (all.collect(), None)
        }
        (Err(TrafficError { ring }), _) | (_, Err(TrafficError { ring })) => {
            let reason = "its queues feed each other without bound".to_owned();
            let all = why.into_iter().map(|w| (Err(reason.clone()), Err(reason.clone()), w)).collect();
            (all, Some(ring.into_iter().map(FlowId).collect()))
        }
    }
}

fn flow_hops(model: &Model, origin: CompId, steps: &[Step], batch: f64) -> Vec<Hop> {
    let mut hops = Vec::new();
    let c = model.component(origin);
    let mut visits: Known = Ok(1.0 / batch);
    let mut why = if batch > 1.0 { format!("1 / batch {batch}") } else { String::new() };
    if let Some((hit, name)) = absorbed(model, origin, &c.attrs, &Attrs::default())
        && cacheable(model, steps)
    {
        visits = times(&visits, &hit.map(|h| 1.0 - h));
        why = join(&why, &format!("misses of {name}"));
    }
    walk(model, origin, steps, &visits, &why, &mut hops);
    hops
}

/// The share that a component answers itself, if it has a cache.
pub(super) fn absorbed(model: &Model, id: CompId, attrs: &Attrs, call: &Attrs) -> Option<(Known, String)> {
    let c = model.component(id);
    let name = format!("`{}`", c.name);
    let own = match c.kind.facets.absorb? {
        Absorb::Hit => Some(attrs.number("hit")),
        Absorb::CacheBlock => attrs.block("cache").map(|b| b.number("hit")),
    };
    match (call.number("hit"), own) {
        (Some(h), _) | (None, Some(Some(h))) => Some((Ok(h.mid), name)),
        (None, Some(None)) => Some((Err(format!("{name} does not say its `hit` ratio")), name)),
        (None, None) => None,
    }
}

/// Whether nothing below writes or leaves the system.
pub(super) fn cacheable(model: &Model, steps: &[Step]) -> bool {
    let mut fine = true;
    Step::walk(steps, &mut |c| {
        let facets = model.component(c.target).kind.facets;
        fine &= !c.writes && !facets.external;
    });
    fine
}

fn times(a: &Known, b: &Known) -> Known {
    both(a, b)
}

fn join(a: &str, b: &str) -> String {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.to_owned(),
        (_, true) => a.to_owned(),
        _ => format!("{a}, {b}"),
    }
}

fn walk(model: &Model, owner: CompId, steps: &[Step], visits: &Known, why: &str, hops: &mut Vec<Hop>) {
    for step in steps {
        match step {
            Step::Call(c) => call(model, owner, c, visits, why, hops),
            Step::Parallel(inner) => walk(model, owner, inner, visits, why, hops),
            Step::Choose(arms) => {
                for (share, inner) in arms {
                    walk(
                        model,
                        owner,
                        inner,
                        &times(visits, &Ok(*share)),
                        &join(why, &format!("arm of {}", crate::units::show_ratio(*share))),
                        hops,
                    );
                }
            }
        }
    }
}

fn call(model: &Model, owner: CompId, c: &Call, visits: &Known, why: &str, hops: &mut Vec<Hop>) {
    let batch = c.attrs.number("batch").map_or(1.0, |b| b.mid);
    let here = times(visits, &Ok(c.times * c.share / batch));
    let mut reason = why.to_owned();
    if (c.times - 1.0).abs() > f64::EPSILON {
        reason = join(&reason, &format!("x{}", c.times));
    }
    if c.share < 1.0 {
        reason = join(&reason, &crate::units::show_ratio(c.share));
    }
    if batch > 1.0 {
        reason = join(&reason, &format!("1 / batch {batch}"));
    }
    let target = model.component(c.target);
    hops.push(Hop {
        from: owner,
        to: c.target,
        op: c.op.clone(),
        at: c.target_span,
        is_async: c.is_async,
        visits: here.clone(),
        cpu: c.attrs.latency("cpu"),
        wait: c.attrs.latency("wait"),
        read_from: c.attrs.word("from").map(str::to_owned),
        bytes: (c.attrs.number("size").map(|v| v.mid), c.attrs.number("reply").map(|v| v.mid)),
        why: reason.clone(),
    });
    let (mut below, mut below_why) = (here.clone(), reason.clone());
    if let Some((hit, name)) = absorbed(model, c.target, &target.attrs, &c.attrs)
        && cacheable(model, &c.body)
        && !c.body.is_empty()
    {
        below = times(&here, &hit.map(|h| 1.0 - h));
        below_why = join(&reason, &format!("misses of {name}"));
    }
    walk(model, c.target, &c.body, &below, &below_why, hops);
    if !c.on_miss.is_empty() {
        let hit = c.attrs.number("hit").or_else(|| target.attrs.number("hit"));
        let miss =
            hit.map_or_else(|| Err(format!("`{}` does not say its `hit` ratio", target.name)), |h| Ok(1.0 - h.mid));
        walk(
            model,
            owner,
            &c.on_miss,
            &times(&here, &miss),
            &join(&reason, &format!("misses of `{}`", target.name)),
            hops,
        );
    }
}
