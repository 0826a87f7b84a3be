//! Guarantee of a flow: each of its reads and writes, from the store to the client.
//!
//! In: the calls of flows, settings of stores and caches. Out: the guarantee of each flow: the meet
//! over all calls that its client waits for, hop by hop, with the hop that drops each property, and
//! the guarantee after one fault. Never: the default of a product.

use super::fill::Fill;
use super::fill::Invalidation;
use super::guarantee::Bits;
use super::guarantee::Delivery;
use super::hops::Hop;
use super::hops::Level;
use super::hops::over_stores;
use super::patterns::Access;
use super::patterns::Feed;
use super::patterns::Hole;
use super::patterns::Over;
use super::patterns::Patterns;
use super::races::Race;
use super::races::race_named;
use super::races::race_of_cache;
use super::setting::Given;
use super::setting::source;
use super::words::describe;
use super::words::race_of_source;
use crate::analysis::ground::known::Known;
use crate::kinds::Absorb;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::Subject;
use crate::model::keys;
use crate::model::keys::{Key, Number};
use crate::model::{Attrs, CompId, FlowId, Model};
use crate::resource::{CacheWrite, InvalidateOn, ReplicaState};
use std::collections::{BTreeMap, BTreeSet};

/// One hop of a path, with the guarantee after it.
#[derive(Clone, Debug)]
pub struct Stop {
    /// The component of the hop.
    pub at: CompId,
    /// The effect of the hop, as text.
    pub text: String,
    /// The guarantee after it.
    pub level: Level,
    /// The properties that it drops.
    pub lost: Bits,
    /// The shortest interleaving that breaks a dropped property, if one is known.
    pub race: Option<&'static Race>,
}

/// One read or write, with its hops to the client.
#[derive(Clone, Debug)]
pub struct Path {
    /// The store or external system that answers.
    pub store: CompId,
    /// The operation.
    pub op: String,
    /// Whether it writes.
    pub writes: bool,
    /// The hops, the store first.
    pub stops: Vec<Stop>,
    /// The guarantee at the client.
    pub level: Level,
    /// The guarantee at the client after the worst single fault.
    pub faulty: Level,
    /// Staleness in seconds with typical replica lag: not a bound, but the age when a partition begins.
    pub usual: f64,
}

/// The first component on a path to drop some properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blame {
    /// The dropped properties.
    pub lost: Bits,
    /// The component that drops them.
    pub at: CompId,
    /// The reason, as text.
    pub why: String,
}

/// The guarantee of a flow.
#[derive(Clone, Debug)]
pub struct Guarantee {
    /// Properties and staleness that hold without faults.
    pub level: Level,
    /// Properties and staleness that hold after the worst single fault.
    pub faulty: Level,
    /// Acknowledged writes that one failure may lose, in seconds.
    pub rpo: Known,
    /// The component that decides `rpo`.
    pub rpo_at: Option<CompId>,
    /// The reason why staleness is unknown, if an attribute of a hop is missing.
    pub unknown_age: Option<Reason>,
    /// The component that makes staleness unbounded, and the reason.
    pub endless: Option<(CompId, String)>,
    /// Isolation of its transactions, if all of them have one that compares.
    pub isolation: Option<String>,
    /// Delivery guarantee of the messages that it publishes or consumes.
    pub delivery: Option<Delivery>,
    /// Missing attributes that could make the guarantee stronger.
    pub open: Vec<(CompId, Reason)>,
    /// Assumptions, as text.
    pub assumed: Vec<String>,
    /// The component that drops each missing property, for all paths.
    pub blame: Vec<Blame>,
    /// Its reads and writes.
    pub paths: Vec<Path>,
}

/// Facts that all flows share.
pub struct Shared<'a> {
    /// The design.
    pub model: &'a Model,
    /// Its calls.
    pub patterns: &'a Patterns<'a>,
    /// By store: the queues that fill it, for stores that are projections.
    pub feeds: BTreeMap<CompId, Vec<Feed>>,
    /// By cache: the stores that fill it, and how writers invalidate it.
    pub caches: BTreeMap<CompId, CacheFacts>,
}

/// How a cache is used.
#[derive(Clone, Debug, Default)]
pub struct CacheFacts {
    /// The stores that fill it.
    pub fillers: BTreeSet<CompId>,
    /// The weakest invalidation by any writer.
    pub invalidation: Option<Invalidation>,
    /// Writers that do not invalidate its entries in time.
    pub holes: Vec<Hole>,
    /// Set for a write-behind cache: its flush interval in seconds, if that is set.
    pub behind: Option<Option<f64>>,
}

impl<'a> Shared<'a> {
    /// Derives them from the calls of all flows.
    #[must_use]
    pub fn new(model: &'a Model, patterns: &'a Patterns<'a>) -> Self {
        let mut caches = BTreeMap::new();
        for (id, c) in model.all().filter(|(_, c)| c.kind.facets.misses) {
            let fillers = patterns.fillers(model, id);
            let through = c.attrs.read(keys::WRITE) == Some(CacheWrite::Through);
            let (does, holes) = patterns.invalidation(id, through, &fillers);
            let behind = (c.attrs.read(keys::WRITE) == Some(CacheWrite::Behind))
                .then(|| c.attrs.read(keys::FLUSH).map(|f| f.mid));
            caches.insert(id, CacheFacts { fillers, invalidation: Some(does), holes, behind });
        }
        Self { model, patterns, feeds: patterns.feeds(model), caches }
    }

    /// The guarantee of a flow; none if it neither uses stored data nor delivers messages.
    #[must_use]
    pub fn guarantee(&self, flow: FlowId) -> Option<Guarantee> {
        let list = self.patterns.flows.get(flow.0)?;
        let mut paths = Vec::new();
        let mut notes = Notes::default();
        for a in list.iter().filter(|a| a.sync) {
            let target = self.model.component(a.call.target);
            let facets = target.kind.facets;
            if facets.misses {
                let is_lookup = target.kind.ops.first().is_some_and(|o| o.name == a.call.op);
                if is_lookup && a.call.on_miss.is_empty() {
                    paths.extend(self.alone(flow, a, &mut notes));
                }
                continue;
            }
            let has_promise = facets.external && target.attrs.read(keys::CONSISTENCY).is_some();
            if (facets.stores && !facets.buffers) || has_promise {
                paths.push(self.path(flow, a, a.call.target, &a.over, &mut notes));
            }
        }
        let (rpo, rpo_at) = self.rpo(list);
        let delivery = self.delivery(flow, list);
        if paths.is_empty() && delivery.is_none() && rpo_at.is_none() {
            return None;
        }
        let mut out = Guarantee {
            level: Level::new(Bits::ALL, 0.0),
            faulty: Level::new(Bits::ALL, 0.0),
            rpo,
            rpo_at,
            unknown_age: notes.unknown_age,
            endless: None,
            isolation: self.isolation(list),
            delivery,
            open: notes.open,
            assumed: notes.assumed,
            blame: Vec::new(),
            paths,
        };
        out.conclude();
        Some(out)
    }

    /// The hops of one read or write, from `store` to the client.
    fn path(&self, flow: FlowId, a: &Access, store: CompId, over: &[Over], notes: &mut Notes) -> Path {
        let c = self.model.component(store);
        let given = source(c, a.call.writes, a.call.attrs.read(keys::FROM));
        notes.add(store, &given);
        let (mut level, mut faulty) = (given.source.nominal(), given.source.after_fault());
        let mut usual = level;
        if usual.staleness.is_infinite() {
            usual.staleness = c.attrs.read(keys::LAG).map_or(f64::INFINITY, |l| l.mid);
        }
        let first = Stop {
            at: store,
            text: describe(&c.name, &given.source, a.call.writes),
            level,
            lost: Bits::ALL.less(level.bits),
            race: race_of_source(&given.source),
        };
        let mut stops = vec![first];
        let mut step = |at: CompId, hop: &Hop, text: String, race: Option<&'static Race>| {
            let next = level.over(hop);
            usual = usual.over(hop);
            faulty = faulty.over(hop).meet(level.over(&hop.after_fault()));
            stops.push(Stop { at, text, level: next, lost: level.bits.less(next.bits), race });
            level = next;
        };
        if !a.call.writes {
            for feed in self.feeds.get(&store).into_iter().flatten() {
                let (hop, text, race) = self.projection(store, feed);
                step(feed.queue, &hop, text, race);
            }
            // A write-behind cache that the read bypasses holds newer values of this store.
            for (cache, facts) in &self.caches {
                if let Some(flush) = facts.behind
                    && facts.fillers.contains(&store)
                    && !over.contains(&Over::Beside(*cache))
                {
                    let name = &self.model.component(*cache).name;
                    let text = format!("`{name}` keeps writes back before `{}` has them", c.name);
                    step(*cache, &Hop::BehindOther { flush }, text, None);
                }
            }
            for o in over.iter().rev() {
                if let Some((at, hop, text, race)) = self.cache(*o, notes) {
                    step(at, &hop, text, race);
                }
            }
        }
        let origin = self.model.flow(flow).origin;
        let client = self.model.component(origin);
        if client.attrs.read(keys::OPTIMISTIC) == Some(true) {
            step(origin, &Hop::Optimistic, format!("`{}` shows its own writes at once", client.name), None);
        }
        if !a.call.writes {
            // A read acknowledges no write.
            (level.rpo, faulty.rpo) = (0.0, 0.0);
        }
        Path { store, op: a.call.op.clone(), writes: a.call.writes, stops, level, faulty, usual: usual.staleness }
    }

    /// Paths of a cache read without a call on a miss: the sources are the stores that fill it.
    fn alone(&self, flow: FlowId, a: &Access, notes: &mut Notes) -> Vec<Path> {
        let mut over = a.over.clone();
        over.push(Over::Beside(a.call.target));
        let fillers = self.caches.get(&a.call.target).map(|f| f.fillers.clone()).unwrap_or_default();
        if fillers.is_empty() {
            let name = &self.model.component(a.call.target).name;
            notes.unknown_age.get_or_insert_with(|| {
                let sentence = format!("no flow shows which store fills `{name}`");
                Reason::about(ReasonKind::Missing, Subject::Component(name.clone()), None, sentence)
            });
        }
        fillers.into_iter().map(|store| self.path(flow, a, store, &over, notes)).collect()
    }

    /// The hop from a queue to the store that its messages fill.
    fn projection(&self, store: CompId, feed: &Feed) -> (Hop, String, Option<&'static Race>) {
        let queue = &self.model.component(feed.queue).name;
        let hop = Hop::Projection {
            ordered: feed.ordered,
            guarded: feed.guarded,
            versioned: feed.versioned,
            outbox: feed.outbox,
            lag: feed.lag,
        };
        let mut text = format!("`{}` is filled from `{queue}`", self.model.component(store).name);
        let late = feed.lag.map_or_else(
            || ", without a `max_lag`".to_owned(),
            |l| format!(", at most {} late", crate::units::show_time(l)),
        );
        text.push_str(&late);
        let race = match (feed.outbox, feed.ordered, feed.guarded) {
            (false, _, _) => {
                text.push_str("; an event may be lost: its publish is not in the transaction of the write");
                race_named("dual_write_db_then_publish__no_lost_event")
            }
            (_, false, _) => {
                text.push_str("; messages are applied in any order");
                if feed.versioned { None } else { race_named("projection_parallel_blind__convergence") }
            }
            (_, true, false) => {
                text.push_str("; a repeated message puts an old value back");
                race_named("projection_replay_blind_upsert__MR")
            }
            _ => None,
        };
        (hop, text, race)
    }

    /// The hop of a cache between the store and the client.
    fn cache(&self, over: Over, notes: &mut Notes) -> Option<(CompId, Hop, String, Option<&'static Race>)> {
        use crate::units::show_time as t;
        let (Over::Beside(id) | Over::Inside(id)) = over;
        let c = self.model.component(id);
        let name = &c.name;
        let ttl_of = |attrs: &Attrs| attrs.read(keys::TTL).map(|t| t.mid);
        let lives = |ttl: Option<f64>| ttl.map_or_else(|| "for ever".to_owned(), |x| format!("for {}", t(x)));
        if let Over::Beside(_) = over {
            let facts = self.caches.get(&id)?;
            if let Some(flush) = facts.behind {
                return Some((
                    id,
                    Hop::Behind { flush },
                    format!("`{name}` has each write before the store has it"),
                    None,
                ));
            }
            let ttl = ttl_of(&c.attrs);
            let word = c.attrs.read(keys::FILL);
            if word.is_none() {
                notes.open.push((id, Reason::missing(c, "fill")));
            }
            let fill = word.and_then(Fill::named).unwrap_or(Fill::Set);
            let invalidation = facts.invalidation.unwrap_or(Invalidation::None);
            let how = match (invalidation, facts.holes.first()) {
                (Invalidation::Delete, _) => "every writer drops its entry before it answers".to_owned(),
                (_, None) => "no flow that writes drops its entries".to_owned(),
                (_, Some(h)) => {
                    let flow = &self.model.flow(h.flow).name;
                    match h.does {
                        Invalidation::Update => {
                            format!("flow `{flow}` puts the new value, and two writers may do so in the wrong order")
                        }
                        Invalidation::Early => {
                            format!("flow `{flow}` drops its entry before the store has the write, or after it answers")
                        }
                        _ => format!("flow `{flow}` writes the store and leaves its entry"),
                    }
                }
            };
            let fills = if word.is_some() { format!(", filled by `{}`", fill.word()) } else { String::new() };
            let text = format!("`{name}` keeps an answer {}{fills}; {how}", lives(ttl));
            return Some((id, Hop::Aside { ttl, fill, invalidation }, text, race_of_cache(fill, invalidation)));
        }
        let facets = c.kind.facets;
        if facets.absorb == Some(Absorb::Hit) {
            let number = |key: Key<Number>| c.attrs.read(key).map_or(0.0, |v| v.mid);
            let (swr, sie) = (number(keys::STALE_WHILE_REVALIDATE), number(keys::STALE_IF_ERROR));
            let age = c.attrs.read(keys::AGE) != Some(false);
            let ttl = ttl_of(&c.attrs);
            if ttl.is_none() {
                notes.unknown_age.get_or_insert_with(|| Reason::missing(c, "ttl"));
            }
            let more = if swr > 0.0 { format!(", and {} more while it fetches", t(swr)) } else { String::new() };
            let text = match ttl {
                Some(x) => format!("`{name}` keeps an answer for {}{more}", t(x)),
                None => format!("`{name}` keeps an answer, and does not say for how long"),
            };
            // A missing `ttl` makes staleness unknown (noted above), not unbounded: the hop adds 0.
            let hop = Hop::Edge { ttl: Some(ttl.unwrap_or(0.0)), revalidate: swr, on_error: sie, age };
            return Some((id, hop, text, None));
        }
        let block = c.attrs.read(keys::CACHE);
        let ttl = block.and_then(ttl_of);
        if facets.origin {
            let same_uri = block.and_then(|b| b.read(keys::INVALIDATE)) == Some(InvalidateOn::SameUri);
            let text = format!("`{name}` keeps its own answers {}", lives(ttl));
            return Some((id, Hop::Private { ttl, same_uri }, text, None));
        }
        if facets.balances {
            let text = format!("`{name}` keeps an answer {}", lives(ttl));
            return Some((id, Hop::Edge { ttl, revalidate: 0.0, on_error: 0.0, age: false }, text, None));
        }
        let sticky = c.attrs.read(keys::STATE).and_then(ReplicaState::of) == Some(ReplicaState::Sticky);
        let through = block.and_then(|b| b.read(keys::WRITE)) == Some(CacheWrite::Through);
        let which = if sticky { "a session stays with one replica" } else { "each replica has its own" };
        let text = format!("`{name}` keeps answers in its process {}: {which}", lives(ttl));
        Some((id, Hop::Local { ttl, sticky, through }, text, None))
    }
}

impl Guarantee {
    /// Derives the guarantee of the flow from its paths.
    fn conclude(&mut self) {
        let mut all: Option<(Level, Level)> = None;
        for p in &self.paths {
            all = Some(all.map_or((p.level, p.faulty), |(l, f)| (l.meet(p.level), f.meet(p.faulty))));
            let mut dropped = Bits::NONE;
            for stop in &p.stops {
                let new = stop.lost.less(dropped).meet(Bits::ALL.less(p.level.bits));
                dropped = dropped.or(stop.lost);
                let blame = Blame { lost: new, at: stop.at, why: stop.text.clone() };
                if new != Bits::NONE && !self.blame.contains(&blame) {
                    self.blame.push(blame);
                }
                if stop.level.staleness.is_infinite() && self.endless.is_none() {
                    self.endless = Some((stop.at, stop.text.clone()));
                }
            }
        }
        let Some((mut level, mut faulty)) = all else { return };
        let stores: BTreeSet<CompId> = self.paths.iter().map(|p| p.store).collect();
        if stores.len() > 1 {
            let before = level.bits;
            level.bits = over_stores(level.bits);
            faulty.bits = over_stores(faulty.bits);
            let lost = before.less(level.bits);
            if lost != Bits::NONE
                && let Some(p) = self.paths.iter().find(|p| p.level.bits != Bits::ALL)
            {
                let why = "several stores are used, and not all are linearizable: order across them is lost".to_owned();
                self.blame.push(Blame { lost, at: p.store, why });
            }
        }
        level.rpo = level.rpo.max(self.rpo.clone().unwrap_or(0.0));
        faulty.rpo = faulty.rpo.max(self.rpo.clone().unwrap_or(0.0));
        self.level = level;
        self.faulty = faulty;
        self.open.sort();
        self.open.dedup();
        self.assumed.sort();
        self.assumed.dedup();
    }
}

/// Findings collected while paths are built.
#[derive(Default)]
struct Notes {
    open: Vec<(CompId, Reason)>,
    assumed: Vec<String>,
    unknown_age: Option<Reason>,
}

impl Notes {
    fn add(&mut self, store: CompId, given: &Given) {
        self.open.extend(given.open.iter().map(|o| (store, o.clone())));
        self.assumed.extend(given.assumed.iter().cloned());
    }
}
