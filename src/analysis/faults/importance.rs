//! Importance of components and zones for a flow, bounds under dependent failures, and full shard availability.
//!
//! In: the inputs of availability. Out: Birnbaum's importance of each component and zone: the
//! flow's availability if it works minus the availability if it has failed. Also the gain if it
//! never failed, and Fréchet's bounds, which hold for any dependence between failures.
//! Computed only where it is shown, never while sizing.

use crate::analysis::faults::availability::Structure;
use crate::analysis::faults::structure::{Form, StructureFunction, Var};
use crate::analysis::ground::known::Known;
use crate::model::Reason;
use crate::model::{CompId, Flow, Model};
use crate::theory::bounds::{frechet_parallel, frechet_series};
use std::collections::BTreeSet;

/// The importance of one component or zone for a flow.
#[derive(Clone, Debug)]
pub struct Importance {
    /// The component's name, or `zone a`.
    pub what: String,
    /// Birnbaum's importance: the flow's availability if this works minus that if it has failed.
    pub birnbaum: f64,
    /// The flow's availability if this never failed.
    pub perfect: f64,
    /// `perfect` minus the flow's availability; 0 or more.
    pub gain: f64,
}

/// Reliability figures of a flow beyond its availability ([`crate::analysis::Availability`]).
#[derive(Clone, Debug)]
pub struct FlowImportance {
    /// Lowest and highest availability for any dependence between failures; or why unknown.
    pub bounds: Result<(f64, f64), Reason>,
    /// The share of time that all shards of all required components work.
    pub all_shards: Known,
    /// Importance by component and zone, largest gain first; or why unknown.
    pub ranking: Result<Vec<Importance>, Reason>,
}

/// Bounds, shard availability and importance of a flow.
#[must_use]
pub fn flow_importance(model: &Model, structure: &Structure, flow: &Flow) -> FlowImportance {
    let form = structure.form(model, flow);
    let function = structure.structure_function(model, flow);
    let known = |function: &StructureFunction| {
        let mut vars = BTreeSet::new();
        function.vars(&mut vars);
        let unknown = vars.iter().find_map(|(id, _)| structure.ups.get(id.0).and_then(|u| u.as_ref().err()).cloned());
        unknown.or_else(|| form.as_ref().err().filter(|_| vars.is_empty()).cloned())
    };
    let shards = |id: CompId| structure.ups.get(id.0).and_then(|u| u.as_ref().ok()).map_or(1.0, |u| u.shards);
    FlowImportance {
        bounds: known(&function).map_or_else(|| Ok(bounds(structure, &function)), Err),
        all_shards: form.clone().map(|form| {
            let zones = &structure.zones;
            zones.mean(|s| form.probability(&|v: Var| structure.at(v, s).powf(shards(v.0))))
        }),
        ranking: form.map(|form| importance(model, structure, &form)),
    }
}

/// Fréchet's bounds of a structure function. A component in series counts once, however often it occurs.
fn bounds(structure: &Structure, function: &StructureFunction) -> (f64, f64) {
    match function {
        StructureFunction::Component(v) => {
            // The harder operation is conditional on the easier one: their product is one probability.
            let of = |s| structure.at((v.0, false), s) * if v.1 { structure.at(*v, s) } else { 1.0 };
            let a = structure.zones.mean(of).min(1.0);
            (a, a)
        }
        StructureFunction::And(_) => {
            let (mut once, mut either) = (BTreeSet::new(), Vec::new());
            flat(function, &mut once, &mut either);
            let easier: Vec<Var> = once.iter().filter(|v| v.1).map(|v| (v.0, false)).collect();
            for v in &easier {
                once.remove(v);
            }
            let mut parts: Vec<(f64, f64)> =
                once.into_iter().map(|v| bounds(structure, &StructureFunction::Component(v))).collect();
            parts.extend(either.into_iter().map(|n| bounds(structure, n)));
            frechet_series(&parts)
        }
        StructureFunction::Or(a, b) => frechet_parallel(&[bounds(structure, a), bounds(structure, b)]),
    }
}

/// Splits a conjunction into its distinct components and its disjunctions.
fn flat<'a>(function: &'a StructureFunction, once: &mut BTreeSet<Var>, either: &mut Vec<&'a StructureFunction>) {
    match function {
        StructureFunction::Component(v) => {
            once.insert(*v);
        }
        StructureFunction::And(all) => all.iter().for_each(|n| flat(n, once, either)),
        StructureFunction::Or(..) => either.push(function),
    }
}

/// Importance of all components and zones, largest gain first.
fn importance(model: &Model, structure: &Structure, form: &Form) -> Vec<Importance> {
    let zones = &structure.zones;
    let now = zones.mean(|s| form.probability(&|v| structure.at(v, s)));
    let with = |id: CompId, up: f64| {
        zones.mean(|s| form.probability(&|v: Var| if v.0 == id { up } else { structure.at(v, s) }))
    };
    let one = |what: String, perfect: f64, failed: f64| Importance {
        what,
        birnbaum: perfect - failed,
        perfect,
        gain: (perfect - now).max(0.0),
    };
    let ids: BTreeSet<CompId> = form.vars().map(|v| v.0).collect();
    let mut out: Vec<Importance> =
        ids.into_iter().map(|id| one(model.component(id).name.clone(), with(id, 1.0), with(id, 0.0))).collect();
    if let Some(each) = zones.each.filter(|up| *up > 0.0 && *up < 1.0) {
        for (at, zone) in zones.live.iter().enumerate() {
            let given = |works: bool| -> f64 {
                let mass = if works { each } else { 1.0 - each };
                let all = zones.states().filter(|(s, _)| zones.works(*s, at) == works);
                all.map(|(s, p)| p / mass * form.probability(&|v| structure.at(v, s))).sum()
            };
            let (perfect, failed) = (given(true), given(false));
            if perfect - failed > 1e-15 {
                let name = model.system.zones.get(*zone).map_or("", String::as_str);
                out.push(one(format!("zone {name}"), perfect, failed));
            }
        }
    }
    out.sort_by(|a, b| b.gain.total_cmp(&a.gain).then_with(|| a.what.cmp(&b.what)));
    out
}
