//! Inputs of sizing apart from the design.
//!
//! In: options of the command line, values of a plan. Out: one value that every solver takes. Never: a solver.

use crate::model::{Choices, Interval, Model};
use crate::sizing::Robust;
use std::collections::BTreeMap;

/// Rates that replace those of the design: requests per second at the peak, by flow.
pub type Rates = BTreeMap<String, f64>;

/// Inputs of sizing apart from the design.
#[derive(Clone, Debug, Default)]
pub struct SizingInputs {
    /// Values that are fixed.
    pub given: Choices,
    /// Values of variables to judge: the variables are closed, and the values count as options, not
    /// as given.
    pub closed: Choices,
    /// Rates that replace those of the design.
    pub rates: Rates,
    /// Multiple of the load.
    pub load: f64,
    /// Cases in which the plan must be feasible.
    pub robust: Robust,
}

impl SizingInputs {
    /// Sizing at a multiple of the load, with nothing fixed.
    #[must_use]
    pub fn at(load: f64) -> Self {
        Self { load, ..Self::default() }
    }
}

/// Replaces rates of a model. Returns names that are not flows of it.
pub fn put_rates(model: &mut Model, rates: &Rates) -> Vec<String> {
    let mut unknown = Vec::new();
    for (name, rate) in rates {
        let found = model.find_flow(name);
        match found.and_then(|id| model.flows.get_mut(id.0)) {
            Some(flow) => {
                flow.rate = Some(Interval::fixed(*rate));
                flow.volume = None;
            }
            None => unknown.push(name.clone()),
        }
    }
    unknown
}
