//! Facts about a design, one file per theory.
//!
//! In: the model and its graph. Out: numbers with their derivation, or the
//! reason why a number is unknown. Never: a kind's name, a judgement.

mod admission;
mod autoscale;
mod availability;
mod backlog;
mod breaks;
mod connections;
pub mod consistency;
mod cost;
mod cut_sets;
mod cuts;
mod demand;
mod ends;
mod excess;
mod guards;
mod hits;
mod horizon;
mod hours;
mod lag;
mod latency;
mod loads;
mod many;
mod mending;
mod need;
mod pressure;
mod promises;
mod promotions;
mod quorums;
mod ranges;
mod reconnect;
mod reliability;
mod resources;
mod saturation;
mod settle;
mod slo;
mod slots;
mod stability;
mod stations;
mod storage;
mod survival;
mod threads;
mod timed;
mod tornado;
mod traffic;
mod tries;
mod up;
mod utilization;
mod waterfall;
mod ways;
mod worlds;
mod worst;
mod zones;

pub use admission::Admission;
pub use autoscale::{Scaling, followed, mean_replicas, scalings, wanted_at};
pub use availability::{Availability, Structure, availability};
pub use backlog::{Backlog, Daily, amount, clock};
pub use breaks::{At, Breaks, Next, breaks};
pub use connections::arriving;
pub use cost::{Bill, Cost, CostPart, FlowCost, Product, Purchase, component_cost, cost, purchases};
pub use cut_sets::{ORDER, Smallest};
pub use demand::{ComponentDemand, Demand, FlowDemand, Hop, demand};
pub use ends::{affordable, corners, drawn, jointly, one_by_one};
pub use guards::{CacheLosses, caches};
pub use hits::{Held, Hit, Hits, memory};
pub use horizon::{Break, Horizon, Kept, Overload, horizon};
pub use hours::Window;
pub use lag::{Lag, lag_of, lags, no_lag};
pub use latency::{FlowLatency, Network, Part, latencies, latency_of};
pub use many::each as many;
pub use mending::{Importance, Mending};
pub use need::Form;
pub use pressure::{Pressure, couples};
pub use promises::{Promise, promises};
pub use ranges::{By, MAX_CORNERS, MAX_LATENCY_CORNERS, MAX_SAMPLES, Ranges, Samples, ranges};
pub use reconnect::{Reconnect, reconnect};
pub use reliability::{FlowReliability, Reliability, reliability};
pub use resources::MEMORY;
pub use saturation::UsedUp;
pub use settle::State;
pub use slo::{Verdict, met, value};
pub use slots::{Slots, idle_replicas, in_one_replica, slots, taker};
pub use stability::Stability;
pub use stations::{Shape, Station, Visit, station, stations};
pub use storage::{Storage, misses, storage, too_small};
pub use survival::{Survives, ZoneLoss};
pub use threads::{Below, Hold, Span, in_flight};
pub use timed::{LATENCY_METRICS, Measure, Timed, percentile};
pub use tornado::{Input, Swing, swings};
pub use traffic::{TrafficError, solve};
pub use tries::{Policies, Policy, Trial};
pub use up::{Up, any_node_up, component_up};
pub use utilization::{Count, Resource, Utilization, count, utilization};
pub use waterfall::{Share, Waterfall, waterfall};
pub use worlds::{Outcome, Worlds, worlds};
pub use zones::{Zones, availability_note};

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
        let (settled, refused, unsettled) = pressure::settle(model, load);
        let mut facts = Self::of_demand(model, settled.demand);
        for (s, u) in settled.stations.iter().zip(&mut facts.utilization) {
            s.threads.iter().for_each(|r| u.insert("threads", r.clone()));
        }
        connections::add_calls(model, &facts.demand, &settled.latency, &mut facts.utilization);
        facts.stations = settled.stations;
        facts.latency = settled.latency;
        facts.stability = stability::stabilities(model, &facts.demand, &facts.utilization, settled.feedback.as_ref());
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
        Self::of_demand(model, pressure::limited_demand(model, load))
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
