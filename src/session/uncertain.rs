//! The worlds of a design with intervals, and its sizes in them.
//!
//! In: a design, the model whose holes are open, how robust its sizes are to be. Out: sizes,
//! and in how many worlds they hold. How many worlds there are is a matter of the design's
//! size. Never: a world that is not sound for the language but looked at.

use super::asked::{Asked, put_rates};
use super::{Design, PlanFile};
use crate::analysis::{MAX_CORNERS, MAX_LATENCY_CORNERS, affordable, corners, drawn, jointly, one_by_one};
use crate::model::{Ends, Model, Origin};
use crate::sizing::{Resize, Robust, Robustly, Uncertain, robustly};

/// Worlds that are drawn where the design is not too large for so many.
const WORLDS: usize = 200;
/// Worlds that are drawn in any case: of fewer, 95% is all of them.
const FEWEST: usize = 20;

impl Design {
    /// How its plan was made; as by default where it has none.
    #[must_use]
    pub fn robust(&self) -> Robust {
        let plan: Option<&PlanFile> = self.plan.as_ref().and_then(|p| p.as_ref().ok());
        plan.map_or_else(Robust::default, |p| p.robust)
    }
}

/// The worlds of a design: those that are drawn only where they decide, or are to be counted.
fn worlds(design: &Design, model: &Model, asked: &Asked, count: bool) -> Uncertain {
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

/// The sizes of a design, with the design for those who solve it again; `why` asks for what
/// binds them, `count` for the worlds in which they hold.
#[must_use]
pub fn sized(design: &Design, model: &Model, asked: &Asked, why: bool, count: bool) -> (Resize, Robustly) {
    let worlds = worlds(design, model, asked, count);
    let found = robustly(&worlds, asked.robust, asked.load, why, count);
    (Resize::new(worlds.model, found.kept.clone(), asked.load), found)
}
