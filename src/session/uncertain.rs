//! The cases of a design with intervals, and its plan in them.
//!
//! In: a design, its model with open variables, the required robustness. Out: a plan, and the
//! number of cases in which it is feasible. The number of samples depends on the size of the
//! design. Never: a sample that the language rejects.

use super::sizing_inputs::{SizingInputs, put_rates};
use super::{Design, PlanFile};
use crate::analysis::{MAX_CORNERS, MAX_LATENCY_CORNERS, affordable, corners, drawn, jointly, one_by_one};
use crate::model::{Ends, Model, Origin};
use crate::sizing::{Resize, Robust, Robustly, Uncertain, robustly};

/// Samples of a design that is small enough for them.
const WORLDS: usize = 200;
/// Fewest samples: 95% of fewer would be all of them.
const FEWEST: usize = 20;

impl Design {
    /// The method of its plan; the default without a plan.
    #[must_use]
    pub fn robust(&self) -> Robust {
        let plan: Option<&PlanFile> = self.plan.as_ref().and_then(|p| p.as_ref().ok());
        plan.map_or_else(Robust::default, |p| p.robust)
    }
}

/// The cases of a design. Samples are drawn only if they decide, or if they are to be counted.
fn uncertain(design: &Design, model: &Model, asked: &SizingInputs, count: bool) -> Uncertain {
    let with = |ends: &Ends| {
        let mut m = design.model_at(ends);
        m.fill(&asked.given, &Origin::Plan);
        m.close(&asked.closed);
        put_rates(&mut m, &asked.rates);
        m
    };
    let mut middle = model.clone();
    middle.close(&asked.closed);
    put_rates(&mut middle, &asked.rates);
    let all = &model.intervals;
    if all.is_empty() {
        return Uncertain { model: middle, ends: Vec::new(), all_ends: true, samples: Vec::new() };
    }
    let robust = asked.robust;
    let most = if affordable(model, 1 << MAX_CORNERS) < 1 << MAX_CORNERS { MAX_LATENCY_CORNERS } else { MAX_CORNERS };
    let corners = corners(all, most);
    let all_ends = corners.is_some();
    let number = robust.samples.unwrap_or_else(|| affordable(model, WORLDS).max(FEWEST));
    let inside = || drawn(all, robust.seed, number).iter().map(with).collect::<Vec<Model>>();
    let ends = corners.unwrap_or_else(|| [jointly(all), one_by_one(all)].concat()).iter().map(with).collect();
    let samples = if count || robust.mode.draws() { inside() } else { Vec::new() };
    Uncertain { model: middle, ends, all_ends, samples }
}

/// The plan of a design, with the prepared design for repeated solutions. `why` adds the binding
/// requirements, `count` the cases in which the plan is feasible.
#[must_use]
pub fn sized(design: &Design, model: &Model, asked: &SizingInputs, why: bool, count: bool) -> (Resize, Robustly) {
    let uncertain = uncertain(design, model, asked, count);
    let found = robustly(&uncertain, asked.robust, asked.load, why, count);
    (Resize::new(uncertain.model, found.kept.clone(), asked.load), found)
}
