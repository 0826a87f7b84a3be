//! Capacity steps: the loads at which sizes must grow, and how.
//!
//! In: a solved design. Out: load multiples up to which its sizes hold, and the changes there. Sizes hold at a
//! load if the design with its variables fixed to them is feasible there; bisection finds the load.

use super::resize::Resize;
use super::sizes::Status;
use crate::model::{Choices, Chosen};

/// A capacity step.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityStep {
    /// Load multiple up to which the sizes before hold; 1 is the load of the design.
    pub at: f64,
    /// The values that change: component, attribute, before, after.
    pub changes: Vec<(String, String, Chosen, Chosen)>,
    /// Cost of the sizes after the step, US dollars a month; without a provider, cores.
    pub cost: f64,
}

/// Most steps listed.
const MOST_STEPS: usize = 12;

/// The steps between two load multiples; and why there are no more, if the last load is not reached.
pub(super) fn capacity_steps(resize: &Resize, from: f64, to: f64) -> (Vec<CapacityStep>, Option<String>) {
    let mut out = Vec::new();
    let mut now = resize.solve(from, &|_| {});
    if now.status == Status::Infeasible {
        return (out, now.conflict.into_iter().next());
    }
    let mut at = from;
    while out.len() < MOST_STEPS {
        let fits = |x: f64| resize.holds(x, &|m| m.close(&now.choices));
        if fits(to) {
            return (out, None);
        }
        let (mut good, mut bad) = (at, to);
        while bad / good > 1.002 {
            let mid = (bad * good).sqrt();
            if fits(mid) {
                good = mid;
            } else {
                bad = mid;
            }
        }
        let next = resize.solve(bad, &|_| {});
        if next.status == Status::Infeasible {
            let why = next.conflict.into_iter().next().unwrap_or_default();
            return (out, Some(format!("infeasible above {}x: {why}", crate::units::significant(good, 3))));
        }
        let changes = differences(&now.choices, &next.choices);
        if changes.is_empty() {
            // Sizes within a gap may already hold here.
            return (out, None);
        }
        out.push(CapacityStep { at: good, changes, cost: next.cost });
        (now, at) = (next, bad);
    }
    (out, Some("further steps are not listed".to_owned()))
}

fn differences(before: &Choices, after: &Choices) -> Vec<(String, String, Chosen, Chosen)> {
    let mut out = Vec::new();
    for (name, choice) in after {
        for (attr, new) in choice {
            match before.get(name).and_then(|c| c.get(attr)) {
                Some(old) if old != new => out.push((name.clone(), attr.clone(), old.clone(), new.clone())),
                _ => {}
            }
        }
    }
    out
}
