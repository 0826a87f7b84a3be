//! Component availability: enough replicas up, for each set of working zones.
//!
//! In: replicas and their zones, the `availability` of one replica, replication, utilization.
//! Out: the exact probability in each state of the zones.
//!
//! | component | works while |
//! |---|---|
//! | processes | enough are up for the load: utilization x n, rounded up |
//! | `quorum` | `r` copies for a read and `w` for a write are up; a majority if missing |
//! | `consensus`, `quorum` with `witnesses` | a majority of copies and witnesses is up, a copy among them |
//! | `multi_primary` | one copy is up |
//! | `failover = auto` | one copy is up; with `witnesses` also a majority of these, or the primary unless `fenced` |
//! | `on_sync_loss = block` | for a write, also as many other copies as a commit waits for |
//! | any other store | its primary is up: a missing `failover` counts as none |
//! | a queue | `min_insync` copies of a partition are up |
//! | provider-managed, external | as its own `availability` states |
//!
//! A request uses one shard. If the zone of a primary is not declared, each zone with a copy is a
//! placement ([`crate::analysis::faults::placements`]). Source: Barlow and Proschan 1975, ch. 2.

use crate::analysis::ground::machines::{is_lost, provided};
use crate::analysis::ground::resource::Utilization;
use crate::analysis::ground::zones::Zones;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::keys::{Key, Number};
use crate::model::{Component, Location, Model, Placement, Primary};
use crate::resource::{Failover, OnSyncLoss, Replication};
use crate::theory::reliability::k_of_n;
use crate::units::show_ratio;

/// Largest number of copies if the primary or witnesses count too.
const MOST_COPIES: u32 = 200;
/// Largest number of replicas of one component.
const MOST_PIECES: u32 = 10_000_000;
/// Availabilities that differ by less count as equal.
pub const SAME: f64 = 1e-13;

/// The replicas of a component, and the rule by which they suffice.
#[derive(Clone, Debug)]
pub struct Group {
    /// Replicas, data copies or nodes by live zone.
    pub pieces: Vec<u32>,
    /// Witnesses (voters without data) by live zone.
    pub witnesses: Vec<u32>,
    /// The live zone of its primary, if that matters.
    pub primary: Option<usize>,
    /// Other zones that an undeclared primary may be in; none for a lost primary.
    pub elsewhere: Vec<Option<usize>>,
    rule: Rule,
}

/// The replicas that a read and a write require.
#[derive(Clone, Debug)]
enum Rule {
    /// A number of replicas for a read, and one for a write.
    AtLeast { read: u32, write: u32 },
    /// A majority of all voters, at least one copy among them.
    Voters { majority: u32 },
    /// The primary, and for a write a number of other copies.
    Primary { others: u32 },
    /// A copy, and a majority of witnesses that can promote it. Without `fenced` the primary works
    /// without witnesses.
    Promoted { majority: u32, fenced: bool },
}

/// The working part of a group.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alive {
    /// Replicas that work, the primary included.
    pub pieces: u32,
    /// Witnesses that work.
    pub witnesses: u32,
    /// Whether the primary works.
    pub primary: bool,
}

impl Group {
    /// A group in which any one replica is enough.
    fn one_is_enough(pieces: Vec<u32>) -> Self {
        let rule = Rule::AtLeast { read: 1, write: 1 };
        Self { pieces, witnesses: Vec::new(), primary: None, elsewhere: Vec::new(), rule }
    }

    /// Whether a write (`true`) or a read requires more replicas than the other.
    #[must_use]
    pub fn is_hard(&self, write: bool) -> bool {
        !self.alike() && write == self.write_is_harder()
    }

    /// The group with every replica and witness up.
    #[must_use]
    pub fn all(&self) -> Alive {
        let sum = |list: &[u32]| list.iter().sum();
        Alive { pieces: sum(&self.pieces), witnesses: sum(&self.witnesses), primary: self.primary.is_some() }
    }

    /// Whether it answers the harder, or the easier, of a read and a write.
    #[must_use]
    pub fn answers(&self, alive: Alive, hard: bool) -> bool {
        self.works(alive, hard == self.write_is_harder())
    }

    /// Whether it answers a write (`true`) or a read.
    fn works(&self, alive: Alive, write: bool) -> bool {
        match self.rule {
            Rule::AtLeast { read, write: all } => alive.pieces >= if write { all } else { read },
            Rule::Voters { majority } => alive.pieces >= 1 && alive.pieces + alive.witnesses >= majority,
            Rule::Primary { others } => alive.primary && (!write || alive.pieces > others),
            Rule::Promoted { majority, fenced } => {
                alive.pieces >= 1 && (alive.witnesses >= majority || (!fenced && alive.primary))
            }
        }
    }

    /// Whether reads and writes require the same replicas.
    fn alike(&self) -> bool {
        match self.rule {
            Rule::AtLeast { read, write } => read == write,
            Rule::Primary { others } => others == 0,
            Rule::Voters { .. } | Rule::Promoted { .. } => true,
        }
    }

    /// Whether a write requires at least as many replicas as a read.
    fn write_is_harder(&self) -> bool {
        !matches!(self.rule, Rule::AtLeast { read, write } if read > write)
    }

    /// The probability that it works, given the replicas and witnesses in working zones; `each` is
    /// the availability of one. None if there are too many replicas.
    fn given(&self, each: f64, pieces: u32, witnesses: u32, primary: bool, write: bool) -> Option<f64> {
        if let Rule::AtLeast { read, write: all } = self.rule {
            let needed = if write { all } else { read };
            return if needed > pieces { Some(0.0) } else { k_of_n(each, needed, pieces).map(|a| a.availability) };
        }
        let others = binomial(each, pieces - u32::from(primary));
        let votes = binomial(each, witnesses);
        let mut sum = 0.0;
        for (first, p) in [(true, if primary { each } else { 0.0 }), (false, if primary { 1.0 - each } else { 1.0 })] {
            for (up, q) in (0_u32..).zip(&others) {
                for (voting, r) in (0_u32..).zip(&votes) {
                    let alive = Alive { pieces: up + u32::from(first), witnesses: voting, primary: first };
                    if self.works(alive, write) {
                        sum += p * q * r;
                    }
                }
            }
        }
        Some(sum)
    }
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
        Reason::missing_as(c, "availability", format!("`{}` does not say the `availability` of one replica", c.name))
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
            format!("`{}` is asked for {used} of what it has at the peak: how long it fails is not known", c.name),
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
        Reason::missing_as(c, "availability", format!("`{}` does not say the `availability` of one replica", c.name))
    })?;
    let Some(serve) = c.kind.facets.serve.filter(|_| !provided(c)) else { return Ok(Up::fixed(each)) };
    let g = any_node(model, zones, c)?;
    up(&g, zones, c, serve, each)
}

/// The nodes of a cache, any one of which is enough.
///
/// # Errors
/// The reason why their placement is unknown.
pub fn any_node(model: &Model, zones: &Zones, c: &Component) -> Result<Group, Reason> {
    let nodes = within_limit(c, c.placement(&model.system)?)?;
    Ok(Group::one_is_enough(live(zones, &nodes.by_zone())))
}

/// The availability of a group in each state of the zones, for each placement of its primary.
fn up(g: &Group, zones: &Zones, c: &Component, serve: Serve, each: f64) -> Result<Up, Reason> {
    if let Some(why) = zones.unknown.as_ref() {
        return Err(Reason::of(ReasonKind::Contradiction, c, format!("`{}`, {why}", c.name)));
    }
    let all: u32 = g.pieces.iter().chain(&g.witnesses).sum();
    let too_many =
        || Reason::of(ReasonKind::TooLarge, c, format!("`{}` has more replicas than are computed here", c.name));
    if all > MOST_COPIES && !matches!(g.rule, Rule::AtLeast { .. }) {
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
                None => g.given(each, pieces, witnesses, primary, write).ok_or_else(too_many)?,
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

fn to_count(n: f64) -> u32 {
    // Counts are whole and small.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.round().clamp(0.0, 1e9) as u32;
    n
}

/// The placement, or an error above [`MOST_PIECES`] replicas.
fn within_limit(c: &Component, placement: Placement) -> Result<Placement, Reason> {
    if placement.total() > MOST_PIECES {
        return Err(Reason::of(
            ReasonKind::Contradiction,
            c,
            format!("`{}` has more replicas than are computed here", c.name),
        ));
    }
    Ok(placement)
}

/// The counts of the live zones, from counts by zone.
fn live(zones: &Zones, each: &[u32]) -> Vec<u32> {
    zones.live.iter().map(|at| each.get(*at).copied().unwrap_or(0)).collect()
}

/// The replicas of a component, and the rule by which they suffice.
///
/// # Errors
/// The reason why they are unknown: no replicas, an unknown placement or utilization, or no copy
/// in the zone of the primary.
pub fn group(model: &Model, zones: &Zones, c: &Component, u: &Utilization) -> Result<Group, Reason> {
    let serve =
        c.kind.facets.serve.ok_or_else(|| Reason::of(ReasonKind::Lost, c, format!("`{}` has no replicas", c.name)))?;
    // The copies of a queue partition are on some of the nodes only.
    let placement = within_limit(c, c.copies(&model.system)?)?;
    let pieces = live(zones, &placement.by_zone());
    let left: u32 = pieces.iter().sum();
    let mut g = Group::one_is_enough(pieces);
    let both = |n: u32| Rule::AtLeast { read: n, write: n };
    match serve {
        Serve::Processes if left <= 1 => {}
        Serve::Processes => {
            let used = u
                .utilization
                .clone()
                .map_err(|e| e.under(format!("how many replicas of `{}` the load needs", c.name)))?;
            g.rule = both(to_count((used * f64::from(left) - 1e-9).ceil()).clamp(1, left));
        }
        Serve::Nodes => {
            g.rule =
                both(c.attrs.read(keys::MIN_INSYNC).map_or(1, |n| to_count(n.mid)).min(placement.counted()).max(1));
        }
        Serve::Copies => copies(zones, c, &placement, &mut g)?,
    }
    Ok(g)
}

/// Sets the rule, witnesses and primary zones of a store from its replication.
fn copies(zones: &Zones, c: &Component, placement: &Placement, g: &mut Group) -> Result<(), Reason> {
    let witnesses = placement.witnesses_by_zone();
    let (all, votes) = (placement.counted(), placement.voters());
    let majority = |n: u32| n / 2 + 1;
    let replication = c.replication();
    let set = |key: Key<Number>| c.attrs.read(key).map(|n| to_count(n.mid));
    if let Some(w) = &witnesses {
        g.witnesses = live(zones, w);
    }
    let waits = c.attrs.read(keys::ON_SYNC_LOSS) == Some(OnSyncLoss::Block)
        && matches!(replication, Some(Replication::Sync | Replication::SemiSync));
    let others = if waits { set(keys::SYNC_REPLICAS).unwrap_or(1) } else { 0 };
    match replication {
        Some(Replication::Quorum) if witnesses.is_none() => {
            let half = majority(all);
            g.rule = Rule::AtLeast { read: set(keys::R).unwrap_or(half), write: set(keys::W).unwrap_or(half) };
            return Ok(());
        }
        Some(Replication::Quorum | Replication::Consensus) => {
            g.rule = Rule::Voters { majority: majority(all + votes) };
            return Ok(());
        }
        Some(Replication::MultiPrimary) => return Ok(()),
        Some(Replication::None | Replication::Async | Replication::SemiSync | Replication::Sync) | None => {}
    }
    let auto = c.attrs.read(keys::FAILOVER).and_then(Failover::of) == Some(Failover::Auto);
    if auto && witnesses.is_none() {
        g.rule = Rule::AtLeast { read: 1, write: 1 + others };
        return Ok(());
    }
    let mut primary_zones = primaries(zones, c, placement, g)?;
    let fenced = c.attrs.read(keys::FENCED) == Some(true);
    if auto {
        g.rule = Rule::Promoted { majority: majority(votes), fenced };
        if fenced {
            // A fenced primary counts like any other copy.
            primary_zones.clear();
        }
    } else {
        g.rule = Rule::Primary { others };
        // A lost primary is replaced by a copy in any zone that holds one.
        primary_zones.retain(Option::is_some);
        if primary_zones.is_empty() {
            primary_zones = holders(g);
        }
    }
    let mut primary_zones = primary_zones.into_iter();
    g.primary = primary_zones.next().flatten();
    g.elsewhere = primary_zones.collect();
    Ok(())
}

/// The live zones that hold a copy.
fn holders(g: &Group) -> Vec<Option<usize>> {
    g.pieces.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, _)| Some(at)).collect()
}

/// The live zones that the primary is, or may be, in; the entry none if it may be lost.
fn primaries(zones: &Zones, c: &Component, placement: &Placement, g: &Group) -> Result<Vec<Option<usize>>, Reason> {
    let mut out = holders(g);
    let live_zone = |at: &Location| zones.live.iter().position(|z| *z == placement.zone_of(*at));
    match &placement.primary {
        Primary::In(at) => out.retain(|z| live_zone(at) == *z),
        Primary::OneOf(all) => {
            if all.iter().any(|at| !out.contains(&live_zone(at))) {
                out.push(None);
            }
        }
        Primary::Nowhere => {
            return Err(Reason::of(
                ReasonKind::Lost,
                c,
                format!("`{}` has no copy in the zone of its `primary`", c.name),
            ));
        }
    }
    Ok(out)
}
