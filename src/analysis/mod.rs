//! Facts about a design, one file per theory.
//!
//! In: the model and its graph. Out: numbers with their derivation, or the
//! reason why a number is unknown. Never: a kind's name, a judgement.

mod availability;
pub mod consistency;
mod cost;
mod cuts;
mod demand;
mod latency;
mod promises;
mod ranges;
mod slo;
mod stations;
mod timed;
mod traffic;
mod utilization;
mod worlds;

pub use availability::{AVAILABILITY_NOTE, Availability, availability, availability_of, component_availability};
pub use cost::{Bill, Cost, CostPart, FlowCost, component_cost, cost};
pub use demand::{ComponentDemand, Demand, FlowDemand, Hop, demand};
pub use latency::{FlowLatency, Network, Part, latencies, latency_of};
pub use promises::{Promise, promises};
pub use ranges::{MAX_CORNERS, MAX_LATENCY_CORNERS, Ranges, corners, ranges};
pub use slo::{Verdict, met, value};
pub use stations::{Station, Visit, station, stations};
pub use timed::{LATENCY_METRICS, Measure, Timed};
pub use traffic::{TrafficError, solve};
pub use utilization::{Count, Resource, Utilization, count, utilization};
pub use worlds::{Outcome, Worlds, worlds};

/// The reason of a number that no analysis computes yet.
pub const NOT_MODELLED: &str = "this version of archc does not compute it";

/// A number, or why it is unknown. Unknown is never 0.
pub type Known = Result<f64, String>;

/// All facts of one world.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Rates.
    pub demand: Demand,
    /// Capacity and use, by component.
    pub utilization: Vec<Utilization>,
    /// Response times, by component.
    pub stations: Vec<Station>,
    /// Latency, by flow.
    pub latency: Vec<FlowLatency>,
    /// Availability of components and flows.
    pub availability: Availability,
    /// Money.
    pub cost: Cost,
}

impl Facts {
    /// Computes all facts of a model, its load multiplied by `load`.
    #[must_use]
    pub fn new(model: &crate::model::Model, load: f64) -> Self {
        let mut facts = Self::loads(model, load);
        facts.stations = stations(model, &facts.demand);
        facts.latency = latencies(model, &facts.demand.flows, &facts.stations);
        facts.availability = availability(model, &facts.utilization);
        facts.cost = cost(model, &facts.demand);
        facts
    }

    /// Rates and utilisation alone, which are quick.
    #[must_use]
    pub fn loads(model: &crate::model::Model, load: f64) -> Self {
        let demand = demand(model, load);
        let utilization: Vec<Utilization> = model.all().map(|(id, _)| utilization(model, &demand, id)).collect();
        Self {
            demand,
            utilization,
            stations: Vec::new(),
            latency: Vec::new(),
            availability: Availability::default(),
            cost: Cost::default(),
        }
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
