//! Memoized analyses at load multiples that each need their own fixed point.
//!
//! In: a model whose retries, threads or limits couple all components. Out: its facts at
//! multiples of a load, each computed once. Above a load without a convergent fixed point (a
//! collapse), nothing is evaluated: such an evaluation takes longest. Never: more than
//! [`MAX_LOADS`] loads.

use crate::analysis::capacity::autoscale::followed;
use crate::analysis::facts::Facts;
use crate::model::Model;
use crate::model::Reason;
use crate::model::ReasonKind;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Largest number of loads that are evaluated.
const MAX_LOADS: usize = 24;

/// Facts of a model by multiple of a load.
pub(in crate::analysis) struct Loads<'a> {
    model: &'a Model,
    load: f64,
    /// Number of evaluations left.
    left: Cell<usize>,
    /// The smallest multiple without a convergent fixed point.
    unsettled: Cell<f64>,
    computed: RefCell<BTreeMap<u64, Rc<Facts>>>,
}

impl<'a> Loads<'a> {
    /// For a model whose facts at `load` are given. If that load has no fixed point or some
    /// component is at 100% already, no other load is evaluated.
    pub fn new(model: &'a Model, facts: &Facts, load: f64) -> Self {
        let full = facts.utilization.iter().any(|u| u.utilization.as_ref().is_ok_and(|x| *x >= 1.0));
        let left = if full || facts.unsettled { 0 } else { MAX_LOADS };
        Self { model, load, left: Cell::new(left), unsettled: Cell::new(f64::INFINITY), computed: RefCell::default() }
    }

    /// All facts but cost at a multiple of the load.
    ///
    /// # Errors
    /// The reason why they are not computed: no fixed point, or the largest number of loads.
    pub fn works(&self, multiple: f64) -> Result<Rc<Facts>, Reason> {
        if multiple >= self.unsettled.get() {
            return Err(Reason::new(
                ReasonKind::NotConverged,
                "the design does not converge: a collapse, or callers that wait for each other in a ring",
            ));
        }
        if let Some(facts) = self.computed.borrow().get(&multiple.to_bits()) {
            return Ok(Rc::clone(facts));
        }
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(Reason::new(
                ReasonKind::TooLarge,
                "with retries, threads or limits the result is not proportional to the load, and no more loads are tried",
            ));
        };
        self.left.set(left);
        let load = self.load * multiple;
        let facts = Rc::new(Facts::works(&followed(self.model.clone(), load), load));
        if facts.unsettled {
            self.unsettled.set(multiple);
            return self.works(multiple);
        }
        self.computed.borrow_mut().insert(multiple.to_bits(), Rc::clone(&facts));
        Ok(facts)
    }
}
