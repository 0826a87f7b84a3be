//! Which ways of breaking the network are looked at.
//!
//! In: places. Out: each side against the rest, cut links, lost zones, each with the
//! places where requests come in. The fate of a component depends only on its own side
//! and on whether the rest can still write, and one rest is the worst of all: so 2^Z - 2
//! sides are enough instead of all set partitions.

use super::net::Net;
use super::net::Place;
use crate::model::System;
use std::collections::BTreeSet;

/// Most places of which all sides are tried.
const MAX_PLACES: usize = 6;
/// Most places of which all pairs of links are tried.
const MAX_LINKED: usize = 4;

/// What breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One side against the rest.
    Sides,
    /// Single links.
    Links,
    /// Zones that are gone.
    Lost,
}

/// One way of breaking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// What breaks.
    pub kind: Kind,
    /// The network then.
    pub net: Net,
    /// The places that are looked at together.
    pub side: Vec<Place>,
    /// The others.
    pub rest: Vec<Place>,
    /// Cut links.
    pub links: Vec<(Place, Place)>,
    /// Where requests come in.
    pub entries: Vec<Place>,
}

/// Sides against the rest: all of them, or with many places each one, its complement, and
/// sets of regions.
#[must_use]
pub fn sides(system: &System) -> Vec<Break> {
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
        .map(|s| Break {
            kind: Kind::Sides,
            net: Net::split(places.count(), &s).and_lost(&system.lost),
            rest: all.difference(&s).copied().collect(),
            entries: s.iter().copied().take(1).collect(),
            side: s.into_iter().collect(),
            links: Vec::new(),
        })
        .collect()
}

/// The places that are not lost.
fn live(system: &System) -> Vec<Place> {
    (0..system.locations.count()).filter(|p| !system.lost.contains(p)).collect()
}

fn subsets(n: usize) -> impl Iterator<Item = BTreeSet<Place>> {
    (1_usize..(1 << n)).map(move |bits| (0..n).filter(|p| bits >> p & 1 == 1).collect())
}

/// Cut links: each one, and with few places each two.
#[must_use]
pub fn links(system: &System) -> Vec<Break> {
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
    let made = sets.into_iter().map(|cut| Break {
        kind: Kind::Links,
        net: Net::links(&cut).and_lost(&system.lost),
        side: live.clone(),
        rest: Vec::new(),
        entries: live.clone(),
        links: cut,
    });
    made.collect()
}

/// Each zone gone.
#[must_use]
pub fn losses(system: &System) -> Vec<Break> {
    let live = live(system);
    live.iter()
        .filter(|_| live.len() > 1)
        .map(|p| {
            let side: Vec<Place> = live.iter().copied().filter(|q| q != p).collect();
            Break {
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
