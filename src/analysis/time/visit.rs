//! One visit of a component: the queues that answer it, and its time without CPU.
//!
//! In: the operation, what the call sets, the queues of the roles. Out: the time of the visit.
//! Never: a rate, the length of a queue.
//!
//! Stores have roles: primaries, replicas that apply the primaries' writes, replicas of a quorum (the
//! needed-th of n independent ones).

use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::provided;
use crate::analysis::ground::network::Network;
use crate::analysis::ground::time_value::Timed;
use crate::analysis::load::hops::Hop;
use crate::analysis::time::role_queue::RoleQueue;
use crate::base;
use crate::kinds::Serve;
use crate::model::keys::{self, Key, Number};
use crate::model::{Component, Latency, Law, Model, Origin};
use crate::resource::{ReadFrom, Replication};
use crate::theory::Distribution;

/// One visit: its operation, and the values that the call sets.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    /// The operation.
    pub op: &'a str,
    /// CPU time, if the call sets it.
    pub cpu: Option<Latency>,
    /// Time without CPU, if the call sets it.
    pub wait: Option<Latency>,
    /// The replica that answers, if the call sets it.
    pub read_from: Option<ReadFrom>,
}

impl<'a> Visit<'a> {
    /// The visit of a hop.
    #[must_use]
    pub fn of(hop: &'a Hop) -> Self {
        Self { op: &hop.op, cpu: hop.cpu, wait: hop.wait, read_from: hop.read_from }
    }
}

/// Time without CPU: the `wait` of the call, or else of the operation, or else of the component.
///
/// The default of a kind applies only to a provider-managed component of a design with a provider.
pub(in crate::analysis) fn pause(model: &Model, c: &Component, visit: &Visit) -> Timed {
    let own = c.attrs.op(visit.op).and_then(|o| o.read(keys::WAIT));
    let common = c
        .attrs
        .attr(keys::WAIT)
        .filter(|a| a.origin != Origin::Kind || model.system.has_provider && provided_at_all(c));
    let common = common.and_then(|_| c.attrs.read(keys::WAIT));
    visit.wait.or(own).or(common).map_or_else(Timed::zero, |l| Timed::of_law(l, 1.0))
}

fn provided_at_all(c: &Component) -> bool {
    c.kind.facets.serve.is_none() || provided(c)
}

/// Queueing and CPU time at the queues that answer a visit.
pub(in crate::analysis) fn served(
    model: &Model,
    c: &Component,
    visit: &Visit,
    lines: &[RoleQueue],
    cpu: Latency,
    speed: f64,
) -> Timed {
    let service = Timed::of_law(cpu, speed);
    let at = |index: usize| {
        let Some(line) = lines.get(index) else { return Timed::zero() };
        if cpu.mean.mid <= 0.0 {
            return Timed::zero();
        }
        match &line.exponential {
            Some(q) if cpu.law == Law::Exponential && same(q.service_time(), cpu.mean.mid / speed) => {
                Timed::Known(Distribution::mmc_sojourn(q))
            }
            _ => line.wait.clone().then(&service),
        }
    };
    if c.kind.facets.serve != Some(Serve::Copies) {
        return at(0);
    }
    let quorum = |index: usize, needed: u32, copies: u32| match lines.get(index) {
        Some(line) => line.quorums.get((cpu, needed, copies), || at(index)),
        None => Timed::zero(),
    };
    let writes = c.kind.op(visit.op).is_some_and(|o| o.writes);
    let all = whole(&c.replicas());
    let copies = whole(&c.replicas_left(&model.system));
    let replication = c.replication().unwrap_or_default();
    let number = |key: Key<Number>| c.attrs.read(key).map(|n| n.mid);
    let (r, w, synchronous) = (number(keys::R), number(keys::W), number(keys::SYNC_REPLICAS));
    let majority = all / 2 + 1;
    // A write is done once a majority has it, or `w` replicas. A read is done once `r` replicas
    // have answered.
    let default = match (replication, writes) {
        (Replication::MultiPrimary, _) | (Replication::Consensus, false) => Some(1),
        (Replication::Quorum, _) | (Replication::Consensus, true) => Some(majority),
        (Replication::None | Replication::Async | Replication::SemiSync | Replication::Sync, _) => None,
    };
    if let Some(default) = default {
        let needed = if writes { w } else { r }.map_or(default, |n| whole(&Ok(n)));
        return quorum(0, needed.clamp(1, copies), copies);
    }
    if copies <= 1 {
        return at(0);
    }
    if writes {
        let followers = copies - 1;
        let needed = match replication {
            Replication::Sync => synchronous.map_or(followers, |n| whole(&Ok(n)).min(followers)),
            Replication::SemiSync => synchronous.map_or(1, |n| whole(&Ok(n)).min(followers)),
            Replication::None
            | Replication::Async
            | Replication::Quorum
            | Replication::Consensus
            | Replication::MultiPrimary => 0,
        };
        if needed == 0 {
            return at(0);
        }
        let trip = Timed::constant(Network::of(model).between);
        return at(0).then(&quorum(1, needed, followers)).then(&trip);
    }
    let default = c.attrs.read(keys::READ_FROM).and_then(ReadFrom::of).unwrap_or_default();
    let on_primary = match visit.read_from.unwrap_or(default) {
        ReadFrom::Replica => 0.0,
        ReadFrom::Any => 1.0 / f64::from(copies),
        ReadFrom::Primary | ReadFrom::Quorum => 1.0,
    };
    Timed::mixture(&[(on_primary, at(0)), (1.0 - on_primary, at(1))])
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * a.abs().max(b.abs())
}

/// A count as an integer, at least 1.
fn whole(known: &Known) -> u32 {
    base::whole(known.as_ref().map_or(1.0, |n| *n), 1, 1_000_000)
}
