//! Primaries with no declared zone: the placement that minimizes a flow's availability.
//!
//! In: the structure function of a flow, and component availability for each possible zone of a
//! primary. Out: the lowest and the highest availability over all placements, and the worst
//! placement. Exact: every combination is tried. Never: an assumed placement that is not reported.

use crate::analysis::faults::availability::Structure;
use crate::analysis::faults::component_availability::SAME;
use crate::analysis::faults::structure::Var;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::{CompId, Flow, Model};
use crate::units::show_nines;
use std::collections::BTreeMap;

/// Work limit for one flow: placements times states of the zones times components.
const MOST: usize = 200_000;

/// The availability of one flow over all placements of undeclared primaries.
#[derive(Clone, Debug)]
pub struct WorstPlacement {
    /// The availability in the worst placement.
    pub low: f64,
    /// The availability in the best placement.
    pub high: f64,
    /// The worst placement: by store with several placements, the number of the one chosen.
    pub placement: BTreeMap<CompId, usize>,
}

impl Structure {
    /// The worst placement of undeclared primaries for a flow.
    ///
    /// # Errors
    /// The reason why it is unknown: the availability is, or there are too many placements.
    pub fn worst(&self, model: &Model, flow: &Flow) -> Result<WorstPlacement, Reason> {
        let form = self.form(model, flow)?;
        let ups = |id: CompId| self.ups.get(id.0).and_then(|u| u.as_ref().ok());
        let open: BTreeMap<CompId, usize> =
            form.vars().filter_map(|(id, _)| Some((id, ups(id)?.placements()))).filter(|(_, n)| *n > 1).collect();
        if open.is_empty() {
            let a = self.zones.mean(|s| form.probability(&|v| self.at(v, s)));
            return Ok(WorstPlacement { low: a, high: a, placement: BTreeMap::new() });
        }
        let placements = open.values().try_fold(1_usize, |n, placements| n.checked_mul(*placements));
        let work = placements.and_then(|n| n.checked_mul(self.zones.count() * form.vars().count()));
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
        let mut current: BTreeMap<CompId, usize> = open.keys().map(|id| (*id, 0)).collect();
        let mut out = WorstPlacement { low: f64::INFINITY, high: 0.0, placement: BTreeMap::new() };
        loop {
            let a = self.zones.mean(|s| {
                form.probability(&|v: Var| match (current.get(&v.0), ups(v.0)) {
                    (Some(current), Some(up)) => up.at_placement(*current, s, v.1),
                    _ => self.at(v, s),
                })
            });
            if a < out.low - SAME {
                out.low = a;
                out.placement.clone_from(&current);
            }
            out.high = out.high.max(a);
            // The next combination: a counter with one digit a store.
            let next = current.iter().find(|(id, at)| open.get(id).is_some_and(|n| *at + 1 < *n)).map(|(id, _)| *id);
            let Some(next) = next else { break };
            for (id, at) in &mut current {
                if *id == next {
                    *at += 1;
                    break;
                }
                *at = 0;
            }
        }
        Ok(out)
    }

    /// The structure with the primaries of these stores in these placements.
    #[must_use]
    pub fn with_placement(&self, placements: &BTreeMap<CompId, usize>) -> Self {
        let mut out = self.clone();
        for (id, current) in placements {
            if let Some(Ok(up)) = out.ups.get_mut(id.0) {
                up.set_placement(*current);
            }
        }
        out
    }

    /// The zones of the primaries in the worst placement, by index among the live zones; none for
    /// a lost primary.
    #[must_use]
    pub fn primaries(&self, worst: &WorstPlacement) -> BTreeMap<CompId, Option<usize>> {
        let zone = |id: &CompId, current: &usize| self.ups.get(id.0)?.as_ref().ok()?.primary(*current);
        worst.placement.iter().map(|(id, current)| (*id, zone(id, current))).collect()
    }

    /// The assumed placement of primaries, as text; none if every placement gives the same
    /// availability.
    #[must_use]
    pub fn note(&self, model: &Model, worst: &WorstPlacement) -> Option<String> {
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
