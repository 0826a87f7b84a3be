//! Whether a flow is answered with one zone lost.
//!
//! In: the design. Out: for each flow and zone, yes, no, or why it is unknown. Yes if all
//! that the flow waits for is left, or a fallback of it, and none of it is asked for more
//! than it has by the load of the survivors, their retries counted. What is taken from a queue must
//! be done as fast as it is published. A store whose primary was in the zone goes on
//! with `failover = auto`; with `manual` or where that is not said, nobody knows, nor whether
//! its primary is there where `primary` does not say it.

use crate::analysis::capacity::utilization::utilization;
use crate::analysis::faults::component_availability::{Group, group};
use crate::analysis::faults::structure::{Reader, Var};
use crate::analysis::ground::machines::is_lost;
use crate::analysis::ground::time_value::Timed;
use crate::analysis::ground::zones::Zones;
use crate::analysis::load::call_policy::Policies;
use crate::analysis::load::demand::{Demand, demand};
use crate::analysis::queues::lag::lags;
use crate::analysis::steady::feedback::limited_demand;
use crate::analysis::time::stations::stations;
use crate::model::Reason;
use crate::model::{CompId, Left, Model};
use crate::units::show_ratio;
use std::collections::{BTreeMap, BTreeSet};

/// Whether a flow survives a loss, or why that is unknown.
pub type Survives = Result<bool, Reason>;

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
    let zones = model.system.live_zones().into_iter().filter_map(|at| model.system.zones.get(at));
    zones.map(|z| without(model, z, load)).collect()
}

/// Why a component does not answer, or why that is unknown, in words too.
type No = (Survives, String);

fn without(model: &Model, zone: &str, load: f64) -> ZoneLoss {
    let lossy = model.without_zone(zone);
    let left = &lossy.model;
    let retried = Policies::of(left).feed_back().then(|| limited_demand(left, load));
    let lost = Lost { model, zone, zones: Zones::new(left), demand: demand(left, load), retried, left };
    let mut known: BTreeMap<CompId, (Result<(), No>, Option<Group>)> = BTreeMap::new();
    let mut flows = Vec::new();
    let piles_up = never_done(&lost);
    for (i, flow) in lost.left.flows.iter().enumerate() {
        // What each component is like is asked once, whichever flow needs it.
        let reader = Reader { model: lost.left, hard: &|_, _| true, guards: &BTreeMap::new() };
        let mut vars = BTreeSet::new();
        reader.need(flow).vars(&mut vars);
        for (id, _) in &vars {
            known.entry(*id).or_insert_with(|| lost.judge(*id));
        }
        let group = |id: CompId| known.get(&id).and_then(|(_, g)| g.as_ref());
        let hard = |id: CompId, write: bool| group(id).is_some_and(|g| g.is_hard(write));
        let need = Reader { hard: &hard, ..reader }.need(flow);
        let state = |(id, hard): Var| -> Result<(), No> {
            known.get(&id).map_or(Ok(()), |(s, _)| s.clone())?;
            match group(id).filter(|g| !g.answers(g.all(), hard)) {
                Some(_) => Err((Ok(false), format!("too little is left of `{}`", model.component(id).name))),
                None => Ok(()),
            }
        };
        let mut asked = BTreeSet::new();
        need.vars(&mut asked);
        let states: BTreeMap<Var, Result<(), No>> = asked.into_iter().map(|v| (v, state(v))).collect();
        let works = |doubtful: bool| {
            need.holds(&|v| match states.get(&v) {
                Some(Err((Ok(_), _))) => false,
                Some(Err((Err(_), _))) => doubtful,
                _ => true,
            })
        };
        let first = |sure: bool| {
            let mut all = states.values().filter_map(|s| s.as_ref().err()).filter(|(s, _)| s.is_ok() == sure);
            all.next().map(|(_, why)| why.clone()).unwrap_or_default()
        };
        let unknown = states.values().find_map(|s| s.as_ref().err().and_then(|(s, _)| s.as_ref().err()));
        flows.push(match (works(false), works(true)) {
            (true, _) => piles_up.get(&i).map_or((Ok(true), String::new()), |why| (Ok(false), why.clone())),
            (false, true) => unknown.map_or_else(|| (Ok(false), first(true)), |e| (Err(e.clone()), e.to_string())),
            (false, false) => (Ok(false), first(true)),
        });
    }
    ZoneLoss { what: format!("zone {zone}"), flows }
}

/// Flows of which more is published than their takers ever do, and why.
fn never_done(lost: &Lost) -> BTreeMap<usize, String> {
    let model = lost.left;
    if !model.flows.iter().any(|f| model.component(f.origin).kind.facets.buffers) {
        return BTreeMap::new();
    }
    let all = lags(model, &lost.demand, &stations(model, &lost.demand, &[]));
    let endless = all.into_iter().enumerate().filter_map(|(i, lag)| match lag?.time {
        Timed::Unbounded(why) => Some((i, why.to_string())),
        _ => None,
    });
    endless.collect()
}

/// A design with a zone lost.
struct Lost<'a> {
    model: &'a Model,
    left: &'a Model,
    zone: &'a str,
    zones: Zones,
    demand: Demand,
    /// The same where its retries settle, if it has any.
    retried: Option<Demand>,
}

impl Lost<'_> {
    /// Whether a component answers at all, and what is left of its pieces.
    fn judge(&self, id: CompId) -> (Result<(), No>, Option<Group>) {
        let (before, c) = (self.model.component(id), self.left.component(id));
        let no = |why: String| (Err((Ok(false), why)), None);
        let unknown = |why: Reason| {
            let told = why.to_string();
            (Err((Err(why), told)), None)
        };
        if is_lost(&self.left.system, c) {
            return no(format!("nothing is left of `{}`", c.name));
        }
        let own = c.kind.facets.serve.is_some() && !c.is_provided();
        if own && let Left::Some(Some(doubt)) = before.clone().lose_zone(self.zone, &self.model.system, false) {
            return unknown(Reason::missing_as(c, "primary", doubt));
        }
        let u = utilization(self.left, &self.demand, id);
        match &u.utilization {
            Ok(x) if *x >= 1.0 => return no(format!("`{}` is at {}", c.name, show_ratio(*x))),
            Err(e) if !u.resources.is_empty() => return unknown(e.clone()),
            _ => {}
        }
        // How often what is never answered is tried again may be unknown: then the load without it counts.
        if let Some(retried) = &self.retried
            && let Ok(x) = utilization(self.left, retried, id).utilization
            && x >= 1.0
        {
            return no(format!("`{}` is at {}, its retries counted", c.name, show_ratio(x)));
        }
        // What is not known of its pieces is in doubt only where utilisation is.
        (Ok(()), if own { group(self.left, &self.zones, c, &u).ok() } else { None })
    }
}
