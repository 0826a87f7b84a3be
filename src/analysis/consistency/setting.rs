//! What a store's attributes say about its copies.
//!
//! In: a component. Out: where an answer comes from ([`Source`]), its copies with their
//! rules ([`Copies`]), what a failover may lose. What the design does not say is never
//! guessed: all that it may be is returned, each with what it takes for granted.

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
use crate::model::{Component, Locations, Origin, Placement, Primary as Leader, System, Value};
use std::collections::BTreeSet;

/// A source with what is not said that could make it stronger, and what is taken for granted.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// The weakest that it may be.
    pub source: Source,
    /// What the design does not say.
    pub open: Vec<Reason>,
    /// What is taken for granted.
    pub assumed: Vec<String>,
}

/// One way the copies may be, with the attributes it takes for granted.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// The copies.
    pub copies: Copies,
    /// Attributes that the design does not say.
    pub unsaid: Vec<&'static str>,
}

/// Which copy a read asks: its own `from`, else the store's `read_from`.
#[must_use]
pub fn from<'a>(c: &'a Component, call: Option<&'a str>) -> &'a str {
    call.unwrap_or_else(|| c.attrs.read(keys::READ_FROM).unwrap_or("primary"))
}

/// Whether any copy may answer such a read.
#[must_use]
pub fn any_copy(from: &str) -> bool {
    from == "replica" || from == "any"
}

fn number(c: &Component, name: &str) -> Option<f64> {
    c.attrs.number(name).map(|n| n.mid)
}

fn missing(c: &Component, name: &'static str) -> Reason {
    Reason::missing(c, name)
}

/// Copies of each datum; at least 2 where it is not known.
fn copies(c: &Component) -> usize {
    c.replicas().map_or(2, whole)
}

/// How copies follow a write: what is written, `none` for one copy, or nothing said.
fn replication(c: &Component) -> Option<&str> {
    match c.attrs.read(keys::REPLICATION) {
        None if copies(c) <= 1 => Some("none"),
        Some("async" | "semi_sync" | "sync") if copies(c) <= 1 => Some("none"),
        other => other,
    }
}

fn blocks(c: &Component) -> bool {
    c.attrs.read(keys::ON_SYNC_LOSS) == Some("block")
}

/// Whether a promotion may lack acknowledged writes, with nothing else failed.
fn lossy(c: &Component) -> bool {
    matches!(replication(c), Some("async") | None) && c.attrs.read(keys::FAILOVER) != Some("none")
}

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

/// Where an operation's answer comes from.
#[must_use]
pub fn source(c: &Component, writes: bool, call_from: Option<&str>) -> Given {
    let facets = c.kind.facets;
    if facets.external {
        let model = c.attrs.read(keys::CONSISTENCY).and_then(named_model);
        return Given::of(Source::Promised(model.map_or(Bits::NONE, |m| m.bits)));
    }
    if facets.buffers || (facets.managed && replication(c) == Some("none")) {
        return Given::of(Source::Agreed);
    }
    let replica = !writes && any_copy(from(c, call_from));
    let lag = number(c, "max_lag");
    if !writes && call_from != Some("primary") {
        // The primary, when it is asked for, has the record itself; else the index answers.
        if let Some(refresh) = number(c, "refresh") {
            return Given::of(Source::Index { refresh: Some(refresh) });
        }
    }
    let mut out = match replication(c) {
        Some("none") => Given::of(Source::Agreed),
        Some("consensus") => Given::of(if replica {
            Source::Replica { lag, session: session(c), agreed: true, lossy: false }
        } else {
            Source::Agreed
        }),
        Some("multi_primary") => Given::of(Source::MultiPrimary),
        Some("quorum") => quorum(c),
        Some(_) if replica => Given::of(Source::Replica { lag, session: session(c), agreed: false, lossy: lossy(c) }),
        Some(_) => Given::of(Source::Primary { lossy: lossy(c), lag }),
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
        Source::Primary { lossy: false, .. } if replication(c) == Some("semi_sync") && !blocks(c) => {
            out.assumed.push(format!("`{}` fails over before a commit stops waiting for its replica", c.name));
        }
        _ => {}
    }
    out
}

fn quorum(c: &Component) -> Given {
    let n = copies(c);
    let half = n / 2 + 1;
    let of = |name: &str| number(c, name).map_or(half, whole);
    let local =
        c.attrs.read(keys::LOCAL_QUORUM) == Some(true) && c.attrs.read(keys::REGIONS).unwrap_or_default().len() > 1;
    let (r, w) = (of("r"), of("w"));
    let strict = r + w > n && c.attrs.read(keys::SLOPPY) != Some(true) && !local;
    let (repair, clock) = (c.attrs.read(keys::READ_REPAIR), c.attrs.read(keys::CLOCK));
    let mut open = Vec::new();
    if strict {
        open.extend(clock.is_none().then(|| missing(c, "clock")));
        // Where it decides.
        open.extend((repair.is_none() && 2 * r > n && r < n).then(|| missing(c, "read_repair")));
    }
    let mut assumed = Vec::new();
    if strict && clock == Some("wall") {
        assumed.push(format!(
            "nothing of `{}` holds across nodes whose clocks differ by more than the gap of two writes",
            c.name
        ));
    }
    let repair = Repair::of(repair == Some("blocking"), r, n);
    let source = Source::Quorum { strict, repair, logical: clock == Some("logical") };
    Given { source, open, assumed }
}

/// Acknowledged writes that one failure may lose, in seconds.
///
/// # Errors
/// What the design does not say.
pub fn rpo(c: &Component) -> Known {
    let inf = f64::INFINITY;
    let facets = c.kind.facets;
    let lag = number(c, "max_lag").unwrap_or(inf);
    if facets.buffers {
        return queue_rpo(c);
    }
    if facets.managed && replication(c) == Some("none") {
        return Ok(0.0);
    }
    c.replicas()?;
    match replication(c) {
        Some("none") => Ok(c.attrs.read(keys::BACKUP).and_then(|b| b.read(keys::EVERY)).map_or(inf, |e| e.mid)),
        Some("async" | "multi_primary") => Ok(lag),
        Some("quorum") => {
            let n = copies(c);
            let w = number(c, "w").map_or(n / 2 + 1, whole);
            Ok(if c.attrs.read(keys::SLOPPY) == Some(true) || w < 2 { lag } else { 0.0 })
        }
        Some(_) => Ok(0.0),
        None => Err(missing(c, "replication")),
    }
}

fn queue_rpo(c: &Component) -> Known {
    let n = match c.attrs.attr(keys::REPLICAS) {
        Some(a) if a.origin == Origin::Kind && c.engine.is_none() => {
            return Err(missing(c, "replicas"));
        }
        _ => whole(c.replicas()?),
    };
    let inf = f64::INFINITY;
    Ok(match (c.attrs.read(keys::ACKS), c.attrs.read(keys::CONFIRMS)) {
        (Some("none"), _) | (_, Some(false)) => inf,
        _ if n <= 1 => inf,
        (Some("leader"), _) => inf,
        (Some(_), _) if c.attrs.read(keys::UNCLEAN_ELECTION) == Some(true) => inf,
        (Some(_), _) => {
            let least = number(c, "min_insync").ok_or_else(|| missing(c, "min_insync"))?;
            if least < 2.0 { inf } else { 0.0 }
        }
        (None, Some(true)) => 0.0,
        (None, None) => return Err(missing(c, "acks")),
    })
}

/// What a publish or a write asks of the copies.
#[must_use]
pub fn ask(c: &Component, writes: bool, call_from: Option<&str>) -> Ask {
    if !writes {
        return if any_copy(from(c, call_from)) { Ask::ReadAny } else { Ask::Read };
    }
    match (c.attrs.read(keys::ACKS), c.attrs.read(keys::CONFIRMS)) {
        (Some("none"), _) | (_, Some(false)) if c.kind.facets.buffers => Ask::WriteBlind,
        (Some("leader"), _) => Ask::WriteOne,
        _ => Ask::Write,
    }
}

/// Most copies that are told apart.
const MOST: u32 = 10_000;

/// A count as a whole number.
fn whole(n: f64) -> usize {
    // Counts of replicas are whole and small.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let n = n.clamp(0.0, f64::from(MOST)) as usize;
    n
}

/// Copies of which `up` are up, in a place.
fn stand(place: Place, all: u32, up: u32) -> impl Iterator<Item = Copy> {
    (0..all.min(MOST)).map(move |i| Copy { place, up: i < up })
}

/// Voters: those that are written, else one in each zone of some regions.
fn voters(system: &System, placement: &Placement, regions: &BTreeSet<usize>) -> Vec<Copy> {
    let live = |p: Place| u32::from(!system.lost.contains(&p));
    if let Some(each) = placement.witnesses_designed() {
        return each.iter().enumerate().flat_map(|(p, n)| stand(p, *n, n * live(p))).collect();
    }
    let places = &system.locations;
    let all = (0..places.count()).filter(|p| places.region.get(*p).is_some_and(|r| regions.contains(r)));
    all.flat_map(|place| stand(place, 1, live(place))).collect()
}

/// The regions of some places.
fn regions(places: &Locations, of: impl IntoIterator<Item = Place>) -> BTreeSet<usize> {
    of.into_iter().filter_map(|p| places.region.get(p).copied()).collect()
}

/// What is taken for granted about the copies of a store.
#[must_use]
pub fn assumptions(c: &Component) -> Vec<String> {
    let mut out = Vec::new();
    let elected = c.attrs.read(keys::FAILOVER) == Some("auto") || (c.kind.facets.buffers && copies(c) > 1);
    if elected
        && !matches!(replication(c), Some("consensus" | "quorum" | "multi_primary" | "none"))
        && c.attrs.attr(keys::WITNESSES).is_none()
    {
        out.push(format!("who elects for `{}` has one voter in each zone of its region", c.name));
    }
    out
}

/// All ways the copies of a store may be, given what the design says.
///
/// # Errors
/// When their number is not known.
pub fn ways(c: &Component, system: &System) -> Result<Vec<Way>, Reason> {
    let facets = c.kind.facets;
    if facets.managed && replication(c) == Some("none") {
        return Ok(vec![Way { copies: Copies { all: Vec::new(), rules: Rules::Everywhere }, unsaid: Vec::new() }]);
    }
    let placement = c.copies(system)?;
    let each = placement.designed().iter().zip(placement.left()).enumerate();
    let all: Vec<Copy> = each.flat_map(|(place, (n, left))| stand(place, *n, *left)).collect();
    let said = |rules: Rules| Ok(vec![Way { copies: Copies { all: all.clone(), rules }, unsaid: Vec::new() }]);
    let first = |of: &[Place]| all.iter().position(|copy| of.contains(&copy.place));
    let leader = c.attrs.read(keys::PRIMARY).and_then(|_| match &placement.primary {
        Leader::In(at) => first(&[*at]),
        Leader::OneOf(of) => first(of),
        Leader::Nowhere => None,
    });
    if facets.buffers {
        return log_ways(c, system, &placement, &all);
    }
    match replication(c) {
        Some("none") => said(Rules::Consensus(None)),
        Some("consensus") => said(Rules::Consensus(leader)),
        Some("multi_primary") => said(Rules::MultiPrimary),
        Some("quorum") if c.attrs.read(keys::LOCAL_QUORUM) == Some(true) => {
            said(Rules::LocalQuorum(system.locations.region.clone()))
        }
        Some("quorum") => {
            let half = all.len() / 2 + 1;
            let of = |name: &str| number(c, name).map_or(half, whole);
            let nodes = number(c, "nodes").map_or(all.len(), whole).max(all.len());
            let more: Vec<Place> = c.locations(system).into_iter().filter(|p| !system.lost.contains(p)).collect();
            let spare = more.iter().cycle().take(if more.is_empty() { 0 } else { nodes - all.len() });
            let stand_in = all.iter().copied().chain(spare.map(|place| Copy { place: *place, up: true })).collect();
            let sloppy = (c.attrs.read(keys::SLOPPY) == Some(true)).then_some(stand_in);
            said(Rules::Quorum { r: of("r"), w: of("w"), sloppy })
        }
        named => Ok(primary_ways(c, (system, &placement), &all, named, leader)),
    }
}

/// Copies that follow a primary, in all ways that the design leaves open.
fn primary_ways(
    c: &Component,
    (system, placement): (&System, &Placement),
    all: &[Copy],
    named: Option<&str>,
    leader: Option<usize>,
) -> Vec<Way> {
    let written = c.attrs.attr(keys::PRIMARY).is_some();
    let firsts: Vec<usize> = match leader {
        Some(l) => vec![l],
        // One copy of each place is like the others there.
        None => (0..all.len()).filter(|i| all.iter().position(|x| Some(x) == all.get(*i)) == Some(*i)).collect(),
    };
    let failovers: &[&str] = match c.attrs.read(keys::FAILOVER) {
        Some("auto") => &["auto"],
        Some(_) => &["none"],
        None => &["auto", "none"],
    };
    let kinds: &[&str] = match named {
        Some("sync") => &["sync"],
        Some("semi_sync") => &["semi_sync"],
        Some(_) => &["async"],
        None => &["async", "sync"],
    };
    let fences: &[bool] = match c.attrs.read(keys::FENCED) {
        Some(true) => &[true],
        Some(false) => &[false],
        None => &[true, false],
    };
    let followers = all.len().saturating_sub(1);
    let waits = number(c, "sync_replicas").map(whole);
    let mut out = Vec::new();
    for at in firsts.iter().copied() {
        // Who promotes by itself is where the primary is: across regions somebody decides.
        let voters = voters(system, placement, &regions(&system.locations, all.get(at).map(|x| x.place)));
        for failover in failovers {
            for kind in kinds {
                let fences = if *failover == "auto" { fences } else { &[false] };
                for fenced in fences {
                    let in_step = match *kind {
                        "sync" => waits.unwrap_or(followers).min(followers),
                        "semi_sync" => waits.unwrap_or(1).min(followers),
                        _ => 0,
                    };
                    let rules = Rules::Primary(Primary {
                        at,
                        voters: (*failover == "auto").then(|| voters.clone()),
                        fenced: *fenced,
                        in_step,
                        blocks: in_step > 0 && blocks(c),
                        sure: *kind == "sync",
                        least: number(c, "min_replicas_to_write").map_or(0, whole),
                    });
                    let mut unsaid = Vec::new();
                    unsaid.extend((firsts.len() > 1 && !written).then_some("primary"));
                    unsaid.extend((failovers.len() > 1).then_some("failover"));
                    unsaid.extend((kinds.len() > 1).then_some("replication"));
                    unsaid.extend((fences.len() > 1).then_some("fenced"));
                    out.push(Way { copies: Copies { all: all.to_vec(), rules }, unsaid });
                }
            }
        }
    }
    out
}

/// A log: its parts are led by all copies in turn, so each way is one of its parts.
fn log_ways(c: &Component, system: &System, placement: &Placement, all: &[Copy]) -> Result<Vec<Way>, Reason> {
    let agreed = c.attrs.read(keys::CONFIRMS).is_some() && c.attrs.read(keys::ACKS).is_none();
    if all.len() <= 1 || agreed {
        let copies = Copies { all: all.to_vec(), rules: Rules::Consensus(None) };
        return Ok(vec![Way { copies, unsaid: Vec::new() }]);
    }
    if c.attrs.read(keys::ACKS).is_none() {
        return Err(missing(c, "acks"));
    }
    let least = number(c, "min_insync").map_or(1, whole);
    let controllers = voters(system, placement, &regions(&system.locations, all.iter().map(|x| x.place)));
    let firsts = (0..all.len()).filter(|i| all.iter().position(|x| Some(x) == all.get(*i)) == Some(*i));
    let each = firsts.map(|leader| Way {
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

/// The places where a store has a copy that is up.
#[must_use]
pub fn homes(way: &Way) -> BTreeSet<Place> {
    way.copies.all.iter().filter(|c| c.up).map(|c| c.place).collect()
}
