//! Facts about a design, one file per theory.
//!
//! In: the model and its graph. Out: numbers with their derivation, or the
//! reason why a number is unknown. Never: a kind's name, a judgement.

mod demand;
mod ranges;
mod traffic;
mod utilization;

pub use demand::{ComponentDemand, Demand, FlowDemand, Hop, demand};
pub use ranges::{MAX_CORNERS, Ranges, ranges};
pub use traffic::{TrafficError, solve};
pub use utilization::{Count, Resource, Utilization, count, utilization};

/// A number, or why it is unknown. Unknown is never 0.
pub type Known = Result<f64, String>;

/// All facts of one world.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Rates.
    pub demand: Demand,
    /// Capacity and use, by component.
    pub utilization: Vec<Utilization>,
}

impl Facts {
    /// Computes all facts of a model, its load multiplied by `load`.
    #[must_use]
    pub fn new(model: &crate::model::Model, load: f64) -> Self {
        let demand = demand(model, load);
        let utilization = model.all().map(|(id, _)| utilization(model, &demand, id)).collect();
        Self { demand, utilization }
    }

    /// The component that reaches 100% first, with the multiple of the load at
    /// which it does. Ties go to the first declared.
    #[must_use]
    pub fn bottleneck(&self) -> Option<(crate::model::CompId, f64)> {
        let mut best: Option<(crate::model::CompId, f64)> = None;
        for (i, u) in self.utilization.iter().enumerate() {
            if let Ok(x) = u.utilization
                && x > 0.0
                && best.is_none_or(|(_, s)| 1.0 / x < s)
            {
                best = Some((crate::model::CompId(i), 1.0 / x));
            }
        }
        best
    }
}
