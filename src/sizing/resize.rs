//! A design that is solved again and again, each time with something changed.
//!
//! In: a design, changes of it. Out: sizes, or their cost. What no target changes is computed once.

use super::base::Base;
use super::size::{any, size, solve};
use super::sizes::{Aim, Sizes, Status};
use super::{scalers, settings};
use crate::model::Model;
use std::sync::Mutex;

/// A design that is solved again and again, each time with something changed.
pub struct Resize {
    /// The design at the midpoint of its intervals.
    pub(super) model: Model,
    /// The design at their ends.
    corners: Vec<Model>,
    /// Load multiple.
    pub(super) load: f64,
    /// Prepared designs, one for each thread that solves with other targets.
    ready: Mutex<Vec<Base>>,
}

impl Resize {
    /// Arguments as of [`size`].
    #[must_use]
    pub fn new(model: Model, corners: Vec<Model>, load: f64) -> Self {
        Self { model, corners, load, ready: Mutex::default() }
    }

    /// The design at another load multiple.
    #[must_use]
    pub fn at(&self, load: f64) -> Self {
        Self::new(self.model.clone(), self.corners.clone(), load)
    }

    /// The sizes of the design, with reasons.
    #[must_use]
    pub fn sizes(&self) -> Sizes {
        size(&self.model, &self.corners, self.load, true)
    }

    /// The sizes of the changed design at `times` the load.
    pub(super) fn solve(&self, times: f64, change: &dyn Fn(&mut Model)) -> Sizes {
        let (model, corners) = self.changed(change);
        size(&model, &corners, self.load * times, false)
    }

    /// Like `solve`, for a change of targets alone; everything else is computed once.
    pub(super) fn with_targets(&self, change: &dyn Fn(&mut Model), aim: Aim) -> Sizes {
        let (model, corners) = self.changed(change);
        if scalers::any(&model) || !settings::open(&model).is_empty() {
            return solve(&model, &corners, self.load, aim);
        }
        let kept = self.ready.lock().ok().and_then(|mut all| all.pop());
        let mut base = kept.unwrap_or_else(|| Base::new(self.load));
        let sizes = base.solve(&model, &corners, aim);
        if let Ok(mut all) = self.ready.lock() {
            all.push(base);
        }
        sizes
    }

    pub(super) fn changed(&self, change: &dyn Fn(&mut Model)) -> (Model, Vec<Model>) {
        let with = |m: &Model| {
            let mut m = m.clone();
            change(&mut m);
            m
        };
        (with(&self.model), self.corners.iter().map(with).collect())
    }

    /// Whether the changed design is feasible.
    pub(super) fn holds(&self, times: f64, change: &dyn Fn(&mut Model)) -> bool {
        let (model, corners) = self.changed(change);
        any(&model, &corners, self.load * times)
    }

    /// Cost of the sizes of the changed design; `None` if infeasible.
    pub(super) fn cost(&self, times: f64, change: &dyn Fn(&mut Model)) -> Option<f64> {
        let sizes = self.solve(times, change);
        (sizes.status != Status::Infeasible).then_some(sizes.cost)
    }

    /// Like `cost`, for a change of targets alone.
    pub(super) fn cost_with_targets(&self, change: &dyn Fn(&mut Model)) -> Option<f64> {
        let sizes = self.with_targets(change, Aim::Best { why: false });
        (sizes.status != Status::Infeasible).then_some(sizes.cost)
    }

    /// Cost of the whole changed design with these sizes, and whether it is complete. US dollars a month with usage
    /// prices; without a provider, cores of what is sized. `None` if infeasible.
    pub(super) fn whole(&self, times: f64, change: &dyn Fn(&mut Model), sizes: &Sizes) -> Option<(f64, bool)> {
        if sizes.status == Status::Infeasible {
            return None;
        }
        let (mut model, _) = self.changed(change);
        if !model.system.has_provider {
            return Some((sizes.cost, sizes.unsolved.is_empty()));
        }
        model.fill(&sizes.choices, &crate::model::Origin::Solved);
        let load = self.load * times;
        let model = crate::analysis::followed(model, load);
        let bill = crate::analysis::cost(&model, &crate::analysis::demand(&model, load));
        Some((bill.at_least(), bill.total().is_ok()))
    }
}
