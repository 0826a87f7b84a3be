//! Latency of a flow: from the origin's request to its answer.
//!
//! In: the flow's steps, response times of the stations, round trips. Out: a
//! distribution in seconds; percentiles are its quantiles, never sums of percentiles.
//!
//! Calls in sequence follow each other, `xN` repeats, a probability, `choose`, and hit
//! or miss of a cache (also of a client, a cdn, a balancer, a service) are mixtures, and
//! `parallel` takes the slowest. What is asynchronous does not count. Every call has its
//! round trip: `edge` from a client to what is near it, `client` from a client or an edge
//! to the region, and inside a region the mean over zones (a third of the calls of three
//! zones stay in theirs), or `zone` with `affinity = zone`. Parts are independent of each
//! other (exact for M/M/1 in a row: Burke 1956, Reich 1957). Paths of very many mixtures
//! keep the widest exact and merge the others ([`crate::theory::Distribution::path`]).
//!
//! Not modelled yet: timeouts, retries, hedges, fallbacks (they change the tail),
//! bandwidth, several regions.

use super::demand::{FlowDemand, absorbed, cacheable};
use super::stations::{Station, Visit};
use super::timed::{Measure, Timed};
use crate::base::Span;
use crate::kinds::Absorb;
use crate::model::{Attrs, Call, CompId, Component, Flow, Model, Step};

/// Round trips, seconds.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    client: f64,
    edge: f64,
    zone: f64,
    /// Inside a region, the mean over its zones.
    inside: f64,
    /// Between two machines in different zones, if there are several.
    pub between: f64,
}

impl Network {
    /// Of the design; nothing where neither it nor a provider says so.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let block = model.system.attrs.block("network");
        let get = |name: &str| block.and_then(|b| b.number(name)).map_or(0.0, |n| n.mid);
        let (client, edge, zone, cross) = (get("client"), get("edge"), get("zone"), get("cross_zone"));
        let zones = crate::theory::numeric::count(model.system.zones.len() as u64).max(1.0);
        let inside = zone / zones + cross * (zones - 1.0) / zones;
        Self { client, edge, zone, inside, between: if zones > 1.0 { cross } else { zone } }
    }

    /// The round trip of one call, with what it is made of.
    #[must_use]
    pub fn trip(&self, from: &Component, to: &Component, in_zone: bool) -> (f64, &'static str) {
        let near_clients = |c: &Component| c.kind.facets.absorb == Some(Absorb::Hit);
        let people = |c: &Component| c.kind.facets.origin && !c.kind.facets.managed;
        match (people(from), near_clients(from), near_clients(to)) {
            (true, _, true) => (self.edge, "edge"),
            (true, ..) | (_, true, _) => (self.client, "client"),
            (_, _, true) => (self.client, "client"),
            _ if in_zone => (self.zone, "zone"),
            _ => (self.inside, "zone and cross_zone, by how many zones there are"),
        }
    }
}

/// What one call adds to the mean of its flow.
#[derive(Clone, Debug)]
pub struct Part {
    /// The caller.
    pub from: CompId,
    /// The called.
    pub to: CompId,
    /// The operation.
    pub op: String,
    /// Expected seconds per start of the flow.
    pub mean: f64,
}

/// Latency of one flow.
#[derive(Clone, Debug)]
pub struct FlowLatency {
    /// From the origin's request to its answer.
    pub time: Timed,
    /// One visit of each hop: its round trip, queueing and service, calls excluded.
    pub hops: Vec<Timed>,
    /// The calls that are waited for.
    pub parts: Vec<Part>,
}

impl FlowLatency {
    /// The call that adds most to the mean, with its share of what all add.
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

/// The latency of every flow.
#[must_use]
pub fn latencies(model: &Model, demands: &[FlowDemand], stations: &[Station]) -> Vec<FlowLatency> {
    let network = Network::of(model);
    let each = model.flows.iter().zip(demands);
    each.map(|(flow, fd)| {
        let in_zone = flow.attrs.word("affinity") == Some("zone");
        let mut path = Path { model, stations, network, in_zone, parts: Some(Vec::new()), stretch: None };
        let hops = fd.hops.iter().map(|h| path.alone(h.from, h.to, &Visit::of(h))).collect();
        let time = path.flow(flow);
        FlowLatency { time, hops, parts: path.parts.unwrap_or_default() }
    })
    .collect()
}

/// The latency of one flow alone.
#[must_use]
pub fn latency_of(model: &Model, flow: &Flow, stations: &[Station]) -> Timed {
    let in_zone = flow.attrs.word("affinity") == Some("zone");
    Path { model, stations, network: Network::of(model), in_zone, parts: None, stretch: None }.flow(flow)
}

/// One part of a flow's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stretch {
    /// The work of the origin itself.
    Own,
    /// Round trip, queueing and service of the call whose target is named there.
    Call(Span),
}

/// The latency of one flow if one part of it took `factor` times as long.
#[must_use]
pub fn stretched(model: &Model, flow: &Flow, stations: &[Station], part: Stretch, factor: f64) -> Timed {
    let in_zone = flow.attrs.word("affinity") == Some("zone");
    let stretch = Some((part, factor));
    Path { model, stations, network: Network::of(model), in_zone, parts: None, stretch }.flow(flow)
}

struct Path<'a> {
    model: &'a Model,
    stations: &'a [Station],
    network: Network,
    in_zone: bool,
    /// What each call adds, if that is asked for.
    parts: Option<Vec<Part>>,
    /// The part that takes so many times as long.
    stretch: Option<(Stretch, f64)>,
}

impl Path<'_> {
    fn flow(&mut self, flow: &Flow) -> Timed {
        let origin = self.model.component(flow.origin);
        if origin.kind.facets.buffers {
            let why = format!("nobody waits for a flow that starts at `{}`: its time is `lag`", origin.name);
            return Timed::Unknown(why);
        }
        if !flow.steps.iter().any(waits) {
            return Timed::Unknown(format!("flow `{}` waits for nothing", flow.name));
        }
        if self.model.system.regions.len() > 1 {
            return Timed::Unknown("round trips between several regions are not modelled yet".to_owned());
        }
        // A service that starts a flow works on it; a client or a clock does not.
        let own = if origin.kind.facets.origin {
            Timed::zero()
        } else {
            let op = origin.kind.ops.first().map_or("", |o| o.name);
            let visit = Visit { op, cpu: None, wait: None, read_from: None };
            let own = self.station(flow.origin, &visit);
            self.stretched(Stretch::Own, own)
        };
        Timed::sequence(&[own, self.behind(flow.origin, &Attrs::default(), &flow.steps, 1.0)])
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

    /// Round trip, queueing and service of one visit.
    fn alone(&self, from: CompId, to: CompId, visit: &Visit) -> Timed {
        let (trip, _) = self.network.trip(self.model.component(from), self.model.component(to), self.in_zone);
        Timed::constant(trip).then(&self.station(to, visit))
    }

    /// What a component does after its own work; its cache may spare it.
    fn behind(&mut self, id: CompId, call: &Attrs, steps: &[Step], weight: f64) -> Timed {
        if steps.is_empty() {
            return Timed::zero();
        }
        let cache =
            absorbed(self.model, id, &self.model.component(id).attrs, call).filter(|_| cacheable(self.model, steps));
        match cache {
            None => self.steps(id, steps, weight),
            Some((Ok(hit), _)) => {
                let miss = self.steps(id, steps, weight * (1.0 - hit));
                Timed::mixture(&[(hit, Timed::zero()), (1.0 - hit, miss)])
            }
            Some((Err(e), _)) => Timed::Unknown(e),
        }
    }

    fn steps(&mut self, owner: CompId, steps: &[Step], weight: f64) -> Timed {
        let mut all = Vec::new();
        for step in steps {
            let this = match step {
                Step::Call(c) => {
                    let unit = self.call(owner, c, weight);
                    sometimes(c, unit.repeat(rounds(c)))
                }
                Step::Parallel(inner) => self.parallel(owner, inner, weight),
                Step::Choose(arms) => {
                    let branches: Vec<(f64, Timed)> =
                        arms.iter().map(|(share, inner)| (*share, self.steps(owner, inner, weight * share))).collect();
                    let rest = 1.0 - arms.iter().map(|(share, _)| share).sum::<f64>();
                    let mut branches = branches;
                    if rest > 1e-9 {
                        branches.push((rest, Timed::zero()));
                    }
                    Timed::mixture(&branches)
                }
            };
            all.push(this);
        }
        Timed::sequence(&all)
    }

    fn parallel(&mut self, owner: CompId, steps: &[Step], weight: f64) -> Timed {
        let mut branches: Vec<(Timed, u32)> = Vec::new();
        for step in steps {
            match step {
                Step::Call(c) => {
                    let unit = self.call(owner, c, weight);
                    let (whole, rest) = (rounds(c).floor(), rounds(c).fract());
                    let once = sometimes(c, unit.clone());
                    // All copies of one call happen, or none.
                    if c.share < 1.0 && whole > 1.0 {
                        let all = Timed::slowest(&[(unit, copies(whole))]);
                        branches.push((sometimes(c, all), 1));
                    } else if whole >= 1.0 {
                        branches.push((once.clone(), copies(whole)));
                    }
                    if rest > 1e-12 {
                        branches.push((Timed::mixture(&[(1.0 - rest, Timed::zero()), (rest, once)]), 1));
                    }
                }
                other => branches.push((self.steps(owner, std::slice::from_ref(other), weight), 1)),
            }
        }
        Timed::slowest(&branches)
    }

    /// One time of a call: the target, what it does, what the caller does on a miss.
    fn call(&mut self, owner: CompId, c: &Call, weight: f64) -> Timed {
        if c.is_async {
            return Timed::zero();
        }
        let weight = weight * c.share * rounds(c);
        let visit = Visit {
            op: &c.op,
            cpu: c.attrs.latency("cpu"),
            wait: c.attrs.latency("wait"),
            read_from: c.attrs.word("from"),
        };
        let alone = self.stretched(Stretch::Call(c.target_span), self.alone(owner, c.target, &visit));
        if let Some(parts) = &mut self.parts
            && let Measure::Known(mean) = alone.measure("mean")
        {
            parts.push(Part { from: owner, to: c.target, op: c.op.clone(), mean: mean * weight });
        }
        let mut all = vec![alone, self.behind(c.target, &c.attrs, &c.body, weight)];
        if !c.on_miss.is_empty() {
            let target = self.model.component(c.target);
            let hit = c.attrs.number("hit").or_else(|| target.attrs.number("hit")).map(|h| h.mid);
            all.push(match hit {
                Some(hit) => {
                    let miss = self.steps(owner, &c.on_miss, weight * (1.0 - hit));
                    Timed::mixture(&[(hit, Timed::zero()), (1.0 - hit, miss)])
                }
                None => Timed::Unknown(format!("`{}` does not say its `hit` ratio", target.name)),
            });
        }
        Timed::sequence(&all)
    }
}

/// Whether the caller waits for anything in a step.
fn waits(step: &Step) -> bool {
    match step {
        Step::Call(c) => !c.is_async,
        Step::Parallel(inner) => inner.iter().any(waits),
        Step::Choose(arms) => arms.iter().any(|(_, inner)| inner.iter().any(waits)),
    }
}

/// How often a call goes out, one after another: `batch` sends several at once.
fn rounds(c: &Call) -> f64 {
    let batch = c.attrs.number("batch").map_or(1.0, |b| b.mid).max(1.0);
    if batch > 1.0 { (c.times / batch).max(c.times.min(1.0)) } else { c.times }
}

fn sometimes(c: &Call, time: Timed) -> Timed {
    if c.share < 1.0 { Timed::mixture(&[(1.0 - c.share, Timed::zero()), (c.share, time)]) } else { time }
}

fn copies(n: f64) -> u32 {
    // At most a million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.clamp(0.0, 1e6) as u32;
    n
}
