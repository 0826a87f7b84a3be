//! What every room stands on: time values, zones, the parallel map.
//!
//! In: the model. Out: types and helpers that no analysis owns. Never: a figure of a design.

pub mod known;
pub mod machines;
pub mod network;
pub mod parallel;
pub mod resource;
pub mod time_value;
pub mod zones;
