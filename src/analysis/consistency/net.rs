//! Which places reach each other.
//!
//! In: a number of places, groups that are cut from each other, links that are cut, places
//! that are lost. Out: who reaches whom, directly: nobody relays for others.

use std::collections::{BTreeMap, BTreeSet};

/// A place: a zone of a region, by its order.
pub type Place = crate::model::Location;

/// A network with some of it broken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Net {
    /// Group of each place that is in one: those in different groups do not reach each other.
    pub groups: BTreeMap<Place, usize>,
    /// Pairs of places that do not reach each other, each in both directions.
    pub links: BTreeSet<(Place, Place)>,
    /// Places that are gone.
    pub lost: BTreeSet<Place>,
}

impl Net {
    /// One side against all other places.
    #[must_use]
    pub fn split(places: usize, side: &BTreeSet<Place>) -> Self {
        Self { groups: (0..places).map(|p| (p, usize::from(!side.contains(&p)))).collect(), ..Self::default() }
    }

    /// Itself, with places that are gone.
    #[must_use]
    pub fn and_lost(mut self, lost: &BTreeSet<Place>) -> Self {
        self.lost.extend(lost);
        self
    }

    /// Some links cut.
    #[must_use]
    pub fn links(cut: &[(Place, Place)]) -> Self {
        Self { links: cut.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect(), ..Self::default() }
    }

    /// Some places lost.
    #[must_use]
    pub fn without(lost: &[Place]) -> Self {
        Self { lost: lost.iter().copied().collect(), ..Self::default() }
    }

    /// The places that share their load with one: those in reach, those in reach of these,
    /// and so on. Behind a link that is cut alone nothing is left out.
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

    /// Whether a message from one arrives at the other.
    #[must_use]
    pub fn reaches(&self, a: Place, b: Place) -> bool {
        if a == b {
            return true;
        }
        let apart = matches!((self.groups.get(&a), self.groups.get(&b)), (Some(x), Some(y)) if x != y);
        !apart && !self.links.contains(&(a.min(b), a.max(b)))
    }
}
