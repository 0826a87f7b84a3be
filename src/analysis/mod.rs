//! Facts about a design, one file per theory.
//!
//! In: the model and its graph. Out: numbers with their derivation, or the
//! reason why a number is unknown. Never: a kind's name, a judgement.

mod capacity;
pub mod consistency;
mod faults;
mod ground;
mod load;
mod money;
mod queues;
mod steady;
mod time;
mod uncertainty;
mod verdicts;

pub use capacity::autoscale::{Scaling, followed, mean_replicas, scalings, wanted_at};
pub use capacity::concurrency::{Slots, idle_replicas, in_one_replica, slots, taker};
pub use capacity::connections::arriving;
pub use capacity::resources::MEMORY;
pub use capacity::storage::{Storage, misses, storage, too_small};
pub use capacity::utilization::{Count, Resource, Utilization, count, utilization};
pub use faults::availability::{Availability, Structure, availability};
pub use faults::component_availability::{Up, any_node_up, component_up};
pub use faults::critical_caches::{CacheLosses, caches};
pub use faults::cut_sets::{ORDER, Smallest};
pub use faults::importance::{Importance, Mending};
pub use faults::reliability::{FlowReliability, Reliability, reliability};
pub use faults::structure::Form;
pub use faults::zone_loss::{Survives, ZoneLoss};
pub use ground::parallel::each as many;
pub use ground::time_value::{LATENCY_METRICS, Measure, Timed, percentile};
pub use ground::zones::{Zones, availability_note};
pub use load::call_policy::{Policies, Policy, Trial};
pub use load::demand::{ComponentDemand, Demand, FlowDemand, Hop, demand};
pub use load::hits::{Held, Hit, Hits, memory};
pub use load::periods::Window;
pub use load::traffic::{TrafficError, solve};
pub use money::{Bill, Cost, CostPart, FlowCost, component_cost, cost};
pub use queues::backlog::{Backlog, Daily, amount, clock};
pub use queues::lag::{Lag, lag_of, lags, no_lag};
pub use steady::admission::Admission;
pub use steady::feedback::{Pressure, couples};
pub use steady::fixed_point::State;
pub use steady::reconnect::{Reconnect, reconnect};
pub use steady::stability::Stability;
pub use time::latency::{FlowLatency, Network, Part, latencies, latency_of};
pub use time::stations::{Shape, Station, Visit, station, stations};
pub use time::threads::{Below, Hold, Span, in_flight};
pub use time::waterfall::{Share, Waterfall, waterfall};
pub use uncertainty::extremes::{affordable, corners, drawn, jointly, one_by_one};
pub use uncertainty::ranges::{By, MAX_CORNERS, MAX_LATENCY_CORNERS, MAX_SAMPLES, Ranges, Samples, ranges};
pub use uncertainty::tornado::{Input, Swing, swings};
pub use verdicts::cases::{Outcome, Worlds, worlds};
pub use verdicts::horizon::{Break, Horizon, Kept, Overload, horizon};
pub use verdicts::limits::{At, Breaks, Next, breaks};
pub use verdicts::saturation::UsedUp;
pub use verdicts::slo::{Verdict, met, value};
pub use verdicts::system_requirements::{Promise, promises};

/// The reason of a number that no analysis computes yet.
pub const NOT_MODELLED: &str = "this version of archc does not compute it";

/// A number, or why it is unknown. Unknown is never 0.
pub type Known = Result<f64, String>;

/// All facts of one world.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Rates.
    pub demand: Demand,
    /// Capacity and use, by component.
    pub utilization: Vec<Utilization>,
    /// Response times, by component.
    pub stations: Vec<Station>,
    /// Whether what it does to itself (threads, limits, retries) did not settle.
    pub unsettled: bool,
    /// Share of its requests that a component refuses, if it may refuse any.
    pub refused: Vec<Option<Known>>,
    /// Latency, by flow.
    pub latency: Vec<FlowLatency>,
    /// Whether its retries let it stay as it is, by flow.
    pub stability: Vec<Stability>,
    /// From publish to done, by flow; `None` where nothing is published.
    pub lag: Vec<Option<Lag>>,
    /// How components follow the load; empty where none does.
    pub scaling: Vec<Option<Scaling>>,
    /// Availability of components and flows.
    pub availability: Availability,
    /// Money.
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

    /// All but money.
    #[must_use]
    pub fn works(model: &crate::model::Model, load: f64) -> Self {
        let (settled, refused, unsettled) = steady::feedback::settle(model, load);
        let mut facts = Self::of_demand(model, settled.demand);
        for (s, u) in settled.stations.iter().zip(&mut facts.utilization) {
            s.threads.iter().for_each(|r| u.insert("threads", r.clone()));
        }
        capacity::connections::add_calls(model, &facts.demand, &settled.latency, &mut facts.utilization);
        facts.stations = settled.stations;
        facts.latency = settled.latency;
        facts.stability =
            steady::stability::stabilities(model, &facts.demand, &facts.utilization, settled.feedback.as_ref());
        (facts.refused, facts.unsettled) = (refused, unsettled);
        facts.lag = lags(model, &facts.demand, &facts.stations);
        facts.scaling = scalings(model, &facts.demand);
        facts.availability = availability(model, &facts.utilization, load);
        facts
    }

    /// Rates and utilisation alone, which are quick where nothing feeds back: without what
    /// threads, full queues and connections of single calls do.
    #[must_use]
    pub fn loads(model: &crate::model::Model, load: f64) -> Self {
        Self::of_demand(model, steady::feedback::limited_demand(model, load))
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
