//! Components as stations: what one call meets there.
//!
//! In: a model. Out: stations, times, lookups, round trips, or why one is not simulated. All of it is read
//! straight from the design: no analysis is asked. Never: a list of calls.

use super::super::program::{Choice, Contents, Copies, Limit, Lookup, NONE, Program, Scope, Station};
use super::super::random::{Keys, Time};
use crate::base;
use crate::kinds::{Absorb, Serve};
use crate::model::keys::{self, Key, Number};
use crate::model::{Attrs, Call, CompId, Component, Known, Latency, Model, Origin, Reason, ReasonKind, Step, Value};
use crate::resource::{CountedPer, Eviction, Policy, ReadFrom, ReplicaState, Replication};

/// Keys of one cache at most: each takes 16 bytes in each replication.
const MOST_KEYS: f64 = 2e6;
/// Replicas of one component at most.
const MOST_REPLICAS: f64 = 1e5;

/// A count; `what` names it in the reason.
pub(super) fn whole(c: &Component, n: f64, most: f64, what: &str) -> Result<u32, Reason> {
    if n > most {
        let why = format!("`{}` has more than {most} {what}, which are not simulated", c.name);
        return Err(Reason::of(ReasonKind::TooLarge, c, why));
    }
    Ok(base::whole(n, 0, u32::MAX))
}

fn number(attrs: &Attrs, key: Key<Number>) -> Option<f64> {
    attrs.read(key).map(|n| n.mid)
}

fn small(c: &Component, key: Key<Number>) -> Result<Option<u32>, Reason> {
    number(&c.attrs, key).map(|n| whole(c, n, 1e9, key.name())).transpose()
}

/// Whether nothing is left of a component that could answer: no replica, or too few for its quorum.
fn is_lost(model: &Model, c: &Component) -> Result<bool, Reason> {
    if !c.lost.any() || c.lost.all {
        return Ok(c.lost.all);
    }
    let Some(serve) = c.kind.facets.serve else { return Ok(false) };
    if serve != Serve::Copies {
        return Ok(c.replicas_left(&model.system)? < 1.0);
    }
    let (all, left) = (c.replicas()?, c.replicas_left(&model.system)?);
    let place = c.placement(&model.system)?;
    let voters = f64::from(place.voters());
    let votes = left + place.witnesses().map_or(0.0, |w| f64::from(w.iter().sum::<u32>()));
    let majority = f64::midpoint(all, voters).floor() + 1.0;
    let needed = match c.replication() {
        Some(Replication::Consensus) => majority,
        Some(Replication::Quorum) => {
            let of = |key| number(&c.attrs, key).unwrap_or(majority);
            of(keys::R).min(of(keys::W))
        }
        _ => 1.0,
    };
    Ok(left < 1.0 || votes < needed)
}

/// The station of a component, without its limits.
pub(super) fn station(model: &Model, c: &Component, program: &mut Program) -> Result<Station, Reason> {
    let mut out = Station {
        name: c.name.clone(),
        first: program.replicas,
        replicas: 0,
        shards: 1,
        busiest: 1.0,
        has_primary: false,
        cores: 1,
        threads: None,
        max_queue: None,
        max_connections: None,
        limit: None,
        lost: is_lost(model, c)?,
    };
    out.limit = limit(c);
    let Some(serve) = c.kind.facets.serve.filter(|_| !c.is_provided()) else { return Ok(out) };
    let replicas = match serve {
        Serve::Processes => c.replicas_left(&model.system)?,
        Serve::Nodes => c.nodes_left(&model.system)?,
        Serve::Copies => {
            out.has_primary = !c.replication().unwrap_or_default().has_no_primary();
            out.shards = whole(c, c.shards()?, MOST_REPLICAS, "shards")?.max(1);
            let skew = number(&c.attrs, keys::SHARD_SKEW).unwrap_or(1.0);
            out.busiest = (skew / f64::from(out.shards)).clamp(1.0 / f64::from(out.shards), 1.0);
            c.replicas_left(&model.system)? * f64::from(out.shards)
        }
    };
    out.replicas = whole(c, replicas, MOST_REPLICAS, "replicas")?.max(1);
    out.cores = whole(c, (c.processor(&model.system)?.cores - 1e-9).ceil(), 1e4, "cores")?.max(1);
    out.threads = small(c, keys::THREADS)?.map(|n| n.max(1));
    out.max_queue = small(c, keys::MAX_QUEUE)?;
    out.max_connections = small(c, keys::MAX_CONNECTIONS)?;
    program.replicas += out.replicas;
    Ok(out)
}

/// The rate limit of a component.
fn limit(c: &Component) -> Option<Limit> {
    let key = if c.kind.facets.external { keys::LIMIT } else { keys::RATE_LIMIT };
    let Some(Value::Limit(rate, scope)) = c.attrs.read(key) else { return None };
    let burst = number(&c.attrs, keys::BURST).unwrap_or(rate.mid).max(1.0);
    let scope = match scope {
        None => Scope::Replica,
        Some(CountedPer::Route) => Scope::Flow,
        Some(CountedPer::Client | CountedPer::Ip | CountedPer::User) => Scope::Caller,
    };
    Some(Limit { scope, rate: rate.mid, burst })
}

/// CPU time of a call.
pub(super) fn cpu(model: &Model, c: &Component, op: &str, call: &Attrs) -> Result<Time, Reason> {
    if c.kind.facets.serve.is_none() || c.is_provided() {
        return Ok(Time::ZERO);
    }
    let own = c.attrs.op(op).and_then(|o| o.read(keys::CPU));
    let law: Latency = call
        .read(keys::CPU)
        .or(own)
        .or_else(|| c.attrs.read(keys::CPU))
        .ok_or_else(|| Reason::missing_as(c, "cpu", format!("`{}` does not set the `cpu` of `{op}`", c.name)))?;
    let processor = c.processor(&model.system)?;
    // A part of a core works at that part of its speed.
    let speed = processor.speed * processor.cores / (processor.cores - 1e-9).ceil().max(1.0);
    Ok(Time::of(law, speed))
}

/// Time of a call without CPU: its `wait`, or the latency of an external system.
pub(super) fn wait(model: &Model, c: &Component, op: &str, call: &Attrs) -> Result<Time, Reason> {
    if c.kind.facets.external {
        let law = c.attrs.read(keys::LATENCY).ok_or_else(|| Reason::missing(c, "latency"))?;
        return Ok(Time::of(law, 1.0));
    }
    let provided = c.kind.facets.serve.is_none() || c.is_provided();
    // A kind's default is the time of the provider's own service.
    let common =
        c.attrs.peek_at(keys::WAIT).filter(|a| a.origin != Origin::Kind || model.system.has_provider && provided);
    let law = call
        .read(keys::WAIT)
        .or_else(|| c.attrs.op(op).and_then(|o| o.read(keys::WAIT)))
        .or_else(|| common.and_then(|_| c.attrs.read(keys::WAIT)));
    Ok(law.map_or(Time::ZERO, |l| Time::of(l, 1.0)))
}

/// The round trip between two components, seconds; between copies in different zones.
pub(super) fn trips(model: &Model, from: &Component, to: &Component, in_zone: bool) -> (f64, f64) {
    let block = model.system.attrs.read(keys::NETWORK);
    let get = |key: Key<Number>| block.and_then(|b| b.read(key)).map_or(0.0, |n| n.mid);
    // The number of zones is small.
    #[allow(clippy::cast_precision_loss)]
    let zones = model.system.zones.len().max(1) as f64;
    let inside = (get(keys::ZONE) + (zones - 1.0) * get(keys::CROSS_ZONE)) / zones;
    let edge = |c: &Component| c.kind.facets.absorb == Some(Absorb::Hit);
    let people = from.kind.facets.origin && !from.kind.facets.managed;
    let trip = if people && edge(to) {
        get(keys::EDGE)
    } else if people || edge(from) || edge(to) {
        get(keys::CLIENT)
    } else if in_zone {
        get(keys::ZONE)
    } else {
        inside
    };
    (trip, if zones > 1.0 { get(keys::CROSS_ZONE) } else { get(keys::ZONE) })
}

/// How a caller chooses a replica of its callee.
pub(super) fn choice(from: &Component, to: &Component) -> Choice {
    if to.kind.facets.serve != Some(Serve::Processes) {
        return Choice::Random;
    }
    if from.kind.facets.buffers {
        return Choice::Slot;
    }
    let policy = from.attrs.read(keys::POLICY).filter(|_| from.kind.facets.balances).and_then(Policy::of);
    match policy {
        Some(Policy::RoundRobin) => Choice::InTurn,
        Some(Policy::LeastConnections) => Choice::Fewest,
        Some(Policy::Failover) => Choice::First,
        Some(Policy::Random | Policy::Hash | Policy::Nearest | Policy::Weighted) | None => Choice::Random,
    }
}

/// Which copies of a store serve a call.
pub(super) fn copies(model: &Model, c: &Component, call: &Call) -> Result<Copies, Reason> {
    if c.kind.facets.serve != Some(Serve::Copies) || c.is_provided() {
        return Ok(Copies::Any);
    }
    let all = whole(c, c.replicas()?, MOST_REPLICAS, "replicas")?.max(1);
    let left = whole(c, c.replicas_left(&model.system)?, MOST_REPLICAS, "replicas")?.max(1);
    let majority = all / 2 + 1;
    let replication = c.replication().unwrap_or_default();
    let read = |key: Key<Number>, default: u32| -> Result<u32, Reason> {
        let n = number(&c.attrs, key).map_or(Ok(default), |n| whole(c, n, MOST_REPLICAS, key.name()))?;
        Ok(n.clamp(1, left))
    };
    if replication.has_no_primary() {
        let (asked, needed) = match (call.writes, replication) {
            (true, Replication::MultiPrimary) => (left, read(keys::W, 1)?),
            (true, _) => (left, read(keys::W, majority)?),
            (false, Replication::Quorum) => (read(keys::R, majority)?, read(keys::R, majority)?),
            (false, _) => (read(keys::R, 1)?, read(keys::R, 1)?),
        };
        return Ok(Copies::Several { asked, needed });
    }
    if left <= 1 {
        return Ok(Copies::Primary);
    }
    if call.writes {
        let followers = left - 1;
        let needed = match replication {
            Replication::Sync => read(keys::SYNC_REPLICAS, followers)?.min(followers),
            Replication::SemiSync => read(keys::SYNC_REPLICAS, 1)?.min(followers),
            _ => 0,
        };
        return Ok(Copies::Followers { needed });
    }
    let own = c.attrs.read(keys::READ_FROM).and_then(ReadFrom::of).unwrap_or_default();
    Ok(match call.attrs.read(keys::FROM).and_then(ReadFrom::of).unwrap_or(own) {
        ReadFrom::Replica => Copies::Follower,
        ReadFrom::Any => Copies::Any,
        ReadFrom::Primary | ReadFrom::Quorum => Copies::Primary,
    })
}

/// Whether a cache above these steps may answer for them: none writes, none leaves the design.
pub(super) fn cacheable(model: &Model, steps: &[Step]) -> bool {
    let mut fine = true;
    Step::walk(steps, &mut |c| fine &= !c.writes && !model.component(c.target).kind.facets.external);
    fine
}

/// Caches of components, made once each.
#[derive(Default)]
pub(super) struct Caches(std::collections::BTreeMap<usize, Lookup>);

impl Caches {
    /// The lookup in the cache of a component, if it has one; `call` may set the hit ratio.
    pub fn lookup(
        &mut self,
        model: &Model,
        id: CompId,
        call: &Attrs,
        program: &mut Program,
    ) -> Result<Option<Lookup>, Reason> {
        let c = model.component(id);
        let facets = c.kind.facets;
        let attrs = match facets.absorb {
            Some(Absorb::CacheBlock) => match c.attrs.read(keys::CACHE) {
                Some(block) => block,
                None => return Ok(None),
            },
            Some(Absorb::Hit) => &c.attrs,
            None if facets.misses => &c.attrs,
            None => return Ok(None),
        };
        if let Some(hit) = number(call, keys::HIT).or_else(|| number(attrs, keys::HIT)) {
            return Ok(Some(Lookup::Ratio(hit)));
        }
        if let Some(known) = self.0.get(&id.0) {
            return Ok(Some(*known));
        }
        let required = |key: Key<Number>| -> Known {
            number(attrs, key).ok_or_else(|| {
                let why = format!("`{}` does not set its `hit` ratio, nor its `{}`", c.name, key.name());
                Reason::missing_as(c, "hit", why)
            })
        };
        let items = required(if facets.misses { keys::ENTRIES } else { keys::ITEMS })?;
        let skew = required(keys::SKEW)?;
        let (entries, copies, own) = if facets.misses {
            let nodes = c.nodes_left(&model.system)?;
            let memory = number(&c.attrs, keys::MEMORY)
                .or_else(|| c.machine(&model.system).map(|m| m.memory).filter(|m| *m > 0.0))
                .ok_or_else(|| Reason::missing(c, "memory"))?;
            let copies = c.replicas()?.min(nodes.max(1.0));
            ((memory * nodes / copies / required(keys::ENTRY_SIZE)?).floor(), 1, items)
        } else {
            let copies = if c.is_provided() { 1.0 } else { c.replicas_left(&model.system)?.max(1.0) };
            let sticky = c.attrs.read(keys::STATE).and_then(ReplicaState::of) == Some(ReplicaState::Sticky);
            let own = if sticky { (items / copies).max(1.0) } else { items };
            (required(keys::ENTRIES)?, whole(c, copies, MOST_REPLICAS, "replicas")?, own)
        };
        let eviction = attrs.read(keys::EVICTION).filter(|_| facets.misses).and_then(Eviction::of).unwrap_or_default();
        let contents = Contents {
            keys: Keys::new(whole(c, own, MOST_KEYS, "keys")?.max(1), skew),
            entries: whole(c, entries.min(own), MOST_KEYS, "entries")?,
            ttl: number(attrs, keys::TTL),
            eviction,
        };
        let first = u32::try_from(program.caches.len()).unwrap_or(NONE);
        program.caches.extend(std::iter::repeat_n(contents, copies as usize));
        let lookup = Lookup::Contents(first, copies);
        self.0.insert(id.0, lookup);
        Ok(Some(lookup))
    }
}
