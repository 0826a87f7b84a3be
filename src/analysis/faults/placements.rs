//! Primaries whose zone the design does not say: the worst of all ways for a flow.
//!
//! In: what a flow needs, and the availability of its components for each zone that a
//! primary may be in. Out: the least availability over all ways, the greatest, and which way
//! is the worst. Exact: all ways are tried. Never: a way that is taken in silence.

use crate::analysis::faults::availability::Structure;
use crate::analysis::faults::component_availability::SAME;
use crate::analysis::faults::structure::Var;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, Flow, Model};
use crate::units::show_nines;
use std::collections::BTreeMap;

/// Most evaluations of a formula, times what is in it, for one flow.
const MOST: usize = 200_000;

/// The ways for one flow, judged.
#[derive(Clone, Debug)]
pub struct Worst {
    /// The availability in the worst way.
    pub low: f64,
    /// In the best.
    pub high: f64,
    /// The worst way: the stores whose primary decides, with the number of their way.
    pub taken: BTreeMap<CompId, usize>,
}

impl Structure {
    /// The worst way for a flow.
    ///
    /// # Errors
    /// The reason why it is unknown.
    pub fn worst(&self, model: &Model, flow: &Flow) -> Result<Worst, Reason> {
        let form = self.form(model, flow)?;
        let ups = |id: CompId| self.ups.get(id.0).and_then(|u| u.as_ref().ok());
        let open: BTreeMap<CompId, usize> =
            form.vars().filter_map(|(id, _)| Some((id, ups(id)?.ways()))).filter(|(_, n)| *n > 1).collect();
        if open.is_empty() {
            let a = self.zones.mean(|s| form.probability(&|v| self.at(v, s)));
            return Ok(Worst { low: a, high: a, taken: BTreeMap::new() });
        }
        let ways = open.values().try_fold(1_usize, |n, ways| n.checked_mul(*ways));
        let work = ways.and_then(|n| n.checked_mul(self.zones.count() * form.vars().count()));
        if work.is_none_or(|n| n > MOST) {
            let names: Vec<String> = open.keys().map(|id| format!("`{}`", model.component(*id).name)).collect();
            return Err(Reason::new(
                ReasonKind::Missing,
                format!(
                    "the zones of the primaries of {} decide, in too many ways: say their `primary`",
                    names.join(", ")
                ),
            ));
        }
        let mut way: BTreeMap<CompId, usize> = open.keys().map(|id| (*id, 0)).collect();
        let mut out = Worst { low: f64::INFINITY, high: 0.0, taken: BTreeMap::new() };
        loop {
            let a = self.zones.mean(|s| {
                form.probability(&|v: Var| match (way.get(&v.0), ups(v.0)) {
                    (Some(way), Some(up)) => up.in_way(*way, s, v.1),
                    _ => self.at(v, s),
                })
            });
            if a < out.low - SAME {
                out.low = a;
                out.taken.clone_from(&way);
            }
            out.high = out.high.max(a);
            // The next way: counts up, one digit a store.
            let next = way.iter().find(|(id, at)| open.get(id).is_some_and(|n| *at + 1 < *n)).map(|(id, _)| *id);
            let Some(next) = next else { break };
            for (id, at) in &mut way {
                if *id == next {
                    *at += 1;
                    break;
                }
                *at = 0;
            }
        }
        Ok(out)
    }

    /// The structure with primaries where these ways put them.
    #[must_use]
    pub fn taking(&self, ways: &BTreeMap<CompId, usize>) -> Self {
        let mut out = self.clone();
        for (id, way) in ways {
            if let Some(Ok(up)) = out.ups.get_mut(id.0) {
                up.take(*way);
            }
        }
        out
    }

    /// The zones of the primaries in the worst way, by their index among those that are left;
    /// none where it is lost.
    #[must_use]
    pub fn primaries(&self, worst: &Worst) -> BTreeMap<CompId, Option<usize>> {
        let zone = |id: &CompId, way: &usize| self.ups.get(id.0)?.as_ref().ok()?.primary(*way);
        worst.taken.iter().map(|(id, way)| (*id, zone(id, way))).collect()
    }

    /// Where a flow's availability takes primaries to be, where that decides it, in words.
    #[must_use]
    pub fn note(&self, model: &Model, worst: &Worst) -> Option<String> {
        if worst.high - worst.low <= SAME {
            return None;
        }
        let zone = |at: Option<usize>| match at.and_then(|at| model.system.zones.get(*self.zones.live.get(at)?)) {
            Some(name) => format!("in zone {name}"),
            None => "lost".to_owned(),
        };
        let placed = self.primaries(worst);
        let each = placed.iter().map(|(id, at)| format!("that of `{}` {}", model.component(*id).name, zone(*at)));
        Some(format!(
            "the worst of all places of primaries, {}; {} at best: say `primary`",
            each.collect::<Vec<_>>().join(", "),
            show_nines(worst.high)
        ))
    }
}
