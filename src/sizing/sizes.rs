//! The outcome of sizing: values, their cost, their proof and their reasons. Data alone.

use super::program::Proof;
use crate::model::{Choice, Choices};
use std::collections::BTreeMap;

/// The quality of a solution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    /// No cheaper values meet every known constraint.
    Optimal,
    /// The values are feasible; other feasible ones are at most this share cheaper.
    WithinGap(f64),
    /// No values meet every constraint.
    Infeasible,
}

/// The reasons for the values of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// What the next cheaper values miss.
    pub binding: Vec<String>,
    /// The cheapest other feasible values, and their extra cost, US dollars a month.
    pub runner_up: Option<(Choice, f64)>,
    /// Cost of the values, US dollars a month; without a provider, cores.
    pub cost: f64,
}

/// The outcome of sizing.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// The quality.
    pub status: Status,
    /// What proved the status; meaningless for an infeasible design.
    pub proof: Proof,
    /// Values by component.
    pub choices: Choices,
    /// Reasons by component.
    pub why: BTreeMap<String, Why>,
    /// Variables that could not be solved, each with the reason.
    pub unsolved: Vec<String>,
    /// What even the most capable values miss, if the design is infeasible.
    pub conflict: Vec<String>,
    /// Cost of what is sized, and of usage-priced components behind sized caches; US dollars a month. Without a
    /// provider, cores.
    pub cost: f64,
}

impl Sizes {
    /// Whether some variables have no value although there are sizes.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.status != Status::Infeasible && !self.unsolved.is_empty()
    }
}

/// The purpose of a solution.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Aim {
    /// Feasibility alone.
    Any,
    /// The cheapest sizes, with reasons if `why`.
    Best { why: bool },
}

/// Empty sizes.
pub(super) fn nothing() -> Sizes {
    Sizes {
        status: Status::Optimal,
        proof: Proof::Lagrange,
        choices: Choices::new(),
        why: BTreeMap::new(),
        unsolved: Vec::new(),
        conflict: Vec::new(),
        cost: 0.0,
    }
}
