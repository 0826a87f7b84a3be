//! Hit ratios: set, or computed from the contents of a cache and its requests.
//!
//! In: the cache's `hit`; or its items, their popularity (Zipf's exponent `skew`), its size in
//! entries, its `ttl` (seconds) and its rate of lookups. Out: the share of lookups that find an
//! entry, with its derivation, or the missing input. Demand, latency, cost and output use the same
//! function.
//!
//! A cache on its own machines splits its keys over them: it holds `memory` x `nodes` /
//! `replicas` / `entry_size` entries of a catalog of `entries` keys. A cache in a process holds
//! `entries` of `items`. Each replica receives its share of the requests and has its own copy; with
//! `state = sticky` each copy holds its own part of the items. LRU follows Che 2002, FIFO and RANDOM
//! its analog, LFU is exact, all under independent requests. A `ttl` counts from the fetch, at the
//! peak ([`crate::theory::cache::Zipf::limited`]). Never: the cache of a client (one for each user)
//! or of a CDN (shared with other systems).

use crate::analysis::ground::known::Known;
use crate::analysis::ground::machines::memory;
use crate::kinds::Absorb;
use crate::model::Reason;
use crate::model::ReasonKind;
use crate::model::keys::{self, Key, Number};
use crate::model::{Attrs, Call, CompId, Component, Model, Step, System};
use crate::resource::{Eviction, ReplicaState};
use crate::theory::cache::{Policy, Zipf};
use crate::units::{show_rate, show_ratio, show_size, show_time, significant};

/// The hit ratio of one component.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Share of lookups that find an entry.
    pub value: Known,
    /// Derivation, line by line.
    pub why: Vec<String>,
    /// The contents from which it is computed; `None` if it is set or unknown.
    pub held: Option<CacheContents>,
}

/// The contents of a cache, and the keys that are requested.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheContents {
    /// Distinct keys that are requested of one copy.
    pub items: f64,
    /// Exponent of Zipf's law.
    pub skew: f64,
    /// Entries that one copy holds.
    pub entries: f64,
    /// Bytes of one entry, if set.
    pub entry_size: Option<f64>,
    /// Lifetime of an entry in seconds.
    ttl: Option<f64>,
    /// Eviction policy.
    policy: Policy,
    /// Copies that share the lookups.
    pub copies: f64,
}

impl CacheContents {
    fn zipf(&self) -> Option<Zipf> {
        // The value is clamped to the range of a count.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let items = self.items.round().clamp(1.0, 1e18) as u64;
        Zipf::new(items, self.skew)
    }

    /// Fewest entries for a hit ratio, without the `ttl`; `None` if only all items suffice.
    #[must_use]
    pub fn entries_for(&self, hit: f64) -> Option<f64> {
        self.zipf()?.entries_for(self.policy, hit).map(f64::ceil)
    }

    /// The hit ratio if all copies together receive `rate` lookups per second.
    fn at(&self, rate: f64, why: &mut Vec<String>) -> Option<f64> {
        let zipf = self.zipf()?;
        let rate = rate / self.copies;
        let lifetime = self.ttl.map_or(f64::INFINITY, |t| t * rate);
        let fit = zipf.limited(self.policy, self.entries, lifetime)?;
        if let Some(ttl) = self.ttl {
            let binds = if lifetime <= fit.characteristic_time { "which binds" } else { "memory binds before" };
            why.push(format!("ttl {} at {} a copy: {binds}", show_time(ttl), show_rate(rate)));
        }
        Some(fit.hit_ratio)
    }
}

/// Whether the hit ratio of a component depends on its rate of lookups.
#[derive(Clone, Debug)]
enum Source {
    /// It does not.
    Now(Hit),
    /// It does.
    AtRate(CacheContents, Vec<String>),
}

/// Hit ratios of all components, in their order. Some are computed only once the rates are known.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    list: Vec<Option<Hit>>,
    open: Vec<(CompId, CacheContents, Vec<String>)>,
}

impl Hits {
    /// Computes the hit ratios that do not depend on rates.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let mut out = Self::default();
        for (id, c) in model.all() {
            let hit = match source(model, c) {
                None => None,
                Some(Source::Now(hit)) => Some(hit),
                Some(Source::AtRate(held, why)) => {
                    out.open.push((id, held, why));
                    let value = Err(Reason::of(
                        ReasonKind::NotConverged,
                        c,
                        format!("the hit ratio of `{}` depends on its own misses", c.name),
                    ));
                    Some(Hit { value, why: Vec::new(), held: None })
                }
            };
            out.list.push(hit);
        }
        out
    }

    /// The hit ratio of a component, if it is a cache or has one.
    #[must_use]
    pub fn of(&self, id: CompId) -> Option<&Hit> {
        self.list.get(id.0)?.as_ref()
    }

    /// Whether a hit ratio depends on the rate of lookups: use is then not proportional to the load.
    pub(in crate::analysis) fn by_rate(&self) -> bool {
        self.list.iter().flatten().any(|h| h.held.as_ref().is_some_and(|held| held.ttl.is_some()))
    }

    /// Whether some hit ratios are not computed yet because they depend on a rate.
    pub(in crate::analysis) fn waits(&self) -> bool {
        !self.open.is_empty()
    }

    /// Computes the open hit ratios whose lookups per second are known.
    /// If none of the rates is known, all open hit ratios become unknown.
    pub(in crate::analysis) fn compute_open(&mut self, asked: &dyn Fn(CompId) -> Known) {
        let open = std::mem::take(&mut self.open);
        let rates: Vec<Known> = open.iter().map(|(id, ..)| asked(*id)).collect();
        let none = rates.iter().all(Result::is_err);
        for ((id, held, mut why), rate) in open.into_iter().zip(rates) {
            let value = match rate {
                Ok(rate) => held
                    .at(rate, &mut why)
                    .ok_or_else(|| Reason::new(ReasonKind::OutOfRange, "its numbers are out of range")),
                Err(e) if none => Err(e),
                Err(_) => {
                    self.open.push((id, held, why));
                    continue;
                }
            };
            if let Some(slot) = self.list.get_mut(id.0) {
                *slot = Some(Hit { value, why, held: Some(held) });
            }
        }
    }
}

fn source(model: &Model, c: &Component) -> Option<Source> {
    let facets = c.kind.facets;
    let attrs = match facets.absorb {
        Some(Absorb::CacheBlock) => c.attrs.read(keys::CACHE)?,
        Some(Absorb::Hit) => &c.attrs,
        None if facets.misses => &c.attrs,
        None => return None,
    };
    let now = |value: Known, why: Vec<String>| Some(Source::Now(Hit { value, why, held: None }));
    if let Some(hit) = attrs.read(keys::HIT) {
        return now(Ok(hit.mid), vec!["its `hit`".to_owned()]);
    }
    let items = if facets.misses { keys::ENTRIES } else { keys::ITEMS };
    let nothing = attrs.peek_at(items).is_none() && attrs.peek_at(keys::SKEW).is_none();
    if facets.origin || nothing || facets.absorb == Some(Absorb::Hit) {
        return now(
            Err(Reason::missing_as(c, "hit", format!("`{}` does not set its `hit` ratio", c.name))),
            Vec::new(),
        );
    }
    let mut why = Vec::new();
    let held =
        if facets.misses { on_machines(model, c, &mut why) } else { in_process(&model.system, c, attrs, &mut why) };
    match held {
        Err(e) => now(Err(e), Vec::new()),
        Ok(held) if held.ttl.is_some() => Some(Source::AtRate(held, why)),
        Ok(held) => {
            let value = held.at(0.0, &mut why).ok_or_else(|| {
                Reason::of(ReasonKind::OutOfRange, c, format!("the `skew` of `{}` is out of range", c.name))
            });
            Some(Source::Now(Hit { value, why, held: Some(held) }))
        }
    }
}

/// A number of a cache, or the reason that it is missing; `what` describes it.
fn required(c: &Component, attrs: &Attrs, key: Key<Number>, what: &str) -> Known {
    let number = attrs.read(key).map(|n| n.mid);
    number.ok_or_else(|| {
        Reason::of(
            ReasonKind::Missing,
            c,
            format!("`{}` does not set {what} (`{}`), from which its hit ratio follows", c.name, key.name()),
        )
    })
}

fn on_machines(model: &Model, c: &Component, why: &mut Vec<String>) -> Result<CacheContents, Reason> {
    let items = required(c, &c.attrs, keys::ENTRIES, "the number of distinct keys")?;
    let entry_size = required(c, &c.attrs, keys::ENTRY_SIZE, "the size of an entry")?;
    let skew = required(c, &c.attrs, keys::SKEW, "the skew of popularity")?;
    let memory = memory(model, c)?;
    let nodes = c.nodes_left(&model.system)?;
    let copies = c.replicas()?.min(nodes.max(1.0));
    let entries = (memory * nodes / copies / entry_size).floor();
    let ttl = c.attrs.read(keys::TTL).map(|t| t.mid);
    let policy = match c.attrs.read(keys::EVICTION).and_then(Eviction::of).unwrap_or_default() {
        Eviction::Lfu => Policy::Lfu,
        Eviction::Lru => Policy::Lru,
        Eviction::None if entries < items => {
            return Err(Reason::of(
                ReasonKind::Contradiction,
                c,
                format!(
                    "`{}` evicts nothing and cannot hold all its `entries`: what it holds depends on its past",
                    c.name
                ),
            ));
        }
        Eviction::Fifo | Eviction::Random | Eviction::Ttl | Eviction::None => Policy::FifoOrRandom,
    };
    why.push(format!("{} distinct keys, popularity by Zipf's law of exponent {skew}", significant(items, 6)));
    why.push(format!(
        "{} of memory x {nodes} nodes / {copies} copies / {} an entry: {} entries, {} of the keys",
        show_size(memory),
        show_size(entry_size),
        significant(entries, 6),
        show_ratio((entries / items).min(1.0))
    ));
    Ok(CacheContents { items, skew, entries, entry_size: Some(entry_size), ttl, policy, copies: 1.0 })
}

fn in_process(system: &System, c: &Component, block: &Attrs, why: &mut Vec<String>) -> Result<CacheContents, Reason> {
    let items = required(c, block, keys::ITEMS, "the number of distinct items")?;
    let entries = required(c, block, keys::ENTRIES, "the number of entries in its cache")?;
    let skew = required(c, block, keys::SKEW, "the skew of popularity")?;
    let copies = if c.is_provided() { 1.0 } else { c.replicas_left(system)?.max(1.0) };
    // A session stays at one replica, so each copy sees its own part of the items.
    let sticky = c.attrs.read(keys::STATE).and_then(ReplicaState::of) == Some(ReplicaState::Sticky);
    let own = if sticky { (items / copies).max(1.0) } else { items };
    why.push(format!(
        "{} distinct items for each copy, popularity by Zipf's law of exponent {skew}",
        significant(own, 6)
    ));
    why.push(format!("each of {copies} copies holds {} of them", significant(entries.min(own), 6)));
    let (ttl, entry_size) = (block.read(keys::TTL).map(|t| t.mid), block.read(keys::ENTRY_SIZE).map(|s| s.mid));
    Ok(CacheContents { items: own, skew, entries, entry_size, ttl, policy: Policy::Lru, copies })
}

/// The share of requests that the cache of a component answers, and its name; `None` without a cache.
pub(in crate::analysis) fn absorbed(model: &Model, hits: &Hits, id: CompId, call: &Attrs) -> Option<(Known, String)> {
    let c = model.component(id);
    c.kind.facets.absorb?;
    share(hits, id, call).map(|hit| (hit, format!("`{}`", c.name)))
}

/// The hit ratio of a call: from the call's `hit`, or else from the cache.
pub(in crate::analysis) fn share(hits: &Hits, id: CompId, call: &Attrs) -> Option<Known> {
    let of_call = call.read(keys::HIT).map(|h| Ok(h.mid));
    of_call.or_else(|| hits.of(id).map(|h| h.value.clone()))
}

/// Whether no downstream call writes or calls an external system.
pub(in crate::analysis) fn cacheable(model: &Model, steps: &[Step]) -> bool {
    let mut fine = true;
    Step::walk(steps, &mut |c| {
        let facets = model.component(c.target).kind.facets;
        fine &= !c.writes && !facets.external;
    });
    fine
}

/// The miss ratio of a call.
pub(in crate::analysis) fn missed(model: &Model, hits: &Hits, c: &Call) -> Known {
    let none = || {
        Err(Reason::new(
            ReasonKind::Missing,
            format!("`{}` does not set its `hit` ratio", model.component(c.target).name),
        ))
    };
    share(hits, c.target, &c.attrs).unwrap_or_else(none).map(|h| 1.0 - h)
}
