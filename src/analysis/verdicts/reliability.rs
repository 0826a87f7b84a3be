//! Reliability figures beyond availability: bounds, importance, cut sets, zone loss, recovery time.
//!
//! In: the design and its facts. Out: one set of figures for each flow. Computed only where it is shown,
//! never while sizing. Never: an assumed failover rate, which the language cannot express.

use crate::analysis::facts::Facts;
use crate::analysis::faults::critical_caches::{CacheLosses, caches};
use crate::analysis::faults::cut_sets::{CutSets, MinimalCutSets};
use crate::analysis::faults::importance::{FlowImportance, flow_importance};
use crate::analysis::faults::zone_loss::{ZoneLoss, survival};
use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::provided;
use crate::kinds::Serve;
use crate::model::Component;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{Flow, Model};

/// Reliability figures of one flow.
#[derive(Clone, Debug)]
pub struct FlowReliability {
    /// The assumptions on primaries that decide its availability, as text.
    pub primaries: Option<String>,
    /// Bounds, shard availability and importance.
    pub importance: FlowImportance,
    /// Its minimal cut sets.
    pub cut_sets: Result<MinimalCutSets, Reason>,
    /// Recovery time in seconds.
    pub rto: Known,
}

/// Reliability figures of a design.
#[derive(Clone, Debug)]
pub struct Reliability {
    /// By flow.
    pub flows: Vec<FlowReliability>,
    /// By component: the assumptions on its primary that decide its availability, as text.
    pub components: Vec<Option<String>>,
    /// The loss of each zone.
    pub zones: Vec<ZoneLoss>,
}

/// The reliability figures of a design, at `load` times the load.
#[must_use]
pub fn reliability(model: &Model, facts: &Facts, load: f64) -> Reliability {
    let mut out = Reliability { flows: Vec::new(), components: Vec::new(), zones: survival(model, load) };
    let Some(structure) = &facts.availability.structure else { return out };
    out.components =
        model.all().map(|(id, _)| structure.component_assumptions(model, &facts.utilization, id)).collect();
    let losses = CacheLosses::new(model, load, &caches(model));
    let mut sets = CutSets::new(model, &structure.zones, &facts.utilization, &losses);
    for flow in &model.flows {
        let worst = structure.worst(model, flow).ok();
        let primaries = worst.as_ref().and_then(|w| structure.primary_assumptions(model, &facts.utilization, flow, w));
        let worst = worst.filter(|w| !w.placement.is_empty());
        let placed = worst.as_ref().map(|w| structure.with_placement(&w.placement));
        let structure = placed.as_ref().unwrap_or(structure);
        out.flows.push(FlowReliability {
            primaries,
            importance: flow_importance(model, structure, flow),
            cut_sets: sets.of(flow, &worst.map(|w| structure.primaries(&w)).unwrap_or_default()),
            rto: recovery(model, flow),
        });
    }
    out
}

/// The recovery time from the worst single failure: always unknown, with the first reason. The
/// language has detection (`health_check`), but no duration of a promotion, a restart or a repair
/// of an external system.
fn recovery(model: &Model, flow: &Flow) -> Known {
    let mut why = None;
    let missing = |c: &Component, sentence: String| Reason::of(ReasonKind::Missing, c, sentence);
    crate::model::Step::walk(&flow.steps, &mut |call| {
        let c = model.component(call.target);
        if call.is_async || c.kind.facets.misses || why.is_some() {
            return;
        }
        let alone = c.replicas().is_ok_and(|n| n <= 1.0);
        why = match c.kind.facets.serve {
            None => Some(missing(c, format!("the recovery time of the external system `{}` is unknown", c.name))),
            Some(_) if provided(c) => None,
            Some(Serve::Copies) => {
                Some(missing(c, format!("the time that `{}` takes to promote a replica is unknown", c.name)))
            }
            Some(_) if alone => Some(missing(c, format!("the time that `{}` takes to restart is unknown", c.name))),
            Some(_) => None,
        };
    });
    Err(why.unwrap_or_else(|| {
        Reason::new(ReasonKind::NotModelled, "how long a failed replica is waited for is not computed")
    }))
}
