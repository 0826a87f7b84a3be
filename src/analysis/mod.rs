//! Analyses: facts about a design, in one folder for each question.
//!
//! In: the model and its graph. Out: numbers with their derivation, or the reason why a number is
//! unknown. Never: the name of a kind.

mod capacity;
pub mod consistency;
mod facts;
mod faults;
mod ground;
mod load;
mod money;
mod queues;
mod steady;
mod time;
mod uncertainty;
mod verdicts;

pub use capacity::autoscale::{Scaling, desired_at, followed, mean_replicas, scalings};
pub use capacity::concurrency::{Slots, consumer_of, idle_replicas, in_one_replica, slots};
pub use capacity::connections::arriving;
pub use capacity::storage::{Storage, misses, storage, too_small};
pub use capacity::utilization::utilization;
pub use facts::Facts;
pub use faults::availability::{Availability, Structure, availability};
pub use faults::component_availability::{Up, any_node_up, component_up};
pub use faults::critical_caches::{CacheLosses, caches};
pub use faults::cut_sets::{CutSet, MinimalCutSets, ORDER};
pub use faults::importance::{FlowImportance, Importance};
pub use faults::structure::Form;
pub use faults::zone_loss::{Survives, ZoneLoss};
pub use ground::known::{Fact, Known, NOT_MODELLED, Reason, ReasonKind};
pub use ground::machines::{Count, count, memory};
pub use ground::network::Network;
pub use ground::parallel::each as many;
pub use ground::resource::{MEMORY, Resource, Utilization};
pub use ground::time_value::{LATENCY_METRICS, Measure, Timed, percentile};
pub use ground::zones::{Zones, availability_note};
pub use load::call_policy::{CallOutcome, Policies, Policy};
pub use load::demand::{ComponentDemand, Demand, FlowDemand, Hop, demand};
pub use load::hits::{CacheContents, Hit, Hits};
pub use load::periods::Window;
pub use load::state::{Admission, Backpressure, DownstreamWait, State};
pub use load::traffic::{TrafficError, solve};
pub use money::{Bill, Cost, CostPart, FlowCost, Product, Purchase, component_cost, cost, purchases};
pub use queues::backlog::{amount, clock};
pub use queues::figures::{Backlog, Daily, Lag};
pub use queues::lag::{lag_of, lags, no_lag};
pub use steady::feedback::couples;
pub use steady::stability::Stability;
pub use time::holds::{HoldingTime, Moments};
pub use time::in_progress::in_flight;
pub use time::latency::{FlowLatency, Part, latencies, latency_of};
pub use time::stations::{Shape, Station, Visit, station, stations};
pub use time::waterfall::{Share, Waterfall, waterfall};
pub use uncertainty::extremes::{affordable, corners, drawn, jointly, one_by_one};
pub use uncertainty::ranges::{By, MAX_CORNERS, MAX_LATENCY_CORNERS, MAX_SAMPLES, Ranges, Samples, ranges};
pub use uncertainty::tornado::{Input, Swing, swings};
pub use verdicts::cases::judge_cases;
pub use verdicts::horizon::{Break, Horizon, Kept, Overload, horizon};
pub use verdicts::limits::{At, Limits, Next, limits};
pub use verdicts::outcome::{Outcome, Verdicts};
pub use verdicts::reconnect::{Reconnect, reconnect};
pub use verdicts::reliability::{FlowReliability, Reliability, reliability};
pub use verdicts::saturation::SaturationMultiples;
pub use verdicts::slo::{Verdict, met, value};
pub use verdicts::system_requirements::{SystemRequirement, system_requirements};
