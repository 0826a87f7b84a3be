//! Connections: open connections at each replica, over its `max_connections`.
//!
//! In: `max_connections` of a component, the `pool` that each replica of its callers keeps,
//! `connections` of clients, rates and times of calls. Out: the resource `connections`. Never: the
//! memory of a connection.
//!
//! - Each replica of a caller keeps one pool to the primary of each shard that it uses, and one more
//!   to the shard's replicas if it reads from them. An autoscaled caller counts with its `max`
//!   replicas, because pools run out when callers scale out.
//! - The open connections of a client are held by the component that it calls. If that is a proxy
//!   that forwards bytes (`protocol` `websocket` or `tcp` of the call or its target, or
//!   `tls = passthrough`), its targets hold them too, spread evenly over replicas.
//! - Each call without a pool holds one connection while it lasts, so at least rate times response
//!   time are open (Little's law). Protocols that multiplex calls (`http2`, `grpc`, `amqp`, `mqtt`,
//!   `kafka`) need one per replica of the caller. If the response time is unknown or unbounded, these
//!   connections are not computed.

use crate::analysis::ground::machines::{provided, roles};
use crate::analysis::ground::resource::Resource;
use crate::analysis::load::demand::Demand;
use crate::analysis::load::hops::Hop;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Component, Model, System};
use crate::resource::{Protocol, ReadFrom, TlsMode};
use crate::units::significant;
use std::collections::{BTreeMap, BTreeSet};

/// Open client connections at a component, by client.
#[must_use]
pub fn arriving(model: &Model, demand: &Demand, id: CompId) -> BTreeMap<CompId, f64> {
    let mut out = BTreeMap::new();
    arrive(model, demand, id, &mut BTreeSet::new(), &mut out);
    out
}

fn arrive(model: &Model, demand: &Demand, id: CompId, seen: &mut BTreeSet<CompId>, out: &mut BTreeMap<CompId, f64>) {
    if !seen.insert(id) {
        return;
    }
    for (_, _, hop) in demand.calls_of(id).filter(|(_, _, hop)| used(hop)) {
        let from = model.component(hop.from);
        if let Some(n) = kept_open(from) {
            out.insert(hop.from, n);
        } else if is_transparent_proxy(model, hop) {
            arrive(model, demand, hop.from, seen, out);
        }
    }
}

/// Connections that a client keeps open; `None` if the component is not a client.
fn kept_open(c: &Component) -> Option<f64> {
    let people = c.kind.facets.origin && !c.kind.facets.managed;
    if people { c.attrs.read(keys::CONNECTIONS).map(|n| n.mid) } else { None }
}

pub(in crate::analysis) fn used(hop: &Hop) -> bool {
    !hop.visits.as_ref().is_ok_and(|v| *v <= 0.0)
}

/// The protocol of a call: its own, or else its target's; `None` if neither sets one.
pub(in crate::analysis) fn protocol(model: &Model, hop: &Hop) -> Option<Protocol> {
    let target = model.component(hop.to).attrs.read(keys::PROTOCOL).and_then(Protocol::of);
    hop.protocol.or(target)
}

/// Whether the caller is a proxy that opens one connection for each connection it holds.
fn is_transparent_proxy(model: &Model, hop: &Hop) -> bool {
    let from = model.component(hop.from);
    let proxy = from.kind.facets.calls && !from.kind.facets.starts;
    proxy
        && (protocol(model, hop).is_some_and(Protocol::forwards_bytes)
            || from.kind.facets.balances
                && from.attrs.read(keys::TLS).and_then(TlsMode::of) == Some(TlsMode::Passthrough))
}

/// Whether a call uses a connection that is counted as a client connection.
pub(in crate::analysis) fn carried(model: &Model, demand: &Demand, hop: &Hop) -> bool {
    kept_open(model.component(hop.from)).is_some()
        || is_transparent_proxy(model, hop) && !arriving(model, demand, hop.from).is_empty()
}

/// Maximum replicas of a caller, with the words that mark an upper limit.
///
/// # Errors
/// The reason, for a provider-managed caller or an unknown number of replicas.
pub(in crate::analysis) fn callers(system: &System, c: &Component) -> Result<(f64, &'static str), Reason> {
    if provided(c) {
        return Err(Reason::of(
            ReasonKind::NotModelled,
            c,
            format!("the provider runs `{}`: how many connections it keeps is unknown", c.name),
        ));
    }
    let most = c.attrs.read(keys::AUTOSCALE).and_then(|a| a.read(keys::MAX));
    if let Some(most) = most {
        return Ok((most.mid, " at most"));
    }
    c.replicas_left(system).map(|n| (n, ""))
}

/// Number of caller replicas with a pool to the primary, and with a pool to the replicas.
fn pools(model: &Model, demand: &Demand, id: CompId, why: &mut Vec<String>) -> Result<(f64, f64), Reason> {
    let c = model.component(id);
    let default = c.attrs.read(keys::READ_FROM).and_then(ReadFrom::of).unwrap_or_default();
    let mut kept: BTreeMap<CompId, (bool, bool)> = BTreeMap::new();
    for (_, _, hop) in demand.calls_of(id).filter(|(_, _, hop)| used(hop)) {
        let writes = c.kind.op(&hop.op).is_some_and(|o| o.writes);
        let from = hop.read_from.unwrap_or(default);
        let entry = kept.entry(hop.from).or_default();
        entry.0 |= writes || from != ReadFrom::Replica;
        entry.1 |= !writes && matches!(from, ReadFrom::Replica | ReadFrom::Any);
    }
    let (mut primary, mut replicas) = (0.0, 0.0);
    for (caller, (to_primary, to_replicas)) in kept {
        let from = model.component(caller);
        let (n, most) = callers(&model.system, from)?;
        why.push(format!("`{}` has {n} replicas{most}", from.name));
        primary += if to_primary { n } else { 0.0 };
        replicas += if to_replicas { n } else { 0.0 };
    }
    Ok((primary, replicas))
}

/// Connections of pools and clients over the component's `max_connections`; `None` if it has neither.
pub(in crate::analysis) fn persistent(model: &Model, demand: &Demand, id: CompId) -> Option<Resource> {
    let c = model.component(id);
    let most = c.attrs.read(keys::MAX_CONNECTIONS)?.mid;
    let serve = c.kind.facets.serve?;
    let clients: f64 = arriving(model, demand, id).values().sum();
    let pool = c.attrs.read(keys::POOL).map(|n| n.mid);
    if clients <= 0.0 && pool.is_none() {
        return None;
    }
    let mut why = Vec::new();
    let found = open(model, demand, id, serve, (clients, pool), &mut why);
    let capacity = roles(&model.system, c, serve).map(|r| r.iter().map(|r| r.machines).sum::<f64>() * most);
    let (used, worst) = match found {
        Ok((used, worst)) => (Ok(used), Ok(worst)),
        Err(e) => (Err(e.clone()), Err(e)),
    };
    why.push(format!("one replica takes {}", significant(most, 6)));
    Some(Resource { used, capacity, utilization: worst.map(|x: f64| x / most), why })
}

/// Number of all connections, and of those at the busiest replica.
fn open(
    model: &Model,
    demand: &Demand,
    id: CompId,
    serve: Serve,
    (clients, pool): (f64, Option<f64>),
    why: &mut Vec<String>,
) -> Result<(f64, f64), Reason> {
    let c = model.component(id);
    let roles = roles(&model.system, c, serve)?;
    let (mut used, mut worst) = (0.0, 0.0_f64);
    if clients > 0.0 {
        let machines: f64 = roles.iter().map(|r| r.machines).sum();
        let each = clients / machines;
        why.push(format!("clients: {} open over {machines} = {} each", significant(clients, 6), significant(each, 6)));
        used += clients;
        worst = worst.max(each);
    }
    if let Some(pool) = pool {
        let (primary, replicas) = pools(model, demand, id, why)?;
        // The replicas of a shard share one pool for reads. Each primary has its own pool.
        let shards = c.shards()?;
        let two = roles.len() > 1;
        for (i, role) in roles.iter().enumerate().filter(|(_, r)| r.machines > 0.0) {
            let copies = (role.machines / shards).max(1.0);
            let kept = if two && i == 0 {
                let reads_too = roles.iter().skip(1).all(|r| r.machines <= 0.0);
                if reads_too { primary.max(replicas) } else { primary }
            } else if two {
                replicas
            } else {
                primary.max(replicas)
            };
            let each = kept * pool / copies;
            why.push(format!("{}: {kept} callers x pool {pool} = {} each", role.name, significant(each, 6)));
            used += each * role.machines;
            worst = worst.max(each);
        }
    }
    Ok((used, worst))
}
