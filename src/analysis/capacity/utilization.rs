//! Utilisation: use over capacity of each resource; the highest binds.
//!
//! CPU seconds per second over cores (the utilisation law, U = X S; Denning and
//! Buzen 1978), rates over limits, [`crate::analysis::capacity::connections`], [`crate::analysis::time::threads`], and what
//! [`crate::analysis::capacity::resources`] adds. The busiest of a store's shards decides.

use crate::analysis::Known;
use crate::analysis::capacity::resources::{MEMORY, disk, in_use, network};
use crate::analysis::capacity::storage::busiest_shard;
use crate::analysis::load::demand::{Demand, Hop};
use crate::catalog;
use crate::kinds::Serve;
use crate::model::{CompId, Component, Latency, Model, System};
use crate::units::{show_cores, show_rate, show_ratio, show_time};
use std::collections::BTreeMap;

/// One resource of a component.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Cores in use, or requests per second.
    pub used: Known,
    /// Cores, or requests per second.
    pub capacity: Known,
    /// Use over capacity.
    pub utilization: Known,
    /// How it was computed, for `explain`.
    pub why: Vec<String>,
}

/// How loaded a component is.
#[derive(Clone, Debug)]
pub struct Utilization {
    /// By name: `cpu` `limit` `connections` `threads` `disk` `network`, and `memory`, which never binds.
    pub resources: BTreeMap<&'static str, Resource>,
    /// The highest, or why it is unknown.
    pub utilization: Known,
    /// The resource it is of.
    pub binding: Option<&'static str>,
}

/// A number of replicas, shards or nodes: given, or to be solved.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// The number, or why it is unknown.
    pub value: Known,
}

/// `replicas`, `shards` or `nodes` of a component; a hole that allows one value is that value.
#[must_use]
pub fn count(c: &Component, name: &str) -> Count {
    if let Some(hole) = c.attrs.hole(name) {
        if let Some(only) = hole.only() {
            return Count { value: Ok(only) };
        }
        return Count { value: Err(format!("`{name}` of `{}` is a hole (`?`) that is not solved yet", c.name)) };
    }
    if let Some(n) = c.attrs.number(name) {
        return Count { value: Ok(n.mid) };
    }
    let value = match name {
        "nodes" => match (count(c, "replicas").value, count(c, "shards").value) {
            (Ok(r), Ok(s)) => Ok(r * s),
            (Err(e), _) | (_, Err(e)) => Err(e),
        },
        _ => Ok(1.0),
    };
    Count { value }
}

/// The utilisation of one component: at the peak, or in the window where it is higher.
#[must_use]
pub fn utilization(model: &Model, demand: &Demand, id: CompId) -> Utilization {
    let mut worst = now(model, demand, id);
    for night in &demand.nights {
        let other = now(model, night, id);
        match (&worst.utilization, &other.utilization) {
            (Ok(a), Ok(b)) if b > a => worst = other,
            (Ok(_), Err(_)) if !other.resources.is_empty() => worst = other,
            _ => {}
        }
    }
    worst
}

/// The utilisation of one component at the hour of a demand.
#[must_use]
pub fn now(model: &Model, demand: &Demand, id: CompId) -> Utilization {
    let c = model.component(id);
    let mut resources = BTreeMap::new();
    if let Some(cpu) = cpu(model, demand, id) {
        resources.insert("cpu", cpu);
    }
    if let Some(limit) = limit(demand, id, c) {
        resources.insert("limit", limit);
    }
    if let Some(connections) = crate::analysis::capacity::connections::lasting(model, demand, id) {
        resources.insert("connections", connections);
    }
    let more =
        [("disk", disk(model, demand, id)), ("network", network(model, demand, id)), (MEMORY, in_use(model, id))];
    resources.extend(more.into_iter().filter_map(|(name, r)| Some((name, r?))));
    Utilization::of(&c.name, resources)
}

impl Utilization {
    /// Of some resources of a component.
    fn of(name: &str, resources: BTreeMap<&'static str, Resource>) -> Self {
        let none = Err(format!("no resource of `{name}` is modelled"));
        let mut all = Self { resources, utilization: none, binding: None };
        all.bind();
        all
    }

    /// Takes one more resource, or another figure of one.
    pub(in crate::analysis) fn insert(&mut self, name: &'static str, resource: Resource) {
        self.resources.insert(name, resource);
        self.bind();
    }

    /// The same but for one resource; without any other it is idle.
    #[must_use]
    pub fn but(mut self, name: &str) -> Self {
        self.resources.remove(name);
        if self.resources.is_empty() {
            self.utilization = Ok(0.0);
        }
        self.bind();
        self
    }

    /// Finds the highest.
    /// A network of which only some calls say what they send is unknown by itself and leaves the rest known.
    fn bind(&mut self) {
        let open = |name: &str, r: &Resource| name == "network" && r.utilization.is_err();
        let mut best: Option<(&'static str, f64)> = None;
        let mut missing = None;
        for (name, r) in self.resources.iter().filter(|(n, r)| **n != MEMORY && !open(n, r)) {
            match &r.utilization {
                Ok(u) if best.is_none_or(|(_, b)| *u > b) => best = Some((name, *u)),
                Ok(_) => {}
                Err(e) => missing = missing.or_else(|| Some(e.clone())),
            }
        }
        match (missing, best) {
            (Some(e), _) => (self.utilization, self.binding) = (Err(e), None),
            (None, Some((name, u))) => (self.utilization, self.binding) = (Ok(u), Some(name)),
            (None, None) => self.binding = None,
        }
    }
}

/// Whether all requests go to one replica while it lives: a caller's `policy = failover`.
pub(in crate::analysis) fn first_only(model: &Model, demand: &Demand, id: CompId) -> bool {
    model.component(id).kind.facets.serve == Some(Serve::Processes)
        && demand.calls_of(id).any(|(_, _, hop)| {
            let from = model.component(hop.from);
            from.kind.facets.balances
                && !hop.visits.as_ref().is_ok_and(|v| *v <= 0.0)
                && from.attrs.word("policy") == Some("failover")
        })
}

/// Rate over a limit for all callers together.
fn limit(demand: &Demand, id: CompId, c: &Component) -> Option<Resource> {
    let name = if c.kind.facets.external { "limit" } else { "rate_limit" };
    let attr = c.attrs.get(name)?;
    let crate::model::Value::Limit(limit, None) = &attr.value else { return None };
    let each = demand.calls_of(id).map(|(_, fd, hop)| match (&fd.rate, &hop.visits) {
        (_, Ok(v)) if *v <= 0.0 => Ok(0.0),
        (Ok(r), Ok(v)) => Ok(r * v),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    });
    let rate: Known = each.sum();
    let utilization = rate.clone().map(|r| r / limit.mid);
    Some(Resource {
        why: vec![format!("{name} = {}", show_rate(limit.mid))],
        used: rate,
        capacity: Ok(limit.mid),
        utilization,
    })
}

/// CPU work of one operation, by the copies that do it.
pub(in crate::analysis) struct Work {
    /// Whether it changes what is kept.
    pub writes: bool,
    /// Where the calls say they are answered; the component's `read_from` otherwise.
    pub read_from: Option<String>,
    /// Requests per second.
    pub rate: f64,
    /// CPU time of one, at the reference speed.
    pub cpu: Latency,
    /// Cores busy.
    pub cores: f64,
}

/// Machines that share work alike: all replicas, the primaries, the replicas.
pub(in crate::analysis) struct Role {
    pub name: &'static str,
    pub machines: f64,
    /// How much of some work falls on this role, as a multiple of it.
    pub share: Box<dyn Fn(&Work) -> f64>,
}

/// One machine or container.
#[derive(Clone, Copy, Debug)]
pub(in crate::analysis) struct Machine {
    /// Cores in use.
    pub cores: f64,
    /// Speed of each, as a multiple of the reference.
    pub speed: f64,
}

fn cpu(model: &Model, demand: &Demand, id: CompId) -> Option<Resource> {
    let c = model.component(id);
    let serve = c.kind.facets.serve?;
    if provided(c) {
        return None;
    }
    let mut why = Vec::new();
    let work = work(model, demand, id, &mut why);
    let total = work.as_ref().map(|all| all.iter().map(|w| w.cores).sum()).map_err(Clone::clone);
    let first = first_only(model, demand, id);
    let mut size = machine(model, c, &mut why).and_then(|m| roles(c, serve).map(|r| (m.cores * m.speed, r)));
    if let (true, Ok((_, roles))) = (first, &mut size) {
        for r in roles.iter_mut() {
            (r.name, r.machines) = ("the first replica", r.machines.min(1.0));
        }
    }
    let capacity = size.as_ref().map(|(m, roles)| roles.iter().map(|r| r.machines * m).sum()).map_err(Clone::clone);
    let utilization = match (&work, &size) {
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
        (Ok(work), Ok((m, roles))) => {
            if is_gone(&model.system, c) {
                why.push("nothing is left of it".to_owned());
            }
            // The busiest role decides: its share of the work over its machines.
            let skew = busiest_shard(c);
            if skew > 1.0 {
                why.push(format!("the busiest shard takes {skew} times the mean"));
            }
            let mut worst = if is_gone(&model.system, c) { f64::INFINITY } else { 0.0_f64 };
            for role in roles.iter().filter(|r| r.machines > 0.0) {
                let busy: f64 = work.iter().map(|w| w.cores * (role.share)(w)).sum();
                let u = busy * skew / (role.machines * m);
                worst = worst.max(u);
                let (busy, m) = (show_cores(busy), show_cores(*m));
                why.push(format!("{}: {busy} of work over {} x {m} = {}", role.name, role.machines, show_ratio(u)));
            }
            Ok(worst)
        }
    };
    Some(Resource { used: total, capacity, utilization, why })
}

/// Whether the provider runs it: it has no CPU of ours, unless the design gives it one.
pub(in crate::analysis) fn provided(c: &Component) -> bool {
    c.is_provided()
}

/// CPU time of one request of an operation, at the reference speed.
pub(in crate::analysis) fn cpu_time(c: &Component, op: &str) -> Result<Latency, String> {
    c.attrs
        .op(op)
        .and_then(|o| o.latency("cpu"))
        .or_else(|| c.attrs.latency("cpu"))
        .ok_or_else(|| format!("`{}` does not say the `cpu` of `{op}`", c.name))
}

/// The CPU work that all flows cause; calls may carry a `cpu` of their own.
pub(in crate::analysis) fn work(
    model: &Model,
    demand: &Demand,
    id: CompId,
    why: &mut Vec<String>,
) -> Result<Vec<Work>, String> {
    let c = model.component(id);
    let mut all: Vec<Work> = Vec::new();
    let mut add = |op: &str, rate: f64, hop: Option<&Hop>| -> Result<(), String> {
        if rate <= 0.0 {
            return Ok(());
        }
        let cpu = hop.and_then(|h| h.cpu).map_or_else(|| cpu_time(c, op), Ok)?;
        let cores = rate * cpu.mean.mid;
        let (shown, busy) = (show_time(cpu.mean.mid), show_cores(cores));
        why.push(format!("{op}: {} x {shown} = {busy}", show_rate(rate)));
        all.push(Work {
            writes: c.kind.op(op).is_some_and(|o| o.writes),
            read_from: hop.and_then(|h| h.read_from.clone()),
            rate,
            cpu,
            cores,
        });
        Ok(())
    };
    for (_, fd, hop) in demand.calls_of(id) {
        match (&fd.rate, &hop.visits) {
            (_, Ok(v)) if *v <= 0.0 => {}
            (Ok(r), Ok(v)) => add(&hop.op, r * v, Some(hop))?,
            (Err(e), _) | (_, Err(e)) => return Err(e.clone()),
        }
    }
    // A service that starts flows by itself works on each start.
    let facets = c.kind.facets;
    if facets.calls && facets.starts && !facets.origin {
        let op = c.kind.ops.first().map_or("", |o| o.name);
        let own = model.flows.iter().zip(&demand.flows).enumerate();
        for (_, (_, fd)) in own.filter(|(i, (f, _))| f.origin == id && demand.runs(*i)) {
            add(op, fd.rate.clone()?, None)?;
        }
    }
    Ok(all)
}

/// The machine or container that one replica is.
pub(in crate::analysis) fn machine(model: &Model, c: &Component, why: &mut Vec<String>) -> Result<Machine, String> {
    for hole in ["instance", "cores"] {
        if c.attrs.hole(hole).is_some() {
            return Err(format!("`{hole}` of `{}` is a hole (`?`) that is not solved yet", c.name));
        }
    }
    let cores = c.attrs.number("cores").map(|v| v.mid);
    let instance = c.attrs.word("instance").filter(|_| model.system.has_provider);
    let Some(m) = instance.and_then(catalog::machine) else {
        let n = cores.unwrap_or(1.0);
        why.push(format!("{} at the reference speed", show_cores(n)));
        return Ok(Machine { cores: n, speed: 1.0 });
    };
    let used = cores.map_or(m.vcpu, |n| n.min(m.vcpu));
    let speed = m.speed.map_or(1.0, |s| s / catalog::REFERENCE_SPEED);
    why.push(format!("{}: {used} of {} vCPUs at {} of the reference speed", m.name, m.vcpu, show_ratio(speed)));
    Ok(Machine { cores: used, speed })
}

pub(in crate::analysis) fn roles(c: &Component, serve: Serve) -> Result<Vec<Role>, String> {
    let replicas = count(c, "replicas").value;
    let left = |all: f64| (all - c.lost).max(0.0);
    match serve {
        Serve::Processes => {
            Ok(vec![Role { machines: left(replicas?), share: Box::new(|_| 1.0), name: "all replicas" }])
        }
        Serve::Nodes => {
            Ok(vec![Role { machines: left(count(c, "nodes").value?), share: Box::new(|_| 1.0), name: "all nodes" }])
        }
        Serve::Copies => Ok(copies(c, left(replicas?), count(c, "shards").value?)),
    }
}

/// Whether a loss left too little of it to answer at all.
pub(in crate::analysis) fn is_gone(system: &System, c: &Component) -> bool {
    if c.lost <= 0.0 {
        return false;
    }
    let all = match c.kind.facets.serve {
        Some(Serve::Nodes) => count(c, "nodes").value,
        Some(_) => count(c, "replicas").value,
        None => return c.lost.is_infinite(),
    };
    let Ok(n) = all else { return false };
    let left = n - c.lost;
    let majority = |n: f64| (n / 2.0).floor() + 1.0;
    let (votes, needed) = match (c.attrs.word("replication"), c.witnesses(&system.zones)) {
        (Some("quorum" | "consensus"), Some(w)) => {
            let alive = w.iter().zip(&system.zones).filter(|(_, z)| !system.lost.contains(z));
            (alive.map(|(n, _)| n).sum(), majority(n + w.iter().sum::<f64>()))
        }
        (Some("quorum"), None) => {
            let asks = |name: &str| c.attrs.number(name).map_or_else(|| majority(n), |v| v.mid);
            (0.0, asks("r").min(asks("w")))
        }
        (Some("consensus"), None) => (0.0, majority(n)),
        _ => (0.0, 1.0),
    };
    left < 1.0 || left + votes < needed
}

fn copies(c: &Component, n: f64, shards: f64) -> Vec<Role> {
    let word = |name: &str| c.attrs.word(name).unwrap_or("").to_owned();
    let (replication, default) = (word("replication"), word("read_from"));
    if ["quorum", "consensus", "multi_primary"].contains(&replication.as_str()) {
        // Every copy applies every write; a read asks r of n copies.
        let majority = f64::midpoint(n, c.lost).floor() + 1.0;
        let r = c.attrs.number("r").map_or(if replication == "quorum" { majority } else { 1.0 }, |v| v.mid);
        let share = move |w: &Work| if w.writes { n } else { r };
        return vec![Role { machines: n * shards, share: Box::new(share), name: "all copies" }];
    }
    // One primary per shard writes; each replica applies what the primary wrote.
    let on_primary = move |w: &Work| match w.read_from.as_deref().unwrap_or(&default) {
        _ if w.writes || n <= 1.0 => 1.0,
        "replica" => 0.0,
        "any" => 1.0 / n,
        _ => 1.0,
    };
    let primary_share = on_primary.clone();
    vec![
        Role { machines: shards, share: Box::new(on_primary), name: "primaries" },
        Role {
            machines: (n - 1.0) * shards,
            share: Box::new(move |w| if w.writes { n - 1.0 } else { 1.0 - primary_share(w) }),
            name: "replicas",
        },
    ]
}
