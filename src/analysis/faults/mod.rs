//! Failures and their consequences: availability, minimal cut sets, zone loss.
//!
//! In: the model, utilization. Out: exact probabilities, and the components that decide them. Never: a partition.

pub mod availability;
pub mod component_availability;
pub mod critical_caches;
pub mod cut_sets;
pub mod failover;
pub mod group;
pub mod importance;
pub mod placements;
pub mod structure;
pub mod zone_loss;
