//! The outcome of sizing: values, their cost, their proof and their reasons. Data alone.

use super::program::Proof;
use crate::model::{Choice, Choices};
use std::collections::BTreeMap;

/// How far a solution is known to be the best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Status {
    /// No cheaper values keep every promise.
    Optimal,
    /// These keep every promise; cheaper ones are at most this share cheaper.
    WithinGap(f64),
    /// No values do.
    Infeasible,
}

/// Why a component has the values it has.
#[derive(Clone, Debug, PartialEq)]
pub struct Why {
    /// What the next cheaper values would miss.
    pub binding: Vec<String>,
    /// The cheapest other values that would do, and what they cost more, US dollars a month.
    pub runner_up: Option<(Choice, f64)>,
    /// What the values cost, US dollars a month; without a provider, cores.
    pub cost: f64,
}

/// The outcome of sizing.
#[derive(Clone, Debug)]
pub struct Sizes {
    /// How good.
    pub status: Status,
    /// What proved the status; meaningless for an infeasible design.
    pub proof: Proof,
    /// Values by component.
    pub choices: Choices,
    /// Why, by component.
    pub why: BTreeMap<String, Why>,
    /// Holes that could not be solved, each with the reason.
    pub unsolved: Vec<String>,
    /// What even the most capable values miss, if none do.
    pub conflict: Vec<String>,
    /// What is sized costs so much, and what is metered behind caches that are; US dollars a month. Without a
    /// provider, cores.
    pub cost: f64,
}

impl Sizes {
    /// Whether some holes have no value though there are sizes: then nothing is the best of all.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.status != Status::Infeasible && !self.unsolved.is_empty()
    }
}

/// What a solution is for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Aim {
    /// To know whether there is one.
    Any,
    /// The cheapest, perhaps with its reasons.
    Best { why: bool },
}

/// No sizes yet.
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
