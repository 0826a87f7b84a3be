//! How much work arrives: rates, visits, hit ratios, periods, call policies.
//!
//! In: the model. Out: arrival rates of every call. Never: a capacity.

pub mod call_policy;
pub mod demand;
pub mod flow_rates;
pub mod hits;
pub mod hops;
pub mod periods;
pub mod state;
pub mod traffic;
