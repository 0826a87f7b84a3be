//! Connections: how many are open at each replica, over how many it takes.
//!
//! In: `max_connections` of a component, the `pool` that each replica of its callers keeps,
//! `connections` of clients, rates and times of calls. Out: the resource `connections`.
//!
//! - A pool is kept to each shard's primary by every caller's replica that uses it, and one
//!   more to its replicas together if they are read. Callers that scale by themselves count
//!   with their most replicas: pools run out when callers scale out.
//! - A client's open connections are held by what it calls, and by what is behind a proxy
//!   that passes bytes on (`protocol` `websocket` or `tcp` of the call or its target, or
//!   `tls = passthrough`), spread evenly over replicas.
//! - Calls without a pool need a connection each while they last (Little's law, rate times
//!   response): at least that many. Protocols that carry many calls at once (`http2`,
//!   `grpc`, `amqp`, `mqtt`, `kafka`) need one a caller's replica. Where the time is unknown
//!   or has no bound nothing is said of these.
//!
//! Each connection takes one file handle; its memory is not counted.

use crate::analysis::ground::machines::{provided, roles};
use crate::analysis::ground::resource::Resource;
use crate::analysis::load::demand::{Demand, Hop};
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{CompId, Component, Model, System};
use crate::units::significant;
use std::collections::{BTreeMap, BTreeSet};

/// Connections of clients that arrive at a component, by client.
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
        if let Some(n) = opened(from) {
            out.insert(hop.from, n);
        } else if passes(model, hop) {
            arrive(model, demand, hop.from, seen, out);
        }
    }
}

/// Connections that a client keeps open.
fn opened(c: &Component) -> Option<f64> {
    let people = c.kind.facets.origin && !c.kind.facets.managed;
    if people { c.attrs.read(keys::CONNECTIONS).map(|n| n.mid) } else { None }
}

pub(in crate::analysis) fn used(hop: &Hop) -> bool {
    !hop.visits.as_ref().is_ok_and(|v| *v <= 0.0)
}

/// What is spoken on a call.
pub(in crate::analysis) fn protocol<'a>(model: &'a Model, hop: &'a Hop) -> &'a str {
    let target = model.component(hop.to).attrs.read(keys::PROTOCOL);
    hop.protocol.as_deref().or(target).unwrap_or("")
}

/// Whether the caller is a proxy that makes one connection of each that it holds.
fn passes(model: &Model, hop: &Hop) -> bool {
    let from = model.component(hop.from);
    let proxy = from.kind.facets.calls && !from.kind.facets.starts;
    proxy
        && (["websocket", "tcp"].contains(&protocol(model, hop))
            || from.kind.facets.balances && from.attrs.read(keys::TLS) == Some("passthrough"))
}

/// Whether a call travels on a connection that is counted as a client's.
pub(in crate::analysis) fn carried(model: &Model, demand: &Demand, hop: &Hop) -> bool {
    opened(model.component(hop.from)).is_some() || passes(model, hop) && !arriving(model, demand, hop.from).is_empty()
}

/// Replicas of a caller at their most, and how that is said.
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

/// Replicas of each caller that keep pools, those open to the primary and to replicas apart.
fn pools(model: &Model, demand: &Demand, id: CompId, why: &mut Vec<String>) -> Result<(f64, f64), Reason> {
    let c = model.component(id);
    let default = c.attrs.read(keys::READ_FROM).unwrap_or("primary");
    let mut kept: BTreeMap<CompId, (bool, bool)> = BTreeMap::new();
    for (_, _, hop) in demand.calls_of(id).filter(|(_, _, hop)| used(hop)) {
        let writes = c.kind.op(&hop.op).is_some_and(|o| o.writes);
        let from = hop.read_from.as_deref().unwrap_or(default);
        let entry = kept.entry(hop.from).or_default();
        entry.0 |= writes || from != "replica";
        entry.1 |= !writes && ["replica", "any"].contains(&from);
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

/// Connections that last, of pools and clients, over what the component takes.
pub(in crate::analysis) fn lasting(model: &Model, demand: &Demand, id: CompId) -> Option<Resource> {
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

/// All connections, and those of the busiest replica.
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
        // Copies of a shard share what is read of them; each primary has a pool of its own.
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
