//! Machines of a component: their number, their speed, and the share of the work on each.
//!
//! In: counts, `instance`, `cores`, `memory`, `replication`, lost zones and replicas. Out: counts,
//! cores and their speed, roles (all replicas, primaries, replicas) with their share of the work.
//! Never: a rate.

use crate::analysis::ground::known::Known;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::keys::{self, Key, Number};
use crate::model::{Component, Latency, Model, Processor, System};
use crate::resource::{ReadFrom, Replication};
use crate::units::{show_cores, show_ratio};

/// `replicas`, `shards`, `nodes` or another count of a component; 1 if it is not set.
pub fn count(c: &Component, name: &str) -> Known {
    match name {
        "nodes" => c.nodes(),
        _ => c.counted(name).unwrap_or(Ok(1.0)),
    }
}

/// CPU work of one operation.
pub(in crate::analysis) struct Work {
    /// Whether the operation changes data.
    pub writes: bool,
    /// The replicas that answer, from the call's `from`; if unset, the component's `read_from` decides.
    pub read_from: Option<ReadFrom>,
    /// Requests per second.
    pub rate: f64,
    /// CPU time of one request, at the reference speed.
    pub cpu: Latency,
    /// Cores busy.
    pub cores: f64,
}

/// Machines with an equal share of the work: all replicas, the primaries, or the replicas.
pub(in crate::analysis) struct Role {
    pub name: &'static str,
    pub machines: f64,
    /// The work that this role does, as a multiple of the given work.
    pub share: Box<dyn Fn(&Work) -> f64>,
}

/// Whether a component is provider-managed: it has no CPU in the model unless the design sets one.
pub(in crate::analysis) fn provided(c: &Component) -> bool {
    c.is_provided()
}

/// Nothing, or the reason that a value is a decision variable.
fn fixed<T>(c: &Component, key: Key<T>) -> Result<(), Reason> {
    match c.attrs.hole_at(key) {
        Some(_) => Err(Reason::variable(c, key.name())),
        None => Ok(()),
    }
}

/// The machine or container of one replica.
///
/// # Errors
/// The reason, if `instance` or `cores` is a decision variable.
pub(in crate::analysis) fn machine(model: &Model, c: &Component, why: &mut Vec<String>) -> Result<Processor, Reason> {
    let processor = c.processor(&model.system)?;
    let cores = processor.cores;
    match c.machine(&model.system) {
        None => why.push(format!("{} at the reference speed", show_cores(cores))),
        Some(m) => why.push(format!(
            "{}: {cores} of {} vCPUs at {} of the reference speed",
            m.name,
            m.vcpu,
            show_ratio(processor.speed)
        )),
    }
    Ok(processor)
}

/// The roles of the machines of a component that are left after a loss.
///
/// # Errors
/// The reason why a count is unknown.
pub(in crate::analysis) fn roles(system: &System, c: &Component, serve: Serve) -> Result<Vec<Role>, Reason> {
    let alike = |machines: f64, name| vec![Role { machines, share: Box::new(|_| 1.0), name }];
    match serve {
        Serve::Processes => Ok(alike(c.replicas_left(system)?, "all replicas")),
        Serve::Nodes => Ok(alike(c.nodes_left(system)?, "all nodes")),
        Serve::Copies => Ok(replica_roles(c, c.replicas()?, c.replicas_left(system)?, c.shards()?)),
    }
}

/// Whether a loss left a component too few replicas to answer any request.
pub(in crate::analysis) fn is_lost(system: &System, c: &Component) -> bool {
    if c.lost.all || !c.lost.any() {
        return c.lost.all;
    }
    let Some(Ok(p)) = c.kind.facets.serve.map(|_| c.placement(system)) else { return false };
    let (n, left) = (f64::from(p.total()), f64::from(p.total_left()));
    let majority = |n: f64| (n / 2.0).floor() + 1.0;
    let (votes, needed) = match (c.replication(), p.witnesses()) {
        (Some(Replication::Quorum | Replication::Consensus), Some(alive)) => {
            (f64::from(alive.iter().sum::<u32>()), majority(n + f64::from(p.voters())))
        }
        (Some(Replication::Quorum), None) => {
            let needed = |key: Key<Number>| c.attrs.read(key).map_or_else(|| majority(n), |v| v.mid);
            (0.0, needed(keys::R).min(needed(keys::W)))
        }
        (Some(Replication::Consensus), None) => (0.0, majority(n)),
        _ => (0.0, 1.0),
    };
    left < 1.0 || left + votes < needed
}

/// The roles of a store with `all` replicas per shard, of which `n` are left.
fn replica_roles(c: &Component, all: f64, n: f64, shards: f64) -> Vec<Role> {
    let default = c.attrs.read(keys::READ_FROM).and_then(ReadFrom::of).unwrap_or_default();
    if let Some(replication) = c.replication().filter(|r| r.has_no_primary()) {
        // Every replica applies every write. A read queries r of n replicas.
        let majority = (all / 2.0).floor() + 1.0;
        let r =
            c.attrs.read(keys::R).map_or(if replication == Replication::Quorum { majority } else { 1.0 }, |v| v.mid);
        let share = move |w: &Work| if w.writes { n } else { r };
        return vec![Role { machines: n * shards, share: Box::new(share), name: "all copies" }];
    }
    // One primary per shard takes the writes. Each replica applies the writes of its primary.
    let on_primary = move |w: &Work| match w.read_from.unwrap_or(default) {
        _ if w.writes || n <= 1.0 => 1.0,
        ReadFrom::Replica => 0.0,
        ReadFrom::Any => 1.0 / n,
        ReadFrom::Primary | ReadFrom::Quorum => 1.0,
    };
    vec![
        Role { machines: shards, share: Box::new(on_primary), name: "primaries" },
        Role {
            machines: (n - 1.0) * shards,
            share: Box::new(move |w| if w.writes { n - 1.0 } else { 1.0 - on_primary(w) }),
            name: "replicas",
        },
    ]
}

/// Memory of one node in bytes: the component's `memory`, or else the memory of its machine.
///
/// # Errors
/// The reason, if neither is set or one is a decision variable.
pub fn memory(model: &Model, c: &Component) -> Known {
    fixed(c, keys::MEMORY)?;
    fixed(c, keys::INSTANCE)?;
    let machine = c.machine(&model.system);
    let own = c.attrs.read(keys::MEMORY).map(|m| m.mid);
    own.or(machine.map(|m| m.memory).filter(|b| *b > 0.0)).ok_or_else(|| Reason::missing(c, "memory"))
}
