//! Component availability: enough replicas up, for each set of working zones.
//!
//! In: a [`Group`], the `availability` of one replica. Out: the exact probability in each state of
//! the zones. Never: which replicas suffice ([`crate::analysis::faults::group`]).
//!
//! A provider-managed or external component has its own `availability`. A request uses one shard. If
//! the zone of a primary is not declared, each zone with a copy is a placement
//! ([`crate::analysis::faults::placements`]). Source: Barlow and Proschan 1975, ch. 2.

use crate::analysis::faults::group::{Alive, Group, any_node, group};
use crate::analysis::ground::machines::{is_lost, provided};
use crate::analysis::ground::resource::Utilization;
use crate::analysis::ground::zones::Zones;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Component, Model};
use crate::theory::reliability::k_of_n;
use crate::units::show_ratio;

/// Largest number of copies if the primary or witnesses count too.
const MOST_COPIES: u32 = 200;
/// Availabilities that differ by less count as equal.
pub const SAME: f64 = 1e-13;

/// The probability that a group works, given the replicas and witnesses in working zones; `each` is
/// the availability of one. None if there are too many replicas.
fn given(g: &Group, each: f64, pieces: u32, witnesses: u32, primary: bool, write: bool) -> Option<f64> {
    if let Some(needed) = g.least(write) {
        return if needed > pieces { Some(0.0) } else { k_of_n(each, needed, pieces).map(|a| a.availability) };
    }
    let others = binomial(each, pieces - u32::from(primary));
    let votes = binomial(each, witnesses);
    let mut sum = 0.0;
    for (first, p) in [(true, if primary { each } else { 0.0 }), (false, if primary { 1.0 - each } else { 1.0 })] {
        for (up, q) in (0_u32..).zip(&others) {
            for (voting, r) in (0_u32..).zip(&votes) {
                let alive = Alive { pieces: up + u32::from(first), witnesses: voting, primary: first };
                if g.works(alive, write) {
                    sum += p * q * r;
                }
            }
        }
    }
    Some(sum)
}

/// The binomial distribution: the probability of each number of `n` that is up.
fn binomial(each: f64, n: u32) -> Vec<f64> {
    let mut out = vec![1.0];
    for _ in 0..n {
        let mut next = vec![0.0; out.len() + 1];
        for (k, p) in out.iter().enumerate() {
            if let Some(slot) = next.get_mut(k) {
                *slot += p * (1.0 - each);
            }
            if let Some(slot) = next.get_mut(k + 1) {
                *slot += p * each;
            }
        }
        out = next;
    }
    out
}

/// The availability of a component by the state of the zones, for one placement of its primary.
#[derive(Clone, Debug)]
struct PlacedAvailability {
    /// The primary's zone, by its index among the live zones; none if it is lost or irrelevant.
    at: Option<usize>,
    /// Probability of the easier of a read and a write; one value if zones do not matter.
    easy: Vec<f64>,
    /// Probability of the harder one, if the two differ.
    hard: Option<Vec<f64>>,
}

impl PlacedAvailability {
    /// The probability of the easier operation in a state; for `hard`, the conditional
    /// probability of the harder one given the easier one.
    fn at(&self, state: usize, hard: bool) -> f64 {
        let of = |all: &Vec<f64>| all.get(state).or_else(|| all.first()).copied().unwrap_or(0.0);
        let easy = of(&self.easy);
        match self.hard.as_ref().filter(|_| hard) {
            None => easy,
            Some(all) if easy > 0.0 => (of(all) / easy).min(1.0),
            Some(_) => 0.0,
        }
    }

    fn mean(&self, zones: &Zones) -> f64 {
        zones.mean(|s| self.at(s, false) * if self.hard.is_some() { self.at(s, true) } else { 1.0 })
    }

    fn same(&self, other: &Self) -> bool {
        let bits = |list: &[f64]| list.iter().map(|p| p.to_bits()).collect::<Vec<_>>();
        bits(&self.easy) == bits(&other.easy) && self.hard.as_deref().map(bits) == other.hard.as_deref().map(bits)
    }
}

/// The availability of a component by the state of the zones.
#[derive(Clone, Debug)]
pub struct Up {
    /// Distinct placements of the primary: several if it is undeclared and its zone matters.
    placements: Vec<PlacedAvailability>,
    /// The index of the placement in use.
    chosen: usize,
    /// Whether the write is the harder operation.
    write_is_harder: bool,
    /// Number of shards, each with this availability.
    pub shards: f64,
}

impl Up {
    fn fixed(availability: f64) -> Self {
        let one = PlacedAvailability { at: None, easy: vec![availability], hard: None };
        Self { placements: vec![one], chosen: 0, write_is_harder: true, shards: 1.0 }
    }

    /// Whether a write (`true`) or a read is the harder operation.
    #[must_use]
    pub fn is_hard(&self, write: bool) -> bool {
        self.placements.first().is_some_and(|w| w.hard.is_some()) && write == self.write_is_harder
    }

    /// Number of distinct placements of its primary.
    #[must_use]
    pub fn placements(&self) -> usize {
        self.placements.len()
    }

    /// Places its primary in the placement with this index.
    pub fn set_placement(&mut self, placement: usize) {
        self.chosen = placement.min(self.placements.len().saturating_sub(1));
    }

    /// The zone of the primary in one placement, by its index among the live zones.
    #[must_use]
    pub fn primary(&self, placement: usize) -> Option<usize> {
        self.placements.get(placement).and_then(|w| w.at)
    }

    /// The probability of the easier operation in a state; for `hard`, the conditional
    /// probability of the harder one given the easier one.
    #[must_use]
    pub fn at(&self, state: usize, hard: bool) -> f64 {
        self.at_placement(self.chosen, state, hard)
    }

    /// Like [`Up::at`], with the primary in one placement.
    #[must_use]
    pub fn at_placement(&self, placement: usize, state: usize, hard: bool) -> f64 {
        self.placements.get(placement).map_or(0.0, |w| w.at(state, hard))
    }

    /// The lowest and highest availability over all placements.
    #[must_use]
    pub fn ends(&self, zones: &Zones) -> (f64, f64) {
        let means = self.placements.iter().map(|w| w.mean(zones));
        means.fold((f64::INFINITY, 0.0), |(low, high), a| (low.min(a), high.max(a)))
    }

    /// The share of time that both its reads and its writes work.
    #[must_use]
    pub fn availability(&self, zones: &Zones) -> f64 {
        self.placements.get(self.chosen).map_or(0.0, |w| w.mean(zones))
    }
}

/// The `availability` attribute.
fn own(c: &Component) -> Option<f64> {
    c.attrs.read(keys::AVAILABILITY).map(|a| a.mid)
}

/// The availability of a component in each state of the zones; 0 for one that is lost.
///
/// # Errors
/// The reason why it is unknown: a missing `availability`, an unknown or exceeded capacity, or
/// an unknown placement.
pub fn component_up(model: &Model, zones: &Zones, c: &Component, u: &Utilization) -> Result<Up, Reason> {
    if is_lost(&model.system, c) {
        return Ok(Up::fixed(0.0));
    }
    let Some(serve) = c.kind.facets.serve.filter(|_| !provided(c)) else {
        return own(c).map(Up::fixed).ok_or_else(|| Reason::missing(c, "availability"));
    };
    let each = own(c).ok_or_else(|| {
        Reason::missing_as(c, "availability", format!("`{}` does not set the `availability` of one replica", c.name))
    })?;
    // Both the overload check and the number of required replicas depend on utilization.
    if let (Err(e), false) = (&u.utilization, u.resources.is_empty()) {
        return Err(e.clone());
    }
    if let Ok(used) = u.utilization
        && used > 1.0
    {
        let used = show_ratio(used);
        return Err(Reason::of(
            ReasonKind::Overload,
            c,
            format!("`{}` is at {used} of its capacity at the peak: how long it fails is unknown", c.name),
        ));
    }
    group(model, zones, c, u).and_then(|g| up(&g, zones, c, serve, each))
}

/// The availability of a cache, which works while any of its nodes does.
///
/// # Errors
/// The reason why it is unknown: a missing `availability` or an unknown placement.
pub fn any_node_up(model: &Model, zones: &Zones, c: &Component) -> Result<Up, Reason> {
    let each = own(c).ok_or_else(|| {
        Reason::missing_as(c, "availability", format!("`{}` does not set the `availability` of one replica", c.name))
    })?;
    let Some(serve) = c.kind.facets.serve.filter(|_| !provided(c)) else { return Ok(Up::fixed(each)) };
    let g = any_node(model, zones, c)?;
    up(&g, zones, c, serve, each)
}

/// The availability of a group in each state of the zones, for each placement of its primary.
fn up(g: &Group, zones: &Zones, c: &Component, serve: Serve, each: f64) -> Result<Up, Reason> {
    if let Some(why) = zones.unknown.as_ref() {
        return Err(Reason::of(ReasonKind::Contradiction, c, format!("`{}`, {why}", c.name)));
    }
    let all: u32 = g.pieces.iter().chain(&g.witnesses).sum();
    let too_many =
        || Reason::of(ReasonKind::TooLarge, c, format!("`{}` has more replicas than are computed here", c.name));
    if all > MOST_COPIES && g.least(false).is_none() {
        return Err(too_many());
    }
    let mut known: std::collections::BTreeMap<(u32, u32, bool, bool), f64> = std::collections::BTreeMap::new();
    let mut table = |write: bool, first: Option<usize>| -> Result<Vec<f64>, Reason> {
        let mut out = Vec::with_capacity(zones.count());
        for state in 0..zones.count() {
            let of = |list: &[u32]| -> u32 {
                (0..).zip(list).filter(|(at, _)| zones.works(state, *at)).map(|(_, n)| *n).sum()
            };
            let (pieces, witnesses) = (of(&g.pieces), of(&g.witnesses));
            let primary = first.is_some_and(|at| zones.works(state, at));
            let key = (pieces, witnesses, primary, write);
            let p = match known.get(&key) {
                Some(p) => *p,
                None => given(g, each, pieces, witnesses, primary, write).ok_or_else(too_many)?,
            };
            known.insert(key, p);
            out.push(p);
        }
        Ok(out)
    };
    let harder = g.write_is_harder();
    let mut placements: Vec<PlacedAvailability> = Vec::new();
    for at in std::iter::once(g.primary).chain(g.elsewhere.iter().copied()) {
        let hard = if g.alike() { None } else { Some(table(harder, at)?) };
        let placed = PlacedAvailability { at, easy: table(!harder, at)?, hard };
        if !placements.iter().any(|w| w.same(&placed)) {
            placements.push(placed);
        }
    }
    let shards = if serve == Serve::Copies { c.shards().unwrap_or(1.0).max(1.0) } else { 1.0 };
    let mut out = Up { placements, chosen: 0, write_is_harder: harder, shards };
    // The default is the worst placement for the component alone.
    let means: Vec<f64> = out.placements.iter().map(|w| w.mean(zones)).collect();
    for (i, a) in means.iter().enumerate() {
        if means.get(out.chosen).is_some_and(|worst| *a < worst - SAME) {
            out.chosen = i;
        }
    }
    Ok(out)
}
