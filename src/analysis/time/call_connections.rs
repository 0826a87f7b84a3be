//! Connections that calls without a `pool` hold while they last.
//!
//! In: latency of the flows, rates, `max_connections`. Out: a lower bound of the resource
//! `connections` (Little 1961). Never: a pool.

use crate::analysis::capacity::connections::{callers, carried, protocol, used};
use crate::analysis::ground::machines::{provided, roles};
use crate::analysis::ground::resource::{Resource, Utilization};
use crate::analysis::load::demand::Demand;
use crate::analysis::load::hops::Hop;
use crate::analysis::time::holds::Moments;
use crate::analysis::time::latency::FlowLatency;
use crate::model::keys;
use crate::model::{CompId, Component, Model};
use crate::resource::Protocol;
use crate::units::{show_ratio, significant};
use std::collections::{BTreeMap, BTreeSet};

/// Adds the connections of calls in progress to each component with `max_connections` and no `pool`.
pub(in crate::analysis) fn add_calls(model: &Model, demand: &Demand, latency: &[FlowLatency], all: &mut [Utilization]) {
    let asked = |c: &Component| c.attrs.read(keys::MAX_CONNECTIONS).filter(|_| c.attrs.attr(keys::POOL).is_none());
    let limits: BTreeMap<usize, f64> =
        model.all().filter_map(|(id, c)| asked(c).map(|most| (id.0, most.mid))).collect();
    if limits.is_empty() {
        return;
    }
    // Connections of calls in progress, by component; `None` if a time or a rate is unknown.
    let mut needed: BTreeMap<usize, Option<f64>> = limits.keys().map(|i| (*i, Some(0.0))).collect();
    for (fd, l) in demand.flows.iter().zip(latency) {
        for h in l.holds.iter().filter(|h| h.visits > 0.0) {
            let Some(slot) = needed.get_mut(&h.of.0) else { continue };
            let hop = fd.hops.iter().find(|hop| hop.to == h.of && Some(hop.from) == h.from);
            let Some(hop) = hop else { continue };
            let shared = protocol(model, hop).is_some_and(|p| p.multiplexes() || p == Protocol::Udp);
            if shared || carried(model, demand, hop) {
                continue;
            }
            *slot = match (&fd.rate, &h.own, &h.downstream, *slot) {
                (Ok(rate), Moments::Known((own, _)), Moments::Known((downstream, _)), Some(sum)) => {
                    Some(sum + rate * h.visits * (own + downstream))
                }
                _ => None,
            };
        }
    }
    for (i, most) in limits {
        let (id, Some(Some(calls))) = (CompId(i), needed.get(&i).copied()) else { continue };
        let c = model.component(id);
        let (Some(serve), Some(u)) = (c.kind.facets.serve.filter(|_| !provided(c)), all.get_mut(i)) else { continue };
        let Ok(machines) = roles(&model.system, c, serve).map(|r| r.iter().map(|r| r.machines).sum::<f64>()) else {
            continue;
        };
        let together = sharers(model, demand, id);
        if calls + together <= 0.0 || machines <= 0.0 {
            continue;
        }
        let each = calls / machines + together;
        let mut why = vec![format!(
            "calls without a `pool`: at least {} open, rate times response{}",
            significant(calls, 4),
            if together > 0.0 {
                format!(", and {together} that carry many calls to each replica")
            } else {
                String::new()
            }
        )];
        let old = u.resources.get("connections");
        let (used, ratio) = match old.map(|r| (&r.used, &r.utilization)) {
            Some((Ok(used), Ok(ratio))) => (*used, *ratio),
            Some(_) => continue,
            None => (0.0, 0.0),
        };
        match old {
            Some(r) => why.extend(r.why.iter().cloned()),
            None => why.push(format!("one replica takes {}", significant(most, 6))),
        }
        let ratio = ratio + each / most;
        why.push(format!("= {}, at least", show_ratio(ratio)));
        let resource = Resource {
            used: Ok(used + calls + together * machines),
            capacity: Ok(machines * most),
            utilization: Ok(ratio),
            why,
        };
        u.insert("connections", resource);
    }
}

/// Number of caller replicas with a multiplexing protocol: each needs one connection to each replica.
fn sharers(model: &Model, demand: &Demand, id: CompId) -> f64 {
    let shared = |hop: &Hop| protocol(model, hop).is_some_and(Protocol::multiplexes);
    let from: BTreeSet<CompId> = demand
        .calls_of(id)
        .filter(|(_, _, hop)| used(hop) && shared(hop) && !carried(model, demand, hop))
        .map(|(_, _, hop)| hop.from)
        .collect();
    let replicas = from.iter().map(|f| model.component(*f)).filter(|c| !c.kind.facets.origin);
    replicas.filter_map(|c| callers(&model.system, c).ok()).map(|(n, _)| n).sum()
}
