//! What is learnt by solving a design again with changes.
//!
//! In: a design, its sizes. Out: a conflict with its relaxations, or the price of each demand; the
//! capacity steps between two loads.

use super::capacity_steps::{self, CapacityStep};
use super::commit::Commitments;
use super::conflict::{self, Relaxation};
use super::frontier::Frontier;
use super::resize::Resize;
use super::sensitivity::{self, Sensitivity};
use super::sizes::{Sizes, Status};

/// What is learnt by solving a design again with changes.
#[derive(Clone, Debug, Default)]
pub struct Study {
    /// What each demand costs.
    pub sensitivity: Vec<Sensitivity>,
    /// Demands that cannot all hold, none of which can be left out.
    pub conflict: Vec<String>,
    /// What would ease them, the cheapest first.
    pub relaxations: Vec<Relaxation>,
    /// What each target of a flow's time costs, where that is asked for.
    pub frontier: Option<Frontier>,
    /// What to commit to, if that is asked for.
    pub commitments: Option<Commitments>,
}

impl Resize {
    /// Of a design that no sizes keep, which demands cannot all hold, and what would ease
    /// them; of another, if `prices` are asked for, what each demand costs.
    #[must_use]
    pub fn study(&self, sizes: &Sizes, prices: bool) -> Study {
        let mut out = Study::default();
        if sizes.status == Status::Infeasible {
            let smallest = conflict::smallest(self);
            out.conflict = smallest.iter().map(|a| a.words(&self.model)).collect();
            out.relaxations = conflict::relaxations(self, &smallest);
        } else if prices && !sizes.choices.is_empty() {
            out.sensitivity = sensitivity::sensitivity(self, sizes);
        }
        out
    }

    /// What is due between two multiples of the load, and why nothing does beyond, if nothing does.
    #[must_use]
    pub fn capacity_steps(&self, from: f64, to: f64) -> (Vec<CapacityStep>, Option<String>) {
        capacity_steps::capacity_steps(self, from, to)
    }
}
