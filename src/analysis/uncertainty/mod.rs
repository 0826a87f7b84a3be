//! What intervals of the design do to its figures.
//!
//! In: the model, its intervals. Out: ranges, samples, sensitivities. Never: a verdict.

pub mod extremes;
pub mod ranges;
pub mod tornado;
