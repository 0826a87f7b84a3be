//! Event simulation of a design, independent of all formulas.
//!
//! In: a model, a load, a seed. Out: what happened, with intervals. It reads the design itself, so
//! that it is a witness: it imports no analysis and no theory. Never: a verdict.

mod compile;
mod contents;
mod engine;
mod events;
mod measure;
mod outage;
mod program;
mod random;
mod run;
mod statistics;

pub use outage::{Healing, outage};
pub use run::{Estimate, FlowResult, Options, Simulated, StationResult, simulate};
