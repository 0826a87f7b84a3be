//! How much work arrives: rates, visits, hit ratios, periods, call policies.
//!
//! In: the model. Out: arrival rates of every call. Never: a capacity.

pub mod call_policy;
pub mod demand;
pub mod hits;
pub mod periods;
pub mod state;
pub mod traffic;
