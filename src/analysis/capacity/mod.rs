//! How much work each component can do, and the share of it in use.
//!
//! In: the model, arrival rates. Out: utilization by resource, replicas, storage. Never: a time.

pub mod autoscale;
pub mod concurrency;
pub mod connections;
pub mod cpu;
pub mod resources;
pub mod storage;
pub mod utilization;
