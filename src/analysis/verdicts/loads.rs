//! A design at several loads, where each is a search of its own.
//!
//! In: a model whose retries, threads or limits make all depend on all. Out: its facts at
//! multiples of a load, each computed once. Where a load does not settle (a collapse), more
//! is not tried: such a search costs most and tells least. Never: more loads than
//! [`MOST_SETTLED`].

use crate::analysis::capacity::autoscale::followed;
use crate::analysis::facts::Facts;
use crate::model::Model;
use crate::model::Reason;
use crate::model::ReasonKind;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Loads that are tried.
const MOST_SETTLED: usize = 24;

/// Facts by multiple of a load.
pub(in crate::analysis) struct Loads<'a> {
    model: &'a Model,
    load: f64,
    /// How many more loads are settled.
    left: Cell<usize>,
    /// The least multiple that did not settle.
    unsettled: Cell<f64>,
    seen: RefCell<BTreeMap<u64, Rc<Facts>>>,
}

impl<'a> Loads<'a> {
    /// Of a model at multiples of a load, whose facts at that load are given. Where that does
    /// not settle or is more than there is capacity for already, nothing more is tried.
    pub fn new(model: &'a Model, facts: &Facts, load: f64) -> Self {
        let full = facts.utilization.iter().any(|u| u.utilization.as_ref().is_ok_and(|x| *x >= 1.0));
        let left = if full || facts.unsettled { 0 } else { MOST_SETTLED };
        Self { model, load, left: Cell::new(left), unsettled: Cell::new(f64::INFINITY), seen: RefCell::default() }
    }

    /// All but money at a multiple of the load.
    ///
    /// # Errors
    /// Why it is not computed.
    pub fn works(&self, multiple: f64) -> Result<Rc<Facts>, Reason> {
        if multiple >= self.unsettled.get() {
            return Err(Reason::new(
                ReasonKind::NotConverged,
                "the design does not settle: a collapse, or callers that wait for each other in a ring",
            ));
        }
        if let Some(facts) = self.seen.borrow().get(&multiple.to_bits()) {
            return Ok(Rc::clone(facts));
        }
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(Reason::new(
                ReasonKind::TooLarge,
                "retries, threads or limits bend what a load comes to, and no more loads are tried",
            ));
        };
        self.left.set(left);
        let load = self.load * multiple;
        let facts = Rc::new(Facts::works(&followed(self.model.clone(), load), load));
        if facts.unsettled {
            self.unsettled.set(multiple);
            return self.works(multiple);
        }
        self.seen.borrow_mut().insert(multiple.to_bits(), Rc::clone(&facts));
        Ok(facts)
    }
}
