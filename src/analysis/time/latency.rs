//! Latency of a flow: from the origin's request to its answer.
//!
//! In: the flow's steps, response times of the stations, round trips. Out: a distribution in seconds;
//! percentiles are its quantiles, never sums of percentiles. Never: bandwidth, several regions.
//!
//! Calls in sequence add up, and `xN` repeats. A probability, `choose`, and the hit or miss of a cache
//! (also of a client, a CDN, a balancer or a service) are mixtures. `parallel` takes the slowest
//! branch. Asynchronous calls do not count. Every call has its round trip: `edge` from a client to a
//! component near it, `client` from a client or an edge to the region. Inside a region it is the mean
//! over zones (with three zones a third of the calls stay in their zone), or `zone` with
//! `affinity = zone`. Parts are independent (exact for M/M/1 in series: Burke 1956, Reich 1957). Paths
//! with very many mixtures keep the widest exact and merge the others
//! ([`crate::theory::Distribution::path`]).
//!
//! Calls with a timeout, retries or a hedge follow [`crate::analysis::load::call_policy`]: their time
//! lasts until the answer or the last failure. Then the `fallback` runs. Without a fallback the flow
//! continues as if the call had succeeded (an upper bound). Each time has the probability that
//! the flow fails: parts fail independently, and a failed cache or `optional` call does not fail the
//! flow. A flow that loses a required component, or whose requests are never answered, is unbounded.

use crate::analysis::ground::known::Known;
use crate::analysis::ground::network::Network;
use crate::analysis::ground::time_value::{Measure, Timed};
use crate::analysis::load::call_policy::{CallOutcome, Policies, Policy, SURE, call_result};
use crate::analysis::load::demand::Demand;
use crate::analysis::load::hits::{Hits, absorbed, cacheable, missed};
use crate::analysis::load::state::State;
use crate::analysis::time::answer::{Answer, any_fails, time_with_probability, weighted_failure, with_probability};
use crate::analysis::time::holds::{HoldingTime, moments};
use crate::analysis::time::stations::Station;
use crate::analysis::time::visit::Visit;
use crate::base::Span;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Attrs, Call, CompId, Flow, FlowId, Model, Step};
use crate::resource::{Affinity, ReadFrom};
use std::collections::BTreeMap;

/// The contribution of one call to the mean of its flow.
#[derive(Clone, Debug)]
pub struct Part {
    /// The caller.
    pub from: CompId,
    /// The callee.
    pub to: CompId,
    /// The operation.
    pub op: String,
    /// Expected seconds per start of the flow.
    pub mean: f64,
}

/// Latency of one flow.
#[derive(Clone, Debug)]
pub struct FlowLatency {
    /// Time from the origin's request to its answer, or to the last failure.
    pub time: Timed,
    /// The share of the flow's requests that fail.
    pub errors: Known,
    /// Outcomes of its calls, by call number.
    pub outcomes: BTreeMap<usize, CallOutcome>,
    /// Time of one visit of each hop: round trip, queueing and service, without downstream calls.
    pub hops: Vec<Timed>,
    /// Contributions of the calls that the flow waits for.
    pub parts: Vec<Part>,
    /// Holding times of all visits, including those of asynchronous calls.
    pub holds: Vec<HoldingTime>,
}

impl FlowLatency {
    /// A latency from its time and its share of failures, without parts.
    pub(in crate::analysis) fn of((time, errors): (Timed, Known)) -> Self {
        Self { time, errors, outcomes: BTreeMap::new(), hops: Vec::new(), parts: Vec::new(), holds: Vec::new() }
    }

    /// The call with the largest contribution to the mean, and its share of all contributions.
    #[must_use]
    pub fn heaviest(&self) -> Option<(&Part, f64)> {
        let total: f64 = self.parts.iter().map(|p| p.mean).sum();
        let mut best: Option<&Part> = None;
        for part in &self.parts {
            if best.is_none_or(|b| part.mean > b.mean) {
                best = Some(part);
            }
        }
        best.filter(|_| total > 0.0).map(|p| (p, p.mean / total))
    }
}

/// The latency of every flow, with breakers and rejections of `state`.
#[must_use]
pub fn latencies(
    model: &Model,
    demand: &Demand,
    stations: &[Station],
    policies: &Policies,
    state: &State,
) -> Vec<FlowLatency> {
    let each = model.flows.iter().zip(&demand.flows).enumerate();
    each.map(|(i, (_, fd))| {
        let mut path = Path::new(model, FlowId(i), &demand.hits, stations, policies, state);
        (path.parts, path.holds) = (Some(Vec::new()), Some(Vec::new()));
        let hops = fd.hops.iter().map(|h| path.one_visit(h.from, h.to, &Visit::of(h))).collect();
        let (time, errors) = path.flow(model.flow(FlowId(i)));
        let (parts, holds) = (path.parts.unwrap_or_default(), path.holds.unwrap_or_default());
        FlowLatency { time, errors, outcomes: path.outcomes, hops, parts, holds }
    })
    .collect()
}

/// The latency of one flow and the share of its requests that fail, without breakers and rejections.
pub fn latency_of(model: &Model, hits: &Hits, id: FlowId, stations: &[Station], policies: &Policies) -> (Timed, Known) {
    Path::new(model, id, hits, stations, policies, &State::default()).flow(model.flow(id))
}

/// One part of a flow's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// The work of the origin.
    Own,
    /// Round trip, queueing and service of the call whose target's name is at this location.
    /// If the call makes no calls itself, its timeout and hedge scale too, so that the timeout cuts off
    /// the same share as before.
    Call(Span),
    /// The waits before all retries.
    Waits,
}

/// The latency of one flow with one part multiplied by `factor`.
#[must_use]
pub fn stretched(
    model: &Model,
    (hits, id): (&Hits, FlowId),
    stations: &[Station],
    policies: &Policies,
    (part, factor): (Stretch, f64),
) -> Timed {
    let state = State::default();
    let mut path = Path::new(model, id, hits, stations, policies, &state);
    path.stretch = Some((part, factor));
    path.flow(model.flow(id)).0
}

/// The outcomes of the calls of one flow.
pub(in crate::analysis) fn outcomes(
    model: &Model,
    id: FlowId,
    hits: &Hits,
    stations: &[Station],
    policies: &Policies,
    state: &State,
) -> BTreeMap<usize, CallOutcome> {
    let mut path = Path::new(model, id, hits, stations, policies, state);
    path.counts_only = true;
    let _ = path.flow(model.flow(id));
    path.outcomes
}

/// The time of a consumer for one message.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct ConsumerTime {
    /// The round trip to the queue, seconds.
    pub trip: f64,
    /// Time from the arrival of the message until the consumer's work and its calls are done.
    pub work: Timed,
}

/// The time of a consumer for one message or one start of a flow, after the wait for a slot.
///
/// It is computed like the time of a request, although the queue does not wait for the consumer.
/// With `at_once` the message finds a free core: only service counts at the consumer.
pub(in crate::analysis) fn consumer_time(
    model: &Model,
    id: FlowId,
    hits: &Hits,
    stations: &[Station],
    policies: &Policies,
    at_once: bool,
) -> ConsumerTime {
    let flow = model.flow(id);
    if model.system.regions.len() > 1 {
        let why = Reason::new(ReasonKind::NotModelled, "round trips between several regions are not modeled yet");
        return ConsumerTime { trip: 0.0, work: Timed::Unknown(why) };
    }
    let state = State::default();
    let mut path = Path::new(model, id, hits, stations, policies, &state);
    path.consumer = Some(Consumer { queue: flow.origin, at_once });
    let (network, in_zone) = (path.network, path.in_zone);
    let calls = flow.steps.iter().filter_map(Step::call);
    let trips = calls.map(|c| network.trip(model.component(flow.origin), model.component(c.target), in_zone).seconds);
    ConsumerTime { trip: trips.fold(0.0, f64::max), work: path.steps(flow.origin, &flow.steps, 1.0).time }
}

/// The consumer of a queue.
#[derive(Clone, Copy)]
struct Consumer {
    queue: CompId,
    at_once: bool,
}

struct Path<'a> {
    model: &'a Model,
    id: FlowId,
    hits: &'a Hits,
    stations: &'a [Station],
    policies: &'a Policies,
    state: &'a State,
    network: Network,
    in_zone: bool,
    outcomes: BTreeMap<usize, CallOutcome>,
    /// Contributions of the calls, if they are collected.
    parts: Option<Vec<Part>>,
    /// Holding times of the visits, if they are collected.
    holds: Option<Vec<HoldingTime>>,
    /// The consumer, for the flow of a queue.
    consumer: Option<Consumer>,
    /// The part that is scaled, and its factor.
    stretch: Option<(Stretch, f64)>,
    /// Whether only the outcomes of calls are computed, and times only if an outcome depends on them.
    counts_only: bool,
    /// Number of enclosing calls with a timeout or a hedge.
    awaited: usize,
}

impl<'a> Path<'a> {
    fn new(
        model: &'a Model,
        id: FlowId,
        hits: &'a Hits,
        stations: &'a [Station],
        policies: &'a Policies,
        state: &'a State,
    ) -> Self {
        let in_zone = model.flow(id).attrs.read(keys::AFFINITY).and_then(Affinity::of) == Some(Affinity::Zone);
        let network = Network::of(model);
        Self {
            model,
            id,
            hits,
            stations,
            policies,
            state,
            network,
            in_zone,
            outcomes: BTreeMap::new(),
            parts: None,
            holds: None,
            consumer: None,
            stretch: None,
            counts_only: false,
            awaited: 0,
        }
    }

    /// The time of a flow, and the share of its requests that fail.
    fn flow(&mut self, flow: &Flow) -> (Timed, Known) {
        let origin = self.model.component(flow.origin);
        // A service does work for the flows that it starts. A client or a timer does none.
        let works = !origin.kind.facets.origin && !origin.kind.facets.buffers;
        let own = if works {
            let op = origin.kind.ops.first().map_or("", |o| o.name);
            let visit = Visit { op, cpu: None, wait: None, read_from: None };
            let own = self.station(flow.origin, &visit);
            self.stretched(Stretch::Own, own)
        } else {
            Timed::zero()
        };
        let lost_target = self.stations.get(flow.origin.0).and_then(Station::lost).filter(|_| works);
        let downstream = self.downstream(flow.origin, &Attrs::default(), &flow.steps, 1.0);
        let errors = if lost_target.is_some() { Ok(1.0) } else { downstream.fails };
        if works {
            self.hold((None, flow.origin), 1.0, &own, &downstream.time);
        }
        if origin.kind.facets.buffers {
            let why = format!("nobody waits for a flow that starts at `{}`: its time is `lag`", origin.name);
            let why = Reason::of_flow(ReasonKind::NotApplicable, &flow.name, why);
            return (Timed::Unknown(why), errors);
        }
        if !flow.steps.iter().any(waits) {
            return (
                Timed::Unknown(Reason::of_flow(
                    ReasonKind::NotApplicable,
                    &flow.name,
                    format!("flow `{}` waits for nothing", flow.name),
                )),
                errors,
            );
        }
        if self.model.system.regions.len() > 1 {
            return (
                Timed::Unknown(Reason::new(
                    ReasonKind::NotModelled,
                    "round trips between several regions are not modeled yet",
                )),
                errors,
            );
        }
        if let Some(lost) = downstream.lost {
            return (Timed::Unbounded(lost), errors);
        }
        if errors.as_ref().is_ok_and(|e| *e > SURE) {
            return (
                Timed::Unbounded(Reason::of_flow(
                    ReasonKind::Overload,
                    &flow.name,
                    format!("no request of flow `{}` is answered in time", flow.name),
                )),
                errors,
            );
        }
        (Timed::sequence(&[own, downstream.time]), errors)
    }

    fn hold(&mut self, (from, of): (Option<CompId>, CompId), visits: f64, own: &Timed, downstream: &Timed) {
        if let Some(holds) = &mut self.holds {
            holds.push(HoldingTime { of, from, visits, own: moments(own), downstream: moments(downstream) });
        }
    }

    fn station(&self, id: CompId, visit: &Visit) -> Timed {
        self.stations.get(id.0).map_or_else(Timed::zero, |s| s.visit(self.model, id, visit))
    }

    fn stretched(&self, part: Stretch, time: Timed) -> Timed {
        match self.stretch {
            Some((which, factor)) if which == part => time.scaled(factor),
            _ => time,
        }
    }

    /// Round trip, queueing and service of one visit, without downstream calls.
    fn one_visit(&self, from: CompId, to: CompId, visit: &Visit) -> Timed {
        if let Some(consumer) = self.consumer.filter(|t| t.queue == from) {
            let station = self.stations.get(to.0);
            // The slot is the thread: a message with a slot does not wait for a thread.
            let taken = |s: &Station| {
                if consumer.at_once { s.work(self.model, to, visit) } else { s.at_core(self.model, to, visit) }
            };
            return station.map_or_else(Timed::zero, taken);
        }
        self.trip(from, to).then(&self.station(to, visit))
    }

    /// The round trip of a call.
    fn trip(&self, from: CompId, to: CompId) -> Timed {
        let trip = self.network.trip(self.model.component(from), self.model.component(to), self.in_zone);
        Timed::constant(trip.seconds)
    }

    /// The downstream steps of a component; a hit in its cache skips them.
    fn downstream(&mut self, id: CompId, call: &Attrs, steps: &[Step], weight: f64) -> Answer {
        if steps.is_empty() {
            return Answer::zero();
        }
        let cache = absorbed(self.model, self.hits, id, call).filter(|_| cacheable(self.model, steps));
        match cache {
            None => self.steps(id, steps, weight),
            Some((Ok(hit), _)) => {
                let miss = self.steps(id, steps, weight * (1.0 - hit));
                with_probability(1.0 - hit, miss)
            }
            Some((Err(e), _)) => {
                // The outcomes of the calls are still computed: they do not depend on the hit ratio.
                let _ = self.steps(id, steps, weight);
                Answer { time: Timed::Unknown(e.clone()), fails: Err(e), lost: None }
            }
        }
    }

    fn steps(&mut self, owner: CompId, steps: &[Step], weight: f64) -> Answer {
        let mut all = Vec::new();
        for step in steps {
            let this = match step {
                Step::Call(c) => {
                    let unit = self.call(owner, c, weight);
                    let (rounds, time) = (rounds(c), unit.time.repeat(rounds(c)));
                    let fails = any_fails(&[(rounds, &unit.fails)]);
                    with_probability(c.share, Answer { time, fails, lost: unit.lost })
                }
                Step::Parallel(inner) => self.parallel(owner, inner, weight),
                Step::Choose(arms) => {
                    let branches: Vec<(f64, Answer)> =
                        arms.iter().map(|(share, inner)| (*share, self.steps(owner, inner, weight * share))).collect();
                    let rest = 1.0 - arms.iter().map(|(share, _)| share).sum::<f64>();
                    let mut times: Vec<(f64, Timed)> = branches.iter().map(|(w, a)| (*w, a.time.clone())).collect();
                    if rest > 1e-9 {
                        times.push((rest, Timed::zero()));
                    }
                    let fails = weighted_failure(&branches.iter().map(|(w, a)| (*w, &a.fails)).collect::<Vec<_>>());
                    let lost = branches.into_iter().filter(|(w, _)| *w > 0.0).find_map(|(_, a)| a.lost);
                    Answer { time: Timed::mixture(&times), fails, lost }
                }
            };
            all.push(this);
        }
        let fails = any_fails(&all.iter().map(|a| (1.0, &a.fails)).collect::<Vec<_>>());
        let lost = all.iter().find_map(|a| a.lost.clone());
        Answer { time: Timed::sequence(&all.into_iter().map(|a| a.time).collect::<Vec<_>>()), fails, lost }
    }

    fn parallel(&mut self, owner: CompId, steps: &[Step], weight: f64) -> Answer {
        let mut branches: Vec<(Timed, u32)> = Vec::new();
        let mut ends: Vec<(f64, Known)> = Vec::new();
        let mut lost = None;
        for step in steps {
            match step.call() {
                Some(c) => {
                    let unit = self.call(owner, c, weight);
                    let (whole, rest) = (rounds(c).floor(), rounds(c).fract());
                    let once = time_with_probability(c.share, unit.time.clone());
                    // The probability applies to all repetitions of a call together.
                    if c.share < 1.0 && whole > 1.0 {
                        let all = Timed::slowest(&[(unit.time, copies(whole))]);
                        branches.push((time_with_probability(c.share, all), 1));
                    } else if whole >= 1.0 {
                        branches.push((once.clone(), copies(whole)));
                    }
                    if rest > 1e-12 {
                        branches.push((time_with_probability(rest, once), 1));
                    }
                    ends.push((1.0, weighted_failure(&[(c.share, &any_fails(&[(rounds(c), &unit.fails)]))])));
                    lost = lost.or(unit.lost.filter(|_| c.share > 0.0));
                }
                None => {
                    let this = self.steps(owner, std::slice::from_ref(step), weight);
                    branches.push((this.time, 1));
                    ends.push((1.0, this.fails));
                    lost = lost.or(this.lost);
                }
            }
        }
        let fails = any_fails(&ends.iter().map(|(n, f)| (*n, f)).collect::<Vec<_>>());
        Answer { time: Timed::slowest(&branches), fails, lost }
    }

    /// One call with all its attempts: the target and its downstream steps, then the steps of the
    /// caller
    /// after a failure or a miss.
    fn call(&mut self, owner: CompId, c: &Call, weight: f64) -> Answer {
        let weight = weight * c.share * rounds(c);
        let visit = Visit {
            op: &c.op,
            cpu: c.attrs.read(keys::CPU),
            wait: c.attrs.read(keys::WAIT),
            read_from: c.attrs.read(keys::FROM).and_then(ReadFrom::of),
        };
        if c.is_async && self.consumer.is_none_or(|t| t.queue != owner) {
            // The caller does not wait. Holding times and outcomes of downstream calls still count.
            if self.holds.is_some() || self.policies.of_flow(self.id.0).next().is_some() {
                let parts = self.parts.take();
                let downstream = self.downstream(c.target, &c.attrs, &c.body, weight).time;
                self.parts = parts;
                if self.holds.is_some() {
                    let own = self.station(c.target, &visit);
                    self.hold((Some(owner), c.target), weight, &own, &downstream);
                }
            }
            return Answer::zero();
        }
        let target = self.model.component(c.target);
        let own = self.station(c.target, &visit);
        let alone = self.one_visit(owner, c.target, &visit);
        let alone = self.stretched(Stretch::Call(c.target_span), alone);
        if let Some(parts) = &mut self.parts
            && let Measure::Known(mean) = alone.measure("mean")
        {
            parts.push(Part { from: owner, to: c.target, op: c.op.clone(), mean: mean * weight });
        }
        let policy = self.policies.get(self.id.0, c.id);
        let waits = usize::from(policy.is_some_and(Policy::watches));
        self.awaited += waits;
        let downstream = self.downstream(c.target, &c.attrs, &c.body, weight);
        self.awaited -= waits;
        self.hold((Some(owner), c.target), weight, &own, &downstream.time);
        let refused = 1.0 - self.state.backpressure.admission.share(c.target, self.id);
        let downstream = Answer { fails: downstream.fails.map(|f| refused + (1.0 - refused) * f), ..downstream };
        let lost_target = self.stations.get(c.target.0).and_then(Station::lost);
        let (attempt, error, mut lost) = match lost_target {
            // A call to a lost component fails immediately.
            Some(why) => (Timed::zero(), Ok(1.0), Some(why.clone())),
            None => (Timed::sequence(&[alone, downstream.time]), downstream.fails, downstream.lost),
        };
        let open = self.state.is_open(self.id, c.id);
        let timed = !self.counts_only || self.awaited > 0;
        let stretched = policy.and_then(|p| match self.stretch? {
            (Stretch::Call(at), by) if at == c.target_span && c.body.is_empty() => Some(p.stretched(by, 1.0)),
            (Stretch::Waits, by) => Some(p.stretched(1.0, by)),
            _ => None,
        });
        let tested = call_result(stretched.as_ref().or(policy), &attempt, &error, (open, lost_target.is_some()), timed);
        let residual = tested.outcome.residual.clone();
        let mut time = tested.time;
        let mut fails = residual.clone();
        if policy.is_some() || !c.fallback.is_empty() || lost_target.is_some() {
            self.outcomes.insert(c.id, tested.outcome);
        }
        if !c.fallback.is_empty() && !matches!(residual, Ok(r) if r <= 0.0) {
            let instead = self.steps(owner, &c.fallback, weight * residual.clone().unwrap_or(1.0));
            (time, fails) = match residual {
                Ok(r) => {
                    let (fine, failed) = tested.ends;
                    let both = [(1.0 - r, fine), (r, Timed::sequence(&[failed, instead.time]))];
                    (Timed::mixture(&both), instead.fails.map(|f| r * f))
                }
                Err(e) => (Timed::Unknown(e.clone()), Err(e)),
            };
            lost = instead.lost;
        }
        let mut silent = 0.0;
        if target.kind.facets.misses {
            // A failed call to a cache without a fallback counts as a miss.
            silent = fails.clone().ok().filter(|_| c.fallback.is_empty()).unwrap_or(0.0);
            (fails, lost) = (fails.map(|_| 0.0), None);
        }
        if c.attrs.read(keys::OPTIONAL) == Some(true) {
            (fails, lost) = (Ok(0.0), None);
        }
        let here = Answer { time, fails, lost };
        if c.on_miss.is_empty() {
            return here;
        }
        let hit = missed(self.model, self.hits, c).map(|m| (1.0 - m) * (1.0 - silent));
        let miss = self.steps(owner, &c.on_miss, weight * (1.0 - hit.clone().unwrap_or(0.0)));
        let miss = match hit {
            Ok(hit) => with_probability(1.0 - hit, miss),
            Err(why) => Answer { time: Timed::Unknown(why.clone()), fails: Err(why), lost: None },
        };
        let fails = any_fails(&[(1.0, &here.fails), (1.0, &miss.fails)]);
        Answer { time: Timed::sequence(&[here.time, miss.time]), fails, lost: here.lost.or(miss.lost) }
    }
}

/// Whether the caller waits for a call in a step.
fn waits(step: &Step) -> bool {
    step.call().is_some_and(|c| !c.is_async) || step.blocks().any(|(_, inner)| inner.iter().any(waits))
}

/// Number of sequential rounds of a repeated call: each round sends `batch` at once.
fn rounds(c: &Call) -> f64 {
    let batch = c.attrs.read(keys::BATCH).map_or(1.0, |b| b.mid).max(1.0);
    if batch > 1.0 { (c.times / batch).max(c.times.min(1.0)) } else { c.times }
}

fn copies(n: f64) -> u32 {
    // The value is clamped to at most a million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.clamp(0.0, 1e6) as u32;
    n
}
