//! Steady state: load, waits, rejections and retries that are consistent with each other.
//!
//! In: the model, a load multiple. Out: demand, stations and latency of that state. Never: a verdict.

pub mod admission;
pub mod feedback;
pub mod fixed_point;
pub mod stability;
