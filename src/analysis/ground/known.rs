//! Types of facts, as every analysis uses them, and arithmetic that keeps the reason of an unknown.
//!
//! In and out: [`Fact`], [`Known`] and its [`sum`], [`Reason`] of [`crate::model`]. Never: a figure.

pub use crate::model::{Fact, Known, Reason, ReasonKind, sum};

/// The reason text of a number that no analysis computes yet.
pub const NOT_MODELLED: &str = "this version of archc does not compute it";

/// The sum of two numbers.
pub(in crate::analysis) fn plus(sum: &Known, more: Known) -> Known {
    match (sum, more) {
        (Ok(a), Ok(b)) => Ok(a + b),
        (Err(e), _) => Err(e.clone()),
        (_, Err(e)) => Err(e),
    }
}

/// The product of rate and visits; 0 visits give 0 even if the rate is unknown.
pub(in crate::analysis) fn product(rate: &Known, visits: &Known) -> Known {
    match (rate, visits) {
        (_, Ok(0.0)) => Ok(0.0),
        (Ok(a), Ok(b)) => Ok(a * b),
        (Err(e), _) | (_, Err(e)) => Err(e.clone()),
    }
}
