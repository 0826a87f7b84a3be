//! Group: the replicas of a component by zone, and the rule by which they suffice.
//!
//! In: replicas and their zones, replication, utilization. Out: whether a read or a write works with
//! some of them. Never: a probability.
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

use crate::analysis::ground::resource::Utilization;
use crate::analysis::ground::zones::Zones;
use crate::kinds::Serve;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys;
use crate::model::keys::{Key, Number};
use crate::model::{Component, Location, Model, Placement, Primary};
use crate::resource::{Failover, OnSyncLoss, Replication};

/// Largest number of replicas of one component.
const MOST_PIECES: u32 = 10_000_000;
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
    pub fn one_is_enough(pieces: Vec<u32>) -> Self {
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
    pub fn works(&self, alive: Alive, write: bool) -> bool {
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
    pub fn alike(&self) -> bool {
        match self.rule {
            Rule::AtLeast { read, write } => read == write,
            Rule::Primary { others } => others == 0,
            Rule::Voters { .. } | Rule::Promoted { .. } => true,
        }
    }

    /// Whether a write requires at least as many replicas as a read.
    pub fn write_is_harder(&self) -> bool {
        !matches!(self.rule, Rule::AtLeast { read, write } if read > write)
    }

    /// The replicas that a write (`true`) or a read requires, if their number alone decides.
    pub fn least(&self, write: bool) -> Option<u32> {
        match self.rule {
            Rule::AtLeast { read, write: all } => Some(if write { all } else { read }),
            Rule::Voters { .. } | Rule::Primary { .. } | Rule::Promoted { .. } => None,
        }
    }
}

/// The nodes of a cache, any one of which is enough.
///
/// # Errors
/// The reason why their placement is unknown.
pub fn any_node(model: &Model, zones: &Zones, c: &Component) -> Result<Group, Reason> {
    let nodes = within_limit(c, c.placement(&model.system)?)?;
    Ok(Group::one_is_enough(live(zones, &nodes.by_zone())))
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
        Serve::Copies => set_replication(zones, c, &placement, &mut g)?,
    }
    Ok(g)
}

/// Sets the rule, witnesses and primary zones of a store from its replication.
fn set_replication(zones: &Zones, c: &Component, placement: &Placement, g: &mut Group) -> Result<(), Reason> {
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
