//! Verdicts on requirements, and the limits at which they fail.
//!
//! In: the model and all facts. Out: met, missed or unknown, with the reason. Never: a change of the design.

pub mod cases;
pub mod horizon;
pub mod limits;
pub mod loads;
pub mod outcome;
pub mod partitions;
pub mod reconnect;
pub mod reliability;
pub mod saturation;
pub mod slo;
pub mod system_requirements;
pub mod violation;
pub mod worst;
