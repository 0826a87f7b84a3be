//! Whether the copies of a store that are left on a side carry what comes in there.
//!
//! In: the design, its rates, copies of stores. Out: utilisation by the number of copies
//! that are left, of all calls where writes go on, of reads alone where they do not. A copy
//! that is out of reach leaves its share to the others, as in the loss of a replica. Never:
//! queues, whose partitions are on some of their nodes; designs with several regions, where
//! it is not said which region's clients ask what.

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
use crate::resource::ReadFrom;
use crate::theory::numeric::count;
use std::collections::{BTreeMap, BTreeSet};

/// Most copies of which all numbers are tried.
const MOST: usize = 64;

/// What a store comes to with fewer copies.
#[derive(Clone, Debug)]
pub struct Room {
    /// By copies that are left, the first of one: utilisation by all calls.
    all: Vec<Known>,
    /// Utilisation of one copy alone by reads that see the last write.
    reads: f64,
    /// By reads of any copy.
    any: f64,
}

impl Room {
    /// Utilisation of so many copies by a share of the load.
    #[must_use]
    pub fn used(&self, copies: usize, share: f64) -> Option<f64> {
        let all = self.all.get(copies.checked_sub(1)?)?.as_ref().ok()?;
        Some(all * share)
    }

    /// The same where nothing is written: by reads of any copy, or by those that see the last
    /// write too.
    #[must_use]
    pub fn read(&self, copies: usize, share: f64, fresh: bool) -> Option<f64> {
        let busy = if fresh { self.reads } else { self.any };
        (copies > 0).then(|| busy * share / count(copies as u64))
    }
}

/// By component: what stores come to, of those that fewer copies could be too few for.
#[must_use]
pub fn rooms(model: &Model, facts: &Facts, stores: &[Option<Result<Open, Reason>>]) -> Vec<Option<Room>> {
    let mut out = vec![None; model.components.len()];
    let places = &model.system.locations;
    if places.count() < 2 || places.regions.len() > 1 {
        return out;
    }
    let mut world: Option<Model> = None;
    for ((id, c), store) in model.all().zip(stores) {
        let copies = match store {
            Some(Ok(open)) => open.ways.first().map_or(0, |w| w.copies.all.iter().filter(|c| c.up).count()),
            _ => 0,
        };
        // All its work together is no more than so many times what its busiest copy has.
        let used = facts.utilization.get(id.0).and_then(|u| u.utilization.as_ref().ok());
        let tight = used.is_some_and(|u| u * count(copies as u64) > 1.0);
        if !tight || !(2..=MOST).contains(&copies) || c.kind.facets.serve != Some(Serve::Copies) || provided(c) {
            continue;
        }
        let world = world.get_or_insert_with(|| model.clone());
        if let Some(slot) = out.get_mut(id.0) {
            *slot = Some(room(model, world, facts, (id, c), copies));
        }
    }
    out
}

/// The caches that a component cannot do without, of those that are not everywhere: the
/// others are in reach of each side.
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

fn room(model: &Model, world: &mut Model, facts: &Facts, (id, c): (CompId, &Component), copies: usize) -> Room {
    let mut all = Vec::new();
    for left in 1..=copies {
        if let Some(fewer) = world.components.get_mut(id.0) {
            fewer.lost.anywhere = c.lost.anywhere + u32::try_from(copies - left).unwrap_or(0);
        }
        all.push(utilization(world, &facts.demand, id).utilization);
    }
    if let Some(same) = world.components.get_mut(id.0) {
        same.lost = c.lost.clone();
    }
    let mut out = Room { all, reads: 0.0, any: 0.0 };
    let mut why = Vec::new();
    let shards = c.shards().unwrap_or(1.0).max(1.0);
    let asked = match c.attrs.read(keys::REPLICATION) {
        Some("quorum") => c.attrs.read(keys::R).map_or(count((copies / 2 + 1) as u64), |r| r.mid),
        _ => 1.0,
    };
    if let (Ok(work), Ok(m)) = (work(model, &facts.demand, id, &mut why), machine(model, c, &mut why)) {
        for w in work.iter().filter(|w| !w.writes) {
            let busy = w.cores * asked / (m.cores * m.speed * shards);
            out.reads += busy;
            if super::setting::any_copy(super::setting::from(c, w.read_from.map(ReadFrom::word))) {
                out.any += busy;
            }
        }
    }
    out
}
