//! Copies of a store and the source of its answers, from its attributes.
//!
//! In: a component. Out: the source of an answer ([`Source`]), its copies with their
//! rules ([`Copies`]), the loss by a failover. A missing attribute is never
//! guessed: every possible variant is returned, with the attributes that it assumes.

use super::copies::Ask;
use super::copies::Copies;
use super::copies::Copy;
use super::copies::Primary;
use super::copies::Rules;
use super::guarantee::Bits;
use super::guarantee::named_model;
use super::net::Place;
use super::source::Repair;
use super::source::Session;
use super::source::Source;
use crate::analysis::ground::known::Known;
use crate::model::Reason;
use crate::model::keys;
use crate::model::keys::{Key, Number};
use crate::model::{Component, Locations, Origin, Placement, Primary as Leader, System, Value};
use crate::resource::{Acks, Failover, OnSyncLoss, ReadFrom, ReadRepair, Replication, WriteClock};
use std::collections::BTreeSet;

/// A source, with missing attributes and assumptions.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The weakest possible source.
    pub source: Source,
    /// Missing attributes that could make it stronger.
    pub open: Vec<Reason>,
    /// Assumptions, as text.
    pub assumed: Vec<String>,
}

/// One possible variant of a store's copies.
#[derive(Clone, Debug, PartialEq)]
pub struct CopyVariant {
    /// The copies.
    pub copies: Copies,
    /// Missing attributes that this variant assumes a value for.
    pub unsaid: Vec<&'static str>,
}

/// The copy that a read uses: the call's `from`, else the store's `read_from`, else `primary`.
#[must_use]
pub fn from<'a>(c: &'a Component, call: Option<&'a str>) -> &'a str {
    call.unwrap_or_else(|| c.attrs.read(keys::READ_FROM).unwrap_or("primary"))
}

/// Whether any copy may answer a read with this word.
#[must_use]
pub fn any_copy(from: &str) -> bool {
    matches!(ReadFrom::of(from), Some(ReadFrom::Replica | ReadFrom::Any))
}

/// The value of a numeric attribute.
fn number(c: &Component, key: Key<Number>) -> Option<f64> {
    c.attrs.read(key).map(|n| n.mid)
}

fn missing(c: &Component, name: &'static str) -> Reason {
    Reason::missing(c, name)
}

/// Number of copies of each datum; 2 if unknown.
fn copies(c: &Component) -> usize {
    c.replicas().map_or(2, to_count)
}

/// The `replication` word: `none` for a single copy; none if it is missing.
fn replication(c: &Component) -> Option<Replication> {
    match c.replication() {
        None | Some(Replication::Async | Replication::SemiSync | Replication::Sync) if copies(c) <= 1 => {
            Some(Replication::None)
        }
        other => other,
    }
}

/// The `failover` word, if it is set.
fn failover(c: &Component) -> Option<Failover> {
    c.attrs.read(keys::FAILOVER).and_then(Failover::of)
}

/// Whether commits wait forever for lost synchronous replicas.
fn blocks(c: &Component) -> bool {
    c.attrs.read(keys::ON_SYNC_LOSS) == Some(OnSyncLoss::Block)
}

/// Whether a promoted replica may lack acknowledged writes, without a second fault.
fn lossy(c: &Component) -> bool {
    matches!(replication(c), Some(Replication::Async) | None) && failover(c) != Some(Failover::None)
}

/// The session guarantee that the attributes declare.
fn session(c: &Component) -> Session {
    match c.attrs.attr(keys::SESSION).map(|a| &a.value) {
        Some(Value::Session(w, _)) if w == "sticky" => Session::Sticky,
        Some(Value::Session(w, _)) if w == "token" => Session::Token,
        Some(Value::Session(_, Some(t))) => Session::PinPrimary(*t),
        _ => Session::None,
    }
}

impl Given {
    fn of(source: Source) -> Self {
        Self { source, open: Vec::new(), assumed: Vec::new() }
    }
}

/// The source of an operation's answer.
#[must_use]
pub fn source(c: &Component, writes: bool, call_from: Option<&str>) -> Given {
    let facets = c.kind.facets;
    if facets.external {
        let model = c.attrs.read(keys::CONSISTENCY).and_then(named_model);
        return Given::of(Source::Promised(model.map_or(Bits::NONE, |m| m.bits)));
    }
    if facets.buffers || (facets.managed && replication(c) == Some(Replication::None)) {
        return Given::of(Source::Agreed);
    }
    let replica = !writes && any_copy(from(c, call_from));
    let lag = number(c, keys::MAX_LAG);
    if !writes && call_from != Some("primary") {
        // An explicit read of the primary returns the record itself; any other read uses the index.
        if let Some(refresh) = number(c, keys::REFRESH) {
            return Given::of(Source::Index { refresh: Some(refresh) });
        }
    }
    let mut out = match replication(c) {
        Some(Replication::None) => Given::of(Source::Agreed),
        Some(Replication::Consensus) => Given::of(if replica {
            Source::Replica { lag, session: session(c), agreed: true, lossy: false }
        } else {
            Source::Agreed
        }),
        Some(Replication::MultiPrimary) => Given::of(Source::MultiPrimary),
        Some(Replication::Quorum) => quorum(c),
        Some(Replication::Async | Replication::SemiSync | Replication::Sync) if replica => {
            Given::of(Source::Replica { lag, session: session(c), agreed: false, lossy: lossy(c) })
        }
        Some(Replication::Async | Replication::SemiSync | Replication::Sync) => {
            Given::of(Source::Primary { lossy: lossy(c), lag })
        }
        None => {
            let source = if replica {
                Source::Replica { lag, session: session(c), agreed: false, lossy: true }
            } else {
                Source::Primary { lossy: true, lag }
            };
            Given { open: vec![missing(c, "replication")], ..Given::of(source) }
        }
    };
    match out.source {
        Source::Replica { lag: Some(_), .. } => {
            out.assumed.push(format!("the router of `{}` enforces its `max_lag`", c.name));
        }
        Source::Primary { lossy: true, lag: Some(_) } => {
            out.assumed.push(format!("no replica of `{}` further behind than `max_lag` is promoted", c.name));
        }
        Source::Primary { lossy: false, .. } if replication(c) == Some(Replication::SemiSync) && !blocks(c) => {
            out.assumed.push(format!("`{}` fails over before a commit stops waiting for its replica", c.name));
        }
        _ => {}
    }
    out
}

/// The source of a quorum store.
fn quorum(c: &Component) -> Given {
    let n = copies(c);
    let half = n / 2 + 1;
    let of = |key| number(c, key).map_or(half, to_count);
    let local =
        c.attrs.read(keys::LOCAL_QUORUM) == Some(true) && c.attrs.read(keys::REGIONS).unwrap_or_default().len() > 1;
    let (r, w) = (of(keys::R), of(keys::W));
    let strict = r + w > n && c.attrs.read(keys::SLOPPY) != Some(true) && !local;
    let (repair, clock) = (c.attrs.read(keys::READ_REPAIR), c.attrs.read(keys::CLOCK));
    let mut open = Vec::new();
    if strict {
        open.extend(clock.is_none().then(|| missing(c, "clock")));
        // Only if it decides the repair.
        open.extend((repair.is_none() && 2 * r > n && r < n).then(|| missing(c, "read_repair")));
    }
    let mut assumed = Vec::new();
    if strict && clock == Some(WriteClock::Wall) {
        assumed.push(format!(
            "nothing of `{}` holds across nodes whose clocks differ by more than the gap of two writes",
            c.name
        ));
    }
    let repair = Repair::of(repair == Some(ReadRepair::Blocking), r, n);
    let source = Source::Quorum { strict, repair, logical: clock == Some(WriteClock::Logical) };
    Given { source, open, assumed }
}

/// Largest loss of acknowledged writes by one failure, in seconds.
///
/// # Errors
/// The missing attribute that decides it.
pub fn rpo(c: &Component) -> Known {
    let inf = f64::INFINITY;
    let facets = c.kind.facets;
    let lag = number(c, keys::MAX_LAG).unwrap_or(inf);
    if facets.buffers {
        return queue_rpo(c);
    }
    if facets.managed && replication(c) == Some(Replication::None) {
        return Ok(0.0);
    }
    c.replicas()?;
    match replication(c) {
        Some(Replication::None) => {
            Ok(c.attrs.read(keys::BACKUP).and_then(|b| b.read(keys::EVERY)).map_or(inf, |e| e.mid))
        }
        Some(Replication::Async | Replication::MultiPrimary) => Ok(lag),
        Some(Replication::Quorum) => {
            let n = copies(c);
            let w = number(c, keys::W).map_or(n / 2 + 1, to_count);
            Ok(if c.attrs.read(keys::SLOPPY) == Some(true) || w < 2 { lag } else { 0.0 })
        }
        Some(Replication::SemiSync | Replication::Sync | Replication::Consensus) => Ok(0.0),
        None => Err(missing(c, "replication")),
    }
}

/// Largest loss of acknowledged messages of a queue by one failure, in seconds.
fn queue_rpo(c: &Component) -> Known {
    let n = match c.attrs.attr(keys::REPLICAS) {
        Some(a) if a.origin == Origin::Kind && c.engine.is_none() => {
            return Err(missing(c, "replicas"));
        }
        _ => to_count(c.replicas()?),
    };
    let inf = f64::INFINITY;
    Ok(match (c.attrs.read(keys::ACKS), c.attrs.read(keys::CONFIRMS)) {
        (Some(Acks::None), _) | (_, Some(false)) => inf,
        _ if n <= 1 => inf,
        (Some(Acks::Leader), _) => inf,
        (Some(_), _) if c.attrs.read(keys::UNCLEAN_ELECTION) == Some(true) => inf,
        (Some(_), _) => {
            let least = number(c, keys::MIN_INSYNC).ok_or_else(|| missing(c, "min_insync"))?;
            if least < 2.0 { inf } else { 0.0 }
        }
        (None, Some(true)) => 0.0,
        (None, None) => return Err(missing(c, "acks")),
    })
}

/// The kind of operation on the copies, for a read, a write or a publish.
#[must_use]
pub fn ask(c: &Component, writes: bool, call_from: Option<&str>) -> Ask {
    if !writes {
        return if any_copy(from(c, call_from)) { Ask::ReadAny } else { Ask::Read };
    }
    match (c.attrs.read(keys::ACKS), c.attrs.read(keys::CONFIRMS)) {
        (Some(Acks::None), _) | (_, Some(false)) if c.kind.facets.buffers => Ask::WriteBlind,
        (Some(Acks::Leader), _) => Ask::WriteOne,
        _ => Ask::Write,
    }
}

/// Largest number of copies that are represented one by one.
const MOST: u32 = 10_000;

/// A count as a whole number.
fn to_count(n: f64) -> usize {
    // Counts of replicas are whole and small.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.clamp(0.0, f64::from(MOST)) as usize;
    n
}

/// `all` copies at a location, `up` of them up.
fn copies_at(place: Place, all: u32, up: u32) -> impl Iterator<Item = Copy> {
    (0..all.min(MOST)).map(move |i| Copy { place, up: i < up })
}

/// The voters of a failover: the declared witnesses, else one in each zone of some regions.
fn voters(system: &System, placement: &Placement, regions: &BTreeSet<usize>) -> Vec<Copy> {
    let live = |p: Place| u32::from(!system.lost.contains(&p));
    if let Some(each) = placement.witnesses_designed() {
        return each.iter().enumerate().flat_map(|(p, n)| copies_at(p, *n, n * live(p))).collect();
    }
    let places = &system.locations;
    let all = (0..places.count()).filter(|p| places.region.get(*p).is_some_and(|r| regions.contains(r)));
    all.flat_map(|place| copies_at(place, 1, live(place))).collect()
}

/// The regions of some locations.
fn regions(places: &Locations, of: impl IntoIterator<Item = Place>) -> BTreeSet<usize> {
    of.into_iter().filter_map(|p| places.region.get(p).copied()).collect()
}

/// Assumptions about the copies of a store, as text.
#[must_use]
pub fn assumptions(c: &Component) -> Vec<String> {
    let mut out = Vec::new();
    let elected = failover(c) == Some(Failover::Auto) || (c.kind.facets.buffers && copies(c) > 1);
    if elected
        && !replication(c).is_some_and(|r| r.has_no_primary() || r == Replication::None)
        && c.attrs.attr(keys::WITNESSES).is_none()
    {
        out.push(format!("who elects for `{}` has one voter in each zone of its region", c.name));
    }
    out
}

/// All possible variants of a store's copies, given its attributes. For a log they are its
/// partitions, each with its own leader.
///
/// # Errors
/// The number or placement of the copies is unknown, or `acks` is missing.
pub fn variants(c: &Component, system: &System) -> Result<Vec<CopyVariant>, Reason> {
    let facets = c.kind.facets;
    if facets.managed && replication(c) == Some(Replication::None) {
        return Ok(vec![CopyVariant {
            copies: Copies { all: Vec::new(), rules: Rules::Everywhere },
            unsaid: Vec::new(),
        }]);
    }
    let placement = c.copies(system)?;
    let each = placement.designed().iter().zip(placement.left()).enumerate();
    let all: Vec<Copy> = each.flat_map(|(place, (n, left))| copies_at(place, *n, *left)).collect();
    let only = |rules: Rules| Ok(vec![CopyVariant { copies: Copies { all: all.clone(), rules }, unsaid: Vec::new() }]);
    let first = |of: &[Place]| all.iter().position(|copy| of.contains(&copy.place));
    let leader = c.attrs.read(keys::PRIMARY).and_then(|_| match &placement.primary {
        Leader::In(at) => first(&[*at]),
        Leader::OneOf(of) => first(of),
        Leader::Nowhere => None,
    });
    if facets.buffers {
        return log_variants(c, system, &placement, &all);
    }
    match replication(c) {
        Some(Replication::None) => only(Rules::Consensus(None)),
        Some(Replication::Consensus) => only(Rules::Consensus(leader)),
        Some(Replication::MultiPrimary) => only(Rules::MultiPrimary),
        Some(Replication::Quorum) if c.attrs.read(keys::LOCAL_QUORUM) == Some(true) => {
            only(Rules::LocalQuorum(system.locations.region.clone()))
        }
        Some(Replication::Quorum) => {
            let half = all.len() / 2 + 1;
            let of = |key| number(c, key).map_or(half, to_count);
            let nodes = number(c, keys::NODES).map_or(all.len(), to_count).max(all.len());
            let more: Vec<Place> = c.locations(system).into_iter().filter(|p| !system.lost.contains(p)).collect();
            let spare = more.iter().cycle().take(if more.is_empty() { 0 } else { nodes - all.len() });
            let stand_in = all.iter().copied().chain(spare.map(|place| Copy { place: *place, up: true })).collect();
            let sloppy = (c.attrs.read(keys::SLOPPY) == Some(true)).then_some(stand_in);
            only(Rules::Quorum { r: of(keys::R), w: of(keys::W), sloppy })
        }
        named => Ok(primary_variants(c, (system, &placement), &all, named, leader)),
    }
}

/// All possible variants of copies that follow a primary.
fn primary_variants(
    c: &Component,
    (system, placement): (&System, &Placement),
    all: &[Copy],
    replication: Option<Replication>,
    leader: Option<usize>,
) -> Vec<CopyVariant> {
    let declared = c.attrs.attr(keys::PRIMARY).is_some();
    let firsts: Vec<usize> = match leader {
        Some(l) => vec![l],
        // Copies at one location are interchangeable: one of them represents all.
        None => (0..all.len()).filter(|i| all.iter().position(|x| Some(x) == all.get(*i)) == Some(*i)).collect(),
    };
    let failovers: &[Failover] = match failover(c) {
        Some(Failover::Auto) => &[Failover::Auto],
        Some(Failover::Manual | Failover::None) => &[Failover::None],
        None => &[Failover::Auto, Failover::None],
    };
    let kinds: &[Replication] = match replication {
        Some(Replication::Sync) => &[Replication::Sync],
        Some(Replication::SemiSync) => &[Replication::SemiSync],
        Some(
            Replication::None
            | Replication::Async
            | Replication::Quorum
            | Replication::Consensus
            | Replication::MultiPrimary,
        ) => &[Replication::Async],
        None => &[Replication::Async, Replication::Sync],
    };
    let fences: &[bool] = match c.attrs.read(keys::FENCED) {
        Some(true) => &[true],
        Some(false) => &[false],
        None => &[true, false],
    };
    let followers = all.len().saturating_sub(1);
    let waits = number(c, keys::SYNC_REPLICAS).map(to_count);
    let mut out = Vec::new();
    for at in firsts.iter().copied() {
        // Automatic failover has voters in the primary's region only; across regions an operator decides.
        let voters = voters(system, placement, &regions(&system.locations, all.get(at).map(|x| x.place)));
        for failover in failovers {
            for kind in kinds {
                let fences = if *failover == Failover::Auto { fences } else { &[false] };
                for fenced in fences {
                    let in_step = match *kind {
                        Replication::Sync => waits.unwrap_or(followers).min(followers),
                        Replication::SemiSync => waits.unwrap_or(1).min(followers),
                        Replication::None
                        | Replication::Async
                        | Replication::Quorum
                        | Replication::Consensus
                        | Replication::MultiPrimary => 0,
                    };
                    let rules = Rules::Primary(Primary {
                        at,
                        voters: (*failover == Failover::Auto).then(|| voters.clone()),
                        fenced: *fenced,
                        in_step,
                        blocks: in_step > 0 && blocks(c),
                        sure: *kind == Replication::Sync,
                        least: number(c, keys::MIN_REPLICAS_TO_WRITE).map_or(0, to_count),
                    });
                    let mut unsaid = Vec::new();
                    unsaid.extend((firsts.len() > 1 && !declared).then_some("primary"));
                    unsaid.extend((failovers.len() > 1).then_some("failover"));
                    unsaid.extend((kinds.len() > 1).then_some("replication"));
                    unsaid.extend((fences.len() > 1).then_some("fenced"));
                    out.push(CopyVariant { copies: Copies { all: all.to_vec(), rules }, unsaid });
                }
            }
        }
    }
    out
}

/// A log: each copy leads some of its partitions, so each variant is one partition.
fn log_variants(
    c: &Component,
    system: &System,
    placement: &Placement,
    all: &[Copy],
) -> Result<Vec<CopyVariant>, Reason> {
    let agreed = c.attrs.read(keys::CONFIRMS).is_some() && c.attrs.read(keys::ACKS).is_none();
    if all.len() <= 1 || agreed {
        let copies = Copies { all: all.to_vec(), rules: Rules::Consensus(None) };
        return Ok(vec![CopyVariant { copies, unsaid: Vec::new() }]);
    }
    if c.attrs.read(keys::ACKS).is_none() {
        return Err(missing(c, "acks"));
    }
    let least = number(c, keys::MIN_INSYNC).map_or(1, to_count);
    let controllers = voters(system, placement, &regions(&system.locations, all.iter().map(|x| x.place)));
    let firsts = (0..all.len()).filter(|i| all.iter().position(|x| Some(x) == all.get(*i)) == Some(*i));
    let each = firsts.map(|leader| CopyVariant {
        copies: Copies {
            all: all.to_vec(),
            rules: Rules::Log {
                leader,
                in_step: (0..all.len()).collect(),
                least,
                controllers: controllers.clone(),
                unclean: c.attrs.read(keys::UNCLEAN_ELECTION) == Some(true),
            },
        },
        unsaid: Vec::new(),
    });
    Ok(each.collect())
}

/// The locations at which a store has a copy that is up.
#[must_use]
pub fn homes(variant: &CopyVariant) -> BTreeSet<Place> {
    variant.copies.all.iter().filter(|c| c.up).map(|c| c.place).collect()
}
