//! Effect of the design's intervals on its figures.
//!
//! In: the model, its intervals. Out: ranges, samples, sensitivities. Never: a verdict.

pub mod extremes;
pub mod ranges;
pub mod tornado;
