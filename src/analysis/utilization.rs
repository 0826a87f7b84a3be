//! Utilisation: use over capacity of each resource; the highest binds.
//!
//! CPU seconds per second over cores (the utilisation law, U = X S; Denning and
//! Buzen 1978), and rates over limits. Other resources (memory, network, disk,
//! connections, threads) are not modelled yet.

use super::demand::Demand;
use super::Known;
use crate::catalog;
use crate::kinds::Serve;
use crate::model::{CompId, Component, Model};
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
    /// By name: `cpu`, `limit`.
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

/// `replicas`, `shards` or `nodes` of a component.
#[must_use]
pub fn count(c: &Component, name: &str) -> Count {
    if c.attrs.hole(name).is_some() {
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

/// The utilisation of one component.
#[must_use]
pub fn utilization(model: &Model, demand: &Demand, id: CompId) -> Utilization {
    let c = model.component(id);
    let mut resources = BTreeMap::new();
    if let Some(cpu) = cpu(model, demand, id) {
        resources.insert("cpu", cpu);
    }
    if let Some(limit) = limit(demand, id, c) {
        resources.insert("limit", limit);
    }
    let mut best: Option<(&'static str, f64)> = None;
    let mut missing = None;
    for (name, r) in &resources {
        match &r.utilization {
            Ok(u) if best.is_none_or(|(_, b)| *u > b) => best = Some((name, *u)),
            Ok(_) => {}
            Err(e) => missing = missing.or_else(|| Some(e.clone())),
        }
    }
    let (utilization, binding) = match (missing, best) {
        (Some(e), _) => (Err(e), None),
        (None, Some((name, u))) => (Ok(u), Some(name)),
        (None, None) => (Err(format!("no resource of `{}` is modelled", c.name)), None),
    };
    Utilization { resources, utilization, binding }
}

/// Rate over a limit for all callers together.
fn limit(demand: &Demand, id: CompId, c: &Component) -> Option<Resource> {
    let name = if c.kind.facets.external { "limit" } else { "rate_limit" };
    let attr = c.attrs.get(name)?;
    let crate::model::Value::Limit(limit, None) = &attr.value else { return None };
    let rate = demand.components.get(id.0)?.rate.clone();
    let utilization = rate.clone().map(|r| r / limit.mid);
    Some(Resource {
        why: vec![format!("{name} = {}", crate::units::show_rate(limit.mid))],
        used: rate,
        capacity: Ok(limit.mid),
        utilization,
    })
}

/// Share of one operation's requests that the busiest machine takes, and how
/// many machines of that role there are.
struct Role {
    machines: f64,
    /// By operation: share of its CPU work that falls on this role.
    share: Box<dyn Fn(bool) -> f64>,
    name: &'static str,
}

fn cpu(model: &Model, demand: &Demand, id: CompId) -> Option<Resource> {
    let c = model.component(id);
    let serve = c.kind.facets.serve?;
    let d = demand.components.get(id.0)?;
    // What the provider runs has no CPU of ours, unless the design gives it one.
    let says_cpu = c.attrs.get("cpu").is_some() || c.attrs.get("ops").is_some();
    if c.kind.facets.managed && !says_cpu && c.attrs.get("instance").is_none() {
        return None;
    }
    let mut why = Vec::new();
    let mut by_op: Vec<(bool, f64)> = Vec::new();
    let mut unknown = None;
    for (op, rate) in &d.ops {
        let default = c.attrs.op(op).and_then(|o| o.number("cpu")).or_else(|| c.attrs.number("cpu")).map(|v| v.mid);
        let per_call = calls_with_cpu(model, demand, id, op, default);
        let writes = c.kind.op(op).is_some_and(|o| o.writes);
        match (rate, per_call) {
            (Ok(r), _) if *r <= 0.0 => {}
            (Ok(r), Ok(work)) => {
                why.push(format!("{op}: {} x {} = {} cores", crate::units::show_rate(*r), crate::units::show_time(work / r), crate::units::significant(work, 4)));
                by_op.push((writes, work));
            }
            (Err(e), _) => unknown = unknown.or_else(|| Some(e.clone())),
            (_, Err(e)) => unknown = unknown.or(Some(e)),
        }
    }
    let total: Known = unknown.map_or_else(|| Ok(by_op.iter().map(|(_, w)| w).sum()), Err);
    let machine = machine(model, c, &mut why);
    let roles = roles(c, serve);
    let (capacity, utilization) = match (&roles, &machine, &total) {
        (Ok(roles), Ok(m), Ok(_)) => {
            // The busiest role decides; its share of the work over its machines.
            let mut worst = (0.0_f64, 0.0_f64);
            for role in roles.iter().filter(|r| r.machines > 0.0) {
                let work: f64 = by_op.iter().map(|(writes, w)| w * (role.share)(*writes)).sum();
                let u = work / (role.machines * m);
                if u >= worst.1 {
                    worst = (role.machines * m, u);
                    why.push(format!("{}: {} cores of work over {} x {} cores = {}", role.name, crate::units::significant(work, 4), role.machines, crate::units::significant(*m, 4), crate::units::show_ratio(u)));
                }
            }
            let all: f64 = roles.iter().map(|r| r.machines * m).sum();
            (Ok(all), Ok(worst.1))
        }
        (Err(e), _, Ok(_)) | (_, Err(e), Ok(_)) => (Err(e.clone()), Err(e.clone())),
        (r, m, Err(e)) => {
            let capacity = match (r, m) {
                (Ok(roles), Ok(m)) => Ok(roles.iter().map(|r| r.machines * m).sum()),
                (Err(e), _) | (_, Err(e)) => Err(e.clone()),
            };
            (capacity, Err(e.clone()))
        }
    };
    Some(Resource { used: total, capacity, utilization, why })
}

/// CPU work per second of one operation: calls may carry a `cpu` of their own.
fn calls_with_cpu(model: &Model, demand: &Demand, id: CompId, op: &str, default: Option<f64>) -> Known {
    let mut work = 0.0;
    let lack = || format!("`{}` does not say the `cpu` of `{op}`", model.component(id).name);
    for (_, fd, hop) in demand.calls_of(id).filter(|(_, _, h)| h.op == op) {
        let cpu = hop.cpu.or(default).ok_or_else(lack)?;
        let (rate, visits) = (fd.rate.clone()?, hop.visits.clone()?);
        work += rate * visits * cpu;
    }
    let facets = model.component(id).kind.facets;
    // A service that starts flows by itself works on each start.
    if facets.calls && facets.starts && !facets.origin && model.component(id).kind.ops.first().is_some_and(|o| o.name == op) {
        for (_, fd) in model.flows.iter().zip(&demand.flows).filter(|(f, _)| f.origin == id) {
            work += fd.rate.clone()? * default.ok_or_else(lack)?;
        }
    }
    Ok(work)
}

/// Cores of one machine, in cores of the reference speed.
fn machine(model: &Model, c: &Component, why: &mut Vec<String>) -> Known {
    for hole in ["instance", "cores"] {
        if c.attrs.hole(hole).is_some() {
            return Err(format!("`{hole}` of `{}` is a hole (`?`) that is not solved yet", c.name));
        }
    }
    let cores = c.attrs.number("cores").map(|v| v.mid);
    let instance = c.attrs.word("instance").filter(|_| model.system.has_provider);
    let Some(m) = instance.and_then(catalog::machine) else {
        let n = cores.unwrap_or(1.0);
        why.push(format!("{n} cores at the reference speed"));
        return Ok(n);
    };
    let used = cores.map_or(m.vcpu, |n| n.min(m.vcpu));
    let speed = m.speed.map_or(1.0, |s| s / catalog::REFERENCE_SPEED);
    why.push(format!("{}: {used} of {} vCPUs at {} of the reference speed", m.name, m.vcpu, crate::units::show_ratio(speed)));
    Ok(used * speed)
}

fn roles(c: &Component, serve: Serve) -> Result<Vec<Role>, String> {
    let replicas = count(c, "replicas").value;
    match serve {
        Serve::Processes => Ok(vec![Role { machines: replicas?, share: Box::new(|_| 1.0), name: "all replicas" }]),
        Serve::Nodes => Ok(vec![Role { machines: count(c, "nodes").value?, share: Box::new(|_| 1.0), name: "all nodes" }]),
        Serve::Copies => {
            let (n, shards) = (replicas?, count(c, "shards").value?);
            let word = |name: &str| c.attrs.word(name).unwrap_or("").to_owned();
            let (replication, read_from) = (word("replication"), word("read_from"));
            if ["quorum", "consensus", "multi_primary"].contains(&replication.as_str()) {
                // Every copy applies every write; a read asks r of n copies.
                let r = c.attrs.number("r").map_or_else(|| if replication == "quorum" { (n / 2.0).floor() + 1.0 } else { 1.0 }, |v| v.mid);
                return Ok(vec![Role { machines: n * shards, share: Box::new(move |writes| if writes { n } else { r }), name: "all copies" }]);
            }
            // One primary per shard writes; each replica applies what the primary wrote.
            let (on_primary, on_replicas): (f64, f64) = match read_from.as_str() {
                "replica" if n > 1.0 => (0.0, 1.0),
                "any" if n > 1.0 => (1.0 / n, (n - 1.0) / n),
                _ => (1.0, 0.0),
            };
            Ok(vec![
                Role { machines: shards, share: Box::new(move |writes| if writes { 1.0 } else { on_primary }), name: "primaries" },
                Role { machines: (n - 1.0) * shards, share: Box::new(move |writes| if writes { n - 1.0 } else { on_replicas }), name: "replicas" },
            ])
        }
    }
}
