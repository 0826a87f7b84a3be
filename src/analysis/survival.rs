//! Whether a flow is answered with one zone lost.
//!
//! In: the design. Out: for each flow and zone, yes, no, or why it is unknown. Yes if all
//! that the flow waits for is left, or a fallback of it, and none of it is asked for more
//! than it has by the load of the survivors. A store whose primary was in the zone goes on
//! with `failover = auto`; with `manual` or where that is not said, nobody knows.

use super::need::Reader;
use super::utilization::is_gone;
use super::{demand, utilization};
use crate::model::{CompId, Left, Model};
use crate::units::show_ratio;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a flow survives a loss, or why that is unknown.
pub type Survives = Result<bool, String>;

/// One lost zone: its name, and by flow whether it survives.
#[derive(Clone, Debug)]
pub struct ZoneLoss {
    /// `zone a`.
    pub what: String,
    /// By flow; the reason of a no is in words too.
    pub flows: Vec<(Survives, String)>,
}

/// Every zone lost alone.
#[must_use]
pub fn survival(model: &Model, load: f64) -> Vec<ZoneLoss> {
    let zones = model.system.zones.iter().filter(|z| !model.system.lost.contains(z));
    zones.map(|z| without(model, z, load)).collect()
}

fn without(model: &Model, zone: &str, load: f64) -> ZoneLoss {
    let lossy = model.without_zone(zone);
    let lost = &lossy.model;
    let demand = demand(lost, load);
    // Why a component does not answer, or why that is unknown.
    let mut known: BTreeMap<CompId, Result<(), (Survives, String)>> = BTreeMap::new();
    let mut state = |id: CompId| {
        let judge = || {
            let (before, c) = (model.component(id), lost.component(id));
            if is_gone(c) {
                return Err((Ok(false), format!("nothing is left of `{}`", c.name)));
            }
            if let Left::Some(Some(doubt)) = before.clone().lose_zone(zone, &model.system.zones)
                && !c.is_provided()
            {
                return Err((Err(doubt.clone()), doubt));
            }
            let u = utilization(lost, &demand, id);
            match u.utilization {
                Ok(x) if x >= 1.0 => Err((Ok(false), format!("`{}` is at {}", c.name, show_ratio(x)))),
                Err(e) if !u.resources.is_empty() => Err((Err(e.clone()), e)),
                _ => Ok(()),
            }
        };
        known.entry(id).or_insert_with(judge).clone()
    };
    let mut flows = Vec::new();
    for flow in &lost.flows {
        let need = Reader { model: lost, hard: &|_, _| false, guards: &BTreeMap::new() }.need(flow);
        let mut vars = BTreeSet::new();
        need.vars(&mut vars);
        let states: BTreeMap<CompId, Result<(), (Survives, String)>> =
            vars.into_iter().map(|(id, _)| (id, state(id))).collect();
        let works = |doubtful: bool| {
            need.holds(&|(id, _)| match states.get(&id) {
                Some(Err((Ok(_), _))) => false,
                Some(Err((Err(_), _))) => doubtful,
                _ => true,
            })
        };
        let first = |sure: bool| {
            let all = states.values().filter_map(|s| s.as_ref().err());
            let mut all = all.filter(|(s, _)| s.is_ok() == sure).map(|(_, why)| why.clone());
            all.next().unwrap_or_default()
        };
        flows.push(match (works(false), works(true)) {
            (true, _) => (Ok(true), String::new()),
            (false, true) => (Err(first(false)), first(false)),
            (false, false) => (Ok(false), first(true)),
        });
    }
    ZoneLoss { what: format!("zone {zone}"), flows }
}
