//! Machines of a component: how many, how fast, and which work falls on which of them.
//!
//! In: counts, `instance`, `cores`, `memory`, `replication`, what is lost. Out: counts,
//! cores at a speed, roles (all replicas, primaries, replicas) with their share of the work.
//! Never: a rate.

use crate::analysis::ground::known::Known;
use crate::catalog;
use crate::kinds::{Replication, Serve};
use crate::model::{Component, Latency, Model, System};
use crate::units::{show_cores, show_ratio};

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

/// Whether the provider runs it: it has no CPU of ours, unless the design gives it one.
pub(in crate::analysis) fn provided(c: &Component) -> bool {
    c.is_provided()
}

/// The machine or container that one replica is.
pub(in crate::analysis) fn machine(model: &Model, c: &Component, why: &mut Vec<String>) -> Result<Machine, String> {
    for hole in ["instance", "cores"] {
        if c.attrs.hole(hole).is_some() {
            return Err(format!("`{hole}` of `{}` is a hole (`?`) that is not solved yet", c.name));
        }
    }
    let cores = c.attrs.number("cores").map(|v| v.mid);
    let Some(m) = c.machine(&model.system) else {
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
    let (votes, needed) = match (c.replication(), c.witnesses(&system.zones)) {
        (Some(Replication::Quorum | Replication::Consensus), Some(w)) => {
            let alive = w.iter().zip(&system.zones).filter(|(_, z)| !system.lost.contains(z));
            (alive.map(|(n, _)| n).sum(), majority(n + w.iter().sum::<f64>()))
        }
        (Some(Replication::Quorum), None) => {
            let asks = |name: &str| c.attrs.number(name).map_or_else(|| majority(n), |v| v.mid);
            (0.0, asks("r").min(asks("w")))
        }
        (Some(Replication::Consensus), None) => (0.0, majority(n)),
        _ => (0.0, 1.0),
    };
    left < 1.0 || left + votes < needed
}

fn copies(c: &Component, n: f64, shards: f64) -> Vec<Role> {
    let default = c.attrs.word("read_from").unwrap_or("").to_owned();
    if let Some(replication) = c.replication().filter(|r| r.has_no_primary()) {
        // Every copy applies every write; a read asks r of n copies.
        let majority = f64::midpoint(n, c.lost).floor() + 1.0;
        let r = c.attrs.number("r").map_or(if replication == Replication::Quorum { majority } else { 1.0 }, |v| v.mid);
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

/// Bytes of memory of one node: its `memory`, or that of its machine.
///
/// # Errors
/// In words, if the design does not say it.
pub fn memory(model: &Model, c: &Component) -> Known {
    for hole in ["memory", "instance"] {
        if c.attrs.hole(hole).is_some() {
            return Err(format!("`{hole}` of `{}` is a hole (`?`) that is not solved yet", c.name));
        }
    }
    let machine = c.machine(&model.system);
    let own = c.attrs.number("memory").map(|m| m.mid);
    own.or(machine.map(|m| m.memory).filter(|b| *b > 0.0))
        .ok_or_else(|| format!("`{}` does not say its `memory`", c.name))
}
