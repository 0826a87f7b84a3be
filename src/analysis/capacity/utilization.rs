//! Utilization: use over capacity of each resource; the highest binds.
//!
//! In: the model, a demand. Out: [`Utilization`] of a component. Never: threads, which need times.
//!
//! CPU seconds per second over cores (the utilization law, U = X S; Denning and Buzen 1978), rates
//! over limits, [`crate::analysis::capacity::connections`], and the resources of
//! [`crate::analysis::capacity::resources`]. [`crate::analysis::time::threads`] adds `threads` later.
//! The busiest shard of a store decides.

use crate::analysis::capacity::cpu::cpu;
use crate::analysis::capacity::resources::{disk, memory_use, network};
use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::{MEMORY, Resource, Utilization};
use crate::analysis::load::demand::Demand;
use crate::model::keys;
use crate::model::{CompId, Component, Model};
use crate::units::show_rate;
use std::collections::BTreeMap;

/// The utilization of one component: at the peak, or in a window where it is higher.
#[must_use]
pub fn utilization(model: &Model, demand: &Demand, id: CompId) -> Utilization {
    let mut worst = now(model, demand, id);
    for night in &demand.off_peak {
        let other = now(model, night, id);
        match (&worst.utilization, &other.utilization) {
            (Ok(a), Ok(b)) if b > a => worst = other,
            (Ok(_), Err(_)) if !other.resources.is_empty() => worst = other,
            _ => {}
        }
    }
    worst
}

/// The utilization of one component in the period of a demand.
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
    if let Some(connections) = crate::analysis::capacity::connections::persistent(model, demand, id) {
        resources.insert("connections", connections);
    }
    let more =
        [("disk", disk(model, demand, id)), ("network", network(model, demand, id)), (MEMORY, memory_use(model, id))];
    resources.extend(more.into_iter().filter_map(|(name, r)| Some((name, r?))));
    Utilization::of(&c.name, resources)
}

/// Rate over a limit that applies to all callers together.
fn limit(demand: &Demand, id: CompId, c: &Component) -> Option<Resource> {
    let key = if c.kind.facets.external { keys::LIMIT } else { keys::RATE_LIMIT };
    let attr = c.attrs.attr(key)?;
    let crate::model::Value::Limit(limit, None) = &attr.value else { return None };
    let each = demand.calls_of(id).map(|(_, fd, hop)| match (&fd.rate, &hop.visits) {
        (_, Ok(v)) if *v <= 0.0 => Ok(0.0),
        (Ok(r), Ok(v)) => Ok(r * v),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    });
    let rate: Known = each.sum();
    let utilization = rate.clone().map(|r| r / limit.mid);
    Some(Resource {
        why: vec![format!("{} = {}", key.name(), show_rate(limit.mid))],
        used: rate,
        capacity: Ok(limit.mid),
        utilization,
    })
}
