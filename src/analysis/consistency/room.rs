//! Capacity of a store's remaining copies on one side of a partition.
//!
//! In: the design, its rates, copies of stores. Out: utilization by the number of remaining
//! copies, for all calls if writes continue, else for reads alone. The share of an unreachable copy goes
//! to the others, as in the loss of a replica. Never:
//! queues, whose partitions are on some of their nodes; designs with several regions, in which
//! the load of each region's clients is not declared.

use super::labels::Open;
use crate::analysis::capacity::cpu::work;
use crate::analysis::capacity::utilization::utilization;
use crate::analysis::facts::Facts;
use crate::analysis::faults::critical_caches::{CacheLosses, caches};
use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::{machine, provided};
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::keys;
use crate::model::{CompId, Component, Model};
use crate::resource::{ReadFrom, Replication};
use crate::theory::numeric::count;
use std::collections::{BTreeMap, BTreeSet};

/// Largest number of copies for which every smaller number is evaluated.
const MOST: usize = 64;

/// Utilization of a store with fewer copies.
#[derive(Clone, Debug)]
pub struct ReducedCapacity {
    /// Utilization by all calls, by number of remaining copies; the first entry is for one copy.
    all: Vec<Known>,
    /// Utilization of a single copy by all reads.
    reads: f64,
    /// Utilization of a single copy by the reads that any copy may answer.
    any: f64,
}

impl ReducedCapacity {
    /// Utilization of `copies` copies by all calls, at a share of the load.
    #[must_use]
    pub fn used(&self, copies: usize, share: f64) -> Option<f64> {
        let all = self.all.get(copies.checked_sub(1)?)?.as_ref().ok()?;
        Some(all * share)
    }

    /// Utilization of `copies` copies by reads alone: all reads if `fresh`, else those that any copy
    /// may answer.
    #[must_use]
    pub fn read(&self, copies: usize, share: f64, fresh: bool) -> Option<f64> {
        let busy = if fresh { self.reads } else { self.any };
        (copies > 0).then(|| busy * share / count(copies as u64))
    }
}

/// By component: the utilization of each store that fewer copies could overload.
#[must_use]
pub fn reduced_capacities(
    model: &Model,
    facts: &Facts,
    stores: &[Option<Result<Open, Reason>>],
) -> Vec<Option<ReducedCapacity>> {
    let mut out = vec![None; model.components.len()];
    let places = &model.system.locations;
    if places.count() < 2 || places.regions.len() > 1 {
        return out;
    }
    let mut case: Option<Model> = None;
    for ((id, c), store) in model.all().zip(stores) {
        let copies = match store {
            Some(Ok(open)) => open.variants.first().map_or(0, |w| w.copies.all.iter().filter(|c| c.up).count()),
            _ => 0,
        };
        // The total work is at most the number of copies times that of the busiest copy.
        let used = facts.utilization.get(id.0).and_then(|u| u.utilization.as_ref().ok());
        let may_overload = used.is_some_and(|u| u * count(copies as u64) > 1.0);
        if !may_overload || !(2..=MOST).contains(&copies) || c.kind.facets.serve != Some(Serve::Copies) || provided(c) {
            continue;
        }
        let case = case.get_or_insert_with(|| model.clone());
        if let Some(slot) = out.get_mut(id.0) {
            *slot = Some(reduced_capacity(model, case, facts, (id, c), copies));
        }
    }
    out
}

/// Critical caches by component, of the caches that some live location lacks: the others are in
/// reach of each side.
#[must_use]
pub fn guards(
    model: &Model,
    load: f64,
    pieces: &[Option<Result<Vec<usize>, Reason>>],
) -> BTreeMap<CompId, Vec<CompId>> {
    let absent = |id: &CompId| match pieces.get(id.0) {
        Some(Some(Ok(each))) => each.iter().enumerate().any(|(at, n)| *n == 0 && !model.system.lost.contains(&at)),
        _ => false,
    };
    let some: BTreeSet<CompId> = caches(model).into_iter().filter(absent).collect();
    if some.is_empty() || model.system.locations.count() < 2 {
        return BTreeMap::new();
    }
    let losses = CacheLosses::new(model, load, &some);
    model.all().map(|(id, _)| (id, losses.guards(model, id))).filter(|(_, of)| !of.is_empty()).collect()
}

/// Evaluates one store with every number of copies up to `copies`.
fn reduced_capacity(
    model: &Model,
    case: &mut Model,
    facts: &Facts,
    (id, c): (CompId, &Component),
    copies: usize,
) -> ReducedCapacity {
    let mut all = Vec::new();
    for left in 1..=copies {
        if let Some(fewer) = case.components.get_mut(id.0) {
            fewer.lost.anywhere = c.lost.anywhere + u32::try_from(copies - left).unwrap_or(0);
        }
        all.push(utilization(case, &facts.demand, id).utilization);
    }
    if let Some(same) = case.components.get_mut(id.0) {
        same.lost = c.lost.clone();
    }
    let mut out = ReducedCapacity { all, reads: 0.0, any: 0.0 };
    let mut why = Vec::new();
    let shards = c.shards().unwrap_or(1.0).max(1.0);
    let copies_per_read = match c.replication() {
        Some(Replication::Quorum) => c.attrs.read(keys::R).map_or(count((copies / 2 + 1) as u64), |r| r.mid),
        _ => 1.0,
    };
    if let (Ok(work), Ok(m)) = (work(model, &facts.demand, id, &mut why), machine(model, c, &mut why)) {
        for w in work.iter().filter(|w| !w.writes) {
            let busy = w.cores * copies_per_read / (m.cores * m.speed * shards);
            out.reads += busy;
            if super::setting::any_copy(super::setting::from(c, w.read_from.map(ReadFrom::word))) {
                out.any += busy;
            }
        }
    }
    out
}
