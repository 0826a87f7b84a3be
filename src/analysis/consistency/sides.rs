//! Partition cases: the network failures to evaluate.
//!
//! In: zones of the system. Out: each side against the rest, cut links, and lost zones, each with the
//! zones where requests enter. The outcome of a component depends only on its own side
//! and on whether the rest can still write, and a connected rest is the worst. So 2^Z - 2
//! sides are enough; other set partitions need no evaluation. Never: a lost zone as an entry.

use super::net::Net;
use super::net::Place;
use crate::model::System;
use std::collections::BTreeSet;

/// Largest number of zones for which all sides are tried.
const MAX_PLACES: usize = 6;
/// Largest number of zones for which all pairs of links are tried.
const MAX_LINKED: usize = 4;

/// The kind of network failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One side against the rest.
    Sides,
    /// Single links.
    Links,
    /// Lost zones.
    Lost,
}

/// One network failure to evaluate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionCase {
    /// The kind of failure.
    pub kind: Kind,
    /// The network with the failure.
    pub net: Net,
    /// The zones of the side under evaluation.
    pub side: Vec<Place>,
    /// The other zones.
    pub rest: Vec<Place>,
    /// Cut links.
    pub links: Vec<(Place, Place)>,
    /// Zones where requests enter.
    pub entries: Vec<Place>,
}

/// Sides against the rest: all subsets of the zones. With many zones: each zone, its complement,
/// and subsets of the regions.
#[must_use]
pub fn sides(system: &System) -> Vec<PartitionCase> {
    let places = &system.locations;
    let live = live(system);
    let n = live.len();
    let mut sets: Vec<BTreeSet<Place>> = Vec::new();
    let all: BTreeSet<Place> = live.iter().copied().collect();
    let mut add = |s: BTreeSet<Place>| {
        if !s.is_empty() && s.len() < n && !sets.contains(&s) {
            sets.push(s);
        }
    };
    if n <= MAX_PLACES {
        let of = |set: BTreeSet<usize>| set.iter().filter_map(|i| live.get(*i).copied()).collect();
        subsets(n).map(of).for_each(&mut add);
    } else {
        for p in all.iter().copied() {
            add(BTreeSet::from([p]));
        }
        for p in all.iter().copied() {
            add(all.iter().copied().filter(|q| *q != p).collect());
        }
        if places.regions.len() <= MAX_PLACES {
            for set in subsets(places.regions.len()) {
                add(all.iter().copied().filter(|p| places.region.get(*p).is_some_and(|r| set.contains(r))).collect());
            }
        }
    }
    sets.sort_by_key(|s| (s.len(), s.iter().copied().collect::<Vec<_>>()));
    sets.into_iter()
        .map(|s| PartitionCase {
            kind: Kind::Sides,
            net: Net::split(places.count(), &s).and_lost(&system.lost),
            rest: all.difference(&s).copied().collect(),
            entries: s.iter().copied().take(1).collect(),
            side: s.into_iter().collect(),
            links: Vec::new(),
        })
        .collect()
}

/// The zones that are not lost.
fn live(system: &System) -> Vec<Place> {
    (0..system.locations.count()).filter(|p| !system.lost.contains(p)).collect()
}

/// All non-empty subsets of `0..n`.
fn subsets(n: usize) -> impl Iterator<Item = BTreeSet<Place>> {
    (1_usize..(1 << n)).map(move |bits| (0..n).filter(|p| bits >> p & 1 == 1).collect())
}

/// Cut links: each one, and each pair if there are few zones; none below three zones or with many.
#[must_use]
pub fn links(system: &System) -> Vec<PartitionCase> {
    let live = live(system);
    let n = live.len();
    if !(3..=MAX_PLACES).contains(&n) {
        return Vec::new();
    }
    let after = |a: Place| live.iter().filter(move |b| **b > a).map(move |b| (a, *b));
    let all: Vec<(Place, Place)> = live.iter().flat_map(|a| after(*a)).collect();
    let mut sets: Vec<Vec<(Place, Place)>> = all.iter().map(|l| vec![*l]).collect();
    if n <= MAX_LINKED {
        for (i, a) in all.iter().enumerate() {
            sets.extend(all.iter().skip(i + 1).map(|b| vec![*a, *b]));
        }
    }
    let made = sets.into_iter().map(|cut| PartitionCase {
        kind: Kind::Links,
        net: Net::links(&cut).and_lost(&system.lost),
        side: live.clone(),
        rest: Vec::new(),
        entries: live.clone(),
        links: cut,
    });
    made.collect()
}

/// The loss of each live zone; none if only one is live.
#[must_use]
pub fn losses(system: &System) -> Vec<PartitionCase> {
    let live = live(system);
    live.iter()
        .filter(|_| live.len() > 1)
        .map(|p| {
            let side: Vec<Place> = live.iter().copied().filter(|q| q != p).collect();
            PartitionCase {
                kind: Kind::Lost,
                net: Net::without(&[*p]).and_lost(&system.lost),
                entries: side.iter().copied().take(1).collect(),
                rest: Vec::new(),
                side,
                links: Vec::new(),
            }
        })
        .collect()
}
