//! A scenario's case: the design with the scenario's changes.
//!
//! In: a model and one of its scenarios. Out: another model. An interval that a scenario sets
//! counts with its high endpoint: more load and more delay are worse. Never: faults and partitions.

use super::value::Interval;
use super::{Expectation, Model, Scenario};

impl Model {
    /// The design with the changes of a scenario: loads, rates, attributes, delays, targets.
    #[must_use]
    pub fn in_scenario(&self, scenario: &Scenario) -> Self {
        let mut case = self.clone();
        case.scenarios.clear();
        for flow in &mut case.flows {
            flow.load *= scenario.load.high;
        }
        for (id, rate, volume) in &scenario.rates {
            let Some(flow) = case.flows.get_mut(id.0).filter(|_| rate.is_some() || volume.is_some()) else { continue };
            let high = |v: &Option<Interval>| v.map(|v| Interval::fixed(v.high));
            flow.rate = high(rate);
            flow.volume = high(volume);
            flow.load = 1.0;
        }
        for (id, changes) in &scenario.changes {
            if let Some(c) = case.components.get_mut(id.0) {
                let mut attrs = changes.clone();
                attrs.fill_from(&c.attrs);
                super::placed::in_scenario(&mut attrs, changes, c.kind);
                c.attrs = attrs;
            }
        }
        for (id, delay) in &scenario.slow {
            if let Some(c) = case.components.get_mut(id.0) {
                c.slow += delay.high;
            }
        }
        for expectation in &scenario.expect {
            if let Expectation::Targets(id, targets) = expectation
                && let Some(flow) = case.flows.get_mut(id.0)
            {
                flow.slo.clone_from(targets);
            }
        }
        case
    }
}
