//! Shared types of all analyses: machines, network, resources, time values, zones, parallel map.
//!
//! In: the model. Out: types and helpers. Never: an analysis.

pub mod known;
pub mod machines;
pub mod network;
pub mod parallel;
pub mod resource;
pub mod time_value;
pub mod zones;
