//! What a flow's availability says beyond the number: what to mend first, how far it holds
//! if failures depend on each other, how often all shards are up.
//!
//! In: the structure that availability is computed from. Out: Birnbaum's importance of each
//! component and zone (the flow's availability if it works less that if it does not) and
//! what making it perfect gains; Fréchet's bounds, which hold however components depend on
//! each other. Computed where it is shown, never while sizing.

use crate::analysis::faults::availability::Structure;
use crate::analysis::faults::structure::{Form, Need, Var};
use crate::analysis::ground::known::Known;
use crate::model::Reason;
use crate::model::{CompId, Flow, Model};
use crate::theory::bounds::{frechet_parallel, frechet_series};
use std::collections::BTreeSet;

/// What mending one thing would do to a flow.
#[derive(Clone, Debug)]
pub struct Importance {
    /// A component's name, or `zone a`.
    pub what: String,
    /// The flow's availability if it works less that if it does not.
    pub birnbaum: f64,
    /// The flow's availability if it never failed.
    pub perfect: f64,
    /// By how much that is more.
    pub gain: f64,
}

/// Everything of a flow that [`crate::analysis::Availability`] leaves out.
#[derive(Clone, Debug)]
pub struct Mending {
    /// Lowest and highest availability, whatever depends on what.
    pub bounds: Result<(f64, f64), Reason>,
    /// The share of time that all shards of all it needs are up.
    pub all_shards: Known,
    /// What to mend, what gains most first; the reason where that is unknown.
    pub importance: Result<Vec<Importance>, Reason>,
}

/// What can be said of a flow.
#[must_use]
pub fn mending(model: &Model, structure: &Structure, flow: &Flow) -> Mending {
    let form = structure.form(model, flow);
    let need = structure.need(model, flow);
    let known = |need: &Need| {
        let mut vars = BTreeSet::new();
        need.vars(&mut vars);
        let unknown = vars.iter().find_map(|(id, _)| structure.ups.get(id.0).and_then(|u| u.as_ref().err()).cloned());
        unknown.or_else(|| form.as_ref().err().filter(|_| vars.is_empty()).cloned())
    };
    let shards = |id: CompId| structure.ups.get(id.0).and_then(|u| u.as_ref().ok()).map_or(1.0, |u| u.shards);
    Mending {
        bounds: known(&need).map_or_else(|| Ok(bounds(structure, &need)), Err),
        all_shards: form.clone().map(|form| {
            let zones = &structure.zones;
            zones.mean(|s| form.probability(&|v: Var| structure.at(v, s).powf(shards(v.0))))
        }),
        importance: form.map(|form| importance(model, structure, &form)),
    }
}

/// Fréchet's bounds of a formula: what is in series counts once, however often it occurs.
fn bounds(structure: &Structure, need: &Need) -> (f64, f64) {
    match need {
        Need::One(v) => {
            // What is harder to have is asked for beside what is easier: both as one.
            let of = |s| structure.at((v.0, false), s) * if v.1 { structure.at(*v, s) } else { 1.0 };
            let a = structure.zones.mean(of).min(1.0);
            (a, a)
        }
        Need::All(_) => {
            let (mut once, mut either) = (BTreeSet::new(), Vec::new());
            flat(need, &mut once, &mut either);
            let easier: Vec<Var> = once.iter().filter(|v| v.1).map(|v| (v.0, false)).collect();
            for v in &easier {
                once.remove(v);
            }
            let mut parts: Vec<(f64, f64)> = once.into_iter().map(|v| bounds(structure, &Need::One(v))).collect();
            parts.extend(either.into_iter().map(|n| bounds(structure, n)));
            frechet_series(&parts)
        }
        Need::Either(a, b) => frechet_parallel(&[bounds(structure, a), bounds(structure, b)]),
    }
}

fn flat<'a>(need: &'a Need, once: &mut BTreeSet<Var>, either: &mut Vec<&'a Need>) {
    match need {
        Need::One(v) => {
            once.insert(*v);
        }
        Need::All(all) => all.iter().for_each(|n| flat(n, once, either)),
        Need::Either(..) => either.push(need),
    }
}

/// Birnbaum's importance of all components and of the zones, what gains most first.
fn importance(model: &Model, structure: &Structure, form: &Form) -> Vec<Importance> {
    let zones = &structure.zones;
    let now = zones.mean(|s| form.probability(&|v| structure.at(v, s)));
    let with = |id: CompId, up: f64| {
        zones.mean(|s| form.probability(&|v: Var| if v.0 == id { up } else { structure.at(v, s) }))
    };
    let one = |what: String, perfect: f64, gone: f64| Importance {
        what,
        birnbaum: perfect - gone,
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
            let (perfect, gone) = (given(true), given(false));
            if perfect - gone > 1e-15 {
                let name = model.system.zones.get(*zone).map_or("", String::as_str);
                out.push(one(format!("zone {name}"), perfect, gone));
            }
        }
    }
    out.sort_by(|a, b| b.gain.total_cmp(&a.gain).then_with(|| a.what.cmp(&b.what)));
    out
}
