//! When a component works: enough of its pieces up, by the state of the zones.
//!
//! In: replicas and where they are, `availability` of one, how copies follow each other,
//! utilisation. Out: the probability in each state of the zones, exact.
//!
//! | what | works while |
//! |---|---|
//! | processes | as many are up as the load needs: utilisation x n, rounded up |
//! | `quorum` | `r` copies for a read, `w` for a write, a majority where not said |
//! | `consensus`, `quorum` with `witnesses` | a majority of copies and witnesses, a copy among them |
//! | `multi_primary` | one copy is up |
//! | `failover = auto` | one copy; with `witnesses` a majority of these too, or the primary, if it is not `fenced` |
//! | `on_sync_loss = block` | and for a write as many copies beside as a commit waits for |
//! | any other store | its primary is up: `failover` that is not said is nobody |
//! | a queue | `min_insync` copies of a partition |
//! | the provider's, an external | by its own `availability` |
//!
//! A request meets one shard. Where the design does not say the zone of a primary, each zone
//! with a copy is a way ([`crate::analysis::faults::placements`]). Source: Barlow and Proschan 1975, ch. 2.

use crate::analysis::ground::machines::{is_lost, provided};
use crate::analysis::ground::resource::Utilization;
use crate::analysis::ground::zones::Zones;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::{Component, Location, Model, Placement, Primary};
use crate::theory::reliability::k_of_n;
use crate::units::show_ratio;

/// Most copies where not only their number counts.
const MOST_COPIES: u32 = 200;
/// Most replicas of one component.
const MOST_PIECES: u32 = 10_000_000;
/// Availabilities that differ by less are the same.
pub const SAME: f64 = 1e-13;

/// The pieces of a component and what it takes for it to work.
#[derive(Clone, Debug)]
pub struct Group {
    /// By live zone: replicas, copies or nodes.
    pub pieces: Vec<u32>,
    /// By live zone: voters without data.
    pub witnesses: Vec<u32>,
    /// Where its primary is, if that matters.
    pub primary: Option<usize>,
    /// Where it may be too, nowhere if it may be lost: the design does not say.
    pub elsewhere: Vec<Option<usize>>,
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Rule {
    /// So many for a read, so many for a write.
    AtLeast { read: u32, write: u32 },
    /// A majority of all voters, a copy among them.
    Voters { majority: u32 },
    /// The primary, and for a write so many others.
    Primary { others: u32 },
    /// A copy, and a majority of witnesses that can promote it.
    Promoted { majority: u32, fenced: bool },
}

/// What is up of a group.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alive {
    /// Pieces, the primary included.
    pub pieces: u32,
    /// Witnesses.
    pub witnesses: u32,
    /// The primary.
    pub primary: bool,
}

impl Group {
    /// Pieces any of which is enough.
    fn one_is_enough(pieces: Vec<u32>) -> Self {
        let rule = Rule::AtLeast { read: 1, write: 1 };
        Self { pieces, witnesses: Vec::new(), primary: None, elsewhere: Vec::new(), rule }
    }

    /// Whether such a call needs more than the other sort does.
    #[must_use]
    pub fn is_hard(&self, write: bool) -> bool {
        !self.alike() && write == self.write_is_harder()
    }

    /// Everything that is left of it.
    #[must_use]
    pub fn all(&self) -> Alive {
        let sum = |list: &[u32]| list.iter().sum();
        Alive { pieces: sum(&self.pieces), witnesses: sum(&self.witnesses), primary: self.primary.is_some() }
    }

    /// Whether it answers what is harder, or what is easier.
    #[must_use]
    pub fn answers(&self, alive: Alive, hard: bool) -> bool {
        self.works(alive, hard == self.write_is_harder())
    }

    /// Whether it answers, for a write or for a read.
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

    /// Whether reads and writes need the same.
    fn alike(&self) -> bool {
        match self.rule {
            Rule::AtLeast { read, write } => read == write,
            Rule::Primary { others } => others == 0,
            Rule::Voters { .. } | Rule::Promoted { .. } => true,
        }
    }

    /// Whether a write needs no less than a read.
    fn write_is_harder(&self) -> bool {
        !matches!(self.rule, Rule::AtLeast { read, write } if read > write)
    }

    /// The probability that it works with so many of each in zones that do.
    fn given(&self, each: f64, pieces: u32, witnesses: u32, primary: bool, write: bool) -> Option<f64> {
        if let Rule::AtLeast { read, write: all } = self.rule {
            let needed = if write { all } else { read };
            return if needed > pieces { Some(0.0) } else { k_of_n(each, needed, pieces).map(|a| a.availability) };
        }
        let others = masses(each, pieces - u32::from(primary));
        let votes = masses(each, witnesses);
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

/// Probabilities of each number of `n` up.
fn masses(each: f64, n: u32) -> Vec<f64> {
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

/// The availability of a component by the state of the zones, with its primary in one zone.
#[derive(Clone, Debug)]
struct Way {
    /// The primary's zone, by its index among those that are left.
    at: Option<usize>,
    /// Of what is easier, a read or a write; one value where no zone matters.
    easy: Vec<f64>,
    /// Of what is harder, where the two differ.
    hard: Option<Vec<f64>>,
}

impl Way {
    /// The probability in a state: of the easier, or that the harder works too given it does.
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
    /// Where the design does not say the zone of its primary, and that matters: several.
    ways: Vec<Way>,
    /// The one that is taken.
    taken: usize,
    /// Whether a write is what is harder.
    write_is_harder: bool,
    /// Parts that all have the same.
    pub shards: f64,
}

impl Up {
    fn fixed(availability: f64) -> Self {
        let one = Way { at: None, easy: vec![availability], hard: None };
        Self { ways: vec![one], taken: 0, write_is_harder: true, shards: 1.0 }
    }

    /// Whether such a call needs what is harder to have.
    #[must_use]
    pub fn is_hard(&self, write: bool) -> bool {
        self.ways.first().is_some_and(|w| w.hard.is_some()) && write == self.write_is_harder
    }

    /// In how many ways its primary may be placed that are not alike.
    #[must_use]
    pub fn ways(&self) -> usize {
        self.ways.len()
    }

    /// The same with its primary placed in one of these ways.
    pub fn take(&mut self, way: usize) {
        self.taken = way.min(self.ways.len().saturating_sub(1));
    }

    /// The zone of the primary in one of its ways, by its index among those that are left.
    #[must_use]
    pub fn primary(&self, way: usize) -> Option<usize> {
        self.ways.get(way).and_then(|w| w.at)
    }

    /// The probability in a state: of the easier, or that the harder works too given it does.
    #[must_use]
    pub fn at(&self, state: usize, hard: bool) -> f64 {
        self.in_way(self.taken, state, hard)
    }

    /// The same in one of its ways.
    #[must_use]
    pub fn in_way(&self, way: usize, state: usize, hard: bool) -> f64 {
        self.ways.get(way).map_or(0.0, |w| w.at(state, hard))
    }

    /// The least and the most of that, over all its ways.
    #[must_use]
    pub fn ends(&self, zones: &Zones) -> (f64, f64) {
        let means = self.ways.iter().map(|w| w.mean(zones));
        means.fold((f64::INFINITY, 0.0), |(low, high), a| (low.min(a), high.max(a)))
    }

    /// The share of time that all it can be asked for works.
    #[must_use]
    pub fn availability(&self, zones: &Zones) -> f64 {
        self.ways.get(self.taken).map_or(0.0, |w| w.mean(zones))
    }
}

fn own(c: &Component) -> Option<f64> {
    c.attrs.read(keys::AVAILABILITY).map(|a| a.mid)
}

/// The availability of a component in each state of the zones.
///
/// # Errors
/// The reason why it is unknown.
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
    // Whether it is overloaded, and how many must work, follow from the load.
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

/// The same of what is lost only with the last of its nodes: a cache.
///
/// # Errors
/// The reason why it is unknown.
pub fn any_node_up(model: &Model, zones: &Zones, c: &Component) -> Result<Up, Reason> {
    let each = own(c).ok_or_else(|| {
        Reason::missing_as(c, "availability", format!("`{}` does not say the `availability` of one replica", c.name))
    })?;
    let Some(serve) = c.kind.facets.serve.filter(|_| !provided(c)) else { return Ok(Up::fixed(each)) };
    let g = any_node(model, zones, c)?;
    up(&g, zones, c, serve, each)
}

/// The nodes of a cache, of which one is enough.
///
/// # Errors
/// The reason why they are unknown.
pub fn any_node(model: &Model, zones: &Zones, c: &Component) -> Result<Group, Reason> {
    let nodes = few(c, c.placement(&model.system)?)?;
    Ok(Group::one_is_enough(live(zones, &nodes.by_zone())))
}

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
    let mut ways: Vec<Way> = Vec::new();
    for at in std::iter::once(g.primary).chain(g.elsewhere.iter().copied()) {
        let hard = if g.alike() { None } else { Some(table(harder, at)?) };
        let way = Way { at, easy: table(!harder, at)?, hard };
        if !ways.iter().any(|w| w.same(&way)) {
            ways.push(way);
        }
    }
    let shards = if serve == Serve::Copies { c.shards().unwrap_or(1.0).max(1.0) } else { 1.0 };
    let mut out = Up { ways, taken: 0, write_is_harder: harder, shards };
    // The worst of them, where the component alone is looked at.
    let means: Vec<f64> = out.ways.iter().map(|w| w.mean(zones)).collect();
    for (way, a) in means.iter().enumerate() {
        if means.get(out.taken).is_some_and(|worst| *a < worst - SAME) {
            out.taken = way;
        }
    }
    Ok(out)
}

fn whole(n: f64) -> u32 {
    // Counts are whole and small.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.round().clamp(0.0, 1e9) as u32;
    n
}

/// A placement of no more replicas than are computed here.
fn few(c: &Component, placement: Placement) -> Result<Placement, Reason> {
    if placement.total() > MOST_PIECES {
        return Err(Reason::of(
            ReasonKind::Contradiction,
            c,
            format!("`{}` has more replicas than are computed here", c.name),
        ));
    }
    Ok(placement)
}

/// Of counts by zone, those of the zones that are left.
fn live(zones: &Zones, each: &[u32]) -> Vec<u32> {
    zones.live.iter().map(|at| each.get(*at).copied().unwrap_or(0)).collect()
}

/// The pieces of a component that has some, and what it takes.
///
/// # Errors
/// The reason why that is unknown.
pub fn group(model: &Model, zones: &Zones, c: &Component, u: &Utilization) -> Result<Group, Reason> {
    let serve =
        c.kind.facets.serve.ok_or_else(|| Reason::of(ReasonKind::Lost, c, format!("`{}` has no replicas", c.name)))?;
    // A partition has its copies on some of the nodes.
    let placement = few(c, c.copies(&model.system)?)?;
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
            g.rule = both(whole((used * f64::from(left) - 1e-9).ceil()).clamp(1, left));
        }
        Serve::Nodes => {
            g.rule = both(c.attrs.read(keys::MIN_INSYNC).map_or(1, |n| whole(n.mid)).min(placement.counted()).max(1));
        }
        Serve::Copies => copies(zones, c, &placement, &mut g)?,
    }
    Ok(g)
}

fn copies(zones: &Zones, c: &Component, placement: &Placement, g: &mut Group) -> Result<(), Reason> {
    let witnesses = placement.witnesses_by_zone();
    let (all, votes) = (placement.counted(), placement.voters());
    let majority = |n: u32| n / 2 + 1;
    let replication = c.attrs.read(keys::REPLICATION).unwrap_or("");
    let says = |name: &str| c.attrs.number(name).map(|n| whole(n.mid));
    if let Some(w) = &witnesses {
        g.witnesses = live(zones, w);
    }
    let waits = c.attrs.read(keys::ON_SYNC_LOSS) == Some("block") && ["sync", "semi_sync"].contains(&replication);
    let others = if waits { says("sync_replicas").unwrap_or(1) } else { 0 };
    match replication {
        "quorum" if witnesses.is_none() => {
            let half = majority(all);
            g.rule = Rule::AtLeast { read: says("r").unwrap_or(half), write: says("w").unwrap_or(half) };
            return Ok(());
        }
        "quorum" | "consensus" => {
            g.rule = Rule::Voters { majority: majority(all + votes) };
            return Ok(());
        }
        "multi_primary" => return Ok(()),
        _ => {}
    }
    let auto = c.attrs.read(keys::FAILOVER) == Some("auto");
    if auto && witnesses.is_none() {
        g.rule = Rule::AtLeast { read: 1, write: 1 + others };
        return Ok(());
    }
    let mut firsts = primaries(zones, c, placement, g)?;
    let fenced = c.attrs.read(keys::FENCED) == Some(true);
    if auto {
        g.rule = Rule::Promoted { majority: majority(votes), fenced };
        if fenced {
            // Any copy is as good as it.
            firsts.clear();
        }
    } else {
        g.rule = Rule::Primary { others };
        // After a loss of it the copy that somebody promotes.
        firsts.retain(Option::is_some);
        if firsts.is_empty() {
            firsts = holders(g);
        }
    }
    let mut firsts = firsts.into_iter();
    g.primary = firsts.next().flatten();
    g.elsewhere = firsts.collect();
    Ok(())
}

/// The zones among those that are left that hold a copy.
fn holders(g: &Group) -> Vec<Option<usize>> {
    g.pieces.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, _)| Some(at)).collect()
}

/// The zones of the primary among those that are left: where it is, or where it may be; none if
/// it may be lost.
fn primaries(zones: &Zones, c: &Component, placement: &Placement, g: &Group) -> Result<Vec<Option<usize>>, Reason> {
    let mut out = holders(g);
    let live = |at: &Location| zones.live.iter().position(|z| *z == placement.zone_of(*at));
    match &placement.primary {
        Primary::In(at) => out.retain(|z| live(at) == *z),
        Primary::OneOf(all) => {
            if all.iter().any(|at| !out.contains(&live(at))) {
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
