//! Types of facts, as every analysis uses them.
//!
//! In and out: [`Fact`], [`Known`] and its [`sum`], [`Reason`] of [`crate::model`]. Never: a figure.

pub use crate::model::{Fact, Known, Reason, ReasonKind, sum};

/// The reason text of a number that no analysis computes yet.
pub const NOT_MODELLED: &str = "this version of archc does not compute it";
