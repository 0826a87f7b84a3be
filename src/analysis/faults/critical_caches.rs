//! Critical caches: those whose loss overloads the component behind them.
//!
//! In: the design, its load. Out: for each component, the caches whose loss overloads it, each
//! cache lost alone. The component works only while all of them work. A cache is lost with the
//! last of its nodes; then all its lookups are misses.

use crate::analysis::capacity::utilization::utilization;
use crate::analysis::load::demand::{Demand, demand};
use crate::model::{CompId, Model, Step};
use std::collections::BTreeSet;

/// The demand of the design without one cache, for each of several caches.
#[derive(Clone, Debug, Default)]
pub struct CacheLosses(Vec<(CompId, Demand)>);

/// The caches whose misses cause calls.
#[must_use]
pub fn caches(model: &Model) -> BTreeSet<CompId> {
    let mut out = BTreeSet::new();
    for flow in &model.flows {
        Step::walk(&flow.steps, &mut |call| {
            if model.component(call.target).kind.facets.misses && !call.on_miss.is_empty() {
                out.insert(call.target);
            }
        });
    }
    out
}

impl CacheLosses {
    /// Computes the demand without each cache, at `load` times the load. No size changes it.
    #[must_use]
    pub fn new(model: &Model, load: f64, caches: &BTreeSet<CompId>) -> Self {
        Self(caches.iter().map(|id| (*id, demand(&model.without(*id).model, load))).collect())
    }

    /// Whether `id` is one of these caches.
    #[must_use]
    pub fn has(&self, id: CompId) -> bool {
        self.0.iter().any(|(cache, _)| *cache == id)
    }

    /// The critical caches of a component: without one of them its utilization exceeds 100%.
    /// Empty for a component that has no capacity of its own.
    #[must_use]
    pub fn guards(&self, model: &Model, id: CompId) -> Vec<CompId> {
        let served = model.component(id).kind.facets;
        if served.serve.is_none() && !served.external {
            return Vec::new();
        }
        let over = |d: &Demand| utilization(model, d, id).utilization.is_ok_and(|u| u > 1.0);
        self.0.iter().filter(|(cache, d)| *cache != id && over(d)).map(|(cache, _)| *cache).collect()
    }
}
