//! Response times: queues, threads, latency of flows.
//!
//! In: arrival rates, capacity. Out: distributions in seconds. Never: an iteration over the whole
//! design.

pub mod answer;
pub mod call_connections;
pub mod holds;
pub mod in_progress;
pub mod latency;
pub mod quorums;
pub mod role_queue;
pub mod stations;
pub mod threads;
pub mod visit;
pub mod waterfall;
