//! All facts of one case: every analysis, in order of dependency.
//!
//! In: a model, a load multiple. Out: [`Facts`]. Never: a verdict.

use crate::analysis::capacity::autoscale::{Scaling, scalings};
use crate::analysis::capacity::utilization::utilization;
use crate::analysis::faults::availability::{Availability, availability};
use crate::analysis::ground::known::Known;
use crate::analysis::ground::resource::Utilization;
use crate::analysis::load::demand::Demand;
use crate::analysis::money::{Cost, cost};
use crate::analysis::queues::figures::Lag;
use crate::analysis::queues::lag::lags;
use crate::analysis::steady::stability::Stability;
use crate::analysis::time::latency::FlowLatency;
use crate::analysis::time::stations::Station;

/// All facts of one case.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Arrival rates, by flow and by component.
    pub demand: Demand,
    /// Capacity, use and utilization, by component.
    pub utilization: Vec<Utilization>,
    /// Response times, by component.
    pub stations: Vec<Station>,
    /// Whether the iteration over threads, limits and full queues ended without a fixed point.
    pub unsettled: bool,
    /// Share of its requests that a component rejects, by component; `None` if it rejects nothing.
    pub refused: Vec<Option<Known>>,
    /// Latency, by flow.
    pub latency: Vec<FlowLatency>,
    /// Stability under retries, by flow.
    pub stability: Vec<Stability>,
    /// Time from publish to the end of the consumer's work, by flow; `None` without publishes.
    pub lag: Vec<Option<Lag>>,
    /// Autoscaling by component; empty if no component scales.
    pub scaling: Vec<Option<Scaling>>,
    /// Availability of components and flows.
    pub availability: Availability,
    /// Monthly cost.
    pub cost: Cost,
}

impl Facts {
    /// Computes all facts of a model, its load multiplied by `load`.
    #[must_use]
    pub fn new(model: &crate::model::Model, load: f64) -> Self {
        let mut facts = Self::works(model, load);
        facts.cost = cost(model, &facts.demand);
        facts
    }

    /// Computes all facts except cost.
    #[must_use]
    pub fn works(model: &crate::model::Model, load: f64) -> Self {
        let (fixed, refused, unsettled) = crate::analysis::steady::feedback::steady_state(model, load);
        let mut facts = Self::of_demand(model, fixed.demand);
        for (s, u) in fixed.stations.iter().zip(&mut facts.utilization) {
            s.threads.iter().for_each(|r| u.insert("threads", r.clone()));
        }
        crate::analysis::time::call_connections::add_calls(
            model,
            &facts.demand,
            &fixed.latency,
            &mut facts.utilization,
        );
        facts.stations = fixed.stations;
        facts.latency = fixed.latency;
        facts.stability = crate::analysis::steady::stability::stabilities(
            model,
            &facts.demand,
            &facts.utilization,
            fixed.feedback.as_ref(),
        );
        (facts.refused, facts.unsettled) = (refused, unsettled);
        facts.lag = lags(model, &facts.demand, &facts.stations);
        facts.scaling = scalings(model, &facts.demand);
        facts.availability = availability(model, &facts.utilization, load);
        facts
    }

    /// Computes rates and utilization alone, which is fast without feedback.
    /// The effects of threads, full queues and connections of single calls are left out.
    #[must_use]
    pub fn loads(model: &crate::model::Model, load: f64) -> Self {
        Self::of_demand(model, crate::analysis::steady::feedback::limited_demand(model, load))
    }

    fn of_demand(model: &crate::model::Model, demand: Demand) -> Self {
        let utilization: Vec<Utilization> = model.all().map(|(id, _)| utilization(model, &demand, id)).collect();
        Self {
            demand,
            utilization,
            stations: Vec::new(),
            unsettled: false,
            refused: Vec::new(),
            latency: Vec::new(),
            stability: Vec::new(),
            lag: Vec::new(),
            scaling: Vec::new(),
            availability: Availability::default(),
            cost: Cost::default(),
        }
    }
}
