//! Zone loss: whether each flow is answered after the loss of one zone.
//!
//! In: the design. Out: yes, no, or the reason why it is unknown, for each flow and zone. The
//! answer is yes if every component that the flow requires, or its fallback, remains and is below
//! 100% utilization under the load of the survivors, retries included. The consumers of a queue must also
//! keep up with its publishers. A store whose primary was in the lost zone works with
//! `failover = auto`. With `manual` or no `failover` the answer is unknown. It is also unknown if the
//! primary may have been in the zone because `primary` is missing.

use crate::analysis::capacity::utilization::utilization;
use crate::analysis::faults::group::{Group, group};
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

/// Whether a flow is answered after a loss, or why that is unknown.
pub type Survives = Result<bool, Reason>;

/// The effect of one lost zone on each flow.
#[derive(Clone, Debug)]
pub struct ZoneLoss {
    /// The zone, as `zone a`.
    pub what: String,
    /// By flow: whether it is answered, and the reason of a no or an unknown as text.
    pub flows: Vec<(Survives, String)>,
}

/// The loss of each live zone alone, at `load` times the load.
#[must_use]
pub fn survival(model: &Model, load: f64) -> Vec<ZoneLoss> {
    let zones = model.system.live_zones().into_iter().filter_map(|at| model.system.zones.get(at));
    zones.map(|z| without(model, z, load)).collect()
}

/// The failure of a component: `Ok(false)` or why it is unknown, and the reason as text.
type Failure = (Survives, String);

fn without(model: &Model, zone: &str, load: f64) -> ZoneLoss {
    let lossy = model.without_zone(zone);
    let left = &lossy.model;
    let retried = Policies::of(left).feed_back().then(|| limited_demand(left, load));
    let lost = Lost { model, zone, zones: Zones::new(left), demand: demand(left, load), retried, left };
    let mut known: BTreeMap<CompId, (Result<(), Failure>, Option<Group>)> = BTreeMap::new();
    let mut flows = Vec::new();
    let unbounded = unbounded_lags(&lost);
    for (i, flow) in lost.left.flows.iter().enumerate() {
        // Each component is judged once, for all flows that require it.
        let reader = Reader { model: lost.left, hard: &|_, _| true, guards: &BTreeMap::new() };
        let mut vars = BTreeSet::new();
        reader.structure_function(flow).vars(&mut vars);
        for (id, _) in &vars {
            known.entry(*id).or_insert_with(|| lost.judge(*id));
        }
        let group = |id: CompId| known.get(&id).and_then(|(_, g)| g.as_ref());
        let hard = |id: CompId, write: bool| group(id).is_some_and(|g| g.is_hard(write));
        let function = Reader { hard: &hard, ..reader }.structure_function(flow);
        let state = |(id, hard): Var| -> Result<(), Failure> {
            known.get(&id).map_or(Ok(()), |(s, _)| s.clone())?;
            match group(id).filter(|g| !g.answers(g.all(), hard)) {
                Some(_) => Err((Ok(false), format!("too little is left of `{}`", model.component(id).name))),
                None => Ok(()),
            }
        };
        let mut required = BTreeSet::new();
        function.vars(&mut required);
        let states: BTreeMap<Var, Result<(), Failure>> = required.into_iter().map(|v| (v, state(v))).collect();
        let works = |unknown_works: bool| {
            function.holds(&|v| match states.get(&v) {
                Some(Err((Ok(_), _))) => false,
                Some(Err((Err(_), _))) => unknown_works,
                _ => true,
            })
        };
        let first = |sure: bool| {
            let mut all = states.values().filter_map(|s| s.as_ref().err()).filter(|(s, _)| s.is_ok() == sure);
            all.next().map(|(_, why)| why.clone()).unwrap_or_default()
        };
        let unknown = states.values().find_map(|s| s.as_ref().err().and_then(|(s, _)| s.as_ref().err()));
        flows.push(match (works(false), works(true)) {
            (true, _) => unbounded.get(&i).map_or((Ok(true), String::new()), |why| (Ok(false), why.clone())),
            (false, true) => unknown.map_or_else(|| (Ok(false), first(true)), |e| (Err(e.clone()), e.to_string())),
            (false, false) => (Ok(false), first(true)),
        });
    }
    ZoneLoss { what: format!("zone {zone}"), flows }
}

/// Flows whose publishers exceed their consumers, so that the lag is unbounded; with the reason.
fn unbounded_lags(lost: &Lost) -> BTreeMap<usize, String> {
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
    /// The demand at the fixed point with retries, if the design has any.
    retried: Option<Demand>,
}

impl Lost<'_> {
    /// Whether a component answers at all, and its remaining replicas if they are known.
    fn judge(&self, id: CompId) -> (Result<(), Failure>, Option<Group>) {
        let (before, c) = (self.model.component(id), self.left.component(id));
        let no = |why: String| (Err((Ok(false), why)), None);
        let unknown = |why: Reason| {
            let told = why.to_string();
            (Err((Err(why), told)), None)
        };
        if is_lost(&self.left.system, c) {
            return no(format!("`{}` is lost", c.name));
        }
        let own = c.kind.facets.serve.is_some() && !c.is_provided();
        if own && let Left::Some(Some(doubt)) = before.clone().lose_zone(self.zone, &self.model.system, false) {
            return unknown(doubt);
        }
        let u = utilization(self.left, &self.demand, id);
        match &u.utilization {
            Ok(x) if *x >= 1.0 => return no(format!("`{}` is at {}", c.name, show_ratio(*x))),
            Err(e) if !u.resources.is_empty() => return unknown(e.clone()),
            _ => {}
        }
        // The number of retries of a call that always fails may be unknown: then the load without them counts.
        if let Some(retried) = &self.retried
            && let Ok(x) = utilization(self.left, retried, id).utilization
            && x >= 1.0
        {
            return no(format!("`{}` is at {}, with its retries", c.name, show_ratio(x)));
        }
        // Unknown replicas are not an error here: an unknown utilization has already been reported.
        (Ok(()), if own { group(self.left, &self.zones, c, &u).ok() } else { None })
    }
}
