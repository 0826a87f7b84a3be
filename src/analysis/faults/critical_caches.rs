//! Caches that what stands behind them cannot do without.
//!
//! In: the design, its load. Out: for each component the caches whose loss, each alone,
//! asks it for more than it has: it works only while they do. A cache is lost with the last
//! of its nodes; then all its look-ups are misses.

use crate::analysis::capacity::utilization::utilization;
use crate::analysis::load::demand::{Demand, demand};
use crate::model::{CompId, Model, Step};
use std::collections::BTreeSet;

/// The demand without each of some caches.
#[derive(Clone, Debug, Default)]
pub struct CacheLosses(Vec<(CompId, Demand)>);

/// The caches whose misses are turned into calls.
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
    /// The demand without each of the caches; it does not depend on any size.
    #[must_use]
    pub fn new(model: &Model, load: f64, caches: &BTreeSet<CompId>) -> Self {
        Self(caches.iter().map(|id| (*id, demand(&model.without(*id).model, load))).collect())
    }

    /// Whether it is one of these caches.
    #[must_use]
    pub fn has(&self, id: CompId) -> bool {
        self.0.iter().any(|(cache, _)| *cache == id)
    }

    /// The caches without which a component has too little, though it has enough with them.
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
