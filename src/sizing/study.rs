//! Studies: a design solved again with changes.
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

/// Results of solving a design again with changes.
#[derive(Clone, Debug, Default)]
pub struct Study {
    /// The cost of each constraint.
    pub sensitivity: Vec<Sensitivity>,
    /// An irreducible infeasible set of constraints, in words.
    pub conflict: Vec<String>,
    /// Relaxations of the conflict, the cheapest first.
    pub relaxations: Vec<Relaxation>,
    /// Cost by bound on a flow's latency, if requested.
    pub frontier: Option<Frontier>,
    /// Commitments, if requested.
    pub commitments: Option<Commitments>,
}

impl Resize {
    /// For an infeasible design: an irreducible infeasible set and its relaxations. For another one: the cost of each
    /// constraint, if `prices`.
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

    /// The capacity steps between two load multiples; and why there are none beyond, if no sizes are feasible there.
    #[must_use]
    pub fn capacity_steps(&self, from: f64, to: f64) -> (Vec<CapacityStep>, Option<String>) {
        capacity_steps::capacity_steps(self, from, to)
    }
}
