//! Reachability of network locations under partitions.
//!
//! In: a number of locations, groups separated from each other, cut links, lost locations.
//! Out: direct reachability; nobody relays for others. Never: latency.

use std::collections::{BTreeMap, BTreeSet};

/// A network location: a zone of a region, by its index.
pub type Place = crate::model::Location;

/// A network with failures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    /// Group by location; different groups do not reach each other. A location in no group reaches all.
    pub groups: BTreeMap<Place, usize>,
    /// Pairs of locations (lower index first) with no link in either direction.
    pub links: BTreeSet<(Place, Place)>,
    /// Lost locations.
    pub lost: BTreeSet<Place>,
}

impl Net {
    /// One side separated from all other locations.
    #[must_use]
    pub fn split(places: usize, side: &BTreeSet<Place>) -> Self {
        Self { groups: (0..places).map(|p| (p, usize::from(!side.contains(&p)))).collect(), ..Self::default() }
    }

    /// The network with more lost locations.
    #[must_use]
    pub fn and_lost(mut self, lost: &BTreeSet<Place>) -> Self {
        self.lost.extend(lost);
        self
    }

    /// A network with some links cut.
    #[must_use]
    pub fn links(cut: &[(Place, Place)]) -> Self {
        Self { links: cut.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect(), ..Self::default() }
    }

    /// A network with some locations lost.
    #[must_use]
    pub fn without(lost: &[Place]) -> Self {
        Self { lost: lost.iter().copied().collect(), ..Self::default() }
    }

    /// The locations that share their load with `with`: the transitive closure of reachability.
    /// A single cut link excludes nothing if a detour exists.
    #[must_use]
    pub fn together(&self, with: Place, places: usize) -> BTreeSet<Place> {
        let mut out = BTreeSet::from([with]);
        let mut next = vec![with];
        while let Some(a) = next.pop() {
            for b in (0..places).filter(|b| !self.lost.contains(b) && self.reaches(a, *b)) {
                if out.insert(b) {
                    next.push(b);
                }
            }
        }
        out
    }

    /// Whether two locations reach each other directly.
    #[must_use]
    pub fn reaches(&self, a: Place, b: Place) -> bool {
        if a == b {
            return true;
        }
        let apart = matches!((self.groups.get(&a), self.groups.get(&b)), (Some(x), Some(y)) if x != y);
        !apart && !self.links.contains(&(a.min(b), a.max(b)))
    }
}
