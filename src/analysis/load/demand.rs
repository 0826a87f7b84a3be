//! Demand: arrival rates of each component and operation.
//!
//! In: rates of flows; counts, probabilities and hit ratios of calls. Out: visits per start of a
//! flow, rates per component and operation at the peak. If an input of a rate is missing, the rate
//! is unknown and its reason names the input. Retries and fallbacks of failed calls are counted with
//! the outcomes in a [`State`]. Never: a capacity.

use crate::analysis::ground::known::Known;
use crate::analysis::load::hits::Hits;
use crate::analysis::load::periods;
use crate::analysis::load::state::State;
use crate::analysis::load::traffic::{TrafficError, solve};
use crate::base::Span;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::Subject;
use crate::model::keys;
use crate::model::{Attrs, Call, CompId, FlowId, Latency, Model, Step};
use crate::resource::{Protocol, ReadFrom};
use crate::units::significant;
use std::collections::BTreeMap;

/// One call of a flow.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The caller.
    pub from: CompId,
    /// The callee.
    pub to: CompId,
    /// The call number in the flow.
    pub call: usize,
    /// The operation.
    pub op: String,
    /// Source location of the target's name.
    pub at: Span,
    /// Whether the caller continues without the answer.
    pub is_async: bool,
    /// Mean number of visits per start of the flow.
    pub visits: Known,
    /// CPU time of one visit, if the call sets it.
    pub cpu: Option<Latency>,
    /// Time without CPU of one visit, if the call sets it.
    pub wait: Option<Latency>,
    /// The replica that answers (`primary`, `replica`, `any`, `quorum`), if the call sets it.
    pub read_from: Option<ReadFrom>,
    /// The protocol, if the call sets it.
    pub protocol: Option<Protocol>,
    /// Bytes of request and reply, if the call sets them.
    pub bytes: (Option<f64>, Option<f64>),
    /// Derivation of `visits` for `explain`: counts, probabilities, hit ratios.
    pub why: String,
    /// Whether the call is a lookup in the target's cache.
    looks_up: bool,
}

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
    let each = model.flows.iter().enumerate();
    let hops: Vec<Vec<Hop>> = each
        .map(|(i, f)| {
            let mut walker = Walker { model, state, hits: &hits, flow: FlowId(i), hops: Vec::new() };
            walker.flow(f.origin, &f.steps, f.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid));
            walker.hops
        })
        .collect();
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

fn plus(sum: &Known, more: Known) -> Known {
    match (sum, more) {
        (Ok(a), Ok(b)) => Ok(a + b),
        (Err(e), _) => Err(e.clone()),
        (_, Err(e)) => Err(e),
    }
}

/// The product of rate and visits; 0 visits give 0 even if the rate is unknown.
fn product(rate: &Known, visits: &Known) -> Known {
    match (rate, visits) {
        (_, Ok(0.0)) => Ok(0.0),
        (Ok(a), Ok(b)) => Ok(a * b),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    }
}

/// Rate at the peak, mean rate, source of the rate.
type FlowRate = (Known, Known, String);

/// Rates of all flows, and the flows that do not run, at the peak and in each window.
struct Rates {
    peak: (Vec<FlowRate>, Vec<bool>),
    off_peak: Vec<(Vec<FlowRate>, Vec<bool>)>,
    unbounded: Option<Vec<FlowId>>,
}

/// Rates of all flows: set by the flow, by a timer, or equal to the publish rate of the queue.
fn flow_rates(model: &Model, hops: &[Vec<Hop>], load: f64) -> Rates {
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
    let mut unknown: Vec<Option<Reason>> = Vec::new();
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
            (None, None) => match origin.attrs.read(keys::EVERY) {
                Some(t) => ((load / t.mid, load / t.mid), format!("`every` of `{}`", origin.name), None),
                None => {
                    let subject = Subject::Flow(flow.name.clone());
                    let sentence = format!("flow `{}` has no `rate` or `volume`", flow.name);
                    let why = Reason::about(ReasonKind::Missing, subject, Some("rate"), sentence);
                    ((0.0, 0.0), "unknown".to_owned(), Some(why))
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
    // A flow is unknown if a flow that publishes to its queue is unknown.
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
    let ring = |ring: Vec<usize>| {
        let reason = Reason::new(ReasonKind::Overload, "its queues feed each other without bound");
        let all = why.iter().map(|w| (Err(reason.clone()), Err(reason.clone()), w.clone())).collect();
        Rates { peak: (all, Vec::new()), off_peak: Vec::new(), unbounded: Some(ring.into_iter().map(FlowId).collect()) }
    };
    let means = match solve(&means, &gain) {
        Ok(means) => means,
        Err(TrafficError { ring: r }) => return ring(r),
    };
    for (i, slot) in unknown.iter_mut().enumerate() {
        let Some(f) = model.flows.get(i) else { continue };
        let origin = model.component(f.origin);
        let starved = f.rate.is_none() && f.volume.is_none() && origin.kind.facets.buffers;
        if starved && feeds.get(i).is_none_or(Vec::is_empty) {
            slot.get_or_insert_with(|| {
                Reason::of(ReasonKind::NotApplicable, origin, format!("nothing is published to `{}`", origin.name))
            });
        }
    }
    let shown = |peaks: Vec<f64>| -> Vec<FlowRate> {
        let each = peaks.into_iter().zip(&means).zip(&why).zip(&unknown).enumerate();
        each.map(|(f, (((peak, mean), why), lack))| {
            let why = periods::window_speedup(model, f).map_or_else(
                || why.clone(),
                |h| format!("{why}, a day's in its `window`: {} times the mean", significant(h, 3)),
            );
            match lack {
                None => (Ok(peak), Ok(*mean), why),
                Some(e) => (Err(e.clone()), Err(e.clone()), why),
            }
        })
        .collect()
    };
    let periods_of_day = periods::periods_of(model);
    if periods_of_day.is_empty() {
        return match solve(&peaks, &gain) {
            Ok(peaks) => Rates { peak: (shown(peaks), Vec::new()), off_peak: Vec::new(), unbounded: None },
            Err(TrafficError { ring: r }) => ring(r),
        };
    }
    let mut all = Vec::new();
    for period in periods_of_day {
        let (rates, gains) = periods::at(model, &period, &own, &gain, &means);
        match solve(&rates, &gains) {
            Ok(mut rates) => {
                // A flow that does not run now has the rate of its window.
                for (f, (rate, mean)) in rates.iter_mut().zip(&means).enumerate() {
                    if let Some(window_speedup) =
                        periods::window_speedup(model, f).filter(|_| period.idle.get(f) == Some(&true))
                    {
                        *rate = mean * window_speedup;
                    }
                }
                all.push((shown(rates), period.idle));
            }
            Err(TrafficError { ring: r }) => return ring(r),
        }
    }
    let off_peak = all.split_off(1);
    Rates { peak: all.pop().unwrap_or_default(), off_peak, unbounded: None }
}

/// Collects the calls of one flow.
struct Walker<'a> {
    model: &'a Model,
    state: &'a State,
    hits: &'a Hits,
    flow: FlowId,
    hops: Vec<Hop>,
}

impl Walker<'_> {
    fn flow(&mut self, origin: CompId, steps: &[Step], batch: f64) {
        let mut visits: Known = Ok(1.0 / batch);
        let mut why = if batch > 1.0 { format!("1 / batch {batch}") } else { String::new() };
        if let Some((hit, name)) = absorbed(self.model, self.hits, origin, &Attrs::default())
            && cacheable(self.model, steps)
        {
            visits = product(&visits, &hit.map(|h| 1.0 - h));
            why = join(&why, &format!("misses of {name}"));
        }
        self.walk(origin, steps, &visits, &why);
    }

    fn walk(&mut self, owner: CompId, steps: &[Step], visits: &Known, why: &str) {
        for step in steps {
            match step {
                Step::Call(c) => self.call(owner, c, visits, why),
                Step::Parallel(inner) => self.walk(owner, inner, visits, why),
                Step::Choose(arms) => {
                    for (share, inner) in arms {
                        let why = join(why, &format!("arm of {}", crate::units::show_ratio(*share)));
                        self.walk(owner, inner, &product(visits, &Ok(*share)), &why);
                    }
                }
            }
        }
    }

    fn call(&mut self, owner: CompId, c: &Call, visits: &Known, why: &str) {
        let batch = c.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid);
        let asked = product(visits, &Ok(c.times * c.share / batch));
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
        let target = self.model.component(c.target);
        let outcome = self.state.outcome(self.flow, c.id);
        let (mut here, mut here_why) = (asked.clone(), reason.clone());
        if let Some(t) = outcome.filter(|t| !matches!(t.attempts, Ok(n) if (n - 1.0).abs() < 1e-15)) {
            here = product(&asked, &t.attempts);
            if let Ok(n) = t.attempts {
                here_why = join(&reason, &format!("{} attempts", crate::units::significant(n, 4)));
            }
        }
        let absorbs = absorbed(self.model, self.hits, c.target, &c.attrs)
            .filter(|_| !c.body.is_empty() && cacheable(self.model, &c.body));
        let first = target.kind.ops.first().is_some_and(|o| o.name == c.op);
        self.hops.push(Hop {
            from: owner,
            to: c.target,
            call: c.id,
            op: c.op.clone(),
            at: c.target_span,
            is_async: c.is_async,
            visits: here.clone(),
            cpu: c.attrs.read(keys::CPU),
            wait: c.attrs.read(keys::WAIT),
            read_from: c.attrs.read(keys::FROM).and_then(ReadFrom::of),
            protocol: c.attrs.read(keys::PROTOCOL).and_then(Protocol::of),
            bytes: (c.attrs.read(keys::SIZE).map(|v| v.mid), c.attrs.read(keys::REPLY).map(|v| v.mid)),
            why: here_why.clone(),
            looks_up: absorbs.is_some() || target.kind.facets.misses && first,
        });
        // A lost component makes no calls for the retries that it receives.
        let (mut downstream, mut downstream_why) =
            if outcome.is_some_and(|t| t.lost) { (asked.clone(), reason.clone()) } else { (here, here_why) };
        let admitted = self.state.backpressure.admission.share(c.target, self.flow);
        if admitted < 1.0 {
            downstream = product(&downstream, &Ok(admitted));
            let share = crate::units::show_ratio(admitted);
            downstream_why = join(&downstream_why, &format!("{share} admitted by `{}`", target.name));
        }
        if let Some((hit, name)) = absorbs {
            downstream = product(&downstream, &hit.map(|h| 1.0 - h));
            downstream_why = join(&downstream_why, &format!("misses of {name}"));
        }
        self.walk(c.target, &c.body, &downstream, &downstream_why);
        let residual = outcome.map_or(Ok(0.0), |t| t.residual.clone());
        if !c.fallback.is_empty() && !matches!(residual, Ok(r) if r <= 0.0) {
            let why = join(&reason, &format!("when `{}` fails", target.name));
            self.walk(owner, &c.fallback, &product(&asked, &residual), &why);
        }
        if !c.on_miss.is_empty() {
            // A failed call to a cache without a fallback counts as a miss.
            let silent = if target.kind.facets.misses && c.fallback.is_empty() { residual } else { Ok(0.0) };
            let miss = match (missed(self.model, self.hits, c), silent) {
                (Err(e), _) | (_, Err(e)) => Err(e),
                (Ok(miss), Ok(silent)) => Ok(1.0 - (1.0 - miss) * (1.0 - silent)),
            };
            let why = join(&reason, &format!("misses of `{}`", target.name));
            self.walk(owner, &c.on_miss, &product(&asked, &miss), &why);
        }
    }
}

/// The share of requests that the cache of a component answers, and its name; `None` without a cache.
pub(in crate::analysis) fn absorbed(model: &Model, hits: &Hits, id: CompId, call: &Attrs) -> Option<(Known, String)> {
    let c = model.component(id);
    c.kind.facets.absorb?;
    share(hits, id, call).map(|hit| (hit, format!("`{}`", c.name)))
}

/// The hit ratio of a call: from the call's `hit`, or else from the cache.
pub(in crate::analysis) fn share(hits: &Hits, id: CompId, call: &Attrs) -> Option<Known> {
    let of_call = call.read(keys::HIT).map(|h| Ok(h.mid));
    of_call.or_else(|| hits.of(id).map(|h| h.value.clone()))
}

/// Whether no downstream call writes or calls an external system.
pub(in crate::analysis) fn cacheable(model: &Model, steps: &[Step]) -> bool {
    let mut fine = true;
    Step::walk(steps, &mut |c| {
        let facets = model.component(c.target).kind.facets;
        fine &= !c.writes && !facets.external;
    });
    fine
}

fn join(a: &str, b: &str) -> String {
    match (a.is_empty(), b.is_empty()) {
        (true, _) => b.to_owned(),
        (_, true) => a.to_owned(),
        _ => format!("{a}, {b}"),
    }
}

/// The miss ratio of a call.
pub(in crate::analysis) fn missed(model: &Model, hits: &Hits, c: &Call) -> Known {
    let none = || {
        Err(Reason::new(
            ReasonKind::Missing,
            format!("`{}` does not say its `hit` ratio", model.component(c.target).name),
        ))
    };
    share(hits, c.target, &c.attrs).unwrap_or_else(none).map(|h| 1.0 - h)
}
