//! Event simulation of a design, independent of all formulas.
//!
//! In: a model, a load, a seed. Out: what happened, with intervals. It reads the design itself, so
//! that it is a witness: it imports no analysis and no theory. Never: a verdict.

mod contents;
mod engine;
mod events;
mod flows;
mod measure;
mod program;
mod random;
mod run;
mod stations;
mod statistics;

pub use run::{Estimate, FlowResult, Options, Simulated, StationResult, simulate};
