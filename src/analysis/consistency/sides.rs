//! Which ways of breaking the network are looked at.
//!
//! In: places. Out: each side against the rest, cut links, lost zones, each with the
//! places where requests come in. The fate of a component depends only on its own side
//! and on whether the rest can still write, and one rest is the worst of all: so 2^Z - 2
//! sides are enough instead of all set partitions.

use super::net::Net;
use super::net::Place;
use super::places::Places;
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
pub fn sides(places: &Places) -> Vec<Break> {
    let n = places.count();
    let mut sets: Vec<BTreeSet<Place>> = Vec::new();
    let all: BTreeSet<Place> = (0..n).collect();
    let mut add = |s: BTreeSet<Place>| {
        if !s.is_empty() && s.len() < n && !sets.contains(&s) {
            sets.push(s);
        }
    };
    if n <= MAX_PLACES {
        subsets(n).for_each(&mut add);
    } else {
        for p in 0..n {
            add(BTreeSet::from([p]));
        }
        for p in 0..n {
            add(all.iter().copied().filter(|q| *q != p).collect());
        }
        if places.regions.len() <= MAX_PLACES {
            for set in subsets(places.regions.len()) {
                add((0..n).filter(|p| places.region.get(*p).is_some_and(|r| set.contains(r))).collect());
            }
        }
    }
    sets.sort_by_key(|s| (s.len(), s.iter().copied().collect::<Vec<_>>()));
    sets.into_iter()
        .map(|s| Break {
            kind: Kind::Sides,
            net: Net::split(n, &s),
            rest: all.difference(&s).copied().collect(),
            entries: s.iter().copied().take(1).collect(),
            side: s.into_iter().collect(),
            links: Vec::new(),
        })
        .collect()
}

fn subsets(n: usize) -> impl Iterator<Item = BTreeSet<Place>> {
    (1_usize..(1 << n)).map(move |bits| (0..n).filter(|p| bits >> p & 1 == 1).collect())
}

/// Cut links: each one, and with few places each two.
#[must_use]
pub fn links(places: &Places) -> Vec<Break> {
    let n = places.count();
    if !(3..=MAX_PLACES).contains(&n) {
        return Vec::new();
    }
    let all: Vec<(Place, Place)> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
    let mut sets: Vec<Vec<(Place, Place)>> = all.iter().map(|l| vec![*l]).collect();
    if n <= MAX_LINKED {
        for (i, a) in all.iter().enumerate() {
            sets.extend(all.iter().skip(i + 1).map(|b| vec![*a, *b]));
        }
    }
    let made = sets.into_iter().map(|cut| Break {
        kind: Kind::Links,
        net: Net::links(&cut),
        side: (0..n).collect(),
        rest: Vec::new(),
        entries: (0..n).collect(),
        links: cut,
    });
    made.collect()
}

/// Each zone gone.
#[must_use]
pub fn losses(places: &Places) -> Vec<Break> {
    let n = places.count();
    (0..n)
        .filter(|_| n > 1)
        .map(|p| {
            let side: Vec<Place> = (0..n).filter(|q| *q != p).collect();
            Break {
                kind: Kind::Lost,
                net: Net::without(&[p]),
                entries: side.iter().copied().take(1).collect(),
                rest: Vec::new(),
                side,
                links: Vec::new(),
            }
        })
        .collect()
}
